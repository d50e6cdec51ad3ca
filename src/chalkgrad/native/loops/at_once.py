"""Kernels that Python calls as it calls C: one function for all of them, which reads the arrays' addresses itself.

It is told of a kernel by an array of words: the types it expects, where the kernel's function is, how its rows are shared out. What
threads need of their own comes from the C library. What it does not expect, and trouble within the work, it answers with None.
"""

from functools import cache
from typing import Any

import numpy as np

from chalkgrad.native import crew
from chalkgrad.native.calling import ITEMS_OFFSET, callable_from, imported
from chalkgrad.native.crew import LINE, lines
from chalkgrad.native.direct import DATA, address_of, declined, fits, hand_on
from chalkgrad.native.llvm import F64, I64, POINTER, VOID, Code, Common, Pointed, ir, new_module
from chalkgrad.native.loops.gaps import gapped
from chalkgrad.native.loops.kernel import Written
from chalkgrad.native.loops.panels import Writer
from chalkgrad.native.loops.precision import DOUBLE
from chalkgrad.native.loops.steps import KernelStep, averaged, single
from chalkgrad.native.recycling import room_for

NAME = "at_once"
# What the function is told of a kernel. DESK are the bytes of scratch for each who works, ROOM those of a block's sums and its note
# of trouble, at TROUBLE; SUMS their number, which go to the last array if GATHERED. Then for each array its place and its dtype.
TYPE, FUNCTION, COUNT, BOUNDS, DESK, ROOM, TROUBLE, SUMS, GATHERED, ARRAYS, HEAD = range(11)
WORD = 8


class DirectStep(KernelStep):
    """One kernel, called directly where its arrays are as expected."""

    def __init__(self, written: Written, code: Code, name: str) -> None:
        super().__init__(written, code, name)
        graph, dtypes = self.graph, self.plan.dtypes
        self.results = [(node, room_for(graph.shape(node), dtypes[node])) for node in self.kernel.outputs]
        self.single = [(node, dtypes[node]) for node in self.kernel.inputs if not graph.shape(node) or graph.is_constant(node)]
        self.sums = [(node, averaged(graph, node), dtypes[node].type) for node in self.kernel.sums]
        # Sums that are arrays take an array that is made beforehand, behind all values.
        self.gathered = written.sum_count if any(graph.shape(node) for node in self.kernel.sums) else 0
        self.warned = bool(self.gathered)
        self.call, self.told = _called(), self._told()

    def _told(self) -> Any:
        written, count = self.written, len(self.bounds) - 1
        arrays = [(node, self.plan.dtypes[node]) for node in written.memory]
        if self.gathered:
            arrays.append((len(self.graph), DOUBLE))
        desk, trouble = lines(written.scratch_bytes), lines(8 * written.sum_count)
        head = [id(np.ndarray), self.function, count, self.bounds.ctypes.data, desk, trouble + LINE, trouble, written.sum_count,
                bool(self.gathered), len(arrays)]  # fmt: skip
        self.held = [dtype for _, dtype in arrays]  # so that their addresses stay theirs
        return np.array([*head, *(word for place, dtype in arrays for word in (place, id(dtype)))], dtype=np.int64)

    def __call__(self, values: list[Any]) -> bool:
        for node, dtype in self.single:
            values[node] = np.asarray(values[node], dtype)
        for node, made in self.results:
            if values[node] is None:  # otherwise the caller has an array for it
                values[node] = made()
        if self.gathered:
            values[-1] = np.empty(self.gathered)
        totals = self.call(values, self.told, crew.box())
        if totals is None and self._close_gaps(values):
            totals = self.call(values, self.told, crew.box())
        if totals is None:
            with np.errstate(all="ignore"):
                return super().__call__(values)
        if self.gathered:
            sums = values[-1][None]
            for node in self.kernel.sums:
                values[node] = self.total(node, sums)
            return True
        for (node, count, kind), total in zip(self.sums, totals, strict=True):
            values[node] = single(total / count, kind)
        return True

    def _close_gaps(self, values: list[Any]) -> bool:
        """Copy what has gaps between its entries, or other entries; whether nothing is left that is better read where it lies."""
        closed = True
        for node in self.kernel.inputs:
            array = np.asarray(values[node], dtype=self.plan.dtypes[node])
            if array.flags.c_contiguous or node not in self.in_rows or gapped(0, array) is None:
                values[node] = np.require(array, requirements=["C", "ALIGNED"])
            else:
                closed = False
        return closed


def suits(written: object) -> bool:
    """Whether a kernel is to be called directly."""
    return type(written) is Written and fits()


def _module() -> Any:
    module = new_module(NAME)
    _AtOnce(module).write()
    return module


CODE = Common([NAME], _module, level=0)  # as fast as with all passes, in a fifth of the time


@cache
def _called() -> Any:
    return callable_from(CODE.code(), NAME, declined)


