"""The error function far out: 1 − erf x and 1 + erf x, e^(x²)·erfc x, and the logarithm of erfc.

erf rounds to ±1, and what is left beside it is erfc. That vanishes like e^(−x²), which a power of e beside it makes good: together
they are an ordinary number, erfcx. What the exponents have in common is taken away in terms, before anything is rounded.

Source: Cody, Rational Chebyshev approximations for the error function (1969).
"""

import math
from collections.abc import Sequence
from itertools import product as pairs
from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, Views, collected

ROUNDED_AWAY = 1e-12
NEAR_NOTHING = 0.5  # up to where the logarithm of erfc is taken from erf


def _scaled_tail(xp: Any, x: Any, power: Any, rest: Any, sign: float = 1.0) -> Any:
    """e^power · erfc(x) where power is rest + x²; with the sign −1 e^power/erfc(x), where it is rest − x²."""
    far = x > 0
    beyond, within = xp.erfcx(xp.where(far, x, 0.0)), xp.erfc(xp.where(far, 0.0, x))
    growth = xp.exp(xp.where(far, 0.0, power))
    if sign < 0:
        beyond, within = 1 / beyond, 1 / within
    if rest is not None:
        beyond = xp.exp(xp.where(far, rest, 0.0)) * beyond
    return xp.where(far, beyond, growth * within)


def _log_tail(xp: Any, x: Any, shifted: Any) -> Any:
    """log erfc(x), where log Φ(−√2·x) is given, which is less by log 2."""
    near = xp.absolute(x) < NEAR_NOTHING
    return xp.where(near, xp.log1p(-xp.erf(xp.where(near, x, 0.0))), shifted + xp.log(2.0))


ERF_REST = rule(
    "1 − erf",
    written=lambda xp, x: 1 - xp.erf(x),
    stable=lambda xp, x: xp.erfc(x),
    why="erf rounds to 1 for large x, and nothing is left",
    proof="erfc(x) means 1 − erf(x), and erf is odd, so 1 + erf(x) = erfc(−x), for every real x",
    ranges=((-5.0, 25.0),),
)
ERFC_REST = rule(
    "1 − erfc",
    written=lambda xp, x: 1 - xp.erfc(x),
    stable=lambda xp, x: xp.erf(x),
    why="erfc is close to 1 where x is close to 0, and the difference keeps few digits",
    proof="erfc(x) means 1 − erf(x), for every real x",
    ranges=((-3.0, 3.0),),
)
ERFC_TURNED = rule(
    "2 − erfc",
    written=lambda xp, x: 2 - xp.erfc(x),
    stable=lambda xp, x: xp.erfc(-x),
    why="erfc rounds to 2 for very negative x, and nothing is left",
    proof="2 − erfc(x) = 1 + erf(x) = erfc(−x), for every real x",
    ranges=((-25.0, 5.0),),
)
SCALED_TAIL = rule(
    "e^(x²)·erfc",
    written=lambda xp, x: xp.exp(x**2) * xp.erfc(x),
    stable=lambda xp, x: _scaled_tail(xp, x, x**2, None),
    why="the power overflows where erfc vanishes, and the product is ∞·0",
    proof="erfcx(x) means e^(x²)·erfc(x), for every real x, and is used for x > 0",
    ranges=((-5.0, 60.0),),
)
LOG_TAIL = rule(
    "log of erfc",
    written=lambda xp, x: xp.log(xp.erfc(x)),
    stable=lambda xp, x: _log_tail(xp, x, xp.log_ndtr(-(xp.sqrt(2.0) * x))),
    why="erfc vanishes for x > 27, where its logarithm is an ordinary number",
    proof="Φ(−√2·x) = erfc(x)/2 for the normal distribution Φ, and erfc(x) = 1 − erf(x), for every real x",
    ranges=((-3.0, 60.0),),
)


@completes("add", "subtract", among=("erf", "erfc"))
def beside_a_number(views: Views, node: int) -> Found | None:
    """k ± k·erf(x), k − k·erfc(x), 2k − k·erfc(x), and the parts that are added beside."""
    form = views.linear(node)
    number = form.get(ONE)
    if number is None:
        return None
    for wire, factor in form.items():
        name, xp = views.name(wire), views.xp
        if name == "erf" and abs(factor) == abs(number):
            found = ERF_REST, views.scaled(number, xp.erfc(_turned(views, views.input(wire), -factor / number)))
        elif name == "erfc" and factor == -number:
            found = ERFC_REST, views.scaled(number, xp.erf(xp.wire(views.input(wire))))
        elif name == "erfc" and 2 * factor == -number:
            found = ERFC_TURNED, views.scaled(-factor, xp.erfc(views.negated(views.input(wire))))
        else:
            continue
        rest = {key: value for key, value in form.items() if key not in (ONE, wire)}
        return found[0], views.added(found[1], rest, views.graph.shape(node))
    return None


@completes("log1p")
def log_beside_one(views: Views, node: int) -> Found | None:
    """log(1 ± erf(x))."""
    form = views.linear(views.input(node))
    ((wire, factor),) = form.items() if len(form) == 1 else ((ONE, 0.0),)
    if abs(factor) != 1.0 or views.name(wire) != "erf":
        return None
    tail = views.xp.erfc(_turned(views, views.input(wire), -factor))
    log = log_of_tail(views, Term(powers={tail.node: 1.0}))[1]
    return None if log is None else (LOG_TAIL, log)


