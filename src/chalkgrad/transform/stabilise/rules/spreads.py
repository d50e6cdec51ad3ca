"""Variances and covariances from sums of squares: E[x²] − E[x]², with weights too, by shifted data.

Source: Chan, Golub and LeVeque, Algorithms for computing the sample variance (1983).
"""

from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.rules.contractions import CONTRACTIONS, dot
from chalkgrad.transform.stabilise.rules.declaring import Found, completes, rule
from chalkgrad.transform.stabilise.rules.picking import LAID
from chalkgrad.transform.stabilise.rules.shares import axes_of
from chalkgrad.transform.stabilise.views import Term, Views

VARIANCE = rule(
    "variance by shifted data",
    written=lambda xp, x: xp.mean(x**2) - xp.mean(x) ** 2,
    stable=lambda xp, x: xp.mean(xp.square(x - xp.mean(x, keepdims=True))),
    why="where the mean is large beside the spread, two large numbers cancel; the result may even be negative",
    proof="Σ(x − m)² = Σx² − n·m² for the mean m of n real numbers",
    ranges=((1e6, 1e6 + 1.0),),
    shapes=((6,),),
)
COVARIANCE = rule(
    "covariance by shifted data",
    written=lambda xp, x, y: xp.mean(x * y) - xp.mean(x) * xp.mean(y),
    stable=lambda xp, x, y: xp.mean((x - xp.mean(x, keepdims=True)) * (y - xp.mean(y, keepdims=True))),
    why="where the means are large beside the spread, two large numbers cancel",
    proof="Σ(x − m)·(y − k) = Σx·y − n·m·k for the means m and k of n pairs of real numbers",
    ranges=((1e6, 1e6 + 1.0), (1e6, 1e6 + 1.0)),
    shapes=((6,), (6,)),
)


def _weighted_covariance(xp: Any, x: Any, y: Any, w: Any, axis: Any = None) -> Any:
    """Σw·(x − m)·(y − k)/Σw for the weighted means m and k."""
    total = xp.sum(w, axis=axis, keepdims=True)
    apart = [one - xp.sum(w * one, axis=axis, keepdims=True) / total for one in ((x,) if x is y else (x, y))]
    return xp.sum(w * (xp.square(apart[0]) if x is y else apart[0] * apart[1]) / total, axis=axis)


WEIGHTED = rule(
    "weighted variance by shifted data",
    written=lambda xp, x, w: xp.sum(w * x**2) / xp.sum(w) - (xp.sum(w * x) / xp.sum(w)) ** 2,
    stable=lambda xp, x, w: _weighted_covariance(xp, x, x, w),
    why="where the mean is large beside the spread, two large numbers cancel; the result may even be negative",
    proof="Σw·(x − m)² = Σw·x² − Σw·m² for the mean m = Σw·x/Σw of real numbers, wherever Σw is not 0",
    ranges=((1e6, 1e6 + 1.0), (0.1, 2.0)),
    shapes=((6,), (6,)),
)


@completes("add", "subtract", among=("mean", "sum", *CONTRACTIONS, *LAID))
def spread(views: Views, node: int) -> Found | None:
    """a·Σxy − (a/n)·Σx·Σy, whether sums or means were written."""
    terms = views.terms(node)
    if len(terms) != 2:
        return None
    for squares, product in (terms, terms[::-1]):
        found = _centred(views, node, squares, product)
        if found is not None:
            return found
    return None


def _centred(views: Views, node: int, squares: Term, product: Term) -> Found | None:
    if squares.exponent or product.exponent or list(squares.powers.values()) != [1.0]:
        return None
    (total,) = squares.powers
    core = views.numbers.core(total)
    pair = dot(views, core)
    if pair is None and views.name(core) not in ("sum", "mean"):
        return None
    inner = views.product(views.input(core)) if pair is None else views.product(pair[0]).times(views.product(pair[1]))
    parts = _two(inner)
    sums = _two(product)
    if parts is None or sums is None or inner.coefficient != 1.0 or inner.exponent:
        return None
    source = views.graph.shape(views.input(core))
    axis = views.graph.settings(core)["axis"] if pair is None else None
    gone = axes(axis, len(source))
    count = int(np.prod([source[place] for place in gone], dtype=int))
    averaged = views.name(core) == "mean"
    weight = squares.coefficient * (1 if averaged else count)  # of the mean of the products
    means = []
    against = product.coefficient
    for one in sums:
        gathered = views.numbers.core(one)
        if views.name(gathered) not in ("sum", "mean") or axes_of(views, gathered) != gone:
            return None
        if views.graph.shape(views.input(gathered)) != source or views.graph.shape(one) != views.graph.shape(total):
            return None
        means.append(views.numbers.of(views.input(gathered)))
        against *= count if views.name(gathered) == "sum" else 1
    if sorted(means) != sorted(parts) or not np.isclose(weight, -against, rtol=1e-14, atol=0.0):
        return None
    xp = views.xp
    centred = [one - xp.mean(one, axis=axis, keepdims=True) for one in map(xp.wire, dict.fromkeys(parts))]
    said, entries = (VARIANCE, xp.square(centred[0])) if len(centred) == 1 else (COVARIANCE, centred[0] * centred[1])
    mean = views.fitted(xp.mean(entries, axis=axis), views.graph.shape(node))
    return said, views.scaled(weight, mean)


