"""More elementary functions: logarithms and powers to other bases, the inverse hyperbolic ones, cube root, sinc.

The slopes hold log 2 and log 10 as gates of a constant, not as the nearest floats, so that the truth has all their digits.

>>> from chalkgrad import grad
>>> grad(np.exp2)(0.0)
0.6931471805599453
"""

import numpy as np

from chalkgrad.graph.gate import Gate, Hazard, Kink, at, define
from chalkgrad.graph.look import function

NEGATIVE_LOG = Hazard(lambda xp, x: x < 0, "a negative number has no real logarithm")
ZERO_LOG = Hazard(lambda xp, x: x == 0, "the logarithm of 0 is −∞")

LOG2 = define(Gate(
    name="log2", numpy=(np.log2,), family="functions", symbol="log₂",
    forward=lambda xp, x: xp.log2(x),
    local=lambda xp, x, out: (1 / (xp.log(2.0) * x),),
    look=function("log2", r"\log_2"),
    lesson="the slope of the logarithm to base 2 is one over log 2 times its input",
    samples=(at(0.5), at([2.0, 10.0])),
    hazards=(NEGATIVE_LOG, ZERO_LOG),
))  # fmt: skip

LOG10 = define(Gate(
    name="log10", numpy=(np.log10,), family="functions", symbol="log₁₀",
    forward=lambda xp, x: xp.log10(x),
    local=lambda xp, x, out: (1 / (xp.log(10.0) * x),),
    look=function("log10", r"\log_{10}"),
    lesson="the slope of the logarithm to base 10 is one over log 10 times its input",
    samples=(at(0.5), at([2.0, 10.0])),
    hazards=(NEGATIVE_LOG, ZERO_LOG),
))  # fmt: skip

EXP2 = define(Gate(
    name="exp2", numpy=(np.exp2,), family="functions", symbol="2ˣ",
    forward=lambda xp, x: xp.exp2(x),
    local=lambda xp, x, out: (xp.log(2.0) * out,),
    look=function("exp2"),
    lesson="a power of 2 grows by log 2 times itself",
    samples=(at(-2.0), at([1.0, 3.0])),
    hazards=(Hazard(lambda xp, x: x >= 1024, "the power overflows: its value is beyond the largest float"),),
))  # fmt: skip

ARCSINH = define(Gate(
    name="arcsinh", numpy=(np.arcsinh,), family="functions", symbol="arsinh",
    forward=lambda xp, x: xp.arcsinh(x),
    local=lambda xp, x, out: (1 / xp.hypot(x, 1.0),),
    textbook=lambda xp, x, out: (1 / xp.sqrt(1 + x**2),),
    look=function("arcsinh"),
    lesson="the slope of the inverse of sinh is 1/√(1 + x²)",
    samples=(at(0.5), at([-3.0, 20.0])),
))  # fmt: skip

ARCCOSH = define(Gate(
    name="arccosh", numpy=(np.arccosh,), family="functions", symbol="arcosh",
    forward=lambda xp, x: xp.arccosh(x),
    local=lambda xp, x, out: (1 / (xp.sqrt(x - 1) * xp.sqrt(x + 1)),),
    textbook=lambda xp, x, out: (1 / xp.sqrt(x**2 - 1),),
    look=function("arccosh"),
    lesson="the slope of the inverse of cosh is 1/√(x² − 1)",
    samples=(at(1.5), at([2.0, 20.0])),
    kinks=(Kink(lambda xp, x: x == 1, "the slope at 1 is infinite", "none: the tangent is vertical"),),
    hazards=(Hazard(lambda xp, x: x < 1, "cosh is never below 1, so there is no such number"),),
))  # fmt: skip

ARCTANH = define(Gate(
    name="arctanh", numpy=(np.arctanh,), family="functions", symbol="artanh",
    forward=lambda xp, x: xp.arctanh(x),
    local=lambda xp, x, out: (1 / xp.one_minus_square(x),),
    textbook=lambda xp, x, out: (1 / (1 - x**2),),
    look=function("arctanh"),
    lesson="the slope of the inverse of tanh is 1/(1 − x²)",
    samples=(at(0.5), at([-0.9, 0.1])),
    hazards=(Hazard(lambda xp, x: xp.absolute(x) >= 1, "tanh lies between −1 and 1, so there is no such number"),),
))  # fmt: skip

CBRT = define(Gate(
    name="cbrt", numpy=(np.cbrt,), family="functions", symbol="∛",
    forward=lambda xp, x: xp.cbrt(x),
    local=lambda xp, x, out: (1 / (3 * out * out),),
    look=function("cbrt"),
    lesson="the slope of the cube root is one over three times the root squared",
    samples=(at(8.0), at([-0.125, 2.0])),
    kinks=(Kink(lambda xp, x: x == 0, "the slope at 0 is infinite", "none: the tangent is vertical"),),
))  # fmt: skip

LOGADDEXP2 = define(Gate(
    name="logaddexp2", numpy=(np.logaddexp2,), family="functions", arity=2, symbol="logaddexp₂",
    forward=lambda xp, x, y: xp.logaddexp2(x, y),
    local=lambda xp, x, y, out: (xp.sigmoid(xp.log(2.0) * (x - y)), xp.sigmoid(xp.log(2.0) * (y - x))),
    look=function("logaddexp2"),
    lesson="log₂(2^x + 2^y) hands each input its share, a sigmoid of the difference",
    samples=(at(1.0, 2.0), at([-40.0, 3.0], 0.5)),
))  # fmt: skip

COPYSIGN = define(Gate(
    name="copysign", numpy=(np.copysign,), family="functions", arity=2, symbol="±",
    forward=lambda xp, x, y: xp.copysign(x, y),
    local=lambda xp, x, y, out: (xp.sign(x) * xp.copysign(1.0, y), 0.0),
    look=function("copysign"),
    lesson="the size of x with the sign of y: the gradient passes to x, turned where the sign was turned, and none to y",
    samples=(at(2.0, -1.0), at([-1.0, 3.0], 0.5)),
    kinks=(Kink(lambda xp, x, y: (x == 0) | (y == 0), "the slope at 0 counts as 0",
                "any number from −1 to 1, or none where y is 0"),),
))  # fmt: skip
