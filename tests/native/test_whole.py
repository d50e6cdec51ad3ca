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
    first, _ = (flat(formula.batch(**points)) for _ in range(2))
    once = len(steps)
    second = flat(formula.batch(**points))
    assert len(steps) == once == 2
    same(first, second)
    assert all(one.dtype == dtype for one in second)
    same(first, flat(formula.batch(**dict(reversed(points.items())))))  # by name, in any order
    assert len(steps) == once


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_number_for_all_points(dtype, steps):
    formula, points = chalkgrad.compile(FORMULA), columns(dtype, b=0.3)
    first, _ = (flat(formula.batch(**points)) for _ in range(2))
    same(first, flat(formula.batch(**points)))
    assert len(steps) == 2
    other = flat(formula.batch(**points | {"b": 0.7}))
    assert len(steps) == 2
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
        assert sys.getallocatedblocks() - blocks < 1000  # half a block for each call


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


def nested(params, x):
    (w, b), scale = params["layer"], params["scale"]
    return np.sum(np.tanh(w * x + b)) * scale


def test_dicts_lists_and_tuples_are_taken_apart_in_machine_code(steps):
    x = CHANCE.normal(size=(700, 9))
    function = chalkgrad.value_and_grad(nested)

    def params(scale):
        return {"layer": [CHANCE.normal(size=(1, 9)), CHANCE.normal(size=(1, 9))], "scale": scale}

    given = params(0.5)
    for _ in range(3):
        first = function(given, x)
    before = len(steps)
    again = function(given, x)
    assert (len(steps) == before) == (function._whole is not None)
    assert list(again[1]) == ["layer", "scale"]
    same([first[0], *first[1]["layer"], first[1]["scale"]], [again[0], *again[1]["layer"], again[1]["scale"]])
    other = params(2.0)
    _, slopes = function(other, x)
    np.testing.assert_allclose(slopes["scale"], np.sum(np.tanh(other["layer"][0] * x + other["layer"][1])), rtol=1e-10)
    for wrong in (given | {"more": 1.0}, {"layer": given["layer"]}, given | {"layer": tuple(given["layer"])}):
        if "scale" not in wrong:
            with pytest.raises(KeyError):
                function(wrong, x)
        else:
            np.testing.assert_allclose(function(wrong, x)[0], first[0], rtol=1e-12)


@pytest.mark.parametrize("tree", [(0.5, 0.25), {"b": 0.5, "a": 0.25}, [0.5, [0.25]], ({"a": 0.5}, (0.25,))])
def test_trees_of_floats_are_one_call(tree, monkeypatch):
    monkeypatch.setattr(chalkgrad.native, "PATIENCE", 0)
    leaves, structure = chalkgrad.transform.api.pytrees.flatten(tree)

    def f(tree):
        one, other = chalkgrad.transform.api.pytrees.flatten(tree)[0]
        return np.sin(one) * other

    function = chalkgrad.value_and_grad(f)
    for _ in range(4):
        value, slopes = function(tree)
    call, _, _ = function._whole
    assert call(tree) is not None
    assert value == pytest.approx(np.sin(leaves[0]) * leaves[1], rel=1e-15)
    found, built = chalkgrad.transform.api.pytrees.flatten(slopes)
    assert built == structure
    assert found == pytest.approx([np.cos(leaves[0]) * leaves[1], np.sin(leaves[0])], rel=1e-15)
    for other in ((0.5,), {"b": 0.5}, (0.5, 0.25, 1.0), [0.5, [0.25, 1.0]], {"a": 1.0, "c": 2.0}, (0.5, 1), None, 0.5):
        assert call(other) is None
    assert call() is call(tree, tree) is None


def test_an_empty_argument_is_no_leaf(monkeypatch):
    monkeypatch.setattr(chalkgrad.native, "PATIENCE", 0)
    function = chalkgrad.value_and_grad(lambda x, rest: np.sin(x) * (2.0 if rest else 1.0))
    for _ in range(4):
        assert function(0.5, {})[0] == pytest.approx(np.sin(0.5))
    assert function(0.5, {"a": 1.0})[0] == pytest.approx(2 * np.sin(0.5))


