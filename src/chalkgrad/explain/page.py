"""The pieces of an HTML page: its skeleton, sections, equations in MathML, tables and notes.

Every answer that comes as a page is put together from these, so that all pages look alike. The functions return markup; what they
are given is text, escaped here, unless the parameter is called `body`, `intro` or `rows`, which is markup already. A page needs no
network and no script; a fragment brings its own style along and touches nothing around it.

    >>> formula(Both("x", "x"), "=")
    '<math displaystyle="true" alttext="= x"><mo form="infix">=</mo><mi>x</mi></math>'
"""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from chalkgrad.explain.lesson import NOTE_WORDS, Both, Equation, Note
from chalkgrad.explain.mathml import pieces, printable, sign

Role = Literal["", "value", "gradient", "local"]

WIDEST_LEFT = 32  # characters of a left side that may set the place of the equals signs


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where the pieces go: a page of their own, or a fragment whose ids and headings must get along with a notebook's.

    `prefix` stands before every id, `top` is the level of the title's heading.
    """

    prefix: str = ""
    top: int = 1

    def title(self, body: str) -> str:
        return f'<h{self.top} class="title">{body}</h{self.top}>'

    def section(self, ident: str, heading: str, body: str, *, intro: str = "", numbered: bool = True) -> str:
        """A part under a heading; `intro` is markup."""
        own, level = self.ident(ident), self.top + 1
        kind = "part numbered" if numbered else "part"
        lead = f'<p class="intro">{intro}</p>\n' if intro else ""
        return (
            f'<section class="{kind}" aria-labelledby="{own}">\n'
            f'<h{level} class="heading" id="{own}">{escape(heading)}</h{level}>\n{lead}{body}\n</section>'
        )

    def ident(self, name: str) -> str:
        """An id, as an attribute holds it."""
        return escape(self.prefix + "".join(name.split()))


def document(title: str, body: str, *, fragment: bool = False) -> str:
    """A whole page; or, as a fragment, the same in a frame of its own inside somebody else's page."""
    if fragment:
        return f'<div class="chalkgrad chalkgrad-fragment" lang="en">\n<style>\n{style()}</style>\n{body}\n</div>\n'
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n<meta name="color-scheme" content="light dark"/>\n'
        f'<style>\n{style()}</style>\n</head>\n<body class="chalkgrad chalkgrad-page">\n<main>\n{body}\n</main>\n</body>\n</html>\n'
    )


@cache
def style() -> str:
    """The style sheet."""
    return files("chalkgrad.explain").joinpath("assets", "page.css").read_text(encoding="utf-8")


def escape(text: str) -> str:
    """Text as HTML, fit for attributes too."""
    return html.escape(printable(text))


def formula(both: Both, relation: str = "", *, factors: bool = False, flush: bool = False) -> str:
    """A piece of writing as MathML, after a relation; in several elements where a long sum may be broken.

    `factors` colours upstream and local gradients in products; `flush` leaves no room before the relation.
    """
    if not both.latex and not relation:
        return ""
    parts = list(pieces(both.latex, factors=factors))
    parts[0] = (sign(relation, flush=flush) if relation else "") + parts[0]
    spoken = f' alttext="{escape(f"{relation} {both.text}".strip())}"'
    first = f'<math displaystyle="true"{spoken}>{parts[0]}</math>'
    return " ".join([first, *(f'<math displaystyle="true">{part}</math>' for part in parts[1:])])


def side(both: Both, relation: str, role: Role = "", *, factors: bool = False) -> str:
    """One side of an equation with the relation before it."""
    return f'<span class="side {role}">{formula(both, relation, factors=factors)}</span>'


def line(equation: Equation, role: Role = "", *, ident: str = "", factors: bool = False, first: bool = False) -> str:
    """An equation as a line of `lines`: its left side and last side in the colour of `role`, its reason below.

    With `factors`, upstream and local gradients inside the chain are coloured too.
    """
    last = len(equation.sides) - 1
    sides = [
        side(one, relation, role if place == last else "", factors=factors and place < last)
        for place, (relation, one) in enumerate(zip(equation.signs(), equation.sides, strict=True))
    ]
    why = f'<span class="why">{escape(equation.why)}</span>' if equation.why else ""
    mark = f' id="{ident}"' if ident else ""
    left = f'<span class="left {role}"{mark}>{formula(equation.left)}</span>'
    right = " ".join(sides) + why
    kind = "line first" if first else "line"
    if len(equation.left.text) > WIDEST_LEFT:
        return f'<div class="{kind}"><span class="right alone">{left} {right}</span></div>'
    return f'<div class="{kind}">{left} <span class="right">{right}</span></div>'


def lines(body: Iterable[str], kind: str = "") -> str:
    """Equations one under another, their relations aligned."""
    return f'<div class="lines {kind}">\n' + "\n".join(body) + "\n</div>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "", caption: str = "") -> str:
    """A table whose first column names its rows. Cells are markup."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>' for first, *others in rows
    )
    return (
        f'<div class="scroll"><table class="{kind}">{named}<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
    )


def figure(drawn: str) -> str:
    """A picture, which may be wider than the text."""
    scroll = '<div class="scroll" tabindex="0" role="group" aria-label="Picture of the graph">'
    return f'<figure class="picture">{scroll}\n{drawn}</div></figure>'


def notes(remarks: Iterable[Note]) -> str:
    """Remarks as a list, each with the word for its kind."""
    items = [f'<li class="{escape(one.kind)}">{_remark(one)}</li>' for one in remarks]
    return '<ul class="notes">\n' + "\n".join(items) + "\n</ul>"


def trouble(note: Note) -> str:
    """The remark that must not be overlooked."""
    return f'<div class="trouble" role="note"><p>{_remark(note)}</p></div>'


def coloured(text: str, role: str) -> str:
    """A word in the colour of what it names."""
    return f'<b class="{role}">{escape(text)}</b>'


def _remark(note: Note) -> str:
    return f'<span class="kind">{NOTE_WORDS[note.kind]}.</span> {escape(note.sentence)}'
