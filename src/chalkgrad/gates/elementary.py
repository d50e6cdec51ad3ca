"""Elementary functions: exp, log, roots, trigonometric and hyperbolic functions, and the forms that stay exact near zero.

>>> from chalkgrad import work
>>> work("log(x)", x=4).grad["x"]
0.25
"""

import math
from typing import Any

import numpy as np

from chalkgrad.graph.gate import Gate, Hazard, Kink, at, define
from chalkgrad.graph.look import ATOM, LOOSEST, POWER, Look, function, template

LARGEST_EXPONENT = math.log(1.7976931348623157e308)  # e to more than this overflows float64
LARGEST_ARC = LARGEST_EXPONENT + math.log(2)  # sinh and cosh are half of that power of e
OVERFLOW_OF_EXP = "the exponential overflows: its value is beyond the largest float"
OUTSIDE_UNIT = "there is no such angle: sine and cosine lie between −1 and 1"


def _call(name: str, latex: str) -> Look:
    return function(name, latex)


EXP = define(Gate(
    name="exp", numpy=(np.exp,), family="elementary", symbol="eˣ",
    forward=lambda xp, x: xp.exp(x),
    local=lambda xp, x, out: (out,),
    look=template("exp({0})", "e^{{{0}}}", ATOM, (LOOSEST,), latex_level=POWER),
    lesson="the exponential is its own slope, so the local gradient is the output itself",
    samples=(at(-2.0), at(0.0), at([1.0, 3.0])),
    hazards=(Hazard(lambda xp, x: x > LARGEST_EXPONENT, OVERFLOW_OF_EXP, "subtract the largest exponent first: logsumexp"),),
))  # fmt: skip

LOG = define(Gate(
    name="log", numpy=(np.log,), family="elementary", symbol="log", reads=("log", "ln"),
    forward=lambda xp, x: xp.log(x),
    local=lambda xp, x, out: (1 / x,),
    look=_call("log", r"\log"),
    lesson="the slope of the logarithm is one over its input",
    samples=(at(0.5), at([2.0, 10.0])),
    hazards=(
        Hazard(lambda xp, x: x < 0, "a negative number has no real logarithm"),
        Hazard(lambda xp, x: x == 0, "the logarithm of 0 is −∞"),
    ),
))  # fmt: skip

SQRT = define(Gate(
    name="sqrt", numpy=(np.sqrt,), family="elementary", symbol="√",
    forward=lambda xp, x: xp.sqrt(x),
    local=lambda xp, x, out: (1 / (2 * out),),
    look=template("sqrt({0})", r"\sqrt{{{0}}}", ATOM, (LOOSEST,)),
    lesson="the slope of the root is one over twice the root",
    samples=(at(4.0), at([0.25, 9.0])),
    kinks=(Kink(lambda xp, x: x == 0, "the slope at 0 is infinite", "none: the tangent is vertical"),),
    hazards=(Hazard(lambda xp, x: x < 0, "a negative number has no real square root"),),
))  # fmt: skip

LOG1P = define(Gate(
    name="log1p", numpy=(np.log1p,), family="elementary", symbol="log(1+x)",
    forward=lambda xp, x: xp.log1p(x),
    local=lambda xp, x, out: (1 / (1 + x),),
    look=_call("log1p", r"\operatorname{log1p}"),
    lesson="log1p(x) is log(1 + x), exact where x is small; its slope is 1/(1 + x)",
    samples=(at(1e-9), at([-0.5, 3.0])),
    hazards=(
        Hazard(lambda xp, x: x < -1, "1 + x is negative and has no real logarithm"),
        Hazard(lambda xp, x: x == -1, "the logarithm of 1 + x = 0 is −∞"),
    ),
))  # fmt: skip

EXPM1 = define(Gate(
    name="expm1", numpy=(np.expm1,), family="elementary", symbol="eˣ−1",
    forward=lambda xp, x: xp.expm1(x),
    local=lambda xp, x, out: (xp.exp(x),),
    look=_call("expm1", r"\operatorname{expm1}"),
    lesson="expm1(x) is e^x − 1, exact where x is small; its slope is e^x",
    samples=(at(1e-9), at([-30.0, 2.0])),
    hazards=(Hazard(lambda xp, x: x > LARGEST_EXPONENT, OVERFLOW_OF_EXP),),
))  # fmt: skip

SIN = define(Gate(
    name="sin", numpy=(np.sin,), family="elementary", symbol="sin",
    forward=lambda xp, x: xp.sin(x),
    local=lambda xp, x, out: (xp.cos(x),),
    look=_call("sin", r"\sin"),
    lesson="the slope of the sine is the cosine",
    samples=(at(0.5), at([-2.0, 4.0])),
))  # fmt: skip

