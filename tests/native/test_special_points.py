"""Straight-line code at zeros with signs, infinities, nan, subnormals and near overflow: what the interpreter gives."""

import itertools
import math
import sys
import threading

import numpy as np
import pytest

import chalkgrad
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import read
from chalkgrad.transform.reverse import reverse

POINTS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -2.0,
    math.inf,
    -math.inf,
    math.nan,
    5e-324,
    -5e-324,
    1e-310,
    1.7e308,
    -1e308,
    710.0,
    -745.5,
    1e-16,
)
ONE = """exp(x) log(x) sin(x) cos(x) tanh(x) sigmoid(x) sqrt(x) abs(x) x^2 x^3 1/x x^0.5 relu(x) log1p(x) expm1(x) erf(x) atan(x)
sinh(x) cosh(x) softplus(x) tan(x) asin(x) acos(x) x^-1 x^-2 sign(x) floor(x) asinh(x) acosh(x) atanh(x) cbrt(x)""".split()
TWO = "x*y x/y x-y hypot(x,y) where(x>y,x,y) atan2(x,y) logaddexp(x,y)".split()
ULPS = 4


def interpreted(text, point):
    formula = read(text)
    graph, leaves = formula.graph, list(formula.leaves.values())
    back = reverse(graph, formula.output, leaves)
    outputs = [formula.output, *map(back.total, leaves)]
    with np.errstate(all="ignore"):
        values = evaluate(graph, dict(zip(leaves, map(np.float64, point), strict=True)))
    return [0.0 if node is None else float(values[node]) for node in outputs]


def alike(one, other):
    if one != one or other != other:
        return one != one and other != other
    if one == other:
        return math.copysign(1, one) == math.copysign(1, other)
    return math.isfinite(one) and math.isfinite(other) and abs(one - other) <= ULPS * np.spacing(abs(other))


@pytest.mark.parametrize("text", [*ONE, *TWO])
def test_results_are_the_interpreters(text):
    function = chalkgrad.compile(text, stabilise=False).value_and_grad
    for point in itertools.product(POINTS, repeat=2 if text in TWO else 1):
        value, slopes = function(*point)
        expected = interpreted(text, point)
        assert all(map(alike, [value, *slopes], expected)), (point, [value, *slopes], expected)


def test_where_numpy_takes_a_root_instead_the_power_is_the_standards():
    power = chalkgrad.compile("x^y")
    assert power(-math.inf, 0.5) == math.pow(-math.inf, 0.5) == math.inf
    assert math.copysign(1, power(-0.0, 0.5)) == math.copysign(1, math.pow(-0.0, 0.5)) == 1


def test_calls_of_floats_leave_no_references_behind():
    function = chalkgrad.compile("f = x * y + sin(x)").value_and_grad
    x = 123.456
    before = sys.getrefcount(x)
    for _ in range(500):
        function(x, 2.0)
        with pytest.raises(chalkgrad.ChalkgradError):
            function(x)
    assert sys.getrefcount(x) == before


def test_threads_share_a_function_of_floats():
    function = chalkgrad.compile("f = x * y + sin(x)").value_and_grad
    right, wrong = function(0.5, 2.0), []

    def work():
        wrong.extend(1 for _ in range(5000) if function(0.5, 2.0) != right)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong
