"""A finished trace as something to run again: the gates that its results need, in order, with its guards between them.

Running it costs one pass over a list. Where a guard fails the run ends at once with None, and the caller traces anew.
"""

import contextlib
from array import array
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property, partial
from math import prod
from operator import itemgetter
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.reading.trace.numbers import NUMBERS
from chalkgrad.reading.trace.session import Guard, Trace

# A gate: where its value goes, how it is computed from the values picked, and what comes after it, if anything: guards to hold,
# and values of which this was the last use.
Instruction = tuple[int, Any, Any, tuple[tuple[Guard, ...], tuple[int, ...]] | None]
LARGE = 512  # entries from which on a value is let go after its last use


class Program:
    """`graph` holds the needed wires only: its leaves are the inputs, in their order, and `outputs` are its results.

    With `known`, the wires before that one are inputs too, as far as they are needed: `residuals` names them, and their values come
    before those of the other inputs. What led to them is known to hold, so guards are left out.
    """

    def __init__(self, trace: Trace, outputs: Sequence[int], known: int = 0) -> None:
        guards = [] if known else trace.guards
        self.graph, moved = compact(trace.graph, [*outputs, *(guard.node for guard in guards)], known)
        self.residuals = [node for node in range(known) if moved[node] >= 0 and not trace.graph.is_constant(node)]
        self.leaves = self.graph.leaves()
        self.outputs = [moved[node] for node in outputs]
        kept = dict.fromkeys((moved[one.node], one.kind, _key(one.expected)) for one in guards)
        firsts = {(moved[one.node], one.kind, _key(one.expected)): one.expected for one in reversed(guards)}
        self.guards = [Guard(node, kind, firsts[node, kind, key]) for node, kind, key in kept]

    @cached_property
    def _instructions(self) -> list[Instruction]:
        return _instructions(self.graph, self.guards, self.outputs)

    @cached_property
    def _start(self) -> list[Any]:
        """The constants, and room for the other values."""
        start: list[Any] = [None] * len(self.graph)
        for node, value in self.graph.constants.items():
            start[node] = NUMBERS.constant(value)
        return start

    def run(self, inputs: Sequence[Any]) -> list[Any] | None:
        """The results for these inputs, or None where the functions that were traced would take another way.

        None too where NumPy refuses the numbers (an index out of bounds): a new trace tells it with the line.
        """
        values = self._start.copy()
        for node, value in zip(self.leaves, inputs, strict=True):
            values[node] = value
        with np.errstate(all="ignore"), contextlib.suppress(IndexError, np.linalg.LinAlgError):
            for node, compute, picked, after in self._instructions:
                if compute is not None:
                    values[node] = compute(*picked(values))
                if after is not None:
                    guards, done = after
                    for guard in guards:
                        if not guard.holds(values[guard.node]):
                            return None
                    for one in done:
                        values[one] = None
            return [values[node] for node in self.outputs]
        return None


def _key(expected: Any) -> Any:
    return (expected.shape, expected.tobytes()) if isinstance(expected, np.ndarray) else expected


def _instructions(graph: Graph, guards: Sequence[Guard], outputs: Sequence[int]) -> list[Instruction]:
    held: dict[int, list[Guard]] = defaultdict(list)
    for guard in guards:
        held[guard.node].append(guard)
    done = _last_uses(graph, outputs)
    rules: dict[tuple[int, int], Any] = {}
    found: list[Instruction] = []
    for node in graph:
        gate = graph.gate(node)
        after = (tuple(held.get(node, ())), tuple(done.get(node, ()))) if node in held or node in done else None
        if gate is not None:
            key = graph.codes[node], graph.param_codes[node]
            if key not in rules:
                rules[key] = partial(gate.forward, NUMBERS, **graph.settings(node))
            found.append((node, rules[key], _picked(graph.inputs(node)), after))
        elif after is not None:
            found.append((node, None, None, after))
    return found


def _picked(nodes: tuple[int, ...]) -> Any:
    """How the values of these wires are taken out of the list of all values."""
    if len(nodes) > 1:
        return itemgetter(*nodes)
    return itemgetter(slice(nodes[0], nodes[0] + 1) if nodes else slice(0, 0))


def _last_uses(graph: Graph, outputs: Sequence[int]) -> dict[int, list[int]]:
    """For each gate the large values that nothing needs after it. What is small is let go at the end, with the others."""
    large = bytearray(prod(shape) >= LARGE for shape in graph.shapes)
    met = bytearray(len(graph))
    for node in outputs:
        met[node] = 1
    found: dict[int, list[int]] = defaultdict(list)
    for node in range(len(graph) - 1, -1, -1):
        for one in (node, *graph.inputs(node)) if any(large) else ():
            if not met[one] and large[graph.shape_codes[one]]:
                met[one] = 1
                found[node].append(one)
    return found


def compact(graph: Graph, wanted: Sequence[int], known: int = 0) -> "tuple[Graph, array[int]]":
    """A copy of the graph with all its leaves and only what the wanted wires need; and where each old node went (−1: nowhere).

    Needed wires before `known` become leaves.
    """
    needed = bytearray(len(graph))
    for node in wanted:
        needed[node] = 1
    for node in range(len(graph) - 1, known - 1, -1):
        if needed[node]:
            for one in graph.inputs(node):
                needed[one] = 1
    copy, moved = Graph(), array("i", [-1]) * len(graph)
    for node in graph:
        if not (needed[node] or (graph.is_leaf(node) and node >= known)):
            continue
        gate = graph.gate(node)
        if graph.is_constant(node):
            moved[node] = copy.constant(graph.constants[node])
        elif gate is None or node < known:
            moved[node] = copy.leaf(graph.names.get(node, f"wire {node}"), graph.shape(node))
        else:
            moved[node] = copy.again(graph, node, tuple([moved[one] for one in graph.inputs(node)]))
            if node in graph.names:
                copy.names[moved[node]] = graph.names[node]
    return copy, moved
