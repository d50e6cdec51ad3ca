"""A measured slope tells its own error: the truth lies within it, whatever the scale, the noise or the precision."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad.check.slopes import SAFETY, Ladder

EPS = 2.0**-52


def ladder(f, x, scale=None, noise=None):
    scale = scale or abs(x) or 1.0
    size = abs(f(x)) if math.isfinite(f(x)) else 1.0
    return Ladder(lambda t: f(x + scale * t), noise if noise is not None else EPS * size).measure()


SMOOTH = {
    "exp": (math.exp, math.exp),
    "sin": (math.sin, math.cos),
    "tanh": (math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "arctan": (math.atan, lambda x: 1 / (1 + x * x)),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "arsinh": (math.asinh, lambda x: 1 / math.sqrt(1 + x * x)),
}


@given(st.sampled_from(sorted(SMOOTH)), st.floats(-12, 12).filter(lambda x: abs(x) > 1e-9))
@settings(max_examples=150, deadline=None)
def test_the_true_slope_lies_within_the_error(name, x):
    f, slope = SMOOTH[name]
    true = slope(x) * abs(x)
    found = ladder(f, x, noise=EPS * (abs(f(x)) + abs(true))).central()  # of the value, and of the place where it is taken
    assert found.agrees(true, 4 * EPS * abs(true)), found
    assert found.error <= 1e-5 * abs(true) + 1e-5 * abs(f(x))


@given(st.floats(1e-300, 1e300))
@settings(max_examples=60, deadline=None)
def test_a_logarithm_is_measured_at_any_scale(x):
    found = ladder(math.log, x, noise=2 * EPS * max(1.0, abs(math.log(x)))).central()
    assert found.agrees(1.0)
    assert found.error < 1e-6


@pytest.mark.parametrize("f, x, scale, noise, slope", [
    (lambda x: (x + 1e8) - 1e8, 1.0, 1.0, 2e-8, 1.0),  # rounding hides in a value on the way
    (lambda x: 1 + 1e-8 * x, 1.0, 1.0, EPS, 1e-8),  # a small slope beside a large value
    (lambda x: math.sin(64 * math.pi * x), 0.0, 1.0, 1e-16, 64 * math.pi),  # the widest steps are whole periods
    (lambda x: math.exp(x), 300.0, 300.0, 300 * EPS * math.exp(300), math.exp(300)),
    (lambda x: math.sqrt(x), 1e-12, 1.0, EPS * 1e-6, 5e5),  # no values from a little to the left on
    (lambda x: abs(x - 1), 1 + 1e-7, 1.0, EPS, 1.0),  # a kink close by
    (lambda x: float(np.logaddexp(0, 1e6 * x)), 0.0, 1.0, EPS, 5e5),  # what looks like a kink from afar
    (lambda x: 3.0, 1.0, 1.0, EPS, 0.0),
])  # fmt: skip
def test_hard_slopes_are_measured_or_left_open_but_never_wrong(f, x, scale, noise, slope):
    found = ladder(f, x, scale, noise).central()
    assert found.agrees(slope * scale)
    assert found.error <= 1e-2 * abs(slope * scale) or slope == 0


def test_noise_is_part_of_the_error():
    chance = np.random.default_rng(3)
    found = Ladder(lambda t: math.exp(t) + 1e-6 * chance.uniform(-1, 1), 1e-6).measure().central()
    assert 1e-8 < found.error < 1e-2
    assert found.agrees(1.0)


@pytest.mark.parametrize("f, left, right", [
    (abs, -1.0, 1.0),
    (lambda t: max(t, 0.0), 0.0, 1.0),
    (lambda t: t if t > 0 else t * t - 2 * t, -2.0, 1.0),
    (lambda t: math.sqrt(t), None, math.inf),
    (lambda t: math.copysign(abs(t) ** (1 / 3), t), math.inf, math.inf),
    (lambda t: 1.0 if t > 0 else 0.0, 0.0, math.inf),
    (lambda t: 1.0 if t < 0 else 0.0, -math.inf, 0.0),
    (lambda t: math.floor(1 + t) + t, math.inf, 1.0),
])  # fmt: skip
def test_each_side_has_its_slope(f, left, right):
    found = Ladder(f, EPS).measure()
    for sign, slope in ((-1, left), (1, right)):
        side = found.side(sign)
        assert (side is None) == (slope is None)
        assert side is None or side.agrees(slope)
    assert found.is_kinked() == (left is not None)


@pytest.mark.parametrize("f", [math.exp, math.sin, lambda t: t**3, lambda t: float(np.logaddexp(0, 1e5 * t)), lambda t: t * abs(t)])
def test_what_is_smooth_is_no_kink(f):
    assert not Ladder(f, EPS).measure().is_kinked()


def test_single_precision_is_measured_as_such():
    found = Ladder(lambda t: np.float32(np.exp(np.float32(1 + t))), 3e-7, 2.0**-23).measure().central()
    assert found.error < 1e-2
    assert abs(found.value - math.e) <= SAFETY * found.error


def test_an_error_of_the_function_beside_the_point_is_no_value():
    found = Ladder(lambda t: math.log(1 + 100 * t), EPS).measure().central()
    assert found.agrees(100.0)
