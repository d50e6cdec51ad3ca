"""Composite gates: what they mean, and how they are computed safely.

`means` is the formula in the textbook; `forward` is the same number by a way that neither overflows nor cancels, and points out
its own steps by name. The lecture's example: softmax of [225, 617, 950] means e^950 on paper; multiplying above and below by C
with log C = −max(s) makes the exponents −725, −333, 0.

    >>> from chalkgrad import work
    >>> work("softmax(s)[2]", s=[225, 617, 950]).value
    1.0
"""

from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.gates.sums import OVER_AXES
from chalkgrad.graph.gate import Gate, at, define
from chalkgrad.graph.look import Params, function
from chalkgrad.graph.shapes import Axis, along, reduced_nonempty

ALONG: Params = MappingProxyType({"axis": None})


def _decay(xp: Any, x: Any) -> Any:
    return xp.named("e^(-|x|)", xp.exp(-xp.absolute(x)))


def _sigmoid(xp: Any, x: Any) -> Any:
    decay = _decay(xp, x)
    return xp.divide(xp.where(x >= 0, 1.0, decay), 1 + decay)


SIGMOID = define(Gate(
    name="sigmoid", family="composite", symbol="σ", reads=("sigmoid", "σ"),
    means=lambda xp, x: 1 / (1 + xp.exp(-x)),
    forward=_sigmoid,
    # (1 − σ)·σ cancels where σ is close to 1, and its own slope cancels near x = 0; sech²(x/2)/4 is the same number without.
    local=lambda xp, x, out: ((xp.sech(x / 2) / 2) ** 2,),
    textbook=lambda xp, x, out: ((1 - out) * out,),
    look=function("sigmoid", r"\sigma"),
    lesson="the slope of the sigmoid is (1 − σ)·σ",
    samples=(at(1.0), at([-3.0, 0.0]), at(38.0), at(-40.0)),
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


def _logaddexp(xp: Any, x: Any, y: Any) -> Any:
    larger = xp.maximum(x, y)
    # Equal infinities have no difference, and need none.
    apart = xp.where(xp.equal(x, y), 0.0, xp.absolute(x - y))
    return larger + xp.log1p(xp.exp(-apart))


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
    local=lambda xp, x, y, out: (xp.sigmoid(x - y), xp.sigmoid(y - x)),
    look=function("logaddexp"),
    lesson="log(e^x + e^y) hands each input its share e^x/(e^x + e^y), a sigmoid of the difference",
    samples=(at(1.0, 2.0), at([-40.0, 3.0], 0.5)),
))  # fmt: skip


def _shifted(xp: Any, x: Any, axis: Axis) -> tuple[Any, Any, Any]:
    """log C = −max(s), the exponents s + log C, and their powers, of which the largest is 1."""
    log_c = xp.named("log C", -xp.max(x, axis=axis, keepdims=axis is not None))
    exponents = xp.named("s + log C", x + log_c)
    return log_c, exponents, xp.named("e^(s + log C)", xp.exp(exponents))


def _log_of_sum(xp: Any, x: Any, powers: Any, axis: Axis) -> Any:
    """log Σ powers, where the largest power is 1: log1p of the others, exact even where they nearly vanish."""
    others = xp.where(xp.equal(xp.first_of(x, axis=axis, value="max"), 1.0), 0.0, powers)
    return xp.log1p(xp.sum(others, axis=axis, keepdims=axis is not None))


def _softmax(xp: Any, x: Any, *, axis: Axis) -> Any:
    _, _, powers = _shifted(xp, x, axis)
    return xp.divide(powers, xp.named("sum of the powers", xp.sum(powers, axis=axis, keepdims=axis is not None)))


def _log_softmax(xp: Any, x: Any, *, axis: Axis) -> Any:
    _, exponents, powers = _shifted(xp, x, axis)
    return exponents - _log_of_sum(xp, x, powers, axis)


def _logsumexp(xp: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    log_c, _, powers = _shifted(xp, x, axis)
    result = _log_of_sum(xp, x, powers, axis) - log_c
    return xp.reshape(result, shape=reduced_nonempty(x.shape, axis=axis, keepdims=keepdims))


def _relative(xp: Any, x: Any, tangent: Any, axis: Axis) -> Any:
    """The tangent relative to that of the largest score: softmax sees only differences, and so 1 − p never cancels."""
    largest = xp.first_of(x, axis=axis, value="max")
    return tangent - xp.sum(largest * tangent, axis=axis, keepdims=True)


def _softmax_tangent(xp: Any, tangents: Any, inputs: Any, out: Any, *, axis: Axis) -> Any:
    tangent = _relative(xp, inputs[0], tangents[0], axis)
    return out * (tangent - xp.sum(out * tangent, axis=axis, keepdims=True))


def _log_softmax_tangent(xp: Any, tangents: Any, inputs: Any, out: Any, *, axis: Axis) -> Any:
    tangent = _relative(xp, inputs[0], tangents[0], axis)
    shares = xp.softmax(inputs[0], axis=axis)
    return tangent - xp.sum(shares * tangent, axis=axis, keepdims=True)


SOFTMAX = define(Gate(
    name="softmax", family="composite", symbol="softmax", params=ALONG, shape=along,
    means=lambda xp, x, *, axis: xp.exp(x) / xp.sum(xp.exp(x), axis=axis, keepdims=axis is not None),
    forward=_softmax, push=_softmax_tangent,
    textbook=lambda xp, up, x, out, *, axis: out * (up - xp.sum(up * out, axis=axis, keepdims=axis is not None)),
    look=function("softmax", defaults=ALONG),
    lesson="each probability p rises with its own score by p·(1 − p) and falls with another score by p times that one's share",
    samples=(at([1.0, 2.0, -1.0]), at([[1.0, 2.0], [3.0, -40.0]], axis=1), at([225.0, 617.0, 950.0])),
))  # fmt: skip

LOG_SOFTMAX = define(Gate(
    name="log_softmax", family="composite", symbol="log softmax", params=ALONG, shape=along,
    means=lambda xp, x, *, axis: xp.log(xp.exp(x) / xp.sum(xp.exp(x), axis=axis, keepdims=axis is not None)),
    forward=_log_softmax, push=_log_softmax_tangent,
    textbook=lambda xp, up, x, out, *, axis: up - xp.softmax(x, axis=axis) * xp.sum(up, axis=axis, keepdims=axis is not None),
    look=function("log_softmax", defaults=ALONG),
    lesson="each log-probability rises with its own score by 1 − p and falls with another score by that one's probability",
    samples=(at([1.0, 2.0, -1.0]), at([[1.0, 2.0], [3.0, -40.0]], axis=1), at([225.0, 617.0, 950.0])),
))  # fmt: skip

LOGSUMEXP = define(Gate(
    name="logsumexp", family="composite", symbol="logsumexp", params=OVER_AXES, shape=reduced_nonempty, reduces=True,
    means=lambda xp, x, *, axis, keepdims: xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=keepdims)),
    forward=_logsumexp,
    local=lambda xp, x, out, *, axis, keepdims: (xp.softmax(x, axis=axis),),
    look=function("logsumexp", defaults=OVER_AXES),
    lesson="the slope of logsumexp is softmax: each score gets its share",
    samples=(at([1.0, 2.0, -1.0]), at([[1.0, 2.0], [3.0, -40.0]], axis=1), at([0.0, -40.0]), at([225.0, 617.0, 950.0])),
))  # fmt: skip
