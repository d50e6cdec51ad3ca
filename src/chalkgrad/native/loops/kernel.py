"""One kernel in instructions: a loop over rows, and in it the stages of a row."""

from typing import Any

import numpy as np

from chalkgrad.graph.shapes import Shape, axes
from chalkgrad.native.llvm import BYTE, F64, I64, POINTER, TRUTH, VOID, ir
from chalkgrad.native.loops.alignment import inner, size
from chalkgrad.native.loops.flipping import flipped
from chalkgrad.native.loops.memory import LEAN, Index
from chalkgrad.native.loops.plan import Kernel, Plan, width
from chalkgrad.native.loops.stages import DECIDED, SHORT, Loop, Schedule, Stage, offsets
from chalkgrad.native.loops.turning import turned
from chalkgrad.native.loops.values import Values
from chalkgrad.native.number import FLOATS, Number

SOONER_ALL = 32  # entries of a row; picking one in each of several rows takes as long as going through so many of all


class Written:
    """A kernel in a module: the function `name(begin, end, scratch, sums, trouble, pointers)` over rows begin … end − 1.

    `pointers` are those of the kernel's inputs, then of its outputs. `sums` are float64; `slots` tells where each sum begins. There
    have to be at least `together` rows; where those do not divide their number, the last of them are taken with some before them.
    """

    def __init__(self, module: Any, name: str, plan: Plan, kernel: Kernel, together: int | None = None) -> None:
        self.plan, self.kernel, self.graph = plan, kernel, plan.graph
        self.schedule = Schedule(plan, kernel, together)
        self.together = self.schedule.together
        self.places, self.scratch_bytes = offsets(plan.graph, self.schedule.in_cache(), self.together)
        self.slots: dict[int, int] = {}
        self.sum_count = 0
        for node in kernel.sums:
            self.slots[node] = self.sum_count
            self.sum_count += size(self.graph.shape(node))
        self.memory = [*kernel.inputs, *kernel.outputs]
        self.flipped = self.lying_flipped()
        self._define(module, name)

    def lying_flipped(self) -> frozenset[int]:
        """Inputs and outputs whose rows are columns in memory."""
        return flipped(self.plan, self.kernel, self.schedule)

    def _define(self, module: Any, name: str) -> None:
        kinds = [I64, I64, POINTER, POINTER, *[POINTER] * (len(self.places) + len(self.memory))]
        work = ir.Function(module, ir.FunctionType(VOID, kinds), f"{name}.work")
        work.linkage = "internal"
        work.attributes.add("noinline")
        for argument in work.args[2:]:
            argument.add_attribute("noalias")
        outer = ir.Function(module, ir.FunctionType(VOID, [I64, I64, POINTER, POINTER, POINTER, POINTER]), name)
        builder = ir.IRBuilder(outer.append_basic_block())
        begin, end, room, sums, trouble, pointers = outer.args
        given = [builder.gep(room, [I64(place)], source_etype=BYTE) for place in self.places.values()]
        given += [
            builder.load(builder.gep(pointers, [I64(place)], source_etype=POINTER), typ=POINTER)
            for place in range(len(self.memory))
        ]
        builder.call(work, [begin, end, sums, trouble, *given])
        builder.ret_void()
        Rows(self, work).write()


