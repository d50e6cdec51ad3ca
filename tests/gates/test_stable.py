"""Stable by construction: sigmoid and softmax with their relatives, against multi-precision truth in ulps, infinities included.

The allowed error is 2 ulps, for values and slopes. Two things cost more. An entry of softmax's Jacobian, −p·q, is a product of two
rounded probabilities, of up to 1.75 ulps each. And logsumexp passes through zero where the powers add up to 1; close to there, its
digits count from the largest score.
"""

import functools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chalkgrad
from chalkgrad.errors import ShapeError
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing
from chalkgrad.transform.reverse import reverse

MP = mpmath.MPContext()
MP.dps = 700  # 1 − p where p = 1 − e^−1490
INF = math.inf
ULPS, PRODUCT_ULPS = 2.0, 4.0
SCORES = st.one_of(st.floats(-4, 4), st.floats(-60, 60), st.floats(-745, 745), st.floats(-1e300, 1e300), st.just(-INF))
ROWS = st.lists(SCORES, min_size=1, max_size=6).filter(lambda row: max(row) > -INF)


def ulps(got, truth):
    """The error of a float in units of its true number's last place."""
    got, nearest = float(got), float(truth)
    if not math.isfinite(nearest) or not math.isfinite(got):
        return 0.0 if got == nearest or (got != got and nearest != nearest) else INF
    return float(abs(MP.mpf(got) - truth) / MP.mpf(math.ulp(nearest)))


def assert_close(what, got, truth, most=ULPS):
    for place, (one, true) in enumerate(zip(np.ravel(got), truth, strict=True)):
        error = ulps(one, true)
        assert error <= most, f"{what}[{place}] is {float(one)!r}, truth {MP.nstr(true, 20)}: {error:.2f} ulps"


def sigmoid(x):
    if x == -INF:
        return MP.zero
    return 1 / (1 + MP.exp(-MP.mpf(x)))


def softplus(x):
    return MP.zero if x == -INF else MP.inf if x == INF else MP.log1p(MP.exp(x)) if x < 40 else x + MP.log1p(MP.exp(-MP.mpf(x)))


def slope(x):
    return sigmoid(x) * sigmoid(-x)


TRUTHS = {
    "sigmoid": (sigmoid, slope),
    "softplus": (softplus, sigmoid),
    "log_sigmoid": (lambda x: -softplus(-x), lambda x: sigmoid(-x)),
}


@functools.cache
def drawn(name, size):
    """A gate of a vector, with its slope for a seed that is a leaf too."""
    graph = Graph()
    xp = Drawing(graph)
    x = xp.wire(graph.leaf("x", (size,)))
    y = xp.call(name, x)
    seed = graph.leaf("seed", y.shape)
    return graph, x.node, seed, y.node, reverse(graph, y.node, [x.node], seed=seed).total(x.node)


def computed(name, x, place=None):
    """The gate's value at x, and the gradient of its entry `place` or, where it is a single number, of itself."""
    graph, leaf, seed, value, total = drawn(name, len(x))
    unit = np.zeros(graph.shape(value))
    unit[() if unit.shape == () else place] = 1.0
    values = evaluate(graph, {leaf: x, seed: unit})
    return values[value], values[total]


@settings(deadline=None, max_examples=300)
@given(st.one_of(SCORES, st.just(INF)))
@pytest.mark.parametrize("name", TRUTHS)
def test_sigmoid_and_its_relatives(name, x):
    value, gradient = computed(name, [x], 0)
    assert_close(name, value, [TRUTHS[name][0](x)])
    assert_close(f"{name}'", gradient, [TRUTHS[name][1](x)])


def truth(row):
    """Probabilities, their complements, their logarithms and logsumexp of a row, of which some score is finite."""
    largest = max(row)
    powers = [MP.zero if one == -INF else MP.exp(MP.mpf(one) - MP.mpf(largest)) for one in row]
    total = MP.fsum(powers)
    first = row.index(largest)
    log_total = MP.log1p(MP.fsum(powers[:first] + powers[first + 1 :]))
    shares = [one / total for one in powers]
    rests = [MP.fsum(powers[:place] + powers[place + 1 :]) / total for place in range(len(row))]
    logs = [-MP.inf if one == -INF else MP.mpf(one) - MP.mpf(largest) - log_total for one in row]
    return shares, rests, logs, MP.mpf(largest) + log_total


@settings(deadline=None, max_examples=300)
@given(ROWS, st.integers(0, 5))
def test_softmax_and_its_relatives(row, place):
    place %= len(row)
    shares, rests, logs, total = truth(row)
    value, gradient = computed("softmax", row, place)
    assert_close("softmax", value, shares)
    jacobian = [shares[place] * (rests[place] if other == place else -shares[other]) for other in range(len(row))]
    assert_close("softmax'", gradient, jacobian, PRODUCT_ULPS)
    value, gradient = computed("log_softmax", row, place)
    assert_close("log_softmax", value, logs)
    assert_close("log_softmax'", gradient, [rests[place] if other == place else -shares[other] for other in range(len(row))])
    value, gradient = computed("logsumexp", row)
    assert_close("logsumexp'", gradient, shares)
    assert abs(MP.mpf(float(value)) - total) <= ULPS * math.ulp(max(abs(float(total)), abs(max(row)), math.log(len(row))))


