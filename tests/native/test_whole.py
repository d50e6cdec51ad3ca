"""A plan of one kernel as one call: it gives what the steps give, and what it is not made for goes the other way."""

import copy
import gc
import os
import pickle
import sys
import threading
import types

import numpy as np
import pytest

import chalkgrad
from chalkgrad.native.loops.run import Runner

CHANCE = np.random.default_rng(6)
FORMULA = "f = 1 / (1 + exp(-(w*x + b)))"


def columns(dtype, size=3000, **others):
    return {name: CHANCE.normal(size=size).astype(dtype) for name in "wxb"} | others


def flat(found):
    return [found[0], *found[1]]


def same(found, other):
    for one, another in zip(found, other, strict=True):
        assert type(one) is type(another)
        assert np.result_type(one) == np.result_type(another)
        np.testing.assert_array_equal(one, another)


def softmax_loss(z, y):
    e = np.exp(z)
    return -np.mean(np.log((e / np.sum(e, axis=1, keepdims=True))[np.arange(len(y)), y]))


def hinge(z, y):
    margins = np.maximum(0, z - z[np.arange(len(y)), y][:, None] + 1)
    margins[np.arange(len(y)), y] = 0
    return np.sum(margins) / len(y) + 0.5


def scaled(z, amount):
    return np.sum(np.tanh(z) * amount) - amount


def scores(dtype, rows=6000):
    return CHANCE.normal(size=(rows, 7)).astype(dtype), CHANCE.integers(0, 7, rows)


@pytest.fixture
def steps(monkeypatch):
    """Counts how often a runner went step by step."""
    taken = []
    run = Runner.run
    monkeypatch.setattr(Runner, "run", lambda self, *given: taken.append(self) or run(self, *given))
    return taken


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_batch_is_one_call_and_gives_what_the_steps_give(dtype, steps):
    formula, points = chalkgrad.compile(FORMULA), columns(dtype)
    first = flat(formula.batch(**points))
    once = len(steps)
    second = flat(formula.batch(**points))
    assert len(steps) == once == 1
    same(first, second)
    assert all(one.dtype == dtype for one in second)
    same(first, flat(formula.batch(**dict(reversed(points.items())))))  # by name, in any order
    assert len(steps) == once


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_number_for_all_points(dtype, steps):
    formula, points = chalkgrad.compile(FORMULA), columns(dtype, b=0.3)
    first = flat(formula.batch(**points))
    same(first, flat(formula.batch(**points)))
    assert len(steps) == 1
    other = flat(formula.batch(**points | {"b": 0.7}))
    assert len(steps) == 1
    same(other, flat(chalkgrad.compile(FORMULA).batch(**points | {"b": 0.7})))


@pytest.mark.parametrize("change", [
    lambda one: one[:-1], lambda one: one.astype(np.float16), lambda one: one[::-1], lambda one: one.reshape(2, -1), list,
    lambda one: one.astype(one.dtype.newbyteorder()),
])  # fmt: skip
def test_other_arrays_go_the_other_way(change):
    formula, points = chalkgrad.compile(FORMULA), columns("float64")
    for _ in range(3):
        formula.batch(**points)
    changed = {name: change(one) for name, one in points.items()}
    same(flat(formula.batch(**changed)), flat(chalkgrad.compile(FORMULA).batch(**changed)))
    same(flat(formula.batch(**points)), flat(chalkgrad.compile(FORMULA).batch(**points)))


def test_mistakes_are_told_as_ever():
    formula, points = chalkgrad.compile(FORMULA), columns("float64")
    for _ in range(3):
        formula.batch(**points)
    for given in ({}, {"w": 1.0}, points | {"q": 1.0}, {"w": points["w"], "x": points["x"], "c": points["b"]}):
        with pytest.raises(chalkgrad.errors.GivenError, match=r"no value|no input"):
            formula.batch(**given)
    with pytest.raises(TypeError):
        formula.batch(*points.values())


def test_a_compiled_formula_that_has_run_can_be_copied_and_pickled():
    formula, points = chalkgrad.compile(FORMULA), columns("float64")
    before = flat(formula.batch(**points))
    formula.batch(**points)
    for one in (copy.copy(formula), pickle.loads(pickle.dumps(formula))):
        same(before, flat(one.batch(**points)))


def test_results_have_memory_of_their_own():
    formula, points = chalkgrad.compile(FORMULA), columns("float64", size=10_000)
    held = [flat(formula.batch(**points | {"b": np.full(10_000, float(turn))})) for turn in range(6)]
    for turn, found in enumerate(held):
        same(found, flat(chalkgrad.compile(FORMULA).batch(**points | {"b": np.full(10_000, float(turn))})))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", [softmax_loss, hinge])
def test_losses_are_one_call(loss, dtype, steps):
    z, y = scores(dtype)
    function = chalkgrad.value_and_grad(loss)
    found = [function(z, y) for _ in range(4)]
    assert len(steps) <= 2
    same(found[1], found[3])
    assert type(found[3][0]) is (float if dtype == "float64" else np.float32)
    np.testing.assert_allclose(found[3][1], found[0][1], rtol=1e-4, atol=1e-6)


