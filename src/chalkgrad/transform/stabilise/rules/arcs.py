"""sin(s·θ)/sin θ for θ = arccos x, the weights of spherical interpolation: at x = 1 both sines are 0, and θ has no finite slope.

The quotient is a power series in 1 − x², whose coefficients are polynomials in s.

Source: Shoemake, Animating rotation with quaternion curves (1985); the series is Euler's.
"""

import operator
from functools import reduce
from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import Term, Views

NEAR, TERMS = 1e-3, 10  # how small 1 − x² is where the series is taken, and its terms; for |s| ≤ 4 what is left out is below 1e−30


def _by_series(xp: Any, s: Any, square: Any) -> Any:
    total, term = s, s
    for place in range(TERMS):
        odd = 2.0 * place + 1.0
        term = term * square * ((odd * odd - s * s) / ((odd + 1) * (odd + 2)))
        total = total + term
    return total


def _share_of_sine(xp: Any, x: Any, s: Any, literal: Any) -> Any:
    """sin(s·arccos x)/sin(arccos x); `literal` is that from an x that is not near 1."""
    near = xp.logical_and(x > 0, xp.logical_and(xp.one_minus_square(x) < NEAR, xp.absolute(s) <= 4))
    inside = _by_series(xp, xp.where(near, s, 0.0), xp.where(near, xp.one_minus_square(x), 0.0))
    return xp.where(near, inside, literal(xp.where(near, 0.0, x)))


def _literal(xp: Any, s: Any) -> Any:
    def quotient(x: Any) -> Any:
        angle = xp.arccos(x)
        return xp.sin(s * angle) / xp.sin(angle)

    return quotient


SHARE_OF_SINE = rule(
    "sine of a share of an angle",
    written=lambda xp, x, s: xp.sin(s * xp.arccos(x)) / xp.sin(xp.arccos(x)),
    stable=lambda xp, x, s: _share_of_sine(xp, x, s, _literal(xp, s)),
    why="where the cosine is 1 the quotient is 0/0, and near that the angle keeps half of the digits and has a slope without bound",
    proof="sin(s·θ)/sin θ = s·(1 + (1 − s²)/6·q·(1 + (9 − s²)/20·q·(…))) with q = sin² θ = 1 − x², for x > 0; the limit at 1 is s",
    ranges=((0.5, 0.999999), (0.0, 1.0)),
)


@completes("divide", "multiply", among=("sin",))
def share_of_sine(views: Views, node: int) -> Found | None:
    """sin(s·θ)·a/sin θ, and a sum of such over sin θ."""
    whole, shape = views.product(node), views.graph.shape(node)
    for below, power in whole.powers.items():
        angle = views.input(below) if views.name(below) == "sin" and power == -1.0 else -1
        if angle < 0 or views.name(angle) != "arccos":
            continue
        for above, count in whole.powers.items():
            if count != 1.0:
                continue
            rest = whole.without(above, below)
            parts = [_part(views, one, angle) for one in views.terms(above)]
            drawn = [_drawn(views, angle, *part, shape) for part in parts if part is not None]
            if not drawn or len(drawn) < len(parts):
                continue
            total = reduce(operator.add, drawn)
            return SHARE_OF_SINE, total * views.drawn(rest, shape) if rest.powers or rest.coefficient != 1.0 else total
    return None


def _part(views: Views, term: Term, angle: int) -> tuple[Term, Term] | None:
    """s and a of a·sin(s·θ)."""
    for wire, power in term.powers.items():
        if views.name(wire) == "sin" and power == 1.0:
            inner = views.product(views.input(wire))
            if inner.powers.get(views.numbers.of(angle)) == 1.0 and not inner.exponent:
                return inner.without(views.numbers.of(angle)), term.without(wire)
    return None


def _drawn(views: Views, angle: int, share: Term, factor: Term, shape: Shape) -> Wire:
    xp, x = views.xp, views.xp.wire(views.input(angle))
    s = views.drawn(share, views.graph.shape(angle))
    quotient: Wire = _share_of_sine(xp, x, s, _literal(xp, s))
    return quotient if factor == Term() else quotient * views.drawn(factor, shape)
