"""Composite gates: what they mean, and how they are computed safely.

`means` is the formula in the textbook; `forward` is the same number by a way that neither overflows nor cancels, and points out
its own steps by name. The lecture's example: softmax of [225, 617, 950] means e^950 on paper; multiplying above and below by C
with log C = −max(s) makes the exponents −725, −333, 0.

Infinite scores: −∞ is a class that is ruled out, with probability and slope 0. One score of +∞ has probability 1. Where several are
+∞, or all of several are −∞, softmax and log softmax are no numbers; logsumexp is ∞ or −∞, and in the second case its slope is 0,
since no finite step moves a score of −∞. A single class has probability 1 whatever its score.

Values and slopes are right to 2 ulps, with two exceptions. An entry of softmax's Jacobian is a product of two rounded
probabilities, right to 4. And logsumexp passes through 0 where the powers add up to 1; near there its digits count from the largest
score. Namespaces that are `lean` (kernels of float32) leave out what keeps the last bits.

    >>> from chalkgrad import work
    >>> work("softmax(s)[2]", s=[225, 617, 950]).value
    1.0
"""

from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.gates.sums import OVER_AXES, exact_part, spread, total_of_shares
from chalkgrad.graph.gate import Gate, Hazard, Kink, at, define
from chalkgrad.graph.look import Params, function
from chalkgrad.graph.shapes import Axis, along, reduced_nonempty

ALONG: Params = MappingProxyType({"axis": None})
VAST, POWERLESS = 1024.0, 2.0**60  # scores are vast where so many times as much is infinite; and e to minus this is 0


def _decay(xp: Any, x: Any) -> Any:
    return xp.named("e^(-|x|)", xp.exp(-xp.absolute(x)))


def _sigmoid(xp: Any, x: Any) -> Any:
    decay = _decay(xp, x)
    if xp.lean:
        inverse = xp.divide(1.0, 1 + decay)  # shared with the slope
        return xp.where(x >= 0, inverse, decay * inverse)
    return xp.divide(xp.where(x >= 0, 1.0, decay), 1 + decay)


SIGMOID = define(Gate(
    name="sigmoid", family="composite", symbol="σ", reads=("sigmoid", "σ"),
    means=lambda xp, x: 1 / (1 + xp.exp(-x)),
    forward=_sigmoid,
    # (1 − σ)·σ cancels where σ is close to 1.
    local=lambda xp, x, out: (xp.sigmoid_slope(x),),
    textbook=lambda xp, x, out: ((1 - out) * out,),
    look=function("sigmoid", r"\sigma"),
    lesson="the slope of the sigmoid is (1 − σ)·σ",
    samples=(at(1.0), at([-3.0, 0.0]), at(38.0), at(-40.0)),
))  # fmt: skip


def _sigmoid_slope(xp: Any, x: Any) -> Any:
    # By the smaller of σ and 1 − σ. Either form ends in a difference that rounds once and hardly cancels: 1.6 ulps at most.
    decay = _decay(xp, x)
    if xp.lean:
        inverse = xp.divide(1.0, 1 + decay)
        return decay * inverse * inverse
    smaller = xp.divide(decay, 1 + decay)
    return xp.where(smaller < 0.2, decay - decay * (smaller * (2 - smaller)), smaller - smaller * smaller)


SIGMOID_SLOPE = define(Gate(
    name="sigmoid_slope", family="composite", symbol="σ′",
    means=lambda xp, x: xp.exp(-x) / (1 + xp.exp(-x)) ** 2,
    forward=_sigmoid_slope,
    local=lambda xp, x, out: (-(xp.tanh(x / 2) * out),),
    textbook=lambda xp, x, out: ((1 - 2 * xp.sigmoid(x)) * out,),
    look=function("sigmoid_slope", r"\sigma'"),
    lesson="(1 − σ)·σ, the slope of the sigmoid; its own slope is (1 − 2σ) times itself",
    samples=(at(1.0), at([-3.0, 0.0]), at(38.0), at(-40.0)),
))  # fmt: skip

TANH_HALF = define(Gate(
    name="tanh_half", family="composite", symbol="σ(x)−σ(−x)",
    means=lambda xp, x: 2 / (1 + xp.exp(-x)) - 1,
    forward=lambda xp, x: xp.tanh(x / 2),
    local=lambda xp, x, out: (2 * xp.sigmoid_slope(x),),
    look=function("tanh_half"),
    lesson="σ(x) − σ(−x) = 2σ(x) − 1 = tanh(x/2), exact where both are close to ½; its slope is twice that of the sigmoid",
    samples=(at(1.0), at([-3.0, 1e-3]), at(38.0), at(-40.0)),
))  # fmt: skip