COS = define(Gate(
    name="cos", numpy=(np.cos,), family="elementary", symbol="cos",
    forward=lambda xp, x: xp.cos(x),
    local=lambda xp, x, out: (-xp.sin(x),),
    look=_call("cos", r"\cos"),
    lesson="the slope of the cosine is minus the sine",
    samples=(at(0.5), at([-2.0, 4.0])),
))  # fmt: skip

TAN = define(Gate(
    name="tan", numpy=(np.tan,), family="elementary", symbol="tan",
    forward=lambda xp, x: xp.tan(x),
    local=lambda xp, x, out: (1 + out**2,),
    look=_call("tan", r"\tan"),
    lesson="the slope of the tangent is one plus its square",
    samples=(at(0.5), at([-1.2, 4.0])),
))  # fmt: skip

ARCSIN = define(Gate(
    name="arcsin", numpy=(np.arcsin,), family="elementary", symbol="asin", reads=("asin", "arcsin"),
    forward=lambda xp, x: xp.arcsin(x),
    local=lambda xp, x, out: (1 / xp.sqrt(xp.one_minus_square(x)),),
    textbook=lambda xp, x, out: (1 / xp.sqrt(1 - x**2),),
    look=_call("asin", r"\arcsin"),
    lesson="the slope of the arcsine is 1/√(1 − x²)",
    samples=(at(0.5), at([-0.9, 0.1])),
    kinks=(Kink(lambda xp, x: xp.absolute(x) == 1, "the slope at ±1 is infinite", "none: the tangent is vertical"),),
    hazards=(Hazard(lambda xp, x: xp.absolute(x) > 1, OUTSIDE_UNIT),),
))  # fmt: skip

ARCCOS = define(Gate(
    name="arccos", numpy=(np.arccos,), family="elementary", symbol="acos", reads=("acos", "arccos"),
    forward=lambda xp, x: xp.arccos(x),
    local=lambda xp, x, out: (-(1 / xp.sqrt(xp.one_minus_square(x))),),
    textbook=lambda xp, x, out: (-(1 / xp.sqrt(1 - x**2)),),
    look=_call("acos", r"\arccos"),
    lesson="the slope of the arccosine is −1/√(1 − x²)",
    samples=(at(0.5), at([-0.9, 0.1])),
    kinks=(Kink(lambda xp, x: xp.absolute(x) == 1, "the slope at ±1 is infinite", "none: the tangent is vertical"),),
    hazards=(Hazard(lambda xp, x: xp.absolute(x) > 1, OUTSIDE_UNIT),),
))  # fmt: skip

ARCTAN = define(Gate(
    name="arctan", numpy=(np.arctan,), family="elementary", symbol="atan", reads=("atan", "arctan"),
    forward=lambda xp, x: xp.arctan(x),
    # By the distance, because x² may overflow.
    local=lambda xp, x, out: ((1 / xp.hypot(x, 1.0)) ** 2,),
    textbook=lambda xp, x, out: (1 / (1 + x**2),),
    look=_call("atan", r"\arctan"),
    lesson="the slope of the arctangent is 1/(1 + x²)",
    samples=(at(0.5), at([-3.0, 0.0])),
))  # fmt: skip

ARCTAN2 = define(Gate(
    name="arctan2", numpy=(np.arctan2,), family="elementary", arity=2, symbol="atan2", reads=("atan2", "arctan2"),
    forward=lambda xp, y, x: xp.arctan2(y, x),
    # Divided twice by the distance, because its square may overflow or vanish.
    local=lambda xp, y, x, out: (xp.direction(x, y) / xp.hypot(x, y), -(xp.direction(y, x) / xp.hypot(x, y))),
    textbook=lambda xp, y, x, out: (x / (x**2 + y**2), -(y / (x**2 + y**2))),
    look=_call("atan2", r"\operatorname{atan2}"),
    lesson="the angle of the point (x, y) turns by x/(x² + y²) as y moves and by −y/(x² + y²) as x moves",
    samples=(at(1.0, 2.0), at([-1.0, 3.0], -0.5)),
    kinks=(
        Kink(lambda xp, y, x: (x == 0) & (y == 0), "the angle of the origin has no slope", "none"),
        Kink(lambda xp, y, x: (x < 0) & (y == 0), "the angle jumps from −π to π; the slope is that of the side y > 0",
             "none: it jumps"),
    ),
))  # fmt: skip

