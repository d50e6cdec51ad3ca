"""Differences of one function at two numbers: e^x − e^y, log x − log y, √x − √y, sin x − sin y, σ(x) − σ(y), 1/x − 1/y.

Where the numbers are close, their own difference is exact and tells that of the values, which are rounded before they cancel. Where
they are not, nothing cancels. The slopes are those of the function at either number.

    >>> from chalkgrad import work
    >>> work("exp_difference(x, y)", x=1 + 2**-50, y=1).value
    2.4143192587003228e-15

Source: Hamming, Numerical Methods for Scientists and Engineers (1973), chapter 3.
"""

from collections.abc import Callable
from typing import Any

from chalkgrad.gates.safe import NEGATIVE_LOG, ZERO_LOG
from chalkgrad.graph.gate import Gate, Hazard, Kink, at, define
from chalkgrad.graph.look import function

BELOW = 1e-300
ENDLESS = 1e300
DIVISION = Hazard(lambda xp, x, y: (x == 0) | (y == 0), "division by zero has no value")
NEGATIVE_ROOT = Hazard(lambda xp, x, y: (x < 0) | (y < 0), "a negative number has no real square root")
UPRIGHT = Kink(lambda xp, x, y: (x == 0) | (y == 0), "the slope at 0 is infinite", "none: the tangent is vertical")


def _gate(name: str, symbol: str, value: Callable[[Any, Any], Any], close: Callable[..., Any], slope: Callable[[Any, Any], Any],
          far: Callable[..., Any] | None = None, **more: Any) -> Gate:  # fmt: skip
    """`value(xp, x)` is the function, `slope` its slope; `close(xp, x, y)` tells where they are close, and the difference there.

    `far(xp, x, y)` is the difference elsewhere, where that of the two values is not the best there is.
    """

    def forward(xp: Any, x: Any, y: Any) -> Any:
        near, apart = close(xp, x, y)
        return xp.where(near, apart, value(xp, x) - value(xp, y) if far is None else far(xp, x, y))

    return define(Gate(
        name=f"{name}_difference", family="safe", arity=2, symbol=symbol,
        means=lambda xp, x, y: value(xp, x) - value(xp, y),
        forward=forward,
        local=lambda xp, x, y, out: (slope(xp, x), -slope(xp, y)),
        look=function(f"{name}_difference"),
        lesson=f"{symbol}, exact where x and y are close; its slopes are those of the two parts",
        samples=(at(1.0, 1.0 + 1e-9), at([0.5, 3.0], 2.5)),
        **more,
    ))  # fmt: skip