def _two(term: Term) -> list[int] | None:
    """The two factors of a product, of which both may be the same."""
    if sorted(term.powers.values()) == [1.0, 1.0]:
        return list(term.powers)
    if list(term.powers.values()) == [2.0]:
        return list(term.powers) * 2
    return None


@completes("add", "subtract", among=("sum", *CONTRACTIONS, *LAID))
def weighted_spread(views: Views, node: int) -> Found | None:
    """Σw·x·y/W − (Σw·x/W)·(Σw·y/W), where W is Σw, or constant weights add up to 1."""
    terms = views.terms(node)
    if len(terms) != 2 or any(one.exponent for one in terms) or terms[0].coefficient != -terms[1].coefficient:
        return None
    for squares, product in (terms, terms[::-1]):
        sums = [wire for wire, power in squares.powers.items() if power == 1.0]
        means = [wire for wire, power in product.powers.items() for _ in range(int(max(power, 0.0)))]
        if len(sums) != 1 or len(means) != 2:
            continue
        found = _weighed(views, sums[0], means, squares, product)
        if found is not None:
            return WEIGHTED, views.scaled(squares.coefficient, views.fitted(found, views.graph.shape(node)))
    return None


def _weighed(views: Views, total: int, means: list[int], squares: Term, product: Term) -> Wire | None:
    """The weighted covariance of which these are the sums."""
    gathered = [_summed(views, one) for one in (total, *means)]
    whole, first, second = (None if one is None else one[0] for one in gathered)
    if whole is None or first is None or second is None or len({one[1:] for one in gathered if one is not None}) != 1:
        return None
    weights = first.times(second).times(whole, -1.0)
    if len(weights.powers) != 1 or set(weights.powers.values()) != {1.0} or weights.coefficient != 1.0 or weights.exponent:
        return None
    ((w, _),) = weights.powers.items()
    _, shape, gone = gathered[0]  # type: ignore[misc]
    if not _divided(views, w, squares, product, gone, shape):
        return None
    x, y = (views.fitted(views.drawn(one.times(weights, -1.0), shape), shape) for one in (first, second))
    weight = views.fitted(views.xp.wire(w), shape)
    axis = gone[0] if len(gone) == 1 else gone
    covariance: Wire = _weighted_covariance(views.xp, x, x if first == second else y, weight, axis)
    return covariance


def _summed(views: Views, wire: int) -> tuple[Term, tuple[int, ...], tuple[int, ...]] | None:
    """The product whose entries a wire adds up, its shape, and over which axes."""
    core = views.numbers.core(wire)
    pair = dot(views, core)
    if pair is not None:
        shape = views.graph.shape(pair[0])
        return views.product(pair[0]).times(views.product(pair[1])), shape, tuple(range(len(shape)))
    if views.name(core) != "sum":
        return None
    return views.product(views.input(core)), views.graph.shape(views.input(core)), axes_of(views, core)


def _divided(views: Views, w: int, squares: Term, product: Term, gone: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether the sums are divided by that of the weights, once and twice, or constant weights add up to 1."""
    below = {wire: power for wire, power in squares.powers.items() if power < 0}
    if {wire: 2 * power for wire, power in below.items()} != {wire: power for wire, power in product.powers.items() if power < 0}:
        return False
    if not below:
        value = views.graph.constants.get(w) if views.graph.is_constant(w) else None
        return value is not None and bool(np.all(np.sum(np.broadcast_to(value, shape), axis=gone) == 1.0))
    ((whole, power),) = below.items() if len(below) == 1 else ((w, 0.0),)
    added = _summed(views, whole)
    if power != -1.0 or added is None or list(added[0].powers.values()) != [1.0] or added[0].coefficient != 1.0:
        return False
    (one,) = added[0].powers  # the weights as they were before they were laid out beside the data
    alike = views.numbers.core(one) == views.numbers.core(w)
    return alike and (added[1:] == (shape, gone) or len(added[1]) == len(added[2]) == len(gone))
