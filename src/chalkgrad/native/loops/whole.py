"""A plan of one kernel, and a few numbers behind it, as one call from Python: see `native.whole`."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np

from chalkgrad.native import crew
from chalkgrad.native.loops import led
from chalkgrad.native.loops.at_once import DirectStep
from chalkgrad.native.loops.tail import ARITHMETIC, TailStep
from chalkgrad.native.whole.code import GIVEN, MADE
from chalkgrad.native.whole.told import Call, Told

NAMES = {operation: name for name, operation in ARITHMETIC.items()}


def called_whole(runner: Any, otherwise: Callable[..., Any], how: Call) -> Callable[..., Any] | None:
    """A runner's plan as one function of its leaves; None where it is more than that.

    What is not a call with exactly what the plan is for goes to `otherwise`.
    """
    step, *tails = runner.steps
    if type(step) is not DirectStep or step.gathered or not all(type(one) is TailStep for one in tails) or not runner.all_own:
        return None
    graph, dtypes, kernel = runner.plan.graph, runner.plan.dtypes, step.kernel
    work = [*chain.from_iterable(one.work for one in tails)]
    told = Told(how, [(graph.shape(leaf), dtypes[leaf]) for leaf in runner.leaves], len(step.sums), len(step.sums) + len(work))
    for _, maker in step.results:
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
    for node, operation, given, kind in work:
        if any(one not in numbers for one in given if not isinstance(one, float)):
            return None
        places = [told.literal(one) if isinstance(one, float) else numbers[one] for one in given]
        one, other = places if len(places) == 2 else (told.literal(-0.0), *places)
        numbers[node] = told.step(NAMES[operation].replace("negative", "subtract"), one, other, kind)
    for node in runner.outputs:
        if node in kernel.outputs and graph.shape(node):
            told.array(kernel.outputs.index(node))
        elif node in numbers:
            told.number(numbers[node], dtypes[node])
        else:
            return None
    crew.crew()  # without which a kernel is not led
    return told.function(led.CODE.code().address(led.NAME), np.array(led.words(step), dtype=np.int64), otherwise)
