"""What shares leave to the others: 1 − p of a softmax, of an entry picked from it, of a weighted sum; and its logarithm.

Where one class has nearly all of the probability, its share rounds to 1. The others' shares are what is left, and do not cancel.
"""

from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import CONTRACTIONS, paired
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.picking import LAID
from chalkgrad.transform.stabilise.views import ONE, Term, Views

MARKS = np.array([0.0, 1.0, 0.0, 0.0])  # of the true class
PICKED = ("index", "gather")
WHY = "where one class has nearly all of the probability, its share rounds to 1 and nothing is left"


def _rest(xp: Any, x: Any, axis: Any = None) -> Any:
    """1 − p; of a p above ½ the sum of the others."""
    shares = xp.softmax(x, axis=axis)
    others = xp.others_share(x, axis=axis, keepdims=axis is not None)
    return xp.where(shares > 0.5, others, 1 - shares)


def _log_rest(xp: Any, x: Any, axis: Any = None) -> Any:
    """log(1 − p); of a p above ½ the logarithm of the others, also where their powers vanish."""
    shares, logs = xp.softmax(x, axis=axis), xp.log_softmax(x, axis=axis)
    above = shares > 0.5
    others = xp.logsumexp(xp.where(above, -np.inf, logs), axis=axis, keepdims=axis is not None)
    return xp.where(above, others, xp.log1p(-xp.where(above, 0.0, shares)))


def _weighted_rest(xp: Any, shares: Any, weights: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """1 − Σw·p; as Σ(1 − w)·p where that does not cancel."""
    total = xp.sum(weights * shares, axis=axis, keepdims=keepdims)
    return xp.where(total > 0.5, xp.sum((1 - weights) * shares, axis=axis, keepdims=keepdims), 1 - total)


REST = rule(
    "1 − softmax",
    written=lambda xp, x: 1 - xp.softmax(x),
    stable=_rest,
    why=WHY,
    proof="the shares add up to 1, so 1 − p is the sum of the others, for all real x",
    ranges=((-60.0, 60.0),),
    shapes=((4,),),
)
WEIGHTED_REST = rule(
    "1 − weighted shares",
    written=lambda xp, x: 1 - xp.sum(MARKS * xp.softmax(x)),
    stable=lambda xp, x: _weighted_rest(xp, xp.softmax(x), xp.wire(xp.graph.constant(MARKS))),
    why=WHY,
    proof="Σp = 1, so 1 − Σw·p = Σ(1 − w)·p, for all real x and w",
    ranges=((-60.0, 60.0),),
    shapes=((4,),),
)
LOG_REST = rule(
    "log(1 − softmax)",
    written=lambda xp, x: xp.log(1 - xp.softmax(x)),
    stable=_log_rest,
    why=WHY + ", whose logarithm is −∞",
    proof="1 − p is the sum of the others' e^(log p), and the logarithm of a sum of powers is their logsumexp, for all real x",
    ranges=((-800.0, 800.0),),
    shapes=((4,),),
)


@completes("add", "subtract", among=("softmax", "sum", *PICKED, *CONTRACTIONS, *LAID))
def less_shares(views: Views, node: int) -> Found | None:
    """k − k·p, k − k·p[y], k − k·Σw·p, and the parts that are added beside."""
    form = views.linear(node)
    number = form.get(ONE)
    for wire, factor in form.items():
        if number is None or wire == ONE or factor != -number or (found := _left(views, wire)) is None:
            continue
        rest = {key: value for key, value in form.items() if key not in (ONE, wire)}
        return found[0], views.added(views.scaled(number, found[1]), rest, views.graph.shape(node))
    return None


def _left(views: Views, wire: int) -> Found | None:
    core, xp = views.numbers.core(wire), views.xp
    name = views.name(core)
    if name == "softmax":
        drawn = _rest(xp, xp.wire(views.input(core)), views.graph.settings(core)["axis"])
        return REST, views.fitted(drawn, views.graph.shape(wire))
    if name in PICKED and views.name(views.input(core)) == "softmax":
        shares = views.input(core)
        drawn = _rest(xp, xp.wire(views.input(shares)), views.graph.settings(shares)["axis"])
        return REST, views.fitted(_picked(views, core, drawn), views.graph.shape(wire))
    weighed = _weighed(views, core)
    if weighed is None:
        return None
    shares, weights = weighed
    drawn = _weighted_rest(xp, xp.wire(shares), weights, views.graph.settings(shares)["axis"])
    return WEIGHTED_REST, views.fitted(drawn, views.graph.shape(wire))


def _picked(views: Views, pick: int, source: Wire) -> Wire:
    places = map(views.xp.wire, views.graph.inputs(pick)[1:])
    return views.xp.call(views.name(pick), source, *places, **views.graph.settings(pick))


def _weighed(views: Views, core: int) -> tuple[int, Wire] | None:
    """A softmax all of whose shares the wire adds up, row by row, and by what they are multiplied."""
    pair = paired(views, core)
    if pair is not None:
        *both, summed = pair
        for shares, weights in (both, both[::-1]):
            if views.name(shares) == "softmax" and _gone(views, shares) == summed:
                return shares, views.xp.wire(weights)
        return None
    if views.name(core) != "sum":
        return None
    source = views.input(core)
    term, shape = views.product(source), views.graph.shape(source)
    summed = axes(views.graph.settings(core)["axis"], len(shape))
    for shares, power in term.powers.items():
        if views.name(shares) != "softmax" or power != 1.0 or term.exponent or len(term.powers) == 1:
            continue
        if views.graph.shape(shares) == shape and _gone(views, shares) == summed:
            rest = Term(term.coefficient, term.without(shares).powers)
            return shares, views.drawn(rest, np.broadcast_shapes(*(views.graph.shape(one) for one in rest.powers)))
    return None


def _gone(views: Views, shares: int) -> tuple[int, ...]:
    return axes(views.graph.settings(shares)["axis"], len(views.graph.shape(shares)))


def log_of_rest(views: Views, wire: int) -> Found | None:
    """The logarithm of 1 − softmax, where the wire is that as it is drawn above."""
    found = _scores_of_rest(views, wire)
    return None if found is None else (LOG_REST, _log_rest(views.xp, views.xp.wire(found[0]), found[1]))


def _scores_of_rest(views: Views, wire: int) -> tuple[int, Any] | None:
    """The scores and the axis of the softmax that a choice takes from 1."""
    _, others, rest = views.graph.inputs(wire)
    core = views.numbers.core(others)
    shares = [one for one in views.linear(rest) if one != ONE and views.name(one) == "softmax"]
    if views.name(core) != "others_share" or len(shares) != 1 or views.input(core) != views.input(shares[0]):
        return None
    return views.input(core), views.graph.settings(shares[0])["axis"]
