"""The derivation in plain numbers, with any of its rules exchanged: a wrong derivation is this walk with one rule altered.

Going forward, each gate's rule can be exchanged. Going back, each edge (a gate and one of its inputs) hands on a product, and each
wire joins what arrives on its ways; both can be exchanged.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from chalkgrad.gates.arrays import unbroadcast
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.spaces import NUMPY
from chalkgrad.graph.wire import Wire
from chalkgrad.handwork.mistakes.question import Mistake, Question
from chalkgrad.notation.expression import named, write
from chalkgrad.notation.numbers import show
from chalkgrad.transform.chain import Chain
from chalkgrad.transform.reverse import reverse

Edge = tuple[int, int]  # a gate's wire, and which of its inputs
Pull = Callable[[Any], Any]  # from the upstream gradient to what flows back to the input
Join = Callable[[list[Any]], Any]
Rule = Callable[..., Any]
LONGEST = 60  # letters of an expression in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One rule altered: the mistake, the wire where it happened, the words for its sentence, and the rules exchanged."""

    mistake: Mistake
    wire: int
    words: Mapping[str, Any] = field(default_factory=dict)
    pulls: Mapping[Edge, Pull] = field(default_factory=dict)
    joins: Mapping[int, Join] = field(default_factory=dict)
    rules: Mapping[int, Rule] = field(default_factory=dict)
    end: Pull | None = None  # of the finished number

    def sentence(self, *, numbers: bool = True) -> str:
        """What was done wrong; without `numbers` where those are not the student's own, since no values are given."""
        if not numbers:
            place = f"At {self.words['of']}: " if isinstance(self.words.get("of"), str) else ""
            title = self.mistake.title if place else self.mistake.title[0].upper() + self.mistake.title[1:]
            return f"{place}{title}. {self.mistake.rule}"
        words = {name: one if isinstance(one, str) else number(one) for name, one in self.words.items()}
        return self.mistake.sentence.format(**words)

    def meets(self, other: "Change") -> bool:
        """Whether both alter the same rule."""
        own = {*self.pulls, *self.joins, *self.rules}
        return bool(own & {*other.pulls, *other.joins, *other.rules}) or (self.end is not None and other.end is not None)


def number(value: Any) -> str:
    """A number as it stands in a sentence."""
    return show(value)


