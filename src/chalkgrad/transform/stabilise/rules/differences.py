"""Sums and differences whose parts cancel: e^x − 1, 1 − sigmoid, 1 − tanh, x − logsumexp, variances from sums of squares."""

from typing import Any

from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.growth import GROWTH
from chalkgrad.transform.stabilise.rules.odds import share_of_odds
from chalkgrad.transform.stabilise.rules.picking import LAID, picked_beside
from chalkgrad.transform.stabilise.rules.shares import is_level, lies_along
from chalkgrad.transform.stabilise.views import ONE, RAISED, Linear, Views, merged

EXPM1 = rule(
    "expm1",
    written=lambda xp, x: xp.exp(x) - 1,
    stable=lambda xp, x: xp.expm1(x),
    why="e^x is close to 1 where x is close to 0, and their difference keeps few digits",
    proof="e^x − 1 is what expm1 means, for every real x",
    ranges=((-2.0, 2.0),),
)
SIGMOID_REST = rule(
    "1 − sigmoid",
    written=lambda xp, x: 1 - xp.sigmoid(x),
    stable=lambda xp, x: xp.sigmoid(-x),
    why="the sigmoid rounds to 1 for large x, and nothing is left",
    proof="1 − 1/(1 + e^−x) = e^−x/(1 + e^−x) = 1/(1 + e^x), for every real x",
    ranges=((-800.0, 700.0),),
)
TANH_REST = rule(
    "1 − tanh",
    written=lambda xp, x: 1 - xp.tanh(x),
    stable=lambda xp, x: 2 * xp.sigmoid(-2 * x),
    why="tanh rounds to 1 for large x, and nothing is left",
    proof="1 − tanh x = 2e^−x/(e^x + e^−x) = 2/(1 + e^2x), for every real x",
    ranges=((-350.0, 350.0),),
)
TANH_SQUARED = rule(
    "1 − tanh²",
    written=lambda xp, x: 1 - xp.tanh(x) ** 2,
    stable=lambda xp, x: xp.sech(x) ** 2,
    why="tanh² rounds to 1 for large |x|, and nothing is left",
    proof="cosh² x − sinh² x = 1, divided by cosh² x, for every real x",
    ranges=((-300.0, 300.0),),
)
POWER_REST = rule(
    "power less 1",
    written=lambda xp, x, y: (1 + x) ** y - 1,
    stable=lambda xp, x, y: less_one(xp, xp.compound(x, y), y * xp.log1p(x)),
    why="the power is close to 1 where its logarithm is small, and their difference keeps few digits",
    proof="u^y − 1 = e^(y·log u) − 1 for u > 0, which is what expm1 means",
    ranges=((1e-9, 1e-3), (0.1, 9.0)),
)
TANH_OF_SIGMOID = rule(
    "1 − 2·sigmoid",
    written=lambda xp, x: 1 - 2 * xp.sigmoid(x),
    stable=lambda xp, x: -xp.tanh_half(x),
    why="the sigmoid is close to ½ where x is close to 0, and the difference keeps few digits",
    proof="1 − 2/(1 + e^−x) = (e^−x − 1)/(e^−x + 1) = −tanh(x/2), for every real x",
    ranges=((-4.0, 4.0),),
)
SIGMOIDS_APART = rule(
    "sigmoid less its opposite",
    written=lambda xp, x: xp.sigmoid(x) - xp.sigmoid(-x),
    stable=lambda xp, x: xp.tanh_half(x),
    why="both sigmoids are close to ½ where x is close to 0, and their difference keeps few digits",
    proof="1/(1 + e^−x) − 1/(1 + e^x) = (e^x − 1)/(e^x + 1) = tanh(x/2), for every real x",
    ranges=((-4.0, 4.0),),
)
SLOPE_OF_SIGMOID = rule(
    "sigmoid less its square",
    written=lambda xp, x: xp.sigmoid(x) - xp.sigmoid(x) ** 2,
    stable=lambda xp, x: xp.sigmoid_slope(x),
    why="the sigmoid rounds to 1 for large x, and so does its square",
    proof="σ − σ² = σ·(1 − σ) is what sigmoid_slope means, for every real x",
    ranges=((-700.0, 700.0),),
)
UNIT_SQUARE = rule(
    "1 − x²",
    written=lambda xp, x: 1 - x**2,
    stable=lambda xp, x: xp.one_minus_square(x),
    why="x² is rounded before it is taken away, which shows where |x| is close to 1",
    proof="1 − x² = (1 − x)·(1 + x) for every real x",
    ranges=((-1.5, 1.5),),
)
FROM_LOGSUMEXP = rule(
    "score less logsumexp",
    written=lambda xp, x: x - xp.logsumexp(x, keepdims=True),
    stable=lambda xp, x: xp.log_softmax(x),
    why="the largest score is close to the logsumexp, and their difference keeps few digits",
    proof="x − log Σe^x = log(e^x/Σe^x), for all real x",
    ranges=((-800.0, 800.0),),
    shapes=((4,),),
)
LOGSUMEXP_SHIFT = rule(
    "logsumexp of a shift",
    written=lambda xp, x: xp.logsumexp(x - xp.max(x)) + xp.max(x),
    stable=lambda xp, x: xp.logsumexp(x),
    why="logsumexp takes the largest entry out itself; doing it twice rounds twice",
    proof="log Σe^(x − m) = log Σe^x − m for every number m that is the same along the axis",
    ranges=((-800.0, 800.0),),
    shapes=((4,),),
)
LOGADDEXP_REST = rule(
    "number less logaddexp",
    written=lambda xp, x, y: x - xp.logaddexp(x, y),
    stable=lambda xp, x, y: xp.log_sigmoid(x - y),
    why="the larger number is close to the logaddexp, and their difference keeps few digits",
    proof="x − log(e^x + e^y) = −log(1 + e^(y − x)), for all real x, y",
    ranges=((-400.0, 400.0), (-400.0, 400.0)),
)
CLOSE_TO_ONE = (
    "exp",
    "sigmoid",
    "tanh",
    "compound",
    "compound_interest",
    "power",
    "square",
    "constant_power",
    "expm1",
    "divide",
    "reciprocal",
    RAISED,
)


