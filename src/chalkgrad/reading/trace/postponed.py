"""Values of large wires that nobody has asked for yet.

Where a function is traced with large arrays, most of its values are never looked at: the textbook forms make way for stable ones,
and machine code computes those. So a large value is computed when a branch, an index or the function itself asks for it, or not at
all. Until then a stand-in of one entry tells its kind of number.

>>> from chalkgrad.gates import GATES
>>> halves = Postponed(np.ones((1, 1), np.float32))
>>> postponed(GATES["multiply"], [halves, 2.0], {}, (4096, 10)).stand_in
array([[2.]], dtype=float32)
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from chalkgrad.graph.gate import Gate
from chalkgrad.graph.shapes import Shape
from chalkgrad.reading.trace.memory import MEMORY
from chalkgrad.reading.trace.numbers import NUMBERS

LARGE = 4096  # entries of an array, among the inputs or as the result of a gate, whose value can wait

OF_THE_FIRST = frozenset("reshape transpose broadcast_to index put gather scatter replace after".split())
OF_ALL = frozenset("concatenate stack matmul einsum".split())
AT_ONCE = frozenset({"linalg"})  # families whose gates may refuse the numbers that they get, which is told with the user's line


class Postponed:
    """A value that has not been computed; `stand_in` is of its kind and has as many axes, with one entry or none along each."""

    __slots__ = ("stand_in",)

    def __init__(self, stand_in: Any) -> None:
        self.stand_in = stand_in


def kind(value: Any) -> np.dtype[Any]:
    """The dtype of a value, computed or not."""
    return np.result_type(value.stand_in if type(value) is Postponed else value)


def postponed(gate: Gate, inputs: Sequence[Any], settings: Mapping[str, Any], shape: Shape) -> Postponed | None:
    """The value of a gate as one that waits, or None where it is small, or where only the value itself tells of what kind it is."""
    if not any(type(one) is Postponed for one in inputs) and max(prod(shape), *map(np.size, inputs), 0) < LARGE:
        return None
    if gate.family in AT_ONCE:
        return None
    found = _of_the_kind(gate, inputs, settings, shape)
    # What no memory holds is asked for at once, so that NumPy refuses it at the line where it stands.
    return None if found is None or found.dtype.itemsize * prod(shape) > MEMORY else Postponed(found)


def _of_the_kind(gate: Gate, inputs: Sequence[Any], settings: Mapping[str, Any], shape: Shape) -> Any:
    if gate.name in OF_THE_FIRST or gate.name in OF_ALL:
        sources = inputs[:1] if gate.name in OF_THE_FIRST else inputs
        return np.ones((1,) * len(shape), np.result_type(*map(kind, sources)))
    with np.errstate(all="ignore"):
        try:
            found = np.asarray(gate.forward(NUMBERS, *map(_stand_in, inputs), **settings))
        except (ValueError, IndexError, TypeError):  # it needs more than one entry
            return None
    return found if found.ndim == len(shape) else None


def _stand_in(value: Any) -> Any:
    if type(value) is Postponed:
        return value.stand_in
    return value[(slice(1),) * value.ndim] if isinstance(value, np.ndarray) else value
