"""Exercises: tidy numbers, the same sheet for the same seed, and solutions that pass the check."""

import json
import shutil
import subprocess

import pytest

import chalkgrad
from chalkgrad.errors import GivenError
from chalkgrad.handwork.exercises import DRAWN, exercises

SHEETS = [
    (("mul", "add", "max"), 1), (("mul", "add", "max"), 2), (("mul", "add", "max"), 3), (("sigmoid", "mul", "add"), 2),
    (("sqrt", "div", "add"), 2), (("sin", "cos", "mul"), 1), (("relu", "abs", "sub", "neg"), 2),
    (tuple(DRAWN), 3), (tuple(DRAWN), 1),
]  # fmt: skip


@pytest.mark.parametrize("gates, level", SHEETS)
def test_every_solution_passes_the_check(gates, level):
    for place in range(6):
        sheet = chalkgrad.exercise(seed=100 + place, gates=gates, level=level, n=1, solutions=True)
        for text in (sheet.to_text(), sheet.to_markdown()):
            found = chalkgrad.check(text)
            assert found.verdict == "right", (text, [one for one in found.claims if one.verdict != "right"])
            assert len(found.claims) > 3


@pytest.mark.parametrize("gates, level", SHEETS[1:3])
def test_a_whole_sheet_of_solutions_passes_the_check(gates, level):
    sheet = chalkgrad.exercise(seed=7, gates=gates, level=level, n=6, solutions=True)
    for text in (sheet.to_text(), sheet.to_markdown()):
        found = chalkgrad.check(text)
        assert [(one.line, one.text) for one in found.claims if one.verdict != "right"] == []


@pytest.mark.parametrize("gates, level", SHEETS)
def test_numbers_are_tidy(gates, level):
    for worked in chalkgrad.exercise(seed=3, gates=gates, level=level, n=5).workings:
        assert all(round(1000 * one) == pytest.approx(1000 * one, abs=1e-6) for one in (worked.value, *worked.grad.values()))
        assert any(worked.grad.values())
        assert not [note for note in worked.lesson.notes if note.kind == "kink"]


def test_a_seed_is_a_sheet():
    one, other = (chalkgrad.exercise(seed=7, gates=("mul", "add", "max"), level=2, n=10) for _ in range(2))
    assert one.to_text() == other.to_text()
    assert one.to_text() != chalkgrad.exercise(seed=8, gates=("mul", "add", "max"), level=2, n=10).to_text()
    assert [each.formula for each in exercises(seed=7, gates=("mul", "add", "max"), count=3)] == [
        "f = (x * y) + z", "f = max(z, x + y) * w", "f = max(x * y, z) + w"]  # on every machine  # fmt: skip


def test_more_exercises_begin_with_the_same():
    few, many = (chalkgrad.exercise(seed=1, n=n).exercises for n in (3, 9))
    assert many[:3] == few


@pytest.mark.parametrize("wrong, said", [
    ({"gates": ("mull",)}, "mul"), ({"level": 9}, "level 9"), ({"n": 0}, "1 to"), ({"n": 10**9}, "1 to"),
    ({"gates": ("exp",)}, "tidy"),
])  # fmt: skip
def test_what_cannot_be_made_is_told(wrong, said):
    with pytest.raises(GivenError, match=said):
        chalkgrad.exercise(**wrong)


def test_every_form_is_there():
    sheet = chalkgrad.exercise(seed=2, n=2, solutions=True)
    assert "<math" in sheet.to_html()
    record = json.loads(sheet.to_json())
    assert record["exercises"][0]["gradients"] == dict(sheet.workings[0].grad.items())
    latex = sheet.rendered("latex")
    assert latex.count(r"\begin{align*}") == latex.count(r"\end{align*}") == 8


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX on this machine")
def test_the_latex_compiles(tmp_path):
    (tmp_path / "sheet.tex").write_text(chalkgrad.exercise(seed=2, n=3, solutions=True).rendered("latex"), encoding="utf-8")
    subprocess.run(["pdflatex", "-halt-on-error", "sheet.tex"], cwd=tmp_path, check=True, capture_output=True)
