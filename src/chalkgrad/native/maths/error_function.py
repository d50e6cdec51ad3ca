"""erf: x·(1 + P(x²)) within 1, and 1 - e^-G(|x| - 1) beyond, where G is -log erfc. Minimax polynomials (Remez).

G is smooth and of moderate size, so that erfc needs no division and no e^(-x²).
"""

from dataclasses import dataclass

from chalkgrad.native.maths import exponential
from chalkgrad.native.maths.vocabulary import Term, clamp, copysign, fma, paired, power_of_two, select


@dataclass(frozen=True)
class Constants:
    within: tuple[float, ...]
    beyond: tuple[float, ...]
    one: float  # the function rounds to 1 from here


# P of x² <= 1: relative error 2^-62.8. G of |x| - 1 <= 4.95: error beside erf 2^-59.1.
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
)  # fmt: skip

# The same in single precision, |x| - 1 <= 2.95: 2^-29.7 and 2^-33.7.
SINGLES = Constants(
    within=(
        0.128379166, -0.37612626, 0.112836003, -0.0268544462, 0.00518953661, -0.000802084571, 7.8891193e-05,
    ),
    beyond=(
        1.84960556, 2.63896751, 0.8431077, 0.0415600054, -0.0100378543, 0.00200166949, -0.000283726258, 2.04631706e-05,
    ),
    one=3.95,
)


def erf(x: Term) -> Term:
    c = DOUBLES if x.format.mantissa == 52 else SINGLES
    size = abs(x)
    z = size * size
    near = fma(paired(z, z * z, c.within), size, size)
    y = clamp(size, 0.0, c.one) - 1.0
    r, lost, bits = exponential.reduced(-paired(y, y * y, c.beyond))
    square = r * r
    p = fma(paired(r, square, exponential.constants(x).exp), square, lost) + r
    scale = power_of_two(bits - x.format.bias)
    return copysign(select(size < 1.0, near, fma(-scale, p, 1.0 - scale)), x)
