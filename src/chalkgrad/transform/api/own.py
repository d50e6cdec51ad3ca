"""A gate of your own: declared as the built-in ones are, tried at its samples when it is declared, and then at home everywhere.

>>> cube = define_gate(
...     "cube_of_mine", forward=lambda xp, x: x * x * x, local=lambda xp, x, out: (3 * x**2,), samples=[(2.0,), ([-1.0, 0.5],)],
...     lesson="the slope of the cube is three times the square",
... )
>>> from chalkgrad.transform.api.gradient import grad
>>> float(cube(2.0)), grad(cube)(2.0), grad(grad(cube))(2.0)
(8.0, 12.0, 12.0)

A wrong slope is found at once:

>>> forget(cube.gate)  # as this page is no place to keep it
>>> define_gate("cube_wrong", forward=lambda xp, x: x * x * x, local=lambda xp, x, out: (2 * x**2,), samples=[(2.0,)])
Traceback (most recent call last):
chalkgrad.errors.GateError: The gate "cube_wrong" claims another slope than it has.
...
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chalkgrad.errors import ChalkgradError, GateError
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import BY_CODE, BY_NUMPY, CODES, GATES, Gate, Sample, at, define
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.look import Look, function
from chalkgrad.graph.shapes import show
from chalkgrad.graph.spaces import NUMPY
from chalkgrad.graph.wire import Drawing
from chalkgrad.reading.trace.lifting import apply
from chalkgrad.reading.trace.session import current
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.reading.trace.ufuncs import adopt
from chalkgrad.transform.forward import forward as tangents
from chalkgrad.transform.reverse import reverse

STEPS = (1e-3, 5e-4, 2.5e-4)  # for the measured slope, relative to the size of the input
CLOSE = 1e-5  # a measured slope is no better than this; a wrong rule is seldom so near


class OwnGate:
    """The gate as a function of numbers, arrays and traced values. `gate` is its declaration."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.__name__ = gate.name
        self.__doc__ = gate.lesson

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        if current() is not None and any(isinstance(one, Traced) for one in inputs):
            return apply(self.gate.name, *inputs, **params)
        with np.errstate(all="ignore"):
            arrays = [np.asarray(one, dtype=None if np.asarray(one).dtype.kind in "fb" else float)[()] for one in inputs]
            return self.gate.forward(NUMPY, *arrays, **{**self.gate.params, **params})

    def __repr__(self) -> str:
        return repr(self.gate)


def define_gate(name: str, *, forward: Callable[..., Any], samples: Sequence[Sample | tuple[Any, ...]], lesson: str = "",
                look: Look | None = None, symbol: str = "", **declaration: Any) -> OwnGate:  # fmt: skip
    """Declare a gate and try it at its samples. The fields are those of `chalkgrad.graph.gate.Gate`, which explains them.

    Raises GateError where the declaration is unsound or its slope is not the measured one; the gate is then not kept.
    """
    points = tuple(one if isinstance(one, Sample) else at(*one) for one in samples)
    gate = define(Gate(
        name=name, family=declaration.pop("family", "own"), forward=forward, samples=points,
        lesson=lesson or f"{name} is a gate of your own", look=look or function(name), symbol=symbol or name,
        arity=declaration.pop("arity", len(points[0].inputs) if points else 1), **declaration,
    ))  # fmt: skip
    try:
        check_gate(gate)
    except Exception:
        forget(gate)
        raise
    adopt(gate)
    return OwnGate(gate)


def forget(gate: Gate) -> None:
    """Takes back the declaration that was made last."""
    del GATES[gate.name], CODES[gate], BY_CODE[-1]
    for one in gate.numpy:
        del BY_NUMPY[one]


def check_gate(gate: Gate | OwnGate, samples: Sequence[Sample | tuple[Any, ...]] | None = None) -> None:
    """The properties that every built-in gate has, tried at the gate's samples or at others; GateError where one fails.

    The value has the declared shape, both modes give the slope that is measured by central differences, and so does the slope
    of the slope, which shows that the local gradients are drawn as graph.
    """
    declared = gate.gate if isinstance(gate, OwnGate) else gate
    for one in declared.samples if samples is None else samples:
        sample = one if isinstance(one, Sample) else at(*one)
        try:
            _check_at(declared, sample)
        except ChalkgradError:
            raise
        except Exception as error:
            raise GateError(
                f'The gate "{declared.name}" fails at {_said(sample)}: {type(error).__name__}: {error}',
                hint="Rules are written with xp's functions and operators, so that they can draw graph as well as compute.",
            ) from error


