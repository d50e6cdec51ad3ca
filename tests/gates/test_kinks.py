"""Kinks: the slope that each gate uses where it has none, and the one-sided slopes that are measured there.

A row of KINKS is a point, its settings, and the slope that is used there for each entry of each input in turn: as the gate
declares, and between the slope on the left and the slope on the right. NAN is a slope that the gate declares not to exist.
"""

import itertools

import numpy as np
import pytest

from chalkgrad.gates import GATES
from chalkgrad.gates.choice import TIES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Sample
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.spaces import NUMPY
from chalkgrad.transform.forward import forward
from chalkgrad.transform.reverse import reverse
from tests.gates.table import DEEP, STEP, back, draw, numbers, rows, said

INF, NAN = np.inf, np.nan
STEEP = 1e100  # a slope measured over a step of 10^−330 that is steeper than this is infinite

KINKS = [
    # max and min at ties, by each convention; with n inputs; a tie below the maximum is none
    ("maximum", (2.0, 2.0), {"ties": "one"}, [1, 1]),
    ("maximum", (2.0, 2.0), {"ties": "split"}, [0.5, 0.5]),
    ("maximum", (2.0, 2.0), {"ties": "first"}, [1, 0]),
    ("maximum", (1.0, 3.0, 3.0, 3.0), {"ties": "one"}, [0, 1, 1, 1]),
    ("maximum", (3.0, 1.0, 3.0, 3.0), {"ties": "split"}, [1 / 3, 0, 1 / 3, 1 / 3]),
    ("maximum", (1.0, 3.0, 3.0, 3.0), {"ties": "first"}, [0, 1, 0, 0]),
    ("maximum", (0.0, -0.0), {"ties": "first"}, [1, 0]),
    ("minimum", (2.0, 2.0), {"ties": "one"}, [1, 1]),
    ("minimum", (2.0, 2.0), {"ties": "split"}, [0.5, 0.5]),
    ("minimum", (2.0, 2.0), {"ties": "first"}, [1, 0]),
    ("minimum", (5.0, 3.0, 3.0), {"ties": "split"}, [0, 0.5, 0.5]),
    ("max", ([3.0, 1.0, 3.0],), {"ties": "one"}, [1, 0, 1]),
    ("max", ([3.0, 1.0, 3.0],), {"ties": "split"}, [0.5, 0, 0.5]),
    ("max", ([1.0, 3.0, 3.0],), {"ties": "first"}, [0, 1, 0]),
    ("max", ([[3.0, 1.0], [3.0, 2.0]],), {"ties": "split", "axis": 0}, [0.5, 0, 0.5, 1]),
    ("max", ([[3.0, 3.0], [3.0, 2.0]],), {"ties": "first", "axis": 1, "keepdims": True}, [1, 0, 1, 0]),
    ("min", ([3.0, 1.0, 1.0],), {"ties": "one"}, [0, 1, 1]),
    ("min", ([3.0, 1.0, 1.0],), {"ties": "split"}, [0, 0.5, 0.5]),
    ("min", ([3.0, 1.0, 1.0],), {"ties": "first"}, [0, 1, 0]),
    ("others_share", ([0.0, 0.0],), {}, [-0.25, -0.25]),
    # corners
    ("relu", (0.0,), {}, [0]),
    ("relu", (-0.0,), {}, [0]),
    ("absolute", (0.0,), {}, [0]),
    ("absolute", (-0.0,), {}, [0]),
    # clip(x, low, high): x at a bound, and bounds that meet
    ("clip", (-1.0, -1.0, 1.0), {}, [1, 0, 0]),
    ("clip", (1.0, -1.0, 1.0), {}, [1, 0, 0]),
    ("clip", (0.0, 1.0, 1.0), {}, [0, 0, 1]),
    ("clip", (1.0, 1.0, 1.0), {}, [0, 0, 1]),
    # hinges with a class exactly on the margin
    ("weston_watkins", ([2.0, 1.0, 0.0],), {"true": 0}, [0, 0, 0]),
    ("weston_watkins", ([2.0, 1.5, 1.75],), {"true": 0, "margin": 0.25}, [0, 0, 0]),
    ("weston_watkins", ([2.0, 1.0, 5.0],), {"true": 0}, [-1, 0, 1]),
    ("crammer_singer", ([2.0, 1.0, 0.0],), {"true": 0}, [0, 0, 0]),
    ("crammer_singer", ([2.0, 3.0, 3.0],), {"true": 0}, [-1, 1, 0]),
    ("one_vs_all", ([1.0, -1.0, 0.0],), {"true": 0}, [0, 0, 1]),
    # vertical tangents
    ("sqrt", (0.0,), {}, [INF]),
    ("sqrt_difference", (0.0, 4.0), {}, [INF, -0.25]),
    ("constant_power", (0.0,), {"exponent": 0.5}, [INF]),
    ("power", (0.0, 0.5), {}, [INF, 0]),
    ("arcsin", (1.0,), {}, [INF]),
    ("arcsin", (-1.0,), {}, [INF]),
    ("arccos", (1.0,), {}, [-INF]),
    # points where the declaration says that there is no slope, and jumps
    ("power", (0.0, 0.0), {}, [0, -INF]),
    ("hypot", (0.0, 0.0), {}, [0, 0]),
    ("arctan2", (0.0, 0.0), {}, [NAN, NAN]),
    ("arctan2", (0.0, -2.0), {}, [-0.5, 0]),
    ("sign", (0.0,), {}, [0]),
    ("norm", ([0.0, 0.0],), {}, [0, 0]),
    ("norm", ([[0.0, 0.0], [0.0, 2.0]],), {"axis": 1}, [0, 0, 0, 1]),
    ("xlogy", (0.0, 0.0), {}, [-INF, 0]),
    ("xlog1py", (0.0, -1.0), {}, [-INF, 0]),
    ("times_log", (0.0, -INF), {}, [-INF, 0]),
    ("xlog_quotient", (0.0, 0.0, 2.0), {}, [-INF, 0, 0]),
    ("deviance", (0.0, 2.0), {}, [-INF, 1]),
    ("bernoulli_divergence", (0.0, 0.5), {}, [-INF, 2]),
    ("exp_times", (-INF, -INF), {}, [0, 0]),
    ("sigmoid_times", (-INF, -INF), {}, [0, 0]),
    ("compound", (-1.0, 0.5), {}, [INF, 0]),
    # more of NumPy: corners, vertical tangents, and steps with their jumps
    ("copysign", (0.0, 2.0), {}, [0, 0]),
    ("copysign", (3.0, 0.0), {}, [1, 0]),
    ("arccosh", (1.0,), {}, [INF]),
    ("cbrt", (0.0,), {}, [INF]),
    ("floor", (2.0,), {}, [0]),
    ("ceil", (-2.0,), {}, [0]),
    ("trunc", (2.0,), {}, [0]),
    ("trunc", (-1.0,), {}, [0]),
    ("rint", (2.5,), {}, [0]),
    ("rint", (-0.5,), {}, [0]),
    ("floor_divide", (4.0, 2.0), {}, [0, 0]),
    ("remainder", (4.0, 2.0), {}, [1, -2]),
    ("remainder", (-6.0, 1.5), {}, [1, 4]),
    ("fmod", (4.0, 2.0), {}, [1, -2]),
    ("fmod", (-6.0, 1.5), {}, [1, 4]),
    # matrices with equal values, and without full rank
    ("eigenvectors", ([[2.0, 0.0], [0.0, 2.0]],), {}, [NAN] * 4),
    ("singular_values", ([[0.0]],), {}, [1]),
    ("singular_values", ([[2.0, 0.0], [0.0, 2.0]],), {}, [1, 0, 0, 1]),
    ("singular_vectors", ([[2.0, 0.0], [0.0, 2.0]],), {"side": "left"}, [NAN] * 4),
    ("singular_vectors", ([[0.0], [0.0]],), {"side": "left"}, [NAN] * 2),
    ("qr", ([[0.0]],), {"part": "r"}, [NAN]),
]
LOGARITHMIC = {"deviance", "bernoulli_divergence"}  # their slope grows beyond all bounds, but slowly
JUMPS = {"sign"}  # both one-sided slopes are infinite, and the gate is flat by convention

