"""Small functions of NumPy code as straight-line code, once they have been called often enough."""

import numpy as np
import pytest

import chalkgrad
from chalkgrad import native
from chalkgrad.native.floats import Floats
from chalkgrad.native.loops.run import Runner
from chalkgrad.native.small import Small

CHANCE = np.random.default_rng(11)


@pytest.fixture(autouse=True)
def at_the_second_call(monkeypatch):
    monkeypatch.setattr(native, "PATIENCE", 0)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic(w, X, y):
    return np.mean(np.log1p(np.exp(-y * (X @ w))))


def springs(p):
    stretch = np.linalg.norm(p["at"][1:] - p["at"][:-1], axis=1) - p["length"]
    return 0.5 * np.sum(p["stiff"] * stretch**2) + np.maximum(p["at"], 0.0).sum()


def recurrence(w, x):
    state = np.zeros(3)
    for one in x:
        state = np.tanh(w @ state + one)
    return np.sum(state * np.array([1.0, -1.0, 2.0]))


CALLS = {
    "rosenbrock": (rosenbrock, (CHANCE.normal(size=6),)),
    "logistic": (logistic, (CHANCE.normal(size=2), CHANCE.normal(size=(5, 2)), np.ones(5))),
    "springs": (springs, ({"at": CHANCE.normal(size=(4, 2)), "length": 0.5, "stiff": np.float64(2.0)},)),
    "recurrence": (recurrence, (CHANCE.normal(size=(3, 3)), CHANCE.normal(size=(4, 3)))),
    "floats": (lambda x, y: x * np.sin(y) if x > y else y**3, (2.0, 1.0)),
}


def runners(function):
    return [kept.program.runner for variants in function._kept.values() for kept in variants]


@pytest.mark.parametrize("name", CALLS)
def test_straight_line_code_gives_what_numpy_gives(name):
    f, arguments = CALLS[name]
    function = chalkgrad.value_and_grad(f)
    first, second = function(*arguments), function(*arguments)
    assert [type(one) for one in runners(function)] == [Floats if name == "floats" else Small]
    one, form = chalkgrad.transform.api.pytrees.flatten(first)
    other, same_form = chalkgrad.transform.api.pytrees.flatten(second)
    assert form == same_form
    for left, right in zip(one, other, strict=True):
        assert type(left) is type(right)
        np.testing.assert_allclose(right, left, rtol=1e-13, atol=1e-15)


def test_a_branch_that_turns_is_traced_anew():
    function = chalkgrad.value_and_grad(CALLS["floats"][0])
    for _ in range(3):
        assert function(2.0, 1.0) == pytest.approx((2 * np.sin(1), np.sin(1)))
        assert function(1.0, 2.0) == pytest.approx((8.0, 0.0))
    assert function.traces == 2


def test_arrays_with_gaps_and_of_other_orders_are_taken():
    function = chalkgrad.value_and_grad(rosenbrock)
    x = CHANCE.normal(size=6)
    right = function(x)
    for one in (np.repeat(x, 2)[::2], x[::-1].copy()[::-1], x):
        value, slopes = function(one)
        assert value == pytest.approx(right[0], rel=1e-14)
        np.testing.assert_allclose(slopes, right[1], rtol=1e-13)


def test_results_belong_to_the_caller():
    function = chalkgrad.grad(rosenbrock)
    x = CHANCE.normal(size=6)
    function(x)
    one = function(x)
    kept, one[:] = one.copy(), 0.0
    np.testing.assert_array_equal(function(x), kept)


def test_small_functions_of_float32_stay_in_float32():
    function = chalkgrad.value_and_grad(rosenbrock)
    x = CHANCE.normal(size=6).astype(np.float32)
    for _ in range(3):
        value, slopes = function(x)
        assert np.result_type(value) == slopes.dtype == np.float32


def test_entries_that_do_not_lie_on_whole_words_are_copied():
    function = chalkgrad.value_and_grad(rosenbrock)
    x = np.linspace(-1.0, 1.0, 6)
    shifted = np.frombuffer(bytearray(x.nbytes + 1), np.uint8)[1:].view(float)
    shifted[:] = x
    right = function(x)
    for _ in range(2):
        value, slopes = function(shifted)
        assert value == pytest.approx(right[0], rel=1e-14)
        np.testing.assert_allclose(slopes, right[1], rtol=1e-13)


@pytest.mark.parametrize("f, shapes", [
    (lambda x, unused: np.sum(x**2), [(3,), (1000, 7)]),
    (lambda x, y: np.einsum("ij,jk->ik", x, y), [(20, 20), (20, 20)]),
], ids=["an argument of many entries", "many products"])  # fmt: skip
def test_what_would_be_many_instructions_is_no_straight_line_code(f, shapes):
    function = chalkgrad.jit(f)
    arguments = [CHANCE.normal(size=shape) for shape in shapes]
    for _ in range(3):
        np.testing.assert_allclose(function(*arguments), f(*arguments), rtol=1e-12)
    assert [type(one) for one in runners(function)] == [Runner]


def test_any_and_all_are_conditions_of_the_entries():
    function = chalkgrad.jit(lambda x: (np.any(x > 0.5, axis=0) * 1.0, np.all(x > -0.5) * 1.0))
    for x in (np.zeros((2, 3)), np.eye(2, 3), np.eye(2, 3) - 1):
        for _ in range(2):
            some, every = function(x)
            np.testing.assert_array_equal(some, np.any(x > 0.5, axis=0))
            assert every == np.all(x > -0.5)


def scaled_valley(x, scale):
    return np.sum(scale * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_small_arrays_and_floats_are_one_call():
    function, x = chalkgrad.value_and_grad(scaled_valley, argnums=(0, 1)), np.linspace(-1.0, 1.5, 6)
    before = function(x, 100.0)
    for _ in range(120):
        function(x, 100.0)
    assert function._whole is not None
    value, (by_x, by_scale) = function(x, 100.0)
    assert type(value) is type(by_scale) is float
    np.testing.assert_allclose(value, before[0], rtol=1e-14)
    np.testing.assert_allclose(by_x, before[1][0], rtol=1e-13)
    np.testing.assert_allclose(by_scale, np.sum((x[1:] - x[:-1] ** 2) ** 2), rtol=1e-14)
    held = function(x, 100.0)[1][0]
    again = function(x + 1, 50.0)[1][0]  # which is no memory of the one before
    np.testing.assert_array_equal(held, by_x)
    np.testing.assert_allclose(again, chalkgrad.value_and_grad(scaled_valley)(x + 1, 50.0)[1], rtol=1e-13)
    for other in (np.repeat(x, 2)[::2], x.astype(">f8"), list(x)):
        np.testing.assert_array_equal(np.array(function(np.asarray(other), 100.0)[1][0]), by_x)
