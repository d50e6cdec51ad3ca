"""vjp runs its function once, and its pullback belongs to that run."""

import numpy as np
import pytest

from chalkgrad import ChalkgradError, grad, jacobian, vjp


def test_the_function_runs_once_for_any_number_of_gradients():
    seen = []

    def f(x, y):
        seen.append(1)
        return {"a": np.sin(x) * y, "b": np.sum(x * x)}, "aux"

    x = np.array([1.0, 2.0])
    value, pull, aux = vjp(f, x, 3.0, has_aux=True)
    assert aux == "aux"
    np.testing.assert_array_equal(value["a"], np.sin(x) * 3.0)
    for scale in (1.0, 2.0, -1.0):
        slope, other = pull({"a": np.array([scale, 0.0]), "b": 0.0})
        np.testing.assert_allclose(slope, [3.0 * np.cos(1.0) * scale, 0.0], rtol=1e-15)
        assert other == pytest.approx(np.sin(1.0) * scale, rel=1e-15)
    np.testing.assert_array_equal(pull({"a": np.zeros(2), "b": 1})[0], 2 * x)
    assert len(seen) == 1


@pytest.mark.parametrize("before", [0, 1])
def test_the_pullback_stays_at_the_point_of_the_run(before):
    x = np.array([1.0, 2.0])
    value, pull = vjp(lambda x: x**2, x)
    for _ in range(before):
        pull(np.ones(2))
    x[0] = value[0] = 50.0
    first = pull(np.ones(2))[0]
    np.testing.assert_array_equal(first, [2.0, 4.0])
    first[0] = 99.0
    np.testing.assert_array_equal(pull(np.ones(2))[0], [2.0, 4.0])


def test_the_pullback_can_be_differentiated():
    _, pull = vjp(np.sin, np.array([1.0, 2.0]))
    np.testing.assert_allclose(jacobian(lambda u: pull(u)[0])(np.ones(2)), np.diag(np.cos([1.0, 2.0])), rtol=1e-15)
    assert grad(lambda t: np.sum(pull(t * np.ones(2))[0]))(3.0) == pytest.approx(np.cos(1.0) + np.cos(2.0), rel=1e-15)


def test_gradients_have_the_precision_of_the_value():
    value, pull = vjp(lambda x: x * 0.1, np.ones(2, dtype=np.float32))
    assert value.dtype == pull(np.ones(2))[0].dtype == np.float32
    assert type(vjp(np.sin, 1.0)[1](1.0)[0]) is float


def test_an_argument_without_influence_gets_zeros():
    assert vjp(lambda x, y: x * 2, 1.0, 5.0)[1](1.0) == (2.0, 0.0)


@pytest.mark.parametrize("calls", [0, 1])
@pytest.mark.parametrize("upstream, said", [(3.0, "does not fit"), ({"a": np.ones(2)}, "not built like"), (np.ones(3), "(3)")])
def test_a_gradient_that_does_not_fit_is_refused(calls, upstream, said):
    _, pull = vjp(np.sin, np.array([1.0, 2.0]))
    for _ in range(calls):
        pull(np.ones(2))
    with pytest.raises(ChalkgradError) as letter:
        pull(upstream)
    assert said in str(letter.value)
    np.testing.assert_array_equal(pull(np.ones(2))[0], np.cos([1.0, 2.0]))
