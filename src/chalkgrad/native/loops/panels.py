"""Products of a tall matrix with a skinny one, in instructions: so many rows of it at a time as stay in cache.

`scores` multiplies rows of X by W, `gathered` adds the rows' share of Xᵀ·G. Both go along the rows of X, a vector of its columns at
a time, so no lane is idle however few columns W and G have. In `scores` some rows of X meet some columns of W in registers: each
vector that is loaded is used several times (Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008,
section 4). The last of them to use some rows meanwhile asks for those that come next, so that memory and arithmetic work side by
side.

W and the gathered sums lie here as k rows of whole vectors: transposed, and filled up with zeros.
"""

from dataclasses import dataclass
from typing import Any

from chalkgrad.native.llvm import F32, I32, I64, POINTER, VOID, ir, registers
from chalkgrad.native.writer import Writer

IN_FIRST_CACHE = 20_000  # bytes of W that one sweep over the columns uses
IN_SECOND_CACHE = 480_000  # bytes of X that are worked on at a time
FEWEST_ROWS, MOST_ROWS = 8, 128
FUSED = ("contract",)  # a product and a sum may become one instruction with one rounding


@dataclass(frozen=True)
class Panel:
    """So many `columns` of a tall matrix, and `width` columns of the skinny one; products are of `kind`, X is held as `held`."""

    held: Any
    kind: Any
    columns: int
    width: int

    @property
    def bytes(self) -> int:
        return 4 if self.kind == F32 else 8

    @property
    def held_bytes(self) -> int:
        return 4 if self.held == F32 else 8

    @property
    def lanes(self) -> int:
        return registers()[0] // self.bytes

    @property
    def vectors(self) -> int:
        """In a row, the last one filled up."""
        return -(-self.columns // self.lanes)

    @property
    def whole(self) -> int:
        return self.columns // self.lanes

    @property
    def vector(self) -> Any:
        return ir.VectorType(self.kind, self.lanes)

    def parts(self) -> list[range]:
        """The columns of the skinny matrix in parts that have room in registers."""
        most = 10 if registers()[1] == 32 else 5
        count = -(-self.width // most)
        return [range(self.width * one // count, self.width * (one + 1) // count) for one in range(count)]

    def beside(self, part: range) -> int:
        """How many vectors of X meet a part at the same time."""
        return max(1, min(8, (registers()[1] - 10) // len(part)))


def rows_at_a_time(row_bytes: int) -> int:
    return max(FEWEST_ROWS, min(MOST_ROWS, IN_SECOND_CACHE // row_bytes // 8 * 8))


class PanelWriter(Writer):
    """Instructions of one function over panels."""

    def multiply_add(self, x: Any, y: Any, z: Any) -> Any:
        return self.builder.fadd(self.builder.fmul(x, y, flags=FUSED), z, flags=FUSED)

    def prefetch(self, address: Any) -> None:
        fetch = self.outside("llvm.prefetch.p0", VOID, [POINTER, I32, I32, I32])
        self.builder.call(fetch, [address, I32(0), I32(2), I32(1)])

    def entries(self, panel: Panel, row: Any, place: Any) -> Any:
        """A vector of entries of a row of X."""
        address = self.at(row, self.times(place, panel.lanes * panel.held_bytes))
        return self._as_kind(panel, self.load(ir.VectorType(panel.held, panel.lanes), address, 1), panel.vector)

    def _as_kind(self, panel: Panel, value: Any, kind: Any) -> Any:
        return value if panel.held == panel.kind else self.builder.fpext(value, kind)

    def rest(self, panel: Panel, row: Any) -> Any:
        """The entries of a row beyond its whole vectors, then zeros. No byte outside of the row is touched."""
        count = panel.columns - panel.whole * panel.lanes
        found = ir.Constant(panel.vector, None)
        for one in range(count):
            entry = self.load(panel.held, self.at(row, (panel.whole * panel.lanes + one) * panel.held_bytes), 1)
            found = self.builder.insert_element(found, self._as_kind(panel, entry, panel.kind), I32(one))
        return found


def define_scores(module: Any, name: str, panel: Panel) -> Any:
    """scores(count, x, stride, ahead, w, out, room): `count` rows of X, `stride` bytes apart, times W.

    Meanwhile the row `ahead` bytes from each is brought into cache. `room` holds a vector for each number of `out`.
    """
    write = PanelWriter(module, name, [I64, POINTER, I64, I64, POINTER, POINTER, POINTER])
    count, x, stride, _, w, out, room = write.args
    builder, vector, size = write.builder, panel.vector, registers()[0]
    with write.loop(I64(0), write.times(count, panel.width)) as place:
        builder.store(ir.Constant(vector, None), write.at(room, write.times(place, size)))
    most = max(8, IN_FIRST_CACHE // (size * panel.width))
    with write.loop(I64(0), I64(-(-panel.whole // most))) as tile:
        first = write.times(tile, most)
        last = write.on(first, most)
        last = builder.select(builder.icmp_signed("<", last, I64(panel.whole)), last, I64(panel.whole))
        for part in panel.parts():
            together = panel.beside(part)
            stop = write.tail(count, together)
            with write.loop(I64(0), stop, together) as row:
                _sweep(write, panel, part, together, row, first, last)
            if together > 1:
                with write.loop(stop, count) as row:
                    _sweep(write, panel, part, 1, row, first, last)
    added = write.outside(f"llvm.vector.reduce.fadd.v{panel.lanes}f{8 * panel.bytes}", panel.kind, [panel.kind, vector])
    with write.loop(I64(0), count) as row:
        rest = write.rest(panel, write.at(x, write.times(row, stride)))
        for column in range(panel.width):
            place = write.on(write.times(row, panel.width), column)
            total = write.load(vector, write.at(room, write.times(place, size)), size)
            if panel.whole < panel.vectors:
                held = write.load(vector, write.at(w, (column * panel.vectors + panel.whole) * size), size)
                total = write.multiply_add(held, rest, total)
            number = builder.call(added, [panel.kind(-0.0), total], fastmath=("reassoc",))
            builder.store(number, write.at(out, write.times(place, panel.bytes)), align=panel.bytes)
    builder.ret_void()
    return write.function


def _sweep(write: PanelWriter, panel: Panel, part: range, together: int, row: Any, first: Any, last: Any) -> None:
    """Some rows of X, and a part of the columns of W, over vectors first … last − 1 of the columns of X."""
    _, x, stride, ahead, w, _, room = write.args
    builder, vector, size = write.builder, panel.vector, registers()[0]
    rows = [write.at(x, write.times(write.on(row, one), stride)) for one in range(together)]
    sums = {}
    for one in range(together):
        for column in part:
            place = builder.add(write.times(write.on(row, one), panel.width), I64(column))
            sums[one, column] = write.variable(vector), write.at(room, write.times(place, size))
    for total, kept in sums.values():
        builder.store(write.load(vector, kept, size), total)
    with write.loop(first, last) as place:
        held = [write.entries(panel, one, place) for one in rows]
        if part.start == 0:
            for one in rows:
                write.prefetch(write.at(write.at(one, ahead), write.times(place, panel.lanes * panel.held_bytes)))
        for column in part:
            factor = write.load(vector, write.at(w, write.times(write.on(place, column * panel.vectors), size)), size)
            for one in range(together):
                total = sums[one, column][0]
                builder.store(write.multiply_add(factor, held[one], builder.load(total, typ=vector)), total)
    for total, kept in sums.values():
        builder.store(builder.load(total, typ=vector), kept, align=size)


def define_gathered(module: Any, name: str, panel: Panel) -> Any:
    """gathered(count, x, stride, ahead, g, sums): adds xᵀ·g of each of `count` rows to the sums.

    Meanwhile the row `ahead` bytes from each is brought into cache.
    """
    write = PanelWriter(module, name, [I64, POINTER, I64, I64, POINTER, POINTER])
    for part in panel.parts():
        together = panel.beside(part)
        stop = panel.whole - panel.whole % together
        with write.loop(I64(0), I64(stop), together) as place:
            _gather(write, panel, part, [write.on(place, one) for one in range(together)])
        with write.loop(I64(stop), I64(panel.whole)) as place:
            _gather(write, panel, part, [place])
        if panel.whole < panel.vectors:
            _gather(write, panel, part, [])
    write.builder.ret_void()
    return write.function


def _gather(write: PanelWriter, panel: Panel, part: range, places: list[Any]) -> None:
    """All rows at some vectors of the columns, or where none are given, at the rest of the columns."""
    count, x, stride, ahead, g, sums = write.args
    builder, vector, size = write.builder, panel.vector, registers()[0]
    totals = {}
    for column in part:
        for one, place in enumerate(places or [I64(panel.whole)]):
            kept = write.at(sums, write.times(write.on(place, column * panel.vectors), size))
            totals[column, one] = write.variable(vector), kept
    for total, _ in totals.values():  # these rows' own sums, so that no sum grows over all rows and loses what is small
        builder.store(ir.Constant(vector, None), total)
    with write.loop(I64(0), count) as row:
        begin = write.at(x, write.times(row, stride))
        held = [write.entries(panel, begin, place) for place in places] or [write.rest(panel, begin)]
        if part.start == 0:
            for place in places:
                write.prefetch(write.at(write.at(begin, ahead), write.times(place, panel.lanes * panel.held_bytes)))
        for column in part:
            place = write.times(write.on(write.times(row, panel.width), column), panel.bytes)
            factor = write.spread(write.load(panel.kind, write.at(g, place), panel.bytes), vector)
            for one, entries in enumerate(held):
                total = totals[column, one][0]
                builder.store(write.multiply_add(factor, entries, builder.load(total, typ=vector)), total)
    for total, kept in totals.values():
        more = builder.load(total, typ=vector)
        builder.store(builder.fadd(write.load(vector, kept, size), more), kept, align=size)


def define_packed(module: Any, name: str, panel: Panel) -> Any:
    """packed(count, x, rows, columns, room): copies rows of X, `rows` bytes apart, with entries that are `columns` bytes apart."""
    write = PanelWriter(module, name, [I64, POINTER, I64, I64, POINTER])
    write.function.attributes.add("optsize")  # memory decides how long it takes, and LLVM need not think long
    count, x, rows, columns, room = write.args
    builder = write.builder
    with write.loop(I64(0), count) as row, write.loop(I64(0), I64(panel.columns)) as column:
        source = write.at(write.at(x, write.times(row, rows)), write.times(column, columns))
        place = builder.add(write.times(row, panel.columns), column)
        builder.store(write.load(panel.held, source, 1), write.at(room, write.times(place, panel.held_bytes)))
    builder.ret_void()
    return write.function
