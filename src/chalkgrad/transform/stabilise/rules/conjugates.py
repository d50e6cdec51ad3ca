"""Sums with a root whose square nearly cancels them: √(x² + 1) − x, √(1 + x) − 1, and the roots of quadratics.

Multiplied by its conjugate, b + s becomes s² − b², in which what cancels has gone before anything is rounded. Where the two parts
may have the same sign, the written form is kept for that side.

Source: Forsythe, Pitfalls in computation, or why a math book isn't enough (1970).
"""

from dataclasses import dataclass
from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.places import shared_factors
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, Views, collected

CONJUGATE = rule(
    "conjugate of a root",
    written=lambda xp, x: xp.sqrt(x**2 + 1) - x,
    stable=lambda xp, x: xp.where(x > 0, 1 / (xp.sqrt(x**2 + 1) + x), xp.sqrt(x**2 + 1) - x),
    why="for large x the root is close to x, and their difference keeps few digits",
    proof="(s − b)·(s + b) = s² − b², so s − b = (s² − b²)/(s + b) wherever s + b is not 0",
    ranges=((-1e6, 1e6),),
)
CONJUGATE_NUMBER = rule(
    "conjugate of a root less a number",
    written=lambda xp, x: xp.sqrt(1 + x) - 1,
    stable=lambda xp, x: x / (xp.sqrt(1 + x) + 1),
    why="for small x the root is close to the number, and their difference keeps few digits",
    proof="(√u − k)·(√u + k) = u − k², and √u + k > 0 for k > 0",
    ranges=((-0.5, 1.0),),
)
CONJUGATE_BELOW = rule(
    "reciprocal of a root less a number",
    written=lambda xp, x: 1 / xp.sqrt(1 + x) - 1,
    stable=lambda xp, x: -x / (xp.sqrt(1 + x) * (1 + xp.sqrt(1 + x))),
    why="for small x the reciprocal is close to the number, and their difference keeps few digits",
    proof="(k/√u − p)·(k + p·√u) = (k² − p²·u)/√u, and k + p·√u > 0 for k, p > 0",
    ranges=((-0.5, 1.0),),
)
DISCRIMINANT = rule(
    "discriminant",
    written=lambda xp, a, b, c: xp.sqrt(b**2 - 4 * a * c),
    stable=lambda xp, a, b, c: xp.discriminant_root(a, b, c),
    why="b² and 4ac overflow or vanish where their root is an ordinary number",
    proof="√(b² − 4ac) is what discriminant_root means; beyond the floats it is √(|b| − 2√(ac))·√(|b| + 2√(ac)) for a·c > 0,"
          " and the distance of |b| and 2√|ac| from 0 for a·c < 0",
    ranges=((0.1, 2.0), (4.0, 8.0), (-2.0, 1.9)),
)  # fmt: skip


def _root(xp: Any, a: Any, b: Any, c: Any) -> Any:
    distance = xp.discriminant_root(a, b, c)
    return xp.where(b > 0, -2 * c / (b + distance), (distance - b) / (2 * a))


QUADRATIC = rule(
    "root of a quadratic",
    written=lambda xp, a, b, c: (-b + xp.sqrt(b**2 - 4 * a * c)) / (2 * a),
    stable=_root,
    why="where 4ac is small beside b², −b and the root of the discriminant cancel for one sign of b",
    proof="(−b + d)·(b + d) = d² − b² = −4ac for d = √(b² − 4ac), so (−b + d)/(2a) = −2c/(b + d)",
    ranges=((0.1, 2.0), (-8.0, 8.0), (-2.0, -1e-6)),
)
ARCSINH = rule(
    "arcsinh",
    written=lambda xp, x: xp.log(x + xp.sqrt(x**2 + 1)),
    stable=lambda xp, x: xp.arcsinh(x),
    why="for negative x the sum cancels, near 0 it is close to 1, and x² overflows",
    proof="log(x + √(x² + 1)) is what arcsinh means, for every real x",
    ranges=((-1e3, 1e3),),
)
ARCCOSH = rule(
    "arccosh",
    written=lambda xp, x: xp.log(x + xp.sqrt(x**2 - 1)),
    stable=lambda xp, x: xp.arccosh(x),
    why="near 1 the sum is close to 1, and x² overflows",
    proof="log(x + √(x² − 1)) is what arccosh means, for x ≥ 1, where it has a meaning",
    ranges=((1.0, 1e3),),
)


SHARE_OF_ROOT = rule(
    "1 − share of a root",
    written=lambda xp, x, y: 1 - x / xp.sqrt(x**2 + y),
    stable=lambda xp, x, y: xp.where(x > 0, y / (xp.sqrt(x**2 + y) + x) / xp.sqrt(x**2 + y), 1 - x / xp.sqrt(x**2 + y)),
    why="the root is close to x, where 1 and the share of x cancel",
    proof="1 − x/R = (R − x)/R and R − x = (R² − x²)/(R + x), for positive x",
    ranges=((1.0, 1e6), (0.1, 10.0)),
)


