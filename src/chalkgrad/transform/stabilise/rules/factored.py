"""Sums whose parts share a factor: a·e^x − a, 1/x² − cos(x)/x². Without the factor they are forms that other rules know."""

from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import RECOGNISERS, Found, completes
from chalkgrad.transform.stabilise.views import Term, Views

KNOWN = ("exp", "cos", "sin", "tan", "sigmoid", "tanh", "sqrt", "log", "log1p", "expm1", "softmax")  # which may nearly cancel


@completes("add", "subtract", among=("multiply", "divide"))
def with_shared_factor(views: Views, node: int) -> Found | None:
    terms = views.terms(node)
    if not 2 <= len(terms) <= 3 or not any(one.coefficient < 0 for one in terms):
        return None
    shared = {wire: power for wire, power in terms[0].powers.items() if all(one.powers.get(wire) == power for one in terms[1:])}
    shared = {wire: power for wire, power in shared.items() if views.name(wire) not in KNOWN or power < 0}
    if not shared:
        return None
    rest = [one.without(*shared) for one in terms]
    if any(len(one.powers) > 1 for one in rest) or not any(_known(views, one) for one in rest):
        return None
    # Drawn at the top, so that other rules meet it as if it had been written so.
    inner = _sum(views, rest, node)
    found = _recognised(views, inner.node)
    if found is None:
        return None
    said, drawn = found
    factor = Term(1.0, shared)
    above = {wire: power for wire, power in shared.items() if power > 0}
    if not above:
        return said, drawn / views.drawn(Term(1.0, {wire: -power for wire, power in shared.items()}), views.graph.shape(node))
    return said, drawn * views.drawn(factor, views.graph.shape(node))


def _known(views: Views, term: Term) -> bool:
    return bool(term.exponent) or any(views.name(wire) in KNOWN for wire in term.powers)


def _sum(views: Views, terms: list[Term], node: int) -> Wire:
    shape = views.graph.shape(node)
    first, *others = sorted(terms, key=lambda one: one.coefficient < 0)
    total = views.drawn(first, shape)
    for one in others:
        size = views.drawn(Term(abs(one.coefficient), one.powers, one.exponent), shape)
        total = total + size if one.coefficient > 0 else total - size
    return total


def _recognised(views: Views, node: int) -> Found | None:
    parts = views.parts(node)
    for one in RECOGNISERS.get(views.graph.codes[node], ()):
        if (not one.among or not one.among.isdisjoint(parts)) and (found := one.recognise(views, node)) is not None:
            return found
    return None
