"""Functions that gather many entries into few: sum, mean, prod, max, var, std, average, cumsum, diff, median.

A rule whose gate has settings calls the gate; everything else is written in plain NumPy, as the textbook has it.
"""

from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import apply, traced
from chalkgrad.reading.trace.table import covers, unsaid
from chalkgrad.reading.trace.traced import Traced

NO = np._NoValue
Value = Any


def plain_axis(axis: Any) -> Any:
    """An axis as the gates hold it: whole numbers of Python."""
    if axis is None or axis is NO:
        return None
    return tuple(int(one) for one in axis) if isinstance(axis, tuple | list) else int(axis)


def said(value: Any) -> bool:
    return value is not None and value is not NO


def counted(x: Value, axis: Any, where: Any = NO) -> Any:
    """How many entries one entry of the reduction gathers."""
    x = traced(x)
    if said(where) and where is not True:
        return np.sum(np.broadcast_to(where, x.shape), axis=axis)
    return int(np.prod([x.shape[place] for place in axes(plain_axis(axis), x.ndim)], dtype=int))


def _fed(x: Value, where: Any, neutral: float) -> Value:
    return np.where(where, x, neutral) if said(where) and where is not True else x


def as_dtype(result: Value, dtype: Any) -> Value:
    return result.astype(dtype) if said(dtype) else result


@covers(np.sum)
def sum_(
    a: Value, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO
) -> Any:
    unsaid("np.sum", out=out)
    total = apply("sum", _counted_bits(_fed(a, where, 0.0)), axis=plain_axis(axis), keepdims=keepdims is True)
    return as_dtype(total + initial if said(initial) else total, dtype)


def _counted_bits(x: Value) -> Value:
    """Conditions are added up as whole numbers."""
    return x.astype(np.int64) if isinstance(x, Traced) and x.dtype.kind == "b" else x


@covers(np.mean)
def mean(a: Value, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO) -> Any:
    unsaid("np.mean", out=out)
    if said(where) and where is not True:
        total = np.sum(a, axis=axis, keepdims=keepdims is True, where=where)
        return as_dtype(divided(total, _kept(counted(a, axis, where), a, axis, keepdims)), dtype)
    return as_dtype(apply("mean", _counted_bits(a), axis=plain_axis(axis), keepdims=keepdims is True), dtype)


def _kept(count: Any, a: Value, axis: Any, keepdims: Any) -> Any:
    """A count for each entry of a reduction, with the axes of one entry that keepdims leaves."""
    if keepdims is True and not isinstance(count, int | float):
        return np.expand_dims(count, axes(plain_axis(axis), np.ndim(a)))
    return count


def divided(total: Value, count: Any) -> Value:
    """The total over a count of entries, in the total's own precision."""
    total = traced(total)
    return total / count if isinstance(count, int | float) or total.dtype.kind != "f" else total / traced(count).astype(total.dtype)


@covers(np.prod)
def prod(
    a: Value, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO
) -> Any:
    unsaid("np.prod", out=out)
    total = apply("prod", _fed(a, where, 1.0), axis=plain_axis(axis), keepdims=keepdims is True)
    return as_dtype(total * initial if said(initial) else total, dtype)


def _extreme(name: str, a: Value, axis: Any, keepdims: Any, initial: Any) -> Any:
    best = apply(name, a, axis=plain_axis(axis), keepdims=keepdims is True, ties="split")
    return best if not said(initial) else getattr(np, f"{name}imum")(best, initial)


