"""Safe gates for formulas that lose their digits, or their numbers, where they are written out as in a textbook.

Each says by `means` what it stands for, and computes the same number by a way that neither cancels nor overflows.

    >>> from chalkgrad import work
    >>> work("log1mexp(x)", x=-1e-20).value
    -46.051701859880914

Sources: Mächler, Accurately computing log(1 − exp(−|a|)) (2012); Blanchard, Higham and Higham, Accurately computing the log-sum-exp
and softmax functions (2021); Blue, A portable Fortran program to find the Euclidean norm of a vector (1978).
"""

import math
from typing import Any

import numpy as np

from chalkgrad.errors import ShapeError
from chalkgrad.gates.composite import ALONG
from chalkgrad.gates.cumulative import others
from chalkgrad.gates.sums import OVER_AXES, spread
from chalkgrad.graph.gate import Gate, Hazard, Kink, at, define
from chalkgrad.graph.look import function
from chalkgrad.graph.shapes import Axis, Shape, reduced, reduced_nonempty, show

LOG_2 = math.log(2.0)
NEGATIVE_LOG, ZERO_LOG = "a negative number has no real logarithm", "the logarithm of 0 is −∞"


def _log1mexp(xp: Any, x: Any) -> Any:
    # Each way is given numbers of its own side only, so that neither meets what it cannot compute.
    near, far = xp.maximum(x, -LOG_2), xp.minimum(x, -LOG_2)
    return xp.where(x > -LOG_2, xp.log(-xp.expm1(near)), xp.log1p(-xp.exp(far)))


LOG1MEXP = define(Gate(
    name="log1mexp", family="safe", symbol="log(1−eˣ)",
    means=lambda xp, x: xp.log(1 - xp.exp(x)),
    forward=_log1mexp,
    local=lambda xp, x, out: (xp.exp(x) / xp.expm1(x),),
    textbook=lambda xp, x, out: (-(xp.exp(x) / (1 - xp.exp(x))),),
    look=function("log1mexp"),
    lesson="log(1 − e^x) for negative x, exact where e^x is close to 1 and where it is close to 0; its slope is e^x/(e^x − 1)",
    samples=(at(-1.0), at([-1e-3, -0.5, -30.0])),
    hazards=(
        Hazard(lambda xp, x: x > 0, "1 − e^x is negative and has no real logarithm"),
        Hazard(lambda xp, x: x == 0, "the logarithm of 1 − e^0 is −∞"),
    ),
))  # fmt: skip


def _log_cosh(xp: Any, x: Any) -> Any:
    size = xp.absolute(x)
    near = xp.sinh(xp.minimum(size, 1.0) / 2)
    far = size + xp.log1p(xp.expm1(-2 * size) / 2)
    return xp.where(size < 1, xp.log1p(2 * near * near), far)


LOG_COSH = define(Gate(
    name="log_cosh", family="safe", symbol="log cosh",
    means=lambda xp, x: xp.log(xp.cosh(x)),
    forward=_log_cosh,
    local=lambda xp, x, out: (xp.tanh(x),),
    look=function("log_cosh", r"\log\cosh"),
    lesson="log cosh grows like x²/2 near 0 and like |x| − log 2 far away; its slope is tanh",
    samples=(at(0.5), at([-2.0, 3.0]), at(800.0)),
))  # fmt: skip


def _unless_both(xp: Any, x: Any, argument: Any, shifted: Any) -> Any:
    """The argument of a logarithm, or what has the logarithm 0 where 0·log 0 is asked."""
    return xp.where(xp.equal(x, 0.0), xp.where(xp.equal(argument, shifted), shifted + 1.0, argument), argument)


AT_ORIGIN = "0·log 0 counts as 0, as its limit is; the slope in what is under the logarithm as 0"
UNBOUNDED = "none: the logarithm has no bound there"

