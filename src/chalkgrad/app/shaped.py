"""A formula for inputs of certain shapes: what is asked of it as wires of its graph, and the code that runs them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from chalkgrad.errors import ChalkgradError
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import GATES
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import show
from chalkgrad.native import LEAST_TAPED, MOST_STRAIGHT, Runner, compiled, entries, straight, taped
from chalkgrad.native.locks import Once
from chalkgrad.reading.formula import Formula
from chalkgrad.transform.reverse import reverse

CAST = GATES["cast"]


class Shaped:
    """The graph with its gradients, and the code made of it so far."""

    def __init__(self, formula: Formula) -> None:
        self.formula = formula
        self.leaves = list(formula.leaves.values())
        self._runners: dict[Any, tuple[Runner, list[int | None]]] = {}
        self._is_long = formula.output >= LEAST_TAPED

    @Once
    def tape(self) -> Any:
        """The formula as a tape, where it is long and of single numbers only; else None."""
        formula = self.formula
        return taped(formula.graph, formula.output, self.leaves) if self._is_long else None

    def differentiated(self) -> tuple[Graph, list[int], list[int]]:
        """A graph with the value and the partial derivatives, its leaves, and those outputs."""
        formula = self.formula
        graph = formula.graph
        if graph.shape(formula.output) != ():
            shape = show(graph.shape(formula.output))
            raise ChalkgradError(f"{formula.output_name} has several entries, {shape}, so it has no gradient.",
                                 hint="Pick one, as in s[0], or reduce it: sum(...).")  # fmt: skip
        if not hasattr(self, "_gradients"):
            back = reverse(graph, formula.output, self.leaves)
            self._gradients = [node if (node := back.total(leaf)) is not None else _zeros(graph, leaf) for leaf in self.leaves]
        return graph, self.leaves, [formula.output, *self._gradients]

    def outputs(self, what: str) -> tuple[list[int], list[int | None]]:
        """The wires of the results, and how they are put together."""
        if what == "value":
            return [self.formula.output], [None]
        graph, leaves, (value, *slopes) = self.differentiated()
        if what == "grad":
            return slopes, [len(slopes)]
        if what == "value_and_grad":
            return [value, *slopes], [None, len(slopes)]
        rows: list[int] = []
        for slope in slopes:
            back = reverse(graph, slope, leaves)
            rows += [node if (node := back.total(leaf)) is not None else _zeros(graph, leaf) for leaf in leaves]
        return rows, [len(leaves)] * len(leaves)

    def straight(self, what: str, otherwise: Callable[..., Any]) -> Callable[..., Any] | None:
        """The function of floats; None where the result is not a single number, or the code would be too long."""
        outputs, layout = self.outputs(what)
        graph = self.formula.graph
        if graph.shape(self.formula.output) != () or entries(graph) > MOST_STRAIGHT:
            return None
        return straight(graph, self.leaves, outputs, layout, what, otherwise, rows=what == "hessian")

    def runner(self, what: str, numbers: Sequence[Any]) -> tuple[Runner, list[int | None]]:
        """What runs the formula for arrays, and how its results are put together."""
        precision = np.result_type(*numbers) if numbers else None
        key = what, precision
        if key not in self._runners:
            if what == "hessian" and any(map(np.ndim, numbers)):
                raise ChalkgradError("The Hessian of a formula is compiled for single numbers.",
                                     hint="chalkgrad.hessian takes NumPy functions of arrays.")  # fmt: skip
            outputs, layout = self.outputs(what)
            graph = self.formula.graph
            if precision == np.float32:  # or else a gradient that begins with Python's 1.0 would be of float64
                outputs = [graph.add(CAST, node, dtype="float32") for node in outputs]
            self._runners[key] = runner_of(graph, outputs, numbers, self.leaves), layout
        return self._runners[key]


def _zeros(graph: Graph, leaf: int) -> int:
    return graph.constant(np.zeros(graph.shape(leaf)) if graph.shape(leaf) else 0.0)


class _Interpreted:
    """The same by NumPy, where a graph has no machine code."""

    def __init__(self, graph: Graph, outputs: Sequence[int], leaves: Sequence[int], dtype: Any) -> None:
        self.graph, self.outputs, self.leaves, self.dtype = graph, outputs, leaves, dtype

    def explained(self, _inputs: Any = ()) -> None:
        return None

    def run(self, inputs: Sequence[Any], _into: Any = None) -> list[Any]:
        values = evaluate(self.graph, dict(zip(self.leaves, inputs, strict=True)), dtype=self.dtype)
        return [np.array(values[node])[()] for node in self.outputs]


def runner_of(graph: Graph, outputs: Sequence[int], points: Sequence[Any], leaves: Iterable[int] | None = None) -> Runner:
    held = list(graph.leaves() if leaves is None else leaves)
    runner = compiled(graph, outputs, dict(zip(held, points, strict=True)))
    return runner or _Interpreted(graph, outputs, held, np.result_type(*points) if points else np.float64)
