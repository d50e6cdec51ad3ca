"""A problem as a graph: every name a wire, with values and slopes at the given point and at points nearby.

>>> from chalkgrad.handwork.claims import problems, read_paper
>>> model = Model.of(problems(read_paper("f = V*z, V = x + y; x = -2, y = 5, z = 2"))[0])
>>> float(model.value("V", HERE)), float(model.slope("f", ("x",), HERE))
(3.0, 2.0)
"""

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from chalkgrad.check.truth import Truth
from chalkgrad.errors import ChalkgradError, FormulaError, GivenError, nearest, quote
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.spaces import NUMPY, Space
from chalkgrad.handwork.claims import EVERY, Mark, Problem, names_in
from chalkgrad.handwork.mistakes import Diagnosis
from chalkgrad.handwork.verdict.habits import USUAL, Habit
from chalkgrad.handwork.verdict.sums import Entries, entry_of, index_of
from chalkgrad.handwork.verdict.texts import Bodies, Fault, is_spoken, labels_among, pointed, texts_of
from chalkgrad.notation.expression import named, write
from chalkgrad.reading.formula import Formula, read
from chalkgrad.reading.formula.functions import function
from chalkgrad.reading.formula.names import normalised
from chalkgrad.reading.formula.vocabulary import CONSTANTS
from chalkgrad.transform.reverse import Backward, reverse

NEARBY = 0.01  # how far sample points lie from the given one, relatively: on the same side of kinks, as a rule
ROUNDING = 1e-9
_LONGEST_PRODUCT = 5  # letters of a product without signs
DIGITS = 40  # of multi-precision numbers
TURNS, RANGES = 24, ((0.5, 2.0), (0.1, 0.9), (-2.0, -0.1), (-2.0, 2.0), (2.0, 9.0))  # of numbers for inputs without values
RESULTS = ("f", "L", "loss", "J", "E", "F", "y", "out", "output", "g", "h")


@dataclass(frozen=True, slots=True)
class Where:
    """A point: the given one, or one where the inputs `varied` are moved by about `size`; `at` sets some inputs first."""

    varied: frozenset[str] = frozenset()
    seed: int = 0
    size: float = NEARBY
    at: tuple[tuple[str, Any], ...] = ()
    exact: bool = False  # in multi-precision


HERE = Where()


@dataclass(slots=True)
class Point:
    """Numbers for the inputs, by name; and the values of all wires as far as they have been computed."""

    given: dict[str, Any]
    space: Space
    values: list[Any] = field(default_factory=list)


