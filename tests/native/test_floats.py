"""Traced functions that are called with Python floats again and again: they become functions of floats, and stay right."""

import math

import numpy as np
import pytest

import chalkgrad
from chalkgrad.native import PATIENCE
from chalkgrad.native.floats import Floats

SCALE = 2.0


def often(function, *args, **settings):
    for _ in range(PATIENCE + 3):
        result = function(*args, **settings)
    return result


def runner(function):
    ((kept, *_),) = function._kept.values()
    return kept.program.runner


def neuron(w0, x0, w1, x1, w2):
    return 1 / (1 + np.exp(-(w0 * x0 + w1 * x1 + w2)))


def test_value_and_gradient_are_those_of_the_first_call():
    args = 2.0, -1.0, -3.0, -2.0, -3.0
    function = chalkgrad.value_and_grad(neuron, argnums=(0, 1, 2, 3, 4))
    first, last = function(*args), often(function, *args)
    assert isinstance(runner(function), Floats)
    assert type(last[0]) is float
    assert last[0] == pytest.approx(first[0], rel=1e-15)
    assert last[1] == pytest.approx(first[1], rel=1e-15)
    with chalkgrad.watch():
        assert function(*args) == last


def test_trees_of_floats_keep_their_form():
    def energy(p):
        return {"pull": np.tanh(p["a"] * p["b"][0]), "push": (p["b"][1] ** 2, 3)}

    function = chalkgrad.jit(energy)
    first, last = function({"a": 0.3, "b": (1.0, 2.0)}), often(function, {"a": 0.3, "b": (1.0, 2.0)})
    assert last == first == {"pull": pytest.approx(math.tanh(0.3)), "push": (4.0, 3)}


def test_a_branch_that_changes_is_seen():
    def bent(x):
        return x * x if x > 1 else -x

    slope = chalkgrad.grad(bent)
    assert often(slope, 2.0) == 4.0
    assert [slope(one) for one in (0.5, 3.0, 1.0, math.nan, 1.5)] == [-1.0, 6.0, -1.0, -1.0, 3.0]


def test_a_global_that_changes_is_seen(monkeypatch):
    slope = chalkgrad.grad(lambda x: SCALE * x * x)
    assert often(slope, 3.0) == 12.0
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert slope(3.0) == 30.0


@pytest.mark.parametrize("other", [3, np.float64(3.0), np.float32(3.0), np.array(3.0), np.array([3.0, 3.0])], ids=repr)
def test_other_numbers_are_taken_as_before(other):
    cube = chalkgrad.jit(lambda x: x**3)
    assert often(cube, 3.0) == 27.0
    assert np.all(cube(other) == 27.0)
    assert cube(3.0) == 27.0


def test_settings_and_given_arrays_are_no_calls_of_floats():
    function = chalkgrad.value_and_grad(lambda x, y=1.0: x * y)
    assert often(function, 2.0) == (2.0, 1.0)
    assert function(2.0, y=3.0) == (6.0, 3.0)
    assert function(2.0, 4.0) == (8.0, 4.0)
