"""Powers, sums entry by entry, and exponentials of logarithms."""

import math
from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import all_entries
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.logarithms import logged
from chalkgrad.transform.stabilise.rules.places import gap_between
from chalkgrad.transform.stabilise.views import ONE, Term, Views, merged

COMPOUND = rule(
    "compound interest",
    written=lambda xp, x, y: (1 + x) ** y,
    stable=lambda xp, x, y: xp.compound(x, y),
    why="1 + x rounds a small x away, and a large exponent makes much of that",
    proof="(1 + x)^y is what compound means; with t the rounded 1 + x and e what was lost it equals t^y·(1 + e/t)^y",
    ranges=((1e-9, 1e-3), (1.0, 1e5)),
)
COMPOUND_INVERSE = rule(
    "(1 + 1/n)^n",
    written=lambda xp, n: xp.compound(1 / n, n),
    stable=lambda xp, n: xp.compound_inverse(n),
    why="the slopes in the base and in the exponent nearly cancel where n is large",
    proof="(1 + 1/n)^n is what compound_inverse means",
    ranges=((10.0, 1e9),),
)
COMPOUND_INTEREST = rule(
    "(1 + r/n)^(n·t)",
    written=lambda xp, r, n, t: xp.compound(r / n, n * t),
    stable=lambda xp, r, n, t: xp.compound_interest(r, n, t),
    why="the slopes in the base and in the exponent nearly cancel where n is large",
    proof="(1 + r/n)^(n·t) is what compound_interest means",
    ranges=((0.01, 2.0), (10.0, 1e9), (0.5, 3.0)),
)
EXP_LOG1P = rule(
    "exp of y·log(1 + x)",
    written=lambda xp, x, y: xp.exp(xp.xlog1py(y, x)),
    stable=lambda xp, x, y: xp.compound(x, y),
    why="the logarithm is rounded before the exponential makes much of it, and as such it is not known as a power",
    proof="e^(y·log(1 + x)) = (1 + x)^y for x > −1, where the logarithm has a meaning",
    ranges=((1e-9, 1e-3), (1.0, 1e5)),
)
EXP_LOG = rule(
    "exp of y·log x",
    written=lambda xp, x, y: xp.exp(xp.xlogy(y, x)),
    stable=lambda xp, x, y: xp.power(x, y),
    why="the logarithm is rounded before the exponential makes much of it",
    proof="e^(y·log x) = x^y for x > 0, where the logarithm has a meaning; and 0·log 0 stands for log 0^0 = 0",
    ranges=((1e-9, 1e9), (-20.0, 20.0)),
)
POWER_OF_QUOTIENT = rule(
    "power of a quotient of close numbers",
    written=lambda xp, x, y: ((x + 1) / x) ** y,
    stable=lambda xp, x, y: xp.compound(1 / x, y),
    why="the quotient is close to 1, where its rounding is all that is left, and a large exponent makes much of that",
    proof="(u/v)^y = (1 + (u − v)/v)^y, for u/v > 0",
    ranges=((1e3, 1e9), (10.0, 1e3)),
)
EXP_LOG_SOFTMAX = rule(
    "exp of log-softmax",
    written=lambda xp, x: xp.exp(xp.log_softmax(x)),
    stable=lambda xp, x: xp.softmax(x),
    why="the logarithm is rounded before the exponential makes much of it",
    proof="log_softmax is the logarithm of softmax, which is positive",
    ranges=((-300.0, 300.0),),
    shapes=((4,),),
)
EXP_LOG_SIGMOID = rule(
    "exp of log-sigmoid",
    written=lambda xp, x: xp.exp(xp.log_sigmoid(x)),
    stable=lambda xp, x: xp.sigmoid(x),
    why="the logarithm is rounded before the exponential makes much of it",
    proof="log_sigmoid is the logarithm of sigmoid, which is positive",
    ranges=((-700.0, 700.0),),
)

POWER_OF_E = rule(
    "power of e",
    written=lambda xp, x: xp.power(xp.exp(1.0), x),
    stable=lambda xp, x: xp.exp(x),
    why="e is rounded before the exponent makes much of it, and as a power it is not known as an exponential",
    proof="(e^k)^x = e^(k·x), for all real k, x",
    ranges=((-700.0, 700.0),),
)
OPPOSITE_POWERS = rule(
    "powers that cancel",
    written=lambda xp, x: x * xp.exp(-x) * xp.exp(x),
    stable=lambda xp, x: x,
    why="one power vanishes where the other overflows, and the product is 0·∞",
    proof="e^−x·e^x = 1, for every real x",
    ranges=((-800.0, 800.0),),
)
SUM_OF_ENTRIES = rule(
    "sum entry by entry",
    written=lambda xp, x: xp.index(xp.exp(x), index=(0,)) + xp.index(xp.exp(x), index=(1,)) + xp.index(xp.exp(x), index=(2,)),
    stable=lambda xp, x: xp.sum(xp.exp(x)),
    why="what is added up entry by entry is not known as the sum that a softmax or a logsumexp is made of",
    proof="x[0] + x[1] + … + x[n − 1] is what the sum of n entries means",
    ranges=((-300.0, 300.0),),
    shapes=((3,),),
)

SMALL_POWERS = 8.0  # up to which the rounding of 1 + x stays small