# Beside a number ----------------------------------------------------------------------------------------------------------------


@completes("add", "subtract", among=CLOSE_TO_ONE)
def from_one(views: Views, node: int) -> Found | None:
    """k − k·(something close to 1), and the parts that are added beside."""
    form = views.linear(node)
    if ONE not in form:
        return _of_sigmoids(views, node, form)
    number = form.get(ONE)
    if number is None or len(form) < 2:
        return None
    for wire, factor in form.items():
        if wire == ONE:
            continue
        found = _close_to_one(views, wire, factor / number)
        if found is not None:
            said, drawn = found
            rest = {key: value for key, value in form.items() if key not in (ONE, wire)}
            scale = -number if said in (EXPM1, POWER_REST, TANH_OF_SIGMOID) else number
            return said, views.added(views.scaled(scale, drawn), rest, views.graph.shape(node))
    return None


def _of_sigmoids(views: Views, node: int, form: Linear) -> Found | None:
    """k·σ(x) − k·σ(−x), k·σ(x) − k·σ(x)²."""
    for wire, factor in form.items():
        if views.name(wire) != "sigmoid":
            continue
        xp, x = views.xp, views.input(wire)
        for other, against in form.items():
            if against != -factor:
                continue
            if views.name(other) == "sigmoid" and factor > 0 and not merged(views.linear(x), views.linear(views.input(other))):
                said, drawn = SIGMOIDS_APART, xp.tanh_half(xp.wire(x))
            elif views.product(other).powers == {views.numbers.of(wire): 2.0} and views.product(other).coefficient == 1.0:
                said, drawn = SLOPE_OF_SIGMOID, xp.sigmoid_slope(xp.wire(x))
            else:
                continue
            rest = {key: value for key, value in form.items() if key not in (wire, other)}
            return said, views.added(views.scaled(factor, drawn), rest, views.graph.shape(node))
    return None


