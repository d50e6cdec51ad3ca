"""A program of many small arrays as a tape: entry by entry, forward only.

A function with a long loop over single numbers becomes a graph of thousands of gates, its backward pass among them. Most wires hold
one number, some a few: the argument whose entries are picked, and the gradient that is put together of them. Moves of entries need
no gates here: they are done once, on the numbers of the wires. What is left are single numbers, which a tape computes.

>>> from chalkgrad.reading.formula import read
>>> formula = read("f = sum(s * s)", {"s": [1.0, 2.0]})
>>> (total,) = Flat(formula.graph, [formula.output], {formula.leaves["s"]: np.array([1.0, 2.0])}).run([np.array([3.0, 4.0])])
>>> float(total)
25.0
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.gates import GATES
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import axes
from chalkgrad.native.explanation import Explanation
from chalkgrad.native.loops.observing import observed
from chalkgrad.native.number import NotNativeError
from chalkgrad.native.tape.tape import Tape
from chalkgrad.reading.trace.numbers import NUMBERS

MOST_ENTRIES = 2**24  # of all wires together
ADD, DIVIDE, WHERE = GATES["add"], GATES["divide"], GATES["where"]
HANDED_ON = frozenset({"alias", "stop", "after"})
MOVES = frozenset({"index", "reshape", "transpose", "broadcast_to", "stack", "concatenate"})
DOUBLE, TRUTH = np.dtype(np.float64), np.dtype(np.bool_)


class Flat:
    """A graph whose inputs are float64 as a tape. Raises NotNativeError where it cannot be."""

    def __init__(self, graph: Graph, outputs: Sequence[int], given: Mapping[int, Any]) -> None:
        values = observed(graph, given)
        self.leaves = graph.leaves()
        self.kinds = [np.result_type(values[node]) for node in outputs]
        if any(np.result_type(values[leaf]) != DOUBLE for leaf in self.leaves) or not {*self.kinds} <= {DOUBLE, TRUTH}:
            raise NotNativeError("A tape is for functions of float64.")
        flattened = _Flattened(graph)
        wires = [flattened.wires[node] for node in outputs]
        self.tape = Tape(flattened.flat, flattened.summed(wires, self.kinds), (), flattened.flat.leaves())
        self.places = [self.tape.slots[one] for one in wires]

    def run(self, inputs: Sequence[Any], _into: Any = None) -> list[Any] | None:
        """The values of the outputs."""
        row = np.concatenate([np.ravel(one) for one in inputs]) if inputs else ()
        return [one.astype(kind)[()] for one, kind in zip(self.tape.values(row, self.places), self.kinds, strict=True)]

    def explained(self, _inputs: Any = ()) -> Explanation:
        """What the tape is made of."""
        return self.tape.explained()


class _Flattened:
    """`flat` is the graph of single numbers, `wires[node]` an array of its wires in the shape of the old one."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.flat = graph, Graph()
        self.wires: list[Any] = []
        self._nothing: int | None = None
        for node in graph:
            gate = graph.gate(node)
            if gate is None:
                self.wires.append(self._source(node))
            else:
                self.wires.append(self._gate(node, gate, [self.wires[one] for one in graph.inputs(node)]))

    def _source(self, node: int) -> Any:
        shape = self.graph.shape(node)
        if self.graph.is_leaf(node):
            name = self.graph.names.get(node, f"leaf {node}")
            return np.array([self.flat.leaf(name) for _ in range(math.prod(shape))], np.int64).reshape(shape)
        value = self.graph.constants[node]
        if type(value) is float:
            return np.array(self.flat.constant(value))
        if np.result_type(value) not in (DOUBLE, TRUTH):
            raise NotNativeError("A tape holds numbers of float64.")
        entries = [self.flat.constant(one if isinstance(one, float) else np.bool_(one)) for one in np.ravel(value).tolist()]
        return np.array(entries, np.int64).reshape(shape)

    def _gate(self, node: int, gate: Gate, inputs: list[Any]) -> Any:
        shape, settings = self.graph.shape(node), self.graph.settings(node)
        if gate.name in HANDED_ON:
            return inputs[0]
        if gate.elementwise:
            if not shape:
                return np.array(self.flat.add(gate, *map(int, inputs), **settings))
            columns = [np.broadcast_to(one, shape).ravel().tolist() for one in inputs]
            made = [self.flat.add(gate, *entries, **settings) for entries in zip(*columns, strict=True)]
            return np.array(made, np.int64).reshape(shape)
        if gate.name in MOVES:
            return np.asarray(gate.forward(NUMBERS, *inputs, **settings))
        if gate.name == "put":
            laid = gate.forward(NUMBERS, inputs[0] + 1, **settings)
            return np.where(laid == 0, self._zero(), laid - 1)
        if gate.name in ("sum", "mean"):
            return self._sum(inputs[0], shape, gate.name == "mean", settings)
        raise NotNativeError(f"{gate.name} is no gate of single numbers, and moves none.")

    def _zero(self) -> int:
        if self._nothing is None:
            self._nothing = self.flat.constant(0.0)
        return self._nothing

    def _sum(self, wires: Any, shape: tuple[int, ...], mean: bool, settings: Mapping[str, Any]) -> Any:
        gone = axes(settings["axis"], wires.ndim)
        rows = np.moveaxis(wires, gone, range(-len(gone), 0)).reshape(math.prod(shape), -1)
        totals = [self.total(row) for row in rows.tolist()]
        if mean:
            count = self.flat.constant(float(rows.shape[1]))
            totals = [self.flat.add(DIVIDE, one, count) for one in totals]
        return np.array(totals, np.int64).reshape(shape)

    def total(self, row: list[int]) -> int:
        """The sum of wires, two by two, so that roundings stay few."""
        while len(row) > 1:
            pairs = [self.flat.add(ADD, one, other) for one, other in zip(row[::2], row[1::2], strict=False)]
            row = pairs + row[len(row) - len(row) % 2 :]
        return row[0] if row else self._zero()

    def summed(self, outputs: Sequence[Any], kinds: Sequence[Any]) -> int:
        """A wire that needs all outputs, for a tape computes what one wire needs."""
        zero = self._zero()
        needed = [zero]
        for wires, kind in zip(outputs, kinds, strict=True):
            entries = wires.ravel().tolist()
            needed += entries if kind == DOUBLE else [self.flat.add(WHERE, one, zero, zero) for one in entries]
        return self.flat.add(ADD, self.total(needed), zero)
