"""Differences of numbers that are close: x − sin x, e^x − 1 − x and their like, and the root of a discriminant.

Near 0 they are computed by their series (`graph.series`), so that the leading terms, which cancel, are never formed.

    >>> from chalkgrad import work
    >>> f"{work('sine_gap(x)', x=1e-5).value:.13g}"
    '1.666666666658e-16'

Sources: Hamming, Numerical Methods for Scientists and Engineers (1973), chapter 3; for the discriminant, Forsythe,
Pitfalls in computation, or why a math book isn't enough (1970).
"""

from typing import Any

from chalkgrad.graph.gate import Gate, Hazard, at, define
from chalkgrad.graph.look import function

LARGEST_SQUARE, SMALLEST_SQUARE = 1e300, 1e-280

SINE_GAP = define(Gate(
    name="sine_gap", family="safe", symbol="x−sin x",
    means=lambda xp, x: x - xp.sin(x),
    forward=lambda xp, x: xp.sine_gap(x),
    local=lambda xp, x, out: (2 * xp.sin(x / 2) ** 2,),
    textbook=lambda xp, x, out: (1 - xp.cos(x),),
    look=function("sine_gap"),
    lesson="x − sin x, by its series x³/6 − x⁵/120 + … near 0; its slope is 1 − cos x, which is 2·sin²(x/2)",
    samples=(at(0.5), at([-1e-3, 1.7, 1.8, 40.0])),
))  # fmt: skip

SINE_LESS_ARC = define(Gate(
    name="sine_less_arc", family="safe", symbol="sin x−x·cos x",
    means=lambda xp, x: xp.sin(x) - x * xp.cos(x),
    forward=lambda xp, x: xp.sine_less_arc(x),
    local=lambda xp, x, out: (x * xp.sin(x),),
    look=function("sine_less_arc"),
    lesson="sin x − x·cos x, by its series x³/3 − x⁵/30 + … near 0; its slope is x·sin x",
    samples=(at(0.5), at([-1e-3, 1.7, 1.8, 40.0])),
))  # fmt: skip

EXPM1_GAP = define(Gate(
    name="expm1_gap", family="safe", symbol="eˣ−1−x",
    means=lambda xp, x: xp.exp(x) - 1 - x,
    forward=lambda xp, x: xp.expm1_gap(x),
    local=lambda xp, x, out: (xp.expm1(x),),
    textbook=lambda xp, x, out: (xp.exp(x) - 1,),
    look=function("expm1_gap"),
    lesson="e^x − 1 − x, by its series x²/2 + x³/6 + … near 0; its slope is e^x − 1",
    samples=(at(0.5), at([-1e-3, -1.5, 1.5, 20.0])),
))  # fmt: skip

SQUARE_DIFFERENCE = define(Gate(
    name="square_difference", family="safe", arity=2, symbol="x²−y²",
    means=lambda xp, x, y: x**2 - y**2,
    forward=lambda xp, x, y: 4 * ((x / 2 - y / 2) * (x / 2 + y / 2)),  # neither half overflows, and halving is exact
    local=lambda xp, x, y, out: (2 * x, -2 * y),
    look=function("square_difference"),
    lesson="x² − y² as (x − y)·(x + y), of which only what was there before is rounded; its slopes are 2x and −2y",
    samples=(at(2.0, 0.5), at([3.0, -1.0], 0.75)),
))  # fmt: skip

FROM_ODDS = define(Gate(
    name="from_odds", family="safe", symbol="x/(1+x)",
    means=lambda xp, x: x / (1 + x),
    forward=lambda xp, x: xp.divide(x, 1 + x),
    local=lambda xp, x, out: (xp.reciprocal(1 + x) ** 2,),
    look=function("from_odds"),
    lesson="x/(1 + x), the probability at odds of x to 1; its slope 1/(1 + x)² is one power and no difference",
    samples=(at(0.5), at([-1e-3, -0.9, 20.0])),
    hazards=(Hazard(lambda xp, x: x == -1, "division by zero has no value"),),
))  # fmt: skip

LOG1P_GAP = define(Gate(
    name="log1p_gap", family="safe", symbol="x−log(1+x)",
    means=lambda xp, x: x - xp.log(1 + x),
    forward=lambda xp, x: xp.log1p_gap(x),
    local=lambda xp, x, out: (xp.from_odds(x),),
    textbook=lambda xp, x, out: (x / (1 + x),),
    look=function("log1p_gap"),
    lesson="x − log(1 + x), by its series x²/2 − x³/3 + … near 0; its slope is x/(1 + x)",
    samples=(at(0.5), at([-1e-3, -0.9, 1.5, 20.0])),
))  # fmt: skip


