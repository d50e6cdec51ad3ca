"""A side of an equality as a formula: its number at any point, and by how much what is written in it may be rounded.

>>> from chalkgrad.handwork.claims import problems, read_paper
>>> (problem,) = problems(read_paper("p = 0.73, q = p*(1 - p) = 0.73*(1 - 0.73)"))
>>> side = Reading(problem.statements[1].sides[2], Model.of(problem))
>>> round(float(side.value(Truly(side.model))), 4), round(float(side.slack), 4)
(0.1971, 0.005)
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from chalkgrad.errors import ChalkgradError, FormulaError, GivenError, quote
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.spaces import NUMPY
from chalkgrad.handwork.claims import EVERY, Mark, Side, half_unit, names_in
from chalkgrad.handwork.verdict.belief import Belief
from chalkgrad.handwork.verdict.habits import Habit, called, settled
from chalkgrad.handwork.verdict.model import HERE, Model, Where
from chalkgrad.handwork.verdict.sums import entry_of, index_of
from chalkgrad.handwork.verdict.texts import inline, pointed
from chalkgrad.reading.formula import Formula, read, read_value
from chalkgrad.reading.formula.build import Products
from chalkgrad.reading.formula.names import normalised

EXPRESSION = "\ua3e8"  # the name of an expression that is differentiated, d(x*y)/dx
FIRST_MENTIONED, MOST_MENTIONED = 0xA3E9, 150  # letters of the derivatives that a paper speaks of
_NUMBER = re.compile(r"\s*(?P<sign>[-−–+]?)\s*(?P<digits>(?:\d+\.?\d*|\.\d+)(?:[eE][-+−]?\d+)?)\s*")
_DECIMAL = re.compile(r"(?<![\w.])(?:\d+\.\d+|\.\d+)(?:[eE][-+−]?\d+)?(?![\w.])|(?<![\w.])\d+[eE][-+−]?\d+(?!\w)")
_LITERAL = re.compile(r"(?<![\w.^])(?:\d+\.?\d*|\.\d+)(?![\w.])")
_MOST_REPLACED, _MOST_WAYS = 6, 64  # numbers of a side that may stand for names, and ways to do so
_MOST_ROUNDED = 40  # decimals whose rounding is followed in one side
PRODUCTS: tuple[Products, ...] = ("dots", "entries", "stars")
_LARGE = 100  # a whole number from here on may be a rounded one
CUT = 4  # from so many digits on, a decimal may be cut off instead of rounded


class Numbers(Protocol):
    """Where the numbers of names and marks come from: the truth at a point, or what a student believes."""

    def name(self, name: str) -> Any: ...
    def mark(self, mark: Mark) -> Any: ...
    @property
    def exact(self) -> bool: ...


class Truly:
    """The true numbers at a point."""

    def __init__(self, model: Model, where: Where = HERE) -> None:
        self.model, self.where = model, where

    @property
    def exact(self) -> bool:
        return self.where.exact

    def name(self, name: str) -> Any:
        return self.model.value(name, self.where)

    def mark(self, mark: Mark) -> Any:
        model, of = resolved(self.model, mark)
        where = self.where
        if mark.at:
            at = _point(model, of, mark)
            where = Where(where.varied.difference(dict(at)), where.seed, where.size, at, where.exact)
        if not mark.by:
            return model.value(of, where)
        slope = model.slope(of, tuple(normalised(one) if one not in ("", EVERY) else one for one in mark.by), where)
        upper, lower = (index_of(one, model.wires) for one in (mark.of, mark.by[0]))
        if upper and lower and np.ndim(slope) == 2:
            if upper != lower:
                raise FormulaError(f"{quote(mark.text)} has two indices.", hint="Write one entry, such as dp_0/ds_1.")
            return np.diagonal(slope)
        return slope


class Believed:
    """The numbers that follow from what was asserted before."""

    exact = False

    def __init__(self, model: Model, belief: Belief) -> None:
        self.model, self.belief = model, belief

    def name(self, name: str) -> Any:
        return self.belief.value(self.model.wires[name]) if name in self.model.wires else self.model.value(name, HERE)

    def mark(self, mark: Mark) -> Any:
        wires = target_of(self.model, mark)
        if wires is None or wires[1] is None:
            return Truly(self.model).mark(mark)
        slope = self.belief.slope(wires[0], wires[1])
        return Truly(self.model).mark(mark) if slope is None else slope


def resolved(model: Model, mark: Mark) -> tuple[Model, str]:
    """The model and the name in it that a mark speaks of: an expression gets a name."""
    of = normalised(mark.of) if mark.of else ""
    if not of:
        return model, model.result
    if model.knows(of):
        return model, of
    if index_of(mark.of, model.wires):
        return model, of.rpartition("_")[0]
    if entry_of(of, model.entries.shapes, model.habit.first) is not None:
        return model.extended(EXPRESSION, model.entries.rewrite(mark.of)), EXPRESSION
    if re.fullmatch(r"\\?\w+", mark.of.strip()):
        raise model.undefined(mark.of.strip())
    return model.extended(EXPRESSION, model.entries.rewrite(mark.of)), EXPRESSION


def target_of(model: Model, mark: Mark) -> tuple[int, int | None] | None:
    """The wires of a plain derivative, dA/dC, and f' by its only input; None for anything else."""
    if mark.number is not None or mark.at or len(mark.by) != 1 or mark.by[0] == EVERY or not (mark.of or model.results):
        return None
    of = normalised(mark.of) if mark.of else model.result
    if of not in model.wires:
        return None
    inputs = [node for node in model.leaves.values() if model.depends(model.wires[of], node)] if mark.by[0] == "" else []
    by = inputs[0] if len(inputs) == 1 else model.wires.get(normalised(mark.by[0]))
    return None if by is None else (model.wires[of], by)


