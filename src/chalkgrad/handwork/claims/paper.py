r"""The lines of a paper without what only arranges them: bullets, numbers, emphasis, dollars, tables, the dress of LaTeX.

What is taken away leaves spaces, so that every sign stays where it was written and a caret can point at it. A `;` is put where two
statements meet that only the markup divided.

    >>> [line.text.strip() for line in lines_of("1. **so** $V = x + y$, $q = 2$\n- `df/dx = 2`")]
    ['so  V = x + y ,  q = 2', 'df/dx = 2']
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_ENDS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+")
_RULE = re.compile(r"\s{0,3}(?:([-*_=])\s*)(?:\1\s*){2,}$")
_NUMBERED = re.compile(
    r"\s*(?:>\s*)*(?:[QqPp]?\d{1,3}[.)](?=\s)|\(\d{1,3}\)(?=\s)|\(?[ivx]{1,4}\)(?=\s)|\(?[a-h]\)(?=\s+[^\s*/+=·×-]))\s*"
)
_BULLET = re.compile(r"\s*(?:>\s*)*(?:[*•◦▪‣·○●■□–]|-)\s+(?:\[[ xX]\]\s+)?")
_QUOTE = re.compile(r"\s*(?:>\s?)+")
_STRUCK = re.compile(r"~~.*?~~")
_STRONG = re.compile(r"(?<![\w)\]}*])(\*\*|__)(?=\S)(.+?)(?<=\S)\1(?![\w(*])")
_EMPHASIS = re.compile(r"(?<![\w)\]}*\s^])\s*\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?=\s*[.,;:]?\s*$)")
_SLANTED = re.compile(r"(?:(?<=[\s(])|^)\*([^*\s][^*]*?)\*(?=\s*(?:[=≈.,;:]|$))")
_REMARK = re.compile(r"\s(?:#|//|%)\s.*$|[✓✔✗✘☑☐☒].*$")
_TAGS = re.compile(r"</?(?:b|i|em|strong|p|br|div|span|li|ul|ol|code|pre|u|s)\s*/?>", re.IGNORECASE)
_ENTITIES = {"&nbsp;": " ", "&minus;": "-", "&times;": "*", "&middot;": "*", "&part;": "∂", "&lt;": "<", "&gt;": ">"}
_DRESS = re.compile(
    r"\\(?:displaystyle|textstyle|boxed|underline|cancel|therefore|because|nonumber|notag|hline|centering|bigskip|medskip|smallskip"
    r"|noindent|checkmark|hspace\{[^{}]*\}|vspace\{[^{}]*\}|label\{[^{}]*\}|tag\{[^{}]*\}"
    r"|(?:begin|end)\{(?:aligned|align|align\*|equation|equation\*|gather|gather\*|gathered|split|alignat\*?|eqnarray\*?|document"
    r"|itemize|enumerate|math|displaymath)\}|item)(?![A-Za-z])"
)
_WORDS = re.compile(r"(?<!_)(?<!_\{)\\(?:text|textrm|textbf|textit|mbox|mathrm|rm)\s*\{([^{}]*)\}")
_SIGNS = {r"\partial": "∂", r"\implies": "⇒", r"\Rightarrow": "⇒", r"\Longrightarrow": "⇒", r"\rightarrow": "⇒", r"\to": "⇒",
          r"\longrightarrow": "⇒", r"\iff": "⇒", r"\Leftrightarrow": "⇒", r"\approx": "≈", r"\simeq": "≈", r"\doteq": "≈",
          r"\cong": "≈", r"\equiv": "≡", r"\coloneqq": "≡", r"\nabla": "∇", r"\sum": "∑", r"\dd": "d", r"\differentiald": "d",
          r"\quad": ";", r"\qquad": ";", r"\land": ";", r"\wedge": ";", r"\mathrm{d}": "d", r"\text{d}": "d",
          r"\operatorname{d}": "d", r"\mathrm d": "d", r"\rm d": "d", r"\displaylimits": "", r"\limits": "",
          r"\%": "%", r"\circ": "°", r"\degree": "°",
          r"\lVert": "||", r"\rVert": "||", r"\|": "||", r"\vert": "|", r"\neq": "≠", r"\ne": "≠", r"\nobreak": ""}  # fmt: skip
_MARKS = {"hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303", "vec": "\u20d7"}
_HATS = re.compile(r"\\(hat|widehat|bar|overline|tilde|vec)\s*\{\s*([A-Za-z])\s*\}")
_COMMAND = re.compile(
    "|".join(re.escape(one) + ("(?![A-Za-z])" if one[-1].isalpha() else "") for one in sorted(_SIGNS, key=len, reverse=True))
)
_DEGREES = re.compile(r"\^\s*(?:\{\s*°\s*\}|°)")
_SUPER = re.compile(r"<sup>\s*([^<]*?)\s*</sup>", re.IGNORECASE)
_SUB = re.compile(r"<sub>\s*([^<]*?)\s*</sub>", re.IGNORECASE)
_MATRIX_BEGINS = re.compile(r"\\begin\{([pbBv]?(?:small)?matrix|array)\}")
_MATRIX_ENDS = re.compile(r"\\end\{([pbBv]?(?:small)?matrix|array)\}")
_MATRIX = re.compile(r"(\\begin\{[a-zA-Z]*(?:matrix|array)\}.*?\\end\{[a-zA-Z]*(?:matrix|array)\})")
_CONTINUES = re.compile(r"\s*[+·×]\s+[^\s=]")
_GOES_ON = re.compile(r"[\w)\]}]\s*[+/·×=]\s*$|[\w)\]}]\s+\*\s*$")
MOST_JOINED, MOST_SIGNS = 60, 20_000  # lines that are read as one, and the signs from which no more are joined


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the paper: its number from 1, its readable text, as it was written, and what its place says."""

    number: int
    text: str
    written: str
    heading: bool = False  # a heading or a rule
    cells: tuple[int, ...] = ()  # where the cells of a table's row begin


