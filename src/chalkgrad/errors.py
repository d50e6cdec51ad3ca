"""Errors are short letters to the reader: what happened, where, and what to try.

Every refusal in Chalkgrad is a `ChalkgradError`. Its parts stay on the exception, so that a caller (the command line, a
notebook, JSON) can arrange them as it likes; `str(error)` is the whole letter, with a caret under the text that is meant.

    >>> print(ChalkgradError("I do not know a gate called \\"sigmod\\".", source="log(sigmod(x))", span=(4, 10),
    ...                      hint="Did you mean sigmoid?"))
    I do not know a gate called "sigmod".
    <BLANKLINE>
        log(sigmod(x))
            ^^^^^^
    <BLANKLINE>
    Did you mean sigmoid?
"""

import difflib
import unicodedata
from collections.abc import Iterable
from typing import Self

WIDEST_EXCERPT = 76  # columns of source shown around the caret; the letter must fit on one screen
LONGEST_QUOTE = 40  # characters of a reader's own text that a sentence repeats

Span = tuple[int, int]


class ChalkgradError(Exception):
    """A refusal: `what` went wrong, where (`source` and `span`, character offsets), and what to try (`hint`)."""

    def __init__(self, what: str, *, source: str | None = None, span: Span | None = None, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.source = source
        self.span = span
        self.hint = hint

    def located(self, source: str, span: Span) -> Self:
        """The same error pointing at `span` of `source`, unless it already points somewhere."""
        if self.span is None:
            self.source, self.span = source, span
        return self

    def __str__(self) -> str:
        parts = [self.what]
        if self.source is not None and self.span is not None:
            parts.append(excerpt(self.source, self.span))
        if self.hint:
            parts.append(self.hint)
        return "\n\n".join(parts)


class FormulaError(ChalkgradError):
    """A formula that cannot be read."""


class GivenError(ChalkgradError):
    """A value that is missing, superfluous, or not a number. `missing` holds the names of all that are missing."""

    missing: tuple[str, ...] = ()


class ShapeError(ChalkgradError):
    """Shapes that do not fit together; the message holds both."""


class GateError(ChalkgradError):
    """A gate that is unknown, or whose declaration is unsound."""


class TooLargeError(ChalkgradError):
    """An input beyond a stated limit."""


class NoRoomError(TooLargeError, MemoryError):
    """An array that this machine's memory has no room for; also a MemoryError."""


def excerpt(source: str, span: Span) -> str:
    """The line of `source` that holds `span`, indented, with carets below it, cut to fit a screen."""
    start = min(max(span[0], 0), len(source))
    stop = max(start + 1, min(span[1], len(source)))
    line_start = source.rfind("\n", 0, start) + 1
    line_stop = source.find("\n", start)
    line_stop = len(source) if line_stop < 0 else line_stop
    first = max(line_start, min(start - WIDEST_EXCERPT // 2, line_stop - WIDEST_EXCERPT))
    last = min(line_stop, first + WIDEST_EXCERPT)
    before = "…" if first > line_start else ""
    shown = before + _printable(source[first:last]) + ("…" if last < line_stop else "")
    carets = max(1, sum(map(_columns, source[start : min(stop, last)])))
    lead = len(before) + sum(map(_columns, source[first:start]))
    return f"    {shown}\n    {' ' * lead}{'^' * carets}"


def nearest(name: str, known: Iterable[str], count: int = 5) -> list[str]:
    """The names in `known` that a reader who wrote `name` may have meant, best first."""
    if len(name) > LONGEST_QUOTE:
        return []
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=count, cutoff=0.6)
    folded = {other.casefold(): other for other in names}
    same = folded.get(name.casefold())
    return ([same] if same and same not in close else []) + close


def quote(text: str) -> str:
    """A reader's own text for use inside a sentence: in quotes, printable, and not too long."""
    cut = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return f'"{_printable(cut)}"'


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
