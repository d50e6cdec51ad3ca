"""Scores beside the logsumexp of all of them: cross-entropies in which the true class nearly has the whole probability.

Its slope, p − 1, is then the sum of the other probabilities, which no difference of 1 and p holds.
"""

import math
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes, reduced
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import paired
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.picking import LAID, in_turn, picked_beside, picked_source
from chalkgrad.transform.stabilise.views import ONE, Term, Views

MARKS = np.array([0.0, 1.0, 0.0, 0.0])
PART = "where one class has nearly all of the probability, its slope p − 1 keeps few digits, and a class ruled out is 0·∞"
MARKED = rule(
    "logsumexp less marked scores",
    written=lambda xp, x: xp.logsumexp(x) - xp.sum(MARKS * x),
    stable=lambda xp, x: -xp.sum(xp.times_log(xp.wire(xp.graph.constant(MARKS)), xp.log_softmax(x))),
    why=PART,
    proof="log Σe^x − Σm·x = −Σm·(x − log Σe^x) for all real x, where Σm = 1",
    ranges=((-300.0, 300.0),),
    shapes=((4,),),
)
OVER_ONE = rule(
    "logsumexp over one score",
    written=lambda xp, x: xp.logsumexp(x - xp.index(x, index=(1,))),
    stable=lambda xp, x: -xp.index(xp.log_softmax(x), index=(1,)),
    why=PART,
    proof="log Σe^(x − x₁) = −log(e^x₁/Σe^x), for all real x",
    ranges=((-300.0, 300.0),),
    shapes=((4,),),
)
LABELLED = rule(
    "logsumexp less weighted scores",
    written=lambda xp, x, w: xp.logsumexp(x) - xp.sum(w * x),
    stable=lambda xp, x, w: xp.soft_cross_entropy(x, w),
    why=PART,
    proof="log Σe^x − Σw·x is what soft_cross_entropy means; where Σw = 1 it is −Σw·(x − log Σe^x)",
    ranges=((-300.0, 300.0), (0.0, 1.0)),
    shapes=((4,), (4,)),
    beyond=True,
)
SPLIT = rule(
    "sum of logsumexps less that of picked scores",
    written=lambda xp, x: xp.sum(xp.logsumexp(x, axis=1)) - xp.sum(xp.index(x, index=(slice(None), 1))),
    stable=lambda xp, x: -xp.sum(xp.index(xp.log_softmax(x, axis=1), index=(slice(None), 1))),
    why=PART,
    proof="Σ log Σe^x − Σx₁ = Σ(log Σe^x − x₁), and x₁ − log Σe^x = log(e^x₁/Σe^x), for all real x",
    ranges=((-300.0, 300.0),),
    shapes=((2, 3),),
)
GATHERED = ("sum", "mean")


@completes("add", "subtract", among=("logsumexp", *LAID, *GATHERED))
def less_weighted_scores(views: Views, node: int) -> Found | None:
    """k·(log Σe^x − Σw·x), and the parts that are added beside."""
    form, shape = views.linear(node), views.graph.shape(node)
    for wire, factor in form.items():
        if wire == ONE or views.graph.shape(wire) != shape or (known := _logsumexps(views, wire)) is None:
            continue
        for other, against in form.items():
            if other in (ONE, wire) or against * factor > 0 or views.graph.shape(other) != shape:
                continue
            found = _beside(views, wire, known, other, -against / factor)
            if found is not None:
                said, drawn = found
                rest = {key: value for key, value in form.items() if key not in (wire, other)}
                drawn = views.scaled(factor, views.fitted(drawn, shape))
                return said, views.added(drawn, rest, shape)
    return None


def _logsumexps(views: Views, wire: int) -> int | None:
    """The logsumexp that the wire is, or all of whose entries it is the sum or the mean of."""
    core = views.numbers.core(wire)
    if views.name(core) in GATHERED and views.graph.shape(core) == ():
        core = views.numbers.core(views.input(core))
    return core if views.name(core) == "logsumexp" else None