def point_of(model: Model, mark: Mark) -> tuple[tuple[str, Any], ...]:
    """The inputs that a mark sets, by name."""
    model, of = resolved(model, mark)
    return _point(model, of, mark)


def _point(model: Model, of: str, mark: Mark) -> tuple[tuple[str, Any], ...]:
    """The inputs that a mark sets, by name."""
    wire = model.wire(of)
    order = [name for name, leaf in model.leaves.items() if model.depends(wire, leaf)]
    if mark.at and not mark.at[0][0] and len(mark.at) != len(order):
        raise FormulaError(f"{quote(mark.text)} gives {len(mark.at)} numbers for {len(order)} inputs.",
                           hint=f"Name them: {of}({', '.join(f'{one}=…' for one in order)}).")  # fmt: skip
    names = [normalised(name) if name else order[place] for place, (name, _) in enumerate(mark.at)]
    for name in names:
        if name not in model.leaves:
            raise model.undefined(name)
    return tuple((name, np.float64(read_value(text))) for name, (_, text) in zip(names, mark.at, strict=True))


class Reading:
    """A side read by the names of a model. Raises ChalkgradError, with a caret in the line, for what cannot be read."""

    def __init__(self, side: Side, model: Model, text: str | None = None, habit: Habit | None = None) -> None:
        self.side, self.model = side, model
        self.habit = habit or model.habit
        self.number = _number(side.text)
        self.text = side.text if self.number is not None else text or self._terms(inline(side))
        self.formula = None if self.number is not None else self._read(self.text)
        leaves = self.formula.leaves if self.formula is not None else {}
        known = {**model.mentioned, **side.marks}
        self.marks = {name: known[name] for name in leaves if name in known}
        self.names = tuple(normalised(name) for name in leaves if name not in known)

    @classmethod
    def of(cls, side: Side, model: Model) -> "Reading":
        """The side read by the paper's habit, or where that does not fit by another."""
        try:
            return cls(side, model)
        except ChalkgradError as letter:
            for habit in _other_habits(model.habit):
                try:
                    return cls(side, model, habit=habit)
                except ChalkgradError:
                    continue
            raise letter

    def others(self) -> Iterator["Reading"]:
        """The side as it would be by other habits, where that makes a difference."""
        if self.formula is None:
            return
        seen = {(self.habit.products, self.text)}
        arrays = any(self.formula.graph.shape(node) for node in self.formula.graph)
        for habit in _other_habits(self.habit):
            key = (habit.products if arrays else self.habit.products, self._terms(inline(self.side), habit))
            if key in seen:
                continue
            seen.add(key)
            try:
                yield Reading(self.side, self.model, habit=habit)
            except ChalkgradError:
                continue

    def _terms(self, text: str, habit: Habit | None = None) -> str:
        """The side's text in the terms of the reader of formulas."""
        model = self.model
        if model.bodies and "(" in text:
            text = called(text, model.bodies, model.wires)
        return settled(model.entries.rewrite(text), habit or self.habit)

    def value(self, numbers: Numbers) -> Any:
        """The number of the side."""
        if self.number is not None:
            return self.number
        return self._evaluated(self._formula, numbers)[self._formula.output]

    def values(self, numbers: Numbers) -> list[Any]:
        """The numbers of all wires of the side's own formula."""
        return self._evaluated(self._formula, numbers)

    def leaf(self, name: str, numbers: Numbers) -> Any:
        """The number of a name or a mark in the side."""
        mark = self.marks.get(name)
        return numbers.name(normalised(name)) if mark is None else numbers.mark(mark)

    def size(self, numbers: Numbers) -> float:
        """The largest number that comes up while the side is computed: its rounding error is relative to that."""
        if self.formula is None:
            return abs(float(self.number or 0.0))
        values = self._evaluated(self.formula, numbers)
        sizes = [float(np.max(np.abs(np.asarray(one, np.float64)))) for one in values if np.size(one)]
        return max((one for one in sizes if np.isfinite(one)), default=0.0)

    @property
    def has_numbers(self) -> bool:
        """Whether numbers stand beside the names, as in df/dB * 12."""
        return _LITERAL.search(self.text) is not None

    def with_numbers_named(self) -> Iterator["Reading"]:
        """The side with numbers replaced by names that have their value, in every way; few numbers only."""
        named = self.model.named_values
        found = [one for one in _LITERAL.finditer(self.text) if abs(float(one[0])) in named][:_MOST_REPLACED]
        for names in itertools.islice(itertools.product(*([None, *named[abs(float(one[0]))]] for one in found)), 1, _MOST_WAYS):
            text = self.text
            for one, name in zip(reversed(found), reversed(names), strict=True):
                text = text if name is None else f"{text[: one.start()]}({name}){text[one.end() :]}"
            try:
                yield Reading(self.side, self.model, text)
            except ChalkgradError:
                continue

    @property
    def is_mark(self) -> bool:
        """Whether the side is a single derivative, or a value at a point."""
        return self.side.text.strip() in self.marks

    @property
    def wires(self) -> tuple[int, int | None] | None:
        """The wires that a bare name or derivative stands for."""
        text = self.side.text.strip()
        if text in self.marks:
            return target_of(self.model, self.marks[text])
        if len(self.names) == 1 and not self.marks and self._formula.graph.is_leaf(self._formula.output):
            return (self.model.wires[self.names[0]], None) if self.names[0] in self.model.wires else None
        return None

    @cached_property
    def slack(self) -> Any:
        """By how much the side may differ because its decimals are rounded: half a unit of each last digit."""
        if self.number is not None:
            return _slack_of_number(self.side.text, self.side.sign)
        found = list(_DECIMAL.finditer(self.text))[:_MOST_ROUNDED]
        if not found:
            return 0.0
        here = Truly(self.model)
        value, total = self.value(here), np.float64(0.0)
        for one in found:
            moved = repr(float(one[0].replace("−", "-")) + half_unit(one[0]))
            try:
                other = self._read(self.text[: one.start()] + moved + self.text[one.end() :])
                with np.errstate(all="ignore"):
                    total = total + np.abs(self._evaluated(other, here)[other.output] - value)
            except ChalkgradError:
                continue
        return np.where(np.isfinite(total), total, 0.0)[()]

    @property
    def _formula(self) -> Formula:
        assert self.formula is not None
        return self.formula

    def _read(self, text: str) -> Formula:
        model = self.model
        known = [name for name in names_in(text, self.side.own) if name not in self.side.marks and name not in model.mentioned]
        known += [name for name in model.gates if name in text]
        names = known if all(map(model.knows, known)) else (*model.wires, *model.given)
        try:
            values: dict[str, Any] = {name: model.value(name, HERE) for name in names if model.knows(name)}
            marks = {letter: mark for letter, mark in {**self.side.marks, **model.mentioned}.items() if letter in text}
            values |= {letter: _shaped(model, mark) for letter, mark in marks.items() if mark.number is None}
            return read(text, values, spare=True, products=self.habit.products)
        except GivenError as letter:
            strange = letter.what.partition(" ")[0].rstrip(",")
            missing = letter.source is not None and any(normalised(strange) == name for name in known)
            raise pointed(model.undefined(strange) if missing else letter, self.side) from None
        except ChalkgradError as letter:
            raise pointed(letter, self.side) from None

    def _evaluated(self, formula: Formula, numbers: Numbers) -> list[Any]:
        given = {leaf: self.leaf(name, numbers) for name, leaf in formula.leaves.items()}
        space = self.model.point(Where(exact=True)).space if numbers.exact else NUMPY
        return evaluate(formula.graph, given, xp=space)


