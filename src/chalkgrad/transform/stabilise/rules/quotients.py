"""Quotients of exponentials: sigmoid, tanh, sech and (`shares`) softmax, whichever side was divided out.

The form is completed by the last × or ÷. It is seen as a product of powers, one of which is a sum of exponentials to the power −1;
what the other factors are beside a power of e is handed on as a factor.
"""

from collections.abc import Sequence

import numpy as np

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.shares import over_sum, with_factors
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, Views, merged

SIGMOID = rule(
    "sigmoid",
    written=lambda xp, x: 1 / (1 + xp.exp(-x)),
    stable=lambda xp, x: xp.sigmoid(x),
    why="the exponential overflows on one side, and its slope is then 0·∞",
    proof="1/(1 + e^−x) = e^x/(1 + e^x) is what sigmoid means, for every real x",
    ranges=((-800.0, 800.0),),
)
SHARE = rule(
    "share of two",
    written=lambda xp, x, y: xp.exp(x) / (xp.exp(x) + xp.exp(y)),
    stable=lambda xp, x, y: xp.sigmoid(x - y),
    why="both exponentials overflow or vanish together, and the quotient is ∞/∞ or 0/0",
    proof="divided above and below by e^x it is 1/(1 + e^(y − x)), for all real x, y",
    ranges=((-800.0, 800.0), (-800.0, 800.0)),
)
OPPOSITE = rule(
    "sigmoid times its opposite",
    written=lambda xp, x: xp.sigmoid(x) * xp.sigmoid(-x),
    stable=lambda xp, x: xp.sigmoid_slope(x),
    why="the slopes of both factors nearly cancel near 0",
    proof="σ(x)·σ(−x) = e^−x/(1 + e^−x)² is what sigmoid_slope means, for every real x",
    ranges=((-700.0, 700.0),),
)
TANH = rule(
    "tanh",
    written=lambda xp, x: (xp.exp(x) - xp.exp(-x)) / (xp.exp(x) + xp.exp(-x)),
    stable=lambda xp, x: xp.tanh(x),
    why="the exponentials overflow for large |x|, and their difference cancels near 0",
    proof="(e^x − e^−x)/(e^x + e^−x) = (e^2x − 1)/(e^2x + 1) is the definition of tanh, for every real x",
    ranges=((-400.0, 400.0),),
)
COTH = rule(
    "coth",
    written=lambda xp, x: (xp.exp(x) + xp.exp(-x)) / (xp.exp(x) - xp.exp(-x)),
    stable=lambda xp, x: 1 / xp.tanh(x),
    why="the exponentials overflow for large |x|, and their difference cancels near 0",
    proof="(e^x + e^−x)/(e^x − e^−x) is 1/tanh x, for every real x but 0",
    ranges=((-400.0, 400.0),),
)
SECH = rule(
    "sech",
    written=lambda xp, x: 2 / (xp.exp(x) + xp.exp(-x)),
    stable=lambda xp, x: xp.sech(x),
    why="an exponential overflows for large |x|, and the slope is then 0·∞",
    proof="2/(e^x + e^−x) = 1/cosh x is what sech means, for every real x",
    ranges=((-400.0, 400.0),),
)


@completes("divide", "reciprocal", "constant_power", "multiply")
def quotient(views: Views, node: int) -> Found | None:
    name = views.name(node)
    if name == "multiply" and not any(views.name(one) in DIVIDED for one in views.graph.inputs(node)):
        return None
    if name == "constant_power" and views.graph.settings(node)["exponent"] >= 0:
        return None
    whole = views.product(node)
    for wire, power in whole.powers.items():
        if power == 1.0 and views.name(wire) == "sigmoid":
            found = _turned(views, node, whole, wire)
        elif power in (-1.0, -2.0):
            found = _over_two(views, node, whole, wire)
            if found is None and power == -1.0:
                found = over_sum(views, node, whole, wire)
        else:
            continue
        if found is not None:
            return found
    return None


@completes("multiply", among=("sigmoid",))
def opposite_sigmoids(views: Views, node: int) -> Found | None:
    """σ(x)·σ(−x)."""
    whole = views.product(node)
    shares = [wire for wire, power in whole.powers.items() if power == 1.0 and views.name(wire) == "sigmoid"]
    for place, one in enumerate(shares):
        for other in shares[place + 1 :]:
            if not merged(views.linear(views.input(one)), views.linear(views.input(other))):
                slope = views.xp.sigmoid_slope(views.xp.wire(views.input(one)))
                return OPPOSITE, with_factors(views, whole.without(one, other), slope, views.graph.shape(node))
    return None


DIVIDED = frozenset({"divide", "reciprocal", "constant_power", "sigmoid"})


