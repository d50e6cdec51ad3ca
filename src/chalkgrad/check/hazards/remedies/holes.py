"""0/0 where the limit is the slope of what stands above: u(v)/v at v = 0, whatever else u is made of.

`series` knows the holes of functions of one number. Where u has other inputs beside v, as the angle of a rotation over its sine, the
value at the hole is u′(0) and its slope by v is u″(0)/2, both drawn by the engine itself.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.reverse import reverse

HOLE = Remedy("limit at a hole", "numerator and denominator vanish together there, and the limit is the slope of the numerator")
MOST_GATES = 40


def holes(patient: Patient) -> Iterator[Draft]:
    """Quotients u/v where both are 0 and u is made of v, entry by entry."""
    for node in patient.nodes:
        if patient.name(node) != "divide":
            continue
        above, below = patient.graph.inputs(node)
        zeros = (patient.value(above) == 0) & (patient.value(below) == 0)
        if patient.graph.shape(above) == patient.graph.shape(below) and bool(np.any(zeros)) and _made_of(patient, above, below):
            yield Draft(node, HOLE, partial(_filled, above, below))


def _made_of(patient: Patient, above: int, below: int) -> bool:
    """Whether the one depends on the other by gates that work entry by entry."""
    graph, found, waiting, gates = patient.graph, False, [above], 0
    while waiting and gates < MOST_GATES:
        node = waiting.pop()
        gate = graph.gate(node)
        gates += 1
        if node == below:
            found = True
        elif gate is not None and gate.elementwise and gate.differentiable and node > below:
            waiting += graph.inputs(node)
    return found and not waiting


def _filled(above: int, below: int, canvas: Canvas) -> Wire:
    xp, u, v = canvas.xp, canvas.now(above), canvas.now(below)
    nothing = xp.equal(v, 0.0)
    slope = _slope(canvas, u, v)
    bend = _slope(canvas, slope, v)
    limit = slope if bend is None else slope - bend * v / 2.0  # its own slope by v is half the bend
    return xp.where(nothing, limit, u / xp.where(nothing, 1.0, v))


def _slope(canvas: Canvas, u: Wire | None, v: Wire) -> Wire | None:
    """∂u/∂v entry by entry, the other inputs of u held."""
    if u is None:
        return None
    seed = canvas.constant(np.ones(u.shape)[()])
    total = reverse(canvas.graph, u.node, [v.node], seed=seed.node).total(v.node)
    return None if total is None else Wire(canvas.xp, total)
