"""The walk that puts stable forms in place of textbook forms.

One loop, in the order of the graph: a gate whose inputs have moved is drawn again over the new ones, and where a rule recognises
what the gate completes, the stable form stands for it from then on. So small rules build on one another: what has become a softmax
is met as a softmax by the rule for its logarithm. Nothing is taken away; new gates are appended, which is why a trace can be
stabilised while it runs.

    >>> from chalkgrad.graph.wire import Drawing
    >>> graph = Graph()
    >>> x = Drawing(graph).wire(graph.leaf("x"))
    >>> f = Drawing(graph).log(1 + Drawing(graph).exp(x))
    >>> found = stabilised(graph, [f.node])
    >>> print(*found.rewrites)
    log(1 + exp(x))  →  softplus(x)
"""

from array import array
from collections.abc import Callable, Sequence
from copy import copy
from functools import cache

from chalkgrad.graph.graph import CONSTANT, Graph, reached
from chalkgrad.notation.expression import Part, write
from chalkgrad.reading.trace.program import compact
from chalkgrad.transform.stabilise.model import Rewrite, Rule, Stabilised
from chalkgrad.transform.stabilise.rules import RECOGNISERS, Recogniser
from chalkgrad.transform.stabilise.views import Views

AGAIN = 4  # how often what a rule has drawn is looked at once more
TOLD = 200  # rewritings that are shown as they stand in the graph; further ones as the rule has them
BRIEF = 24  # gates that a rewriting shows of an expression

Accepts = Callable[[Graph, int, int], bool]  # whether the second wire may stand for the first


def stabilised(graph: Graph, outputs: Sequence[int], accepts: Accepts | None = None) -> Stabilised:
    """A copy of the graph in which textbook forms are stable ones, with what the outputs and the leaves need.

    `accepts(graph, wire, stable)` may refuse a rewriting, as where it is measured to be worse.
    """
    work = _copied(graph)
    stabiliser = Stabiliser(work, accepts)
    settled = [stabiliser.wire(node) for node in outputs]
    final, places = compact(work, settled)
    moved = array("i", [places[stabiliser.moved.get(node, node)] for node in range(len(graph))])
    used = stabiliser.used(settled)
    rewrites = tuple(Rewrite(one.rule, one.wire, places[one.stable], one.before, one.after) for one in used)
    return Stabilised(final, tuple(places[node] for node in settled), moved, rewrites)


class Stabiliser:
    """Stabilises a graph as it grows. `wire(node)` is the stable wire that stands for the node; `moved` has those that differ."""

    def __init__(self, graph: Graph, accepts: Accepts | None = None) -> None:
        self.graph = graph
        self.views = Views(graph)
        self.moved: dict[int, int] = {}
        self.found: dict[int, tuple[Rule, int]] = {}  # by the wire as written: the rule used last, and the stable wire
        self._accepts = accepts
        self._next = 0
        self._stretches = 0

    def wire(self, node: int) -> int:
        if self._next < len(self.graph):
            self._run()
        return self.moved.get(node, node)

    def skip(self) -> None:
        """Take everything up to here as it stands: a backward pass, which is stable as it is drawn."""
        self._next = len(self.graph)

    def used(self, outputs: Sequence[int]) -> tuple[Rewrite, ...]:
        """The rewritings of which the outputs make use."""
        graph = self.graph
        needed = reached(graph, outputs)
        kept = [(wire, *found) for wire, found in self.found.items() if needed[found[1]]]
        told = [Rewrite(rule, wire, stable, brief(graph, wire), brief(graph, stable)) for wire, rule, stable in kept[:TOLD]]
        return (*told, *(Rewrite(rule, wire, stable, *_sides(rule)) for wire, rule, stable in kept[TOLD:]))

    def _run(self) -> None:
        graph, moved = self.graph, self.moved
        stop = len(graph)
        codes, first, operands = graph.codes, graph.first, graph.operands
        fresh = [one for one in graph.stretches[self._stretches :] if one]
        marked = bytearray(stop)
        for one in fresh:
            marked[one.start : one.stop] = b"\1" * len(one)
        edges = {edge: stop for one in fresh for edge in (one.start, one.stop)}  # and how long the graph was there
        for node in range(min([self._next, *(one.start for one in fresh)]), stop):
            if node in edges:
                edges[node] = len(graph)
            code = codes[node]
            if code >= CONSTANT:
                continue
            current = node
            # What a backward pass is to compute anew has to lie together, so it is copied as a whole.
            if marked[node] or (moved and any(one in moved for one in operands[first[node] : first[node + 1]])):
                current = self._again(node)
            if (recognise := RECOGNISERS.get(code)) is not None:
                current = self._settled(node, current, recognise)
            if current != node:
                moved[node] = current
        edges.update({edge: len(graph) for edge in edges if edge == stop})
        graph.stretches += [range(edges[one.start], edges[one.stop]) for one in fresh]
        self._stretches = len(graph.stretches)
        self._next = len(graph)

    def _again(self, node: int) -> int:
        """The gate once more, over the wires that stand for its inputs."""
        graph = self.graph
        gate = graph.gate(node)
        assert gate is not None
        drawn = graph.add(gate, *(self.moved.get(one, one) for one in graph.inputs(node)), **graph.settings(node))
        if node in graph.names:
            graph.names[drawn] = graph.names[node]
        return drawn

    def _settled(self, node: int, current: int, recognise: Sequence[Recogniser]) -> int:
        for _ in range(AGAIN):
            found = self._found(current, recognise)
            if found is None:
                break
            rule, stable = found
            if self._accepts is not None and not self._accepts(self.graph, current, stable):
                break
            self.found[node] = rule, stable
            current = stable
            further = RECOGNISERS.get(self.graph.codes[current])
            if further is None:
                break
            recognise = further
        return current

    def _found(self, node: int, recognise: Sequence[Recogniser]) -> tuple[Rule, int] | None:
        parts: set[str] | None = None
        for one in recognise:
            if one.among:
                parts = self.views.parts(node) if parts is None else parts
                if one.among.isdisjoint(parts):
                    continue
            found = one.recognise(self.views, node)
            if found is not None:
                rule, wire = found
                stable = self.views.fitted(wire, self.graph.shape(node)).node
                return None if stable == node else (rule, stable)
        return None


@cache
def _sides(rule: Rule) -> tuple[str, str]:
    return rule.before, rule.after


def brief(graph: Graph, node: int) -> str:
    """The wire in words, as far as a few gates go."""
    parts: dict[int, Part] = {}
    near, met = [node], {node}
    for one in near:
        name = graph.names.get(one)
        if name is not None and one != node:
            parts[one] = Part(name)
        elif len(near) > BRIEF:
            parts[one] = Part("…")
        else:
            near += [wire for wire in graph.inputs(one) if wire not in met]
            met.update(graph.inputs(one))
    return write(graph, node, parts, longest=120)


def _copied(graph: Graph) -> Graph:
    """A graph of its own with the same gates, to which more can be appended."""
    found = copy(graph)
    for name, value in vars(graph).items():
        setattr(found, name, copy(value))
    return found
