"""0/0 where the limit is that of the slopes: u/v where both vanish with a number t that they are made of.

`series` knows the holes of functions of one number, entry by entry. With other inputs, as in the angle of a rotation over its sine,
or sums, as in a mean of powers, the limit is u′/v′ (or u″/v″), and the slope there half (or a third) of its own; all are drawn by
the engine itself, so they hold for whatever the other inputs are.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.reverse import reverse

HOLE = Remedy("limit at a hole", "numerator and denominator vanish together there, and the limit is the quotient of their slopes")
MOST_GATES = 60


def holes(patient: Patient) -> Iterator[Draft]:
    """Quotients 0/0 of what is made of one number, or of one array entry by entry."""
    return _of_order(patient, 1)


def flat_holes(patient: Patient) -> Iterator[Draft]:
    """Those whose slopes vanish too, as (e^(a·x) − 1 − a·x)/x²."""
    return _of_order(patient, 2)


def _of_order(patient: Patient, order: int) -> Iterator[Draft]:
    for node in patient.nodes:
        if patient.name(node) != "divide":
            continue
        above, below = patient.graph.inputs(node)
        if patient.graph.shape(above) != patient.graph.shape(below) or not patient.floats(above):
            continue
        if bool(np.any((patient.value(above) == 0) & (patient.value(below) == 0))):
            common = next((one for one in _inside(patient, below) if _made_of(patient, above, one)), None)
            if common is not None:
                yield Draft(node, HOLE, partial(_filled, above, below, common, order))


def _inside(patient: Patient, node: int) -> Iterator[int]:
    """The wire, and those of which alone it is made, one inside of the other."""
    graph = patient.graph
    while True:
        yield node
        gate = graph.gate(node)
        inputs = {one for one in graph.inputs(node) if not graph.is_constant(one)}
        if gate is None or not (gate.elementwise and gate.differentiable) or len(inputs) != 1:
            return
        (inner,) = inputs
        if graph.shape(inner) != graph.shape(node) or not patient.floats(inner):
            return
        node = inner


def _made_of(patient: Patient, above: int, inner: int) -> bool:
    """Whether the one depends on the other, as single numbers or by gates that work entry by entry."""
    graph = patient.graph
    single = graph.shape(above) == graph.shape(inner) == ()
    found, waiting, seen = False, [above], {above}
    while waiting and len(seen) < MOST_GATES:
        node = waiting.pop()
        gate = graph.gate(node)
        if node == inner:
            found = True
        elif gate is not None and node > inner:
            if not (single or (gate.elementwise and gate.differentiable)):
                return False
            fresh = [one for one in graph.inputs(node) if one not in seen]
            seen.update(fresh)
            waiting += fresh
    return found and not waiting


def _filled(above: int, below: int, common: int, order: int, canvas: Canvas) -> Wire:
    xp, u, v, t = canvas.xp, canvas.now(above), canvas.now(below), canvas.now(common)
    top, bottom, lower = u, v, v
    for _ in range(order):
        lower = bottom
        top, bottom = _slope(canvas, top, t), _slope(canvas, bottom, t)
    plain = common == below and order == 1
    limit, away = (top, v) if plain else (top / bottom, lower / bottom)  # `away`: how far t is from the hole
    bend = _slope(canvas, limit, t)  # the slope by t is a part of the bend, what its Taylor series says
    limit = limit - bend * away * (order / (order + 1.0))
    return xp.where(xp.equal(v, 0.0), limit, u / xp.where(xp.equal(v, 0.0), 1.0, v))


def _slope(canvas: Canvas, u: Wire, t: Wire) -> Wire:
    """∂u/∂t entry by entry, the other inputs of u held."""
    if u.node == t.node:
        return canvas.constant(np.ones(u.shape)[()])
    seed = canvas.constant(np.ones(u.shape)[()])
    total = reverse(canvas.graph, u.node, [t.node], seed=seed.node).total(t.node)
    return canvas.constant(np.zeros(u.shape)[()]) if total is None else Wire(canvas.xp, total)
