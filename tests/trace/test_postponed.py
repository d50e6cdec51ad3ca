"""Large values wait until somebody asks for them, and nothing but the time of a first call tells."""

import numpy as np
import pytest

import chalkgrad as cg
from chalkgrad.gates import GATES
from chalkgrad.native import MUCH
from chalkgrad.reading.trace.letters import OutOfBoundsError
from chalkgrad.reading.trace.numbers import NUMBERS
from chalkgrad.reading.trace.postponed import LARGE, Postponed, kind, postponed
from chalkgrad.reading.trace.session import Trace, current

LONG = np.linspace(-2.0, 2.0, LARGE)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", GATES)
def test_a_stand_in_is_of_the_kind_that_the_value_is_of(name, dtype):
    gate = GATES[name]
    for sample in gate.samples:
        inputs = [np.asarray(one, None if np.asarray(one).dtype.kind in "iub" else dtype)[()] for one in sample.inputs]
        settings = {**gate.params, **sample.params}
        with np.errstate(all="ignore"):
            value = gate.forward(NUMBERS, *inputs, **settings)
        stand_ins = [Postponed(np.asarray(one)[(slice(1),) * np.ndim(one)]) for one in inputs]
        found = postponed(gate, stand_ins, settings, np.shape(value))
        assert found is None or (kind(found) == kind(value) and np.ndim(found.stand_in) == np.ndim(value))


def test_what_nobody_asks_for_is_not_computed():
    with Trace(postpones=True).underway() as trace:
        x = trace.leaf("x", LONG)
        y = trace.call("exp", x)
        total = trace.call("sum", y)
        assert trace.waits([y])
        assert trace.waits([total])
        assert trace.kind(total) == np.float64
        other = trace.call("sin", x)
        assert trace.number(total) == np.sum(np.exp(LONG))
        assert not trace.waits([y, total])
        assert trace.waits([other])


def test_a_small_value_of_small_ones_is_there_at_once():
    with Trace(postpones=True).underway() as trace:
        assert not trace.waits([trace.call("exp", trace.leaf("x", LONG[:-1]))])


@pytest.mark.parametrize("stabilise", [True, False])
def test_a_branch_is_decided_by_the_numbers_themselves(stabilise):
    def f(x):
        y = np.log(1 + np.exp(x))
        return np.sum(y) if np.sum(y) > 3000 else -np.sum(x * x)

    slope = cg.grad(f, stabilise=stabilise)
    for x in (LONG, LONG - 3, LONG + 3):
        right = 1 / (1 + np.exp(-x)) if np.sum(np.log(1 + np.exp(x))) > 3000 else -2 * x
        np.testing.assert_allclose(slope(x), right, rtol=1e-12)
    assert slope.traces == 2


def test_a_mask_and_a_computed_index_are_taken_from_the_numbers():
    def f(x):
        top = np.argmax(np.sin(x))
        return np.sum(np.exp(x)[np.cos(x) > 0]) + x[top] ** 2

    right = np.where(np.cos(LONG) > 0, np.exp(LONG), 0)
    top = np.argmax(np.sin(LONG))
    right[top] += 2 * LONG[top]
    np.testing.assert_allclose(cg.grad(f)(LONG), right, rtol=1e-12)


def test_float32_stays_float32_from_the_first_call_on():
    f = cg.value_and_grad(lambda x: np.mean(np.exp(x) / np.sum(np.exp(x))) + np.sum(x) * 2)
    for _ in range(2):
        value, slope = f(LONG.astype(np.float32))
        assert (type(value), slope.dtype) == (np.float32, np.float32)


def test_a_letter_points_at_the_line_while_values_wait():
    def f(x, places):
        return np.sum(np.exp(x)[places])

    with pytest.raises(OutOfBoundsError, match=r"np\.exp\(x\)\[places\]"):
        cg.grad(f)(LONG, np.array([0, LARGE]))


def test_a_function_may_look_at_a_value_that_waits():
    seen = []

    def f(x):
        y = np.exp(x)
        seen.append(repr(y))
        assert current().values[y.node] is not None
        return np.sum(y)

    np.testing.assert_allclose(cg.grad(f)(LONG), np.exp(LONG), rtol=1e-15)
    assert seen == [f"<traced {np.exp(LONG)!r}>"]


def test_much_work_is_compiled_at_the_first_call_and_less_at_the_second():
    def f(x):
        return np.sum(np.tanh(x) * x)

    for size, first in ((LARGE, False), (MUCH // 4, True)):
        slope = cg.grad(f)
        x = np.linspace(-1.0, 1.0, size)
        results = [slope(x)]
        ((kept,),) = slope._kept.values()
        assert (kept.program.runner is not None) is first
        results.append(slope(x))
        assert kept.program.runner is not None
        np.testing.assert_allclose(results[0], np.tanh(x) + x / np.cosh(x) ** 2, rtol=1e-14)
        np.testing.assert_allclose(*results, rtol=1e-14)


def test_results_of_a_first_call_are_the_callers_own():
    constant = np.ones(LARGE)
    f = cg.jit(lambda x: (x, x[::-1], np.sum(x) + constant))
    x = LONG.copy()
    for one in f(x):
        assert not np.shares_memory(one, x)
        assert not np.shares_memory(one, constant)
        one[:] = 0
    np.testing.assert_array_equal(f(x)[0], LONG)
