"""Functions that lay entries out anew: reshape, transpose, join, split, repeat, flip, roll, pad."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import apply, traced
from chalkgrad.reading.trace.table import covers, unsaid

Value = Any


def sizes(shape: Any) -> tuple[int, ...]:
    """A shape as NumPy takes it: one whole number or several."""
    return tuple(one.__index__() for one in shape) if isinstance(shape, tuple | list | np.ndarray) else (shape.__index__(),)


@covers(np.reshape)
def reshape(a: Value, /, shape: Any, order: str = "C", *, copy: Any = None) -> Any:
    if order == "F":
        return np.transpose(np.reshape(np.transpose(a), sizes(shape)[::-1]))
    if order not in ("C", "A"):
        raise refusal(f"np.reshape is traced with the orders C and F, not {order!r}.")
    return apply("reshape", a, shape=sizes(shape))


@covers(np.ravel)
def ravel(a: Value, order: str = "C") -> Any:
    return np.reshape(a, -1, order="C" if order == "K" else order)  # type: ignore[call-overload]


@covers(np.transpose, np.permute_dims)
def transpose(a: Value, axes: Any = None) -> Any:  # the parameter has NumPy's name
    return apply("transpose", a, axes=None if axes is None else tuple(int(one) for one in axes))


@covers(np.matrix_transpose)
def matrix_transpose(a: Value) -> Any:
    return np.swapaxes(a, -1, -2)


@covers(np.swapaxes)
def swapaxes(a: Value, axis1: int, axis2: int) -> Any:
    order = list(range(np.ndim(a)))
    (first,), (second,) = axes(int(axis1), len(order)), axes(int(axis2), len(order))
    order[first], order[second] = order[second], order[first]
    return np.transpose(a, order)


@covers(np.moveaxis)
def moveaxis(a: Value, source: Any, destination: Any) -> Any:
    rank = np.ndim(a)
    begin = [one % rank for one in (source if isinstance(source, tuple | list) else (source,)) if axes(int(one), rank)]
    end = [one % rank for one in (destination if isinstance(destination, tuple | list) else (destination,)) if axes(int(one), rank)]
    order = [one for one in range(rank) if one not in begin]
    for place, one in sorted(zip(end, begin, strict=True)):
        order.insert(place, one)
    return np.transpose(a, order)


@covers(np.rollaxis)
def rollaxis(a: Value, axis: int, start: int = 0) -> Any:
    rank = np.ndim(a)
    axis, start = axis % rank, start + rank if start < 0 else start
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


@covers(np.expand_dims)
def expand_dims(a: Value, axis: Any) -> Any:
    wanted = axis if isinstance(axis, tuple | list) else (axis,)
    places = axes(tuple(int(one) for one in wanted), np.ndim(a) + len(wanted))
    rest = iter(np.shape(a))
    return np.reshape(a, tuple(1 if place in places else next(rest) for place in range(np.ndim(a) + len(wanted))))


@covers(np.squeeze)
def squeeze(a: Value, axis: Any = None) -> Any:
    shape = np.shape(a)
    places = tuple(place for place, size in enumerate(shape) if size == 1)
    gone = places if axis is None else axes(tuple(map(int, axis)) if isinstance(axis, tuple | list) else int(axis), len(shape))
    if any(shape[place] != 1 for place in gone):
        raise refusal(f"Only axes of one entry can be squeezed out of the shape {shape}.")
    return np.reshape(a, tuple(size for place, size in enumerate(shape) if place not in gone))


@covers(np.atleast_1d)
def atleast_1d(*arrays: Value) -> Any:
    return _each(lambda a: a if np.ndim(a) else np.reshape(a, (1,)), arrays)


@covers(np.atleast_2d)
def atleast_2d(*arrays: Value) -> Any:
    return _each(lambda a: a if np.ndim(a) > 1 else np.reshape(a, (1, -1)), arrays)


@covers(np.atleast_3d)
def atleast_3d(*arrays: Value) -> Any:
    return _each(lambda a: a if np.ndim(a) > 2 else np.reshape(a, (1, -1, 1)) if np.ndim(a) < 2 else np.expand_dims(a, 2), arrays)


def _each(rule: Any, arrays: Sequence[Value]) -> Any:
    return rule(arrays[0]) if len(arrays) == 1 else tuple(rule(one) for one in arrays)


@covers(np.broadcast_to)
def broadcast_to(array: Value, shape: Any, subok: bool = False) -> Any:
    return apply("broadcast_to", array, shape=sizes(shape))


@covers(np.broadcast_arrays)
def broadcast_arrays(*arrays: Value, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*map(np.shape, arrays))
    return tuple(np.broadcast_to(one, shape) for one in arrays)


@covers(np.concatenate)
def concatenate(arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    unsaid("np.concatenate", out=out)
    parts = list(arrays)
    if axis is None:
        parts, axis = [np.ravel(one) for one in parts], 0
    result = apply("concatenate", *parts, axis=int(axis))
    return result if dtype is None else result.astype(dtype)


@covers(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = None) -> Any:
    unsaid("np.stack", out=out)
    result = apply("stack", *arrays, axis=int(axis))
    return result if dtype is None else result.astype(dtype)


@covers(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = None) -> Any:
    return np.concatenate([np.atleast_2d(one) for one in tup], axis=0)


@covers(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = None) -> Any:
    parts = [np.atleast_1d(one) for one in tup]
    return np.concatenate(parts, axis=0 if np.ndim(parts[0]) == 1 else 1)


@covers(np.dstack)
def dstack(tup: Any) -> Any:
    return np.concatenate([np.atleast_3d(one) for one in tup], axis=2)


@covers(np.column_stack)
def column_stack(tup: Any) -> Any:
    return np.concatenate([np.reshape(one, (-1, 1)) if np.ndim(one) < 2 else one for one in tup], axis=1)


@covers(np.append)
def append(arr: Value, values: Any, axis: Any = None) -> Any:
    return np.concatenate([np.ravel(arr), np.ravel(values)]) if axis is None else np.concatenate([arr, values], axis=axis)


@covers(np.array_split)
def array_split(ary: Value, indices_or_sections: Any, axis: int = 0) -> Any:
    ary = traced(ary)
    (place,) = axes(int(axis), ary.ndim)
    size = ary.shape[place]
    if np.ndim(indices_or_sections) == 0:
        count = int(indices_or_sections)
        lengths = [size // count + (part < size % count) for part in range(count)]
        cuts = [0, *np.cumsum(lengths).tolist()]
    else:
        cuts = [0, *map(int, indices_or_sections), size]
    before = (slice(None),) * place
    return [ary[(*before, slice(start, stop))] for start, stop in pairwise(cuts)]


@covers(np.split)
def split(ary: Value, indices_or_sections: Any, axis: int = 0) -> Any:
    if np.ndim(indices_or_sections) == 0 and np.shape(ary)[axis] % int(indices_or_sections):
        raise refusal(f"An axis of {np.shape(ary)[axis]} entries cannot be split into {indices_or_sections} equal parts.",
                      hint="np.array_split makes parts that are nearly equal.")  # fmt: skip
    return np.array_split(ary, indices_or_sections, axis)


@covers(np.vsplit)
def vsplit(ary: Value, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, axis=0)


@covers(np.hsplit)
def hsplit(ary: Value, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, axis=0 if np.ndim(ary) == 1 else 1)


@covers(np.unstack)
def unstack(x: Value, /, *, axis: int = 0) -> Any:
    return tuple(np.moveaxis(x, axis, 0))


@covers(np.tile)
def tile(A: Value, reps: Any) -> Any:
    counts = sizes(reps)
    rank = max(len(counts), np.ndim(A))
    counts = (1,) * (rank - len(counts)) + counts
    shape = (1,) * (rank - np.ndim(A)) + np.shape(A)
    whole = tuple(count * size for count, size in zip(counts, shape, strict=True))
    if all(1 in pair for pair in zip(counts, shape, strict=True)):  # only axes of one entry are stretched
        return np.broadcast_to(np.reshape(A, shape), whole)
    spread = np.reshape(A, tuple(size for one in shape for size in (1, one)))
    spread = np.broadcast_to(spread, tuple(size for pair in zip(counts, shape, strict=True) for size in pair))
    return np.reshape(spread, whole)


@covers(np.repeat)
def repeat(a: Value, repeats: Any, axis: Any = None) -> Any:
    if axis is None:
        a, axis = np.ravel(a), 0
    (place,) = axes(int(axis), np.ndim(a))
    if np.ndim(repeats) == 0 and np.shape(a)[place] == 1:
        return np.broadcast_to(a, (*np.shape(a)[:place], int(repeats), *np.shape(a)[place + 1 :]))
    return np.take(a, np.repeat(np.arange(np.shape(a)[axis]), repeats), axis=axis)


@covers(np.flip)
def flip(m: Value, axis: Any = None) -> Any:
    gone = axes(axis if axis is None or isinstance(axis, tuple) else int(axis), np.ndim(m))
    return traced(m)[tuple(slice(None, None, -1) if place in gone else slice(None) for place in range(np.ndim(m)))]


@covers(np.flipud)
def flipud(m: Value) -> Any:
    return np.flip(m, 0)


@covers(np.fliplr)
def fliplr(m: Value) -> Any:
    return np.flip(m, 1)


@covers(np.rot90)
def rot90(m: Value, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    for _ in range(k % 4):
        m = np.flip(np.swapaxes(m, *axes), axes[0])
    return m


@covers(np.roll)
def roll(a: Value, shift: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(np.roll(np.ravel(a), shift, 0), np.shape(a))
    for step, place in zip(*np.broadcast_arrays(np.atleast_1d(shift), np.atleast_1d(axis)), strict=True):
        size = np.shape(a)[int(place)]
        if size and step % size:
            a = np.take(a, np.roll(np.arange(size), int(step)), axis=int(place))
    return traced(a)


@covers(np.pad)
def pad(array: Value, pad_width: Any, mode: Any = "constant", **settings: Any) -> Any:
    array = traced(array)
    rank = array.ndim
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(place, pad_width.get(place - rank, (0, 0))) for place in range(rank)]
    widths = [tuple(map(int, pair)) for pair in np.broadcast_to(pad_width, (rank, 2))]
    if mode == "constant":
        inside = tuple(slice(low, low + size) for (low, _), size in zip(widths, array.shape, strict=True))
        shape = tuple(low + size + high for (low, high), size in zip(widths, array.shape, strict=True))
        edge = settings.pop("constant_values", 0)
        unsaid("np.pad", **settings)
        laid = apply("put", array, index=inside, shape=shape)
        return (
            laid
            if np.ndim(edge) == 0 and edge == 0
            else laid + np.pad(np.zeros(array.shape, dtype=array.dtype), pad_width, constant_values=edge)
        )
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise refusal(f"np.pad is traced with the modes constant, edge, reflect, symmetric and wrap, not {mode!r}.")
    for place, pair in enumerate(widths):
        array = np.take(array, np.pad(np.arange(array.shape[place]), pair, mode=mode, **settings), axis=place)
    return array