def _growth_below(views: Views, wire: int, factor: float) -> int | None:
    """x, where factor · wire is 1/(e^x − 1)."""
    term = views.product(wire)
    below = list(term.powers.items())
    known = len(below) == 1 and below[0][1] == -1.0 and not term.exponent and factor * term.coefficient == 1.0
    return views.input(below[0][0]) if known and views.name(below[0][0]) == "expm1" else None


def _tanh_half(views: Views, x: int) -> Wire:
    """It is odd: the sign of a negative argument goes before it."""
    if all(factor < 0 for factor in views.linear(x).values()):
        return -views.xp.tanh_half(views.negated(x))
    return views.xp.tanh_half(views.xp.wire(x))


def _close_to_one(views: Views, wire: int, factor: float) -> Found | None:
    """1 + factor · wire, where that is 1 − wire or 1 ± tanh; for expm1 and tanh_half its opposite."""
    xp, name = views.xp, views.name(wire)
    if name == "tanh" and abs(factor) == 1.0:
        return TANH_REST, 2 * xp.sigmoid(views.scaled(2 * factor, xp.wire(views.input(wire))))
    if name == "sigmoid" and factor == -2.0:
        return TANH_OF_SIGMOID, _tanh_half(views, views.input(wire))
    if name in ("divide", "reciprocal") and (gap := _growth_below(views, wire, factor)) is not None:
        return GROWTH, -1 / xp.expm1(views.negated(gap))
    if name in ("divide", "reciprocal") and (share := share_of_odds(views, wire, factor)) is not None:
        return share
    if factor != -1.0:
        return None
    if name in ("compound", "power", "compound_interest"):
        return POWER_REST, less_one(xp, xp.wire(wire), _log_of_power(views, wire))
    if name == "exp":
        return EXPM1, xp.expm1(xp.wire(views.input(wire)))
    if name == "sigmoid":
        return SIGMOID_REST, xp.sigmoid(views.negated(views.input(wire)))
    if name in ("constant_power", "square", "multiply", "power", "divide", "reciprocal"):
        term = views.product(wire)
        if term.coefficient == 1.0 and term.pure and term.exponent:
            return EXPM1, xp.expm1(views.drawn_linear(term.exponent, views.graph.shape(wire)))
        if term.coefficient == 1.0 and not term.exponent and list(term.powers.values()) == [2.0]:
            (base,) = term.powers
            if views.name(base) == "tanh":
                return TANH_SQUARED, xp.sech(xp.wire(views.input(base))) ** 2
            return UNIT_SQUARE, xp.one_minus_square(xp.wire(base))
    return None


def _log_of_power(views: Views, wire: int) -> Wire:
    xp, (below, above, *times) = views.xp, views.graph.inputs(wire)
    if views.name(wire) == "compound_interest":  # n·log(1 + r/n), whose slope by n would cancel
        rate, count = xp.wire(below), xp.wire(above)
        yearly = rate * xp.log1p_ratio(rate / count)
        return yearly if views.number(times[0]) == 1.0 else yearly * xp.wire(times[0])
    if views.name(wire) == "compound":
        return xp.wire(above) * xp.log1p(xp.wire(below))
    log = log_less_power(views, below)
    return xp.wire(above) * (xp.log(xp.wire(below)) if log is None else log)


def log_less_power(views: Views, wire: int) -> Wire | None:
    """The logarithm of 1 − u^y, where the wire is that as it is drawn above: by log u, also where the power is small beside 1."""
    ((one, factor),) = form.items() if len(form := views.linear(wire)) == 1 else ((ONE, 0.0),)
    if factor != -1.0 or views.name(one) != "where" or views.name(views.input(one, 1)) != "expm1":
        return None
    powers = [part for part, count in views.linear(views.input(one, 2)).items() if views.name(part) in ("power", "compound")]
    return views.xp.log1mexp(_log_of_power(views, powers[0])) if len(powers) == 1 else None


def less_one(xp: Any, power: Any, logarithm: Any) -> Any:
    """A power less 1: by its logarithm where that is small, else as it is written."""
    near = xp.absolute(logarithm) < 1
    return xp.where(near, xp.expm1(xp.where(near, logarithm, 0.0)), power - 1)


