"""A finished trace as something to run again: the gates that its results need, in order, with its guards between them.

Running it costs one pass over a list. Where a guard fails the run ends at once with None, and the caller traces anew.
"""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.reading.trace.session import NUMBERS, Guard, Trace

Instruction = tuple[int, Any, tuple[int, ...], Any, tuple[Guard, ...]]


class Program:
    """`graph` holds the needed wires only: its leaves are the inputs, in their order, and `outputs` are its results."""

    def __init__(self, trace: Trace, outputs: Sequence[int]) -> None:
        self.graph, moved = compact(trace.graph, [*outputs, *(guard.node for guard in trace.guards)])
        self.leaves = self.graph.leaves()
        self.outputs = [moved[node] for node in outputs]
        kept = dict.fromkeys((moved[one.node], one.kind, _key(one.expected)) for one in trace.guards)
        firsts = {(moved[one.node], one.kind, _key(one.expected)): one.expected for one in reversed(trace.guards)}
        self.guards = [Guard(node, kind, firsts[node, kind, key]) for node, kind, key in kept]
        self._instructions = _instructions(self.graph, self.guards)
        self._start = [
            NUMBERS.constant(self.graph.constants[node]) if self.graph.is_constant(node) else None for node in self.graph
        ]

    def run(self, inputs: Sequence[Any]) -> list[Any] | None:
        """The results for these inputs, or None where the functions that were traced would take another way."""
        values = list(self._start)
        for node, value in zip(self.leaves, inputs, strict=True):
            values[node] = value
        with np.errstate(all="ignore"):
            for node, forward, operands, params, guards in self._instructions:
                if forward is not None:
                    values[node] = forward(NUMBERS, *[values[one] for one in operands], **params)
                for guard in guards:
                    if not guard.holds(values[node]):
                        return None
        return [values[node] for node in self.outputs]


def _key(expected: Any) -> Any:
    return (expected.shape, expected.tobytes()) if isinstance(expected, np.ndarray) else expected


def _instructions(graph: Graph, guards: Sequence[Guard]) -> list[Instruction]:
    after: dict[int, list[Guard]] = defaultdict(list)
    for guard in guards:
        after[guard.node].append(guard)
    found: list[Instruction] = []
    for node in graph:
        gate = graph.gate(node)
        if gate is not None or node in after:
            found.append((node, gate and gate.forward, graph.inputs(node), graph.settings(node), tuple(after[node])))
    return found


def compact(graph: Graph, wanted: Sequence[int]) -> "tuple[Graph, array[int]]":
    """A copy of the graph with all its leaves and only what the wanted wires need; and where each old node went (−1: nowhere)."""
    needed = bytearray(len(graph))
    for node in wanted:
        needed[node] = 1
    for node in range(len(graph) - 1, -1, -1):
        if needed[node]:
            for one in graph.inputs(node):
                needed[one] = 1
    copy, moved = Graph(), array("i", [-1]) * len(graph)
    for node in graph:
        if graph.is_leaf(node):
            moved[node] = copy.leaf(graph.names[node], graph.shape(node))
        elif needed[node]:
            gate = graph.gate(node)
            if gate is None:
                moved[node] = copy.constant(graph.constants[node])
            else:
                moved[node] = copy.add(gate, *(moved[one] for one in graph.inputs(node)), **graph.settings(node))
            if node in graph.names:
                copy.names[moved[node]] = graph.names[node]
    return copy, moved