SINH = define(Gate(
    name="sinh", numpy=(np.sinh,), family="elementary", symbol="sinh",
    forward=lambda xp, x: xp.sinh(x),
    local=lambda xp, x, out: (xp.cosh(x),),
    look=_call("sinh", r"\sinh"),
    lesson="the slope of sinh is cosh",
    samples=(at(0.5), at([-2.0, 3.0])),
    hazards=(Hazard(lambda xp, x: xp.absolute(x) > LARGEST_ARC, OVERFLOW_OF_EXP),),
))  # fmt: skip

COSH = define(Gate(
    name="cosh", numpy=(np.cosh,), family="elementary", symbol="cosh",
    forward=lambda xp, x: xp.cosh(x),
    local=lambda xp, x, out: (xp.sinh(x),),
    look=_call("cosh", r"\cosh"),
    lesson="the slope of cosh is sinh",
    samples=(at(0.5), at([-2.0, 3.0])),
    hazards=(Hazard(lambda xp, x: xp.absolute(x) > LARGEST_ARC, OVERFLOW_OF_EXP),),
))  # fmt: skip

TANH = define(Gate(
    name="tanh", numpy=(np.tanh,), family="elementary", symbol="tanh",
    forward=lambda xp, x: xp.tanh(x),
    # 1 − tanh² cancels where tanh saturates; sech² is the same number to the last digit.
    local=lambda xp, x, out: (xp.sech(x) ** 2,),
    textbook=lambda xp, x, out: (1 - out**2,),
    look=_call("tanh", r"\tanh"),
    lesson="the slope of tanh is one minus its output squared",
    samples=(at(0.5), at([-2.0, 3.0]), at(25.0)),
))  # fmt: skip


def half_root_pi(xp: Any) -> Any:
    """√π/2 as √(arctan 1), so that the truth has all its digits."""
    return xp.sqrt(xp.arctan(1.0))


ERF = define(Gate(
    name="erf", family="elementary", symbol="erf",
    forward=lambda xp, x: xp.erf(x),
    local=lambda xp, x, out: (xp.exp(-(x**2)) / half_root_pi(xp),),
    look=_call("erf", r"\operatorname{erf}"),
    lesson="the slope of the error function is the bell curve 2/√π · e^(−x²)",
    samples=(at(0.5), at([-2.0, 0.0])),
))  # fmt: skip


def _hypot_slopes(xp: Any, x: Any, y: Any, out: Any) -> tuple[Any, Any]:
    at_origin = xp.equal(out, 0.0)
    return xp.direction(x, xp.where(at_origin, 1.0, y)), xp.direction(y, xp.where(at_origin, 1.0, x))


HYPOT = define(Gate(
    name="hypot", numpy=(np.hypot,), family="elementary", arity=2, symbol="hypot",
    forward=lambda xp, x, y: xp.hypot(x, y),
    local=_hypot_slopes,
    textbook=lambda xp, x, y, out: (x / out, y / out),
    look=_call("hypot", r"\operatorname{hypot}"),
    lesson="the distance √(x² + y²) grows by x/distance as x moves and by y/distance as y moves",
    samples=(at(3.0, 4.0), at([-1.0, 2.0], 0.5)),
    kinks=(Kink(lambda xp, x, y: (x == 0) & (y == 0), "the slope at the origin counts as 0", "any point of the unit disc"),),
))  # fmt: skip


def _direction_slopes(xp: Any, x: Any, y: Any, out: Any) -> tuple[Any, Any]:
    # Products only: (1 − out²)/distance would cancel where the point lies close to the axis.
    sine, distance = xp.direction(y, x), xp.hypot(x, y)
    return sine * (sine / distance), -(out * (sine / distance))


DIRECTION = define(Gate(
    name="direction", family="elementary", arity=2, symbol="x/hypot",
    means=lambda xp, x, y: x / xp.sqrt(x**2 + y**2),
    forward=lambda xp, x, y: xp.divide(x, xp.hypot(x, y)),
    local=_direction_slopes,
    textbook=lambda xp, x, y, out: (y**2 / xp.hypot(x, y) ** 3, -(x * y / xp.hypot(x, y) ** 3)),
    look=function("direction"),
    lesson="x/√(x² + y²) is the cosine of the angle of (x, y); it moves with x by sine²/distance, with y by −sine·cosine/distance",
    samples=(at(3.0, 4.0), at([-1.0, 2.0], 0.5)),
    hazards=(Hazard(lambda xp, x, y: (x == 0) & (y == 0), "the origin has no direction"),),
))  # fmt: skip
