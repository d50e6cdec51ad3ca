"""Losses on scores: softmax cross-entropy and three multiclass hinges, for one row of scores or many.

All judge the scores along the last axis against the true class, `true` (one index, or one for each row). The hinges want the true
class to win by `margin` and are content then; cross-entropy always wants the true score higher still.

    >>> from chalkgrad import work
    >>> work("hinge(s, true=0)", s=[10, -2, 3]).value, work("hinge(s, true=0)", s=[10, 9, 9]).value
    (0.0, 0.0)

Sources: Weston and Watkins, Support vector machines for multi-class pattern recognition (1999); Crammer and Singer, On the
algorithmic implementation of multiclass kernel-based vector machines (2001).
"""

from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.errors import ShapeError
from chalkgrad.graph.gate import Gate, Kink, at, define
from chalkgrad.graph.look import Params, function
from chalkgrad.graph.shapes import Shape, show

True_ = int | tuple[int, ...]
LOG_2 = float(np.log(2.0))
JUDGED: Params = MappingProxyType({"true": 0})
WITH_MARGIN: Params = MappingProxyType({"true": 0, "margin": 1.0})


def _one_loss_a_row(shape: Shape, *, true: True_ = 0, **_: object) -> Shape:
    if not shape or not shape[-1]:
        raise ShapeError(f"A loss needs the scores of one class or more along its last axis; here is {show(shape)}.")
    classes = np.asarray(true)
    if classes.dtype.kind != "i" or classes.shape not in ((), shape[:-1]):
        raise ShapeError(f"The true classes {true!r} do not fit scores of shape {show(shape)}.",
                         hint="Give one whole number, or one for each row of scores.")  # fmt: skip
    if classes.size and not (classes.min() >= 0 and classes.max() < shape[-1]):
        wrong = classes.max() if classes.max() >= shape[-1] else classes.min()
        raise ShapeError(f"There is no class {wrong}: the scores are of {shape[-1]} {'class' if shape[-1] == 1 else 'classes'}.",
                         hint="Classes count from 0.")  # fmt: skip
    return shape[:-1]


def is_true(x: Any, true: True_) -> Any:
    """Marks the entry of the true class in each row of scores."""
    marks = np.arange(x.shape[-1]) == np.asarray(true)[..., None]
    return np.broadcast_to(marks, x.shape)


def _score_of_true(xp: Any, x: Any, mark: Any) -> Any:
    return xp.sum(xp.where(mark, x, 0.0), axis=-1, keepdims=True)


def _cross_entropy_slope(xp: Any, x: Any, out: Any, *, true: True_) -> tuple[Any]:
    # p − 1 at the true class is minus the sum of the other probabilities where p is above ½, the largest, and expm1(−loss)
    # where it is below: there each does not cancel.
    mark, shares = is_true(x, true), xp.softmax(x, axis=-1)
    others = xp.others_share(x, axis=-1, keepdims=True)
    loss = xp.reshape(out, shape=(*x.shape[:-1], 1))
    rest = xp.where(loss < LOG_2, -others, xp.expm1(-loss))
    return (xp.where(mark, rest, shares),)


def _cross_entropy_means(xp: Any, x: Any, *, true: True_) -> Any:
    powers = xp.exp(x)
    return -xp.log(xp.sum(xp.where(is_true(x, true), powers, 0.0), axis=-1) / xp.sum(powers, axis=-1))


CROSS_ENTROPY = define(Gate(
    name="cross_entropy", family="losses", symbol="cross-entropy", params=JUDGED, shape=_one_loss_a_row, reduces=True,
    means=_cross_entropy_means,
    forward=lambda xp, x, *, true: -xp.sum(xp.where(is_true(x, true), xp.log_softmax(x, axis=-1), 0.0), axis=-1),
    local=_cross_entropy_slope,
    textbook=lambda xp, x, out, *, true: (xp.softmax(x, axis=-1) - is_true(x, true).astype(float),),
    look=function("cross_entropy"),
    lesson="cross-entropy pulls each score by its probability, and the true one by its probability minus 1",
    samples=(at([3.2, 5.1, -1.7], true=0), at([10.0, -30.0], true=0), at([[1.0, 2.0], [3.0, 0.5]], true=(0, 1))),
))  # fmt: skip


def _excess(xp: Any, x: Any, true: True_, margin: float) -> tuple[Any, Any]:
    """By how much each wrong class comes within the margin of the true one; 0 for the true class itself."""
    mark = is_true(x, true)
    return mark, xp.where(mark, 0.0, x - _score_of_true(xp, x, mark) + margin)


def _hinge(xp: Any, x: Any, *, true: True_, margin: float) -> Any:
    _, excess = _excess(xp, x, true, margin)
    return xp.sum(xp.maximum(excess, 0.0), axis=-1)


def _against_true(xp: Any, mark: Any, pull: Any) -> Any:
    """The pull on the wrong classes, and the opposite of their sum on the true one."""
    return xp.where(mark, -xp.sum(pull, axis=-1, keepdims=True), pull)


