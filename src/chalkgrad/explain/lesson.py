"""A lesson as data: equations with both symbols and numbers, in the order in which a lecturer writes them.

Renderers print these and know no calculus. Everything that is written exists twice, as plain text and as LaTeX.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from chalkgrad.notation.numbers import MINUS, Style


@dataclass(frozen=True, slots=True)
class Both:
    """One piece of writing as plain text, with true minus signs, and as LaTeX."""

    text: str
    latex: str

    @classmethod
    def of(cls, write: Callable[[Style], str]) -> "Both":
        return cls(write("text").replace("-", MINUS), write("latex"))


@dataclass(frozen=True, slots=True)
class Equation:
    """left = side = … = last side; where `rounded`, the last sign is ≈, because digits were cut."""

    left: Both
    sides: tuple[Both, ...]
    rounded: bool = False
    why: str = ""

    def signs(self) -> tuple[str, ...]:
        """The sign before each side."""
        return ("=",) * (len(self.sides) - 1) + ("≈" if self.rounded else "=",)


NoteKind = Literal["kink", "flat", "independent", "not finite", "jacobian", "shortened", "branch"]
NOTE_WORDS = {
    "kink": "Kink",
    "flat": "Flat here",
    "independent": "Does not depend",
    "jacobian": "Jacobian",
    "shortened": "Shortened",
    "branch": "The way taken",
    "not finite": "Not finite",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A remark about one wire: a kink, a gradient that is zero and why, a number that is not finite."""

    kind: NoteKind
    wire: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ForwardStep:
    """How one wire gets its value; `working` shows how a composite gate goes about it."""

    wire: str
    gate: str
    equation: Equation
    working: tuple[Equation, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class LocalStep:
    """The local gradients of the gate that drives one wire, and the gate's lesson."""

    wire: str
    gate: str
    equations: tuple[Equation, ...]
    why: str


@dataclass(frozen=True, slots=True)
class BackwardStep:
    """The gradient of the output with respect to one wire."""

    wire: str
    equation: Equation
    fan_out: int = 1  # how many gates it flows back from


@dataclass(frozen=True, slots=True)
class Lesson:
    """A worked solution. `stopped` tells where the numbers stopped being finite, if they did; the steps end there."""

    title: Both
    statements: tuple[Both, ...]
    given: tuple[Equation, ...]
    forward: tuple[ForwardStep, ...]
    local: tuple[LocalStep, ...]
    backward: tuple[BackwardStep, ...]
    answer: tuple[Equation, ...]
    notes: tuple[Note, ...] = field(default=())
    stopped: Note | None = None
