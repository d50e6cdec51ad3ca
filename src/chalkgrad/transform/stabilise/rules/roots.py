"""Roots of squares: |x|, the hypotenuse and the length of a vector, without squares that overflow or vanish."""

import math

import numpy as np

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.shares import axes_of
from chalkgrad.transform.stabilise.views import Term, Views

ABSOLUTE = rule(
    "root of a square",
    written=lambda xp, x: xp.sqrt(x**2),
    stable=lambda xp, x: xp.absolute(x),
    why="the square overflows or vanishes, and at 0 the slope of the root is 0·∞",
    proof="√(x²) = |x| for every real x",
    ranges=((-1e200, 1e200),),
)
HYPOT = rule(
    "hypot",
    written=lambda xp, x, y: xp.sqrt(x**2 + y**2),
    stable=lambda xp, x, y: xp.hypot(x, y),
    why="a square overflows beyond 10^154 and vanishes below 10^−162, and at 0 the slope of the root is 0·∞",
    proof="√(x² + y²) is what hypot means, for all real x, y",
    ranges=((-1e200, 1e200), (-1e200, 1e200)),
)
NORM = rule(
    "length of a vector",
    written=lambda xp, x: xp.sqrt(xp.sum(x**2)),
    stable=lambda xp, x: xp.norm(x),
    why="a square overflows beyond 10^154 and vanishes below 10^−162, and at 0 the slope of the root is 0·∞",
    proof="√Σx² = m·√Σ(x/m)² for every m > 0",
    ranges=((-1e200, 1e200),),
    shapes=((4,),),
)

MOST_SQUARES = 4


@completes("sqrt", "constant_power")
def root(views: Views, node: int) -> Found | None:
    if views.name(node) == "constant_power" and views.graph.settings(node)["exponent"] != 0.5:
        return None
    terms = views.terms(views.input(node))
    shape = views.graph.shape(node)
    if len(terms) > MOST_SQUARES or all(one.pure for one in terms):
        return None
    roots = [_root(views, one, shape, signed=len(terms) > 1) for one in terms]
    if any(one is None for one in roots):
        return None
    said, total = roots[0]  # type: ignore[misc]
    for one in roots[1:]:
        said, total = HYPOT, views.xp.hypot(total, one[1])  # type: ignore[index]
    return said, total


def _root(views: Views, term: Term, shape: Shape, *, signed: bool) -> Found | None:
    """What has this product as its square, where there is such a thing; with any sign, where that makes no difference."""
    if term.coefficient < 0 or term.exponent:
        return None
    factor = math.sqrt(term.coefficient)
    if term.pure:
        return ABSOLUTE, views.xp.wire(views.graph.constant(factor))
    total: Wire | None = None
    said = ABSOLUTE
    for wire, power in term.powers.items():
        if power % 2 == 0:
            size = views.xp.wire(wire) if signed or power % 4 == 0 else views.xp.absolute(views.xp.wire(wire))
            part = size if power == 2.0 else size ** (power / 2)
        elif power == 1.0 and (length := _length(views, wire)) is not None:
            said, part = NORM, length
        else:
            return None
        total = part if total is None else total * part
    assert total is not None
    return said, views.scaled(factor, total)


def _length(views: Views, wire: int) -> Wire | None:
    """The root of a sum or mean of squares, or of the product of a vector with itself."""
    xp, core = views.xp, views.numbers.core(wire)
    if views.name(core) in ("sum", "mean"):
        source = views.input(core)
        inner = views.product(source)
        if inner.exponent or inner.coefficient < 0 or not inner.powers or any(power % 2 for power in inner.powers.values()):
            return None
        shape = views.graph.shape(source)
        half = Term(math.sqrt(inner.coefficient), {one: power / 2 for one, power in inner.powers.items()})
        axis = views.graph.settings(core)["axis"]
        length = xp.norm(_filled(views, views.drawn(half, shape), shape), axis=axis)
        if views.name(core) == "mean":
            length = length / math.sqrt(np.prod([shape[place] for place in axes_of(views, core)], dtype=int))
        return views.fitted(length, views.graph.shape(wire))
    if views.name(core) in ("matmul", "einsum") and _with_itself(views, core):
        return views.fitted(xp.norm(xp.wire(views.input(core))), views.graph.shape(wire))
    return None


def _with_itself(views: Views, product: int) -> bool:
    """Whether a vector is multiplied with itself to a single number."""
    inputs = views.graph.inputs(product)
    alike = len(inputs) == 2 and views.same(*inputs) and views.graph.shape(product) == ()
    spec = views.graph.settings(product).get("spec", "")
    return alike and (not spec or len(set(spec.partition("->")[0].split(","))) == 1)


def _filled(views: Views, wire: Wire, shape: Shape) -> Wire:
    return wire if wire.shape == shape else views.xp.broadcast_to(wire, shape=shape)
