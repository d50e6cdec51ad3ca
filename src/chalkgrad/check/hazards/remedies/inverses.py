"""A function and then its inverse: what lies between rounds to a number at which the inverse is infinite, or keeps few digits.

So with a root and its power: the slope of the root is infinite at 0, and that of the power, which is 0, cannot undo it.
"""

import math
from collections.abc import Iterator
from functools import partial

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE

INVERSE = Remedy("function and inverse", "what lies between rounds away what the inverse would bring back")
# Those that have a value everywhere are undone by a rule; these have one only in a part of the numbers.
INVERSES = {
    "tanh": "arctanh", "sin": "arcsin", "cos": "arccos", "cosh": "arccosh", "exp": "log", "exp2": "log2", "expm1": "log1p",
}  # fmt: skip

ANGLES = {"arccos": ("cos", math.pi), "arcsin": ("sin", math.pi / 2), "arctan": ("tan", math.pi / 2)}  # up to where they undo it
ROOTS = {"sqrt": 2.0, "cbrt": 3.0}


def inverses(patient: Patient) -> Iterator[Draft]:
    """f⁻¹(f(x)), and powers of roots."""
    for node in patient.nodes:
        name = patient.name(node)
        if name in ANGLES and patient.name(inner := _itself(patient, patient.graph.inputs(node)[0])) == ANGLES[name][0]:
            yield Draft(node, INVERSE, partial(_angle, name, patient.graph.inputs(inner)[0]))
        inside = INVERSES.get(patient.name(node))
        if inside is not None and patient.name(inner := patient.graph.inputs(node)[0]) == inside:
            yield Draft(node, INVERSE, partial(_plain, patient.graph.inputs(inner)[0]))
        power = {"square": 2.0}.get(patient.name(node), patient.graph.settings(node).get("exponent", 0.0))
        if power and ROOTS.get(patient.name(inner := patient.graph.inputs(node)[0])) == power:
            yield Draft(node, INVERSE, partial(_plain, patient.graph.inputs(inner)[0]))


def _itself(patient: Patient, node: int) -> int:
    """The wire that this one is in other words, as b is a + b − a."""
    form = patient.views.linear(node)
    return next(iter(form)) if list(form.values()) == [1.0] and ONE not in form else node


def _plain(x: int, canvas: Canvas) -> Wire:
    return canvas.now(x)


def _angle(inverse: str, x: int, canvas: Canvas) -> Wire:
    """The angle itself, where it is no larger than those that the inverse gives."""
    (function, most), xp, angle = ANGLES[inverse], canvas.xp, canvas.now(x)
    size = xp.absolute(angle)
    return xp.where(size < most, size if function == "cos" else angle, xp.call(inverse, xp.call(function, angle)))
