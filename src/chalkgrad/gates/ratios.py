"""Quotients by the argument, which are 0/0 at 0 and have a value there: (e^x − 1)/x and log(1 + x)/x.

Of higher order they are what is left when the first terms of their series are taken away: (e^x − 1 − x)/x², (x − log(1 + x))/x².
Near 0 they are computed by these series (`graph.series`). The slope of each is made of itself and the next, so no slope is a
difference of close numbers, nor is the slope of a slope.

    >>> from chalkgrad import work
    >>> work("expm1_ratio(x)", x=0).value, work("expm1_ratio(x)", x=0).grad["x"]
    (1.0, 0.5)

Sources: Higham, Accuracy and Stability of Numerical Algorithms (2002), section 1.14.1, and Functions of Matrices (2008), section
10.7.4, where the first is φ₁, φ₂ and so on.
"""

import math
from types import MappingProxyType
from typing import Any

from chalkgrad.errors import GateError
from chalkgrad.graph.gate import Gate, Hazard, at, define
from chalkgrad.graph.look import function

MOST_ORDER = 150  # beyond it a factorial is no float


def _known(order: int) -> int:
    """The order. Raises GateError for one that has no meaning here."""
    if not 1 <= order <= MOST_ORDER:
        raise GateError(f"A ratio has an order from 1 to {MOST_ORDER}, and {order} is none.",
                        hint="Order 1 is (e^x − 1)/x or log(1 + x)/x itself, order 2 is what it lacks of 1, over x.")  # fmt: skip
    return order


def _slope_of_powers(xp: Any, x: Any, out: Any, *, order: int) -> tuple[Any]:
    """φ′ = φ − n·φ₊, for large x without the next, and left of 0 by the one before."""
    order, right, left = _known(order), x > 1, x < -1
    high, low = xp.where(right, x, 2.0), xp.where(left, x, -1.0)
    before = xp.exp(low) if order == 1 else xp.expm1_ratio(low, order=order - 1)
    middle = out - order * xp.expm1_ratio(xp.where(xp.logical_or(left, right), 0.0, x), order=order + 1)
    steep = out * (1 - order / high) + 1 / (math.factorial(order - 1) * high)
    return (xp.where(right, steep, xp.where(left, (before - order * out) / low, middle)),)


def _slope_of_logarithms(xp: Any, x: Any, out: Any, *, order: int) -> tuple[Any]:
    """n·ψ₊ − 1/(1 + x), for large x without the next."""
    order, far = _known(order), x > 1
    near, high = xp.where(far, 0.0, x), xp.where(far, x, 1.0)
    next_one = xp.log1p_ratio(near, order=order + 1)
    return (xp.where(far, (1 / (1 + high) - order * out) / high, order * next_one - 1 / (1 + near)),)


def _meant_by_powers(xp: Any, x: Any, *, order: int) -> Any:
    found = (xp.exp(x) - 1) / x
    for k in range(1, order):
        found = (found - 1 / math.factorial(k)) / x
    return found


def _meant_by_logarithms(xp: Any, x: Any, *, order: int) -> Any:
    found = xp.log(1 + x) / x
    for k in range(1, order):
        found = (1 / k - found) / x
    return found


FIRST = MappingProxyType({"order": 1})

EXPM1_RATIO = define(Gate(
    name="expm1_ratio", family="safe", symbol="(eˣ−1)/x", params=FIRST,
    means=_meant_by_powers,
    forward=lambda xp, x, *, order: xp.expm1_ratio(x, order=_known(order)),
    local=_slope_of_powers,
    look=function("expm1_ratio", defaults=FIRST),
    lesson="(e^x − 1)/x, by its series 1 + x/2 + x²/6 + … near 0; its slope there begins 1/2 + x/3",
    samples=(at(0.5), at([-1e-3, -1.5, 1.5, 20.0]), at([-0.1, -1.5, 1.5, 20.0], order=2)),
))  # fmt: skip

LOG1P_RATIO = define(Gate(
    name="log1p_ratio", family="safe", symbol="log(1+x)/x", params=FIRST,
    means=_meant_by_logarithms,
    forward=lambda xp, x, *, order: xp.log1p_ratio(x, order=_known(order)),
    local=_slope_of_logarithms,
    look=function("log1p_ratio", defaults=FIRST),
    lesson="log(1 + x)/x, by its series 1 − x/2 + x²/3 − … near 0; its slope there begins −1/2 + 2x/3",
    samples=(at(0.5), at([-1e-3, -0.9, 1.5, 20.0]), at([-0.1, -0.9, 1.5, 20.0], order=2)),
    hazards=(
        Hazard(lambda xp, x, *, order: x < -1, "1 + x is negative and has no real logarithm"),
        Hazard(lambda xp, x, *, order: x == -1, "the logarithm of 1 + x = 0 is −∞"),
    ),
))  # fmt: skip