def _turned(views: Views, wire: int, sign: float) -> Wire:
    return views.xp.wire(wire) if sign > 0 else views.negated(wire)


@completes("multiply", "divide", among=("erfc",))
def scaled(views: Views, node: int) -> Found | None:
    """e^A·erfc(x) and e^A/erfc(x), where A − x² or A + x² has fewer terms than the two of them."""
    whole, shape = views.product(node), views.graph.shape(node)
    for wire, sign in whole.powers.items():
        if views.name(wire) != "erfc" or abs(sign) != 1.0 or not whole.exponent:
            continue
        x, xp = views.input(wire), views.xp
        rest = _without_square(views, whole.exponent, views.product(x), sign, shape)
        if rest is None:
            continue
        drawn = _scaled_tail(
            xp, xp.wire(x), views.drawn_linear(whole.exponent, shape), sum(rest[1:], rest[0]) if rest else None, sign
        )
        left = Term(whole.coefficient, whole.without(wire).powers)
        return SCALED_TAIL, views.scaled(left.coefficient, drawn) if left.pure else drawn * views.drawn(left, shape)
    return None


def _without_square(views: Views, exponent: Linear, x: Term, sign: float, shape: Shape) -> list[Wire] | None:
    """The exponent less x², or with it, as parts of a sum; None where that is no simpler."""
    above = [Term() if part == ONE else Term(factor).times(views.product(part)) for part, factor in exponent.items()]
    for parts in (lambda one: [one], views.expanded):
        square = [_without_roots(views, Term(-sign).times(one).times(other)) for one, other in pairs(parts(x), repeat=2)]
        rest = _as_one(views, collected([*(part for one in above for part in parts(one)), *square]), shape)
        if rest is not None:
            return rest
    return None


def _without_roots(views: Views, term: Term) -> Term:
    """Even powers of roots as powers of what is under them."""
    for wire, power in term.powers.items():
        if views.name(wire) == "sqrt" and power % 2 == 0:
            term = term.without(wire).times(views.product(views.input(wire)), power / 2)
    return term


def _as_one(views: Views, terms: Sequence[Term], shape: Shape) -> list[Wire] | None:
    """The sum as one product, beside what only the rounding of a number such as √2 has left; None where it would cancel."""
    slight = [one for one in terms if abs(one.coefficient) < ROUNDED_AWAY]
    main = [one for one in terms if abs(one.coefficient) >= ROUNDED_AWAY]
    if any(one.exponent for one in terms) or len(main) not in (0, 1, 3):
        return None
    drawn = [views.drawn(one, shape) for one in (*main, *slight)] if len(main) < 2 else []
    if len(main) == 3:
        square = _as_square(views, main, shape)
        if square is None:
            return None
        drawn = [square, *(views.drawn(one, shape) for one in slight)]
    return drawn


def _as_square(views: Views, terms: Sequence[Term], shape: Shape) -> Wire | None:
    """a·p² ± 2ab·p·q + b·q² as (…)², whose difference is taken before anything is squared."""
    squares = [one for one in terms if all(power % 2 == 0 for power in one.powers.values())]
    crosses = [one for one in terms if one not in squares]
    sign = math.copysign(1.0, terms[0].coefficient)
    if len(squares) != 2 or any(one.coefficient * sign < 0 for one in squares):
        return None
    weight, beside = (abs(one.coefficient) for one in squares)
    first, second = (Term().times(Term(powers=one.powers), 0.5) for one in squares)
    if crosses[0].powers != first.times(second).powers or not math.isclose(crosses[0].coefficient ** 2, 4 * weight * beside):
        return None
    first = Term(math.sqrt(weight / beside)).times(first)
    shared = {wire: power for wire, power in first.powers.items() if second.powers.get(wire) == power}
    apart, other = (views.drawn(one.without(*shared), shape) for one in (first, second))
    root = apart + other if crosses[0].coefficient * sign > 0 else apart - other
    return views.drawn(Term(sign * beside).times(Term(powers={root.node: 1.0, **shared}), 2.0), shape)


def log_of_tail(views: Views, term: Term) -> tuple[Term, Wire | None]:
    """The logarithm of the erfc in a product, and the positive product that is left."""
    tails = [wire for wire in term.powers if views.name(wire) == "erfc"]
    if len(tails) != 1:
        return term, None
    rest, power = term.without(*tails), term.powers[tails[0]]
    x = views.input(tails[0])
    log = views.xp.log_ndtr(_deviate(views, x))
    if rest.coefficient * 2.0**power != 1.0:
        return rest, views.scaled(power, _log_tail(views.xp, views.xp.wire(x), log))
    return Term(1.0, rest.powers, rest.exponent), views.scaled(power, log)


def _deviate(views: Views, x: int) -> Wire:
    """−√2·x, which of x = y/√2 is −y."""
    term, shape = Term(-1.0).times(views.product(x)), views.graph.shape(x)
    for wire, power in term.powers.items():
        if power == -1.0 and views.name(wire) == "sqrt" and views.number(views.input(wire)) == 2.0:
            return views.drawn(term.without(wire), shape)
    return views.xp.sqrt(2.0) * views.drawn(term, shape)
