"""Where a formula has a hole, or cancels ever more towards a point, its power series there.

sin(x)/x is 0/0 at 0 and its slope cancels nearby; 1 − x²/6 + x⁴/120 − … does neither. The coefficients are computed, not looked up:
the expression is evaluated in multi-precision at points very close to the centre, and the polynomial through them (Newton's divided
differences) has the coefficients of the series in all digits that floats have. How far the series is used follows from the last
coefficients; the judge weighs the result like any other.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.check.precision.losses import all_bits
from chalkgrad.check.precision.truths import Reference
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.spaces import NUMPY
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.reverse import reverse
from chalkgrad.transform.stabilise.views import Term

SERIES = Remedy("series around a point", "the formula has a hole at that point, or cancels the more the nearer it is")

DIGITS = 600
TERMS = 16  # of the series, the first that is not 0 among them
BEYOND = 8  # points more than coefficients, so that those that are used are exact
STEP = -40  # power of 2 between the points
NEAR = 0.5  # from the centre
FARTHEST, NEAREST = 0.25, 1e-3  # radii within which a series is used
TOPS = frozenset({"divide", "subtract", "add", "multiply"})
NEAR_ONE = frozenset({"log", "log1p"})  # functions that make much of what is left beside 1
EVEN = frozenset({"cos", "cosh", "sech"})  # functions of the square, whatever root they are written with
MOST_GATES, MOST_ENTRIES = 40, 100
BESIDE, MOST_WHOLE = 1e-3, 100  # so close to a whole number, which is then tried as a centre too
MOST_TRIED, AROUND = 16, np.array([1.0, 0.9, 0.7])  # entries that are looked at, and where
BAD = 9.0  # bits that a value or slope has to have lost


@dataclass(frozen=True, slots=True)
class Stretch:
    """The expression `top` as a function of the wire `inner` alone, and its gates in order."""

    top: int
    inner: int
    gates: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """(x − centre)^first · (c₀ + c₁·(x − centre) + …), good within the radius. `side`: 1 or −1 where the expression is a
    number on that side of the centre alone, else 0.

    `squared`: the square of x as a product, where the series is one in that, and x is a product with a root that is 0.
    """

    centre: float
    first: int
    coefficients: tuple[float, ...]
    radius: float
    side: int = 0
    squared: Term | None = None

    @property
    def even(self) -> bool:
        return self.first % 2 == 0 and not any(self.coefficients[1::2])

    def at(self, x: Any) -> tuple[Any, Any]:
        """Value and slope."""
        x = np.asarray(x, dtype=float) - self.centre
        whole = np.polynomial.Polynomial([0.0] * self.first + list(self.coefficients))
        return whole(x), whole.deriv()(x)


def series(patient: Patient) -> Iterator[Draft]:
    """The innermost expressions that are bad where they stand and have a series there."""
    return _expanded(patient, patient.nodes)


def wholes(patient: Patient) -> Iterator[Draft]:
    """The outermost such expressions: what is left of a quotient of series may cancel in its slope."""
    return _expanded(patient, patient.nodes[::-1])


def _expanded(patient: Patient, nodes: list[int]) -> Iterator[Draft]:
    taken: set[int] = set()
    for node in nodes:
        if patient.name(node) not in TOPS | EVEN | NEAR_ONE or not patient.floats(node):
            continue
        for stretch in _stretches(patient, node):
            steep = _is_steep(patient, stretch.inner)
            found = None if taken & set(stretch.gates) else _found(patient, stretch, steep)
            if found is not None and steep:
                found = _squared(patient, stretch, found)
            if found is not None:
                taken.update(stretch.gates)
                yield Draft(node, SERIES, partial(_drawn, patient, stretch, found))
                break


def _stretches(patient: Patient, top: int) -> Iterator[Stretch]:
    """The wires of which alone the top is made, entry by entry, or as one number of another; the nearest first."""
    graph, same = patient.graph, patient.views.numbers.of
    single = graph.shape(top) == ()
    front, gates = {top}, list[int]()
    while len(gates) < MOST_GATES:
        last = max(front)
        gate = graph.gate(last)
        if gate is None or not (gate.elementwise or single) or not gate.differentiable:
            return
        if np.prod(graph.shape(last), dtype=int) > MOST_ENTRIES and single:
            return
        front.remove(last)
        gates.append(last)
        front.update(same(one) for one in graph.inputs(last) if not graph.is_constant(one))
        if not front or (not single and any(graph.is_constant(one) and graph.shape(one) != () for one in graph.inputs(last))):
            return
        if len(front) == 1:
            (inner,) = front
            if (len(gates) > 1 or patient.name(top) in EVEN) and patient.floats(inner) and graph.shape(inner) == graph.shape(top):
                yield Stretch(top, inner, tuple(reversed(gates)))


def _is_steep(patient: Patient, node: int) -> bool:
    """Whether the wire, or a factor of it, has no finite slope where it stands, so that a slope of 0 after it is lost."""
    return any(_has_infinite_slope(patient, one) for one in (node, *patient.views.product(node).powers))


def _has_infinite_slope(patient: Patient, node: int) -> bool:
    gate = patient.graph.gate(node)
    if gate is None or not gate.elementwise or not gate.differentiable or patient.name(node) in TOPS:
        return False
    graph = Graph()
    leaves = [graph.leaf(f"x{place}", patient.graph.shape(one)) for place, one in enumerate(patient.graph.inputs(node))]
    seed = graph.constant(np.ones(patient.graph.shape(node))[()])
    back = reverse(graph, graph.add(gate, *leaves, **patient.graph.settings(node)), leaves, seed=seed, literal=True)
    given = {leaf: patient.value(one) for leaf, one in zip(leaves, patient.graph.inputs(node), strict=True)}
    values = _values(graph, given, NUMPY)
    return any(not np.all(np.isfinite(values[slope])) for leaf in leaves if (slope := back.total(leaf)) is not None)


def _overflows(patient: Patient, stretch: Stretch) -> Any:
    """At which entries the way to the top leaves the floats: there it has no hole, and a series would only hide that."""
    found = np.zeros(patient.value(stretch.top).size, dtype=bool)
    for one in stretch.gates[:-1]:
        finite = np.array([patient.found.mp.isfinite(number) for number in patient.truth(one).ravel()], dtype=bool)
        over = np.isinf(patient.value(one).ravel()) & finite
        found |= over if over.size == found.size else over.any()
    return found


def _squared(patient: Patient, stretch: Stretch, power: Power) -> Power | None:
    """The same as a series in the square, in which the roots have gone; None where it is none."""
    square = Term().times(patient.views.product(stretch.inner), 2.0)
    for wire, count in square.powers.items():
        if patient.name(wire) == "sqrt":
            square = square.without(wire).times(patient.views.product(patient.graph.inputs(wire)[0]), count / 2)
    roots = [wire for wire in square.powers if _has_infinite_slope(patient, wire)]
    return replace(power, squared=square, side=1) if power.even and not power.centre and not square.exponent and not roots else None


def _found(patient: Patient, stretch: Stretch, steep: bool) -> Power | None:
    """The series, if the expression is bad at some entry that the series covers, as it always is where what it is of is steep."""
    inner = patient.value(stretch.inner).ravel()
    centres = [0.0] if np.any(np.abs(inner) < NEAR) else []
    holes = inner[~np.isfinite(patient.value(stretch.top).ravel()) & np.isfinite(inner) & ~_overflows(patient, stretch)]
    small = inner[np.abs(inner) < MOST_WHOLE]
    beside = np.round(small[np.abs(small - np.round(small)) < BESIDE])  # as of an order near 1
    centres += [float(one) for one in np.unique([*holes[:2], *beside[:2]]) if float(one) not in centres]
    for centre in centres:
        power = _power(patient, stretch, centre)
        if power is None:
            continue
        within = np.abs(inner - power.centre) < power.radius
        if np.any(within) and (steep or _is_bad(patient, stretch, power, inner[within])):
            return power
    return None


def _is_bad(patient: Patient, stretch: Stretch, power: Power, inner: Any) -> bool:
    """Whether value or slope of the expression in floats are far from those of the series."""
    graph = Graph()
    leaf = graph.leaf("x")
    copy = _copied(patient, stretch, graph, leaf)
    slope = reverse(graph, copy, [leaf], literal=True).total(leaf)
    wanted = (copy, slope) if slope is not None else (copy,)
    bits = all_bits(patient.found.xp.dtype)
    for x in (inner[:MOST_TRIED, np.newaxis] * AROUND).ravel():  # one float may be right by chance
        values = _values(graph, {leaf: patient.found.xp.dtype.type(x)}, NUMPY)
        for node, right in zip(wanted, power.at(x), strict=False):
            error = abs(float(values[node]) - float(right))
            if not error <= abs(float(right)) * 2.0 ** (BAD - bits) + 1e-300:
                return True
    return False


def _values(graph: Graph, given: dict[int, Any], xp: Any) -> list[Any]:
    values: list[Any] = [None] * len(graph)
    with np.errstate(all="ignore"):
        for node in graph:
            gate = graph.gate(node)
            if gate is None:
                values[node] = given[node] if node in given else xp.constant(graph.constants[node])
            else:
                values[node] = gate.forward(xp, *(values[one] for one in graph.inputs(node)), **graph.settings(node))
    return values


def _copied(patient: Patient, stretch: Stretch, graph: Graph, inner: int) -> int:
    """The gates of the expression once more, over another wire."""
    places, same = {stretch.inner: inner}, patient.views.numbers.of
    for node in stretch.gates:
        gate = patient.graph.gate(node)
        assert gate is not None
        inputs = [places[same(one)] if same(one) in places else graph.constant(patient.graph.constants[one])
                  for one in patient.graph.inputs(node)]  # fmt: skip
        places[node] = graph.add(gate, *inputs, **patient.graph.settings(node))
    return places[stretch.top]


def _power(patient: Patient, stretch: Stretch, centre: float) -> Power | None:
    """The series of the expression around a centre, if it has one."""
    xp = Reference(DIGITS, patient.found.xp.dtype)
    mp, graph = xp.mp, Graph()
    leaf = graph.leaf("x")
    top = _copied(patient, stretch, graph, leaf)
    step = mp.mpf(2) ** STEP
    sampled = _sampled(lambda place: _values(graph, {leaf: mp.mpf(centre) + mp.mpf(place) * step}, xp)[top], 2 * TERMS + BEYOND, mp)
    if sampled is None:
        return None
    side, places, heights = sampled
    coefficients = [one / step**place for place, one in enumerate(_interpolated(places, heights, mp))][: 2 * TERMS]
    largest = max(map(abs, coefficients[:TERMS]))
    if largest == 0 or max(map(abs, coefficients)) > largest * mp.mpf(2) ** 160:
        return None  # a kink or a root, of which there is no series
    noise = largest * mp.mpf(10) ** -40
    first = next(place for place, one in enumerate(coefficients) if abs(one) > noise)
    kept = [one if abs(one) > noise else mp.zero for one in coefficients[first:]]
    precision = all_bits(patient.found.xp.dtype) + 2
    for terms in range(4, TERMS + 1):
        radius = _radius(kept, terms, precision)
        if radius >= FARTHEST or terms == TERMS:
            break
    if radius < NEAREST:
        return None
    used = [float(one) for one in kept[:terms]]
    while not used[-1]:
        used.pop()
    return Power(centre, first, tuple(used), radius, side)


def _sampled(height: Callable[[int], Any], count: int, mp: Any) -> tuple[int, list[Any], list[Any]] | None:
    """The side, the places and the heights there: around 0, or where not all are numbers on one side of it; None where none are."""
    for side, ends in ((0, (-(count // 2), count - count // 2 + 1)), (1, (1, count + 1)), (-1, (-count, 0))):
        places = [place for place in range(*ends) if place]
        heights = [height(place) for place in places]
        if all(mp.isfinite(one) for one in heights):
            return (side, [mp.mpf(one) for one in places], heights) if max(map(abs, heights)) <= mp.mpf(2) ** 16 else None
    return None


def _interpolated(places: list[Any], heights: list[Any], mp: Any) -> list[Any]:
    """The coefficients of the polynomial through these points."""
    table = list(heights)
    for level in range(1, len(places)):
        for place in range(len(places) - 1, level - 1, -1):
            table[place] = (table[place] - table[place - 1]) / (places[place] - places[place - level])
    result = [table[-1]]
    for place in range(len(places) - 2, -1, -1):
        result = [mp.zero, *result]
        for power in range(len(result) - 1):
            result[power] -= places[place] * result[power + 1]
        result[0] += table[place]
    return result


def _radius(kept: list[Any], terms: int, precision: float) -> float:
    """How far from the centre what is left out is below the last bit, also of the slope."""
    lead = abs(kept[0])
    sizes = [(place, float(abs(one) * (place + 1) / lead)) for place, one in enumerate(kept) if place >= terms and one != 0]
    exact = min((math.exp((-precision * math.log(2.0) - math.log(size)) / place) for place, size in sizes), default=FARTHEST)
    exact = min(exact, FARTHEST)
    return exact if exact == FARTHEST else float(f"{exact * 0.9:.0e}")


def _drawn(patient: Patient, stretch: Stretch, power: Power, canvas: Canvas) -> Wire:
    """where(|x − c| < r, series, the expression as it was, over what is never near the centre)."""
    xp, x, radius = canvas.xp, canvas.now(stretch.inner), power.radius
    if power.squared is None:
        away = x - power.centre if power.centre else x
        far = power.centre + (power.side or 1) * radius
    else:
        away, far, radius = canvas.product(power.squared), radius**2, radius**2
    near = xp.absolute(away) < radius
    if power.side:
        near = xp.logical_and(near, away >= 0.0 if power.side > 0 else away <= 0.0)
    outside = xp.where(near, far, x) if power.squared is None else xp.sqrt(xp.where(near, far, away))
    literal = Wire(xp, _copied(patient, stretch, canvas.graph, outside.node))
    inside = xp.clip(away, -radius, radius)
    return xp.where(near, _horner(canvas, inside, power), literal)


def _horner(canvas: Canvas, x: Wire, power: Power) -> Wire:
    coefficients = power.coefficients
    even = not any(coefficients[1::2])
    variable = canvas.xp.square(x) if even and len(coefficients) > 1 and power.squared is None else x
    last, *others = reversed(coefficients[::2] if even else coefficients)
    result: Wire | float = last
    for one in others:
        result = _scaled(variable, result)
        result = result + one if one else result
    first = power.first if power.squared is None else power.first // 2
    if first:
        result = _scaled(x if first == 1 else x**first, result)
    return result if isinstance(result, Wire) else canvas.constant(result)


def _scaled(wire: Wire, factor: Wire | float) -> Wire:
    return wire if factor == 1.0 else wire * factor
