"""Kernels that Python calls directly: what is not as they expect goes the other way, and gives the same, in one block or many."""

import subprocess
import sys
import threading

import numpy as np
import pytest

import chalkgrad
from chalkgrad.native.direct import fits
from chalkgrad.native.loops.at_once import DirectStep
from chalkgrad.native.loops.steps import KernelStep

CHANCE = np.random.default_rng(5)
POINTS = {name: CHANCE.normal(size=600) for name in "wxy"}
FORMULA = "f = tanh(w*x) * y + exp(-x^2)"


def runner(**points):
    formula = chalkgrad.compile(FORMULA)
    formula.batch(**points)
    (made,) = formula._batches.kept.values()
    return formula, made.runner


def flat(found):
    return [found[0], *found[1]]


def test_a_small_batch_is_called_directly():
    _, made = runner(**POINTS)
    assert fits()
    assert [type(step) for step in made.steps] == [DirectStep]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_direct_call_gives_what_the_other_gives(dtype):
    points = {name: one.astype(dtype) for name, one in POINTS.items()}
    formula, made = runner(**points)
    once = flat(formula.batch(**points))
    made.steps = [KernelStep(step.written, step.code, "kernel0") for step in made.steps]
    del formula.__dict__["batch"]  # the call that goes past the steps
    for one, other in zip(once, flat(formula.batch(**points)), strict=True):
        assert one.dtype == dtype
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("spread", [lambda x: np.sum(np.sin(x) * x), lambda x: np.mean(np.sin(x) * x, axis=0)])
def test_sums_of_many_blocks_are_the_same_to_the_last_bit(spread):
    x = CHANCE.normal(size=(70_001, 3))
    function = chalkgrad.jit(spread)
    first, once = function(x), function(x)
    ((kept,),) = function._kept.values()
    made = kept.program.runner
    (step,) = (step for step in made.steps if isinstance(step, DirectStep) and len(step.bounds) > 2)
    made.steps = [KernelStep(one.written, one.code, "kernel0") if one is step else one for one in made.steps]
    again = function(x)
    np.testing.assert_array_equal(once, again)
    np.testing.assert_allclose(first, once, rtol=1e-12)


@pytest.mark.parametrize("change", [
    lambda one: np.repeat(one, 2)[::2],
    lambda one: one[::-1].copy()[::-1],
    lambda one: one.astype(">f8"),
    lambda one: np.frombuffer(b"\0" + one.tobytes(), np.uint8)[1:].view(np.float64),
    lambda one: one.astype(np.longdouble),
    lambda one: list(one),
], ids=["gaps", "backward", "other order of bytes", "not aligned", "longer", "list"])  # fmt: skip
def test_arrays_of_other_kinds_give_the_same(change):
    formula, _ = runner(**POINTS)
    plain = flat(formula.batch(**POINTS))
    for one, other in zip(plain, flat(formula.batch(**{**POINTS, "x": change(POINTS["x"])})), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_place_out_of_bounds_is_told_and_nothing_is_read():
    def picked(x, places):
        return np.sum(np.sin(x[places]) * np.arange(len(places)))

    function = chalkgrad.value_and_grad(picked)
    x, places = CHANCE.normal(size=5000), np.arange(5000)
    first, second, third = (function(x, places)[0] for _ in range(3))
    assert second == third == pytest.approx(first, rel=1e-13)
    with pytest.raises((IndexError, chalkgrad.ChalkgradError)):
        function(x, places + 1)


def test_calls_leave_no_references_behind():
    formula, _ = runner(**POINTS)
    before = [sys.getrefcount(one) for one in POINTS.values()]
    held = sys.getrefcount(np.ndarray), sys.getrefcount(np.dtype("f8"))
    for _ in range(200):
        formula.batch(**POINTS)
    assert [sys.getrefcount(one) for one in POINTS.values()] == before
    assert all(
        abs(now - then) < 50 for now, then in zip((sys.getrefcount(np.ndarray), sys.getrefcount(np.dtype("f8"))), held, strict=True)
    )


def test_many_threads_at_once_do_not_meet():
    formula, _ = runner(**POINTS)
    right = flat(formula.batch(**POINTS))
    wrong = []

    def work():
        for _ in range(300):
            found = flat(formula.batch(**POINTS))
            if not all(np.array_equal(one, other) for one, other in zip(found, right, strict=True)):
                wrong.append(found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong


def layer(W, X, offset):
    """A product, given another shape and shifted by what is the same in all rows; the sums over rows are arrays."""
    y = np.reshape(X @ W, (len(X), 4, 10)) - offset
    return np.sum(np.tanh(y) * y)


def test_a_product_in_another_shape_and_what_repeats_for_each_row_are_no_passes_of_their_own():
    X, W, offset = CHANCE.normal(size=(200, 40)), CHANCE.normal(size=(40, 40)), CHANCE.normal(size=(4, 10))
    step = chalkgrad.value_and_grad(layer, argnums=(0, 2))
    plain = step(W, X, offset)
    again = step(W, X, offset)
    assert again[0] == pytest.approx(plain[0], rel=1e-13)
    for one, other in zip(again[1], plain[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
    said = step.explain_compile(W, X, offset)
    assert said.kernels == 1, str(said)


def test_sums_over_rows_that_are_arrays_come_from_the_direct_call_too():
    def spread(x):
        return np.mean(np.sin(x), axis=0)

    x = CHANCE.normal(size=(500, 7))
    function = chalkgrad.jit(spread)
    first, second = function(x), function(x)
    function(x[::-1])  # with gaps
    third = function(x)
    np.testing.assert_allclose(second, first, rtol=1e-14)
    assert second.shape == (7,)
    assert second.dtype == np.float64
    assert np.array_equal(second, third)
    assert not np.shares_memory(second, third)


def test_where_threads_run_python_at_once_nothing_is_looked_at_in_objects():
    """A Python without its one lock is played: the results are the same, the slow way."""
    code = """
import subprocess
import sys
sys._is_gil_enabled = lambda: False
import numpy as np, chalkgrad
from chalkgrad.native import calling, direct
assert not calling.fits() and not direct.fits()
x = np.linspace(-2, 2, 6000)
formula = chalkgrad.compile("f = x * exp(-x^2)")
assert formula.value_and_grad(0.5) == (0.5 * np.exp(-0.25), (0.5 * np.exp(-0.25),))
for _ in range(3):
    value, (slope,) = formula.batch(x=x)
    np.testing.assert_allclose(value, x * np.exp(-x * x), rtol=1e-14)
function = chalkgrad.value_and_grad(lambda x: np.sum(np.tanh(x) * x))
for _ in range(3):
    total, slopes = function(x)
np.testing.assert_allclose(slopes, np.tanh(x) + x / np.cosh(x) ** 2, rtol=1e-13)
small = chalkgrad.value_and_grad(lambda x: np.sum(x**2))
for _ in range(150):
    total, slopes = small(x[:5])
np.testing.assert_allclose(slopes, 2 * x[:5])
print("done")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "done\n", done.stderr
