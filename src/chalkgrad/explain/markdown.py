"""The worked solution as Markdown with LaTeX, for GitHub, Jupyter and whatever else sets $…$.

Some of these read Markdown first and formulas afterwards, so a formula here holds nothing that Markdown would take for its own:
no backslash before punctuation, no underscore that could open emphasis, no angle bracket. Words from outside are escaped, inside
formulas too.

    >>> guarded(r"\\left[1,\\ 2\\right]"), guarded(r"\\mathit{loss}_{1}"), guarded(r"\\operatorname{log\\_softmax}")
    ('\\\\left[1,\\\\ 2\\\\right]', '\\\\mathit{loss}_ {1}', '\\\\operatorname{log-softmax}')
"""

import re
from collections.abc import Iterable, Iterator

from chalkgrad.explain.arranging import BACKWARD, FORWARD, LOCAL, ROUNDED, by_teaching, equations_of, statement
from chalkgrad.explain.lesson import NOTE_WORDS, Both, Equation, ForwardStep, Lesson, LocalStep, Note
from chalkgrad.explain.working import Worked
from chalkgrad.notation.names import WORD, latex_name, unescape_latex

LONGEST_LINE = 80  # characters of an equation as text; longer chains get a line for each side
SHORT = 34  # so short, two equations share a line

COMMANDS = {
    r"\\": r"\cr",
    r"\,": r"\thinspace ",
    r"\{": r"\lbrace ",
    r"\}": r"\rbrace ",
    "<": r"\lt ",
    ">": r"\gt ",
    "|": r"\vert ",
    "*": r"\ast ",
}
TAKEN_BY_MARKDOWN = re.compile(r"\\\\|\\[,{}]|[<>|*]")
OPENS_EMPHASIS = re.compile(r"(?<!\w)_(?=\S)")
LOOKALIKES = str.maketrans("<>$`&#%{}\\^~*|", "‹›＄ʼ＆＃％❴❵∖＾∼∗∣")  # for words only; no name that a formula can hold needs them
UNDERSCORES = {"operatorname": "-", "text": r"\_"}  # what stands in place of one; in names, a comma
SPECIAL = re.compile(r"([\\`*_{}\[\]#$|~])")


def render(worked: Worked) -> str:
    """The document."""
    lesson = worked.lesson
    parts = ["# Worked solution", aligned(map(statement, lesson.statements or (lesson.title,))), *_sections(lesson)]
    if any(equation.rounded for equation in equations_of(lesson)):
        parts.append(f"*{ROUNDED}*")
    return "\n\n".join(parts) + "\n"


def aligned(equations: Iterable[Equation], *, pairs: bool = False) -> str:
    """Equations as a display, their relations one under another; with `pairs`, two to a line if all are short."""
    all_of_them = list(equations)
    rows = [row for equation in all_of_them for row in _rows(equation)]
    if len(rows) == 1:
        return f"$$\n{rows[0].replace(' &', ' ', 1)}\n$$"
    if pairs and all(len(_text(equation)) <= SHORT and not equation.why for equation in all_of_them):
        rows = [r" &\qquad ".join(rows[place : place + 2]) for place in range(0, len(rows), 2)]
    body = " \\cr\n".join(f"    {row}" for row in rows)  # indented, so that no line begins a list or a heading
    return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$"


def inline(both: Both, relation: str = "") -> str:
    """A piece of writing inside a sentence or table cell."""
    return f"${_related(relation, both)}$" if relation else f"${guarded(both.latex)}$"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; cells are Markdown already."""
    names = list(map(prose, head))
    lines = [names, [":--"] * len(names), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def prose(text: str) -> str:
    """Text of which Markdown, HTML and LaTeX take nothing for their own."""
    escaped = SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def remark(note: Note) -> str:
    """A note with the word for its kind."""
    return f"**{NOTE_WORDS[note.kind]}.** {prose(note.sentence)}"


def guarded(latex: str) -> str:
    """LaTeX that comes unharmed through a Markdown reader that knows nothing of LaTeX."""
    pieces, end = [], 0
    for word in WORD.finditer(latex):
        pieces += [_guarded_symbols(latex[end : word.start()]), _guarded_word(word[1], unescape_latex(word[2]))]
        end = word.end()
    pieces.append(_guarded_symbols(latex[end:]))
    return OPENS_EMPHASIS.sub("_ ", "".join(pieces))


def _guarded_symbols(latex: str) -> str:
    return TAKEN_BY_MARKDOWN.sub(lambda match: COMMANDS[match[0]], latex)


def _guarded_word(command: str, text: str) -> str:
    plain = text.replace("](", "] (").translate(LOOKALIKES).replace("_", UNDERSCORES.get(command, ","))
    return rf"\{command}{{{plain}}}"


def _rows(equation: Equation) -> list[str]:
    """An equation as one line of a display, or where it is long as several."""
    left = guarded(equation.left.latex)
    sides = [_related(sign, side) for sign, side in zip(equation.signs(), equation.sides, strict=True)]
    why = rf" \qquad {_guarded_word('text', equation.why)}" if equation.why else ""
    if len(_text(equation)) <= LONGEST_LINE or len(sides) == 1:
        return [f"{left} &{' '.join(sides)}{why}"]
    return [f"{left} &{sides[0]}", *(f"&{side}" for side in sides[1:-1]), f"&{sides[-1]}{why}"]


def _related(relation: str, side: Both) -> str:
    return (r"\approx " if relation == "≈" else f"{relation} ") + guarded(side.latex)


def _text(equation: Equation) -> str:
    return " = ".join([equation.left.text, *(side.text for side in equation.sides)])


def _sections(lesson: Lesson) -> Iterator[str]:
    if lesson.given:
        yield from ("## Given", aligned(lesson.given, pairs=True))
    if lesson.forward:
        yield from ("## Forward pass", FORWARD, *_forward(lesson.forward))
    if lesson.local:
        yield from ("## Local gradients", LOCAL)
        for teaching, steps in by_teaching(lesson.local).items():
            yield from (prose(teaching), _local(steps))
    if lesson.backward:
        yield from ("## Backward pass", BACKWARD, aligned(step.equation for step in lesson.backward))
    if lesson.stopped is not None:
        yield from ("## Here the numbers stop being finite", remark(lesson.stopped))
    if lesson.answer:
        rows = ((inline(line.left), _found(line)) for line in lesson.answer)
        yield from ("## Answer", table(("quantity", "value"), rows))
    if lesson.notes:
        yield from ("## Notes", *map(remark, lesson.notes))


def _found(line: Equation) -> str:
    value = inline(line.sides[-1], "≈" if line.rounded else "")
    return f"{value} ({prose(line.why)})" if line.why else value


def _forward(steps: Iterable[ForwardStep]) -> Iterator[str]:
    """Lines in one display as long as no composite gate shows its working between them."""
    waiting: list[Equation] = []
    for step in steps:
        waiting.append(step.equation)
        if step.working or step.remark:
            yield aligned(waiting)
            waiting = []
            yield f"How the {prose(step.gate)} gate goes about it:"
            yield from (aligned(step.working),) if step.working else ()
            yield from (prose(step.remark),) if step.remark else ()
    if waiting:
        yield aligned(waiting)


def _local(steps: list[LocalStep]) -> str:
    equations = [equation for step in steps for equation in step.equations]
    if equations:
        return aligned(equations, pairs=True)
    wires = ", ".join(inline(Both(step.wire, latex_name(step.wire))) for step in steps)
    return f"{wires}: the local gradient is a linear map, no factor; the backward pass applies it."
