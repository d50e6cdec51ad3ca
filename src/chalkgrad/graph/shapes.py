"""How shapes follow from shapes. Each rule takes the inputs' shapes and the gate's parameters, and raises ShapeError.

>>> broadcast((3, 1), (4,))
(3, 4)
"""

import math
from collections.abc import Sequence

from chalkgrad.errors import ShapeError

Shape = tuple[int, ...]
Axis = int | tuple[int, ...] | None


def show(shape: Shape) -> str:
    """A shape as a sentence writes it: (3×4); a number is "a single number"."""
    return "a single number" if shape == () else "(" + "×".join(map(str, shape)) + ")"


def broadcast(*shapes: Shape, **_: object) -> Shape:
    """NumPy's broadcasting: axes are aligned from the right, and an axis of one entry stretches."""
    rank = max(map(len, shapes))
    result = [1] * rank
    for shape in shapes:
        for place, size in enumerate(shape, start=rank - len(shape)):
            if size != 1 and result[place] not in (1, size):
                raise ShapeError(
                    f"The shapes {' and '.join(map(show, shapes))} do not fit together entry by entry.",
                    hint="Aligned from the right, each axis must be equal or have one entry.",
                )
            if size != 1:
                result[place] = size
    return tuple(result)


def axes(axis: Axis, rank: int) -> tuple[int, ...]:
    """The axes meant by `axis`, counted from the front, in order; None means all."""
    if axis is None:
        return tuple(range(rank))
    wanted = axis if isinstance(axis, tuple) else (axis,)
    for one in wanted:
        if not -rank <= one < rank:
            raise ShapeError(
                f"There is no axis {one}: the array has {rank} {'axis' if rank == 1 else 'axes'}.",
                hint="Axes count from 0; -1 is the last.",
            )
    if len({one % rank for one in wanted}) != len(wanted):
        raise ShapeError(f"The axes {list(wanted)} name one axis twice.")
    return tuple(sorted(one % rank for one in wanted))


def reduced(shape: Shape, *, axis: Axis = None, keepdims: bool = False, **_: object) -> Shape:
    """The shape after a reduction over `axis`."""
    gone = axes(axis, len(shape))
    if keepdims:
        return tuple(1 if place in gone else size for place, size in enumerate(shape))
    return tuple(size for place, size in enumerate(shape) if place not in gone)


def reduced_nonempty(shape: Shape, *, axis: Axis = None, keepdims: bool = False, **_: object) -> Shape:
    """As `reduced`, for gates that have no value over nothing, such as max."""
    if any(shape[place] == 0 for place in axes(axis, len(shape))):
        raise ShapeError(f"There is nothing to choose from: the shape {show(shape)} has an axis without entries.")
    return reduced(shape, axis=axis, keepdims=keepdims)


def same(shape: Shape, **_: object) -> Shape:
    """The shape of the one input."""
    return shape


def along(shape: Shape, *, axis: Axis = None, **_: object) -> Shape:
    """The shape of the one input, which must have entries along the axes."""
    reduced_nonempty(shape, axis=axis)
    return shape


def product(left: Shape, right: Shape, **_: object) -> Shape:
    """The shape of a matrix product; one axis on a side is a vector, more are stacks of matrices."""
    if not left or not right:
        raise ShapeError(
            f"A matrix product needs a vector or matrix on both sides; here are {show(left)} and {show(right)}.",
            hint="To scale by a single number, write *.",
        )
    inner = right[-2] if len(right) > 1 else right[0]
    if left[-1] != inner:
        raise ShapeError(
            f"The matrix product of {show(left)} and {show(right)} does not exist: {left[-1]} ≠ {inner}.",
            hint="The last axis of the left side must equal the last but one of the right side.",
        )
    stack = broadcast(left[:-2], right[:-2])
    return stack + (left[-2:-1] if len(left) > 1 else ()) + (right[-1:] if len(right) > 1 else ())


def permuted(shape: Shape, *, axes: tuple[int, ...] | None = None, **_: object) -> Shape:
    """The shape after a transposition; `axes` None reverses all."""
    order = tuple(reversed(range(len(shape)))) if axes is None else axes
    if sorted(one % len(shape) if shape else one for one in order) != list(range(len(shape))):
        raise ShapeError(f"A transposition of {show(shape)} needs each of its axes once, not {list(order)}.")
    return tuple(shape[one] for one in order)


def reshaped(old: Shape, *, shape: Shape, **_: object) -> Shape:
    """The new shape; one -1 stands for what is left over."""
    size, known = math.prod(old), math.prod(one for one in shape if one != -1)
    if shape.count(-1) > 1 or any(one < -1 for one in shape):
        raise ShapeError(f"{list(shape)} is no shape: sizes are whole numbers, and at most one may be -1.")
    free = size // known if known else 0
    new = tuple(free if one == -1 else one for one in shape)
    if math.prod(new) != size:
        raise ShapeError(f"{size} entries of shape {show(old)} cannot be laid out as {show(shape)}.")
    return new


def stretched(old: Shape, *, shape: Shape, **_: object) -> Shape:
    """The shape of a broadcast to `shape`."""
    if broadcast(old, shape) != shape:
        raise ShapeError(f"{show(old)} does not stretch to {show(shape)}.")
    return shape


def joined(*shapes: Shape, axis: int = 0, **_: object) -> Shape:
    """The shape of arrays laid end to end along `axis`."""
    if not shapes[0]:
        raise ShapeError("Single numbers cannot be joined end to end.", hint="stack(a, b) makes a vector of them.")
    (place,) = axes(axis, len(shapes[0]))
    rest = [shape[:place] + shape[place + 1 :] for shape in shapes]
    if any(len(shape) != len(shapes[0]) for shape in shapes) or any(one != rest[0] for one in rest):
        raise ShapeError(f"The shapes {' and '.join(map(show, shapes))} cannot be joined along axis {axis}.")
    total = sum(shape[place] for shape in shapes)
    return (*shapes[0][:place], total, *shapes[0][place + 1 :])


def stacked(*shapes: Shape, axis: int = 0, **_: object) -> Shape:
    """The shape of arrays stacked along a new axis."""
    if any(shape != shapes[0] for shape in shapes):
        raise ShapeError(f"The shapes {' and '.join(map(show, dict.fromkeys(shapes)))} cannot be stacked: they must be equal.")
    (place,) = axes(axis, len(shapes[0]) + 1)
    return (*shapes[0][:place], len(shapes), *shapes[0][place:])


def indexed(shape: Shape, *, index: Sequence[object], **_: object) -> Shape:
    """The shape after basic indexing by whole numbers, slices, an ellipsis and new axes (None)."""
    entries = list(index)
    used = sum(one is not None and one is not Ellipsis for one in entries)
    if used > len(shape):
        raise ShapeError(f"{used} indices are too many for the shape {show(shape)}.")
    if Ellipsis not in entries:
        entries.append(Ellipsis)
    place = entries.index(Ellipsis)
    entries[place : place + 1] = [slice(None)] * (len(shape) - used)
    result, sizes = [], iter(shape)
    for one in entries:
        if one is None:
            result.append(1)
        elif isinstance(one, slice):
            result.append(len(range(*one.indices(next(sizes)))))
        elif isinstance(one, int):
            size = next(sizes)
            if not -size <= one < size:
                raise ShapeError(
                    f"There is no entry {one}: that axis of the shape {show(shape)} has {size} entries.",
                    hint="Entries count from 0; -1 is the last.",
                )
    return tuple(result)
