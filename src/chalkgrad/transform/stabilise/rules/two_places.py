"""Differences of one function at two places of which nothing is known: e^x − e^y, √x − √y, log x − log y, x² − y².

Gates compute them, whose slopes are those of the two parts.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from chalkgrad.transform.stabilise.model import Range, Rule
from chalkgrad.transform.stabilise.rules.apart import BOTH_ROUND
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.places import gap_between, shared_factors
from chalkgrad.transform.stabilise.rules.squares import DIFFERENCE
from chalkgrad.transform.stabilise.views import ONE, RAISED, Linear, Term, Views

CLOSE: Range = (1.0, 1.0 + 1e-6)


def _of_two(name: str, function: str, proof: str, numbers: Range = CLOSE) -> Rule:
    return rule(
        f"{name} of two numbers",
        written=lambda xp, x, y: getattr(xp, function)(x) - getattr(xp, function)(y),
        stable=lambda xp, x, y: getattr(xp, f"{function}_difference")(x, y),
        why=BOTH_ROUND,
        proof=proof,
        ranges=(numbers, numbers),
    )


PAIRS: Mapping[str, Rule] = {
    "sqrt": _of_two("roots", "sqrt", "√x − √y = (x − y)/(√x + √y) for x, y > 0"),
    "exp": _of_two("exponentials", "exp", "e^x − e^y = e^y·(e^(x − y) − 1), for all real x, y"),
    "log": _of_two("logarithms", "log", "log x − log y = log(1 + (x − y)/y), for x, y > 0"),
    "sin": _of_two("sines", "sin", "sin x − sin y = 2·cos((x + y)/2)·sin((x − y)/2)"),
    "arctan": _of_two("arctangents", "arctan",
                      "the angle between (1, x) and (1, y) has the tangent (x − y)/(1 + xy)", (1e3, 1e6)),
    "sigmoid": _of_two("sigmoids", "sigmoid", "σ(x) − σ(y) = σ(x)·σ(−y)·(1 − e^(y − x)), for all real x, y", (30.0, 35.0)),
    "cos": _of_two("cosines", "cos", "cos x − cos y = −2·sin((x + y)/2)·sin((x − y)/2)"),
}  # fmt: skip
COMPLEMENTS = rule(
    "error functions of two numbers",
    written=lambda xp, x, y: xp.erfc(x) - xp.erfc(y),
    stable=lambda xp, x, y: xp.erf_difference(y, x),
    why="erf and erfc round to ±1 and 2 where there is little left of them, and near 0 erfc is the larger number",
    proof="erfc x − erfc y = (1 − erf x) − (1 − erf y) = erf y − erf x, for all real x, y",
    ranges=((-6.0, -2.0), (-6.0, -2.0)),
)
TANHS = rule(
    "hyperbolic tangents of two numbers",
    written=lambda xp, x, y: xp.tanh(x) - xp.tanh(y),
    stable=lambda xp, x, y: 2 * xp.sigmoid_difference(2 * x, 2 * y),
    why="tanh rounds to ±1 where there is little left of it, and close values round before they cancel",
    proof="tanh x = 2·σ(2x) − 1, for every real x",
    ranges=((10.0, 20.0), (10.0, 20.0)),
)
RECIPROCALS = rule(
    "reciprocals of two numbers",
    written=lambda xp, x, y: 1 / x - 1 / y,
    stable=lambda xp, x, y: xp.reciprocal_difference(x, y),
    why=BOTH_ROUND,
    proof="1/x − 1/y = (y − x)/(x·y), for all x, y but 0",
    ranges=(CLOSE, CLOSE),
)
OF_TWO = {**PAIRS, "erf": COMPLEMENTS, "erfc": COMPLEMENTS, "tanh": TANHS}


@completes("add", "subtract", among={*OF_TWO, "constant_power", "divide", "reciprocal", RAISED})
def unrelated(views: Views, node: int) -> Found | None:
    form = views.linear(node)
    wires = [wire for wire in form if wire != ONE]
    for first in wires:
        name = views.name(first)
        said = OF_TWO.get(name) if form[first] > 0 else None
        if said is None:
            continue
        for second in wires:
            if form[second] == -form[first] and views.name(second) == name:
                x, y = views.input(first), views.input(second)
                if gap_between(views.linear(x), views.linear(y)) is None:
                    drawn = views.scaled(form[first], _apart(views, name, x, y))
                    return said, _beside(views, drawn, form, (first, second), node)
    return _of_terms(views, node)


def _apart(views: Views, name: str, x: int, y: int) -> Any:
    """f(x) − f(y) by a gate."""
    xp, one, other = views.xp, views.xp.wire(x), views.xp.wire(y)
    if name == "tanh":
        return 2 * xp.sigmoid_difference(2 * one, 2 * other)
    if name in ("erf", "erfc"):
        return xp.erf_difference(one, other) if name == "erf" else xp.erf_difference(other, one)
    return xp.call(f"{name}_difference", one, other)


def _beside(views: Views, drawn: Any, form: Linear, gone: tuple[int, int], node: int) -> Any:
    return views.added(drawn, {key: value for key, value in form.items() if key not in gone}, views.graph.shape(node))


def _of_terms(views: Views, node: int) -> Found | None:
    terms = views.terms(node)
    if len(terms) != 2 or any(one.exponent for one in terms):
        return None
    first, second = terms if terms[0].coefficient > 0 else terms[::-1]
    if not first.coefficient > 0 > second.coefficient:
        return None
    shared, left, right = shared_factors(first, second)
    shape, xp = views.graph.shape(node), views.xp
    if list(left.values()) == list(right.values()) == [-1.0] and first.coefficient == -second.coefficient:
        (x,), (y,) = left, right
        if gap_between(views.linear(x), views.linear(y)) is None and "sqrt" not in (views.name(x), views.name(y)):
            return RECIPROCALS, _times(views, xp.reciprocal_difference(xp.wire(x), xp.wire(y)), shared, shape)
    if {*left.values(), *right.values()} == {2.0} and len(left) <= 1 and len(right) <= 1 and not shared.powers:
        return _squares(views, left, first.coefficient, right, -second.coefficient)
    return None


def _squares(views: Views, left: Linear, one: float, right: Linear, other: float) -> Found | None:
    """c·x² − d·y², where c and d have exact roots; either may be a number."""
    sides = []
    for powers, number in ((left, one), (right, other)):
        root = float(number**0.5)
        if Fraction(root) ** 2 != Fraction(number) or (not powers and root == 1.0):
            return None  # 1 − x² has a rule of its own
        sides.append(views.scaled(root, views.xp.wire(next(iter(powers)))) if powers else views.xp.wire(views.graph.constant(root)))
    return DIFFERENCE, views.xp.square_difference(*sides)


def _times(views: Views, drawn: Any, shared: Term, shape: tuple[int, ...]) -> Any:
    plain = shared.pure and shared.coefficient == 1.0
    return drawn if plain else drawn * views.drawn(shared, shape)