def lines_of(paper: str) -> Iterator[Line]:
    """Every line that holds something."""
    written = _ENDS.split(paper)
    dashes = {number for number, line in enumerate(written) if re.match(r"\s*-\s+\S", line)}
    waiting: Line | None = None
    opened = 0
    for number, line in enumerate(written):
        if not line.strip() or line.lstrip().startswith(("```", "~~~")):
            continue
        if waiting is None:
            text = _arranged(line, lone=not {number - 1, number + 1} & dashes)
            current = Line(number + 1, text, line, heading=bool(_HEADING.match(line) or _RULE.match(line)))
        else:
            current = replace(waiting, text=f"{waiting.text} {line}", written=f"{waiting.written} {line}")
        goes_on = "=" in current.text and _CONTINUES.match(written[number + 1] if number + 1 < len(written) else "")
        if (goes_on or _is_open(current.text)) and opened < MOST_JOINED:
            waiting, opened = current, opened + 1
            continue
        waiting, opened = None, 0
        yield _undressed(current)
    if waiting is not None:
        yield _undressed(waiting)


def blank(text: str) -> str:
    """As many spaces."""
    return " " * len(text)


def padded(new: str, old: str) -> str:
    """`new` in the place of `old`."""
    return new.ljust(len(old))


def _is_open(text: str) -> bool:
    """Whether a matrix, or a line that ends in a sign, goes on in the next line."""
    if len(text) > MOST_SIGNS:
        return False
    brackets = text.count("[") - text.count("\\[") > text.count("]") - text.count("\\]")
    return brackets or _GOES_ON.search(text) is not None or len(_MATRIX_BEGINS.findall(text)) > len(_MATRIX_ENDS.findall(text))


def _arranged(line: str, *, lone: bool) -> str:
    """A line without heading, bullet, quotation mark or number. `lone`: no neighbour has a dash, so that one may be a minus."""
    if _RULE.match(line):
        return blank(line)
    for pattern in (_HEADING, _QUOTE, _BULLET, _NUMBERED, _BULLET):
        found = pattern.match(line)
        if found is None or found.end() == len(line):
            continue
        if pattern is _BULLET and lone and found[0].strip() == "-" and line[found.end()].isdigit():
            continue
        line = blank(found[0]) + line[found.end() :]
    return line


def _undressed(line: Line) -> Line:
    text = line.text.replace("\t", " ")
    for pattern in (_STRUCK, _TAGS, _REMARK):
        text = pattern.sub(lambda found: blank(found[0]), text)
    text = _SUPER.sub(lambda found: padded(f"^({found[1]})", found[0]), text)
    text = _SUB.sub(lambda found: padded(f"_{found[1]}", found[0]), text)
    for entity, sign in _ENTITIES.items():
        text = text.replace(entity, padded(sign, entity))
    text = _STRONG.sub(lambda found: f"  {found[2]}  ", text)
    text = _EMPHASIS.sub(lambda found: found[0].replace("*", " "), text)
    text = _SLANTED.sub(lambda found: f" {found[1]} ", text)
    text = text.replace("`", " ")
    if "\\" in text or "&" in text:
        text = _plain_latex(text)
    text = _without_dollars(text)
    if line.heading:
        text = text.rstrip("# ").ljust(len(text))
    if text.lstrip().startswith("|") and text.count("|") > 1:
        return replace(line, text=text, cells=tuple(found.end() for found in re.finditer(r"(?<!\\)\|", text)))
    return replace(line, text=text)


def _plain_latex(text: str) -> str:
    """LaTeX without what only dresses it; commands that a formula has stay for its reader."""
    text = _COMMAND.sub(lambda found: padded(_SIGNS[found[0]], found[0]), text)
    text = _DEGREES.sub(lambda found: padded("°", found[0]), text)
    text = _DRESS.sub(lambda found: blank(found[0]), text)
    text = _WORDS.sub(lambda found: found[1].rjust(len(found[0]) - 1) + " ", text)
    text = _HATS.sub(lambda found: padded(f"{found[2]}{_MARKS[found[1]]}", found[0]), text)
    text = re.sub(r"(?<!\\)\\[(), ;:!>]", "  ", text)
    text = re.sub(r"(?<!\\)\\[\[\]]", "  ", text)
    pieces = _MATRIX.split(text)
    pieces[::2] = [_without_rows(piece) for piece in pieces[::2]]
    return "".join(pieces).replace(r"\cr", "\\\\ ")


def _without_rows(text: str) -> str:
    """Text outside matrices: a row ends a statement, and what aligns it is nothing."""
    text = re.sub(r"\\\\(?:\[[^\]]*\])?|\\cr(?![A-Za-z])", lambda found: padded(";", found[0]), text)
    return re.sub(r"(?<!\\)&", " ", text)


def _without_dollars(text: str) -> str:
    """Between two formulas that stand side by side, a `;`; elsewhere dollars are nothing."""
    if "$" not in text:
        return text
    text = text.replace("$$", "$ ")
    pieces = text.split("$")
    for place in range(1, len(pieces) - 1):
        before, after = pieces[place - 1], pieces[place + 1]
        if not pieces[place].strip() and "=" in before and "=" in after:
            pieces[place] = padded(";", pieces[place]) if pieces[place] else ""
    return " ".join(pieces)