def _check_at(gate: Gate, sample: Sample) -> None:
    graph = Graph()
    leaves = [graph.leaf(f"x{slot}", np.shape(value)) for slot, value in enumerate(sample.inputs)]
    output = graph.add(gate, *leaves, **sample.params)
    given = {leaf: np.asarray(value)[()] for leaf, value in zip(leaves, sample.inputs, strict=True)}
    value = evaluate(graph, given)[output]
    if np.shape(value) != graph.shape(output):
        raise GateError(f'The gate "{gate.name}" has the shape {show(np.shape(value))} at {_said(sample)};'
                        f" its declaration says {show(graph.shape(output))}.")  # fmt: skip
    moving = [leaf for leaf in leaves if np.asarray(given[leaf]).dtype.kind == "f"]
    if not gate.differentiable or not moving:
        return
    _check_slope(gate, sample, graph, output, given, moving)
    xp = Drawing(graph)
    total = xp.sum(xp.wire(output) * np.cos(np.arange(np.size(value), dtype=float)).reshape(np.shape(value))).node
    back = reverse(graph, total, moving)
    for leaf in moving:
        slope = back.total(leaf)
        if slope is not None:
            _check_slope(gate, sample, graph, slope, given, moving)


def _check_slope(gate: Gate, sample: Sample, graph: Graph, output: int, given: dict[int, Any], moving: list[int]) -> None:
    """Both modes against the measured slope of one wire, for a fixed weight of its entries and one direction of the inputs."""
    xp = Drawing(graph)
    shape = graph.shape(output)
    weights = np.cos(1.0 + np.arange(np.prod(shape, dtype=int))).reshape(shape)
    directions = {leaf: np.sin(1.0 + np.arange(np.size(given[leaf]))).reshape(np.shape(given[leaf])) for leaf in moving}
    total = xp.sum(xp.wire(output) * weights).node
    back = reverse(graph, total, moving)
    flow = tangents(graph, total, {leaf: graph.constant(direction) for leaf, direction in directions.items()})
    values = evaluate(graph, given)
    slopes = {leaf: back.total(leaf) for leaf in moving}
    by_reverse = sum(float(np.sum(values[node] * directions[leaf])) for leaf, node in slopes.items() if node is not None)
    by_forward = 0.0 if flow is None else float(values[flow])
    measured, doubt = _measured(graph, total, given, directions)
    allowed = CLOSE * (1 + abs(measured)) + 10 * doubt
    for mode, claimed in (("reverse", by_reverse), ("forward", by_forward)):
        if not abs(claimed - measured) <= allowed:
            raise GateError(
                f'The gate "{gate.name}" claims another slope than it has.',
                hint=f"At {_said(sample)}, along one direction: claimed {claimed:.9g} ({mode} mode), measured {measured:.9g}.",
            )


def _measured(graph: Graph, total: int, given: dict[int, Any], directions: dict[int, Any]) -> tuple[float, float]:
    """The slope by central differences of three widths, extrapolated; and by how much the last two answers differ."""
    size = max(1.0, *(float(np.max(np.abs(given[leaf]), initial=0.0)) for leaf in directions))
    found = []
    for step in STEPS:
        width = step * size
        ends = []
        for sign in (1.0, -1.0):
            moved = {
                leaf: given[leaf] + sign * width * directions[leaf] if leaf in directions else value
                for leaf, value in given.items()
            }
            ends.append(float(evaluate(graph, moved)[total]))
        found.append((ends[0] - ends[1]) / (2 * width))
    first, second = (4 * found[1] - found[0]) / 3, (4 * found[2] - found[1]) / 3
    return second, abs(second - first)


def _said(sample: Sample) -> str:
    settings = "".join(f", {name}={value}" for name, value in sample.params.items())
    return f"({', '.join(map(str, sample.inputs))}{settings})"
