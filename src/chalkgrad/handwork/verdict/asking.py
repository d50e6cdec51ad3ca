"""From a wrong side to the question which mistake makes it; for a wrong formula, the mistakes that make it at every point."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.handwork.claims import EVERY
from chalkgrad.handwork.mistakes import Diagnosis, Question, Written, diagnose
from chalkgrad.handwork.verdict.comparing import close, is_settled
from chalkgrad.handwork.verdict.model import HERE, Model, Where
from chalkgrad.handwork.verdict.reading import Reading, Truly, point_of, target_of
from chalkgrad.reading.formula.names import normalised

SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
ROUNDING = 1e-9  # of a number that was computed, not written
MOST_SEARCHED = 500  # gates behind a wrong number; in a larger formula no mistake is looked for
POINTS = 2  # beside the given one, at which a wrong formula is looked at


def ask(
    head: Reading, side: Reading, earlier: Reading | None, wrong: Mapping[tuple[int, int | None], Any]
) -> tuple[Diagnosis, ...]:
    """The mistakes that make `side` of what `head` truly is. `earlier` is the right side before it; `wrong` was asserted above."""
    wires, point = head.wires, HERE
    mark = next(iter(head.marks.values()), None)
    if wires is None and mark is not None and mark.at and head.is_mark:  # f'(2)
        wires, point = target_of(head.model, replace(mark, at=())), Where(at=point_of(head.model, mark))
    numeric = not side.names and not side.marks
    written = _written(side) or (_written(earlier) if earlier is not None else None)
    if wires is None and numeric and [mark.by for mark in head.marks.values()] == [(EVERY,)]:
        return _of_gradient(head, side)
    if wires is None:
        basis = earlier if earlier is not None and earlier.formula is not None else head
        return _of_expression(basis, side, written)
    model = head.model
    if numeric and is_settled(head):
        return _of_wires(model, wires, side.value(Truly(model)), _slack(side), point, wrong, written)
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
    key = (
        wires,
        where,
        np.asarray(claimed).tobytes(),
        slack,
        written,
        tuple((one, np.asarray(wrong[one]).tobytes()) for one in wrong),
    )
    if key not in model.asked:
        model.asked[key] = _search(model, wires, claimed, slack, where, wrong, written)
    return model.asked[key]


def _search(model: Model, wires: tuple[int, int | None], claimed: Any, slack: float, where: Where,
            wrong: Mapping[tuple[int, int | None], Any], written: Written | None) -> tuple[Diagnosis, ...]:  # fmt: skip
    output = model.wires[model.result] if model.results else wires[0]
    graph, moved = _behind(model.graph, [one for one in (*wires, output) if one is not None])
    if len(graph) > MOST_SEARCHED:
        return ()
    values = dict(model.fed(model.point(where)))
    values |= {of: value for (of, by), value in wrong.items() if by is None}
    slopes = {(of, by): value for (of, by), value in wrong.items() if by is not None}
    question = Question(
        graph=graph, output=moved[output], numerator=moved[wires[0]], denominator=None if wires[1] is None else moved[wires[1]],
        names={name: moved[node] for name, node in model.wires.items() if node in moved},
        values={moved[node]: value for node, value in values.items() if node in moved},
        slopes={(moved[of], moved[by]): value for (of, by), value in slopes.items() if of in moved and by in moved},
        claimed=claimed, slack=slack, written=written, symbolic=bool(where.varied) or (not where.at and model.is_free(wires)),
    )  # fmt: skip
    return diagnose(question)


def _behind(graph: Graph, wires: Iterable[int]) -> tuple[Graph, dict[int, int]]:
    """The part of a graph that the wires are made of, and where each of its wires is in it."""
    todo = list(wires)
    needed: set[int] = set()
    while todo:
        one = todo.pop()
        if one not in needed:
            needed.add(one)
            todo.extend(graph.inputs(one))
    part = Graph()
    moved: dict[int, int] = {}
    for node in sorted(needed):
        gate = graph.gate(node)
        if gate is not None:
            moved[node] = part.add(gate, *(moved[one] for one in graph.inputs(node)), **graph.settings(node))
        elif graph.is_leaf(node):
            moved[node] = part.leaf(graph.names[node], graph.shape(node))
        else:
            moved[node] = part.constant(graph.constants[node])
        if node in graph.names:
            part.names[moved[node]] = graph.names[node]
    return part, moved


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
