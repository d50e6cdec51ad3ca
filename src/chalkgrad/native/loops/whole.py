"""A plan of one kernel as one call from Python: machine code looks at the arguments, runs the kernel, puts the results together.

On the way from Python to a kernel of small arrays more time is lost than in it. Here one function, the same for all plans, goes
from the arguments to the results; what it knows of a plan stands in words (`whole_code`). A call with anything else than the arrays
and floats that it expects, trouble within the work, and places that hold something else than they did, go to an ordinary Python
function.

What is left to do with a kernel's sums, as `tail` says, are steps of arithmetic here.
"""

import sys
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from chalkgrad.native import crew
from chalkgrad.native.calling import callable_from
from chalkgrad.native.loops import whole_code
from chalkgrad.native.loops.at_once import DirectStep
from chalkgrad.native.loops.led import words
from chalkgrad.native.loops.precision import DOUBLE, SINGLE
from chalkgrad.native.loops.tail import ARITHMETIC, TailStep
from chalkgrad.native.loops.whole_code import (
    ARGUMENTS,
    ARRAY,
    FIRST_STEP,
    FIXED,
    FLOAT,
    GIVEN,
    HEAD,
    KERNEL,
    LITERALS,
    MADE,
    NAMED,
    NESTED,
    NEW,
    OPERATIONS,
    PLACES,
    RESULTS,
    SIZES,
    SLOTS,
    STEPS,
    WIDTHS,
)
from chalkgrad.reading.trace.places import KINDS, NOTHING, Place

OPERATION = {ARITHMETIC[name]: place for place, name in enumerate(OPERATIONS)}


class Call(NamedTuple):
    """How a plan is called: by these names, or by place; and what its results are like."""

    names: Sequence[str] | None = None
    nested: bool = False  # the first result, and a tuple of the others
    floats: bool = True  # numbers of float64 are Python's floats
    places: Sequence[Place] = ()  # that have to hold what they held


def called_whole(runner: Any, otherwise: Callable[..., Any], how: Call) -> Callable[..., Any] | None:
    """A runner's plan as one function of its leaves; None where it is more than one kernel and a few numbers.

    What is not a call with exactly what the plan is for goes to `otherwise`.
    """
    step, *tails = runner.steps
    if type(step) is not DirectStep or step.gathered or not all(type(one) is TailStep for one in tails) or not runner.all_own:
        return None
    told = _Told(runner, how)
    if not told.fits:
        return None
    crew.crew()  # without which the code does nothing
    return callable_from(whole_code.CODE.code(), whole_code.NAME, otherwise, told.words(), told.held)


class _Told:
    """What the machine code is told of a plan.

    Its numbers are the kernel's sums, the arguments that are floats, what the steps give, and literals, in this order.
    """

    def __init__(self, runner: Any, how: Call) -> None:
        self.runner, self.how = runner, how
        self.step, tails = runner.steps[0], runner.steps[1:]
        self.graph, self.dtypes = runner.plan.graph, runner.plan.dtypes
        self.fits = True
        self.held: list[Any] = [self.step, np.array(words(self.step), dtype=np.int64)]  # what has to stay where it is
        self.numbers: dict[int, int] = {}  # for each wire of a single number its place
        self.sizes: list[int] = []
        self.arguments = [self._argument(place, leaf) for place, leaf in enumerate(runner.leaves)]
        self.slots = [self._slot(node) for node in self.step.written.memory]
        self.literals: list[float] = []
        self.first_step = len(self.step.sums) + len(self.arguments)
        work = [*chain.from_iterable(one.work for one in tails)]
        self.first_literal = self.first_step + len(self.step.sums) + len(work)
        self.steps: list[list[int]] = []
        for node, count, kind in self.step.sums:
            self._add(node, ARITHMETIC["divide"], [self.step.written.slots[node], self._literal(count)], kind)
        for node, operation, given, kind in work:
            self._add(node, operation, [self._literal(one) if isinstance(one, float) else self._number(one) for one in given], kind)
        self.results = [self._result(node) for node in runner.outputs]
        self.places = [self._place(one) for one in how.places]

    def words(self) -> Any:
        """All of it; only once everything else is known."""
        bits = np.array(self.literals, dtype=np.float64).view(np.int64).tolist()
        new = [[self._kept(made)] for _, made in self.step.results]
        records = {ARGUMENTS: self.arguments, SIZES: [[one] for one in self.sizes], NEW: new, SLOTS: self.slots, STEPS: self.steps,
                   LITERALS: [[one] for one in bits], RESULTS: self.results, PLACES: self.places}  # fmt: skip
        head, flat = [0] * HEAD, [word for record in records.values() for one in record for word in one]
        head[KERNEL], head[ARRAY], head[FLOAT] = self.held[1].ctypes.data, id(np.ndarray), id(float)
        head[NAMED], head[NESTED], head[FIRST_STEP] = self.how.names is not None, self.how.nested, self.first_step
        begin = HEAD
        for kind, record in records.items():
            head[kind], head[kind + 1] = len(record), begin
            begin += WIDTHS[kind] * len(record)
        return np.array([*head, *flat], dtype=np.int64)

    def _argument(self, place: int, leaf: int) -> list[int]:
        shape, dtype = self.graph.shape(leaf), self.dtypes[leaf]
        name = 0 if self.how.names is None else self._kept(sys.intern(self.how.names[place]))
        if shape:
            self.sizes += shape
            return [name, self._kept(dtype), len(shape), len(self.sizes) - len(shape), 0]
        self.fits &= dtype in (SINGLE, DOUBLE)
        self.numbers[leaf] = len(self.step.sums) + place
        return [name, 0, 0, 0, int(dtype == SINGLE)]

    def _slot(self, node: int) -> list[int]:
        """A pointer of the kernel."""
        kernel, leaves = self.step.kernel, self.runner.leaves
        if node in kernel.outputs:
            return [MADE, kernel.outputs.index(node)]
        if node in leaves:
            return [GIVEN, leaves.index(node)]
        known = np.ascontiguousarray(np.asarray(self.runner.start[node], self.dtypes[node]))
        self._kept(known)
        return [FIXED, known.ctypes.data]

    def _add(self, node: int, operation: Any, places: list[int], kind: Any) -> None:
        """A step of arithmetic."""
        if operation is ARITHMETIC["negative"]:
            operation, places = ARITHMETIC["subtract"], [self._literal(-0.0), *places]
        self.numbers[node] = self.first_step + len(self.steps)
        self.steps.append([OPERATION[operation], *places, int(kind is np.float32)])

    def _literal(self, number: float) -> int:
        self.literals.append(number)
        return self.first_literal + len(self.literals) - 1

    def _number(self, node: int) -> int:
        self.fits &= node in self.numbers
        return self.numbers.get(node, 0)

    def _result(self, node: int) -> list[int]:
        if node in self.step.kernel.outputs:
            self.fits &= bool(self.graph.shape(node))
            return [0, self.step.kernel.outputs.index(node), 0]
        kind = self.dtypes[node]
        self.fits &= kind in (SINGLE, DOUBLE)
        return [1, self._number(node), 0 if kind == DOUBLE and self.how.floats else self._kept(kind.type)]

    def _place(self, place: Place) -> list[int]:
        key = 0 if place.key is None else self._kept(place.key)
        return [KINDS.index(place.kind), self._kept(place.owner), key, 0 if place.held is NOTHING else self._kept(place.held)]

    def _kept(self, one: Any) -> int:
        """The address of an object, which stays while the function does."""
        self.held.append(one)
        return id(one)
