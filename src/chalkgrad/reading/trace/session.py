"""One trace: a graph that grows while a function runs, with the number on every wire.

A gate is appended and computed in the same moment, so shapes and branches are concrete. Transforms that nest share one trace: an
inner `grad` holds its arguments as fresh `alias` wires of the same graph, so an inner derivative can never be mistaken for an outer
one, and closures need no care.

    >>> with Trace().underway() as trace:
    ...     x = trace.leaf("x", np.float64(3.0))
    ...     y = trace.call("square", x)
    >>> float(trace.values[y])
    9.0
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self

import numpy as np

from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.spaces import Space
from chalkgrad.reading.trace.memory import frozen, identical


class Numbers(Space):
    """NumPy's functions on values in whatever precision they have: float32 stays float32, indices stay whole numbers."""

    def constant(self, value: Any, dtype: Any = None) -> Any:
        return value if isinstance(value, bool | int | float) else value[()]


NUMBERS = Numbers()
LARGE = 512  # entries from which on an array that enters a trace twice is copied once


@dataclass(frozen=True, slots=True)
class Guard:
    """A way that was taken because of a value: the trace holds only while the wire gives the same answer again."""

    node: int
    kind: Literal["bool", "int", "array"]
    expected: Any

    def holds(self, value: Any) -> bool:
        if self.kind == "bool":
            return bool(value) is self.expected
        if self.kind == "int":
            return bool(np.isfinite(value)) and int(value) == self.expected
        return np.array_equal(value, self.expected)


class Stable(Protocol):
    """What puts stable forms in place of those that were written: `transform.stabilise`, where a transform asks for it."""

    def wire(self, node: int) -> int: ...

    def skip(self) -> None: ...


class Trace:
    """A graph, the number on each of its wires, and the guards met so far."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.values: list[Any] = []
        self.guards: list[Guard] = []
        self.copies: dict[int, tuple[Any, Any]] = {}  # of arrays that are no inputs, with the arrays themselves, by identity
        self.open = True
        self.repeatable = True  # what was traced holds for other values too, as far as the guards hold
        self.stable: Stable | None = None

    def leaf(self, name: str, value: Any) -> int:
        """An input of the trace, with its number."""
        self.catch_up()
        node = self.graph.leaf(name, np.shape(value))
        self.values.append(value)
        return node

    def constant(self, value: Any) -> int:
        """A number or array that is no input. Arrays are copied, for their owner may change them later."""
        held = self._copied(value) if isinstance(value, np.ndarray) else value
        self.catch_up()
        node = self.graph.constant(held)
        self.values.append(NUMBERS.constant(self.graph.constants[node]))
        return node

    def _copied(self, array: Any) -> Any:
        if frozen(array):
            return array
        if array.size < LARGE:
            return np.array(array)
        known = self.copies.get(id(array))
        if known is None or not identical(*known):
            known = self.copies[id(array)] = (array, np.array(array))
        return known[1]

    def call(self, name: str, *inputs: int, **params: Any) -> int:
        """Append the gate `name`, and compute its number."""
        return self.append(GATES[name], *inputs, **params)

    def append(self, gate: Gate, *inputs: int, **params: Any) -> int:
        node = self.graph.add(gate, *inputs, **params)
        self.catch_up()
        return node

    def catch_up(self) -> None:
        """Compute the wires that were drawn without numbers, as the backward pass draws them."""
        if len(self.values) < len(self.graph):
            evaluate(self.graph, {}, xp=NUMBERS, known=self.values)

    def settled(self, node: int) -> int:
        """The wire that stands for this one in the stable form, with its number; itself where no stable forms are wanted."""
        if self.stable is None:
            return node
        found = self.stable.wire(node)
        self.catch_up()
        return found

    def drawn(self) -> None:
        """Compute what a transform has drawn; it is stable as it stands."""
        self.catch_up()
        if self.stable is not None:
            self.stable.skip()

    def guard(self, node: int, kind: Literal["bool", "int", "array"], expected: Any) -> None:
        """Remember an answer on which the way taken depends."""
        self.guards.append(Guard(node, kind, expected))

    @contextmanager
    def underway(self) -> Iterator[Self]:
        """While this lasts, transforms write into this trace; outside of it, what was traced cannot be used."""
        token = _CURRENT.set(self)
        self.open = True
        try:
            yield self
        finally:
            _CURRENT.reset(token)
            self.open = False


_CURRENT: ContextVar[Trace | None] = ContextVar("chalkgrad_trace", default=None)


def current() -> Trace | None:
    """The trace that is under way in this thread, if any."""
    return _CURRENT.get()