@covers(np.max, np.amax)
def max_(a: Value, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    unsaid("np.max", out=out)
    return _extreme("max", _fed(a, where, initial if said(initial) else -np.inf), axis, keepdims, initial)


@covers(np.min, np.amin)
def min_(a: Value, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NO, where: Any = NO) -> Any:
    unsaid("np.min", out=out)
    return _extreme("min", _fed(a, where, initial if said(initial) else np.inf), axis, keepdims, initial)


@covers(np.ptp)
def ptp(a: Value, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    unsaid("np.ptp", out=out)
    return np.max(a, axis=axis, keepdims=keepdims is True) - np.min(a, axis=axis, keepdims=keepdims is True)


@covers(np.any)
def any_(a: Value, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO) -> Any:
    unsaid("np.any", out=out)
    return apply("any", _fed(a, where, 0.0), axis=plain_axis(axis), keepdims=keepdims is True)


@covers(np.all)
def all_(a: Value, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NO) -> Any:
    unsaid("np.all", out=out)
    return apply("all", _fed(a, where, 1.0), axis=plain_axis(axis), keepdims=keepdims is True)


@covers(np.count_nonzero)
def count_nonzero(a: Value, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.sum(np.not_equal(a, 0), axis=axis, keepdims=keepdims)


@covers(np.var)
def var(a: Value, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *, where: Any = NO,
        mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    unsaid("np.var", out=out)
    about = mean if said(mean) else np.mean(a, axis=axis, keepdims=True, where=where)
    squares = np.sum(np.square(a - about), axis=axis, keepdims=keepdims is True, where=where)
    free = counted(a, axis, where) - (correction if said(correction) else ddof)
    count = max(free, 0) if isinstance(free, int | float) else _kept(np.maximum(free, 0), a, axis, keepdims)
    return as_dtype(divided(squares, count), dtype)


@covers(np.std)
def std(a: Value, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *, where: Any = NO,
        mean: Any = NO, correction: Any = NO) -> Any:  # fmt: skip
    return np.sqrt(
        np.var(a, axis=axis, dtype=dtype, out=out, ddof=ddof, keepdims=keepdims, where=where, mean=mean, correction=correction)
    )


@covers(np.average)
def average(a: Value, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    if weights is None:
        result, total = np.mean(a, axis=axis, keepdims=keepdims is True), counted(a, axis)
    else:
        a, weights = traced(a), traced(weights)
        if weights.shape != a.shape:
            (place,) = axes(plain_axis(axis), a.ndim)
            weights = np.reshape(weights, tuple(size if at == place else 1 for at, size in enumerate(a.shape)))
            weights = np.broadcast_to(weights, a.shape)
        total = np.sum(weights, axis=axis, keepdims=keepdims is True)
        result = np.sum(a * weights, axis=axis, keepdims=keepdims is True) / total
    return (result, total) if returned else result


@covers(np.cumsum)
def cumsum(a: Value, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    unsaid("np.cumsum", out=out)
    flat = np.ravel(a) if axis is None else a
    return as_dtype(apply("cumsum", flat, axis=-1 if axis is None else int(axis)), dtype)


@covers(np.cumprod)
def cumprod(a: Value, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    unsaid("np.cumprod", out=out)
    flat = np.ravel(a) if axis is None else a
    return as_dtype(apply("cumprod", flat, axis=-1 if axis is None else int(axis)), dtype)


def _running(choose: Any, name: str) -> Any:
    """The largest (or smallest) so far, by doubling: each step joins two stretches that lie end to end, so none counts twice."""

    def rule(x: Value, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
        unsaid(f"{name}.accumulate", out=out)
        best = np.moveaxis(as_dtype(traced(x), dtype), int(axis), 0)
        step = 1
        while step < best.shape[0]:
            best = np.concatenate([best[:step], choose(best[:-step], best[step:])], axis=0)
            step *= 2
        return np.moveaxis(best, 0, int(axis))

    return rule


covers((np.maximum, "accumulate"))(_running(np.maximum, "np.maximum"))
covers((np.minimum, "accumulate"))(_running(np.minimum, "np.minimum"))


@covers(np.diff)
def diff(a: Value, n: int = 1, axis: int = -1, prepend: Any = NO, append: Any = NO) -> Any:
    a = traced(a)
    (place,) = axes(int(axis), a.ndim)
    ends = [
        end if np.ndim(end) else np.broadcast_to(end, (*a.shape[:place], 1, *a.shape[place + 1 :]))
        for end in (prepend, append)
        if said(end)
    ]
    if ends:
        a = np.concatenate([*(ends[:1] if said(prepend) else []), a, *(ends[-1:] if said(append) else [])], axis=place)
    for _ in range(n):
        before = (slice(None),) * place
        a = a[(*before, slice(1, None))] - a[(*before, slice(None, -1))]
    return a


@covers(np.ediff1d)
def ediff1d(a: Value, to_end: Any = None, to_begin: Any = None) -> Any:
    unsaid("np.ediff1d", to_end=to_end, to_begin=to_begin)
    return np.diff(np.ravel(a))


@covers(np.trapezoid)
def trapezoid(y: Value, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    y = np.moveaxis(traced(y), axis, -1)
    widths = dx if x is None else np.diff(x if np.ndim(x) == 1 else np.moveaxis(x, axis, -1), axis=-1)
    return np.sum(widths * (y[..., 1:] + y[..., :-1]) / 2.0, axis=-1)


@covers(np.median)
def median(a: Value, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    unsaid("np.median", out=out)
    return np.quantile(a, 0.5, axis=axis, keepdims=keepdims)


@covers(np.quantile)
def quantile(a: Value, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
             keepdims: bool = False, **settings: Any) -> Any:  # fmt: skip
    unsaid("np.quantile", out=out, **settings)
    if method != "linear" or np.ndim(q) > 1 or isinstance(q, Traced):
        raise refusal("np.quantile is traced for fixed quantiles and method='linear'.")
    a = traced(a)
    gone = axes(plain_axis(axis), a.ndim)
    kept = tuple(place for place in range(a.ndim) if place not in gone)
    rows = np.sort(np.reshape(np.transpose(a, (*kept, *gone)), (*(a.shape[place] for place in kept), -1)), axis=-1)
    spot = np.asarray(q, dtype=float) * (rows.shape[-1] - 1)
    low = np.floor(spot).astype(int)
    high = np.ceil(spot).astype(int)
    share = spot - low if np.ndim(q) else float(spot - low)
    found = rows[..., low] * (1.0 - share) + rows[..., high] * share
    found = np.moveaxis(found, -1, 0) if np.ndim(q) else found
    return np.expand_dims(found, tuple(place + np.ndim(q) for place in gone)) if keepdims else found


@covers(np.percentile)
def percentile(a: Value, q: Any, axis: Any = None, **settings: Any) -> Any:
    return np.quantile(a, np.asarray(q, dtype=float) / 100.0, axis=axis, **settings)