@completes("power", "constant_power")
def compound(views: Views, node: int) -> Found | None:
    base, *exponent = views.graph.inputs(node)
    power = views.graph.settings(node).get("exponent")
    if power is not None and abs(power) <= SMALL_POWERS:
        return None
    raised = views.xp.wire(exponent[0]) if exponent else power
    if views.name(base) not in ("add", "subtract"):
        return _power_of_quotient(views, base, raised)
    form = views.linear(base)
    if form.get(ONE) != 1.0 or not 1 < len(form) <= 3:
        return None
    rest = {key: value for key, value in form.items() if key != ONE}
    return COMPOUND, views.xp.compound(views.drawn_linear(rest, views.graph.shape(base)), raised)


def _power_of_quotient(views: Views, base: int, raised: Any) -> Found | None:
    """(u/v)^y, where it is known how far u and v are apart."""
    whole = views.product(base)
    if whole.exponent or whole.coefficient != 1.0 or sorted(whole.powers.values()) != [-1.0, 1.0]:
        return None
    (below, _), (above, _) = sorted(whole.powers.items(), key=lambda pair: pair[1])
    gap = gap_between(views.linear(above), views.linear(below))
    if gap is None:
        return None
    shape = views.graph.shape(base)
    if isinstance(raised, Wire) and views.numbers.of(raised.node) == above:  # (n/(n + 1))^n is 1 over (1 + 1/n)^n
        return POWER_OF_QUOTIENT, views.xp.compound(
            views.drawn_linear(merged({}, gap, -1.0), shape) / views.xp.wire(above), -raised
        )
    return POWER_OF_QUOTIENT, views.xp.compound(views.drawn_linear(gap, shape) / views.xp.wire(below), raised)


@completes("compound")
def compound_inverse(views: Views, node: int) -> Found | None:
    """(1 + 1/n)^n, or its reciprocal; (1 + r/n)^(n·t)."""
    x, n = (views.product(one) for one in views.graph.inputs(node))
    both = x.times(n)
    if not x.exponent and not both.powers and both.coefficient == 1.0:
        return COMPOUND_INVERSE, views.xp.compound_inverse(views.xp.wire(views.input(node, 1)))
    for wire, power in x.powers.items():
        if power == -1.0 and n.powers.get(wire) == 1.0 and not x.exponent and not n.exponent:
            rate, years = (views.drawn(one.without(wire), views.graph.shape(node)) for one in (x, n))
            return COMPOUND_INTEREST, views.xp.compound_interest(rate, views.xp.wire(wire), years)
    return None


@completes("multiply", "divide")
def opposite_powers(views: Views, node: int) -> Found | None:
    """e^−x·y·e^x."""
    if not all(views.product(one).exponent for one in views.graph.inputs(node)):
        return None
    whole = views.product(node)
    if whole.exponent or whole.pure:
        return None
    return OPPOSITE_POWERS, views.drawn(whole, views.graph.shape(node))


@completes("power")
def power_of_e(views: Views, node: int) -> Found | None:
    base, exponent = views.graph.inputs(node)
    known = views.product(base)
    number = 1.0 if views.number(base) == math.e else known.exponent.get(ONE) if known.pure and len(known.exponent) == 1 else None
    if number is None or (known.exponent and known.coefficient != 1.0):
        return None
    return POWER_OF_E, views.xp.exp(views.scaled(number, views.xp.wire(exponent)))


@completes("add")
def entry_by_entry(views: Views, node: int) -> Found | None:
    """Python's sum of the entries or rows of an array of exponentials or probabilities."""
    source = all_entries(views, node) if views.name(views.input(node, 1)) == "index" else None
    if source is None or not (logged(views, source) or _squares(views, source)):
        return None
    axis = None if len(views.graph.shape(source)) == 1 else 0
    return SUM_OF_ENTRIES, views.xp.sum(views.xp.wire(source), axis=axis)


def _squares(views: Views, wire: int) -> bool:
    powers = views.product(wire).powers
    return bool(powers) and all(power % 2 == 0 for power in powers.values())


@completes("exp")
def exponential(views: Views, node: int) -> Found | None:
    source = views.input(node)
    name = views.name(source)
    if name == "log_softmax":
        return EXP_LOG_SOFTMAX, views.xp.softmax(views.xp.wire(views.input(source)), **views.graph.settings(source))
    if name == "log_sigmoid":
        return EXP_LOG_SIGMOID, views.xp.sigmoid(views.xp.wire(views.input(source)))
    return _of_logarithm(views, views.product(source), views.graph.shape(node))


def _of_logarithm(views: Views, whole: Term, shape: Shape) -> Found | None:
    """e^(c·y·log x), whatever stands beside the logarithm as a factor."""
    xp = views.xp
    for wire, power in whole.powers.items():
        name = views.name(wire)
        if power != 1.0 or whole.exponent or name not in ("xlogy", "xlog1py"):
            continue
        beside, (first, second) = whole.without(wire), map(xp.wire, views.graph.inputs(wire))
        factor = None if beside.pure and beside.coefficient == 1.0 else views.drawn(beside, shape)
        exponent = first if factor is None else factor * first
        return (EXP_LOG, xp.power(second, exponent)) if name == "xlogy" else (EXP_LOG1P, xp.compound(second, exponent))
    return None
