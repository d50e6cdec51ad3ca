"""Scores with a column for each point: read and written as they lie, by kernels whose rows are those columns."""

import numpy as np
import pytest

from chalkgrad import jit, value_and_grad
from chalkgrad.native.loops.at_once import DirectStep

DRAW = np.random.default_rng(13)


def cross_entropy(z, y):
    e = np.exp(z)
    return -np.mean(np.log((e / np.sum(e, axis=0))[y, np.arange(z.shape[1])]))


def hinge(z, y):
    points = np.arange(z.shape[1])
    margins = np.maximum(0, z - z[y, points] + 1)
    margins[y, points] = 0
    return np.sum(margins) / z.shape[1]


def logsumexp(z, y):
    top = np.max(z, axis=0)
    return np.sum((np.log(np.sum(np.exp(z - top), axis=0)) + top) ** 2)


def normalised(z, y):
    m = np.mean(z, axis=0, keepdims=True)
    v = np.mean((z - m) ** 2, axis=0, keepdims=True)
    return np.sum(np.tanh((z - m) / np.sqrt(v + 1e-3)) ** 2 * (y + 1).astype(z.dtype))


def entropy(z, y):
    p = np.exp(z - np.max(z, axis=0))
    p = p / np.sum(p, axis=0)
    return 0.01 * np.sum(z * z) - np.sum(p * np.log(p + 1e-6))


def both_ways(z, y):
    """Sums of columns, and of rows."""
    return np.sum(np.tanh(np.sum(z, axis=0)) ** 2) + np.sum(np.sqrt(np.sum(z * z, axis=1)))


LOSSES = [cross_entropy, hinge, logsumexp, normalised, entropy, both_ways]


def case(classes, points, dtype):
    return (2 * DRAW.standard_normal((classes, points))).astype(dtype), DRAW.integers(0, classes, points)


def close(found, right, dtype):
    """Within some hundred roundings of the largest entry."""
    for one, other in zip(found, right, strict=True):
        assert np.shape(one) == np.shape(other)
        assert np.result_type(one) == dtype or not np.ndim(one)
        assert np.max(np.abs(one - other)) <= 400 * np.finfo(dtype).eps * np.max(np.abs(other))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("classes, points", [(2, 256), (3, 1000), (10, 4099), (63, 300), (12, 70_001)])
@pytest.mark.parametrize("loss", LOSSES)
def test_values_and_slopes(loss, classes, points, dtype):
    z, y = case(classes, points, dtype)
    function = value_and_grad(loss)
    right = value_and_grad(loss)(z.astype("float64"), y)
    for _ in range(110 if z.size < 4096 else 4):
        found = function(z, y)
    close(found, right, dtype)
    assert found[1].flags.c_contiguous
    assert function.explain_compile(z, y) is not None


def test_they_are_one_kernel_and_one_call():
    z, y = case(10, 5000, "float32")
    for loss in (cross_entropy, hinge):
        function = value_and_grad(loss)
        for _ in range(3):
            function(z, y)
        assert function._whole is not None
        said = function.explain_compile(z, y)
        assert said.kernels == 1


@pytest.mark.parametrize("kind", ["by columns", "every other", "backwards", "other order of bytes"])
def test_arrays_that_lie_otherwise_give_the_same(kind):
    z, y = case(7, 5003, "float64")
    other = {
        "by columns": np.asfortranarray(z),
        "every other": np.repeat(z, 2, axis=1)[:, ::2],
        "backwards": np.flip(np.flip(z).copy()),
        "other order of bytes": z.astype(">f8"),
    }[kind]
    for loss in LOSSES:
        function = value_and_grad(loss)
        for _ in range(3):
            right = function(z, y)
        found = function(other, y)
        close(found, right, "float64")


def test_results_are_written_into_given_arrays():
    z, y = case(10, 5000, "float64")
    function, out = value_and_grad(cross_entropy), np.empty((10, 5000))
    right = [function(z, y) for _ in range(3)][-1]
    for _ in range(3):
        out[:] = 0
        value, slopes = function.into((None, out), z, y)
        assert slopes is out
        assert value == right[0]
        np.testing.assert_array_equal(out, right[1])


def test_a_place_out_of_bounds_is_told():
    z, y = case(10, 5000, "float64")
    function = value_and_grad(cross_entropy)
    for _ in range(3):
        function(z, y)
    y = y.copy()
    y[4321] = 10
    with pytest.raises(Exception, match=r"out of bounds|beyond"):
        function(z, y)


def test_a_linear_classifier_with_a_column_for_each_point():
    W, X, y = DRAW.standard_normal((10, 90)) / 9, DRAW.standard_normal((90, 3001)), DRAW.integers(0, 10, 3001)

    def by_columns(W):
        return cross_entropy(W @ X, y) + 0.1 * np.sum(W * W)

    def by_rows(W):
        z = X.T @ W.T
        e = np.exp(z)
        return -np.mean(np.log((e / np.sum(e, axis=1, keepdims=True))[np.arange(3001), y])) + 0.1 * np.sum(W * W)

    X.flags.writeable = y.flags.writeable = False
    function, other = value_and_grad(by_columns), value_and_grad(by_rows)
    for _ in range(3):
        found, right = function(W), other(W)
    close(found, right, "float64")
    ((kept,),) = function._kept.values()
    assert any(step.written.flipped for step in kept.program.runner.steps if isinstance(step, DirectStep))


def test_what_is_asked_for_beside_the_slopes():
    """A result that is needed by rows and by columns is no memory of another one."""
    z, _ = case(6, 3000, "float64")

    def f(z):
        p = np.exp(z - np.max(z, axis=0))
        p = p / np.sum(p, axis=0)
        return p, p.T * 2.0, np.sum(p, axis=1)

    function = jit(f)
    for _ in range(3):
        found = function(z)
    for one, other in zip(found, f(z), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)
    assert not np.shares_memory(found[0], found[1])
    assert not np.shares_memory(found[0], z)
