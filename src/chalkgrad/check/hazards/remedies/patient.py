"""What a remedy looks at, and how its drafts are put into a graph.

A remedy is a function of a `Patient`: the forward pass with its floats and its true numbers. It answers with drafts: for some
wires, how they are drawn instead. `treated` draws the graph anew with them.

    >>> from chalkgrad.notation.expression import write
    >>> from chalkgrad.reading.formula import read
    >>> problem = read("sqrt(x) + 1", {"x": 0.0})
    >>> said = Remedy("hypot", "as an example")
    >>> root = problem.graph.inputs(problem.output)[0]
    >>> found = treated(problem, [Draft(root, said, lambda canvas: canvas.xp.hypot(canvas.now(0), 0.0))])
    >>> write(found.graph, found.output)
    'hypot(x, 0) + 1'
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from chalkgrad.check.precision.losses import Losses
from chalkgrad.check.precision.truths import Truths
from chalkgrad.graph.graph import Graph, exchanged, needed
from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.reading.problem import OUTSIDE, Problem
from chalkgrad.reading.trace.program import compact
from chalkgrad.transform.stabilise import Rewrite, stabilised
from chalkgrad.transform.stabilise.views import ONE, Term, Views

LOST = 6.0  # bits; a wire that has lost fewer is sound


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is done, and why it helps."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """How one wire is to be drawn instead."""

    node: int
    remedy: Remedy
    draw: "Drawer"


class Canvas:
    """Draws in a graph that is being made from another: `now` is the wire that stands for an old one."""

    def __init__(self, graph: Graph, moved: Mapping[int, int]) -> None:
        self.graph, self.moved, self.xp = graph, moved, Drawing(graph)

    def now(self, node: int) -> Wire:
        return Wire(self.xp, self.moved.get(node, node))

    def constant(self, value: Any) -> Wire:
        return Wire(self.xp, self.graph.constant(value))

    def product(self, term: Term) -> Wire:
        """A product of old wires."""
        total: Wire | None = None
        for wire, power in term.powers.items():
            part = self.now(wire) if power == 1.0 else self.now(wire) ** power
            total = part if total is None else total * part
        if total is None:
            return self.constant(term.coefficient)
        return total if term.coefficient == 1.0 else term.coefficient * total

    def fitted(self, wire: Wire, shape: Shape) -> Wire:
        """The wire, stretched to this shape."""
        return wire if wire.shape == shape else self.xp.broadcast_to(wire, shape=shape)


Drawer = Callable[[Canvas], Wire]


def summed(form: Mapping[int, float], canvas: Canvas) -> Wire:
    """A linear form of old wires."""
    total: Wire | None = None
    for wire, factor in form.items():
        part = canvas.constant(factor) if wire == ONE else canvas.now(wire)
        part = part if wire == ONE or factor == 1.0 else -part if factor == -1.0 else part * factor
        total = part if total is None else total + part
    assert total is not None
    return total


class Patient:
    """The forward pass of a problem: `values` are its floats, `found` its true numbers."""

    def __init__(self, problem: Problem, values: list[Any], found: Truths) -> None:
        self.problem, self.graph, self.values, self.found = problem, problem.graph, values, found
        self.nodes = needed(problem.graph, [problem.output])
        self.losses = Losses(problem.graph, values, found)

    @cached_property
    def views(self) -> Views:
        return Views(self.graph)

    @cached_property
    def readers(self) -> dict[int, list[int]]:
        """The gates that each wire feeds."""
        found: dict[int, list[int]] = {node: [] for node in self.nodes}
        for node in self.nodes:
            for one in self.graph.inputs(node):
                found[one].append(node)
        return found

    def name(self, node: int) -> str:
        gate = self.graph.gate(node)
        return "" if gate is None else gate.name

    def value(self, node: int) -> np.ndarray:
        return np.asarray(self.values[node])

    def floats(self, node: int) -> bool:
        return self.value(node).dtype.kind == "f"

    def truth(self, node: int) -> np.ndarray:
        return np.asarray(self.found.values[node], dtype=object)

    def chosen(self, node: int) -> int:
        """The wire, or where it is a choice that all entries make alike, the branch that they take."""
        while self.name(node) == "where":
            condition, first, second = self.graph.inputs(node)
            taken = np.asarray(self.values[condition])
            if not (taken.all() or not taken.any()):
                break
            node = first if taken.all() else second
        return node

    def sick(self, node: int) -> bool:
        """Whether some entry is not finite, or has lost bits."""
        if not self.floats(node):
            return False
        return not bool(np.all(np.isfinite(self.value(node)))) or self.losses.worst(node) > LOST

    def ordinary(self, node: int) -> bool:
        """Whether all true numbers of the wire are finite and none is 0."""
        return all(bool(self.found.mp.isfinite(one)) and one != 0 for one in self.truth(node).ravel())


def treated(problem: Problem, drafts: Iterable[Draft]) -> Problem:
    """The problem with these drafts in place of what was written."""
    graph = Graph()
    moved: dict[int, int] = {}
    canvas = Canvas(graph, moved)
    chosen = {one.node: one.draw for one in drafts}
    for node in problem.graph:
        gate = problem.graph.gate(node)
        if gate is None:
            leaf = problem.graph.is_leaf(node)
            moved[node] = (graph.leaf(problem.graph.names[node], problem.graph.shape(node)) if leaf
                           else graph.constant(problem.graph.constants[node]))  # fmt: skip
        elif node in chosen:
            moved[node] = canvas.fitted(chosen[node](canvas), problem.graph.shape(node)).node
        else:
            moved[node] = graph.add(gate, *(moved[one] for one in problem.graph.inputs(node)), **problem.graph.settings(node))
        if node in problem.graph.names and not problem.graph.is_leaf(node):
            graph.names.setdefault(moved[node], problem.graph.names[node])
    small, places = compact(graph, [moved[problem.output]])
    return carried(problem, small, {node: places[new] for node, new in moved.items()})


def carried(problem: Problem, graph: Graph, moved: Mapping[int, int]) -> Problem:
    """The same problem in another graph."""
    return replace(
        problem,
        graph=graph,
        output=moved[problem.output],
        leaves={name: moved[node] for name, node in problem.leaves.items() if moved[node] >= 0},
        defined={name: moved[node] for name, node in problem.defined.items() if moved.get(node, -1) >= 0},
        given={moved[node]: value for node, value in problem.given.items() if moved[node] >= 0},
    )


def settled(problem: Problem) -> tuple[Problem, tuple[Rewrite, ...]]:
    """The problem in stable forms, and what was rewritten; rules see the numbers of arrays that are no arguments."""
    outside = {node: name for name, node in problem.leaves.items() if problem.fixed.get(name) == OUTSIDE}
    graph = exchanged(problem.graph, constants={node: problem.given[node] for node in outside}) if outside else problem.graph
    found = stabilised(graph, [problem.output])
    named = {found.moved[node]: name for node, name in outside.items() if found.moved[node] >= 0}
    final = exchanged(found.graph, named) if named else found.graph
    return carried(problem, final, dict(enumerate(found.moved))), found.rewrites
