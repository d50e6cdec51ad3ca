"""Softmax against the SVM: numbers against mpmath, handwork that adds up, preferences in every case, letters for bad input."""

import json
import re

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalkgrad.errors import ChalkgradError
from chalkgrad.explain.handout.record import written
from chalkgrad.explain.judges import compare, losses
from chalkgrad.explain.judges.by_hand import MOST_CLASSES

JUDGES = ("softmax", "hinge", "crammer_singer", "one_vs_all")
EXAMPLES = [
    ([3.2, 5.1, -1.7], 0, 1.0),
    ([10.0, -2.0, 3.0], 0, 1.0),
    ([10.0, 9.0, 9.0], 0, 1.0),
    ([225.0, 617.0, 950.0], 0, 1.0),
    ([225.0, 617.0, 950.0], 2, 10.0),
    ([0.0, 0.0, 0.0, 0.0], 3, 0.0),
    ([-1.0, -1.5], 1, 0.25),
    ([1000.0, 0.0], 0, 1.0),
    ([1000.0, 0.0], 1, 1.0),
    ([40.0, 0.0, 1.0], 0, 1.0),
    ([float(one) for one in np.linspace(-3, 4, 30)], 7, 1.0),
]
mp = mpmath.MPContext()
mp.dps = 500  # a share may be 1 to hundreds of digits


def softmax_in_mp(scores, true):
    powers = [mp.exp(score) for score in scores]
    shares = [power / mp.fsum(powers) for power in powers]
    # The complement of a share, added up rather than subtracted from 1.
    slopes = [-mp.fsum(other for k, other in enumerate(shares) if k != j) if j == true else share for j, share in enumerate(shares)]
    return mp.log(mp.fsum(mp.exp(mp.mpf(score) - scores[true]) for score in scores)), slopes


def hinge_in_mp(scores, true, margin):
    short = {j: mp.mpf(score) - scores[true] + margin for j, score in enumerate(scores) if j != true}
    slopes = [1 if short.get(j, 0) > 0 else 0 for j in range(len(scores))]
    slopes[true] = -sum(slopes)
    return mp.fsum(max(0, one) for one in short.values()), slopes


def crammer_singer_in_mp(scores, true, margin):
    rival = max((j for j in range(len(scores)) if j != true), key=lambda j: scores[j])
    short = mp.mpf(scores[rival]) - scores[true] + margin
    slopes = [0] * len(scores)
    if short > 0:
        slopes[rival], slopes[true] = 1, -1
    return max(0, short), slopes


def one_vs_all_in_mp(scores, true, margin):
    short = [margin - mp.mpf(score) if j == true else margin + mp.mpf(score) for j, score in enumerate(scores)]
    slopes = [0 if one <= 0 else -1 if j == true else 1 for j, one in enumerate(short)]
    return mp.fsum(max(0, one) for one in short), slopes


@pytest.mark.parametrize("scores, true, margin", EXAMPLES)
def test_losses_and_gradients_agree_with_mpmath(scores, true, margin):
    found = losses(scores, true, margin)
    truth = {
        "softmax": softmax_in_mp(scores, true),
        "hinge": hinge_in_mp(scores, true, margin),
        "crammer_singer": crammer_singer_in_mp(scores, true, margin),
        "one_vs_all": one_vs_all_in_mp(scores, true, margin),
    }
    for judge, (loss, slopes) in truth.items():
        assert found.judged[judge].loss == pytest.approx(float(loss), rel=1e-13, abs=1e-300)
        assert found.judged[judge].gradient.tolist() == pytest.approx([float(one) for one in slopes], rel=1e-13, abs=1e-300)


def test_the_numbers_of_the_lecture_notes_come_out():
    found = losses([3.2, 5.1, -1.7], true=0)
    assert found.hinge.loss == pytest.approx(2.9)
    assert found.softmax.loss == pytest.approx(2.040355, abs=1e-6)
    assert found.probabilities.tolist() == pytest.approx([0.129983, 0.869050, 0.000968], abs=1e-6)
    assert found.hinge.gradient.tolist() == [-1.0, 1.0, 0.0]
    text = found.to_text()
    for line in (
        "log C = −max(s) = −5.1",
        "h1 = max(0, s1 − s0 + Δ) = max(0, 5.1 − 3.2 + 1) = max(0, 2.9) = 2.9",
        "h2 = max(0, s2 − s0 + Δ) = max(0, −1.7 − 3.2 + 1) = max(0, −3.9) = 0",
        "L     = −log(p0) = −log(0.129983) ≈ 2.04036",
        "∂L/∂s0 = p0 − 1 = 0.129983 − 1 ≈ −0.870017",
        "∂L/∂s0 = −(∂L/∂s1 + ∂L/∂s2) = −(1 + 0) = −1",
    ):
        assert line in text