class Rows(Values):
    """The body of a kernel: the loop over its rows."""

    def __init__(self, written: Written, function: Any) -> None:
        super().__init__(written.plan, written.kernel, written.schedule, function)
        self.written = written
        self.begin, self.end, self.sums, self.trouble, *rest = function.args
        self.kept = dict(zip(written.places, rest, strict=False))
        memory, count = rest[len(self.kept) :], len(self.kernel.inputs)
        self.inputs = dict(zip(self.kernel.inputs, memory[:count], strict=True))
        self.outputs = dict(zip(self.kernel.outputs, memory[count:], strict=True))
        self.totals: dict[int, Any] = {}  # sums of all rows that are single numbers: a variable for each of the rows side by side
        self.done: Any = None  # how many of these rows were taken before

    def write(self) -> None:
        for node in self.kernel.sums:
            if size(self.graph.shape(node)) == 1:
                self.totals[node] = self._cleared()
            else:
                with self.loop(size(self.graph.shape(node))) as place:
                    self.builder.store(F64(0.0), self._slot(node, place))
        for node in self.kernel.inputs:
            if not size(self.graph.shape(node)) > 1:
                self.fixed[node] = self.load(node, (self.inputs[node], I64(0)))
        builder, step = self.builder, I64(self.together)
        rows = builder.sub(self.end, self.begin)
        count = builder.sdiv(builder.add(rows, I64(self.together - 1)), step)
        flat = self.together == 1 and not any(stage.loops or stage.segments for stage in self.schedule.stages)
        with self.loop(count, hints=LEAN if flat else ()) as block:
            next_row = builder.add(self.begin, builder.mul(block, step))
            self.row = next_row
            if self.together > 1:  # otherwise LLVM is to see that rows follow one another
                last = builder.sub(self.end, step)
                self.row = builder.select(builder.icmp_signed("<", next_row, last), next_row, last)
            self.done = builder.sub(next_row, self.row)
            self._rows()
        for node, variable in self.totals.items():
            total = self.variable(F64)
            builder.store(F64(0.0), total)
            with self.each_row():
                self.add(self.get(variable, F64).value, total)
            builder.store(builder.load(total, typ=F64), self._slot(node, I64(0)))
        builder.ret_void()

    # One row, or some side by side ------------------------------------------------------------------------------------------

    def _rows(self) -> None:
        self.numbers, self.picked = {}, {}
        self._turn(self.schedule.turned_in(), self.inputs, back=False)
        with self.each_row():
            self.at(())
            for node in self.kernel.nodes:
                self.pick(node)
        for stage in self.schedule.stages:
            self._stage(stage)
        self._turn(self.schedule.turned_back(), self.outputs, back=True)

    def _turn(self, nodes: list[int], arrays: dict[int, Any], *, back: bool) -> None:
        builder = self.builder
        for node in nodes:
            kind, wide = self.kind(node), I64(width(self.graph, node))
            if node in self.written.flipped:
                self._flip(node, arrays[node], back=back)
                continue
            first = builder.gep(arrays[node], [builder.mul(self.row, wide)], source_etype=BYTE if kind == TRUTH else kind)
            builder.call(turned(self.function.module, kind, self.together, back), [first, self.kept[node], wide])

    def _flip(self, node: int, array: Any, *, back: bool) -> None:
        """The same for an array whose columns are the rows: these entries of it lie side by side."""
        builder, kind = self.builder, self.kind(node)
        vector, size = ir.VectorType(kind, self.together), self.plan.dtypes[node].itemsize
        rows, wide = self.graph.shape(node)
        with self.loop(wide) as entry:
            far = builder.add(builder.mul(entry, I64(rows)), self.row)
            there = builder.gep(array, [far], source_etype=kind)
            here = builder.gep(self.kept[node], [builder.mul(entry, I64(self.together))], source_etype=kind)
            source, target = (here, there) if back else (there, here)
            builder.store(builder.load(source, typ=vector, align=size), target, align=size)

    def _stage(self, stage: Stage) -> None:
        if stage.numbers:
            with self.each_row():
                self.at(())
                for node in stage.numbers:
                    self._number(node)
        for node in stage.marked:
            self._mend(node)
        for node in stage.segments:
            self._segment(node)
        for shape, loop in stage.loops.items():
            self._loop_over(shape, loop)

    def _number(self, node: int) -> None:
        if node in self.totals:
            self._total(node, self.value(self.graph.inputs(node)[0], (), node, 0))
            return
        self._found(node, self.computed(node, ()))

    def _found(self, node: int, value: Number) -> None:
        """A number of this row is known."""
        self.here[node] = value
        if node not in self.numbers:
            self.numbers[node] = self.of_each_row(self.kind(node))
        self.put(value.value, self.numbers[node])
        if node in self.outputs:
            self.store(value, node, self.place(node, self.outputs[node], ()))

    def _loop_over(self, shape: Shape, loop: Loop) -> None:
        within = {node: Gatherer(self, node) for node in loop.fed if node not in self.kernel.sums or node in self.totals}
        decided = self.schedule.decided(loop)
        if decided:
            # Written twice: for rows where these conditions hold no surprise, and in general.
            with self.builder.if_else(self._usual(decided)) as (usual, other):
                with usual:
                    self.decided = {node: DECIDED[self._name(node)] for node in decided}
                    self._entries(shape, loop, within)
                    self.decided = {}
                with other:
                    self._entries(shape, loop, within)
        else:
            self._entries(shape, loop, within)
        if within:
            with self.each_row():
                self.at(())
                for node, gatherer in within.items():
                    if node in self.totals:
                        self._total(node, gatherer.total())
                    else:
                        self._found(node, gatherer.scaled())

    def _usual(self, decided: dict[int, int]) -> Any:
        """Whether the conditions of these rows decide all that they may."""
        variable = self.of_each_row(TRUTH)
        with self.each_row():
            self.at(())
            all_of_row = TRUTH(1)
            for node, condition in decided.items():
                place = self.graph.inputs(node).index(condition)
                found = self.body.cast(self.value(condition, (), node, place), TRUTH).value
                right = found if DECIDED[self._name(node)] else self.builder.not_(found)
                all_of_row = self.builder.and_(all_of_row, right)
            self.put(all_of_row, variable)
        if self.together == 1:
            return self.get(variable, TRUTH).value
        lanes = ir.VectorType(BYTE, self.together)
        every = self.builder.load(variable, typ=lanes, align=1)
        return self.builder.icmp_unsigned("==", self.builder.bitcast(every, ir.IntType(8 * self.together)), _ones(self.together))

    def _name(self, node: int) -> str:
        gate = self.graph.gate(node)
        assert gate is not None
        return str(gate.name)

    def _entries(self, shape: Shape, loop: Loop, within: "dict[int, Gatherer]") -> None:
        """The loop over a row's entries."""
        across = [node for node in loop.fed if node not in within]
        simple = all(one.name in ("sum", "mean") for one in within.values())
        lanes = across and simple and self.plan.single and self.together == 1 and shape[-1] > SHORT
        hints = self.single_lanes() if lanes else LEAN
        with self.nest(shape, list(within.values()), hints) as index:
            parts = {node: self.variable(F64) for node in across}
            for part in parts.values():
                self.builder.store(F64(0.0), part)
            with self.each_row():
                self.at(index)
                for node in loop.stored:
                    if node in self.schedule.marked:
                        marked = self.schedule.marked[node]
                        value = self.value(self.graph.inputs(marked.adding)[marked.value], index, marked.adding, marked.value)
                    else:
                        value = self.here[node] = self.computed(node, index)
                    self.store(value, node, self.place(node, self.outputs.get(node), index))
                for node in loop.fed:
                    value = self.value(self.graph.inputs(node)[0], index, node, 0)
                    if node in within:
                        within[node].take(value)
                    else:
                        self.add(self._counted(value), parts[node])
            for node, part in parts.items():
                self.add(self.builder.load(part, typ=F64), self._slot(node, self.flat(shape, index)))

    def _mend(self, node: int) -> None:
        """Add the number that one entry of an output still lacks."""
        scattered = self.schedule.marked[node].scattered

        def mend(index: Index, at: Any = None) -> None:
            place = self.place(node, self.outputs[node], index)
            before = self.load(node, place)
            after = before + self.value(self.graph.inputs(scattered)[0], (), scattered, 0)
            self.store(after if at is None else self.xp.entries.where(at, after, before), node, place)

        axes = self.axes(node)
        if self.together > 1 and len(axes) == 1 and axes[0] <= SOONER_ALL:
            with self.nest(axes) as index, self.each_row():
                self.at(())
                mend(index, self.marks(scattered, index))
            return
        with self.each_row(at_once=False):
            self.at(())
            mend((self.picked_place(scattered),))

    def _segment(self, node: int) -> None:
        """Sums within the row that leave several numbers: a loop over those, and in it one over what each gathers."""
        one = self.graph.inputs(node)[0]
        shape, gone = self._gone(node)
        kept = tuple(count for count, sums in zip(shape, gone, strict=True) if not sums)
        with self.nest(kept) as index:
            gatherer = Gatherer(self, node)
            summed = tuple(count for count, sums in zip(shape, gone, strict=True) if sums)
            with self.nest(summed, [gatherer]) as rest, self.each_row():
                places = {True: iter(rest), False: iter(index)}
                at = tuple(next(places[sums]) for sums in gone)
                self.at(at)
                gatherer.take(self.value(one, at, node, 0))
            with self.each_row():
                self.at(index)
                self.store(gatherer.scaled(), node, self.place(node, self.outputs.get(node), index))

    def _gone(self, node: int) -> tuple[Shape, list[bool]]:
        """The axes within a row of what a sum gathers, and which of them it sums over."""
        shape = self.graph.shape(self.graph.inputs(node)[0])
        gone = axes(self.graph.settings(node)["axis"], len(shape))
        long = [place for place in range(1, len(shape)) if shape[place] != 1]
        return tuple(shape[place] for place in long), [place in gone for place in long]

    # Sums over all rows -----------------------------------------------------------------------------------------------------

    def _total(self, node: int, value: Number) -> None:
        self.add(self._counted(value), self.builder.gep(self.totals[node], [self.lane], source_etype=F64))

    def _counted(self, value: Number) -> Any:
        """As float64; 0 for a row that was taken before."""
        number = self.body.cast(value, F64).value
        if self.together == 1:
            return number
        return self.builder.select(self.builder.icmp_signed(">=", self.lane, self.done), number, F64(0.0))

    def _slot(self, node: int, place: Any) -> Any:
        return self.builder.gep(self.sums, [self.builder.add(I64(self.written.slots[node]), place)], source_etype=F64)

    def _cleared(self) -> Any:
        variable = self.of_each_row(F64)
        with self.each_row():
            self.put(F64(0.0), variable)
        return variable