def _beside(views: Views, wire: int, known: int, other: int, share: float) -> Found | None:
    """log Σe^x − share·(what the other wire is), where `wire` is the logsumexp `known`, or gathers its entries."""
    xp, graph = views.xp, views.graph
    scores, axis = views.input(known), graph.settings(known)["axis"]
    outer = views.numbers.core(wire)
    split = outer != known
    if split:
        scale = 1.0 if views.name(outer) == "sum" else 1.0 / math.prod(graph.shape(views.input(outer)))
        share /= scale
        picked = _picked_total(views, other, scores, axis)
        if picked is not None and picked[1] * share == 1.0:
            logs = picked_logs(views, picked[0], scores, axis)
            return SPLIT, -xp.call(views.name(outer), logs)
    gone = axes(axis, len(graph.shape(scores)))
    found = _weights(views, other, scores, tuple(range(len(graph.shape(scores)))) if split else gone)
    if found is None or found[1] * share != 1.0:
        return None
    weights = found[0]
    if _add_up_to_one(views, weights.node, axis):
        logs = xp.times_log(weights, xp.log_softmax(xp.wire(scores), axis=axis))
        said, drawn = MARKED, -xp.sum(logs, axis=axis)
    else:
        said, drawn = LABELLED, xp.soft_cross_entropy(xp.wire(scores), weights, axis=axis)
    return said, xp.call(views.name(outer), drawn) if split else drawn


def _picked_total(views: Views, wire: int, scores: int, axis: Any) -> tuple[int, float] | None:
    """Scores picked one from each row, all of which the wire adds up, and the factor before that sum."""
    core = views.numbers.core(wire)
    if views.name(core) not in GATHERED or views.graph.shape(core) != ():
        return None
    picked = views.input(core)
    shape = views.graph.shape(scores)
    if not any(picked_beside(views, picked, scores, axis, reduced(shape, axis=axis, keepdims=keep)) for keep in (False, True)):
        return None
    return picked, 1.0 if views.name(core) == "sum" else 1.0 / math.prod(views.graph.shape(picked))


def _weights(views: Views, wire: int, scores: int, gone: tuple[int, ...]) -> tuple[Wire, float] | None:
    """What the scores are multiplied by before they are added up over these axes, in their shape, and the factor before the sum."""
    core, shape, xp = views.numbers.core(wire), views.graph.shape(scores), views.xp
    pair = paired(views, core)
    if pair is not None:
        first, second, summed = pair
        if summed != gone or not any(views.same(one, scores) for one in (first, second)):
            return None
        return xp.wire(second if views.same(first, scores) else first), 1.0
    if views.name(core) not in GATHERED:
        return None
    source = views.input(core)
    if views.graph.shape(source) != shape or axes(views.graph.settings(core)["axis"], len(shape)) != gone:
        return None
    scale = 1.0 if views.name(core) == "sum" else 1.0 / math.prod(shape[place] for place in gone)
    if views.name(source) == "where":
        condition, kept, other = views.graph.inputs(source)
        marked = views.same(kept, scores) and views.number(other) == 0.0
        return (views.fitted(xp.where(xp.wire(condition), 1.0, 0.0), shape), scale) if marked else None
    term = views.product(source)
    rest = term.without(views.numbers.of(scores))
    if term.exponent or term.powers.get(views.numbers.of(scores)) != 1.0 or not rest.powers:
        return None
    inner = Term(1.0, rest.powers)
    within = np.broadcast_shapes(*(views.graph.shape(one) for one in rest.powers))
    return views.fitted(views.drawn(inner, within), shape), scale * rest.coefficient


def _add_up_to_one(views: Views, wire: int, axis: Any) -> bool:
    """Whether the weights are constants that add up to 1, as the marks of the true classes do."""
    if not views.graph.is_constant(wire):
        return False
    return bool(np.all(np.sum(np.asarray(views.graph.constants[wire], dtype=float), axis=axis) == 1.0))


def picked_logs(views: Views, picked: int, scores: int, axis: Any) -> Wire:
    """The logarithms of the shares of the entries that a wire picks from the scores."""
    logs = views.xp.log_softmax(views.xp.wire(scores), axis=axis)
    places = map(views.xp.wire, views.graph.inputs(picked)[1:])
    return views.xp.call(views.name(picked), logs, *places, **views.graph.settings(picked))


@completes("logsumexp")
def over_one_score(views: Views, node: int) -> Found | None:
    """log Σe^(x − x[y]), also of each score in turn: log Σⱼe^(xⱼ − xᵢ)."""
    source, xp = views.input(node), views.xp
    form, shape = views.linear(source), views.graph.shape(source)
    if len(form) != 2 or ONE in form or set(form.values()) != {1.0, -1.0}:
        return None
    picked, scores = sorted(form, key=lambda one: form[one])
    axis = views.graph.settings(node)["axis"]
    if in_turn(views, scores, picked, shape, axis):
        return OVER_ONE, views.fitted(-xp.log_softmax(xp.wire(scores), axis=axis), views.graph.shape(node))
    if views.graph.shape(scores) != shape:
        return None
    found = picked_source(views, picked, scores, axis, reduced(shape, axis=axis))
    return None if found is None else (OVER_ONE, views.fitted(-picked_logs(views, found, scores, axis), views.graph.shape(node)))
