"""Differences of squares and squares of differences, where the squares are rounded before they cancel.

Source: Goldberg, What every computer scientist should know about floating-point arithmetic (1991), section 1.4.
"""

from typing import Any

from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, RAISED, Term, Views, merged

DIFFERENCE = rule(
    "difference of squares",
    written=lambda xp, x, y: x**2 - y**2,
    stable=lambda xp, x, y: xp.square_difference(x, y),
    why="the squares are rounded before they cancel, and for close numbers little is left",
    proof="x² − y² = (x − y)·(x + y) for all real x, y",
    ranges=((1e3, 1.001e3), (1e3, 1.001e3)),
)
SQUARE = rule(
    "square of a difference",
    written=lambda xp, x, y: x**2 - 2 * x * y + y**2,
    stable=lambda xp, x, y: (x - y) ** 2,
    why="the products are rounded before they cancel, and the result may even be negative",
    proof="x² − 2xy + y² = (x − y)² for all real x, y",
    ranges=((1e3, 1.001e3), (1e3, 1.001e3)),
)


def _third_side(xp: Any, x: Any, y: Any, angle: Any, written: Any) -> Any:
    """The square of the side that lies opposite to the angle, where the other two sides have one sign."""
    product = x * y
    return xp.where(product > 0, (x - y) ** 2 + 4 * product * xp.sin(angle / 2) ** 2, written)


LAW_OF_COSINES = rule(
    "law of cosines",
    written=lambda xp, x, y, a: x**2 + y**2 - 2 * x * y * xp.cos(a),
    stable=lambda xp, x, y, a: _third_side(xp, x, y, a, x**2 + y**2 - 2 * x * y * xp.cos(a)),
    why="where two sides are nearly alike and the angle is small, the square of the third drowns in the roundings of theirs",
    proof="cos a = 1 − 2·sin²(a/2), so x² + y² − 2xy·cos a = (x − y)² + 4xy·sin²(a/2), for all real x, y, a",
    ranges=((1.0, 1.001), (1.0, 1.001), (1e-6, 0.1)),
)


@completes("add", "subtract", among=("square", "constant_power", "multiply", RAISED))
def squares(views: Views, node: int) -> Found | None:
    terms = views.terms(node)
    if len(terms) not in (2, 3) or any(one.exponent for one in terms):
        return None
    raised = [one for one in terms if one.powers and all(power == 2.0 for power in one.powers.values())]
    if len(raised) != 2:
        return None
    first, second = sorted(raised, key=lambda one: one.coefficient, reverse=True)
    if len(terms) == 2:
        return _difference(views, node, first, second)
    (mixed,) = (one for one in terms if one is not first and one is not second)
    return _square(views, node, first, second, mixed)


def _difference(views: Views, node: int, first: Term, second: Term) -> Found | None:
    """c·x² − c·y²; what x and y have in common is taken away before anything is computed."""
    if first.coefficient != -second.coefficient:
        return None
    shape = views.graph.shape(node)
    shared = _apart(views, first, second)
    if shared is not None:
        gap, total = shared
        if not gap or not total:
            return None
        drawn = views.drawn_linear(total, shape)
        drawn = views.scaled(gap[ONE], drawn) if list(gap) == [ONE] else views.drawn_linear(gap, shape) * drawn
    else:
        drawn = views.xp.square_difference(*(views.drawn(_root(one), shape) for one in (first, second)))
    return DIFFERENCE, views.scaled(first.coefficient, drawn)


def _square(views: Views, node: int, first: Term, second: Term, mixed: Term) -> Found | None:
    """c·x² − 2c·x·y + c·y², the product times a cosine too; with the other sign nothing cancels that does not cancel anyway."""
    x, y = _root(first), _root(second)
    if not first.coefficient == second.coefficient > 0 or mixed.coefficient != -2 * first.coefficient:
        return None
    shape, xp = views.graph.shape(node), views.xp
    more = merged(mixed.powers, merged(x.powers, y.powers), -1.0)
    one, other = views.drawn(x, shape), views.drawn(y, shape)
    if not more:
        return SQUARE, views.scaled(first.coefficient, (one - other) ** 2)
    ((cosine, power),) = more.items() if len(more) == 1 else ((ONE, 0.0),)
    if power != 1.0 or views.name(cosine) != "cos":
        return None
    written = views.scaled(1 / first.coefficient, xp.wire(node))
    return LAW_OF_COSINES, views.scaled(first.coefficient, _third_side(xp, one, other, xp.wire(views.input(cosine)), written))


def _root(term: Term) -> Term:
    return Term(1.0, {wire: power / 2 for wire, power in term.powers.items()})


def _apart(views: Views, first: Term, second: Term) -> tuple[dict[int, float], dict[int, float]] | None:
    """Difference and sum of the two bases as linear forms, where these have something in common."""
    if len(first.powers) != 1 or len(second.powers) != 1:
        return None
    x, y = (views.linear(next(iter(one.powers))) for one in (first, second))
    if x.keys().isdisjoint(y.keys()):
        return None
    return merged(x, y, -1.0), merged(x, y)