class Walk:
    """The question's derivation. With `student`, on the numbers that the student goes on with; else on the true ones."""

    def __init__(self, question: Question, *, student: bool = True) -> None:
        self.graph, self.question = question.graph, question
        self.numerator, self.denominator = question.numerator, question.denominator
        self.slopes = question.slopes if student else {}
        self.names: dict[int, str] = {}
        for name, wire in question.names.items():
            self.names.setdefault(wire, name)
        given = {node: value for node, value in question.values.items() if student or self.graph.is_leaf(node)}
        self.values: list[Any] = []
        with np.errstate(all="ignore"):
            for node in range(max(self.numerator, question.denominator or 0) + 1):
                self.values.append(self._value(node, given))

    def _value(self, node: int, given: Mapping[int, Any]) -> Any:
        graph = self.graph
        if node in given:
            return np.asarray(given[node], dtype=np.float64)[()]
        if graph.is_constant(node):
            return NUMPY.constant(graph.constants[node])
        gate = graph.gate(node)
        if gate is None:
            return np.float64("nan")
        return gate.forward(NUMPY, *self.inputs(node), **graph.settings(node))

    def inputs(self, node: int) -> list[Any]:
        return [self.values[one] for one in self.graph.inputs(node)]

    def wrote(self, node: int) -> str:
        """The wire's name, or its expression where that is short."""
        if node in self.names:
            return self.names[node]
        text = write(self.graph, node, {wire: named(name) for wire, name in self.names.items() if wire != node})
        return text if len(text) <= LONGEST else "this step"

    def is_fixed(self, node: int) -> bool:
        """Whether the wire is a number of the formula, such as 3 or 1/3."""
        inputs = self.graph.inputs(node)
        return self.graph.is_constant(node) or (bool(inputs) and all(map(self.graph.is_constant, inputs)))

    @cached_property
    def counts(self) -> frozenset[int]:
        """How many entries there are along the axes of the arrays."""
        return frozenset(size for value in self.values for size in np.shape(value) if size > 1)

    def by(self, wire: int) -> Any:
        """∂numerator/∂wire; None where the numerator does not depend on it."""
        other = Walk(replace(self.question, denominator=wire))
        return other.gradient() if other.edges else None

    # Forward ----------------------------------------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> list[int]:
        """The gates between the numerator and the nearest wires that have names, in order."""
        reached, todo = set(), [self.numerator]
        while todo:
            node = todo.pop()
            if node in reached or self.graph.gate(node) is None or (node in self.names and node != self.numerator):
                continue
            reached.add(node)
            todo.extend(self.graph.inputs(node))
        return sorted(reached)

    def value(self, changes: Sequence[Change] = ()) -> Any:
        """The numerator's value from the named wires' values, with rules exchanged."""
        rules = {node: rule for change in changes for node, rule in change.rules.items()}
        values = dict(enumerate(self.values))
        for node in self.steps:
            inputs = [values[one] for one in self.graph.inputs(node)]
            gate = self.graph.gate(node)
            assert gate is not None
            values[node] = rules[node](*inputs) if node in rules else gate.forward(NUMPY, *inputs, **self.graph.settings(node))
        return _ended(values[self.numerator], changes)

    # Backward ---------------------------------------------------------------------------------------------------------------

    @cached_property
    def edges(self) -> list[Edge]:
        """The edges between the numerator and the denominator, from the output back."""
        assert self.denominator is not None
        depends = {self.denominator}
        for node in range(self.denominator + 1, self.numerator + 1):
            if any(one in depends for one in self.graph.inputs(node)):
                depends.add(node)
        needed, edges = {self.numerator}, []
        for node in range(self.numerator, self.denominator, -1):
            if node in needed and node in depends:
                for slot, one in enumerate(self.graph.inputs(node)):
                    if one in depends:
                        needed.add(one)
                        edges.append((node, slot))
        return edges

    def gate(self, edge: Edge) -> Gate:
        gate = self.graph.gate(edge[0])
        assert gate is not None
        return gate

    def source(self, edge: Edge) -> int:
        """The wire to which the edge leads back."""
        return self.graph.inputs(edge[0])[edge[1]]

    @cached_property
    def locals(self) -> dict[Edge, Any]:
        """The local gradients of the gates that work entry by entry."""
        found = {}
        for edge in self.edges:
            gate = self.gate(edge)
            if gate.local is not None and not gate.reduces and gate.elementwise:
                found[edge] = self._local(edge)
        return found

    def _local(self, edge: Edge) -> Any:
        """Drawn in a graph of its own, in which inputs that are one wire are one leaf."""
        gate, (node, slot) = self.gate(edge), edge
        alone = Graph()
        leaves = {one: alone.leaf(f"x{one}", self.graph.shape(one)) for one in dict.fromkeys(self.graph.inputs(node))}
        out = alone.add(gate, *(leaves[one] for one in self.graph.inputs(node)), **self.graph.settings(node))
        factor = Chain(alone).locals_of(gate, out)[slot]
        if not isinstance(factor, Wire):
            return np.float64(0.0 if factor is None else factor)
        value = evaluate(alone, {leaf: self.values[one] for one, leaf in leaves.items()})[factor.node]
        return np.asarray(value, dtype=np.float64)[()]

    @cached_property
    def pulls(self) -> dict[Edge, Pull]:
        return {edge: self.times(edge, self.locals[edge]) if edge in self.locals else self._transposed(edge) for edge in self.edges}

    def times(self, edge: Edge, local: Any) -> Pull:
        """The upstream gradient times this local gradient."""
        shape = self.graph.shape(self.source(edge))

        def pull(upstream: Any) -> Any:
            return unbroadcast(np, np.asarray(upstream * local), shape)[()]

        return pull

    def _transposed(self, edge: Edge) -> Pull:
        """By the gate itself, in a graph of its own."""
        gate, (node, slot) = self.gate(edge), edge
        alone = Graph()
        leaves = [alone.leaf(f"x{place}", self.graph.shape(one)) for place, one in enumerate(self.graph.inputs(node))]
        out = alone.add(gate, *leaves, **self.graph.settings(node))
        seed = alone.leaf("upstream", alone.shape(out))
        total = reverse(alone, out, [leaves[slot]], seed=seed).total(leaves[slot])
        given = dict(zip(leaves, self.inputs(node), strict=True))

        def pull(upstream: Any) -> Any:
            if total is None:
                return np.zeros(alone.shape(leaves[slot]))[()]
            return evaluate(alone, {**given, seed: np.broadcast_to(upstream, alone.shape(out))})[total]

        return pull

    def gradient(self, changes: Sequence[Change] = ()) -> Any:
        """∂numerator/∂denominator, with rules exchanged."""
        return _ended(self.flows(changes)[self.denominator or 0], changes)

    def flows(self, changes: Sequence[Change] = ()) -> dict[int, Any]:
        """The upstream gradient of each wire on the way."""
        pulls = {**self.pulls, **{edge: pull for change in changes for edge, pull in change.pulls.items()}}
        joins = {wire: join for change in changes for wire, join in change.joins.items()}
        parts: dict[int, list[Any]] = {self.numerator: [np.float64(1.0)]}
        totals: dict[int, Any] = {}

        def total(wire: int) -> Any:
            if wire not in totals:
                asserted = self.slopes.get((self.numerator, wire)) if wire != self.denominator else None
                totals[wire] = asserted if asserted is not None else joins.get(wire, added)(parts[wire])
            return totals[wire]

        with np.errstate(all="ignore"):
            for edge in self.edges:
                parts.setdefault(self.source(edge), []).append(pulls[edge](total(edge[0])))
            for wire in parts:
                total(wire)
        return totals

    @cached_property
    def upstream(self) -> dict[int, Any]:
        """The gradients as they should be."""
        return self.flows()


def added(parts: list[Any]) -> Any:
    """What a fan-out does."""
    result = parts[0]
    for one in parts[1:]:
        result = result + one
    return result


def _ended(value: Any, changes: Sequence[Change]) -> Any:
    for change in changes:
        if change.end is not None:
            value = change.end(value)
    return value
