"""Divergences of numbers from what they were expected to be, which nearly cancel where the two are close.

With t = (y − m)/m, y·log(y/m) − (y − m) is (y − m)·log(1 + t) − m·(t − log(1 + t)), whose second part is half of its first.

    >>> from chalkgrad import work
    >>> work("deviance(y, m)", y=1 + 2**-30, m=1).value
    4.336808688595695e-19

Source: Loader, Fast and accurate computation of binomial probabilities (2000), where it is the deviance.
"""

import math
from typing import Any

from chalkgrad.gates.safe import NEGATIVE_LOG, UNBOUNDED, ZERO_LOG
from chalkgrad.graph.gate import Gate, Hazard, Kink, at, define
from chalkgrad.graph.look import function

AT_NOTHING = "0·log 0 counts as 0, as its limit is; nothing of nothing has the slope 0 in the logarithm"


def _near(xp: Any, y: Any, m: Any) -> Any:
    return xp.logical_and(y > m / 2, y < 8 * m)


def _by_gap(xp: Any, y: Any, m: Any, gap: Any) -> Any:
    """The deviance of y from m, whose difference is known as the gap."""
    near = _near(xp, y, m)
    mean, apart = xp.where(near, m, 1.0), xp.where(near, gap, 0.0)
    t = apart / mean
    far = xp.where(xp.logical_or(y < 0, m < 0), math.nan, xp.xlog_quotient(y, y, m) - gap)
    return xp.where(near, apart * xp.log1p(t) - mean * xp.log1p_gap(t), far)


def _log_by_gap(xp: Any, y: Any, m: Any, gap: Any) -> Any:
    """log(y/m)."""
    near = _near(xp, y, m)
    return xp.where(near, xp.log1p(xp.where(near, gap, 0.0) / xp.where(near, m, 1.0)), xp.log_difference(*_something(xp, y, m)))


def _something(xp: Any, y: Any, m: Any) -> tuple[Any, Any]:
    """Both, but 1 and 1 where both are nothing."""
    nothing = xp.logical_and(xp.equal(y, 0.0), xp.equal(m, 0.0))
    return xp.where(nothing, 1.0, y), xp.where(nothing, 1.0, m)


def _slope_in_mean(xp: Any, y: Any, m: Any) -> Any:
    """1 − y/m, which is 1 for nothing of nothing."""
    _, mean = _something(xp, y, m)
    return xp.where(_near(xp, y, m), xp.divide(m - y, mean), 1 - xp.divide(y, mean))


DEVIANCE = define(Gate(
    name="deviance", family="safe", arity=2, symbol="y·log(y/m)−(y−m)",
    means=lambda xp, y, m: y * (xp.log(y) - xp.log(m)) - (y - m),
    forward=lambda xp, y, m: _by_gap(xp, y, m, y - m),
    local=lambda xp, y, m, out: (xp.log_difference(y, m), _slope_in_mean(xp, y, m)),
    textbook=lambda xp, y, m, out: (xp.log(y) - xp.log(m), 1 - y / m),
    look=function("deviance"),
    lesson="y·log(y/m) − (y − m), how far a count y is from its mean m; its slopes are log(y/m) and (m − y)/m",
    samples=(at(2.0, 1.5), at([0.5, 3.0], [0.5 + 1e-6, 40.0])),
    kinks=(Kink(lambda xp, y, m: y == 0, AT_NOTHING, UNBOUNDED),),
    hazards=(
        Hazard(lambda xp, y, m: (y < 0) | (m < 0), NEGATIVE_LOG),
        Hazard(lambda xp, y, m: (m == 0) & (y != 0), ZERO_LOG),
    ),
))  # fmt: skip


def _bernoulli_slope(xp: Any, p: Any, q: Any) -> Any:
    """(1 − p)/(1 − q) − p/q."""
    near = xp.logical_and(_near(xp, p, q), _near(xp, 1 - p, 1 - q))
    mean = xp.where(near, q, 0.5)
    return xp.where(
        near, (q - p) / mean / (1 - mean), xp.divide(1 - p, _something(xp, 1 - p, 1 - q)[1]) - xp.divide(p, _something(xp, p, q)[1])
    )


BERNOULLI_DIVERGENCE = define(Gate(
    name="bernoulli_divergence", family="safe", arity=2, symbol="KL(p, q)",
    means=lambda xp, p, q: p * (xp.log(p) - xp.log(q)) + (1 - p) * (xp.log(1 - p) - xp.log(1 - q)),
    forward=lambda xp, p, q: _by_gap(xp, p, q, p - q) + _by_gap(xp, 1 - p, 1 - q, q - p),
    local=lambda xp, p, q, out: (
        _log_by_gap(xp, p, q, p - q) - _log_by_gap(xp, 1 - p, 1 - q, q - p), _bernoulli_slope(xp, p, q)),
    textbook=lambda xp, p, q, out: (xp.log(p / q) - xp.log((1 - p) / (1 - q)), (1 - p) / (1 - q) - p / q),
    look=function("bernoulli_divergence"),
    lesson="p·log(p/q) + (1 − p)·log((1 − p)/(1 − q)), the relative entropy of two coins, as a sum of two deviances, of which"
           " neither is negative; its slopes are log(p/q) − log((1 − p)/(1 − q)) and (q − p)/(q·(1 − q))",
    samples=(at(0.25, 0.5), at([0.3, 0.9], [0.3 + 1e-7, 0.1])),
    kinks=(Kink(lambda xp, p, q: (p == 0) | (p == 1), AT_NOTHING, UNBOUNDED),),
    hazards=(
        Hazard(lambda xp, p, q: (p < 0) | (q < 0) | (p > 1) | (q > 1), NEGATIVE_LOG),
        Hazard(lambda xp, p, q: ((q == 0) & (p != 0)) | ((q == 1) & (p != 1)), ZERO_LOG),
    ),
))  # fmt: skip
