"""Sums of fractions whose leading parts cancel: 1/(x + 1) − 1/x, x/(x + 1) − 1, 1/x² − 1/(x + 1)², and their roots.

Over one denominator the numerator is a polynomial, known exactly, in which what cancels has gone. The numbers are reckoned as
fractions, for a rounded difference of large numbers would be another formula.

Source: Hamming, Numerical Methods for Scientists and Engineers (1973), chapter 3.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.apart import BOTH_ROUND
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.places import root_of
from chalkgrad.transform.stabilise.views import ONE, Term, Views

RECIPROCALS = rule(
    "close reciprocals",
    written=lambda xp, x, e: 1 / (x + e) - 1 / x,
    stable=lambda xp, x, e: -e / (x + e) / x,
    why=BOTH_ROUND,
    proof="1/u − 1/v = (v − u)/(u·v), for all u, v but 0",
    ranges=((1.0, 1e8), (1e-6, 1e-4)),
)
PARTIAL_FRACTIONS = rule(
    "partial fractions",
    written=lambda xp, x: 1 / (x + 1) - 2 / x + 1 / (x - 1),
    stable=lambda xp, x: 2.0 / (x + 1) / x / (x - 1),
    why="where |x| is large the fractions cancel, and what is left is far below their roundings",
    proof="over one denominator, the highest powers of the numerator cancel exactly",
    ranges=((2.0, 1e6),),
)
ROOTS_OF_FRACTIONS = rule(
    "close roots of fractions",
    written=lambda xp, x: xp.sqrt(1 / x) - xp.sqrt(1 / (x + 1)),
    stable=lambda xp, x: 1.0 / x / (x + 1) / (xp.sqrt(1 / x) + xp.sqrt(1 / (x + 1))),
    why=BOTH_ROUND,
    proof="√u − √v = (u − v)/(√u + √v) for u, v > 0, and over one denominator the highest powers of u − v cancel exactly",
    ranges=((1.0, 1e8),),
)

Monomial = tuple[tuple[int, int], ...]  # wires with their powers
Polynomial = dict[Monomial, Fraction]
MOST_TERMS = 4
MOST_POWER = 4
MOST_MONOMIALS = 24


@completes("add", "subtract", among=("divide", "reciprocal", "constant_power", "square"))
def fractions(views: Views, node: int) -> Found | None:
    terms = views.terms(node)
    if not 2 <= len(terms) <= MOST_TERMS:
        return None
    usable = [one for one in terms if not one.exponent and _whole(one)]
    if not any(power < 0 for one in usable for power in one.powers.values()):
        return None
    shape = views.graph.shape(node)
    for chosen in (*((terms,) if len(usable) == len(terms) else ()), *(combinations(usable, 2) if len(terms) > 2 else ())):
        found = _over_one_denominator(views, chosen, shape)
        if found is not None:
            for one in terms:
                if not any(one is other for other in chosen):
                    found = found + views.drawn(one, shape)
            return RECIPROCALS if len(chosen) == 2 else PARTIAL_FRACTIONS, found
    return None


@completes("add", "subtract", among=("sqrt", "constant_power"))
def roots_of_fractions(views: Views, node: int) -> Found | None:
    """a·√u − b·√v, where u and v are fractions that nearly cancel once they are squared with their factors."""
    terms = views.terms(node)
    if len(terms) != 2 or terms[0].coefficient * terms[1].coefficient > 0:
        return None
    shared, *rests = _without_shared(terms)
    if any(len(one.powers) != 1 or one.exponent for one in rests):
        return None
    squares = [_square(views, one) for one in rests]
    if any(one is None for one in squares):
        return None
    sign = 1.0 if rests[0].coefficient > 0 else -1.0
    first, second = (Term(sign * factor).times(one) for factor, one in zip((1.0, -1.0), squares, strict=True))  # type: ignore[arg-type]
    shape = views.graph.shape(node)
    above = _over_one_denominator(views, (first, second), shape, plain=True)
    if above is None:
        return None
    sizes = [views.drawn(Term(abs(one.coefficient), one.powers), shape) for one in rests]
    drawn = above / (sizes[0] + sizes[1])
    return ROOTS_OF_FRACTIONS, drawn if shared.pure else drawn * views.drawn(shared, shape)


def _square(views: Views, term: Term) -> Term | None:
    """The square of a number times a root, or over one."""
    ((wire, power),) = term.powers.items()
    inner = root_of(views, wire)
    square = Fraction(term.coefficient) ** 2
    if inner is None or abs(power) != 1.0 or Fraction(float(square)) != square:
        return None
    product = views.product(inner)
    return None if product.exponent or product.coefficient <= 0 else Term(float(square)).times(product, power)


def _without_shared(terms: Sequence[Term]) -> tuple[Term, ...]:
    """What all the products share, and what is left of each."""
    shared = {wire: power for wire, power in terms[0].powers.items() if all(one.powers.get(wire) == power for one in terms[1:])}
    return Term(1.0, shared), *(one.without(*shared) for one in terms)


def _over_one_denominator(views: Views, terms: Sequence[Term], shape: Shape, *, plain: bool = False) -> Wire | None:
    """The sum as one fraction, where leading parts of its numerator cancel; `plain` where a sum without fractions counts too."""
    if any(one.exponent or not _whole(one) for one in terms):
        return None
    shared, *rests = _without_shared(terms)
    below: dict[int, int] = {}
    for one in rests:
        for wire, power in one.powers.items():
            below[wire] = max(below.get(wire, 0), -int(power))
    below = {wire: power for wire, power in below.items() if power > 0}
    if not (below or plain) or sum(below.values()) > 2 * MOST_POWER or not _can_meet(views, rests):
        return None
    above: Polynomial = {}
    parts: set[Monomial] = set()
    for one in rests:
        part: Polynomial = {(): Fraction(one.coefficient)}
        for wire in {**one.powers, **below}:
            for _ in range(int(one.powers.get(wire, 0.0)) + below.get(wire, 0)):
                part = _times(part, _polynomial(views, wire))
                if len(part) > MOST_MONOMIALS:
                    return None
        parts.update(part)
        above = {key: total for key in {**above, **part} if (total := above.get(key, Fraction(0)) + part.get(key, Fraction(0)))}
    if not _has_cancelled(parts, above):
        return None
    drawn = _drawn(views, above, shape)
    if drawn is None:
        return None
    if not shared.pure:
        drawn = drawn * views.drawn(shared, shape)
    for wire, power in below.items():
        for _ in range(power):
            drawn = drawn / views.xp.wire(wire)
    return drawn


def _can_meet(views: Views, terms: Sequence[Term]) -> bool:
    """Whether two of the numerators over one denominator may have a product in common, as the wires in them tell at a glance."""
    sides = [
        [_within(views, [wire for wire, power in one.powers.items() if power * sign > 0]) for sign in (1, -1)] for one in terms
    ]
    return any(
        _overlap(above, under, over, below) and _overlap(over, below, above, under)
        for (above, below), (over, under) in combinations(sides, 2)
    )


def _overlap(one: "Within", other: "Within", first: "Within", second: "Within") -> bool:
    """Whether what is in every product of the two numerators is somewhere in the other two, and if nothing is, anything at all."""
    every, some = one[0] | other[0], first[1] | second[1]
    return every <= some and not some.isdisjoint(one[1] | other[1])


Within = tuple[set[int], set[int]]


def _within(views: Views, wires: Sequence[int]) -> Within:
    """The factors of all products of which the wires are sums: those in every one, and those in any."""
    every: set[int] = set()
    some = set() if wires else {ONE}
    for wire in wires:
        form = views.linear(wire)
        found = {factor for key in form for factor in ([ONE] if key == ONE else views.product(key).powers)}
        some |= found
        every |= found if len(form) == 1 else set()
    return every, some


def _whole(term: Term) -> bool:
    return all(power == int(power) and abs(power) <= MOST_POWER for power in term.powers.values())


def _polynomial(views: Views, wire: int) -> Polynomial:
    """The wire as a sum of products of whole powers; of itself where it is none."""
    terms = views.terms(wire)
    if any(one.exponent or not _whole(one) or any(power < 0 for power in one.powers.values()) for one in terms):
        return {((wire, 1),): Fraction(1)}
    return {tuple(sorted((key, int(power)) for key, power in one.powers.items())): Fraction(one.coefficient) for one in terms}


def _times(one: Polynomial, other: Polynomial) -> Polynomial:
    found: Polynomial = {}
    for left, factor in one.items():
        for right, number in other.items():
            powers = dict(left)
            for wire, power in right:
                powers[wire] = powers.get(wire, 0) + power
            key = tuple(sorted(powers.items()))
            found[key] = found.get(key, Fraction(0)) + factor * number
    return {key: number for key, number in found.items() if number}


def _degree(monomial: Monomial) -> int:
    return sum(power for _, power in monomial)


def _has_cancelled(parts: set[Monomial], above: Polynomial) -> bool:
    """Whether what is left is simpler than its parts: one product, a linear form, or of a lower degree in one variable."""
    gone = parts - above.keys()
    if not gone or not above:
        return False
    highest = max(map(_degree, above))
    variables = {wire for monomial in parts for wire, _ in monomial}
    return len(above) == 1 or highest <= 1 or (len(variables) == 1 and highest < max(map(_degree, parts)))


def _drawn(views: Views, above: Polynomial, shape: Shape) -> Wire | None:
    numbers = {key: float(number) for key, number in above.items()}
    if any(Fraction(numbers[key]) != number for key, number in above.items()):
        return None  # the number is no float, so what cancels does not quite cancel
    if len(above) == 1:
        ((monomial, number),) = numbers.items()
        return views.drawn(Term(number, {wire: float(power) for wire, power in monomial}), shape)
    if max(map(_degree, above)) <= 1:
        return views.drawn_linear({monomial[0][0] if monomial else ONE: number for monomial, number in numbers.items()}, shape)
    (variable,) = {wire for monomial in above for wire, _ in monomial}
    x = views.xp.wire(variable)
    total: Wire | float = 0.0
    for coefficient in _downward(numbers):
        total = coefficient if isinstance(total, float) and not total else total * x + coefficient
    assert isinstance(total, Wire)
    return total


def _downward(numbers: dict[Monomial, float]) -> Iterator[float]:
    by_power = {_degree(monomial): number for monomial, number in numbers.items()}
    for power in range(max(by_power), -1, -1):
        yield by_power.get(power, 0.0)
