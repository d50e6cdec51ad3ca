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
