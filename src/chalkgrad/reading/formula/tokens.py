"""Tokens: what each sign of a text is, and where it stands.

They are columns rather than objects, since a megabyte of formula has a million of them. `scanning` makes them.
"""

from array import array
from typing import Any

from chalkgrad.errors import FormulaError, Span, quote

LARGEST = 1.7976931348623157e308


class Tokens:
    """The tokens of one text, as columns. `values` holds what some tokens mean: a number, a spelling, a comparison.

    A WORD is a name that is one word whatever its letters, such as \\max or \\mathrm{loss}.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.latex = "\\" in source
        self.kinds: list[str] = []
        self.starts = array("i")
        self.stops = array("i")
        self.values: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self.kinds)

    def span(self, index: int) -> Span:
        return self.starts[index], self.stops[index]

    def text(self, index: int) -> str:
        return self.source[self.starts[index] : self.stops[index]]

    def number(self, index: int) -> float:
        """What a NUM means. Raises FormulaError where it is beyond the floats."""
        if index in self.values:
            return float(self.values[index])
        text = self.text(index)
        value = float(text if text.isascii() else text.replace("−", "-"))
        if value > LARGEST:
            raise FormulaError(f"The number {quote(text)} is too large.", source=self.source, span=self.span(index),
                               hint=f"Numbers go up to {LARGEST:.4g}; for infinity, write inf.")  # fmt: skip
        return value

    def spelling(self, index: int) -> str:
        """A NAME or WORD as it is written, without what only wraps it."""
        return self.values.get(index) or self.text(index)

    def add(self, kind: str, start: int, stop: int, value: Any = None) -> None:
        if value is not None:
            self.values[len(self.kinds)] = value
        self.kinds.append(kind)
        self.starts.append(start)
        self.stops.append(stop)
