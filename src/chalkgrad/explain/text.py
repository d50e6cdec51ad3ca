"""The worked solution and the table of gates for the terminal: colour where there is one, plain text in a pipe."""

import io
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chalkgrad.explain.gate_table import GateTable
from chalkgrad.explain.lesson import NOTE_WORDS, Equation, ForwardStep, Lesson, LocalStep, Note
from chalkgrad.explain.working import Worked

PLAIN_WIDTH = 110
INDENT = 2
HEADING, VALUE, GRADIENT, QUIET, TROUBLE = "bold", "cyan", "magenta", "dim", "bold red"


def render(worked: Worked, console: Console | None = None) -> str:
    """The solution as text. With a `console` it is printed there, in that console's width and colours."""
    return printed(lesson_lines(worked.lesson), console)


def render_gates(table: GateTable, console: Console | None = None) -> str:
    """The table of gates, one row a gate."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style=HEADING)
    for title in ("gate", "in a formula", "local gradients", "lesson"):
        grid.add_column(title, overflow="fold")
    family = ""
    for one in table.rows:
        if one.family != family:
            family = one.family
            grid.add_row(Text(f"\n{family}", style=QUIET))
        grid.add_row(Text(one.name, style=VALUE), Text(one.written), Text("\n".join(one.slopes) or "–"), Text(one.lesson))
    return printed(grid, console)


def terminal() -> Console | None:
    """The console for standard output, with its own width and colours; None where that is a file or a pipe."""
    console = Console()
    return console if console.is_terminal else None


def printed(content: RenderableType, console: Console | None = None) -> str:
    """What `content` looks like as plain text; printed on the console too, where there is one."""
    if console is not None:
        console.print(content)
        return ""
    paper = io.StringIO()
    Console(file=paper, width=PLAIN_WIDTH, color_system=None, legacy_windows=False).print(content)
    return "\n".join(line.rstrip() for line in paper.getvalue().splitlines()) + "\n"


def lesson_lines(lesson: Lesson) -> Group:
    """The whole lesson, section by section."""
    parts: list[RenderableType] = [*(Text(statement.text, style=HEADING) for statement in lesson.statements)]
    if lesson.given:
        parts += section("Given", _given(lesson.given))
    if lesson.forward:
        parts += section("Forward pass", [line for step in lesson.forward for line in _forward(step)])
    if lesson.local:
        parts += section("Local gradients", [_locals(lesson.local)])
    if lesson.backward:
        steps = [equation(step.equation, GRADIENT, step.equation.why) for step in lesson.backward]
        parts += section("Backward pass: upstream gradient · local gradient", steps)
    if lesson.stopped is not None:
        parts += section("Here the numbers stop being finite", [note_line(lesson.stopped, TROUBLE)])
    if lesson.notes:
        parts += section("Notes", [note_line(note) for note in lesson.notes])
    if lesson.answer:
        styles = [VALUE, *[GRADIENT] * (len(lesson.answer) - 1)]
        found = [equation(line, style, line.why) for line, style in zip(lesson.answer, styles, strict=True)]
        parts += section("Answer", found)
    return Group(*parts)


def section(title: str, lines: Iterable[RenderableType]) -> list[RenderableType]:
    """A heading and its lines, set in."""
    return [Text(), Text(title, style=HEADING), *(Padding(line, (0, 0, 0, INDENT)) for line in lines)]


def equation(line: Equation, style: str, why: str = "") -> Text:
    """left = side = …, the last side in colour, and a reason after it."""
    text = Text(line.left.text)
    for place, (sign, side) in enumerate(zip(line.signs(), line.sides, strict=True)):
        text.append(f" {sign} ")
        text.append(side.text, style=style if place == len(line.sides) - 1 else "")
    if why:
        text.append(f"   ({why})", style=QUIET)
    return text


def note_line(note: Note, style: str = QUIET) -> Text:
    """A remark with the word for its kind."""
    return Text.assemble((f"{NOTE_WORDS[note.kind]}: ", style), note.sentence)


def _given(lines: tuple[Equation, ...]) -> list[Text]:
    """Numbers and small arrays in one paragraph; where an array is only summarised, each input on a line of its own."""
    if any(line.why for line in lines):
        return [equation(line, VALUE, line.why) for line in lines]
    return [Text(",  ").join(equation(line, VALUE) for line in lines)]


def _forward(step: ForwardStep) -> list[RenderableType]:
    lines: list[RenderableType] = [equation(step.equation, VALUE, step.equation.why)]
    lines += [Padding(equation(line, QUIET, line.why), (0, 0, 0, 2 * INDENT)) for line in step.working]
    if step.remark:
        lines.append(Padding(Text(step.remark, style=QUIET), (0, 0, 0, 2 * INDENT)))
    return lines


def _locals(steps: Iterable[LocalStep]) -> Table:
    """One row a gate: its local gradients one under another, and beside them its lesson."""
    table = Table.grid(padding=(0, 3))
    table.add_column(overflow="fold")
    table.add_column(style=QUIET)
    for step in steps:
        slopes = Text("\n").join(equation(line, "", line.why) for line in step.equations)
        table.add_row(slopes if step.equations else Text(f"{step.wire}: a linear map"), step.why)
    return table