def _ones(count: int) -> Any:
    """So many bytes of 1, as one number."""
    return ir.IntType(8 * count)(int.from_bytes(b"\1" * count, "little"))


class Gatherer:
    """A sum or extreme of each row that grows in a register while a loop runs."""

    def __init__(self, rows: Rows, node: int) -> None:
        gate, one = rows.graph.gate(node), rows.graph.inputs(node)[0]
        assert gate is not None
        self.rows, self.name, self.kind = rows, gate.name, rows.kind(node)
        self.count = size(inner(rows.graph.shape(one))) // width(rows.graph, node)
        self.float = self.kind in FLOATS
        self.room = rows.of_each_row(self.kind)
        self.whole: list[Any] = []  # the rooms of sums of which a part is being gathered
        # Nan is noted apart, for processors do not hand it on.
        self.seen = rows.of_each_row(TRUTH) if self.float and self.name in ("max", "min") else None
        with rows.each_row():
            rows.put(self.kind(self._first()), self.room)
            if self.seen:
                rows.put(TRUTH(0), self.seen)

    def open_part(self) -> None:
        """From here on a part is gathered, beginning with nothing."""
        if self.float and self.name in ("sum", "mean"):
            rows = self.rows
            self.whole.append(self.room)
            self.room = rows.of_each_row(self.kind)
            with rows.each_row():
                rows.put(self.kind(0.0), self.room)

    def close_part(self) -> None:
        """The part is added to the whole."""
        if self.whole:
            part, self.room = self.room, self.whole.pop()
            with self.rows.each_row():
                self.take(self.rows.get(part, self.kind))

    def _first(self) -> Any:
        if self.name not in ("max", "min"):
            return 0
        if self.float:
            return -np.inf if self.name == "max" else np.inf
        return np.iinfo(np.int64).min if self.name == "max" else np.iinfo(np.int64).max

    def take(self, value: Number) -> None:
        rows, builder = self.rows, self.rows.builder
        before, new = rows.get(self.room, self.kind), rows.body.cast(value, self.kind)
        if self.seen:
            after = self._extreme(before.value, new.value)
        elif self.name in ("max", "min"):
            after = (rows.xp.entries.maximum if self.name == "max" else rows.xp.entries.minimum)(before, new).value
        elif self.float:
            if getattr(new.value, "opname", "") == "fmul" and "contract" not in new.value.flags:
                new.value.flags = [*new.value.flags, "contract"]  # a product that is summed is not rounded before
            after = builder.fadd(before.value, new.value, flags=("reassoc", "contract"))
        else:
            after = builder.add(before.value, new.value)
        rows.put(after, self.room)

    def _extreme(self, before: Any, new: Any) -> Any:
        """The larger or smaller number, and a note of nan: then the number is of no account."""
        rows, builder = self.rows, self.rows.builder
        missing = builder.fcmp_unordered("uno", new, new)
        rows.put(builder.or_(missing, rows.get(self.seen, TRUTH).value), self.seen)
        beyond = builder.fcmp_ordered(">" if self.name == "max" else "<", new, before, flags=("nnan", "nsz"))
        return builder.select(beyond, new, before, flags=("nnan", "nsz"))

    def total(self) -> Number:
        rows = self.rows
        total = rows.get(self.room, self.kind)
        return total if self.seen is None else rows.xp.entries.where(rows.get(self.seen, TRUTH), np.nan, total)

    def scaled(self) -> Number:
        return self.total() / float(self.count) if self.name == "mean" else self.total()
