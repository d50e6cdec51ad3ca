"""Names of wires in LaTeX, and derivatives by name.

>>> latex_name("w0"), latex_name("alpha_1"), latex_name("loss")
('w_{0}', '\\\\alpha_{1}', '\\\\mathit{loss}')
>>> derivative("f", "x"), derivative("f", "x", "latex")
('∂f/∂x', '\\\\frac{\\\\partial f}{\\\\partial x}')
"""

import re
import unicodedata
from collections.abc import Sequence

from chalkgrad.notation.numbers import Style

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega"
).split()
# The steps that composite gates point out by name, where the name is a formula itself.
STEPS = {
    "log C": r"\log C",
    "s + log C": r"s + \log C",
    "e^(s + log C)": r"e^{s + \log C}",
    "sum of the powers": r"\sum e^{s + \log C}",
    "e^(-|x|)": r"e^{-\left|x\right|}",
}
# A command whose argument is text, escaped by `escape_latex`.
WORD = re.compile(r"\\(operatorname|mathit|mathrm|text)\{((?:[^{}\\]|\\hat\{\}|\\.)*)\}", re.DOTALL)
ESCAPES = re.compile(r"\\(?:(backslash|sim|hat\{\}) |(.))", re.DOTALL)
PARTS = re.compile(r"(?P<stem>[^\W\d_]+)_?(?P<below>\w*)(?P<primes>['′]*)", re.UNICODE)


def latex_name(name: str) -> str:
    """A wire's name in LaTeX: subscripts set low, Greek letters as commands, other words upright."""
    match = PARTS.fullmatch(name)
    if match is None:
        return STEPS.get(name, rf"\text{{{escape_latex(name)}}}")
    stem, below = match["stem"], match["below"]
    written = _stem(stem)
    if below:
        inner = below if len(below) == 1 or below.isdigit() else rf"\mathit{{{escape_latex(below)}}}"
        written += f"_{{{inner}}}"
    return written + "'" * len(match["primes"])


def derivative(of: str, by: str, style: Style = "text", *, slot: int | None = None, held: Sequence[str] = ()) -> str:
    """∂of/∂by; `slot` tells which of several inputs fed by the same wire is meant, `held` what is held fixed meanwhile."""
    if style == "latex":
        mark = "" if slot is None else f"^{{({slot + 1})}}"
        fraction = rf"\frac{{\partial {latex_name(of)}}}{{\partial {latex_name(by)}{mark}}}"
        return fraction if not held else rf"\left.{fraction}\right|_{{{', '.join(map(latex_name, held))}}}"
    mark = "" if slot is None else f"⁽{str(slot + 1).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}⁾"
    return f"∂{of}/∂{by}{mark}" + (f"|{','.join(held)}" if held else "")


def escape_latex(text: str) -> str:
    """Text in which every character that LaTeX reads as a command is written out."""
    special = {"\\": r"\backslash ", "~": r"\sim ", "^": r"\hat{} "}
    return "".join(special.get(char, "\\" + char if char in "#$%&_{}" else char) for char in text)


def unescape_latex(latex: str) -> str:
    """The text of which `escape_latex` made this."""
    spelled = {"backslash": "\\", "sim": "~", "hat{}": "^"}
    return ESCAPES.sub(lambda match: spelled[match[1]] if match[1] else match[2], latex)


def _stem(stem: str) -> str:
    if stem in GREEK or (stem.lower() in GREEK and stem.istitle()):
        return rf"\{stem}"
    if len(stem) == 1:
        spelled = unicodedata.name(stem, "")
        if spelled.startswith("GREEK SMALL LETTER ") and spelled.split()[-1].lower() in GREEK:
            return "\\" + spelled.split()[-1].lower()
        return stem
    return rf"\mathit{{{escape_latex(stem)}}}"