@completes("add", "subtract", among=("logaddexp",))
def from_logaddexp(views: Views, node: int) -> Found | None:
    """x − logaddexp(x, y), and the parts that are added beside."""
    form, shape = views.linear(node), views.graph.shape(node)
    for wire, factor in form.items():
        if wire == ONE or views.name(wire) != "logaddexp" or abs(factor) != 1.0:
            continue
        for first, second in (views.graph.inputs(wire), views.graph.inputs(wire)[::-1]):
            own = views.linear(first)
            if not own or any(form.get(key) != -factor * value for key, value in own.items()):
                continue
            rest = merged({key: value for key, value in form.items() if key != wire}, own, factor)
            drawn = views.xp.log_sigmoid(views.drawn_linear(merged(own, views.linear(second), -1.0), shape))
            return LOGADDEXP_REST, views.added(views.scaled(-factor, drawn), rest, shape)
    return None


# Scores and their logsumexp ----------------------------------------------------------------------------------------------------


@completes("add", "subtract", among=("logsumexp", *LAID))
def from_logsumexp(views: Views, node: int) -> Found | None:
    form = views.linear(node)
    for wire, factor in form.items():
        if wire == ONE or views.name(wire) not in ("logsumexp", *LAID):
            continue
        core = views.numbers.core(wire)
        if views.name(core) != "logsumexp":
            continue
        found = _score(views, node, form, wire, core, factor) or _shift(views, node, form, wire, core, factor)
        if found is not None:
            return found
    return None


def _score(views: Views, node: int, form: Linear, wire: int, core: int, factor: float) -> Found | None:
    """k·(x − logsumexp(x)), where x may be picked from the scores."""
    scores, axis = views.input(core), views.graph.settings(core)["axis"]
    source = views.graph.shape(scores)
    shape = views.graph.shape(node)
    inner = views.linear(scores)
    held = all(form.get(key) == -factor * value for key, value in inner.items())
    if held and shape == source and lies_along(views.graph.shape(wire), source, axis):
        drawn = views.xp.log_softmax(views.xp.wire(scores), axis=axis)
        left = merged({key: value for key, value in form.items() if key != wire}, inner, factor)
        return FROM_LOGSUMEXP, views.added(views.scaled(-factor, drawn), left, shape)
    for other, weight in form.items():
        if other != ONE and weight == -factor and picked_beside(views, other, scores, axis, views.graph.shape(wire)):
            gate, places = views.name(other), views.graph.inputs(other)[1:]
            drawn = views.xp.log_softmax(views.xp.wire(scores), axis=axis)
            drawn = views.xp.call(gate, drawn, *map(views.xp.wire, places), **views.graph.settings(other))
            left = {key: value for key, value in form.items() if key not in (wire, other)}
            return FROM_LOGSUMEXP, views.added(views.scaled(weight, drawn), left, shape)
    return None


def _shift(views: Views, node: int, form: Linear, wire: int, core: int, factor: float) -> Found | None:
    """logsumexp(x − m) + m."""
    scores, axis = views.input(core), views.graph.settings(core)["axis"]
    source = views.graph.shape(scores)
    inner = views.linear(scores)
    for level, weight in inner.items():
        if level == ONE or len(inner) < 2 or not is_level(views, level, source, axis):
            continue
        for other, added in form.items():
            if other in (ONE, wire) or added != -factor * weight:
                continue
            if views.numbers.core(level) != views.numbers.core(other):
                continue
            left = {key: value for key, value in form.items() if key not in (wire, other)}
            exponents = {key: value for key, value in inner.items() if key != level}
            drawn = views.drawn_linear(exponents, source)
            drawn = drawn if drawn.shape == source else views.xp.broadcast_to(drawn, shape=source)
            total = views.xp.logsumexp(drawn, axis=axis)
            total = views.fitted(total, views.graph.shape(wire))
            return LOGSUMEXP_SHIFT, views.added(views.scaled(factor, total), left, views.graph.shape(node))
    return None
