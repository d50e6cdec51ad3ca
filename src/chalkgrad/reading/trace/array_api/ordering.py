"""Functions of the standard that search, sort and count distinct entries."""

from typing import Any

import numpy as np

from chalkgrad.reading.trace.array_api import creation, kinds
from chalkgrad.reading.trace.traced import Traced

Array = Any

__all__ = [
    "argmax", "argmin", "argsort", "isin", "nonzero", "searchsorted", "sort", "unique_all", "unique_counts", "unique_inverse",
    "unique_values", "where",
]  # fmt: skip


def argmax(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    return np.argmax(x, axis=axis, keepdims=keepdims)


def argmin(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    return np.argmin(x, axis=axis, keepdims=keepdims)


def argsort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    if not descending:
        return np.argsort(x, axis=axis, stable=True)
    # Sorted backward from a backward array, equal entries keep their order.
    backward = np.argsort(np.flip(x, axis=axis), axis=axis, stable=True)
    return x.shape[axis] - 1 - np.flip(backward, axis=axis)


def sort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    ordered = np.sort(x, axis=axis, stable=True)
    return np.flip(ordered, axis=axis) if descending else ordered


def searchsorted(x1: Array, x2: Array, /, *, side: Any = "left", sorter: Array = None) -> Array:
    return np.searchsorted(x1 if sorter is None else np.take(x1, sorter), x2, side=side)


def nonzero(x: Array, /) -> tuple[Array, ...]:
    return tuple(np.nonzero(x))


def where(condition: Array, x1: Any, x2: Any, /) -> Array:
    """As np.where. A branch that is taken nowhere and not finite stays out of the graph, where its slopes would be 0 · ∞."""
    for taken, other, asked in ((x1, x2, condition), (x2, x1, np.logical_not(condition))):
        if isinstance(asked, Traced) and isinstance(other, Traced) and not np.all(np.isfinite(other.value)) and np.all(asked.value):
            bool(np.all(asked))  # asking leaves the guard
            shape = np.broadcast_shapes(asked.shape, np.shape(taken), other.shape)
            return np.broadcast_to(creation.asarray(taken, dtype=kinds.result_type(taken, other)), shape)
    return np.where(condition, x1, x2)


def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Array:
    return np.isin(x1, x2, invert=invert)


def unique_all(x: Array, /) -> Any:
    return np.unique_all(x)


def unique_counts(x: Array, /) -> Any:
    return np.unique_counts(x)


def unique_inverse(x: Array, /) -> Any:
    return np.unique_inverse(x)


def unique_values(x: Array, /) -> Array:
    return np.unique_values(x)
