"""How a line of handwork is written: in symbols, in numbers, and its value, from one rule that draws itself.

>>> a, b = Term("a", 3.0), Term("b", -4.0)
>>> found = line(Term("c"), lambda xp, a, b: a * b, [a, b], -12.0)
>>> [found.left.text, *(side.text for side in found.sides)]
['c', 'a * b', '3 * (−4)', '−12']
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from chalkgrad.explain.lesson import Both, Equation
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.notation.expression import ELLIPSIS, Part, named, number, write
from chalkgrad.notation.numbers import DIGITS, MINUS, Style, exact, show

NOISE = 1e-14  # relative: so far floats may be from the decimals that they stand for
MINUS_ZERO = f"{MINUS}0"  # right, but it only puzzles
MOST_COMPARED = 100

Rule = Callable[..., Wire]


@dataclass(frozen=True, slots=True)
class Term:
    """What stands in a line: a name (its LaTeX where the name does not tell it) and its number, or the number as a text."""

    name: str
    value: Any = None
    latex: str = ""

    def symbol(self, style: Style) -> Part:
        return Part(self.latex) if self.latex and style == "latex" else named(self.name, style)

    def figure(self, style: Style) -> Part:
        return self.symbol(style) if self.value is None else number(self.value, DIGITS, style)

    @property
    def both(self) -> Both:
        return Both.of(lambda style: self.symbol(style).text)


REST = Term(ELLIPSIS["text"], latex=ELLIPSIS["latex"])  # the terms of a sum that are left out
E = Term("e")


def line(left: Term, rule: Rule, terms: Sequence[Term], value: Any, why: str = "", *, between: Sequence[Both] = ()) -> Equation:
    """left = rule in symbols = rule in numbers = … = value. The rule draws itself; `value` is what the engine found."""
    symbols, figures = written(rule, terms, Term.symbol), written(rule, terms, Term.figure)
    return equation(left, [symbols, figures, *between], value, why)


def equation(left: Term, sides: Sequence[Both], value: Any, why: str = "") -> Equation:
    """left = side = … = value, without a side that repeats the one after it or the left."""
    every = [left.both, *(side for side in sides if side.text != MINUS_ZERO), shown(value)]
    kept = [side for side, after in pairwise(every) if side.text != after.text]
    return Equation(left.both, (*kept[1:], every[-1]) if len(kept) > 1 else (every[-1],), not in_full(value), why)


def nearly(line: Equation) -> Equation:
    """The line with ≈: its value is rounded even where the digits do not show it, as e^(−1000) is 0 in floats."""
    return replace(line, rounded=True)


def in_full(value: Any) -> bool:
    """Whether the digits shown are all that a person working in decimals would have: 5.1 − 3.2 + 1 is 2.9."""
    array = np.asarray(value, dtype=float)
    if array.size > MOST_COMPARED:
        return exact(value, DIGITS)
    return exact(np.array([_decimal(one) for one in array.flat]).reshape(array.shape), DIGITS)


def _decimal(value: float) -> float:
    cut = float(f"{value:.{DIGITS}g}")
    return cut if abs(cut - value) <= NOISE * abs(value) else value


def written(rule: Rule, terms: Sequence[Term], part: Callable[[Term, Style], Part]) -> Both:
    """A rule as an expression over its terms."""
    graph = Graph()
    xp = Drawing(graph)
    wires = [xp.wire(graph.leaf(term.name)) for term in terms]
    out = rule(xp, *wires).node

    def expression(style: Style) -> str:
        parts = {wire.node: part(term, style) for wire, term in zip(wires, terms, strict=True)}
        return write(graph, out, parts, style)

    return Both.of(expression)


def shown(value: Any, digits: int = DIGITS) -> Both:
    """A number in both forms."""
    return Both.of(lambda style: show(value, digits, style))


def added(_: Drawing, *wires: Wire) -> Wire:
    """The rule of a sum."""
    total = wires[0]
    for wire in wires[1:]:
        total = total + wire
    return total


def minus_added(xp: Drawing, *wires: Wire) -> Wire:
    """The rule of minus a sum."""
    return -added(xp, *wires)
