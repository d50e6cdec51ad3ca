"""One kernel in instructions: a loop over rows, and in it the stages of a row.

A wire's value at a place of the row is asked for and computed on demand: read from memory where it is kept there, otherwise by its
gate's rule from its inputs' values at the same place. LLVM makes the inner loops use vectors.
"""

from contextlib import contextmanager
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import Shape
from chalkgrad.native.llvm import BYTE, F32, F64, I64, POINTER, TRUTH, VOID, ir
from chalkgrad.native.loops.alignment import HANDED_ON, inner, size, squeezed
from chalkgrad.native.loops.plan import OF_CONDITIONS, Kernel, Plan, width
from chalkgrad.native.loops.stages import Loop, Schedule, offsets
from chalkgrad.native.number import FLOATS, KINDS, Body, NotNativeError, Number
from chalkgrad.native.unrolled import Unrolled

Index = tuple[Any, ...]  # a place in a row: one number for each axis longer than 1


class Written:
    """A kernel in a module: the function `name(begin, end, scratch, sums, trouble, pointers)` over rows begin … end − 1.

    `pointers` are those of the kernel's inputs, then of its outputs. `sums` are float64; `slots` tells where each sum begins.
    """

    def __init__(self, module: Any, name: str, plan: Plan, kernel: Kernel) -> None:
        self.plan, self.kernel, self.graph = plan, kernel, plan.graph
        self.schedule = Schedule(plan, kernel)
        self.places, self.scratch_bytes = offsets(plan.graph, self.schedule.scratch)
        self.slots: dict[int, int] = {}
        self.sum_count = 0
        for node in kernel.sums:
            self.slots[node] = self.sum_count
            self.sum_count += size(self.graph.shape(node))
        self.memory = [*kernel.inputs, *kernel.outputs]
        self._define(module, name)

    def kind(self, node: int) -> Any:
        return KINDS[self.plan.dtypes[node]]

    def _define(self, module: Any, name: str) -> None:
        scratch = self.schedule.scratch
        kinds = [I64, I64, POINTER, POINTER, *[POINTER] * (len(scratch) + len(self.memory))]
        work = ir.Function(module, ir.FunctionType(VOID, kinds), f"{name}.work")
        work.linkage = "internal"
        work.attributes.add("noinline")
        for argument in work.args[2:]:
            argument.add_attribute("noalias")
        outer = ir.Function(module, ir.FunctionType(VOID, [I64, I64, POINTER, POINTER, POINTER, POINTER]), name)
        builder = ir.IRBuilder(outer.append_basic_block())
        begin, end, room, sums, trouble, pointers = outer.args
        given = [builder.gep(room, [I64(self.places[node])], source_etype=BYTE) for node in scratch]
        given += [
            builder.load(builder.gep(pointers, [I64(place)], source_etype=POINTER), typ=POINTER)
            for place in range(len(self.memory))
        ]
        builder.call(work, [begin, end, sums, trouble, *given])
        builder.ret_void()
        Rows(self, work).write()


