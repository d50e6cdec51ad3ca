"""Quotients of exponentials over their sum along axes: softmax, its picked entries, and means that it weighs.

The sum may be written as a matrix product, kept or dropped its axes, and stand beside rows that were transposed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import Shape, axes, reduced
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import as_sum
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.picking import in_turn, picked_beside, picked_source
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, Views

BEYOND = 80.0  # how far an exponent that is left out is followed above those that count
SMALLEST_SUM = 1e-280  # far enough from the end of the floats for its parts

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


def _weighted_shares(xp: Any, x: Any, weights: Any, above: Any, axis: Any = None) -> Any:
    """above·e^x/Σw·e^x; 0 where all weights are 0, as libraries have it, for there the quotient is 0/0."""
    none, out = xp.equal(xp.max(xp.absolute(weights), axis=axis, keepdims=True), 0.0), xp.equal(weights, 0.0)
    largest = xp.stop(xp.max(xp.where(out, -np.inf, x), axis=axis, keepdims=True))
    counted = xp.where(none, 0.0, xp.where(out, xp.minimum(x, largest + BEYOND), x))  # what is left out is not to overflow
    return xp.where(none, 0.0, above * xp.weighted_shares(counted, xp.where(none, 1.0, weights), axis=axis))


MASKED = rule(
    "weighted softmax",
    written=lambda xp, x, w: w * xp.exp(x) / xp.sum(w * xp.exp(x)),
    stable=lambda xp, x, w: _weighted_shares(xp, x, w, w),
    why="one large entry overflows, and the quotient is ∞/∞; where all vanish it is 0/0, and so where all"
    " weights are 0, which counts as 0 by convention",
    proof="multiplied above and below by e^−m the quotient is the same for every m, for all real x where Σw·e^x is not 0",
    ranges=((-800.0, 800.0), (0.1, 2.0)),
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


def _shares_in_base(xp: Any, x: Any, base: float, powers: Any, total: Any, axis: Any) -> Any:
    """As it is written where the sum is a sound float, for x·log b is rounded; else from the largest entry."""
    largest = xp.stop(xp.max(x, axis=axis, keepdims=True))
    sound = xp.logical_and(total > SMALLEST_SUM, total < 1 / SMALLEST_SUM)
    return xp.where(sound, powers / total, xp.softmax((x - largest) * xp.log(base), axis=axis))


IN_BASE = rule(
    "softmax in another base",
    written=lambda xp, x: xp.exp2(x) / xp.sum(xp.exp2(x)),
    stable=lambda xp, x: _shares_in_base(xp, x, 2.0, xp.exp2(x), xp.sum(xp.exp2(x)), None),
    why="one large entry overflows, and the quotient is ∞/∞; where all vanish it is 0/0",
    proof="b^x = e^(x·log b) for every b > 0, and e^y/Σe^y is what softmax means, of whose y the same number may be taken away",
    ranges=((-1200.0, 1200.0),),
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


def with_factors(views: Views, rest: Term, wire: Wire, shape: Shape) -> Wire:
    """What was found, times the factors beside it."""
    if rest.pure and not rest.exponent:
        return views.scaled(rest.coefficient, wire)
    if set(rest.powers.values()) == {-1.0} and rest.coefficient == 1.0:
        return wire / views.drawn(Term(1.0, dict.fromkeys(rest.powers, 1.0)), shape)
    return views.drawn(rest, shape) * wire


def over_sum(views: Views, node: int, whole: Term, below: int) -> Found | None:
    core = _known_sum(views, below)
    if core is None:
        return None
    total, factor = core
    powers = views.product(views.input(total))
    if powers.exponent and not powers.pure:
        return _with_weights(views, node, whole.without(below), powers, total, factor, below)
    if not powers.exponent:
        return _in_another_base(views, node, whole, below, total, factor)
    source = views.graph.shape(views.input(total))
    axis = views.graph.settings(total)["axis"]
    beside = views.graph.shape(_unstretched(views, below))
    rest = whole.without(below)
    found = _over_differences(views, rest, powers, factor, axis, source, beside, views.graph.shape(node))
    if found is not None:
        return found
    number = 1.0 / (powers.coefficient * factor)
    if rest.exponent == powers.exponent:
        if not lies_along(beside, source, axis) or views.graph.shape(node) != source:
            return None
        drawn = views.xp.softmax(_exponents(views, powers.exponent, source), axis=axis)
        return SOFTMAX, with_factors(views, Term(number).times(Term(rest.coefficient, rest.powers)), drawn, source)
    turned = _turned_share(views, rest, powers, axis, beside, source)
    picked = turned or _picked_share(views, rest, powers, axis, beside, source)
    if picked is not None:
        left, share = picked
        return SOFTMAX, with_factors(views, Term(number).times(left), share, views.graph.shape(node))
    return None if rest.exponent else _mean_by_shares(views, node, rest, below, total, factor)


def _with_weights(views: Views, node: int, rest: Term, powers: Term, total: int, factor: float, below: int) -> Found | None:
    """v·e^x/Σw·e^x."""
    source, axis = views.graph.shape(views.input(total)), views.graph.settings(total)["axis"]
    beside = views.graph.shape(_unstretched(views, below))
    if rest.exponent != powers.exponent or not lies_along(beside, source, axis) or views.graph.shape(node) != source:
        return None
    weights, above = (views.fitted(views.drawn(Term(number, one.powers), _within(views, one)), source)
                      for number, one in ((powers.coefficient * factor, powers), (rest.coefficient, rest)))  # fmt: skip
    return MASKED, _weighted_shares(views.xp, _exponents(views, powers.exponent, source), weights, above, axis)


def _within(views: Views, term: Term) -> Shape:
    """The shape of a product."""
    return np.broadcast_shapes((), *(views.graph.shape(one) for one in term.powers))


def _in_another_base(views: Views, node: int, whole: Term, below: int, total: int, factor: float) -> Found | None:
    """b^x/Σb^x for a number b."""
    above = views.numbers.of(views.input(total))
    base, source, axis = views.base_of(above), views.graph.shape(above), views.graph.settings(total)["axis"]
    beside = views.graph.shape(_unstretched(views, below))
    if base is None or whole.powers.get(above) != 1.0 or not lies_along(beside, source, axis) or views.graph.shape(node) != source:
        return None
    exponents = views.fitted(views.xp.wire(views.graph.inputs(above)[-1]), source)
    drawn = _shares_in_base(views.xp, exponents, base, views.xp.wire(above), views.fitted(views.xp.wire(total), beside), axis)
    return IN_BASE, with_factors(views, Term(1.0 / factor).times(whole.without(above, below)), drawn, source)


def _over_differences(views: Views, rest: Term, powers: Term, factor: float, axis: Any, source: Shape, below: Shape,
                      shape: Shape) -> Found | None:  # fmt: skip
    """1/Σⱼ e^(xⱼ − xᵢ), for one i in each row or for each in turn."""
    if len(powers.exponent) != 2 or rest.exponent or sorted(powers.exponent.values()) != [-1.0, 1.0] or ONE in powers.exponent:
        return None
    picked, scores = sorted(powers.exponent, key=lambda wire: powers.exponent[wire])
    left, xp = Term(1.0 / (powers.coefficient * factor)).times(rest), views.xp
    if in_turn(views, scores, picked, source, axis):
        shares = xp.softmax(xp.wire(scores), axis=axis)
        return DIFFERENCES, with_factors(views, left, views.fitted(shares, below), shape)
    gone = reduced(source, axis=axis)
    found = picked_source(views, picked, scores, axis, gone) if views.graph.shape(scores) == source else None
    if found is None:
        return None
    shares = xp.softmax(xp.wire(scores), axis=axis)
    taken = xp.call(views.name(found), shares, *map(xp.wire, views.graph.inputs(found)[1:]), **views.graph.settings(found))
    return DIFFERENCES, with_factors(views, left, views.fitted(taken, below), shape)


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


def _turned_share(views: Views, rest: Term, powers: Term, axis: Any, below: Shape, source: Shape) -> tuple[Term, Wire] | None:
    """The shares transposed: (e^x)ᵀ or e^(xᵀ) over Σe^x, where the sums stand beside the transposed rows."""
    for wire in (*rest.powers, *rest.exponent):
        power = rest.powers.get(wire, 0.0)
        if wire == ONE or views.name(wire) != "transpose":
            continue
        inner = views.product(views.input(wire))
        whole = Term(exponent=views.linear(views.input(wire))) if not power and rest.exponent == {wire: 1.0} else inner
        if power not in (0.0, 1.0) or not whole.pure or whole.exponent != powers.exponent:
            continue
        order = views.graph.settings(wire)["axes"] or tuple(range(len(source)))[::-1]
        gone = tuple(order.index(place) for place in axes(axis, len(source)))
        if not lies_along(below, views.graph.shape(wire), gone):
            continue
        shares = views.xp.transpose(views.xp.softmax(_exponents(views, powers.exponent, source), axis=axis), axes=order)
        left = rest.without(wire) if power else rest
        return Term(whole.coefficient * left.coefficient, left.powers), shares
    return None


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
        total = views.xp.sum(with_factors(views, handed, shares, source), axis=axis)
        total = views.fitted(total, views.graph.shape(node))
        return WEIGHTED_MEAN, with_factors(views, rest.without(above), total, views.graph.shape(node))
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
