"""Gates on conditions and on bits: and, or, not, is-nan and their like. None of them has a slope.

>>> from chalkgrad import grad
>>> grad(lambda x: np.where(np.logical_and(x > 0, np.isfinite(x)), x * x, 0.0))(3.0)
6.0
"""

from types import MappingProxyType

import numpy as np

from chalkgrad.graph.gate import Gate, at, define
from chalkgrad.graph.look import function
from chalkgrad.graph.shapes import reduced


def _logic(name: str, arity: int, lesson: str) -> Gate:
    inputs = ((True, False), ([True, False], True)) if arity == 2 else ((True,), ([True, False],))
    return define(Gate(
        name=name, numpy=(getattr(np, name),), family="logic", arity=arity, symbol=name.removeprefix("logical_"),
        forward=lambda xp, *inputs: getattr(xp, name)(*inputs),
        look=function(name),
        lesson=f"{lesson}; it has no slope",
        samples=tuple(at(*one) for one in inputs),
    ))  # fmt: skip


LOGICAL_AND = _logic("logical_and", 2, "true where both are")
LOGICAL_OR = _logic("logical_or", 2, "true where at least one is")
LOGICAL_XOR = _logic("logical_xor", 2, "true where exactly one is")
LOGICAL_NOT = _logic("logical_not", 1, "true where its input is false")


def _kind_of_number(name: str, what: str) -> Gate:
    return define(Gate(
        name=name, numpy=(getattr(np, name),), family="logic", symbol=f"{what}?",
        forward=lambda xp, x: getattr(xp, name)(x),
        look=function(name),
        lesson=f"true where the number is {what}; it has no slope",
        samples=(at(2.0), at([1.0, -3.0])),
    ))  # fmt: skip


ISNAN = _kind_of_number("isnan", "no number")
ISINF = _kind_of_number("isinf", "infinite")
ISFINITE = _kind_of_number("isfinite", "finite")

SIGNBIT = define(Gate(
    name="signbit", numpy=(np.signbit,), family="logic", symbol="−?",
    forward=lambda xp, x: np.signbit(np.asarray(x, dtype=float)),
    look=function("signbit"),
    lesson="true where the number carries a minus sign, −0 too; it has no slope",
    samples=(at(2.0), at([1.0, -3.0])),
))  # fmt: skip


def _bits(name: str, arity: int, what: str) -> Gate:
    return define(Gate(
        name=name, numpy=(getattr(np, name),), family="logic", arity=arity, symbol=name.removeprefix("bitwise_"),
        forward=lambda xp, *inputs: getattr(np, name)(*(_whole(one) for one in inputs)),
        look=function(name),
        lesson=f"{what}; whole numbers have no slope",
        samples=(at(*(6.0, 3.0)[:arity]), at(*([5.0, 2.0], 1.0)[:arity])),
    ))  # fmt: skip


def _whole(x: object) -> object:
    """Bits belong to whole numbers; a graph read without kinds of number holds them as floats."""
    kind = np.asarray(x).dtype.kind
    return x if kind in "iub" else np.asarray(x, dtype=np.int64)[()]


BITWISE_AND = _bits("bitwise_and", 2, "keeps the bits that both have")
BITWISE_OR = _bits("bitwise_or", 2, "joins the bits")
BITWISE_XOR = _bits("bitwise_xor", 2, "keeps the bits that only one has")
INVERT = _bits("invert", 1, "turns every bit round")
LEFT_SHIFT = _bits("left_shift", 2, "moves the bits to the left")
RIGHT_SHIFT = _bits("right_shift", 2, "moves the bits to the right")


def _over_axes(name: str, what: str) -> Gate:
    return define(Gate(
        name=name, numpy=(getattr(np, name),), family="logic", symbol=name,
        params=MappingProxyType({"axis": None, "keepdims": False}), shape=reduced,
        forward=lambda xp, x, *, axis, keepdims: getattr(xp, name)(xp.not_equal(x, 0), axis=axis, keepdims=keepdims),
        look=function(name),
        lesson=f"true where {what} entry is; it has no slope",
        samples=(at([True, False]), at([[True, True], [False, True]], axis=1)),
    ))  # fmt: skip


ANY = _over_axes("any", "at least one")
ALL = _over_axes("all", "every")
