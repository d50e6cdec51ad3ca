"""Sums without what cancels in them, in an order that rounds nothing away, and with each term divided by itself."""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy, summed
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE

COLLECTED = Remedy("terms that cancel", "what is added and taken away again only rounds what stands beside it")
PAIRED = Remedy("terms of one size first", "a sum on the way rounds, and what is taken from it afterwards leaves the rounding")
SPREAD = Remedy("terms by themselves", "the sum leaves the floats before it is divided, and its terms, divided first, do not")
ADDED = frozenset({"add", "subtract"})
MOST = 24  # terms


def collected(patient: Patient) -> Iterator[Draft]:
    """Sums in which a term is added and taken away again."""
    for node in patient.nodes:
        if patient.name(node) not in ADDED or any(patient.name(one) in ADDED for one in patient.readers[node]):
            continue
        count, waiting = 0, [node]
        while waiting and count <= MOST:
            one = waiting.pop()
            waiting += patient.graph.inputs(one) if patient.name(one) in ADDED else ()
            count += patient.name(one) not in ADDED
        form = patient.views.linear(node)
        if 0 < len(form) < count and patient.views.numbers.of(node) not in form:  # a view of many parts is the sum itself
            yield Draft(node, COLLECTED, partial(summed, form))


def paired(patient: Patient) -> Iterator[Draft]:
    """Sums that cancel because a sum within them is rounded: terms of one size and opposite signs are taken together first.

    Of floats that are within a factor of two the difference is exact. Source: Kahan, Miscalculating area and angles of a
    needle-like triangle (2014).
    """
    for node in patient.nodes:
        if patient.name(node) not in ADDED or not patient.sick(node):
            continue
        form = {wire: factor for wire, factor in patient.views.linear(node).items() if wire != ONE}
        scale = max(map(abs, form.values()), default=0.0)
        if len(form) < 3 or len(form) < len(patient.views.linear(node)) or any(map(patient.sick, form)):
            continue
        if all(math.frexp(factor / scale)[0] in (0.5, -0.5) for factor in form.values()):
            yield Draft(node, PAIRED, partial(_paired, patient, {wire: factor / scale for wire, factor in form.items()}, scale))


def _paired(patient: Patient, form: dict[int, float], scale: float, canvas: Canvas) -> Wire:
    parts = []
    for node, factor in form.items():
        drawn = canvas.now(node) if abs(factor) == 1.0 else canvas.now(node) * abs(factor)
        parts.append((factor * float(np.mean(patient.value(node))), drawn, 1 if factor > 0 else -1))
    while len(parts) > 1:
        pairs = [(abs(parts[i][0] + parts[j][0]) / (abs(parts[i][0]) + abs(parts[j][0]) or 1.0), i, j)
                 for i in range(len(parts)) for j in range(i)]  # fmt: skip
        _, i, j = min(pairs)
        (size, wire, sign), (other, beside, turn) = parts.pop(i), parts.pop(j)
        if sign < 0 < turn:
            (wire, sign), (beside, turn) = (beside, turn), (wire, sign)
        joined = wire + beside if sign == turn else wire - beside
        parts.append((size + other, joined, sign))
    _, result, sign = parts[0]
    return result if sign * scale == 1.0 else result * (sign * scale)


def spread(patient: Patient) -> Iterator[Draft]:
    """Multiples of sums that leave the floats, means among them: each term is multiplied by itself first."""
    for node in patient.nodes:
        total, factor = _multiple(patient, node)
        inputs = patient.graph.inputs(total)
        if factor and patient.sick(total) and not any(map(patient.sick, inputs)) and patient.ordinary(node):
            yield Draft(node, SPREAD, partial(_spread, patient, total, factor))


def _multiple(patient: Patient, node: int) -> tuple[int, float]:
    """The sum of which the wire is a multiple, and how many times it is that; 0 times where it is none."""
    name, inputs = patient.name(node), patient.graph.inputs(node)
    if name == "mean":
        return node, np.prod(patient.graph.shape(node)) / np.prod(patient.graph.shape(inputs[0]))
    number = patient.views.number(inputs[1]) if name in ("multiply", "divide") else None
    if not number or patient.name(inputs[0]) not in (*ADDED, "sum"):
        return node, 0.0
    return inputs[0], 1.0 / number if name == "divide" else number


def _spread(patient: Patient, total: int, factor: float, canvas: Canvas) -> Wire:
    first, *others = [canvas.now(one) * factor for one in patient.graph.inputs(total)]
    if others:
        return first + others[0] if patient.name(total) == "add" else first - others[0]
    return canvas.xp.sum(first, **patient.graph.settings(total))
