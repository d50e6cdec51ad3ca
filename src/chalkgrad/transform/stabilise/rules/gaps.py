"""Functions less the beginning of their series: 1 − cos x, x − sin x, e^x − 1 − x, e^x − 2 + e^−x, and quotients of such.

Near 0 nothing of the leading digits is left. The stable forms are products by the addition theorems, or gates that compute the rest
of the series.

Source: Hamming, Numerical Methods for Scientists and Engineers (1973), chapter 3.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import ONE, Linear, Term, Views, merged

CANCELS = "near 0 the leading digits cancel, and hardly one is left"
SMALL = 1e-5  # below which two terms of a series are exact
BY_SERIES = 1e-2  # the same of five terms, and of their slope

VERSINE = rule(
    "1 − cos",
    written=lambda xp, x: 1 - xp.cos(x),
    stable=lambda xp, x: 2 * xp.sin(x / 2) ** 2,
    why=CANCELS,
    proof="cos x = 1 − 2·sin²(x/2), for every real x",
    ranges=((-1.0, 1.0),),
)
HALF_TANGENT = rule(
    "1 − cos over sin",
    written=lambda xp, x: (1 - xp.cos(x)) / xp.sin(x),
    stable=lambda xp, x: xp.tan(x / 2),
    why=CANCELS,
    proof="2·sin²(x/2)/(2·sin(x/2)·cos(x/2)) = tan(x/2), wherever sin x is not 0",
    ranges=((1e-6, 1.0),),
)
SQUARED_QUOTIENT = rule(
    "quotient of squares",
    written=lambda xp, x, y: xp.sin(x) ** 2 / y**2,
    stable=lambda xp, x, y: (xp.sin(x) / y) ** 2,
    why="small squares vanish, and the quotient is 0/0",
    proof="u²/v² = (u/v)², for every v but 0",
    ranges=((-1.0, 1.0), (0.1, 1.0)),
)
SINH_SQUARED = rule(
    "e^x − 2 + e^−x",
    written=lambda xp, x: xp.exp(x) - 2 + xp.exp(-x),
    stable=lambda xp, x: 4 * xp.sinh(x / 2) ** 2,
    why=CANCELS,
    proof="(e^(x/2) − e^(−x/2))² = e^x − 2 + e^−x, for every real x",
    ranges=((-1.0, 1.0),),
)
SINH = rule(
    "e^x − e^−x",
    written=lambda xp, x: xp.exp(x) - xp.exp(-x),
    stable=lambda xp, x: 2 * xp.sinh(x),
    why=CANCELS,
    proof="(e^x − e^−x)/2 is what sinh means, for every real x",
    ranges=((-1.0, 1.0),),
)
SINE_GAP = rule(
    "x − sin",
    written=lambda xp, x: x - xp.sin(x),
    stable=lambda xp, x: xp.sine_gap(x),
    why=CANCELS,
    proof="x − sin x is what sine_gap means, for every real x",
    ranges=((-1.0, 1.0),),
)
TANGENT_GAP = rule(
    "tan − x",
    written=lambda xp, x: xp.tan(x) - x,
    stable=lambda xp, x: xp.sine_less_arc(x) / xp.cos(x),
    why=CANCELS,
    proof="tan x − x = (sin x − x·cos x)/cos x, wherever cos x is not 0",
    ranges=((-1.0, 1.0),),
)
SINE_LESS_ARC = rule(
    "sin − x·cos",
    written=lambda xp, x: xp.sin(x) - x * xp.cos(x),
    stable=lambda xp, x: xp.sine_less_arc(x),
    why=CANCELS,
    proof="sin x − x·cos x is what sine_less_arc means, for every real x",
    ranges=((-1.0, 1.0),),
)
EXPM1_GAP = rule(
    "e^x − 1 − x",
    written=lambda xp, x: xp.exp(x) - 1 - x,
    stable=lambda xp, x: xp.expm1_gap(x),
    why=CANCELS,
    proof="e^x − 1 − x is what expm1_gap means, for every real x",
    ranges=((-1.0, 1.0),),
)
LOG1P_GAP = rule(
    "x − log(1 + x)",
    written=lambda xp, x: x - xp.log1p(x),
    stable=lambda xp, x: xp.log1p_gap(x),
    why=CANCELS,
    proof="x − log(1 + x) is what log1p_gap means, for x > −1",
    ranges=((-0.5, 1.0),),
)


def _cotangent_gap(xp: Any, x: Any) -> Any:
    return xp.where(xp.absolute(x) < SMALL, x / 3 * (1 + x * x / 15), xp.sine_less_arc(x) / x / xp.sin(x))


def _gap_ratio(xp: Any, x: Any) -> Any:
    # The slopes of the two differences nearly cancel in the quotient, so the series goes further than its value would need.
    series = 0.5 + x * x / 40 + 11 * x**4 / 8400 + 67 * x**6 / 1008000 + 2579 * x**8 / 776160000
    return xp.where(xp.absolute(x) < BY_SERIES, series, xp.sine_gap(x) / xp.sine_less_arc(x))


COTANGENT_GAP = rule(
    "1/x − 1/tan",
    written=lambda xp, x: 1 / x - 1 / xp.tan(x),
    stable=_cotangent_gap,
    why=CANCELS,
    proof="1/x − cos x/sin x = (sin x − x·cos x)/(x·sin x); its series begins x/3 + x³/45, and the next term is below 1e−22 of it"
          " for |x| < 1e−5",
    ranges=((-1.0, 1.0),),
)  # fmt: skip
GAP_RATIO = rule(
    "x − sin over sin − x·cos",
    written=lambda xp, x: (x - xp.sin(x)) / (xp.sin(x) - x * xp.cos(x)),
    stable=_gap_ratio,
    why="near 0 both differences cancel, and below 1e−103 both vanish",
    proof="the quotient of the series x³/6 − x⁵/120 + … and x³/3 − x⁵/30 + … begins 1/2 + x²/40 + 11x⁴/8400; what is"
          " left out, and its slope, are below 1e−20 of it for |x| < 1e−2",
    ranges=((1e-6, 1.0),),
)  # fmt: skip

HALF_TANGENT_BELOW = rule(
    "1/sin − 1/tan",
    written=lambda xp, x: 1 / xp.sin(x) - 1 / xp.tan(x),
    stable=lambda xp, x: xp.tan(x / 2),
    why=CANCELS,
    proof="1/sin x − cos x/sin x = (1 − cos x)/sin x = tan(x/2), wherever sin x is not 0",
    ranges=((1e-6, 1.0),),
)
TANGENT = rule(
    "sin over cos",
    written=lambda xp, x: xp.sin(x) / xp.cos(x),
    stable=lambda xp, x: xp.tan(x),
    why="two functions are rounded where one is enough, and beside others the quotient is not known as a tangent",
    proof="sin x/cos x is what tan means, wherever cos x is not 0",
    ranges=((-1.5, 1.5),),
)
Drawn = Callable[[Any, Wire], Wire]
# Per function f: the number and the multiple of its argument that cancel against it, the rule, and what is left as a multiple of a
# stable form.
AGAINST: Mapping[str, tuple[float, float, Rule, float, Drawn]] = {
    "sin": (0.0, -1.0, SINE_GAP, -1.0, lambda xp, x: xp.sine_gap(x)),
    "tan": (0.0, -1.0, TANGENT_GAP, 1.0, lambda xp, x: xp.sine_less_arc(x) / xp.cos(x)),
    "exp": (-1.0, -1.0, EXPM1_GAP, 1.0, lambda xp, x: xp.expm1_gap(x)),
    "expm1": (0.0, -1.0, EXPM1_GAP, 1.0, lambda xp, x: xp.expm1_gap(x)),
    "log1p": (0.0, -1.0, LOG1P_GAP, -1.0, lambda xp, x: xp.log1p_gap(x)),
    "cos": (-1.0, 0.0, VERSINE, -2.0, lambda xp, x: xp.sin(x / 2) ** 2),
}


@completes("add", "subtract", among={*AGAINST, "cosh"})
def less_its_beginning(views: Views, node: int) -> Found | None:
    form = views.linear(node)
    found = _less_its_beginning(views, node, form)
    if found is None and any(views.name(wire) == "one_minus_square" for wire in form if wire != ONE):
        found = _less_its_beginning(views, node, _with_squares(views, form))
    return found or _of_terms(views, node)


def _with_squares(views: Views, form: Linear) -> Linear:
    """The form with 1 − x² taken apart, for its 1 may cancel against something else."""
    apart: Linear = {}
    for wire, factor in form.items():
        if wire != ONE and views.name(wire) == "one_minus_square":
            square = views.numbers.of(views.xp.square(views.xp.wire(views.input(wire))).node)
            apart = merged(apart, {ONE: 1.0, square: -1.0}, factor)
        else:
            apart = merged(apart, {wire: 1.0}, factor)
    return apart


def _less_its_beginning(views: Views, node: int, form: Linear) -> Found | None:
    for wire, factor in form.items():
        against = AGAINST.get(views.name(wire)) if wire != ONE else None
        if against is None:
            continue
        number, of_argument, said, sign, drawn = against
        beginning: Linear = {ONE: number} if number else {}
        if of_argument:
            beginning = merged(beginning, views.linear(views.input(wire)), of_argument)
        rest = merged({key: value for key, value in form.items() if key != wire}, beginning, -factor)
        if len(rest) <= len(form) - 1 - len(beginning):
            left = views.scaled(sign * factor, drawn(views.xp, views.xp.wire(views.input(wire))))
            return said, views.added(left, rest, views.graph.shape(node))
    return None


def _of_terms(views: Views, node: int) -> Found | None:
    terms = views.terms(node)
    if len(terms) == 3 and all(one.pure for one in terms):
        return _hyperbolic(views, node, terms)
    if len(terms) != 2 or terms[0].coefficient != -terms[1].coefficient:
        return None
    if all(one.pure for one in terms) and not merged(terms[0].exponent, terms[1].exponent):
        angle = views.drawn_linear(terms[0].exponent, views.graph.shape(node))
        return SINH, views.scaled(2 * terms[0].coefficient, views.xp.sinh(angle))
    if any(one.exponent for one in terms):
        return None
    for first, second in (terms, terms[::-1]):
        found = _cotangent(views, first, second) or _arc(views, first, second)
        if found is not None:
            said, drawn = found
            return said, views.scaled(first.coefficient, drawn)
    return None


def _hyperbolic(views: Views, node: int, terms: list[Term]) -> Found | None:
    """k·(e^x − 2 + e^−x)."""
    numbers = [one for one in terms if not one.exponent]
    powers = [one for one in terms if one.exponent]
    if len(powers) != 2 or merged(powers[0].exponent, powers[1].exponent):
        return None
    factor = powers[0].coefficient
    if powers[1].coefficient != factor or numbers[0].coefficient != -2 * factor:
        return None
    half = views.drawn_linear(merged({}, powers[0].exponent, 0.5), views.graph.shape(node))
    return SINH_SQUARED, views.scaled(4 * factor, views.xp.sinh(half) ** 2)


def _cotangent(views: Views, first: Term, second: Term) -> Found | None:
    """1/x − 1/tan x, 1/sin x − 1/tan x."""
    if list(first.powers.values()) != [-1.0] or list(second.powers.values()) != [-1.0]:
        return None
    (x,), (tangent,) = first.powers, second.powers
    if views.name(tangent) != "tan":
        return None
    if views.name(x) == "sin" and views.same(views.input(tangent), views.input(x)):
        return HALF_TANGENT_BELOW, views.xp.tan(0.5 * views.xp.wire(views.input(x)))
    if not views.same(views.input(tangent), x):
        return None
    return COTANGENT_GAP, _cotangent_gap(views.xp, views.xp.wire(x))


def _arc(views: Views, first: Term, second: Term) -> Found | None:
    """sin x − x·cos x."""
    if list(first.powers.values()) != [1.0] or list(second.powers.values()) != [1.0, 1.0]:
        return None
    (sine,) = first.powers
    if views.name(sine) != "sin":
        return None
    x = views.numbers.of(views.input(sine))
    cosines = [one for one in second.powers if views.name(one) == "cos" and views.same(views.input(one), x)]
    if x not in second.powers or not cosines:
        return None
    return SINE_LESS_ARC, views.xp.sine_less_arc(views.xp.wire(x))


@completes("multiply", among={"sin", "cos", "sine_gap", "sine_less_arc"})
def product_of_gaps(views: Views, node: int) -> Found | None:
    return quotient_of_gaps(views, node) if any(power < 0 for power in views.product(node).powers.values()) else None


@completes("divide")
def quotient_of_gaps(views: Views, node: int) -> Found | None:
    whole, shape = views.product(node), views.graph.shape(node)
    for above, power in whole.powers.items():
        for below, against in whole.powers.items():
            if power <= 0 or against >= 0:
                continue
            quotient = _quotient(views, above, below, power, against)
            if quotient is not None:
                said, drawn, left = quotient
                return said, beside(views, drawn, whole.without(above, below).times(left), shape)
    return None


def beside(views: Views, drawn: Wire, rest: Term, shape: Shape) -> Wire:
    """What was found, times the other factors."""
    return drawn * views.drawn(rest, shape) if rest.powers or rest.exponent else views.scaled(rest.coefficient, drawn)


def _quotient(views: Views, above: int, below: int, power: float, against: float) -> tuple[Rule, Wire, Term] | None:
    xp, names = views.xp, (views.name(above), views.name(below))
    if names == ("sin", "sin") and (power, against) == (2.0, -1.0):
        half, whole = (views.linear(views.input(one)) for one in (above, below))
        if not merged(whole, half, -2.0):
            return HALF_TANGENT, xp.tan(xp.wire(views.input(above))), Term(0.5)
    if set(names) == {"sin", "cos"} and (power, against) == (1.0, -1.0) and views.same(views.input(above), views.input(below)):
        tangent = xp.tan(xp.wire(views.input(above)))
        return TANGENT, tangent if names[0] == "sin" else 1 / tangent, Term()
    of_gaps = names == ("sine_gap", "sine_less_arc") and (power, against) == (1.0, -1.0)
    if of_gaps and views.same(views.input(above), views.input(below)):
        return GAP_RATIO, _gap_ratio(xp, xp.wire(views.input(above))), Term()
    if (power, against) == (2.0, -2.0):
        return SQUARED_QUOTIENT, (xp.wire(above) / xp.wire(below)) ** 2, Term()
    return None
