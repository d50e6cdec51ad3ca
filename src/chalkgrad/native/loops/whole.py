"""A plan of one kernel, and a few numbers behind it, as one call from Python: see `native.whole`."""

import math
from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np

from chalkgrad.native import crew
from chalkgrad.native.loops import led
from chalkgrad.native.loops.at_once import DirectStep
from chalkgrad.native.loops.tail import ARITHMETIC, TailStep
from chalkgrad.native.recycling import room_for
from chalkgrad.native.whole.code import GIVEN, MADE, NEW
from chalkgrad.native.whole.told import Call, Told

NAMES = {operation: name for name, operation in ARITHMETIC.items()}


def called_whole(runner: Any, otherwise: Callable[..., Any], how: Call) -> Callable[..., Any] | None:
    """A runner's plan as one function of its leaves; None where it is more than that.

    What is not a call with exactly what the plan is for goes to `otherwise`.
    """
    step, *tails = runner.steps
    if type(step) is not DirectStep or step.gathered or not all(type(one) is TailStep for one in tails):
        return None
    graph, dtypes, kernel = runner.plan.graph, runner.plan.dtypes, step.kernel
    work = [*chain.from_iterable(one.work for one in tails)]
    arrays = [node for node in runner.outputs if graph.shape(node)]
    given = [*runner.leaves, *arrays] if how.into else runner.leaves
    told = Told(how, [(graph.shape(node), dtypes[node]) for node in given], len(step.sums), len(step.sums) + len(work))
    if not {*kernel.outputs} <= {*arrays}:
        return None
    for node, maker in step.results:
        if how.into:
            told.into(len(runner.leaves) + arrays.index(node))
        else:
            told.made(maker)
    for node in step.written.memory:
        if node in kernel.outputs:
            told.pointer(MADE, kernel.outputs.index(node))
        elif node in runner.leaves:
            told.pointer(GIVEN, runner.leaves.index(node))
        else:
            told.fixed(np.ascontiguousarray(np.asarray(runner.start[node], dtypes[node])))
    # Single numbers: floats that are given, sums, what becomes of them.
    numbers = {leaf: told.argument(place) for place, leaf in enumerate(runner.leaves) if not graph.shape(leaf)}
    for node, count, kind in step.sums:
        numbers[node] = told.step("divide", step.written.slots[node], told.literal(count), kind)
    for node, operation, read, kind in work:
        if any(one not in numbers for one in read if not isinstance(one, float)):
            return None
        places = [told.literal(one) if isinstance(one, float) else numbers[one] for one in read]
        one, other = places if len(places) == 2 else (told.literal(-0.0), *places)
        numbers[node] = told.step(NAMES[operation].replace("negative", "subtract"), one, other, kind)
    for place, node in enumerate(runner.outputs):
        if node in numbers:
            told.number(numbers[node], dtypes[node])
        elif node in kernel.outputs and node not in runner.outputs[:place]:
            told.array(kernel.outputs.index(node))
        elif node in kernel.outputs or (graph.shape(node) and node in runner.leaves):
            _copy(told, runner, kernel, place, node)
        else:
            return None
    crew.crew()  # without which a kernel is not led
    return told.function(led.CODE.code().address(led.NAME), np.array(led.words(step), dtype=np.int64), otherwise)


def _copy(told: Told, runner: Any, kernel: Any, place: int, node: int) -> None:
    """The result at this place is an input as it is, or what an earlier result is."""
    shape, dtype = runner.plan.graph.shape(node), runner.plan.dtypes[node]
    if told.how.into:
        told.into(len(runner.leaves) + sum(bool(runner.plan.graph.shape(one)) for one in runner.outputs[:place]))
    else:
        told.made(room_for(shape, dtype))
    source = (MADE, kernel.outputs.index(node)) if node in kernel.outputs else (GIVEN, runner.leaves.index(node))
    told.copied(*source, math.prod(shape) * dtype.itemsize)
    told.array(len(told.records[NEW]) - 1)
