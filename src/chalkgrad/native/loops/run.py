"""Running a plan: its kernels in machine code, its other steps in NumPy.

Rows are shared out to threads in blocks that depend on the work alone, and the blocks' sums are added in their order. So results
are the same to the last bit for any number of threads.
"""

import ctypes
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native import threads
from chalkgrad.native.explanation import Explanation, of_plan
from chalkgrad.native.llvm import Code, assembly, compiled, load, new_module, optimised
from chalkgrad.native.loops.kernel import Written
from chalkgrad.native.loops.plan import Kernel, Plan, make_plan, width
from chalkgrad.native.recycling import room
from chalkgrad.reading.trace.session import NUMBERS

BLOCK = 32_768  # entries that one thread takes at a time, at least
MOST_BLOCKS = 64
Step = Callable[[list[Any]], bool]


class Runner:
    """A graph's plan, compiled. `values` are those of one evaluation. Raises NotNativeError where it cannot be."""

    def __init__(self, graph: Graph, outputs: Sequence[int], values: Sequence[Any]) -> None:
        self.graph, self.outputs = graph, list(outputs)
        self.leaves = graph.leaves()
        self.plan = make_plan(graph, values, outputs)
        self.module = new_module("kernels")
        self.written = [Written(self.module, f"kernel{place}", self.plan, kernel)
                        for place, kernel in enumerate(one for one in self.plan.steps if isinstance(one, Kernel))]  # fmt: skip
        names = [f"kernel{place}" for place in range(len(self.written))]
        self.code = load(compiled(self.module), names)
        rest = iter([KernelStep(one, self.code, name) for one, name in zip(self.written, names, strict=True)])
        self.steps: list[Step] = [next(rest) if isinstance(one, Kernel) else NumPyStep(graph, one) for one in self.plan.steps]
        made = {node for one in self.written for node in (*one.kernel.outputs, *one.kernel.sums)}
        self.own = {node for node in self.outputs if node in made and self.outputs.count(node) == 1}
        known = {*graph.constants, *self.plan.literals}
        self.start = [values[node] if node in known else None for node in graph]

    def run(self, inputs: Sequence[Any]) -> list[Any] | None:
        """The values of the outputs; None where an index is out of bounds, which NumPy tells better."""
        values = self.start.copy()
        for node, value in zip(self.leaves, inputs, strict=True):
            values[node] = value
        with np.errstate(all="ignore"):
            for step in self.steps:
                if not step(values):
                    return None
        return [values[node] if node in self.own else np.array(values[node])[()] for node in self.outputs]

    def explained(self) -> Explanation:
        """What was made of the graph."""
        return of_plan(self.plan, lambda: str(optimised(str(self.module))), lambda: assembly(self.module))


class NumPyStep:
    """One gate, computed by NumPy."""

    def __init__(self, graph: Graph, node: int) -> None:
        gate = graph.gate(node)
        assert gate is not None
        self.node, self.inputs, self.settings = node, graph.inputs(node), graph.settings(node)
        self.forward = gate.forward

    def __call__(self, values: list[Any]) -> bool:
        values[self.node] = self.forward(NUMBERS, *[values[one] for one in self.inputs], **self.settings)
        return True


class KernelStep:
    """One kernel with what it needs to be called."""

    def __init__(self, written: Written, code: Code, name: str) -> None:
        plan, kernel = written.plan, written.kernel
        self.written, self.kernel, self.graph = written, kernel, plan.graph
        kinds = [ctypes.c_int64, ctypes.c_int64] + [ctypes.c_void_p] * 4
        self.function = ctypes.CFUNCTYPE(None, *kinds)(code.address(name))
        self.plan = plan
        self.blocks = blocks(plan, kernel)
        # Scratch, sums and the note of trouble of each block lie apart, so that no two threads write to one line of memory.
        self.room = -(-written.scratch_bytes // 64) * 64
        self.sum_room = -(-max(written.sum_count, 1) // 8) * 8

    def __call__(self, values: list[Any]) -> bool:
        plan, count = self.plan, len(self.blocks)
        held = [np.ascontiguousarray(values[node], dtype=plan.dtypes[node]) for node in self.kernel.inputs]
        for node in self.kernel.outputs:
            values[node] = room(self.graph.shape(node), plan.dtypes[node])
            held.append(values[node])
        pointers = np.array([one.ctypes.data for one in held] or [0], dtype=np.intp)
        scratch = np.empty(self.room * count + 64, dtype=np.uint8)
        first = -(-scratch.ctypes.data // 64) * 64
        sums = np.empty((count, self.sum_room))
        trouble = np.zeros((count, 8), dtype=np.int64)
        table, at_sums, at_trouble = pointers.ctypes.data, sums.ctypes.data, trouble.ctypes.data

        def work(place: int) -> None:
            begin, end = self.blocks[place]
            scratch_at, noted = first + place * self.room, at_trouble + 64 * place
            self.function(begin, end, scratch_at, at_sums + 8 * self.sum_room * place, noted, table)

        threads.share_out(work, count)
        if trouble[:, 0].any():
            return False
        for node in self.kernel.sums:
            values[node] = self._total(node, sums)
        return True

    def _total(self, node: int, sums: Any) -> Any:
        shape = self.graph.shape(node)
        at = self.written.slots[node]
        total = sums[:, at : at + int(np.prod(shape, dtype=int))].sum(axis=0).reshape(shape)
        gate = self.graph.gate(node)
        if gate is not None and gate.name == "mean":
            gathered = int(np.prod(self.graph.shape(self.graph.inputs(node)[0]), dtype=int))
            total = total / (gathered // max(total.size, 1))
        return total.astype(self.plan.dtypes[node])[()]


def blocks(plan: Plan, kernel: Kernel) -> list[tuple[int, int]]:
    """The rows in blocks of about the same work."""
    wires = (*kernel.nodes, *(one for one in kernel.inputs if plan.graph.shape(one)))
    widest = max(width(plan.graph, node) for node in wires)
    count = min(kernel.rows, max(1, kernel.rows * widest // BLOCK), MOST_BLOCKS)
    return list(pairwise(kernel.rows * place // count for place in range(count + 1)))