class _AtOnce(Writer):
    """The function at_once(values, told, box): a tuple of sums."""

    def __init__(self, module: Any) -> None:
        super().__init__(module, NAME, [POINTER, POINTER, I64, POINTER], POINTER)
        self.function.linkage = "external"

    def write(self) -> None:
        builder = self.builder
        values, *arrays = (self.word(self.args[1], place, POINTER) for place in range(3))
        self.told, self.box = (self.load(POINTER, self.at(one, DATA), WORD) for one in arrays)
        self.slow = hand_on(self.function)
        count, sums, gathered, number = (self.of(place) for place in (COUNT, SUMS, GATHERED, ARRAYS))
        fewer, most = self.load(I64, self.at(self.box, crew.HELPERS), WORD), builder.sub(count, I64(1))
        joining = builder.select(builder.icmp_signed("<", fewer, most), fewer, most)
        job = self.memory(I64, builder.add(I64(crew.POINTERS), number))
        table = self.at(job, WORD * crew.POINTERS)
        with self.loop(I64(0), number) as one:
            at = builder.add(self.times(one, 2), I64(HEAD))
            place, dtype = self.word(self.told, at), self.word(self.told, self.on(at, 1), POINTER)
            address = address_of(builder, values, place, self.word(self.told, TYPE, POINTER), dtype, self.slow)
            builder.store(address, self.at(table, self.times(one, WORD)))

        # Rooms for blocks, then desks for those who work, from the start of a line on.
        rooms_size, desks = self.times(count, self.of(ROOM)), self.times(self.on(joining, 1), self.of(DESK))
        held = builder.call(self.c("malloc", POINTER, [I64]), [self.on(builder.add(rooms_size, desks), LINE)])
        self.unless(builder.icmp_unsigned("==", held, ir.Constant(POINTER, None)))
        rooms = builder.inttoptr(builder.and_(builder.ptrtoint(self.at(held, LINE - 1), I64), I64(-LINE)), POINTER)
        with self.loop(I64(0), count) as one:
            builder.store(I64(0), self._trouble(rooms, one))
        words = {
            crew.FUNCTION: self.of(FUNCTION), crew.JOINING: joining, crew.COUNT: count, crew.BOUNDS: self.of(BOUNDS),
            crew.SCRATCH: builder.ptrtoint(self.at(rooms, rooms_size), I64), crew.OF_WORKER: self.of(DESK), crew.OF_BLOCK: I64(0),
            crew.ROOMS: builder.ptrtoint(rooms, I64), crew.ROOM: self.of(ROOM), crew.TROUBLE: self.of(TROUBLE),
        }  # fmt: skip
        for place, word in words.items():
            builder.store(word, self.at(job, WORD * place))
        results = self.memory(F64, builder.select(builder.icmp_signed("==", gathered, I64(0)), sums, I64(1)))
        last = self.word(table, builder.sub(number, I64(1)), POINTER)
        into = builder.select(builder.icmp_signed("==", gathered, I64(0)), results, last)

        thread = builder.call(self.c("PyEval_SaveThread", POINTER, []), [])
        lead = self.load(POINTER, self.at(self.box, crew.LEAD), WORD)
        builder.call(Pointed(lead, [POINTER, POINTER]), [self.box, job])
        trouble = self.variable(I64)
        builder.store(I64(0), trouble)
        with self.loop(I64(0), count) as one:
            noted = self.load(I64, self._trouble(rooms, one), WORD)
            builder.store(builder.or_(self.load(I64, trouble, WORD), noted), trouble)
        self._add_up(rooms, count, sums, into)
        builder.call(self.c("PyEval_RestoreThread", VOID, [POINTER]), [thread])
        builder.call(self.c("free", VOID, [POINTER]), [held])
        self.unless(builder.icmp_unsigned("!=", self.load(I64, trouble, WORD), I64(0)))
        self._return(results, builder.select(builder.icmp_signed("==", gathered, I64(0)), sums, I64(0)))

    def word(self, base: Any, place: Any, kind: Any = I64) -> Any:
        return self.load(kind, self.at(base, self.times(I64(place) if isinstance(place, int) else place, WORD)), WORD)

    def memory(self, kind: Any, count: Any) -> Any:
        """Room for so many, until the function ends."""
        builder = self.builder
        return builder.inttoptr(builder.ptrtoint(builder.alloca(kind, count), I64), POINTER)

    def of(self, place: int) -> Any:
        """A word of what is told."""
        return self.word(self.told, place)

    def c(self, name: str, result: Any, kinds: list[Any]) -> Any:
        return imported(self.function.module, name, result, kinds)

    def unless(self, condition: Any) -> None:
        """Go on; or the slow way."""
        following = self.function.append_basic_block()
        self.builder.cbranch(condition, self.slow, following)
        self.builder.position_at_end(following)

    def _trouble(self, rooms: Any, block: Any) -> Any:
        return self.at(rooms, self.builder.add(self.times(block, self.of(ROOM)), self.of(TROUBLE)))

    def _add_up(self, rooms: Any, count: Any, sums: Any, into: Any) -> None:
        """The sums of all blocks, one after another: as `KernelStep` does."""
        builder = self.builder
        with self.loop(I64(0), sums) as slot:
            far = self.times(slot, WORD)
            total = self.at(into, far)
            builder.store(self.load(F64, self.at(rooms, far), WORD), total)
            with self.loop(I64(1), count) as one:
                more = self.load(F64, self.at(self.at(rooms, self.times(one, self.of(ROOM))), far), WORD)
                builder.store(builder.fadd(self.load(F64, total, WORD), more), total)

    def _return(self, results: Any, count: Any) -> None:
        builder, nothing = self.builder, ir.Constant(POINTER, None)
        failed = self.function.append_basic_block("failed")
        made = builder.call(self.c("PyTuple_New", POINTER, [I64]), [count])
        ready = self.function.append_basic_block("ready")
        builder.cbranch(builder.icmp_unsigned("==", made, nothing), failed, ready)
        builder.position_at_end(ready)
        with self.loop(I64(0), count) as one:
            far = self.times(one, WORD)
            number = builder.call(self.c("PyFloat_FromDouble", POINTER, [F64]), [self.load(F64, self.at(results, far), WORD)])
            with builder.if_then(builder.icmp_unsigned("==", number, nothing)):
                builder.call(self.c("Py_DecRef", VOID, [POINTER]), [made])
                builder.branch(failed)
            builder.store(number, self.at(made, builder.add(far, I64(ITEMS_OFFSET))))
        builder.ret(made)
        builder.position_at_end(failed)
        builder.ret(nothing)
