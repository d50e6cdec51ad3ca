"""`chalkgrad.work` from Python: what it takes, what it answers, what it refuses."""

import json

import numpy as np
import pytest

import chalkgrad
from chalkgrad import ChalkgradError


def test_names_that_are_no_identifiers_come_in_a_dictionary():
    assert chalkgrad.work("x' * λ", {"x'": 3, "λ": 4}).grad["x'"] == 4.0


def test_single_numbers_come_back_as_python_floats_and_arrays_as_arrays():
    worked = chalkgrad.work("sum(v * k)", v=[1, 2], k=np.float32(3))
    assert type(worked.value) is float
    assert type(worked.grad["k"]) is float
    assert isinstance(worked.grad["v"], np.ndarray)


def test_a_subscript_may_be_spelled_in_any_way():
    worked = chalkgrad.work("w_0 * x", w0=2, x=3)
    assert worked.grad["w_0"] == worked.grad["w0"] == worked.grad["w₀"] == 3.0
    assert list(worked.grad) == ["w0", "x"]
    assert "w_9" not in worked.grad


def test_wrt_limits_what_is_differentiated():
    worked = chalkgrad.work("f = x*y", x=2, y=3, wrt="x")
    assert dict(worked.grad) == {"x": 3.0}
    assert dict(chalkgrad.work("f = V*y; V = 2*x", x=2, y=3, wrt=["V"]).grad) == {"V": 3.0}


def test_float32_is_computed_in_float32():
    worked = chalkgrad.work("exp(x)", x=1, dtype="float32")
    assert worked.value == float(np.exp(np.float32(1)))


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: chalkgrad.work("x*y", x=1, y=2, wrt="z"), "z"),
        (lambda: chalkgrad.work("x", x=1, ties="both"), "ties is one of"),
        (lambda: chalkgrad.work("x", x=1, level="deep"), "level is one of"),
        (lambda: chalkgrad.work("x", x=1, dtype="float16"), "dtype is one of"),
        (lambda: chalkgrad.work("x", x=1, digits=0), "digits"),
        (lambda: chalkgrad.work("x", x=1, digits=True), "digits"),
        (lambda: chalkgrad.work("x", x=1, unfold="exp"), "no composite gate"),
        (lambda: chalkgrad.work(7), "A formula is a text"),
        (lambda: chalkgrad.work("x", {"x": 1}, x=2), "given twice"),
        (lambda: chalkgrad.work("x", x="one"), "x"),
        (lambda: chalkgrad.work("softmax(s)", s=np.zeros(5000)), "5000 values"),
        (lambda: chalkgrad.work("x*y", x=1, y=2).grad["q"], "There is no gradient by"),
    ],
)
def test_a_wrong_call_gets_a_letter(call, said):
    with pytest.raises(ChalkgradError) as caught:
        call()
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "formula, values, said",
    [
        ("log(x)", {"x": -1}, "A negative number has no real logarithm"),
        ("f = 1/x", {"x": 0}, "division by zero"),
        ("exp(x) * y", {"x": 1000, "y": 2}, "overflows"),
        ("9^9^9^9", {}, "overflow"),
        ("x * y", {"x": 1e200, "y": 1e200}, "The result overflows"),
        ("x + 1", {"x": float("inf")}, "The value given for x"),
        ("sqrt(x)", {"x": 0}, "slope at 0 is infinite"),
    ],
)
def test_what_is_not_finite_is_said_with_the_gate_and_the_cause(formula, values, said):
    worked = chalkgrad.work(formula, values)
    assert not worked.finite
    assert worked.lesson.stopped is not None
    assert said.casefold() in worked.lesson.stopped.sentence.casefold()
    record = json.loads(worked.to_json())
    assert record["finite"] is False
    assert record["stopped"]["sentence"] in worked.to_text().replace("\n", " ").replace("  ", " ") or record["stopped"]


def test_the_pass_is_shown_up_to_the_gate_that_broke():
    worked = chalkgrad.work("f = exp(b); b = log(a); a = x - 3", x=2)
    assert [step.wire for step in worked.lesson.forward] == ["a", "b"]
    assert worked.lesson.stopped.wire == "b"


def test_an_input_that_does_not_matter_is_told_from_one_that_is_flat_here():
    worked = chalkgrad.work("f = max(x, y) + 0*sign(z)", x=2, y=1, z=3)
    kinds = {note.wire: note.kind for note in worked.lesson.notes}
    assert kinds["y"] == "flat"
    assert worked.grad["z"] == 0.0


def test_a_formula_of_thousands_of_gates_gets_its_numbers_without_the_book():
    worked = chalkgrad.work(" + ".join(["x*y"] * 2000), x=2, y=3)
    assert worked.value == 12000.0
    assert worked.grad["x"] == 6000.0
    assert any(note.kind == "shortened" for note in worked.lesson.notes)
    assert len(worked.to_text()) < 10_000


def test_a_branch_not_taken_breaks_nothing_and_is_not_kept_silent():
    worked = chalkgrad.work("where(x > 0, x*x, log(y))", x=2, y=1)
    assert worked.finite
    worked = chalkgrad.work("f = x + where(x > 0, 0, sqrt(y)) ", x=2, y=-1, wrt="x")
    assert worked.finite
    assert worked.lesson.stopped is None
    assert worked.lesson.backward
    assert [note.kind for note in worked.lesson.notes if note.wire == "v2"] == ["not finite"]


def test_a_formula_of_one_name_has_a_step_of_its_own():
    worked = chalkgrad.work("f = x", x=3)
    assert worked.lesson.title.text == "f = x"
    assert dict(worked.grad) == {"x": 1.0}
    assert worked.wires[-1].name == "f"


def test_it_shows_itself_in_a_notebook():
    assert "<math" in chalkgrad.work("x^2", x=3)._repr_html_()
