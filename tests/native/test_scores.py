"""Machine code of the gates on scores: as right as NumPy's evaluation, infinities and nan included, row by row."""

import numpy as np
import pytest

from chalkgrad.check.truth import Truth
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing
from chalkgrad.native.loops.run import Runner
from chalkgrad.transform.reverse import reverse

INF = np.inf
XP = Truth(60)
ULPS = 2.5  # 2, and what the exponential of machine code may differ from NumPy's
EDGES = [[-INF, 1.0, 2.0], [-INF, -INF, -INF], [INF, 1.0, -INF], [INF, INF, 0.0], [5.0, 5.0, 5.0], [1e308, -1e308, 1e308],
         [np.nan, 1.0, 0.0]]  # fmt: skip


def drawn(name, x, **settings):
    """The gate of an array with its slope for a seed that picks the first column."""
    graph = Graph()
    leaf = graph.leaf("x", x.shape)
    value = Drawing(graph).call(name, Drawing(graph).wire(leaf), **settings)
    seed = np.zeros(value.shape)
    seed[..., 0] = 1.0
    seed = seed if value.shape == x.shape else np.ones(value.shape)
    return graph, leaf, [value.node, reverse(graph, value.node, [leaf], seed=graph.constant(seed)).total(leaf)]


def ulps(got, truth):
    truth = np.asarray(truth, dtype=object)
    nearest = truth.astype(float)
    apart = [abs(XP.mp.mpf(float(one)) - true) / XP.mp.mpf(float(np.spacing(abs(near))))
             for one, true, near in zip(np.ravel(got), np.ravel(truth), np.ravel(nearest), strict=True)]  # fmt: skip
    return float(max(apart))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_scores_at_the_edges_are_what_numpy_says(name):
    x = np.array(EDGES)
    graph, leaf, nodes = drawn(name, x, axis=1)
    values = evaluate(graph, {leaf: x})
    for got, node in zip(Runner(graph, nodes, {leaf: x}).run([x]), nodes, strict=True):
        np.testing.assert_allclose(got, values[node], rtol=1e-15)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_scores_far_apart_keep_their_last_digits(name):
    chance = np.random.default_rng(4)
    x = np.concatenate([chance.normal(size=(24, 5)) * scale for scale in (1.0, 30.0, 200.0)])
    graph, leaf, nodes = drawn(name, x, axis=1)
    got = Runner(graph, nodes[:1], {leaf: x}).run([x])[0]
    assert ulps(got, evaluate(graph, {leaf: x}, xp=XP)[nodes[0]]) <= ULPS


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "log_sigmoid", "sine_gap", "expm1_gap", "log1p_gap"])
def test_functions_of_one_number_keep_their_last_digits(name):
    assert GATES[name].elementwise
    chance = np.random.default_rng(5)
    x = np.concatenate([chance.uniform(-0.9, 0.9, 400), chance.uniform(1.0, 300.0, 400)])
    graph, leaf, nodes = drawn(name, x)
    got = Runner(graph, nodes[:1], {leaf: x}).run([x])[0]
    assert ulps(got, evaluate(graph, {leaf: x}, xp=XP)[nodes[0]]) <= 2 * ULPS


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "others_share"])
def test_long_rows_with_infinities_among_ordinary_ones_are_what_numpy_says(name, kind):
    """Long rows lie one after another, and what is infinite in a row decides which of two loops it takes."""
    chance = np.random.default_rng(6)
    x = (3 * chance.normal(size=(3 * len(EDGES), 150))).astype(kind)
    x[::3, :3] = np.clip(EDGES, -1e38 if kind is np.float32 else -1e308, None)
    x[::3, :3] = np.where(np.isinf(EDGES), EDGES, x[::3, :3])
    x[1::6, 7:40] = -INF
    graph, leaf, nodes = drawn(name, x, axis=1)
    values = evaluate(graph, {leaf: x})
    close = {"rtol": 1e-15 if kind is np.float64 else 4e-6, "atol": 0.0 if kind is np.float64 else 1e-7}
    for got, node in zip(Runner(graph, nodes, {leaf: x}).run([x]), nodes, strict=True):
        np.testing.assert_allclose(got, values[node], **close)


def test_long_rows_keep_their_last_digits():
    chance = np.random.default_rng(7)
    x = np.concatenate([chance.normal(size=(2, 300)) * scale for scale in (0.1, 3.0, 30.0, 200.0)])
    for name in ("softmax", "others_share"):
        graph, leaf, nodes = drawn(name, x, axis=1)
        got = Runner(graph, nodes[:1], {leaf: x}).run([x])[0]
        assert ulps(got, evaluate(graph, {leaf: x}, xp=XP)[nodes[0]]) <= ULPS


def test_a_confident_row_keeps_the_digits_of_its_pull():
    """The slope at the true class is the others' share, however small."""
    x = np.zeros((1, 200))
    x[0, 3] = 60.0
    graph = Graph()
    leaf = graph.leaf("x", x.shape)
    xp = Drawing(graph)
    places = (np.arange(1), np.array([3]))
    loss = xp.call("gather", xp.log_softmax(xp.wire(leaf), axis=1), *places, index=("#", "#"))
    slope = reverse(graph, loss.node, [leaf], seed=graph.constant(np.ones(1))).total(leaf)
    got = Runner(graph, [loss.node, slope], {leaf: x}).run([x])[1][0, 3]
    truth = 1 - 1 / (1 + 199 * XP.mp.exp(-60))
    assert ulps(got, truth) <= ULPS
