"""Functions over their argument: (e^x − 1)/x, log(1 + x)/x, log(x)/(x − 1), and the same of what they have less than x.

At 0 (at 1) they are 0/0, and near it their slopes are differences of close numbers.
"""

from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.gaps import beside
from chalkgrad.transform.stabilise.views import ONE, Term, Views, merged

HOLE = "at 0 the quotient is 0/0, and near it the slope is a difference of close numbers"
NEAR = 0.5  # how close to 1 its logarithm is taken of the difference

EXPM1_RATIO = rule(
    "e^x − 1 over x",
    written=lambda xp, x: xp.expm1(x) / x,
    stable=lambda xp, x: xp.expm1_ratio(x),
    why=HOLE,
    proof="(e^x − 1)/x is what expm1_ratio means, for every real x but 0, where it has the limit 1",
    ranges=((-1.0, 1.0),),
)
LOG1P_RATIO = rule(
    "log(1 + x) over x",
    written=lambda xp, x: xp.log1p(x) / x,
    stable=lambda xp, x: xp.log1p_ratio(x),
    why=HOLE,
    proof="log(1 + x)/x is what log1p_ratio means, for every x > −1 but 0, where it has the limit 1",
    ranges=((-0.9, 1.0),),
)
EXPM1_GAP_RATIO = rule(
    "e^x − 1 − x over x²",
    written=lambda xp, x: xp.expm1_gap(x) / x**2,
    stable=lambda xp, x: xp.expm1_ratio(x, order=2),
    why=HOLE,
    proof="it is what expm1_ratio of order 2 means, for every real x but 0, where it has the limit ½",
    ranges=((-1.0, 1.0),),
)
LOG1P_GAP_RATIO = rule(
    "x − log(1 + x) over x²",
    written=lambda xp, x: xp.log1p_gap(x) / x**2,
    stable=lambda xp, x: xp.log1p_ratio(x, order=2),
    why=HOLE,
    proof="it is what log1p_ratio of order 2 means, for every x > −1 but 0, where it has the limit ½",
    ranges=((-0.9, 1.0),),
)


def _log_ratio(xp: Any, x: Any, less_one: Any) -> Any:
    near = xp.absolute(less_one) < NEAR
    far = xp.log(xp.where(near, 2.0, x)) / xp.where(near, 1.0, less_one)
    return xp.where(near, xp.log1p_ratio(xp.where(near, less_one, 0.0)), far)


LOG_RATIO = rule(
    "log x over x − 1",
    written=lambda xp, x: xp.log(x) / (x - 1),
    stable=lambda xp, x: _log_ratio(xp, x, x - 1),
    why="at 1 the quotient is 0/0, and near it the slope is a difference of close numbers",
    proof="log x = log(1 + (x − 1)), for every x > 0 but 1, where the quotient has the limit 1",
    ranges=((0.1, 3.0),),
)

FORMS = {"expm1": (1, EXPM1_RATIO), "log1p": (1, LOG1P_RATIO), "expm1_gap": (2, EXPM1_GAP_RATIO), "log1p_gap": (2, LOG1P_GAP_RATIO)}


@completes("divide", "multiply", among=FORMS)
def by_argument(views: Views, node: int) -> Found | None:
    """f(u)·a/u or u·a/f(u), with all factors of u."""
    whole, shape, xp = views.product(node), views.graph.shape(node), views.xp
    for wire, power in whole.powers.items():
        if views.name(wire) not in FORMS or abs(power) != 1.0:
            continue
        order, said = FORMS[views.name(wire)]
        argument = views.product(views.input(wire))
        turned = -power * order
        if argument.exponent or not argument.powers or argument.coefficient == 0.0:
            continue
        if all(whole.powers.get(one, 0.0) == turned * many for one, many in argument.powers.items()):
            found = said.stable(xp, xp.wire(views.input(wire)))
            return said, _placed(views, found, power, whole.without(wire).times(argument, -turned), shape)
    return None


@completes("divide", "multiply", among={"log"})
def by_difference_from_one(views: Views, node: int) -> Found | None:
    """log(x)·a/(x − 1) or (x − 1)·a/log(x)."""
    whole, shape, xp = views.product(node), views.graph.shape(node), views.xp
    for wire, power in whole.powers.items():
        if views.name(wire) != "log" or abs(power) != 1.0:
            continue
        x = views.linear(views.input(wire))
        for other, against in whole.powers.items():
            form = views.linear(other)
            if against != -power or abs(scale := form.get(ONE, 0.0)) != 1.0 or len(form) < 2:
                continue
            if not merged(form, merged(x, {ONE: -1.0}), scale):  # 1 − x or x − 1
                less_one = views.negated(other) if scale > 0 else xp.wire(other)
                found = _log_ratio(xp, xp.wire(views.input(wire)), less_one)
                return LOG_RATIO, _placed(views, views.scaled(-scale, found), power, whole.without(wire, other), shape)
    return None


def _placed(views: Views, found: Wire, power: float, rest: Term, shape: Shape) -> Wire:
    """The ratio times the other factors, or these over it."""
    if power > 0:
        return beside(views, found, rest, shape)
    return views.drawn(rest, shape) / found if rest.powers or rest.exponent else rest.coefficient / found
