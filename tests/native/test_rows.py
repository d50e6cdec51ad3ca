"""Rows side by side and products within rows compute what NumPy computes, for any number of rows and any width."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalkgrad.native import cache, threads
from chalkgrad.native.loops.run import Runner
from chalkgrad.transform.api.directional import vjp
from tests.native.test_loops import assert_same, both, compiled, program_of

ANY = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
SIZES = st.integers(64, 150), st.integers(2, 40)


def softmax(z, y):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def entropy(z, y):
    return -np.mean(np.log(softmax(z, y)[np.arange(len(y)), y]))


def hinge(z, y):
    margins = np.maximum(z - z[np.arange(len(y)), y][:, None] + 1, 0)
    margins[np.arange(len(y)), y] = 0
    return margins.sum() / len(y)


def layer_norm(z, y):
    apart = z - z.mean(axis=1, keepdims=True)
    return apart / np.sqrt((apart**2).mean(axis=1, keepdims=True) + 1e-5) * (1 + np.arange(z.shape[1])).astype(z.dtype)


def marks(z, y):
    return (z > z.min(axis=1, keepdims=True)) & (z < z.mean(axis=1, keepdims=True))


def middle(z, y):
    pairs = z[:, :, None] * np.cos(z)[:, None, :]
    return pairs.sum(axis=1).sum(axis=(0, 1)) / pairs.size, pairs.sum(axis=(0, 2))  # the whole sum cancels


ROWS = [softmax, entropy, hinge, layer_norm, marks, middle]


def with_slope(f):
    """The value of a function of rows and, where it has one, its gradient."""

    def both_of(z, y):
        value = f(z, y)
        if isinstance(value, tuple) or value.dtype == bool:
            return value
        value, pull = vjp(lambda z: f(z, y), z)
        return value, pull(np.ones(value.shape, dtype=value.dtype))

    return both_of


def scores(rows, width, dtype, seed=0):
    draw = np.random.default_rng(seed)
    return draw.standard_normal((rows, width)).astype(dtype), draw.integers(-width, width, rows)


@pytest.mark.parametrize("f", ROWS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@ANY
@given(*SIZES, st.integers(0, 9))
def test_functions_of_rows(f, dtype, rows, width, seed):
    assert_same(*both(with_slope(f), *scores(rows, width, dtype, seed)), ulps=64)


@pytest.mark.parametrize("width", [3, 300])  # side by side, and one at a time
@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_no_number_and_infinities_spread_as_in_numpy(width, special):
    z, _ = scores(70, width, np.float64)
    z[5, 1] = z[69, width - 1] = special
    z[7] = special

    def f(z):
        return z.max(axis=1), z.min(axis=1), z.sum(axis=1), z.mean(axis=1, keepdims=True)

    expected, got = both(f, z)
    for one, other in zip(expected, got, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-14, atol=width * np.finfo(float).eps)  # what sums of so many may differ by


def test_a_place_out_of_bounds_is_refused():
    z, y = scores(70, 5, np.float64)
    program, inputs = program_of(entropy, z, y)
    runner = compiled(program, inputs)
    y[69] = 5
    assert runner.run([z, y]) is None


def products(shape, spec_of):
    """The product of two stacks of matrices, and both its gradients."""

    def f(x, y):
        value, pull = vjp(lambda x, y: spec_of(x, y), x, y)
        return value, *pull(np.ones(value.shape) + np.arange(value.shape[-1]))

    return f


FORMS = {
    "each row by the matrices of a stack": (lambda n, k, d: ((n, k, 1, d), (k, d, d + 1)), np.matmul),
    "matrices by each row's columns": (lambda n, k, d: ((k, d, d), (n, k, d, 1)), np.matmul),
    "rows by a matrix": (lambda n, k, d: ((n, d), (d, k)), np.matmul),
    "rows by a vector": (lambda n, k, d: ((n, d), (d,)), np.matmul),
    "columns by rows": (lambda n, k, d: ((n, d), (n, k)), lambda x, y: x.T @ y),
    "a matrix for each row": (lambda n, k, d: ((n, k, d), (n, d, 2)), np.matmul),
    "einsum": (lambda n, k, d: ((k, d, d), (n, k, d)), lambda x, y: np.einsum("kij,nkj->nki", x, y)),
    "einsum of three": (lambda n, k, d: ((k, d, d), (n, k, d)), lambda x, y: np.einsum("nki,kij,nkj->nk", y, x, y)),
    "einsum, rows in the middle": (lambda n, k, d: ((k, d, d), (k, n, d)), lambda x, y: np.einsum("kij,knj->kni", x, y)),
    "a stack by rows in the middle": (lambda n, k, d: ((k, d, d), (k, n, d)), lambda x, y: y @ np.swapaxes(x, 1, 2)),
}


@pytest.mark.parametrize("form", FORMS)
@ANY
@given(st.sampled_from([64, 71, 256, 301]), st.integers(1, 6), st.integers(1, 9))
def test_products_within_rows(form, n, k, d):
    shapes, product = FORMS[form]
    draw = np.random.default_rng(n + k + d)
    given_ = [draw.standard_normal(shape) for shape in shapes(n, k, d)]
    assert_same(*both(products(shapes, product), *given_), ulps=64)


def mixture(first):
    """The likelihood of a mixture, with points or with components as the first axis."""

    def f(factors, means, weights, x):
        if first == "points":
            y = np.einsum("kij,nkj->nki", factors, x[:, None, :] - means)
            scores = weights - 0.5 * (y**2).sum(axis=2)
        elif first == "components":
            y = (x[None] - means[:, None]) @ np.swapaxes(factors, 1, 2)
            scores = (weights[:, None] - 0.5 * (y**2).sum(axis=2)).T
        else:
            y = (x @ factors.reshape(-1, x.shape[1]).T).reshape(len(x), *means.shape) - np.einsum("kij,kj->ki", factors, means)
            scores = weights - 0.5 * np.sum(y * y, axis=-1)
        top = scores.max(axis=1, keepdims=True)
        return np.sum(np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0])

    def with_gradient(*inputs):
        value, pull = vjp(f, *inputs)
        return value, *pull(1.0)

    return with_gradient


@pytest.mark.parametrize("first", ["points", "components", "stacked"])
def test_a_mixture_is_one_kernel_over_its_points(first):
    draw = np.random.default_rng(1)
    n, k, d = 3001, 5, 9  # all products together are more than are looked at before compiling
    inputs = [draw.standard_normal(shape) for shape in ((k, d, d), (k, d), (k,), (n, d))]
    program, values = program_of(mixture(first), *inputs)
    runner = compiled(program, values)
    assert_same(program.run(values), runner.run(values), ulps=256)
    over_points = [line for line in str(runner.explained()).splitlines() if f"over {n} rows" in line and "exp" in line]
    assert len(over_points) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_arrays_keep_their_kind(dtype):
    z, y = scores(1100, 1000, dtype)
    expected, got = both(with_slope(softmax), z, y)
    assert_same(expected, got, ulps=64)
    assert [one.dtype for one in got] == [dtype, dtype]


def test_a_decomposition_of_gathered_products():
    def f(x):
        return np.linalg.cholesky(x.T @ x)

    assert_same(*both(f, np.random.default_rng(2).standard_normal((70_000, 4))), ulps=256)


def test_results_are_the_same_for_any_number_of_threads():
    z, y = scores(50_000, 7, np.float32)
    program, inputs = program_of(with_slope(entropy), z, y)
    runner: Runner = compiled(program, inputs)
    found = []
    for count in (1, 2, 3):
        threads.set_threads(count)
        found.append([one.tobytes() for one in runner.run(inputs)])
    assert found[0] == found[1] == found[2]


def test_no_byte_beside_an_array_is_touched():
    """Run apart: where a kernel goes too far, the system ends the process."""
    done = subprocess.run([sys.executable, "-m", "tests.native.guarded"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["all", "done"]


def test_rounding_within_short_rows_compiles_without_a_word(capfd, monkeypatch):
    monkeypatch.setenv(cache.DIRECTORY, "")  # LLVM says only while it compiles that a loop was not widened as asked
    z, y = scores(70, 5, np.float64)[0], scores(70, 5, np.float64, 1)[0]
    assert_same(*both(lambda z, y: (np.remainder(z, y), np.floor_divide(z, y), np.fmod(z, y)), z, y), ulps=0)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("shape", [(2, 100, 300), (64, 60, 100), (1, 30, 20, 20)])
def test_a_sum_over_several_axes_is_as_exact_as_numpys(shape):
    x = 1 + np.random.default_rng(3).random(shape) / 8
    (_,), (got,) = both(lambda x: np.sum(1.0 * x, axis=tuple(range(1, x.ndim))), x)
    true = [math.fsum(row) for row in x.reshape(len(x), -1)]
    np.testing.assert_allclose(got, true, rtol=4 * np.finfo(float).eps)


def few_long_rows(z):
    return np.sum(np.tanh(z * 0.1 + z**3))


def test_the_slopes_of_few_long_rows_are_drawn_as_they_lie():
    z = np.random.default_rng(8).normal(size=(3, 400))
    program, inputs = program_of(with_slope(lambda z, y: few_long_rows(z)), z, np.zeros(3, dtype=int))
    runner = compiled(program, inputs)
    assert not any(isinstance(step, int) for step in runner.plan.steps)  # such as transposes by NumPy
    assert_same(program.run(inputs), runner.run(inputs), ulps=64)


def picked_root(z, y):
    return np.sum(np.sqrt(z)[np.arange(len(y)), y] * 2.0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("width", [20, 200])
def test_slopes_of_picked_entries_are_the_interpreters_where_others_have_none(width):
    """Single entries are multiplied alone only where that is the same: 0·∞ stays no number."""
    z = np.abs(np.random.default_rng(9).normal(size=(70, width)))
    z[3, 4] = 0.0
    program, inputs = program_of(with_slope(picked_root), z, np.arange(70) % 3)
    for one, other in zip(program.run(inputs), compiled(program, inputs).run(inputs), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-13)
