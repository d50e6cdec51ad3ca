"""NumPy's functions that came with the array API standard: running sums with their start, distinct entries, stacked matrices."""

from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes
from chalkgrad.reading.trace.functions.reducing import counted, plain_axis
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import traced
from chalkgrad.reading.trace.table import covers, unsaid

Value = Any
UniqueAll: Any = type(np.unique_all(np.zeros(1)))
UniqueCounts: Any = type(np.unique_counts(np.zeros(1)))
UniqueInverse: Any = type(np.unique_inverse(np.zeros(1)))


def _running(function: Any, start: int, x: Value, axis: Any, dtype: Any, include_initial: bool) -> Any:
    x = traced(x)
    if axis is None and x.ndim != 1:
        raise refusal(f"A running sum or product of an array of the shape {x.shape} needs axis=.")
    place = -1 if axis is None else int(axis)
    result = function(x, axis=place, dtype=dtype)
    if not include_initial:
        return result
    shape = list(result.shape)
    shape[place] = 1
    return np.concatenate([np.full(shape, start, dtype=result.dtype), result], axis=place)


@covers(np.cumulative_sum)
def cumulative_sum(x: Value, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
    unsaid("np.cumulative_sum", out=out)
    return _running(np.cumsum, 0, x, axis, dtype, include_initial)


@covers(np.cumulative_prod)
def cumulative_prod(x: Value, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
    unsaid("np.cumulative_prod", out=out)
    return _running(np.cumprod, 1, x, axis, dtype, include_initial)


@covers(np.meshgrid)
def meshgrid(*xi: Value, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    if indexing not in ("xy", "ij"):
        raise refusal(f"np.meshgrid knows the orders 'xy' and 'ij', not {indexing!r}.")
    rank = len(xi)
    grids = [np.reshape(one, (1,) * place + (-1,) + (1,) * (rank - place - 1)) for place, one in enumerate(xi)]
    grids = grids if sparse else list(np.broadcast_arrays(*grids))
    return tuple(np.swapaxes(one, 0, 1) if indexing == "xy" and rank > 1 else one for one in grids)


@covers(np.linspace)
def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0,
             *, device: Any = None) -> Any:  # fmt: skip
    if retstep or axis != 0:
        raise refusal("np.linspace is traced without retstep= and axis=.")
    count = num - 1 if endpoint else num
    step = np.subtract(stop, start) / max(count, 1)
    places = np.reshape(np.arange(num, dtype=step.dtype), (-1, *(1,) * np.ndim(step)))
    result = start + places * step
    result = np.where(places == count, stop, result) if endpoint and num > 1 else result
    return result if dtype is None else result.astype(dtype)


@covers(np.isin)
def isin(element: Value, test_elements: Value, assume_unique: bool = False, invert: bool = False, *, kind: Any = None) -> Any:
    found = np.any(np.equal(np.expand_dims(traced(element), -1), np.ravel(test_elements)), axis=-1)
    return np.logical_not(found) if invert else found


# Distinct entries -----------------------------------------------------------------------------------------------------------


@covers(np.unique_all)
def unique_all(x: Value, /) -> Any:
    """Which entries are equal, and in what order they stand, is a matter of values: guards keep both."""
    flat: Any = traced(np.ravel(traced(x))).settled()
    order: Any = np.argsort(flat, stable=True)
    ordered = flat[order]
    fresh: Any = np.not_equal(ordered[1:], ordered[:-1])
    for one in (order, fresh):
        one.session.guard(one.node, "array", np.array(one.value))
    starts = np.concatenate([np.ones(min(flat.size, 1), dtype=bool), fresh.value])
    indices = np.array(order.value)[starts]
    inverse = np.empty(flat.size, dtype=np.int64)
    inverse[order.value] = np.cumsum(starts) - 1
    return UniqueAll(flat[indices], indices, inverse.reshape(np.shape(x)), np.diff(np.append(np.flatnonzero(starts), flat.size)))


@covers(np.unique_counts)
def unique_counts(x: Value, /) -> Any:
    found = np.unique_all(x)
    return UniqueCounts(found.values, found.counts)


@covers(np.unique_inverse)
def unique_inverse(x: Value, /) -> Any:
    found = np.unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


@covers(np.unique_values)
def unique_values(x: Value, /) -> Any:
    return np.unique_all(x).values


# Stacks of matrices ---------------------------------------------------------------------------------------------------------


@covers(np.linalg.diagonal)
def diagonal(x: Value, /, *, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)


@covers(np.linalg.cross)
def cross(x1: Value, x2: Value, /, *, axis: int = -1) -> Any:
    return np.cross(x1, x2, axis=axis)


@covers(np.linalg.vector_norm)
def vector_norm(x: Value, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """Of all entries, of one axis or of several, which are laid in one."""
    x = traced(x)
    gone = axes(plain_axis(axis), x.ndim)
    kept = tuple(place for place in range(x.ndim) if place not in gone)
    rows = np.reshape(np.transpose(x, (*kept, *gone)), (*(x.shape[place] for place in kept), counted(x, axis)))
    result = np.linalg.norm(rows, ord, axis=-1)
    return np.expand_dims(result, gone) if keepdims else result
