"""SciPy's own functions, where SciPy is installed; and the example that hands losses to its minimiser."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from chalkgrad.transform.api.gradient import grad, value_and_grad

special = pytest.importorskip("scipy.special")
X = np.array([0.1, 0.4, 0.8])


@pytest.mark.parametrize("name", ["expit", "log_expit", "erf", "logit", "entr", "exp2", "cbrt", "expm1", "log1p"])
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


def test_the_example_finds_its_minima(capsys):
    runpy.run_path(str(Path(__file__).parents[2] / "examples" / "minimise.py"), run_name="__main__")
    shown = capsys.readouterr().out
    assert "at [1. 1. 1. 1. 1.]" in shown
    assert "centres [-2.  1.]" in shown