def into(size=3000, dtype="float64"):
    return np.empty(size, dtype), tuple(np.empty(size, dtype) for _ in "wxb")


def test_batches_are_written_into_given_arrays_by_one_call(steps):
    formula, points = chalkgrad.compile(FORMULA), columns("float64")
    right = flat(formula.batch(**points))
    out = into()
    formula.batch_into(out, **points)
    before = len(steps)
    for one in (out[0], *out[1]):
        one[:] = 0
    found = formula.batch_into(out, **points)
    assert len(steps) == before
    assert all(one is other for one, other in zip(flat(found), flat(out), strict=True))
    same(flat(out), right)


def test_arrays_that_share_memory_or_cannot_be_written_go_the_other_way(steps):
    formula, points = chalkgrad.compile(FORMULA), columns("float64")
    right = flat(formula.batch(**points))
    formula.batch_into(into(), **points)
    wide = np.empty(6000)
    fixed = np.empty(3000)
    fixed.flags.writeable = False
    for outs, message in (
        ((wide[:3000], (wide[10:3010], None, None)), "share memory"),
        ((fixed, (None, None, None)), "read-only"),
        ((np.empty(2999), (None, None, None)), "shape"),
        ((np.empty(3000, np.float32), (None, None, None)), "dtype"),
        ((np.empty(3000), (None, None)), "built"),
    ):
        full = (outs[0], tuple(np.empty(3000) if one is None else one for one in outs[1]))
        with pytest.raises(chalkgrad.errors.ChalkgradError, match=message):
            formula.batch_into(full, **points)
    moved = {name: one.copy() for name, one in points.items()}
    found = formula.batch_into((moved["w"], tuple(np.empty(3000) for _ in "wxb")), **moved)  # in place of an input
    same(flat(found), right)
    beside = {name: one.copy() for name, one in points.items()}
    room = np.empty(3010)
    room[10:] = beside["x"]
    beside["x"] = room[10:]
    found = formula.batch_into((room[:3000], tuple(np.empty(3000) for _ in "wxb")), **beside)
    same(flat(found), right)


def test_a_slope_that_is_the_same_everywhere_is_written_for_each_point(steps):
    formula = chalkgrad.compile("f = w*x + b")
    points = columns("float32")
    for _ in range(2):
        formula.batch(**points)
    before = len(steps)
    _, (by_w, by_x, by_b) = formula.batch(**points)
    assert len(steps) == before
    np.testing.assert_array_equal(by_b, np.ones(3000, np.float32))
    assert by_b.dtype == np.float32
    same([by_w, by_x], [points["x"], points["w"]])
    assert not np.shares_memory(by_w, points["x"])
    out = into(dtype="float32")
    formula.batch_into(out, **points)
    found = formula.batch_into(out, **points)
    same(flat(found), flat(formula.batch(**points)))
    assert len(steps) == before


def test_results_that_are_equal_have_memory_of_their_own(steps):
    formula, points = chalkgrad.compile("f = exp(x + y)"), {name: CHANCE.normal(size=2000) for name in "xy"}
    first, _ = (flat(formula.batch(**points)) for _ in range(2))
    found = flat(formula.batch(**points))
    assert len(steps) == 2
    same(first, found)
    assert not any(np.shares_memory(found[one], found[other]) for one, other in ((0, 1), (0, 2), (1, 2)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_results_of_a_numpy_function_are_written_into_given_arrays_by_one_call(dtype, steps):
    z, y = scores(dtype)
    function = chalkgrad.value_and_grad(softmax_loss)
    right = [function(z, y) for _ in range(3)][-1]
    out = np.empty_like(z)
    function.into((None, out), z, y)
    before = len(steps)
    out[:] = 0
    found = function.into((None, out), z, y)
    assert len(steps) == before
    assert found[1] is out
    same(found, right)
    for wrong, message in (((None, None, None), "built"), ((out, out), "a single number"), ((None, out[:-1]), "shape")):
        with pytest.raises(chalkgrad.errors.ChalkgradError, match=message):
            function.into(wrong, z, y)
    same(function.into((None, None), z, y), right)
    own = z.copy()
    same(function.into((None, own), own, y), right)  # in place of the argument
