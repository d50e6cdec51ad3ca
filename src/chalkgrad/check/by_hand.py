"""What a gradient written by hand lacks, where one simple thing explains it: a factor, a sign, a transposition, a sum.

>>> explained(np.array([2.0, -4.0]), np.array([-2.0, 4.0]))
'Its sign is turned everywhere.'
>>> explained(np.ones((5, 3)), np.full(3, 5.0))
'Summed over axis 0 it is right: the argument was broadcast there, so its gradients add up.'
"""

import itertools
import math
from fractions import Fraction

import numpy as np

LARGEST_PART = 1000  # of a fraction that counts as a simple factor
CLOSE = 1e-6


def explained(hand: np.ndarray, right: np.ndarray) -> str:
    """A sentence that turns the one gradient into the other, or nothing."""
    if hand.shape != right.shape:
        return _by_shape(hand, right)
    if not np.any(hand):
        return "It is zero everywhere." if np.any(right) else ""
    factor = _factor(hand, right)
    if factor == -1:
        return "Its sign is turned everywhere."
    if factor is not None and factor != 1:
        said = str(factor) if isinstance(factor, Fraction) else f"{factor:.6g}"
        return f"The right one is {said} times this one everywhere.".replace("-", "−")
    if hand.ndim > 1 and _same(np.swapaxes(hand, -1, -2), right):
        return "It is transposed."
    if _same(np.abs(hand), np.abs(right)):
        return f"Only the sign is turned, in {int(np.sum(~_near(hand, right)))} of {hand.size} entries."
    if hand.size > 1 and _same(np.flip(hand), right):
        return "Its entries stand in the reverse order."
    return ""


def _by_shape(hand: np.ndarray, right: np.ndarray) -> str:
    if hand.T.shape == right.shape and _same(hand.T, right):
        return "It is transposed."
    for count in range(1, hand.ndim + 1):
        for axes in itertools.combinations(range(hand.ndim), count):
            for keepdims in (False, True):
                summed = hand.sum(axis=axes, keepdims=keepdims)
                if summed.shape == right.shape and _same(summed, right):
                    over = f"axis {axes[0]}" if count == 1 else f"the axes {', '.join(map(str, axes))}"
                    return f"Summed over {over} it is right: the argument was broadcast there, so its gradients add up."
    if hand.size == right.size and _same(hand.reshape(right.shape), right):
        return "Its numbers are right; only the shape is another."
    return ""


def _factor(hand: np.ndarray, right: np.ndarray) -> Fraction | float | None:
    """The number by which every entry must be multiplied, if there is one: a simple fraction where it is near to one."""
    place = np.unravel_index(np.argmax(np.abs(hand)), hand.shape)
    ratio = float(right[place] / hand[place])
    if ratio == 0 or not math.isfinite(ratio) or not _same(hand * ratio, right):
        return None
    simple = Fraction(ratio).limit_denominator(LARGEST_PART)
    return simple if simple and abs(simple - ratio) <= CLOSE * abs(ratio) else ratio if np.ptp(hand) > 0 else None


def _near(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    near: np.ndarray = np.isclose(one, other, rtol=CLOSE, atol=CLOSE * float(np.max(np.abs(other), initial=0.0)))
    return near


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.all(_near(one, other)))
