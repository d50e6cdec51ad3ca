"""A branch not taken, kept from what it cannot bear: the "double where", written by machine.

`where(x > 0, sqrt(x), 0)` becomes `where(x > 0, sqrt(where(x > 0, x, 1)), 0)`: where the branch is not taken its gate meets a
number at which it and its slope are finite.

    >>> from chalkgrad.reading.formula import read
    >>> problem = read("where(x > 0, sqrt(x), 0)", {"x": -1.0})
    >>> sqrt = next(node for node in problem.graph if problem.graph.gate(node) and problem.graph.gate(node).name == "sqrt")
    >>> found, moved = guarded(problem.graph, problem.output, {sqrt})
    >>> from chalkgrad.notation.expression import write
    >>> write(found, moved[problem.output])
    'where(x > 0, sqrt(where(x > 0, x, 1)), 0)'
"""

from collections import defaultdict
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

import numpy as np

from chalkgrad.gates.choice import WHERE
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph, needed
from chalkgrad.graph.spaces import NUMPY


class Guard(NamedTuple):
    """The condition of the `where` whose branch a gate belongs to, and whether it is that of the first branch."""

    condition: int
    first: bool


def guarded(graph: Graph, output: int, gates: Iterable[int]) -> tuple[Graph, dict[int, int]]:
    """A copy in which these gates are guarded, where each belongs to one branch only; and where each old wire went."""
    nodes = needed(graph, [output])
    guards = {node: guard for node in gates if (guard := _guard(graph, nodes, output, node)) is not None}
    after = {node: {*graph.inputs(node), *([guards[node].condition] if node in guards else [])} for node in nodes}
    try:
        order = list(TopologicalSorter({node: after[node] for node in nodes}).static_order())
    except CycleError:  # the condition is made of the very number that it would guard
        guards, order = {}, nodes
    copy = Graph()
    moved = {leaf: copy.leaf(graph.names[leaf], graph.shape(leaf)) for leaf in graph.leaves()}
    for node in order:
        if node not in moved:
            moved[node] = _copied(graph, copy, node, moved, guards.get(node))
    return copy, moved


def _copied(graph: Graph, copy: Graph, node: int, moved: dict[int, int], guard: Guard | None) -> int:
    gate = graph.gate(node)
    if gate is None:
        return copy.constant(graph.constants[node])
    inputs = [moved[one] for one in graph.inputs(node)]
    if guard is not None:
        condition = moved[guard.condition]
        for slot, (wire, safe) in enumerate(zip(graph.inputs(node), _bearable(gate, graph.settings(node)), strict=False)):
            if safe is not None and not graph.is_constant(wire):
                branches = (inputs[slot], copy.constant(safe)) if guard.first else (copy.constant(safe), inputs[slot])
                inputs[slot] = copy.add(WHERE, condition, *branches)
    return copy.add(gate, *inputs, **graph.settings(node))


def _guard(graph: Graph, nodes: list[int], output: int, node: int) -> Guard | None:
    """The branch that all ways from the gate to the output go through; None where there are several, or a way past them."""
    feeds: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one in nodes:
        for slot, wire in enumerate(graph.inputs(one)):
            feeds[wire].append((one, slot))
    found: set[tuple[int, int]] = set()
    waiting, seen = [node], {node}
    while waiting:
        wire = waiting.pop()
        if wire == output:
            return None
        for one, slot in feeds[wire]:
            if graph.gate(one) is WHERE and slot > 0:
                found.add((one, slot))
            elif one not in seen:
                seen.add(one)
                waiting.append(one)
    if len(found) != 1:
        return None
    ((choice, slot),) = found
    return Guard(graph.inputs(choice)[0], slot == 1)


def _bearable(gate: Gate, settings: Any) -> list[float | None]:
    """Numbers at which the gate is finite and has a slope: ones, or its first sample; None for what is no single number."""
    ones = [1.0] * gate.arity
    with np.errstate(all="ignore"):
        kinked = any(bool(kink.at(NUMPY, *ones, **settings)) for kink in gate.kinks) if gate.elementwise else True
        hazardous = any(bool(hazard.when(NUMPY, *ones, **settings)) for hazard in gate.hazards) if gate.elementwise else True
    if not kinked and not hazardous:
        return list(ones)
    return [one if isinstance(one, float) else None for one in gate.samples[0].inputs]
