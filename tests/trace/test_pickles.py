"""Transforms travel to other processes as long as their function does."""

import copy
import multiprocessing
import pickle
from functools import partial

import numpy as np
import pytest

import chalkgrad


def energy(x, y=2.0):
    return np.sum(np.exp(x) * y)


def entries(x):
    return x * x


@chalkgrad.grad
def decorated(x):
    return np.sum(x**3)


X = np.array([0.5, -1.0])
MADE = {
    "grad": chalkgrad.grad(energy),
    "by another argument": chalkgrad.grad(energy, argnums=1),
    "value and gradient": chalkgrad.value_and_grad(energy),
    "jit": chalkgrad.jit(energy),
    "vmap": chalkgrad.vmap(chalkgrad.grad(energy)),
    "jacobian": chalkgrad.jacobian(entries, mode="forward"),
    "hessian": chalkgrad.hessian(energy),
    "of a partial": chalkgrad.grad(partial(energy, y=3.0)),
    "decorated": decorated,
}


def numbers(result):
    return [numbers(one) for one in result] if isinstance(result, tuple) else np.asarray(result).tolist()


@pytest.mark.parametrize("name", MADE)
def test_a_transform_is_the_same_after_the_journey(name):
    f = MADE[name]
    x = np.array([X, 2 * X]) if name == "vmap" else X
    arguments = (x, 2.0) if name == "by another argument" else (x,)
    for again in (pickle.loads(pickle.dumps(f)), copy.deepcopy(f)):
        assert numbers(again(*arguments)) == numbers(f(*arguments))
    assert (pickle.loads(pickle.dumps(f)) is f) == (name == "decorated")


def test_workers_compute_gradients():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(MADE["grad"], [X, 2 * X])
    np.testing.assert_array_equal(found, [MADE["grad"](X), MADE["grad"](2 * X)])


def test_a_function_that_has_no_name_elsewhere_is_refused_as_pickle_refuses_it():
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(chalkgrad.grad(lambda x: x))
