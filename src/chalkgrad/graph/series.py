"""Differences of close numbers as primitive functions: x − sin x, sin x − x·cos x, e^x − 1 − x and x − log(1 + x).

The quotients (e^x − 1)/x and log(1 + x)/x, which have a value at 0, and what is left when the first terms of their series are taken
away. And e^(x + rest), where the rest is what the rounding of x lost.

Near 0 each is computed by its series, so that the leading terms, which cancel, are never formed. `Series` is written against its
own primitives, so numbers of NumPy and of machine code share it.

    >>> from chalkgrad.graph.spaces import NUMPY
    >>> f"{NUMPY.sine_gap(1e-5):.13g}"
    '1.666666666658e-16'

Source for x − log(1 + x): Loader, Fast and accurate computation of binomial probabilities (2000).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

SINES_UP_TO, POWERS_UP_TO, LOGARITHMS_UP_TO = 1.75, 1.0, 0.43
SINE_TERMS = [(-1.0) ** k / math.factorial(2 * k + 3) for k in range(12)]
ARC_TERMS = [(-1.0) ** k * (2 * k + 2) / math.factorial(2 * k + 3) for k in range(13)]
POWER_TERMS = [1.0 / math.factorial(k + 2) for k in range(17)]
LOGARITHM_TERMS = [1.0 / (2 * k + 3) for k in range(15)]
STEEP, STEEPEST = 700.0, 1400.0  # from where e^x nearly overflows, and its root too


class Series:
    """The namespace `xp` of primitive functions, of which it needs absolute, where and those named below."""

    def sine_gap(self: Any, x: Any) -> Any:
        return _by_side(self, x, SINES_UP_TO, lambda x: x * (x * x * _sum(x * x, SINE_TERMS)), lambda x: x - self.sin(x))

    def sine_less_arc(self: Any, x: Any) -> Any:
        return _by_side(self, x, SINES_UP_TO, lambda x: x * (x * x * _sum(x * x, ARC_TERMS)),
                        lambda x: self.sin(x) - x * self.cos(x))  # fmt: skip

    def expm1_gap(self: Any, x: Any) -> Any:
        return _by_side(self, x, POWERS_UP_TO, lambda x: x * x * _sum(x, POWER_TERMS), lambda x: self.expm1(x) - x)

    def exp_with_rest(self: Any, x: Any, rest: Any) -> Any:
        """e^(x + rest), where the rest is what the rounding of x lost."""
        power = self.exp(x)
        return power + power * rest

    def log1p_gap(self: Any, x: Any) -> Any:
        return _by_side(self, x, LOGARITHMS_UP_TO, _log1p_gap, lambda x: x - self.log1p(x))

    def expm1_ratio(self: Any, x: Any, order: int = 1) -> Any:
        """Σ x^j/(j + order)!: (e^x − 1)/x, (e^x − 1 − x)/x² and so on."""
        terms = [1.0 / math.factorial(k + order) for k in range(18)]
        return _by_side(self, x, POWERS_UP_TO, lambda x: _sum(x, terms), lambda x: _far_expm1_ratio(self, x, order))

    def log1p_ratio(self: Any, x: Any, order: int = 1) -> Any:
        """Σ (−x)^j/(j + order): log(1 + x)/x, (x − log(1 + x))/x² and so on."""
        return _by_side(self, x, LOGARITHMS_UP_TO, lambda x: _log1p_ratio(x, order), lambda x: _far_log1p_ratio(self, x, order))


def _by_side(xp: Any, x: Any, limit: float, near: Callable[[Any], Any], far: Callable[[Any], Any]) -> Any:
    """Each way is given numbers of its own side only, so that neither meets what it cannot compute."""
    close = xp.absolute(x) < limit
    return xp.where(close, near(xp.where(close, x, 0.0)), far(xp.where(close, limit, x)))


def _far_expm1_ratio(xp: Any, x: Any, order: int) -> Any:
    """Beyond STEEP it is e^x/x^order, in an order in which only the result overflows."""
    steep = x > STEEP
    bound = xp.where(steep, xp.minimum(x, STEEPEST), STEEPEST)
    x = xp.where(steep, -1.0, x)
    root, usual = xp.exp(bound / 2), xp.expm1(x) / x
    for k in range(1, order):
        usual = (usual - 1.0 / math.factorial(k)) / x
    return xp.where(steep, root * (root / bound**order), usual)


def _far_log1p_ratio(xp: Any, x: Any, order: int) -> Any:
    infinite = xp.logical_and(1 / x == 0, x > 0)
    x = xp.where(infinite, 1.0, x)
    result = xp.log1p(x) / x
    for k in range(1, order):
        result = (1.0 / k - result) / x
    return xp.where(infinite, 0.0, result)


def _sum(x: Any, coefficients: Sequence[float]) -> Any:
    """Σ coefficient·x^k, by Horner's rule."""
    result: Any = coefficients[-1]
    for one in reversed(coefficients[:-1]):
        result = result * x + one
    return result


def _log1p_gap(x: Any) -> Any:
    # log(1 + x) = 2·artanh(s) for s = x/(2 + x), and x − 2s is x·s.
    s = x / (2 + x)
    return x * s - 2 * s * (s * s * _sum(s * s, LOGARITHM_TERMS))


def _log1p_ratio(x: Any, order: int) -> Any:
    s, r = x / (2 + x), 1 / (2 + x)
    if order == 1:
        return 2 * r * (1 + s * s * _sum(s * s, LOGARITHM_TERMS))
    if order == 2:
        return r * (1 - 2 * r * (s * _sum(s * s, LOGARITHM_TERMS)))
    return _sum(-x, [1.0 / (k + order) for k in range(45)])
