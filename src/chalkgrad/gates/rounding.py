"""Gates that make steps: floor, ceil, round and their like, whole division, and changing the kind of number.

A step is flat, so its slope is 0 wherever it has one; at the jumps it has none. What is left over after a whole division is not
flat: it climbs with its input until the next jump.

    >>> from chalkgrad import grad
    >>> grad(np.mod)(7.5, 2.0), grad(lambda x: x * np.floor(x))(2.5)
    (1.0, 2.0)
"""

from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.graph.gate import Gate, Hazard, Kink, Sample, at, define
from chalkgrad.graph.look import function

FLAT = "the slope at a jump counts as 0"
NONE = "none: it jumps"


def _step(name: str, lesson: str, jumps: Any, functions: tuple[Any, ...]) -> Gate:
    return define(Gate(
        name=name, numpy=functions, family="rounding", symbol=name,
        forward=lambda xp, x: getattr(xp, name)(x),
        local=lambda xp, x, out: (0.0,),
        look=function(name),
        lesson=f"{lesson}; a step is flat and lets no gradient pass",
        samples=(at(2.3), at([-1.7, 3.6])),
        kinks=(Kink(jumps, FLAT, NONE),),
    ))  # fmt: skip


def _whole(xp: Any, x: Any) -> Any:
    return xp.equal(x, xp.floor(x))


FLOOR = _step("floor", "the largest whole number that is not above", _whole, (np.floor,))
CEIL = _step("ceil", "the smallest whole number that is not below", _whole, (np.ceil,))
TRUNC = _step("trunc", "the whole number next to it towards zero", lambda xp, x: _whole(xp, x) & (x != 0), (np.trunc, np.fix))
RINT = _step("rint", "the nearest whole number", lambda xp, x: xp.equal(xp.absolute(x - xp.trunc(x)), 0.5), (np.rint,))

STEPS: tuple[Sample, ...] = (at(7.5, 2.0), at([-1.7, 3.6], 1.5))
BESIDE = "the slope at a jump is that of the side without the jump"
BY_ZERO = Hazard(lambda xp, x, y: y == 0, "division by zero has no value")

FLOOR_DIVIDE = define(Gate(
    name="floor_divide", numpy=(np.floor_divide,), family="rounding", arity=2, symbol="//",
    forward=lambda xp, x, y: xp.floor_divide(x, y),
    local=lambda xp, x, y, out: (0.0, 0.0),
    look=function("floor_divide"),
    lesson="how many times y fits into x is a step; it lets no gradient pass",
    samples=STEPS, kinks=(Kink(lambda xp, x, y: xp.equal(xp.remainder(x, y), 0.0), FLAT, NONE),), hazards=(BY_ZERO,),
))  # fmt: skip

REMAINDER = define(Gate(
    name="remainder", numpy=(np.remainder,), family="rounding", arity=2, symbol="mod",
    forward=lambda xp, x, y: xp.remainder(x, y),
    local=lambda xp, x, y, out: (1.0, -xp.floor_divide(x, y)),
    look=function("remainder"),
    lesson="what is left of x after taking y away as often as it fits: it climbs with x, and falls with y as often as y fits",
    samples=STEPS, kinks=(Kink(lambda xp, x, y: xp.equal(xp.remainder(x, y), 0.0), BESIDE, NONE),), hazards=(BY_ZERO,),
))  # fmt: skip

FMOD = define(Gate(
    name="fmod", numpy=(np.fmod,), family="rounding", arity=2, symbol="fmod",
    forward=lambda xp, x, y: xp.fmod(x, y),
    # x/y itself may round up to a whole number that y does not fit into x so often.
    local=lambda xp, x, y, out: (1.0, -xp.rint(xp.stop((x - out) / y))),
    look=function("fmod"),
    lesson="as mod, with the sign of x: it climbs with x, and falls with y as often as y fits",
    samples=STEPS, kinks=(Kink(lambda xp, x, y: xp.equal(xp.fmod(x, y), 0.0) & (x != 0), BESIDE, NONE),), hazards=(BY_ZERO,),
))  # fmt: skip

CAST = define(Gate(
    name="cast", family="rounding", symbol="as", params=MappingProxyType({"dtype": "float64"}),
    forward=lambda xp, x, *, dtype: xp.cast(x, dtype),
    linear="jointly",
    pull=lambda xp, upstream, inputs, slot, *, dtype: upstream,
    look=function("cast"),
    lesson="another precision is the same number, rounded; the gradient is handed on",
    samples=(at(2.5), at([-1.5, 3.25])),
))  # fmt: skip

AS_WHOLE = define(Gate(
    name="as_whole", family="rounding", symbol="as", params=MappingProxyType({"dtype": "int64"}),
    forward=lambda xp, x, *, dtype: xp.cast(xp.trunc(x), dtype),
    look=function("as_whole"),
    lesson="turning numbers into whole ones (or into true and false) leaves no slope",
    samples=(at(2.3), at([-1.7, 3.6])),
))  # fmt: skip
