"""exp, exp2, expm1, and what is made of them: sigmoid, tanh, sinh, cosh.

x = k·ln 2 + r with a whole k and |r| <= ln 2/2 (Cody and Waite: ln 2 in two parts, so that k times the first is exact). Then
e^r = 1 + r + r²·Q(r) with a minimax polynomial Q (Remez), and 2^k goes straight into the exponent.

k is never converted to a whole number: adding `rounder` leaves it in the lowest bits of the float, from where a shift carries it
into the exponent's place, which every processor with vectors can do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalkgrad.native.maths.vocabulary import (
    Term,
    clamp,
    copysign,
    fma,
    horner,
    ordered_sum_of,
    paired,
    power_of_two,
    quotient,
    scaled,
    select,
    sum_of,
)

LOG2_E = 1.4426950408889634


@dataclass(frozen=True)
class Constants:
    ln2_high: float  # with so many zeros at its end that k times it is exact
    ln2_low: float
    underflow: float  # e to this is zero, and to `overflow` infinite
    overflow: float
    vanishing: float  # e to this is lost beside 1
    exp: Sequence[float]
    expm1: Sequence[float]
    exp2: Sequence[float]
    sinh: Sequence[float]


# Q of |r| <= 0.34664: relative error of e^r 2^-57.9 (exp), of e^r - 1 2^-61.7 (expm1).
# 2^r = 1 + r·Q(r), |r| <= 0.5: relative error 2^-58.0. sinh x = x + x³·Q(x²), |x| <= 0.35: 2^-61.6.
DOUBLES = Constants(
    ln2_high=float.fromhex("0x1.62e42fefa3800p-1"),
    ln2_low=float.fromhex("0x1.ef35793c76730p-45"),
    underflow=-746.0,
    overflow=710.0,
    vanishing=-40.0,
    exp=(
        0.5000000000000011, 0.16666666666666413, 0.04166666666653004, 0.00833333333349456, 0.001388888894366573,
        0.00019841269506441469, 2.4801493058409936e-05, 2.755758642379165e-06, 2.763026394835871e-07, 2.5000069429182933e-08,
    ),
    expm1=(
        0.5, 0.16666666666666677, 0.0416666666666667, 0.008333333333321606, 0.00138888888888668, 0.00019841269886185768,
        2.4801587360623587e-05, 2.7557244151723893e-06, 2.7557242705408707e-07, 2.5109056321568704e-08, 2.092445972044955e-09,
    ),
    exp2=(
        0.6931471805599453, 0.2402265069591013, 0.05550410866482008, 0.009618129107594067, 0.0013333558146775204,
        0.00015403530457187148, 1.5252733492721226e-05, 1.3215435241771956e-06, 1.0178199678381151e-07, 7.0737906923372946e-09,
        4.434764430551751e-10,
    ),
    sinh=(0.16666666666666677, 0.008333333333320637, 0.00019841269888944366, 2.7557241108025313e-06, 2.511019967789938e-08),
)  # fmt: skip

# The same in single precision: 2^-28.3 (exp), 2^-32.0 (expm1), 2^-28.9 (exp2), 2^-37.3 (sinh).
SINGLES = Constants(
    ln2_high=float.fromhex("0x1.62e400p-1"),
    ln2_low=float.fromhex("0x1.7f7d1cp-20"),
    underflow=-105.0,
    overflow=89.0,
    vanishing=-22.0,
    exp=(0.49999994, 0.166665211, 0.041668389, 0.00836872403, 0.00138145802),
    expm1=(0.5, 0.166666672, 0.041666355, 0.0083332723, 0.00139410258, 0.000199143804),
    exp2=(0.693147182, 0.240226477, 0.0555033237, 0.00961843785, 0.00133989006, 0.000153533416),
    sinh=(0.166666672, 0.0083332872, 0.000199062546),
)


# tanh x = x + x³·P(x²), |x| <= 0.625, relative error 2^-27.9.
TANH = (-0.333332837, 0.133314893, -0.0537433103, 0.0206499435, -0.00571628986)


def constants(x: Term) -> Constants:
    return DOUBLES if x.format.mantissa == 52 else SINGLES


def reduced(x: Term, rest: Term | None = None) -> tuple[Term, Term, Term]:
    """r, the part of it that rounding lost, and the bits from which `scaled` takes 2^k.

    `rest` belongs to x, which it hardly changes.
    """
    form, c = x.format, constants(x)
    shifter = form.rounder + 2 * form.bias
    shifted = fma(x, LOG2_E, shifter)
    k = shifted - shifter
    high = fma(k, -c.ln2_high, x)
    low = k * c.ln2_low if rest is None else fma(k, c.ln2_low, -rest)
    r = high - low
    return r, (high - r) - low, shifted.bits()


def exp(x: Term) -> Term:
    c = constants(x)
    return exp_within(clamp(x, c.underflow, c.overflow))


def exp_with_rest(x: Term, rest: Term) -> Term:
    """e^(x + rest). The rest of what is far below underflow may be as large as any number, and counts for nothing."""
    c = constants(x)
    rest = select(x < c.underflow, 0.0, rest)
    return exp_within(clamp(x, c.underflow, c.overflow), rest)


def exp_within(x: Term, rest: Term | None = None) -> Term:
    """exp between the bounds of underflow and overflow."""
    r, _, bits = reduced(x, rest)
    return scaled(fma(fma(paired(r, r * r, constants(x).exp), r, 1.0), r, 1.0), bits)


def exp2(x: Term) -> Term:
    form, c = x.format, constants(x)
    x = clamp(x, -form.bias - form.mantissa - 2.0, form.bias + 1.0)
    shifter = form.rounder + 2 * form.bias
    shifted = x + shifter
    r = x - (shifted - shifter)
    return scaled(fma(paired(r, r * r, c.exp2), r, 1.0), shifted.bits())


def less_one(x: Term) -> tuple[Term, Term, Term]:
    """e^r - 1, for `expm1` and its kin: as two floats, and the bits for 2^k."""
    r, lost, bits = reduced(x)
    square = r * r
    p, p_low = ordered_sum_of(r, fma(paired(r, square, constants(x).expm1), square, lost))
    return p, p_low, bits


def expm1(x: Term) -> Term:
    """2^k·(e^r - 1) + (2^k - 1), at half the size, because 2^k alone may overflow."""
    form, c = x.format, constants(x)
    held = clamp(x, c.vanishing, c.overflow)
    p, p_low, bits = less_one(held)
    scale = power_of_two(bits - (form.bias + 1))  # 2^(k-1)
    whole = fma(scale, p_low, fma(scale, p, scale - 0.5))
    return copysign(select((scale - 0.5).is_("==", 0.0), p, whole + whole), x)


def tanh(x: Term) -> Term:
    size = clamp(abs(x), 0.0, -constants(x).vanishing / 2)
    return copysign(_tanh_of_doubles(size) if x.format.mantissa == 52 else _tanh_of_singles(size), x)


def _tanh_of_doubles(x: Term) -> Term:
    """t/(t + 2) with t = e^2x - 1, to a little more than the format's precision."""
    p, p_low, bits = less_one(x * 2.0)
    scale = power_of_two(bits - x.format.bias)
    t, t_low = ordered_sum_of(scale - 1.0, p * scale)
    t_low = fma(p_low, scale, t_low)
    d, d_low = sum_of(t, t.constant(2.0))
    return quotient(t, t_low, d, d_low + t_low)


