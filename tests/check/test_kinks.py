"""At a kink both sides are measured; a convention between them is accepted and said, and any other slope is wrong."""

import math

import numpy as np
import pytest

from chalkgrad.check.gradient import check_grad
from chalkgrad.transform.api.gradient import grad
from tests.check.wrong_gates import wrong_gate
from tests.gates.test_kinks import KINKS

INF = math.inf

ACCEPTED = [
    (lambda x: np.sum(np.abs(x)), np.array([0.0, 1.0]), -1, 1, "absolute", "|x|' = 0 at x = 0"),
    (lambda x: np.maximum(x, 0.0), 0.0, 0, 1, "maximum", "ties=split"),
    (lambda x: np.max(x), np.array([3.0, 3.0, 1.0]), 0, 1, "max", "ties=split"),
    (lambda x: np.clip(x, 0.0, 1.0), 0.0, 0, 1, "clip", "at a bound x counts"),
    (lambda x: np.floor(x) * 2 + x, 2.0, INF, 1, "floor", "the slope at a jump counts as 0"),
    (lambda x: np.sqrt(x), 0.0, None, INF, "sqrt", "the slope at 0 is infinite"),
    (lambda x: np.cbrt(x), 0.0, INF, INF, "cbrt", "the slope at 0 is infinite"),
    (lambda x: np.sign(x) + x, 0.0, INF, INF, "sign", "sign'(0) = 0"),
    (lambda x: x**2 if x > 1 else x, 1.0, 1, 2, "greater", "the branch taken counts"),
    (lambda x: np.sort(x)[0], np.array([1.0, 1.0]), 1, 0, "argsort", "equal numbers stand in an order"),
    (lambda x: np.where(x < 1, x, x**2), 1.0, 1, 2, "less", "the branch taken counts"),
]  # fmt: skip


@pytest.mark.parametrize("f, x, left, right, gate, convention", ACCEPTED)
def test_a_convention_between_the_sides_is_accepted_and_said(f, x, left, right, gate, convention):
    report = check_grad(f, x)
    assert report.verdict == "kink", str(report)
    assert report.ok
    first = report.first
    for side, slope in ((first.left, left), (first.right, right)):
        assert (side is None) == (slope is None)
        assert side is None or side.agrees(slope)
    assert gate in [kink.gate for kink in report.kinks]
    assert convention in str(report)
    assert "at a kink there is none" in str(report)


def test_the_line_of_the_kink_is_shown():
    def loss(x):
        margin = 1 - x
        return np.sum(np.maximum(margin, 0.0))

    report = check_grad(loss, np.array([1.0, 2.0]))
    assert "return np.sum(np.maximum(margin, 0.0))" in str(report)
    assert report.first.of == "x[0]"
    assert [one.verdict for one in report.entries] == ["kink", "agrees"]


@pytest.mark.parametrize(
    "slope, right", [(-1.0, True), (0.25, True), (1.0, True), (1.001, False), (-2.0, False), (math.nan, False)]
)
def test_any_slope_between_the_sides_may_stand_and_no_other(slope, right):
    report = check_grad(np.abs, 0.0, grad=lambda x: slope)
    assert report.ok is right
    assert report.verdict == ("kink" if right else "wrong at a kink")
    assert ("is wrong at x, which is a kink" in str(report)) is not right


def test_a_gate_with_a_wrong_slope_at_its_kink_is_caught():
    with wrong_gate(forward=lambda xp, x: xp.absolute(x), local=lambda xp, x, out: (xp.where(x >= 0, 1.0, -1.0) * 3,)) as steep:
        report = check_grad(lambda x: np.sum(steep(x)), np.array([0.0]))
    assert report.verdict == "wrong at a kink"


def test_no_slope_is_no_convention():
    report = check_grad(np.linalg.norm, np.zeros(2), grad=grad(np.linalg.norm, stabilise=False))
    assert report.verdict == "wrong at a kink"
    assert "claimed nan; measured −1" in str(report)


@pytest.mark.parametrize("f, x", [
    (lambda x: x * np.abs(x), 0.0), (lambda x: np.maximum(x, 0.0) ** 2, 0.0), (lambda x: x**2 if x > 1 else 2 * x - 1, 1.0),
    (lambda x: np.abs(x), 1e-200), (lambda x: np.abs(x - 1), 1 + 1e-12), (lambda x: np.where(x > 0, x, x), 0.0),
])  # fmt: skip
def test_a_gate_at_a_kink_that_leaves_the_function_smooth_is_none(f, x):
    report = check_grad(f, x)
    assert report.verdict == "agrees", str(report)


SCALAR = [
    (name, point, params) for name, point, params, slopes in KINKS if name in ("absolute", "sqrt", "cbrt", "floor", "ceil", "rint")
]


@pytest.mark.parametrize("name, point, params", SCALAR)
def test_the_kinks_of_the_table_are_met_in_numpy_code(name, point, params):
    report = check_grad(getattr(np, name), *map(float, point))
    assert report.verdict == "kink", str(report)
    assert [kink.gate for kink in report.kinks] == [name]
