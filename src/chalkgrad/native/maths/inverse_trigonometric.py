"""arctan2, arctan, arcsin, arccos.

arctan2 works with the ratio t of the smaller side to the larger one, or beyond tan(π/8) with that of their difference to their sum,
which turns the angle by π/4. What is left is a minimax polynomial (Remez) of |t| <= tan(π/8), and a whole number of eighths of half
a turn. arcsin beyond a half is π/2 - 2·arcsin(√((1 - |x|)/2)).
"""

import math
from dataclasses import dataclass

from chalkgrad.native.maths.vocabulary import Term, clamp, copysign, fma, ordered_sum_of, paired, quotient, select, sum_of

Pair = tuple[float, float]

TURNING = 0.41421356237309503  # tan(π/8)
VERTICAL = 2.0**64  # the arctan of whatever is larger rounds to π/2


@dataclass(frozen=True)
class Constants:
    eighth: Pair  # π/4; up to four times the first is exact
    half_pi: Pair
    down: Pair  # sides beyond the first are multiplied by the second, lest they, or their halves in `product_of`, overflow
    up: Pair  # and sides below, lest what the division rounds away is lost
    arctan: tuple[float, ...]
    arcsin: tuple[float, ...]


# arctan t = t + t³·P(t²), relative error 2^-59.5; arcsin x = x + x³·P(x²), |x| <= 0.5, 2^-59.8.
DOUBLES = Constants(
    eighth=(float.fromhex("0x1.921fb54442d18p-1"), float.fromhex("0x1.1a62633145c07p-55")),
    half_pi=(float.fromhex("0x1.921fb54442d18p+0"), float.fromhex("0x1.1a62633145c07p-54")),
    down=(2.0**900, 2.0**-60),
    up=(4.0, 2.0**100),
    arctan=(
        -0.333333333333332, 0.19999999999954005, -0.14285714280240175, 0.1111111078569929, -0.0909089782327088, 0.07692061393515769,
        -0.06663117519178763, 0.05847987430062847, -0.050397460173058344, 0.03807572961615838, -0.01791937632328832,
    ),
    arcsin=(
        0.16666666666666763, 0.07499999999969925, 0.04464285717545976, 0.030381942666578305, 0.022372216160847766,
        0.017351590754552233, 0.013981077312737572, 0.011396797365505789, 0.010792179127938945, 0.003661098080231885,
        0.021818313886194346, -0.02115682721965902, 0.032727829135894004,
    ),
)  # fmt: skip

# The same in single precision: 2^-30.5 and 2^-31.7.
SINGLES = Constants(
    eighth=(float.fromhex("0x1.921fb0p-1"), float.fromhex("0x1.5110b4p-23")),
    half_pi=(float.fromhex("0x1.921fb6p+0"), float.fromhex("-0x1.777a5cp-25")),
    down=(2.0**100, 2.0**-30),
    up=(4.0, 2.0**60),
    arctan=(-0.333333164, 0.199984878, -0.142438263, 0.105958305, -0.0608299635),
    arcsin=(0.166666597, 0.075005129, 0.0445152856, 0.0318215676, 0.0143864788, 0.0375893824),
)


def constants(x: Term) -> Constants:
    return DOUBLES if x.format.mantissa == 52 else SINGLES


def arctan(x: Term) -> Term:
    size = clamp(abs(x), 0.0, VERTICAL)
    steep = size > 1.0
    small, large = select(steep, 1.0, size), select(steep, size, 1.0)
    return copysign(_angle(*_mirrored(steep, 2.0, *_turned(small, large))), x)


def arctan2(y: Term, x: Term) -> Term:
    c = constants(x)
    rise, run = abs(y), abs(x)
    steep = rise > run
    small, large = select(steep, run, rise), select(steep, rise, run)
    factor = select(large > c.down[0], x.constant(c.down[1]), select(large < c.up[0], x.constant(c.up[1]), 1.0))
    small, scaled = small * factor, large * factor
    infinite = large.is_("==", math.inf)
    small = select(infinite, select(small.is_("==", math.inf), x.constant(1.0), 0.0), small)
    scaled = select(infinite | large.is_("==", 0.0), 1.0, scaled)
    eighths, t = _mirrored(steep, 2.0, *_turned(small, scaled))
    angle = copysign(_angle(*_mirrored(x.bits() < 0, 4.0, eighths, t)), y)
    return select(x.is_("==", x), select(y.is_("==", y), angle, y), x)


def _turned(small: Term, large: Term) -> tuple[Term, Term]:
    """The angle of small/large in [0, 1], as eighths of half a turn and the tangent of what is left."""
    beyond = small > large * TURNING
    top, top_low = sum_of(small, -large)
    bottom, bottom_low = sum_of(large, small)
    top, top_low = select(beyond, top, small), select(beyond, top_low, 0.0)
    bottom, bottom_low = select(beyond, bottom, large), select(beyond, bottom_low, 0.0)
    return select(beyond, small.constant(1.0), 0.0), quotient(top, top_low, bottom, bottom_low)


def _mirrored(condition: Term, whole: float, eighths: Term, t: Term) -> tuple[Term, Term]:
    """The angle taken from so many whole eighths, where the condition holds."""
    return select(condition, whole - eighths, eighths), select(condition, -t, t)


def _angle(eighths: Term, t: Term) -> Term:
    c = constants(t)
    z = t * t
    total, lost = ordered_sum_of(eighths * c.eighth[0], t)
    return total + (lost + fma(eighths, c.eighth[1], paired(z, z * z, c.arctan) * (z * t)))


def _arcsine(x: Term) -> tuple[Term, Term, Term]:
    """For |x|: whether it is beyond a half; s with arcsin|x| = arcsin s, or π/2 - 2·arcsin s beyond; and arcsin s - s."""
    size = abs(x)
    beyond = size > 0.5
    half = (1.0 - size) * 0.5
    s = select(beyond, half.intrinsic("llvm.sqrt"), size)
    z = select(beyond, half, size * size)
    return beyond, s, paired(z, z * z, constants(x).arcsin) * (z * s)


def arcsin(x: Term) -> Term:
    high, low = constants(x).half_pi
    beyond, s, rest = _arcsine(x)
    total, lost = ordered_sum_of(x.constant(high), s * -2.0)
    return copysign(select(beyond, total + (lost + (low - 2.0 * rest)), s + rest), x)


def arccos(x: Term) -> Term:
    high, low = constants(x).half_pi
    beyond, s, rest = _arcsine(x)
    negative = x < 0.0
    doubled, rest_doubled = s * 2.0, rest * 2.0
    far = select(negative, x.constant(2 * high) - (doubled + (rest_doubled - 2 * low)), doubled + rest_doubled)
    near = x.constant(high) - (copysign(s, x) - (low - copysign(rest, x)))
    return select(beyond, far, near)