class Model:
    """The graph of a problem: `wires` by name, `given` the numbers of its inputs; `free` inputs have none in the paper."""

    def __init__(self, formula: Formula | None, given: Mapping[str, Any], free: frozenset[str], texts: Mapping[str, str],
                 faults: list[Fault], ties: str, habit: Habit = USUAL) -> None:  # fmt: skip
        self.formula = formula
        self.habit = habit
        self.bodies: Bodies = {}  # the paper's own functions, f(x) = …
        self.given, self.free, self.texts, self.faults, self.ties = dict(given), free, texts, faults, ties
        self.mentioned: dict[str, Mark] = {}  # derivatives that the paper speaks of, by letters of their own
        self.asked: dict[Any, tuple[Diagnosis, ...]] = {}  # the mistakes that were found, by question
        self.graph = formula.graph if formula is not None else Graph()
        self.leaves = {normalised(name): node for name, node in formula.leaves.items()} if formula is not None else {}
        defined = {normalised(name): node for name, node in formula.defined.items()} if formula is not None else {}
        self.defined = defined
        self.wires = {**self.leaves, **defined}
        vectors = {name for name, node in self.wires.items() if self.graph.shape(node)}
        for name in [name for name in given if name not in self.leaves and name.rstrip("0123456789") in vectors]:
            del self.given[name]  # p_2 = 1 says something of the vector p
        shapes = {name: self.graph.shape(node) for name, node in self.wires.items()}
        shapes |= {name: np.shape(value) for name, value in self.given.items()}
        self.entries = Entries(shapes, (), habit.first, labels_among(self.given))
        self._bits = {node: place for place, node in enumerate(dict.fromkeys(self.wires.values()))}
        self._made_of: list[int] = []  # for each wire the named wires it is made of, as bits
        for node in self.graph:
            made = 1 << self._bits[node] if node in self._bits else 0
            for one in self.graph.inputs(node):
                made |= self._made_of[one]
            self._made_of.append(made)
        self._backs: dict[int, Backward] = {}
        self.gates = [name for name in {**self.wires, **self.given} if function(name, called=True)]  # names that gates have too
        self._slopes: dict[tuple[Any, ...], Any] = {}
        self._points: dict[Where, Point] = {}
        self._extended: dict[str, Model] = {}
        used = {one for node in self.graph for one in self.graph.inputs(node)}
        named = {name: node for name, node in defined.items() if not is_spoken(name) and entry_of(name, shapes, 0) is None}
        self.results = [name for name, node in named.items() if node not in used] or list(named)

    @classmethod
    def of(cls, problem: Problem, ties: str = "one", habit: Habit = USUAL) -> "Model":
        """Read the definitions and values of a problem; what cannot be read is left out and stands in `faults`."""
        texts = texts_of(problem, habit)
        model = cls.read(texts.definitions, texts.given, texts.faults, ties, texts.spoken, habit)
        steps = model.steps_by_number(texts.steps) | model.entries_among(texts.numerators)
        if steps:
            model = cls.read({**steps, **texts.definitions}, texts.given, texts.faults, ties, texts.spoken, habit)
        model.bodies = texts.bodies
        for place, fault in enumerate(model.faults):
            if fault.name in problem.definitions:
                model.faults[place] = Fault(fault.name, pointed(fault.letter, problem.definitions[fault.name].sides[1]))
        return model

    @classmethod
    def read(cls, texts: Mapping[str, str], given: Mapping[str, Any], faults: list[Fault], ties: str = "one",
             spoken: Collection[str] = (), habit: Habit = USUAL) -> "Model":  # fmt: skip
        """The graph of definitions by name; `spoken` are names that the paper differentiates by."""
        texts = dict(texts)
        while texts:
            paper = "\n".join(f"{name} = {text}" for name, text in texts.items())
            output = _result(texts, spoken)
            known = {name: value for name, value in given.items() if name not in texts}
            try:
                missing: dict[str, float] = {}
                formula = None
                while formula is None:
                    try:
                        formula = read(paper, {**known, **missing}, ties=ties, output=output, spare=True, products=habit.products)
                    except GivenError as letter:
                        if not letter.missing or missing.keys() >= set(letter.missing):
                            raise
                        for name in letter.missing:
                            # ax is a product where the paper differentiates by x
                            parts = name if name.isalpha() and len(name) < _LONGEST_PRODUCT and set(name) & set(spoken) else (name,)
                            missing |= {part: random.Random(part).uniform(0.5, 2.0) for part in parts if part not in known}
            except ChalkgradError as letter:
                faults.append(_fault(texts, paper, letter))
                del texts[faults[-1].name]
                continue
            used = frozenset(name for name in missing if name in map(normalised, formula.leaves))
            missing |= _within(formula, {**known, **missing}, used)
            return cls(formula, {**known, **missing}, used, texts, faults, ties, habit)
        return cls(None, given, frozenset(), {}, faults, ties, habit)

    def entries_among(self, names: Collection[str]) -> dict[str, str]:
        """Those of the names that are entries of vectors which are worked out: p0 as p[0]."""
        shapes = {name: self.graph.shape(node) for name, node in self.defined.items()}
        found = {name: entry_of(name, shapes, self.habit.first) for name in names if not self.knows(name)}
        return {name: f"{one[0]}[{', '.join(map(str, one[1]))}]" for name, one in found.items() if one is not None}

    def steps_by_number(self, names: Mapping[str, float]) -> dict[str, str]:
        """Names that only have a number, and are differentiated: each the one gate of the formula that has this number."""
        found: dict[str, str] = {}
        for name, slack in names.items():
            if name in self.wires or name not in self.given:
                continue
            slack += ROUNDING * abs(self.given[name])
            single = [node for node in self.graph if self.graph.gate(node) and self.graph.shape(node) == ()]
            unnamed = [node for node in single if node not in self.defined.values()]
            wires = [node for node in unnamed if abs(self._at(node, HERE) - self.given[name]) <= slack]
            if len(wires) == 1:
                found[name] = write(self.graph, wires[0], {node: named(one) for one, node in self.wires.items()})
        return found

    @property
    def result(self) -> str:
        """The name of what is worked out."""
        if not self.results:
            raise GivenError(
                "There is no formula to differentiate.", hint="Write one, such as f = x*y + x, before the derivatives."
            )
        chosen = normalised(self.formula.output_name) if self.formula is not None else ""
        usual = next((name for name in RESULTS if name in self.results), self.results[-1])
        return chosen if chosen in self.results else usual

    def point(self, where: Where) -> Point:
        """The numbers at a point."""
        if where not in self._points:
            given = {**self.given, **dict(where.at)}
            source = random.Random(where.seed)
            for name in sorted(where.varied & given.keys()):
                given[name] = _nudged(given[name], source, where.size)
            self._points[where] = Point(given, Truth(DIGITS) if where.exact else NUMPY)
        return self._points[where]

    def give(self, name: str, value: Any) -> None:
        """One more name with a number, of something that is no part of the formula."""
        self.given[name] = value
        for point in self._points.values():
            point.given[name] = value

    def knows(self, name: str) -> bool:
        return name in self.wires or name in self.given

    def value(self, name: str, where: Where) -> Any:
        """The value of a name. Raises GivenError for one that the paper does not have."""
        if name in self.wires:
            return self._at(self.wires[name], where)
        if name in self.given:
            return self.point(where).given[name]
        raise self.undefined(name)

    def undefined(self, name: str) -> GivenError:
        known = sorted({*self.wires, *self.given})
        near = nearest(name, known)
        hint = f"Did you mean {near[0]}?" if near else f"The names there are: {', '.join(known[:12])}." if known else ""
        return GivenError(f"{quote(name)} is not defined.", hint=f"{hint} Define it, {name} = …, or give it a value.".strip())

    @cached_property
    def named_values(self) -> dict[float, list[str]]:
        """Names, and derivatives that the paper speaks of, by the size of their numbers: each as what is positive, x or -x."""
        numbers = {name: self.value(name, HERE) for name in {**self.wires, **self.given}}
        for letter, mark in self.mentioned.items():
            numbers[letter] = self.slope(normalised(mark.of), tuple(map(normalised, mark.by)), HERE)
        found: dict[float, list[str]] = {}
        for name, value in numbers.items():
            if np.ndim(value) == 0 and np.isfinite(value):
                found.setdefault(abs(float(value)), []).append(name if value >= 0 else f"-{name}")
        return found

    def wire(self, name: str) -> int:
        if name in self.wires:
            return self.wires[name]
        if name in self.given:
            raise GivenError(f"{quote(name)} is not part of the formula.", hint="Write the formula that holds it.")
        raise self.undefined(name)

    def slope(self, of: str, by: tuple[str, ...], where: Where) -> Any:
        """∂of/∂by at a point; of an array, its Jacobian; by two names, the second derivative."""
        numerator = self.wire(of or self.result)
        names = self._inputs_of(numerator, by)
        if by == (EVERY,):
            if any(self.graph.shape(self.leaves[name]) for name in names) or self.graph.shape(numerator):
                raise FormulaError("A gradient as one vector is read where all inputs are single numbers.",
                                   hint="Write one derivative for each array: dL/dW, dL/dx.")  # fmt: skip
            return np.array([self.slope(of, (name,), where) for name in names])
        if len(names) == 1 and names[0] not in self.wires:
            return self._slope_by_entry(numerator, names[0], where)
        return self.total(numerator, tuple(self.wire(name) for name in names), where)

    def _slope_by_entry(self, numerator: int, name: str, where: Where) -> Any:
        """The derivative by an entry of an array, as in dL/dq_1 and dL/dq_i."""
        if index_of(name, self.wires):
            return self.total(numerator, (self.wires[name.rpartition("_")[0]],), where)
        entry = entry_of(name, {one: self.graph.shape(node) for one, node in self.wires.items()}, self.habit.first)
        if entry is None:
            return self.total(numerator, (self.wire(name),), where)
        return self.total(numerator, (self.wires[entry[0]],), where)[(..., *entry[1])]

    def total(self, numerator: int, by: tuple[int, ...], where: Where) -> Any:
        """The derivative of a wire by a wire, or by two of them."""
        key = (numerator, by)
        if key not in self._slopes:
            self._slopes[key] = self._draw(numerator, by)
        node = self._slopes[key]
        shape = self.graph.shape(numerator)
        if isinstance(node, list):
            rows = [np.zeros(self.graph.shape(by[0])) if one is None else self._at(one, where) for one in node]
            return np.stack([np.broadcast_to(row, self.graph.shape(by[0])) for row in rows]).reshape(
                shape + self.graph.shape(by[0])
            )
        return np.zeros(self.graph.shape(by[-1]))[()] if node is None else self._at(node, where)

    def _draw(self, numerator: int, by: tuple[int, ...]) -> Any:
        graph = self.graph
        if graph.shape(numerator) == ():
            node = self._back(numerator, by[0]).total(by[0])
            if len(by) > 1 and node is not None:
                if graph.shape(node) != ():
                    raise FormulaError("A second derivative is read for single numbers only.", hint="Write it for one entry.")
                node = reverse(graph, node, [by[1]]).total(by[1])
            return node
        if len(by) > 1:
            raise FormulaError("A second derivative is read for single numbers only.", hint="Write it for one entry.")
        rows = []
        for entry in np.ndindex(graph.shape(numerator)):
            seed = np.zeros(graph.shape(numerator))
            seed[entry] = 1.0
            rows.append(reverse(graph, numerator, [by[0]], seed=graph.constant(seed)).total(by[0]))
        return rows

    def _back(self, numerator: int, by: int) -> Backward:
        """The backward pass to a wire; to the inputs there is one for all of them."""
        if not self.graph.is_leaf(by):
            return reverse(self.graph, numerator, [by])
        if numerator not in self._backs:
            self._backs[numerator] = reverse(self.graph, numerator, self.leaves.values())
        return self._backs[numerator]

    def _inputs_of(self, numerator: int, by: tuple[str, ...]) -> tuple[str, ...]:
        """The names to differentiate by; f' is by the only input, the gradient by every one."""
        if "" not in by and EVERY not in by:
            return by
        names = tuple(name for name, node in self.leaves.items() if self.depends(numerator, node))
        if by == (EVERY,):
            return names
        if len(names) != 1:
            raise GivenError("This derivative does not say by which input.", hint="Write df/dx, with the input's name.")
        return names * len(by)

    def depends(self, wire: int, on: int) -> bool:
        """Whether a named wire is made of another."""
        return bool(self._made_of[wire] >> self._bits[on] & 1)

    def is_free(self, wires: Collection[int | None]) -> bool:
        """Whether one of the named wires depends on an input without a value."""
        return bool(self.free & self.inputs_behind(name for name, node in self.wires.items() if node in wires))

    def inputs_behind(self, names: Iterable[str]) -> frozenset[str]:
        """The inputs that the names are made of."""
        made = 0
        for name in names:
            made |= self._made_of[self.wires[name]] if name in self.wires else 0
        return frozenset(name for name, leaf in self.leaves.items() if made >> self._bits[leaf] & 1)

    def extended(self, name: str, text: str) -> "Model":
        """The model with one more definition, as for d(x*y)/dx."""
        if text not in self._extended:
            extended = Model.read({**self.texts, name: text}, self.given, [], self.ties, (), self.habit)
            if name not in extended.wires:
                read(text)  # says what is wrong with it
                raise FormulaError(f"{quote(text)} cannot be differentiated here.", hint="Give its parts a name first: q = x*y.")
            extended.free |= self.free
            self._extended[text] = extended
        return self._extended[text]

    def _at(self, node: int, where: Where) -> Any:
        point = self.point(where)
        if node >= len(point.values):
            evaluate(self.graph, self.fed(point), known=point.values, xp=point.space)
        return point.values[node]

    def fed(self, point: Point) -> dict[int, Any]:
        """The inputs' numbers by wire."""
        return {wire: point.given[name] for name, wire in self.leaves.items()}


