"""The worked solution: from a formula and its numbers to the lesson and the record of every wire.

>>> from chalkgrad.reading.formula import read
>>> worked = work_out(read("f = (x + y) * z", {"x": -2, "y": 5, "z": 2}))
>>> worked.value, worked.grad["z"], worked.wires[3].name
(6.0, 3.0, 'v1')
"""

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from chalkgrad.explain.backward_pass import Board
from chalkgrad.explain.forward_pass import forward_steps, is_finite, value_equation
from chalkgrad.explain.gradients import Gradients
from chalkgrad.explain.lesson import BackwardStep, Both, Equation, ForwardStep, Lesson, LocalStep, Note
from chalkgrad.explain.notes import branches, flat, independent, kinks, stopped_backward, stopped_forward
from chalkgrad.explain.numbers import Numbers, compute, plain
from chalkgrad.explain.options import Options
from chalkgrad.explain.rendering import Rendered
from chalkgrad.explain.view import View
from chalkgrad.notation.expression import write
from chalkgrad.notation.names import derivative, latex_name
from chalkgrad.notation.numbers import Style, exact, show, summary
from chalkgrad.reading.problem import Problem

LONGEST_STATEMENT = 400


@dataclass(frozen=True, slots=True)
class WireRecord:
    """One wire: its gate and inputs by name, its value, the output's gradient by it, and its local gradients by its inputs.

    `gradient` is None where none flows; a local gradient is None where the gate is no factor but a linear map, or has no slope.
    `line` is the line of a function that made the wire.
    """

    name: str
    gate: str
    inputs: tuple[str, ...]
    value: Any
    gradient: Any
    locals: tuple[Any, ...]
    line: int | None = None


class Worked(Rendered):
    """A worked solution: `value`, `grad` (by name), `wires`, `finite`, `lesson`; `to_text()` and its sisters render it."""

    renderers = MappingProxyType(
        {
            "text": "chalkgrad.explain.text:render",
            "markdown": "chalkgrad.explain.markdown:render",
            "html": "chalkgrad.explain.html:render",
            "svg": "chalkgrad.explain.svg:render",
            "json": "chalkgrad.explain.record:render",
        }
    )

    def __init__(self, problem: Problem, options: Options, numbers: Numbers) -> None:
        self.problem = problem
        self.options = options
        self.numbers = numbers
        self.value: Any = plain(numbers.values[numbers.view.output])
        self.grad = Gradients(numbers.gradients)

    @property
    def finite(self) -> bool:
        """Whether the value and every gradient asked for are finite."""
        return _is_finite(self.numbers)

    @cached_property
    def wires(self) -> tuple[WireRecord, ...]:
        """Every wire shown, inputs first in order of evaluation."""
        view, back, values = self.numbers.view, self.numbers.back, self.numbers.values
        local = {(flow.gate, flow.slot): flow.local for flows in self.numbers.flows.values() for flow in flows}
        records = []
        for wire in view.wires:
            total = None if back is None else back.total(wire)
            gate = view.graph.gate(wire)
            kind = "input" if view.graph.is_leaf(wire) else "constant" if gate is None else gate.name
            factors = [local.get((wire, slot)) for slot in range(len(view.feeds[wire]))]
            records.append(
                WireRecord(
                    view.names[wire],
                    kind,
                    tuple(map(view.name, view.feeds[wire])),
                    plain(values[wire]),
                    None if total is None else plain(values[total]),
                    tuple(None if node is None else plain(values[node]) for node in factors),
                    view.places[wire].line if wire in view.places else None,
                )
            )
        return tuple(records)

    @cached_property
    def lesson(self) -> Lesson:
        """The solution line by line."""
        return _lesson(self.options, self.numbers)


def work_out(problem: Problem, options: Options | None = None) -> Worked:
    """Work the formula or function: forward pass, backward pass, every number. Raises what `compute` raises."""
    chosen = Options() if options is None else options
    return Worked(problem, chosen, compute(problem, chosen))


