"""A formula at many points at once: what runs it, kept for each set of shapes."""

from collections.abc import Callable, Mapping, Sequence
from types import MethodType
from typing import Any, NamedTuple

import numpy as np

from chalkgrad.app.calls import MOST_SHAPES, precision_of
from chalkgrad.app.shaped import Shaped, runner_of
from chalkgrad.errors import GivenError
from chalkgrad.gates import GATES
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape, show
from chalkgrad.native import Runner
from chalkgrad.native.recycling import must_fit
from chalkgrad.reading.trace.traced import Traced

BROADCAST, CAST = GATES["broadcast_to"], GATES["cast"]


class Batch(NamedTuple):
    """What runs a formula at points of these shapes; and the same as one call in machine code, where that is possible.

    `whole` takes the inputs by their names, `into` the inputs in order and then the arrays that results are written to.
    """

    runner: Runner
    called: bool = False  # whether such calls were looked for
    whole: Callable[..., Any] | None = None
    into: Callable[..., Any] | None = None


class Batches:
    """The batches of one formula, which is a `CompiledFormula`."""

    def __init__(self, formula: Any) -> None:
        self.formula = formula
        self.kept: dict[Any, Batch] = {}  # by the shapes of the inputs and the precision
        self.into: Callable[..., Any] | None = None  # of the batch that was run last

    def run(self, into: Mapping[int, Any], arrays: Mapping[str, Any]) -> tuple[Any, tuple[Any, ...]]:
        """The value and the slopes; written into the arrays of `into` where that can be done."""
        formula = self.formula
        held = formula._bound((), arrays)
        if any(isinstance(one, Traced) for one in held):
            raise GivenError("batch is not for use within a transform.", hint="Call the formula itself; it takes arrays too.")
        dtype = precision_of(held)
        points = [np.asarray(one, dtype=dtype)[()] for one in held]
        shape = _common(formula.inputs, points)
        must_fit(shape, dtype, 1 + len(points))
        key = tuple(np.shape(one) for one in points), dtype
        with formula._lock:
            if key not in self.kept:
                if len(self.kept) > MOST_SHAPES:
                    self.kept.clear()
                self.kept[key] = Batch(self._runner(points, shape))
            elif not self.kept[key].called:  # it is run more than once
                self.kept[key] = self._called(self.kept[key].runner)
            batch = self.kept[key]
        results = batch.runner.run(points, into)
        assert results is not None
        self.into = batch.into
        if batch.whole is not None:
            formula.__dict__["batch"] = batch.whole  # what the next call finds, without Python between
        value, *slopes = results
        return value, tuple(slopes)

    def at_once(self, out: Any, arrays: Mapping[str, Any]) -> Any:
        """The results, written into `out` by machine code alone; None where that is no way for these arrays."""
        call, inputs = self.into, self.formula.inputs
        if call is None or type(out) is not tuple or len(out) != 2 or type(out[1]) is not tuple or arrays.keys() != {*inputs}:
            return None
        return call(*[arrays[name] for name in inputs], out[0], *out[1])

    def _runner(self, points: Sequence[Any], shape: Shape) -> Runner:
        shaped: Shaped = self.formula._for_shapes(self.formula._single)
        graph, leaves, outputs = shaped.differentiated()
        copy, moved = Graph(), {}
        for node in graph:
            gate = graph.gate(node)
            if graph.is_leaf(node):
                moved[node] = copy.leaf(graph.names[node], np.shape(points[leaves.index(node)]))
            elif gate is None:
                moved[node] = copy.constant(graph.constants[node])
            elif not gate.elementwise:
                raise GivenError(f"batch is for formulas of single numbers; this one gathers entries ({gate.name}).",
                                 hint="chalkgrad.vmap maps a NumPy function over rows of arrays.")  # fmt: skip
            else:
                moved[node] = copy.add(gate, *(moved[one] for one in graph.inputs(node)), **graph.settings(node))
        results = [moved[node] for node in outputs]
        full = [one if copy.shape(one) == shape else copy.add(BROADCAST, one, shape=shape) for one in results]
        if all(one.dtype == np.float32 for one in points):  # a slope that is Python's 1.0 would be of float64
            full = [copy.add(CAST, one, dtype="float32") for one in full]
        # To see the kinds of number, none of the points are needed.
        kinds = [one[tuple(slice(size if size == 1 else 0) for size in np.shape(one))] for one in points]
        return runner_of(copy, full, kinds)

    def _called(self, runner: Runner) -> Batch:
        """The batch as one call, where that is possible."""
        make = getattr(runner, "whole", None)
        if make is None:
            return Batch(runner, called=True)
        general = MethodType(type(self.formula).batch, self.formula)
        named = {"names": self.formula.inputs, "said": "batch", "doc": general.__doc__}
        return Batch(runner, True, make(general, nested=True, **named), make(nested=True, into=True))


def _common(names: Sequence[str], points: Sequence[Any]) -> Shape:
    try:
        return np.broadcast_shapes(*(np.shape(one) for one in points))
    except ValueError:
        sizes = ", ".join(f"{name} {show(np.shape(one))}" for name, one in zip(names, points, strict=True))
        raise GivenError(f"These arrays are not of the same points: {sizes}.", hint="Give each one entry for each point.") from None
