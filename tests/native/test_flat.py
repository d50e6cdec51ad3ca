"""Functions of single numbers with long Python loops run on a tape."""

import numpy as np
import pytest

import chalkgrad as cg
from chalkgrad.native import MOST_GATES, MOST_IN_LINE, compiled
from chalkgrad.native.number import NotNativeError
from chalkgrad.native.tape.flat import Flat


def program(function, *args):
    """The program of a function's last trace, after a call."""
    function(*args)
    (kept,) = next(iter(function._kept.values()))[:1]
    return kept.program


def loop(x, steps):
    a, b, c = x[0], x[1], x[-1]
    for _ in range(steps):
        a, b, c = np.sin(b) * 0.5 + c, np.maximum(np.tanh(a * c), a), (a - b) / (1 + b * b)
        if a > 100:
            c = c + 1
    return np.where(a > b, a * b, b) + c


def flat(made, *inputs):
    outputs = [*made.program.outputs, *(guard.node for guard in made.program.guards)]
    return Flat(made.program.graph, outputs, dict(zip(made.program.leaves, inputs, strict=True)))


@pytest.mark.parametrize("steps", [5, 60])
def test_value_and_gradient_are_those_of_the_interpreter(steps):
    x = np.array([0.3, 0.5, 0.2, 0.7])
    function = cg.value_and_grad(lambda x: loop(x, steps))
    made = program(function, x)
    tape = flat(made, x)
    for point in (x, -x, x + 0.25):
        results = tape.run([point])
        right = made.program.run([point])
        for found, true in zip(results, right, strict=False):
            assert found.dtype == true.dtype
            np.testing.assert_allclose(found, true, rtol=1e-11, atol=1e-300)
        assert all(guard.holds(value) for guard, value in zip(made.program.guards, results[len(right) :], strict=True))


def test_moves_sums_and_conditions_of_a_few_entries():
    def f(x, y, limit):
        rows = np.stack([x, x[::-1] * y, np.concatenate([y[1:], y[:1]])])
        means = np.mean(np.transpose(rows) * np.array([1.0, -2.0, 0.5]), axis=1, keepdims=True)
        return np.sum(means) ** 2 + np.sum(np.reshape(rows, (-1,))[2:7]), means > limit, np.sum(rows, axis=(0, 1)), rows[0:0].sum()

    function = cg.jit(f)
    x, y = np.array([0.1, -0.7, 2.0]), np.array([1.5, 0.25, -3.0])
    right = function(x, y, 0.1)
    made = program(function, x, y, 0.1)
    results = flat(made, x, y, np.float64(0.1)).run([x, y, np.float64(0.1)])
    for found, true in zip(results, right, strict=True):
        np.testing.assert_allclose(found, true, rtol=1e-14)
        assert (np.asarray(found).dtype, np.shape(found)) == (np.asarray(true).dtype, np.shape(true))


def test_a_long_function_becomes_a_tape_and_takes_other_ways_where_its_branches_do():
    def f(x):
        total = loop(x, 80)
        return total * 2 if x[1] > 0 else total * 3

    function = cg.value_and_grad(f)
    x = np.array([0.3, 0.5, 0.7])
    made = program(function, x)
    assert len(made.program.graph) > MOST_IN_LINE
    made._left = 0
    value, slope = function(x)
    assert isinstance(made.runner, Flat)
    assert "tape" in str(function.explain_compile(x)).lower()
    np.testing.assert_allclose(value, 2 * loop(x, 80), rtol=1e-11)
    other = x * [1, -1, 1]
    assert function(other)[0] == pytest.approx(3 * loop(other, 80), rel=1e-11)
    assert function.traces == 2
    np.testing.assert_allclose(function(x)[1], slope)


def test_beyond_a_size_it_is_the_tape_or_numpy():
    made = program(cg.grad(lambda x: loop(x, 300)), np.array([0.3, 0.5, 0.7]))
    graph = made.program.graph
    assert len(graph) > MOST_GATES
    assert isinstance(compiled(graph, made.program.outputs, {made.program.leaves[0]: np.ones(3)}), Flat)
    assert compiled(graph, made.program.outputs, {made.program.leaves[0]: np.ones(3, np.float32)}) is None


@pytest.mark.parametrize("f", [lambda x: x @ x, lambda x: np.max(x), lambda x: np.sum(x * np.arange(3)[np.argmax(x)])])
def test_other_work_is_left_to_others(f):
    x = np.array([0.3, 0.5, 0.7])
    with pytest.raises(NotNativeError):
        flat(program(cg.jit(f), x), x)
