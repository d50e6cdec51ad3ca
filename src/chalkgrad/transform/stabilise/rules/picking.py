"""Which picked entries stand beside their own row: s[arange(n), y] beside sums over the axis of the classes."""

from collections.abc import Sequence

import numpy as np

from chalkgrad.gates.picking import HERE
from chalkgrad.graph.shapes import Shape, axes
from chalkgrad.transform.stabilise.views import Views


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
    places = iter(views.graph.inputs(wire)[1:])
    for place, one in enumerate([*index, *[slice(None)] * (len(shape) - len(index))]):
        chosen = next(places) if one == HERE else None
        if place in gone:
            if isinstance(one, slice):
                return False
        elif chosen is not None:
            if not _counts(views, chosen, shape[place]):
                return False
        elif one != slice(None):
            return False
    return True


def _counts(views: Views, wire: int, size: int) -> bool:
    """Whether the wire holds 0, 1, 2, …"""
    value = views.graph.constants.get(wire) if views.graph.is_constant(wire) else None
    return value is not None and np.shape(value) == (size,) and np.array_equal(value, np.arange(size))
