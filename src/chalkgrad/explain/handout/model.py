"""A handout as data: what derivations and judges have written down, before any renderer sees it.

>>> half = Equation(Both("x", "x"), (Both("1/2", r"\\frac{1}{2}"), Both("0.5", "0.5")))
>>> handout = Handout("One half", (Section("Value", lines=(half,)),))
>>> [one.title for one in handout.sections]
['Value']
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol

from chalkgrad.explain.lesson import Both, Equation
from chalkgrad.explain.picture.model import Picture

NOTHING = Both("", "")


Layout = Literal["lines", "row", "chain"]
Cell = Both | str  # a number or formula, or a word


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a header; each column holds either words or numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, then sentences, lines, a table, and closing sentences, each of which may be missing.

    Lines stand one under another, their last sides being what was worked out; or side by side in a "row"; or they are a "chain",
    where a line without a left side goes on from the line above it.
    """

    title: str
    sentences: tuple[str, ...] = ()
    lines: tuple[Equation, ...] = ()
    table: Table | None = None
    closing: tuple[str, ...] = ()
    layout: Layout = "lines"


@dataclass(frozen=True, slots=True)
class Handout:
    """A title, its sections, and the picture that a page has above them, if there is one."""

    title: str
    sections: tuple[Section, ...]
    picture: Picture | None = None


def in_words(text: str) -> Both:
    """Words where a formula could stand."""
    return Both(text, rf"\text{{{text}}}")


HANDED_OUT: Mapping[str, str] = MappingProxyType({
    "text": "chalkgrad.explain.handout.text:render",
    "markdown": "chalkgrad.explain.handout.markdown:render",
    "html": "chalkgrad.explain.handout.html:render",
})  # fmt: skip


class HandedOut(Protocol):
    """An answer whose renderings are those of its handout; its `renderers` hold HANDED_OUT."""

    @property
    def handout(self) -> Handout: ...
