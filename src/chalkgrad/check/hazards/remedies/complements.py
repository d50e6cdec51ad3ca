"""1 − erf(x) and 1 + erf(x), which are erfc: erf rounds to ±1, and what is left beside it is lost. So with erf(x) − erf(y)."""

from collections.abc import Iterator
from functools import partial

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Drawer, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE

COMPLEMENT = Remedy("complement of erf", "erf rounds to 1, and beside 1 nothing is left of it")

TAILS = Remedy("difference of tails", "both round to the same number, and what they lack of it does not")


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


def differences(patient: Patient) -> Iterator[Draft]:
    """c·erf(x) − c·erf(y), and the same of erfc, where x and y are on one side."""
    for node in patient.nodes:
        if patient.name(node) not in ("add", "subtract") or not patient.sick(node):
            continue
        form = patient.views.linear(node)
        parts = [(wire, factor) for wire, factor in form.items() if wire != ONE]
        if len(parts) != 2 or len(form) != 2 or parts[0][1] != -parts[1][1]:
            continue
        names = {patient.name(wire) for wire, _ in parts}
        first, second = (
            (patient.graph.inputs(wire)[0] for wire, _ in parts if patient.graph.inputs(wire)) if len(names) == 1 else (-1, -1)
        )
        if names not in ({"erf"}, {"erfc"}):
            continue
        sides = {bool(one > 0) for inner in (first, second) for one in patient.truth(inner).ravel()}
        if len(sides) == 1 and not (names == {"erfc"} and True in sides):
            sign, scale = (1.0 if True in sides else -1.0), parts[0][1] * (1.0 if names == {"erf"} else -1.0)
            yield Draft(node, TAILS, partial(_tails, first, second, sign, scale))


def _tails(first: int, second: int, sign: float, scale: float, canvas: Canvas) -> Wire:
    """scale · (erf(x) − erf(y)), for x and y of this sign: what the second lacks less what the first lacks."""
    x, y = canvas.now(first), canvas.now(second)
    found = canvas.xp.erfc(y) - canvas.xp.erfc(x) if sign > 0 else canvas.xp.erfc(-x) - canvas.xp.erfc(-y)
    return found if scale == 1.0 else scale * found
