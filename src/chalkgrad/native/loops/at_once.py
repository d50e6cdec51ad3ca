"""Kernels whose work is one block: Python calls them directly, and their scratch comes from the C library."""

from functools import partial
from typing import Any

import numpy as np

from chalkgrad.native.calling import go_on, imported
from chalkgrad.native.direct import define_direct, direct, fits
from chalkgrad.native.llvm import I64, POINTER, VOID, Code, ir
from chalkgrad.native.loops.kernel import Written
from chalkgrad.native.loops.precision import DOUBLE
from chalkgrad.native.loops.steps import LINE, KernelStep, averaged, blocks
from chalkgrad.native.recycling import room_for

SUFFIX = ".direct"


def suits(written: Written) -> bool:
    """Whether a kernel is to be called directly: where its work is one block."""
    return fits() and blocks(written) == 1


def gathers(written: Written) -> bool:
    """Whether sums over all rows are arrays, which take an array that is made beforehand, behind all values."""
    return any(written.graph.shape(node) for node in written.kernel.sums)


def define(module: Any, name: str, written: Written) -> str:
    """Define the function that runs the kernel `name` over all its rows, and give its name."""

    def work(builder: Any, table: Any, results: Any, slow: Any) -> None:
        trouble = builder.alloca(I64)
        held = builder.call(imported(module, "malloc", POINTER, [I64]), [I64(written.scratch_bytes + LINE)])
        go_on(builder.function, builder, builder.icmp_unsigned("!=", held, ir.Constant(POINTER, None)), slow)
        line = builder.and_(builder.add(builder.ptrtoint(held, I64), I64(LINE - 1)), I64(-LINE))
        builder.store(I64(0), trouble)
        thread = builder.call(imported(module, "PyEval_SaveThread", POINTER, []), [])
        rows = I64(0), I64(written.kernel.rows)
        if gathers(written):
            results = builder.load(builder.gep(table, [I64(len(written.memory))], source_etype=POINTER), typ=POINTER)
        builder.call(module.globals[name], [*rows, builder.inttoptr(line, POINTER), results, trouble, table])
        builder.call(imported(module, "PyEval_RestoreThread", VOID, [POINTER]), [thread])
        builder.call(imported(module, "free", VOID, [POINTER]), [held])
        went_well = builder.icmp_unsigned("==", builder.load(trouble, typ=I64), I64(0))
        go_on(builder.function, builder, went_well, slow)

    define_direct(module, name + SUFFIX, _memory(written), 0 if gathers(written) else written.sum_count, work)
    return name + SUFFIX


class DirectStep(KernelStep):
    """One kernel, called directly where its arrays are as expected."""

    def __init__(self, written: Written, code: Code, name: str) -> None:
        super().__init__(written, code, name)
        graph, dtypes = self.graph, self.plan.dtypes
        self.call = direct(code, name + SUFFIX, _memory(written))
        self.results = [(node, partial(room_for(shape, dtypes[node]), shape, dtypes[node]))
                        for node in self.kernel.outputs for shape in [graph.shape(node)]]  # fmt: skip
        self.single = [(node, dtypes[node]) for node in self.kernel.inputs if not graph.shape(node) or graph.is_constant(node)]
        self.sums = [(node, averaged(graph, node), dtypes[node].type) for node in self.kernel.sums]
        self.gathered = written.sum_count if gathers(written) else 0

    def __call__(self, values: list[Any]) -> bool:
        for node, dtype in self.single:
            values[node] = np.asarray(values[node], dtype)
        for node, made in self.results:
            if values[node] is None:  # otherwise the caller has an array for it
                values[node] = made()
        if self.gathered:
            values[-1] = np.empty(self.gathered)
        totals = self.call(values)
        if totals is None:  # for the most part because of gaps between entries; so few are soon copied
            self._close_gaps(values)
            totals = self.call(values)
        if totals is None:
            return super().__call__(values)
        if self.gathered:
            sums = values[-1][None]
            for node in self.kernel.sums:
                values[node] = self.total(node, sums)
            return True
        for (node, count, kind), total in zip(self.sums, totals, strict=True):
            values[node] = kind(total / count)
        return True

    def _close_gaps(self, values: list[Any]) -> None:
        for node in self.kernel.inputs:
            values[node] = np.asarray(values[node], dtype=self.plan.dtypes[node], order="C")


def _memory(written: Written) -> list[tuple[int, np.dtype[Any]]]:
    found = [(node, written.plan.dtypes[node]) for node in written.memory]
    return [*found, (len(written.graph), DOUBLE)] if gathers(written) else found
