"""Logarithms of what likelihoods are made of: weighted scores, mixtures of two, products of many factors.

Each is known from the logarithms of its parts, so that nothing has to be a float that is too small or too close to 1.

    >>> from chalkgrad import work
    >>> work("soft_cross_entropy(s, w)", s=[50.0, 0.0], w=[1.0, 0.0]).grad["s"].tolist()
    [-1.9287498479639178e-22, 1.9287498479639178e-22]
    >>> round(work("log_mix(v, x, y)", v=0.5, x=-1000.0, y=-1001.0).value, 6)
    -1000.379885
"""

import math
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.errors import GateError
from chalkgrad.gates.safe import NEGATIVE_LOG, ZERO_LOG, of_one_shape
from chalkgrad.gates.sums import OVER_AXES
from chalkgrad.graph.gate import MANY, Gate, Hazard, at, define
from chalkgrad.graph.look import Params, function
from chalkgrad.graph.shapes import Axis

SHARED = 0.5  # by how much weights may miss 1, and still be shares
LEAST, MOST = 1e-290, 1e290  # between which no product of some of the factors can leave the floats


def _soft_cross_entropy(xp: Any, x: Any, w: Any, *, axis: Axis, keepdims: bool) -> Any:
    """By log-shares where the weights are shares, for those do not cancel; as it is written where they are not."""
    total, least = (one(w, axis=axis, keepdims=keepdims) for one in (xp.sum, xp.min))
    whole = xp.logsumexp(x, axis=axis, keepdims=keepdims)
    by_shares = xp.sum(xp.times_log(w, xp.log_softmax(x, axis=axis)), axis=axis, keepdims=keepdims)
    rest = xp.where(xp.equal(total, 1.0), 0.0, (1 - total) * whole)
    shares = xp.logical_and(least >= 0, xp.absolute(total - 1) < SHARED)
    return xp.where(shares, rest - by_shares, whole - xp.sum(xp.times_log(w, x), axis=axis, keepdims=keepdims))


def _share_less_weight(xp: Any, x: Any, w: Any, out: Any, *, axis: Axis, keepdims: bool) -> tuple[Any, Any]:
    """p − w: for a p above ½ as 1 − w less the others' share, which does not cancel where both are nearly 1."""
    shares, others = xp.softmax(x, axis=axis), xp.others_share(x, axis=axis, keepdims=axis is not None)
    return xp.where(shares > 0.5, (1 - w) - others, shares - w), -x


SOFT_CROSS_ENTROPY = define(Gate(
    name="soft_cross_entropy", family="likelihoods", arity=2, symbol="log Σeˣ−Σw·x", params=OVER_AXES, shape=of_one_shape,
    reduces=True,
    means=lambda xp, x, w, *, axis, keepdims: (
        xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=keepdims)) - xp.sum(w * x, axis=axis, keepdims=keepdims)),
    forward=_soft_cross_entropy, local=_share_less_weight,
    textbook=lambda xp, x, w, out, *, axis, keepdims: (xp.softmax(x, axis=axis) - w, -x),
    look=function("soft_cross_entropy", defaults=OVER_AXES),
    lesson="log Σe^x − Σw·x, the cross-entropy of labels w that add up to 1; its slopes are softmax(x) − w and −x",
    samples=(at([1.0, 2.0, -1.0], [0.0, 1.0, 0.0]), at([[1.0, 2.0], [3.0, -4.0]], [[0.25, 0.75], [2.0, -1.0]], axis=1)),
))  # fmt: skip


def _logistic_loss(xp: Any, x: Any, y: Any) -> Any:
    """From the nearer end of the labels, from which nothing cancels."""
    return xp.softplus(-xp.absolute(x)) + xp.where(x > 0, (1 - y) * x, -(y * x))


LOGISTIC_LOSS = define(Gate(
    name="logistic_loss", family="likelihoods", arity=2, symbol="log(1+eˣ)−y·x",
    means=lambda xp, x, y: xp.log(1 + xp.exp(x)) - y * x,
    forward=_logistic_loss,
    # For a σ near 1 as (1 − y) − (1 − σ), which does not cancel where both are nearly 1.
    local=lambda xp, x, y, out: (xp.where(x > 0, (1 - y) - xp.sigmoid(-x), xp.sigmoid(x) - y), -x),
    textbook=lambda xp, x, y, out: (xp.sigmoid(x) - y, -x),
    look=function("logistic_loss"),
    lesson="log(1 + e^x) − y·x, the cross-entropy of a label y from 0 to 1; its slopes are σ(x) − y and −x",
    samples=(at(2.0, 1.0), at([0.5, -30.0], [0.25, 0.0])),
))  # fmt: skip


def _behind(xp: Any, x: Any, y: Any) -> Any:
    """How far the smaller number lies below the larger, as a negative number; 0 between equal infinities."""
    return xp.where(xp.equal(x, y), 0.0, -xp.absolute(x - y))


