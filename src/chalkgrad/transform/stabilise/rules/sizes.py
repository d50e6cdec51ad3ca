"""Logarithms of functions that may leave the floats, and of whose sign nothing is known: tanh, the gamma function, determinants."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chalkgrad.transform.stabilise.model import Rule
from chalkgrad.transform.stabilise.rules.declaring import Found, rule
from chalkgrad.transform.stabilise.views import Term, Views, merged


def _log_tanh(xp: Any, x: Any) -> Any:
    return xp.log1mexp(-2 * x) - xp.softplus(-2 * x)


LOG_TANH = rule(
    "log-tanh",
    written=lambda xp, x: xp.log(xp.tanh(x)),
    stable=_log_tanh,
    why="tanh rounds to 1 for large x, and nothing is left of its logarithm",
    proof="tanh x = (1 − e^−2x)/(1 + e^−2x), which is positive where x is",
    ranges=((1e-3, 60.0),),
)


def _log_gamma(xp: Any, x: Any) -> Any:
    """Left of 0 the gamma function changes its sign between one whole number and the next, and may have no logarithm."""
    right = x > 0
    return xp.where(right, xp.gammaln(xp.where(right, x, 1.0)), xp.log(xp.gamma(xp.where(right, 1.0, x))))


LOG_GAMMA = rule(
    "log Γ",
    written=lambda xp, x: xp.log(xp.gamma(x)),
    stable=_log_gamma,
    why="the gamma function overflows from 171.6 on, and its logarithm is an ordinary number",
    proof="log Γ(x) is what gammaln means, for x > 0",
    ranges=((0.1, 1000.0),),
)


def _log_det(xp: Any, a: Any) -> Any:
    return xp.logabsdet(a) + xp.log(xp.det_sign(a))


POSITIVE = np.array([[1.0, -1.0], [1.0, 1.0]])  # signs with which the two products of the determinant add up
LOG_DET = rule(
    "log det",
    written=lambda xp, a: xp.log(xp.det(POSITIVE * a)),
    stable=lambda xp, a: _log_det(xp, POSITIVE * a),
    why="a product of many pivots becomes 0 or infinite, where its logarithm is an ordinary number",
    proof="det A = sign(det A)·|det A|, and the logarithm of the sign is 0 where that of the determinant has a meaning",
    ranges=((1e-180, 1e-150),),
    shapes=((2, 2),),
)


# The logarithm of the function, and of its size, where it may itself be negative.
def _log_sigmoids(xp: Any, x: Any, y: Any, gap: Any) -> Any:
    """log(σ(x) − σ(y)), where the gap is y − x: no number where x is the smaller."""
    return xp.log_sigmoid(x) + xp.log_sigmoid(-y) + xp.log1mexp(gap)


LOG_SIGMOIDS = rule(
    "log of a difference of sigmoids",
    written=lambda xp, x, y: xp.log(xp.sigmoid_difference(x, y)),
    stable=lambda xp, x, y: _log_sigmoids(xp, x, y, y - x),
    why="far from 0 both sigmoids vanish, or both are 1, where the logarithm of their difference is an ordinary number",
    proof="σ(x) − σ(y) = σ(x)·σ(−y)·(1 − e^(y − x)), for all real x > y",
    ranges=((400.0, 800.0), (-800.0, 399.0)),
)
OF_SIZE: Mapping[str, tuple[Rule, Callable[..., Any], Callable[..., Any]]] = {
    "tanh": (LOG_TANH, _log_tanh, lambda xp, x: _log_tanh(xp, xp.absolute(x))),
    "gamma": (LOG_GAMMA, _log_gamma, lambda xp, x: xp.gammaln(x)),
    "det": (LOG_DET, _log_det, lambda xp, x: xp.logabsdet(x)),
    "sigmoid_difference": (LOG_SIGMOIDS, lambda xp, x, y: _log_sigmoids(xp, x, y, y - x),
                           lambda xp, x, y: _log_sigmoids(xp, xp.maximum(x, y), xp.minimum(x, y), -xp.absolute(x - y))),
}  # fmt: skip


def log_of_sized(views: Views, term: Term) -> Found | None:
    """The logarithm of a positive multiple of a power of such a function, of its size, or of a root of it."""
    while len(term.powers) == 1 and not term.exponent and term.coefficient > 0:
        ((factor, power),) = term.powers.items()
        if views.name(factor) == "sqrt":
            term = Term(term.coefficient).times(views.product(views.input(factor)), power / 2)
            continue
        size = views.name(factor) == "absolute"
        inside = views.input(factor) if size else factor
        if views.name(inside) not in OF_SIZE:
            return _of_close_sigmoids(views, inside, power) if term.coefficient == 1.0 and not size else None
        said, of_value, of_size = OF_SIZE[views.name(inside)]
        inputs = map(views.xp.wire, views.graph.inputs(inside))
        scaled = views.scaled(power, (of_size if size or power % 2 == 0 else of_value)(views.xp, *inputs))
        return said, scaled if term.coefficient == 1.0 else scaled + math.log(term.coefficient)
    return None


def _of_close_sigmoids(views: Views, wire: int, power: float) -> Found | None:
    """The same where the gap between two sigmoids is known, and a choice was made of their difference."""
    form = views.linear(views.input(wire, 2)) if views.name(wire) == "where" else {}
    if set(form.values()) != {1.0, -1.0} or any(views.name(one) != "sigmoid" for one in form) or power != 1.0:
        return None
    (one, other), xp = sorted(form, key=lambda key: -form[key]), views.xp
    x, y = (views.input(key) for key in (one, other))
    gap = views.drawn_linear(merged(views.linear(y), views.linear(x), -1.0), views.graph.shape(wire))
    return LOG_SIGMOIDS, _log_sigmoids(xp, xp.wire(x), xp.wire(y), gap)
