"""Quotients such as sin(k·x)/k, v/k·sin(k) and (e^(k·t) − 1)/k, where k is close to 0: f(u)/u times what u has more than k.

f(u)/u is a function of one number, of which `series` finds the series; of (e^(k·t) − 1)/k it cannot. Where u has no k but a g(k)
with g(0) = 0, as in (1 − (1 + k)^−n)/k, the quotient g(k)/k is another. In (e^(−a·t) − e^(−b·t))/(b − a) it is the difference of
the exponents that has the factor b − a; so of (x^a − x^b)/(a − b).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, collected, merged

RATIO = Remedy("quotient by the argument", "numerator and denominator vanish together, by a factor that both have")
LOGARITHMS = {"xlogy": "log", "xlog1py": "log1p"}
THROUGH_ZERO = frozenset({"expm1", "log1p", "sin", "sinh", "tan", "tanh", "arcsin", "arctan", "arcsinh", "arctanh", "erf"})


def ratios(patient: Patient) -> Iterator[Draft]:
    """Products with f(u)/k or k/f(u), where f(0) = 0 and u vanishes with k."""
    for node in patient.nodes:
        if patient.name(node) not in ("divide", "multiply"):
            continue
        whole = patient.views.product(node)
        found = None if whole.exponent else _vanishing_together(patient, whole)
        if found is not None:
            yield Draft(node, RATIO, partial(_ratio, patient, whole, *found))
        elif not whole.exponent and (apart := _apart(patient, whole)) is not None:
            yield Draft(node, RATIO, partial(_powers_apart, *apart))


def _vanishing_together(patient: Patient, whole: Term) -> tuple[int, int] | None:
    """The function and the wire that vanish together, one of them as a divisor; None where they already stand alone."""
    for above, power in whole.powers.items():
        function, _ = _function(patient, above)
        if abs(power) != 1.0 or patient.name(function) not in THROUGH_ZERO:
            continue
        inner = patient.chosen(patient.graph.inputs(function)[0])
        for vanishing, against in whole.powers.items():
            itself = vanishing == patient.views.numbers.of(inner)
            within = _factors(patient, inner).powers
            shared = len(within) > 1 and any(_vanishes(patient, one, vanishing) for one in within)
            if against == -power and (len(whole.powers) > 2 if itself else shared):
                return above, vanishing
    return None


def _function(patient: Patient, node: int) -> tuple[int, float]:
    """The function that a factor is, and its sign."""
    sign = 1.0
    while patient.name(node := patient.chosen(node)) == "negative":
        node, sign = patient.graph.inputs(node)[0], -sign
    return node, sign


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
    name, views = patient.name(node), patient.views
    if name == "xlog1py":
        return views.numbers.of(patient.graph.inputs(node)[1]) == with_
    if name in ("log", "xlogy"):  # through 0 at 1
        less_one = merged(views.linear(patient.graph.inputs(node)[-1]), {ONE: -1.0})
        return any(not merged(less_one, views.linear(with_), sign) for sign in (1.0, -1.0))
    return name in THROUGH_ZERO and with_ in views.product(patient.graph.inputs(node)[0]).powers


def _ratio(patient: Patient, whole: Term, above: int, vanishing: int, canvas: Canvas) -> Wire:
    """(f(u)/u)^±1 · (u/k)^±1, times the other factors."""
    function, sign = _function(patient, above)
    inner, power = patient.chosen(patient.graph.inputs(function)[0]), whole.powers[above]
    u = canvas.now(inner)
    value = canvas.xp.call(patient.name(function), u)
    total = value / u if power > 0 else u / value
    rest = Term(sign).times(whole.without(above, vanishing))
    if vanishing != patient.views.numbers.of(inner):
        within = _factors(patient, inner)
        for one in _share(patient, canvas, within, vanishing):
            total = total * one if power > 0 else total / one
        rest = Term(rest.coefficient * within.coefficient**power, rest.powers)
    return _beside(total, rest, canvas)


def _beside(total: Wire, rest: Term, canvas: Canvas) -> Wire:
    return total if rest == Term() else total * canvas.product(rest)


def _share(patient: Patient, canvas: Canvas, within: Term, vanishing: int) -> Iterator[Wire]:
    """The factors of a product, without its number and without the factor that vanishes."""
    left = True
    for wire, power in within.powers.items():
        one = _without_factor(patient, canvas, wire, within)
        if left and power == 1.0 and _vanishes(patient, wire, vanishing):
            left = False
            if wire == vanishing:
                continue
            one = one / canvas.now(vanishing)
        yield one if power == 1.0 else one**power


def _without_factor(patient: Patient, canvas: Canvas, wire: int, rest: Term) -> Wire:
    """The factor; of x·log y, whose x is a factor of its own, the logarithm."""
    if patient.name(wire) in LOGARITHMS and len(rest.powers) > 1:
        return canvas.xp.call(LOGARITHMS[patient.name(wire)], canvas.now(patient.graph.inputs(wire)[1]))
    return canvas.now(wire)


@dataclass(frozen=True, slots=True)
class Apart:
    """e^(p·l) − e^(q·l), as wires: `power` is e^(q·l), l the logarithm of the `base`, 1 where there is none."""

    power: Callable[[Canvas], Wire]
    exponents: tuple[int, int]
    base: int | None = None

    def logarithm(self, canvas: Canvas) -> Wire | None:
        return None if self.base is None else canvas.xp.log(canvas.now(self.base))


def _difference(patient: Patient, wire: int) -> tuple[Apart, float] | None:
    """The difference of two powers of one base that a wire is, and the number before it."""
    if patient.name(wire) == "exp_difference":
        first, second = patient.graph.inputs(wire)
        return Apart(lambda canvas: canvas.xp.exp(canvas.now(second)), (first, second)), 1.0
    form = patient.views.linear(wire)
    if len(form) != 2 or any(one == ONE or patient.name(one) != "power" for one in form):
        return None
    (above, factor), (below, against) = form.items()
    if factor != -against:
        return None
    (base, p), (other, q) = patient.graph.inputs(above), patient.graph.inputs(below)
    if not patient.views.same(base, other):
        return None
    return Apart(lambda canvas: canvas.now(below), (p, q), base), factor


def _apart(patient: Patient, whole: Term) -> tuple[Apart, int, Term, Term] | None:
    """Of (e^p − e^q)·a/k: the powers, k, what p − q has more than k, and a."""
    views = patient.views
    for gap, power in whole.powers.items():
        found = _difference(patient, gap) if power == 1.0 else None
        if found is None:
            continue
        first, second = found[0].exponents
        apart = collected([*views.terms(first), *(Term(-1.0).times(one) for one in views.terms(second))])
        for vanishing, against in whole.powers.items():
            form = views.linear(vanishing)
            more = _quotient(apart, form) if against == -1.0 and len(form) > 1 and ONE not in form else None
            if more is not None:
                return found[0], vanishing, more, Term(found[1]).times(whole.without(gap, vanishing))
    return None


def _quotient(terms: list[Term], form: Linear) -> Term | None:
    """The factor that all terms of a sum have beside those of a linear form, each once."""
    found: list[Term] = []
    for wire, factor in form.items():
        one = next((term for term in terms if term.powers.get(wire) == 1.0), None)
        if one is None or one.exponent:
            return None
        found.append(Term(1.0 / factor).times(one.without(wire)))
        terms = [term for term in terms if term is not one]
    return found[0] if not terms and all(one == found[0] for one in found) else None


def _powers_apart(apart: Apart, vanishing: int, more: Term, others: Term, canvas: Canvas) -> Wire:
    """e^q·(e^u − 1)/u·(u/k)·a for u = p − q, times the logarithm of another base than e."""
    inner, log = canvas.product(Term(powers={vanishing: 1.0}).times(more)), apart.logarithm(canvas)
    total = apart.power(canvas) * canvas.xp.expm1_ratio(inner if log is None else inner * log)
    return _beside(total if log is None else total * log, more.times(others), canvas)
