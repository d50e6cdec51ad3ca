"""1 − erf(x) and 1 + erf(x), which are erfc: erf rounds to ±1, and what is left beside it is lost."""

from collections.abc import Iterator

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Drawer, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE

COMPLEMENT = Remedy("complement of erf", "erf rounds to 1, and beside 1 nothing is left of it")


def complements(patient: Patient) -> Iterator[Draft]:
    """c ± c·erf(x)."""
    for node in patient.nodes:
        if patient.name(node) not in ("add", "subtract") or not patient.sick(node):
            continue
        form = patient.views.linear(node)
        for wire, factor in form.items():
            if wire != ONE and len(form) == 2 and patient.name(wire) == "erf" and abs(form.get(ONE, 0.0)) == abs(factor):
                yield Draft(node, COMPLEMENT, drawn(patient.graph.inputs(wire)[0], -factor / form[ONE], form[ONE]))


def drawn(inner: int, sign: float, scale: float) -> Drawer:
    """How scale · erfc(sign · inner) is drawn."""

    def draw(canvas: Canvas) -> Wire:
        x = canvas.now(inner)
        found = canvas.xp.erfc(x if sign > 0 else -x)
        return found if scale == 1.0 else scale * found

    return draw
