"""Running a plan: its kernels in machine code, its other steps in NumPy.

Rows are shared out to threads in blocks that depend on the work alone, and the blocks' sums are added in their order. So results
are the same to the last bit for any number of threads.
"""

import ctypes
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native import threads
from chalkgrad.native.explanation import Explanation, of_plan
from chalkgrad.native.llvm import Code, assembly, compiled, load, new_module, optimised
from chalkgrad.native.loops.kernel import Written
from chalkgrad.native.loops.lowering import lowered
from chalkgrad.native.loops.observing import observed
from chalkgrad.native.loops.plan import Kernel, Plan, make_plan, width
from chalkgrad.native.recycling import room
from chalkgrad.reading.trace.session import NUMBERS

BLOCK = 250_000  # gates' entries that one thread takes at a time, at least: some twenty microseconds
MOST_BLOCKS = 64
LEAST_SHARED = 1_200_000  # below it, waking another thread costs more than it saves
Step = Callable[[list[Any]], bool]


class Runner:
    """A graph's plan, compiled for leaves of the kinds of `given`. Raises NotNativeError where it cannot be."""

    def __init__(self, graph: Graph, outputs: Sequence[int], given: Mapping[int, Any]) -> None:
        steps, moved = lowered(graph)
        self.outputs = [moved[node] for node in outputs]
        self.leaves = steps.leaves()
        values = observed(steps, {moved[node]: value for node, value in given.items()})
        self.plan = make_plan(steps, values, self.outputs)
        self.module = new_module("kernels")
        kernels = [one for one in self.plan.steps if isinstance(one, Kernel)]
        self.written = [Written(self.module, f"kernel{place}", self.plan, kernel) for place, kernel in enumerate(kernels)]
        names = [f"kernel{place}" for place in range(len(kernels))]
        self.code = load(compiled(self.module), names)
        rest = iter([KernelStep(one, self.code, name) for one, name in zip(self.written, names, strict=True)])
        self.steps: list[Step] = [next(rest) if isinstance(one, Kernel) else NumPyStep(self.plan, one) for one in self.plan.steps]
        made = {node for kernel in kernels for node in (*kernel.outputs, *kernel.sums)}
        self.own = {node for node in self.outputs if node in made and self.outputs.count(node) == 1}
        known = {*steps.constants, *self.plan.literals}
        self.start = [self._start(steps, node, values[node]) if node in known else None for node in steps]

    def _start(self, graph: Graph, node: int, value: Any) -> Any:
        """A value that is known beforehand, in the plan's precision unless it is Python's own number."""
        if graph.is_constant(node):
            return value
        return np.asarray(value, dtype=self.plan.dtypes[node])[()]

    def run(self, inputs: Sequence[Any]) -> list[Any] | None:
        """The values of the outputs; None where a step cannot be done (an index out of bounds), which a new trace tells better.

        Guards are looked at afterwards, so a step may meet numbers that the function would not have led to it.
        """
        values = self.start.copy()
        for node, value in zip(self.leaves, inputs, strict=True):
            values[node] = value
        try:
            with np.errstate(all="ignore"):
                for step in self.steps:
                    if not step(values):
                        return None
        except (IndexError, ValueError, np.linalg.LinAlgError):
            return None
        return [values[node] if node in self.own else np.array(values[node])[()] for node in self.outputs]

    def explained(self) -> Explanation:
        """What was made of the graph."""
        return of_plan(self.plan, lambda: str(optimised(str(self.module))), lambda: assembly(self.module))


class NumPyStep:
    """One gate, computed by NumPy."""

    def __init__(self, plan: Plan, node: int) -> None:
        graph, self.dtype = plan.graph, plan.dtypes[node]
        gate = graph.gate(node)
        assert gate is not None
        self.node, self.inputs, self.settings = node, graph.inputs(node), graph.settings(node)
        self.forward = gate.forward

    def __call__(self, values: list[Any]) -> bool:
        value = self.forward(NUMBERS, *[values[one] for one in self.inputs], **self.settings)
        values[self.node] = np.asarray(value, dtype=self.dtype)[()]
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
    work = kernel.rows * sum(width(plan.graph, node) for node in kernel.nodes)
    count = max(1, min(kernel.rows, work // BLOCK, MOST_BLOCKS)) if work >= LEAST_SHARED else 1
    return list(pairwise(kernel.rows * place // count for place in range(count + 1)))