def _tanh_of_singles(x: Term) -> Term:
    """1 - 2/(e^2x + 1), which is cheaper; and a polynomial where that would cancel."""
    square = x * x
    near = fma(paired(square, square * square, TANH), x * square, x)
    return select(x < 0.625, near, 1.0 - 2.0 / (exp_within(x * 2.0) + 1.0))


def sigmoid(x: Term) -> Term:
    """1/(1 + e^-x) is b·(1 - e/(1 + e)) with e = e^-|x|, which cannot overflow, and b = 1, or e for x < 0."""
    smallest = x.constant(constants(x).underflow)
    size = -abs(x)
    e = exp_within(select(size < smallest, smallest, size))
    b = select(x < 0.0, e, 1.0)
    return fma(-b, e / (e + 1.0), b)


def half_exponentials(x: Term) -> tuple[Term, Term, Term]:
    """e^x/4 as two floats, and e^-x/4, for x >= 0: a quarter, because cosh is finite where e^x is not."""
    form = x.format
    p, p_low, bits = less_one(clamp(x, 0.0, constants(x).overflow + 0.6))
    scale = power_of_two(bits - (form.bias + 2))
    high, low = ordered_sum_of(scale, scale * p)
    return high, fma(scale, p_low, low), 0.0625 / high


def cosh(x: Term) -> Term:
    high, low, other = half_exponentials(abs(x))
    return ((low + other) + high) * 2.0


def sinh(x: Term) -> Term:
    """By a polynomial where e^x and e^-x are close."""
    size = abs(x)
    high, low, other = half_exponentials(size)
    difference, lost = ordered_sum_of(high, -other)
    square = size * size
    small = fma(size * square, horner(square, constants(x).sinh), size)
    return copysign(select(size < 0.35, small, (difference + (lost + fma(other * low, other * 16.0, low))) * 2.0), x)
