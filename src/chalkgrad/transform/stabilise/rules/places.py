"""Differences of one function at two close places: √(x + 1) − √x, log(n + 1) − log n, sin(x + ε) − sin x.

The gap between the places is known as a linear form, in which what they share has gone: (x + 1) − x is 1. Each rule hands that gap
on instead of forming the difference of the rounded values.

Source: Hamming, Numerical Methods for Scientists and Engineers (1973), chapter 3.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.rules.apart import (
    ARC,
    BOTH_ROUND,
    POWERS_BELOW,
    arcsines,
    hyperbolic_cosines,
    hyperbolic_sines,
    reciprocals_of_powers,
    softpluses,
)
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.logarithms import logged
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, Views, merged


def _close(name: str, function: str, stable: Any, proof: str, high: float = 1e8, gap: float = 1e-4,
           low: float = 1.0) -> Rule:  # fmt: skip
    return rule(
        f"close {name}",
        written=lambda xp, x, e: getattr(xp, function)(x + e) - getattr(xp, function)(x),
        stable=stable,
        why=BOTH_ROUND,
        proof=proof,
        ranges=((low, high), (gap / 100, gap)),
    )


def _roots(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return gap / (xp.sqrt(u) + xp.sqrt(v))


def _cube_roots(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    first, second = xp.cbrt(u), xp.cbrt(v)
    return gap / (first * first + first * second + second * second)


def _size(xp: Any, gap: Any) -> Any:
    return abs(gap) if isinstance(gap, float) else xp.absolute(gap)


def _exponentials(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    if isinstance(gap, float):
        return xp.exp(v) * math.expm1(gap)
    return xp.where(xp.absolute(gap) < 1, xp.exp(v) * xp.expm1(gap), xp.exp(u) - xp.exp(v))


def _logarithms(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return xp.where(v > 2 * _size(xp, gap), xp.log1p(gap / v), xp.log(u) - xp.log(v))


def _arctangents(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return xp.arctan2(gap, 1 + u * v)


def _sines(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return 2 * (xp.cos(v + gap / 2) * xp.sin(gap / 2))


def _cosines(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return -2 * (xp.sin(v + gap / 2) * xp.sin(gap / 2))


def _tangents(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    return xp.sin(gap) / (xp.cos(u) * xp.cos(v))


def _sigmoids(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    if isinstance(gap, float):
        return -math.expm1(-gap) * (xp.sigmoid(u) * xp.sigmoid(-v))
    near = -xp.expm1(-gap) * (xp.sigmoid(u) * xp.sigmoid(-v))
    return xp.where(xp.absolute(gap) < 1, near, xp.sigmoid(u) - xp.sigmoid(v))


def _hyperbolic_tangents(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    if isinstance(gap, float):
        return math.sinh(gap) * (xp.sech(u) * xp.sech(v))
    return xp.where(xp.absolute(gap) < 1, xp.sinh(gap) * (xp.sech(u) * xp.sech(v)), xp.tanh(u) - xp.tanh(v))


def _log_gammas(xp: Any, u: Any, v: Any, gap: Any) -> Any:
    """log Γ at places a number apart, by log B, which is told for positive numbers."""
    low, size = (v, gap) if gap > 0 else (u, -gap)
    inside = low > 0
    rise = xp.gammaln(size) - xp.betaln(xp.where(inside, low, 1.0), size)
    return xp.where(inside, rise if gap > 0 else -rise, xp.gammaln(u) - xp.gammaln(v))


Difference = Callable[[Any, Any, Any, Any], Any]  # f(u) − f(v) from xp, u, v and u − v


def _of(difference: Difference) -> Any:
    return lambda xp, x, e: difference(xp, x + e, x, e)


PAIRS: Mapping[str, tuple[Rule, Difference]] = {
    "sqrt": (_close("square roots", "sqrt", _of(_roots), "√u − √v = (u − v)/(√u + √v) for u, v > 0"), _roots),
    "cbrt": (_close("cube roots", "cbrt", _of(_cube_roots), "a³ − b³ = (a − b)·(a² + ab + b²), of which the second is positive"),
             _cube_roots),
    "exp": (_close("exponentials", "exp", _of(_exponentials), "e^u − e^v = e^v·(e^(u − v) − 1), for all real u, v", 300.0),
            _exponentials),
    "log": (_close("logarithms", "log", _of(_logarithms), "log u − log v = log(1 + (u − v)/v), for u, v > 0"), _logarithms),
    "arctan": (_close("arctangents", "arctan", _of(_arctangents),
                      "the angle between (1, u) and (1, v) has the sine u − v and the cosine 1 + uv, over both lengths; it lies"
                      " between −π and π, so arctan2 has it"), _arctangents),
    "sin": (_close("sines", "sin", _of(_sines), "sin u − sin v = 2·cos((u + v)/2)·sin((u − v)/2)", 100.0), _sines),
    "cos": (_close("cosines", "cos", _of(_cosines), "cos u − cos v = −2·sin((u + v)/2)·sin((u − v)/2)", 100.0), _cosines),
    "tan": (_close("tangents", "tan", _of(_tangents), "tan u − tan v = sin(u − v)/(cos u·cos v)", 1.5), _tangents),
    "sigmoid": (_close("sigmoids", "sigmoid", _of(_sigmoids), "σ(u) − σ(v) = σ(u)·σ(−v)·(1 − e^(v − u)), for all real u, v", 30.0),
                _sigmoids),
    "tanh": (_close("hyperbolic tangents", "tanh", _of(_hyperbolic_tangents),
                    "tanh u − tanh v = sinh(u − v)/(cosh u·cosh v), for all real u, v", 15.0), _hyperbolic_tangents),
    "sinh": (_close("hyperbolic sines", "sinh", _of(hyperbolic_sines), "sinh u − sinh v = 2·cosh((u + v)/2)·sinh((u − v)/2)",
                    300.0), hyperbolic_sines),
    "cosh": (_close("hyperbolic cosines", "cosh", _of(hyperbolic_cosines),
                    "cosh u − cosh v = 2·sinh((u + v)/2)·sinh((u − v)/2)", 300.0), hyperbolic_cosines),
    "arcsin": (_close("arcsines", "arcsin", _of(arcsines), ARC, 0.9, low=0.1), arcsines),
    "arccos": (_close("arccosines", "arccos", _of(lambda *of: -arcsines(*of)), ARC + "; arccos is π/2 − arcsin", 0.9, low=0.1),
               lambda *of: -arcsines(*of)),
    "softplus": (_close("softpluses", "softplus", _of(softpluses),
                        "log(1 + e^u) − log(1 + e^v) = log(1 + e^v·(e^(u − v) − 1)/(1 + e^v)), for all real u, v", 800.0),
                 softpluses),
    "gammaln": (rule("close log Γ", written=lambda xp, x: xp.gammaln(x + 0.5) - xp.gammaln(x),
                     stable=lambda xp, x: _log_gammas(xp, x + 0.5, x, 0.5), why=BOTH_ROUND, ranges=((0.01, 1e12),),
                     proof="log Γ(v + k) − log Γ(v) = log Γ(k) − log B(v, k), for positive v and k"), _log_gammas),
}  # fmt: skip
ROOTS_BELOW = rule(
    "close reciprocals of roots",
    written=lambda xp, x, e: 1 / xp.sqrt(x + e) - 1 / xp.sqrt(x),
    stable=lambda xp, x, e: -e / (xp.sqrt(x + e) + xp.sqrt(x)) / xp.sqrt(x + e) / xp.sqrt(x),
    why=BOTH_ROUND,
    proof="1/√u − 1/√v = (v − u)/((√u + √v)·√u·√v), for u, v > 0",
    ranges=((1.0, 1e8), (1e-6, 1e-4)),
)

POWERS = rule(
    "close powers",
    written=lambda xp, x, e, y: xp.power(x + e, y) - xp.power(x, y),
    stable=lambda xp, x, e, y: _powers(xp, x + e, x, e, y),
    why=BOTH_ROUND,
    proof="u^y − v^y = v^y·(e^(y·log(1 + (u − v)/v)) − 1) = (e^(y·log u) − 1) − (e^(y·log v) − 1), for u, v > 0",
    ranges=((1.0, 1e8), (1e-6, 1e-4), (0.01, 2.0)),
)
TIMES_LOGARITHMS = rule(
    "close products with logarithms",
    written=lambda xp, x, e: (x + e) * xp.log(x + e) - x * xp.log(x),
    stable=lambda xp, x, e: x * _logarithms(xp, x + e, x, e) + e * xp.log(x + e),
    why=BOTH_ROUND,
    proof="u·log u − v·log v = v·(log u − log v) + (u − v)·log u, for u, v > 0",
    ranges=((1.0, 1e8), (1e-6, 1e-4)),
)
LOG_OF_QUOTIENT = rule(
    "log of a quotient of close numbers",
    written=lambda xp, x, e: xp.log((x + e) / x),
    stable=lambda xp, x, e: xp.where(xp.absolute(x) > 2 * xp.absolute(e), xp.log1p(e / x), xp.log((x + e) / x)),
    why="the quotient is close to 1, where its rounding is all that is left of its logarithm",
    proof="u/v = 1 + (u − v)/v, for all u, v but 0",
    ranges=((1.0, 1e8), (1e-6, 1e-4)),
)
LOG_OF_NUMBERS = rule(
    "log of a quotient",
    written=lambda xp, x, y: xp.log(x / y),
    stable=lambda xp, x, y: xp.log_difference(x, y),
    why="where the numbers are close, the rounding of their quotient is all that is left of its logarithm",
    proof="log(x/y) = log x − log y = log(1 + (x − y)/y), for x, y > 0",
    ranges=((1.0, 1.0 + 1e-6),) * 2,
)


def _powers(xp: Any, u: Any, v: Any, gap: Any, power: Any) -> Any:
    near = v > 2 * _size(xp, gap)
    first, second = power * xp.log(u), power * xp.log(v)
    small = xp.maximum(xp.absolute(first), xp.absolute(second)) < 1  # then both powers are close to 1
    far = xp.where(small, xp.expm1(first) - xp.expm1(second), xp.power(u, power) - xp.power(v, power))
    return xp.where(near, xp.power(v, power) * xp.expm1(power * xp.log1p(gap / v)), far)


def place(views: Views, wire: int) -> Linear:
    """Where a function is taken, as a linear form."""
    form = views.linear(views.input(wire))
    return merged(form, {ONE: 1.0}) if views.name(wire) in ("log1p", "compound") else form


def gap_between(one: Linear, other: Linear) -> Linear | None:
    """The difference of two linear forms that share a part; None where nothing is known of how close they are."""
    gap = merged(one, other, -1.0)
    return gap if gap and len(gap) < max(len(one), len(other)) else None


def _drawn_gap(views: Views, gap: Linear, node: int) -> Wire | float:
    return gap[ONE] if gap.keys() == {ONE} else views.drawn_linear(gap, views.graph.shape(node))


def _name(views: Views, wire: int) -> str:
    """What function a wire is of its first input."""
    name = views.name(wire)
    if name == "constant_power" and views.graph.settings(wire)["exponent"] == 0.5:
        return "sqrt"
    return {"log1p": "log", "compound": "power", "constant_power": "power"}.get(name, name)


def root_of(views: Views, wire: int) -> int | None:
    """What the wire is the square root of."""
    return views.input(wire) if _name(views, wire) == "sqrt" else None


FUNCTIONS = (*PAIRS, "power", "constant_power", "divide", "reciprocal", "xlogy", "xlog1py")


@completes("add", "subtract", among=FUNCTIONS)
def close(views: Views, node: int) -> Found | None:
    form = views.linear(node)
    wires = [wire for wire in form if wire != ONE]
    for first in wires:
        for second in wires:
            if form[first] > 0 and form[second] == -form[first] and _name(views, first) == _name(views, second):
                found = _pair(views, first, second)
                if found is not None:
                    said, drawn = found
                    rest = {key: value for key, value in form.items() if key not in (first, second)}
                    drawn = views.scaled(form[first], drawn)
                    return said, views.added(drawn, rest, views.graph.shape(node))
    return _of_terms(views, node)


def _pair(views: Views, first: int, second: int) -> Found | None:
    """f(u) − f(v)."""
    name, xp, graph = _name(views, first), views.xp, views.graph
    if name not in PAIRS and name != "power":
        return None
    one, other = place(views, first), place(views, second)
    gap = gap_between(one, other)
    if gap is None:
        return None
    u, v = (views.drawn_linear(form, graph.shape(wire)) for form, wire in ((one, first), (other, second)))
    apart = _drawn_gap(views, gap, first)
    if name in PAIRS:
        said, difference = PAIRS[name]
        if name == "gammaln" and not isinstance(apart, float):
            return None
        if name in ("exp", "sigmoid", "tanh", "softplus") and isinstance(apart, float) and abs(apart) >= 1:
            return None
        return said, difference(xp, u, v, apart)
    power, other_power = _exponent(views, first), _exponent(views, second)
    if views.same(power, other_power) and views.number(power) != int(views.number(power) or 0):
        return POWERS, _powers(xp, u, v, apart, xp.wire(power))
    return None


def _exponent(views: Views, power: int) -> int:
    fixed = views.graph.settings(power).get("exponent")
    return views.input(power, 1) if fixed is None else views.graph.constant(fixed)


# Sums of products -------------------------------------------------------------------------------------------------------------


def _of_terms(views: Views, node: int) -> Found | None:
    terms = views.terms(node)
    if not 2 <= len(terms) <= 4 or any(one.exponent for one in terms):
        return None
    for place, first in enumerate(terms):
        for second in terms[place + 1 :]:
            if first.coefficient != -second.coefficient:
                continue
            found = (_roots_below(views, node, first, second) or _powers_below(views, node, first, second)
                     or _times_logarithms(views, node, first, second))  # fmt: skip
            if found is not None:
                said, drawn = found
                for one in terms:
                    if one is not first and one is not second:
                        drawn = drawn + views.drawn(one, views.graph.shape(node))
                return said, drawn
    return None


def shared_factors(first: Term, second: Term) -> tuple[Term, dict[int, float], dict[int, float]]:
    """What two products share, and what is left of each."""
    shared = {wire: power for wire, power in first.powers.items() if second.powers.get(wire) == power}
    left, right = ({wire: power for wire, power in one.powers.items() if wire not in shared} for one in (first, second))
    return Term(first.coefficient, shared), left, right


def _roots_below(views: Views, node: int, first: Term, second: Term) -> Found | None:
    """s/√u − s/√v."""
    shared, left, right = shared_factors(first, second)
    if list(left.values()) != [-1.0] or list(right.values()) != [-1.0]:
        return None
    (u,), (v,) = left, right
    if root_of(views, u) is None or root_of(views, v) is None:
        return None
    gap = gap_between(place(views, v), place(views, u))
    if gap is None:
        return None
    shape, xp = views.graph.shape(node), views.xp
    above = views.drawn_linear(gap, shape)
    if not shared.pure or shared.coefficient != 1.0:
        above = above * views.drawn(shared, shape)
    one, other = xp.wire(u), xp.wire(v)
    return ROOTS_BELOW, above / (one + other) / one / other


def _powers_below(views: Views, node: int, first: Term, second: Term) -> Found | None:
    """s/u^k − s/v^k for k = 2, 3, 4."""
    shared, left, right = shared_factors(first, second)
    powers = {*left.values(), *right.values()}
    (power,) = powers if len(powers) == len(left) == len(right) == 1 else (0.0,)
    if power not in (-2.0, -3.0, -4.0):
        return None
    (u,), (v,) = left, right
    gap = gap_between(views.linear(v), views.linear(u))
    if gap is None or gap.keys() == {ONE}:  # polynomials of one number are for `fractions`
        return None
    xp, shape = views.xp, views.graph.shape(node)
    drawn = reciprocals_of_powers(xp, xp.wire(u), xp.wire(v), _drawn_gap(views, gap, node), int(-power))
    return POWERS_BELOW, drawn if shared.pure and shared.coefficient == 1.0 else drawn * views.drawn(shared, shape)


def _times_logarithms(views: Views, node: int, first: Term, second: Term) -> Found | None:
    """u·log u − v·log v, where a product with a logarithm may have become one gate."""
    one, other = _logged_place(views, first), _logged_place(views, second)
    gap = None if one is None or other is None else gap_between(one, other)
    if one is None or other is None or gap is None:
        return None
    u, v = (views.drawn_linear(form, views.graph.shape(node)) for form in (one, other))
    apart = _drawn_gap(views, gap, node)
    log = views.xp.log(u)
    drawn = v * _logarithms(views.xp, u, v, apart) + (log if apart == 1.0 else apart * log)
    return TIMES_LOGARITHMS, views.scaled(first.coefficient, drawn)


def _logged_place(views: Views, term: Term) -> Linear | None:
    """u of u·log u."""
    wires = list(term.powers)
    if not wires or set(term.powers.values()) != {1.0}:
        return None
    if len(wires) == 1 and views.name(wires[0]) in ("xlogy", "xlog1py"):
        outer, inner = (views.linear(one) for one in views.graph.inputs(wires[0]))
        inner = merged(inner, {ONE: 1.0}) if views.name(wires[0]) == "xlog1py" else inner
        return inner if inner == outer else None
    for factor, log in ((wires[0], wires[-1]), (wires[-1], wires[0])):
        if len(wires) == 2 and _name(views, log) == "log" and place(views, log) == views.linear(factor):
            return views.linear(factor)
    return None


@completes("log", "log1p")
def log_of_quotient(views: Views, node: int) -> Found | None:
    source = views.input(node)
    whole = views.product(source)
    if views.name(node) != "log" or whole.exponent or whole.coefficient != 1.0 or sorted(whole.powers.values()) != [-1.0, 1.0]:
        return None
    (below, _), (above, _) = sorted(whole.powers.items(), key=lambda pair: pair[1])
    gap = gap_between(views.linear(above), views.linear(below))
    xp, v = views.xp, views.xp.wire(below)
    if gap is None:
        # The logarithm of a probability is known without computing the probability, which may vanish.
        return None if logged(views, above) or logged(views, below) else (LOG_OF_NUMBERS, xp.log_difference(xp.wire(above), v))
    apart = _drawn_gap(views, gap, source)
    near = xp.absolute(v) > 2 * _size(xp, apart)
    return LOG_OF_QUOTIENT, xp.where(near, xp.log1p(apart / v), xp.log(xp.wire(source)))
