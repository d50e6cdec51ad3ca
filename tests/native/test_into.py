"""Results written into given arrays: the same numbers, whatever memory the arrays have, or a letter before anything is written."""

import numpy as np
import pytest

from chalkgrad import compile, grad, jit, value_and_grad
from chalkgrad.errors import ChalkgradError, GivenError, ShapeError

DRAW = np.random.default_rng(5)


def energy(x):
    return np.sum(np.tanh(x) * x)


@pytest.fixture(params=["the first call", "machine code", "a small array"])
def case(request):
    step = value_and_grad(energy)
    x = DRAW.standard_normal((60, 90) if request.param != "a small array" else (4, 5))
    right = step(x)
    if request.param == "the first call":
        return value_and_grad(energy), x, right
    step(x)
    return step, x, step(x)


def test_the_array_is_filled_and_given_back(case):
    step, x, (value, slopes) = case
    out = np.full(x.shape, np.nan)
    again, same = step.into((None, out), x)
    assert same is out
    assert again == value
    np.testing.assert_array_equal(out, slopes)


def memory_like(x):
    """Arrays of the shape of x in memory of all kinds."""
    rows, columns = x.shape
    shifted = np.zeros(x.nbytes + 1, dtype=np.uint8)[1:].view(x.dtype).reshape(x.shape)
    return {
        "every other column": np.zeros((rows, 2 * columns))[:, ::2],
        "backwards": np.zeros(x.shape)[::-1, ::-1],
        "column by column": np.zeros((columns, rows)).T,
        "unaligned": shifted,
    }


@pytest.mark.parametrize("kind", ["every other column", "backwards", "column by column", "unaligned"])
def test_it_may_lie_in_memory_in_any_way(case, kind):
    step, x, (_, slopes) = case
    out = memory_like(x)[kind]
    step.into((None, out), x)
    np.testing.assert_array_equal(out, slopes)


@pytest.mark.parametrize("shift", [0, 1, 7])
def test_it_may_share_memory_with_an_argument(case, shift):
    step, x, (_, slopes) = case
    rows = x.shape[0]
    both = np.zeros((rows + shift, x.shape[1]))
    argument, out = both[:rows], both[shift:]
    argument[:] = x
    step.into((None, out), argument)
    np.testing.assert_array_equal(out, slopes)


def test_machine_code_writes_to_the_array_itself(case):
    step, x, _ = case
    seen = []
    runner = next((one[0].program.runner for one in step._kept.values() if one), None)
    if runner is None or not hasattr(runner, "steps"):
        pytest.skip("this is not a kernel")
    whole = runner.run

    def watched(inputs, into):
        results = whole(inputs, into)
        seen.extend(one for one in results if any(one is array for array in into.values()))
        return results

    runner.run = watched
    out = np.empty_like(x)
    step.into((None, out), x)
    assert seen
    assert seen[0] is out


def test_single_numbers_go_into_arrays_of_no_axes():
    step = jit(lambda x: {"sum": np.sum(x), "square": x * x})
    total, x = np.empty(()), np.arange(5000.0)
    for _ in range(3):
        result = step.into({"sum": total, "square": None}, x)
        assert total == x.sum()
        np.testing.assert_array_equal(result["square"], x * x)


def test_keyword_arguments_of_the_function_keep_their_names():
    step = grad(lambda x, out=1.0: np.sum(out * x * x))
    slopes = np.empty(3)
    step.into(slopes, np.ones(3), out=2.0)
    assert slopes.tolist() == [4.0, 4.0, 4.0]


def test_a_branch_taken_anew_is_written_too():
    def f(x):
        return np.sum(x * x) if x[0] > 0 else np.sum(x)

    step, out = grad(f), np.empty(5000)
    x = np.ones(5000)
    for sign in (1, 1, 1, -1, -1, 1):
        step.into(out, sign * x)
        np.testing.assert_array_equal(out, 2 * x if sign > 0 else x)


def test_a_result_that_is_an_argument_or_comes_twice():
    def f(x):
        y = np.tanh(x)
        return x, y, y, np.zeros(3)

    step, x = jit(f), DRAW.standard_normal(5000)
    for _ in range(3):
        out = np.empty(5000), np.empty(5000), np.empty(5000), np.ones(3)
        step.into(out, x)
        for one, right in zip(out, f(x), strict=True):
            np.testing.assert_allclose(one, right, rtol=1e-15)


X = np.ones((60, 90))
LOCKED = np.zeros(X.shape)
LOCKED.flags.writeable = False
SAME = np.empty(2)
WRONG = {
    "another dtype": ((None, np.empty(X.shape, dtype=np.float32)), ShapeError, r"result\[1\].*float32.*np.empty\(\(60, 90\)"),
    "another shape": ((None, np.empty((60, 89))), ShapeError, r"\(60×89\).*\(60×90\)"),
    "read-only": ((None, LOCKED), GivenError, "read-only"),
    "spread out": ((None, np.broadcast_to(0.0, X.shape)), GivenError, "read-only"),
    "another form": (np.empty(X.shape), GivenError, r"built like this.*\(\*, \*\)"),
    "a number": ((None, 1.0), GivenError, "a float was given to write a ndarray to|float"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_before_anything_is_written(name):
    out, kind, said = WRONG[name]
    step = value_and_grad(energy)
    for _ in range(3):
        with pytest.raises(kind, match=f"(?s){said}"):
            step.into(out, X)


def test_nothing_is_written_where_another_array_does_not_fit():
    step = grad(lambda x, y: np.sum(x * y), argnums=(0, 1))
    x, good = np.ones(5000), np.full(5000, 7.0)
    for _ in range(3):
        with pytest.raises(ShapeError):
            step.into((good, np.empty(4)), x, x)
        assert (good == 7.0).all()
    assert step.into((good, None), x, x)[0] is good


def test_two_results_need_two_arrays():
    step = grad(lambda x, y: np.sum(x * y * y), argnums=(0, 1))
    both = np.empty(5001)
    both[:] = 7.0
    for _ in range(3):
        with pytest.raises(GivenError, match="share memory"):
            step.into((both[:-1], both[1:]), np.ones(5000), np.ones(5000))
    assert (both == 7.0).all()


def test_within_a_transform_nothing_is_written():
    step = grad(energy)
    with pytest.raises(ChalkgradError, match="Within a transform"):
        grad(lambda x: np.sum(step.into(np.empty(3), x)))(np.ones(3))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_batch_of_points(dtype):
    formula = compile("out = 1 / (1 + exp(-(w*x + b)))")
    points = {name: DRAW.standard_normal(3000).astype(dtype) for name in formula.inputs}
    value, slopes = formula.batch(**points)
    out = np.empty(3000, dtype), tuple(np.empty(3000, dtype) for _ in slopes)
    found = formula.batch_into(out, **points)
    assert found[0] is out[0]
    np.testing.assert_array_equal(out[0], value)
    for one, other in zip(out[1], slopes, strict=True):
        np.testing.assert_array_equal(one, other)
    in_place = (None, (points["w"], None, None))
    formula.batch_into(in_place, **points)
    np.testing.assert_array_equal(points["w"], slopes[0])
    with pytest.raises(ShapeError, match="3000"):
        formula.batch_into((np.empty(2), (None, None, None)), **points)
