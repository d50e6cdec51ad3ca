"""What a picture shows: boxes, wires, and the text on them, all decided by the caller.

Everything here is finished text. Which digits to print, what a sick gate is called and how a symbol looks were decided
elsewhere, so that one picture serves every graph, and the renderer can be tested without any calculus.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Box:
    """A gate, an input or a constant, together with the one wire it drives."""

    key: int
    symbol: str  # "+", "×", "max", "x" for an input, "2" for a constant
    kind: Literal["input", "constant", "gate", "output"]
    name: str | None  # of the wire it drives, as in "V = 4"
    value: str
    gradient: str | None  # None: no gradient flows here
    mark: str | None = None  # "kink", "not finite": written under the box, which is then coloured too


@dataclass(frozen=True, slots=True)
class Wire:
    """Box `source` feeds input number `slot` of box `target`; slots count from 0, top to bottom."""

    source: int
    target: int
    slot: int
    local: str | None  # the local gradient, ∂target/∂source through this slot


@dataclass(frozen=True, slots=True)
class Picture:
    """An acyclic graph ready to draw. `title` heads the picture; `description` is read out to who cannot see it."""

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    title: str
    description: str
