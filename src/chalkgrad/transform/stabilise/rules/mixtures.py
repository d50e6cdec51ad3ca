"""Logarithms of mixtures that are written part by part: log(v·e^x + (1 − v)·e^y), likelihoods of labels between 0 and 1.

The weights are numbers of which nothing is known; what they are multiplied by is known in logarithms.
"""

from typing import NamedTuple

from chalkgrad.graph.shapes import Shape, broadcast
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.logarithms import logged, of_term
from chalkgrad.transform.stabilise.views import DEPTH, ONE, Linear, Term, Views, merged

MIX = rule(
    "log of a mixture of two",
    written=lambda xp, v, x, y: xp.log(v * xp.exp(x) + (1 - v) * xp.exp(y)),
    stable=lambda xp, v, x, y: xp.log_mix(v, x, y),
    why="both powers may vanish or overflow, and near 1 the sum keeps few digits of its logarithm",
    proof="log(v·e^x + (1 − v)·e^y) is what log_mix means; it is y + log(1 + v·(e^(x − y) − 1)), or the same from x",
    ranges=((0.0, 1.0), (-800.0, 800.0), (-800.0, 800.0)),
)
PARTS = rule(
    "log of weighted powers",
    written=lambda xp, v, x, w, y: xp.log(v * xp.exp(x) + w * xp.exp(y)),
    stable=lambda xp, v, x, w, y: xp.weighted_logsumexp(xp.stack(x, y, axis=0), xp.stack(v, w, axis=0), axis=0),
    why="one large power overflows the sum; where all are very negative the sum vanishes",
    proof="log Σw·e^x = m + log Σw·e^(x − m) for every m, wherever the sum is positive",
    ranges=((0.1, 4.0), (-800.0, 800.0), (0.1, 4.0), (-800.0, 800.0)),
)


class Part(NamedTuple):
    """One part of a mixture: its weight, as a linear form, and the logarithm of what it weighs."""

    weight: Linear
    log: Wire


@completes("log", "log2", "log10", "log1p")
def log_of_mixture(views: Views, node: int) -> Found | None:
    source, xp, name = views.input(node), views.xp, views.name(node)
    if views.name(source) not in ("add", "subtract", *(("multiply",) if name == "log1p" else ())):
        return None
    form = views.linear(source)
    form = merged(form, {ONE: 1.0}) if name == "log1p" else form
    shape = views.graph.shape(source)
    parts = _parts(views, form, shape)
    if parts is None:
        return None
    found = _mixed(views, parts)
    if found is None and any(one.weight.keys() == {ONE} and views.number(one.log.node) == 0.0 for one in parts):
        return None  # beside a number the logarithm of 1 more keeps what is small
    said, total = found or (PARTS, _stacked(views, parts, shape))
    return said, total / xp.log(2.0 if name == "log2" else 10.0) if name in ("log2", "log10") else total


def _parts(views: Views, form: Linear, shape: Shape) -> list[Part] | None:
    """The parts as they are added, for a weight such as 1 − v is not to be taken apart; what has no power of e is one part."""
    parts: list[Part] = []
    plain: Linear = {}
    for wire, factor in form.items():
        term = Term(factor).times(Term() if wire == ONE else views.product(wire))
        unknown = {one: power for one, power in term.powers.items() if logged(views, one, DEPTH) is None}
        gaps = [one for one in unknown if views.name(one) == "expm1" and unknown[one] == 1.0]
        if gaps and not term.exponent and unknown == term.powers:  # w·(e^u − 1)
            weight = _weight(views, term.coefficient, {one: power for one, power in unknown.items() if one != gaps[0]})
            parts.append(Part(weight, views.xp.wire(views.input(gaps[0]))))
            plain = merged(plain, weight, -1.0)
            continue
        if not term.exponent and unknown == term.powers:
            plain = merged(plain, {wire: factor})
            continue
        found = of_term(views, Term(1.0, term.without(*unknown).powers, term.exponent), shape, DEPTH)
        if found is None or any(power < 0 for power in unknown.values()):
            return None
        parts.append(Part(_weight(views, term.coefficient, unknown), found[1]))
    if not parts or all(part.weight.keys() == {ONE} for part in parts):
        return None  # only weights that are numbers: other rules see these
    if plain:
        parts.append(Part(plain, views.xp.wire(views.graph.constant(0.0))))
    return parts if len(parts) > 1 else None


def _weight(views: Views, coefficient: float, powers: Linear) -> Linear:
    if list(powers.values()) == [1.0]:
        return merged({}, views.linear(next(iter(powers))), coefficient)
    if not powers:
        return {ONE: coefficient}
    within = broadcast(*(views.graph.shape(one) for one in powers))
    return {views.numbers.of(views.drawn(Term(1.0, powers), within).node): coefficient}


def _mixed(views: Views, parts: list[Part]) -> Found | None:
    """Two parts whose weights add up to 1."""
    if len(parts) != 2 or merged(parts[0].weight, parts[1].weight) != {ONE: 1.0}:
        return None
    # The weight that is written as it is given comes first, so that 1 less it is what was written too.
    first, second = sorted(parts, key=lambda one: len(one.weight))
    return MIX, views.xp.log_mix(_drawn(views, first.weight), first.log, second.log)


def _drawn(views: Views, weight: Linear) -> Wire:
    return views.drawn_linear(weight, broadcast((), *(views.graph.shape(one) for one in weight if one != ONE)))


def _stacked(views: Views, parts: list[Part], shape: Shape) -> Wire:
    xp = views.xp
    logs = [_filled(views, one.log, shape) for one in parts]
    weights = [_filled(views, _drawn(views, one.weight), shape) for one in parts]
    return xp.weighted_logsumexp(xp.stack(*logs, axis=0), xp.stack(*weights, axis=0), axis=0)


def _filled(views: Views, wire: Wire, shape: Shape) -> Wire:
    return wire if wire.shape == shape else views.xp.broadcast_to(wire, shape=shape)
