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

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import prod
from typing import Any, Literal, Protocol, Self

import numpy as np

from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.reading.trace.letters import taken_apart
from chalkgrad.reading.trace.memory import frozen, identical
from chalkgrad.reading.trace.numbers import NUMBERS
from chalkgrad.reading.trace.postponed import LARGE as AWAITED
from chalkgrad.reading.trace.postponed import Postponed, kind, postponed
from chalkgrad.reading.trace.scipys import recognise

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
    """A graph, the number on each of its wires, and the guards met so far.

    With `postpones`, large values wait until `number` is asked for them (`postponed`).
    """

    def __init__(self, *, postpones: bool = False) -> None:
        self.graph = Graph()
        self._postpones = postpones
        self._shapes = 0  # of the graph that have been looked at,
        self._has_large = False  # and whether one of them is large
        self.values: list[Any] = []  # or a Postponed in the place of each that waits
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
        if len(self.values) == len(self.graph):
            return
        if not self._may_postpone():
            evaluate(self.graph, {}, xp=NUMBERS, known=self.values)
            return
        for node in range(len(self.values), len(self.graph)):
            gate = self.graph.gate(node)
            if gate is None:
                self.values.append(NUMBERS.constant(self.graph.constants[node]))
                continue
            inputs, settings = [self.values[one] for one in self.graph.inputs(node)], self.graph.settings(node)
            waiting = postponed(gate, inputs, settings, self.graph.shape(node))
            self.values.append(waiting or gate.forward(NUMBERS, *map(self.number, self.graph.inputs(node)), **settings))

    def _may_postpone(self) -> bool:
        """Whether values can wait: where nothing is large, asking gate by gate would cost more than the numbers."""
        shapes = self.graph.shapes
        if self._postpones and not self._has_large and len(shapes) > self._shapes:
            self._has_large = any(prod(shape) >= AWAITED for shape in shapes[self._shapes :])
            self._shapes = len(shapes)
        return self._has_large

    def number(self, node: int) -> Any:
        """The number or array on a wire; computed now, with what it needs, if it has waited."""
        if type(self.values[node]) is Postponed:
            needed, found = [node], {node}
            for one in needed:
                fresh = {wire for wire in self.graph.inputs(one) if type(self.values[wire]) is Postponed} - found
                needed += fresh
                found |= fresh
            with np.errstate(all="ignore"):
                for one in sorted(needed):
                    gate = self.graph.gate(one)
                    assert gate is not None, "only what gates compute is postponed"
                    inputs = [self.values[wire] for wire in self.graph.inputs(one)]
                    self.values[one] = gate.forward(NUMBERS, *inputs, **self.graph.settings(one))
        return self.values[node]

    def waits(self, nodes: Iterable[int]) -> bool:
        """Whether the value of one of the wires has not been computed."""
        return any(type(self.values[node]) is Postponed for node in nodes)

    def kind(self, node: int) -> np.dtype[Any]:
        """The kind of number on a wire."""
        return kind(self.values[node])

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
        recognise()
        token = _CURRENT.set(self)
        self.open = True
        try:
            yield self
        except TypeError as error:
            letter = taken_apart(error)
            if letter is None:
                raise
            raise letter from None
        finally:
            _CURRENT.reset(token)
            self.open = False


_CURRENT: ContextVar[Trace | None] = ContextVar("chalkgrad_trace", default=None)


def current() -> Trace | None:
    """The trace that is under way in this thread, if any."""
    return _CURRENT.get()
