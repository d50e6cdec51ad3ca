"""A sweep in instructions, and what runs it: see `sweeps` for what it is, `panels` for its products."""

from typing import Any

import numpy as np

from chalkgrad.native.crew import lines
from chalkgrad.native.llvm import F64, I64, POINTER, Code, registers
from chalkgrad.native.loops import panels
from chalkgrad.native.loops.kernel import Written
from chalkgrad.native.loops.panels import Panel, PanelWriter
from chalkgrad.native.loops.plan import Plan, Sweep, Tall
from chalkgrad.native.loops.steps import KernelStep, aligned, shared
from chalkgrad.native.loops.sweeps import columns, tall
from chalkgrad.native.number import KINDS
from chalkgrad.native.recycling import room

SHARE = 2_000_000  # products that one thread takes at a time, at least
MOST_SHARES = 32  # each has gathered sums of its own


class WrittenSweep(Written):
    """A sweep in a module, to be called as a kernel is.

    After the kernel's own pointers come, for each tall matrix, where it lies and how many bytes its rows and its columns are apart;
    for each product, its W in rows of whole vectors, and where its scores go; for each gathered sum, its G. The scratch of a block
    holds what the kernel needs, the kernel's sums over some rows, what the products need, copies of rows, and the gathered sums.
    """

    def lying_flipped(self) -> frozenset[int]:
        """None: the kernel is given parts of arrays."""
        return frozenset()

    def __init__(self, module: Any, name: str, plan: Plan, sweep: Sweep) -> None:
        self.alone = f"{name}.rows"
        super().__init__(module, self.alone, plan, sweep.kernel)
        self.sweep = sweep
        self.talls: list[Tall] = []
        for node, gathers in self._products():
            found = tall(self.graph, node, gathers)
            if found not in self.talls:
                self.talls.append(found)
        self.panels = {node: self._panel(node) for node, _ in self._products()}
        self.row_bytes = [self._columns(one) * plan.dtypes[one.node].itemsize for one in self.talls]
        self.at_a_time = max(panels.rows_at_a_time(sum(self.row_bytes)), self.together)
        self.most_rows = 2 * self.at_a_time  # the rows of a block are dealt out evenly
        self.kernel_room = lines(self.scratch_bytes)
        self.sums_at = self.kernel_room
        self.products_at = self.sums_at + lines(8 * self.sum_count)
        widest = max((self.panels[node].width for node in sweep.products), default=0)
        at = self.products_at + widest * self.most_rows * registers()[0]
        self.copies_at: list[int] = []
        for size in self.row_bytes:
            self.copies_at.append(at)
            at += lines(size * self.most_rows)
        self.gathered_at: dict[int, int] = {}
        for node in sweep.gathered:
            self.gathered_at[node] = at
            at += self.gathered_bytes(node)
        self.scratch_bytes = at
        self._define_sweep(module, name)

    def _products(self) -> list[tuple[int, bool]]:
        return [(node, False) for node in self.sweep.products] + [(node, True) for node in self.sweep.gathered]

    def gathered_bytes(self, node: int) -> int:
        panel = self.panels[node]
        return int(panel.width * panel.vectors * registers()[0])

    def tall_of(self, node: int) -> int:
        return self.talls.index(tall(self.graph, node, node in self.sweep.gathered))

    def _panel(self, node: int) -> Panel:
        one = tall(self.graph, node, node in self.sweep.gathered)
        held, kind = (KINDS[self.plan.dtypes[wire]] for wire in (one.node, node))
        return Panel(held, kind, self._columns(one), columns(self.graph, node))

    def _columns(self, one: Tall) -> int:
        return self.graph.shape(one.node)[not one.flipped]

    def _define_sweep(self, module: Any, name: str) -> None:
        write = PanelWriter(module, name, [I64, I64, *[POINTER] * 4])
        write.function.linkage = "external"
        begin, end, scratch, sums, trouble, pointers = write.args
        builder, step = write.builder, self.at_a_time
        _cleared(write, sums, 8 * self.sum_count)
        for node, at in self.gathered_at.items():
            _cleared(write, write.at(scratch, at), self.gathered_bytes(node))
        given = iter(range(len(self.memory), 10**9))

        def pointer(kind: Any = POINTER) -> Any:
            return write.load(kind, write.at(pointers, 8 * next(given)), 8)

        talls = [(pointer(), pointer(I64), pointer(I64)) for _ in self.talls]
        skinny = {node: (pointer(), pointer()) for node in self.sweep.products}
        slopes = {node: pointer() for node in self.sweep.gathered}
        rows = builder.sub(end, begin)
        count = builder.sdiv(rows, I64(step))
        count = builder.select(builder.icmp_signed("<", count, I64(1)), I64(1), count)
        with write.loop(I64(0), count) as some:
            first, last = (builder.add(begin, builder.sdiv(write.times(rows, one), count)) for one in (some, write.on(some, 1)))
            more = builder.icmp_signed("<", last, end)
            here = builder.sub(last, first)
            met = [self._rows(write, place, one, first, here, more) for place, one in enumerate(talls)]
            for node, (w, out) in skinny.items():
                panel = self.panels[node]
                x, stride, ahead = met[self.tall_of(node)]
                ahead = I64(0) if slopes else ahead
                to = write.at(out, write.times(first, panel.width * panel.bytes))
                scores = _once(module, panels.define_scores, "scores", panel)
                builder.call(scores, [here, x, stride, ahead, w, to, write.at(scratch, self.products_at)])
            inner = write.at(scratch, self.sums_at)
            builder.call(module.globals[self.alone], [first, last, scratch, inner, trouble, pointers])
            _added(write, inner, sums, self.sum_count)
            for node, g in slopes.items():
                panel = self.panels[node]
                x, stride, ahead = met[self.tall_of(node)]
                up = write.at(g, write.times(first, panel.width * panel.bytes))
                gathered = _once(module, panels.define_gathered, "gathered", panel)
                builder.call(gathered, [here, x, stride, ahead, up, write.at(scratch, self.gathered_at[node])])
        builder.ret_void()

    def _rows(self, write: PanelWriter, place: int, one: Any, first: Any, count: Any, more: Any) -> tuple[Any, Any, Any]:
        """Where the rows of a tall matrix lie now, how far apart, and how far it is to those that come next.

        Rows whose entries do not lie side by side are copied, as many as are worked on now.
        """
        builder, (base, rows, apart) = write.builder, one
        kind = KINDS[self.plan.dtypes[self.talls[place].node]]
        panel = Panel(kind, kind, self._columns(self.talls[place]), 1)
        copies = write.at(write.args[2], self.copies_at[place])
        start = write.at(base, write.times(first, rows))
        together = builder.icmp_signed("==", apart, I64(panel.bytes))
        with builder.if_then(builder.not_(together)):
            packed = _once(write.function.module, panels.define_packed, "packed", panel)
            builder.call(packed, [count, start, rows, apart, copies])
        ahead = builder.select(builder.and_(together, more), write.times(rows, count), I64(0))
        return (
            builder.select(together, start, copies),
            builder.select(together, rows, I64(self.row_bytes[place])),
            ahead,
        )


