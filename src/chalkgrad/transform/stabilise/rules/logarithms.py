"""Logarithms of what is made of exponentials and probabilities: they are known without computing those.

`logged(views, wire)` is the heart: the logarithm of a wire that is surely positive, followed through products, sums, reductions,
indexing and choices to where the exponentials are. log(softmax(z)[i, y[i]]) is log_softmax(z)[i, y[i]], and so on.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import CONTRACTIONS, Contraction, contraction, level
from chalkgrad.transform.stabilise.rules.declaring import Found, rule
from chalkgrad.transform.stabilise.rules.rests import log_of_rest
from chalkgrad.transform.stabilise.rules.scores import over_one_score
from chalkgrad.transform.stabilise.rules.sizes import log_of_sized
from chalkgrad.transform.stabilise.rules.tails import LOG_TAIL, log_of_tail
from chalkgrad.transform.stabilise.views import DEPTH, ONE, Term, Views

LOG_EXP = rule(
    "log-exp",
    written=lambda xp, x: xp.log(xp.exp(x)),
    stable=lambda xp, x: x,
    why="e^x leaves the floats where x is larger than 709, and becomes 0 below −745",
    proof="log(e^x) = x for every real x",
    ranges=((-800.0, 800.0),),
)
SOFTPLUS = rule(
    "softplus",
    written=lambda xp, x: xp.log(1 + xp.exp(x)),
    stable=lambda xp, x: xp.softplus(x),
    why="e^x overflows for large x, and is lost beside 1 for negative x",
    proof="log(1 + e^x) is what softplus means, for every real x",
    ranges=((-800.0, 800.0),),
)
LOGADDEXP = rule(
    "logaddexp",
    written=lambda xp, x, y: xp.log(xp.exp(x) + xp.exp(y)),
    stable=lambda xp, x, y: xp.logaddexp(x, y),
    why="either exponential may overflow, or both vanish",
    proof="log(e^x + e^y) is what logaddexp means, for all real x, y",
    ranges=((-800.0, 800.0), (-800.0, 800.0)),
)
LOGSUMEXP = rule(
    "logsumexp",
    written=lambda xp, x: xp.log(xp.sum(xp.exp(x))),
    stable=lambda xp, x: xp.logsumexp(x),
    why="one large entry overflows the sum; where all are very negative the sum vanishes",
    proof="log Σe^x is what logsumexp means; it equals m + log Σe^(x − m) for every m, so the largest entry may be taken out",
    ranges=((-800.0, 800.0),),
    shapes=((4,),),
)
WEIGHTED = rule(
    "weighted logsumexp",
    written=lambda xp, x, w: xp.log(xp.sum(w * xp.exp(x))),
    stable=lambda xp, x, w: xp.weighted_logsumexp(x, w),
    why="one large entry overflows the sum; where all are very negative the sum vanishes",
    proof="log Σw·e^x = m + log Σw·e^(x − m) for every m, wherever the sum is positive",
    ranges=((-800.0, 800.0), (0.1, 4.0)),
    shapes=((4,), (4,)),
)
LOG_SOFTMAX = rule(
    "log-softmax",
    written=lambda xp, x: xp.log(xp.exp(x) / xp.sum(xp.exp(x))),
    stable=lambda xp, x: xp.log_softmax(x),
    why="the powers overflow, and a probability that is too small for a float has the logarithm −∞",
    proof="log(e^x/Σe^x) is what log_softmax means, for all real x",
    ranges=((-800.0, 800.0),),
    shapes=((4,),),
)
LOG_SIGMOID = rule(
    "log-sigmoid",
    written=lambda xp, x: xp.log(1 / (1 + xp.exp(-x))),
    stable=lambda xp, x: xp.log_sigmoid(x),
    why="e^−x overflows for very negative x, and the sigmoid rounds to 1 for large x",
    proof="log(1/(1 + e^−x)) is what log_sigmoid means, for every real x",
    ranges=((-800.0, 800.0),),
)
LOG_COSH = rule(
    "log-cosh",
    written=lambda xp, x: xp.log(xp.cosh(x)),
    stable=lambda xp, x: xp.log_cosh(x),
    why="cosh overflows for |x| > 710 and rounds to 1 near 0",
    proof="log cosh x = |x| + log(1 + e^(−2|x|)) − log 2 = log(1 + 2·sinh²(x/2)) for every real x",
    ranges=((-800.0, 800.0),),
)

LOG1MEXP = rule(
    "log1mexp",
    written=lambda xp, x: xp.log(1 - xp.exp(x)),
    stable=lambda xp, x: xp.log1mexp(x),
    why="1 − e^x cancels where x is close to 0, and e^x is lost beside 1 where x is very negative",
    proof="log(1 − e^x) is what log1mexp means, for x < 0, where it has a meaning",
    ranges=((-60.0, -1e-9),),
)
LOG_DIFFERENCE = rule(
    "log of a difference of exponentials",
    written=lambda xp, x, y: xp.log(xp.exp(x) - xp.exp(y)),
    stable=lambda xp, x, y: x + xp.log1mexp(y - x),
    why="the exponentials overflow, or vanish, before their logarithm is taken",
    proof="e^x − e^y = e^x·(1 − e^(y − x)); the logarithm has a meaning for x > y",
    ranges=((400.0, 800.0), (-800.0, 399.0)),
)
LOG1P = rule(
    "log1p",
    written=lambda xp, x: xp.log(1 + x),
    stable=lambda xp, x: xp.log1p(x),
    why="1 + x rounds a small x away",
    proof="log(1 + x) is what log1p means, for x > −1, where it has a meaning",
    ranges=((-0.9, 1.0),),
)
LOG_POWER = rule(
    "log of an even power",
    written=lambda xp, x: xp.log(x**2),
    stable=lambda xp, x: 2 * xp.log(xp.absolute(x)),
    why="the power overflows or vanishes where its logarithm is an ordinary number",
    proof="log(x^2k) = 2k·log|x| for every real x but 0, where both are −∞",
    ranges=((-1e3, 1e3),),
)
LOG_PROD = rule(
    "log of a product",
    written=lambda xp, x: xp.log(xp.prod(x)),
    stable=lambda xp, x: xp.log_prod(x),
    why="a product of many small numbers becomes 0, of many large ones infinite",
    proof="log Πx = Σ log|x| wherever the product is positive; where it is a sound float, its own logarithm is taken",
    ranges=((1e-120, 1e-90),),
    shapes=((4,),),
)


# The logarithm of what is surely positive ----------------------------------------------------------------------------------------


def logged(views: Views, wire: int, depth: int = DEPTH) -> Found | None:
    """The logarithm of a positive wire that is made of exponentials or probabilities; None for all others."""
    rule_of = LOGGED.get(views.name(wire)) if depth else None
    return rule_of(views, wire, depth - 1) if rule_of else None


def _by_gate(rule_: object, name: str, sign: float = 1.0) -> Callable[[Views, int, int], Found]:
    def log_of(views: Views, wire: int, _: int) -> Found:
        drawn = views.xp.call(name, views.xp.wire(views.input(wire)), **views.graph.settings(wire))
        return rule_, views.scaled(sign, drawn)  # type: ignore[return-value]

    return log_of


def _moved(views: Views, wire: int, depth: int) -> Found | None:
    """Entries picked or laid out anew have the logarithms picked or laid out anew."""
    source, *places = views.graph.inputs(wire)
    found = logged(views, source, depth)
    if found is None:
        return None
    log = views.fitted(found[1], views.graph.shape(source))
    return found[0], views.xp.call(views.name(wire), log, *map(views.xp.wire, places), **views.graph.settings(wire))


def _chosen(views: Views, wire: int, depth: int) -> Found | None:
    if (left := log_of_rest(views, wire)) is not None:
        return left
    condition, *branches = views.graph.inputs(wire)
    logs: list[Wire | float] = []
    rules = []
    for one in branches:
        value = views.number(one)
        found = None if value is not None else logged(views, one, depth)
        if found is not None:
            rules.append(found[0])
            logs.append(found[1])
        elif value is not None and value >= 0:
            logs.append(math.log(value) if value else -math.inf)
        else:
            return None
    return (rules[0], views.xp.where(views.xp.wire(condition), *logs)) if rules else None


def _product(views: Views, wire: int, depth: int) -> Found | None:
    """Of a product of positive factors that are known in logarithms, and at most one other factor."""
    term = views.product(wire)
    if term.powers == {views.numbers.of(wire): 1.0}:
        return None
    return of_term(views, term, views.graph.shape(wire), depth)


def of_term(views: Views, term: Term, shape: Shape, depth: int) -> Found | None:
    term, total = _of_gap(views, term)
    found_rule = LOG_EXP if total is None else LOG1MEXP
    term, tail = log_of_tail(views, term)
    if tail is not None:
        found_rule, total = LOG_TAIL, tail if total is None else total + tail
    if term.coefficient <= 0:
        return None
    rest = Term(term.coefficient)
    for one, power in term.powers.items():
        found = logged(views, one, depth)
        if found is None:
            rest = rest.times(Term(powers={one: power}))
            continue
        found_rule = found[0]
        part = views.scaled(power, found[1])
        total = part if total is None else total + part
    if term.exponent:
        exponent = views.drawn_linear(term.exponent, shape)
        total = exponent if total is None else exponent + total
    if total is None:
        return None
    if rest.powers:
        sized = log_of_sized(views, rest)
        total = (views.xp.log(views.drawn(rest, shape)) if sized is None else sized[1]) + total
    elif rest.coefficient != 1.0:
        total = total + math.log(rest.coefficient)
    return found_rule, total


def _of_gap(views: Views, term: Term) -> tuple[Term, Wire | None]:
    """The logarithm of e^u − 1 or 1 − e^u, as the sign of the product tells, and the positive product that is left."""
    gaps = [wire for wire, power in term.powers.items() if views.name(wire) == "expm1" and abs(power) == 1.0]
    if len(gaps) != 1:
        return term, None
    rest, u = term.without(*gaps), views.xp.wire(views.input(gaps[0]))
    if rest.powers and not all(power % 2 == 0 or logged(views, one) for one, power in rest.powers.items()):
        return term, None
    size = views.xp.log1mexp(u) if term.coefficient < 0 else u + views.xp.log1mexp(views.negated(u.node))
    return Term(abs(rest.coefficient), rest.powers, rest.exponent), views.scaled(term.powers[gaps[0]], size)


def _sum(views: Views, wire: int, depth: int) -> Found | None:
    return of_sum(views, views.terms(wire), views.graph.shape(wire), depth)


def of_sum(views: Views, terms: Sequence[Term], shape: Shape, depth: int) -> Found | None:
    """Of a sum of positive powers of e, sums of such, and positive numbers."""
    if len(terms) == 1 or all(one.pure and not one.exponent for one in terms):
        return None
    logs: list[Wire] = []
    one_is_1 = False
    for term in terms:
        if term.coefficient <= 0 or any(views.name(wire) not in SUMMED for wire in term.powers):
            return None
        if term.pure and not term.exponent and term.coefficient == 1.0:
            one_is_1 = True
            continue
        found = of_term(views, term, shape, depth)
        if found is not None and not _has_plain(views, term, depth):
            logs.append(found[1])
        elif term.pure:
            logs.append(log_of_pure(views, term, shape))
        else:
            return None
    if not one_is_1:
        return LOGADDEXP, _folded(views, logs)
    return SOFTPLUS, views.xp.softplus(_folded(views, logs))


def log_of_pure(views: Views, term: Term, shape: Shape) -> Wire:
    """The exponent of c·e^(…), c included."""
    form = dict(term.exponent)
    if term.coefficient != 1.0:
        form[ONE] = form.get(ONE, 0.0) + math.log(term.coefficient)
    return views.drawn_linear(form, shape)


def _has_plain(views: Views, term: Term, depth: int) -> bool:
    return any(logged(views, one, depth) is None for one in term.powers)


def _folded(views: Views, logs: list[Wire]) -> Wire:
    total = logs[0]
    for one in logs[1:]:
        total = views.xp.logaddexp(total, one)
    return total


def _gathered(views: Views, wire: int, depth: int) -> Found | None:
    """Of a sum or a mean over axes, of entries that may be weighted."""
    source = views.input(wire)
    shape, xp = views.graph.shape(source), views.xp
    settings = dict(views.graph.settings(wire))
    if 0 in shape:
        return None
    term = views.product(source)
    if not term.exponent and not any(logged(views, one, depth) for one in term.powers):
        found = logged(views, source, depth)  # a choice or a sum of exponentials
        if found is None:
            return None
        log, weights = found[1], None
    else:
        plain = {one: power for one, power in term.powers.items() if logged(views, one, depth) is None}
        known = term.without(*plain)
        found = of_term(views, Term(1.0, known.powers, known.exponent), shape, depth)
        if found is None:
            return None
        log, weights = found[1], Term(term.coefficient, plain)
    log = views.fitted(log, shape)
    if weights is None or (weights.pure and weights.coefficient > 0):
        said, total = _of_powers(views, log, **settings)
        if weights is not None and weights.coefficient != 1.0:
            total = total + math.log(weights.coefficient)
    else:
        total = xp.weighted_logsumexp(log, views.fitted(views.drawn(weights, shape), shape), **settings)
        said = WEIGHTED
    if views.name(wire) == "mean":
        count = np.prod(shape, dtype=int) // max(1, np.prod(views.graph.shape(wire), dtype=int))
        total = total - math.log(count)
    return said, total


def _of_powers(views: Views, logs: Wire, **settings: Any) -> Found:
    """The logsumexp, or what it is where all scores stand over one of them."""
    total = views.xp.logsumexp(logs, **settings)
    return over_one_score(views, total.node) or (LOGSUMEXP, total)


def _contracted(views: Views, wire: int, depth: int) -> Found | None:
    """Of a matrix product or an einsum with powers of e in it."""
    found = contraction(views, wire) if any(logged(views, one, depth) for one in views.graph.inputs(wire)) else None
    if found is None:
        return (
            logged(views, views.input(wire), depth) if views.numbers.core(wire) == views.numbers.core(views.input(wire)) else None
        )
    logs, weights, factor = None, None, 1.0
    for number, one in enumerate(found.operands):
        log, same = logged(views, one, depth), level(views, one)
        if log is not None:
            laid = _laid(views, found, number, views.fitted(log[1], views.graph.shape(one)))
            logs = laid if logs is None else logs + laid
        elif same is not None and same > 0:
            factor *= same
        else:
            laid = _laid(views, found, number, views.xp.wire(one))
            weights = laid if weights is None else weights * laid
    assert logs is not None
    shift = math.log(factor)
    if weights is None:
        said, total = _of_powers(views, logs, axis=found.axis)
    else:
        said, total = WEIGHTED, views.xp.weighted_logsumexp(logs, weights, axis=found.axis)
    return said, total + shift if shift else total


def _laid(views: Views, found: Contraction, number: int, wire: Wire) -> Wire:
    """An operand in the common layout, stretched to all of it."""
    laid = found.laid(views, number, wire)
    return laid if laid.shape == found.shape else views.xp.broadcast_to(laid, shape=found.shape)


def _multiplied(views: Views, wire: int, depth: int) -> Found | None:
    source = views.input(wire)
    found = logged(views, source, depth)
    if found is None:
        return None
    return LOG_PROD, views.xp.sum(views.fitted(found[1], views.graph.shape(source)), **views.graph.settings(wire))


def _root(views: Views, wire: int, depth: int) -> Found | None:
    found = logged(views, views.input(wire), depth)
    return None if found is None else (found[0], 0.5 * found[1])


def _power(views: Views, wire: int, depth: int) -> Found | None:
    if (base := views.base_of(wire)) is not None:
        return LOG_EXP, views.xp.wire(views.graph.inputs(wire)[-1]) * views.xp.log(base)
    found = logged(views, views.input(wire), depth)
    return None if found is None else (found[0], views.xp.wire(views.input(wire, 1)) * found[1])


def _same(views: Views, wire: int, depth: int) -> Found | None:
    return logged(views, views.input(wire), depth)


def _tail(views: Views, wire: int, depth: int) -> Found | None:
    return of_term(views, Term(powers={wire: 1.0}), views.graph.shape(wire), depth)


def _exponent(views: Views, wire: int, _: int) -> Found:
    return LOG_EXP, views.xp.wire(views.input(wire))


LOGGED: Mapping[str, Callable[[Views, int, int], Found | None]] = {
    "exp": _exponent, "erfc": _tail, "exp2": _power,
    "sigmoid": _by_gate(LOG_SIGMOID, "log_sigmoid"),
    "softmax": _by_gate(LOG_SOFTMAX, "log_softmax"),
    "cosh": _by_gate(LOG_COSH, "log_cosh"),
    "sech": _by_gate(LOG_COSH, "log_cosh", -1.0),
    "sqrt": _root, "where": _chosen, "prod": _multiplied, "power": _power, "absolute": _same,
    **dict.fromkeys(CONTRACTIONS, _contracted),
    **dict.fromkeys(("index", "gather", "reshape", "transpose", "broadcast_to"), _moved),
    **dict.fromkeys(("multiply", "divide", "reciprocal", "constant_power", "square"), _product),
    **dict.fromkeys(("add", "subtract"), _sum),
    **dict.fromkeys(("sum", "mean"), _gathered),
}  # fmt: skip
SUMMED = frozenset(
    {"sum", "mean", "reshape", "index", "broadcast_to", *CONTRACTIONS}
)  # what stands in a sum of exponentials beside them