TABLE = [pytest.param(GATES[name], Sample(point, settings), slopes, id=said(GATES[name], Sample(point, settings)))
         for name, point, settings, slopes in KINKS]  # fmt: skip
by_kink = pytest.mark.parametrize("gate, sample, slopes", TABLE)


def is_at(kink, xp, sample, gate):
    settings = {**gate.params, **sample.params}
    with np.errstate(all="ignore"):
        return bool(np.any(kink.at(xp, *(xp.constant(value) for value in sample.inputs), **settings)))


@by_kink
def test_the_declared_slope_is_used_at_a_kink(gate, sample, slopes):
    row = draw(gate, sample)
    claimed = back(row, row.output, np.ones(row.graph.shape(row.output)))
    values = numbers(row)
    np.testing.assert_array_equal(np.concatenate([np.ravel(values[node]) for node in claimed]), slopes)


@by_kink
def test_forward_mode_uses_the_same_slope(gate, sample, slopes):
    row = draw(gate, sample)
    places = [(leaf, place) for leaf in row.leaves for place in np.ndindex(row.graph.shape(leaf))]
    for (leaf, place), slope in zip(places, slopes, strict=True):
        unit = np.zeros(row.graph.shape(leaf))
        unit[place] = 1.0
        tangent = forward(row.graph, row.output, {leaf: row.graph.constant(unit)})
        np.testing.assert_array_equal(np.sum(numbers(row)[tangent]), slope)


