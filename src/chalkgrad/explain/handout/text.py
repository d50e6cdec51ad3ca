"""A handout for the terminal: relations one under another, reasons beside their lines where there is room.

The pieces are those of a worked solution; rich itself is imported there alone, and here only met through its protocol.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chalkgrad.explain.handout.model import HandedOut, Section, Table
from chalkgrad.explain.lesson import Both, Equation
from chalkgrad.explain.text import GRADIENT, HEADING, QUIET, VALUE, equation, printed, section

GAP = 3  # columns between what stands side by side
RELATIONS = 3  # columns of " = "
NARROW = 20  # columns; in fewer, nothing is set in


def render(answer: HandedOut, console: Any = None) -> str:
    """The handout as text. With a `console` it is printed there, in that console's width and colours."""
    handout = answer.handout
    parts: list[Any] = [_Words(handout.title, HEADING)]
    for one in handout.sections:
        parts += section(one.title, _body(one))
    return printed(_Parts(parts), console)


def _body(one: Section) -> Iterator[Any]:
    yield from (_Words(sentence) for sentence in one.sentences)
    if one.lines and one.layout == "row":
        yield _Row(one.lines)
    elif one.lines:
        yield _Lines(one.lines, coloured=one.layout == "lines")
    if one.table is not None:
        yield from (_Words(row, HEADING if place == 0 else "", wrapped=False) for place, row in enumerate(_rows(one.table)))
    yield from (_Words(sentence, QUIET) for sentence in one.closing)


class _Parts:
    """Several things one under another."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = parts

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        yield from self.parts


class _Words:
    """A sentence as it is, without markup."""

    def __init__(self, text: str, style: str = "", *, wrapped: bool = True) -> None:
        self.text, self.style, self.wrapped = text, style, wrapped

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        words = console.render_str(self.text, style=self.style, markup=False, emoji=False, highlight=False)
        words.no_wrap = not self.wrapped
        words.overflow = "fold"
        yield words


class _Row:
    """Lines side by side."""

    def __init__(self, lines: Sequence[Equation]) -> None:
        self.lines = lines

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        whole = equation(self.lines[0], VALUE)
        for line in self.lines[1:]:
            whole.append(",  ")
            whole.append_text(equation(line, VALUE))
        yield whole


class _Lines:
    """Lines with their relations one under another. Reasons stand in a column beside them, or below where it is narrow."""

    def __init__(self, lines: Sequence[Equation], *, coloured: bool) -> None:
        left = max(len(line.left.text) for line in lines)
        self.texts = [equation(_padded(line, left), _colour(line) if coloured else "") for line in lines]
        self.reasons = [f"({line.why})" if line.why else "" for line in lines]
        self.set_in = left + RELATIONS

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        width = options.max_width
        widest = max((text.cell_len for text, why in zip(self.texts, self.reasons, strict=True) if why), default=0)
        beside = all(widest + GAP + len(why) <= width for why in self.reasons if why)
        for text, why in zip(self.texts, self.reasons, strict=True):
            if why and beside:
                yield text + text.blank_copy(" " * (widest - text.cell_len + GAP)) + _quiet(text, why)
                continue
            yield from self._set_in(text, console, width)
            if why:
                yield from self._set_in(text.blank_copy(" " * self.set_in) + _quiet(text, why), console, width)

    def _set_in(self, text: Any, console: Any, width: int) -> Iterator[Any]:
        """A line that is too long goes on under its right side."""
        room = width - self.set_in
        if text.cell_len <= width or room < NARROW:
            yield text
            return
        left, right = text[: self.set_in], text[self.set_in :]
        for place, piece in enumerate(right.wrap(console, room)):
            yield (left if place == 0 else text.blank_copy(" " * self.set_in)) + piece


def _quiet(text: Any, why: str) -> Any:
    reason = text.blank_copy(why)
    reason.stylize(QUIET)
    return reason


def _colour(line: Equation) -> str:
    return GRADIENT if line.left.text.startswith("∂") else VALUE


def _padded(line: Equation, width: int) -> Equation:
    left = line.left.text.ljust(width)
    return replace(line, left=Both(left, line.left.latex))


def _rows(table: Table) -> list[str]:
    """The header and the rows, columns aligned: words to the left, numbers to the right."""
    cells = [list(table.header), *([cell if isinstance(cell, str) else cell.text for cell in row] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    words = [isinstance(cell, str) for cell in table.rows[0]]
    gap = " " * GAP
    return [
        gap.join(cell.ljust(width) if word else cell.rjust(width) for cell, width, word in zip(row, widths, words, strict=True))
        for row in cells
    ]
