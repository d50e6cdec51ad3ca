"""Graphs of single numbers as a function that Python calls as it calls C: floats in, a tuple of floats out.

It is what `compile` makes of a formula, here for a function that was traced.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native.calling import declined, explained, function_of_floats
from chalkgrad.native.explanation import Explanation
from chalkgrad.native.loops.observing import observed
from chalkgrad.native.number import NotNativeError

DOUBLE, TRUTH = np.dtype(np.float64), np.dtype(np.bool_)


class Floats:
    """A graph whose inputs and outputs are single float64 numbers, or truths. Raises NotNativeError where they are not.

    `of_floats` takes exactly its Python floats and gives a tuple of them; to anything else it answers None.
    """

    def __init__(self, graph: Graph, outputs: Sequence[int], given: Mapping[int, Any]) -> None:
        self.graph, self.outputs, self.leaves = graph, list(outputs), graph.leaves()
        values = observed(graph, given)
        self.kinds = [np.result_type(values[node]) for node in self.outputs]
        if any(np.result_type(values[leaf]) != DOUBLE for leaf in self.leaves) or not {*self.kinds} <= {DOUBLE, TRUTH}:
            raise NotNativeError("Functions of floats are for single numbers of float64.")
        self.of_floats = function_of_floats(
            graph, self.leaves, self.outputs, [None] * len(self.outputs), "floats", declined, rows=True
        )

    def run(self, inputs: Sequence[Any], _into: Any = None) -> list[Any] | None:
        """The values of the outputs."""
        numbers = self.of_floats(*map(float, inputs))
        return [kind.type(one) for one, kind in zip(numbers, self.kinds, strict=True)]

    def explained(self, _inputs: Any = ()) -> Explanation:
        """What was made of the graph."""
        return explained(self.graph, self.leaves, self.outputs)
