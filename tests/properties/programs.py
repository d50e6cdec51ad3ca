"""Random formulas for hypothesis: a short program of gates, built into a graph where every gate keeps inside its domain.

A program is plain data, so that hypothesis can shrink it: starting values, and steps that each name a gate and, by whole numbers,
its inputs and settings. `Builder` runs it. A step whose inputs lie outside the gate's domain, or near a kink, is given tamed ones.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from chalkgrad.errors import ShapeError
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import broadcast, product
from chalkgrad.graph.wire import Drawing, Wire

LARGEST_SIZE = 12
GAP = 1e-3  # how far a value stays from a kink
REASON = (-100.0, 100.0)  # what a gate is given that has no narrower domain

FREE = ("negative", "sin", "cos", "arctan", "tanh", "arcsinh", "sigmoid", "softplus", "log_sigmoid", "sech", "one_minus_square",
        "log_cosh")  # fmt: skip
FREE_PAIRS = ("add", "subtract", "logaddexp", "logaddexp2")
DOMAINS = dict.fromkeys(FREE, REASON) | {
    "exp": (-6, 6), "expm1": (-6, 6), "sinh": (-6, 6), "cosh": (-6, 6), "square": (-20, 20), "log": (0.05, 100),
    "sqrt": (0.05, 100), "log1p": (-0.9, 100), "tan": (-1.4, 1.4), "arcsin": (-0.95, 0.95), "arccos": (-0.95, 0.95),
    "reciprocal": (0.1, 100), "erf": (-4, 4), "exp2": (-8, 8), "log2": (0.05, 100), "log10": (0.05, 100), "arccosh": (1.1, 100),
    "arctanh": (-0.95, 0.95), "cbrt": (0.05, 100), "log1mexp": (-30, -0.05),
}  # fmt: skip
PAIR_DOMAINS = dict.fromkeys(FREE_PAIRS, (REASON, REASON)) | {
    "multiply": ((-30, 30), (-30, 30)), "divide": (REASON, (0.1, 100)), "power": ((0.2, 5), (-3, 3)),
    "arctan2": ((0.1, 5), (-5, 5)), "hypot": ((-5, 5), (0.1, 5)), "direction": ((-5, 5), (0.1, 5)),
    "xlogy": (REASON, (0.05, 100)), "xlog1py": (REASON, (-0.9, 100)), "compound": ((-0.8, 4), (-3, 3)),
}  # fmt: skip
EXPONENTS = (2.0, 3.0, -1.0, 0.5, -1.5, 4.0)

NAMES = [gate.name for gate in GATES.values() if gate.differentiable]

numbers = st.floats(-3, 3, allow_subnormal=False)
shapes = st.sampled_from([(), (3,), (2, 3), (2, 1)])
steps = st.tuples(st.sampled_from(NAMES), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))


@st.composite
def programs(draw: Any, most: int = 30, without: tuple[str, ...] = ()) -> tuple[list[Any], list[tuple[str, int, int, int]]]:
    leaves = []
    for shape in draw(st.lists(shapes, min_size=1, max_size=3)):
        count = int(np.prod(shape))
        leaves.append(np.reshape(draw(st.lists(numbers, min_size=count, max_size=count)), shape))
    length = draw(st.integers(1, most))  # by itself, hypothesis prefers short lists
    chosen = steps.filter(lambda step: step[0] not in without)
    return leaves, draw(st.lists(chosen, min_size=length, max_size=length))


class Builder:
    """Runs a program. With `slack`, each wire is multiplied by a leaf of its own that is 1: a handle to perturb it by."""

    def __init__(self, program: Any, *, slack: bool = False) -> None:
        self.graph = Graph()
        self.xp = Drawing(self.graph)
        self.given: dict[int, Any] = {}
        self.slack: list[int] | None = [] if slack else None
        self._values: list[Any] = []
        leaves, todo = program
        self.leaves = [self._leaf(value) for value in leaves]
        self.wires = [self._slackened(Wire(self.xp, leaf)) for leaf in self.leaves]
        self.used: set[int] = set()
        for name, *picks in todo:
            self.wires.append(self._step(name, *picks))
        self.output = self._gathered().node

    # Building.

    def _leaf(self, value: Any) -> int:
        leaf = self.graph.leaf(f"x{len(self.graph)}", np.shape(value))
        self.given[leaf] = value
        return leaf

    def _slackened(self, wire: Wire) -> Wire:
        if self.slack is None:
            return wire
        self.slack.append(self._leaf(np.ones(wire.shape)))
        return wire * Wire(self.xp, self.slack[-1])

    def emit(self, name: str, *inputs: Any, **params: Any) -> Wire:
        return self._slackened(self.xp.call(name, *inputs, **params))

    def value(self, wire: Wire) -> Any:
        evaluate(self.graph, self.given, known=self._values)
        return np.asarray(self._values[wire.node])

    def within(self, wire: Wire, low: float, high: float) -> Wire:
        """The wire itself, or where it strays, bent into the domain by a sigmoid."""
        value = self.value(wire)
        if np.all((low <= value) & (value <= high)):
            return wire
        return self.emit("add", low, self.emit("multiply", high - low, self.emit("sigmoid", wire)))

    def _pick(self, number: int) -> Wire:
        # Half of the picks are among the newest wires, so that graphs become deep as well as wide.
        recent = min(len(self.wires), 4)
        place = len(self.wires) - 1 - number % recent if number < 50 else number % len(self.wires)
        self.used.add(place)
        return self.wires[place]

    def _step(self, name: str, first: int, second: int, choice: int) -> Wire:
        x = self.within(self._pick(first), *REASON)
        y = self.within(self._pick(second), *REASON)
        if name in SPECIAL:
            wire = SPECIAL[name](self, x, y, choice)
        elif name in DOMAINS:
            wire = self.emit(name, self.within(x, *DOMAINS[name]))
        elif name in PAIR_DOMAINS:
            low, high = PAIR_DOMAINS[name]
            wire = self.emit(name, self.within(x, *low), self.within(self.fitting(x, y), *high))
        else:
            wire = self._nudged_sample(name, x, choice)
        return wire if np.prod(wire.shape) <= LARGEST_SIZE else self.emit("sum", wire, axis=0)

    def _nudged_sample(self, name: str, x: Wire, choice: int) -> Wire:
        """A gate without a recipe of its own stands at one of its samples, whose numbers move a little with `x`."""
        samples = GATES[name].samples
        sample = samples[choice % len(samples)]
        nudge = self.emit("multiply", 1e-3, self.emit("tanh", self.emit("sum", x)))
        inputs = [one if np.asarray(one).dtype.kind != "f" else self.emit("add", one, nudge) for one in sample.inputs]
        return self.emit(name, *inputs, **sample.params)

    def fitting(self, x: Wire, y: Wire) -> Wire:
        """`y`, added up where it does not broadcast with `x`."""
        try:
            broadcast(x.shape, y.shape)
        except ShapeError:
            return self.emit("sum", y)
        return y

    def vector(self, x: Wire) -> Wire:
        return x if x.shape else self.emit("stack", x, self.emit("add", x, 1.0))

    def apart(self, value: Any, axis: Any = None) -> bool:
        """Whether no two entries along an axis come near to each other."""
        rows = np.reshape(value, (1, -1)) if axis is None else np.moveaxis(value, axis, -1)
        return bool(np.all(np.diff(np.sort(rows, axis=-1), axis=-1) > GAP))

    def _gathered(self) -> Wire:
        """One number that depends on every wire that nothing used."""
        total = None
        for place, wire in enumerate(self.wires):
            if place not in self.used:
                term = self.emit("multiply", self.emit("sum", wire) if wire.shape else wire, 1.0 + place / 8)
                total = term if total is None else self.emit("add", total, term)
        assert total is not None
        return total


def _cornered(build: Builder, name: str, x: Wire, choice: int) -> Wire:
    away = np.all(abs(build.value(x)) > GAP)
    return build.emit(name, x if away else build.within(x, *((0.1, 5.0), (-5.0, -0.1))[choice % 2]))


def _axis(x: Wire, choice: int) -> Any:
    return (None, 0, -1)[choice % 3] if x.shape else None


def _extremum(build: Builder, name: str, x: Wire, y: Wire, choice: int) -> Wire:
    y = build.fitting(x, y)
    if not np.all(abs(build.value(x) - build.value(y)) > GAP):
        y = build.emit("add", x, 1.0)
    return build.emit(name, x, y, ties=("one", "split", "first")[choice % 3])


def _extremum_over_axes(build: Builder, name: str, x: Wire, choice: int) -> Wire:
    x, axis = build.vector(x), _axis(build.vector(x), choice)
    if not build.apart(build.value(x), axis):
        x, axis = build.emit("multiply", build.emit("add", build.emit("multiply", x, 1e-3), 1.0), RAMP[x.shape]), axis
    return build.emit(name, x, axis=axis, keepdims=choice % 2 == 0, ties=("one", "split", "first")[choice % 3])


class _Ramps(dict[tuple[int, ...], Any]):
    def __missing__(self, shape: tuple[int, ...]) -> Any:
        return np.reshape(1.0 + np.arange(np.prod(shape)), shape)


RAMP = _Ramps()  # 1, 2, 3, … in each shape: entries that no small change brings together


def _clip(build: Builder, x: Wire, y: Wire, choice: int) -> Wire:
    low, high = -1.0 - choice / 64, 1.0 + choice / 32
    value = build.value(x)
    if not np.all((abs(value - low) > GAP) & (abs(value - high) > GAP)):
        x = build.within(x, low + 0.25, low + 0.5)
    return build.emit("clip", x, low, high)


def _where(build: Builder, x: Wire, y: Wire, choice: int) -> Wire:
    y = build.fitting(x, y)
    if np.all(abs(build.value(x) - 0.5) > GAP):
        return build.emit("where", build.xp.greater(x, 0.5), x, y)
    return build.emit("where", choice % 2 == 0, x, y)


def _scores(build: Builder, name: str, x: Wire, choice: int) -> Wire:
    return build.emit(name, build.within(x, -30, 30), axis=_axis(x, choice))


def _loss(build: Builder, name: str, x: Wire, choice: int) -> Wire:
    x = build.within(build.vector(x), -30, 30)
    classes = x.shape[-1]
    true: Any = choice % classes
    for size in reversed(x.shape[:-1]):
        true = (true,) * size
    if name == "cross_entropy":
        return build.emit(name, x, true=true)
    # Scores that no hinge finds on its margin: 1.0x, 2.0x, 3.0x, … against a margin that ends in 5.
    x = build.emit("add", build.emit("multiply", build.emit("tanh", x), 0.01), RAMP[x.shape])
    return build.emit(name, x, true=true, margin=(0.5, 1.5, 2.5)[choice % 3])


def _matmul(build: Builder, x: Wire, y: Wire, choice: int) -> Wire:
    x, y = build.within(build.vector(x), -30, 30), build.within(build.vector(y), -30, 30)
    try:
        product(x.shape, y.shape)
    except ShapeError:
        pass
    else:
        return build.emit("matmul", x, y)
    rank = len(x.shape)
    if rank > 1 and choice % 2:
        return build.emit("matmul", x, build.emit("transpose", x, axes=(*range(rank - 2), rank - 1, rank - 2)))
    flat = build.emit("reshape", x, shape=(-1,))
    return build.emit("matmul", flat, flat)


def _concatenated(build: Builder, x: Wire, y: Wire, choice: int) -> Wire:
    flat = [build.emit("reshape", one, shape=(-1,)) for one in (x, y, x)[: 2 + choice % 2]]
    return build.emit("concatenate", *flat, axis=0)


def _index(build: Builder, x: Wire, y: Wire, choice: int) -> Wire:
    if not x.shape:
        return build.emit("index", build.vector(x), index=(choice % 2,))
    ways: list[tuple[Any, ...]] = [(0,), (-1,), (..., 0), (slice(None, None, -1),), (None, 0), (slice(0, 1),)]
    return build.emit("index", x, index=ways[choice % len(ways)])


def _stacked(build: Builder, x: Wire, y: Wire, choice: int) -> Wire:
    return build.emit("stack", x, y if y.shape == x.shape else x, axis=(0, -1)[choice % 2])


def _log_product(build: Builder, x: Wire, y: Wire, choice: int) -> Wire:
    factors = [build.within(one, 0.05, 100) for one in (x, build.fitting(x, y))]
    return build.emit("log_product", *factors, powers=(1, (1, -1)[choice % 2]))


SPECIAL: dict[str, Callable[[Builder, Wire, Wire, int], Wire]] = {
    "constant_power": lambda build, x, y, choice: build.emit(
        "constant_power", build.within(x, 0.2, 20), exponent=EXPONENTS[choice % len(EXPONENTS)]
    ),
    "clip": _clip, "where": _where, "matmul": _matmul, "concatenate": _concatenated, "index": _index, "stack": _stacked,
    "log_product": _log_product,
    "sum": lambda build, x, y, choice: build.emit("sum", x, axis=_axis(x, choice), keepdims=choice % 2 == 0),
    "mean": lambda build, x, y, choice: build.emit("mean", x, axis=_axis(x, choice), keepdims=choice % 2 == 0),
    "logsumexp": lambda build, x, y, choice: build.emit("logsumexp", build.within(x, -30, 30), axis=_axis(x, choice)),
    "reshape": lambda build, x, y, choice: build.emit("reshape", x, shape=(-1,)),
    "transpose": lambda build, x, y, choice: build.emit("transpose", x, axes=None),
    "broadcast_to": lambda build, x, y, choice: build.emit("broadcast_to", x, shape=(2, *x.shape)),
    "put": lambda build, x, y, choice: build.emit("put", x, index=(choice % 2,), shape=(2, *x.shape)),
}  # fmt: skip
for _name in ("maximum", "minimum"):
    SPECIAL[_name] = lambda build, x, y, choice, name=_name: _extremum(build, name, x, y, choice)
for _name in ("relu", "absolute", "sign"):
    SPECIAL[_name] = lambda build, x, y, choice, name=_name: _cornered(build, name, x, choice)
for _name in ("max", "min"):
    SPECIAL[_name] = lambda build, x, y, choice, name=_name: _extremum_over_axes(build, name, x, choice)
for _name in ("softmax", "log_softmax"):
    SPECIAL[_name] = lambda build, x, y, choice, name=_name: _scores(build, name, x, choice)
for _name in ("cross_entropy", "weston_watkins", "crammer_singer", "one_vs_all"):
    SPECIAL[_name] = lambda build, x, y, choice, name=_name: _loss(build, name, x, choice)
