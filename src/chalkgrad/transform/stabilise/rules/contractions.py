"""Sums that are not written as one: matrix products, einsum, and Python's `sum` over the entries of an array.

What is summed is laid out only where a rule has use for it, for a product of large matrices is not to be taken apart.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from chalkgrad.gates.einsum import letters
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import Views

MOST_ENTRIES = 1 << 16  # products that are laid out beside one another
MATRIX_PRODUCTS: Mapping[tuple[int, int], str] = {(1, 1): "i,i->", (2, 1): "ij,j->i", (1, 2): "i,ij->j", (2, 2): "ij,jk->ik"}
CONTRACTIONS = ("matmul", "einsum")


class Contraction(NamedTuple):
    """A sum of products: the operands, the places of their axes in a common layout, its shape, and the axes that are summed."""

    operands: tuple[int, ...]
    places: tuple[tuple[int, ...], ...]
    shape: tuple[int, ...]
    axis: tuple[int, ...] | None

    def laid(self, views: Views, number: int, wire: Wire) -> Wire:
        """What has the axes of this operand, in the common layout."""
        places = self.places[number]
        order = tuple(int(one) for one in np.argsort(places))
        if order != tuple(range(len(places))):
            wire = views.xp.transpose(wire, axes=order)
        shape = tuple(size if place in places else 1 for place, size in enumerate(self.shape))
        return wire if wire.shape == shape else views.xp.reshape(wire, shape=shape)


def contraction(views: Views, wire: int) -> Contraction | None:
    """The sum of products that a matrix product or an einsum is; None where it is large, or nothing is summed."""
    operands = tuple(views.graph.inputs(wire))
    shapes = [views.graph.shape(one) for one in operands]
    spec = MATRIX_PRODUCTS.get(tuple(map(len, shapes)), "") if views.name(wire) == "matmul" else views.graph.settings(wire)["spec"]  # type: ignore[arg-type]
    if not spec:
        return None
    named, result = letters(spec)
    sizes = {letter: size for axes, shape in zip(named, shapes, strict=True) for letter, size in zip(axes, shape, strict=True)}
    order = result + "".join(letter for letter in sizes if letter not in result)
    shape = tuple(sizes[letter] for letter in order)
    if len(order) == len(result) or not 0 < math.prod(shape) <= MOST_ENTRIES:
        return None
    places = tuple(tuple(map(order.index, axes)) for axes in named)
    return Contraction(operands, places, shape, tuple(range(len(result), len(order))) if result else None)


def as_sum(views: Views, wire: int) -> tuple[int, float] | None:
    """A sum gate and the factor by which the wire is it: for sums, means and contractions of powers of e; None for others."""
    core = views.numbers.core(wire)
    name = views.name(core)
    if name == "sum":
        return core, 1.0
    xp, graph = views.xp, views.graph
    if name == "mean":
        source = views.input(core)
        count = math.prod(graph.shape(source)) / max(1, math.prod(graph.shape(core)))
        return (xp.sum(xp.wire(source), **graph.settings(core)).node, 1 / count) if count else None
    if name not in CONTRACTIONS or not any(views.product(one).exponent for one in graph.inputs(core)):
        return None
    found = contraction(views, core)
    if found is None:
        return None
    total, factor = None, 1.0
    for number, one in enumerate(found.operands):
        if (same := level(views, one)) is not None:
            factor *= same
            continue
        laid = found.laid(views, number, xp.wire(one))
        total = laid if total is None else total * laid
    assert total is not None
    full = total if total.shape == found.shape else xp.broadcast_to(total, shape=found.shape)
    return xp.sum(full, axis=found.axis).node, factor


def dot(views: Views, wire: int) -> tuple[int, int] | None:
    """The two arrays of one shape whose products, entry by entry, the wire adds up."""
    found = paired(views, wire) if views.graph.shape(wire) == () else None
    return None if found is None else found[:2]


def paired(views: Views, wire: int) -> tuple[int, int, tuple[int, ...]] | None:
    """Two arrays of one shape whose products, entry by entry, the matrix product or einsum adds up, and over which axes."""
    if views.name(wire) not in CONTRACTIONS or len(views.graph.inputs(wire)) != 2:
        return None
    first, second = views.graph.inputs(wire)
    shapes = views.graph.shape(first), views.graph.shape(second)
    spec = views.graph.settings(wire)["spec"] if views.name(wire) == "einsum" else "i,i->" if len(shapes[0]) == 1 else ""
    if not spec or shapes[0] != shapes[1]:
        return None
    named, result = letters(spec)
    summed = tuple(place for place, letter in enumerate(named[0]) if letter not in result)
    in_order = "".join(letter for letter in named[0] if letter in result) == result
    return (first, second, summed) if summed and in_order and named[0] == named[1] and len(set(named[0])) == len(named[0]) else None


def level(views: Views, wire: int) -> float | None:
    """The number that all entries of a constant are."""
    value = views.graph.constants.get(wire) if views.graph.is_constant(wire) else None
    if value is None or np.asarray(value).dtype.kind not in "iuf" or not np.size(value):
        return None
    first = float(np.ravel(value)[0])
    return first if math.isfinite(first) and np.all(np.asarray(value) == first) else None


def entry(views: Views, wire: int) -> tuple[int, int] | None:
    """The array and the place along its first axis, where the wire is one entry or row of it."""
    index = views.graph.settings(wire)["index"] if views.name(wire) == "index" else ()
    if not index or isinstance(index[0], bool) or not isinstance(index[0], int):
        return None
    if any(one not in (slice(None), Ellipsis) for one in index[1:]):
        return None
    source = views.numbers.of(views.input(wire))
    return source, index[0] % views.graph.shape(source)[0]


def all_entries(views: Views, node: int, gate: str = "add") -> int | None:
    """The array whose entries, or rows, the additions (or other gates) up to this one go through from the first to the last."""
    wire = node
    source, place = entry(views, views.input(node, 1)) or (-1, -1)
    if source < 0 or place != views.graph.shape(source)[0] - 1:
        return None
    while place > 0:
        if views.name(wire) != gate or entry(views, views.input(wire, 1)) != (source, place):
            return None
        wire, place = views.input(wire), place - 1
    if views.name(wire) == gate and views.number(views.input(wire)) == (0.0 if gate == "add" else 1.0):
        wire = views.input(wire, 1)
    return source if entry(views, wire) == (source, 0) else None
