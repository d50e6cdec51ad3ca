"""A plan of one kernel, and a few numbers behind it, as one call from Python: see `native.whole`."""

import math
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from chalkgrad.native import crew
from chalkgrad.native.loops import led
from chalkgrad.native.loops.at_once import DirectStep
from chalkgrad.native.loops.flipping import is_flip
from chalkgrad.native.loops.steps import MoveStep
from chalkgrad.native.loops.tail import ARITHMETIC, TailStep
from chalkgrad.native.recycling import room_for
from chalkgrad.native.whole.code import GIVEN, MADE, NEW
from chalkgrad.native.whole.told import Call, Told

NAMES = {operation: name for name, operation in ARITHMETIC.items()}


def called_whole(runner: Any, otherwise: Callable[..., Any], how: Call) -> Callable[..., Any] | None:
    """A runner's plan as one function of its leaves; None where it is more than that.

    What is not a call with exactly what the plan is for goes to `otherwise`.
    """
    graph, dtypes = runner.plan.graph, runner.plan.dtypes
    kernels = [one for one in runner.steps if type(one) is DirectStep]
    flips = [one.node for one in runner.steps if type(one) is MoveStep and _is_no_work(runner, one.node)]
    tails = [one for one in runner.steps if type(one) is TailStep]
    if len(kernels) != 1 or len(kernels) + len(flips) + len(tails) < len(runner.steps) or kernels[0].gathered:
        return None
    (step,) = kernels
    kernel, same = step.kernel, {node: graph.inputs(node)[0] for node in flips}  # other names of the same memory
    after = {one: node for node, one in same.items()}
    made = [after.get(node, node) for node in kernel.outputs]
    work = [*chain.from_iterable(one.work for one in tails)]
    arrays = [node for node in runner.outputs if graph.shape(node)]
    given = [*runner.leaves, *arrays] if how.into else runner.leaves
    told = Told(how, [(graph.shape(node), dtypes[node]) for node in given], len(step.sums), len(step.sums) + len(work))
    if not {*made} <= {*arrays}:
        return None
    for node in made:
        if how.into:
            told.into(len(runner.leaves) + arrays.index(node))
        else:
            told.made(room_for(graph.shape(node), dtypes[node]))
    for node in step.written.memory:
        source = same.get(node, node)
        if node in kernel.outputs:
            told.pointer(MADE, kernel.outputs.index(node))
        elif source in runner.leaves:
            told.pointer(GIVEN, runner.leaves.index(source))
        elif source is node:
            told.fixed(np.ascontiguousarray(np.asarray(runner.start[node], dtypes[node])))
        else:
            return None
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
        elif node in made and node not in runner.outputs[:place]:
            told.array(made.index(node))
        elif node in made or (graph.shape(node) and node in runner.leaves):
            _copy(told, runner, made, place, node)
        else:
            return None
    crew.crew()  # without which a kernel is not led
    return told.function(led.CODE.code().address(led.NAME), np.array(led.words(step), dtype=np.int64), otherwise)


def _is_no_work(runner: Any, node: int) -> bool:
    """Whether a step only gives a name to memory that a kernel reads or writes as it lies."""
    graph = runner.plan.graph
    return is_flip(graph, node) and (node in runner.flipped or graph.inputs(node)[0] in runner.flipped)


def _copy(told: Told, runner: Any, made: Sequence[int], place: int, node: int) -> None:
    """The result at this place is an input as it is, or what an earlier result is."""
    shape, dtype = runner.plan.graph.shape(node), runner.plan.dtypes[node]
    if told.how.into:
        told.into(len(runner.leaves) + sum(bool(runner.plan.graph.shape(one)) for one in runner.outputs[:place]))
    else:
        told.made(room_for(shape, dtype))
    kind, which = (MADE, made.index(node)) if node in made else (GIVEN, runner.leaves.index(node))
    told.copied(kind, which, math.prod(shape) * dtype.itemsize)
    told.array(len(told.records[NEW]) - 1)
