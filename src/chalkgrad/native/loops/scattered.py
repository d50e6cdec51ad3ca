"""Arrays that are 0 but for one entry of each row, as they come back from x[np.arange(n), y]: by that entry alone.

Their negative and their product with another array are of that kind again, and their sum over a row is that entry. A sum of three
with such an array in it adds it last, so that a kernel can store the others and mend one entry. The product holds where the other
array is surely finite, for 0·∞ is no number.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.native.loops.strength import finite

ONE_OF_EACH_ROW = {"index": ("#", "#")}


def negative(xp: Drawing, x: Wire) -> Wire | None:
    found = _entry(x)
    return None if found is None else _laid(xp, x, -found)


def product(xp: Drawing, x: Wire, y: Wire) -> Wire | None:
    for one, other in ((x, y), (y, x)):
        found = _entry(one)
        if found is not None and other.shape == one.shape and finite(xp.graph, other.node):
            where = (xp.wire(node) for node in xp.graph.inputs(one.node)[1:])
            return _laid(xp, one, found * xp.call("gather", other, *where, **ONE_OF_EACH_ROW))
    return None


def total(xp: Drawing, x: Wire, axis: Any, keepdims: bool) -> Wire | None:
    found = _entry(x)
    if found is None or axes(axis, x.ndim) != (1,):
        return None
    return xp.call("reshape", found, shape=(x.shape[0], 1)) if keepdims else found


def added(xp: Drawing, x: Wire, y: Wire) -> Wire | None:
    """(scattered + a) + b as (a + b) + scattered."""
    for one, other in ((x, y), (y, x)):
        gate = xp.graph.gate(one.node)
        if gate is None or gate.name != "add" or one.shape != other.shape or _entry(other) is not None:
            continue
        inputs = [xp.wire(node) for node in xp.graph.inputs(one.node)]
        for mark, rest in (inputs, inputs[::-1]):
            if _entry(mark) is not None and mark.shape == one.shape:
                return xp.call("add", xp.call("add", rest, other), mark)
    return None


def _entry(x: Wire) -> Wire | None:
    """The entries that were laid into rows of zeros, one for each row in order; None for other arrays."""
    graph = x.drawing.graph
    gate = graph.gate(x.node)
    if gate is None or gate.name != "scatter" or graph.settings(x.node)["index"] != ONE_OF_EACH_ROW["index"] or x.ndim != 2:
        return None
    entries, order = (x.drawing.wire(node) for node in graph.inputs(x.node)[:2])
    count = x.shape[0]
    in_order = graph.is_constant(order.node) and np.array_equal(graph.constants[order.node], np.arange(count))
    return entries if in_order and entries.shape == (count,) else None


def _laid(xp: Drawing, x: Wire, entries: Wire) -> Wire:
    """The same array with other entries."""
    settings: Mapping[str, Any] = xp.graph.settings(x.node)
    return xp.call("scatter", entries, *(xp.wire(node) for node in xp.graph.inputs(x.node)[1:]), **settings)
