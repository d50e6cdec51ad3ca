"""A function and then its inverse, and inverses near the end of their domain: artanh(tanh x), arccos(1 − x), arcosh(1 + x).

What lies between rounds to a number at which the inverse keeps few digits, or is infinite.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.model import Range, Rule
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Views

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
