"""Graphs of small arrays as straight-line code: every entry in a register, no loop, no array between.

An optimiser or a sampler calls the gradient of a few parameters a hundred thousand times, and NumPy spends a microsecond on each of
its gates. Here a call costs little more than reading its arguments.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native.direct import define_direct, direct, fits
from chalkgrad.native.explanation import Explanation, of_straight
from chalkgrad.native.llvm import F64, I64, POINTER, assembly, compiled, load, new_module, optimised
from chalkgrad.native.loops.observing import observed
from chalkgrad.native.loops.stages import CHEAP
from chalkgrad.native.number import WHOLE_POWERS, NotNativeError
from chalkgrad.native.scalars import computed, entry

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
        self.rooms = [shape for shape in self.shapes if shape]
        numbers = len(self.outputs) - len(self.rooms)
        singles, arrays = iter(range(numbers)), iter(range(numbers, len(self.outputs)))  # the code gives numbers, then arrays
        self.order = [next(arrays if shape else singles) for shape in self.shapes]
        self.module = new_module("small")
        memory = [(place, DOUBLE) for place in range(len(self.leaves) + len(self.rooms))]
        define_direct(self.module, "small", memory, numbers, self._work)
        self.call = direct(load(compiled(self.module), ["small"]), "small", memory)
        self.single = [place for place, leaf in enumerate(self.leaves) if not graph.shape(leaf)]

    def _work(self, builder: Any, table: Any, results: Any) -> None:
        """Read the inputs' entries where they lie, compute, and only then write the results."""
        places = range(len(self.leaves) + len(self.rooms))
        addresses = [builder.load(builder.gep(table, [I64(place)], source_etype=POINTER), typ=POINTER) for place in places]

        def read(leaf: int, place: int) -> Any:
            return builder.load(entry(builder, addresses[leaf], place), typ=F64)

        found = computed(builder, self.graph, self.leaves, self.outputs, read)
        arrays = iter(addresses[len(self.leaves) :])
        numbers = 0
        for shape, values in zip(self.shapes, found, strict=True):
            array, first = (next(arrays), 0) if shape else (results, numbers)
            numbers += not shape
            for place, value in enumerate(values, start=first):
                builder.store(value, entry(builder, array, place))

    def run(self, inputs: Sequence[Any], _into: Any = None) -> list[Any]:
        """The values of the outputs. Inputs with gaps, in another precision or on odd bytes are copied first."""
        values = [*inputs]
        for place in self.single:
            values[place] = np.asarray(values[place], DOUBLE)
        made = [np.empty(shape) for shape in self.rooms]
        numbers = self.call([*values, *made])
        if numbers is None:
            plain = [np.require(one, DOUBLE, ["C", "ALIGNED"]).reshape(np.shape(one)) for one in values]
            numbers = self.call([*plain, *made])
        assert numbers is not None
        found: list[Any] = [*map(np.float64, numbers), *made]
        results = [found[place] for place in self.order]
        for place in self.truths:
            results[place] = results[place].astype(TRUTH)
        return results

    def explained(self, _inputs: Any = ()) -> Explanation:
        """What was made of the graph."""
        return of_straight(self.graph, self.outputs, lambda: str(optimised(str(self.module))), lambda: assembly(self.module))