def _close_powers(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    near = xp.absolute(x - y) < 1
    return near, xp.exp(y) * xp.expm1(xp.where(near, x - y, 0.0))


def _close_logarithms(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    near = y > 2 * xp.absolute(x - y)
    return near, xp.log1p(xp.where(near, x - y, 0.0) / xp.where(near, y, 1.0))


def _far_logarithms(xp: Any, x: Any, y: Any) -> Any:
    """The logarithm of the quotient, where that is a sound float: of large logarithms nothing is lost."""
    quotient = xp.divide(x, y)
    sound = xp.logical_and(quotient > BELOW, quotient < 1 / BELOW)
    return xp.where(sound, xp.log(xp.where(sound, quotient, 1.0)), xp.log(x) - xp.log(y))


def _close_roots(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    near = y > 2 * xp.absolute(x - y)
    return near, (x - y) / xp.where(near, xp.sqrt(x) + xp.sqrt(y), 1.0)


def _close_reciprocals(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    tiny = xp.maximum(xp.absolute(x), xp.absolute(y)) < BELOW  # whose reciprocals are beyond the floats
    near = xp.logical_or(tiny, xp.absolute(y) > 2 * xp.absolute(x - y))
    return near, xp.divide(xp.divide(y - x, xp.where(near, x, 1.0)), xp.where(near, y, 1.0))


def _close_angles(xp: Any, x: Any, y: Any) -> Any:
    """Where the rounding of the angle in the middle does less harm than the cancellation."""
    return xp.absolute(x - y) * (1 + xp.absolute(x)) < 1


def _close_sines(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    return _close_angles(xp, x, y), 2 * (xp.cos(0.5 * x + 0.5 * y) * xp.sin(0.5 * (x - y)))


def _close_cosines(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    return _close_angles(xp, x, y), -2 * (xp.sin(0.5 * x + 0.5 * y) * xp.sin(0.5 * (x - y)))


def _close_arctangents(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """On one side of 0: the angle between (1, x) and (1, y), both over the larger of the numbers, so that nothing overflows."""
    size = xp.maximum(xp.absolute(x), xp.absolute(y))
    near = xp.logical_and(xp.equal(x > 0, y > 0), size < ENDLESS)
    size, x, y = (xp.where(near, one, 1.0) for one in (xp.maximum(size, 1.0), x, y))
    return near, xp.arctan2((x - y) / size, xp.reciprocal(size) + x / size * y)


def _close_errors(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """On one side of 0, where erf is more than a half: what the second lacks of 1, less what the first lacks."""
    one, other = xp.absolute(x), xp.absolute(y)
    near = xp.logical_and(xp.equal(x > 0, y > 0), xp.minimum(one, other) > 0.5)
    apart = xp.erfc(other) - xp.erfc(one)
    return near, xp.where(x > 0, apart, -apart)


def _close_sigmoids(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
    near = xp.absolute(x - y) < 1
    return near, -xp.expm1(-xp.where(near, x - y, 0.0)) * (xp.sigmoid(x) * xp.sigmoid(-y))


def _far_sigmoids(xp: Any, x: Any, y: Any) -> Any:
    """Right of 0, where σ rounds to 1, what the second lacks of it less what the first lacks."""
    right = xp.logical_and(x > 0, y > 0)
    return xp.where(right, xp.sigmoid(-y) - xp.sigmoid(-x), xp.sigmoid(x) - xp.sigmoid(y))


LOGARITHM_HAZARDS = (
    Hazard(lambda xp, x, y: (x < 0) | (y < 0), NEGATIVE_LOG),
    Hazard(lambda xp, x, y: (x == 0) | (y == 0), ZERO_LOG),
)
EXP = _gate("exp", "eˣ − eʸ", lambda xp, x: xp.exp(x), _close_powers, lambda xp, x: xp.exp(x))
LOG = _gate("log", "log x − log y", lambda xp, x: xp.log(x), _close_logarithms, lambda xp, x: 1 / x, far=_far_logarithms,
           hazards=LOGARITHM_HAZARDS)  # fmt: skip
SQRT = _gate("sqrt", "√x − √y", lambda xp, x: xp.sqrt(x), _close_roots, lambda xp, x: 1 / (2 * xp.sqrt(x)), kinks=(UPRIGHT,),
             hazards=(NEGATIVE_ROOT,))  # fmt: skip
SIN = _gate("sin", "sin x − sin y", lambda xp, x: xp.sin(x), _close_sines, lambda xp, x: xp.cos(x))
COS = _gate("cos", "cos x − cos y", lambda xp, x: xp.cos(x), _close_cosines, lambda xp, x: -xp.sin(x))
ARCTAN = _gate("arctan", "arctan x − arctan y", lambda xp, x: xp.arctan(x), _close_arctangents,
               lambda xp, x: (1 / xp.hypot(x, 1.0)) ** 2)  # fmt: skip
ERF = _gate("erf", "erf x − erf y", lambda xp, x: xp.erf(x), _close_errors,
            lambda xp, x: xp.exp(-(x**2)) / xp.sqrt(xp.arctan(1.0)))  # fmt: skip
SIGMOID = _gate("sigmoid", "σ(x) − σ(y)", lambda xp, x: xp.sigmoid(x), _close_sigmoids, lambda xp, x: xp.sigmoid_slope(x),
               far=_far_sigmoids)  # fmt: skip
RECIPROCAL = _gate("reciprocal", "1/x − 1/y", lambda xp, x: xp.reciprocal(x), _close_reciprocals, lambda xp, x: -(1 / x / x),
                   hazards=(DIVISION,))  # fmt: skip