def _log_mix(xp: Any, v: Any, x: Any, y: Any) -> Any:
    """log(v·e^x + (1 − v)·e^y): relative to the power that weighs more while the other adds little, else to the larger one."""
    heavy, level = v > 0.5, xp.equal(x, y)
    base, light = xp.where(heavy, x, y), xp.where(heavy, 1 - v, v)
    gap = xp.where(level, 0.0, xp.where(heavy, y - x, x - y))
    more = xp.where(xp.equal(light, 0.0), 0.0, light * xp.expm1(gap))
    little = more <= 1
    ahead = x >= y
    behind = _behind(xp, x, y)
    powers = xp.exp(behind) - xp.where(ahead, v, 1 - v) * xp.expm1(behind)  # v + (1 − v)·e^behind, also where v is no share
    by_larger = xp.maximum(x, y) + xp.log(xp.where(little, 1.0, powers))
    return xp.where(little, base + xp.log1p(xp.where(little, more, 0.0)), by_larger)


def _mix_slopes(xp: Any, v: Any, x: Any, y: Any, out: Any) -> tuple[Any, Any, Any]:
    ahead, behind = x >= y, _behind(xp, x, y)
    power, w = xp.exp(behind), 1 - v
    first, second = xp.where(ahead, 1.0, power), xp.where(ahead, power, 1.0)
    gap = xp.where(ahead, -xp.expm1(behind), xp.expm1(behind)) / (v * first + w * second)
    # What is alone has all, also where its power is too small to be told.
    first, second = v * xp.where(xp.equal(w, 0.0), 1.0, first), w * xp.where(xp.equal(v, 0.0), 1.0, second)
    return gap, first / (first + second), second / (first + second)


LOG_MIX = define(Gate(
    name="log_mix", family="likelihoods", arity=3, symbol="log(v·eˣ+(1−v)·eʸ)",
    means=lambda xp, v, x, y: xp.log(v * xp.exp(x) + (1 - v) * xp.exp(y)),
    forward=_log_mix, local=_mix_slopes,
    look=function("log_mix"),
    lesson="the logarithm of a mixture of two, v·e^x + (1 − v)·e^y; x and y get their shares of it, and v their difference",
    samples=(at(0.25, 1.0, 2.0), at([0.125, 0.9, 0.75], -4.0, [-1.0, 3.0, 0.5])),
    hazards=(Hazard(lambda xp, v, x, y: xp.not_equal(_log_mix(xp, v, x, y), _log_mix(xp, v, x, y)), NEGATIVE_LOG),),
))  # fmt: skip


POWERS: Params = MappingProxyType({"powers": ()})


def _powers(inputs: Sequence[Any], powers: Sequence[int]) -> Sequence[int]:
    if powers and (len(powers) != len(inputs) or any(abs(power) != 1 for power in powers)):
        raise GateError(f"The {len(inputs)} factors need as many powers, each 1 or −1; here is {tuple(powers)}.")
    return powers or (1,) * len(inputs)


def _log_product(xp: Any, *inputs: Any, powers: Sequence[int]) -> Any:
    """The logarithm of the product where no part of it can leave the floats, else the sum of the logarithms."""
    below: Any = 1.0
    above: Any = 1.0
    logs: Any = 0.0
    sign: Any = 1.0
    for x, power in zip(inputs, _powers(inputs, powers), strict=True):
        size = xp.absolute(x)
        small, large = xp.minimum(size, 1.0), xp.maximum(size, 1.0)
        below, above = (below * small, above * large) if power > 0 else (below / large, above / small)
        logs = logs + power * xp.log(size)
        sign = sign * xp.sign(x)
    sound = xp.logical_and(below > LEAST, above < MOST)
    return xp.where(sound, xp.log(sign * (below * above)), xp.where(sign < 0, np.nan, logs))


def _sign(xp: Any, inputs: Sequence[Any]) -> Any:
    sign: Any = 1.0
    for x in inputs:
        sign = sign * xp.sign(x)
    return sign


LOG_PRODUCT = define(Gate(
    name="log_product", family="likelihoods", most=MANY, symbol="log x·y", params=POWERS,
    means=lambda xp, *inputs, powers: xp.log(
        math.prod(x if power > 0 else xp.reciprocal(x) for x, power in zip(inputs, _powers(inputs, powers), strict=True))),
    forward=_log_product,
    local=lambda xp, *inputs_and_out, powers: tuple(
        power / x for x, power in zip(inputs_and_out[:-1], _powers(inputs_and_out[:-1], powers), strict=True)),
    look=function("log_product", defaults=POWERS),
    lesson="the logarithm of a product of factors, by the sum of logarithms where the product would vanish; its slope in a factor x"
           " is 1/x, and −1/x where it is divided by x",
    samples=(at(2.0, 3.0, 0.5), at([0.25, -2.0], [1e-25, -3.0], 1e-10, powers=(1, 1, -1))),
    hazards=(
        Hazard(lambda xp, *inputs, powers: _sign(xp, inputs) < 0, NEGATIVE_LOG),
        Hazard(lambda xp, *inputs, powers: xp.equal(_sign(xp, inputs), 0.0), ZERO_LOG),
    ),
))  # fmt: skip
