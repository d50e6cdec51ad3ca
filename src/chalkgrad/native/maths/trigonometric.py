"""sin, cos, tan.

|x| = n·π/2 + r with a whole n and |r| <= π/4 (Cody and Waite, with π/2 in three parts of full length: the first product is taken
away exactly, the other two as double numbers). sin r and cos r are minimax polynomials (Remez), and the last two bits of n say
which of the two is wanted, and its sign. Beyond `limit` the C library computes (`settling`).
"""

from dataclasses import dataclass

from chalkgrad.native.maths.settling import settled
from chalkgrad.native.maths.vocabulary import Term, fma, horner, ordered_sum_of, product_of, quotient, residual, select, sum_of

TWO_OVER_PI = 0.6366197723675814


@dataclass(frozen=True)
class Constants:
    half_pi: tuple[float, float, float]
    limit: float
    sin: tuple[float, ...]
    cos: tuple[float, ...]


# sin r = r + r³·S(r²), relative error 2^-58.0; cos r = 1 - r²/2 + r⁴·C(r²), error 2^-64.2; |r| <= 1.0005·π/4.
DOUBLES = Constants(
    half_pi=(
        float.fromhex("0x1.921fb54442d18p+0"), float.fromhex("0x1.1a62633145c07p-54"), float.fromhex("-0x1.f1976b7ed8fbcp-110"),
    ),
    limit=2.0**40,
    sin=(
        -0.16666666666666632, 0.00833333333332237, -0.000198412698297712, 2.7557313678672e-06, -2.5050755961638823e-08,
        1.5896666484870464e-10,
    ),
    cos=(
        0.0416666666666666, -0.0013888888888874064, 2.480158728944348e-05, -2.7557314340654267e-07, 2.087572162247219e-09,
        -1.1359559245589404e-11,
    ),
)  # fmt: skip

# The same, |r| <= 1.01·π/4: 2^-37.4 and 2^-33.1.
SINGLES = Constants(
    half_pi=(float.fromhex("0x1.921fb6p+0"), float.fromhex("-0x1.777a5cp-25"), float.fromhex("-0x1.ee59dap-50")),
    limit=2.0**16,
    sin=(-0.166666672, 0.00833332911, -0.000198392561, 2.71756448e-06),
    cos=(0.0416666456, -0.0013887306, 2.4431205e-05),
)


def constants(x: Term) -> Constants:
    return DOUBLES if x.format.mantissa == 52 else SINGLES


def turned(x: Term) -> tuple[Term, tuple[Term, Term], tuple[Term, Term]]:
    """The bits of n for an x >= 0, and sin r and cos r, each as a large part and a small one."""
    form, c = x.format, constants(x)
    first, second, third = c.half_pi
    shifted = fma(x, TWO_OVER_PI, form.rounder)
    n = shifted - form.rounder
    product, product_low = product_of(n, x.constant(second))
    r, lost = sum_of(residual(x, n, first), -product)
    low = fma(n, -third, lost - product_low)
    z = r * r
    half = z * 0.5
    flat = 1.0 - half
    sine = fma(z * r, horner(z, c.sin), low * flat)
    cosine = fma(z * z, horner(z, c.cos), ((1.0 - flat) - half) - r * low)
    return shifted.bits(), (r, sine), (flat, cosine)


def sin(x: Term) -> Term:
    return _wave(x, 0, "sin")


def cos(x: Term) -> Term:
    return _wave(x, 1, "cos")


def _wave(x: Term, quarters: int, name: str) -> Term:
    """sin of |x| and so many quarters of a turn, with the sign of x if they are none."""
    bits, (r, sine), (flat, cosine) = turned(abs(x))
    bits = bits + quarters
    even = (bits & 1).is_("==", 0)
    size = select(even, r, flat) + select(even, sine, cosine)
    sign = (bits >> 1) << (bits.value.type.width - 1)
    if not quarters:
        sign = sign ^ x.sign()
    return settled(name, x, (size.bits() ^ sign).as_float(), constants(x).limit)


def tan(x: Term) -> Term:
    bits, sine, cosine = turned(abs(x))
    even = (bits & 1).is_("==", 0)
    sine, cosine = ordered_sum_of(*sine), ordered_sum_of(*cosine)
    over = [select(even, one, other) for one, other in zip(sine, cosine, strict=True)]
    under = [select(even, one, other) for one, other in zip(cosine, sine, strict=True)]
    size = quotient(*over, *under)
    sign = (bits << (bits.value.type.width - 1)) ^ x.sign()
    return settled("tan", x, (size.bits() ^ sign).as_float(), constants(x).limit)
