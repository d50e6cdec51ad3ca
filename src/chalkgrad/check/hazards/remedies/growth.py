"""(1 + c/n)^n for large n, also with its slope by n, which is next to nothing: e^c·(1 − c²/2n + …).

Its logarithm is c·log(1 + u)/u for u = c/n, and log(1 + u) is u less a gap that is known without cancelling.
"""

from collections.abc import Iterator
from functools import partial

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import Term

GROWTH = Remedy("growth in small steps", "1 + c/n rounds what is added away, and its power cancels in the slope by n")


def growth(patient: Patient) -> Iterator[Draft]:
    """Compound growth whose step and number of steps have a product without them."""
    for node in patient.nodes:
        if patient.name(node) != "compound" or (not patient.readers[node] and node != patient.problem.output):
            continue
        step, count = patient.graph.inputs(node)
        small, many = patient.views.product(step), patient.views.product(count)
        whole = small.times(many)
        if not small.exponent and not many.exponent and not set(whole.powers) & set(many.powers):
            yield Draft(node, GROWTH, partial(_grown, step, whole))


def _grown(step: int, whole: Term, canvas: Canvas) -> Wire:
    xp, u = canvas.xp, canvas.now(step)
    share = 1.0 - xp.log1p_gap(u) / u
    total = share if whole.coefficient == 1.0 else share * whole.coefficient
    for wire, power in whole.powers.items():
        one = canvas.now(wire)
        total = total * (one if power == 1.0 else one**power)
    return xp.exp(total)
