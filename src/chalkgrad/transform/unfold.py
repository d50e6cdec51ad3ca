"""Unfolding: a composite gate replaced by the formula it means, or by its own safe steps.

>>> from chalkgrad.graph.graph import Graph
>>> from chalkgrad.graph.wire import Drawing
>>> from chalkgrad.notation.expression import write
>>> graph = Graph()
>>> s = Drawing(graph).sigmoid(Drawing(graph).wire(graph.leaf("x")))
>>> unfolded, moved = unfold(graph, {"sigmoid"})
>>> write(unfolded, moved[s.node])
'1 / (1 + exp(-x))'
"""

from array import array
from collections.abc import Callable, Collection

from chalkgrad.errors import GateError, nearest
from chalkgrad.graph.gate import GATES, Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing, Wire

EVERYTHING = "all"


def unfold(graph: Graph, names: Collection[str]) -> "tuple[Graph, array[int]]":
    """A copy of `graph` in which every gate called so means its textbook form; and where each old node went.

    "all" unfolds every composite gate. Raises GateError for a name that is no composite gate.
    """
    wanted = {
        gate for gate in GATES.values() if gate.means is not None and (EVERYTHING in names or {gate.name, *gate.reads} & set(names))
    }
    for name in names:
        if name != EVERYTHING and not any(name in (gate.name, *gate.reads) for gate in wanted):
            foldable = sorted(gate.name for gate in GATES.values() if gate.means is not None)
            close = nearest(name, foldable) or foldable
            raise GateError(f'There is no composite gate called "{name}" to unfold.', hint=f"You can unfold: {', '.join(close)}.")
    copy = Graph()
    moved = array("i")
    for node in graph:
        gate = graph.gate(node)
        if gate is None:
            constant = graph.is_constant(node)
            moved.append(copy.constant(graph.constants[node]) if constant else copy.leaf(graph.names[node], graph.shape(node)))
            continue
        inputs = tuple(moved[one] for one in graph.inputs(node))
        if gate in wanted:
            moved.append(meaning(gate, copy, inputs, **graph.settings(node)))
        else:
            moved.append(copy.add(gate, *inputs, **graph.settings(node)))
        if node in graph.names:
            copy.names[moved[node]] = graph.names[node]
    return copy, moved


def meaning(gate: Gate, graph: Graph, inputs: tuple[int, ...], **settings: object) -> int:
    """Append the textbook form of a composite gate, and return its wire."""
    assert gate.means is not None
    return _drawn(gate.means, graph, inputs, **settings)


def steps(gate: Gate, graph: Graph, inputs: tuple[int, ...], **settings: object) -> int:
    """Append the safe form of a composite gate, its own steps named as the gate points them out, and return its wire."""
    return _drawn(gate.forward, graph, inputs, **settings)


def _drawn(rule: Callable[..., Wire], graph: Graph, inputs: tuple[int, ...], **settings: object) -> int:
    xp = Drawing(graph)
    return rule(xp, *(Wire(xp, node) for node in inputs), **settings).node
