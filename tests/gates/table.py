"""Every gate at each of its own sample points, drawn as a graph: the rows of the table that the tests of gates go through.

`DEEP` is truth arithmetic with so many digits that slopes can be measured: a central difference over a step of 10^−330 is wrong
by about 10^−660, which is nothing beside the smallest slope of any sample (softmax hands the score 225 a slope of 10^−315).
"""

import math
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from chalkgrad.check.truth import Truth
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Gate, Sample
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.transform.reverse import reverse

DEEP = Truth(1000)
STEP = DEEP.mp.mpf(10) ** -330
NOISE = DEEP.mp.mpf(10) ** -600  # more than the error of a measured slope
ULP = 2.0**-52
TINY = 2.3e-308  # below it floats lose digits

Slopes = list[tuple[int, tuple[int, ...], Any]]  # input, entry of it, and how the output moves with that entry
_measured: dict[str, Slopes] = {}


@dataclass(frozen=True, eq=False)
class Row:
    """A gate at a sample point: its inputs are the leaves of a graph of its own."""

    gate: Gate
    sample: Sample
    graph: Graph
    leaves: tuple[int, ...]
    output: int

    @property
    def given(self) -> dict[int, Any]:
        return dict(zip(self.leaves, self.sample.inputs, strict=True))

    @property
    def moving(self) -> list[int]:
        """The inputs that are numbers, not conditions, nor the whole numbers by which entries are picked."""
        return [leaf for leaf in self.leaves if np.asarray(self.given[leaf]).dtype.kind == "f"]

    @property
    def wires(self) -> list[Wire]:
        return [Wire(Drawing(self.graph), leaf) for leaf in self.leaves]


def draw(gate: Gate, sample: Sample) -> Row:
    graph = Graph()
    leaves = tuple(graph.leaf(f"x{slot}", np.shape(value)) for slot, value in enumerate(sample.inputs))
    return Row(gate, sample, graph, leaves, graph.add(gate, *leaves, **sample.params))


def said(gate: Gate, sample: Sample) -> str:
    """A row as a test's name: maximum(2.0,-1.0,ties=one)."""
    arguments = [*map(str, sample.inputs), *(f"{key}={value}" for key, value in sample.params.items())]
    return f"{gate.name}({','.join(arguments)})".replace(" ", "")


EVERY = [(gate, sample) for gate in GATES.values() for sample in gate.samples]


def rows(wanted: Any = lambda gate: True) -> Any:
    """Parametrises a test by all samples of the gates that are wanted, as `row`."""
    chosen = [pytest.param(gate, sample, id=said(gate, sample)) for gate, sample in EVERY if wanted(gate)]
    return pytest.mark.parametrize("gate, sample", chosen)


def differentiable(gate: Gate) -> bool:
    return gate.differentiable


def weights(row: Row, shape: tuple[int, ...], salt: int = 0) -> Any:
    """Random weights that are the same in every run."""
    seed = zlib.crc32(said(row.gate, row.sample).encode()) + salt
    return np.random.default_rng(seed).uniform(0.5, 1.5, shape) * np.random.default_rng(seed + 1).choice([-1.0, 1.0], shape)


def back(row: Row, node: int, seed: Any) -> list[int]:
    """The gradient of `node` times `seed`, as one wire for each moving input."""
    record = reverse(row.graph, node, row.moving, seed=row.graph.constant(seed))
    totals = [record.total(leaf) for leaf in row.moving]
    return [row.graph.constant(np.zeros(row.graph.shape(leaf))) if total is None else total
            for leaf, total in zip(row.moving, totals, strict=True)]  # fmt: skip


def combined(row: Row, nodes: list[int], salt: int) -> int:
    """One number made of many wires: their entries, weighted at random and added."""
    xp = Drawing(row.graph)
    total = xp.wire(row.graph.constant(0.0))
    for place, node in enumerate(nodes):
        total = total + xp.sum(xp.wire(node) * weights(row, row.graph.shape(node), salt + 7 * place))
    return total.node


def numbers(row: Row, xp: Any = None, dtype: Any = np.float64) -> list[Any]:
    return evaluate(row.graph, row.given, dtype=dtype) if xp is None else evaluate(row.graph, row.given, xp=xp)


def measured(row: Row, node: int) -> Slopes:
    """How `node` moves with each entry of each moving input, by central differences in deep arithmetic."""
    found = []
    for leaf in row.moving:
        value = np.asarray(DEEP.constant(row.given[leaf]), dtype=object)
        for place in np.ndindex(value.shape):
            ends = []
            for step in (STEP, -STEP):
                moved = value.copy()
                moved[place] += step
                ends.append(np.asarray(evaluate(row.graph, {**row.given, leaf: moved}, xp=DEEP)[node]))
            found.append((leaf, place, (ends[0] - ends[1]) / (2 * STEP)))
    return found


def jacobian(gate: Gate, sample: Sample) -> Slopes:
    """The measured slopes of a gate's output at a sample point, measured once for all tests."""
    key = said(gate, sample)
    if key not in _measured:
        row = draw(gate, sample)
        _measured[key] = measured(row, row.output)
    return _measured[key]


def pulled(row: Row, slopes: Slopes, seed: Any) -> list[Any]:
    """What the measured slopes say should flow back from `seed`, for each moving input."""
    result = {leaf: np.full(row.graph.shape(leaf), DEEP.mp.zero, dtype=object) for leaf in row.moving}
    for leaf, place, column in slopes:
        result[leaf][place] = np.sum(DEEP.constant(np.asarray(seed)) * column)
    return list(result.values())


def condition(row: Row, slopes: Slopes) -> Any:
    """Σ |slope · input| for each entry of the output: what relative errors of the inputs do to it, absolutely."""
    total = np.zeros(row.graph.shape(row.output), dtype=object)
    for leaf, place, column in slopes:
        total = total + abs(column * np.asarray(DEEP.constant(row.given[leaf]))[place])
    return total


def assert_close(got: Any, want: Any, relative: float, *, absolute: Any = 0, what: str = "") -> None:
    """Each entry of `got` within `relative` of the same entry of `want`, or within `absolute`; a failure prints both."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, f"{what}: shape {got.shape}, should be {want.shape}"
    slack = np.broadcast_to(np.asarray(absolute, dtype=object), want.shape)
    for place in np.ndindex(want.shape):
        one, other = DEEP.mp.convert(got[place]), DEEP.mp.convert(want[place])
        allowed = max(abs(other) * relative, slack[place])
        assert abs(one - other) <= allowed, (
            f"{what} {list(place)}: got {DEEP.mp.nstr(one, 25)}, truth {DEEP.mp.nstr(other, 25)},"
            f" off by {DEEP.mp.nstr(abs(one - other), 3)}, allowed {DEEP.mp.nstr(allowed, 3)}"
        )


def size(shape: tuple[int, ...]) -> int:
    return math.prod(shape)
