"""From a wrong side to the question which mistake makes it; for a wrong formula, the mistakes that make it at every point."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.handwork.claims import EVERY
from chalkgrad.handwork.mistakes import Diagnosis, Question, Written, diagnose
from chalkgrad.handwork.verdict.comparing import close
from chalkgrad.handwork.verdict.model import HERE, Model, Where
from chalkgrad.handwork.verdict.reading import Reading, Truly
from chalkgrad.reading.formula.names import normalised

SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
ROUNDING = 1e-9  # of a number that was computed, not written
POINTS = 2  # beside the given one, at which a wrong formula is looked at


def ask(
    head: Reading, side: Reading, earlier: Reading | None, wrong: Mapping[tuple[int, int | None], Any]
) -> tuple[Diagnosis, ...]:
    """The mistakes that make `side` of what `head` truly is. `earlier` is the right side before it; `wrong` was asserted above."""
    wires = head.wires
    numeric = not side.names and not side.marks
    written = _written(side) or (_written(earlier) if earlier is not None else None)
    if wires is None and numeric and [mark.by for mark in head.marks.values()] == [(EVERY,)]:
        return _of_gradient(head, side)
    if wires is None:
        basis = earlier if earlier is not None and earlier.formula is not None else head
        return _of_expression(basis, side, written)
    model = head.model
    if numeric:
        return _of_wires(model, wires, side.value(Truly(model)), _slack(side), HERE, wrong, written)
    varied = frozenset(model.leaves)
    found: tuple[Diagnosis, ...] | None = None
    for where in (HERE, *(Where(varied, seed) for seed in range(1, POINTS + 1))):
        value = side.value(Truly(model, where))
        if close(value, head.value(Truly(model, where))):
            continue  # the right number by chance
        slack = ROUNDING * (1 + float(np.max(np.abs(value))))
        here = _of_wires(model, wires, value, slack, where, wrong if where == HERE else {}, None)
        names = {_names(one) for one in here}
        found = here if found is None else tuple(one for one in found if _names(one) in names)
        if not found:
            return ()
    return found or ()


def _names(diagnosis: Diagnosis) -> tuple[str, ...]:
    return tuple(one.name for one in diagnosis.mistakes)


def _slack(side: Reading) -> float:
    return float(np.max(np.asarray(side.slack)))


def _of_wires(model: Model, wires: tuple[int, int | None], claimed: Any, slack: float, where: Where,
              wrong: Mapping[tuple[int, int | None], Any], written: Written | None) -> tuple[Diagnosis, ...]:  # fmt: skip
    values = dict(model.fed(model.point(where)))
    values |= {of: value for (of, by), value in wrong.items() if by is None}
    slopes = {(of, by): value for (of, by), value in wrong.items() if by is not None}
    question = Question(
        graph=model.graph, output=model.wires[model.result] if model.results else wires[0], names=model.wires, values=values,
        numerator=wires[0], denominator=wires[1], claimed=claimed, slack=slack, slopes=slopes, written=written,
    )  # fmt: skip
    return diagnose(question)


def _of_gradient(head: Reading, side: Reading) -> tuple[Diagnosis, ...]:
    """The first entry of a gradient that is wrong."""
    model = head.model
    (mark,) = head.marks.values()
    truths, said = np.ravel(head.value(Truly(model))), np.ravel(side.value(Truly(model)))
    numerator = model.wires[normalised(mark.of) if mark.of else model.result]
    inputs = [leaf for leaf in model.leaves.values() if model.depends(numerator, leaf)]
    if truths.shape != said.shape or len(inputs) != len(said):
        return ()
    place = next(place for place, (one, other) in enumerate(zip(truths, said, strict=True)) if not close(one, other, _slack(side)))
    return _of_wires(model, (numerator, inputs[place]), said[place], _slack(side), HERE, {}, None)


def _of_expression(basis: Reading, side: Reading, written: Written | None) -> tuple[Diagnosis, ...]:
    """A line about numbers alone, or about no single wire: the expression itself is the graph."""
    formula = basis.formula
    here = Truly(basis.model)
    if formula is None:
        return ()
    values = {leaf: basis.leaf(name, here) for name, leaf in formula.leaves.items()}
    question = Question(
        graph=formula.graph, output=formula.output, names=formula.leaves, values=values, numerator=formula.output,
        denominator=None, claimed=side.value(here), slack=_slack(side), written=written,
    )  # fmt: skip
    return diagnose(question)


def _written(side: Reading) -> Written | None:
    """The last sign on a side of numbers, and the numbers it joins: 2 and 12 in -2 * 12."""
    if side.formula is None or side.names or side.marks:
        return None
    graph = side.formula.graph
    sign = _sign(graph, side.formula.output)
    if not sign:
        return None
    values = side.values(Truly(side.model))
    wires, todo = [], [side.formula.output]
    while todo:
        one = todo.pop()
        if _sign(graph, one) == sign and (one == side.formula.output or sign in "+*"):
            todo.extend(reversed(graph.inputs(one)))
        else:
            wires.append(one)
    numbers = [values[one] for one in wires]
    if any(np.ndim(one) for one in numbers):
        return None
    return Written(sign, tuple(float(one) for one in numbers), side.side.written)


def _sign(graph: Graph, node: int) -> str:
    gate = graph.gate(node)
    return SIGNS.get(gate.name, "") if gate is not None else ""
