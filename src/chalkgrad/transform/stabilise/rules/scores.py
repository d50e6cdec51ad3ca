"""Scores beside the logsumexp of all of them: cross-entropies in which the true class nearly has the whole probability.

Its slope, p − 1, is then the sum of the other probabilities, which no difference of 1 and p holds.
"""

import numpy as np

from chalkgrad.graph.shapes import axes, reduced
from chalkgrad.transform.stabilise.rules.contractions import dot
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.picking import picked_beside
from chalkgrad.transform.stabilise.views import DEPTH, ONE, Views

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
LAID = ("index", "reshape", "broadcast_to")


@completes("add", "subtract", among=("logsumexp", *LAID))
def less_marked_scores(views: Views, node: int) -> Found | None:
    """log Σe^x − Σm·x, where the constants m add up to 1: the marks of the true classes, or probabilities."""
    form = views.linear(node)
    if len(form) != 2 or ONE in form:
        return None
    for (wire, factor), (other, against) in (tuple(form.items()), tuple(form.items())[::-1]):
        core = views.numbers.core(wire)
        if views.name(core) != "logsumexp" or against != -factor or views.graph.shape(wire) != views.graph.shape(other):
            continue
        scores, axis = views.input(core), views.graph.settings(core)["axis"]
        marks = _marks(views, other, scores, axis)
        if marks is None:
            continue
        xp = views.xp
        logs = xp.times_log(xp.wire(marks), xp.log_softmax(xp.wire(scores), axis=axis))
        return MARKED, views.scaled(-factor, views.fitted(xp.sum(logs, axis=axis), views.graph.shape(node)))
    return None


def _marks(views: Views, wire: int, scores: int, axis: object) -> int | None:
    """The constants by which the scores are multiplied and added up along the axis, where they add up to 1."""
    core, shape = views.numbers.core(wire), views.graph.shape(scores)
    pair = dot(views, core)
    if pair is not None:
        factors = set(pair) if len(axes(axis, len(shape))) == len(shape) else set()  # type: ignore[arg-type]
    elif views.name(core) == "sum" and axes(views.graph.settings(core)["axis"], len(shape)) == axes(axis, len(shape)):  # type: ignore[arg-type]
        term = views.product(views.input(core))
        plain = term.coefficient == 1.0 and not term.exponent and set(term.powers.values()) == {1.0}
        factors = set(term.powers) if plain else set()
    else:
        return None
    rest = [one for one in factors if not views.same(one, scores)]
    if len(factors) != 2 or len(rest) != 1 or not views.graph.is_constant(rest[0]) or views.graph.shape(rest[0]) != shape:
        return None
    total = np.sum(np.asarray(views.graph.constants[rest[0]], dtype=float), axis=axis)  # type: ignore[call-overload]
    return rest[0] if np.all(total == 1.0) else None


@completes("logsumexp")
def over_one_score(views: Views, node: int) -> Found | None:
    """log Σe^(x − x[y])."""
    source, xp = views.input(node), views.xp
    form, shape = views.linear(source), views.graph.shape(source)
    if len(form) != 2 or ONE in form or set(form.values()) != {1.0, -1.0}:
        return None
    picked, scores = sorted(form, key=lambda one: form[one])
    if views.graph.shape(scores) != shape:
        return None
    axis = views.graph.settings(node)["axis"]
    gone = reduced(shape, axis=axis)
    for _ in range(DEPTH):
        if views.graph.shape(picked) == gone and picked_beside(views, picked, scores, axis, gone):
            logs = xp.log_softmax(xp.wire(scores), axis=axis)
            taken = xp.call(views.name(picked), logs, *map(xp.wire, views.graph.inputs(picked)[1:]), **views.graph.settings(picked))
            return OVER_ONE, views.fitted(-taken, views.graph.shape(node))
        if views.name(picked) not in LAID:
            return None
        picked = views.input(picked)
    return None
