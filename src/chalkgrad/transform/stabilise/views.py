"""How a wire looks to the rules: as a linear form, as a product, as a sum of products.

What was written as e^x/(e^x + 1), 1/(1 + e^−x) or (e^x·3)/(3 + 3·e^x) is a product of a few powers; so rules need not know all the
arrangements. A view looks a few gates deep and gives up at large expressions, so that it costs the same in a graph of any size.

- linear: a·x + b·y + c, as {x: a, y: b, ONE: c}
- product: c · Πx^k · e^(linear form), a `Term`
- terms: a sum of such products

>>> from chalkgrad.graph.graph import Graph
>>> graph = Graph()
>>> views = Views(graph)
>>> xp = views.xp
>>> x = xp.wire(graph.leaf("x"))
>>> views.product((3 / xp.exp(2 * x - 1)).node)
Term(coefficient=3.0, powers={}, exponent={0: -2.0, -1: 1.0})
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.transform.stabilise.numbering import Numbering

ONE = -1  # stands for the number 1 in a linear form
DEPTH = 6  # gates that a view looks into
FACTORED = frozenset({"multiply", "divide", "reciprocal", "square", "constant_power", "negative", "exp_times"})
RAISED = "²"  # a part that is a square, however it was written
ROOM = 20_000  # wires whose views are remembered
MOST = 6  # parts of a view; what has more is seen as one thing

Linear = dict[int, float]
View = TypeVar("View")


@dataclass(slots=True)
class Term:
    """coefficient · Π wire^power · e^exponent."""

    coefficient: float = 1.0
    powers: dict[int, float] = field(default_factory=dict)
    exponent: Linear = field(default_factory=dict)

    @property
    def pure(self) -> bool:
        """Only a number and a power of e."""
        return not self.powers

    def times(self, other: "Term", power: float = 1.0) -> "Term":
        return Term(self.coefficient * other.coefficient**power, merged(self.powers, other.powers, power),
                    merged(self.exponent, other.exponent, power))  # fmt: skip

    def without(self, *wires: int) -> "Term":
        return Term(self.coefficient, {one: power for one, power in self.powers.items() if one not in wires}, self.exponent)


def merged(one: Linear, other: Linear, factor: float = 1.0) -> Linear:
    """one + factor · other, without what cancels."""
    found = dict(one)
    for key, value in other.items():
        total = found.get(key, 0.0) + factor * value
        if total:
            found[key] = total
        else:
            found.pop(key, None)
    return found


def collected(terms: Iterable[Term]) -> list[Term]:
    """The same sum with like products added up."""
    found: list[Term] = []
    for term in terms:
        for place, before in enumerate(found):
            if before.powers == term.powers and before.exponent == term.exponent:
                found[place] = Term(before.coefficient + term.coefficient, term.powers, term.exponent)
                break
        else:
            found.append(term)
    return [one for one in found if one.coefficient]


class Views:
    """Looks at a graph, and draws in it what views describe. Equal wires are one wire in every view."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.xp = Drawing(graph)
        self.numbers = Numbering(graph)
        self._written: dict[Any, int] = {}  # linear forms by a wire that holds them
        self._linear: dict[int, Linear] = {}  # what has been looked at, as long as there is room
        self._products: dict[int, Term] = {}
        self._terms: dict[int, list[Term]] = {}

    def name(self, node: int) -> str:
        """The name of the gate that drives the wire; empty for leaves and constants."""
        gate = self.graph.gate(node)
        return "" if gate is None else gate.name

    def input(self, node: int, slot: int = 0) -> int:
        return self.graph.operands[self.graph.first[node] + slot]

    def number(self, node: int) -> float | None:
        """The value of a constant that is one finite number."""
        value = self.graph.constants.get(node) if self.graph.is_constant(node) else None
        if value is None or isinstance(value, bool) or (isinstance(value, np.ndarray) and value.dtype.kind not in "iuf"):
            return None
        if isinstance(value, np.ndarray) and value.shape != ():
            return None
        return float(value) if math.isfinite(value) else None

    def base_of(self, node: int) -> float | None:
        """The positive number of which the wire is a power."""
        if self.name(node) == "exp2":
            return 2.0
        base = self.number(self.input(node)) if self.name(node) == "power" else None
        return base if base is not None and base > 0 else None

    def same(self, one: int, other: int) -> bool:
        return self.numbers.of(one) == self.numbers.of(other)

    # Looking ----------------------------------------------------------------------------------------------------------------

    # What is returned is shared with later looks and not to be changed.

    def linear(self, node: int, depth: int = DEPTH) -> Linear:
        known = self._linear.get(node)
        if known is not None:
            return known
        if (value := self.number(node)) is not None:
            return {ONE: value} if value else {}
        rule = LINEAR.get(self.name(node)) if depth else None
        found = rule(self, node, depth - 1) if rule else None
        if found is None or len(found) > MOST:
            found = {self.numbers.of(node): 1.0}
        if len(found) > 1 or rule:
            key = frozenset(found.items()), self.graph.shape(node)
            if key not in self._written:
                _kept(self._written, key, node, depth)
        return _kept(self._linear, node, found, depth)

    def product(self, node: int, depth: int = DEPTH) -> Term:
        known = self._products.get(node)
        if known is not None:
            return known
        if (value := self.number(node)) is not None:
            return Term(value)
        rule = PRODUCTS.get(self.name(node)) if depth else None
        found = rule(self, node, depth - 1) if rule else None
        if found is None or len(found.powers) > MOST or not math.isfinite(found.coefficient):
            found = Term(powers={self.numbers.of(node): 1.0})
        return _kept(self._products, node, found, depth)

    def terms(self, node: int, depth: int = DEPTH) -> list[Term]:
        """The sum of products that the wire is, like products added up."""
        known = self._terms.get(node)
        return _kept(self._terms, node, self._added(node, depth), depth) if known is None else known

    def _added(self, node: int, depth: int) -> list[Term]:
        rule = SUMS.get(self.name(node)) if depth else None
        if rule is None:
            return self._spread(self.product(node, depth), depth)
        found = collected(rule(self, node, depth - 1))
        return found if 0 < len(found) <= MOST else [Term(powers={self.numbers.of(node): 1.0})]

    def _spread(self, term: Term, depth: int) -> list[Term]:
        """The products of a sum that is multiplied by a number or a power of e."""
        if depth and len(term.powers) == 1:
            ((wire, power),) = term.powers.items()
            if power == 1.0 and self.name(wire) in SUMS:
                rest = term.without(wire)
                return [rest.times(one) for one in self.terms(wire, depth - 1)]
        return [term]

    def expanded(self, term: Term) -> list[Term]:
        """The products of which this one is the sum, when all sums in it are multiplied out."""
        for wire, power in term.powers.items():
            parts = self.terms(wire) if power == 1.0 and self.name(wire) in SPREAD else []
            if len(parts) > 1:
                return collected(one for part in parts for one in self.expanded(term.without(wire).times(part)))
        return [term]

    def parts(self, node: int) -> set[str]:
        """The names of the gates that drive the parts of a sum and the factors of its products, or those of a product."""
        if self.name(node) in ("add", "subtract"):
            wires = [wire for wire in self.linear(node) if wire != ONE]
        else:
            wires = list(self.product(node).powers)
        found = {self.name(wire) for wire in wires}
        for wire in wires:
            if self.name(wire) in FACTORED:
                term = self.product(wire)
                found.update(self.name(one) for one in term.powers)
                found.update(RAISED for power in term.powers.values() if power == 2.0)
                found.update(("exp",) if term.exponent else ())
        return found

    # Drawing ----------------------------------------------------------------------------------------------------------------

    def drawn_linear(self, form: Linear, shape: Shape) -> Wire:
        """The linear form as a wire, the one that was written where there is one."""
        ((wire, factor),) = form.items() if len(form) == 1 else ((ONE, 0.0),)
        if wire != ONE and factor == 1.0 and self.graph.shape(wire) == shape:
            return self.xp.wire(wire)
        known = self._written.get((frozenset(form.items()), shape))
        if known is not None:
            return self.xp.wire(known)
        result: Wire | None = None
        for wire, factor in sorted(form.items(), key=lambda pair: (pair[0] == ONE, pair[1] < 0)):
            if wire == ONE:
                result = self.xp.wire(self.graph.constant(factor)) if result is None else _shifted(result, factor)
                continue
            one = self.xp.wire(wire)
            if result is None:
                result = one if factor == 1.0 else -one if factor == -1.0 else factor * one
            elif factor in (1.0, -1.0):
                result = result + one if factor > 0 else result - one
            else:
                result = result + factor * one
        return self.xp.wire(self.graph.constant(0.0)) if result is None else result

    def drawn(self, term: Term, shape: Shape) -> Wire:
        """The product as a wire."""
        result: Wire | None = None
        if term.exponent:
            result = self.xp.exp(self.drawn_linear(term.exponent, shape))
        for wire, power in sorted(term.powers.items(), key=lambda pair: pair[1] < 0):
            one = self.xp.wire(wire)
            if power > 0:
                raised = one if power == 1.0 else one**power
                result = raised if result is None else result * raised
            else:
                raised = one if power == -1.0 else one**-power
                result = (1.0 if result is None else result) / raised
        if result is None:
            return self.xp.wire(self.graph.constant(term.coefficient))
        return self.scaled(term.coefficient, result)

    def scaled(self, factor: float, wire: Wire) -> Wire:
        return wire if factor == 1.0 else self.negated(wire.node) if factor == -1.0 else factor * wire

    def added(self, wire: Wire, rest: Linear, shape: Shape) -> Wire:
        """The wire, and the other parts of a sum."""
        return wire + self.drawn_linear(rest, shape) if rest else wire

    def negated(self, node: int) -> Wire:
        return self.xp.wire(self.input(node)) if self.name(node) == "negative" else -self.xp.wire(node)

    def fitted(self, wire: Wire, shape: Shape) -> Wire:
        """The wire in this shape: laid out where it has as many entries, stretched where it has fewer."""
        if wire.shape == shape:
            return wire
        if np.prod(wire.shape, dtype=int) == np.prod(shape, dtype=int):
            return self.xp.reshape(wire, shape=shape)
        return self.xp.broadcast_to(wire, shape=shape)