class Rows:
    """The body of a kernel while it is written."""

    def __init__(self, written: Written, function: Any) -> None:
        self.written, self.graph, self.plan = written, written.graph, written.plan
        self.kernel, self.schedule = written.kernel, written.schedule
        self.function = function
        self.begin, self.end, self.sums, self.trouble, *rest = function.args
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.start = self.builder.block
        self.body = Body(self.builder, F32 if self.plan.single else F64)
        self.xp = Unrolled(self.body)
        scratch = self.schedule.scratch
        self.bases = dict(zip(scratch, rest, strict=False))
        memory = rest[len(scratch) :]
        self.inputs = dict(zip(self.kernel.inputs, memory, strict=False))
        self.outputs = dict(zip(self.kernel.outputs, memory[len(self.kernel.inputs) :], strict=True))
        self.fixed: dict[int, Number] = {}  # the same for all rows
        self.numbers: dict[int, Number] = {}  # of this row
        self.here: dict[int, Number] = {}  # at this place of the row
        self.picked: dict[tuple[int, int], Any] = {}  # places of this row
        self.index: Index | None = None
        self.row: Any = None

    def write(self) -> None:
        totals = {node: self._accumulator(F64, 0.0) for node in self.kernel.sums if size(self.graph.shape(node)) == 1}
        for node in self.kernel.sums:
            if node not in totals:
                with self._loop(size(self.graph.shape(node))) as place:
                    self.builder.store(F64(0.0), self._slot(node, place))
        for node in self.kernel.inputs:
            if not size(self.graph.shape(node)) > 1:
                self.fixed[node] = self._load(self.inputs[node], node, I64(0))
        with self._loop(self.end, self.begin) as row:
            self.row = row
            self.numbers, self.here, self.index, self.picked = {}, {}, None, {}
            for node in self.kernel.nodes:
                self._pick(node)
            for stage in self.schedule.stages:
                for node in stage.numbers:
                    self._number(node, totals)
                for node in stage.segments:
                    self._segment(node)
                for shape, loop in stage.loops.items():
                    self._work(shape, loop, totals)
        for node, total in totals.items():
            self.builder.store(self.builder.load(total, typ=F64), self._slot(node, I64(0)))
        self.builder.ret_void()

    # One row --------------------------------------------------------------------------------------------------------------

    def _number(self, node: int, totals: dict[int, Any]) -> None:
        if node in totals:
            self._add(totals[node], self.value(self.graph.inputs(node)[0], (), node, 0))
            return
        value = self._computed(node, ())
        self.numbers[node] = value
        if node in self.outputs:
            self._store(value, self.outputs[node], node, self.row)

    def _work(self, shape: Shape, loop: Loop, totals: dict[int, Any]) -> None:
        within = {node: self._gatherer(node) for node in loop.fed if node not in self.schedule.kernel.sums or node in totals}
        with self._nest(shape) as index:
            self.index, self.here = index, {}
            for node in loop.stored:
                value = self._computed(node, index)
                self.here[node] = value
                if node in self.bases:
                    self._store(value, self.bases[node], node, self._flat(shape, index))
                else:
                    self._store(value, self.outputs[node], node, self._in_row(node, index))
            for node in loop.fed:
                value = self.value(self.graph.inputs(node)[0], index, node, 0)
                if node in within:
                    within[node].take(value)
                else:
                    self._add(self._slot(node, self._flat(shape, index)), value)
            self.index, self.here = None, {}
        for node, gatherer in within.items():
            if node in totals:
                self._add(totals[node], gatherer.total())
                continue
            value = self._scaled(node, gatherer.total())
            self.numbers[node] = value
            if node in self.outputs:
                self._store(value, self.outputs[node], node, self.row)

    def _segment(self, node: int) -> None:
        """Sums within the row that leave several numbers: a loop over those, and in it one over what each gathers."""
        one = self.graph.inputs(node)[0]
        kept, whole = self.schedule.shape(node), squeezed(inner(self.graph.shape(one)))
        with self._nest(kept) as index:
            gatherer = self._gatherer(node)
            with self._nest(whole[len(kept) :]) as rest:
                self.index, self.here = (*index, *rest), {}
                gatherer.take(self.value(one, (*index, *rest), node, 0))
                self.index, self.here = None, {}
            value = self._scaled(node, gatherer.total())
            base = self.bases.get(node)
            if base is not None:
                self._store(value, base, node, self._flat(kept, index))
            else:
                self._store(value, self.outputs[node], node, self._in_row(node, index))

    def _gatherer(self, node: int) -> "Gatherer":
        gate = self.graph.gate(node)
        assert gate is not None
        return Gatherer(self, gate.name, self.written.kind(node))

    def _scaled(self, node: int, total: Number) -> Number:
        gate, one = self.graph.gate(node), self.graph.inputs(node)[0]
        if gate is None or gate.name != "mean":
            return total
        count = size(inner(self.graph.shape(one))) // width(self.graph, node)
        return total / float(count)

    # The value of a wire at a place ----------------------------------------------------------------------------------------

    def value(self, node: int, index: Index, reader: int, place: int) -> Number:
        """The value of the input at `place` of the gate `reader`, where that gate's own place in the row is `index`."""
        role = self.plan.readings[reader].roles[place]
        if node in self.plan.literals:
            return self.body.lift(self.plan.literals[node])
        if node in self.fixed:
            return self.fixed[node]
        if self.schedule.local(reader, place):
            if node in self.numbers:
                return self.numbers[node]
            if node in self.here and index is self.index:
                return self.here[node]
            if node in self.bases:
                return self._load(self.bases[node], node, self._flat(self.schedule.shape(node), index))
            if node in self.outputs:
                return self._load(self.outputs[node], node, self._in_row(node, index))
            value = self._computed(node, index)
            if index is self.index:
                self.here[node] = value
            return value
        base = self.inputs[node]
        return self._load(
            base, node, self._in_row(node, index) if role == "row" else self._flat(self._axes(node, whole=True), index)
        )

    def _axes(self, node: int, whole: bool = False) -> Shape:
        shape = self.graph.shape(node)
        return squeezed(shape if whole else inner(shape))

    def _computed(self, node: int, index: Index) -> Number:
        """The gate's rule at one place of the row."""
        graph, reading, gate = self.graph, self.plan.readings[node], self.graph.gate(node)
        assert gate is not None
        inputs = graph.inputs(node)
        if reading.kind == "same" or (reading.kind == "sum" and width(graph, inputs[0]) == 1):
            return self.value(inputs[0], index, node, 0)
        if reading.kind == "gather":
            return self.value(inputs[0], (self._picked(node, inputs[2], 2, size(inner(graph.shape(inputs[0])))),), node, 0)
        if reading.kind in ("scatter", "replace"):
            return self._marked(node, index)
        if gate.name in HANDED_ON:
            return self.value(inputs[0], self._broadcast(node, 0, index), node, 0)
        numbers = [self.value(one, self._broadcast(node, place, index), node, place) for place, one in enumerate(inputs)]
        if gate.name in OF_CONDITIONS:
            return self.body.lift(getattr(self.xp, OF_CONDITIONS[gate.name])(*numbers))
        result = self.body.lift(gate.forward(self.xp, *numbers, **graph.settings(node)))
        return self.body.cast(result, self.written.kind(node))

    def _marked(self, node: int, index: Index) -> Number:
        """One entry of each row is something else than the others."""
        inputs = self.graph.inputs(node)
        places = 1 if self.plan.readings[node].kind == "scatter" else 2
        count = size(inner(self.graph.shape(node)))
        column = index[0] if index else I64(0)
        at = self.builder.icmp_signed("==", column, self._picked(node, inputs[places + 1], places + 1, count))
        new = self.value(inputs[places - 1], (), node, places - 1)
        old = self.value(inputs[0], index, node, 0) if places == 2 else 0.0
        return self.xp.entries.where(Number(self.body, at), new, old)

    def _picked(self, node: int, one: int, place: int, count: int) -> Any:
        """A whole number of this row as a place from 0 to count − 1. One out of bounds is noted, and replaced by 0."""
        if (one, count) in self.picked:
            return self.picked[one, count]
        if self.index is not None or self.schedule.local(node, place):
            raise NotNativeError("Places that are computed on the way have no machine code.")
        builder = self.builder
        given = self.value(one, (), node, place).value
        at = builder.select(builder.icmp_signed("<", given, I64(0)), builder.add(given, I64(count)), given)
        inside = builder.icmp_unsigned("<", at, I64(count))
        noted = builder.load(self.trouble, typ=I64)
        builder.store(builder.select(inside, noted, I64(1)), self.trouble)
        self.picked[one, count] = builder.select(inside, at, I64(0))
        return self.picked[one, count]

    def _pick(self, node: int) -> None:
        """Look up the places of this row before its loops, which have to be without side effects."""
        kind, inputs = self.plan.readings[node].kind, self.graph.inputs(node)
        if kind in ("gather", "scatter", "replace"):
            place = 3 if kind == "replace" else 2
            table = inputs[0] if kind == "gather" else node
            self._picked(node, inputs[place], place, size(inner(self.graph.shape(table))))

    def _broadcast(self, node: int, place: int, index: Index) -> Index:
        """The place in an input that is broadcast to the gate's shape."""
        graph = self.graph
        shape = graph.shape(graph.inputs(node)[place])
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

    # Memory -----------------------------------------------------------------------------------------------------------------

    def _flat(self, shape: Shape, index: Index) -> Any:
        if not index:
            return I64(0)
        flat = index[0]
        for count, one in zip(shape[1:], index[1:], strict=True):
            flat = self.builder.add(self.builder.mul(flat, I64(count)), one)
        return flat

    def _in_row(self, node: int, index: Index) -> Any:
        wide = width(self.graph, node)
        first = self.row if wide == 1 else self.builder.mul(self.row, I64(wide))
        return self.builder.add(first, self._flat(self._axes(node), index)) if index else first

    def _load(self, base: Any, node: int, place: Any) -> Number:
        kind = self.written.kind(node)
        held = BYTE if kind == TRUTH else kind
        value = self.builder.load(self.builder.gep(base, [place], source_etype=held), typ=held)
        return Number(self.body, self.builder.icmp_unsigned("!=", value, BYTE(0)) if kind == TRUTH else value)

    def _store(self, value: Number, base: Any, node: int, place: Any) -> None:
        kind = self.written.kind(node)
        number = self.body.cast(value, kind).value
        held = self.builder.zext(number, BYTE) if kind == TRUTH else number
        self.builder.store(held, self.builder.gep(base, [place], source_etype=held.type))

    def _slot(self, node: int, place: Any) -> Any:
        return self.builder.gep(self.sums, [self.builder.add(I64(self.written.slots[node]), place)], source_etype=F64)

    def _accumulator(self, kind: Any, first: Any) -> Any:
        with self.builder.goto_block(self.start):
            room = self.builder.alloca(kind)
        self.builder.store(kind(first), room)
        return room

    def _add(self, room: Any, value: Number) -> None:
        total = self.builder.load(room, typ=F64)
        self.builder.store(self.builder.fadd(total, self.body.cast(value, F64).value, flags=("reassoc",)), room)

    # Loops ------------------------------------------------------------------------------------------------------------------

    @contextmanager
    def _loop(self, end: Any, begin: Any = None) -> Any:
        """A counting loop; inside, instructions go into its body."""
        builder, function = self.builder, self.function
        last = I64(end) if isinstance(end, int) else end
        first = I64(0) if begin is None else begin
        before = builder.block
        head, after = function.append_basic_block("loop"), function.append_basic_block("after")
        builder.cbranch(builder.icmp_signed("<", first, last), head, after)
        builder.position_at_end(head)
        count = builder.phi(I64)
        count.add_incoming(first, before)
        yield count
        following = builder.add(count, I64(1), flags=("nsw", "nuw"))
        count.add_incoming(following, builder.block)
        builder.cbranch(builder.icmp_signed("<", following, last), head, after)
        builder.position_at_end(after)

    @contextmanager
    def _nest(self, shape: Shape) -> Any:
        if not shape:
            yield ()
            return
        with self._loop(shape[0]) as first, self._nest(shape[1:]) as rest:
            yield (first, *rest)


class Gatherer:
    """A sum, product or extreme that grows in a register while a loop runs."""

    def __init__(self, rows: Rows, name: str, kind: Any) -> None:
        self.rows, self.name, self.kind = rows, name, kind
        first: Any = 0 if name in ("sum", "mean") else -np.inf if name == "max" else np.inf
        if kind not in FLOATS and name in ("max", "min"):
            info = np.iinfo(np.int64)
            first = info.min if name == "max" else info.max
        self.room = rows._accumulator(kind, first)

    def take(self, value: Number) -> None:
        rows, builder = self.rows, self.rows.builder
        before = Number(rows.body, builder.load(self.room, typ=self.kind))
        new = rows.body.cast(value, self.kind)
        if self.name in ("max", "min"):
            after = (rows.xp.entries.maximum if self.name == "max" else rows.xp.entries.minimum)(before, new).value
        elif self.kind in FLOATS:
            after = builder.fadd(before.value, new.value, flags=("reassoc",))
        else:
            after = builder.add(before.value, new.value)
        builder.store(after, self.room)

    def total(self) -> Number:
        return Number(self.rows.body, self.rows.builder.load(self.room, typ=self.kind))