XLOGY = define(Gate(
    name="xlogy", family="safe", arity=2, symbol="x·log y",
    means=lambda xp, x, y: x * xp.log(y),
    forward=lambda xp, x, y: x * xp.log(_unless_both(xp, x, y, 0.0)),
    local=lambda xp, x, y, out: (xp.log(y), x / _unless_both(xp, x, y, 0.0)),
    textbook=lambda xp, x, y, out: (xp.log(y), x / y),
    look=function("xlogy"),
    lesson="x·log y, which is 0 at x = y = 0; its slopes are log y and x/y",
    samples=(at(2.0, 3.0), at([0.5, -1.0], 0.25)),
    kinks=(Kink(lambda xp, x, y: (x == 0) & (y == 0), AT_ORIGIN, UNBOUNDED),),
    hazards=(
        Hazard(lambda xp, x, y: y < 0, NEGATIVE_LOG),
        Hazard(lambda xp, x, y: (y == 0) & (x != 0), ZERO_LOG),
    ),
))  # fmt: skip

XLOG1PY = define(Gate(
    name="xlog1py", family="safe", arity=2, symbol="x·log(1+y)",
    means=lambda xp, x, y: x * xp.log1p(y),
    forward=lambda xp, x, y: x * xp.log1p(_unless_both(xp, x, y, -1.0)),
    local=lambda xp, x, y, out: (xp.log1p(y), x / (1 + _unless_both(xp, x, y, -1.0))),
    textbook=lambda xp, x, y, out: (xp.log1p(y), x / (1 + y)),
    look=function("xlog1py"),
    lesson="x·log(1 + y), exact where y is small and 0 at x = 0, y = −1; its slopes are log(1 + y) and x/(1 + y)",
    samples=(at(2.0, 3.0), at([0.5, -1.0], -0.25)),
    kinks=(Kink(lambda xp, x, y: (x == 0) & (y == -1), AT_ORIGIN, UNBOUNDED),),
    hazards=(
        Hazard(lambda xp, x, y: y < -1, NEGATIVE_LOG),
        Hazard(lambda xp, x, y: (y == -1) & (x != 0), ZERO_LOG),
    ),
))  # fmt: skip

TIMES_LOG = define(Gate(
    name="times_log", family="safe", arity=2, symbol="x·log",
    means=lambda xp, x, log: x * log,
    forward=lambda xp, x, log: x * xp.where(xp.logical_and(xp.equal(x, 0.0), xp.isinf(log)), 0.0, log),
    local=lambda xp, x, log, out: (log, x),
    look=function("times_log"),
    lesson="x times a logarithm, where 0·log 0 is 0 as in x·log y; its slopes are the logarithm and x",
    samples=(at(2.0, 3.0), at([0.5, -1.0], 0.25)),
    kinks=(Kink(lambda xp, x, log: (x == 0) & xp.isinf(log), AT_ORIGIN, UNBOUNDED),),
))  # fmt: skip


EXP_TIMES = define(Gate(
    name="exp_times", family="safe", arity=2, symbol="eˣ·y",
    means=lambda xp, x, y: xp.exp(x) * y,
    forward=lambda xp, x, y: xp.where(xp.equal(x, -np.inf), 0.0, xp.exp(x) * y),
    local=lambda xp, x, y, out: (out, xp.exp(x)),
    look=function("exp_times"),
    lesson="e^x·y, which is 0 at x = −∞ whatever y; its slopes are itself and e^x",
    samples=(at(2.0, 3.0), at([0.5, -1.0], 0.25)),
    kinks=(Kink(lambda xp, x, y: xp.equal(x, -np.inf) & xp.isinf(y), "0·∞ counts as 0 there, and so do the slopes", UNBOUNDED),),
))  # fmt: skip

SIGMOID_TIMES = define(Gate(
    name="sigmoid_times", family="safe", arity=2, symbol="σ(x)·y",
    means=lambda xp, x, y: xp.sigmoid(x) * y,
    forward=lambda xp, x, y: xp.where(xp.equal(x, -np.inf), 0.0, xp.sigmoid(x) * y),
    local=lambda xp, x, y, out: (xp.where(xp.isinf(x), 0.0, y * xp.sigmoid_slope(x)), xp.sigmoid(x)),
    look=function("sigmoid_times"),
    lesson="σ(x)·y, which is 0 at x = −∞ whatever y; its slopes are σ′(x)·y and σ(x)",
    samples=(at(2.0, 3.0), at([0.5, -1.0], 0.25)),
    kinks=(Kink(lambda xp, x, y: xp.equal(x, -np.inf) & xp.isinf(y), "0·∞ counts as 0 there, and so do the slopes", UNBOUNDED),),
))  # fmt: skip


