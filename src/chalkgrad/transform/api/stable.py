"""`stabilise`: a function that computes in stable forms, or a formula written in them.

>>> import numpy as np
>>> stabilise(lambda x: np.log(1 + np.exp(x)))(1000.0)
1000.0
>>> print(stabilise("f = log(1 + exp(x))"))
f = softplus(x)
<BLANKLINE>
log(1 + exp(x))  →  softplus(x)
  softplus: e^x overflows for large x, and is lost beside 1 for negative x.
  log(1 + e^x) is what softplus means, for every real x.
"""

from collections.abc import Callable
from typing import Any

from chalkgrad.errors import GivenError
from chalkgrad.transform.api.mapping import jit
from chalkgrad.transform.stabilise.formulas import stable_formula


def stabilise(what: Any, **values: Any) -> Any:
    """A NumPy function as one that computes in stable forms, or a formula as a `StableFormula`.

    A formula may need values where its inputs are vectors: `stabilise("sum(exp(s))", s=[1, 2])`. The other transforms stabilise
    by themselves; `stabilise=False` tells them not to. `.rewrites` says what was changed, of a function after its first call.
    """
    if isinstance(what, str):
        return stable_formula(what, values or None)
    if not callable(what):
        raise GivenError(f"stabilise takes a function or the text of a formula, not {type(what).__name__}.")
    if values:
        raise GivenError("Values go to the function that stabilise returns.", hint="stabilise(f)(x=2.0)")
    function: Callable[..., Any] = what
    return jit(function)
