"""Logarithms of exponentials and probabilities, recognised at the gate that takes the logarithm."""

import math
from collections.abc import Sequence
from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.differences import log_less_power
from chalkgrad.transform.stabilise.rules.logarithms import (
    LOG1MEXP,
    LOG1P,
    LOG_DIFFERENCE,
    LOG_POWER,
    LOG_PROD,
    LOG_SIGMOID,
    LOGGED,
    log_of_pure,
    logged,
    of_sum,
    of_term,
)
from chalkgrad.transform.stabilise.rules.sizes import log_of_sized
from chalkgrad.transform.stabilise.views import DEPTH, ONE, Term, Views


def _near_one(xp: Any, x: Any, base: float, plain: Any) -> Any:
    """The logarithm of 1 + x in this base: log(1 + x)/log 10 has one rounding more, so it is taken where x is small."""
    small = xp.absolute(x) < 0.5
    return xp.where(small, xp.log1p(x) / xp.log(base), plain)


def _in_base(name: str, base: float) -> Rule:
    return rule(
        f"{name} near 1",
        written=lambda xp, x: xp.call(name, 1 + x),
        stable=lambda xp, x: _near_one(xp, x, base, xp.call(name, 1 + x)),
        why="1 + x rounds a small x away",
        proof=f"{name}(1 + x) = log(1 + x)/log({base:g}), for x > −1",
        ranges=((-0.9, 1.0),),
    )


IN_BASE = {"log2": _in_base("log2", 2.0), "log10": _in_base("log10", 10.0)}


@completes("log", "log2", "log10")
def logarithm(views: Views, node: int) -> Found | None:
    found = of(views, views.input(node))
    if found is None or views.name(node) == "log":
        return found
    base = 2.0 if views.name(node) == "log2" else 10.0
    if found[0] is LOG1P:
        small = views.xp.wire(views.input(found[1].node))
        return IN_BASE[views.name(node)], _near_one(views.xp, small, base, views.xp.wire(node))
    # Another base is one rounding more, which is worse where nothing else is won.
    return None if found[0] is LOG_POWER else (found[0], found[1] / views.xp.log(base))


@completes("log1p")
def logarithm_of_one_more(views: Views, node: int) -> Found | None:
    """log(1 + u), where 1 + u is made of exponentials or probabilities."""
    inner = views.input(node)
    terms = [one for one in views.terms(inner) if not _is_number(one)]
    number = 1.0 + sum(one.coefficient for one in views.terms(inner) if _is_number(one))
    if not any(one.exponent or any(views.name(wire) in LOGGED for wire in one.powers) for one in terms):
        return None
    shape = views.graph.shape(node)
    if len(terms) == 1 and number == 1.0 and terms[0].coefficient == -1.0 and not terms[0].exponent:
        ((wire, power),) = terms[0].powers.items() if len(terms[0].powers) == 1 else ((node, 0.0),)
        if power == 1.0 and views.name(wire) == "sigmoid":
            return LOG_SIGMOID, views.xp.log_sigmoid(views.negated(views.input(wire)))
    if len(terms) == 1 and not number:
        return of_term(views, terms[0], shape, DEPTH)
    whole = [*terms, Term(number)] if number else terms
    return of_sum(views, whole, shape, DEPTH) or _of_difference(views, whole, shape)


def _is_number(term: Term) -> bool:
    return term.pure and not term.exponent


def of(views: Views, wire: int) -> Found | None:
    """The logarithm of a wire as something else than the logarithm of it."""
    return logged(views, wire) or _of_difference(views, views.terms(wire), views.graph.shape(wire)) or _of_plain(views, wire)


def _of_difference(views: Views, terms: Sequence[Term], shape: Shape) -> Found | None:
    """log(a·e^u − b·e^v)."""
    if len(terms) != 2 or not all(one.pure for one in terms) or not any(one.exponent for one in terms):
        return None
    larger, smaller = sorted(terms, key=lambda one: one.coefficient, reverse=True)
    if not larger.coefficient > 0 > smaller.coefficient:
        return None
    xp = views.xp
    apart = Term(-smaller.coefficient).times(smaller_over(larger, smaller))
    rest = xp.log1mexp(log_of_pure(views, apart, shape))
    if not larger.exponent and larger.coefficient == 1.0:
        return LOG1MEXP, rest
    return LOG_DIFFERENCE, log_of_pure(views, larger, shape) + rest


def smaller_over(larger: Term, smaller: Term) -> Term:
    """The quotient of two pure terms without the sign and the number of the smaller one."""
    return Term(exponent=smaller.exponent).times(larger, -1.0)


def _of_plain(views: Views, wire: int) -> Found | None:
    """Logarithms that have a better form although nothing is known of the sign."""
    name, xp = views.name(wire), views.xp
    term = views.product(wire)
    ((factor, power),) = term.powers.items() if len(term.powers) == 1 and not term.exponent else ((ONE, 0.0),)
    if factor != ONE and views.name(factor) == "prod" and term.coefficient > 0:
        entries = xp.wire(views.input(factor))
        total = xp.log_prod(entries if power % 2 else xp.absolute(entries), **views.graph.settings(factor))
        scaled = views.scaled(power, total)
        return LOG_PROD, scaled if term.coefficient == 1.0 else scaled + math.log(term.coefficient)
    sized = log_of_sized(views, term)
    if sized is not None:
        return sized
    less_power = log_less_power(views, wire)
    if less_power is not None:
        return LOG1MEXP, less_power
    if name in ("constant_power", "square"):
        power = views.graph.settings(wire).get("exponent", 2.0)
        if power == int(power) and power % 2 == 0 and power:
            return LOG_POWER, views.scaled(power, xp.log(xp.absolute(xp.wire(views.input(wire)))))
    if name in ("add", "subtract"):
        form = views.linear(wire)
        if form.get(ONE) == 1.0 and 1 < len(form) <= 3:
            rest = {key: value for key, value in form.items() if key != ONE}
            return LOG1P, xp.log1p(views.drawn_linear(rest, views.graph.shape(wire)))
    return None
