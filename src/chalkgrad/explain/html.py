"""The worked solution as an HTML page: a lecturer's handout with the picture at the top, or a fragment for a notebook."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple
from zlib import crc32

from chalkgrad.errors import TooLargeError
from chalkgrad.explain.arranging import BACKWARD, FORWARD, LOCAL, ROUNDED, by_teaching, equations_of, statement
from chalkgrad.explain.lesson import BackwardStep, Both, Equation, ForwardStep, Lesson, LocalStep
from chalkgrad.explain.page import Role, Sheet, coloured, document, escape, figure, formula, line, lines, notes, table, trouble
from chalkgrad.explain.picture import draw
from chalkgrad.explain.svg import picture_of
from chalkgrad.explain.working import Worked
from chalkgrad.notation.names import latex_name

FEW_WIRES = 12  # so many are listed at a glance without being asked for


class Part(NamedTuple):
    """A section of the page; everything but the heading is markup."""

    ident: str
    heading: str
    body: str
    intro: str = ""


def render(worked: Worked, *, fragment: bool = False) -> str:
    """The page as text; with `fragment`, markup to put inside another page."""
    lesson = worked.lesson
    sheet = Sheet()
    if fragment:
        sheet = Sheet(f"chalkgrad-{crc32(repr(lesson).encode('utf-8', 'backslashreplace')):08x}-", top=3)
    parts = list(_parts(lesson, sheet))
    body = [_head(lesson, sheet), _picture(worked), "" if fragment else _contents(parts, sheet)]
    body += [sheet.section(part.ident, part.heading, part.body, intro=part.intro) for part in parts]
    if any(equation.rounded for equation in equations_of(lesson)):
        body.append(f"<footer>{ROUNDED}</footer>")
    return document(lesson.title.text, "\n".join(filter(None, body)), fragment=fragment)


def _head(lesson: Lesson, sheet: Sheet) -> str:
    statements = lines((line(statement(one)) for one in lesson.statements or (lesson.title,)), "statements")
    return f"<header>\n{sheet.title('Worked solution')}\n{statements}\n</header>"


def _picture(worked: Worked) -> str:
    try:
        drawn = draw(replace(picture_of(worked), title=""))  # the formula stands above it already
    except TooLargeError as too_large:
        return f'<p class="quiet">{escape(too_large.what)}</p>'
    return figure(drawn)


def _contents(parts: list[Part], sheet: Sheet) -> str:
    links = [f'<a href="#{sheet.ident(part.ident)}">{escape(part.heading)}</a>' for part in parts]
    return f'<nav aria-label="Contents">{" ".join(links)}</nav>'


def _parts(lesson: Lesson, sheet: Sheet) -> Iterator[Part]:
    if lesson.given:
        yield Part("given", "Given", lines((line(one, "value") for one in lesson.given), "given"))
    if lesson.forward:
        yield Part("forward", "Forward pass", lines(map(_forward, lesson.forward)), _in_colour(FORWARD, value="value"))
    if lesson.local:
        intro = _in_colour(LOCAL, local="local gradients")
        yield Part("local", "Local gradients", "\n".join(_locals(lesson)), intro)
    if lesson.backward:
        intro = _in_colour(BACKWARD, gradient="upstream gradient", local="local gradient")
        yield Part("backward", "Backward pass", lines(_backward(step, sheet) for step in lesson.backward), intro)
    if lesson.stopped is not None:
        yield Part("stopped", "Here the numbers stop being finite", trouble(lesson.stopped))
    if lesson.answer:
        yield Part("answer", "Answer", _answer(lesson) + _glance(lesson, sheet))
    if lesson.notes:
        yield Part("notes", "Notes", notes(lesson.notes))


def _in_colour(sentence: str, **words: str) -> str:
    """A sentence with one word in the colour of each role."""
    markup = escape(sentence)
    for role, word in words.items():
        markup = markup.replace(word, coloured(word, role), 1)
    return markup


def _forward(step: ForwardStep) -> str:
    working = ""
    if step.working or step.remark:
        remark = f"<p>{escape(step.remark)}</p>" if step.remark else ""
        working = f'\n<div class="working">{lines(map(line, step.working))}{remark}</div>'
    return line(step.equation, "value") + working


def _backward(step: BackwardStep, sheet: Sheet) -> str:
    return line(step.equation, "gradient", ident=sheet.ident(f"gradient-{step.wire}"), factors=True)


def _locals(lesson: Lesson) -> Iterator[str]:
    for teaching, steps in by_teaching(lesson.local).items():
        equations = [line(one, "local", first=place == 0) for step in steps for place, one in enumerate(step.equations)]
        body = (
            lines(equations, "" if any(one.why for step in steps for one in step.equations) else "pairs")
            if equations
            else _linear(steps)
        )
        yield f'<div class="gate"><p class="lesson">{escape(teaching)}</p>{body}</div>'


def _linear(steps: list[LocalStep]) -> str:
    wires = ", ".join(formula(Both(step.wire, latex_name(step.wire))) for step in steps)
    return f'<p class="quiet">{wires}: the local gradient is a linear map, no factor; the backward pass applies it.</p>'


def _answer(lesson: Lesson) -> str:
    rows = [
        (formula(one.left), _last(one, "value" if place == 0 else "gradient", one.why)) for place, one in enumerate(lesson.answer)
    ]
    return table(("Quantity", "Value"), rows, "answer")


def _last(equation: Equation | None, role: Role, why: str = "") -> str:
    if equation is None:
        return "–"
    relation = equation.signs()[-1]
    told = f' <span class="why">{escape(why)}</span>' if why else ""
    return f'<span class="{role}">{formula(equation.sides[-1], relation if relation != "=" else "", flush=True)}</span>{told}'


def _glance(lesson: Lesson, sheet: Sheet) -> str:
    """Every wire with its value and its gradient, which leads to the line where it was worked."""
    if not lesson.backward:
        return ""
    values = {line.left.text: line for line in lesson.given} | {step.wire: step.equation for step in lesson.forward}
    slopes = {step.wire: step for step in lesson.backward}
    rows = []
    for name, equation in values.items():
        slope = slopes.get(name)
        gradient = _last(None if slope is None else slope.equation, "gradient")
        if slope is not None:
            gradient = f'<a href="#{sheet.ident(f"gradient-{name}")}">{gradient}</a>'
        rows.append((formula(equation.left), _last(equation, "value", equation.why), gradient))
    opened = ' open=""' if len(rows) <= FEW_WIRES else ""
    listed = table(("Wire", "Value", "Gradient"), rows, "wires")
    return f"<details{opened}><summary>Every wire at a glance</summary>\n{listed}\n</details>"
