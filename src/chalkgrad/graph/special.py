"""Special functions of numbers, as NumPy's own lack them: error functions by continued fractions, the gamma function's by SciPy.

SciPy is loaded when a function of the gamma family is first computed; nothing else of Chalkgrad needs it.

    >>> float(erfcx(0.0)), round(float(erfcx(1e5)), 12)
    (1.0, 5.641896e-06)
"""

import importlib
import math
from typing import Any

import numpy as np

from chalkgrad.errors import GateError

TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
UNCANCELLED = 0.75  # up to here the recurrence upward loses next to nothing; beyond it the fraction converges
DEPTH = 180  # of the continued fraction
AHEAD, BERNOULLI = 16, (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)  # for Euler and Maclaurin

BOTH_LARGE = 8.0  # Stirling's formula with those terms has all digits from here on
HALF_LOG_TWO_PI = math.log(2 * math.pi) / 2

_erfc = np.frompyfunc(math.erfc, 1, 1)


def scipy_special(name: str) -> Any:
    """A function of scipy.special."""
    try:
        return getattr(importlib.import_module("scipy.special"), name)
    except ImportError:
        raise GateError(f"{name} needs SciPy, which is not installed.", hint="pip install scipy.") from None


def erfc(x: Any) -> Any:
    return np.asarray(_erfc(x), dtype=np.result_type(x))[()]


def erfcx(x: Any, n: int = 0) -> Any:
    """e^(x²) times erfc, integrated n times from x to ∞.

    Upward in n by the recurrence 2n·Jₙ = Jₙ₋₂ − 2x·Jₙ₋₁ where it does not cancel, else by the continued fraction of Jₙ/Jₙ₋₁.
    """
    numbers = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        low = np.minimum(numbers, UNCANCELLED)
        before, upward = np.full(low.shape, TWO_OVER_ROOT_PI), np.exp(low * low) * erfc(low)
        for k in range(1, n + 1):
            before, upward = upward, (before - 2 * low * upward) / (2 * k)
        high = np.maximum(numbers, UNCANCELLED)
        # The tail of the fraction is nearly a fixed point of r = 1/(2x + 2k·r).
        ratio = 1 / (high + np.sqrt(high * high + 2 * DEPTH + 1))
        product = np.full(high.shape, TWO_OVER_ROOT_PI)
        for k in range(DEPTH - 1, -1, -1):
            ratio = 1 / (2 * high + 2 * (k + 1) * ratio)
            if k <= n:
                product = product * ratio
        return np.where(numbers > UNCANCELLED, product, upward).astype(np.result_type(x))[()]


def log_ndtr(x: Any) -> Any:
    """log Φ(x), Φ the normal distribution's: by erfcx below 0, where Φ vanishes."""
    numbers = np.asarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        low, high = np.minimum(numbers, 0.0), np.maximum(numbers, 0.0)
        tail = np.log(erfcx(-low / math.sqrt(2)) / 2) - low * low / 2
        body = np.log1p(-erfc(high / math.sqrt(2)) / 2)
        return np.where(numbers < 0, tail, body).astype(np.result_type(x))[()]


def gamma(x: Any) -> Any:
    return scipy_special("gamma")(x)


def gammaln(x: Any) -> Any:
    return scipy_special("gammaln")(x)


def _stirling(x: Any) -> Any:
    """What Stirling's formula leaves of log Γ."""
    return sum(number / (2 * j * (2 * j - 1) * x ** (2.0 * j - 1)) for j, number in enumerate(BERNOULLI, start=1))


def betaln(a: Any, b: Any) -> Any:
    """log B for positive numbers: where both are large by Stirling's formula, whose large terms are taken off beforehand (as in

    Didonato and Morris, TOMS 708), else by log Γ of the smaller one and the way of log Γ from the larger one to the sum.
    """
    kind = np.result_type(a, b)
    first, second = np.broadcast_arrays(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))
    with np.errstate(all="ignore"):
        low, high = np.minimum(first, second), np.maximum(first, second)
        share = low / high
        both = (HALF_LOG_TWO_PI - np.log(high) / 2 + (_stirling(low) + _stirling(high) - _stirling(low + high))
                + (low - 0.5) * np.log(share / (1 + share)) - high * np.log1p(share))  # fmt: skip
        far = high + AHEAD
        way = (sum(-np.log1p(low / (high + k)) for k in range(AHEAD)) + _stirling(far + low) - _stirling(far)
               + low * (np.log(far + low) - 1) + (far - 0.5) * np.log1p(low / far))  # fmt: skip
        found = np.where(low >= BOTH_LARGE, both, gammaln(np.minimum(low, BOTH_LARGE)) - way)
        return np.where((low > 0) & np.isfinite(high), found, np.nan).astype(kind)[()]


def polygamma(x: Any, n: int) -> Any:
    found = scipy_special("psi")(x) if n == 0 else scipy_special("polygamma")(n, x)
    return np.asarray(found, dtype=np.result_type(x))[()]


def polygamma_gap(a: Any, b: Any, n: int) -> Any:
    """ψₙ(a + b) − ψₙ(a) for positive a and a + b, without the cancellation of the two.

    Both are sums over 1/(x + k)^(n+1). The difference of each pair of terms is formed first, and the rest of the sum by Euler and
    Maclaurin, whose terms are differences of powers as well.
    """
    kind = np.result_type(a, b)
    start, step = np.broadcast_arrays(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))

    def power(base: Any, exponent: int) -> Any:
        return base ** float(-exponent) * np.expm1(-exponent * np.log1p(step / base))

    with np.errstate(all="ignore"):
        order, far = n + 1, start + AHEAD
        total = sum(power(start + k, order) for k in range(AHEAD)) + power(far, order) / 2
        total = total + (power(far, n) / n if n else -np.log1p(step / far))
        rising = float(order)
        for j, number in enumerate(BERNOULLI, start=1):
            total = total + number / math.factorial(2 * j) * rising * power(far, order + 2 * j - 1)
            rising *= (order + 2 * j - 1) * (order + 2 * j)
        result = (-1.0) ** order * math.factorial(n) * total
        inside = (start > 0) & (start + step > 0) & np.isfinite(start) & np.isfinite(step)
        return np.where(inside, np.where(step == 0, 0.0, result), np.nan).astype(kind)[()]
