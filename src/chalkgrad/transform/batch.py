"""Graph to graph: a calculation on one row becomes the same calculation on all rows, without a loop over them.

`Batch(graph, count)` knows which wires have a row axis, always the first. `through(node)` draws the gate once more over all
rows. How follows from what the gate is: an elementwise gate broadcasts, a reduction moves its axes by one, a gate that moves
entries moves them in every row, a product gets one more axis to run along.

    >>> from chalkgrad.graph.evaluate import evaluate
    >>> graph = Graph()
    >>> xp = Drawing(graph)
    >>> x, rows = xp.wire(graph.leaf("x", (2,))), xp.wire(graph.leaf("rows", (3, 2)))
    >>> f = xp.sum(x * x)
    >>> batch = Batch(graph, 3, {x.node: rows.node})
    >>> batch.run(range(x.node, f.node + 1))
    >>> evaluate(graph, {x.node: np.zeros(2), rows.node: np.arange(6.0).reshape(3, 2)})[batch.rows[f.node]]
    array([ 1., 13., 41.])
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.errors import GateError
from chalkgrad.gates.einsum import letters
from chalkgrad.gates.picking import HERE, picked
from chalkgrad.graph.gate import GATES, Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import axes
from chalkgrad.graph.wire import Drawing, Wire

Rule = Callable[["Batch", Gate, Sequence[int], Mapping[str, Any], tuple[int, ...]], Wire | None]  # None: the same for every row


class Batch:
    """`rows` says for each wire that differs from row to row which wire holds all its rows."""

    def __init__(self, graph: Graph, count: int, rows: Mapping[int, int]) -> None:
        self.graph = graph
        self.xp = Drawing(graph)
        self.count = count
        self.rows = dict(rows)

    def run(self, nodes: range) -> None:
        """Draw these gates over all rows. What is drawn of a stretch that is to be computed anew is such a stretch too."""
        graph = self.graph
        stretches = [one for one in graph.stretches if nodes.start <= one.start and one.stop <= nodes.stop]
        edges = {edge: 0 for one in stretches for edge in (one.start, one.stop)}  # and how long the graph was there
        for node in nodes:
            if node in edges:
                edges[node] = len(graph)
            if node not in self.rows and any(one in self.rows for one in graph.inputs(node)):
                self.through(node)
        edges.update({nodes.stop: len(graph)})
        graph.stretches += [range(edges[one.start], edges[one.stop]) for one in stretches]

    def through(self, node: int) -> None:
        graph = self.graph
        gate = graph.gate(node)
        assert gate is not None
        rule = RULES.get(gate.name) or (_elementwise if gate.elementwise else _reducing if _reduces(gate) else None)
        if rule is None:
            raise GateError(
                f"vmap has no rule for the gate {gate.name}.",
                hint="Loop over the rows and np.stack the results, or write the step with functions that work on whole arrays.",
            )
        drawn = rule(self, gate, graph.inputs(node), graph.settings(node), graph.shape(node))
        if drawn is not None:
            self.rows[node] = drawn.node

    def wire(self, node: int) -> Wire:
        """The wire with all rows, or the one that is the same for each."""
        return self.xp.wire(self.rows.get(node, node))

    def full(self, node: int) -> Wire:
        """The wire with a row axis, stretched where it has none."""
        if node in self.rows:
            return self.wire(node)
        shape = self.graph.shape(node)
        return self.xp.broadcast_to(self.xp.wire(node), shape=(self.count, *shape))

    def aligned(self, node: int, rank: int) -> Wire:
        """The wire with axes of one entry behind the row axis, so that it broadcasts as its row does among `rank` axes."""
        shape = self.graph.shape(node)
        if node not in self.rows or len(shape) == rank:
            return self.wire(node)
        return self.xp.reshape(self.wire(node), shape=(self.count, *(1,) * (rank - len(shape)), *shape))


def _elementwise(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    return batch.xp.call(gate.name, *(batch.aligned(one, len(shape)) for one in inputs), **settings)


def _reduces(gate: Gate) -> bool:
    return "axis" in gate.params and gate.most is None


def moved(axis: Any, rank: int) -> Any:
    """The axis or axes of a row, counted with the row axis in front."""
    return axes(axis, rank)[0] + 1 if isinstance(axis, int) else tuple(one + 1 for one in axes(axis, rank))


def _reducing(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    if len(inputs) > 1:  # entry by entry beside one another: all of one shape
        axis = moved(settings["axis"], len(batch.graph.shape(inputs[0])))
        return batch.xp.call(gate.name, *map(batch.full, inputs), **{**settings, "axis": axis})
    (one,) = inputs
    rank = len(batch.graph.shape(one))
    axis = moved(settings["axis"], rank)
    if gate.name in ("argmax", "argmin") and isinstance(axis, tuple):
        if len(axis) > 1:
            flat = batch.xp.reshape(batch.wire(one), shape=(batch.count, -1))
            found = batch.xp.call(gate.name, flat, **{**settings, "axis": 1, "keepdims": False})
            return batch.xp.reshape(found, shape=(batch.count, *shape))
        axis = axis[0] if axis else None
    if axis == ():  # over all axes of a single number: nothing to gather
        settings = {**settings, "axis": 1}
        drawn = batch.xp.call(gate.name, batch.xp.reshape(batch.wire(one), shape=(batch.count, 1)), **settings)
        return batch.xp.reshape(drawn, shape=(batch.count, *shape))
    return batch.xp.call(gate.name, batch.wire(one), **{**settings, "axis": axis})


def _loss(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    true = np.broadcast_to(np.asarray(settings["true"]), (batch.count, *shape))
    return batch.xp.call(gate.name, batch.wire(inputs[0]), **{**settings, "true": _nested(true)})


def _nested(array: Any) -> Any:
    return tuple(map(_nested, array)) if np.ndim(array) else int(array)


def _reshape(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    return batch.xp.reshape(batch.wire(inputs[0]), shape=(batch.count, *shape))


def _broadcast_to(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    return batch.xp.broadcast_to(batch.aligned(inputs[0], len(shape)), shape=(batch.count, *shape))


def _transpose(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    rank = len(shape)
    order = tuple(reversed(range(rank))) if settings["axes"] is None else tuple(one % rank for one in settings["axes"])
    return batch.xp.transpose(batch.wire(inputs[0]), axes=(0, *(one + 1 for one in order)))


def _index(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    return batch.xp.index(batch.wire(inputs[0]), index=(slice(None), *settings["index"]))


def _put(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    gap = np.shape(np.broadcast_to(0.0, shape)[settings["index"]])
    laid = batch.aligned(inputs[0], len(gap))
    return batch.xp.put(laid, index=(slice(None), *settings["index"]), shape=(batch.count, *shape))


def _joining(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    axis = settings["axis"]
    return batch.xp.call(gate.name, *map(batch.full, inputs), axis=axis + 1 if axis >= 0 else axis)


def _matmul(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    """A vector in a row becomes a matrix of one row or one column, for with a row axis it would look like a matrix."""
    xp, (left, right) = batch.xp, inputs
    a, b = batch.graph.shape(left), batch.graph.shape(right)
    rank = max(len(a), len(b), 2)

    def as_matrix(node: int, given: tuple[int, ...], matrix: tuple[int, ...]) -> Wire:
        stack = given[:-2]
        if node in batch.rows:
            return xp.reshape(batch.wire(node), shape=(batch.count, *(1,) * (rank - 2 - len(stack)), *stack, *matrix))
        return xp.reshape(batch.wire(node), shape=(*stack, *matrix))

    first = as_matrix(left, a, (1, a[0]) if len(a) == 1 else a[-2:])
    second = as_matrix(right, b, (b[0], 1) if len(b) == 1 else b[-2:])
    return xp.reshape(xp.matmul(first, second), shape=(batch.count, *shape))


def _einsum(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    named, result = letters(settings["spec"])
    row = next(one for one in "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkjihgfedcba" if one not in settings["spec"])
    with_rows = [row + one if node in batch.rows else one for one, node in zip(named, inputs, strict=True)]
    return batch.xp.einsum(*map(batch.wire, inputs), spec=f"{','.join(with_rows)}->{row}{result}")


def _matrices(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    rank = max(len(batch.graph.shape(one)) for one in inputs)
    return batch.xp.call(gate.name, *(batch.aligned(one, rank) for one in inputs), **settings)


class _Picking:
    """An index for all rows, from that of one row, whose answer has axes (slices before, index arrays, slices after).

    Where places differ from row to row, or stand apart so that NumPy brings their axes to the front, the number of the row goes
    with them as one more index array. The answer is then laid out as (rows, index arrays, slices), and `order` undoes that.
    """

    def __init__(self, batch: Batch, index: Sequence[Any], places: Sequence[int], rank: int) -> None:
        spare = rank - sum(one is not None and one is not Ellipsis for one in index)
        entries = [part for one in index for part in ((slice(None),) * spare if one is Ellipsis else (one,))]
        marks = [at for at, one in enumerate(entries) if isinstance(one, str | int)]
        together = marks[-1] - marks[0] < len(marks)
        self.xp = batch.xp
        self.index: tuple[Any, ...] = (slice(None), *entries)
        self.places = list(map(batch.wire, places))
        self.order: tuple[int, int] | None = None  # how many axes of slices stand before how many of index arrays
        if together and not any(one in batch.rows for one in places):
            return
        wide = max(len(batch.graph.shape(one)) for one in places)
        number = batch.graph.constant(np.arange(batch.count).reshape(batch.count, *(1,) * wide))
        self.index = (HERE, *entries)
        self.places = [batch.xp.wire(number), *(batch.aligned(one, wide) for one in places)]
        if together and marks[0] and wide:
            self.order = marks[0], wide

    def laid(self, answer: Wire) -> Wire:
        """NumPy's answer as it is meant, row by row."""
        return self._turned(answer, *reversed(self.order)) if self.order else answer

    def unlaid(self, meant: Wire) -> Wire:
        """What is to be laid out, as NumPy's answer."""
        return self._turned(meant, *self.order) if self.order else meant

    def _turned(self, wire: Wire, first: int, second: int) -> Wire:
        """Behind the axis of rows, the first so many axes and the next so many in the other order."""
        moved = (*range(1 + first, 1 + first + second), *range(1, 1 + first))
        return self.xp.transpose(wire, axes=(0, *moved, *range(1 + first + second, len(wire.shape))))