def _fault(texts: Mapping[str, str], paper: str, letter: ChalkgradError) -> Fault:
    """Which definition a letter about all of them is about; the last, where it does not say."""
    if letter.source != paper or letter.span is None:
        return Fault(list(texts)[-1], letter)
    name = list(texts)[paper.count("\n", 0, letter.span[0])]
    start = paper.rfind("\n", 0, letter.span[0]) + 1 + len(f"{name} = ")
    span = (max(0, letter.span[0] - start), max(1, letter.span[1] - start))
    return Fault(name, type(letter)(letter.what, source=texts[name], span=span, hint=letter.hint))


def _result(texts: Mapping[str, str], spoken: Collection[str]) -> str:
    """What is worked out: what no other definition uses and nothing is differentiated by; by its usual name, or the last."""
    used = {name for text in texts.values() for name in names_in(text, texts.keys() & CONSTANTS.keys())}
    roots = [name for name in texts if normalised(name) not in used and not is_spoken(name)] or list(texts)
    roots = [name for name in roots if normalised(name) not in spoken] or roots
    return next((name for name in RESULTS if name in roots), roots[-1])


def _within(formula: Formula, given: Mapping[str, Any], free: Collection[str]) -> dict[str, float]:
    """Numbers for the inputs without values, at which the formula is defined."""
    leaves = {normalised(name): node for name, node in formula.leaves.items()}
    for turn in range(TURNS if free else 0):
        source = random.Random(turn)
        chosen = {name: source.uniform(*RANGES[turn % len(RANGES)]) for name in sorted(free)} if turn else {}
        numbers = {**given, **chosen}
        values = evaluate(formula.graph, {node: numbers[name] for name, node in leaves.items()})
        if all(np.isfinite(np.asarray(one, np.float64)).all() for one in values):
            return chosen
    return {}


def _nudged(value: Any, source: random.Random, size: float) -> Any:
    array = np.asarray(value, dtype=np.float64)
    moves = np.array([source.choice((-1, 1)) * source.uniform(0.3, 1.0) for _ in range(array.size)]).reshape(array.shape)
    return (array + moves * size * (np.abs(array) + 0.3))[()]
