"""Quotients such as sin(k·x)/k and (e^(k·t) − 1)/k, where k is close to 0: f(u)/u times what u has more than k.

f(u)/u is a function of one number, of which `series` finds the series; of (e^(k·t) − 1)/k it cannot. Where u has no k but a g(k)
with g(0) = 0, as in (1 − (1 + k)^−n)/k, the quotient g(k)/k is another.
"""

from collections.abc import Iterator
from functools import partial

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import Term

RATIO = Remedy("quotient by the argument", "numerator and denominator vanish together, by a factor that both have")
LOGARITHMS = {"xlogy": "log", "xlog1py": "log1p"}
THROUGH_ZERO = frozenset({"expm1", "log1p", "sin", "sinh", "tan", "tanh", "arcsin", "arctan", "arcsinh", "arctanh", "erf"})


def ratios(patient: Patient) -> Iterator[Draft]:
    """Quotients f(u)·a/k with f(0) = 0 where u vanishes with k."""
    for node in patient.nodes:
        if patient.name(node) != "divide":
            continue
        above, below = patient.graph.inputs(node)
        sign = 1.0
        while patient.name(above := patient.chosen(above)) == "negative":
            above, sign = patient.graph.inputs(above)[0], -sign
        under = patient.views.product(below)
        if patient.name(above) not in THROUGH_ZERO or len(under.powers) != 1 or under.exponent:
            continue
        ((vanishing, power),) = under.powers.items()
        inner = patient.chosen(patient.graph.inputs(above)[0])
        whole = _factors(patient, inner)
        if vanishing == patient.views.numbers.of(inner):
            continue
        if power == 1.0 and len(whole.powers) > 1 and any(_vanishes(patient, one, vanishing) for one in whole.powers):
            rest = Term(sign / under.coefficient).times(whole)
            yield Draft(node, RATIO, partial(_ratio, patient, patient.name(above), inner, vanishing, rest))


def _factors(patient: Patient, node: int) -> Term:
    """The factors of a product, x·log y among them."""
    term = patient.views.product(node)
    if list(term.powers.values()) == [1.0] and patient.name(wire := next(iter(term.powers))) in LOGARITHMS:
        return Term(term.coefficient).times(patient.views.product(patient.graph.inputs(wire)[0])).times(Term(powers={wire: 1.0}))
    return term


def _vanishes(patient: Patient, node: int, with_: int) -> bool:
    """Whether a factor is the vanishing one, or a function through 0 of it."""
    if node == with_:
        return True
    if patient.name(node) == "xlog1py":
        return patient.views.numbers.of(patient.graph.inputs(node)[1]) == with_
    return patient.name(node) in THROUGH_ZERO and with_ in patient.views.product(patient.graph.inputs(node)[0]).powers


def _ratio(patient: Patient, name: str, inner: int, vanishing: int, rest: Term, canvas: Canvas) -> Wire:
    u = canvas.now(inner)
    total = canvas.xp.call(name, u) / u
    left = True
    for wire, power in rest.powers.items():
        one = _without_factor(patient, canvas, wire, rest)
        if left and power == 1.0 and _vanishes(patient, wire, vanishing):
            left = False
            if wire == vanishing:
                continue
            one = one / canvas.now(vanishing)
        total = total * (one if power == 1.0 else one**power)
    return total if rest.coefficient == 1.0 else total * rest.coefficient


def _without_factor(patient: Patient, canvas: Canvas, wire: int, rest: Term) -> Wire:
    """The factor; of x·log y, whose x is a factor of its own, the logarithm."""
    if patient.name(wire) in LOGARITHMS and len(rest.powers) > 1:
        return canvas.xp.call(LOGARITHMS[patient.name(wire)], canvas.now(patient.graph.inputs(wire)[1]))
    return canvas.now(wire)