def _gather(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    source, *places = inputs
    picking = _Picking(batch, settings["index"], places, len(batch.graph.shape(source)))
    return picking.laid(batch.xp.gather(batch.full(source), *picking.places, index=picking.index))


def _scatter(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    source, *places = inputs
    picking = _Picking(batch, settings["index"], places, len(shape))
    laid = picking.unlaid(batch.full(source))
    return batch.xp.scatter(laid, *picking.places, index=picking.index, shape=(batch.count, *shape))


def _replace(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire:
    source, new, *places = inputs
    gap = picked(shape, *map(batch.graph.shape, places), index=settings["index"])
    if not places:
        return batch.xp.replace(batch.full(source), batch.aligned(new, len(gap)), index=(slice(None), *settings["index"]))
    picking = _Picking(batch, settings["index"], places, len(shape))
    given = batch.graph.shape(new)
    rows = batch.count if new in batch.rows else 1
    laid = batch.xp.reshape(batch.wire(new), shape=(rows, *(1,) * (len(gap) - len(given)), *given))
    return batch.xp.replace(batch.full(source), picking.unlaid(laid), *picking.places, index=picking.index)


def _after(batch: Batch, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: tuple[int, ...]) -> Wire | None:
    return batch.xp.after(*map(batch.wire, inputs)) if inputs[0] in batch.rows else None


RULES: dict[str, Rule] = {
    "reshape": _reshape, "broadcast_to": _broadcast_to, "transpose": _transpose, "index": _index, "put": _put,
    "concatenate": _joining, "stack": _joining, "matmul": _matmul, "einsum": _einsum,
    "gather": _gather, "scatter": _scatter, "replace": _replace, "after": _after,
    **{gate.name: _matrices for gate in GATES.values() if gate.family == "linalg"},
    "cross_entropy": _loss, "weston_watkins": _loss, "crammer_singer": _loss, "one_vs_all": _loss,
}  # fmt: skip
