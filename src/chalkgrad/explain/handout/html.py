"""A handout as an HTML page, put together from the pieces that every page is made of; or a fragment for a notebook."""

from collections.abc import Iterator
from zlib import crc32

from chalkgrad.explain.arranging import ROUNDED
from chalkgrad.explain.handout.model import HandedOut, Section, Table
from chalkgrad.explain.lesson import Equation
from chalkgrad.explain.page import Role, Sheet, document, escape, figure, formula, line, lines, table
from chalkgrad.explain.picture import draw


def render(answer: HandedOut, *, fragment: bool = False) -> str:
    """The page as text; with `fragment`, markup to put inside another page."""
    handout = answer.handout
    sheet = Sheet()
    if fragment:
        sheet = Sheet(f"chalkgrad-{crc32(repr(handout).encode('utf-8', 'backslashreplace')):08x}-", top=3)
    parts = [f"<header>\n{sheet.title(escape(handout.title))}\n</header>"]
    parts += [] if handout.picture is None else [figure(draw(handout.picture))]
    parts += [
        sheet.section(f"part-{place}", one.title, "\n".join(_body(one)), intro="".join(map(escape, one.sentences[:1])))
        for place, one in enumerate(handout.sections, start=1)
    ]
    if any(equation.rounded for one in handout.sections for equation in one.lines):
        parts.append(f"<footer>{ROUNDED}</footer>")
    return document(handout.title, "\n".join(parts), fragment=fragment)


def _body(one: Section) -> Iterator[str]:
    yield from (f'<p class="intro">{escape(sentence)}</p>' for sentence in one.sentences[1:])
    if one.lines:
        written = (line(equation, "" if one.layout == "chain" else _role(equation)) for equation in one.lines)
        yield lines(written, "given" if one.layout == "row" else "")
    if one.table is not None:
        yield _table(one.table)
    yield from (f'<p class="quiet">{escape(sentence)}</p>' for sentence in one.closing)


def _role(equation: Equation) -> Role:
    return "gradient" if equation.left.text.startswith("∂") else "value"


def _table(found: Table) -> str:
    rows = ([escape(cell) if isinstance(cell, str) else formula(cell) for cell in row] for row in found.rows)
    return table(found.header, rows, "answer")
