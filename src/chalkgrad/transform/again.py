"""Stretches of a graph that the backward pass computes a second time, so that their values need not be kept until then.

Local gradients are made of values from the forward pass. Within a stretch (`Graph.stretches`, see `chalkgrad.checkpoint`) they are
made of a copy instead, which is drawn when the walk enters the stretch. The copy is fed through `after` gates that wait for the
gradient that is flowing back, so it is computed then and not before.

    >>> from chalkgrad.graph.graph import Graph
    >>> from chalkgrad.graph.wire import Drawing
    >>> graph = Graph()
    >>> xp = Drawing(graph)
    >>> x, upstream = xp.wire(graph.leaf("x")), xp.wire(graph.leaf("upstream"))
    >>> y = xp.exp(xp.sin(x))
    >>> graph.stretches.append(range(y.node - 1, y.node + 1))
    >>> twin = Again(graph, y.node, frozenset()).twin(y.node, upstream.node, lambda node: True)
    >>> [graph.gate(node).name for node in range(y.node + 1, twin + 1)]
    ['after', 'sin', 'exp']
"""

from array import array
from collections.abc import Callable

from chalkgrad.gates import GATES
from chalkgrad.graph.graph import Graph

NONE = -1
AFTER, ALIAS = GATES["after"], GATES["alias"]


class Again:
    """The copies that one walk needs, drawn when it first asks for a wire of a stretch."""

    def __init__(self, graph: Graph, output: int, held: frozenset[int]) -> None:
        self.graph = graph
        self.held = held
        self.stretches = sorted((one for one in graph.stretches if one and one.start <= output), key=len, reverse=True)
        self._outer: list[int] = []  # the number of the stretch around each
        self._inner = array("i", [NONE]) * (output + 1 if self.stretches else 0)  # of the smallest stretch around each wire
        for number, stretch in enumerate(self.stretches):
            stop = min(stretch.stop, output + 1)
            self._outer.append(self._inner[stretch.start])
            self._inner[stretch.start : stop] = array("i", [number]) * (stop - stretch.start)
        self._twins: dict[int, dict[int, int]] = {}

    def twin(self, node: int, upstream: int, needs: Callable[[int], bool]) -> int:
        """The wire to read in place of `node`: its copy in the smallest stretch around it, or itself outside of all."""
        number = self._inner[node] if self.stretches else NONE
        if number == NONE:
            return node
        around = [number]
        while self._outer[around[-1]] != NONE:
            around.append(self._outer[around[-1]])
        for one in reversed(around):
            if one not in self._twins:
                self._twins[one] = self._copied(one, upstream, needs)
        twin = self._twins[number].get(node, node)
        return twin if self.graph.codes[twin] == self.graph.codes[node] else node

    def _copied(self, number: int, upstream: int, needs: Callable[[int], bool]) -> dict[int, int]:
        """Draw what the walk will read of a stretch once more, from what the copy of the stretch around it holds."""
        graph = self.graph
        stretch = range(self.stretches[number].start, min(self.stretches[number].stop, len(self._inner)))
        outside = self._twins.get(self._outer[number], {})
        wanted = {node for node in stretch if needs(node)}
        for node in reversed(stretch):
            if node in wanted:
                wanted.update(one for one in graph.inputs(node) if one in stretch)
        twins: dict[int, int] = {}

        def late(node: int) -> int:
            if node not in twins:
                source = outside.get(node, node)
                twins[node] = source if graph.is_constant(source) else graph.add(AFTER, source, upstream)
            return twins[node]

        for node in sorted(wanted):
            gate = graph.gate(node)
            # A transform takes its derivative by the alias wire itself; a copy of that wire would not count as it.
            if gate is None or gate is ALIAS or node in self.held:
                late(node)
            else:
                inputs = [twins[one] if one in twins else late(one) for one in graph.inputs(node)]
                twins[node] = graph.add(gate, *inputs, **graph.settings(node))
        return twins