def test_floats_beside_arrays(steps):
    z = CHANCE.normal(size=(3000, 9))
    function = chalkgrad.value_and_grad(scaled, argnums=(0, 1))
    first = [function(z, 1.5) for _ in range(3)][-1]
    before = len(steps)
    value, (by_z, by_amount) = function(z, 2.0)
    assert len(steps) == before
    assert type(value) is type(by_amount) is float
    np.testing.assert_allclose(by_z, 2 / np.cosh(z) ** 2, rtol=1e-13)
    np.testing.assert_allclose([value, by_amount], [2 * np.sum(np.tanh(z)) - 2, np.sum(np.tanh(z)) - 1], rtol=1e-12)
    np.testing.assert_allclose(first[1][0], 1.5 / np.cosh(z) ** 2, rtol=1e-13)
    with pytest.raises(chalkgrad.errors.ChalkgradError):
        function(z, "much")


def test_an_index_that_is_out_of_bounds_is_told():
    z, y = scores("float64")
    function = chalkgrad.value_and_grad(softmax_loss)
    for _ in range(3):
        function(z, y)
    y = y.copy()
    y[17] = 7
    with pytest.raises(Exception, match=r"out of bounds|beyond"):
        function(z, y)


SCALE = 2.0


def test_what_a_function_reads_may_change():
    def made(inner):
        factor = 1.0
        helper = types.ModuleType("helper")
        helper.shift = 0.0
        space = {"np": np, "helper": helper, "__name__": "tests.made"}
        exec("def own(x, weight=1.0, *, power=1.0):\n    return np.sum(np.tanh(x)) * (weight * power) + helper.shift", space)
        own = space["own"]

        def loss(x):
            return own(x) * (factor * SCALE) + inner(x)

        def turn(number):
            nonlocal factor
            factor = number

        return loss, turn, helper, own

    loss, turn, helper, own = made(np.sum)
    x = CHANCE.normal(size=(900, 30))
    function = chalkgrad.value_and_grad(loss)
    total = np.sum(np.tanh(x))

    def check(expected):
        for _ in range(3):  # traced, compiled, one call
            value, slopes = function(x)
            np.testing.assert_allclose(value, expected + np.sum(x), rtol=1e-10)
        assert function._whole is not None
        assert function._whole[2] is None  # machine code looks for itself
        np.testing.assert_allclose(slopes, 1 + weight / np.cosh(x) ** 2, rtol=1e-10)

    weight = 2.0
    check(2 * total)
    turn(3.0)
    weight = 6.0
    check(6 * total)
    globals()["SCALE"] = 1.0
    weight = 3.0
    check(3 * total)
    helper.shift = 5.0
    check(3 * (total + 5))
    own.__defaults__ = (2.0,)
    weight = 6.0
    check(3 * (2 * total + 5))
    own.__kwdefaults__["power"] = 0.5
    weight = 3.0
    check(3 * (total + 5))
    own.__kwdefaults__ = {"power": 1.0}
    weight = 6.0
    check(3 * (2 * total + 5))
    other = {"np": np}
    exec("def own(x, weight=1.0, *, power=1.0):\n    return np.sum(np.tanh(x))", other)
    own.__code__ = other["own"].__code__
    weight = 3.0
    check(3 * total)
    globals()["SCALE"] = 2.0


def test_equal_things_in_other_objects_are_no_change(steps):
    space = {"np": np}
    exec("def loss(x):\n    return np.sum(np.tanh(x) * half)", space)
    space["half"] = 0.5
    function, x = chalkgrad.value_and_grad(space["loss"]), CHANCE.normal(size=(900, 30))
    for _ in range(3):
        function(x)
    assert function.traces == 1
    space["half"] = float("0.5")
    function(x)
    before = len(steps)
    function(x)
    assert function.traces == 1
    assert len(steps) == before  # one call again


def test_no_reference_is_lost_or_left():
    formula, points = chalkgrad.compile(FORMULA), columns("float32", size=50)
    z, y = scores("float32")
    function = chalkgrad.value_and_grad(softmax_loss)
    calls = [lambda: formula.batch(**points), lambda: function(z, y), lambda: function(z, y[::-1])]
    for call in calls:
        for _ in range(40):
            call()
        gc.collect()
        arrays, blocks = [*points.values(), z, y], sys.getallocatedblocks()
        counts = [sys.getrefcount(one) for one in arrays]
        for _ in range(2000):
            call()
        gc.collect()
        assert [sys.getrefcount(one) for one in arrays] == counts
        assert sys.getallocatedblocks() - blocks < 200


def test_the_number_of_threads_may_change():
    formula, points = chalkgrad.compile(FORMULA), columns("float64", size=200_000)
    before, count = flat(formula.batch(**points)), chalkgrad.native.threads.count()
    try:
        for number in (1, 3, 2, 1):
            chalkgrad.set_threads(number)
            for _ in range(2):
                same(before, flat(formula.batch(**points)))
    finally:
        chalkgrad.set_threads(count)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_calls_too():
    formula, points = chalkgrad.compile(FORMULA), columns("float64", size=200_000)
    before = flat(formula.batch(**points))
    formula.batch(**points)
    child = os.fork()
    if not child:
        fine = all(np.array_equal(*pair) for _ in range(3) for pair in zip(before, flat(formula.batch(**points)), strict=True))
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_many_threads_call_one_function():
    formula, trouble = chalkgrad.compile(FORMULA), []
    kinds = [columns("float64", size=size) for size in (3000, 40_000)]
    rights = [flat(chalkgrad.compile(FORMULA).batch(**points)) for points in kinds]

    def work(turn):
        for _ in range(100):
            for points, right in (list(zip(kinds, rights, strict=True)))[:: 1 if turn % 2 else -1]:
                found = flat(formula.batch(**points))
                if not all(np.array_equal(*pair) for pair in zip(found, right, strict=True)):
                    trouble.append(turn)

    workers = [threading.Thread(target=work, args=(turn,)) for turn in range(6)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert not trouble
