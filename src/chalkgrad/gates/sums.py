"""Gates that reduce over axes: sum, mean, max and min.

Their local gradients have the shape of the input: the upstream gradient is spread back over the axes and multiplied entry by entry.

    >>> from chalkgrad import work
    >>> work("mean(v)", v=[1, 2, 3, 6]).grad["v"].tolist()
    [0.25, 0.25, 0.25, 0.25]
"""

import math
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.graph.gate import Gate, Kink, at, define
from chalkgrad.graph.look import Look, Params, function
from chalkgrad.graph.shapes import Axis, axes, reduced, reduced_nonempty, same

OVER_AXES: Params = MappingProxyType({"axis": None, "keepdims": False})
CHOICE_OVER_AXES: Params = MappingProxyType({"axis": None, "keepdims": False, "ties": "one"})


def spread(xp: Any, out: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """A reduced array stretched back over the axes it lost."""
    if not keepdims:
        gone = axes(axis, len(x.shape))
        out = xp.reshape(out, shape=tuple(1 if place in gone else size for place, size in enumerate(x.shape)))
    return xp.broadcast_to(out, shape=x.shape)


def count(x: Any, axis: Axis) -> int:
    """How many entries of `x` one entry of its reduction gathers."""
    return math.prod(x.shape[place] for place in axes(axis, len(x.shape)))


SUM = define(Gate(
    name="sum", numpy=(np.sum,), family="sums", symbol="Σ", params=OVER_AXES, shape=reduced, reduces=True,
    forward=lambda xp, x, *, axis, keepdims: xp.sum(x, axis=axis, keepdims=keepdims),
    local=lambda xp, x, out, *, axis, keepdims: (1.0,),
    look=function("sum", r"\operatorname{sum}", OVER_AXES),
    lesson="the sum hands its upstream gradient to every entry it adds",
    samples=(at([1.0, -2.0, 4.0]), at([[1.0, 2.0], [3.0, 4.0]], axis=0), at([[1.0, 2.0], [3.0, 4.0]], axis=-1, keepdims=True)),
))  # fmt: skip


def total_of_shares(xp: Any, powers: Any, axis: Axis) -> tuple[Any, Any]:
    """The sum of numbers from 0 to 1 in two parts: nearly all of it, exactly, and the little that remains."""
    upper, rests = exact_part(xp, powers, axis, 1.0)
    return upper, xp.sum(rests, axis=axis, keepdims=axis is not None)


def exact_part(xp: Any, x: Any, axis: Axis, most: Any) -> tuple[Any, Any]:
    """The sum of the upper digits of numbers, none of which is larger than `most`, and what is left of each.

    Each number is split at one bit for all, above which sums are exact and below which their errors do not count, in whatever order
    they are added (Rump, Ogita and Oishi, Accurate floating-point summation, 2008).
    """
    splitter = most * 2.0 ** math.ceil(math.log2(count(x, axis)))
    high = (x + splitter) - splitter
    return xp.sum(high, axis=axis, keepdims=axis is not None), x - high


def _sum_of_shares(xp: Any, x: Any, *, axis: Axis, keepdims: bool) -> Any:
    if xp.lean:
        return xp.sum(x, axis=axis, keepdims=keepdims)
    upper, lower = total_of_shares(xp, x, axis)
    return xp.reshape(upper + lower, shape=reduced(x.shape, axis=axis, keepdims=keepdims))


SUM_OF_SHARES = define(Gate(
    name="sum_of_shares", family="sums", symbol="Σp", params=OVER_AXES, shape=reduced, reduces=True,
    means=lambda xp, x, *, axis, keepdims: xp.sum(x, axis=axis, keepdims=keepdims),
    forward=_sum_of_shares,
    local=lambda xp, x, out, *, axis, keepdims: (1.0,),
    look=function("sum_of_shares", defaults=OVER_AXES),
    lesson="the sum of numbers from 0 to 1, right to the last digit; it hands its upstream gradient to every entry it adds",
    samples=(at([0.25, 0.5, 0.125]), at([[0.25, 0.5], [0.0, 1.0]], axis=0)),
))  # fmt: skip

MEAN = define(Gate(
    name="mean", numpy=(np.mean,), family="sums", symbol="mean", params=OVER_AXES, shape=reduced_nonempty, reduces=True,
    forward=lambda xp, x, *, axis, keepdims: xp.mean(x, axis=axis, keepdims=keepdims),
    local=lambda xp, x, out, *, axis, keepdims: (1.0 / count(x, axis),),
    look=function("mean", r"\operatorname{mean}", OVER_AXES),
    lesson="the mean hands each of its n entries 1/n of its upstream gradient",
    samples=(at([1.0, -2.0, 4.0]), at([[1.0, 2.0], [3.0, 4.0]], axis=0)),
))  # fmt: skip


def _choice_look(name: str) -> Look:
    """Without the rule for ties, of which the solution speaks where there is a tie."""
    plain = function(name, rf"\{name}", OVER_AXES)

    def text(parts: Sequence[str], params: Params) -> str:
        return plain.text(parts, {key: value for key, value in params.items() if key != "ties"})

    def latex(parts: Sequence[str], params: Params) -> str:
        return plain.latex(parts, {key: value for key, value in params.items() if key != "ties"})

    return Look(text, latex, plain.level, plain.operands, plain.latex_level, plain.latex_operands)


def _choice_over_axes(name: str, lesson: str) -> Gate:
    def forward(xp: Any, x: Any, *, axis: Axis, keepdims: bool, ties: str) -> Any:
        return getattr(xp, name)(x, axis=axis, keepdims=keepdims)

    def local(xp: Any, x: Any, out: Any, *, axis: Axis, keepdims: bool, ties: str) -> tuple[Any]:
        if ties == "first":
            return (xp.first_of(x, axis=axis, value=name),)
        mark = xp.where(xp.equal(x, spread(xp, out, x, axis, keepdims)), 1.0, 0.0)
        if ties == "one":
            return (mark,)
        return (mark / spread(xp, xp.sum(mark, axis=axis, keepdims=keepdims), x, axis, keepdims),)

    def tied(xp: Any, x: Any, *, axis: Axis, keepdims: bool, ties: str) -> Any:
        best = getattr(xp, name)(x, axis=axis, keepdims=True)
        return xp.sum(xp.where(xp.equal(x, best), 1, 0), axis=axis, keepdims=keepdims) > 1

    return define(Gate(
        name=name, family="sums", symbol=name, params=CHOICE_OVER_AXES, shape=reduced_nonempty, reduces=True,
        numpy=(getattr(np, name),),
        chooses=True, forward=forward, local=local,
        look=_choice_look(name),
        lesson=lesson,
        samples=(at([1.0, -2.0, 4.0]), at([[1.0, 5.0], [3.0, 4.0]], axis=0), at([[1.0, 5.0], [3.0, 4.0]], axis=1, keepdims=True)),
        kinks=(Kink(tied, "ties", f"numbers from 0 to 1 that add up to 1, one for each entry that reaches the {name}"),),
    ))  # fmt: skip


MAX = _choice_over_axes("max", "the max over entries routes its upstream gradient to the largest entry; the others get zero")
MIN = _choice_over_axes("min", "the min over entries routes its upstream gradient to the smallest entry; the others get zero")


FIRST_OF = define(Gate(
    name="first_of", family="sums", symbol="first", params=MappingProxyType({"axis": None, "value": "max"}),
    shape=same,
    forward=lambda xp, x, *, axis, value: xp.first_of(x, axis=axis, value=value),
    look=function("first_of"),
    lesson="marks with 1 the first entry that reaches the maximum (or minimum), with 0 all others; it has no slope",
    samples=(at([1.0, 4.0, 4.0]), at([[1.0, 5.0], [3.0, 4.0]], axis=0), at([[1.0, 5.0], [3.0, 4.0]], axis=1, value="min")),
))  # fmt: skip
