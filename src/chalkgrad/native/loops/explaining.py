"""What was made of a plan, in words: its kernels, what they read and write, and the steps left to NumPy."""

from collections.abc import Callable, Sequence

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import show
from chalkgrad.native.explanation import Explanation, gates_of, several
from chalkgrad.native.loops.alignment import size
from chalkgrad.native.loops.plan import Kernel, Plan, Sweep
from chalkgrad.native.loops.stages import Schedule
from chalkgrad.native.loops.tail import is_tail


def of_plan(plan: Plan, llvm: Callable[[], str], assembly: Callable[[], str]) -> Explanation:
    """A plan of kernels and NumPy's steps."""
    graph, lines = plan.graph, []
    moved = operations = kernels = tails = 0
    for place, step in enumerate(plan.steps, start=1):
        if isinstance(step, Kernel) and is_tail(plan, step):
            tails += 1
            operations += len(step.nodes)
            lines.append(f"{place}. single numbers, by Python: {several(gates_of(graph, step.nodes))}")
        elif not isinstance(step, int):
            kernels += 1
            kernel = step.kernel if isinstance(step, Sweep) else step
            work = step.operations(graph)
            read, written = _bytes(plan, step.read(graph)), _bytes(plan, step.made())
            moved, operations = moved + read + written, operations + work
            gates = f"{len(kernel.nodes)} gates in one pass ({several(gates_of(graph, kernel.nodes))})"
            if isinstance(step, Sweep):
                gates = " and ".join([*_around(graph, step), *([gates] if kernel.nodes else [])])
            lines.append(f"{place}. kernel over {kernel.rows} rows: {gates}")
            lines.append(f"   reads {_size(read)}, writes {_size(written)}, about {work:,} operations")
            lines += [f"   {one}" for one in _inner(plan, kernel, 1 if isinstance(step, Sweep) else None)]
        else:
            gate = graph.gate(step)
            wires = [*graph.inputs(step), step]
            moved += _bytes(plan, wires)
            lines.append(f"{place}. NumPy: {gate.name if gate else 'constant'}, giving {show(graph.shape(step))}")
    count = sum(1 for node in graph if graph.gate(node))
    numpy = len(plan.steps) - kernels - tails
    done = f"{kernels} {'kernel' if kernels == 1 else 'kernels'} and {numpy} steps of NumPy"
    head = f"{count} gates in {done}, {_size(moved)} through memory."
    return Explanation("\n".join([head, *lines]), kernels, numpy, moved, operations, llvm, assembly)


def _around(graph: Graph, sweep: Sweep) -> list[str]:
    """The products of a sweep, in words."""
    pairs = [[show(graph.shape(one)) for one in graph.inputs(node)] for node in (*sweep.products, *sweep.gathered)]
    return [f"the product {one} @ {other}" for one, other in pairs]


def _inner(plan: Plan, kernel: Kernel, together: int | None) -> list[str]:
    schedule = Schedule(plan, kernel, together)
    loops = [show(shape) for stage in schedule.stages for shape in stage.loops]
    loops += [show(schedule.shape(plan.graph.inputs(node)[0])) for stage in schedule.stages for node in stage.segments]
    kept = [gate.name for node in schedule.scratch if (gate := plan.graph.gate(node))]
    found = [f"within a row: loops over {', '.join(loops)}"] if loops else []
    if schedule.together > 1:
        found.append(f"{schedule.together} rows side by side: each instruction computes an entry of all of them")
    return found + ([f"kept in cache for the length of a row: {', '.join(kept)}"] if kept else [])


def _bytes(plan: Plan, nodes: Sequence[int]) -> int:
    return sum(size(plan.graph.shape(node)) * np.dtype(plan.dtypes[node]).itemsize for node in nodes)


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.4g} GiB"
