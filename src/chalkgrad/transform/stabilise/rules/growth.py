"""Products and quotients with e^x − 1: e^x/(e^x − 1), x/(e^x − 1), and the quotient of three such.

The powers overflow together, or vanish together, where the quotient is an ordinary number.

Source: Hamming, Numerical Methods for Scientists and Engineers (1973), problem 3.4.2.
"""

from collections.abc import Mapping
from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.gaps import beside
from chalkgrad.transform.stabilise.views import ONE, Term, Views, merged

FAR = 20.0  # from where e^−2|x| is nothing beside 1
GROWTH = rule(
    "e^x over e^x − 1",
    written=lambda xp, x: xp.exp(x) / xp.expm1(x),
    stable=lambda xp, x: -1 / xp.expm1(-x),
    why="for large x both sides overflow, and the quotient is ∞/∞",
    proof="e^x/(e^x − 1) = 1/(1 − e^−x) = −1/(e^−x − 1), for every real x but 0",
    ranges=((-700.0, 800.0),),
)


def _over_sinh(xp: Any, x: Any, power: float) -> Any:
    """1/sinh(x)^power; far from 0, where sinh x is e^|x|/2 to the last digit, by that."""
    far, size = xp.absolute(x) > FAR, xp.absolute(x)
    beyond = 2.0**power * xp.exp(-power * xp.where(far, size, FAR))
    near = 1 / xp.sinh(xp.where(far, 1.0, x)) ** power
    return xp.where(far, beyond if power % 2 == 0 else xp.sign(x) * beyond, near)


OVER_SINH = rule(
    "1 over sinh²",
    written=lambda xp, x: 1 / xp.sinh(x) ** 2,
    stable=lambda xp, x: _over_sinh(xp, x, 2.0),
    why="the power overflows, or its slope vanishes, where the quotient is an ordinary number",
    proof="1/sinh x = 2·e^−|x|/(1 − e^−2|x|) with the sign of x, where e^−2|x| is nothing beside 1 for |x| > 20",
    ranges=((-370.0, 370.0),),
)
GROWTH_SQUARED = rule(
    "e^x over (e^x − 1)²",
    written=lambda xp, x: xp.exp(x) / xp.expm1(x) ** 2,
    stable=lambda xp, x: 0.25 * _over_sinh(xp, x / 2, 2.0),
    why="for large x both sides overflow, and the quotient is ∞/∞",
    proof="e^x/(e^x − 1)² = 1/(e^(x/2) − e^(−x/2))² = 1/(2·sinh(x/2))², for every real x but 0",
    ranges=((-700.0, 740.0),),
)


def _growths(xp: Any, u: Any, v: Any, quotient: Any) -> Any:
    """(e^u − 1)/(e^v − 1), where u/v is given without what both share, which may be 0."""
    near = xp.logical_and(xp.absolute(u) < 1, xp.absolute(v) < 1)
    inside = [xp.expm1_ratio(xp.where(near, one, 0.0)) for one in (u, v)]
    outside = [xp.expm1(xp.where(near, 1.0, one)) for one in (u, v)]
    return xp.where(near, quotient * (inside[0] / inside[1]), outside[0] / outside[1])


GROWTHS = rule(
    "quotient of growths",
    written=lambda xp, x, y, z: xp.expm1(x * z) / xp.expm1(y * z),
    stable=lambda xp, x, y, z: _growths(xp, x * z, y * z, x / y),
    why="where what the exponents share is 0 the quotient is 0/0, and near that its slopes are differences of close numbers",
    proof="(e^u − 1)/(e^v − 1) = (u/v)·((e^u − 1)/u)/((e^v − 1)/v), with the limit u/v where both are 0",
    ranges=((0.5, 2.0), (0.5, 2.0), (1e-12, 0.5)),
)
EXPONENTIAL_RATIO = rule(
    "e^2x − 1 over e^x − 1",
    written=lambda xp, x: xp.expm1(2 * x) / xp.expm1(x),
    stable=lambda xp, x: 1 + xp.exp(x),
    why="for large x both sides overflow, and at 0 the quotient is 0/0",
    proof="e^2x − 1 = (e^x − 1)·(e^x + 1), for every real x",
    ranges=((-30.0, 700.0),),
)


def _per_growth(xp: Any, x: Any) -> Any:
    """x/(e^x − 1), which is 1 at 0; for large x by e^−x, so that nothing overflows."""
    large = x > 1
    high, low = xp.where(large, x, 1.0), xp.where(large, 1.0, x)
    return xp.where(large, xp.exp(-high) / xp.expm1_ratio(-high), 1 / xp.expm1_ratio(low))


def _over_larger(xp: Any, above: Any, x: Any, y: Any) -> Any:
    """above/(x·y), divided by the larger first, so that nothing overflows or vanishes on the way."""
    return xp.where(xp.absolute(x) > xp.absolute(y), above / x / y, above / y / x)


