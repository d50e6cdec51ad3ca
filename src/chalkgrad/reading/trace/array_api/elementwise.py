"""Element-wise functions of the standard: NumPy's, with the standard's names and nothing but its arguments."""

from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any

ONE = (
    "abs acos acosh asin asinh atan atanh bitwise_invert ceil conj cos cosh exp expm1 floor imag isfinite isinf isnan log log1p"
    " log2 log10 logical_not negative positive real reciprocal round sign signbit sin sinh square sqrt tan tanh trunc"
).split()
TWO = (
    "add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor copysign divide equal floor_divide greater"
    " greater_equal hypot less less_equal logaddexp logical_and logical_or logical_xor maximum minimum multiply nextafter not_equal"
    " pow remainder subtract"
).split()

__all__ = ["clip", *ONE, *TWO]


def _of_one(function: Callable[..., Any]) -> Callable[[Array], Array]:
    def rule(x: Array, /) -> Array:
        return function(x)

    return rule


def _of_two(function: Callable[..., Any]) -> Callable[[Array, Array], Array]:
    def rule(x1: Array, x2: Array, /) -> Array:
        return function(x1, x2)

    return rule


for _names, _kind in ((ONE, _of_one), (TWO, _of_two)):
    for _name in _names:
        _function = globals()[_name] = _kind(getattr(np, _name))
        _function.__name__ = _function.__qualname__ = _name
        _function.__doc__ = f"np.{_name} of arrays and traced values."


def clip(x: Array, /, min: Any = None, max: Any = None) -> Array:
    result = np.clip(x, min, max)
    return result if result.dtype == x.dtype else result.astype(x.dtype)
