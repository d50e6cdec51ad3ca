"""The worked solution as JSON, for programs: the schema is docs/work.schema.json.

Numbers that are not finite are the strings "inf", "-inf", "nan", for JSON has none.
"""

import json
from typing import Any

import numpy as np

from chalkgrad.explain.lesson import Equation, Lesson, Note
from chalkgrad.explain.working import Worked
from chalkgrad.notation.numbers import nested

SCHEMA = "chalkgrad.work/1"
MOST_ENTRIES_IN_FULL = 1_000  # of an array that is not the result or one of its gradients
ENTRIES_AT_ENDS = 5


def render(worked: Worked) -> str:
    """The record as JSON text."""
    return json.dumps(record(worked), ensure_ascii=False, allow_nan=False, indent=1)


def record(worked: Worked) -> dict[str, Any]:
    """The record as plain data."""
    lesson = worked.lesson
    return {
        "schema": SCHEMA,
        "formula": [statement.text for statement in lesson.statements],
        "output": worked.numbers.view.names[worked.numbers.view.output],
        "value": nested(worked.value),
        "gradients": {name: nested(value) for name, value in worked.grad.items()},
        "finite": worked.finite,
        "stopped": None if lesson.stopped is None else _note(lesson.stopped),
        "wires": [
            {
                "name": wire.name,
                "gate": wire.gate,
                "inputs": list(wire.inputs),
                "value": condensed(wire.value),
                "gradient": None if wire.gradient is None else condensed(wire.gradient),
                "locals": [None if value is None else condensed(value) for value in wire.locals],
                "line": wire.line,
            }
            for wire in worked.wires
        ],
        "steps": _steps(lesson),
        "notes": [_note(note) for note in lesson.notes],
    }


def condensed(value: Any) -> Any:
    """A value in full, or what can be said of an array that is too large to be read."""
    if np.size(value) <= MOST_ENTRIES_IN_FULL:
        return nested(value)
    array = np.asarray(value)
    flat = array.ravel()
    with np.errstate(all="ignore"):
        norm = np.linalg.norm(flat.astype(float))
    return {
        "shape": list(array.shape),
        "smallest": nested(flat.min()),
        "largest": nested(flat.max()),
        "norm": nested(norm),
        "first": nested(flat[:ENTRIES_AT_ENDS]),
        "last": nested(flat[-ENTRIES_AT_ENDS:]),
    }


def _note(note: Note) -> dict[str, str]:
    return {"kind": note.kind, "wire": note.wire, "sentence": note.sentence}


def _steps(lesson: Lesson) -> list[dict[str, Any]]:
    """Every line of the lesson, in order: which pass, which wire, and the equation in text and LaTeX."""
    steps = [{"pass": "given", "wire": line.left.text, "gate": "input", **_equation(line)} for line in lesson.given]
    for step in lesson.forward:
        steps.append({"pass": "forward", "wire": step.wire, "gate": step.gate, **_equation(step.equation)})
        steps += [{"pass": "working", "wire": step.wire, "gate": step.gate, **_equation(line)} for line in step.working]
    for group in lesson.local:
        steps += [
            {"pass": "local", "wire": group.wire, "gate": group.gate, **_equation(line), "why": group.why}
            for line in group.equations
        ]
    steps += [{"pass": "backward", "wire": step.wire, "gate": None, **_equation(step.equation)} for step in lesson.backward]
    return steps


def _equation(equation: Equation) -> dict[str, Any]:
    pairs = list(zip(equation.signs(), equation.sides, strict=True))
    return {
        "text": " ".join([equation.left.text, *(f"{sign} {side.text}" for sign, side in pairs)]),
        "latex": " ".join([equation.left.latex, *((r"\approx " if sign == "≈" else "= ") + side.latex for sign, side in pairs)]),
        "why": equation.why,
    }
