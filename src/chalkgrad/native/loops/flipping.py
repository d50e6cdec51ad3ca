"""Matrices whose columns are the rows of a kernel: where rows lie side by side, they are read and written as they lie.

A kernel's row is then a column of a matrix such as scores with a column for each point. The same entry of rows that follow one
another lies side by side already, so nothing has to be turned. The transpose before the kernel, and the one behind it, are other
names for the same memory.
"""

from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native.loops.plan import Kernel, Plan, Sweep
from chalkgrad.native.loops.stages import Schedule
from chalkgrad.native.recycling import room

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def flipped(plan: Plan, kernel: Kernel, schedule: Schedule) -> frozenset[int]:
    """Of a kernel's inputs and outputs those that lie so."""
    if schedule.together == 1:
        return frozenset()
    given = [node for node in schedule.turned_in() if is_flip(plan.graph, node) and _by_rows(plan, kernel, node)]
    made = [node for node in schedule.turned_back() if node not in plan.outputs and _only_flipped(plan, node)]
    return frozenset(node for node in (*given, *made) if plan.dtypes[node] in FLOATS)


def is_flip(graph: Graph, node: int) -> bool:
    """Whether a wire is the transpose of a matrix."""
    gate = graph.gate(node)
    return gate is not None and gate.name == "transpose" and graph.settings(node)["axes"] in (None, (1, 0))


def laid(array: Any) -> Any:
    """The array column by column, where the processor wants it; itself if it lies so."""
    return np.require(array, requirements=["F", "ALIGNED"])


def made(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """A new array that lies so."""
    return room(shape[::-1], dtype).T


def _by_rows(plan: Plan, kernel: Kernel, node: int) -> bool:
    readers = [(one, place) for one in kernel.nodes for place, given in enumerate(plan.graph.inputs(one)) if given == node]
    return len(plan.graph.shape(node)) == 2 and all(plan.readings[one].roles[place] == "row" for one, place in readers)


def _only_flipped(plan: Plan, node: int) -> bool:
    """Whether nothing reads the wire but transposes, by NumPy."""
    readers = [step for step in plan.steps if isinstance(step, int) and node in plan.graph.inputs(step)]
    others = [step for step in plan.steps if isinstance(step, Kernel | Sweep) and node in step.read(plan.graph)]
    return len(readers) == 1 and not others and is_flip(plan.graph, readers[0])
