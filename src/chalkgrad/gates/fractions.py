"""Fractions whose slopes cancel or overflow where they themselves do not: x/(x + y), 1/(1/x + 1/y), x/(e^x − 1).

>>> from chalkgrad import work
>>> work("growth_ratio(x)", x=0.0).value, work("in_parallel(x, y)", x=0.0, y=2.0).grad["x"]
(1.0, 1.0)
"""

from typing import Any

from chalkgrad.graph.gate import Gate, at, define
from chalkgrad.graph.look import function

SMALL = 1e-5  # below which three terms of a series are exact


def _per_growth(xp: Any, x: Any) -> Any:
    """For large x as x·e^−x/(1 − e^−x), in which nothing overflows."""
    near, far = xp.absolute(x) < SMALL, x > 1
    high, low = xp.where(far, x, 1.0), xp.where(xp.logical_or(near, far), -1.0, x)
    falling = xp.exp(-high) * high / -xp.expm1(-high)
    return xp.where(near, 1 - x * (0.5 - x / 12), xp.where(far, falling, low / xp.expm1(low)))


def _slope_per_growth(xp: Any, x: Any) -> Any:
    """−(e^−s − 1 + s)·e^−s/(1 − e^−s)² for s = |x|, and for negative x what it lacks of −1."""
    size = xp.absolute(x)
    near = size < SMALL
    s = xp.where(near, 1.0, size)
    steep = xp.where(near, 0.5 - size * (1 - size**2 / 30) / 6, xp.expm1_gap(-s) * xp.exp(-s) / xp.expm1(-s) ** 2)
    return xp.where(x > 0, -steep, steep - 1)


GROWTH_RATIO = define(Gate(
    name="growth_ratio", family="safe", symbol="x/(eˣ−1)",
    means=lambda xp, x: x / (xp.exp(x) - 1),
    forward=_per_growth,
    local=lambda xp, x, out: (_slope_per_growth(xp, x),),
    textbook=lambda xp, x, out: (1 / (xp.exp(x) - 1) - x * xp.exp(x) / (xp.exp(x) - 1) ** 2,),
    look=function("growth_ratio"),
    lesson="x/(e^x − 1), which is 1 at 0 and falls like x·e^−x; its slope there is −1/2",
    samples=(at(0.5), at([-1e-3, -30.0, 1.5, 40.0])),
))  # fmt: skip