def _hinge_slope(xp: Any, x: Any, out: Any, *, true: True_, margin: float) -> tuple[Any]:
    mark, excess = _excess(xp, x, true, margin)
    return (_against_true(xp, mark, xp.where(excess > 0, 1.0, 0.0)),)


def _on_the_margin(xp: Any, x: Any, *, true: True_, margin: float) -> Any:
    mark, excess = _excess(xp, x, true, margin)
    return xp.sum(xp.where(xp.where(mark, 1.0, excess) == 0, 1, 0), axis=-1) > 0


AT_MARGIN = Kink(_on_the_margin, "a class exactly on the margin gets slope 0", "any share from 0 to 1 for that class")

WESTON_WATKINS = define(Gate(
    name="weston_watkins", family="losses", symbol="hinge", params=WITH_MARGIN, shape=_one_loss_a_row, reduces=True,
    reads=("hinge", "weston_watkins"),
    chooses=True, forward=_hinge, local=_hinge_slope,
    look=function("hinge"),
    lesson="each class within the margin is pushed down by 1, and the true class up by as many",
    samples=(at([3.2, 5.1, -1.7], true=0), at([[1.0, 2.0], [3.0, 0.5]], true=(0, 1), margin=0.25)),
    kinks=(AT_MARGIN,),
))  # fmt: skip


def _rival(xp: Any, x: Any, true: True_) -> tuple[Any, Any]:
    """The scores without the true class, and the mark of the best of them."""
    others = xp.where(is_true(x, true), -np.inf, x)
    return others, xp.first_of(others, axis=-1, value="max")


def _crammer_singer(xp: Any, x: Any, *, true: True_, margin: float) -> Any:
    others, _ = _rival(xp, x, true)
    behind = xp.max(others, axis=-1) - xp.sum(xp.where(is_true(x, true), x, 0.0), axis=-1) + margin
    return xp.maximum(behind, 0.0)


def _crammer_singer_slope(xp: Any, x: Any, out: Any, *, true: True_, margin: float) -> tuple[Any]:
    _, rival = _rival(xp, x, true)
    active = xp.where(xp.reshape(out, shape=(*x.shape[:-1], 1)) > 0, 1.0, 0.0)
    return (_against_true(xp, is_true(x, true), xp.where(is_true(x, true), 0.0, rival * active)),)


def _best_rival_at_kink(xp: Any, x: Any, *, true: True_, margin: float) -> Any:
    others, _ = _rival(xp, x, true)
    best = xp.max(others, axis=-1, keepdims=True)
    behind = best - _score_of_true(xp, x, is_true(x, true)) + margin
    ties = xp.sum(xp.where(xp.equal(others, best), 1, 0), axis=-1)
    return (xp.reshape(behind, shape=x.shape[:-1]) == 0) | ((ties > 1) & (xp.reshape(behind, shape=x.shape[:-1]) > 0))


CRAMMER_SINGER = define(Gate(
    name="crammer_singer", family="losses", symbol="hinge (best rival)", params=WITH_MARGIN, shape=_one_loss_a_row, reduces=True,
    chooses=True, forward=_crammer_singer, local=_crammer_singer_slope,
    look=function("crammer_singer"),
    lesson="only the strongest rival counts: it is pushed down and the true class up by 1, while it is within the margin",
    samples=(at([3.2, 5.1, -1.7], true=0), at([[1.0, 2.0], [3.0, 0.5]], true=(0, 1), margin=0.25)),
    kinks=(Kink(_best_rival_at_kink, "exactly on the margin the slope is 0; among equal rivals the first one counts",
                "any shares that add up to 1 at most, among the strongest rivals"),),
))  # fmt: skip


def _short(xp: Any, x: Any, true: True_, margin: float) -> Any:
    """By how much each class falls short: the true one should score above margin, the others below −margin."""
    return xp.where(is_true(x, true), -x, x) + margin


def _one_vs_all(xp: Any, x: Any, *, true: True_, margin: float) -> Any:
    return xp.sum(xp.maximum(_short(xp, x, true, margin), 0.0), axis=-1)


def _one_vs_all_slope(xp: Any, x: Any, out: Any, *, true: True_, margin: float) -> tuple[Any]:
    active = xp.where(_short(xp, x, true, margin) > 0, 1.0, 0.0)
    return (xp.where(is_true(x, true), -active, active),)


def _any_on_margin(xp: Any, x: Any, *, true: True_, margin: float) -> Any:
    return xp.sum(xp.where(_short(xp, x, true, margin) == 0, 1, 0), axis=-1) > 0


ONE_VS_ALL = define(Gate(
    name="one_vs_all", family="losses", symbol="hinge (one vs all)", params=WITH_MARGIN, shape=_one_loss_a_row, reduces=True,
    chooses=True, forward=_one_vs_all, local=_one_vs_all_slope,
    look=function("one_vs_all"),
    lesson="each class is judged alone: wrong ones should score below −margin, the true one above +margin",
    samples=(at([3.2, 5.1, -1.7], true=0), at([[1.0, 2.0], [3.0, 0.5]], true=(0, 1), margin=0.25)),
    kinks=(Kink(_any_on_margin, AT_MARGIN.convention, AT_MARGIN.valid),),
))  # fmt: skip