def _kept(known: dict[Any, View], key: Any, found: View, depth: int) -> View:
    """Remembers a look, unless it stopped short."""
    if depth:
        if len(known) >= ROOM:
            known.clear()
        known[key] = found
    return found


def _shifted(wire: Wire, shift: float) -> Wire:
    return wire + shift if shift > 0 else wire - -shift


# How gates look in each view; None: as one thing --------------------------------------------------------------------------------


def _linear_scaled(views: Views, node: int, depth: int) -> Linear | None:
    left, right = views.graph.inputs(node)
    for factor, other in ((left, right), (right, left)):
        if (value := views.number(factor)) is not None:
            return merged({}, views.linear(other, depth), value)
    return None


def _linear_divided(views: Views, node: int, depth: int) -> Linear | None:
    left, right = views.graph.inputs(node)
    value = views.number(right)
    return merged({}, views.linear(left, depth), 1.0 / value) if value else None


LINEAR: Mapping[str, Callable[[Views, int, int], Linear | None]] = {
    "add": lambda views, node, depth: merged(views.linear(views.input(node), depth), views.linear(views.input(node, 1), depth)),
    "subtract": lambda views, node, depth: merged(
        views.linear(views.input(node), depth), views.linear(views.input(node, 1), depth), -1.0),
    "negative": lambda views, node, depth: merged({}, views.linear(views.input(node), depth), -1.0),
    "multiply": _linear_scaled,
    "divide": _linear_divided,
}  # fmt: skip


