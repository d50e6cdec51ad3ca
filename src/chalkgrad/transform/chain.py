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

LAST_AXIS = -1  # the losses reduce over it without saying so in a parameter


class Chain:
    """Builds factors into `graph`; holds the few constants (1, −1, 0) that local gradients share."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
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

    def upstream_times(self, gate: Gate, node: int, upstream: Wire, local: Wire | float, shape: Shape) -> Wire:
        """What flows back to an input of the given shape: the upstream gradient, spread or summed to fit, times the local one."""
        settings: Mapping[str, Any] = self.graph.settings(node)
        if gate.reduces:
            axis, keepdims = reduction(settings)
            if shape:
                upstream = spread(self.xp, upstream, Shaped(shape), axis, keepdims)
        return self.fit(unbroadcast(self.xp, self.times(upstream, local), shape), shape)

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
