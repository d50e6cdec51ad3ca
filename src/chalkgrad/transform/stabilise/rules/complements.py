"""1 less what is close to 1 at another place than 0: cos x near π, sin x near π/2, and products of numbers close to 1."""

from typing import Any

from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, Views

CLOSE = 0.99  # to 1, from where the difference loses digits
OTHER = {"sin": "cos", "cos": "sin"}


def _beside_one(xp: Any, value: Any, other: Any, sign: float) -> Any:
    """1 ± f for f = sin x or cos x and the other of the two."""
    if sign > 0:
        return xp.where(value < -CLOSE, other * other / (1 - value), 1 + value)
    return xp.where(value > CLOSE, other * other / (1 + value), 1 - value)


def _less_product(xp: Any, x: Any, whole: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Π(1 + x) − 1, by logarithms where no factor is far from 1."""
    size = xp.max(xp.absolute(x), axis=axis, keepdims=keepdims)
    near = xp.logical_and(size < 0.5, xp.absolute(whole - 1) < 0.5)
    inside = xp.where(xp.absolute(x) < 0.5, x, 0.0)
    return xp.where(near, xp.expm1(xp.sum(xp.log1p(inside), axis=axis, keepdims=keepdims)), whole - 1)


COSINE = rule(
    "1 + cos",
    written=lambda xp, x: 1 + xp.cos(x),
    stable=lambda xp, x: _beside_one(xp, xp.cos(x), xp.sin(x), 1.0),
    why="near π the cosine rounds to −1, and little is left",
    proof="(1 + cos x)·(1 − cos x) = sin² x, and 1 − cos x is not 0 where cos x is negative",
    ranges=((2.0, 4.0),),
)
SINE = rule(
    "1 − sin",
    written=lambda xp, x: 1 - xp.sin(x),
    stable=lambda xp, x: _beside_one(xp, xp.sin(x), xp.cos(x), -1.0),
    why="near π/2 the sine rounds to 1, and little is left",
    proof="(1 − sin x)·(1 + sin x) = cos² x, and 1 + sin x is not 0 where sin x is positive",
    ranges=((1.0, 2.0),),
)
PRODUCT_REST = rule(
    "1 − product",
    written=lambda xp, x: 1 - xp.prod(1 - x),
    stable=lambda xp, x: -_less_product(xp, -x, xp.prod(1 - x)),
    why="1 − x rounds a small x away, and so does the product beside 1",
    proof="Π(1 + x) = e^(Σ log(1 + x)) where all factors are positive",
    ranges=((1e-16, 0.1),),
    shapes=((3,),),
)


def _less_one_each(xp: Any, parts: Any, written: Any) -> Any:
    """f·g·… − 1 from (f, f − 1), (g, g − 1), …, where each is close to 1."""
    total: Any = None
    near: Any = None
    for value, gap in parts:
        close = xp.absolute(gap) < 0.5
        near = close if near is None else xp.logical_and(near, close)
        total = gap if total is None else total * value + gap
    return xp.where(near, total, written)


PRODUCT_OF_TWO = rule(
    "product of two numbers less 1",
    written=lambda xp, x, y: xp.exp(x) * xp.cos(y) - 1,
    stable=lambda xp, x, y: _less_one_each(
        xp, [(xp.exp(x), xp.expm1(x)), (xp.cos(y), -2 * xp.sin(y / 2) ** 2)], xp.exp(x) * xp.cos(y) - 1),
    why="both factors are close to 1, and so is their product, of which 1 leaves few digits",
    proof="f·g − 1 = (f − 1)·g + (g − 1), for all f and g",
    ranges=((1e-12, 0.3), (1e-8, 0.3)),
)  # fmt: skip


@completes("add", "subtract", among=("multiply", "cos", "exp", "sqrt", "exp_times"))
def product_less_one(views: Views, node: int) -> Found | None:
    """c·f·g − c, where the distance of each factor from 1 is known."""
    form, shape = views.linear(node), views.graph.shape(node)
    if len(form) != 2 or ONE not in form:
        return None
    ((wire, factor),) = ((wire, factor) for wire, factor in form.items() if wire != ONE)
    term = Term(factor / -form[ONE]).times(views.product(wire))
    if term.coefficient != 1.0 or len(term.powers) + bool(term.exponent) < 2 or set(term.powers.values()) != {1.0}:
        return None
    xp = views.xp
    parts = [_from_one(views, one) for one in term.powers]
    if any(gap is None for gap in parts):
        return None
    known = [(views.fitted(xp.wire(one), shape), views.fitted(gap, shape))
             for one, gap in zip(term.powers, parts, strict=True) if gap is not None]  # fmt: skip
    if term.exponent:
        exponent = views.drawn_linear(term.exponent, shape)
        known = [(xp.exp(exponent), xp.expm1(exponent)), *known]
    written = views.scaled(-1 / form[ONE], xp.wire(node))
    return PRODUCT_OF_TWO, views.scaled(-form[ONE], _less_one_each(xp, known, written))


def _from_one(views: Views, wire: int) -> Wire | None:
    """The wire less 1, for cos u, 1 + x and √(1 + x)."""
    xp, name = views.xp, views.name(wire)
    if name == "cos":
        return -2 * xp.sin(xp.wire(views.input(wire)) / 2) ** 2
    form = dict(views.linear(views.input(wire) if name == "sqrt" else wire))
    if len(form) < 2 or form.pop(ONE, 0.0) != 1.0:
        return None
    x = views.drawn_linear(form, views.graph.shape(wire))
    return x / (xp.wire(wire) + 1) if name == "sqrt" else x


@completes("add", "subtract", among=(*OTHER, "prod"))
def beside_one(views: Views, node: int) -> Found | None:
    form = views.linear(node)
    number = form.get(ONE)
    if number is None:
        return None
    for wire, factor in form.items():
        if wire == ONE or abs(factor) != abs(number):
            continue
        name = views.name(wire)
        if name in OTHER and (name, factor == -number) != ("cos", True):  # 1 − cos is known near 0
            xp = views.xp
            other = xp.call(OTHER[name], xp.wire(views.input(wire)))
            drawn = views.scaled(number, _beside_one(xp, xp.wire(wire), other, factor / number))
            return COSINE if name == "cos" else SINE, _beside(views, drawn, form, wire, node)
        if factor == -number and (found := _of_product(views, wire)) is not None:
            return PRODUCT_REST, _beside(views, views.scaled(factor, found), form, wire, node)
    return None


def _of_product(views: Views, wire: int) -> Wire | None:
    """A product of entries 1 + x less 1."""
    core = views.numbers.core(wire)
    x = _less_one(views, views.input(core)) if views.name(core) == "prod" else None
    if x is None:
        return None
    settings = views.graph.settings(core)
    return views.fitted(_less_product(views.xp, x, views.xp.wire(core), **settings), views.graph.shape(wire))


def _less_one(views: Views, wire: int) -> Wire | None:
    """x, where the wire is 1 + x, or −expm1(u) or σ(u), which are 1 − e^u and 1 − σ(−u)."""
    xp, form = views.xp, dict(views.linear(wire))
    if len(form) > 1 and form.pop(ONE, 0.0) == 1.0:
        return views.drawn_linear(form, views.graph.shape(wire))
    ((one, factor),) = form.items() if len(form) == 1 else ((ONE, 0.0),)
    if (views.name(one), factor) == ("expm1", -1.0):
        return -xp.exp(xp.wire(views.input(one)))
    return -xp.sigmoid(views.negated(views.input(one))) if (views.name(one), factor) == ("sigmoid", 1.0) else None


def _beside(views: Views, drawn: Wire, form: Linear, wire: int, node: int) -> Wire:
    return views.added(drawn, {key: value for key, value in form.items() if key not in (ONE, wire)}, views.graph.shape(node))
