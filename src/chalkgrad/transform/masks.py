"""Where a gradient is known to be nothing: a branch not taken never poisons the gradient of the one that was.

`where(x > 0, sqrt(x), 0)` is flat at x = 0, yet the chain rule multiplies the nothing that flows into the root by the root's
slope, and 0·∞ is no number. So the walk remembers with a gradient that came through a choosing gate where that gate did not
choose: a `Mask`, true where something may flow. Where such a gradient meets a local gradient that may not be finite, the product is
selected by the mask. An upstream gradient that merely happens to be 0 is no reason to select: √x·√x is x, with the slope 1 at 0.

Masks follow gradients through gates that work entry by entry, move entries or add them up. Matrix products drop them, for theirs
would cost as much as the products themselves.

A mask is drawn when it is first needed, so that graphs whose slopes are surely finite hold no gates for it.

    >>> from chalkgrad import grad
    >>> grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0))(0.0)
    0.0
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chalkgrad.gates.arrays import unbroadcast
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire

Bounds = tuple[float, float]
CARRYING = frozenset({"arrays", "picking", "cumulative", "rounding"})  # families whose pulls only move entries and add them up
AROUND_BOUNDS = 12  # how many gates deep a wire is looked into
MOVED_BY = frozenset({"alias", "after", "broadcast_to", "reshape", "transpose", "index", "gather"})
LAID_BY = frozenset({"put", "scatter"})


class Mask:
    """A condition that is true where a gradient may flow, drawn by `rule` from the masks it is made of."""

    __slots__ = ("_drawn", "parts", "rule")

    def __init__(self, rule: Callable[..., Wire], *parts: "Mask") -> None:
        self.rule = rule
        self.parts = parts
        self._drawn: Wire | None = None

    def wire(self) -> Wire:
        """The mask as a wire. A loop, because masks may be nested as deep as the graph is long."""
        waiting = [self]
        while waiting:
            mask = waiting[-1]
            missing = [one for one in mask.parts if one._drawn is None]
            if missing:
                waiting += missing
                continue
            if mask._drawn is None:
                mask._drawn = mask.rule(*(one._drawn for one in mask.parts))
            waiting.pop()
        assert self._drawn is not None
        return self._drawn

    def select(self, product: Wire) -> Wire:
        """The product where something flows, and 0 elsewhere."""
        return product.drawing.where(self.wire(), product, 0.0)

    def moved(self, move: Callable[[Wire], Wire]) -> "Mask":
        """The mask after its gradient was moved, or added up: true where anything flowed."""
        return Mask(lambda drawn: move(drawn.drawing.where(drawn, 1.0, 0.0)) > 0.0, self)

    def fitted(self, shape: Shape) -> "Mask":
        """The mask of a gradient that was added up over the axes along which `shape` was stretched."""

        def fit(drawn: Wire) -> Wire:
            xp = drawn.drawing
            return drawn if drawn.shape == shape else unbroadcast(xp, xp.where(drawn, 1.0, 0.0), shape) > 0.0

        return Mask(fit, self)


def both(one: Mask | None, other: Mask | None) -> Mask | None:
    """Where a gradient passes two choices."""
    if one is None or other is None or one is other:
        return one or other
    return Mask(lambda x, y: x.drawing.logical_and(x, y), one, other)


def either(one: Mask | None, other: Mask | None) -> Mask | None:
    """Where wires fan out: something flows unless nothing does on each of the two ways."""
    if one is None or other is None or one is other:
        return one and other
    return Mask(lambda x, y: x.drawing.logical_or(x, y), one, other)


def chosen(local: Wire) -> Mask:
    """Where a choosing gate chose: where its local gradient is not 0."""
    graph = local.drawing.graph
    gate = graph.gate(local.node)
    if gate is not None and gate.name == "where":
        condition, taken, left = graph.inputs(local.node)
        if graph.constants.get(left) == 0.0 and not may_be_zero(graph, taken):
            return Mask(lambda: Wire(local.drawing, condition))
        if graph.constants.get(taken) == 0.0 and not may_be_zero(graph, left):
            return Mask(lambda: local.drawing.logical_not(Wire(local.drawing, condition)))
    return Mask(lambda: local.drawing.not_equal(local, 0.0))


def may_be_zero(graph: Graph, node: int) -> bool:
    """Whether the wire may be 0 somewhere, as far as its bounds tell."""
    found = bounds(graph, node)
    return found is None or found[0] <= 0.0 <= found[1]


def is_mark(graph: Graph, node: int) -> bool:
    """Whether the wire holds only 1 and 0: then to multiply by it is to select."""
    gate = graph.gate(node)
    if gate is None:
        value = graph.constants.get(node)
        return isinstance(value, float) and value in (0.0, 1.0)
    return gate.name == "first_of" or (gate.name == "where" and all(is_mark(graph, one) for one in graph.inputs(node)[1:]))


def carried(
    gate: Gate, xp: Any, mask: Mask, wires: list[Wire], slot: int, shape: Shape, settings: Mapping[str, Any]
) -> Mask | None:
    """The mask of what flows back through a gate that moves entries, whose output has the given shape; None for other gates."""
    if gate.family not in CARRYING or gate.pull is None:
        return None
    pull = gate.pull

    def move(drawn: Wire) -> Wire:
        pulled: Wire = pull(xp, _filled(drawn, shape), wires, slot, **settings)
        return pulled

    return mask.moved(move)


def pushed(
    gate: Gate, xp: Any, masks: list[Mask | None], flows: list[Wire | None], wires: list[Wire], settings: Mapping[str, Any]
) -> Mask | None:
    """The mask of the tangent that a gate which moves entries hands on; None for other gates."""
    if gate.family not in CARRYING or gate.linear is None or all(mask is None for mask in masks):
        return None

    def move(*drawn: Wire) -> Wire:
        rest = iter(drawn)
        marks = [
            wire if flow is None and gate.linear == "each" else
            xp.broadcast_to(0.0, shape=wire.shape) if flow is None else
            xp.broadcast_to(1.0, shape=wire.shape) if mask is None else _filled(xp.where(next(rest), 1.0, 0.0), wire.shape)
            for mask, flow, wire in zip(masks, flows, wires, strict=True)
        ]  # fmt: skip
        moved: Wire = xp.call(gate.name, *marks, **settings) > 0.0
        return moved

    return Mask(move, *(mask for mask in masks if mask is not None))


def _filled(wire: Wire, shape: Shape) -> Wire:
    return wire if wire.shape == shape else wire.drawing.broadcast_to(wire, shape=shape)


def is_bounded(local: Wire | float) -> bool:
    """Whether a factor is surely a finite number, whatever the inputs are, so that 0 times it is 0."""
    if isinstance(local, Wire):
        return bounds(local.drawing.graph, local.node) is not None
    return math.isfinite(local)


def bounds(graph: Graph, node: int, depth: int = AROUND_BOUNDS) -> Bounds | None:
    """Between which numbers the wire lies for any inputs, by interval arithmetic; None where it may be infinite or no number."""
    gate = graph.gate(node)
    if gate is None:
        value = graph.constants.get(node)
        if value is None or np.size(value) == 0 or not np.all(np.isfinite(value)):
            return None
        return float(np.min(value)), float(np.max(value))
    if gate.name == "first_of" or gate.family == "logic" or (gate.family == "choice" and gate.local is None):
        return 0.0, 1.0
    if not depth or gate.name not in RULES:
        return None
    inputs = graph.inputs(node)
    needed = inputs[1:] if gate.name == "where" else inputs[:1] if gate.name in MOVED_BY or gate.name in LAID_BY else inputs[:2]
    found = [bounds(graph, one, depth - 1) for one in needed]
    if any(one is None for one in found):
        return None
    if gate.name in ("sum", "scatter"):
        size = max(1, math.prod(graph.shape(inputs[0])))
        found.append((0.0, float(size)))
    low, high = RULES[gate.name](*found)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _joined(*found: Bounds) -> Bounds:
    return min(low for low, _ in found), max(high for _, high in found)


def _product(x: Bounds, y: Bounds) -> Bounds:
    ends = [one * other for one in x for other in y]
    return min(ends), max(ends)


def _quotient(x: Bounds, y: Bounds) -> Bounds:
    if y[0] <= 0.0 <= y[1]:
        return -math.inf, math.inf
    return _product(x, (1 / y[1], 1 / y[0]))


RULES: dict[str, Callable[..., Bounds]] = {
    "where": _joined,
    "replace": _joined,
    "maximum": lambda x, y: (max(x[0], y[0]), max(x[1], y[1])),
    "minimum": lambda x, y: (min(x[0], y[0]), min(x[1], y[1])),
    "add": lambda x, y: (x[0] + y[0], x[1] + y[1]),
    "subtract": lambda x, y: (x[0] - y[1], x[1] - y[0]),
    "negative": lambda x: (-x[1], -x[0]),
    "multiply": _product,
    "divide": _quotient,
    "sum": _product,
    "scatter": _product,
    "put": lambda x: _joined(x, (0.0, 0.0)),
    **dict.fromkeys(MOVED_BY, _joined),
}
