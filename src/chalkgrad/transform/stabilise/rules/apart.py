"""f(u) − f(v) from u, v and their gap u − v, where more than one product of functions is needed, and 1/u^k − 1/v^k from v − u."""

import math
from typing import Any

from chalkgrad.transform.stabilise.rules.declaring import rule

BOTH_ROUND = "both values are rounded before they cancel, so a small gap drowns in their roundings"
ARC = (
    "with u = sin a and v = sin b it is sin(a − b) = u·√(1 − v²) − v·√(1 − u²) = (u² − v²)/(u·√(1 − v²) + v·√(1 − u²)), for u, v"
    " between −1 and 1"
)


def hyperbolic_sines(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return 2 * (xp.cosh(v + gap / 2) * xp.sinh(gap / 2))


def hyperbolic_cosines(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return 2 * (xp.sinh(v + gap / 2) * xp.sinh(gap / 2))


def arcsines(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    one, other = xp.sqrt(1 - u * u), xp.sqrt(1 - v * v)
    alike = u * v > 0
    sine = gap * (u + v) / (xp.where(alike, u * other + v * one, 1.0))
    return xp.arctan2(xp.where(alike, sine, u * other - v * one), one * other + u * v)


def softpluses(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    if isinstance(gap, float):
        return xp.log1p(xp.sigmoid(v) * math.expm1(gap))
    near = xp.absolute(gap) < 1
    return xp.where(near, xp.log1p(xp.sigmoid(v) * xp.expm1(xp.where(near, gap, 0.0))), xp.softplus(u) - xp.softplus(v))


def reciprocals_of_powers(xp: Any, u: Any, v: Any, gap: Any, power: int) -> Any:
    """1/u^k − 1/v^k, where the gap is v − u."""
    one, other = 1 / u, 1 / v
    total, raised = one + other, other
    for _ in range(power - 2):
        raised = raised * other
        total = total * one + raised
    return gap / u / v * total


POWERS_BELOW = rule(
    "close reciprocals of powers",
    written=lambda xp, x, e: 1 / (x + e) ** 3 - 1 / x**3,
    stable=lambda xp, x, e: reciprocals_of_powers(xp, x + e, x, -e, 3),
    why=BOTH_ROUND,
    proof="a^k − b^k = (a − b)·Σ a^(k−1−i)·b^i with a = 1/u and b = 1/v, where a − b = (v − u)/(u·v), for all u, v but 0",
    ranges=((1.0, 1e8), (1e-6, 1e-4)),
)
