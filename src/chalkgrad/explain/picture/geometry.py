"""The words for a finished layout: rectangles, labels, strokes. Plain data, so that a test can measure a picture."""

from dataclasses import dataclass
from typing import Literal

from chalkgrad.explain.picture.model import Box

Role = Literal["value", "gradient", "local", "mark", "title"]


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Label:
    """Text and the room reserved for it. Values, gradients and titles start at its left edge; the rest is centred."""

    rect: Rect
    text: str
    role: Role
    name: str = ""  # of the wire, written before its value
    in_key: bool = False  # it explains its role instead of playing it


@dataclass(frozen=True, slots=True)
class PlacedBox:
    rect: Rect
    box: Box
    symbol: str  # shortened to fit


@dataclass(frozen=True, slots=True)
class Stroke:
    """A piece of the wire from box `source`: level, or an S from (x, y) to (x2, y2) that leaves and arrives level."""

    source: int
    x: float
    y: float
    x2: float
    y2: float
    target: int | None = None  # the box it enters, if it enters one


@dataclass(frozen=True, slots=True)
class Layout:
    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    labels: tuple[Label, ...]
    strokes: tuple[Stroke, ...]
    branches: tuple[tuple[float, float], ...]  # a dot where a wire fans out
    arrows: tuple[tuple[float, float], ...]  # the tip of the arrow by which an output leaves
