"""(1 + c/n)^n for large n, also with its slope by n, which is next to nothing: e^c·(1 − c²/2n + …); and its logarithm.

That is c·log(1 + u)/u for u = c/n, and log(1 + u) is u less a gap that is known without cancelling.
"""

from collections.abc import Iterator
from functools import partial

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import Term

SLIGHT = 0.5  # steps up to which the gap is the smaller part
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


def slow_growth(patient: Patient) -> Iterator[Draft]:
    """(n + m)·log(1 + c/n): its logarithm, of which n·log(1 + c/n) is c less a gap."""
    for node in patient.nodes:
        if patient.name(node) != "xlog1py":
            continue
        count, step = patient.graph.inputs(node)
        small = patient.views.product(step)
        terms = [part for one in patient.views.terms(count) for part in patient.views.expanded(one)]
        for many in terms:
            whole = small.times(many)
            if many.powers and not small.exponent and not many.exponent and not set(whole.powers) & set(many.powers):
                yield Draft(node, GROWTH, partial(_slowly_grown, step, whole, many, [one for one in terms if one is not many]))
                break


def _slowly_grown(step: int, whole: Term, many: Term, others: list[Term], canvas: Canvas) -> Wire:
    xp, u = canvas.xp, canvas.now(step)
    near = xp.absolute(u) < SLIGHT
    small, count = xp.where(near, u, 0.0), canvas.product(many)
    total = xp.where(near, canvas.product(whole) - count * xp.log1p_gap(small), count * xp.log1p(xp.where(near, 0.0, u)))
    for one in others:
        total = total + canvas.product(one) * xp.log1p(u)
    return total


def _grown(step: int, whole: Term, canvas: Canvas) -> Wire:
    xp, u = canvas.xp, canvas.now(step)
    share = 1.0 - xp.log1p_gap(u) / u
    return xp.exp(share * canvas.product(whole))
