"""Where the values of a kernel lie, and the loops over them, in instructions.

A row's inner loops use vectors where they are long. Where they are short, rows lie side by side instead: as many at a time as a
vector has lanes, so that one instruction computes the same entry of all of them, sums within a row need no shuffling, and no lane
is idle for a row's last entries. Arrays are turned on the way in and out (`turning`). Loops over such rows are marked for LLVM,
which makes instructions on vectors of each, without a loop.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any, Protocol

from chalkgrad.graph.shapes import Shape
from chalkgrad.native.llvm import BYTE, F64, I32, I64, TRUTH, ir, registers
from chalkgrad.native.loops.alignment import inner, squeezed
from chalkgrad.native.loops.plan import Kernel, Plan, width
from chalkgrad.native.number import KINDS, Body, Number

# Two vectors at a time, so that sums need not wait for one another. More of them, or copies of the body, run out of registers for
# the coefficients of functions, and take longer to compile.
LEAN = (("interleave.count", I32(2)), ("unroll.disable", I32(1)))


LANES = (("interleave.count", I32(1)), ("unroll.disable", I32(1)))  # with a width that is told
Hints = tuple[tuple[str, Any], ...]
Index = tuple[Any, ...]  # a place in a row: one number for each axis longer than 1
WORTH_PARTING = 16  # numbers; the sum of so many is added to the others as one, for the error grows with the number of additions


class Parts(Protocol):
    """A sum over the axes of several loops."""

    def open_part(self) -> None: ...

    def close_part(self) -> None: ...


class Memory:
    """`together` rows are worked on at a time, from `row` on; `lane` tells which of them."""

    def __init__(self, plan: Plan, kernel: Kernel, together: int, function: Any, body: Body) -> None:
        self.plan, self.graph, self.kernel = plan, plan.graph, kernel
        self.together, self.function, self.body, self.builder = together, function, body, body.builder
        self.start = self.builder.block
        self.row: Any = None
        self.lane: Any = I64(0)
        self.counters: list[tuple[dict[Any, Any], Any, Any]] = []  # of each loop around, with its block and the one before it
        self.kept: dict[int, Any] = {}  # where values of these rows lie in cache, entry by entry, each for all rows

    def kind(self, node: int) -> Any:
        return KINDS[self.plan.dtypes[node]]

    # Places -----------------------------------------------------------------------------------------------------------------

    def axes(self, node: int, whole: bool = False) -> Shape:
        shape = self.graph.shape(node)
        return squeezed(shape if whole else inner(shape))

    def flat(self, shape: Shape, index: Index) -> Any:
        if not index:
            return I64(0)
        flat = index[0]
        for count, one in zip(shape[1:], index[1:], strict=True):
            flat = self.builder.add(self.builder.mul(flat, I64(count)), one)
        return flat

    def place(self, node: int, base: Any, index: Index) -> tuple[Any, Any]:
        """Where an entry of this row lies: in cache, or else in the array at `base`."""
        builder, at = self.builder, self.flat(self.axes(node), index)
        if node in self.kept:
            spaced = at if self.together == 1 else builder.mul(at, I64(self.together))
            return self.kept[node], builder.add(spaced, self.lane)
        row = builder.add(self.row, self.lane)
        return base, row if not index else builder.add(builder.mul(row, I64(width(self.graph, node))), at)

    def load(self, node: int, place: tuple[Any, Any]) -> Number:
        return self._read(self.kind(node), *place)

    def store(self, value: Number, node: int, place: tuple[Any, Any]) -> None:
        self._write(self.body.cast(value, self.kind(node)).value, *place)

    def _read(self, kind: Any, base: Any, place: Any) -> Number:
        held = BYTE if kind == TRUTH else kind
        value = self.builder.load(self.builder.gep(base, [place], source_etype=held), typ=held)
        return Number(self.body, self.builder.icmp_unsigned("!=", value, BYTE(0)) if kind == TRUTH else value)

    def _write(self, number: Any, base: Any, place: Any) -> None:
        held = self.builder.zext(number, BYTE) if number.type == TRUTH else number
        self.builder.store(held, self.builder.gep(base, [place], source_etype=held.type))

    # Variables --------------------------------------------------------------------------------------------------------------

    def variable(self, kind: Any, count: int = 1) -> Any:
        with self.builder.goto_block(self.start):
            return self.builder.alloca(BYTE if kind == TRUTH else kind, count)

    def of_each_row(self, kind: Any) -> Any:
        """A variable that each of the rows has of its own."""
        return self.variable(kind, self.together)

    def get(self, variable: Any, kind: Any) -> Number:
        return self._read(kind, variable, self.lane)

    def put(self, number: Any, variable: Any) -> None:
        self._write(number, variable, self.lane)

    def add(self, value: Any, address: Any) -> None:
        """Add to a float64 in memory."""
        total = self.builder.load(address, typ=F64)
        self.builder.store(self.builder.fadd(total, value, flags=("reassoc",)), address)

    # Loops ------------------------------------------------------------------------------------------------------------------

    @contextmanager
    def loop(self, end: Any, begin: Any = None, hints: Hints | Callable[[], Hints] = ()) -> Iterator[Any]:
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
        self.counters.append(({}, before, head))
        yield count
        for counter in self.counters.pop()[0].values():
            counter.add_incoming(builder.add(counter, I32(1)), builder.block)
        following = builder.add(count, I64(1), flags=("nsw", "nuw"))
        count.add_incoming(following, builder.block)
        again = builder.cbranch(builder.icmp_signed("<", following, last), head, after)
        if said := hints() if callable(hints) else hints:
            again.set_metadata("llvm.loop", self._hints(*said))
        builder.position_at_end(after)

    def apart(self, variable: Any) -> Any:
        """How far the innermost loop is beyond the place that a variable holds: in 32 bits, of which twice as many fit a vector.

        It counts by itself, for LLVM would compare two numbers of 64 bits.
        """
        known, before, head = self.counters[-1]
        if variable not in known:
            with self.builder.goto_block(before):
                start = self.builder.neg(self.builder.trunc(self.get(variable, I64).value, I32))
            known[variable] = ir.PhiInstr(head, I32, name="apart")
            head.instructions.insert(0, known[variable])
            self.builder.position_at_end(self.builder.block)  # which is further by one, where this is the same block
            known[variable].add_incoming(start, before)
        return known[variable]

    def single_lanes(self) -> Callable[[], Hints]:
        """Hints for a loop of float32 with sums of float64 in it, by which LLVM would count the lanes of all its vectors.

        Not where something is called that has no vectors, of which LLVM would tell whoever looks at the terminal.
        """
        first = len(self.function.blocks)

        def hints() -> Hints:
            made = (one for block in self.function.blocks[first:] for one in block.instructions)
            called = [one.callee.name for one in made if isinstance(one, ir.CallInstr)]
            plain = all(name.startswith(("llvm.", "cg.")) for name in called)
            return (("vectorize.width", I32(registers()[0] // 4)), *LANES) if plain else LEAN

        return hints

    def _hints(self, *hints: tuple[str, Any]) -> Any:
        """A loop's name for LLVM, its own first operand, with what LLVM should do with it."""
        module = self.function.module
        said = [module.add_metadata([f"llvm.loop.{name}", value]) for name, value in hints]
        name = ir.MDValue(module, said, str(len(module.metadata)))
        name.operands = (name, *name.operands)
        return name

    @contextmanager
    def nest(self, shape: Shape, sums: Sequence[Parts] = (), hints: Hints | Callable[[], Hints] = LEAN) -> Iterator[Index]:
        """Loops over these axes; each turn of an outer one has its own part of the `sums` that the innermost one feeds."""
        if not shape:
            yield ()
            return
        parted = sums if prod(shape[1:]) >= WORTH_PARTING else ()
        with self.loop(shape[0], hints=hints) as first:
            for one in parted:
                one.open_part()
            with self.nest(shape[1:], sums, hints) as rest:
                yield (first, *rest)
            for one in parted:
                one.close_part()

    @contextmanager
    def each_row(self, *, at_once: bool = True) -> Iterator[None]:
        """For each of the rows that are worked on together."""
        if self.together == 1:
            yield
            return
        vectors = (("vectorize.width", I32(self.together)), *LANES)
        with self.loop(self.together, hints=vectors if at_once else ()) as lane:
            self.lane = lane
            yield
            self.lane = I64(0)
