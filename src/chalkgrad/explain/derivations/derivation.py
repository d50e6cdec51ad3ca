"""A derivation with everything that is made from its data: graphs of its lines, their LaTeX, and the handout.

>>> found = Derivation(TOPICS["sigmoid"])
>>> found.lines[1].latex
'\\\\frac{e^{-x}}{{\\\\left(1 + e^{-x}\\\\right)}^{2}}'
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.explain.derivations.data import TOPICS, Chain, Line, Topic
from chalkgrad.explain.handout.model import HANDED_OUT, NOTHING, Handout, Section, in_words
from chalkgrad.explain.judges.by_hand import overflow, softmax_lines
from chalkgrad.explain.judges.weighing import softmax_steps
from chalkgrad.explain.judges.writing import Term, equation
from chalkgrad.explain.lesson import Both, Equation
from chalkgrad.explain.rendering import Rendered
from chalkgrad.gates.sums import MAX, SUM
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.look import PRODUCT
from chalkgrad.notation.expression import Part, named, write
from chalkgrad.notation.names import latex_name
from chalkgrad.notation.numbers import MINUS, show
from chalkgrad.reading.formula import Formula, read

SCHEMA = "chalkgrad.derivation/1"
NAMES = re.compile(r"[^\W\d]\w*")

__all__ = ["SCHEMA", "TOPICS", "Derivation", "DerivedLine"]


@dataclass(frozen=True, slots=True)
class DerivedLine:
    """One line with its writing: `what` is derived, the formula as text and as LaTeX, and the reason."""

    what: Both
    formula: str
    latex: str
    why: str

    @property
    def text(self) -> str:
        """The formula with a true minus sign."""
        return self.formula.replace("-", MINUS)


class Derivation(Rendered):
    """A derivation line by line; `lines` holds all of them, `title` says of what."""

    renderers = MappingProxyType({**HANDED_OUT, "json": "chalkgrad.explain.derivations.derivation:to_json"})

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.name, self.title = topic.name, topic.title

    @cached_property
    def lines(self) -> tuple[DerivedLine, ...]:
        """Every line, in order."""
        return tuple(self._derived(chain, line) for chain in self.topic.chains for line in chain.lines)

    @cached_property
    def handout(self) -> Handout:
        """The derivation section by section."""
        return Handout(self.title, tuple(self._sections()))

    def read(self, chain: Chain, formula: str, values: dict[str, Any] | None = None) -> Formula:
        """A formula of a chain with its definitions as a graph; the inputs have the values given, or those of the example."""
        given = dict(self.topic.example) if values is None else values
        needed = _needed(chain, formula)
        text = "; ".join([*(f"{name} = {meaning}" for name, meaning in needed), formula])
        names = {name for one in (formula, *(meaning for _, meaning in needed)) for name in NAMES.findall(one)}
        return read(text, {name: value for name, value in given.items() if name in names})

    def latex(self, chain: Chain, formula: str) -> str:
        """The formula as LaTeX, definitions by their names and sums over vectors with an index."""
        found = self.read(chain, formula)
        parts = {node: named(name, "latex") for name, node in found.defined.items() if node != found.output}
        return write(found.graph, found.output, {**parts, **_sums(found.graph)}, "latex")

    def _derived(self, chain: Chain, line: Line) -> DerivedLine:
        return DerivedLine(chain.what, line.formula, self.latex(chain, line.formula), line.why)

    def _sections(self) -> Iterator[Section]:
        topic = self.topic
        meanings = [self._defined(topic.chains[0], left, formula) for left, formula in topic.meaning]
        inputs = [Equation(_named(name), (in_words(meaning),)) for name, meaning in topic.variables]
        yield Section("What it means", lines=(*meanings, *inputs), layout="chain")
        known = {formula for _, formula in topic.meaning}
        lines = iter(self.lines)
        for chain in topic.chains:
            told = [self._defined(chain, _named(name), meaning) for name, meaning in chain.definitions if meaning not in known]
            mine = [next(lines) for _ in chain.lines]
            steps = [_written(one, NOTHING if place else one.what) for place, one in enumerate(mine)]
            yield Section(chain.title, chain.sentences, (*told, *steps), layout="chain")
        if topic.softmax_of:
            scores = np.array(topic.softmax_of)
            yield Section("The lecture's numbers", (overflow(scores),),
                          (equation(Term("s"), [], scores), *softmax_lines(scores, softmax_steps(scores))))  # fmt: skip
        yield Section("To remember", (*topic.remarks, *(self._check(chain) for chain in topic.chains)))

    def _defined(self, chain: Chain, left: Both, formula: str) -> Equation:
        return Equation(left, (Both(formula.replace("-", MINUS), self.latex(chain, formula)),))

    def _check(self, chain: Chain) -> str:
        """The number that every line of a chain is at the example."""
        last = self.read(chain, chain.lines[-1].formula)
        value = evaluate(last.graph, last.given)[last.output]
        used = {name for line in chain.lines for one in _texts(chain, line) for name in NAMES.findall(one)}
        numbers = ", ".join(f"{name} = {show(value)}" for name, value in self.topic.example if name in used)
        return f"At {numbers} every line of {chain.what.text} is {show(value)}."


def to_json(found: Derivation) -> str:
    """The derivation as JSON."""
    topic = found.topic
    lines = [{"of": one.what.text, "formula": one.formula, "latex": one.latex, "why": one.why} for one in found.lines]
    record = {
        "schema": SCHEMA, "name": found.name, "title": found.title,
        "means": {left.text: formula for left, formula in topic.meaning},
        "variables": dict(topic.variables),
        "definitions": {chain.what.text: dict(chain.definitions) for chain in topic.chains},
        "lines": lines, "remarks": list(topic.remarks),
    }  # fmt: skip
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)


def _written(line: DerivedLine, left: Both) -> Equation:
    return Equation(left, (Both(line.text, line.latex),), why=line.why)


def _named(name: str) -> Both:
    return Both(name, latex_name(name))


def _texts(chain: Chain, line: Line) -> list[str]:
    return [line.formula, *(meaning for _, meaning in _needed(chain, line.formula))]


def _needed(chain: Chain, formula: str) -> list[tuple[str, str]]:
    """The definitions that a formula uses, directly or by way of others."""
    used = set(NAMES.findall(formula))
    needed = []
    for name, meaning in reversed(chain.definitions):
        if name in used:
            needed.append((name, meaning))
            used.update(NAMES.findall(meaning))
    return needed[::-1]


def _sums(graph: Graph) -> dict[int, Part]:
    """Σ over j for each sum over the entries of a vector f, which are written f_j inside; but max(f) is that of all."""
    entries = {node: Part(f"{latex_name(graph.names[node])}_{{j}}") for node in graph.leaves() if graph.shape(node)}
    largest = {node: Part(write(graph, node, style="latex")) for node in graph if graph.gate(node) is MAX}
    sums = [node for node in graph if graph.gate(node) is SUM]
    inside = {**entries, **largest}
    written = {node: Part(rf"\sum_{{j}} {write(graph, graph.inputs(node)[0], inside, 'latex')}", PRODUCT) for node in sums}
    return {**largest, **written}
