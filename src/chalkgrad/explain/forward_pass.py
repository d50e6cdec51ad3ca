"""The forward pass in lines: each wire as a formula of the wires before it, with their numbers, and its value.

A composite gate also shows its working: what its textbook form would yield here, and the safe steps it takes instead.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.explain.lesson import Both, Equation, ForwardStep
from chalkgrad.explain.view import View
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.notation.expression import ELLIPSIS, Part, named, number, write
from chalkgrad.notation.names import latex_name
from chalkgrad.notation.numbers import Style, exact, show, summary
from chalkgrad.transform.unfold import meaning, steps

LONGEST = 160  # characters of an expression before it is shortened
LONGEST_OF_ARRAYS = 100  # characters of a line of arrays in numbers; a longer one is shown in symbols and in its result only
ABRIDGED = re.compile(r"[\[ ]…[,)]")
SAME_NUMBER = 1e-9  # a textbook form that agrees with the safe one so far needs no remark


def value_equation(name: str, value: Any, digits: int) -> Equation:
    """name = value."""
    left = Both(name, latex_name(name))
    return Equation(left, (Both.of(lambda style: show(value, digits, style)),), not exact(value, digits), summary(value))


def forward_steps(view: View, values: Sequence[Any], digits: int, dtype: Any) -> list[ForwardStep]:
    """One step for each shown wire that a gate drives, in order of evaluation."""
    numbers = Numbers(view, values, digits)
    return [_step(view, wire, numbers, values, digits, dtype) for wire in view.wires if not view.graph.is_leaf(wire)]


def _step(view: View, wire: int, numbers: "Numbers", values: Sequence[Any], digits: int, dtype: Any) -> ForwardStep:
    graph, name, gate = view.graph, view.names[wire], view.graph.gate(wire)
    symbols = Both.of(lambda style: write(graph, wire, view.parts(style, wire), style, opened=True, longest=LONGEST))
    figures = Both.of(lambda style: write(graph, wire, numbers.parts(style), style, opened=True, longest=LONGEST))
    value = Both.of(lambda style: show(values[wire], digits, style))
    left = Both(name, latex_name(name))
    sides = distinct(symbols, *readable(figures), value)
    equation = Equation(left, sides, not exact(values[wire], digits), summary(values[wire]))
    working, remark = _working(gate, view, wire, values, digits, dtype) if gate is not None and gate.means else ((), "")
    return ForwardStep(name, gate.name if gate else "constant", equation, working, remark)


class Numbers:
    """The parts of an expression when its wires are replaced by their values; made when they are asked for."""

    def __init__(self, view: View, values: Sequence[Any], digits: int) -> None:
        self._made: dict[str, dict[int, Part]] = {
            style: {wire: number(values[wire], digits, style) for wire in view.wires} for style in ("text", "latex")
        }

    def parts(self, style: str) -> Mapping[int, Part]:
        return self._made[style]


def readable(figures: Both) -> tuple[Both, ...]:
    """The same line in numbers, unless it is about arrays that are too large to be read so."""
    large = "[" in figures.text and (len(figures.text) > LONGEST_OF_ARRAYS or ABRIDGED.search(figures.text) is not None)
    return () if large or figures.text == ELLIPSIS["text"] else (figures,)


def distinct(*sides: Both) -> tuple[Both, ...]:
    """The sides without one that repeats the next."""
    return tuple(side for side, after in zip(sides, (*sides[1:], None), strict=True) if after is None or side.text != after.text)


def _working(gate: Gate, view: View, wire: int, values: Sequence[Any], digits: int, dtype: Any) -> tuple[tuple[Equation, ...], str]:
    """What the textbook form of a composite gate yields here, and where that fails or the gate works on arrays, its safe steps."""
    graph = view.graph
    inputs, settings = graph.inputs(wire), graph.settings(wire)
    scratch = Graph()
    leaves = tuple(scratch.leaf(view.name(one), graph.shape(one)) for one in inputs)
    textbook = meaning(gate, scratch, leaves, **settings)
    safe = steps(gate, scratch, leaves, **settings)
    found = evaluate(scratch, {leaf: values[one] for leaf, one in zip(leaves, inputs, strict=True)}, dtype=dtype)
    naive, right = found[textbook], np.asarray(values[wire])
    with np.errstate(all="ignore"):
        agrees = bool(np.all((np.abs(naive - right) <= SAME_NUMBER * np.abs(right)) | (naive == right)))
    trouble = next((node for node in range(textbook) if not is_finite(found[node])), None)
    lines = [_line(scratch, node, None, found, digits, "the textbook form") for node in (trouble, textbook) if node is not None]
    if agrees and "axis" not in settings:
        return tuple(lines), ""
    named_steps = {scratch.names[node]: node for node in range(textbook + 1, safe + 1) if node in scratch.names}
    lines += [_line(scratch, node, name, found, digits) for name, node in named_steps.items()]
    return tuple(lines), "" if agrees else _remark(naive)


def _line(graph: Graph, node: int, name: str | None, values: Sequence[Any], digits: int, why: str = "") -> Equation:
    """name = expression = value; without a name, the expression itself stands on the left."""
    spoken = {one: word for one, word in graph.names.items() if one < node}

    def written(style: Style) -> str:
        return write(graph, node, {one: named(word, style) for one, word in spoken.items()}, style, opened=True, longest=LONGEST)

    symbols, value = Both.of(written), Both.of(lambda style: show(values[node], digits, style))
    left = symbols if name is None else Both.of(lambda style: name if style == "text" else latex_name(name))
    sides = (value,) if name is None or left.text == symbols.text or left.latex == symbols.latex else distinct(symbols, value)
    return Equation(left, sides, not exact(values[node], digits), "; ".join(filter(None, (why, summary(values[node])))))


def _remark(naive: Any) -> str:
    trouble = "loses digits" if np.all(np.isfinite(naive)) else "overflows"
    return f"In floating point the textbook form {trouble} here, so the gate works another way."


def is_finite(value: Any) -> bool:
    """Whether every entry is a finite number."""
    return math.isfinite(value) if isinstance(value, float) else bool(np.all(np.isfinite(value)))
