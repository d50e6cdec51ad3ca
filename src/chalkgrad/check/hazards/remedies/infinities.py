"""What is infinite on the way to a finite number: a fraction inside of a fraction, the argument of a function that has an end.

1/(1/x + 1/y) at x = 0 is x/(1 + x/y) once the inner fraction is cleared. erf(∞) is 1, and flat; but the chain rule multiplies its
slope, 0, by that of the infinite argument, so where the argument is infinite the function is left out.
"""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import Term

CLEARED = Remedy("fraction cleared", "a fraction below the line is divided by 0; multiplied by that, above and below, it is none")
END = Remedy("end of a function", "its argument is infinite and its slope 0 there: where that is so, its limit is put in its place")
ENDS: dict[str, tuple[float | None, float | None]] = {  # at −∞ and at ∞; None where that is infinite
    "erf": (-1.0, 1.0), "erfc": (2.0, 0.0), "tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "exp": (0.0, None), "exp2": (0.0, None),
    "arctan": (-math.pi / 2, math.pi / 2), "softplus": (0.0, None), "sech": (0.0, 0.0), "expm1": (-1.0, None),
}  # fmt: skip


def cleared(patient: Patient) -> Iterator[Draft]:
    """Quotients below whose line a fraction is divided by 0."""
    for node in patient.nodes:
        if patient.name(node) not in ("divide", "reciprocal"):
            continue
        below = patient.graph.inputs(node)[-1]
        if not patient.floats(below) or bool(np.all(np.isfinite(patient.value(below)))):
            continue
        terms = patient.views.terms(below)
        if any(one.exponent for one in terms) or len(terms) < 2:
            continue
        lowest: dict[int, float] = {}
        for one in terms:
            for wire, power in one.powers.items():
                if power < lowest.get(wire, 0.0) and bool(np.any(patient.value(wire) == 0)):
                    lowest[wire] = power
        if lowest:
            yield Draft(node, CLEARED, partial(_cleared, patient, node, terms, Term(powers={one: -k for one, k in lowest.items()})))


def _cleared(patient: Patient, node: int, terms: list[Term], by: Term, canvas: Canvas) -> Wire:
    below: Wire | None = None
    for one in terms:
        part = _drawn(one.times(by), canvas)
        below = part if below is None else below + part
    above = _drawn(by, canvas)
    if patient.name(node) == "divide":
        first = patient.graph.inputs(node)[0]
        number = patient.views.number(first)
        above = above if number == 1.0 else canvas.now(first) * above
    return above / below


def _drawn(term: Term, canvas: Canvas) -> Wire:
    result: Wire | None = None
    for wire, power in sorted(term.powers.items(), key=lambda pair: pair[1] < 0):
        base = canvas.now(wire)
        if result is not None and power < 0:
            result = result / (base if power == -1.0 else base**-power)
        else:
            factor = base if power == 1.0 else base**power
            result = factor if result is None else result * factor
    if result is None:
        return canvas.constant(term.coefficient)
    return result if term.coefficient == 1.0 else term.coefficient * result


def ends(patient: Patient) -> Iterator[Draft]:
    """Functions with a limit at infinity, of what is infinite."""
    for node in patient.nodes:
        limits = ENDS.get(patient.name(node))
        if limits is None:
            continue
        x = patient.value(patient.graph.inputs(node)[0])
        low, high = (bool(np.any(x == end)) for end in (-math.inf, math.inf))
        if (low or high) and not (high and limits[1] is None):
            yield Draft(node, END, partial(_ended, patient, node))


def _ended(patient: Patient, node: int, canvas: Canvas) -> Wire:
    xp, name = canvas.xp, patient.name(node)
    argument = inner = patient.graph.inputs(node)[0]
    value, side, turned = patient.value(argument), canvas.now(argument), False
    while patient.name(inner) == "negative":
        inner, turned = patient.graph.inputs(inner)[0], not turned
    if patient.name(inner) in ("divide", "reciprocal"):
        *above, divisor = patient.graph.inputs(inner)
        by_nothing = bool(np.all((patient.value(divisor) == 0) == np.isinf(value)))
        infinite = xp.equal(canvas.now(divisor), 0.0) if by_nothing else xp.isinf(side)  # and then nothing is divided
        x = (canvas.now(above[0]) if above else 1.0) / xp.where(infinite, 1.0, canvas.now(divisor))
        x = x if by_nothing else xp.where(infinite, 0.0, x)
        x = -x if turned else x
    else:
        infinite = xp.isinf(side)
        x = xp.where(infinite, 0.0, side)
    low, high = ENDS[name]
    if low is None or high is None or low == high or np.unique(np.sign(value[np.isinf(value)])).size == 1:
        negative = bool(np.any(value == -math.inf))
        end: Wire | float | None = low if negative else high
    else:
        end = xp.where(side > 0.0, high, low)
    return xp.where(infinite, end, xp.call(name, x))
