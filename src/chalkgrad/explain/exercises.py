"""A sheet of exercises, and the sheet of their solutions: worked by the engine that works every formula.

>>> sheet = exercise(seed=7, level=1, n=2)
>>> len(sheet.exercises), sheet.workings[0].finite
(2, True)
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from chalkgrad.explain.arranging import statement
from chalkgrad.explain.handout.model import HANDED_OUT, Handout, Section
from chalkgrad.explain.lesson import Equation, Lesson
from chalkgrad.explain.rendering import Rendered
from chalkgrad.explain.working import Worked, work_out
from chalkgrad.handwork.exercises import DEFAULT, Exercise, exercises

ASKED = "Work out the values, the local gradients, and the gradient of f by every input."
RENDERERS = MappingProxyType({
    **HANDED_OUT, "latex": "chalkgrad.explain.handout.latex:render", "json": "chalkgrad.explain.exercises:to_json",
})  # fmt: skip


class Sheet(Rendered):
    """Exercises as text, Markdown, page, LaTeX or JSON; with `solutions`, worked out."""

    renderers = RENDERERS

    def __init__(self, made: Sequence[Exercise], *, solutions: bool = False) -> None:
        self.exercises = tuple(made)
        self.solutions = solutions

    @cached_property
    def workings(self) -> tuple[Worked, ...]:
        """The worked solution of each exercise."""
        return tuple(work_out(one.read()) for one in self.exercises)

    @cached_property
    def handout(self) -> Handout:
        """What there is to say, section by section."""
        sections = (part for place, one in enumerate(self.workings, start=1) for part in self._sections(place, one.lesson))
        return Handout("Solutions" if self.solutions else "Exercises", tuple(sections))

    def _sections(self, place: int, lesson: Lesson) -> Iterator[Section]:
        asked = (*map(statement, lesson.statements or (lesson.title,)), *lesson.given)
        if not self.solutions:
            yield Section(f"Exercise {place}", sentences=(ASKED,), lines=asked)
            return
        yield Section(f"Solution {place}", lines=asked)
        yield Section("Forward pass", lines=_bare(step.equation for step in lesson.forward))
        yield Section("Local gradients", lines=_bare(line for step in lesson.local for line in step.equations))
        yield Section("Backward pass", lines=_bare(step.equation for step in lesson.backward))


def _bare(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    """Without remarks, as one would write it oneself."""
    return tuple(replace(one, why="") for one in equations)


def exercise(*, seed: int = 0, gates: Sequence[str] = DEFAULT, level: int = 1, n: int = 10, solutions: bool = False) -> Sheet:
    """A sheet of n exercises with tidy numbers, drawn from the gates; the same seed makes the same sheet.

    Level 1 has two or three gates in one formula, level 2 four or five with names for the intermediate results and inputs that
    fan out, level 3 six to eight. `solutions` works them out. Raises GivenError for gates or levels that are not known, and where
    no tidy numbers are found.
    """
    return Sheet(exercises(seed=seed, gates=gates, level=level, count=n), solutions=solutions)


def to_json(sheet: Sheet) -> str:
    """The exercises with their answers, for programs."""
    records: list[dict[str, Any]] = [
        {"formula": one.formula, "values": dict(one.values), "value": worked.value, "gradients": dict(worked.grad.items())}
        for one, worked in zip(sheet.exercises, sheet.workings, strict=True)
    ]
    return json.dumps({"schema": "chalkgrad.exercises/1", "exercises": records}, indent=2, ensure_ascii=False) + "\n"
