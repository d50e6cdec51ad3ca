"""A function and then its inverse, and inverses near the end of their domain: artanh(tanh x), arccos(1 − x), arcosh(1 + x).

What lies between rounds to a number at which the inverse keeps few digits, or is infinite.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.model import Range, Rule
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Term, Views

Drawn = Callable[[Any, Wire], Wire]


def _undone(inverse: str, function: str, domain: Range, proof: str, stable: Drawn = lambda xp, x: x) -> tuple[Rule, Drawn]:
    said = rule(
        f"{inverse} of {function}",
        written=lambda xp, x: xp.call(inverse, xp.call(function, x)),
        stable=stable,
        why="what lies between is rounded, and may overflow, before the inverse makes much of it",
        proof=proof,
        ranges=(domain,),
    )
    return said, stable


# By the inverse and the function within it, which has a value everywhere: so none is given where there was none.
UNDONE: Mapping[tuple[str, str], tuple[Rule, Drawn]] = {
    ("arctanh", "tanh"): _undone("arctanh", "tanh", (-400.0, 400.0), "artanh(tanh x) = x for every real x"),
    ("arcsinh", "sinh"): _undone("arcsinh", "sinh", (-800.0, 800.0), "arsinh(sinh x) = x for every real x"),
    ("sinh", "arcsinh"): _undone("sinh", "arcsinh", (-1e300, 1e300), "sinh(arsinh x) = x for every real x"),
    ("tan", "arctan"): _undone("tan", "arctan", (-1e12, 1e12), "tan(arctan x) = x for every real x"),
    ("log1p", "expm1"): _undone("log1p", "expm1", (-300.0, 800.0), "log(1 + (e^x − 1)) = x for every real x"),
    ("log2", "exp2"): _undone("log2", "exp2", (-1100.0, 1100.0), "log₂(2^x) = x for every real x"),
    ("arccosh", "cosh"): _undone("arccosh", "cosh", (-800.0, 800.0), "arcosh(cosh x) = |x| for every real x",
                                 lambda xp, x: xp.absolute(x)),
}  # fmt: skip


def _half_arccos(xp: Any, x: Any) -> Any:
    return xp.where(x < 1, 2 * xp.arcsin(xp.sqrt(x / 2)), xp.arccos(1 - x))


ARCCOS = rule(
    "arccos of 1 − x",
    written=lambda xp, x: xp.arccos(1 - x),
    stable=_half_arccos,
    why="1 − x rounds a small x away, and the angle is about √(2x)",
    proof="with a = arccos(1 − x) it is sin²(a/2) = (1 − cos a)/2 = x/2, for 0 ≤ x ≤ 2",
    ranges=((1e-12, 1.9),),
)
ARCCOSH = rule(
    "arcosh of 1 + x",
    written=lambda xp, x: xp.arccosh(1 + x),
    stable=lambda xp, x: 2 * xp.arcsinh(xp.sqrt(x / 2)),
    why="1 + x rounds a small x away, and the result is about √(2x)",
    proof="with a = arcosh(1 + x) it is sinh²(a/2) = (cosh a − 1)/2 = x/2, for x ≥ 0",
    ranges=((1e-12, 1e6),),
)
ANGLE = rule(
    "arccos of a share of the hypotenuse",
    written=lambda xp, x, y: xp.arccos(x / xp.hypot(x, y)),
    stable=lambda xp, x, y: xp.arctan2(xp.absolute(y), x),
    why="for a small angle its cosine rounds to 1, where the angle is about √(2·(1 − cos))",
    proof="the angle between (x, y) and the first axis has the cosine x/√(x² + y²) and the tangent |y|/x, for all x, y but both 0",
    ranges=((0.1, 10.0), (1e-12, 1.0)),
)
OTHER_ANGLE = rule(
    "arcsin of a share of the hypotenuse",
    written=lambda xp, x, y: xp.arcsin(x / xp.hypot(x, y)),
    stable=lambda xp, x, y: xp.arctan2(x, xp.absolute(y)),
    why="near a right angle its sine rounds to 1, where what the angle lacks is about √(2·(1 − sin))",
    proof="the angle between (|y|, x) and the first axis has the sine x/√(x² + y²) and the tangent x/|y|, for all x, y but both 0",
    ranges=((0.1, 10.0), (1e-12, 1.0)),
)
SHARES = {"arccos": ANGLE, "arcsin": OTHER_ANGLE}


@completes(*{inverse for inverse, _ in UNDONE})
def undone(views: Views, node: int) -> Found | None:
    inner = views.input(node)
    found = UNDONE.get((views.name(node), views.name(inner)))
    return None if found is None else (found[0], found[1](views.xp, views.xp.wire(views.input(inner))))


@completes("arccos", "arccosh")
def near_one(views: Views, node: int) -> Found | None:
    inner = views.input(node)
    form = dict(views.linear(inner))
    if len(form) != 2 or form.pop(ONE, 0.0) != 1.0:
        return None
    said, sign = (ARCCOS, -1.0) if views.name(node) == "arccos" else (ARCCOSH, 1.0)
    ((wire, factor),) = form.items()
    return said, said.stable(views.xp, views.drawn_linear({wire: sign * factor}, views.graph.shape(inner)))


@completes(*SHARES)
def of_a_share(views: Views, node: int) -> Found | None:
    """arccos or arcsin of ±x/√(x² + …)."""
    whole, shape = views.product(views.input(node)), views.graph.shape(node)
    for wire, power in whole.powers.items():
        if views.name(wire) != "hypot" or power != -1.0 or whole.exponent:
            continue
        sides = _sides(views, wire)
        for place, side in enumerate(sides):
            factor = _multiple(views.product(side), whole.without(wire))
            if factor is None:
                continue
            others = [views.fitted(views.xp.wire(one), shape) for one in (*sides[:place], *sides[place + 1 :])]
            xp, beside = views.xp, reduce(views.xp.hypot, others)
            size = beside if len(others) > 1 else xp.absolute(beside)
            x = views.fitted(views.scaled(factor, xp.wire(side)), shape)
            said = SHARES[views.name(node)]
            return said, xp.arctan2(size, x) if said is ANGLE else xp.arctan2(x, size)
    return None


def _sides(views: Views, wire: int) -> list[int]:
    """The sides of a hypotenuse, of which one may be a hypotenuse itself."""
    if views.name(wire) != "hypot":
        return [wire]
    return [side for one in views.graph.inputs(wire) for side in _sides(views, one)]


def _multiple(side: Term, share: Term) -> float | None:
    """1 or −1, where the share is so many times the side."""
    for factor in (1.0, -1.0):
        if share == Term(factor).times(side):
            return factor
    return None
