"""What every written-out form of a lesson arranges alike: the page and the Markdown document."""

from collections.abc import Iterator
from itertools import chain

from chalkgrad.explain.lesson import Both, Equation, Lesson, LocalStep

FORWARD = "Each gate computes its value from the values that come in."
LOCAL = "How fast a gate's output moves with each of its inputs while the others stay: its local gradients."
BACKWARD = (
    "From the output back to the inputs: upstream gradient times local gradient. "
    "Where a wire feeds several gates, its gradients add."
)
ROUNDED = "≈ means that digits were cut for reading; every step was computed with all of them."


def equations_of(lesson: Lesson) -> Iterator[Equation]:
    """Every equation of a lesson, in order."""
    return chain(
        lesson.given,
        *((step.equation, *step.working) for step in lesson.forward),
        *(step.equations for step in lesson.local),
        (step.equation for step in lesson.backward),
        lesson.answer,
    )


def statement(both: Both) -> Equation:
    """name = formula, taken apart at its first equals sign."""
    (text, _, formula), (latex, _, written) = both.text.partition(" = "), both.latex.partition(" = ")
    return Equation(Both(text, latex), (Both(formula, written),))


def by_teaching(steps: tuple[LocalStep, ...]) -> dict[str, list[LocalStep]]:
    """Gates that teach the same stand together under one sentence, in the order in which they first appear."""
    taught: dict[str, list[LocalStep]] = {}
    for step in steps:
        taught.setdefault(f"{step.why[:1].upper()}{step.why[1:]}.", []).append(step)
    return taught
