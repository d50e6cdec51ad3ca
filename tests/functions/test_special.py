"""SciPy's own functions, where SciPy is installed; and the example that hands losses to its minimiser."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from chalkgrad.errors import ChalkgradError
from chalkgrad.transform.api.gradient import grad, value_and_grad
from chalkgrad.transform.api.mapping import jit

special = pytest.importorskip("scipy.special")
X = np.array([0.1, 0.4, 0.8])


ONE = ["expit", "log_expit", "erf", "logit", "entr", "exp2", "cbrt", "expm1", "log1p", "erfc", "erfcx", "ndtr", "log_ndtr",
       "gamma", "gammaln", "digamma", "psi", "cosm1", "exp10"]  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number(name):
    f = getattr(special, name)
    value, slope = value_and_grad(lambda x: np.sum(f(x)))(X)
    assert value == pytest.approx(np.sum(f(X)), rel=1e-14)
    np.testing.assert_allclose(slope, (f(X + 1e-6) - f(X - 1e-6)) / 2e-6, rtol=1e-8)


@pytest.mark.parametrize("name", ["xlogy", "xlog1py"])
def test_nothing_times_the_logarithm_of_nothing(name):
    f = getattr(special, name)
    zero = 0.0 if name == "xlogy" else -1.0
    value, slope = value_and_grad(lambda y: f(0.0, y) + f(2.0, y + 1.5))(zero)
    assert value == f(2.0, zero + 1.5)
    assert slope == pytest.approx(2.0 / 1.5)
    assert grad(lambda x: f(x, 3.0))(0.7) == pytest.approx(f(1.0, 3.0))


@pytest.mark.parametrize("name", ["betaln", "rel_entr", "kl_div"])
def test_functions_of_two_positive_numbers(name):
    f = getattr(special, name)
    y = X[::-1] + 0.3
    value, (by_x, by_y) = value_and_grad(lambda x, y: np.sum(f(x, y)), argnums=(0, 1))(X, y)
    assert value == pytest.approx(np.sum(f(X, y)), rel=1e-13)
    np.testing.assert_allclose(by_x, (f(X + 1e-6, y) - f(X - 1e-6, y)) / 2e-6, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(by_y, (f(X, y + 1e-6) - f(X, y - 1e-6)) / 2e-6, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", ["erfc", "erfcx", "ndtr", "log_ndtr"])
def test_values_far_from_zero_are_those_of_scipy(name):
    # At a value that falls like e^(−x²/2), the argument's last bit counts x² times.
    f, x = getattr(special, name), np.concatenate([np.linspace(-25.0, 25.0, 301), [0.0, 1e-300, 1e5]])
    np.testing.assert_allclose(jit(f)(x), f(x), rtol=2e-13)


def test_the_slope_of_a_probability_far_in_the_tail():
    # Φ(−40) is no float; the slope of its logarithm is 40 + 1/40 − 2/40³ + 10/40⁵ − …, by the series of Mills' ratio
    slope = grad(special.log_ndtr)(-40.0)
    assert slope == pytest.approx(40.02496884720726, rel=1e-14)
    assert grad(special.log_ndtr)(40.0) == pytest.approx(np.exp(-800.0) / np.sqrt(2 * np.pi), rel=1e-12)
    assert grad(grad(special.log_ndtr))(-1e5) == pytest.approx(-1.0, rel=1e-9)
    assert grad(grad(special.log_ndtr))(1e5) == 0.0


def test_zero_beside_zero_has_no_divergence():
    assert jit(special.rel_entr)(np.array([0.0, 0.0, 1.0, -1.0]), np.array([0.0, 2.0, 0.0, 1.0])).tolist() == [0, 0, np.inf, np.inf]
    assert grad(lambda x: special.kl_div(0.0 * x, x))(2.0) == 1.0


def test_the_beta_function_of_other_numbers_is_refused():
    slope = grad(special.betaln)
    assert slope(2.0, 3.0) == pytest.approx(-13 / 12, rel=1e-14)
    with pytest.raises(ChalkgradError, match="positive"):
        slope(-0.5, 3.0)


def test_the_example_finds_its_minima(capsys):
    runpy.run_path(str(Path(__file__).parents[2] / "examples" / "minimise.py"), run_name="__main__")
    shown = capsys.readouterr().out
    assert "at [1. 1. 1. 1. 1.]" in shown
    assert "centres [-2.  1.]" in shown
