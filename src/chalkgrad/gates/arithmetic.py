"""Gates of arithmetic: + − × ÷, negation, powers, square, reciprocal.

The local gradients are the rules every lecture begins with: an add gate hands its upstream gradient on, a multiply gate swaps its
inputs. `constant_power` is x to a fixed exponent, so that x² shows one wire and one local gradient, 2·x.

    >>> from chalkgrad import work
    >>> work("f = (x + y) * z", x=-2, y=5, z=2).grad["x"]
    2.0
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.graph.gate import Gate, Hazard, Kink, at, define
from chalkgrad.graph.look import ATOM, LOOSEST, POWER, PRODUCT, SIGN, SUM, Look, Params, function, infix, literal, template

DIVISION_BY_ZERO = "division by zero has no value"
VERTICAL, NO_SLOPE = "the slope at 0 is infinite", "none: the tangent is vertical"

ADD = define(Gate(
    name="add", numpy=(np.add,), family="arithmetic", arity=2, symbol="+",
    forward=lambda xp, x, y: x + y,
    local=lambda xp, x, y, out: (1.0, 1.0),
    look=infix("+", "+", SUM),
    lesson="the add gate hands its upstream gradient to both inputs unchanged",
    samples=(at(2.0, -3.5), at([1.0, 2.0], 3.0)),
))  # fmt: skip

SUBTRACT = define(Gate(
    name="subtract", numpy=(np.subtract,), family="arithmetic", arity=2, symbol="−",
    forward=lambda xp, x, y: x - y,
    local=lambda xp, x, y, out: (1.0, -1.0),
    look=infix("-", "-", SUM),
    lesson="the subtract gate hands its upstream gradient to the first input unchanged and to the second with its sign turned",
    samples=(at(2.0, -3.5), at([[1.0], [2.0]], [3.0, 4.0])),
))  # fmt: skip

MULTIPLY = define(Gate(
    name="multiply", numpy=(np.multiply,), family="arithmetic", arity=2, symbol="×",
    forward=lambda xp, x, y: x * y,
    local=lambda xp, x, y, out: (y, x),
    look=infix("*", r"\cdot", PRODUCT),
    lesson="the multiply gate swaps: each input's local gradient is the other input",
    samples=(at(-2.0, 12.0), at([1.0, -2.0], [[3.0], [4.0]])),
    hazards=(
        Hazard(lambda xp, x, y: ((x == 0) & xp.isinf(y)) | ((y == 0) & xp.isinf(x)), "zero times infinity has no value"),
    ),
))  # fmt: skip

DIVIDE = define(Gate(
    name="divide", numpy=(np.divide,), family="arithmetic", arity=2, symbol="÷",
    forward=lambda xp, x, y: xp.divide(x, y),
    local=lambda xp, x, y, out: (1 / y, -(out / y)),
    textbook=lambda xp, x, y, out: (1 / y, -(x / y**2)),
    look=template("{0} / {1}", r"\frac{{{0}}}{{{1}}}", PRODUCT, (PRODUCT, SIGN), latex_level=POWER,
                  latex_operands=(LOOSEST, LOOSEST)),
    lesson="the divide gate divides its upstream gradient by the denominator; the denominator itself gets −numerator/denominator²",
    samples=(at(3.0, -2.0), at([1.0, 2.0], 4.0)),
    hazards=(
        Hazard(lambda xp, x, y: (y == 0) & (x == 0), "0/0 has no value"),
        Hazard(lambda xp, x, y: y == 0, DIVISION_BY_ZERO),
    ),
))  # fmt: skip

NEGATIVE = define(Gate(
    name="negative", numpy=(np.negative,), family="arithmetic", symbol="×(−1)",
    forward=lambda xp, x: -x,
    local=lambda xp, x, out: (-1.0,),
    look=template("-{0}", "-{0}", SIGN, (SIGN,)),
    lesson="the negation turns the sign of its upstream gradient",
    samples=(at(3.0), at([1.0, -2.0])),
))  # fmt: skip


def _power_slopes(xp: Any, x: Any, y: Any, out: Any) -> tuple[Any, Any]:
    # x^0 is flat in x, and 0^y is flat in y for y > 0; at x = 0 the textbook's formulas would say 0·∞ there.
    zero = xp.equal(x, 0.0)
    drop = xp.where(zero, xp.where(xp.equal(y, 0.0), 0.0, 1.0), 1.0)
    base = xp.where(zero, xp.where(y > 0, 1.0, x), x)
    return y * xp.power(x, y - drop), out * xp.log(base)


POWER_GATE = define(Gate(
    name="power", numpy=(np.power, np.float_power), family="arithmetic", arity=2, symbol="xʸ",
    forward=lambda xp, x, y: xp.power(x, y),
    local=_power_slopes,
    textbook=lambda xp, x, y, out: (y * x ** (y - 1), out * xp.log(x)),
    look=template("{0}^{1}", "{{{0}}}^{{{1}}}", POWER, (ATOM, POWER), latex_operands=(ATOM, LOOSEST)),
    lesson="a power's exponent comes down in front for the base; for the exponent, the power is multiplied by the log of the base",
    samples=(at(2.0, 3.5), at(0.5, -1.5), at([1.5, 2.0], 2.0)),
    kinks=(
        Kink(lambda xp, x, y: (x == 0) & (y > 0) & (y < 1), VERTICAL, NO_SLOPE),
        Kink(lambda xp, x, y: (x == 0) & (y == 0), "x^0 is 1 for every x, so the base gets slope 0; the exponent gets −∞",
             "0 for the base; none for the exponent, since 0^y jumps at y = 0"),
    ),
    hazards=(
        Hazard(lambda xp, x, y: (x < 0) & (y != xp.floor(y)), "a negative number has no real power with a broken exponent"),
        Hazard(lambda xp, x, y: (x == 0) & (y < 0), DIVISION_BY_ZERO),
    ),
))  # fmt: skip


def _constant_power_slope(xp: Any, x: Any, out: Any, *, exponent: float) -> tuple[Any]:
    if exponent in (0, 1):
        return (float(exponent),)
    return (exponent * (x if exponent == 2 else x ** (exponent - 1)),)


def _raised(parts: Sequence[str], params: Params) -> str:
    return f"{parts[0]}^{literal(params['exponent'])}"


def _raised_latex(parts: Sequence[str], params: Params) -> str:
    return f"{{{parts[0]}}}^{{{literal(params['exponent'])}}}"


CONSTANT_POWER = define(Gate(
    name="constant_power", family="arithmetic", symbol="x^{exponent:g}", params=MappingProxyType({"exponent": 2.0}),
    forward=lambda xp, x, *, exponent: xp.constant_power(x, exponent),
    local=_constant_power_slope,
    look=Look(_raised, _raised_latex, POWER, (ATOM,), POWER, (ATOM,)),
    reads=("^",),
    lesson="the exponent comes down in front, and the power drops by one",
    samples=(at(6.0, exponent=2.0), at(-1.5, exponent=3.0), at(2.0, exponent=-1.5), at([0.5, 4.0], exponent=0.5)),
    kinks=(
        Kink(lambda xp, x, *, exponent: (x == 0) & (0 < exponent < 1), VERTICAL, NO_SLOPE),
    ),
    hazards=(
        Hazard(lambda xp, x, *, exponent: (x < 0) & (exponent != int(exponent)),
               "a negative number has no real power with a broken exponent"),
        Hazard(lambda xp, x, *, exponent: (x == 0) & (exponent < 0), DIVISION_BY_ZERO),
    ),
))  # fmt: skip

SQUARE = define(Gate(
    name="square", numpy=(np.square,), family="arithmetic", symbol="x²",
    forward=lambda xp, x: x * x,
    local=lambda xp, x, out: (2 * x,),
    look=function("square"),
    lesson="the square's slope is twice its input",
    samples=(at(6.0), at([-1.0, 3.0])),
))  # fmt: skip

RECIPROCAL = define(Gate(
    name="reciprocal", numpy=(np.reciprocal,), family="arithmetic", symbol="1/x",
    forward=lambda xp, x: xp.divide(1.0, x),
    local=lambda xp, x, out: (-(out * out),),
    textbook=lambda xp, x, out: (-(1 / x**2),),
    look=function("reciprocal"),
    lesson="the slope of 1/x is −1/x²",
    samples=(at(4.0), at([-0.5, 2.0])),
    hazards=(Hazard(lambda xp, x: x == 0, DIVISION_BY_ZERO),),
))  # fmt: skip