def _turned(views: Views, node: int, whole: Term, share: int) -> Found | None:
    """e^x · sigmoid(−x) is sigmoid(x)."""
    inner = views.linear(views.input(share))
    if not whole.exponent or merged(whole.exponent, inner):
        return None
    shape = views.graph.shape(node)
    turned = views.xp.sigmoid(views.drawn_linear(whole.exponent, shape))
    return SIGMOID, with_factors(views, Term(whole.coefficient, whole.without(share).powers), turned, shape)


def _over_two(views: Views, node: int, whole: Term, below: int) -> Found | None:
    """Something over a sum of exponentials."""
    terms = views.terms(below)
    if len(terms) < 2 or not all(one.pure for one in terms) or not any(one.exponent for one in terms):
        return None
    shape = views.graph.shape(node)
    if len(terms) == 2 and whole.powers[below] == -1.0:
        found = _two_over_two(views, whole, below, terms, shape)
        if found is not None:
            return found
    if not all(one.coefficient > 0 for one in terms):
        return None
    rest = whole.without(below)
    if whole.powers[below] == -2.0:
        return _over_square(views, rest, terms, shape) if len(terms) == 2 else None
    for near in terms:
        if not merged(rest.exponent, near.exponent, -1.0):
            handed = Term(rest.coefficient / near.coefficient, rest.powers)
            others = [one for one in terms if one is not near]
            plain = len(terms) == 2 and not all(one.exponent for one in terms)
            return (SIGMOID if plain else SHARE), with_factors(views, handed, _share(views, near, others, shape), shape)
    first, second = terms[:2]
    middle = merged(first.exponent, second.exponent)
    if len(terms) == 2 and first.coefficient == second.coefficient and not merged(merged({}, rest.exponent, 2.0), middle, -1.0):
        half = merged({}, _apart(first, second), 0.5)
        handed = Term(rest.coefficient / (2 * first.coefficient), rest.powers)
        return SECH, with_factors(views, handed, views.xp.sech(views.drawn_linear(half, shape)), shape)
    return None


def _share(views: Views, near: Term, others: Sequence[Term], shape: Shape) -> Wire:
    """near/(near + others): the sigmoid of how far its exponent lies above theirs."""
    if len(others) == 1:
        return views.xp.sigmoid(views.drawn_linear(_apart(near, others[0]), shape))
    total: Wire | None = None
    for one in others:
        behind = views.drawn_linear(_apart(one, near), shape)
        total = behind if total is None else views.xp.logaddexp(total, behind)
    assert total is not None
    return views.xp.sigmoid(-total)


def _over_square(views: Views, rest: Term, terms: Sequence[Term], shape: Shape) -> Found | None:
    """e^(x + y)/(e^x + e^y)², the slope of a sigmoid, and e^2x over it."""
    for near, far in ((terms[0], terms[1]), (terms[1], terms[0])):
        for other in (far, near):
            if not merged(rest.exponent, merged(near.exponent, other.exponent), -1.0):
                share = _share(views, near, [far], shape)
                beside = _share(views, far, [near], shape) if other is far else share
                handed = Term(rest.coefficient / (near.coefficient * other.coefficient), rest.powers)
                return SIGMOID, with_factors(views, handed, share * beside, shape)
    return None


def _two_over_two(views: Views, whole: Term, below: int, terms: Sequence[Term], shape: Shape) -> Found | None:
    first, second = terms
    for above, power in whole.powers.items():
        upper = views.terms(above) if power == 1.0 else []
        if len(upper) != 2 or not all(one.pure for one in upper):
            continue
        # What both sides are multiplied by makes no difference: e^x above and below.
        shifted = [Term(one.coefficient, exponent=merged(one.exponent, whole.exponent)) for one in upper]
        left, right = shifted if shifted[0].exponent == first.exponent else shifted[::-1]
        if left.exponent != first.exponent or right.exponent != second.exponent:
            continue
        one, other = left.coefficient / first.coefficient, right.coefficient / second.coefficient
        if one != -other:
            continue
        rest = Term(whole.coefficient * one, whole.without(below, above).powers)
        if first.coefficient > 0 and second.coefficient > 0:
            half = merged({}, _apart(first, second), 0.5)
            if all(factor < 0 for factor in half.values()):  # tanh is odd
                half, rest = merged({}, half, -1.0), Term(-1.0).times(rest)
            return TANH, with_factors(views, rest, views.xp.tanh(views.drawn_linear(half, shape)), shape)
        if first.coefficient * second.coefficient < 0:
            half = merged({}, _apart(first, Term(-second.coefficient, exponent=second.exponent)), 0.5)
            return COTH, with_factors(views, rest, 1 / views.xp.tanh(views.drawn_linear(half, shape)), shape)
    return None


def _apart(near: Term, far: Term) -> Linear:
    """log(near/far)."""
    form = merged(near.exponent, far.exponent, -1.0)
    ratio = near.coefficient / far.coefficient
    return form if ratio == 1.0 else merged(form, {ONE: float(np.log(ratio))})
