"""Reductions that leave out the entries that are nan.

An entry that is left out is replaced before anything is computed from it, so that no nan flows back either: its gradient is 0.
"""

from typing import Any

import numpy as np

from chalkgrad.reading.trace.functions.reducing import NO, as_dtype, divided
from chalkgrad.reading.trace.table import covers, unsaid

Value = Any


def _there(a: Value, where: Any) -> Any:
    """Marks the entries that count."""
    there = np.logical_not(np.isnan(a))
    return there if where is NO or where is None or where is True else np.logical_and(there, where)


def _count(a: Value, axis: Any, keepdims: Any, where: Any) -> Any:
    return np.sum(_there(a, where), axis=axis, keepdims=keepdims is True)


def _filled(a: Value, number: float) -> Any:
    return np.where(np.isnan(a), number, a)


@covers(np.nansum)
def nansum(
    a: Value, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO
) -> Any:
    unsaid("np.nansum", out=out)
    return np.sum(_filled(a, 0.0), axis=axis, dtype=dtype, keepdims=keepdims is True, initial=initial, where=where)


@covers(np.nanprod)
def nanprod(
    a: Value, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO
) -> Any:
    unsaid("np.nanprod", out=out)
    return np.prod(_filled(a, 1.0), axis=axis, dtype=dtype, keepdims=keepdims is True, initial=initial, where=where)


@covers(np.nancumsum)
def nancumsum(a: Value, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumsum(_filled(a, 0.0), axis=axis, dtype=dtype, out=out)


@covers(np.nancumprod)
def nancumprod(a: Value, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return np.cumprod(_filled(a, 1.0), axis=axis, dtype=dtype, out=out)


@covers(np.nanmean)
def nanmean(a: Value, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO) -> Any:
    unsaid("np.nanmean", out=out)
    total = np.nansum(a, axis=axis, keepdims=keepdims is True, where=where)
    return as_dtype(divided(total, _count(a, axis, keepdims, where)), dtype)


@covers(np.nanvar)
def nanvar(a: Value, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
           where: Any = NO, mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    unsaid("np.nanvar", out=out)
    about = np.nanmean(a, axis=axis, keepdims=True, where=where) if mean is NO else mean
    squares = np.sum(np.square(np.where(_there(a, where), a - about, 0.0)), axis=axis, keepdims=keepdims is True)
    free = _count(a, axis, keepdims, where) - (ddof if correction is NO else correction)
    return as_dtype(divided(squares, np.where(np.greater(free, 0), free, np.nan)), dtype)


@covers(np.nanstd)
def nanstd(a: Value, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *,
           where: Any = NO, mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    return np.sqrt(
        np.nanvar(a, axis=axis, dtype=dtype, out=out, ddof=ddof, keepdims=keepdims, where=where, mean=mean, correction=correction)
    )


def _extreme(over: Any, a: Value, neutral: float, axis: Any, keepdims: Any, initial: Any, where: Any) -> Any:
    best = over(_filled(a, neutral), axis=axis, keepdims=keepdims is True, initial=initial, where=where)
    if initial is not NO:
        return best
    return np.where(np.greater(_count(a, axis, keepdims, where), 0), best, np.nan)


@covers(np.nanmax)
def nanmax(a: Value, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    unsaid("np.nanmax", out=out)
    return _extreme(np.max, a, -np.inf, axis, keepdims, initial, where)


@covers(np.nanmin)
def nanmin(a: Value, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    unsaid("np.nanmin", out=out)
    return _extreme(np.min, a, np.inf, axis, keepdims, initial, where)
