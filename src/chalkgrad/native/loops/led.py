"""A kernel led from machine code: scratch and room for sums from the C library, its blocks to all threads, the sums of all blocks.

What is known of a kernel beforehand stands in an array of words, so that one function can lead all of them.
"""

from typing import Any

from chalkgrad.native import crew, threads
from chalkgrad.native.crew import LINE, lines
from chalkgrad.native.llvm import F64, I64, POINTER, VOID, Common, Pointed, ir, new_module
from chalkgrad.native.writer import WORD, Writer

# The words: where the kernel's function is, the number and the bounds of its blocks of rows; DESK are the bytes of scratch for each
# who works, ROOM those of a block's sums and its note of trouble, at TROUBLE; SUMS is the number of sums. HERE is where the crew's
# box is told, and THREADS how many threads there are to be.
FUNCTION, COUNT, BOUNDS, DESK, ROOM, TROUBLE, SUMS, HERE, THREADS, HEAD = range(10)


def words(step: Any) -> list[int]:
    """What is told of a step's kernel."""
    sums = step.written.sum_count
    desk, trouble = lines(step.written.scratch_bytes), lines(8 * sums)
    count, bounds = len(step.bounds) - 1, step.bounds.ctypes.data
    return [step.function, count, bounds, desk, trouble + LINE, trouble, sums, crew.HERE.ctypes.data, threads.COUNT.ctypes.data]


NAME = "lead_kernel"


class _Leading(Writer):
    """The function lead_kernel(words, job, into): whether it could not be done.

    `job` has the kernel's pointers behind room for what the crew is told, and the sums go `into` memory. The interpreter's lock is
    open meanwhile. Nothing is done where there is no crew yet, or one of another size.
    """

    def __init__(self, module: Any) -> None:
        super().__init__(module, NAME, [POINTER, POINTER, POINTER], I64)

    def write(self) -> None:
        self.function.linkage = "external"
        builder, (words, job, into) = self.builder, self.args
        none = self.function.append_basic_block("none")
        box = self.word(self.word(words, HERE, POINTER), 0, POINTER)
        self.unless(self.same(box, ir.Constant(POINTER, None)), none)
        wanted = self.load(I64, self.at(box, crew.WANTED), WORD)
        self.unless(self.differ(wanted, self.word(self.word(words, THREADS, POINTER), 0)), none)
        count, room, desk, sums = (self.word(words, place) for place in (COUNT, ROOM, DESK, SUMS))
        fewer, most = self.load(I64, self.at(box, crew.HELPERS), WORD), builder.sub(count, I64(1))
        joining = builder.select(builder.icmp_signed("<", fewer, most), fewer, most)
        # Rooms for blocks, then desks for those who work, from the start of a line on.
        rooms_size, desks = self.times(count, room), self.times(self.on(joining, 1), desk)
        held = builder.call(self.outside("malloc", POINTER, [I64]), [self.on(builder.add(rooms_size, desks), LINE)])
        self.unless(self.same(held, ir.Constant(POINTER, None)), none)
        rooms = builder.inttoptr(builder.and_(builder.ptrtoint(self.at(held, LINE - 1), I64), I64(-LINE)), POINTER)
        notes = self.at(rooms, self.word(words, TROUBLE))
        with self.loop(I64(0), count) as one:
            builder.store(I64(0), self.at(notes, self.times(one, room)))
        told = {
            crew.FUNCTION: self.word(words, FUNCTION), crew.JOINING: joining, crew.COUNT: count,
            crew.BOUNDS: self.word(words, BOUNDS), crew.SCRATCH: builder.ptrtoint(self.at(rooms, rooms_size), I64),
            crew.OF_WORKER: desk, crew.OF_BLOCK: I64(0), crew.ROOMS: builder.ptrtoint(rooms, I64), crew.ROOM: room,
            crew.TROUBLE: self.word(words, TROUBLE),
        }  # fmt: skip
        for place, word in told.items():
            self.put(job, place, word)
        thread = builder.call(self.outside("PyEval_SaveThread", POINTER, []), [])
        lead = self.load(POINTER, self.at(box, crew.LEAD), WORD)
        builder.call(Pointed(lead, [POINTER, POINTER]), [box, job])
        trouble = self.variable(I64)
        builder.store(I64(0), trouble)
        with self.loop(I64(0), count) as one:
            noted = self.load(I64, self.at(notes, self.times(one, room)), WORD)
            builder.store(builder.or_(self.load(I64, trouble, WORD), noted), trouble)
        self._add_up(rooms, count, room, sums, into)
        builder.call(self.outside("PyEval_RestoreThread", VOID, [POINTER]), [thread])
        builder.call(self.outside("free", VOID, [POINTER]), [held])
        builder.ret(self.load(I64, trouble, WORD))
        builder.position_at_end(none)
        builder.ret(I64(1))

    def _add_up(self, rooms: Any, count: Any, room: Any, sums: Any, into: Any) -> None:
        """The sums of all blocks, one after another: as `KernelStep` does."""
        builder = self.builder
        with self.loop(I64(0), sums) as slot:
            far = self.times(slot, WORD)
            total = self.at(into, far)
            builder.store(self.load(F64, self.at(rooms, far), WORD), total)
            with self.loop(I64(1), count) as one:
                more = self.load(F64, self.at(self.at(rooms, self.times(one, room)), far), WORD)
                builder.store(builder.fadd(self.load(F64, total, WORD), more), total)


def _module() -> Any:
    module = new_module("led")
    _Leading(module).write()
    return module


CODE = Common([NAME], _module, level=0)  # as fast as with all passes, in a fifth of the time
