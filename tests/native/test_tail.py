"""What follows a kernel's sums: single numbers, computed by Python as NumPy computes them."""

import numpy as np
import pytest

from chalkgrad.native.loops.tail import TailStep
from tests.native.test_loops import compiled, program_of

TAILS = {
    "mean by hand": lambda x: -np.sum(x * x) / len(x),
    "penalty": lambda x: 0.1 * np.sum(x * x) - np.sum(np.abs(x)),
    "too large for float32": lambda x: np.sum(x * x) * 3e38,
    "divided by 0.1": lambda x: np.sum(x * x) / 0.1 + 7,
}
NO_TAILS = {
    "divided by zero": lambda x: np.sum(x * x) / 0.0,
    "divided by what is computed": lambda x: np.sum(x * x) / np.sum(x),
    "a function": lambda x: np.exp(np.sum(x * x)),
}


def steps_and_results(f, x):
    program, inputs = program_of(f, x)
    runner = compiled(program, inputs)
    with np.errstate(all="ignore"):
        return {type(step) for step in runner.steps}, program.run(inputs), runner.run(inputs)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("name", TAILS)
def test_a_few_operations_need_no_kernel(name, kind):
    x = np.arange(1, 5, dtype=kind)  # whose sums are exact
    kinds, expected, got = steps_and_results(TAILS[name], x)
    assert TailStep in kinds
    for one, other in zip(expected, got, strict=True):
        assert other.dtype == one.dtype == kind
        assert other == one


@pytest.mark.parametrize("name", NO_TAILS)
def test_what_python_would_refuse_or_compute_otherwise_stays_a_kernel(name):
    kinds, expected, got = steps_and_results(NO_TAILS[name], np.arange(1.0, 5.0))
    assert TailStep not in kinds
    np.testing.assert_allclose(got, expected, rtol=4 * np.finfo(float).eps)


@pytest.mark.parametrize("number", [1e-50, -1e-50, 1e300])
def test_a_number_that_is_0_or_infinite_in_float32_divides_as_by_numpy(number):
    _, expected, got = steps_and_results(lambda x: np.sum(x * x) / number, np.arange(1, 5, dtype=np.float32))
    assert got == expected
    assert np.signbit(got[0]) == np.signbit(expected[0])