def test_the_large_scores_of_the_lecture_are_worked_without_overflow():
    found = losses([225, 617, 950], true=0)
    text = found.to_text()
    assert "e^950 overflows" in text
    for exponent in ("= −725", "= −333", "= 950 + (−950) = 0"):
        assert exponent in text
    assert found.softmax.loss == 725.0
    assert "nan" not in text
    assert "inf" not in text


def number_of(side):
    """The number that a side ends in, as shown; None where it is none."""
    shown = side.latex.replace(r" \cdot 10^{", "e").replace("}", "")
    return float(shown) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", shown) else None


@pytest.mark.parametrize("scores, true, margin", EXAMPLES)
def test_every_line_of_handwork_ends_in_a_number_that_is_right(scores, true, margin):
    found = losses(scores, true, margin)
    softmax, slopes, hinge, by_hinge, rival, alone = found.handout.sections[1:7]
    for section, loss in ((softmax, found.softmax), (hinge, found.hinge), (rival, found.crammer_singer), (alone, found.one_vs_all)):
        (line,) = (line for line in section.lines if line.left.text == "L")
        assert number_of(line.sides[-1]) == pytest.approx(loss.loss, rel=1e-5)
    for section, judged in ((slopes, found.softmax), (by_hinge, found.hinge)):
        for line in section.lines:
            place = int(line.left.text.removeprefix("∂L/∂s"))
            assert number_of(line.sides[-1]) == pytest.approx(judged.gradient[place], rel=1e-5)
    for line in softmax.lines:
        if line.left.text.startswith("p"):
            assert number_of(line.sides[-1]) == pytest.approx(found.probabilities[int(line.left.text[1:])], rel=1e-5)


@pytest.mark.parametrize("scores, true, margin", EXAMPLES)
def test_the_steps_on_the_way_add_up(scores, true, margin):
    found = losses(scores, true, margin)
    assert found.hinge_steps.counted.sum() == pytest.approx(found.hinge.loss)
    assert found.one_vs_all_steps.counted.sum() == pytest.approx(found.one_vs_all.loss)
    assert found.probabilities.sum() == pytest.approx(1.0)
    assert found.softmax_steps.total == pytest.approx(found.softmax_steps.powers.sum())
    assert found.softmax_steps.shifted.max() == 0


def test_a_share_that_rounds_to_one_still_has_its_loss():
    lines = {line.left.text: written(line) for section in losses([40, 0], true=0).handout.sections[1:3] for line in section.lines}
    assert lines["L"]["text"].startswith("L = −log(p0) = log Σ − z0 = 4.24835·10⁻¹⁸ − 0 ≈ 4.24835·10⁻¹⁸")
    assert lines["∂L/∂s0"]["text"] == "∂L/∂s0 = p0 − 1 = −p1 = −(4.24835·10⁻¹⁸) ≈ −4.24835·10⁻¹⁸"


def test_of_many_classes_the_true_one_and_its_strongest_rivals_are_worked():
    scores = list(np.arange(1000.0))
    found = losses(scores, true=3)
    softmax = found.handout.sections[1]
    shares = [line.left.text for line in softmax.lines if line.left.text.startswith("p")]
    assert shares == ["p3", *(f"p{place}" for place in range(993, 1000))]
    assert len(shares) == MOST_CLASSES
    assert "992 more" in found.to_text()
    assert len(found.to_text()) < 20_000


