"""Functions of the standard that lay entries out anew, and those that pick entries."""

from typing import Any

import numpy as np

Array = Any

__all__ = [
    "broadcast_arrays", "broadcast_shapes", "broadcast_to", "concat", "expand_dims", "flip", "moveaxis", "permute_dims", "repeat",
    "reshape", "roll", "squeeze", "stack", "take", "take_along_axis", "tile", "unstack",
]  # fmt: skip


def broadcast_arrays(*arrays: Array) -> tuple[Array, ...]:
    return tuple(np.broadcast_arrays(*arrays))


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    return np.broadcast_shapes(*shapes)


def broadcast_to(x: Array, /, shape: Any) -> Array:
    return np.broadcast_to(x, shape)


def concat(arrays: Any, /, *, axis: int | None = 0) -> Array:
    return np.concatenate(tuple(arrays), axis=axis)


def expand_dims(x: Array, /, axis: Any = 0) -> Array:
    return np.expand_dims(x, axis)


def flip(x: Array, /, *, axis: Any = None) -> Array:
    return np.flip(x, axis=axis)


def moveaxis(x: Array, source: Any, destination: Any, /) -> Array:
    return np.moveaxis(x, source, destination)


def permute_dims(x: Array, /, axes: Any) -> Array:
    return np.transpose(x, axes)


def repeat(x: Array, repeats: Any, /, *, axis: int | None = None) -> Array:
    return np.repeat(x, repeats, axis=axis)


def reshape(x: Array, /, shape: Any, *, copy: bool | None = None) -> Array:
    return np.reshape(x, shape, copy=copy)


def roll(x: Array, /, shift: Any, *, axis: Any = None) -> Array:
    return np.roll(x, shift, axis=axis)


def squeeze(x: Array, /, axis: Any) -> Array:
    return np.squeeze(x, axis=axis)


def stack(arrays: Any, /, *, axis: int = 0) -> Array:
    return np.stack(tuple(arrays), axis=axis)


def take(x: Array, indices: Array, /, *, axis: int | None = None) -> Array:
    if axis is None and x.ndim != 1:
        raise ValueError("take needs axis= for an array that is no vector.")
    return np.take(x, indices, axis=axis)


def take_along_axis(x: Array, indices: Array, /, *, axis: int = -1) -> Array:
    return np.take_along_axis(x, indices, axis)


def tile(x: Array, repetitions: tuple[int, ...], /) -> Array:
    return np.tile(x, repetitions)


def unstack(x: Array, /, *, axis: int = 0) -> tuple[Array, ...]:
    return tuple(np.unstack(x, axis=axis))