def _three(xp: Any, x: Any, y: Any, total: Any) -> Any:
    """(e^(x + y) − 1)/((e^x − 1)·(e^y − 1)) · x·y/(x + y); with all signs turned it is the same."""
    sign = xp.where(total > 0, -1.0, 1.0)  # so that the power above does not overflow
    return _per_growth(xp, sign * x) * _per_growth(xp, sign * y) / _per_growth(xp, sign * total)


PER_GROWTH = rule(
    "x over e^x − 1",
    written=lambda xp, x: x / xp.expm1(x),
    stable=_per_growth,
    why="at 0 the quotient is 0/0, and for large x the slope is ∞/∞",
    proof="(e^x − 1)/x is what expm1_ratio means, and x/(e^x − 1) = e^−x·(−x)/(e^−x − 1), for every real x but 0, with the limit 1",
    ranges=((-1.0, 800.0),),
)
THREE = rule(
    "three exponentials",
    written=lambda xp, x, y, e: e * xp.expm1((x + y) * e) / (xp.expm1(x * e) * xp.expm1(y * e)),
    stable=lambda xp, x, y, e: _over_larger(xp, x + y, x, y) * _three(xp, x * e, y * e, (x + y) * e),
    why="for small exponents the quotient is 0/0, for large ones ∞/∞",
    proof="with g(z) = z/(e^z − 1) it is (x + y)/(x·y) · g(x·e)·g(y·e)/g((x + y)·e), and g(−z) = e^z·g(z)",
    ranges=((0.1, 1.0), (0.1, 1.0), (0.1, 1.0)),
)

REST_OF_SHARE = rule(
    "1 − share of growth",
    written=lambda xp, x, y: 1 - xp.expm1(x) / xp.expm1(y),
    stable=lambda xp, x, y: _rest_of_share(xp, x, y, -y, x - y),
    why="where both are far below 0 the quotient rounds to 1, and nothing is left",
    proof="1 − (e^x − 1)/(e^y − 1) = (e^y − e^x)/(e^y − 1) = (e^(x − y) − 1)/(e^−y − 1), for all real x and every y but 0",
    ranges=((-60.0, 30.0), (-60.0, -1e-3)),
)


def _rest_of_share(xp: Any, x: Any, y: Any, turned: Any, gap: Any) -> Any:
    # Each side reads numbers of its own only, so that neither meets a power that overflows.
    rising = y > 0
    above = xp.expm1(xp.where(rising, gap, 0.0)) / xp.expm1(xp.where(rising, turned, -1.0))
    low = xp.where(rising, -1.0, y)
    return xp.where(rising, above, xp.exp_difference(low, xp.where(rising, -1.0, x)) / xp.expm1(low))


@completes("add", "subtract", among={"expm1"})
def rest_of_share(views: Views, node: int) -> Found | None:
    """k − k·(e^x − 1)/(e^y − 1), and what is added beside."""
    form, shape, xp = views.linear(node), views.graph.shape(node), views.xp
    for wire, factor in form.items():
        whole = views.product(wire) if wire != ONE else Term()
        if whole.exponent or sorted(whole.powers.values()) != [-1.0, 1.0] or factor * whole.coefficient != -form.get(ONE, 0.0):
            continue
        below, above = sorted(whole.powers, key=lambda one: whole.powers[one])
        if views.name(below) != "expm1" or views.name(above) != "expm1":
            continue
        x, y = views.input(above), views.input(below)
        gap = views.drawn_linear(merged(views.linear(x), views.linear(y), -1.0), shape)
        drawn = views.scaled(form[ONE], _rest_of_share(xp, xp.wire(x), xp.wire(y), views.negated(y), gap))
        rest = {key: value for key, value in form.items() if key not in (ONE, wire)}
        return REST_OF_SHARE, views.added(drawn, rest, shape)
    return None


@completes("divide", "multiply", among={"expm1"})
def with_growth(views: Views, node: int) -> Found | None:
    whole, shape = views.product(node), views.graph.shape(node)
    return _among_exponentials(views, whole, shape) or _three_of(views, whole, shape) or _per_argument(views, whole, shape)


@completes("divide", "multiply", "reciprocal", "constant_power", among={"sinh"})
def over_sinh(views: Views, node: int) -> Found | None:
    """1/sinh(x)², beside other factors."""
    whole = views.product(node)
    for wire, power in whole.powers.items():
        if views.name(wire) == "sinh" and power == -2.0:
            drawn = _over_sinh(views.xp, views.xp.wire(views.input(wire)), -power)
            return OVER_SINH, beside(views, drawn, whole.without(wire), views.graph.shape(node))
    return None