def _raised(views: Views, node: int, depth: int) -> Term | None:
    power = views.graph.settings(node)["exponent"]
    inner = views.product(views.input(node), depth)
    if power != int(power) or abs(power) > 8 or not inner.coefficient:
        return None
    return Term().times(inner, power)


def _quotient(views: Views, node: int, depth: int) -> Term | None:
    above, below = (views.product(one, depth) for one in views.graph.inputs(node))
    return above.times(below, -1.0) if below.coefficient else None


def _reciprocal(views: Views, node: int, depth: int) -> Term | None:
    below = views.product(views.input(node), depth)
    return Term().times(below, -1.0) if below.coefficient else None


def _positive(views: Views, node: int, depth: int) -> Term | None:
    """The size of a power of e, which is itself."""
    inner = views.product(views.input(node), depth)
    return inner if inner.pure and inner.exponent and inner.coefficient > 0 else None


def _multiple(views: Views, node: int, depth: int) -> Term | None:
    """a + a is 2·a."""
    form = views.linear(node)
    ((wire, factor),) = form.items() if len(form) == 1 else ((ONE, 0.0),)
    return Term(factor).times(views.product(wire, depth)) if wire not in (ONE, views.numbers.of(node)) else None


PRODUCTS: Mapping[str, Callable[[Views, int, int], Term | None]] = {
    "absolute": _positive, "add": _multiple, "subtract": _multiple,
    "multiply": lambda views, node, depth: views.product(views.input(node), depth).times(
        views.product(views.input(node, 1), depth)),
    "divide": _quotient,
    "reciprocal": _reciprocal,
    "negative": lambda views, node, depth: Term(-1.0).times(views.product(views.input(node), depth)),
    "square": lambda views, node, depth: Term().times(views.product(views.input(node), depth), 2.0),
    "constant_power": _raised,
    "exp": lambda views, node, depth: Term(exponent=views.linear(views.input(node), depth)),
    "exp_times": lambda views, node, depth: Term(exponent=views.linear(views.input(node), depth)).times(
        views.product(views.input(node, 1), depth)),
}  # fmt: skip


