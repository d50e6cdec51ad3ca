"""Which picked entries stand beside their own row: s[arange(n), y] beside sums over the axis of the classes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.gates.picking import HERE
from chalkgrad.graph.shapes import Shape, axes
from chalkgrad.transform.stabilise.views import DEPTH, Views


def picked_beside(views: Views, wire: int, source: int, axis: int | Sequence[int] | None, reduced: Shape) -> bool:
    """Whether `wire` picks entries of `source`, each from the row over which a reduction of that shape has its entry."""
    if views.name(wire) not in ("index", "gather") or not views.same(views.input(wire), source):
        return False
    shape = views.graph.shape(source)
    gone = axes(axis, len(shape))  # type: ignore[arg-type]
    if len(gone) == len(shape):
        return int(np.prod(reduced, dtype=int)) == 1
    index = list(views.graph.settings(wire)["index"])
    if None in index or Ellipsis in index or reduced != views.graph.shape(wire):
        return False
    rows = [place for place in range(len(shape)) if place not in gone] if len(reduced) < len(shape) else list(range(len(shape)))
    sliced = len(index) < len(shape) or slice(None) in index  # then the axes of the picked entries lie among others
    places = iter(views.graph.inputs(wire)[1:])
    for place, one in enumerate([*index, *[slice(None)] * (len(shape) - len(index))]):
        chosen = next(places) if one == HERE else None
        if place in gone:
            if isinstance(one, slice):
                return False
        elif chosen is not None:
            axis = rows.index(place)
            if not (_counts(views, chosen, reduced[axis : axis + 1], 0) if sliced else _counts(views, chosen, reduced, axis)):
                return False
        elif one != slice(None):
            return False
    return True


LAID = ("index", "reshape", "broadcast_to")  # what may stand between a reduction and its use


def picked_source(views: Views, wire: int, scores: int, axis: Any, reduced: Shape) -> int | None:
    """The wire that picks entries of the scores, of which this one is laid out beside the scores again."""
    for _ in range(DEPTH):
        if views.graph.shape(wire) == reduced and picked_beside(views, wire, scores, axis, reduced):
            return wire
        if views.name(wire) not in LAID:
            return None
        wire = views.input(wire)
    return None


def in_turn(views: Views, scores: int, picked: int, shape: Shape, axis: Any) -> bool:
    """Whether a sum of this shape sets the scores along the axis beside each of them in turn: x[None, :] − x[:, None]."""
    if (
        views.numbers.core(scores) != views.numbers.core(picked)
        or not isinstance(axis, int | tuple)
        or len(axes(axis, len(shape))) != 1
    ):
        return False
    (along,) = axes(axis, len(shape))
    rows, columns = views.graph.shape(scores), views.graph.shape(picked)
    if not len(rows) == len(columns) == len(shape) or columns[along] != 1:
        return False
    apart = [place for place in range(len(shape)) if rows[place] != shape[place]]
    if len(apart) != 1 or rows[apart[0]] != 1 or rows[along] != columns[apart[0]]:
        return False
    # Between the two axes lie only axes of one entry, so that the entries of either keep their order in both.
    low, high = sorted((along, apart[0]))
    return all(shape[place] == 1 for place in range(low + 1, high)) and all(
        rows[place] == columns[place] for place in range(len(shape)) if place not in (along, apart[0])
    )


def _counts(views: Views, wire: int, shape: Shape, axis: int) -> bool:
    """Whether the wire holds 0, 1, 2, … along this axis of the entries that are picked, and the same along the others."""
    value = views.graph.constants.get(wire) if views.graph.is_constant(wire) else None
    if (
        value is None
        or np.ndim(value) > len(shape)
        or any(one not in (1, size) for one, size in zip(np.shape(value)[::-1], shape[::-1], strict=False))
    ):
        return False
    counted = np.arange(shape[axis]).reshape(tuple(-1 if place == axis else 1 for place in range(len(shape))))
    return np.array_equal(np.broadcast_to(value, shape), np.broadcast_to(counted, shape))
