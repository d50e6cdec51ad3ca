"""Graphs of small arrays as straight-line code: every entry in a register, no loop, no array between.

An optimiser or a sampler calls the gradient of a few parameters a hundred thousand times, and NumPy spends a microsecond on each of
its gates. Here a call costs little more than reading its arguments.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native import crew
from chalkgrad.native.calling import declined
from chalkgrad.native.direct import fits
from chalkgrad.native.explanation import Explanation, of_straight
from chalkgrad.native.llvm import F64, I64, POINTER, assembly, compiled, load, new_module, optimised
from chalkgrad.native.loops.observing import observed
from chalkgrad.native.loops.stages import CHEAP
from chalkgrad.native.number import WHOLE_POWERS, NotNativeError
from chalkgrad.native.scalars import computed, entry
from chalkgrad.native.whole.code import GIVEN, MADE
from chalkgrad.native.whole.told import Call, Told
from chalkgrad.native.writer import Writer

NAME = "small"
DEAR = 20
PLAIN = frozenset({"arrays", "sums", "linear", "marks", "choice"})  # families of gates that only move, add and multiply
DOUBLE, TRUTH = np.dtype(np.float64), np.dtype(np.bool_)


def work(graph: Graph) -> int:
    """About how many operations straight-line code would have, a function such as exp counting for DEAR of them.

    What is read from arguments or handed out unchanged counts too: it is a move for each entry, used or not.
    """
    total = 0
    for node in graph:
        gate = graph.gate(node)
        if gate is None:
            total += math.prod(graph.shape(node))
        else:
            sizes = [math.prod(graph.shape(one)) for one in (node, *graph.inputs(node))]
            cheap = gate.name in CHEAP or gate.family in PLAIN or graph.settings(node).get("exponent") in WHOLE_POWERS
            total += max(*sizes, _products(graph, node)) * (1 if cheap else DEAR)
    return total


def _products(graph: Graph, node: int) -> int:
    """How many products a gate adds up."""
    gate, shapes = graph.gate(node), [graph.shape(one) for one in graph.inputs(node)]
    if gate is not None and gate.name == "matmul":
        return math.prod(shapes[0]) * (graph.shape(node)[-1] if len(shapes[1]) > 1 else 1)
    if gate is not None and gate.name == "einsum":
        named = "".join(graph.settings(node)["spec"].partition("->")[0].split(","))
        sizes = dict(zip(named, (size for shape in shapes for size in shape), strict=True))
        return math.prod(sizes.values())
    return 0


class Small:
    """A graph whose inputs are float64, compiled entry by entry. Raises NotNativeError where it cannot be."""

    def __init__(self, graph: Graph, outputs: Sequence[int], given: Mapping[int, Any]) -> None:
        self.graph, self.outputs, self.leaves = graph, list(outputs), graph.leaves()
        values = observed(graph, given)
        kinds = [np.result_type(values[node]) for node in self.outputs]
        if not fits() or any(np.result_type(values[leaf]) != DOUBLE for leaf in self.leaves) or not {*kinds} <= {DOUBLE, TRUTH}:
            raise NotNativeError("Straight-line code is for arrays of float64.")
        self.shapes = [graph.shape(node) for node in self.outputs]
        self.truths = [place for place, kind in enumerate(kinds) if kind == TRUTH]
        self.module = new_module(NAME)
        self._define()
        self.code = load(compiled(self.module), [NAME])
        self.call = self._called(declined, Call(floats=False))

    def _define(self) -> None:
        """Read the inputs' entries where they lie, compute, and only then write the results."""
        write = Writer(self.module, NAME, [POINTER, POINTER, POINTER], I64)
        write.function.linkage = "external"
        builder, (_, job, numbers) = write.builder, write.args
        table = [write.word(job, crew.POINTERS + place, POINTER) for place in range(len(self.leaves) + sum(map(bool, self.shapes)))]

        def read(leaf: int, place: int) -> Any:
            return builder.load(entry(builder, table[leaf], place), typ=F64)

        found = computed(builder, self.graph, self.leaves, self.outputs, read)
        arrays, number = iter(table[len(self.leaves) :]), 0
        for shape, values in zip(self.shapes, found, strict=True):
            array, first = (next(arrays), 0) if shape else (numbers, number)
            number += not shape
            for place, value in enumerate(values, start=first):
                builder.store(value, entry(builder, array, place))
        builder.ret(I64(0))

    def _called(self, otherwise: Callable[..., Any], how: Call) -> Any:
        rooms = [shape for shape in self.shapes if shape]
        told = Told(how, [(self.graph.shape(leaf), DOUBLE) for leaf in self.leaves], len(self.shapes) - len(rooms))
        told.kept(self.code)
        for place in range(len(self.leaves)):
            told.pointer(GIVEN, place)
        numbers, arrays = count(), count()
        for shape in self.shapes:
            if shape:
                told.made(partial(np.empty, shape))
                told.pointer(MADE, place := next(arrays))
                told.array(place)
            else:
                told.number(next(numbers), DOUBLE)
        return told.function(self.code.address(NAME), np.zeros(0, dtype=np.int64), otherwise)

    def whole(self, otherwise: Callable[..., Any] = declined, **how: Any) -> Callable[..., Any] | None:
        """One function of the leaves, see `loops.run.Runner.whole`."""
        call = Call(**how)
        made: Callable[..., Any] | None = None if self.truths or call.into else self._called(otherwise, call)
        return made

    def run(self, inputs: Sequence[Any], _into: Any = None) -> list[Any]:
        """The values of the outputs. Inputs with gaps, in another precision or on odd bytes are copied first."""
        shapes = [self.graph.shape(leaf) for leaf in self.leaves]
        values = [one if shape else float(one) for one, shape in zip(inputs, shapes, strict=True)]
        results = self.call(*values)
        if results is None:
            plain = [np.array(one, DOUBLE, order="C") if shape else one for one, shape in zip(values, shapes, strict=True)]
            results = self.call(*plain)
        found = [*results]
        for place in self.truths:
            found[place] = found[place].astype(TRUTH)
        return found

    def explained(self, _inputs: Any = ()) -> Explanation:
        """What was made of the graph."""
        return of_straight(self.graph, self.outputs, lambda: str(optimised(str(self.module))), lambda: assembly(self.module))
