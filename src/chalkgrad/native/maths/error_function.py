"""erf and erfc.

erf is x·(1 + P(x²)) within 1, and 1 - e^-G(|x| - 1) beyond, where G is -log erfc: smooth and of moderate size, so this needs no
division and no e^(-x²). erfc, to keep its bits where it is small, is e^(-x²)·H(t)/(1 + 2x) with t = (x - m)/(x + m), where H hardly
varies (Shepherd and Laframboise). P, G and H are minimax polynomials (Remez).
"""

from dataclasses import dataclass

from chalkgrad.native.maths import exponential
from chalkgrad.native.maths.vocabulary import (
    Term,
    clamp,
    copysign,
    fma,
    ordered_sum_of,
    paired,
    power_of_two,
    product_of,
    quotient,
    scaled,
    select,
    sum_of,
)


@dataclass(frozen=True)
class Constants:
    within: tuple[float, ...]
    beyond: tuple[float, ...]
    one: float  # erf rounds to 1 from here
    zero: float  # and erfc to 0
    middle: float
    far_start: float  # what rounding took from the first coefficient
    far: tuple[float, ...]


# P of x² <= 1: relative error 2^-62.8. G of |x| - 1 <= 4.95: error beside erf 2^-59.1.
# H of x >= 0.4: relative error 2^-59.7.
DOUBLES = Constants(
    within=(
        0.1283791670955126, -0.3761263890318375, 0.11283791670954885, -0.026866170645077875, 0.005223977624828431,
        -0.0008548326981425542, 0.0001205533113295582, -1.4925595772180906e-05, 1.64610084778027e-06, -1.6350396222864617e-07,
        1.4660328722742255e-08, -1.1374955736070135e-09, 5.960685338520947e-11,
    ),
    beyond=(
        1.8496055099332482, 2.6389675142347877, 0.843107256358694, 0.04156109804184975, -0.010033825380438479,
        0.0019779026522908885, -0.0002373230728288573, -2.627532668498933e-05, 2.7151744303005495e-05, -9.593892110999393e-06,
        2.037570008598885e-06, -1.1856441227774044e-07, -1.1746849164124708e-07, 6.430586368325952e-08, -2.0577170508316718e-08,
        4.808566083705183e-09, -8.555529159186552e-10, 1.1542174633868127e-10, -1.146327647594217e-11, 7.906739380253928e-13,
        -3.3805924665377666e-14, 6.741290279686361e-16,
    ),
    one=5.95,
    zero=27.3,
    middle=4.0,
    far_start=-4.5068208622310956e-17,
    far=(
        1.2329951186255526, -0.1396211168405625, 0.015379652102619525, 0.06809705425468904, -0.10103906603628789,
        0.09373283499850556, -0.06633036581269006, 0.037167515534403506, -0.01619773405095819, 0.00503197001171382,
        -0.000757773345803611, -0.0001992569203118138, 0.00015062197368327293, -2.4398241040573575e-05, -1.1223030550857728e-05,
        5.706959021577992e-06, 2.9598326622315747e-07, -8.202195207989619e-07, 7.169460809582518e-08, 1.0386017599405176e-07,
        -1.567621521872248e-08, -9.869994918345061e-09, 1.103019594208999e-09,
    ),
)  # fmt: skip

# The same in single precision, |x| - 1 <= 2.95: 2^-29.7, 2^-33.7, 2^-30.4.
SINGLES = Constants(
    within=(
        0.128379166,
        -0.37612626,
        0.112836003,
        -0.0268544462,
        0.00518953661,
        -0.000802084571,
        7.8891193e-05,
    ),
    beyond=(
        1.84960556,
        2.63896751,
        0.8431077,
        0.0415600054,
        -0.0100378543,
        0.00200166949,
        -0.000283726258,
        2.04631706e-05,
    ),
    one=3.95,
    zero=10.1,
    middle=3.0,
    far_start=5.115803811129803e-08,
    far=(
        1.25300801, -0.135621101, -0.0475624241, 0.129645094, -0.119270712, 0.0683098733, -0.0237945914, 0.0025097453,
        0.0019697086, -0.000696632371, -0.000200250142,
    ),
)  # fmt: skip


def constants(x: Term) -> Constants:
    return DOUBLES if x.format.mantissa == 52 else SINGLES


def erf(x: Term) -> Term:
    c = constants(x)
    size = abs(x)
    z = size * size
    near = fma(paired(z, z * z, c.within), size, size)
    y = clamp(size, 0.0, c.one) - 1.0
    r, lost, bits = exponential.reduced(-paired(y, y * y, c.beyond))
    square = r * r
    p = fma(paired(r, square, exponential.constants(x).exp), square, lost) + r
    scale = power_of_two(bits - x.format.bias)
    return copysign(select(size < 1.0, near, fma(-scale, p, 1.0 - scale)), x)


def erfc(x: Term) -> Term:
    c = constants(x)
    z = x * x
    rest = paired(z, z * z, c.within) * x
    near = select(x < 0.25, 1.0 - (x + rest), 0.5 - ((x - 0.5) + rest))
    size = clamp(abs(x), 0.0, c.zero)
    far = _far(size)
    return select(abs(x) < 0.7, near, select(x < 0.0, 2.0 - far, far))


def _far(x: Term) -> Term:
    """erfc x for x >= 0.4."""
    c = constants(x)
    above, above_low = sum_of(x, x.constant(-c.middle))
    below, below_low = sum_of(x, x.constant(c.middle))
    t = quotient(above, above_low, below, below_low)
    h, h_low = ordered_sum_of(x.constant(c.far[0]), paired(t, t * t, c.far[1:]) * t)
    z, z_low = product_of(x, x)
    r, lost, bits = exponential.reduced(-z)
    r, lost = ordered_sum_of(r, lost - z_low)
    square = r * r
    p, p_low = ordered_sum_of(r, fma(paired(r, square, exponential.constants(x).expm1), square, lost))
    e, e_low = ordered_sum_of(x.constant(1.0), p)
    top, top_low = product_of(e, h)
    top_low = fma(e, h_low + c.far_start, fma(e_low + p_low, h, top_low))
    bottom, bottom_low = sum_of(x + x, x.constant(1.0))
    return scaled(quotient(top, top_low, bottom, bottom_low), bits)
