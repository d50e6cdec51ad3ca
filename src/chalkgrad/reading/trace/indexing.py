"""Indexing, as NumPy has it: whole numbers, slices, ellipsis, new axes, arrays of whole numbers, masks; reading and writing.

A mask is turned into the places where it is true. Their number is a matter of values, so a mask that is traced leaves a guard.
"""

from typing import Any

import numpy as np

from chalkgrad.gates.picking import HERE
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import apply, joined, out_of_bounds, traced
from chalkgrad.reading.trace.table import covers
from chalkgrad.reading.trace.traced import Traced


@covers("getitem")
def getitem(x: Any, index: Any) -> Any:
    template, places = read(traced(x), index)
    if not places:
        return apply("index", x, index=template)
    return apply("gather", x, *places, index=template)


@covers("setitem")
def setitem(x: Traced, index: Any, value: Any) -> None:
    if isinstance(index, Traced | np.ndarray) and index.dtype.kind == "b" and index.shape == x.shape and np.ndim(value) == 0:
        # One number for all that a mask chooses: how many these are need not be known, so no guard is left.
        x.rebind(traced(np.where(index, traced(value).astype(x.dtype), x)))
        return
    template, places = read(x, index)
    new = value if isinstance(value, Traced) and value.dtype == x.dtype else traced(value).astype(x.dtype)
    gap = apply("index", x, index=template).shape if not places else apply("gather", x, *places, index=template).shape
    while new.ndim > len(gap) and new.shape[0] == 1:
        new = new[0]
    x.rebind(apply("replace", x, new, *places, index=template))


def read(x: Traced, index: Any) -> tuple[tuple[Any, ...], list[Any]]:
    """The index with a mark for each index array, and the arrays."""
    template: list[Any] = []
    places: list[Any] = []
    entries = [
        joined(one) if isinstance(one, list | range) and one else one for one in (index if isinstance(index, tuple) else (index,))
    ]
    for one in entries:
        if one is None or one is Ellipsis:
            template.append(one)
        elif isinstance(one, slice):
            template.append(slice(*(None if part is None else part.__index__() for part in (one.start, one.stop, one.step))))
        elif isinstance(one, bool | np.bool_):
            raise refusal("A single True or False is no index here.", hint="np.where(condition, x, y) chooses between values.")
        elif isinstance(one, int | np.integer):
            template.append(int(one))
        else:
            for place in _places(x, one):
                template.append(HERE)
                places.append(place)
    if places:
        _judged(x, entries)
    return tuple(template), places


def _judged(x: Traced, entries: list[Any]) -> None:
    """NumPy's own verdict on the index, on an array that needs no memory: a mask has to fit, a place has to be there."""
    hollow: Any = np.broadcast_to(np.int8(0), x.shape)
    try:
        hollow[tuple(one.value if isinstance(one, Traced) else one for one in entries)]
    except IndexError as error:
        raise out_of_bounds(x.session, error) from None


def _places(x: Traced, entry: Any) -> list[Any]:
    array = np.zeros(0, dtype=int) if isinstance(entry, list | range) and not entry else joined(entry)
    if isinstance(array, float):
        array = np.float64(array)
    kind = array.dtype.kind
    if kind == "b":
        mask = array
        if isinstance(array, Traced):
            array = array.settled()
            mask = array.value
            array.session.guard(array.node, "array", np.array(mask))
        return [np.asarray(place) for place in np.nonzero(mask)]
    if kind not in "iu":
        raise refusal("Only whole numbers, slices and masks can be used as an index.", hint="astype(int) makes whole numbers.")
    return [array]
