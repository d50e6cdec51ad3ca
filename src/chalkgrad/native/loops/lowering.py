"""Composite gates in their own safe steps, so that each step can join a kernel.

A rule that is written in primitives draws itself: the forward rule of softmax leaves a max, a difference, exponentials, a sum and a
quotient. Marks of the first largest entry become comparisons of its place.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chalkgrad.graph.gate import GATES, Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Axis, Shape, axes
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.native.loops.strength import as_product

IN_STEPS = frozenset(
    "softmax log_softmax logsumexp cross_entropy weston_watkins crammer_singer one_vs_all".split()
)  # gates over axes whose rules are written in primitives

LEAST_ROWS = 64
MOST_PRODUCTS = 16_384  # in a row; larger sums of products are matrix products, which NumPy's BLAS does best


def lowered(graph: Graph) -> tuple[Graph, list[int]]:
    """A copy of the graph in steps that kernels know, and where each old node went."""
    copy, moved = Graph(), []
    xp = _Steps(copy)
    for node in graph:
        gate = graph.gate(node)
        if gate is None:
            constant = graph.is_constant(node)
            moved.append(copy.constant(graph.constants[node]) if constant else copy.leaf(graph.names[node], graph.shape(node)))
            continue
        inputs = [moved[one] for one in graph.inputs(node)]
        product = as_product(copy, *inputs) if gate.name == "divide" else None
        if product is not None:
            moved.append(product)
        elif gate.name in IN_STEPS or gate.name in ("first_of", "einsum"):
            moved.append(xp.steps(gate, [Wire(xp, one) for one in inputs], graph.settings(node)).node)
        else:
            moved.append(copy.add(gate, *inputs, **graph.settings(node)))
    return copy, moved


class _Steps(Drawing):
    """Draws the steps of composite gates, and of those that they are made of."""

    def steps(self, gate: Gate, wires: list[Wire], settings: Mapping[str, Any]) -> Wire:
        if gate.name == "first_of":
            return self._first(wires[0], **settings)
        if gate.name == "einsum":
            return self._products(wires, **settings)
        drawn: Wire = gate.forward(self, *wires, **settings)
        return drawn

    def named(self, _: str, wire: Wire, __: Callable[[], Wire] | None = None) -> Wire:
        return wire

    def call(self, name: str, *inputs: Any, **params: Any) -> Wire:
        gate = GATES[name]
        if name in IN_STEPS or name == "first_of":
            wires = [one if isinstance(one, Wire) else Wire(self, self.graph.constant(one)) for one in inputs]
            return self.steps(gate, wires, {**gate.params, **params})
        return super().call(name, *inputs, **params)

    def _first(self, x: Wire, axis: Axis, value: str) -> Wire:
        """1 at the first entry that reaches the max or min along one axis: where its place is the least of those that do."""
        gone = axes(axis, x.ndim)
        if len(gone) != 1 or not x.shape[gone[0]]:
            return super().call("first_of", x, axis=axis, value=value)
        count = x.shape[gone[0]]
        places = np.arange(float(count)).reshape((count,) + (1,) * (x.ndim - 1 - gone[0]))
        best = self.call(value, x, axis=gone, keepdims=True)
        reached = self.call("logical_or", self.call("equal", x, best), self.call("isnan", x))
        first = self.call("min", self.call("where", reached, places, float(count)), axis=gone, keepdims=True)
        return self.call("where", self.call("equal", places, first), 1.0, 0.0)

    def _products(self, wires: list[Wire], spec: str) -> Wire:
        """A sum of products within each row as just that, where the products of a row are few enough to stay in cache."""
        given, _, out = spec.partition("->")
        letters = given.split(",")
        order = _order(letters, out, [wire.shape for wire in wires])
        if order is None:
            return super().call("einsum", *wires, spec=spec)
        places, over, sizes = order
        factors = []
        for one, wire in zip(letters, wires, strict=True):
            wanted = [letter for letter in places if letter in one]
            if wanted != list(one):
                wire = self.call("transpose", wire, axes=tuple(one.index(letter) for letter in wanted))
            shape = tuple(sizes[letter] if letter in one else 1 for letter in places)
            factors.append(wire if wire.shape == shape else self.call("reshape", wire, shape=shape))
        product = self.call("multiply", *factors)
        return self.call("sum", product, axis=over) if over else product


def _order(letters: list[str], out: str, shapes: list[Shape]) -> tuple[list[str], tuple[int, ...], dict[str, int]] | None:
    """The order of axes in which a sum of products of two arrays goes row by row, the axes to sum over, and all sizes.

    None where it does not, or where it is too large.
    """
    if len(letters) != 2 or any(len(set(one)) != len(one) for one in (*letters, out)):
        return None
    sizes: dict[str, int] = {}
    for one, shape in zip(letters, shapes, strict=True):
        sizes.update(zip(one, shape, strict=True))
    row = max(zip(letters, shapes, strict=True), key=lambda pair: math.prod(pair[1]))[0][:1]
    summed = [letter for letter in sizes if letter not in out]
    if row and out[:1] == row:
        order, over = [*out, *summed], tuple(range(len(out), len(out) + len(summed)))
    elif summed == [row]:
        order, over = [row, *out], (0,)
    else:
        return None
    if sizes[row] < LEAST_ROWS or not 0 < math.prod(sizes[letter] for letter in order[1:]) <= MOST_PRODUCTS:
        return None
    turned = any(row in one and [letter for letter in order if letter in one] != list(one) for one in letters)
    return None if turned else (order, over, sizes)
