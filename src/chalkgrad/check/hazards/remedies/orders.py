"""A product taken in another order, so that no product on the way leaves the floats: huge factors meet small ones first.

And products without what cancels in them.
"""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire

ORDER = Remedy("order of a product", "two factors leave the floats when they meet, and with the others between them they do not")
HALVES = Remedy("square over a power of e", "the power of e leaves the floats where its root, taken into the square, does not")
CANCELLED = Remedy("factors that cancel", "a factor above and below makes roundings, and terms that cancel in its gradient")
FACTORED = frozenset({"multiply", "divide", "reciprocal", "square", "constant_power"})
MOST = 24  # factors


def orders(patient: Patient) -> Iterator[Draft]:
    """The products some part of which is lost, though their factors are sound."""
    for node in _outermost(patient):
        factors = _factors(patient, node)
        if factors is None or len(factors) < 3 or any(patient.sick(one) for one, _ in factors):
            continue
        yield Draft(node, ORDER, partial(_multiplied, patient, factors))


def cancelled(patient: Patient) -> Iterator[Draft]:
    """Products in which a factor stands above and below."""
    for node in _outermost(patient):
        factors = _factors(patient, node, lost=True)
        if factors is None:
            continue
        counts: dict[int, int] = {}
        for one, sign in factors:
            key = patient.views.numbers.of(one)
            counts[key] = counts.get(key, 0) + sign
        if sum(map(abs, counts.values())) < len(factors):
            yield Draft(node, CANCELLED, partial(_product, counts))


def _product(counts: dict[int, int], canvas: Canvas) -> Wire:
    result: Wire | None = None
    for one, count in sorted(counts.items(), key=lambda pair: pair[1] < 0):
        if not count:
            continue
        wire = canvas.now(one) if abs(count) == 1 else canvas.now(one) ** abs(count)
        result = _joined(result, wire, count)
    return canvas.constant(1.0) if result is None else result


def halves(patient: Patient) -> Iterator[Draft]:
    """u²·e^v as (u·e^(v/2))²."""
    for node in _outermost(patient):
        factors = _factors(patient, node)
        if factors is None:
            continue
        powers = [(one, sign) for one, sign in factors if patient.name(one) == "exp" and patient.sick(one)]
        counts = {one: sum(sign for other, sign in factors if other == one) for one, _ in factors}
        squared = [one for one, count in counts.items() if count == 2]
        if len(powers) == 1 and squared:
            rest = [pair for pair in factors if pair not in powers and pair[0] != squared[0]]
            yield Draft(node, HALVES, partial(_halved, patient, rest, powers[0], squared[0]))


def _outermost(patient: Patient) -> Iterator[int]:
    for node in patient.nodes:
        if patient.name(node) not in FACTORED or any(patient.name(one) in FACTORED for one in patient.readers[node]):
            continue
        yield node


def _factors(patient: Patient, node: int, *, lost: bool = False) -> list[tuple[int, int]] | None:
    """The factors, each with 1 or −1 for above or below, if something between them is lost."""
    found: list[tuple[int, int]] = []
    waiting = [(node, 1)]
    while waiting:
        one, sign = waiting.pop()
        name, inputs = patient.name(one), patient.graph.inputs(one)
        power = {"square": 2.0}.get(name, patient.graph.settings(one).get("exponent", 0.0) if name == "constant_power" else 1.0)
        if name not in FACTORED or power != int(power) or not 0 < abs(power) <= 4:
            found.append((one, sign))
        else:
            lost = lost or patient.sick(one)
            turned = -sign if name == "reciprocal" or power < 0 else sign
            waiting += [(inputs[0], turned)] * int(abs(power))
            waiting += [(inputs[1], -sign if name == "divide" else sign)] if len(inputs) == 2 else []
        if len(found) + len(waiting) > MOST:
            return None
    lost = lost or any(patient.sick(one) for one, _ in found)
    return found if lost else None


def _multiplied(patient: Patient, factors: list[tuple[int, int]], canvas: Canvas) -> Wire:
    """Each factor above over one of its size below, and these quotients in the order that keeps the product nearest to 1."""
    above, below = (sorted((one for one, sign in factors if sign == side), key=partial(_size, patient)) for side in (1, -1))
    parts = [(_size(patient, one) - _size(patient, other), canvas.now(one) / canvas.now(other), 1)
             for one, other in zip(above[::-1], below[::-1], strict=False)]  # fmt: skip
    left = abs(len(above) - len(below))
    alone, sign = (above, 1) if len(above) > len(below) else (below, -1)
    parts += [(sign * _size(patient, one), canvas.now(one), sign) for one in alone[:left]]
    total, result = 0.0, None
    while parts:
        if result is None:
            best = max(range(len(parts)), key=lambda place: (parts[place][2], abs(parts[place][0])))
        else:
            best = min(range(len(parts)), key=lambda place: abs(total + parts[place][0]))
        size, wire, sign = parts.pop(best)
        total += size
        result = _joined(result, wire, sign)
    assert result is not None
    return result


def _joined(product: Wire | None, wire: Wire, sign: int) -> Wire:
    """The product with one more factor above or below."""
    if product is None:
        return wire if sign > 0 else 1.0 / wire
    return product * wire if sign > 0 else product / wire


def _size(patient: Patient, node: int) -> float:
    sizes = np.abs(patient.value(node))
    sizes = sizes[sizes > 0]
    return float(np.mean(np.log(sizes))) if sizes.size else 0.0


def _halved(patient: Patient, rest: list[tuple[int, int]], power: tuple[int, int], base: int, canvas: Canvas) -> Wire:
    inner = canvas.now(patient.graph.inputs(power[0])[0])
    root = canvas.now(base) * canvas.xp.exp(inner / (2.0 * math.copysign(1.0, power[1])))
    result = root**2
    for one, sign in rest:
        result = _joined(result, canvas.now(one), sign)
    return result
