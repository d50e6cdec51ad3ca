"""A handout as Markdown, its lines as LaTeX between dollar signs, by the rules that keep formulas safe from Markdown readers."""

from collections.abc import Iterator

from chalkgrad.explain.arranging import ROUNDED
from chalkgrad.explain.handout.model import HandedOut, Section
from chalkgrad.explain.markdown import aligned, inline, prose, table


def render(answer: HandedOut) -> str:
    """The document."""
    handout = answer.handout
    parts = [f"# {prose(handout.title)}", *(part for one in handout.sections for part in _section(one))]
    if any(equation.rounded for one in handout.sections for equation in one.lines):
        parts.append(f"*{ROUNDED}*")
    return "\n\n".join(parts) + "\n"


def _section(one: Section) -> Iterator[str]:
    yield f"## {prose(one.title)}"
    yield from map(prose, one.sentences)
    if one.lines:
        yield aligned(one.lines, pairs=one.layout == "row")
    if one.table is not None:
        rows = ([prose(cell) if isinstance(cell, str) else inline(cell) for cell in row] for row in one.table.rows)
        yield table(one.table.header, rows)
    yield from map(prose, one.closing)
