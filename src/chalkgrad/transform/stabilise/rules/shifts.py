"""Logarithms of exponentials beside one of their exponents: x − log(1 + e^x), x + log(1 + e^−x).

What is added is taken into the logarithm, where it is a factor of what stands there: nothing of the result drowns in large numbers
that cancel.
"""

import math

from chalkgrad.graph.shapes import broadcast
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, Views, merged

LOG_2 = math.log(2.0)
DROWNS = "the logarithm is close to the number taken away, and their difference keeps few digits"
SOFTPLUS_SHIFT = rule(
    "softplus less its argument",
    written=lambda xp, x: xp.softplus(x) - x,
    stable=lambda xp, x: xp.softplus(-x),
    why=DROWNS,
    proof="log(1 + e^x) − x = log((1 + e^x)·e^−x) = log(1 + e^−x), for every real x",
    ranges=((-700.0, 700.0),),
)
LOG_SIGMOID_SHIFT = rule(
    "log-sigmoid less its argument",
    written=lambda xp, x: xp.log_sigmoid(x) - x,
    stable=lambda xp, x: xp.log_sigmoid(-x),
    why=DROWNS,
    proof="−log(1 + e^−x) − x = −log((1 + e^−x)·e^x) = −log(1 + e^x), for every real x",
    ranges=((-700.0, 700.0),),
)
LOG_COSH_SHIFT = rule(
    "log 2·cosh beside its argument",
    written=lambda xp, x: xp.log(2 * xp.cosh(x)) + x,
    stable=lambda xp, x: xp.softplus(2 * x),
    why=DROWNS,
    proof="log(2·cosh x) + x = log((e^x + e^−x)·e^x) = log(1 + e^2x), for every real x",
    ranges=((-0.5, 300.0),),
)
CANCELLED = rule(
    "what cancels beside a logarithm",
    written=lambda xp, x: (xp.log1mexp(x) - x) + x,
    stable=lambda xp, x: xp.log1mexp(x),
    why="a number is added and taken away again, and the logarithm is rounded to the digits of that number",
    proof="(a − x) + x = a, for all real a, x",
    ranges=((-60.0, -1e-9),),
)
LOGISTIC = rule(
    "softplus less a labelled score",
    written=lambda xp, x, y: xp.softplus(x) - y * x,
    stable=lambda xp, x, y: xp.logistic_loss(x, y),
    why="where the label is nearly sure, its slope σ − y keeps few digits, and large numbers cancel",
    proof="log(1 + e^x) − y·x is what logistic_loss means, for all real x, y",
    ranges=((-300.0, 300.0), (0.0, 1.0)),
    beyond=True,
)
SOFTPLUS_BY_PARTS = rule(
    "softplus by its parts",
    written=lambda xp, x: xp.maximum(x, 0.0) + xp.softplus(-xp.absolute(x)),
    stable=lambda xp, x: xp.softplus(x),
    why="softplus takes this care itself, and beside a label it is not known as one",
    proof="log(1 + e^x) = max(x, 0) + log(1 + e^−|x|), for every real x",
    ranges=((1e-3, 700.0),),
)
LOG_COSH_OF_TWO = rule(
    "log-cosh of two powers",
    written=lambda xp, x: xp.log((xp.exp(x) + xp.exp(-x)) / 2),
    stable=lambda xp, x: xp.log_cosh(x),
    why="near 0 the logarithm of the two powers is close to log 2, and their difference keeps few digits",
    proof="log(e^x + e^−x) − log 2 = log cosh x, for every real x",
    ranges=((-5.0, 5.0),),
)
LOGARITHMS = ("softplus", "log_sigmoid", "logaddexp", "log_cosh", "log1mexp", "logsumexp", "log_softmax", "log_prod")


@completes("add", "subtract", among=LOGARITHMS)
def beside_logarithm(views: Views, node: int) -> Found | None:
    form = views.linear(node)
    by_parts = _by_parts(views, node, form)
    if by_parts is not None:
        return by_parts
    for wire, factor in form.items():
        found = _taken_in(views, wire, factor, form) if wire != ONE and len(form) > 1 else None
        if found is not None:
            said, drawn, left = found
            drawn = views.scaled(factor, drawn)
            return said, drawn + views.drawn_linear(left, views.graph.shape(node)) if left else drawn
    return _cancelled(views, node, form)


