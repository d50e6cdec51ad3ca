"""Whether a side says what the first is: as a number within rounding, as a function nearby, at a kink among the slopes there."""

from typing import Any

import numpy as np

from chalkgrad.handwork.verdict.model import HERE, Where
from chalkgrad.handwork.verdict.reading import Reading, Truly, cut_off
from chalkgrad.reading.formula.names import normalised

RELATIVE = 1e-9  # far above the rounding of float64, far below what a wrong rule does to a number
ABSOLUTE = 1e-12  # of the largest number that comes up on the way
SAMPLES = 3
BESIDE, TURNS = 1e-7, 24  # how close to a kink its slopes are looked at, and from how many directions


def close(a: Any, b: Any, slack: Any = 0.0, scale: float = 0.0) -> bool:
    """Whether two numbers, or two arrays entry by entry, are one within `slack` and the rounding of float64."""
    first, second = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    if first.ndim and not second.ndim:
        second = np.broadcast_to(second, first.shape)  # 1 for [1, 1]
    if first.shape != second.shape:
        if first.size != second.size or min(first.ndim, second.ndim) == 0:
            return False
        first, second = first.ravel(), second.ravel()  # a column and a row hold the same entries
        slack = np.ravel(slack) if np.ndim(slack) else slack
    slacks = np.broadcast_to(np.asarray(slack, np.float64), first.shape)
    return all(_close(one, other, by, scale) for one, other, by in zip(first.flat, second.flat, slacks.flat, strict=True))


def _close(a: Any, b: Any, slack: float, scale: float) -> bool:
    if a == b:
        return True
    if a != a or b != b or abs(a) == np.inf or abs(b) == np.inf:
        return False
    return bool(abs(a - b) <= float(slack) * (1 + RELATIVE) + RELATIVE * max(abs(a), abs(b)) + ABSOLUTE * scale)


def finite(value: Any) -> bool:
    """Whether all entries are numbers."""
    return all(one == one and abs(one) != np.inf for one in np.asarray(value, dtype=object).flat)


def number(reading: Reading, where: Where = HERE) -> Any:
    """The true number of a side; in multi-precision where float64 overflows on the way."""
    value = reading.value(Truly(reading.model, where))
    if finite(value):
        return value
    return reading.value(Truly(reading.model, Where(where.varied, where.seed, where.size, where.at, exact=True)))


def same_number(head: Reading, side: Reading, where: Where = HERE) -> bool:
    """Whether the numbers are the same, within what is rounded on either side."""
    a, b = number(head, where), number(side, where)
    scale = max(head.size(Truly(head.model, where)), side.size(Truly(side.model, where)))
    slack = np.asarray(side.slack) + np.asarray(head.slack) if np.ndim(head.slack) == 0 else side.slack
    return close(a, b, slack, scale) or _cut(a, b, side)


def _cut(truth: Any, said: Any, side: Reading) -> bool:
    """Whether the digits of the truth were cut off."""
    allowed = cut_off(side.side.text, side.side.sign)
    if not allowed or np.ndim(truth) or not finite(truth):
        return False
    return bool(0 <= abs(float(truth)) - abs(float(said)) < allowed and float(truth) * float(said) >= 0)


def same_function(head: Reading, side: Reading) -> bool:
    """Whether the sides agree where the inputs behind the side's names move, while what it wrote as numbers stays.

    Where they do not, a number in it may stand for a name: in 6·V for V·V at V = 6, the 6 was put in for one of them.
    """
    if not side.names and not side.marks:
        return True
    if _moves_alike(head, side) or (side.marks and side.has_numbers):
        return True
    return any(_moves_alike(head, other) for other in side.with_numbers_named())


def free_inputs(*readings: Reading) -> frozenset[str]:
    """The inputs without a value on which the sides depend."""
    return frozenset().union(*(_inputs(one) & one.model.free for one in readings))


def is_settled(reading: Reading, free: frozenset[str] | None = None) -> bool:
    """Whether the number of a side does not depend on inputs without a value, or on the ones told."""
    if free is None:
        free = free_inputs(reading) if reading.model.free else frozenset()
    return not free or close(number(reading), number(reading, Where(free, seed=1)))


def at_kink(head: Reading, side: Reading) -> bool:
    """Whether the given point is a kink, and the side lies among the slopes around it: any valid subgradient is right."""
    if not head.marks or side.names or side.marks:
        return False
    every = frozenset(head.model.given)
    points = (Truly(head.model, Where(every, turn, BESIDE)) for turn in range(TURNS))
    slopes = [np.asarray(head.value(point), np.float64) for point in points]
    if any(one.shape != slopes[0].shape for one in slopes) or not all(np.isfinite(one).all() for one in slopes):
        return False
    low, high = np.min(slopes, axis=0), np.max(slopes, axis=0)
    slack = 1e-5 * (1 + np.maximum(np.abs(low), np.abs(high)))
    said = np.asarray(number(side), np.float64)
    if said.shape != low.shape or not (high - low > slack).any():
        return False
    return bool(np.all((said >= low - slack) & (said <= high + slack)))


def _moves_alike(head: Reading, side: Reading) -> bool:
    # An input that the first side does not depend on stands for its number: v2 = 3^2 = 9 is a name for 9.
    varied = (_inputs(side) & _inputs(head)) | free_inputs(head, side)
    compared = 0
    for seed in range(1, SAMPLES + 1):
        where = Where(varied, seed)
        a, b = number(head, where), number(side, where)
        if not finite(a) or not finite(b):
            continue
        compared += 1
        scale = max(head.size(Truly(head.model, where)), side.size(Truly(side.model, where)))
        if not close(a, b, side.slack, scale):
            return False
    return compared > 0 or same_number(head, side)


def _inputs(reading: Reading) -> frozenset[str]:
    """The inputs that a side speaks of: those behind its names, and all behind its derivatives."""
    names = reading.model.inputs_behind(reading.names)
    for mark in reading.marks.values():
        if mark.number is None:
            of = normalised(mark.of) if mark.of else reading.model.result
            names |= reading.model.inputs_behind([of]) if of in reading.model.wires else frozenset(reading.model.leaves)
    return names
