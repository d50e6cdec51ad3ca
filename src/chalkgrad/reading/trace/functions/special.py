"""Functions of scipy.special, for where SciPy is installed.

They are recognised by name in the module that the user has loaded; nothing is imported here, and only the gamma function's family
is computed by SciPy. SciPy's ufuncs come through `__array_ufunc__` like NumPy's own.
"""

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from chalkgrad.reading.trace.letters import refusal
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


def _rel_entr(x: Value, y: Value) -> Any:
    """x·log(x/y), 0 where x is 0, and ∞ outside."""
    inside = np.logical_and(np.greater(x, 0.0), np.greater(y, 0.0))
    edge = np.logical_and(np.equal(x, 0.0), np.greater_equal(y, 0.0))
    among = np.where(inside, x, 1.0)
    return np.where(edge, 0.0, np.where(inside, among * np.log(among / np.where(inside, y, 1.0)), np.inf))


def _kl_div(x: Value, y: Value) -> Any:
    return _rel_entr(x, y) - x + y


def _ndtr(x: Value) -> Any:
    return 0.5 * apply("erfc", x * -math.sqrt(0.5))


def _betaln(a: Value, b: Value) -> Any:
    if not bool(np.all(np.logical_and(np.greater(a, 0.0), np.greater(b, 0.0)))):
        raise refusal("scipy.special.betaln is traced for positive numbers only.", hint="gammaln takes others as well.")
    return apply("betaln", a, b)


def _cosm1(x: Value) -> Any:
    return -2.0 * np.square(np.sin(0.5 * x))


def _exp10(x: Value) -> Any:
    return 10.0**x


RULES: dict[str, Callable[..., Any]] = {
    "expit": _gate("sigmoid"),
    "log_expit": _gate("log_sigmoid"),
    "erf": _gate("erf"),
    "erfc": _gate("erfc"),
    "erfcx": _gate("erfcx"),
    "ndtr": _ndtr,
    "log_ndtr": _gate("log_ndtr"),
    "gamma": _gate("gamma"),
    "gammaln": _gate("gammaln"),
    "digamma": _gate("polygamma"),
    "psi": _gate("polygamma"),
    "betaln": _betaln,
    "rel_entr": _rel_entr,
    "kl_div": _kl_div,
    "cosm1": _cosm1,
    "exp10": _exp10,
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