def _both(sign: float) -> Callable[[Views, int, int], list[Term]]:
    def rule(views: Views, node: int, depth: int) -> list[Term]:
        left, right = (views.terms(one, depth) for one in views.graph.inputs(node))
        return left + [Term(sign).times(one) for one in right]

    return rule


def _halves(sign: float) -> Callable[[Views, int, int], list[Term]]:
    def rule(views: Views, node: int, depth: int) -> list[Term]:
        form = views.linear(views.input(node), depth)
        return [Term(0.5, exponent=form), Term(0.5 * sign, exponent=merged({}, form, -1.0))]

    return rule


def _powers_apart(views: Views, node: int, depth: int) -> list[Term]:
    first, second = (views.linear(one, depth) for one in views.graph.inputs(node))
    return [Term(exponent=first), Term(-1.0, exponent=second)]


SPREAD = frozenset({"add", "subtract", "one_minus_square", "square_difference"})  # sums that are multiplied out
SUMS: Mapping[str, Callable[[Views, int, int], list[Term]]] = {
    "exp_difference": _powers_apart,
    "one_minus_square": lambda views, node, depth: [Term(), Term(-1.0).times(views.product(views.input(node), depth), 2.0)],
    "square_difference": lambda views, node, depth: [
        Term(sign).times(views.product(one, depth), 2.0) for one, sign in zip(views.graph.inputs(node), (1.0, -1.0), strict=True)],
    "add": _both(1.0),
    "subtract": _both(-1.0),
    "cosh": _halves(1.0),
    "sinh": _halves(-1.0),
    "expm1": lambda views, node, depth: [Term(exponent=views.linear(views.input(node), depth)), Term(-1.0)],
}  # fmt: skip