@dataclass(frozen=True, slots=True)
class Conjugate:
    """p·b + q·s: the parts that cancel where they differ in sign, and the difference of their squares, q²s² − p²b²."""

    plain: int  # b, or ONE
    p: float
    root: int
    q: float
    left: list[Term]


def _square(views: Views, wire: int) -> list[Term] | None:
    """The square of a root as a sum of products; None for what is no root."""
    name, graph = views.name(wire), views.graph
    if name == "sqrt" or (name == "constant_power" and graph.settings(wire)["exponent"] == 0.5):
        return views.terms(views.input(wire))
    if name == "hypot":
        return [_squared(views, one) for one in graph.inputs(wire)]
    if name == "discriminant_root":
        a, b, c = graph.inputs(wire)
        return [_squared(views, b), Term(-4.0).times(views.product(a)).times(views.product(c))]
    return None


def _squared(views: Views, wire: int) -> Term:
    return Term().times(views.product(wire), 2.0)


def conjugate(views: Views, node: int) -> Conjugate | None:
    """The sum of a root and something whose square is part of the root's square."""
    form = views.linear(node) if views.name(node) in ("add", "subtract") else {}
    return _conjugate(views, form) if len(form) == 2 else None


def _conjugate(views: Views, form: Linear) -> Conjugate | None:
    for root, q in form.items():
        square = None if root == ONE else _square(views, root)
        if square is None:
            continue
        ((plain, p),) = ((wire, factor) for wire, factor in form.items() if wire != root)
        if plain == ONE and p * q > 0:
            return None
        against = Term(p * p) if plain == ONE else Term(p * p).times(_squared(views, plain))
        left, met = [], False
        for one in square:
            scaled = Term(q * q).times(one)
            if scaled.powers == against.powers and scaled.exponent == against.exponent:
                met = scaled.coefficient == against.coefficient
            else:
                left.append(scaled)
        if met and left:
            return Conjugate(plain, p, root, q, left)
    return None


def _over_one_denominator(views: Views, node: int) -> tuple[Conjugate, Term] | None:
    """b/(2a) + d/(2a) as the sum b + d and the factor 1/(2a) that both have."""
    terms = views.terms(node)
    if len(terms) != 2 or any(one.exponent for one in terms):
        return None
    shared = {wire: power for wire, power in terms[0].powers.items() if terms[1].powers.get(wire) == power}
    parts = [one.without(*shared).powers for one in terms]
    if not shared or any(list(one.values()) != [1.0] for one in parts):
        return None
    found = _conjugate(views, {next(iter(part)): one.coefficient for part, one in zip(parts, terms, strict=True)})
    return None if found is None else (found, Term(1.0, shared))


def _over(views: Views, found: Conjugate, above: list[Term], node: int) -> Wire:
    """Σ above / (q·s − p·b)."""
    shape = views.graph.shape(node)
    return _added(views, above, shape) / views.drawn_linear({found.root: found.q, found.plain: -found.p}, shape)


def _added(views: Views, terms: list[Term], shape: Shape) -> Wire:
    total = views.drawn(terms[0], shape)
    for one in terms[1:]:
        total = total + views.drawn(one, shape)
    return total


def _opposed(views: Views, found: Conjugate) -> Wire:
    """Where the two parts differ in sign, for a root is not negative."""
    plain = views.xp.wire(found.plain)
    return plain < 0.0 if found.p * found.q > 0 else plain > 0.0


def _written(views: Views, wire: int) -> int:
    """The sum as it was written, where the rule below has made a choice of it."""
    return views.input(wire, 2) if views.name(wire) == "where" else wire


ROOTS = ("sqrt", "constant_power", "hypot", "discriminant_root")


@completes("add", "subtract", among=ROOTS)
def sum_with_root(views: Views, node: int) -> Found | None:
    found = conjugate(views, node)
    if found is None:
        parts = _over_one_denominator(views, node)
        return _quadratic(views, node, *parts, views.xp.wire(node)) if parts else None
    turned = _over(views, found, found.left, node)
    if found.plain == ONE:
        return CONJUGATE_NUMBER, turned
    return CONJUGATE, views.xp.where(_opposed(views, found), turned, views.xp.wire(node))


@completes("add", "subtract", among=ROOTS)
def share_of_root(views: Views, node: int) -> Found | None:
    """k − k·v/R and k/v − k/R for a root R with v² as a part of its square."""
    terms, shape, xp = views.terms(node), views.graph.shape(node), views.xp
    if len(terms) != 2 or any(one.exponent for one in terms):
        return None
    for with_root, other in (terms, terms[::-1]):
        for root, power in with_root.powers.items():
            if power != -1.0 or _square(views, root) is None:
                continue
            shared, left, right = shared_factors(with_root.without(root), other)
            above = {wire: one for wire, one in left.items() if one == 1.0} or {
                wire: 1.0 for wire, one in right.items() if one == -1.0
            }
            if len(above) != 1 or len(left) + len(right) != 1:
                continue
            (plain,) = above
            found = _conjugate(views, {plain: with_root.coefficient, root: other.coefficient})
            if found is None:
                continue
            below = xp.wire(root) * xp.wire(plain) if right else xp.wire(root)
            share = xp.where(_opposed(views, found), _over(views, found, found.left, node) / below, xp.wire(node))
            rest = Term(1.0, shared.powers)
            return SHARE_OF_ROOT, share if rest.pure else share * views.drawn(rest, shape)
    return None