def _among_exponentials(views: Views, whole: Term, shape: Shape) -> Found | None:
    """Powers of e beside e^x − 1, and e^2x − 1 over e^x − 1."""
    xp = views.xp
    gaps = [(wire, power) for wire, power in whole.powers.items() if views.name(wire) == "expm1"]
    for wire, power in gaps:
        x = views.linear(views.input(wire))
        rest = Term(whole.coefficient, whole.without(wire).powers)
        if whole.exponent and abs(power) == 1.0 and not merged(whole.exponent, x, power):
            turned = xp.expm1(views.negated(views.input(wire)))
            return GROWTH, beside(views, -1 / turned if power < 0 else -turned, rest, shape)
        if whole.exponent and power == -2.0 and not merged(whole.exponent, x, -1.0):
            half = views.drawn_linear(merged({}, x, 0.5), views.graph.shape(wire))
            return GROWTH_SQUARED, beside(views, 0.25 * _over_sinh(xp, half, 2.0), rest, shape)
        for other, against in gaps:
            if power == 1.0 and against == -1.0 and not merged(x, views.linear(views.input(other)), -2.0):
                total = 1 + xp.exp(xp.wire(views.input(other)))
                return EXPONENTIAL_RATIO, beside(views, total, whole.without(wire, other), shape)
    return None if whole.exponent else _two_of(views, whole, dict(gaps), shape)


def _two_of(views: Views, whole: Term, gaps: Mapping[int, float], shape: Shape) -> Found | None:
    """Two exponents with a common factor, one above and one below."""
    if sorted(gaps.values()) != [-1.0, 1.0]:
        return None
    (below, above), xp = sorted(gaps, key=lambda wire: gaps[wire]), views.xp
    over, under = (views.product(views.input(one)) for one in (above, below))
    if over.exponent or under.exponent or not any(under.powers.get(wire) == power for wire, power in over.powers.items()):
        return None
    u, v = (xp.wire(views.input(one)) for one in (above, below))
    drawn = _growths(xp, u, v, views.drawn(over.times(under, -1.0), shape))
    return GROWTHS, beside(views, drawn, whole.without(*gaps), shape)


def _per_argument(views: Views, whole: Term, shape: Shape) -> Found | None:
    """x/(e^(a·x) − 1): what is shared with the exponent is divided out."""
    below = [wire for wire, power in whole.powers.items() if views.name(wire) == "expm1" and power == -1.0]
    if len(below) != 1 or whole.exponent or any(views.name(wire) == "expm1" for wire in whole.powers if wire != below[0]):
        return None
    argument = views.product(views.input(below[0]))
    rest = whole.without(below[0])
    if argument.exponent or not any(rest.powers.get(wire, 0.0) >= power > 0 for wire, power in argument.powers.items()):
        return None
    drawn = _per_growth(views.xp, views.xp.wire(views.input(below[0])))
    return PER_GROWTH, beside(views, drawn, rest.times(argument, -1.0), shape)


def _three_of(views: Views, whole: Term, shape: Shape) -> Found | None:
    gaps = {wire: power for wire, power in whole.powers.items() if views.name(wire) == "expm1"}
    above = [wire for wire, power in gaps.items() if power == 1.0]
    below = [wire for wire, power in gaps.items() if power == -1.0]
    if whole.exponent or (len(above), len(below), len(gaps)) != (1, 2, 3):
        return None
    total, x, y = (views.input(wire) for wire in (*above, *below))
    parts = [views.product(one) for one in (x, y)]
    summed = _factored(views, total, parts)
    if summed is None:
        return None
    left = whole.without(*gaps).times(summed).times(parts[0], -1.0).times(parts[1], -1.0)
    xp = views.xp
    quotient = _three(xp, xp.wire(x), xp.wire(y), xp.wire(total))
    under = [wire for wire, power in left.powers.items() if power == -1.0]
    if len(under) == 2:
        upper = views.drawn(left.without(*under), shape)
        return THREE, _over_larger(xp, upper, *map(xp.wire, under)) * quotient
    return THREE, beside(views, quotient, left, shape)


def _factored(views: Views, total: int, parts: list[Term]) -> Term | None:
    """The sum of the two parts as a product with what they share; None where the wire is not that sum."""
    product = views.product(total)
    shared = {wire: power for wire, power in parts[0].powers.items() if parts[1].powers.get(wire) == power}
    rests = [one.without(*shared) for one in parts]
    if any(len(one.powers) != 1 or set(one.powers.values()) != {1.0} for one in rests):
        return None
    form: dict[int, float] = {}
    for one in rests:
        form = merged(form, dict.fromkeys(one.powers, one.coefficient))
    sums = [wire for wire, power in product.powers.items() if power == 1.0 and wire not in shared]
    if len(sums) == 1 and product.without(*sums).powers == shared and product.coefficient == 1.0 and views.linear(sums[0]) == form:
        return product
    if views.terms(total) == parts or views.terms(total) == parts[::-1]:
        return Term(1.0, shared).times(Term(powers={views.drawn_linear(form, views.graph.shape(total)).node: 1.0}))
    return None
