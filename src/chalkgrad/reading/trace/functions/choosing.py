"""Functions that choose, round and order entries: where, clip, round, sort, take, diagonal, triangles."""

import functools
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes
from chalkgrad.reading.trace.functions.reducing import plain_axis
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import apply, joined, traced
from chalkgrad.reading.trace.table import covers, unsaid
from chalkgrad.reading.trace.traced import Traced

Value = Any
FROM_BELOW = -np.inf


@covers(np.where)
def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    if x is None and y is None:
        return np.nonzero(condition)
    settled = joined(condition)
    is_condition = getattr(settled, "dtype", np.dtype(object)).kind == "b"
    return apply("where", settled if is_condition else np.not_equal(settled, 0), x, y)


@covers(np.nonzero)
def nonzero(a: Value) -> Any:
    """Places are whole numbers, and how many there are is a matter of values: a guard keeps the answer."""
    mask = traced(np.not_equal(traced(a), 0)).settled()
    mask.session.guard(mask.node, "array", np.array(mask.value))
    return np.nonzero(mask.value)


@covers(np.flatnonzero)
def flatnonzero(a: Value) -> Any:
    return np.nonzero(np.ravel(a))[0]


@covers(np.argwhere)
def argwhere(a: Value) -> Any:
    return np.stack(np.nonzero(a), axis=-1)


@covers(np.clip)
def clip(a: Value, a_min: Any = None, a_max: Any = None, out: Any = None, **settings: Any) -> Any:
    low, high = settings.pop("min", a_min), settings.pop("max", a_max)
    unsaid("np.clip", out=out, **settings)
    if low is None or low is np._NoValue:
        return traced(a) if high is None or high is np._NoValue else np.minimum(a, high)
    if high is None or high is np._NoValue:
        return np.maximum(a, low)
    return apply("clip", a, low, high)


