"""Every covered call: the value is NumPy's own, and the gradients of both modes are the measured slope."""

import numpy as np
import pytest

from chalkgrad.transform.api.directional import jvp, vjp
from chalkgrad.transform.api.mapping import jit, vmap
from tests.functions.calls import CALLS

STEP = 1e-4
by_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)


def slope(f, x, direction):
    """The derivative along a direction by central differences of two widths, extrapolated: the error is of fourth order."""

    def measured(step):
        return (np.asarray(f(x + step * direction)) - np.asarray(f(x - step * direction))) / (2 * step)

    return (4 * measured(STEP / 2) - measured(STEP)) / 3


def draw(shape, seed):
    return np.random.default_rng(seed).normal(size=shape)


@by_call
def test_the_value_is_the_one_of_numpy(call):
    expected = np.asarray(call.f(call.x))
    got = np.asarray(jit(call.f)(call.x))
    assert got.shape == expected.shape
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-14)


@by_call
def test_forward_and_reverse_agree_with_the_measured_slope(call):
    direction = draw(np.shape(call.x), 1) * 0.1
    value, tangent = jvp(call.f, (call.x,), (direction,))
    measured = slope(call.f, call.x, direction)
    scale = 1.0 + np.max(np.abs(measured), initial=0.0)
    np.testing.assert_allclose(tangent, measured, rtol=1e-7, atol=1e-8 * scale)
    _, pull = vjp(call.f, call.x)
    weights = draw(np.shape(value), 2)
    (gradient,) = pull(weights)
    assert np.shape(gradient) == np.shape(call.x)
    np.testing.assert_allclose(np.sum(gradient * direction), np.sum(weights * tangent), rtol=1e-10, atol=1e-12)


@by_call
def test_the_second_call_gives_the_same(call):
    staged = jit(call.f)
    first, second = staged(call.x), staged(call.x)
    np.testing.assert_array_equal(first, second)
    assert staged.traces == 1


@by_call
def test_float32_stays_float32(call):
    x = np.asarray(call.x, dtype=np.float32)[()]
    expected = np.asarray(call.f(x))
    got = np.asarray(jit(call.f)(x))
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=2e-4, atol=2e-4)
    _, pull = vjp(call.f, x)
    (gradient,) = pull(np.ones_like(expected))
    assert np.asarray(gradient).dtype == np.float32


SAME_WAY = [call for call in CALLS if not any(word in call.name for word in ("mask", "extract", "index apart"))]


@pytest.mark.parametrize("call", SAME_WAY, ids=lambda call: call.name)
def test_vmap_is_a_loop_over_rows(call):
    rows = np.stack([call.x, call.x * 1.001, call.x])
    expected = np.stack([np.asarray(call.f(row)) for row in rows])
    np.testing.assert_allclose(vmap(call.f)(rows), expected, rtol=1e-12, atol=1e-12)
