"""Functions of scipy.special, for where SciPy is installed.

They are recognised by name in the module that the user has loaded; nothing is imported here. SciPy's ufuncs come through
`__array_ufunc__` like NumPy's own.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from chalkgrad.reading.trace.lifting import apply
from chalkgrad.reading.trace.table import FOREIGN, unsaid

Value = Any


def _gate(name: str) -> Callable[..., Any]:
    def rule(*inputs: Value, **settings: Any) -> Any:
        unsaid(f"scipy.special.{name}", **settings)
        return apply(name, *inputs)

    return rule


def _logit(x: Value) -> Any:
    return np.log(x) - np.log1p(-x)


def _xlogy(x: Value, y: Value) -> Any:
    """x·log y, and 0 where x is 0 whatever y is."""
    nothing = np.equal(x, 0.0)
    return np.where(nothing, 0.0, x * np.log(np.where(nothing, 1.0, y)))


def _xlog1py(x: Value, y: Value) -> Any:
    nothing = np.equal(x, 0.0)
    return np.where(nothing, 0.0, x * np.log1p(np.where(nothing, 0.0, y)))


def _entr(x: Value) -> Any:
    inside = np.where(np.greater(x, 0.0), x, 1.0)
    return np.where(np.less(x, 0.0), -np.inf, -inside * np.log(inside))


RULES: dict[str, Callable[..., Any]] = {
    "expit": _gate("sigmoid"),
    "log_expit": _gate("log_sigmoid"),
    "erf": _gate("erf"),
    "logit": _logit,
    "xlogy": _xlogy,
    "xlog1py": _xlog1py,
    "entr": _entr,
    "exp2": np.exp2,
    "cbrt": np.cbrt,
    "expm1": np.expm1,
    "log1p": np.log1p,
}


@FOREIGN.append
def special(function: Any) -> Callable[..., Any] | None:
    """The rule for a function of scipy.special."""
    name = getattr(function, "__name__", "")
    module = sys.modules.get("scipy.special")
    return RULES.get(name) if module is not None and getattr(module, name, None) is function else None
