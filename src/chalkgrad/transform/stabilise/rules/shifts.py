"""Logarithms of exponentials beside one of their exponents: x − log(1 + e^x), x + log(1 + e^−x).

What is added is taken into the logarithm, where it is a factor of what stands there: nothing of the result drowns in large numbers
that cancel.
"""

import math

from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Linear, Views

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
LOGARITHMS = ("softplus", "log_sigmoid", "logaddexp", "log_cosh", "log1mexp", "logsumexp", "log_softmax", "log_prod")


@completes("add", "subtract", among=LOGARITHMS)
def beside_logarithm(views: Views, node: int) -> Found | None:
    form = views.linear(node)
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
