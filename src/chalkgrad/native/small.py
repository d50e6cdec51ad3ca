"""Graphs of small arrays as straight-line code: every entry in a register, no loop, no array between.

An optimiser or a sampler calls the gradient of a few parameters a hundred thousand times, and NumPy spends a microsecond on each of
its gates. Here a call costs little more than reading its arguments.
"""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native.direct import define_direct, direct, fits
from chalkgrad.native.explanation import Explanation, of_straight
from chalkgrad.native.llvm import F64, I64, assembly, compiled, load, new_module, optimised
from chalkgrad.native.loops.observing import observed
from chalkgrad.native.loops.stages import CHEAP
from chalkgrad.native.number import WHOLE_POWERS, NotNativeError
from chalkgrad.native.scalars import straight

DEAR = 20
PLAIN = frozenset({"arrays", "sums", "linear", "marks", "choice"})  # families of gates that only move, add and multiply
DOUBLE, TRUTH = np.dtype(np.float64), np.dtype(np.bool_)


def work(graph: Graph) -> int:
    """About how many operations straight-line code would have, a function such as exp counting for DEAR of them."""
    total = 0
    for node in graph:
        gate = graph.gate(node)
        if gate is not None:
            sizes = [math.prod(graph.shape(one)) for one in (node, *graph.inputs(node))]
            repeated = graph.shape(node)[-1] if gate.name == "matmul" and graph.shape(node) else 1
            cheap = gate.name in CHEAP or gate.family in PLAIN or graph.settings(node).get("exponent") in WHOLE_POWERS
            total += max(sizes) * repeated * (1 if cheap else DEAR)
    return total


class Small:
    """A graph whose inputs are float64, compiled entry by entry. Raises NotNativeError where it cannot be."""

    def __init__(self, graph: Graph, outputs: Sequence[int], given: Mapping[int, Any]) -> None:
        self.graph, self.outputs, self.leaves = graph, list(outputs), graph.leaves()
        values = observed(graph, given)
        kinds = [np.result_type(values[node]) for node in self.outputs]
        if not fits() or any(np.result_type(values[leaf]) != DOUBLE for leaf in self.leaves) or not {*kinds} <= {DOUBLE, TRUTH}:
            raise NotNativeError("Straight-line code is for arrays of float64.")
        self.shapes = [graph.shape(node) for node in self.outputs]
        self.kinds = kinds
        self.module = new_module("small")
        function = straight(self.module, "straight", graph, self.leaves, self.outputs)
        function.linkage = "internal"
        function.attributes.add("alwaysinline")
        self.arrays = [(place, partial(np.empty, shape)) for place, shape in enumerate(self.shapes) if shape]
        places = range(len(self.leaves) + len(self.arrays))
        memory = [(place, DOUBLE) for place in places]
        define_direct(self.module, "small", memory, len(self.outputs) - len(self.arrays), partial(self._work, function))
        self.call = direct(load(compiled(self.module), ["small"]), "small", memory)
        self.single = [place for place, leaf in enumerate(self.leaves) if not graph.shape(leaf)]

    def _work(self, function: Any, builder: Any, table: Any, results: Any, slow: Any) -> None:
        """Gather the inputs' entries, compute, and hand out the results."""
        del slow
        sizes = [math.prod(self.graph.shape(leaf)) for leaf in self.leaves]
        wholes = [math.prod(shape) for shape in self.shapes]
        inputs, found = builder.alloca(F64, max(sum(sizes), 1)), builder.alloca(F64, max(sum(wholes), 1))

        def moved(source: Any, first: int, target: Any, start: int, count: int) -> None:
            for place in range(count):
                value = builder.load(builder.gep(source, [I64(first + place)], source_etype=F64), typ=F64)
                builder.store(value, builder.gep(target, [I64(start + place)], source_etype=F64))

        addresses = iter(range(len(sizes) + len(self.arrays)))

        def next_address() -> Any:
            return builder.load(builder.gep(table, [I64(next(addresses))], source_etype=table.type), typ=table.type)

        for place, size in enumerate(sizes):
            moved(next_address(), 0, inputs, sum(sizes[:place]), size)
        builder.call(function, [inputs, found])
        numbers = 0
        for place, (shape, size) in enumerate(zip(self.shapes, wholes, strict=True)):
            if shape:
                moved(found, sum(wholes[:place]), next_address(), 0, size)
            else:
                moved(found, sum(wholes[:place]), results, numbers, 1)
                numbers += 1

    def run(self, inputs: Sequence[Any], _into: Any = None) -> list[Any] | None:
        """The values of the outputs; None where the inputs are not arrays of float64 without gaps."""
        values = [*inputs]
        for place in self.single:
            values[place] = np.asarray(values[place], DOUBLE)
        made = {place: room() for place, room in self.arrays}
        numbers = self.call([*values, *made.values()])
        if numbers is None:
            plain = [np.ascontiguousarray(one, DOUBLE).reshape(np.shape(one)) for one in values]
            numbers = self.call([*plain, *made.values()])
        assert numbers is not None
        rest = iter(numbers)
        results = [made[place] if place in made else np.float64(next(rest)) for place in range(len(self.outputs))]
        return [one if kind is DOUBLE else one.astype(kind) for one, kind in zip(results, self.kinds, strict=True)]

    def explained(self, _inputs: Any = ()) -> Explanation:
        """What was made of the graph."""
        return of_straight(self.graph, self.outputs, lambda: str(optimised(str(self.module))), lambda: assembly(self.module))