SOFTPLUS = define(Gate(
    name="softplus", family="composite", symbol="softplus",
    means=lambda xp, x: xp.log(1 + xp.exp(x)),
    forward=lambda xp, x: xp.maximum(x, 0.0) + xp.log1p(_decay(xp, x)),
    local=lambda xp, x, out: (xp.sigmoid(x),),
    look=function("softplus"),
    lesson="the slope of softplus is the sigmoid",
    samples=(at(1.0), at([-30.0, 0.0, 3.0])),
))  # fmt: skip

LOG_SIGMOID = define(Gate(
    name="log_sigmoid", family="composite", symbol="log σ",
    means=lambda xp, x: xp.log(1 / (1 + xp.exp(-x))),
    forward=lambda xp, x: xp.minimum(x, 0.0) - xp.log1p(_decay(xp, x)),
    local=lambda xp, x, out: (xp.sigmoid(-x),),
    textbook=lambda xp, x, out: (1 - xp.sigmoid(x),),
    look=function("log_sigmoid", r"\log\sigma"),
    lesson="the slope of log σ is 1 − σ",
    samples=(at(1.0), at([-30.0, 0.0, 3.0])),
))  # fmt: skip


def _apart(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """x − y, and what its rounding lost (Knuth's TwoSum); 0 between equal infinities, which need no difference."""
    gap = xp.where(xp.equal(x, y), 0.0, x - y)
    back = gap - x
    lost = (x - (gap - back)) - (y + back)
    return gap, xp.where(xp.isfinite(lost), lost, 0.0)


def _logaddexp(xp: Any, x: Any, y: Any) -> Any:
    larger, smaller = xp.maximum(x, y), xp.minimum(x, y)
    gap, lost = _apart(xp, smaller, larger)
    power = xp.exp(gap)
    return larger + xp.log1p(power + power * lost)


def _share(xp: Any, x: Any, y: Any) -> Any:
    """e^x/(e^x + e^y); a number of −∞ has no share, since no finite step moves it."""
    gap, lost = _apart(xp, x, y)
    return xp.where(xp.equal(x, -np.inf), 0.0, xp.sigmoid(gap) + xp.sigmoid_slope(gap) * lost)


ONE_MINUS_SQUARE = define(Gate(
    name="one_minus_square", family="composite", symbol="1−x²",
    means=lambda xp, x: 1 - x**2,
    forward=lambda xp, x: (1 - x) * (1 + x),
    local=lambda xp, x, out: (-2 * x,),
    look=function("one_minus_square"),
    lesson="1 − x², computed as (1 − x)·(1 + x), which does not cancel where x is close to ±1; its slope is −2x",
    samples=(at(0.5), at([-0.999999, 0.0, 3.0])),
))  # fmt: skip


def _sech(xp: Any, x: Any) -> Any:
    decay = _decay(xp, x)
    return xp.divide(2 * decay, 1 + decay * decay)


SECH = define(Gate(
    name="sech", family="composite", symbol="sech",
    means=lambda xp, x: 2 / (xp.exp(x) + xp.exp(-x)),
    forward=_sech,
    local=lambda xp, x, out: (-(xp.tanh(x) * out),),
    look=function("sech", r"\operatorname{sech}"),
    lesson="sech is 1/cosh, computed so that nothing overflows; its slope is −tanh·sech",
    samples=(at(0.5), at([-2.0, 0.0]), at(800.0)),
))  # fmt: skip

LOGADDEXP = define(Gate(
    name="logaddexp", numpy=(np.logaddexp,), family="composite", arity=2, symbol="logaddexp",
    means=lambda xp, x, y: xp.log(xp.exp(x) + xp.exp(y)),
    forward=_logaddexp,
    local=lambda xp, x, y, out: (_share(xp, x, y), _share(xp, y, x)),
    textbook=lambda xp, x, y, out: (xp.sigmoid(x - y), xp.sigmoid(y - x)),
    look=function("logaddexp"),
    lesson="log(e^x + e^y) hands each input its share e^x/(e^x + e^y), a sigmoid of the difference",
    samples=(at(1.0, 2.0), at([-40.0, 3.0], 0.5)),
))  # fmt: skip


EXP_WITH_REST = define(Gate(
    name="exp_with_rest", family="composite", arity=2, symbol="eˣ⁺ʳ",
    means=lambda xp, x, rest: xp.exp(x + rest),
    forward=lambda xp, x, rest: xp.exp_with_rest(x, rest),
    look=function("exp_with_rest"),
    lesson="the exponential of a number and what its rounding lost; a step of softmax, whose slope is told as a whole",
    samples=(at(-2.0, 1e-17), at([1.0, 3.0], [-2e-17, 3e-17])),
))  # fmt: skip

QUOTIENT_WITH_REST = define(Gate(
    name="quotient_with_rest", family="composite", arity=3, symbol="x/(y+r)",
    means=lambda xp, x, y, rest: xp.divide(x, y + rest),
    forward=lambda xp, x, y, rest: xp.quotient_with_rest(x, y, rest),
    look=function("quotient_with_rest"),
    lesson="the quotient by a number and what its rounding lost; a step of softmax, whose slope is told as a whole",
    samples=(at(3.1, 0.5, 1e-17), at([1.0, 3.0], 0.25, 1e-17)),
))  # fmt: skip


def _shifted(xp: Any, x: Any, axis: Axis) -> tuple[Any, Any, Any, Any]:
    """log C = −max(s), the exponents s + log C, their powers, of which the largest is 1, and what those lack, as a part of them.

    An exponent of −333.3 is rounded by up to 2.8e-14, which its power would feel as 256 ulps. Either the exponential takes that
    in, or it is told beside the power, for giving it back at once would round the power once more. Scores whose power is 0 anyway
    are held above −∞, so that each has an exponent; where the largest score is vast or infinite, care is taken entry by entry.
    """
    log_c = xp.named("log C", -xp.max(x, axis=axis, keepdims=axis is not None))
    vast = xp.logical_not(xp.isfinite(log_c * VAST))
    infinite = xp.logical_and(vast, xp.equal(x, -log_c))  # ∞ − ∞: an infinite score is as large as itself
    if xp.lean or xp.exact:  # an exponent held above −∞ would be another number where none vanishes
        exponents = xp.where(infinite, 0.0, xp.named("s + log C", x + log_c))
        return log_c, exponents, xp.named("e^(s + log C)", xp.exp(exponents)), None
    lowest = xp.where(vast, -np.inf, -log_c - xp.maximum(POWERLESS, xp.absolute(log_c) * 2.0**-20))
    held = xp.where(x < lowest, lowest, x)
    shifted = xp.named("s + log C", held + log_c, lambda: x + log_c)
    exponents = xp.where(infinite, 0.0, shifted)
    back = exponents - held
    lost = (held - (exponents - back)) + (log_c - back)
    if not xp.takes_rests:
        return log_c, exponents, xp.exp(exponents), xp.where(xp.absolute(lost) < 1, lost, 0.0)  # above 1 only where the power is 0
    lost = xp.where(xp.logical_or(xp.logical_not(vast), xp.isfinite(lost)), lost, 0.0)
    powers = xp.named("e^(s + log C)", xp.exp_with_rest(exponents, lost), lambda: xp.exp(x + log_c))
    return log_c, exponents, powers, None


def _total(xp: Any, powers: Any, lack: Any, axis: Axis) -> tuple[Any, Any, Any]:
    """The sum of the powers, of which the largest is 1, in three parts. The second may be all that there is of the others."""
    if lack is None:
        return *total_of_shares(xp, powers, axis), 0.0
    keepdims = axis is not None
    upper, rests = exact_part(xp, powers, axis, 1.0)
    lower, rests = exact_part(xp, rests, axis, xp.max(xp.absolute(rests), axis=axis, keepdims=keepdims))
    return upper, lower, xp.sum(rests + powers * lack, axis=axis, keepdims=keepdims)


def _log_of_sum(xp: Any, powers: Any, lack: Any, axis: Axis) -> Any:
    """log Σ powers, where the largest power is 1: log1p of the others, exact even where they nearly vanish."""
    if xp.lean:
        return xp.log(xp.sum(powers, axis=axis, keepdims=axis is not None))
    upper, lower, more = _total(xp, powers, lack, axis)
    return xp.log1p((upper - 1) + (lower + more))


def _alone(xp: Any, log_c: Any, total: Any, least: float) -> Any:
    """The total, where an infinite largest score is the only one; nan where several of them leave no shares."""
    return xp.where(xp.isfinite(log_c), total, xp.where(xp.equal(total, least), total, np.nan))


def _of_total(xp: Any, x: Any, lack: Any, total: Any, rest: Any) -> Any:
    """x with what it lacks, a part of it, as a share of a total with its rest: rounded about once."""
    return xp.quotient_with_rest(x, total, rest if lack is None else rest - total * lack)


def _softmax(xp: Any, x: Any, *, axis: Axis) -> Any:
    log_c, _, powers, lack = _shifted(xp, x, axis)
    if xp.lean:
        return xp.divide(powers, _alone(xp, log_c, xp.sum(powers, axis=axis, keepdims=axis is not None), 1.0))
    upper, lower, more = _total(xp, powers, lack, axis)
    total = xp.named("sum of the powers", upper + lower, lambda: xp.sum(powers, axis=axis, keepdims=axis is not None))
    return _of_total(xp, powers, lack, _alone(xp, log_c, total, 1.0), (lower - (total - upper)) + more)


def _log_softmax(xp: Any, x: Any, *, axis: Axis) -> Any:
    log_c, exponents, powers, lack = _shifted(xp, x, axis)
    log_total = _alone(xp, log_c, _log_of_sum(xp, powers, lack, axis), 0.0)
    if xp.lean:
        return exponents - log_total
    gap, lost = _apart(xp, x, -log_c)  # of scores without power too
    return gap - (log_total - lost)


def _logsumexp(xp: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    log_c, _, powers, lack = _shifted(xp, x, axis)
    result = _log_of_sum(xp, powers, lack, axis) - log_c
    return xp.reshape(result, shape=reduced_nonempty(x.shape, axis=axis, keepdims=keepdims))


def _others_share(xp: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    """Σ powers, less the largest, which is 1, as a share of all."""
    log_c, _, powers, lack = _shifted(xp, x, axis)
    if xp.lean:
        total = xp.sum(powers, axis=axis, keepdims=axis is not None)
        result = xp.divide(total - 1, _alone(xp, log_c, total, 1.0))
    else:
        upper, lower, more = _total(xp, powers, lack, axis)
        total, others = upper + lower, (upper - 1) + lower
        lost = (lower - (others - (upper - 1)) + more) / xp.where(others > 0, others, 1.0)
        result = _of_total(xp, others, lost, _alone(xp, log_c, total, 1.0), (lower - (total - upper)) + more)
    return xp.reshape(xp.where(xp.isfinite(result), result, 1.0), shape=reduced_nonempty(x.shape, axis=axis, keepdims=keepdims))


def _others_slope(xp: Any, x: Any, out: Any, *, axis: Axis, keepdims: bool) -> tuple[Any]:
    shares, rest = xp.softmax(x, axis=axis), spread(xp, out, x, axis, keepdims)
    largest = xp.max(shares, axis=axis, keepdims=True)
    return (shares * xp.where(xp.equal(shares, largest), -rest, largest),)


def _tied(xp: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    return xp.sum(xp.where(xp.equal(x, xp.max(x, axis=axis, keepdims=True)), 1, 0), axis=axis, keepdims=keepdims) > 1


OTHERS_SHARE = define(Gate(
    name="others_share", family="composite", symbol="1−p", params=OVER_AXES, shape=reduced_nonempty, reduces=True,
    means=lambda xp, x, *, axis, keepdims: 1 - xp.max(xp.softmax(x, axis=axis), axis=axis, keepdims=keepdims),
    forward=_others_share, local=_others_slope,
    look=function("others_share", defaults=OVER_AXES),
    lesson="what the largest share leaves to the others; it rises with the others' scores and falls with the largest",
    samples=(at([1.0, 2.0, -1.0]), at([[1.0, 2.0], [3.0, -40.0]], axis=1), at([0.0, -40.0])),
    kinks=(Kink(_tied, "each of several largest scores counts as the largest", "the slope for any one of them as the largest"),),
))  # fmt: skip


def _less_mean(xp: Any, x: Any, shares: Any, tangent: Any, axis: Axis) -> Any:
    """t − Σ p·t, the tangent less its mean. For a p above ½ as (1 − p)·t less the others' p·t, where 1 − p is the sum of the
    others' p and does not cancel."""
    above = shares > 0.5
    others = xp.others_share(x, axis=axis, keepdims=axis is not None)
    of_others = xp.sum(xp.where(above, 0.0, shares) * tangent, axis=axis, keepdims=True)
    of_itself = xp.sum(xp.where(above, shares, 0.0) * tangent, axis=axis, keepdims=True)
    return xp.where(above, others, 1.0) * tangent - (of_others + xp.where(above, 0.0, 1.0) * of_itself)


def _softmax_tangent(xp: Any, tangents: Any, inputs: Any, out: Any, *, axis: Axis) -> Any:
    # A probability of 0 stays where it is, although its own logarithm pulls at it without bound, as in an entropy.
    return xp.where(xp.equal(out, 0.0), 0.0, out * _less_mean(xp, inputs[0], out, tangents[0], axis))


def _log_softmax_tangent(xp: Any, tangents: Any, inputs: Any, out: Any, *, axis: Axis) -> Any:
    return _less_mean(xp, inputs[0], xp.softmax(inputs[0], axis=axis), tangents[0], axis)


def _several_infinite(xp: Any, x: Any, *, axis: Axis) -> Any:
    best = xp.max(x, axis=axis, keepdims=True)
    return xp.sum(xp.where(xp.isinf(best), xp.where(xp.equal(x, best), 1.0, 0.0), 0.0), axis=axis, keepdims=True) > 1


NO_SHARES = Hazard(_several_infinite, "the largest score is infinite and not the only one, so nothing tells their shares apart",
                   "leave rows out in which every score is −∞: where(any(s > −∞), …, 0)")  # fmt: skip

SOFTMAX = define(Gate(
    name="softmax", family="composite", symbol="softmax", params=ALONG, shape=along,
    means=lambda xp, x, *, axis: xp.exp(x) / xp.sum(xp.exp(x), axis=axis, keepdims=axis is not None),
    forward=_softmax, push=_softmax_tangent,
    textbook=lambda xp, up, x, out, *, axis: out * (up - xp.sum(up * out, axis=axis, keepdims=axis is not None)),
    look=function("softmax", defaults=ALONG),
    lesson="each probability p rises with its own score by p·(1 − p) and falls with another score by p times that one's share",
    samples=(at([1.0, 2.0, -1.0]), at([[1.0, 2.0], [3.0, -40.0]], axis=1), at([225.0, 617.0, 950.0])),
    hazards=(NO_SHARES,),
))  # fmt: skip

LOG_SOFTMAX = define(Gate(
    name="log_softmax", family="composite", symbol="log softmax", params=ALONG, shape=along,
    means=lambda xp, x, *, axis: xp.log(xp.exp(x) / xp.sum(xp.exp(x), axis=axis, keepdims=axis is not None)),
    forward=_log_softmax, push=_log_softmax_tangent,
    textbook=lambda xp, up, x, out, *, axis: up - xp.softmax(x, axis=axis) * xp.sum(up, axis=axis, keepdims=axis is not None),
    look=function("log_softmax", defaults=ALONG),
    lesson="each log-probability rises with its own score by 1 − p and falls with another score by that one's probability",
    samples=(at([1.0, 2.0, -1.0]), at([[1.0, 2.0], [3.0, -40.0]], axis=1), at([225.0, 617.0, 950.0])),
    hazards=(NO_SHARES,),
))  # fmt: skip

LOGSUMEXP = define(Gate(
    name="logsumexp", family="composite", symbol="logsumexp", params=OVER_AXES, shape=reduced_nonempty, reduces=True,
    means=lambda xp, x, *, axis, keepdims: xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=keepdims)),
    forward=_logsumexp,
    # A score of −∞ gets 0, also where all of them are, for no finite step moves it.
    local=lambda xp, x, out, *, axis, keepdims: (xp.where(xp.equal(x, -np.inf), 0.0, xp.softmax(x, axis=axis)),),
    textbook=lambda xp, x, out, *, axis, keepdims: (xp.softmax(x, axis=axis),),
    look=function("logsumexp", defaults=OVER_AXES),
    lesson="the slope of logsumexp is softmax: each score gets its share",
    samples=(at([1.0, 2.0, -1.0]), at([[1.0, 2.0], [3.0, -40.0]], axis=1), at([0.0, -40.0]), at([225.0, 617.0, 950.0])),
))  # fmt: skip
