"""The graph of a diagnosis: values above the wires, gradients below, and where the trouble begins its kind, in colour."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chalkgrad.check.hazards.diagnosis import Diagnosis
from chalkgrad.explain.forward_pass import is_finite
from chalkgrad.explain.picture import Box, Picture
from chalkgrad.explain.picture import Wire as Line
from chalkgrad.explain.svg import MOST_BOXES, PICTURE_DIGITS, Kind, beside, raised
from chalkgrad.explain.view import View

INHERITED = "not finite"


def picture(found: Diagnosis, view: View, title: str) -> Picture | None:
    """The picture; None where there are too many gates for one."""
    graph = view.graph
    constants = {one for wire in view.wires for one in view.feeds[wire] if graph.is_constant(one)}
    nodes = sorted(constants | set(view.wires))
    if len(nodes) > MOST_BOXES:
        return None
    marks: dict[int, str] = {}
    for one in found.findings:
        marks.setdefault(one.node, one.kind)
    return Picture(
        boxes=tuple(_box(found, view, node, marks) for node in nodes),
        wires=tuple(Line(source, wire, slot, None) for wire in view.wires for slot, source in enumerate(view.feeds[wire])),
        title=title,
        description="Computational graph: the value above each wire, the gradient below it, and trouble named under its gate.",
    )


def _box(found: Diagnosis, view: View, node: int, marks: Mapping[int, str]) -> Box:
    graph, value = view.graph, found.values[node]
    gate, name = graph.gate(node), view.names.get(node)
    kind: Kind = "output" if node == view.output else "input" if graph.is_leaf(node) else "constant" if gate is None else "gate"
    shown = beside(value, PICTURE_DIGITS)
    symbol = raised(gate.symbol.format(**graph.settings(node))) if gate is not None else name if name else shown
    gradient = _gradient(found, node)
    sick = np.result_type(value).kind == "f" and not (is_finite(value) and (gradient is None or is_finite(gradient)))
    return Box(
        node,
        symbol,
        kind,
        name if gate is not None else None,
        shown,
        None if gradient is None else beside(gradient, PICTURE_DIGITS),
        marks.get(node, INHERITED if sick and gate is not None else None),
    )


def _gradient(found: Diagnosis, node: int) -> Any:
    """The gradient of a single value by this wire; of several there is no one gradient to draw."""
    if len(found.both.backs) != 1:
        return None
    total = found.both.backs[0].total(node)
    return None if total is None else found.values[total]
