"""Equal calculations by equal numbers, so that a sub-expression that was written twice is known as one.

Laying the same entries out in another shape is seen through: a sum that keeps its axis has the core of the sum that does not.

>>> from chalkgrad.graph.wire import Drawing
>>> graph = Graph()
>>> xp = Drawing(graph)
>>> x = xp.wire(graph.leaf("x", (2, 3)))
>>> kept, dropped = (xp.sum(xp.exp(x), axis=1, keepdims=keep).node for keep in (True, False))
>>> numbers = Numbering(graph)
>>> numbers.of(kept) == numbers.of(dropped), numbers.core(kept) == numbers.core(dropped)
(False, True)
"""

from array import array
from typing import Any

import numpy as np

from chalkgrad.gates import GATES
from chalkgrad.graph.gate import CODES
from chalkgrad.graph.graph import CONSTANT, LEAF, Graph
from chalkgrad.graph.shapes import axes

LARGE = 64  # entries from which on an array is told by its identity
APART = frozenset({CODES[GATES["alias"]], CODES[GATES["after"]]})  # never the same as another wire of that value
RESHAPE, INDEX, EINSUM = (CODES[GATES[name]] for name in ("reshape", "index", "einsum"))


class Numbering:
    """`of(wire)` is the first wire that is computed in the same way, `core(wire)` the first that has the same entries in order."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._firsts = array("i")
        self._cores = array("i")
        self._known: dict[Any, int] = {}

    def of(self, node: int) -> int:
        for one in range(len(self._firsts), node + 1):
            self._number(one)
        return self._firsts[node]

    def core(self, node: int) -> int:
        self.of(node)
        return self._cores[node]

    def _number(self, node: int) -> None:
        graph = self.graph
        shape = graph.shape(node)
        core = self._core(node)
        if core is not None:
            first = self._known.setdefault(("laid", core, shape), node)
        else:
            first = core = self._known.setdefault(self._key(node), node)
            self._known.setdefault(("laid", core, shape), node)
        self._firsts.append(first)
        self._cores.append(core)

    def _core(self, node: int) -> int | None:
        """The core of a wire that only lays entries out, or of a gate that gathers them; None for the others."""
        graph = self.graph
        code = graph.codes[node]
        if code == RESHAPE or (code == INDEX and _lays(graph, node)) or (code == EINSUM and _names_in_order(graph, node)):
            return self._cores[graph.inputs(node)[0]]
        settings = graph.settings(node)
        if "keepdims" not in settings:
            return None
        (source,) = graph.inputs(node)[:1]
        gone = axes(settings["axis"], len(graph.shape(source)))
        rest = tuple(str(value) for name, value in settings.items() if name not in ("axis", "keepdims"))
        return self._known.setdefault((code, *(self._firsts[one] for one in graph.inputs(node)), gone, rest), node)

    def _key(self, node: int) -> Any:
        graph = self.graph
        code = graph.codes[node]
        if code == LEAF or code in APART:
            return node
        if code == CONSTANT:
            value = graph.constants[node]
            if not isinstance(value, np.ndarray):
                return type(value).__name__, value
            return (str(value.dtype), value.shape, value.tobytes()) if value.size < LARGE else ("array", id(value))
        return code, *(self._firsts[one] for one in graph.inputs(node)), ("settings", graph.param_codes[node])


def _lays(graph: Graph, node: int) -> bool:
    """Whether indexing picks everything in order, and only adds or drops axes of one entry."""
    (source,) = graph.inputs(node)
    plain = all(one is None or one is Ellipsis or one == slice(None) or one in (0, -1) for one in graph.settings(node)["index"])
    return plain and np.prod(graph.shape(node), dtype=int) == np.prod(graph.shape(source), dtype=int)


def _names_in_order(graph: Graph, node: int) -> bool:
    """Whether an einsum only names the axes of its one operand."""
    before, _, after = graph.settings(node)["spec"].partition("->")
    return bool(before == after)
