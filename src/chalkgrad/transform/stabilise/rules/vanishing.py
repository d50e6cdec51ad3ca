"""Products in which one factor vanishes faster than the other grows: e^x·x at x = −∞, σ(x)·log σ(x) at either end.

They are 0 there, with the slope 0, as entropies of probabilities that are given in logarithms mean it.
"""

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import dot
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Term, Views, merged

EXP_TIMES = rule(
    "e^x times a sum with x",
    written=lambda xp, x, y: xp.exp(x) * (x - y),
    stable=lambda xp, x, y: xp.exp_times(x, x - y),
    why="at x = −∞, as the logarithm of a probability of 0 is, it is 0·∞, although entropies mean 0 there",
    proof="e^x·y is what exp_times means; at x = −∞ it is the limit for every y that grows no faster than x",
    ranges=((-700.0, 700.0), (-700.0, 700.0)),
)
SIGMOID_TIMES = rule(
    "sigmoid times its logarithm",
    written=lambda xp, x: xp.sigmoid(x) * xp.log_sigmoid(x),
    stable=lambda xp, x: xp.sigmoid_times(x, xp.log_sigmoid(x)),
    why="at x = −∞ it is 0·∞, although entropies mean 0 there",
    proof="σ(x)·y is what sigmoid_times means; at x = −∞ it is the limit for every y that grows no faster than x",
    ranges=((-700.0, 700.0),),
)
LOGARITHMS = ("log_sigmoid", "softplus")


@completes("multiply", "divide")
def vanishing(views: Views, node: int) -> Found | None:
    return _vanishing(views, views.product(node), views.graph.shape(node))


@completes("matmul", "einsum")
def sum_of_vanishing(views: Views, node: int) -> Found | None:
    """The same, as a product of vectors."""
    pair = dot(views, node)
    if pair is None:
        return None
    found = _vanishing(views, views.product(pair[0]).times(views.product(pair[1])), views.graph.shape(pair[0]))
    return None if found is None else (found[0], views.xp.sum(found[1]))


def _vanishing(views: Views, whole: Term, shape: Shape) -> Found | None:
    for wire, power in whole.powers.items():
        if power != 1.0:
            continue
        if (whole.exponent.keys() & views.linear(wire).keys()) - {ONE}:
            drawn = views.xp.exp_times(views.drawn_linear(whole.exponent, shape), views.xp.wire(wire))
            return EXP_TIMES, _with(views, Term(whole.coefficient, whole.without(wire).powers), drawn, shape)
        if views.name(wire) in LOGARITHMS:
            share = _share(views, whole, views.input(wire))
            if share is not None:
                drawn = views.xp.sigmoid_times(views.xp.wire(views.input(share)), views.xp.wire(wire))
                return SIGMOID_TIMES, _with(views, whole.without(wire, share), drawn, shape)
    return None


def _share(views: Views, whole: Term, scores: int) -> int | None:
    """The sigmoid of these scores, or of their opposite, among the factors."""
    own = views.linear(scores)
    for wire, power in whole.powers.items():
        if power == 1.0 and views.name(wire) == "sigmoid":
            other = views.linear(views.input(wire))
            if not merged(own, other, -1.0) or not merged(own, other):
                return wire
    return None


def _with(views: Views, rest: Term, drawn: Wire, shape: Shape) -> Wire:
    if rest.pure and not rest.exponent:
        return views.scaled(rest.coefficient, drawn)
    return drawn * views.drawn(rest, shape)
