"""The steps of a plan: one gate by NumPy, or one kernel in machine code.

Rows are shared out to threads in blocks that depend on the work alone, and the blocks' sums are added in their order. So results
are the same to the last bit for any number of threads.
"""

import math
from collections.abc import Callable, Container
from typing import Any, Literal

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native import crew
from chalkgrad.native.crew import LINE, MOST_BLOCKS, lines
from chalkgrad.native.llvm import Code
from chalkgrad.native.loops.flipping import laid, made
from chalkgrad.native.loops.gaps import LEAST, Gapped, Packing, gapped
from chalkgrad.native.loops.kernel import Written
from chalkgrad.native.loops.plan import Kernel, Plan, width
from chalkgrad.native.recycling import room
from chalkgrad.reading.trace.numbers import NUMBERS

BLOCK = 50_000  # gates' entries that one thread takes at a time, at least: a few microseconds
LEAST_SHARED = 100_000  # below it, calling others costs more than they save
Step = Callable[[list[Any]], bool]


def aligned(size: int) -> Any:
    """So many bytes from the start of a line."""
    memory = room((size + LINE,), np.dtype(np.uint8))
    first = -memory.ctypes.data % LINE
    return memory[first : first + size]


class NumPyStep:
    """One gate, computed by NumPy."""

    warned = True  # whether NumPy would tell of overflow and the like

    def __init__(self, plan: Plan, node: int, by_kernel: bool) -> None:
        graph, self.dtype = plan.graph, plan.dtypes[node]
        gate = graph.gate(node)
        assert gate is not None
        self.node, self.inputs, self.settings = node, graph.inputs(node), graph.settings(node)
        self.forward = gate.forward
        # Few entries are laid out without gaps for a kernel that reads them.
        self.few = by_kernel and math.prod(graph.shape(node)) * self.dtype.itemsize < LEAST
        self.order: Literal["C", "K"] = "C" if self.few else "K"

    def __call__(self, values: list[Any]) -> bool:
        value = self.forward(NUMBERS, *[values[one] for one in self.inputs], **self.settings)
        values[self.node] = np.asarray(value, dtype=self.dtype, order=self.order)[()]
        return True


MOVES: dict[str, Callable[..., Any]] = {
    "reshape": lambda x, *, shape: x.reshape(shape),
    "transpose": lambda x, *, axes: x.transpose(axes),
    "index": lambda x, *, index: x[index],
}  # by the arrays' own methods, which take a tenth of the time of NumPy's functions


class MoveStep(NumPyStep):
    """The same entries in another order or another shape."""

    def __init__(self, plan: Plan, node: int, by_kernel: bool, name: str) -> None:
        super().__init__(plan, node, by_kernel)
        (self.input,) = self.inputs
        self.move = MOVES[name]

    def __call__(self, values: list[Any]) -> bool:
        array = values[self.input]
        if type(array) is not np.ndarray or array.dtype != self.dtype:
            return super().__call__(values)
        moved = self.move(array, **self.settings)
        values[self.node] = moved if not self.few or moved.flags.c_contiguous else moved.copy()
        return True


def numpy_step(plan: Plan, node: int, flipped: Container[int] = ()) -> NumPyStep:
    """The step that has NumPy compute a gate. Some arrays are read by kernels as they lie, column by column."""
    gate = plan.graph.gate(node)
    assert gate is not None
    by_kernel = node not in flipped and any(node in one.read(plan.graph) for one in plan.steps if not isinstance(one, int))
    moves = gate.name in MOVES and plan.graph.shape(node)
    return MoveStep(plan, node, by_kernel, gate.name) if moves else NumPyStep(plan, node, by_kernel)