@covers(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = np.where(condition, choice, result)
    return result


@covers(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    unsaid("np.choose", out=out)
    count, places = len(choices), joined(a)
    if np.result_type(getattr(places, "dtype", type(places))).kind not in "iub":
        raise refusal("np.choose takes whole numbers as its first argument.", hint="astype(int) makes whole numbers.")
    if mode == "clip":
        places = np.clip(places, 0, count - 1)
    elif mode == "wrap":
        places = np.remainder(places, count)
    elif not bool(np.all((places >= 0) & (places < count))):
        raise ValueError("invalid entry in choice array")
    result = np.where(places == 0, choices[0], choices[count - 1])
    for place in range(1, count - 1):
        result = np.where(places == place, choices[place], result)
    return result


@covers(np.piecewise)
def piecewise(x: Value, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Each function is given the entries of its own piece only, as NumPy does it; so what it makes of the others never matters."""
    x = traced(x)
    conditions = list(condlist) if isinstance(condlist, list | tuple) and (x.ndim == 0 or np.ndim(condlist[0])) else [condlist]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~functools.reduce(np.logical_or, conditions))
    if len(funclist) != len(conditions):
        raise ValueError(f"with {len(conditions)} conditions, {len(conditions)} or {len(conditions) + 1} functions are expected")
    result = np.zeros_like(x)
    for condition, piece in zip(conditions, funclist, strict=True):
        if x.ndim == 0:
            result = np.where(condition, piece(x, *args, **kw) if callable(piece) else piece, result)
        else:
            result[condition] = piece(x[condition], *args, **kw) if callable(piece) else piece
    return result


@covers(np.nan_to_num)
def nan_to_num(x: Value, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    x = traced(x)
    limits = np.finfo(x.dtype)
    high, low = limits.max if posinf is None else posinf, limits.min if neginf is None else neginf
    return np.where(np.isnan(x), nan, np.where(np.isinf(x), np.where(x > 0, high, low), x))


@covers(np.round, np.around)
def round_(a: Value, decimals: int = 0, out: Any = None) -> Any:
    unsaid("np.round", out=out)
    a = traced(a)
    if a.dtype.kind in "iub" and decimals >= 0:
        return a
    scale = 10.0 ** abs(int(decimals))
    return np.rint(a) if decimals == 0 else np.rint(a * scale) / scale if decimals > 0 else np.rint(a / scale) * scale


@covers(np.fix)
def fix(x: Value, out: Any = None) -> Any:
    unsaid("np.fix", out=out)
    return np.trunc(x)


@covers(np.sinc)
def sinc(x: Value) -> Any:
    angle = np.pi * np.where(np.equal(x, 0), 1.0, x)
    # Near zero the quotient's slope is made of nearly equal parts, so the series stands in.
    square = np.square(np.pi * np.where(np.abs(x) < 0.05, x, 0.0))
    series = 1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110))))
    return np.where(np.abs(x) < 0.05, series, np.sin(angle) / angle)


@covers(np.take)
def take(a: Value, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    unsaid("np.take", out=out, mode=None if mode == "raise" else mode)
    if axis is None:
        return traced(np.ravel(a))[indices]
    (place,) = axes(int(axis), np.ndim(a))
    return traced(a)[(*(slice(None),) * place, indices)]


@covers(np.take_along_axis)
def take_along_axis(arr: Value, indices: Any, axis: Any = -1) -> Any:
    if axis is None:
        return traced(np.ravel(arr))[np.ravel(indices)]
    rank = np.ndim(arr)
    (place,) = axes(int(axis), rank)
    grid = np.ogrid[tuple(slice(0, size) for size in np.shape(arr))]
    return traced(arr)[tuple(indices if at == place else grid[at] for at in range(rank))]


@covers(np.compress)
def compress(condition: Any, a: Value, axis: Any = None, out: Any = None) -> Any:
    unsaid("np.compress", out=out)
    return np.take(a, np.flatnonzero(condition), axis=axis)


@covers(np.extract)
def extract(condition: Any, arr: Value) -> Any:
    return np.take(np.ravel(arr), np.flatnonzero(condition))


@covers(np.argsort)
def argsort(a: Value, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    unsaid("np.argsort", order=order)
    return apply("argsort", np.ravel(a) if axis is None else a, axis=-1 if axis is None else int(axis))


@covers(np.sort)
def sort(a: Value, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    a = traced(np.ravel(a) if axis is None else a)
    axis = -1 if axis is None else int(axis)
    return np.take_along_axis(a, np.argsort(a, axis=axis, order=order), axis=axis)


@covers(np.partition)
def partition(a: Value, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """Sorted entries are partitioned at any place; within the two sides NumPy promises no order."""
    a = traced(np.ravel(a) if axis is None else a)
    np.partition(np.broadcast_to(np.int8(0), a.shape), kth, axis=-1 if axis is None else axis)  # NumPy's own verdict on kth
    return np.sort(a, axis=-1 if axis is None else axis, order=order)


@covers(np.argmax)
def argmax(a: Value, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    unsaid("np.argmax", out=out)
    return apply("argmax", a, axis=plain_axis(axis), keepdims=keepdims is True)


@covers(np.argmin)
def argmin(a: Value, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    unsaid("np.argmin", out=out)
    return apply("argmin", a, axis=plain_axis(axis), keepdims=keepdims is True)


@covers(np.searchsorted)
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    unsaid("np.searchsorted", sorter=sorter)
    a, v = traced(a), traced(v)
    below = np.expand_dims(v, -1) > a if side == "left" else np.expand_dims(v, -1) >= a
    return np.sum(below, axis=-1)


@covers(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    unsaid("np.interp", period=period)
    x, knots, heights = traced(x), traced(xp), traced(fp)
    after = np.clip(np.searchsorted(knots, x, side="right"), 1, knots.size - 1).astype(int)
    low, high = knots[after - 1], knots[after]
    share = (np.clip(x, knots[0], knots[-1]) - low) / (high - low)
    inside = heights[after - 1] * (1 - share) + heights[after] * share
    inside = inside if left is None else np.where(x < knots[0], left, inside)
    return inside if right is None else np.where(x > knots[-1], right, inside)


@covers(np.diagonal)
def diagonal(a: Value, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    a = np.moveaxis(traced(a), (axis1, axis2), (-2, -1))
    rows, columns = a.shape[-2:]
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    places = np.arange(length)
    return a[..., places + max(-offset, 0), places + max(offset, 0)]


@covers(np.diag)
def diag(v: Value, k: int = 0) -> Any:
    v = traced(v)
    if v.ndim == 2:
        return np.diagonal(v, offset=k)
    if v.ndim != 1:
        raise refusal("np.diag takes a vector or a matrix.")
    size = v.shape[0] + abs(k)
    places = np.arange(v.shape[0])
    return apply("scatter", v, places + max(-k, 0), places + max(k, 0), index=("#", "#"), shape=(size, size))


@covers(np.diagflat)
def diagflat(v: Value, k: int = 0) -> Any:
    return np.diag(np.ravel(v), k)


def _triangle(m: Value, k: int) -> Any:
    rows, columns = np.shape(m)[-2:]
    return np.tri(rows, columns, k=k, dtype=bool)


@covers(np.tril)
def tril(m: Value, k: int = 0) -> Any:
    return np.where(_triangle(m, k), m, np.zeros((), dtype=traced(m).dtype))


@covers(np.triu)
def triu(m: Value, k: int = 0) -> Any:
    return np.where(_triangle(m, k - 1), np.zeros((), dtype=traced(m).dtype), m)


@covers("astype")
def astype(x: Traced, dtype: Any) -> Traced:
    kind = np.dtype(dtype)
    if kind == x.dtype:
        return x
    if kind.kind == "f":
        return apply("cast", x, dtype=kind.name)
    if kind.kind == "b":
        return apply("not_equal", x, 0)
    if kind.kind in "iu":
        return apply("as_whole", x, dtype=kind.name)
    raise refusal(
        f"A traced value cannot become an array of {kind}.", hint="Chalkgrad knows real floats, whole numbers and conditions."
    )
