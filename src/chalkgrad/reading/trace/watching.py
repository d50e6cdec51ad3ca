"""A trace that also watches the function at work: which names it gives its values, and on which line each gate was made.

Before each gate the local variables of the running functions are looked at. A frame is kept until it is seen to have ended, so that
what was named after its last gate is seen as well. No source is needed for the names, and nothing hooks into the interpreter.
"""

import sys
from types import FrameType
from typing import Any, Literal, NamedTuple

import numpy as np

from chalkgrad.errors import Span
from chalkgrad.graph.gate import Gate
from chalkgrad.reading.problem import Place
from chalkgrad.reading.trace.letters import is_users, running, users_frame
from chalkgrad.reading.trace.session import Trace
from chalkgrad.reading.trace.traced import Traced


class Decision(NamedTuple):
    """A value that decided what happened next: the guard, the source of the condition, and where that stands."""

    node: int
    kind: str
    answer: Any
    condition: str
    place: Place | None


class Name(NamedTuple):
    """A name that a function gave to a wire; `depth` 0 is the function that is explained, more are those that it calls."""

    depth: int
    order: int
    name: str


class WatchedTrace(Trace):
    """Whoever runs a function in it says where to begin with `begin`, and ends with `end`."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[int, Name] = {}
        self.places: dict[int, Place] = {}
        self.decisions: list[Decision] = []
        self.outside: dict[int, str] = {}  # the arrays that the function reads beside its arguments, by node
        self.returned: tuple[str, Span] | None = None  # where the function ended
        self._base: FrameType | None = None
        self._frames: list[FrameType] = []
        self._seen = 0

    def begin(self) -> None:
        """What the caller of this calls from now on is watched."""
        self._base = sys._getframe(1)

    def end(self) -> None:
        """See the last names, and let go of everything."""
        self._leave(0)
        self._base = None

    def append(self, gate: Gate, *inputs: int, **params: Any) -> int:
        self._look()
        before = len(self.graph)
        node = super().append(gate, *inputs, **params)
        spot = _place()
        if spot is not None:
            self.places.update(dict.fromkeys(range(before, len(self.graph)), spot))
        return node

    def constant(self, value: Any) -> int:
        name = self._name_of(value) if isinstance(value, np.ndarray) and value.ndim else None
        for node, known in self.outside.items():
            if name == known and np.array_equal(self.values[node], value):
                return node
        node = super().constant(value)
        if name is not None:
            self.outside[node] = name
        return node

    def guard(self, node: int, kind: Literal["bool", "int", "array"], expected: Any) -> None:
        super().guard(node, kind, expected)
        frame = users_frame()
        spot = None if frame is None else running(frame)
        if frame is not None and spot is not None:
            (line, (start, stop)), number = spot, frame.f_lineno
            self.decisions.append(Decision(node, kind, expected, line[start:stop], Place(number, line)))
        else:
            self.decisions.append(Decision(node, kind, expected, "", None))

    def _look(self) -> None:
        """See what was named since the last look. What called a function that was running then cannot have named anything."""
        fresh: list[FrameType] = []
        frame: FrameType | None = sys._getframe(2)
        known = -1
        while frame is not None and frame is not self._base:
            if is_users(frame):
                if frame in self._frames:
                    known = self._frames.index(frame)
                    break
                fresh.append(frame)
            frame = frame.f_back
        self._leave(known + 1)
        for one in reversed(fresh):
            self._frames.append(one)
        for depth in range(max(known, 0), len(self._frames)):
            self._read(self._frames[depth], depth)

    def _leave(self, depth: int) -> None:
        """The frames from this depth on have ended."""
        while len(self._frames) > depth:
            ended = self._frames.pop()
            self._read(ended, len(self._frames))
            spot = None if self._frames else running(ended)
            if spot is not None:
                self.returned = spot[0], (0, len(spot[0]))

    def _read(self, frame: FrameType, depth: int) -> None:
        for name, value in frame.f_locals.items():
            if isinstance(value, Traced) and value.session is self and name.strip("_").isidentifier():
                self._seen += 1
                before = self.names.get(value.node)
                if before is None or depth < before.depth:
                    self.names[value.node] = Name(depth, self._seen, name)

    def _name_of(self, array: Any) -> str | None:
        """The variable that holds this very array: local, of a closure, or global."""
        self._look()
        for frame in self._frames:
            for scope in (frame.f_locals, frame.f_globals):
                for name, value in scope.items():
                    if value is array and name.strip("_").isidentifier():
                        return name
        return None


def _place() -> Place | None:
    frame = users_frame()
    spot = None if frame is None else running(frame)
    return None if frame is None or spot is None else Place(frame.f_lineno, spot[0])