def _other_habits(own: Habit) -> Iterator[Habit]:
    for products in PRODUCTS:
        for below in (own.below, not own.below):
            if (products, below) != (own.products, own.below):
                yield replace(own, products=products, below=below)


def _shaped(model: Model, mark: Mark) -> Any:
    """A number of the shape that a mark has."""
    value = Truly(model).mark(mark)
    return np.where(np.isfinite(value), value, 1.0)[()]


def _number(text: str) -> np.float64 | None:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    value = np.float64(found["digits"].replace("−", "-"))
    return np.float64(-value) if found["sign"] in ("-", "−", "–") else value


def _slack_of_number(text: str, sign: str) -> float:
    """Half a unit of the last digit; a small whole number is exact, unless it is said to be about that."""
    found = _NUMBER.fullmatch(text)
    assert found is not None
    digits = found["digits"]
    if "." in digits or "e" in digits.lower():
        return half_unit(digits)
    if sign == "≈":
        return 0.5 * 10.0 ** (len(digits) - len(digits.rstrip("0"))) if digits.strip("0") else 0.5  # about 1600: to the hundreds
    return 0.5 if float(digits) >= _LARGE else 0.0


def cut_off(text: str, sign: str) -> float:
    """By how much the number may be smaller because its digits were cut off rather than rounded: a unit, if there are many."""
    found = _NUMBER.fullmatch(text)
    if found is None or "." not in found["digits"]:
        return 0.0
    count = len(found["digits"].partition("e")[0].replace(".", "").lstrip("0"))
    return 2 * half_unit(found["digits"]) if count >= CUT or sign == "≈" else 0.0