@completes("add", "subtract", among=(*ROOTS, "power", "compound"))
def number_beside_reciprocal(views: Views, node: int) -> Found | None:
    """k/√u + p where p² · u is k² and something small, and p and k differ in sign."""
    form, shape, xp = views.linear(node), views.graph.shape(node), views.xp
    wires = [wire for wire in form if wire != ONE]
    if len(form) != 2 or len(wires) != 1:
        return None
    whole, p = Term(form[wires[0]]).times(_below(views, wires[0])), form[ONE]
    (root, power), *others = [*whole.powers.items()] or [(ONE, 0.0)]
    square = None if others or power != -1.0 or whole.exponent or whole.coefficient * p > 0 else _square(views, root)
    if square is None:
        return None
    left = collected([Term(whole.coefficient**2), *(Term(-p * p).times(one) for one in square)])
    if len(left) != len(square) - 1:
        return None
    below = xp.wire(root) * views.drawn_linear({root: -p, ONE: whole.coefficient}, views.graph.shape(root))
    return CONJUGATE_BELOW, _added(views, left, shape) / below


def _below(views: Views, wire: int) -> Term:
    """The wire as a product, in which u^−½ is 1/√u."""
    name, xp = views.name(wire), views.xp
    if name not in ("constant_power", "power", "compound"):
        return views.product(wire)
    fixed = views.graph.settings(wire).get("exponent")
    if (views.linear(views.input(wire, 1)) if fixed is None else {ONE: fixed}) != {ONE: -0.5}:
        return views.product(wire)
    base = xp.wire(views.input(wire))
    return Term(powers={xp.sqrt(1 + base if name == "compound" else base).node: -1.0})


@completes("log")
def area_function(views: Views, node: int) -> Found | None:
    found = conjugate(views, _written(views, views.input(node)))
    if found is None or found.plain == ONE or (found.p, found.q) != (1.0, 1.0) or len(found.left) != 1:
        return None
    left, x = found.left[0], views.xp.wire(found.plain)
    if not left.pure or left.exponent or abs(left.coefficient) != 1.0:
        return None
    return (ARCSINH, views.xp.arcsinh(x)) if left.coefficient > 0 else (ARCCOSH, views.xp.arccosh(x))


@completes("sqrt", "constant_power")
def discriminant(views: Views, node: int) -> Found | None:
    if views.name(node) == "constant_power" and views.graph.settings(node)["exponent"] != 0.5:
        return None
    terms = views.terms(views.input(node))
    if len(terms) != 2 or any(one.exponent for one in terms):
        return None
    for square, product in (terms, terms[::-1]):
        if square.coefficient == 1.0 and list(square.powers.values()) == [2.0] and list(product.powers.values()) == [1.0, 1.0]:
            (b,), (a, c) = square.powers, product.powers
            xp = views.xp
            return DISCRIMINANT, xp.discriminant_root(views.scaled(-0.25 * product.coefficient, xp.wire(a)), xp.wire(b), xp.wire(c))
    return None


@completes("divide", "multiply", among=("add", "subtract", "where"))
def root_of_quadratic(views: Views, node: int) -> Found | None:
    """(−b ± d)/(2a): over the denominator, the product a·c gives up its a before anything is computed."""
    whole = views.product(node)
    for wire, power in whole.powers.items():
        written = _written(views, wire)
        found = conjugate(views, written) if power == 1.0 else None
        if found is None:
            continue
        rest, shape = whole.without(wire), views.graph.shape(node)
        plain = views.xp.wire(written) * views.drawn(rest, shape)
        if rest.powers and set(rest.powers.values()) == {-1.0}:
            below = views.drawn(Term(1 / rest.coefficient, dict.fromkeys(rest.powers, 1.0)), shape)
            plain = views.xp.wire(written) / below
        turned = _quadratic(views, node, found, rest, plain)
        if turned is not None:
            return turned
    return None


def _quadratic(views: Views, node: int, found: Conjugate, rest: Term, plain: Wire) -> Found | None:
    """rest·(b + d), where the difference of squares gives up a factor to the rest."""
    if len(found.left) != 1 or found.plain == ONE:
        return None
    above = rest.times(found.left[0])
    if len(above.powers) >= len(rest.powers) + len(found.left[0].powers):
        return None
    turned = _over(views, found, [above], node)
    return QUADRATIC, views.xp.where(_opposed(views, found), turned, plain)
