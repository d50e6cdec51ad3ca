"""Quotients of exponentials: sigmoid, tanh, sech and softmax, whichever side was divided out.

The form is completed by the last × or ÷. It is seen as a product of powers, one of which is a sum of exponentials to the power −1;
what the other factors are beside a power of e is handed on as a factor.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import Shape, axes, reduced
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import as_sum
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.picking import in_turn, picked_beside, picked_source
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
SOFTMAX = rule(
    "softmax",
    written=lambda xp, x: xp.exp(x) / xp.sum(xp.exp(x)),
    stable=lambda xp, x: xp.softmax(x),
    why="one large entry overflows, and the quotient is ∞/∞; where all vanish it is 0/0",
    proof="e^x/Σe^x is what softmax means; multiplied above and below by e^−m it is the same for every m",
    ranges=((-800.0, 800.0),),
    shapes=((4,),),
)
WEIGHTED_MEAN = rule(
    "mean by softmax",
    written=lambda xp, x, v: xp.sum(xp.exp(x) * v) / xp.sum(xp.exp(x)),
    stable=lambda xp, x, v: xp.sum(xp.softmax(x) * v),
    why="one large exponent overflows both sums, and the quotient is ∞/∞; where all vanish it is 0/0",
    proof="Σe^x·v/Σe^x = Σ(e^x/Σe^x)·v, for all real x and v",
    ranges=((-800.0, 800.0), (0.5, 2.0)),
    shapes=((4,), (4,)),
)
DIFFERENCES = rule(
    "share by differences",
    written=lambda xp, x: 1 / xp.sum(xp.exp(x - xp.index(x, index=(1,)))),
    stable=lambda xp, x: xp.index(xp.softmax(x), index=(1,)),
    why="a score far above the one that is asked for overflows the sum, and its slope is then 0·∞",
    proof="1/Σe^(x − x₁) = e^x₁/Σe^x, multiplied above and below by e^x₁, for all real x",
    ranges=((-800.0, 800.0),),
    shapes=((4,),),
)
SHIFT = rule(
    "softmax of a shift",
    written=lambda xp, x: xp.softmax(x - xp.max(x, keepdims=True)),
    stable=lambda xp, x: xp.softmax(x),
    why="softmax takes the largest entry away itself; doing it twice rounds twice",
    proof="softmax(x − m) = softmax(x) for every number m that is the same along the axis",
    ranges=((-800.0, 800.0),),
    shapes=((4,),),
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
                found = _over_sum(views, node, whole, wire)
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
                return OPPOSITE, _with(views, whole.without(one, other), slope, views.graph.shape(node))
    return None


DIVIDED = frozenset({"divide", "reciprocal", "constant_power", "sigmoid"})


def _turned(views: Views, node: int, whole: Term, share: int) -> Found | None:
    """e^x · sigmoid(−x) is sigmoid(x)."""
    inner = views.linear(views.input(share))
    if not whole.exponent or merged(whole.exponent, inner):
        return None
    shape = views.graph.shape(node)
    turned = views.xp.sigmoid(views.drawn_linear(whole.exponent, shape))
    return SIGMOID, _with(views, Term(whole.coefficient, whole.without(share).powers), turned, shape)


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
            return (SIGMOID if plain else SHARE), _with(views, handed, _share(views, near, others, shape), shape)
    first, second = terms[:2]
    middle = merged(first.exponent, second.exponent)
    if len(terms) == 2 and first.coefficient == second.coefficient and not merged(merged({}, rest.exponent, 2.0), middle, -1.0):
        half = merged({}, _apart(first, second), 0.5)
        handed = Term(rest.coefficient / (2 * first.coefficient), rest.powers)
        return SECH, _with(views, handed, views.xp.sech(views.drawn_linear(half, shape)), shape)
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
                return SIGMOID, _with(views, handed, share * beside, shape)
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
            return TANH, _with(views, rest, views.xp.tanh(views.drawn_linear(half, shape)), shape)
        if first.coefficient * second.coefficient < 0:
            half = merged({}, _apart(first, Term(-second.coefficient, exponent=second.exponent)), 0.5)
            return COTH, _with(views, rest, 1 / views.xp.tanh(views.drawn_linear(half, shape)), shape)
    return None


def _apart(near: Term, far: Term) -> Linear:
    """log(near/far)."""
    form = merged(near.exponent, far.exponent, -1.0)
    ratio = near.coefficient / far.coefficient
    return form if ratio == 1.0 else merged(form, {ONE: float(np.log(ratio))})


def _with(views: Views, rest: Term, wire: Wire, shape: Shape) -> Wire:
    """What was found, times the factors beside it."""
    if rest.pure and not rest.exponent:
        return views.scaled(rest.coefficient, wire)
    if set(rest.powers.values()) == {-1.0} and rest.coefficient == 1.0:
        return wire / views.drawn(Term(1.0, dict.fromkeys(rest.powers, 1.0)), shape)
    return views.drawn(rest, shape) * wire


# Over a sum along axes ----------------------------------------------------------------------------------------------------------


def _over_sum(views: Views, node: int, whole: Term, below: int) -> Found | None:
    core = _known_sum(views, below)
    if core is None:
        return None
    total, factor = core
    powers = views.product(views.input(total))
    if not powers.pure or not powers.exponent:
        return None
    source = views.graph.shape(views.input(total))
    axis = views.graph.settings(total)["axis"]
    rest = whole.without(below)
    found = _over_differences(views, rest, powers, factor, axis, source, views.graph.shape(below), views.graph.shape(node))
    if found is not None:
        return found
    number = 1.0 / (powers.coefficient * factor)
    if rest.exponent == powers.exponent:
        if not lies_along(views.graph.shape(below), source, axis) or views.graph.shape(node) != source:
            return None
        drawn = views.xp.softmax(_exponents(views, powers.exponent, source), axis=axis)
        return SOFTMAX, _with(views, Term(number).times(Term(rest.coefficient, rest.powers)), drawn, source)
    picked = _picked_share(views, rest, powers, axis, views.graph.shape(below), source)
    if picked is not None:
        left, share = picked
        return SOFTMAX, _with(views, Term(number).times(left), share, views.graph.shape(node))
    return None if rest.exponent else _mean_by_shares(views, node, rest, below, total, factor)


def _over_differences(views: Views, rest: Term, powers: Term, factor: float, axis: Any, source: Shape, below: Shape,
                      shape: Shape) -> Found | None:  # fmt: skip
    """1/Σⱼ e^(xⱼ − xᵢ), for one i in each row or for each in turn."""
    if len(powers.exponent) != 2 or rest.exponent or sorted(powers.exponent.values()) != [-1.0, 1.0] or ONE in powers.exponent:
        return None
    picked, scores = sorted(powers.exponent, key=lambda wire: powers.exponent[wire])
    left, xp = Term(1.0 / (powers.coefficient * factor)).times(rest), views.xp
    if in_turn(views, scores, picked, source, axis):
        shares = xp.softmax(xp.wire(scores), axis=axis)
        return DIFFERENCES, _with(views, left, views.fitted(shares, below), shape)
    gone = reduced(source, axis=axis)
    found = picked_source(views, picked, scores, axis, gone) if views.graph.shape(scores) == source else None
    if found is None:
        return None
    shares = xp.softmax(xp.wire(scores), axis=axis)
    taken = xp.call(views.name(found), shares, *map(xp.wire, views.graph.inputs(found)[1:]), **views.graph.settings(found))
    return DIFFERENCES, _with(views, left, views.fitted(taken, below), shape)


def _known_sum(views: Views, wire: int) -> tuple[int, float] | None:
    return as_sum(views, _unstretched(views, wire))


def _picked_share(views: Views, rest: Term, powers: Term, axis: Any, below: Shape, source: Shape) -> tuple[Term, Wire] | None:
    """The share of one entry of each row: e^x[i] or e^(x[i]) over Σ e^x."""
    xp = views.xp
    if rest.exponent:
        if len(rest.exponent) != 1 or len(powers.exponent) != 1:
            return None
        ((wire, one),), ((scores, other),) = rest.exponent.items(), powers.exponent.items()
        if one != other:
            return None
        left = Term(rest.coefficient, rest.powers)
    else:
        alike = [one for one, power in rest.powers.items() if power == 1.0 and views.name(one) in ("index", "gather")]
        known = [one for one in alike if (inner := views.product(views.input(one))).pure and inner.exponent == powers.exponent]
        if not known:
            return None
        wire, scores = known[0], views.input(known[0])
        left = Term(views.product(scores).coefficient).times(rest.without(wire))
    if wire == ONE or scores == ONE or views.graph.shape(scores) != source or not picked_beside(views, wire, scores, axis, below):
        return None
    shares = xp.softmax(_exponents(views, powers.exponent, source), axis=axis)
    places = map(xp.wire, views.graph.inputs(wire)[1:])
    return left, xp.call(views.name(wire), shares, *places, **views.graph.settings(wire))


def _mean_by_shares(views: Views, node: int, rest: Term, below: int, core: int, factor: float) -> Found | None:
    """Σ e^x·v / Σ e^x."""
    source, axis = views.graph.shape(views.input(core)), views.graph.settings(core)["axis"]
    powers = views.product(views.input(core))
    for above, power in rest.powers.items():
        known = _known_sum(views, above) if power == 1.0 else None
        if known is None or known[0] == core:
            continue
        upper, upper_factor = known
        if views.graph.shape(views.input(upper)) != source or axes_of(views, upper) != axes_of(views, core):
            continue
        inner = views.product(views.input(upper))
        alike = _entries(views.graph.shape(above)) == _entries(views.graph.shape(below)) == _entries(views.graph.shape(node))
        if inner.exponent != powers.exponent or not alike or len(views.graph.shape(above)) != len(views.graph.shape(below)):
            continue
        shares = views.xp.softmax(_exponents(views, powers.exponent, source), axis=axis)
        handed = Term(inner.coefficient * upper_factor / (powers.coefficient * factor), inner.powers)
        total = views.xp.sum(_with(views, handed, shares, source), axis=axis)
        total = views.fitted(total, views.graph.shape(node))
        return WEIGHTED_MEAN, _with(views, rest.without(above), total, views.graph.shape(node))
    return None


def axes_of(views: Views, reduction: int) -> tuple[int, ...]:
    return axes(views.graph.settings(reduction)["axis"], len(views.graph.shape(views.input(reduction))))


def _entries(shape: Shape) -> int:
    return int(np.prod(shape, dtype=int))


def _exponents(views: Views, form: Linear, shape: Shape) -> Wire:
    drawn = views.drawn_linear(form, shape)
    return drawn if drawn.shape == shape else views.xp.broadcast_to(drawn, shape=shape)


def _unstretched(views: Views, wire: int) -> int:
    """The wire before it was stretched along axes of one entry."""
    while views.name(wire) == "broadcast_to":
        wire = views.input(wire)
    return wire


def lies_along(shape: Shape, source: Shape, axis: int | Sequence[int] | None) -> bool:
    """Whether a reduction of `source` in this shape stands, entry by entry, beside what it was made of."""
    kept = reduced(source, axis=axis, keepdims=True)  # type: ignore[arg-type]
    padded = (1,) * (len(kept) - len(shape)) + tuple(shape)
    return padded == kept


@completes("softmax", "log_softmax")
def shifted(views: Views, node: int) -> Found | None:
    """softmax(x − m), where m is the same along the axis."""
    source = views.input(node)
    if views.name(source) not in ("add", "subtract"):
        return None
    shape, axis = views.graph.shape(source), views.graph.settings(node)["axis"]
    form = views.linear(source)
    rest = {wire: factor for wire, factor in form.items() if wire != ONE and not is_level(views, wire, shape, axis)}
    if len(rest) == len(form) or not rest:
        return None
    drawn = _exponents(views, rest, shape)
    return SHIFT, views.xp.call(views.name(node), drawn, axis=axis)


def is_level(views: Views, wire: int, shape: Shape, axis: int | Sequence[int] | None) -> bool:
    """Whether a part of a sum of this shape is the same for all entries along the axes."""
    own = views.graph.shape(_unstretched(views, wire))
    padded = (1,) * (len(shape) - len(own)) + tuple(own)
    return all(padded[place] == 1 for place in axes(axis, len(shape)))  # type: ignore[arg-type]
