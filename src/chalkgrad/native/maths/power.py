"""power: e^(y·log|x|), with the logarithm to about 68 bits in double precision, so that the product is still right to 1 ulp.

log(1 + f) = 2s + s³·(2/3 + s²·W(s²)) with s = f/(2 + f), where all but W is computed in double numbers: a float and the rest that
rounding would lose. Single precision is computed in double, with short polynomials: cheaper than double numbers in single.
"""

import math

from chalkgrad.native.maths import exponential, logarithm
from chalkgrad.native.maths.vocabulary import (
    Term,
    clamp,
    fma,
    ordered_sum_of,
    paired,
    power_of_two,
    product_of,
    residual,
    scaled,
    select,
)

# W of s² <= 0.029444; relative error of log(1 + f) 2^-66.3.
W = (
    0.40000000000002256, 0.2857142857009841, 0.22222222520134877, 0.18181784348227364, 0.15386758216836807, 0.13256796781306057,
    0.13196526408365247,
)  # fmt: skip
TWO_THIRDS = (0.6666666666666666, 3.700743415417188e-17)
# For single precision: log(1 + f) = f - f²/2 + s·(f²/2 + s²·L(s²)), 2^-37.6; e^r = 1 + r + r²·Q(r), 2^-34.2.
L = (0.6666666564532927, 0.4000033530389383, 0.28537297363955855, 0.2358241832083216)
Q = (
    0.5000000067788474, 0.16666665867702826, 0.04166629455653962, 0.008333497237202434, 0.0013944689009652302,
    0.00019790321402190272,
)  # fmt: skip
DECISIVE = 2.0**80  # an exponent as large as this overflows or underflows whatever is not 1


def power(x: Term, y: Term) -> Term:
    size = abs(x)
    raised = _doubles(size, y) if x.format.mantissa == 52 else _singles(size, y)
    half = y * 0.5
    whole = y.is_("==", y.intrinsic("llvm.trunc"))
    odd = whole & half.is_("!=", half.intrinsic("llvm.trunc"))
    result = (raised.bits() ^ select(odd, x.sign(), 0)).as_float()
    result = select((x < 0.0) & (x > -math.inf), select(whole, result, math.nan), result)
    result = select(y.is_("==", y), result, y)
    return select(y.is_("==", 0.0) | x.is_("==", 1.0), 1.0, result)


def _doubles(x: Term, y: Term) -> Term:
    log, log_low = _logarithm(x)
    log = _at_the_ends(x, log)
    y = clamp(y, -DECISIVE, DECISIVE)
    exponent, exponent_low = product_of(y, log)
    low = select(abs(exponent) < 800.0, fma(y, log_low, exponent_low), 0.0)
    c = exponential.DOUBLES
    r, lost, bits = exponential.reduced(clamp(exponent, c.underflow, c.overflow))
    r, rest = ordered_sum_of(r, lost + low)
    square = r * r
    return scaled((fma(paired(r, square, c.exp), square, rest) + r) + 1.0, bits)


def _at_the_ends(x: Term, log: Term) -> Term:
    return select(x.is_("==", 0.0), -math.inf, select(x < math.inf, log, x))


def _logarithm(x: Term) -> tuple[Term, Term]:
    """log x for a positive finite x, as a double number."""
    k, m, _ = logarithm.in_parts(x)
    f = m - 1.0
    d, d_low = ordered_sum_of(f.constant(2.0), f)
    reciprocal = 1.0 / d
    s = f * reciprocal
    s_low = fma(-s, d_low, residual(f, s, d)) * reciprocal
    z, z_low = product_of(s, s)
    z_low = fma(s + s, s_low, z_low)
    t, t_low = ordered_sum_of(f.constant(TWO_THIRDS[0]), z * paired(z, z * z, W))
    u, u_low = product_of(z, t)
    u_low = fma(z, t_low + TWO_THIRDS[1], fma(z_low, t, u_low))
    v, v_low = ordered_sum_of(f.constant(2.0), u)
    log_f, log_f_low = product_of(s, v)
    log_f_low = fma(s, v_low + u_low, fma(s_low, v, log_f_low))
    high, low = logarithm.DOUBLES.ln_2
    total, total_low = ordered_sum_of(k * high, log_f)
    return ordered_sum_of(total, total_low + fma(k, low, log_f_low))


def _singles(x: Term, y: Term) -> Term:
    """In double precision."""
    wide, exponent = x.wide(), clamp(y.wide(), -DECISIVE, DECISIVE)
    k, m, _ = logarithm.in_parts(wide)
    f = m - 1.0
    half_square = f * 0.5 * f
    s = f / (f + 2.0)
    z = s * s
    tail = s * fma(z, paired(z, z * z, L), half_square)
    log = _at_the_ends(wide, fma(k, math.log(2), f - (half_square - tail)))
    r, _, bits = exponential.reduced(clamp(exponent * log, -200.0, 200.0))
    return (fma(fma(paired(r, r * r, Q), r, 1.0), r, 1.0) * power_of_two(bits - r.format.bias)).narrow()
