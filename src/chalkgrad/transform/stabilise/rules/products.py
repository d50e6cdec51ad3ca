"""Products with logarithms: entropies, likelihoods and relative entropies, in which 0·log 0 means 0.

The second factor may be a sum of logarithms and other things, as in p·(log p − log q) or p·(1 + log p), and a logarithm may have
been picked or laid out anew. A constant factor counts where it holds a 0, as the marks of the true classes do.
"""

from collections.abc import Iterator

import numpy as np

from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.rules.contractions import dot
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.views import DEPTH, ONE, Linear, Term, Views

XLOGY = rule(
    "x·log y",
    written=lambda xp, x, y: x * xp.log(y),
    stable=lambda xp, x, y: xp.xlogy(x, y),
    why="at x = y = 0 it is 0·∞, although entropies and likelihoods mean 0 there",
    proof="x·log y is what xlogy means, for y > 0; at x = y = 0 it is the limit of x·log x",
    ranges=((0.0, 2.0), (1e-9, 2.0)),
)
XLOG1PY = rule(
    "x·log(1 + y)",
    written=lambda xp, x, y: x * xp.log1p(y),
    stable=lambda xp, x, y: xp.xlog1py(x, y),
    why="at x = 0, y = −1 it is 0·∞, although likelihoods mean 0 there",
    proof="x·log(1 + y) is what xlog1py means, for y > −1; at x = 0, y = −1 it is the limit of x·log x",
    ranges=((0.0, 2.0), (-0.9, 2.0)),
)
TIMES_LOG_SOFTMAX = rule(
    "weighted log-softmax",
    written=lambda xp, w, x: w * xp.log_softmax(x),
    stable=lambda xp, w, x: xp.times_log(w, xp.log_softmax(x)),
    why="a class that is ruled out has the logarithm −∞, and where its weight is 0 the product is 0·∞",
    proof="x·log y is what times_log means; at x = 0, y = 0 it is the limit of x·log x",
    ranges=((0.0, 2.0), (-300.0, 300.0)),
    shapes=((4,), (4,)),
)
XLOG_QUOTIENT = rule(
    "x·(log y − log z)",
    written=lambda xp, x, y, z: x * xp.log_difference(y, z),
    stable=lambda xp, x, y, z: xp.xlog_quotient(x, y, z),
    why="at x = y = 0 it is 0·∞, although relative entropies mean 0 there",
    proof="x·(log y − log z) is what xlog_quotient means, for y, z > 0; at x = y = 0 it is the limit of x·log x",
    ranges=((0.0, 2.0), (1e-9, 2.0), (1e-9, 2.0)),
)
LOG_OF_QUOTIENT = rule(
    "x·log10(y/z)",
    written=lambda xp, x, y, z: x * xp.log10(y / z),
    stable=lambda xp, x, y, z: xp.xlog_quotient(x, y, z) / xp.log(10.0),
    why="at x = y = z = 0 it is 0·log(0/0), although relative entropies mean 0 there",
    proof="log10(y/z) = (log y − log z)/log 10, so x·log10(y/z) is what xlog_quotient means, over log 10; at x = y = 0 it is the"
    " limit of x·log x",
    ranges=((0.0, 2.0), (1e-9, 2.0), (1e-9, 2.0)),
)
SUM_WITH_LOGARITHM = rule(
    "x times a sum with its logarithm",
    written=lambda xp, x, y: x * (xp.log(x) + y),
    stable=lambda xp, x, y: xp.xlogy(x, x) + x * y,
    why="at x = 0 it is 0·∞, although entropies and likelihoods mean 0 there",
    proof="x·(log x + y) = x·log x + x·y; at x = 0 it is the limit of x·log x",
    ranges=((1e-9, 2.0), (0.0, 2.0)),
)

BASES = {"log2": 2.0, "log10": 10.0}
LAID = frozenset({"index", "gather", "reshape", "transpose", "broadcast_to"})
WITH = ("log", "log1p", "log_difference", "log_product", *BASES)


@completes("multiply")
def with_logarithm(views: Views, node: int) -> Found | None:
    left, right = views.graph.inputs(node)
    for factor, log in ((left, right), (right, left)):
        found = _times(views, factor, log) if _may_vanish(views, factor) else None
        if found is not None:
            return found
    return None


@completes("matmul", "einsum")
def dot_with_logarithm(views: Views, node: int) -> Found | None:
    """Σ x·log y, written as a product of vectors."""
    pair = dot(views, node)
    for factor, log in (pair, pair[::-1]) if pair else ():
        found = _times(views, factor, log)
        if found is not None:
            return found[0], views.xp.sum(found[1])
    return None


def _may_vanish(views: Views, wire: int) -> bool:
    if not views.graph.is_constant(wire):
        return True
    value = np.asarray(views.graph.constants[wire])
    return value.ndim > 0 and value.dtype.kind in "iufb" and not value.all()


