"""hypot, cbrt."""

import math

from chalkgrad.native.maths.logarithm import in_parts
from chalkgrad.native.maths.vocabulary import Term, copysign, fma, horner, power_of_two, product_of, residual, select

SMALL = 2.0**-500  # the squares of sides below would lose bits
SCALE = 2.0**600

# ∛(1 + f), f in [-0.29289, 0.41422]: relative errors 2^-19.6 and 2^-13.7.
DOUBLE_START = (
    0.9999990134370208, 0.3333203155790268, -0.11096410890436552, 0.06228767075962328, -0.04478215389738829, 0.02695471827858723,
)  # fmt: skip
SINGLE_START = (1.0000692417704264, 0.33362237913634457, -0.11571632198146652, 0.05822061268886182)


def hypot(x: Term, y: Term) -> Term:
    """√(x² + y²), in double precision for single, and with the sides scaled where their squares would overflow or underflow."""
    x, y = abs(x), abs(y)
    infinite = x.is_("==", math.inf) | y.is_("==", math.inf)
    result = _of_doubles(x, y) if x.format.mantissa == 52 else _root(x.wide(), y.wide()).narrow()
    return select(infinite, math.inf, result)


def _root(x: Term, y: Term) -> Term:
    return fma(x, x, y * y).intrinsic("llvm.sqrt")


def _of_doubles(x: Term, y: Term) -> Term:
    larger = select(x > y, x, y)
    big, small = larger > 1 / SMALL, larger < SMALL
    factor = select(big, x.constant(1 / SCALE), select(small, SCALE, x.constant(1.0)))
    back = select(big, x.constant(SCALE), select(small, 1 / SCALE, x.constant(1.0)))
    return _root(x * factor, y * factor) * back


def cbrt(x: Term) -> Term:
    """From a polynomial by one step of Halley's, which triples the bits: x = 8^q·v with v in [√½/2, 2·√2), y = ∛v."""
    form, size = x.format, abs(x)
    k, m, _ = in_parts(size)
    shifted = fma(k, 1 / 3, form.rounder)
    rest = k - (shifted - form.rounder) * 3.0
    more, less = rest > 0.0, rest < 0.0
    v = m * select(more, x.constant(2.0), select(less, x.constant(0.5), 1.0))
    start = horner(m - 1.0, DOUBLE_START if form.mantissa == 52 else SINGLE_START)
    y = start * select(more, x.constant(2.0 ** (1 / 3)), select(less, x.constant(0.5 ** (1 / 3)), 1.0))
    square, square_low = product_of(y, y)
    left = fma(-square_low, y, residual(v, square, y))
    y = fma(y, left / fma(square * 2.0, y, v), y)
    result = y * power_of_two(shifted.bits() + form.bias)
    return copysign(select((size > 0.0) & (size < math.inf), result, size), x)
