"""What the machine code of one call is told of the work: words for what is known of it beforehand (see `code`).

On the way from Python to the work over small arrays more time is lost than in it. One function, the same for all, goes that way.
A call with anything else than the arrays and floats that are expected, and trouble within the work, go to an ordinary Python
function.

What the work is, is an address of a function: work(words, job, numbers) is given its own words, a table of pointers behind room for
the crew's own words, and memory for numbers; it returns whether there was trouble.
"""

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from chalkgrad.graph.shapes import Shape
from chalkgrad.native.calling import callable_from
from chalkgrad.native.whole import code

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
Leaf = tuple[Shape, np.dtype[Any]]


class Call(NamedTuple):
    """How the work is called: by these names, or by place; and what the results are like."""

    names: Sequence[str] | None = None
    nested: bool = False  # the first result, and a tuple of the others
    floats: bool = True  # numbers of float64 are Python's floats
    said: str = ""  # what the function is called,
    doc: str | None = None  # and what it says of itself
    into: bool = False  # behind the leaves stand arrays to which those of the results are written, in their order


class Told:
    """The words, as they are put together. `numbers` is how many numbers the work gives, `steps` how many are made of them at most.

    All numbers have a place: the work's own, arguments that are floats, what steps of arithmetic give, literals, in this order.
    """

    def __init__(self, how: Call, leaves: Sequence[Leaf], numbers: int, steps: int = 0) -> None:
        self.how, self.numbers = how, numbers
        self.first_step = numbers + len(leaves)
        self.first_literal = self.first_step + steps
        self.held: list[Any] = []  # what has to stay where it is
        self.sizes: list[int] = []
        self.literals: list[float] = []
        self.records: dict[int, list[list[int]]] = {kind: [] for kind in code.WIDTHS}
        self.fits = all(shape or dtype in (SINGLE, DOUBLE) for shape, dtype in leaves)
        for place, leaf in enumerate(leaves):
            self._argument(place, *leaf)

    def _argument(self, place: int, shape: Shape, dtype: np.dtype[Any]) -> None:
        name = 0 if self.how.names is None else self.kept(sys.intern(self.how.names[place]))
        first = len(self.records[code.SIZES])
        self.records[code.SIZES] += [[size] for size in shape]
        size = math.prod(shape) * dtype.itemsize
        kind = [self.kept(dtype), len(shape), first, size] if shape else [0, 0, int(dtype == SINGLE), 0]
        self.records[code.ARGUMENTS].append([name, *kind])

    def pointer(self, kind: int, which: int) -> None:
        """The next pointer of the work's table: to what is given, made, or lies at an address."""
        self.records[code.SLOTS].append([kind, which])

    def fixed(self, array: Any) -> None:
        """The same, to an array that is known."""
        self.kept(array)
        self.pointer(code.FIXED, array.ctypes.data)

    def made(self, maker: Callable[[], Any]) -> None:
        """The next of the arrays that are made for results."""
        self.records[code.NEW].append([self.kept(maker), 0])

    def into(self, place: int) -> None:
        """The next of the arrays for results is an argument, which shares no memory with another one."""
        self.records[code.NEW].append([0, place])

    def copied(self, kind: int, which: int, size: int) -> None:
        """The last of the arrays for results is to be a copy of what is given or made, of so many bytes."""
        self.records[code.COPIES].append([len(self.records[code.NEW]) - 1, kind, which, size])

    def argument(self, place: int) -> int:
        """The place of an argument that is a float among the numbers."""
        return self.numbers + place

    def literal(self, number: float) -> int:
        """The place of a number that is known."""
        self.literals.append(number)
        return self.first_literal + len(self.literals) - 1

    def step(self, operation: str, one: int, other: int, kind: Any) -> int:
        """The place of what an operation gives for the numbers at two places, in a kind of float."""
        self.records[code.STEPS].append([code.OPERATIONS.index(operation), one, other, int(kind is np.float32)])
        return self.first_step + len(self.records[code.STEPS]) - 1

    def array(self, which: int) -> None:
        """The next result is one of the arrays that are made."""
        self.records[code.RESULTS].append([0, which, 0])

    def number(self, place: int, dtype: np.dtype[Any]) -> None:
        """The next result is a number."""
        self.fits &= dtype in (SINGLE, DOUBLE)
        plain = dtype == DOUBLE and self.how.floats
        self.records[code.RESULTS].append([1, place, 0 if plain else self.kept(dtype.type)])

    def function(self, work: int, words: Any, otherwise: Callable[..., Any]) -> Callable[..., Any] | None:
        """The function that Python calls; None where it cannot be so. `work` is the address, `words` the array it is given."""
        if not self.fits:
            return None
        self.kept(words)
        bits = np.array(self.literals, dtype=np.float64).view(np.int64).tolist()
        self.records[code.LITERALS] = [[one] for one in bits]
        head = [0] * code.HEAD
        head[code.WORK], head[code.WORDS], head[code.NUMBERS] = work, words.ctypes.data, self.numbers
        head[code.FIRST_STEP], head[code.FIRST_LITERAL] = self.first_step, self.first_literal
        head[code.ARRAY], head[code.FLOAT] = id(np.ndarray), id(float)
        head[code.NAMED], head[code.NESTED] = self.how.names is not None, self.how.nested
        told = [*head]
        for kind, records in self.records.items():
            told[kind : kind + 2] = len(records), len(told)
            told += [word for one in records for word in one]
        return callable_from(code.CODE.code(), code.NAME, otherwise, told, self.held, said=self.how.said, doc=self.how.doc)

    def kept(self, one: Any) -> int:
        """The address of an object, which stays while the function does."""
        self.held.append(one)
        return id(one)