@by_kink
def test_the_slope_used_lies_between_the_one_sided_slopes(gate, sample, slopes):
    row = draw(gate, sample)
    places = [(leaf, place) for leaf in row.leaves for place in np.ndindex(row.graph.shape(leaf))]
    for (leaf, place), slope in zip(places, slopes, strict=True):
        sides = [side for side in (one_sided(row, leaf, place, STEP), one_sided(row, leaf, place, -STEP)) if side == side]
        assert sides, "the gate has a value on one side at least"
        if gate.name in JUMPS:
            assert sides == [INF, INF]
        elif gate.name in LOGARITHMIC and slope == -INF:
            assert max(sides) < -700
        elif slope == slope:
            assert min(sides) - 1e-30 <= slope <= max(sides) + 1e-30, f"entry {place} of input {leaf}: {slope} is outside {sides}"


def one_sided(row, leaf, place, step):
    """The measured slope towards one side, nan where there is no value on that side."""
    moved = np.asarray(DEEP.constant(row.given[leaf]), dtype=object)
    here = evaluate(row.graph, row.given, xp=DEEP)[row.output]
    moved[place] += step
    there = evaluate(row.graph, {**row.given, leaf: moved}, xp=DEEP)[row.output]
    slope = np.sum(np.asarray(there - here)) / step
    return float(slope) if abs(slope) < STEEP or slope != slope else INF if slope > 0 else -INF


@by_kink
def test_a_kink_is_noticed_in_floats_and_in_truth(gate, sample, slopes):
    assert any(is_at(kink, NUMPY, sample, gate) for kink in gate.kinks)
    assert any(is_at(kink, DEEP, sample, gate) for kink in gate.kinks)


@rows(lambda gate: gate.kinks)
def test_no_sample_lies_on_a_kink(gate, sample):
    assert not any(is_at(kink, xp, sample, gate) for kink in gate.kinks for xp in (NUMPY, DEEP))


NEAR_MISSES = [
    ("maximum", (1.0, 1.0, 2.0), {}), ("minimum", (5.0, 5.0, 2.0), {}), ("max", ([1.0, 1.0, 2.0],), {}),
    ("relu", (5e-324,), {}), ("absolute", (-5e-324,), {}), ("sqrt", (5e-324,), {}), ("clip", (2.0, 2.0, 1.0), {}),
    ("weston_watkins", ([2.0, 1.0 + 1e-15, 0.0],), {}), ("crammer_singer", ([9.0, 3.0, 3.0],), {}), ("power", (0.0, 1.0), {}),
    ("constant_power", (0.0,), {"exponent": 1.5}), ("constant_power", (0.0,), {"exponent": 2.0}), ("arctan2", (0.0, 2.0), {}),
    ("hypot", (0.0, 1e-300), {}), ("arcsin", (1.0 - 2.0**-53,), {}), ("trunc", (0.0,), {}), ("fmod", (0.0, 2.0), {}),
    ("rint", (3.0,), {}), ("remainder", (0.3, 1e-10), {}),
]  # fmt: skip


@pytest.mark.parametrize("name, point, settings", NEAR_MISSES)
def test_a_point_beside_a_kink_is_none(name, point, settings):
    assert not any(is_at(kink, NUMPY, Sample(point, settings), GATES[name]) for kink in GATES[name].kinks)


@pytest.mark.parametrize("gate", [gate for gate in GATES.values() if gate.kinks], ids=repr)
def test_every_declared_kink_stands_in_the_table(gate):
    points = [Sample(point, settings) for name, point, settings, _ in KINKS if name == gate.name]
    for kink in gate.kinks:
        assert any(is_at(kink, NUMPY, point, gate) for point in points), f"no row of KINKS shows: {kink.convention}"


MENTIONS = ["xx", "xxx", "xxy", "yxx", "xyx", "xxyy"]


@pytest.mark.parametrize("name, ties, mentions", list(itertools.product(["maximum", "minimum"], TIES, MENTIONS)))
def test_a_wire_named_twice_is_one_candidate(name, ties, mentions):
    once = "".join(dict.fromkeys(mentions))
    assert slopes_of(name, ties, mentions) == (slopes_of(name, ties, once) if len(once) > 1 else [1.0])


def slopes_of(name, ties, mentions):
    """The slopes at the tie x = y, which reverse and forward mode agree on."""
    graph = Graph()
    leaves = {letter: graph.leaf(letter) for letter in "xy" if letter in mentions}
    output = graph.add(GATES[name], *(leaves[letter] for letter in mentions), ties=ties)
    record = reverse(graph, output, leaves.values())
    nodes = [record.total(leaf) for leaf in leaves.values()]
    tangents = [forward(graph, output, {leaf: graph.constant(1.0)}) for leaf in leaves.values()]
    values = evaluate(graph, dict.fromkeys(leaves.values(), 3.0))
    assert [values[node] for node in nodes] == [values[node] for node in tangents]
    return [float(values[node]) for node in nodes]
