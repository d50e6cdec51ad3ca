"""log, log2, log10, log1p.

x = 2^k·(1 + f) with 1 + f in [√½, √2), by whole-number arithmetic on the bits of x. In double precision
log(1 + f) = 2·atanh(s) with s = f/(2 + f), arranged so that f itself enters exactly:

    log(1 + f) = f - f²/2 + s·(f²/2 + s²·L(s²))

and in single precision, where a polynomial in f is cheaper than a division, log(1 + f) = f - f²/2 + f³·L(f). L is minimax (Remez).
"""

import math
from dataclasses import dataclass
from typing import Any

from chalkgrad.native.maths.vocabulary import Term, copysign, fma, ordered_sum_of, paired, product_of, select, sum_of

Pair = tuple[float, float]
VAST = 2.0**60  # 1 + x is x for every x above


@dataclass(frozen=True)
class Constants:
    ln_2: Pair  # k times the first is exact
    log10_2: Pair
    log2_e: Pair
    log10_e: Pair
    tail: tuple[float, ...]


# L of s² <= 0.029444; relative error of log(1 + f) 2^-58.5.
DOUBLES = Constants(
    ln_2=(float.fromhex("0x1.62e42fefa3800p-1"), float.fromhex("0x1.ef35793c76730p-45")),
    log10_2=(float.fromhex("0x1.34413509f7800p-2"), float.fromhex("0x1.fef311f12b358p-46")),
    log2_e=(float.fromhex("0x1.71547652b82fep+0"), float.fromhex("0x1.777d0ffda0d24p-56")),
    log10_e=(float.fromhex("0x1.bcb7b1526e50ep-2"), float.fromhex("0x1.95355baaafad3p-57")),
    tail=(
        0.6666666666666734, 0.39999999999413965, 0.2857142874256188, 0.22222198553788663, 0.1818356540788084, 0.1531402108525938,
        0.14796261664541405,
    ),
)  # fmt: skip

# L of f in [-0.29292, 0.41426]; relative error of log(1 + f) 2^-27.3.
SINGLES = Constants(
    ln_2=(float.fromhex("0x1.62e400p-1"), float.fromhex("0x1.7f7d1cp-20")),
    log10_2=(float.fromhex("0x1.344000p-2"), float.fromhex("0x1.3509f8p-18")),
    log2_e=(float.fromhex("0x1.715476p+0"), float.fromhex("0x1.4ae0c0p-26")),
    log10_e=(float.fromhex("0x1.bcb7b2p-2"), float.fromhex("-0x1.5b235ep-27")),
    tail=(0.333333164, -0.250008106, 0.200022876, -0.166245356, 0.141811445, -0.131289169, 0.128820658, -0.0785965472),
)


def constants(x: Term) -> Constants:
    return DOUBLES if x.format.mantissa == 52 else SINGLES


def in_parts(x: Term) -> tuple[Term, Term, Term]:
    """k as a float, 1 + f, and the bits of 2^k less those of 1, for a positive finite x."""
    form = x.format
    subnormal = x < form.smallest_normal
    bits = select(subnormal, x * 2.0 ** (form.mantissa + 2), x).bits()
    above = bits - form.bits(math.sqrt(0.5))
    power = above & -(1 << form.mantissa)
    biased = ((above + (form.bias << form.mantissa)) >> form.mantissa) | form.bits(2.0**form.mantissa)
    offset = 2.0**form.mantissa + form.bias
    k = biased.as_float() - select(subnormal, x.constant(offset + form.mantissa + 2), offset)
    return k, (bits - power).as_float(), power


def tail(f: Term) -> Term:
    """log(1 + f) - f."""
    if f.format.mantissa != 52:
        square = f * f
        return fma(paired(f, square, SINGLES.tail), f, -0.5) * square
    half_square = f * 0.5 * f
    s = f / (f + 2.0)
    z = s * s
    return fma(s, fma(z, paired(z, z * z, DOUBLES.tail), half_square), -half_square)


def at_the_edges(x: Term, result: Term) -> Term:
    """The logarithm of x for every x, given that of positive finite ones."""
    result = select(x < math.inf, result, x)
    result = select(x.is_("==", 0.0), -math.inf, result)
    return select(x < 0.0, math.nan, result)


def natural(k: Term, f: Term, f_low: Any = 0.0) -> Term:
    """log(2^k·(1 + f)), where f has a small rest."""
    high, low = constants(f).ln_2
    return fma(k, high, f + (fma(k, low, tail(f)) + f_low))


def log(x: Term) -> Term:
    k, m, _ = in_parts(x)
    return at_the_edges(x, natural(k, m - 1.0))


def log1p(x: Term) -> Term:
    return copysign(log1p_of_sum(x, x.constant(0.0)), x)


def log1p_of_sum(x: Term, x_low: Term) -> Term:
    """log(1 + x + x_low), with the part of x that 1 + x rounds away."""
    form = x.format
    total, lost = sum_of(x, x.constant(1.0))
    k, m, power = in_parts(total)
    rest = select(x < VAST, (lost + x_low) * (form.bits(1.0) - power).as_float(), 0.0)
    return at_the_edges(total, natural(k, *ordered_sum_of(m - 1.0, rest)))


def to_base(x: Term, of_2: Pair, of_e: Pair) -> Term:
    """k·log 2 + log(1 + f)·log e in a base in which these have two parts; the large terms are added without loss."""
    k, m, _ = in_parts(x)
    f = m - 1.0
    product, product_low = product_of(f, f.constant(of_e[0]))
    total, total_low = ordered_sum_of(k * of_2[0], product)
    small = fma(f, of_e[1], fma(tail(f), of_e[0], product_low))
    return at_the_edges(x, total + (total_low + fma(k, of_2[1], small)))


def log2(x: Term) -> Term:
    return to_base(x, (1.0, 0.0), constants(x).log2_e)


def log10(x: Term) -> Term:
    c = constants(x)
    return to_base(x, c.log10_2, c.log10_e)