def _once(module: Any, define: Any, name: str, panel: Panel) -> Any:
    """The function for panels of this form, which a module holds once."""
    full = f"{name}.{panel.held}.{panel.kind}.{panel.columns}.{panel.width}"
    return module.globals.get(full) or define(module, full, panel)


def _cleared(write: PanelWriter, base: Any, size: int) -> None:
    with write.loop(I64(0), I64(size // 8)) as place:
        write.builder.store(I64(0), write.at(base, write.times(place, 8)))


def _added(write: PanelWriter, source: Any, target: Any, count: int) -> None:
    builder = write.builder
    with write.loop(I64(0), I64(count)) as place:
        kept = write.at(target, write.times(place, 8))
        more = write.load(F64, write.at(source, write.times(place, 8)), 8)
        builder.store(builder.fadd(write.load(F64, kept, 8), more), kept)


class SweepStep(KernelStep):
    """One sweep with what it needs to be called."""

    written: WrittenSweep

    def __init__(self, written: WrittenSweep, code: Code, name: str) -> None:
        super().__init__(written, code, name)
        self.alone = KernelStep(written, code, written.alone)

    def __call__(self, values: list[Any]) -> bool:
        matrices = [self._matrix(one, values) for one in self.written.talls]
        if any(_column_by_column(one) for one in matrices):
            return self._apart(values, matrices)
        return super().__call__(values)

    def _matrix(self, one: Tall, values: list[Any]) -> Any:
        matrix = np.asarray(values[one.node], dtype=self.plan.dtypes[one.node])
        return matrix.T if one.flipped else matrix

    def _apart(self, values: list[Any], matrices: list[Any]) -> bool:
        """The products by BLAS, which knows how to read a matrix that lies column by column."""
        graph, written = self.graph, self.written
        for node in written.sweep.products:
            values[node] = matrices[written.tall_of(node)] @ values[graph.inputs(node)[1]]
        if not self.alone(values):
            return False
        for node in written.sweep.gathered:
            values[node] = matrices[written.tall_of(node)].T @ values[graph.inputs(node)[1]]
        return True

    def shares(self) -> list[int]:
        work = sum(panel.columns * panel.width for panel in self.written.panels.values())
        sums = max((panel.width for panel in self.written.panels.values()), default=1)
        # So that to add up the shares' sums takes little beside reading X; and the kernel's rows that lie side by side have room.
        few = self.kernel.rows // max(8 * sums, self.written.together)
        return shared(self.kernel.rows, min(self.kernel.rows * work // SHARE, MOST_SHARES, few))

    def memory(self, values: list[Any], held: list[Any], gaps: Any = None) -> list[int]:
        sweep, graph = self.written.sweep, self.graph
        for node in sweep.products:
            if values[node] is None:
                values[node] = room(graph.shape(node), self.plan.dtypes[node])
        found = super().memory(values, held)
        for one in self.written.talls:
            matrix = self._matrix(one, values)
            held.append(matrix)
            found += [matrix.ctypes.data, *matrix.strides]
        for node in sweep.products:
            held.append(self._vectors(node, values[graph.inputs(node)[1]]))
            found += [held[-1].ctypes.data, values[node].ctypes.data]
        for node in sweep.gathered:
            held.append(np.ascontiguousarray(values[graph.inputs(node)[1]], dtype=self.plan.dtypes[node]))
            found.append(held[-1].ctypes.data)
        return found

    def _vectors(self, node: int, w: Any) -> Any:
        """W transposed, its rows filled up to whole vectors."""
        panel = self.written.panels[node]
        filled = aligned(self.written.gathered_bytes(node)).view(self.plan.dtypes[node]).reshape(panel.width, -1)
        filled[:, : panel.columns] = w.T
        filled[:, panel.columns :] = 0
        return filled

    def finish(self, values: list[Any], rooms: Any) -> None:
        for node in self.written.sweep.gathered:
            panel, at = self.written.panels[node], self.written.gathered_at[node]
            parts = rooms[:, at : at + self.written.gathered_bytes(node)].view(self.plan.dtypes[node])
            total = parts.sum(axis=0).reshape(panel.width, -1)[:, : panel.columns]
            values[node] = np.ascontiguousarray(total.T).reshape(self.graph.shape(node))


def _column_by_column(matrix: Any) -> bool:
    """Whether a matrix lies in memory as its transpose should."""
    rows, columns = matrix.strides
    return bool(columns != matrix.itemsize and abs(rows) < abs(columns))
