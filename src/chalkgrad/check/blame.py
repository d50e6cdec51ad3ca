"""The gate where a gradient parts from the slope: each gate on the way is tried alone, at the numbers that it meets.

A gate is weighted with the gradient that comes back to it, so what does not matter for the result does not count. Both modes are
compared with the measured slope of the gate's own forward rule; for the second order, with that of its gradient.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.exactly import DIGITS, MOST_NUMBERS, in_many_digits
from chalkgrad.check.path import Line, Path
from chalkgrad.check.slopes import Slope
from chalkgrad.check.truth import Truth
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing
from chalkgrad.reading.trace.numbers import NUMBERS
from chalkgrad.reading.trace.program import compact
from chalkgrad.transform.forward import forward
from chalkgrad.transform.reverse import reverse

MOST_GATES = 2_000
CLEAR = 1e-3  # a gate whose own slope is not known to such a part of it is not blamed
NEAR, ROUNDINGS = 1e-6, 64  # nor one that is so near to it, or so many units in the last place


@dataclass(frozen=True, slots=True)
class Culprit:
    """A gate whose rule parts from its slope: at which numbers, with respect to which input, in which mode."""

    gate: str
    inputs: tuple[Any, ...]
    slot: int
    mode: str
    claimed: float
    measured: Slope | None
    line: Line | None = None


def slope_path(path: Path, weights: Sequence[Any]) -> Path | None:
    """The gradient along the path, weighted and added up to one number, as a path of its own; None where nothing depends."""
    graph, moved = compact(path.graph, [path.output])
    leaves = [moved[leaf] for leaf in path.leaves]
    back, xp = reverse(graph, moved[path.output], leaves), Drawing(graph)
    total: Any = None
    for leaf, weight in zip(leaves, weights, strict=True):
        node = back.total(leaf)
        if node is not None:
            part = xp.sum(xp.wire(node) * np.asarray(weight))
            total = part if total is None else total + part
    return None if total is None else Path(graph, leaves, total.node, path.given, path.names)


def claims(path: Path, direction: Sequence[Any], xp: Any = NUMBERS) -> dict[str, float]:
    """What both modes say of the slope along a direction, in floats or in other numbers."""
    graph, moved = compact(path.graph, [path.output])
    leaves, output = [moved[leaf] for leaf in path.leaves], moved[path.output]
    back = reverse(graph, output, leaves)
    flow = forward(graph, output, {leaf: graph.constant(np.asarray(one)) for leaf, one in zip(leaves, direction, strict=True)})
    values = evaluate(graph, dict(zip(leaves, path.given, strict=True)), xp=xp)
    totals = [back.total(leaf) for leaf in leaves]
    with np.errstate(all="ignore"):
        pulled = sum(np.sum(values[node] * xp.constant(np.asarray(one)))
                     for node, one in zip(totals, direction, strict=True) if node is not None)  # fmt: skip
    return {"reverse": float(pulled), "forward": 0.0 if flow is None else float(values[flow])}


def rule_in_many_digits(path: Path, direction: Sequence[Any]) -> Slope | None:
    """What the rules of the gates yield in arithmetic of many digits, where both modes agree; None where that is beyond reach."""
    if path.work > MOST_NUMBERS:
        return None
    try:
        found = claims(path, direction, Truth(DIGITS))
    except Exception:  # a gate of the user's own may hold anything
        return None
    slope = Slope(found["reverse"], 0.0, 2.0**-52 * abs(found["reverse"]), f"rules in {DIGITS} digits")
    return slope if slope.agrees(found["forward"]) else None


def culprit(path: Path, order: int = 1) -> Culprit | None:
    """The first gate on the way whose rule parts from its slope, or makes of a finite gradient none."""
    graph, moved = compact(path.graph, [path.output])
    back = reverse(graph, moved[path.output], [moved[leaf] for leaf in path.leaves])
    values = evaluate(graph, dict(zip((moved[leaf] for leaf in path.leaves), path.given, strict=True)), xp=NUMBERS)
    for one in back.contributions():
        if np.all(np.isfinite(values[one.upstream])) and not np.all(np.isfinite(values[one.product])):
            node, gate = one.gate, graph.gate(one.gate)
            assert gate is not None
            inputs = tuple(values[wire] for wire in graph.inputs(node))
            broken = float(np.ravel(values[one.product])[~np.isfinite(np.ravel(values[one.product]))][0])
            return Culprit(gate.name, inputs, one.slot, "reverse", broken, None, path.lines.get(list(moved).index(node)))
    tried = 0
    for node in path.graph:
        gate, total = path.graph.gate(node), back.total(moved[node]) if moved[node] >= 0 else None
        if gate is None or total is None or not gate.differentiable or path.kinks_at(node):
            continue
        tried += 1
        if tried > MOST_GATES:
            return None
        upstream = np.broadcast_to(values[total], path.graph.shape(node))
        found = _parting(path, node, gate, upstream, order)
        if found is not None:
            return found
    return None


def _parting(path: Path, node: int, gate: Gate, upstream: Any, order: int) -> Culprit | None:
    chance = np.random.default_rng(node)
    inputs = tuple(path.values[one] for one in path.graph.inputs(node))
    for slot, value in enumerate(inputs):
        if np.result_type(value).kind != "f" or path.graph.is_constant(path.graph.inputs(node)[slot]) or np.size(value) == 0:
            continue
        alone: Path | None = _alone(gate, path.graph.settings(node), inputs, slot, upstream)
        direction = [chance.normal(size=np.shape(value)) * np.where(value == 0, 1.0, np.abs(value))]
        if order == 2 and alone is not None:
            alone = slope_path(alone, [chance.normal(size=np.shape(value))])
        if alone is None or not np.isfinite(alone.value):
            continue
        measured = alone.ladder(direction).central()
        for mode, claimed in claims(alone, direction).items():
            if measured is not None and _apart(claimed, measured, alone.eps):
                exact = in_many_digits(alone, direction)
                if exact is None or _apart(claimed, exact, alone.eps):
                    return Culprit(gate.name, inputs, slot, mode, claimed, exact or measured, path.lines.get(node))
    return None


def _alone(gate: Gate, settings: Any, inputs: Sequence[Any], slot: int, upstream: Any) -> Path:
    """The gate with one moving input, weighted to a single number."""
    graph = Graph()
    nodes = [graph.leaf("x", np.shape(value)) if place == slot else graph.constant(np.asarray(value))
             for place, value in enumerate(inputs)]  # fmt: skip
    xp = Drawing(graph)
    total = xp.sum(xp.wire(graph.add(gate, *nodes, **settings)) * np.asarray(upstream))
    return Path(graph, [nodes[slot]], total.node, [inputs[slot]])


def _apart(claimed: float, measured: Slope, eps: float) -> bool:
    size = max(abs(claimed), abs(measured.value))
    if not np.isfinite(claimed):
        return True
    return measured.error <= CLEAR * size and not measured.agrees(claimed, max(NEAR, ROUNDINGS * eps) * size)
