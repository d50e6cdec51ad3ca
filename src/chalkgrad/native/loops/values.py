"""The value of a wire at a place of a row, in instructions.

It is computed on demand: read from memory where it is kept there, otherwise by its gate's rule from its inputs' values at the same
place.
"""

from typing import Any

from chalkgrad.graph.shapes import Shape
from chalkgrad.native.llvm import F32, F64, I32, I64, ir
from chalkgrad.native.loops.alignment import HANDED_ON, inner, size
from chalkgrad.native.loops.memory import Index, Memory
from chalkgrad.native.loops.plan import OF_CONDITIONS, Kernel, Plan, width
from chalkgrad.native.loops.stages import Schedule
from chalkgrad.native.number import Body, NotNativeError, Number
from chalkgrad.native.unrolled import Unrolled


class Values(Memory):
    """The body of a kernel while it is written: what its wires are worth."""

    def __init__(self, plan: Plan, kernel: Kernel, schedule: Schedule, function: Any) -> None:
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        super().__init__(plan, kernel, schedule.together, function, Body(builder, F32 if plan.single else F64))
        self.schedule = schedule
        self.xp = Unrolled(self.body)
        self.xp.lean = plan.single
        self.inputs: dict[int, Any] = {}
        self.outputs: dict[int, Any] = {}
        self.trouble: Any = None
        self.fixed: dict[int, Number] = {}  # the same for all rows
        self.numbers: dict[int, Any] = {}  # variables that hold one number of each row
        self.picked: dict[tuple[int, int], Any] = {}  # variables that hold a place in each row
        self.here: dict[int, Number] = {}  # at this place of the row
        self.index: Index | None = None
        self.decided: dict[int, bool] = {}  # conditions that are the same in all of the row, in the loop that is written

    def at(self, index: Index) -> None:
        """What is computed from now on is meant at this place of the row."""
        self.index, self.here = index, {}

    def value(self, node: int, index: Index, reader: int, place: int) -> Number:
        """The value of the input at `place` of the gate `reader`, where that gate's own place in the row is `index`."""
        if node in self.plan.literals:
            return self.body.lift(self.plan.literals[node])
        if node in self.fixed:
            return self.fixed[node]
        if not self.schedule.local(reader, place):
            return self._given(node, index, self.plan.readings[reader].roles[place] == "row")
        if node in self.decided:
            return self.body.lift(self.decided[node])
        if node in self.here and index is self.index:
            return self.here[node]
        if node in self.numbers:
            return self.get(self.numbers[node], self.kind(node))
        if node in self.kept or node in self.outputs:
            return self.load(node, self.place(node, self.outputs.get(node), index))
        value = self.computed(node, index)
        if index is self.index:
            self.here[node] = value
        return value

    def _given(self, node: int, index: Index, in_row: bool) -> Number:
        """Read from an array that was there before."""
        if in_row:
            return self.load(node, self.place(node, self.inputs[node], index))
        return self.load(node, (self.inputs[node], self.flat(self.axes(node, whole=True), index)))

    def computed(self, node: int, index: Index) -> Number:
        """The gate's rule at one place of the row, in the wire's own kind of number."""
        return self.body.cast(self._by_rule(node, index), self.kind(node))

    def _by_rule(self, node: int, index: Index) -> Number:
        graph, reading, gate = self.graph, self.plan.readings[node], self.graph.gate(node)
        assert gate is not None
        inputs = graph.inputs(node)
        if reading.kind == "same":
            return self.value(inputs[0], self._renamed(node, index), node, 0)
        if reading.kind == "sum" and width(graph, inputs[0]) == 1:
            return self.value(inputs[0], index, node, 0)
        if reading.kind == "gather":
            return self.value(inputs[0], (self.picked_place(node),), node, 0)
        if reading.kind in ("scatter", "replace"):
            return self._marked(node, index)
        if gate.name in HANDED_ON:
            return self.value(inputs[0], self._broadcast(node, 0, index), node, 0)
        numbers = [self.value(one, self._broadcast(node, place, index), node, place) for place, one in enumerate(inputs)]
        if gate.name in OF_CONDITIONS:
            return self.body.lift(getattr(self.xp, OF_CONDITIONS[gate.name])(*numbers))
        return self.body.lift(gate.forward(self.xp, *numbers, **graph.settings(node)))

    def _renamed(self, node: int, index: Index) -> Index:
        """The place in the input of a gate that only gives entries of a row other names."""
        after, before = self.axes(node), self.axes(self.graph.inputs(node)[0])
        if after == before:
            return index
        flat, found = self.flat(after, index), []
        for count in reversed(before[1:]):
            found.append(self.builder.urem(flat, I64(count)))
            flat = self.builder.udiv(flat, I64(count))
        return (flat, *reversed(found))

    def _broadcast(self, node: int, place: int, index: Index) -> Index:
        """The place in an input that is broadcast to the gate's shape."""
        graph = self.graph
        shape: Shape = graph.shape(graph.inputs(node)[place])
        out = graph.shape(node)
        mine = self.plan.readings[node].roles[place] == "row"
        aligned = (1,) * (len(out) - len(shape)) + shape
        found, at = [], 0
        for one, other in zip(aligned[1:], out[1:], strict=True):
            if other != 1:
                if one != 1:
                    found.append(index[at])
                at += 1
        full = all(one == other for one, other in zip(aligned[1:], out[1:], strict=True))
        return index if full and (mine or len(found) == len(index)) else tuple(found)

    # Picking ----------------------------------------------------------------------------------------------------------------

    def _marked(self, node: int, index: Index) -> Number:
        """One entry of each row is something else than the others."""
        inputs = self.graph.inputs(node)
        replaces = self.plan.readings[node].kind == "replace"
        place = 1 if replaces else 0
        at = self.marks(node, index)
        new = self.value(inputs[place], (), node, place)
        old = self.value(inputs[0], index, node, 0) if replaces else 0.0
        return self.xp.entries.where(at, new, old)

    def marks(self, node: int, index: Index) -> Number:
        """Whether a place of the row is the one that the gate picks."""
        if self.together == 1 and index and self._picking(node)[1] < 2**31:
            place, count = self._picking(node)
            at = self.builder.icmp_signed("==", self.apart(self.picked[self.graph.inputs(node)[place], count]), I32(0))
        else:
            here, there = index[0] if index else I64(0), self.picked_place(node)
            at = self.builder.icmp_signed("==", self.builder.trunc(here, I32), self.builder.trunc(there, I32))
        return Number(self.body, at)

    def _picking(self, node: int) -> tuple[int, int]:
        """Which input says where, and how many places there are."""
        kind, inputs = self.plan.readings[node].kind, self.graph.inputs(node)
        table = inputs[0] if kind == "gather" else node
        return 3 if kind == "replace" else 2, size(inner(self.graph.shape(table)))

    def picked_place(self, node: int) -> Any:
        place, count = self._picking(node)
        return self.get(self.picked[self.graph.inputs(node)[place], count], I64).value

    def pick(self, node: int) -> None:
        """Look up the place in each row, from 0 to count − 1, before its loops. One out of bounds is noted, and replaced by 0."""
        if self.plan.readings[node].kind not in ("gather", "scatter", "replace"):
            return
        place, count = self._picking(node)
        one, builder = self.graph.inputs(node)[place], self.builder
        if (one, count) in self.picked:
            return
        if self.schedule.local(node, place):
            raise NotNativeError("Places that are computed on the way have no machine code.")
        given = self.value(one, (), node, place).value
        at = builder.select(builder.icmp_signed("<", given, I64(0)), builder.add(given, I64(count)), given)
        inside = builder.icmp_unsigned("<", at, I64(count))
        noted = builder.load(self.trouble, typ=I64)
        builder.store(builder.or_(noted, builder.zext(builder.not_(inside), I64)), self.trouble)
        self.picked[one, count] = self.of_each_row(I64)
        self.put(builder.select(inside, at, I64(0)), self.picked[one, count])