@settings(deadline=None, max_examples=200)
@given(ROWS, st.integers(0, 5))
def test_cross_entropy(row, true):
    true %= len(row)
    shares, rests, logs, _ = truth(row)
    graph = Graph()
    xp = Drawing(graph)
    x = xp.wire(graph.leaf("x", (len(row),)))
    loss = xp.cross_entropy(x, true=true)
    total = reverse(graph, loss.node, [x.node]).total(x.node)
    values = evaluate(graph, {x.node: row})
    assert_close("cross_entropy", values[loss.node], [-logs[true]])
    assert_close("cross_entropy'", values[total], [-rests[true] if one == true else shares[one] for one in range(len(row))])


@pytest.mark.parametrize("size, spread", [(100, 3.0), (1000, 5.0), (20_000, 3.0)])
def test_many_classes_add_no_error(size, spread):
    row = list(np.random.default_rng(size).normal(size=size) * spread)
    largest = row.index(max(row))
    MP.dps = 60
    try:
        powers = [MP.exp(MP.mpf(one) - MP.mpf(row[largest])) for one in row]
        total = MP.fsum(powers)
        shares, rest = [one / total for one in powers], MP.fsum(powers[:largest] + powers[largest + 1 :]) / total
        _, gradient = computed("log_softmax", row, largest)
        assert_close("softmax", computed("softmax", row, 0)[0], shares)
        assert_close("log_softmax'", gradient, [rest if one == largest else -share for one, share in enumerate(shares)])
    finally:
        MP.dps = 700


def test_a_million_classes():
    row = np.zeros(1_000_000)
    row[7] = 30.0
    value = chalkgrad.work("logsumexp(s)", s=row[:3]).value  # the gate reads so in formulas too
    assert value == pytest.approx(math.log(3))
    share = 1 / (999_999 + math.exp(30.0))
    shares, _ = computed("softmax", row, 0)
    assert ulps(shares[0], MP.mpf(1) / (999_999 + MP.exp(30))) <= ULPS
    assert shares[0] == pytest.approx(share)


NAN = math.nan
EDGES = [
    ("softmax", [-INF, 1.0, 2.0], [0.0, 0.26894142136999512, 0.73105857863000488], [0.0, 0.0, 0.0]),
    ("softmax", [INF, 1.0, -INF], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ("softmax", [-INF, -INF], [NAN, NAN], [NAN, NAN]),
    ("softmax", [INF, INF, 0.0], [NAN] * 3, [NAN] * 3),
    ("softmax", [-INF], [1.0], [0.0]),
    ("log_softmax", [-INF, -INF], [NAN, NAN], [NAN, NAN]),
    ("log_softmax", [INF, 1.0], [0.0, -INF], [0.0, 0.0]),
    ("log_softmax", [INF, INF], [NAN, NAN], [NAN, NAN]),
    ("log_softmax", [3.0], [0.0], [0.0]),
    ("logsumexp", [-INF, -INF, -INF], -INF, [0.0, 0.0, 0.0]),
    ("logsumexp", [-INF, 5.0], 5.0, [0.0, 1.0]),
    ("logsumexp", [INF, 5.0, -INF], INF, [1.0, 0.0, 0.0]),
    ("logsumexp", [INF, INF], INF, [NAN, NAN]),
    ("logsumexp", [1e308, 1e308], 1e308, [0.5, 0.5]),
    ("softmax", [1e308, -1e308], [1.0, 0.0], [0.0, 0.0]),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name, row, value, gradient", EDGES, ids=str)
def test_infinite_scores_are_as_declared(name, row, value, gradient):
    found, slopes = computed(name, row, 0)
    np.testing.assert_allclose(found, value, rtol=1e-15)
    np.testing.assert_allclose(slopes, gradient, rtol=1e-15)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("x, y, value, slopes", [
    (-INF, -INF, -INF, (0.0, 0.0)), (INF, INF, INF, (0.5, 0.5)), (-INF, 3.0, 3.0, (0.0, 1.0)), (INF, 3.0, INF, (1.0, 0.0)),
])  # fmt: skip
def test_infinite_numbers_in_logaddexp(x, y, value, slopes):
    assert np.logaddexp(x, y) == value
    assert chalkgrad.value_and_grad(np.logaddexp, argnums=(0, 1))(x, y) == (value, slopes)


def test_far_numbers_in_logaddexp():
    slope_of_x = chalkgrad.grad(np.logaddexp)(0.1, 617.3)
    assert ulps(slope_of_x, 1 / (1 + MP.exp(MP.mpf(617.3) - MP.mpf(0.1)))) <= ULPS


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
def test_no_classes_are_refused(name):
    graph = Graph()
    with pytest.raises(ShapeError):
        graph.add(GATES[name], graph.leaf("s", (2, 0)), axis=1)