def _taken_in(views: Views, wire: int, factor: float, form: Linear) -> tuple[Rule, Wire, Linear] | None:
    """The rule, the logarithm with something else taken in, and what is left of the sum beside it."""
    xp, name = views.xp, views.name(wire)
    rest = {key: value for key, value in form.items() if key != wire}
    if name == "logaddexp" and rest.get(ONE) == -factor * LOG_2 and _opposite(views, wire):
        del rest[ONE]
        return LOG_COSH_OF_TWO, xp.log_cosh(xp.wire(views.input(wire))), rest
    if name == "softplus" and (labelled := _labelled(views, views.input(wire), factor, rest)) is not None:
        other, label = labelled
        return (
            LOGISTIC,
            xp.logistic_loss(xp.wire(views.input(wire)), label),
            {key: value for key, value in rest.items() if key != other},
        )
    if name in ("softplus", "log_sigmoid"):
        left = _without(rest, views.linear(views.input(wire)), -factor)
        said = SOFTPLUS_SHIFT if name == "softplus" else LOG_SIGMOID_SHIFT
        return None if left is None else (said, xp.call(name, views.negated(views.input(wire))), left)
    if name == "log_cosh" and rest.get(ONE) == factor * LOG_2:
        for sign in (1.0, -1.0):
            left = _without(rest, views.linear(views.input(wire)), sign * factor)
            if left is not None:
                del left[ONE]
                doubled = views.scaled(2 * sign, xp.wire(views.input(wire)))
                return LOG_COSH_SHIFT, xp.softplus(doubled), left
    return None


def _opposite(views: Views, wire: int) -> bool:
    """Whether one input is minus the other."""
    one, other = (views.linear(end) for end in views.graph.inputs(wire))
    return not merged(one, other)


def _labelled(views: Views, scores: int, factor: float, rest: Linear) -> tuple[int, Wire] | None:
    """The part −factor·y·x of the sum, and the label y in it."""
    own = views.numbers.of(scores)
    for wire, weight in rest.items():
        term = views.product(wire) if wire != ONE else Term()
        label = term.without(own)
        if term.powers.get(own) == 1.0 and not term.exponent and label.powers and weight * term.coefficient == -factor:
            return wire, views.drawn(Term(1.0, label.powers), broadcast(*(views.graph.shape(one) for one in label.powers)))
    return None


def _by_parts(views: Views, node: int, form: Linear) -> Found | None:
    """max(x, 0) + log(1 + e^−|x|)."""
    for wire, factor in form.items():
        if wire == ONE or views.name(wire) != "softplus":
            continue
        inner = views.linear(views.input(wire))
        size = next(iter(inner)) if list(inner.values()) == [-1.0] else ONE
        if size == ONE or views.name(size) != "absolute":
            continue
        for other, weight in form.items():
            if other != ONE and weight == factor and views.numbers.of(views.input(size)) == _ramp(views, other):
                rest = {key: value for key, value in form.items() if key not in (wire, other)}
                drawn = views.scaled(factor, views.xp.softplus(views.xp.wire(views.input(size))))
                return SOFTPLUS_BY_PARTS, views.added(drawn, rest, views.graph.shape(node))
    return None


def _ramp(views: Views, wire: int) -> int | None:
    """x, where the wire is max(x, 0)."""
    inputs = [views.numbers.of(one) for one in views.graph.inputs(wire)] if views.name(wire) in ("maximum", "relu") else []
    kept = [one for one in inputs if views.number(one) != 0.0]
    return kept[0] if len(kept) == 1 and (views.name(wire) == "relu" or len(inputs) == 2) else None


def _without(form: Linear, part: Linear, factor: float) -> Linear | None:
    """The form less factor · part, where it holds all of it."""
    if not part or any(form.get(key) != factor * value for key, value in part.items()):
        return None
    return {key: value for key, value in form.items() if key not in part}


def _cancelled(views: Views, node: int, form: Linear) -> Found | None:
    left, right = (views.linear(one) for one in views.graph.inputs(node))
    gone = [key for key in left if key in right and key not in form]
    if not gone or not any(views.name(key) in LOGARITHMS for key in form if key != ONE):
        return None
    return CANCELLED, views.drawn_linear(form, views.graph.shape(node))
