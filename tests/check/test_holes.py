"""Holes that the doctor fills by series: in every arrangement and scale, through roots and from one side, with true gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad import doctor

SCALE = st.floats(0.1, 5.0)
FUNCTIONS = ["sin", "sinh", "tan", "tanh", "arctan", "arcsin", "arcsinh", "arctanh", "erf"]


def cured(what, **values):
    found = doctor(what, values)
    assert found.diagnosis.cure.works, f"{what}: {found.diagnosis.cure.formula}"
    assert found.diagnosis.cure.bits_lost < 8
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
@given(x=SCALE, a=SCALE)
@settings(max_examples=3, deadline=None)
def test_an_odd_function_of_a_root_over_the_root_has_a_value_and_slopes_at_0(function, x, a):
    for text in (f"{function}(sqrt(k)*x)/sqrt(k)", f"a/sqrt(k)*{function}(x*sqrt(k))", f"a*sqrt(k)/{function}(sqrt(k)/x)"):
        values = {"x": x, "k": 0.0} | ({"a": a} if "a*" in text or "a/" in text else {})
        cured(text, **values)


@given(scale=SCALE)
@settings(max_examples=10, deadline=None)
def test_an_angle_over_its_sine_has_a_value_and_a_slope_where_its_cosine_is_1(scale):
    found = cured("a*arccos(t)/(2*sin(arccos(t)))", t=1.0, a=scale)
    assert found.truth.value == pytest.approx(scale / 2)
    assert float(found.truth.gradients["t"]) == pytest.approx(-scale / 6)


@given(st.lists(st.floats(-3.0, 3.0), min_size=3, max_size=3))
@settings(max_examples=10, deadline=None)
def test_a_rotation_by_nothing_turns_like_the_cross_product(v):
    def turned(w, v):
        angle = np.sqrt(w @ w)
        once = np.cross(w, v)
        return np.sum(v + np.sin(angle) / angle * once + (1 - np.cos(angle)) / angle**2 * np.cross(w, once))

    found = doctor(turned, np.zeros(3), np.array(v))
    assert found.diagnosis.cure.works
    slopes = np.asarray(found.diagnosis.cure.gradients["w"], dtype=float).ravel()
    assert slopes == pytest.approx(np.cross(v, np.ones(3)), abs=1e-14)  # of 1·(w × v) by w


@given(st.lists(st.integers(1, 63), min_size=2, max_size=4), st.floats(1e-12, 1e-5))
@settings(max_examples=10, deadline=None)
def test_entropies_of_orders_near_1_tend_to_that_of_shannon(counts, gap):
    shares = [count / 64 for count in counts]
    last = 1 - sum(shares)
    if last <= 0:
        shares = [0.25, 0.75]
    else:
        shares.append(last)
    shannon = -sum(one * np.log(one) for one in shares)
    for text in (f"log(sum({shares}^a))/(1 - a)", f"(1 - sum({shares}^a))/(a - 1)"):
        for order in (1.0, 1.0 + gap, 1.0 - gap):
            found = doctor(text, a=order)
            if found.healthy and order != 1.0:  # far enough from 1 nothing is lost that matters
                assert float(found.value) == pytest.approx(shannon, rel=1e-3)
                continue
            assert float(found.diagnosis.cure.value) == pytest.approx(shannon, rel=1e-3)
            assert found.diagnosis.cure.heals


def between(p, q, t):
    angle = np.arccos(p @ q)
    return np.sum((np.sin((1 - t) * angle) * p + np.sin(t * angle) * q) / np.sin(angle) * np.array([1.0, 2.0, 3.0, 4.0]))


def between_clipped(p, q, t):
    angle = np.arccos(np.clip(np.sum(p * q), -1.0, 1.0))
    whole = np.sin(angle)
    return (np.sin((1 - t) * angle) / whole * p + np.sin(t * angle) / whole * q) @ np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize("f", [between, between_clipped])
@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_half_way_between_equal_rotations_is_the_same_rotation(f, t):
    p = np.array([0.5, 0.5, 0.5, 0.5])
    found = doctor(f, p, p, t, argnums=(0, 1, 2))
    assert found.diagnosis.cure.works
    assert found.diagnosis.cure.bits_lost < 4
    assert found.diagnosis.cure.value == pytest.approx(5.0)
