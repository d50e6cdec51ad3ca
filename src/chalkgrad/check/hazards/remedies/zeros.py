"""0 times a logarithm, and 0 over 0, where each counts as 0.

What is 0·log 0 has the limit 0, and `xlogy` says so. Where that gives no slope the whole product is left out where its factor is 0.
A quotient 0/0 that has no limit (the direction of no vector, the overlap of nothing with nothing) counts as 0, as in libraries; so
do the shares of a row in which everything is masked.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE

NOTHING = Remedy("nothing times a logarithm", "0·log 0 counts as 0, as its limit is")
VANISHING = Remedy("nothing times anything", "where the factor is 0 the product counts as 0, and nothing flows through it")
QUOTIENT = Remedy("nothing over nothing", "0/0 counts as 0: it has no value of its own here, so this is a convention")
MASKED = Remedy(
    "row with nothing in it", "a row that is −∞ all over counts as 0: it has no shares of its own, so this is a convention"
)
SHARES = frozenset({"softmax", "log_softmax"})
LOGARITHMS = {"log": 1.0, "log2": math.log(2.0), "log10": math.log(10.0)}


def nothings(patient: Patient) -> Iterator[Draft]:
    """Products of what is 0 and a sum of logarithms, one of which is infinite."""
    for node in patient.nodes:
        if patient.name(node) != "multiply":
            continue
        for factor, other in (inputs := patient.graph.inputs(node), inputs[::-1]):
            if not (patient.floats(other) and bool(np.any(patient.value(factor) == 0)) and not bool(np.all(
                    np.isfinite(patient.value(other))))):  # fmt: skip
                continue
            parts = {one: scale for one, scale in patient.views.linear(other).items() if one != ONE}
            if parts and any(_argument(patient, one) is not None for one in parts):
                yield Draft(node, NOTHING, partial(_spread, patient, factor, other))
                break


def vanishing(patient: Patient) -> Iterator[Draft]:
    """Products of what is 0 and what is not finite: where the factor is 0, they are 0."""
    for node in patient.nodes:
        if patient.name(node) in ("xlogy", "xlog1py"):
            factor, other = patient.graph.inputs(node)
            edge = 0.0 if patient.name(node) == "xlogy" else -1.0
            if bool(np.any((patient.value(factor) == 0) & (patient.value(other) == edge))):
                yield Draft(node, VANISHING, partial(_left_out, patient, node, 1))
        elif patient.name(node) == "multiply":
            for slot, factor in enumerate(inputs := patient.graph.inputs(node)):
                other = inputs[1 - slot]
                broken = patient.floats(other) and not bool(np.all(np.isfinite(patient.value(other))))
                if broken and bool(np.any(patient.value(factor) == 0)):
                    yield Draft(node, VANISHING, partial(_left_out, patient, node, 1 - slot))
                    break


def _left_out(patient: Patient, node: int, slot: int, canvas: Canvas) -> Wire:
    """The product, where its factor is 0 taken with ones instead and then put to 0."""
    xp, inputs = canvas.xp, list(map(canvas.now, patient.graph.inputs(node)))
    nothing = xp.equal(inputs[1 - slot], 0.0)
    inputs[slot] = xp.where(nothing, 1.0, inputs[slot])
    return xp.where(nothing, 0.0, xp.call(patient.name(node), *inputs, **patient.graph.settings(node)))


def quotients(patient: Patient) -> Iterator[Draft]:
    """Quotients 0/0."""
    for node in patient.nodes:
        if patient.name(node) != "divide":
            continue
        over, under = patient.graph.inputs(node)
        above, below = patient.value(over), patient.value(under)
        if above.dtype.kind == below.dtype.kind == "f" and bool(np.any((above == 0) & (below == 0))):
            yield Draft(node, QUOTIENT, partial(_quotient, over, under))


def masked(patient: Patient) -> Iterator[Draft]:
    """Shares of rows that are masked all over."""
    for node in patient.nodes:
        if patient.name(node) in SHARES:
            axis = patient.graph.settings(node)["axis"]
            scores = patient.value(patient.graph.inputs(node)[0])
            if bool(np.any(np.all(np.isneginf(scores), axis=axis))):
                yield Draft(node, MASKED, partial(_shares, patient, node))


def _shares(patient: Patient, node: int, canvas: Canvas) -> Wire:
    xp, scores, settings = canvas.xp, canvas.now(patient.graph.inputs(node)[0]), patient.graph.settings(node)
    nothing = xp.equal(xp.max(scores, axis=settings["axis"], keepdims=True), -math.inf)
    return xp.where(nothing, 0.0, xp.call(patient.name(node), xp.where(nothing, 0.0, scores), **settings))


def _quotient(above: int, below: int, canvas: Canvas) -> Wire:
    xp, whole = canvas.xp, canvas.now(below)
    nothing = xp.equal(whole, 0.0)
    return xp.where(nothing, 0.0, canvas.now(above) / xp.where(nothing, 1.0, whole))


def _argument(patient: Patient, node: int) -> tuple[Callable[..., Any], int, float] | None:
    """What a logarithm is of: how x·log(…) is drawn, the wire under it, and the scale of the logarithm."""
    node = patient.chosen(node)
    name = patient.name(node)
    if name in LOGARITHMS:
        return (lambda xp, x, y: xp.xlogy(x, y)), patient.graph.inputs(node)[0], 1.0 / LOGARITHMS[name]
    if name == "log1p":
        return (lambda xp, x, y: xp.xlog1py(x, y)), patient.graph.inputs(node)[0], 1.0
    return None


def _spread(patient: Patient, factor: int, other: int, canvas: Canvas) -> Wire:
    x, total = canvas.now(factor), None
    for one, scale in patient.views.linear(other).items():
        found = None if one == ONE else _argument(patient, one)
        if found is None:
            part = scale * x if one == ONE else x * canvas.now(one)
            part = part if one == ONE or scale == 1.0 else scale * part
        else:
            draw, inner, unit = found
            part = draw(canvas.xp, x, canvas.now(inner))
            part = part if scale * unit == 1.0 else scale * unit * part
        total = part if total is None else total + part
    assert total is not None
    return total
