"""One factor of the chain rule: upstream times local, or local times tangent, in the right shape.

Both modes meet here, so that broadcasting is undone once and a factor of 1 never becomes a gate.
"""

from collections.abc import Mapping
from typing import Any

from chalkgrad.gates.arrays import unbroadcast
from chalkgrad.gates.sums import spread
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Axis, Shape
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.transform.masks import Mask, both, chosen, is_bounded, is_mark

LAST_AXIS = -1  # the losses reduce over it without saying so in a parameter


class Chain:
    """Builds factors into `graph`; holds the few constants (1, −1, 0) that local gradients share.

    `literal` leaves the masks out: the chain rule as it stands in books, in which a branch not taken may poison a gradient.
    """

    def __init__(self, graph: Graph, literal: bool = False) -> None:
        self.graph = graph
        self.literal = literal
        self.xp = Drawing(graph)
        self._shared: dict[float, Wire] = {}

    def wires(self, nodes: tuple[int, ...]) -> list[Wire]:
        return [Wire(self.xp, node) for node in nodes]

    def shared(self, value: float) -> Wire:
        """The one wire that carries this constant."""
        wire = self._shared.get(value)
        if wire is None:
            wire = self._shared[value] = Wire(self.xp, self.graph.constant(value))
        return wire

    def locals_of(self, gate: Gate, node: int) -> tuple[Wire | float | None, ...]:
        """The local gradients of the gate at `node`: a wire, a plain constant, or None where it does not depend."""
        assert gate.local is not None
        inputs = self.wires(self.graph.inputs(node))
        found: tuple[Wire | float | None, ...] = gate.local(self.xp, *inputs, Wire(self.xp, node), **self.graph.settings(node))
        return found

    def times(self, factor: Wire, local: Wire | float) -> Wire:
        """factor · local."""
        if isinstance(local, Wire):
            return local if self._is_one(factor) and factor.shape == () else factor * local
        if local == 1.0:
            return factor
        if local == -1.0:
            return -factor
        return self.shared(0.0) if local == 0.0 else factor * local

    def upstream_times(
        self, gate: Gate, node: int, upstream: Wire, local: Wire | float, shape: Shape, mask: Mask | None = None
    ) -> tuple[Wire, Mask | None]:
        """What flows back to an input of the given shape: the upstream gradient, spread or summed to fit, times the local one.

        `mask` tells where something flows at all; with the product comes its own mask.
        """
        if gate.reduces and shape:
            axis, keepdims = reduction(self.graph.settings(node))
            whole = Shaped(shape)
            upstream = spread(self.xp, upstream, whole, axis, keepdims)
            mask = mask and mask.moved(lambda drawn: spread(self.xp, drawn, whole, axis, keepdims))
        product, mask = self.through(gate, upstream, local, mask)
        return self.fit(unbroadcast(self.xp, product, shape), shape), mask and mask.fitted(shape)

    def through(self, gate: Gate, factor: Wire, local: Wire | float, mask: Mask | None = None) -> tuple[Wire, Mask | None]:
        """factor · local, and where something flows; selected by that where one of the two may be no finite number."""
        if self.literal:
            return self.times(factor, local), None
        if not gate.chooses or not isinstance(local, Wire):
            product = self.times(factor, local)
            return product if mask is None or is_bounded(local) else mask.select(product), mask
        taken = chosen(local)
        mask = both(mask, taken)
        assert mask is not None
        if is_bounded(local) and is_bounded(factor):
            return self.times(factor, local), mask
        if is_mark(self.graph, local.node):
            return taken.select(factor), mask
        return (taken if is_bounded(local) else mask).select(self.times(factor, local)), mask

    def gathered(self, term: Wire, mask: Mask | None, shape: Shape, axis: Axis, keepdims: bool) -> tuple[Wire, Mask | None]:
        """A tangent of the given shape added up over axes, with its mask."""

        def over_axes(one: Wire) -> Wire:
            return self.xp.sum(self.fit(one, shape), axis=axis, keepdims=keepdims)

        return over_axes(term), mask and mask.moved(over_axes)

    def fit(self, wire: Wire, shape: Shape) -> Wire:
        """The wire stretched to `shape`, where it is smaller."""
        return wire if wire.shape == shape else self.xp.broadcast_to(wire, shape=shape)

    def _is_one(self, wire: Wire) -> bool:
        return self.graph.constants.get(wire.node) == 1.0 if self.graph.is_constant(wire.node) and not wire.shape else False


def reduction(settings: Mapping[str, Any]) -> tuple[Axis, bool]:
    """Over which axes a gate reduces, and whether it keeps them with one entry."""
    return settings.get("axis", LAST_AXIS), settings.get("keepdims", False)


class Shaped:
    """Something that has a shape only."""

    __slots__ = ("shape",)

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