CASES = [  # first, second, true, margin; who is preferred by softmax, hinge, Crammer–Singer, one-vs-all; words of the reasons
    (
        [10, -2, 3],
        [10, 9, 9],
        0,
        1.0,
        ("first", "neither", "neither", "first"),
        ("0.999083 against 0.576117", "by 7 in the first and by 1 in"),
    ),
    ([10, 9, 9], [10, -2, 3], 0, 1.0, ("second", "neither", "neither", "second"), ("The second gives", "content with both")),
    ([1, 2, 3], [1, 2, 3], 1, 1.0, ("neither",) * 4, ("the same share, 0.244728", "by the same 2")),
    (
        [1, 2, 3],
        [2, 3, 4],
        1,
        1.0,
        ("neither", "neither", "neither", "first"),
        ("only the differences between scores", "by the same 2"),
    ),
    ([0.1, 0.2, 0.3], [1.1, 1.2, 1.3], 1, 1.0, ("neither", "neither", "neither", "first"), ("the same share",)),
    ([5, 0], [1, 0.5], 0, 1.0, ("first",) * 4, ("the SVM is content; in the second it wins by 0.5 only, over class 1",)),
    ([5, 0], [1, 1], 0, 1.0, ("first",) * 4, ("it is level with class 1",)),
    ([1, 5], [9, 2], 0, 1.0, ("second", "second", "second", "second"), ("in the first class 1 is ahead of it by 4",)),
    ([1, 5], [1, 3], 0, 1.0, ("second",) * 4, ("falls short by less, 3 against 5",)),
    ([100, 0], [200, 0], 0, 1.0, ("second", "neither", "neither", "neither"), ("lacks less", "never content")),
    ([1000, 0], [2000, 0], 0, 1.0, ("second", "neither", "neither", "neither"), ("2000 against 1000", "never content")),
    ([-1000, 0], [-2000, 0], 0, 1.0, ("first",) * 4, ("−1000 against −2000",)),
    ([3, 0, 0], [3, 1, -9], 0, 1.0, ("first", "neither", "neither", "neither"), ("by 3 in the first and by 2 in the second",)),
    ([2, -2], [3, -3], 0, 1.0, ("second", "neither", "neither", "neither"), ("Both have the true score at 1 or more",)),
    ([2, -2], [3, 0], 0, 1.0, ("first", "neither", "neither", "first"), ("The first alone has the true score at 1 or more",)),
    ([0, 1], [0, 1], 0, 0.0, ("neither",) * 4, ("by the same 1",)),
]


@pytest.mark.parametrize("first, second, true, margin, choices, words", CASES)
def test_each_judge_prefers_whom_it_should_and_says_why(first, second, true, margin, choices, words):
    found = compare(first, second, true, margin)
    assert tuple(found.prefers[judge] for judge in JUDGES) == choices
    why = " ".join(one.why for one in found.preferences)
    for word in words:
        assert word in why


scores_of_three = st.lists(st.floats(-50, 50, width=32), min_size=3, max_size=3)


@given(scores_of_three, scores_of_three, st.integers(0, 2))
def test_swapping_the_classifiers_swaps_the_choice(first, second, true):
    swapped = {"first": "second", "second": "first", "neither": "neither"}
    one, other = compare(first, second, true), compare(second, first, true)
    assert one.prefers == {judge: swapped[choice] for judge, choice in other.prefers.items()}


@given(scores_of_three, scores_of_three, st.integers(0, 2))
def test_no_judge_prefers_the_larger_loss(first, second, true):
    found = compare(first, second, true)
    for one in found.preferences:
        chosen, other = one.losses if one.prefers == "first" else one.losses[::-1]
        assert one.prefers == "neither" or chosen <= other


def test_the_losses_move_with_the_true_score():
    found = compare([10, -2, 3], [10, 9, 9], true=0)
    for side, scores in ((found.first, [10, -2, 3]), (found.second, [10, 9, 9])):
        for judge in JUDGES:
            for moved in side.nudged(judge):
                again = losses([scores[0] + moved.nudge, *scores[1:]], true=0).judged[judge]
                assert moved.loss == pytest.approx(again.loss)
                assert moved.slope == pytest.approx(again.gradient[0])
    assert [moved.slope for moved in found.second.nudged("hinge")] == [-2.0, -2.0, 0.0, 0.0, 0.0]
    assert "exactly on the margin, a kink" in found.to_text()


def test_a_class_exactly_on_the_margin_is_called_a_kink():
    text = losses([2, 1, 0], true=0).to_text()
    assert "exactly on the margin: a kink" in text
    assert "any share from 0 to 1 for that class" in text
    assert "kink" not in losses([3.2, 5.1, -1.7], true=0).to_text()


def test_json_holds_both_losses_under_a_stable_schema():
    record = json.loads(losses([3.2, 5.1, -1.7], true=0).to_json())
    assert record["schema"] == "chalkgrad.losses/1"
    assert record["hinge"] == {"loss": pytest.approx(2.9), "gradient": [-1.0, 1.0, 0.0]}
    assert record["softmax"]["loss"] == pytest.approx(2.040355, abs=1e-6)
    assert record["steps"][0]["text"] == "s = [3.2, 5.1, −1.7]"


