"""Composite gates in their own safe steps, so that each step can join a kernel.

A rule that is written in primitives draws itself: the forward rule of softmax leaves a max, a difference, exponentials, a sum and a
quotient. Marks of the first largest entry become comparisons of its place.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from chalkgrad.graph.gate import GATES, Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Axis, axes
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.native.loops import scattered
from chalkgrad.native.loops.products import LEAST_ROWS, of_einsum, of_matmul
from chalkgrad.native.loops.sharing import Shared
from chalkgrad.native.loops.strength import as_choice, as_order, as_product

IN_STEPS = frozenset(
    "softmax log_softmax logsumexp cross_entropy weston_watkins crammer_singer one_vs_all"
    " others_share sum_of_shares norm weighted_logsumexp weighted_shares".split()
)  # gates over axes whose rules are written in primitives

OTHERWISE = frozenset(
    "first_of einsum matmul divide negative multiply add equal sum mean transpose".split()
)  # drawn by other gates where that helps
STEPS = IN_STEPS | OTHERWISE


def lowered(graph: Graph, *, lean: bool = False) -> tuple[Graph, list[int]]:
    """A copy of the graph in steps that kernels know, and where each old node went.

    Where it is `lean`, the scores' gates do without the parts that keep their last bits: in float32 those cost more than the rest,
    and do not show beside the rounding of the scores themselves.
    """
    copy, moved = Shared(), []
    xp = _Steps(copy)
    xp.lean = lean
    for node in graph:
        gate = graph.gate(node)
        if gate is None:
            constant = graph.is_constant(node)
            moved.append(copy.constant(graph.constants[node]) if constant else copy.leaf(graph.names[node], graph.shape(node)))
            continue
        inputs = [moved[one] for one in graph.inputs(node)]
        if gate.name == "alias":
            moved += inputs
        elif gate.name in STEPS:
            moved.append(xp.steps(gate, [Wire(xp, one) for one in inputs], graph.settings(node)).node)
        else:
            moved.append(copy.add(gate, *inputs, **graph.settings(node)))
    return copy, moved


class _Steps(Drawing):
    """Draws the steps of composite gates, and of those that they are made of."""

    def steps(self, gate: Gate, wires: list[Wire], settings: Mapping[str, Any]) -> Wire:
        drawn: Wire | None
        if gate.name in IN_STEPS:
            drawn = gate.forward(self, *wires, **settings)
        else:
            drawn = getattr(self, f"_{gate.name}")(*wires, **settings)
        return super().call(gate.name, *wires, **settings) if drawn is None else drawn

    def named(self, name: str, wire: Wire, shown: Any = None) -> Wire:
        """Only the lesson shows steps otherwise than they are computed."""
        return wire

    def call(self, name: str, *inputs: Any, **params: Any) -> Wire:
        gate = GATES[name]
        if name in STEPS:
            wires = [one if isinstance(one, Wire) else Wire(self, self.graph.constant(one)) for one in inputs]
            return self.steps(gate, wires, {**gate.params, **params})
        return super().call(name, *inputs, **params)

    def _first_of(self, x: Wire, axis: Axis, value: str) -> Wire | None:
        """1 at the first entry that reaches the max or min along one axis: where its place is the least of those that do."""
        gone = axes(axis, x.ndim)
        if len(gone) != 1 or not x.shape[gone[0]]:
            return None
        count = x.shape[gone[0]]
        places = np.arange(float(count)).reshape((count,) + (1,) * (x.ndim - 1 - gone[0]))
        best = self.call(value, x, axis=gone, keepdims=True)
        reached = self.call("logical_or", self.call("equal", x, best), self.call("isnan", x))
        first = self.call("min", self.call("where", reached, places, float(count)), axis=gone, keepdims=True)
        return self.call("where", self.call("equal", places, first), 1.0, 0.0)

    def _negative(self, x: Wire) -> Wire | None:
        return scattered.negative(self, x)

    def _multiply(self, x: Wire, y: Wire) -> Wire | None:
        found = scattered.product(self, x, y)
        return self._drawn(as_choice(self.graph, x.node, y.node)) if found is None else found

    def _equal(self, x: Wire, y: Wire) -> Wire | None:
        return self._drawn(as_order(self.graph, x.node, y.node))

    def _drawn(self, node: int | None) -> Wire | None:
        return None if node is None else Wire(self, node)

    def _add(self, x: Wire, y: Wire, *more: Wire) -> Wire | None:
        return None if more else scattered.added(self, x, y)

    def _einsum(self, *wires: Wire, spec: str) -> Wire | None:
        return of_einsum(self, list(wires), spec)

    def _matmul(self, x: Wire, y: Wire) -> Wire | None:
        return of_matmul(self, x, y)

    def _divide(self, x: Wire, y: Wire) -> Wire | None:
        return self._drawn(as_product(self.graph, x.node, y.node))

    def _sum(self, x: Wire, axis: Axis, keepdims: bool) -> Wire | None:
        gate = self.graph.gate(x.node)
        if gate is not None and gate.name == "negative" and 0 not in axes(axis, x.ndim):  # after all rows it would take a pass
            return -self.call("sum", self.wire(self.graph.inputs(x.node)[0]), axis=axis, keepdims=keepdims)
        found = scattered.total(self, x, axis, keepdims)
        return self._in_two("sum", x, axis, keepdims) if found is None else found

    def _mean(self, x: Wire, axis: Axis, keepdims: bool) -> Wire | None:
        return self._in_two("mean", x, axis, keepdims)

    def _in_two(self, name: str, x: Wire, axis: Axis, keepdims: bool) -> Wire | None:
        """A sum over all rows and some axes within them as one within each row, then one over the rows."""
        gone = axes(axis, x.ndim)
        within = tuple(one for one in gone if one)
        if 0 not in gone or not within or len(gone) == x.ndim or x.shape[0] < LEAST_ROWS or not math.prod(x.shape):
            return None
        return self.call(name, self.call(name, x, axis=within, keepdims=keepdims), axis=(0,), keepdims=keepdims)

    def _transpose(self, x: Wire, axes: tuple[int, ...] | None) -> Wire | None:
        """Where only axes of one entry change places, other names for the same entries."""
        order = tuple(reversed(range(x.ndim))) if axes is None else tuple(one % x.ndim for one in axes)
        long = [one for one in order if x.shape[one] != 1]
        if long != sorted(long):
            return None
        return self.call("reshape", x, shape=tuple(x.shape[one] for one in order))
