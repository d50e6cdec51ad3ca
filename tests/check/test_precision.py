"""Truths, losses, limits and conditions, each against numbers that are known otherwise."""

import math
import time

import numpy as np
import pytest

from chalkgrad import doctor
from chalkgrad.check.precision.condition import movements
from chalkgrad.check.precision.limits import limits
from chalkgrad.check.precision.losses import Losses, bits_lost
from chalkgrad.check.precision.measured import measured
from chalkgrad.check.precision.truths import Budget, BudgetError, Reference, truths
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import read


def true_value(text, **values):
    problem = read(text, values)
    found = truths(problem.graph, problem.given, [problem.output])
    return found, found.values[problem.output]


def test_the_digits_grow_until_the_truth_is_sure():
    found, value = true_value("(1 + x) - 1", x=1e-200)
    assert found.digits == 1600
    assert value == found.mp.mpf(1e-200)


def test_what_shrinks_with_the_precision_is_zero():
    found, value = true_value("sin(x)^2 + cos(x)^2 - 1", x=0.3)
    assert found.sure
    assert abs(value) < found.mp.mpf(10) ** -50


def test_numbers_beyond_floats_are_known():
    found, value = true_value("exp(x)", x=1000)
    assert found.mp.nstr(value, 6) == "1.97007e+434"


def test_constants_are_the_floats_of_the_precision():
    problem = read("x + 0.1", {"x": 0})
    single = truths(problem.graph, problem.given, [problem.output], dtype=np.float32)
    assert float(single.values[problem.output]) == float(np.float32(0.1))


@pytest.mark.parametrize(
    "value, lost", [(1.0, 0.0), (1 + 2.0**-52, 1.0), (1 + 2.0**-42, 11.0), (0.0, 53.0), (math.inf, 53.0), (math.nan, 53.0)]
)
def test_bits_are_counted_in_roundings(value, lost):
    assert bits_lost(value, Reference(40).mp.mpf(1), Reference(40)) == pytest.approx(lost)


def test_what_is_below_all_floats_is_right_as_zero_where_it_is_a_result():
    xp = Reference(40)
    tiny = xp.exp(xp.mp.mpf(-1000))
    assert bits_lost(0.0, tiny, xp) == 53
    assert bits_lost(0.0, tiny, xp, lenient=True) == 0


def test_a_cancelling_gate_amplifies_and_a_rounding_gate_does_not():
    problem = read("exp(x) - 1", {"x": 1e-10})
    values = evaluate(problem.graph, problem.given)
    losses = Losses(problem.graph, values, truths(problem.graph, problem.given, [problem.output]))
    cancelled, power = losses.loss(problem.output), losses.loss(problem.graph.inputs(problem.output)[0])
    assert cancelled.amplified
    assert cancelled.own == 0
    assert cancelled.bits > 25
    assert cancelled.condition == pytest.approx(2e10, rel=1e-3)
    assert not power.amplified
    assert power.bits <= 1


@pytest.mark.parametrize("text, x, low, high", [
    ("x*log(x)", 0, 0, 0), ("sin(x)/x", 0, 1, 1), ("(1 - cos(x))/x^2", 0, 0.5, 0.5), ("x/abs(x)", 0, -1, 1),
    ("log(x)", 0, -math.inf, -math.inf), ("1/x^2", 0, math.inf, math.inf), ("sqrt(x)", 0, 0, 0),
    ("(exp(x) - 1 - x)/x^2", 0, 0.5, 0.5), ("(x^2 - 1)/(x - 1)", 1, 2, 2),
])  # fmt: skip
def test_the_sides_of_a_point_are_known(text, x, low, high):
    problem = read(text, {"x": x})
    found = limits(problem.graph, problem.given, list(problem.leaves.values()), [problem.output])[problem.output]
    assert (float(found.low), float(found.high)) == (low, high)


def test_an_exponent_that_is_a_rounded_third_has_the_limits_of_a_third():
    problem = read("abs(x^3)^(1/3)/x", {"x": 0})  # in all strictness infinite
    found = limits(problem.graph, problem.given, list(problem.leaves.values()), [problem.output])[problem.output]
    assert (float(found.low), float(found.high)) == pytest.approx((-1.0, 1.0), rel=1e-12)


@pytest.mark.parametrize("text, x, here, low, high", [
    ("exp(x)", 0, 1, 1, 1), ("abs(x)", 0, 0, -1, 1), ("max(x, 0)", 0, 0, 0, 1), ("x^2*sin(1/x)", 0, 0, 0, 0),
    ("sqrt(x)*x", 0, 0, 0, 0),
])  # fmt: skip
def test_the_value_itself_tells_its_slopes(text, x, here, low, high):
    problem = read(text, {"x": float(x)})
    found = measured(problem.graph, problem.given, problem.leaves["x"], [()], problem.output, here, Budget())[()]
    assert (float(found.low), float(found.high)) == pytest.approx((low, high), abs=1e-15)


@pytest.mark.parametrize("text", ["sign(x)", "sqrt(x)", "atan2(x, 0)"])
def test_a_jump_and_an_upright_tangent_have_no_slope(text):
    problem = read(text, {"x": 0.0})
    assert not measured(problem.graph, problem.given, problem.leaves["x"], [()], problem.output, 0, Budget())


def test_one_to_the_infinite_is_no_number_in_truth():
    xp = Reference(60)
    assert xp.power(xp.mp.mpf(1), xp.mp.inf) != xp.power(xp.mp.mpf(1), xp.mp.inf)
    assert (xp.power(xp.mp.mpf(2), xp.mp.inf), xp.power(xp.mp.mpf(1), xp.mp.mpf(7))) == (xp.mp.inf, 1)


def test_the_condition_of_a_difference_is_that_of_the_textbook():
    problem = read("x - y", {"x": 1.001, "y": 1.0})
    found = truths(problem.graph, problem.given, [problem.output])
    moved = movements(problem.graph, problem.given, list(problem.leaves.values()), [problem.output], found, Budget())
    assert float(moved[problem.output]) == pytest.approx(2.001)


def test_the_time_that_is_granted_is_kept():
    problem = read(" + ".join(f"sin(x*{number})" for number in range(1, 400)), {"x": 1.0})
    with pytest.raises(BudgetError, match="seconds"):
        truths(problem.graph, problem.given, [problem.output], budget=Budget(seconds=0.0))


def test_ten_thousand_gates_are_examined_in_seconds():
    terms = (f"sin(x*{0.1 + place / 900:.4f} + y)*exp(-z*{place / 900:.4f})/(1 + x^2)" for place in range(900))
    start = time.perf_counter()
    found = doctor("f = " + " + ".join(terms), x=1.1, y=0.3, z=0.2)
    assert len(found.diagnosis.problem.graph) > 10_000
    assert found.healthy
    assert time.perf_counter() - start < 30  # 2 seconds on an idle machine


@pytest.mark.parametrize("x", [100.0, 1e3, 1e4, 1e5])
def test_a_zero_for_lack_of_digits_is_not_taken_for_one(x):
    problem = read("log(1 - 1/(1 + exp(-x)))", {"x": x})
    found = truths(problem.graph, problem.given, [problem.output])
    assert found.sure
    assert float(found.values[problem.output]) == -x


def test_a_zero_that_is_one_stays_it():
    problem = read("log((x - y) + z - z)", {"x": 0.1, "y": 0.1, "z": 0.3})
    found = truths(problem.graph, problem.given, [problem.output])
    assert (found.sure, found.digits) == (True, 400)
    assert found.values[problem.output] == found.mp.ninf
