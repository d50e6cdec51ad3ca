"""Gates that choose: max, min, relu, abs, sign, clip, where, and the comparisons.

A choosing gate sends its upstream gradient to the input it chose and nothing to the others. At a tie there is no slope, only
one-sided ones, so each gate states its convention as a Kink. `ties` sets it for max and min: "one" (the lecture: every input that
reaches the maximum gets local gradient 1), "split" (they share it), or "first" (the first of them gets it all).

    >>> from chalkgrad import work
    >>> work("max(z, w)", z=2, w=-1).grad["z"]
    1.0
"""

from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.graph.gate import MANY, Gate, Kink, at, define
from chalkgrad.graph.look import ATOM, COMPARE, LOOSEST, Look, function, infix, template

TIES = ("one", "split", "first")
TIE_CONVENTIONS = {
    "one": "ties=one: each input that reaches the value gets local gradient 1, the one-sided slope",
    "split": "ties=split: the inputs that reach the value share the slope evenly",
    "first": "ties=first: the first input that reaches the value gets the whole slope",
}
TIES_DEFAULT = MappingProxyType({"ties": "one"})


def shares(xp: Any, chosen: list[Any], ties: str) -> tuple[Any, ...]:
    """The local gradients of a choosing gate, from the marks (1 or 0) of the inputs that reach its value."""
    if ties == "split":
        # 1 + the other marks and not the sum of all: a number where none is chosen, as of nan, too.
        return tuple(mark / sum(chosen[:place] + chosen[place + 1 :], 1.0) for place, mark in enumerate(chosen))
    if ties == "first":
        result, free = [], 1.0
        for mark in chosen:
            result.append(mark * free)
            free = free * (1 - mark)
        return tuple(result)
    return tuple(chosen)


def _choose(xp: Any, *args: Any, ties: str) -> tuple[Any, ...]:
    *inputs, out = args
    # max(x, x) is x: the second mention of a wire is no second candidate.
    candidates = {one.node: one for one in inputs}
    marks = [xp.where(xp.equal(one, out), 1.0, 0.0) for one in candidates.values()]
    slopes = dict(zip(candidates, shares(xp, marks, ties), strict=True))
    return tuple(slopes.pop(one.node, 0.0) for one in inputs)


def _tied(value: str) -> Any:
    def tied(xp: Any, *inputs: Any, ties: str) -> Any:
        best = getattr(xp, value)(*inputs)
        return sum(xp.where(xp.equal(one, best), 1, 0) for one in inputs) > 1

    return tied


def _look(name: str) -> Look:
    plain = function(name, rf"\{name}")
    return Look(lambda parts, _: plain.text(parts, {}), lambda parts, _: plain.latex(parts, {}), ATOM, (LOOSEST,), ATOM, (LOOSEST,))


MAXIMUM = define(Gate(
    name="maximum", family="choice", chooses=True, arity=2, most=MANY, symbol="max", reads=("max", "maximum"), params=TIES_DEFAULT,
    numpy=(np.maximum,),
    forward=lambda xp, *inputs, ties: xp.maximum(*inputs),
    local=_choose,
    look=_look("max"),
    lesson="the max gate routes the whole upstream gradient to its largest input; the others get zero",
    samples=(at(2.0, -1.0), at(-4.0, 0.5, 0.25), at([1.0, 5.0], 3.0)),
    kinks=(Kink(_tied("maximum"), "ties",
                "numbers from 0 to 1 that add up to 1, one for each input that reaches the maximum"),),
))  # fmt: skip

MINIMUM = define(Gate(
    name="minimum", family="choice", chooses=True, arity=2, most=MANY, symbol="min", reads=("min", "minimum"), params=TIES_DEFAULT,
    numpy=(np.minimum,),
    forward=lambda xp, *inputs, ties: xp.minimum(*inputs),
    local=_choose,
    look=_look("min"),
    lesson="the min gate routes the whole upstream gradient to its smallest input; the others get zero",
    samples=(at(2.0, -1.0), at(-4.0, 0.5, 0.25), at([1.0, 5.0], 3.0)),
    kinks=(Kink(_tied("minimum"), "ties",
                "numbers from 0 to 1 that add up to 1, one for each input that reaches the minimum"),),
))  # fmt: skip

RELU = define(Gate(
    name="relu", family="choice", chooses=True, symbol="relu",
    forward=lambda xp, x: xp.maximum(x, 0.0),
    local=lambda xp, x, out: (xp.where(x > 0, 1.0, 0.0),),
    look=function("relu"),
    lesson="relu lets the upstream gradient pass where its input is positive and stops it elsewhere",
    samples=(at(2.0), at([-1.0, 3.0])),
    kinks=(Kink(lambda xp, x: x == 0, "relu'(0) = 0", "any number from 0 to 1"),),
))  # fmt: skip

ABSOLUTE = define(Gate(
    name="absolute", numpy=(np.absolute, np.fabs), family="choice", symbol="|x|", reads=("abs", "absolute"),
    forward=lambda xp, x: xp.absolute(x),
    local=lambda xp, x, out: (xp.sign(x),),
    look=template("abs({0})", r"\left|{0}\right|", ATOM, (LOOSEST,)),
    lesson="the absolute value keeps the upstream gradient where its input is positive and turns its sign where it is negative",
    samples=(at(2.0), at([-1.0, 3.0])),
    kinks=(Kink(lambda xp, x: x == 0, "|x|' = 0 at x = 0", "any number from −1 to 1"),),
))  # fmt: skip

SIGN_GATE = define(Gate(
    name="sign", numpy=(np.sign,), family="choice", symbol="sign",
    forward=lambda xp, x: xp.sign(x),
    local=lambda xp, x, out: (0.0,),
    look=function("sign"),
    lesson="the sign is flat: it lets no gradient pass",
    samples=(at(2.0), at([-1.0, 3.0])),
    kinks=(Kink(lambda xp, x: x == 0, "sign'(0) = 0, though it jumps there", "none: it jumps"),),
))  # fmt: skip


def _clip_slopes(xp: Any, x: Any, low: Any, high: Any, out: Any) -> tuple[Any, Any, Any]:
    apart = low < high  # bounds that meet or cross leave no room: the upper one holds
    return (xp.where(apart, xp.where(x > high, 0.0, xp.where(x < low, 0.0, 1.0)), 0.0),
            xp.where(apart, xp.where(x < low, 1.0, 0.0), 0.0),
            xp.where(apart, xp.where(x > high, 1.0, 0.0), 1.0))  # fmt: skip


CLIP = define(Gate(
    name="clip", numpy=(np.clip,), family="choice", chooses=True, arity=3, symbol="clip",
    forward=lambda xp, x, low, high: xp.minimum(xp.maximum(x, low), high),
    local=_clip_slopes,
    look=function("clip"),
    lesson="clip lets the upstream gradient pass to x between the bounds, and to the bound that holds elsewhere",
    samples=(at(0.5, -1.0, 1.0), at([-2.0, 0.0, 3.0], -1.0, 1.0)),
    kinks=(Kink(lambda xp, x, low, high: ((x == low) & (low <= high)) | (xp.maximum(x, low) == high),
                "at a bound x counts, with slope 1; where the bounds meet, the upper one does", "any number from 0 to 1"),),
))  # fmt: skip

WHERE = define(Gate(
    name="where", numpy=(np.where,), family="choice", chooses=True, arity=3, symbol="where",
    forward=lambda xp, condition, x, y: xp.where(condition, x, y),
    local=lambda xp, condition, x, y, out: (None, xp.where(condition, 1.0, 0.0), xp.where(condition, 0.0, 1.0)),
    look=function("where"),
    lesson="where sends the upstream gradient to the branch it took; the other branch gets zero, the condition none",
    samples=(at(True, 2.0, -1.0), at([True, False], [1.0, 2.0], 5.0)),
))  # fmt: skip


def _comparison(name: str, text: str, latex: str, meaning: str) -> Gate:
    return define(Gate(
        name=name, numpy=(getattr(np, name),), family="choice", arity=2, symbol=text, reads=(text,),
        forward=lambda xp, x, y: getattr(xp, name)(x, y),
        look=infix(text, latex, COMPARE, right=COMPARE + 1),
        lesson=f"a comparison is true where x is {meaning} y; it has no slope",
        samples=(at(2.0, 1.0), at([1.0, 3.0], 3.0)),
    ))  # fmt: skip


GREATER = _comparison("greater", ">", ">", "greater than")
GREATER_EQUAL = _comparison("greater_equal", ">=", r"\ge", "at least")
LESS = _comparison("less", "<", "<", "less than")
LESS_EQUAL = _comparison("less_equal", "<=", r"\le", "at most")
EQUAL = _comparison("equal", "==", "=", "equal to")
NOT_EQUAL = _comparison("not_equal", "!=", r"\ne", "other than")