def _both_nothing(xp: Any, x: Any, y: Any) -> Any:
    return xp.logical_and(xp.equal(x, 0.0), xp.equal(y, 0.0))


XLOG_QUOTIENT = define(Gate(
    name="xlog_quotient", family="safe", arity=3, symbol="x·log(y/z)",
    means=lambda xp, x, y, z: x * (xp.log(y) - xp.log(z)),
    forward=lambda xp, x, y, z: x * xp.log_difference(_unless_both(xp, x, y, 0.0), _unless_both(xp, x, z, 0.0)),
    local=lambda xp, x, y, z, out: (
        xp.log_difference(xp.where(_both_nothing(xp, y, z), 1.0, y), xp.where(_both_nothing(xp, y, z), 1.0, z)),
        x / _unless_both(xp, x, y, 0.0), -(x / _unless_both(xp, x, z, 0.0))),
    textbook=lambda xp, x, y, z, out: (xp.log(y) - xp.log(z), x / y, -x / z),
    look=function("xlog_quotient"),
    lesson="x·(log y − log z), as in a relative entropy, exact where y and z are close and 0 where x and either of them are 0; its"
           " slopes are log y − log z, x/y and −x/z",
    samples=(at(2.0, 3.0, 0.5), at([0.5, -1.0], 0.25, [0.25 + 1e-9, 4.0])),
    kinks=(Kink(lambda xp, x, y, z: (x == 0) & ((y == 0) | (z == 0)), AT_ORIGIN, UNBOUNDED),),
    hazards=(
        Hazard(lambda xp, x, y, z: (y < 0) | (z < 0), NEGATIVE_LOG),
        Hazard(lambda xp, x, y, z: ((y == 0) | (z == 0)) & (x != 0), ZERO_LOG),
    ),
))  # fmt: skip


def _compound(xp: Any, x: Any, y: Any) -> Any:
    """The power of the rounded 1 + x, times what the rounding took away: (1 + e/t)^y, where 1 + x is t + e exactly."""
    total = 1 + x
    # Dekker's sum: the larger of the two is taken away first, so that nothing of the other is lost.
    small = xp.absolute(x) < 1
    lost = xp.where(small, x - (total - 1), 1 - (total - x))
    usable = xp.logical_and(xp.isfinite(total), xp.not_equal(total, 0.0))
    share = xp.where(usable, lost, 0.0) / xp.where(usable, total, 1.0)
    correction = xp.where(xp.equal(share, 0.0), 0.0, y * xp.log1p(share))
    slight = xp.logical_or(xp.absolute(correction) < 1, x < -1)
    corrected = xp.power(total, y) * xp.exp(xp.where(slight, correction, 0.0))
    return xp.where(slight, corrected, xp.exp(y * xp.log1p(xp.where(slight, 0.0, x))))


COMPOUND = define(Gate(
    name="compound", family="safe", arity=2, symbol="(1+x)ʸ",
    means=lambda xp, x, y: (1 + x) ** y,
    forward=_compound,
    local=lambda xp, x, y, out: (y * xp.compound(x, y - 1), xp.xlog1py(out, x)),
    textbook=lambda xp, x, y, out: (y * (1 + x) ** (y - 1), out * xp.log(1 + x)),
    look=function("compound"),
    lesson="(1 + x)^y, as interest compounds, exact where x is small; its slopes are y·(1 + x)^(y − 1) and (1 + x)^y·log(1 + x)",
    samples=(at(1e-9, 8.0), at([0.5, -0.25], 2.5)),
    kinks=(
        Kink(lambda xp, x, y: (x == -1) & (y >= 0) & (y < 1), "0^y has no finite slope here", "none: the tangent is vertical"),
    ),
    hazards=(
        Hazard(lambda xp, x, y: (x < -1) & (y != xp.floor(y)), "a negative number has no real power with a broken exponent"),
        Hazard(lambda xp, x, y: (x == -1) & (y < 0), "division by zero has no value"),
    ),
))  # fmt: skip