def _limit_slope(xp: Any, n: Any) -> Any:
    """log(1 + 1/n) − 1/(n + 1), for large n without the leading 1/n that both have."""
    large = xp.absolute(n) > 1
    x = xp.reciprocal(xp.where(large, n, 2.0))
    return xp.where(large, x * x / (1 + x) - xp.log1p_gap(x), xp.log1p(n) - xp.log(n) - xp.reciprocal(1 + n))


COMPOUND_INVERSE = define(Gate(
    name="compound_inverse", family="safe", symbol="(1+1/n)ⁿ",
    means=lambda xp, n: (1 + 1 / n) ** n,
    forward=lambda xp, n: xp.compound(xp.reciprocal(n), n),
    local=lambda xp, n, out: (out * _limit_slope(xp, n),),
    textbook=lambda xp, n, out: (out * (xp.log(1 + 1 / n) - 1 / (1 + n)),),
    look=function("compound_inverse"),
    lesson="(1 + 1/n)^n, which tends to e; its slope is that times log(1 + 1/n) − 1/(n + 1), of which the leading terms cancel",
    samples=(at(8.0), at([2.5, 1e3])),
    hazards=(Hazard(lambda xp, n: (n <= 0) & (n >= -1), "1 + 1/n is negative there, 0, or without a value"),),
))  # fmt: skip


def _slope_of_steps(xp: Any, u: Any) -> Any:
    """log(1 + u) − u/(1 + u), for small u without the leading u that both have."""
    small = xp.absolute(u) < 0.5
    near = xp.where(small, u, 0.0)
    return xp.where(small, near * near / (1 + near) - xp.log1p_gap(near), xp.log1p(u) - u / (1 + u))


COMPOUND_INTEREST = define(Gate(
    name="compound_interest", family="safe", arity=3, symbol="(1+r/n)ⁿᵗ",
    means=lambda xp, r, n, t: (1 + r / n) ** (n * t),
    forward=lambda xp, r, n, t: xp.compound(xp.divide(r, n), n * t),
    local=lambda xp, r, n, t, out: (
        t * xp.compound(r / n, n * t - 1), out * (t * _slope_of_steps(xp, r / n)), out * (n * xp.log1p(r / n))),
    textbook=lambda xp, r, n, t, out: (
        t * (1 + r / n) ** (n * t - 1), out * t * (xp.log(1 + r / n) - r / (n + r)), out * n * xp.log(1 + r / n)),
    look=function("compound_interest"),
    lesson="(1 + r/n)^(n·t), interest at the rate r paid n times in each of t years, which tends to e^(r·t); its slope in n is that"
           " times t·(log(1 + r/n) − r/(n + r)), of which the leading terms cancel",
    samples=(at(0.05, 12.0, 3.0), at([2.5, 1.0], [1e3, 4.0], 0.5)),
    hazards=(Hazard(lambda xp, r, n, t: xp.divide(r, n) <= -1, "1 + r/n is negative there, 0, or without a value"),),
))  # fmt: skip


def _discriminant_root(xp: Any, a: Any, b: Any, c: Any) -> Any:
    square, product = b * b, 4 * (a * c)
    ordinary = xp.logical_and(xp.absolute(product) < LARGEST_SQUARE,
                              xp.logical_and(square < LARGEST_SQUARE, square > SMALLEST_SQUARE))  # fmt: skip
    size, other = xp.absolute(b), 2 * (xp.sqrt(xp.absolute(a)) * xp.sqrt(xp.absolute(c)))
    # b² and 4ac are beyond the floats: the root of (b − 2√ac)·(b + 2√ac), or the distance where a and c differ in sign.
    apart = xp.sqrt(size - other) * xp.sqrt(size + other)
    far = xp.where(xp.sign(a) * xp.sign(c) < 0, xp.hypot(size, other), apart)
    return xp.where(ordinary, xp.sqrt(square - product), far)


DISCRIMINANT_ROOT = define(Gate(
    name="discriminant_root", family="safe", arity=3, symbol="√(b²−4ac)",
    means=lambda xp, a, b, c: xp.sqrt(b**2 - 4 * a * c),
    forward=_discriminant_root,
    local=lambda xp, a, b, c, out: (-2 * xp.divide(c, out), xp.divide(b, out), -2 * xp.divide(a, out)),
    look=function("discriminant_root"),
    lesson="√(b² − 4ac), also where b² and 4ac are beyond the floats; its slopes are −2c, b and −2a, over the root",
    samples=(at(1.0, 3.0, 2.0), at([1.0, -2.0], 5.0, 0.5)),
))  # fmt: skip