def _lesson(options: Options, numbers: Numbers) -> Lesson:
    view, values, back, digits = numbers.view, numbers.values, numbers.back, options.digits
    trouble = stopped_forward(view, values)
    # A branch not taken, or an infinity that a later gate undoes, breaks nothing, but is not kept silent.
    stopped = None if _is_finite(numbers) else trouble
    inputs = [wire for wire in view.wires if view.graph.is_leaf(wire)]
    forward = [] if numbers.shortened else forward_steps(view, values, digits, options.numpy_dtype)
    notes = branches(numbers.problem.branches, view.names[view.output])
    notes += [] if numbers.shortened else kinks(view, values, back)
    notes += [trouble] if trouble is not None and stopped is None else []
    local: list[LocalStep] = []
    backward: list[BackwardStep] = []
    broken = stopped is not None
    if broken:
        forward = _until_trouble(forward, numbers)
    elif back is not None and not numbers.shortened:
        board = Board(view, back, numbers.flows, numbers.textbook, values, digits)
        local, backward = board.local_steps(), board.backward_steps()
        notes += flat(view, back, values, numbers.flows, digits)
        notes += independent(view, back, numbers.wanted)
        stopped = stopped_backward(view, back, values)
    if back is None:
        notes.append(_jacobian_note(view.names[view.output], numbers.problem.kind))
    if numbers.shortened:
        count = sum(view.graph.gate(node) is not None for node in range(view.output + 1))
        notes.append(
            Note(
                "shortened",
                view.names[view.output],
                f"With {count} gates the steps would fill a book, so here are the value and the gradients only.",
            )
        )
    return Lesson(
        title=_statement(view, view.output, shortened=numbers.shortened),
        statements=tuple(
            _statement(view, wire, shortened=numbers.shortened)
            for wire in (view.output, *([] if numbers.shortened else view.intermediates))
        ),
        given=tuple(value_equation(view.names[wire], values[wire], digits) for wire in inputs),
        forward=tuple(forward),
        local=tuple(local),
        backward=tuple(backward),
        answer=_answer(numbers, digits, complete=not broken),
        notes=tuple(notes),
        stopped=stopped,
    )


def _is_finite(numbers: Numbers) -> bool:
    return is_finite(numbers.values[numbers.view.output]) and all(map(is_finite, numbers.gradients.values()))


def _until_trouble(steps: list[ForwardStep], numbers: Numbers) -> list[ForwardStep]:
    """The steps up to and including the first whose value is not finite."""
    finite = {numbers.view.names[wire]: is_finite(numbers.values[wire]) for wire in numbers.view.wires}
    last = next((place for place, step in enumerate(steps) if not finite[step.wire]), len(steps))
    return steps[: last + 1]


def _statement(view: View, wire: int, *, shortened: bool) -> Both:
    """name = formula, written as the program understood it; of a formula of thousands of gates only the name."""
    if shortened:
        return Both(f"{view.names[wire]} = …", rf"{latex_name(view.names[wire])} = \ldots")

    def written(style: Style) -> str:
        parts = {one: part for one, part in view.parts(style, wire).items() if one in view.spoken}
        name = view.names[wire] if style == "text" else latex_name(view.names[wire])
        return f"{name} = {write(view.graph, wire, parts, style, opened=True, longest=LONGEST_STATEMENT)}"

    return Both.of(written)


def _answer(numbers: Numbers, digits: int, *, complete: bool) -> tuple[Equation, ...]:
    """The value and, where it is finite, the gradients: those of a value that does not exist would mislead."""
    view = numbers.view
    output = view.names[view.output]

    def line(name: str, value: Any) -> Equation:
        left = Both.of(lambda style: derivative(output, name, style))
        return Equation(left, (Both.of(lambda style: show(value, digits, style)),), not exact(value, digits), summary(value))

    value = value_equation(output, numbers.values[view.output], digits)
    return (value, *(line(name, slope) for name, slope in numbers.gradients.items() if complete))


def _jacobian_note(output: str, kind: str) -> Note:
    why = f"{output} has several entries, so its gradient is a Jacobian: row by row, the gradient of each entry."
    reduced = "np.sum(...)" if kind == "function" else "sum(...)"
    cure = f"To see the backward pass worked, pick one entry, as in (...)[0], or reduce it, as in {reduced}."
    return Note("jacobian", output, f"{why} {cure}")