def _times(views: Views, factor: int, log: int) -> Found | None:
    """The product, where the second factor is a logarithm, or a sum in which one stands."""
    form = views.linear(log)
    known = [wire for wire in form if _is_logarithm(views, wire)]
    if not known or form == {views.numbers.of(factor): 1.0}:
        return None
    x = views.xp.wire(factor)
    shares = [wire for wire in known if views.name(wire) not in WITH]
    infinite = [wire for wire in form if wire != ONE and _holds_infinity(views, wire)]
    known += infinite
    if shares == known and len(known) == 1:
        return TIMES_LOG_SOFTMAX, views.xp.times_log(x, views.xp.wire(log))
    # Where x is 0 as well as a constant probability, the logarithms of both are infinite, and neither counts.
    void = views.xp.logical_and(views.xp.equal(x, 0.0), views.xp.isinf(views.xp.wire(infinite[0]))) if infinite else None
    parts = [_with_one(views, x, wire, form[wire], void) for wire in known]
    rest = {wire: number for wire, number in form.items() if wire not in known}
    if rest and not shares and not views.graph.is_constant(factor) and not _vanish_together(views, factor, known):
        return None  # taking it apart rounds once more
    said = parts[0][0] if not rest else SUM_WITH_LOGARITHM
    return said, _added(views, x, [drawn for _, drawn in parts], rest, views.graph.shape(log))


def _holds_infinity(views: Views, wire: int) -> bool:
    """Whether it is a constant with infinite entries, as the logarithms of constant probabilities are."""
    return views.graph.is_constant(wire) and bool(np.isinf(np.asarray(views.graph.constants[wire], dtype=float)).any())


def _vanish_together(views: Views, factor: int, known: list[int]) -> bool:
    logs = [wire for wire in known if views.name(wire) in WITH]
    own = views.numbers.of(factor)
    return any(
        views.numbers.of(one) == own or own in views.product(one).powers for wire in logs for one in views.graph.inputs(wire)
    )


def _is_logarithm(views: Views, wire: int) -> bool:
    """Whether the wire may be the logarithm of 0; one of shares also where it was picked or laid out anew."""
    if wire == ONE:
        return False
    if views.name(wire) in WITH:
        return True
    return any(views.name(one) == "log_softmax" for one in _sources(views, wire))


def _sources(views: Views, wire: int) -> Iterator[int]:
    for _ in range(DEPTH):
        yield wire
        if views.name(wire) not in LAID and not _in_another_base(views, wire):
            return
        wire = views.input(wire)


def _in_another_base(views: Views, wire: int) -> bool:
    """Whether the wire is divided by the logarithm of a number."""
    if views.name(wire) != "divide" or views.name(below := views.input(wire, 1)) != "log":
        return False
    return views.graph.is_constant(views.input(below))


def _with_one(views: Views, x: Wire, wire: int, number: float, void: Wire | None) -> tuple[Rule, Wire]:
    """x · number · the logarithm on the wire, which counts as 0 where `void` is true."""
    xp, name = views.xp, views.name(wire)
    if name in ("log", "log_product", *BASES) and (sides := _quotient(views, wire)) is not None:
        drawn = xp.xlog_quotient(x, *sides)
        return LOG_OF_QUOTIENT, views.scaled(number, drawn / xp.log(BASES[name]) if name in BASES else drawn)
    if name in ("log", *BASES):
        argument = xp.wire(views.input(wire))
        drawn = xp.xlogy(x, argument if void is None else xp.where(void, 1.0, argument))
        return XLOGY, views.scaled(number, drawn / xp.log(BASES[name]) if name in BASES else drawn)
    if name == "log1p":
        return XLOG1PY, views.scaled(number, xp.xlog1py(x, xp.wire(views.input(wire))))
    if name == "log_difference":
        y, z = map(xp.wire, views.graph.inputs(wire))
        return XLOG_QUOTIENT, views.scaled(number, xp.xlog_quotient(x, y, z))
    log = xp.wire(wire) if void is None else xp.where(void, 0.0, xp.wire(wire))
    return TIMES_LOG_SOFTMAX, views.scaled(number, xp.times_log(x, log))


def _quotient(views: Views, log: int) -> tuple[Wire, Wire] | None:
    """What stands above and below, where the logarithm is that of a quotient."""
    shape = views.graph.shape(log)
    if views.name(log) == "log_product":
        whole = Term()
        inputs = views.graph.inputs(log)
        for wire, power in zip(inputs, views.graph.settings(log)["powers"] or (1,) * len(inputs), strict=True):
            whole = whole.times(views.product(wire), power)
    else:
        whole = views.product(views.input(log))
    below = {one: -power for one, power in whole.powers.items() if power < 0}
    above = Term(whole.coefficient, {one: power for one, power in whole.powers.items() if power > 0})
    if whole.exponent or not below or above.pure:
        return None
    return views.drawn(above, shape), views.drawn(Term(1.0, below), shape)


def _added(views: Views, x: Wire, parts: list[Wire], rest: Linear, shape: tuple[int, ...]) -> Wire:
    total = parts[0]
    for one in parts[1:]:
        total = total + one
    return total + x * views.drawn_linear(rest, shape) if rest else total
