"""arcsinh, arccosh, arctanh, through log1p of what they have beyond 1."""

import math

from chalkgrad.native.maths import logarithm
from chalkgrad.native.maths.vocabulary import Term, copysign, fma, ordered_sum_of, quotient, select

LARGE = 2.0**30  # beyond, arcsinh x and arccosh x are log 2x


def arcsinh(x: Term) -> Term:
    """log1p(|x| + x²/(1 + √(1 + x²)))."""
    size = abs(x)
    held = select(size > LARGE, LARGE, size)
    square = held * held
    root = fma(held, held, 1.0).intrinsic("llvm.sqrt")
    total, lost = ordered_sum_of(held, square / (root + 1.0))
    return copysign(_or_of_twice(size, logarithm.log1p_of_sum(total, lost)), x)


def arccosh(x: Term) -> Term:
    """log1p(t + √(2t + t²)) with t = x - 1."""
    t = select(x > LARGE, LARGE, x) - 1.0
    root = fma(t, t, t * 2.0).intrinsic("llvm.sqrt")
    near = logarithm.log1p_of_sum(*ordered_sum_of(root, t))
    return select(x < 1.0, math.nan, _or_of_twice(x, near))


def _or_of_twice(x: Term, near: Term) -> Term:
    k, m, _ = logarithm.in_parts(x)
    far = logarithm.natural(k + 1.0, m - 1.0)
    return select(x > LARGE, select(x < math.inf, far, x), near)


def arctanh(x: Term) -> Term:
    """log1p(2x/(1 - x))/2."""
    size = abs(x)
    bottom, lost = ordered_sum_of(x.constant(1.0), -size)
    ratio = quotient(size * 2.0, None, bottom, lost)
    return copysign(select(size.is_("==", 1.0), math.inf, logarithm.log1p(ratio) * 0.5), x)