class KernelStep:
    """One kernel with what it needs to be called."""

    def __init__(self, written: Written, code: Code, name: str) -> None:
        plan, kernel = written.plan, written.kernel
        self.written, self.kernel, self.graph, self.plan = written, kernel, plan.graph, plan
        self.code, self.function = code, code.address(name)
        self.bounds = np.array(self.shares(), dtype=np.int64)
        self.warned = bool(kernel.sums)
        self.in_rows = {node for node in kernel.inputs if rows(plan, kernel, node)}

    def __call__(self, values: list[Any]) -> bool:
        count = len(self.bounds) - 1
        held: list[Any] = []
        gaps: list[Gapped] = []
        pointers = self.memory(values, held, gaps)
        function, scratch = self.function, self.scratch_bytes()
        if gaps:
            packing = Packing(function, pointers, gaps, scratch, self.written.sum_count, self.written.together)
            function, pointers, scratch = packing.function, packing.words, packing.scratch
        # What each block has of its own: scratch, sums, and a note of trouble.
        sums_at = lines(scratch)
        trouble_at = sums_at + lines(8 * self.written.sum_count)
        rooms = aligned((trouble_at + LINE) * count).reshape(count, -1)
        trouble = rooms[:, trouble_at : trouble_at + 8].view(np.int64)
        trouble[:] = 0
        crew.share_out(function, self.bounds, rooms, sums_at, trouble_at, pointers)
        if trouble.any():
            return False
        sums = rooms[:, sums_at:trouble_at].view(np.float64)
        for node in self.kernel.sums:
            values[node] = self.total(node, sums)
        self.finish(values, rooms)
        return True

    def shares(self) -> list[int]:
        """The bounds of blocks of rows of about the same work."""
        most = self.kernel.rows // self.written.together  # each has at least as many rows as are worked on together
        return shared(self.kernel.rows, min(blocks(self.written), most))

    def scratch_bytes(self) -> int:
        """What each block needs of its own."""
        return self.written.scratch_bytes

    def memory(self, values: list[Any], held: list[Any], gaps: list[Gapped] | None = None) -> list[int]:
        """Where inputs and outputs lie. Whatever has to stay alive meanwhile is in `held` or among the values.

        Inputs with gaps between their entries are told in `gaps`, or copied.
        """
        found: list[int] = []
        for node in self.kernel.inputs:
            array = np.asarray(values[node], dtype=self.plan.dtypes[node])
            if node in self.written.flipped:
                array = laid(array)
            elif not (array.flags.c_contiguous and array.flags.aligned):
                layout = gapped(len(found), array) if gaps is not None and node in self.in_rows else None
                if layout is None:
                    array = np.array(array, order="C")
                elif gaps is not None:
                    gaps.append(layout)
            held.append(array)
            found.append(array.ctypes.data)
        for node in self.kernel.outputs:
            if values[node] is None:  # otherwise the caller has an array for it
                new = made if node in self.written.flipped else room
                values[node] = new(self.graph.shape(node), self.plan.dtypes[node])
            found.append(values[node].ctypes.data)
        return found

    def finish(self, values: list[Any], rooms: Any) -> None:
        """What is left to do once all blocks are done, each with its row of `rooms`."""

    def total(self, node: int, sums: Any) -> Any:
        """A sum over all rows, from those of the blocks, each in its row."""
        shape = self.graph.shape(node)
        at, count, kind = self.written.slots[node], averaged(self.graph, node), self.plan.dtypes[node]
        of_blocks = sums[:, at : at + math.prod(shape)]
        # One after another, as `at_once` does.
        total = (of_blocks[0] if len(sums) == 1 else np.add.accumulate(of_blocks)[-1]).reshape(shape)
        if count != 1:
            total = total / count
        return total.astype(kind, copy=False)[()]


def rows(plan: Plan, kernel: Kernel, node: int) -> bool:
    """Whether a kernel needs from an input only the row that it is at."""
    graph = plan.graph
    readers = ((one, place) for one in kernel.nodes for place, given in enumerate(graph.inputs(one)) if given == node)
    return bool(graph.shape(node)) and all(plan.readings[one].roles[place] == "row" for one, place in readers)


LARGEST = float(np.finfo(np.float32).max)


def single(number: float, kind: Any) -> Any:
    """A number as one of NumPy's, without a warning where it is too large."""
    if kind is np.float32 and LARGEST < abs(number) < np.inf:
        with np.errstate(over="ignore"):  # which takes longer than a small kernel
            return kind(number)
    return kind(number)


def averaged(graph: Graph, node: int) -> int:
    """By what a sum is to be divided: the number of entries of a mean, else 1."""
    gate = graph.gate(node)
    if gate is None or gate.name != "mean":
        return 1
    return math.prod(graph.shape(graph.inputs(node)[0])) // max(math.prod(graph.shape(node)), 1)


def blocks(written: Written) -> int:
    """How many blocks of rows a kernel's work makes: a power of two, so that two or four threads have equal shares.

    Rows side by side take about half the time.
    """
    entries = sum(width(written.graph, node) for node in written.kernel.nodes)
    work = written.kernel.rows * entries // (2 if written.together > 1 else 1)
    return min(1 << (work // BLOCK - 1).bit_length(), MOST_BLOCKS) if work >= LEAST_SHARED else 1


def shared(rows: int, count: int) -> list[int]:
    """Where so many blocks of rows begin, and where the last one ends."""
    count = max(1, min(rows, count))
    return [rows * place // count for place in range(count + 1)]
