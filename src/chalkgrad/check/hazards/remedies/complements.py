"""erf(x) − erf(y), and differences of erfc and of angles: both round to the same number, and what they lack of it does not."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE

ROUNDING = frozenset({"erf", "erfc", "arctan"})
TURN = Remedy("difference of angles", "both round to nearly the same angle, and the tangent of their difference does not")
TAILS = Remedy("difference of tails", "both round to the same number, and what they lack of it does not")


def differences(patient: Patient) -> Iterator[Draft]:
    """c·f(x) − c·f(y) where x and y are on one side and f rounds to one number there: of erf, erfc and the arc tangent."""
    for node in patient.nodes:
        found = _difference(patient, node)
        if found is None:
            continue
        name, first, second, scale = found
        if name == "arctan":
            if all(bool(one * other > 0) for one, other in _pairs(patient, node, first, second)):
                yield Draft(node, TURN, partial(_turn, first, second, scale))
            continue
        sides = {1 if one > 0 < other else -1 if one < 0 > other else 0 for one, other in _pairs(patient, node, first, second)}
        if sides != {0} and not (name == "erfc" and 1 in sides):
            yield Draft(node, TAILS, partial(_tails, first, second, sides, scale if name == "erf" else -scale))


def _pairs(patient: Patient, node: int, first: int, second: int) -> Iterator[tuple[Any, Any]]:
    """The true arguments, entry by entry."""
    shape = patient.graph.shape(node)
    return zip(*(np.broadcast_to(patient.truth(one), shape).ravel() for one in (first, second)), strict=True)


def _difference(patient: Patient, node: int) -> tuple[str, int, int, float] | None:
    """The function, its two arguments, and the factor of the first of a difference that cancels."""
    if patient.name(node) not in ("add", "subtract") or not patient.sick(node):
        return None
    parts = list(patient.views.linear(node).items())
    names = {patient.name(wire) for wire, _ in parts if wire != ONE}
    if len(parts) != 2 or len(names) != 1 or not names <= ROUNDING or parts[0][1] != -parts[1][1]:
        return None
    first, second = (patient.graph.inputs(wire)[0] for wire, _ in parts)
    return names.pop(), first, second, parts[0][1]


def _tails(first: int, second: int, sides: set[int], scale: float, canvas: Canvas) -> Wire:
    """scale · (erf(x) − erf(y)): for x and y of one sign what the second lacks less what the first lacks."""
    xp, x, y = canvas.xp, canvas.now(first), canvas.now(second)
    above, below = xp.erfc(y) - xp.erfc(x), xp.erfc(-x) - xp.erfc(-y)
    if len(sides) == 1:
        found = above if 1 in sides else below
    else:
        across = xp.where(xp.maximum(x, y) < 0.0, below, xp.erf(x) - xp.erf(y))
        found = xp.where(xp.minimum(x, y) > 0.0, above, across)
    return found if scale == 1.0 else scale * found


def _turn(first: int, second: int, scale: float, canvas: Canvas) -> Wire:
    x, y = canvas.now(first), canvas.now(second)
    found = canvas.xp.arctan((x - y) / (1.0 + x * y))
    return found if scale == 1.0 else scale * found
