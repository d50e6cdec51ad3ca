"""Definitions that nothing uses, found again where a later expression spells them out.

The lecture writes `B = (X + Y)^2` and beside it `V = X + Y`: V is meant to be the wire inside B. So such definitions are built
first, and when an expression equal to one of them has just been built, it is taken back and the definition's wire stands in its
place. Only whole definitions are shared; everything else stays as it was written.
"""

from array import array
from typing import Any

from chalkgrad.graph.graph import CONSTANT, Graph


class Twins:
    """Watches the first `watched` statements being built; after them, `settle` finds their unused definitions again."""

    def __init__(self, graph: Graph, starts: "array[int]", stops: "array[int]", watched: int) -> None:
        self.graph = graph
        self.starts, self.stops = starts, stops
        self.watched = watched
        self.known: dict[Any, int] = {}  # the first node of each structure in the watched statements
        self.first_of: dict[int, int] = {}  # for a node of such a structure, that first node
        self.unused: set[int] = set()
        self.floor = len(graph)  # where the present statement begins

    def settle(self, node: int) -> int:
        """The wire to use for a node just built: the node, or a definition equal to it."""
        graph, first_of = self.graph, self.first_of
        code = graph.codes[node]
        if code == CONSTANT:
            value = graph.constants[node]
            key: Any = (code, graph.shape(node), value.tobytes() if hasattr(value, "tobytes") else repr(value))
        else:
            operands = graph.operands[graph.first[node] : graph.first[node + 1]]
            key = (code, graph.param_codes[node], *[first_of.get(one, one) for one in operands])
        first = self.known.setdefault(key, node) if self.watched else self.known.get(key)
        if first is None or first == node:
            return node
        if first in self.unused:
            self._take_back(node)
            return first
        first_of[node] = first
        return node

    def defined(self, node: int, *, unused: bool) -> None:
        """A statement is complete."""
        self.watched = max(0, self.watched - 1)
        if unused and self.graph.codes[node] < CONSTANT:
            self.unused.add(self.first_of.get(node, node))
        self.floor = len(self.graph)

    def _take_back(self, node: int) -> None:
        """Remove the expression that ends in `node`. Its gates are the last of the graph, since each is built after its inputs."""
        graph = self.graph
        cut, stack = node, [node]
        while stack:
            one = stack.pop()
            cut = min(cut, one)
            operands = graph.operands[graph.first[one] : graph.first[one + 1]]
            stack.extend(other for other in operands if other >= self.floor)
        for one in range(cut, len(graph)):
            self.first_of.pop(one, None)
            graph.constants.pop(one, None)
            graph.names.pop(one, None)
        del graph.operands[graph.first[cut] :]
        del graph.first[cut + 1 :]
        for column in (graph.codes, graph.shape_codes, graph.param_codes, self.starts, self.stops):
            del column[cut:]
