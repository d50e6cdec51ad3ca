"""Choices that need not be made, and a logarithm of a sum of powers in which the largest one stands apart.

Careful code chooses between two ways to one number, or asks for a sign that is known. Where both ways have become one wire, or the
sign follows from what is summed, the choice goes; so logsumexp is known behind the care that a library takes of it.
"""

import math
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import reduced
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import DEPTH, ONE, Linear, Term, Views, merged

SAME = rule(
    "choice between the same",
    written=lambda xp, x: xp.where(x > 0.0, xp.softplus(x), xp.log(1 + xp.exp(x))),
    stable=lambda xp, x: xp.softplus(x),
    why="both ways have become the same, and the choice only hides what it is from further forms",
    proof="whichever way is taken, it is that number",
    ranges=((-700.0, 700.0),),
)
SIGN = rule(
    "choice by a sign that is known",
    written=lambda xp, x: xp.where(xp.exp(x) < -1.0, -2 - xp.exp(x), xp.exp(x)),
    stable=lambda xp, x: xp.exp(x),
    why="the way is never taken, and the choice only hides what it is from further forms",
    proof="powers of e, squares and their sums and products are not negative, so they are not below a number that is not positive",
    ranges=((-700.0, 700.0),),
)


def _apart(xp: Any, x: Any) -> Any:
    largest = xp.max(x, keepdims=True)
    mark = xp.equal(x, largest)
    others = xp.sum(xp.exp(xp.where(mark, -np.inf, x) - largest), keepdims=True)
    count = xp.sum(xp.where(mark, 1.0, 0.0), keepdims=True)
    return xp.log1p(others / count) + (xp.log(count) + largest)


LARGEST_APART = rule(
    "logsumexp with the largest apart",
    written=_apart,
    stable=lambda xp, x: xp.logsumexp(x, keepdims=True),
    why="beside the score of a class that is nearly sure it is not known as the logsumexp that it is, and the rest is lost",
    proof="Σ over x = m of 1 and Σ over the others of e^(x − m) is Σe^(x − m) for every m, and log v + log(1 + s/v) = log(v + s)",
    ranges=((-300.0, 300.0),),
    shapes=((4,),),
)

POSITIVE = frozenset({"exp", "absolute", "square", "sigmoid", "softmax", "cosh", "softplus"})
KEEPING = frozenset({"sum", "mean", "multiply", "divide", "add", "sqrt", "reshape", "index", "broadcast_to", "sign", "max"})


def never_negative(views: Views, wire: int, depth: int = 2 * DEPTH) -> bool:
    """Whether the wire holds no negative number, as its gates tell."""
    name = views.name(wire)
    if not name:
        return (value := views.number(wire)) is not None and value >= 0
    if name in POSITIVE:
        return True
    inputs = list(views.graph.inputs(wire))
    if name == "where":
        inputs = inputs[1:]
    elif name == "cast":
        return views.name(inputs[0]) in CONDITIONS
    elif name not in KEEPING:
        return False
    return depth > 0 and all(never_negative(views, one, depth - 1) for one in inputs)


CONDITIONS = frozenset({"equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "isfinite", "isinf", "isnan"})


@completes("where")
def choice(views: Views, node: int) -> Found | None:
    condition, first, second = views.graph.inputs(node)
    if views.numbers.of(first) == views.numbers.of(second):
        return SAME, views.xp.wire(first)
    if views.name(condition) == "less":
        left, right = views.graph.inputs(condition)
        least = views.number(right)
        if least is not None and least <= 0 and never_negative(views, left):
            return SIGN, views.xp.wire(second)
    return None


@completes("add", "subtract", among=("log1p",))
def largest_apart(views: Views, node: int) -> Found | None:
    """log(1 + s/v) + log v, where v counts the scores that are m, and s adds up e^(x − m) over the others."""
    form = views.linear(node)
    for wire, factor in form.items():
        if wire == ONE or views.name(wire) != "log1p":
            continue
        for other, weight in form.items():
            if other == ONE or weight != factor or views.name(other) != "log":
                continue
            found = _whole(views, _quotient(views, views.input(wire)), _size(views, views.input(other)))
            if found is not None:
                scores, level, axis = found
                xp, shape = views.xp, views.graph.shape(node)
                kept = reduced(views.graph.shape(scores), axis=axis, keepdims=True)  # type: ignore[arg-type]
                total = views.fitted(xp.logsumexp(xp.wire(scores), axis=axis, keepdims=True), shape)
                if views.graph.shape(level) not in (kept, ()):
                    return None
                rest = merged(_without(form, wire, other), {views.numbers.of(level): factor}, -1.0)
                total = views.scaled(factor, total)
                return LARGEST_APART, views.added(total, rest, shape)
    return None


def _without(form: Linear, *gone: int) -> Linear:
    return {key: value for key, value in form.items() if key not in gone}


def _quotient(views: Views, wire: int) -> Term:
    """s/v, also where a choice leaves out the division of 0."""
    if views.name(wire) == "where":
        condition, first, second = views.graph.inputs(wire)
        if (
            views.name(condition) == "equal"
            and views.same(views.input(condition), first)
            and views.number(views.input(condition, 1)) == 0.0
        ):
            return views.product(second)
    return views.product(wire)


def _size(views: Views, wire: int) -> int:
    return views.input(wire) if views.name(wire) == "absolute" and never_negative(views, views.input(wire)) else wire


def _whole(views: Views, quotient: Term, count: int) -> tuple[int, int, object] | None:
    """The scores, what is taken away from each, and the axis, where quotient and count are those of one sum."""
    count = views.numbers.of(count)
    if quotient.exponent or quotient.coefficient != 1.0 or quotient.powers.get(count) != -1.0 or len(quotient.powers) != 2:
        return None
    (others,) = (wire for wire in quotient.powers if wire != count)
    if quotient.powers[others] != 1.0 or views.name(others) != "sum" or views.name(count) != "sum":
        return None
    settings = views.graph.settings(others)
    if views.graph.settings(count) != settings:
        return None
    powers = views.product(views.input(others))
    if not powers.pure or powers.coefficient != 1.0 or len(powers.exponent) != 2 or set(powers.exponent.values()) != {1.0, -1.0}:
        return None
    level, marked = sorted(powers.exponent, key=lambda wire: powers.exponent[wire])
    if views.name(marked) != "where" or not _is_nothing(views, views.input(marked, 1)):
        return None
    mark, _, scores = views.graph.inputs(marked)
    if views.name(mark) != "equal" or not views.same(_counted(views, views.input(count)), mark):
        return None
    alike = {views.numbers.of(one) for one in views.graph.inputs(mark)}
    return (scores, level, settings["axis"]) if alike == {views.numbers.of(scores), level} else None


def _is_nothing(views: Views, wire: int) -> bool:
    """Whether it is the constant −∞, the exponent of nothing."""
    value = views.graph.constants.get(wire) if views.graph.is_constant(wire) else None
    return value is not None and np.shape(value) == () and float(value) == -math.inf


def _counted(views: Views, wire: int) -> int:
    """The condition that is added up as 1 where it holds, and as 0 where it does not."""
    if views.name(wire) == "where":
        condition, one, other = views.graph.inputs(wire)
        return condition if views.number(one) == 1.0 and views.number(other) == 0.0 else wire
    return views.input(wire) if views.name(wire) == "cast" else wire
