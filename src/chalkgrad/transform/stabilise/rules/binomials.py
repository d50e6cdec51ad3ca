"""Logarithms of binomial coefficients and of the beta function, written by log Γ, whose large values cancel."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Linear, Views, merged

CANCELS = "the logarithms are larger than what is left of them, and it has only their last digits"


def _by_beta(xp: Any, a: Any, b: Any, literal: Any, total: Any = None) -> Any:
    """−log B(a, b), and less the logarithm of `total` where a + b is one more; where not all are positive, the literal form."""
    inside = xp.logical_and(a > 0, b > 0)
    if total is not None:
        inside = xp.logical_and(inside, total > 0)
    known = -xp.betaln(xp.where(inside, a, 1.0), xp.where(inside, b, 1.0))
    if total is not None:
        known = known - xp.log(xp.where(inside, total, 1.0))
    return xp.where(inside, known, literal)


def _by_gammas(xp: Any, a: Any, b: Any, total: Any) -> Any:
    return xp.gammaln(total) - xp.gammaln(a) - xp.gammaln(b)


LOG_BETA = rule(
    "log of a beta function",
    written=lambda xp, a, b: _by_gammas(xp, a, b, a + b),
    stable=lambda xp, a, b: _by_beta(xp, a, b, _by_gammas(xp, a, b, a + b)),
    why=CANCELS,
    proof="log Γ(a + b) − log Γ(a) − log Γ(b) = −log B(a, b), for a, b > 0",
    ranges=((0.1, 1e12), (0.1, 1e6)),
)
LOG_BINOMIAL = rule(
    "log of a binomial coefficient",
    written=lambda xp, n, k: _by_gammas(xp, k + 1, n - k + 1, n + 1),
    stable=lambda xp, n, k: _by_beta(xp, k + 1, n - k + 1, _by_gammas(xp, k + 1, n - k + 1, n + 1), n + 1),
    why=CANCELS,
    proof="log Γ(n + 1) − log Γ(k + 1) − log Γ(n − k + 1) = −log B(k + 1, n − k + 1) − log(n + 1), as Γ(n + 2) = (n + 1)·Γ(n + 1)",
    ranges=((1e3, 1e12), (0.1, 100.0)),
)


@completes("add", "subtract", among={"gammaln"})
def binomial(views: Views, node: int) -> Found | None:
    """c·(log Γ(t) − log Γ(a) − log Γ(b)) where a + b is t or t + 1, and what is added beside."""
    form, shape, xp = views.linear(node), views.graph.shape(node), views.xp
    for total, first, second in _triples(views, form):
        a, b, t = (views.input(one) for one in (first, second, total))
        left = merged(merged(views.linear(a), views.linear(b)), views.linear(t), -1.0)
        if left not in ({}, {ONE: 1.0}):
            continue
        literal = xp.wire(total) - xp.wire(first) - xp.wire(second)
        known = _by_beta(xp, xp.wire(a), xp.wire(b), literal, xp.wire(t) if left else None)
        found: Wire = views.scaled(form[total], known)
        rest = {wire: factor for wire, factor in form.items() if wire not in (total, first, second)}
        return LOG_BINOMIAL if left else LOG_BETA, views.added(found, rest, shape)
    return None


def _triples(views: Views, form: Linear) -> Iterator[tuple[int, int, int]]:
    gammas = [wire for wire in form if wire != ONE and views.name(wire) == "gammaln"]
    for total, first, second in permutations(gammas, 3):
        if first < second and form[total] == -form[first] == -form[second]:
            yield total, first, second
