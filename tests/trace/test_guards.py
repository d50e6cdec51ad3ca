"""A branch taken on a value is a guard: a function is right on both sides of it, without being told."""

import random

import numpy as np
import pytest

from chalkgrad.transform.api.gradient import grad, value_and_grad
from chalkgrad.transform.api.mapping import jit

CONDITIONS = ("{a} > {b}", "{a} * {b} < {c}", "np.sum({v}) > {a}", "np.any({v} > {b})", "int({a}) % 2 == 0", "np.argmax({v}) == 1",
              "{a} > 0 and {b} > 0", "not {a} < {c}", "max({a}, {b}) > {c}")  # fmt: skip
SCALARS = ("{a} * {b} + {c}", "np.sin({a}) - {b}", "np.sum({v} * {a})", "{v}[int(np.argmax({v}))] + {b}", "np.max({v}) * {a}",
           "max({a}, {b}) * {c}", "np.exp(-{a} * {a})", "{a} / (1.5 + {b} * {b})",
           "sum({a} * k for k in range(abs(int({b})) + 1))")  # fmt: skip
VECTORS = ("{v} * {a}", "np.where({v} > {b}, {v}, {a})", "np.concatenate([{v}[1:], {v}[:1]])", "np.cumsum({v}) * 0.5",
           "np.sort({v})",           "np.abs({v}) + {a}")  # fmt: skip


def program(seed):
    """The text of a random function of (a, b, v) with branches and a loop, small enough to stay finite."""
    draw = random.Random(seed)
    lines = ["def f(a, b, v):", "    c = a - b"]

    def step(indent):
        names = dict(zip("abc", draw.sample("abc", 3), strict=True), v="v")
        target, choices = draw.choice([("a", SCALARS), ("b", SCALARS), ("c", SCALARS), ("v", VECTORS)])
        text = draw.choice(choices).format(**names)
        lines.append(f"{indent}{target} = np.tanh({text})" if target == "v" else f"{indent}{target} = 2 * np.tanh({text})")

    for _ in range(draw.randint(2, 4)):
        names = dict(zip("abc", draw.sample("abc", 3), strict=True), v="v")
        lines.append(f"    if {draw.choice(CONDITIONS).format(**names)}:")
        step("        ")
        lines.append("    else:")
        step("        ")
        step("    ")
    lines += ["    steps = 0", "    while a > 0.2 and steps < 4:", "        a = a * 0.6", "        steps += 1"]
    lines.append("    return a * b + c + np.sum(v * v)")
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(300))
def test_the_guarded_result_is_that_of_a_fresh_trace(seed):
    space = {"np": np}
    exec(program(seed), space)
    f = space["f"]
    kept = value_and_grad(f, argnums=(0, 1, 2))
    numbers = np.random.default_rng(seed)
    for _ in range(6):
        point = (float(numbers.normal()), float(numbers.normal() * 2), numbers.normal(size=3))
        value, slopes = kept(*point)
        again, fresh = value_and_grad(f, argnums=(0, 1, 2))(*point)
        assert value == again == pytest.approx(f(*point), rel=1e-14, abs=1e-14)
        for one, other in zip(slopes, fresh, strict=True):
            np.testing.assert_array_equal(one, other)
    assert kept.traces <= 6


def test_both_sides_of_a_branch():
    slope = grad(lambda x: x * x if x > 0 else -x)
    assert [slope(x) for x in (2.0, -2.0, 3.0, -4.0)] == [4.0, -1.0, 6.0, -1.0]
    assert slope.traces == 2


def test_a_loop_that_counts_with_a_value():
    def f(x, n):
        total = 0.0
        for k in range(int(n)):
            total = total + x**k
        return total

    slope = grad(f)
    assert slope(2.0, 3.0) == 5.0
    assert slope(2.0, 4.5) == 17.0
    assert slope(2.0, 3.9) == 5.0
    assert slope.traces == 2


def test_whole_numbers_that_are_python_s_own_belong_to_the_function():
    power = grad(lambda x, n: x**n)
    assert [power(2.0, n) for n in (2, 3, 2)] == [4.0, 12.0, 4.0]
    assert power.traces == 2


def test_shapes_and_kinds_of_number_are_part_of_the_signature():
    double = jit(lambda x: x * 2)
    for x in (np.ones(2), np.ones(3), np.ones(2, dtype=np.float32), np.ones(2)):
        np.testing.assert_array_equal(double(x), x * 2)
        assert double(x).dtype == x.dtype
    assert double.traces == 3


def test_a_mask_is_a_guard():
    f = jit(lambda x: np.sum(x[x > 0]))
    assert [f(np.array(x)) for x in ([1.0, -1.0], [2.0, 3.0], [5.0, -3.0])] == [1.0, 5.0, 5.0]
    assert f.traces == 2


SCALE = 2.0
TABLE = np.array([1.0, 2.0])


def test_globals_are_read_again():
    slope = grad(lambda x: np.sum(x * SCALE * TABLE))
    x = np.ones(2)
    np.testing.assert_array_equal(slope(x), [2.0, 4.0])
    global SCALE
    SCALE = 10.0
    np.testing.assert_array_equal(slope(x), [10.0, 20.0])
    TABLE[0] = 7.0
    np.testing.assert_array_equal(slope(x), [70.0, 20.0])
    TABLE[0], SCALE = 1.0, 2.0
    np.testing.assert_array_equal(slope(x), [2.0, 4.0])


def test_closures_and_attributes_are_read_again():
    class Model:
        def __init__(self):
            self.weight = np.array([3.0])

        def loss(self, x):
            return np.sum(self.weight * x * helper(x))

    def helper(x):
        return x * factor

    factor = 1.0
    model = Model()
    slope = grad(model.loss)
    x = np.array([2.0])
    assert slope(x)[0] == 12.0
    assert slope(x)[0] == 12.0
    assert slope.traces == 1
    model.weight = np.array([1.0])
    assert slope(x)[0] == 4.0
    factor = 5.0
    assert slope(x)[0] == 20.0


def test_a_function_that_counts_or_draws_is_traced_at_every_call():
    seen = []

    def noting(x):
        seen.append(1)
        return x * x

    def drawing(x):
        return x * np.random.random()

    slope = grad(noting)
    assert [slope(1.0), slope(2.0)] == [2.0, 4.0]
    assert len(seen) == 2
    chance = grad(drawing)
    assert chance(1.0) != chance(1.0)
