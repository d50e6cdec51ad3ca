"""Quotients such as sin(k·x)/k and k/(1 − e^(−k·t)), where k is close to 0: f(u)/u times what u has more than k.

f(u)/u is a function of one number, of which `series` finds the series; of (e^(k·t) − 1)/k it cannot. Where u has no k but a g(k)
with g(0) = 0, as in (1 − (1 + k)^−n)/k, the quotient g(k)/k is another. In (e^(−a·t) − e^(−b·t))/(b − a) it is the difference of
the exponents that has the factor b − a.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, merged

RATIO = Remedy("quotient by the argument", "numerator and denominator vanish together, by a factor that both have")
LOGARITHMS = {"xlogy": "log", "xlog1py": "log1p"}
THROUGH_ZERO = frozenset({"expm1", "log1p", "sin", "sinh", "tan", "tanh", "arcsin", "arctan", "arcsinh", "arctanh", "erf"})


class Ratio(NamedTuple):
    """f(u)/`vanishing`, where u has the factors of `whole`. `flipped`: it is the denominator of the quotient with `others`."""

    name: str
    inner: int
    vanishing: int
    whole: Term
    others: Term
    flipped: bool


def ratios(patient: Patient) -> Iterator[Draft]:
    """Quotients f(u)·a/k and k·a/f(u) with f(0) = 0 where u vanishes with k, and differences of powers of e over that of u."""
    for node in patient.nodes:
        if patient.name(node) == "divide":
            above, below = patient.graph.inputs(node)
            found = _ratio(patient, above, below, flipped=False) or _ratio(patient, below, above, flipped=True)
            if found is not None:
                yield Draft(node, RATIO, partial(_drawn, patient, found))
                continue
        if patient.name(node) in ("divide", "multiply") and (apart := _apart(patient, node)) is not None:
            yield Draft(node, RATIO, partial(_drawn_apart, *apart))


def _ratio(patient: Patient, through_zero: int, product: int, *, flipped: bool) -> Ratio | None:
    sign = 1.0
    while patient.name(through_zero := patient.chosen(through_zero)) == "negative":
        through_zero, sign = patient.graph.inputs(through_zero)[0], -sign
    under = patient.views.product(product)
    if patient.name(through_zero) not in THROUGH_ZERO or under.exponent:
        return None
    inner = patient.chosen(patient.graph.inputs(through_zero)[0])
    whole = _factors(patient, inner)
    if len(whole.powers) < 2:
        return None
    for vanishing, power in under.powers.items():
        if power == 1.0 and any(_vanishes(patient, one, vanishing) for one in whole.powers):
            return Ratio(patient.name(through_zero), inner, vanishing, Term(sign).times(whole), under.without(vanishing), flipped)
    return None


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
        return _factor_of(less_one, views.linear(with_)) is not None
    return name in THROUGH_ZERO and with_ in views.product(patient.graph.inputs(node)[0]).powers


def _factor_of(form: Linear, other: Linear) -> float | None:
    """The number that makes one linear form of the other."""
    if not other or form.keys() != other.keys():
        return None
    factors = {form[key] / other[key] for key in form}
    return factors.pop() if len(factors) == 1 else None


def _drawn(patient: Patient, ratio: Ratio, canvas: Canvas) -> Wire:
    u = canvas.now(ratio.inner)
    total = canvas.xp.call(ratio.name, u) / u
    left = True
    for wire, power in ratio.whole.powers.items():
        one = _without_factor(patient, canvas, wire, ratio.whole)
        if left and power == 1.0 and _vanishes(patient, wire, ratio.vanishing):
            left = False
            if wire == ratio.vanishing:
                continue
            one = one / canvas.now(ratio.vanishing)
        total = total * (one if power == 1.0 else one**power)
    others = _product(canvas, ratio.others)
    if ratio.flipped:
        return _scaled((1.0 if others is None else others) / total, ratio.others.coefficient / ratio.whole.coefficient)
    return _scaled(total if others is None else total / others, ratio.whole.coefficient / ratio.others.coefficient)


def _product(canvas: Canvas, term: Term) -> Wire | None:
    """The factors of a product that are no number; None where there are none."""
    total: Wire | None = None
    for wire, power in term.powers.items():
        one = canvas.now(wire) if power == 1.0 else canvas.now(wire) ** power
        total = one if total is None else total * one
    return total


def _without_factor(patient: Patient, canvas: Canvas, wire: int, whole: Term) -> Wire:
    """The factor; of x·log y, whose x is a factor of its own, the logarithm."""
    if patient.name(wire) in LOGARITHMS and len(whole.powers) > 1:
        return canvas.xp.call(LOGARITHMS[patient.name(wire)], canvas.now(patient.graph.inputs(wire)[1]))
    return canvas.now(wire)


def _apart(patient: Patient, node: int) -> tuple[int, int, Term, Term] | None:
    """Of (e^p − e^q)·a/k: q, k, what p − q has more than k, and a."""
    views = patient.views
    whole = views.product(node)
    gap = next((one for one, power in whole.powers.items() if patient.name(one) == "exp_difference" and power == 1.0), None)
    if gap is None or whole.exponent:
        return None
    first, second = patient.graph.inputs(gap)
    apart = [*views.terms(first), *(Term(-1.0).times(one) for one in views.terms(second))]
    for vanishing, power in whole.powers.items():
        form = views.linear(vanishing)
        more = _quotient(apart, form) if power == -1.0 and len(form) > 1 and ONE not in form else None
        if more is not None:
            return second, vanishing, more, whole.without(gap, vanishing)
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


def _drawn_apart(exponent: int, vanishing: int, more: Term, others: Term, canvas: Canvas) -> Wire:
    xp, beside = canvas.xp, _product(canvas, more)
    u = canvas.now(vanishing) if beside is None else canvas.now(vanishing) * beside
    u = _scaled(u, more.coefficient)
    total = _scaled(xp.exp(canvas.now(exponent)) * xp.expm1_ratio(u), more.coefficient * others.coefficient)
    for one in (beside, _product(canvas, others)):
        total = total if one is None else total * one
    return total


def _scaled(wire: Wire, factor: float) -> Wire:
    return wire if factor == 1.0 else wire * factor