def _norm(xp: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    """Scaled by the largest entry, so that no square overflows or vanishes."""
    size = xp.absolute(x)
    largest = xp.max(size, axis=axis, keepdims=True)
    scale = xp.where(xp.logical_and(largest > 0, xp.isfinite(largest)), largest, 1.0)
    part = size / scale
    root = scale * xp.sqrt(xp.sum(part * part, axis=axis, keepdims=True))
    return root if keepdims else xp.reshape(root, shape=reduced(x.shape, axis=axis))


def _unit(xp: Any, x: Any, out: Any, *, axis: Axis, keepdims: bool) -> tuple[Any]:
    length = spread(xp, out, x, axis, keepdims)
    return (x / xp.where(xp.equal(length, 0.0), 1.0, length),)


NORM = define(Gate(
    name="norm", family="safe", symbol="‖x‖", params=OVER_AXES, shape=reduced_nonempty, reduces=True,
    means=lambda xp, x, *, axis, keepdims: xp.sqrt(xp.sum(xp.square(x), axis=axis, keepdims=keepdims)),
    forward=_norm, local=_unit,
    look=function("norm", r"\operatorname{norm}", OVER_AXES),
    lesson="the length √(Σx²) hands each entry its share of it, x/length",
    samples=(at([3.0, -4.0]), at([[1.0, 2.0], [3.0, -40.0]], axis=1), at([[1.0, 2.0], [3.0, 0.0]], axis=0, keepdims=True)),
    kinks=(Kink(lambda xp, x, *, axis, keepdims: xp.equal(xp.max(xp.absolute(x), axis=axis, keepdims=keepdims), 0.0),
                "the slope of the length of the zero vector counts as 0", "any vector not longer than 1"),),
))  # fmt: skip


def of_one_shape(shape: Shape, other: Shape, *, axis: Axis = None, keepdims: bool = False) -> Shape:
    if shape != other:
        raise ShapeError(f"Each exponent has its weight; here are {show(shape)} and {show(other)}.")
    return reduced_nonempty(shape, axis=axis, keepdims=keepdims)


def _shares_shape(shape: Shape, other: Shape, *, axis: Axis = None) -> Shape:
    of_one_shape(shape, other, axis=axis)
    return shape


def _weighted_powers(xp: Any, x: Any, weights: Any, axis: Axis) -> tuple[Any, Any, Any]:
    """The largest exponent that counts, the powers beside it, and their weighted sum."""
    # Where the weight is 0, so is the product, whatever the exponent.
    counted = xp.where(xp.equal(weights, 0.0), -np.inf, x)
    largest = xp.max(counted, axis=axis, keepdims=True)
    shift = xp.where(xp.isfinite(largest), largest, 0.0)
    return shift, xp.exp(x - shift), xp.sum(weights * xp.exp(counted - shift), axis=axis, keepdims=True)


def _weighted_logsumexp(xp: Any, x: Any, weights: Any, *, axis: Axis, keepdims: bool) -> Any:
    shift, _, total = _weighted_powers(xp, x, weights, axis)
    result = xp.log(total) + shift
    return result if keepdims else xp.reshape(result, shape=reduced(x.shape, axis=axis))


def _weighted_shares(xp: Any, x: Any, weights: Any, *, axis: Axis) -> Any:
    _, powers, total = _weighted_powers(xp, x, weights, axis)
    return powers / total


def _weighted_shares_tangent(xp: Any, tangents: Any, inputs: Any, out: Any, *, axis: Axis) -> Any:
    """Relative to the largest exponent, as with softmax, for only differences of exponents count."""
    x, weights = inputs
    counted = xp.where(xp.equal(weights, 0.0), -np.inf, x)
    largest = xp.first_of(counted, axis=axis, value="max")
    tangent = tangents[0] - xp.sum(largest * tangents[0], axis=axis, keepdims=True)
    pull = xp.where(xp.equal(weights, 0.0), 0.0, weights * out) * tangent + out * tangents[1]
    return out * (tangent - xp.sum(pull, axis=axis, keepdims=True))


def _slopes_of_weighted(xp: Any, x: Any, weights: Any, out: Any, *, axis: Axis, keepdims: bool) -> tuple[Any, Any]:
    shares = xp.weighted_shares(x, weights, axis=axis)
    return xp.where(xp.equal(weights, 0.0), 0.0, weights * shares), shares


WEIGHTED_LOGSUMEXP = define(Gate(
    name="weighted_logsumexp", family="safe", arity=2, symbol="log Σw·eˣ", params=OVER_AXES, shape=of_one_shape, reduces=True,
    means=lambda xp, x, w, *, axis, keepdims: xp.log(xp.sum(w * xp.exp(x), axis=axis, keepdims=keepdims)),
    forward=_weighted_logsumexp, local=_slopes_of_weighted,
    look=function("weighted_logsumexp", defaults=OVER_AXES),
    lesson="the slope in each exponent is its share w·e^x/Σ, the slope in each weight is e^x/Σ",
    samples=(at([1.0, 2.0, -1.0], [0.5, 2.0, 1.0]), at([[1.0, 2.0], [3.0, -40.0]], [[1.0, -0.25], [0.5, 2.0]], axis=1),
             at([900.0, 950.0], [0.5, 2.0])),
))  # fmt: skip

WEIGHTED_SHARES = define(Gate(
    name="weighted_shares", family="safe", arity=2, symbol="eˣ/Σw·eˣ", params=ALONG,
    shape=_shares_shape,
    means=lambda xp, x, w, *, axis: xp.exp(x) / xp.sum(w * xp.exp(x), axis=axis, keepdims=axis is not None),
    forward=_weighted_shares, push=_weighted_shares_tangent,
    look=function("weighted_shares", defaults=ALONG),
    lesson="e^x/Σw·e^x, the slope of the weighted logsumexp; each share rises with its own exponent and falls with all that count",
    samples=(at([1.0, 2.0, -1.0], [0.5, 2.0, 1.0]), at([[1.0, 2.0], [3.0, -40.0]], [[1.0, -0.25], [0.5, 2.0]], axis=1),
             at([900.0, 950.0], [0.5, 2.0])),
))  # fmt: skip

SOUND = (1e-30, 1e30)  # between which the logarithm of a product is as good as its factors


def _log_prod(xp: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    """The logarithm of the product where that is a sound float, else the sum of the logarithms with the sign told apart."""
    product = xp.prod(x, axis=axis, keepdims=keepdims)
    size = xp.absolute(product)
    sound = xp.logical_and(size > SOUND[0], size < SOUND[1])
    negative = xp.prod(xp.sign(x), axis=axis, keepdims=keepdims) < 0
    logs = xp.sum(xp.log(xp.absolute(x)), axis=axis, keepdims=keepdims)
    return xp.where(sound, xp.log(product), xp.where(negative, np.nan, logs))


LOG_PROD = define(Gate(
    name="log_prod", family="safe", symbol="log Π", params=OVER_AXES, shape=reduced, reduces=True,
    means=lambda xp, x, *, axis, keepdims: xp.log(xp.prod(x, axis=axis, keepdims=keepdims)),
    forward=_log_prod,
    local=lambda xp, x, out, *, axis, keepdims: (1 / x,),
    textbook=lambda xp, x, out, *, axis, keepdims: (others(xp, x, axis) / xp.prod(x, axis=axis, keepdims=True),),
    look=function("log_prod", defaults=OVER_AXES),
    lesson="the logarithm of a product, by the sum of logarithms where the product would vanish; its slope in each factor x is 1/x",
    samples=(at([2.0, 3.0, 0.5]), at([[2.0, 0.25], [-3.0, -5.0]], axis=1), at([1e-25, 1e-25])),
    hazards=(
        Hazard(lambda xp, x, *, axis, keepdims: xp.prod(xp.sign(x), axis=axis, keepdims=keepdims) < 0, NEGATIVE_LOG),
        Hazard(lambda xp, x, *, axis, keepdims: xp.equal(xp.prod(xp.sign(x), axis=axis, keepdims=keepdims), 0.0), ZERO_LOG),
    ),
))  # fmt: skip
