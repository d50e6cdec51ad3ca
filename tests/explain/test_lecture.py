"""The lecture's examples come out exactly: every number it states, and right where the scanned notes slip."""

import math

import numpy as np
import pytest

import chalkgrad

NEURON = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
SIGMA = 1 / (1 + math.exp(-1))


def lines(worked):
    """Every line of the backward pass, by wire."""
    return {
        step.wire: " = ".join([step.equation.left.text, *(side.text for side in step.equation.sides)])
        for step in worked.lesson.backward
    }


def wire(worked, name):
    return next(one for one in worked.wires if one.name == name)


def test_a_sum_times_a_number():
    worked = chalkgrad.work("f = V*z; V = x + y", x=-2, y=5, z=2)
    assert worked.value == 6.0
    assert dict(worked.grad) == {"x": 2.0, "y": 2.0, "z": 3.0}
    assert wire(worked, "V").gradient == 2.0
    assert wire(worked, "V").locals == (1.0, 1.0)
    assert wire(worked, "f").locals == (2.0, 3.0)


def test_the_chain_rule_example_has_every_number_of_the_lecture():
    worked = chalkgrad.work("f = A*B; A = C + D; B = (X + Y)^2; V = X + Y", C=3, D=-5, X=2, Y=4)
    assert worked.value == -72.0
    assert [wire(worked, name).value for name in "AVB"] == [-2.0, 6.0, 36.0]
    assert [wire(worked, name).gradient for name in "ABV"] == [36.0, -2.0, -24.0]
    assert wire(worked, "B").locals == (12.0,)
    assert dict(worked.grad) == {"C": 36.0, "D": 36.0, "X": -24.0, "Y": -24.0}


def test_the_chain_rule_is_written_with_symbols_and_numbers():
    worked = chalkgrad.work("f = A*B; A = C + D; B = V^2; V = X + Y", C=3, D=-5, X=2, Y=4)
    assert lines(worked)["V"] == "∂f/∂V = ∂f/∂B · ∂B/∂V = −2 · 12 = −24"
    assert lines(worked)["C"] == "∂f/∂C = ∂f/∂A · ∂A/∂C = 36 · 1 = 36"
    local = next(step for step in worked.lesson.local if step.wire == "B")
    assert [side.text for side in local.equations[0].sides] == ["2 * V", "2 * 6", "12"]


def test_max_routes_the_gradient_to_the_larger_input():
    worked = chalkgrad.work("f = [x + y + max(z, w)] * 2", w=-1, x=3, y=-4, z=2)
    assert worked.value == 2.0
    assert dict(worked.grad) == {"x": 2.0, "y": 2.0, "z": 2.0, "w": 0.0}
    (note,) = (note for note in worked.lesson.notes if note.kind == "flat")
    assert "nudging w from −1 to −0.99995" in note.sentence


@pytest.mark.parametrize("ties, slopes", [("one", (1.0, 1.0)), ("split", (0.5, 0.5)), ("first", (1.0, 0.0))])
def test_at_a_tie_the_convention_is_used_and_said(ties, slopes):
    worked = chalkgrad.work("max(z, w)", z=2, w=2, ties=ties)
    assert (worked.grad["z"], worked.grad["w"]) == slopes
    (note,) = (note for note in worked.lesson.notes if note.kind == "kink")
    assert f"ties={ties}" in note.sentence


def test_max_of_a_wire_with_itself_is_that_wire():
    worked = chalkgrad.work("max(x, x)", x=2)
    assert worked.grad["x"] == 1.0
    assert not worked.lesson.notes


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{1}{1+e^{-(w_0 x_0 + w_1 x_1 + w_2)}}",
        "f = 1/(1 + e^-(w0*x0 + w1*x1 + w2))",
        "sigmoid(w0 x0 + w1 x1 + w2)",
        "f = σ(t); t = w0·x0 + w1·x1 + w2",
    ],
)
def test_the_sigmoid_neuron_gate_by_gate_and_as_one_gate(formula):
    worked = chalkgrad.work(formula, NEURON)
    slope = (1 - SIGMA) * SIGMA
    assert worked.value == pytest.approx(SIGMA, rel=1e-15)
    expected = {"w0": -slope, "x0": 2 * slope, "w1": -2 * slope, "x1": -3 * slope, "w2": slope}
    assert {name: worked.grad[name] for name in expected} == pytest.approx(expected, rel=1e-14)


def test_the_sigmoid_unfolds_into_what_it_means():
    folded = chalkgrad.work("sigmoid(t)", t=1)
    unfolded = chalkgrad.work("sigmoid(t)", t=1, unfold="sigmoid")
    assert [one.gate for one in folded.wires] == ["input", "sigmoid"]
    assert [one.gate for one in unfolded.wires] == ["input", "negative", "exp", "add", "divide"]
    assert unfolded.value == pytest.approx(folded.value, rel=1e-15)
    assert folded.lesson.local[0].why == "the slope of the sigmoid is (1 − σ)·σ"


def test_blocks_show_one_local_gradient_for_each_definition():
    worked = chalkgrad.work("f = 1/(1 + e^-t); t = w0*x0 + w1*x1 + w2", NEURON, level="block")
    assert [one.name for one in worked.wires if one.gate != "input"] == ["t", "f"]
    assert wire(worked, "f").locals == pytest.approx((SIGMA * (1 - SIGMA),))
    assert wire(worked, "t").locals == (-1.0, 2.0, -2.0, -3.0, 1.0)
    assert "∂f/∂t · ∂t/∂w0" in lines(worked)["w0"]


def test_softmax_shows_the_overflow_log_c_and_the_shifted_exponents():
    worked = chalkgrad.work("softmax(s)", s=[225, 617, 950])
    assert worked.value[2] == 1.0
    assert worked.value[1] == pytest.approx(math.exp(-333), rel=1e-13)
    text = worked.to_text()
    for said in ("exp(s)", "∞", "log C = −max(s) = −950", "[−725, −333, 0]", "overflows"):
        assert said in text
    assert worked.grad["s"].shape == (3, 3)
    assert np.allclose(worked.grad["s"].sum(axis=0), 0)


def test_a_fan_out_adds():
    worked = chalkgrad.work("f = x*y + x", x=2, y=-3)
    assert worked.grad["x"] == -2.0
    assert lines(worked)["x"] == "∂f/∂x = ∂f/∂x|v1 + ∂f/∂v1 · ∂v1/∂x = 1 + 1 · (−3) = −2"


def test_a_wire_that_feeds_one_gate_twice_is_told_apart():
    assert "∂f/∂x⁽¹⁾" in str(chalkgrad.work("f = x*x", x=3))
