"""Graphs whose long axis is not the first, drawn anew so that it is: rows are counted by the first axis of an array.

Where components come before points, as in `np.einsum("kij,knj->kni", factors, points)`, an array of few components and many points
is born by a product or by broadcasting. From there on it is drawn with its long axis in front, through all gates that work entry by
entry or along axes, until a sum over points ends it, or a gate that has to have the axes as they were. The arrays that come from
outside stay as they are, but for those like scores with a column for each point, along whose columns something is computed: a
softmax of each column, say. Those are turned once.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape, axes
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.native.loops.alignment import renames, squeezed

FEW, MANY = 64, 256  # rows where they are counted by the first axis; entries of the axis that is to be in front
SAME_PLACE = frozenset({"alias", "stop", "cast"})
GATHERING = frozenset({"sum", "mean", "max", "min", "logsumexp", "others_share"})
ALONG = frozenset({"softmax", "log_softmax", "first_of"})
ONE_OF_EACH = ("#", "#")  # the index of gates that pick one entry for each of two places told
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Turned = tuple[Wire, int]  # a wire, and which axis of the array that it stands for it has in front


def facing(graph: Graph, outputs: Sequence[int]) -> tuple[Graph, dict[int, int]]:
    """The graph drawn so, and where its leaves, constants and outputs went."""
    turner = _Turner(graph)
    for node in graph:
        turner.draw(node)
    wanted = [*outputs, *(node for node in graph if graph.gate(node) is None)]
    moved = {node: turner.plain(node).node for node in wanted}
    return turner.xp.graph, moved


def front_of(shape: Shape) -> int:
    """The axis to have in front; 0 where it is there."""
    if not shape or shape[0] >= FEW:
        return 0
    longest = max(range(len(shape)), key=shape.__getitem__)
    return longest if shape[longest] >= MANY else 0


def by_columns(graph: Graph) -> set[Shape]:
    """The shapes of matrices with a few rows and many columns, along whose columns something is computed."""
    found: set[Shape] = set()
    for node in graph:
        gate = graph.gate(node)
        if gate is not None and gate.name in GATHERING | ALONG:
            shape = graph.shape(graph.inputs(node)[0])
            if len(shape) == 2 and shape[0] > 1 and front_of(shape) and axes(graph.settings(node)["axis"], 2) == (0,):
                found.add(shape)
    return found


def _first(shape: Shape, front: int) -> Shape:
    """The shape with this axis in front."""
    return (shape[front], *shape[:front], *shape[front + 1 :])


def _axis(axis: int, front: int) -> int:
    """Where an axis is, once another one is in front."""
    return 0 if axis == front else axis + (axis < front)


class _Turner:
    def __init__(self, graph: Graph) -> None:
        self.graph, self.xp = graph, Drawing(Graph())
        self.columns = by_columns(graph)
        self.made: list[Turned] = []
        self.back: dict[int, Wire] = {}  # with the axes as they were, where that was needed
        self.uniform: dict[int, Wire] = {}  # the entry of arrays in which all are the same: they have no axis to be in front

    def draw(self, node: int) -> None:
        graph, gate = self.graph, self.graph.gate(node)
        if gate is None:
            copy = self.xp.graph
            known = graph.is_constant(node)
            made = copy.constant(graph.constants[node]) if known else copy.leaf(graph.names[node], graph.shape(node))
            self.made.append(self._met(node, self.xp.wire(made)))
            return
        rule = None if self._is_uniform(node, gate) else self._rule(gate)
        turned = rule and rule(gate, graph.inputs(node), graph.settings(node), graph.shape(node))
        if not turned:
            wire = self.xp.call(gate.name, *map(self.plain, graph.inputs(node)), **graph.settings(node))
            turned = self._met(node, wire) if gate.name == "matmul" else (wire, 0)
        self.made.append(turned)

    def _met(self, node: int, wire: Wire) -> Turned:
        """An array from outside, or a product by BLAS: as it is, or turned."""
        if self.graph.shape(node) not in self.columns:
            return wire, 0
        self.back[node] = wire
        return self.xp.call("transpose", wire, axes=(1, 0)), 1

    def _is_uniform(self, node: int, gate: Gate) -> bool:
        """Whether all entries are the same, as in the gradient that a sum over everything hands back; notes the one."""
        inputs = self.graph.inputs(node)
        single = [self.uniform[one] if one in self.uniform else self.made[one][0] for one in inputs]
        if any(math.prod(one.shape) != 1 for one in single) or math.prod(self.graph.shape(node)) == 1:
            return False
        if gate.name in ("broadcast_to", "reshape"):
            self.uniform[node] = single[0]
        elif gate.elementwise:
            self.uniform[node] = self.xp.call(gate.name, *single, **self.graph.settings(node))
        return node in self.uniform

    def plain(self, node: int) -> Wire:
        """The wire with its axes as they were."""
        wire, front = self.made[node]
        if not front:
            return wire
        if node not in self.back:
            order = tuple(_axis(axis, front) for axis in range(wire.ndim))
            self.back[node] = self.xp.call("transpose", wire, axes=order)
        return self.back[node]

    def _rule(self, gate: Gate) -> Any:
        if gate.elementwise or gate.name in SAME_PLACE:
            return self._entries
        if gate.name in GATHERING:
            return self._gathered
        if gate.name in ALONG:
            return self._along
        if gate.name in ("broadcast_to", "transpose", "einsum", "matmul", "gather", "scatter", "replace"):
            return getattr(self, f"_{gate.name}")
        return self._renamed if gate.name in ("reshape", "index", "put") else None

    def _fronts(self, inputs: Sequence[int], rank: int) -> set[int]:
        """The axes that inputs have in front, as axes of an array of this rank that they are broadcast to."""
        found = {self.made[one][1] + rank - self.made[one][0].ndim for one in inputs if self.made[one][1]}
        return found

    def _at_front(self, node: int, front: int, rank: int) -> Wire:
        """An input that is broadcast to an array of this rank, with the same axis in front."""
        wire, own = self.made[node]
        if not wire.ndim:
            return wire
        missing = (1,) * (rank - wire.ndim)
        if node in self.uniform:
            return self.xp.call("broadcast_to", self.uniform[node], shape=_first((*missing, *wire.shape), front))
        if own and own + len(missing) == front:
            shape = (wire.shape[0], *missing, *wire.shape[1:])
            return wire if not missing else self.xp.call("reshape", wire, shape=shape)
        wire = self.plain(node)
        full = (*missing, *wire.shape)
        if math.prod(full) == full[front]:  # no entries change places
            return wire if _first(full, front) == wire.shape else self.xp.call("reshape", wire, shape=_first(full, front))
        if missing:
            wire = self.xp.call("reshape", wire, shape=full)
        order = (front, *(axis for axis in range(rank) if axis != front))
        return self.xp.call("transpose", wire, axes=order)

    def _entries(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        fronts = self._fronts(inputs, len(shape))
        born = max(1 if one in self.uniform else math.prod(self.graph.shape(one)) for one in inputs) < math.prod(shape)
        front = fronts.pop() if len(fronts) == 1 else front_of(shape) if born and not fronts else 0
        if not front:
            return None
        wires = [self._at_front(one, front, len(shape)) for one in inputs]
        return self.xp.call(gate.name, *wires, **settings), front

    def _broadcast_to(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        fronts = self._fronts(inputs, len(shape))
        front = fronts.pop() if fronts else front_of(shape)
        if not front:
            return None
        return self.xp.call(gate.name, self._at_front(inputs[0], front, len(shape)), shape=_first(shape, front)), front

    def _gathered(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        wire, front = self.made[inputs[0]]
        if not front:
            return None
        gone = axes(settings["axis"], wire.ndim)
        made = self.xp.call(gate.name, wire, **{**settings, "axis": tuple(sorted(_axis(axis, front) for axis in gone))})
        if settings["keepdims"]:
            return made, front
        return made, 0 if front in gone else front - sum(axis < front for axis in gone)

    def _along(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        wire, front = self.made[inputs[0]]
        along = axes(settings["axis"], wire.ndim)
        if not front or len(along) != 1:
            return None
        return self.xp.call(gate.name, wire, **{**settings, "axis": _axis(along[0], front)}), front

    def _renamed(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        """A reshape that only adds or takes away axes of one entry."""
        wire, front = self.made[inputs[0]]
        before = self.graph.shape(inputs[0])
        if not front or not renames(gate.name, settings) or squeezed(before) != squeezed(shape) or before[front] == 1:
            return None
        place = sum(count != 1 for count in before[:front])
        new = [axis for axis, count in enumerate(shape) if count != 1][place]
        return self.xp.call("reshape", wire, shape=_first(shape, new)), new

    def _transpose(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        wire, front = self.made[inputs[0]]
        if not front:
            return None
        order = settings["axes"] or tuple(reversed(range(wire.ndim)))
        order = tuple(axis % wire.ndim for axis in order)
        rest = tuple(_axis(axis, front) for axis in order if axis != front)
        made = wire if rest == tuple(range(1, wire.ndim)) else self.xp.call("transpose", wire, axes=(0, *rest))
        return made, order.index(front)

    def _gather(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        """One entry of each column: the places are told in the other order."""
        wire, front = self.made[inputs[0]]
        if front != 1 or wire.ndim != 2 or settings["index"] != ONE_OF_EACH:
            return None
        return self.xp.call(gate.name, wire, *self._places(inputs[1:]), **settings), 0

    def _scatter(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        if shape not in self.columns or settings["index"] != ONE_OF_EACH:
            return None
        turned = {**settings, "shape": _first(shape, 1)}
        return self.xp.call(gate.name, self.plain(inputs[0]), *self._places(inputs[1:]), **turned), 1

    def _replace(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        turned = self.made[inputs[0]][1] == 1 or (inputs[0] in self.uniform and shape in self.columns)
        if not turned or len(shape) != 2 or settings["index"] != ONE_OF_EACH:
            return None
        wire = self._at_front(inputs[0], 1, 2)
        return self.xp.call(gate.name, wire, self.plain(inputs[1]), *self._places(inputs[2:]), **settings), 1

    def _places(self, inputs: Sequence[int]) -> list[Wire]:
        return [self.plain(one) for one in reversed(inputs)]

    def _einsum(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        given, _, out = settings["spec"].partition("->")
        return self._products(inputs, given.split(","), out, shape)

    def _matmul(self, gate: Gate, inputs: Sequence[int], settings: Mapping[str, Any], shape: Shape) -> Turned | None:
        ranks = [len(self.graph.shape(one)) for one in inputs]
        if min(ranks) < 2 or max(ranks) < 3:
            return None
        stacks = LETTERS[: max(ranks) - 2]
        left, right = (stacks[len(stacks) - rank + 2 :] for rank in ranks)
        return self._products(inputs, [left + "xy", right + "yz"], stacks + "xz", shape)

    def _products(self, inputs: Sequence[int], letters: list[str], out: str, shape: Shape) -> Turned | None:
        """A sum of products whose long axis comes first in every factor that has it, and in the result."""
        sizes: dict[str, int] = {}
        for one, named in zip(inputs, letters, strict=True):
            for letter, count in zip(named, self.graph.shape(one), strict=True):
                if sizes.setdefault(letter, count) != count:
                    return None
        long = {named[self.made[one][1]] for one, named in zip(inputs, letters, strict=True) if self.made[one][1]}
        if not long and front_of(shape):
            long = {out[front_of(shape)]}
            if any(long & set(named[1:]) for named in letters):
                return None
        if len(long) != 1:
            return None
        (row,) = long
        wires = [
            self._at_front(one, named.index(row), len(named)) if row in named[1:] else self.plain(one)
            for one, named in zip(inputs, letters, strict=True)
        ]
        spec = ",".join(_led(named, row) for named in letters) + "->" + _led(out, row)
        return self.xp.call("einsum", *wires, spec=spec), out.find(row) if row in out else 0


def _led(letters: str, row: str) -> str:
    return row + letters.replace(row, "") if row in letters else letters
