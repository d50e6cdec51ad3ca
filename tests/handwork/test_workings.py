"""Workings in many styles: the right ones are all right, in the wrong ones the first wrong line is found."""

import random

import pytest

from chalkgrad import check, work
from tests.handwork.papers import OUTSIDERS, RIGHT, WRONG, each_right, each_wrong


def told(found):
    """The claims that are not right, for the message of a failing test."""
    return [(one.line, one.verdict, one.claimed, str(one.letter or one.side)) for one in found.claims if one.verdict != "right"]


@each_right
def test_every_line_of_a_right_working_is_right(working):
    found = check(working.text)
    assert found.claims
    assert told(found) == []


@each_wrong
def test_the_first_wrong_line_is_found(working):
    found = check(working.text)
    assert found.first_wrong_line == working.first_wrong_line, told(found)


@each_wrong
def test_what_follows_from_a_wrong_line_keeps_its_credit(working):
    verdicts = {one.line: one.verdict for one in check(working.text).claims}
    assert {line: verdicts[line] for line in working.follows} == dict.fromkeys(working.follows, "follows")


# The others are explained by several mistakes of the catalogue, or by none.
@pytest.mark.parametrize("working", [one for one in WRONG if one.mistake], ids=lambda one: one.title)
def test_the_mistake_is_among_those_offered(working):
    first = check(working.text).judged.first_wrong
    assert working.mistake in {mistake.name for one in first.diagnoses for mistake in one.mistakes}


@pytest.mark.parametrize("working", OUTSIDERS, ids=lambda one: one.title)
def test_workings_in_many_hands_are_judged_as_they_are(working):
    found = check(working.text)
    assert found.first_wrong_line == working.first_wrong_line, told(found)
    if working.first_wrong_line is None:
        assert found.claims
        assert told(found) == []
        return
    offered = {mistake.name for one in found.judged.first_wrong.diagnoses for mistake in one.mistakes}
    assert working.mistake in {"", *offered}
    verdicts = [(one.line, one.verdict) for one in found.claims]
    assert all((line, "follows") in verdicts for line in working.follows)


# The rows of a table, and a block of code, stand in adjacent lines.
LINES_APART = [one for one in RIGHT if "|--" not in one.text and "```" not in one.text]


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n\n", "\u2028"])
@pytest.mark.parametrize("working", LINES_APART, ids=lambda one: one.title)
def test_line_endings_do_not_matter(working, ending):
    assert told(check(working.text.replace("\n", ending))) == []


MORE_THAN_LINES = ("\n =", "\n&", "|--", "#", "At x", "\\begin{a", "=\n", "*\n")
ONE_LINE_EACH = [one for one in RIGHT if not any(mark in one.text for mark in MORE_THAN_LINES) and "second" not in one.title]


@pytest.mark.parametrize("working", ONE_LINE_EACH, ids=lambda one: one.title)
def test_the_order_of_lines_does_not_matter(working):
    lines = working.text.splitlines()
    random.Random(7).shuffle(lines)
    assert "wrong" not in {one.verdict for one in check("\n".join(lines)).claims}


SOLVED = [
    ("f = (x + y) * z", {"x": -2, "y": 5, "z": 2}),
    ("f = A*B; A = C + D; B = (X + Y)^2", {"C": 3, "D": -5, "X": 2, "Y": 4}),
    ("f = [x + y + max(z, w)] * 2", {"w": -1, "x": 3, "y": -4, "z": 2}),
    ("f = 1/(1 + e^{-(w_0 x_0 + w_1 x_1 + w_2)})", {"w_0": 2, "x_0": -1, "w_1": -3, "x_1": -2, "w_2": -3}),
    ("f = sin(x)*log(y)/z^3", {"x": 0.3, "y": 2.5, "z": 1.7}),
    ("f = sqrt(x*y) + tanh(x)^2 - x/y", {"x": 1.25, "y": 0.4}),
    ("f = ((0.5 + y) * 3^2) * ((2 - x) * (x + y))", {"x": -1.0, "y": -2.87}),
    ("f = max(max(0.5, 0.5), y^2) + (z/x - (2 - y))", {"x": 0.94, "y": 0.4, "z": 2.27}),
    ("f = relu(x) - (0.5 - y - sin(2))", {"x": 3, "y": -3}),
]


@pytest.mark.parametrize("formula, values", SOLVED)
def test_the_engine_s_own_solutions_are_right(formula, values):
    """They are written in LaTeX, round at every step, and go on with what was rounded."""
    assert told(check(work(formula, values).to_markdown())) == []
