"""Gates at the edge of their domain, where their slope is infinite: there they are kept from what multiplies it by 0.

`sqrt(u)` becomes `where(u == 0, 0, sqrt(where(u == 0, 1, u)))`, as one writes it by hand; the gradient at the edge is then 0, which
is one of the valid slopes wherever the truth has any.
"""

import math
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire

GUARD = Remedy(
    "guard at the edge", "the slope there is infinite, and what flows into it is 0: the gate is left out where it has no slope"
)


class Edge(NamedTuple):
    """Where a gate of one input has an infinite slope, its value there, and a number at which it is well."""

    at: float
    value: float
    well: float


EDGES: dict[str, tuple[Edge, ...]] = {
    "sqrt": (Edge(0.0, 0.0, 1.0),),
    "cbrt": (Edge(0.0, 0.0, 1.0),),
    "constant_power": (Edge(0.0, 0.0, 1.0),),
    "arccos": (Edge(1.0, 0.0, 0.0), Edge(-1.0, math.pi, 0.0)),
    "arcsin": (Edge(1.0, math.pi / 2, 0.0), Edge(-1.0, -math.pi / 2, 0.0)),
    "arccosh": (Edge(1.0, 0.0, 2.0),),
}


def guards(patient: Patient) -> Iterator[Draft]:
    """The gates that stand at an edge."""
    for node in patient.nodes:
        name, inputs = patient.name(node), patient.graph.inputs(node)
        if name == "arctan2" and bool(np.any((patient.value(inputs[0]) == 0) & (patient.value(inputs[1]) == 0))):
            yield Draft(node, GUARD, partial(_angle, inputs[0], inputs[1]))
        if name == "power" and bool(np.any(patient.value(inputs[0]) == 0)) and bool(np.all(patient.value(inputs[1]) > 0)):
            yield Draft(node, GUARD, partial(_power, inputs[0], inputs[1]))
        if name == "constant_power" and not 0 < patient.graph.settings(node)["exponent"] < 1:
            continue
        edges = [edge for edge in EDGES.get(name, ()) if bool(np.any(patient.value(inputs[0]) == edge.at))]
        if edges:
            yield Draft(node, GUARD, partial(_guarded, patient, node, edges))


def _guarded(patient: Patient, node: int, edges: list[Edge], canvas: Canvas) -> Wire:
    xp, x = canvas.xp, canvas.now(patient.graph.inputs(node)[0])
    inner = x
    for edge in edges:
        inner = xp.where(xp.equal(x, edge.at), edge.well, inner)
    result = xp.call(patient.name(node), inner, **patient.graph.settings(node))
    for edge in edges:
        result = xp.where(xp.equal(x, edge.at), edge.value, result)
    return result


def _angle(y: int, x: int, canvas: Canvas) -> Wire:
    xp, above, beside = canvas.xp, canvas.now(y), canvas.now(x)
    origin = xp.logical_and(xp.equal(above, 0.0), xp.equal(beside, 0.0))
    return xp.where(origin, 0.0, xp.arctan2(above, xp.where(origin, 1.0, beside)))


def _power(base: int, exponent: int, canvas: Canvas) -> Wire:
    xp, x = canvas.xp, canvas.now(base)
    nothing = xp.equal(x, 0.0)
    return xp.where(nothing, 0.0, xp.power(xp.where(nothing, 1.0, x), canvas.now(exponent)))
