"""A handout as a LaTeX document that compiles by itself."""

from collections.abc import Iterator

from chalkgrad.explain.handout.model import HandedOut, Section
from chalkgrad.explain.lesson import Equation
from chalkgrad.notation.names import escape_latex

HEAD = r"""\documentclass{article}
\usepackage{amsmath}
\usepackage[margin=25mm]{geometry}
\setlength{\parindent}{0pt}
\begin{document}
"""


def render(answer: HandedOut) -> str:
    """The document."""
    handout = answer.handout
    parts = [f"\\section*{{{escape_latex(handout.title)}}}", *(part for one in handout.sections for part in _section(one))]
    return HEAD + "\n\n".join(parts) + "\n\\end{document}\n"


def _section(one: Section) -> Iterator[str]:
    yield f"\\subsection*{{{escape_latex(one.title)}}}"
    yield from map(escape_latex, one.sentences)
    if one.lines:
        rows = " \\\\\n".join(map(_row, one.lines))
        yield f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"
    yield from map(escape_latex, one.closing)


def _row(equation: Equation) -> str:
    signs = [r"\approx" if sign == "≈" else sign for sign in equation.signs()]
    sides = " ".join(f"{sign} {side.latex}" for sign, side in zip(signs, equation.sides, strict=True))
    return f"    {equation.left.latex} &{sides}"