def test_json_holds_the_comparison_under_a_stable_schema():
    record = json.loads(compare([10, -2, 3], [10, 9, 9], true=0).to_json())
    assert record["schema"] == "chalkgrad.compare/1"
    assert record["prefers"] == {"softmax": "first", "hinge": "neither", "crammer_singer": "neither", "one_vs_all": "first"}
    assert record["nudges"]["by"] == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert record["nudges"]["second"]["hinge"]["loss"] == [2.0, 1.0, 0.0, 0.0, 0.0]
    assert all(one["why"] for one in record["preferences"])


@pytest.mark.parametrize("scores, true, margin", EXAMPLES)
def test_every_form_renders(scores, true, margin):
    for answer in (losses(scores, true, margin), compare(scores, scores[::-1], true, margin)):
        assert answer.to_text()
        assert answer.to_markdown().count("$$") % 2 == 0
        assert answer.to_html().count("<section") == len(answer.handout.sections)
        assert "<style>" in answer._repr_html_()
        json.loads(answer.to_json())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_terminal_s_width_is_kept(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    losses([3.2, 5.1, -1.7], true=0).show()
    lines = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out).splitlines()
    assert lines[0].startswith("The losses of one example")
    assert max(map(len, lines)) <= width


BAD_SCORES = [
    ([], "no score in the scores"),
    ([1], "With a single class"),
    (3, "a single number, not a list"),
    ([[1, 2], [3, 4]], "(2×2), not a list"),
    ([[1, 2], [3]], "do not make an array"),
    ("[1, 2]", "is a text, not a number"),
    (["a", "b"], "is a text, not a number"),
    ([1, None], "nothing (None)"),
    ([True, False], "truth value"),
    ([1, 2j], "complex"),
    ([1, float("nan")], "The score of class 1 in the scores is nan, not a finite number."),
    ([float("-inf"), 1], "The score of class 0 in the scores is -inf, not a finite number."),
    ([1e300, 0], "differences of such scores overflow"),
    ([10**400, 1], "larger than any float64"),
    ({"a": 1}, "a dictionary"),
    (np.array([]), "no entries"),
    (np.array(["x", "y"]), "texts"),
]


@pytest.mark.parametrize("scores, said", BAD_SCORES, ids=lambda one: str(one)[:30])
def test_scores_that_are_none_are_answered_with_a_letter(scores, said):
    with pytest.raises(ChalkgradError) as letter:
        losses(scores, true=0)
    assert said in str(letter.value)
    assert letter.value.hint


@pytest.mark.parametrize(
    "true, said",
    [
        (3, "There is no class 3: there are 3 scores.\n\nClasses count from 0, so here they are 0 to 2."),
        (-1, "There is no class -1"),
        (1.0, "The true class is a whole number, not 1.0."),
        (True, "a whole number, not True"),
        ("0", "not a str"),
        (None, "not a NoneType"),
        (10**30, "There is no class 1000"),
    ],
)
def test_a_true_class_that_is_none_is_answered_with_a_letter(true, said):
    with pytest.raises(ChalkgradError) as letter:
        losses([1, 2, 3], true=true)
    assert said in str(letter.value)


@pytest.mark.parametrize(
    "margin, said",
    [
        (-1, "The margin is -1"),
        (float("nan"), "The margin is nan"),
        (float("inf"), "The margin is inf"),
        ("1", "is a text"),
        ([1, 2], "a single number, not (2)"),
        (1e300, "too large"),
    ],
)
def test_a_margin_that_is_none_is_answered_with_a_letter(margin, said):
    with pytest.raises(ChalkgradError) as letter:
        losses([1, 2, 3], true=0, margin=margin)
    assert said in str(letter.value)


def test_classifiers_of_different_classes_cannot_be_compared():
    with pytest.raises(ChalkgradError, match="scores 3 classes and the second 2"):
        compare([1, 2, 3], [1, 2], true=0)
    with pytest.raises(ChalkgradError, match="The value of the second classifier is a text"):
        compare([1, 2, 3], "abc", true=0)


def test_numpy_numbers_are_numbers():
    found = losses(np.array([1, 2, 3], dtype=np.int32), true=np.int64(1), margin=np.float32(0.5))
    assert found.hinge.loss == 1.5
    assert isinstance(found.hinge.loss, float)
