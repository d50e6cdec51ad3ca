"""Every mistake of the catalogue, put into a right working, is caught and named."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import chalkgrad
from chalkgrad.handwork.mistakes import CATALOGUE, Mistake, Question, chain, diagnose, digits, gates, search, values, vectors
from chalkgrad.handwork.mistakes.walk import Walk
from chalkgrad.reading.formula import read

PAGE = Path(__file__).parents[2] / "docs" / "mistakes.md"
FORMULAS = [
    "f = (x + y) * z",
    "f = x*y + x",
    "f = 3*x^2 - 2*x*y + z",
    "f = (x + 1)^3 / y",
    "q = x*y; f = q^2 + z*q",
    "f = 1 / (1 + exp(-(x*y + z)))",
    "f = sigmoid(x*y) * tanh(z)",
    "f = sin(x*y) + cos(z^2)",
    "f = max(x, y) * z - min(x, z)",
    "f = sqrt(x^2 + y^2) / z",
    "f = log(x^2 + 1) * exp(-y)",
    "f = relu(x*y - z) + abs(x - z)",
    "f = tan(x) / (y^2 + 2)",
    "f = x^y + 2^z * log(x^2 * y^2)",
    "f = (x + 1) * sin(x*y) / (x^2 + z)",
]
ARRAYS = [
    "L = mean((W @ x - y)^2); W = [[1.2, -0.7], [0.4, 2.1]]; x = [0.3, -1.1]; y = [0.5, 0.2]",
    "L = -log(softmax(s)[1]); s = [1.3, -0.4, 0.9]",
    "L = cross_entropy(s, 2); s = [1.3, -0.4, 0.9]",
    "L = sum(sigmoid(s) * t) + 0.5 * sum(t^2); s = [0.3, -0.8]; t = [1.1, 0.6]",
    "L = sum([0, 1, 1] * max(0, s - s[0] + 1)); s = [1.3, 0.9, 2.1]",
    "L = weston_watkins(s, 1); s = [1.3, 0.9, 2.1]",
    "L = -log(exp(s[1]) / sum(exp(s))); s = [1.3, -0.4, 0.9]",
    "L = sum((X @ W)^2); X = [[1.1, -0.4], [0.7, 2.0]]; W = [[0.3, 1.2], [-0.8, 0.5]]",
    "L = (1/3) * sum((w*x - y)^2); x = [1.0, 2.2, 3.1]; y = [2.0, 3.9, 6.5]; w = 1.4",
]
ARRAY_VALUES = [
    *ARRAYS,
    "m = sum(X, axis=0); X = [[1.2, 2.5], [3.1, 4.7]]",
    "p = softmax(s); s = [1.3, -0.4, 0.9]",
    "Y = X @ W; X = [[1.1, -0.4], [0.7, 2.0]]; W = [[0.3, 1.2], [-0.8, 0.5]]",
    "m = mean(x); x = [1.0, 2.5, 4.0]",
]
SCALAR_VALUES = [*FORMULAS, "f = -x^2 + (x - y)^2", "f = mean([x, y, z]) * sum([x, y])"]
NUMBERS = st.floats(0.3, 2.9).map(lambda one: round(one, 3))
FAMILIES = {"gates": gates.changes, "vectors": vectors.changes, "chain": chain.changes, "question": chain.changes_of_question}


def question_of(formula, numerator, denominator, claimed=0.0, slack=0.0, **given):
    wires = {**formula.leaves, **formula.defined}
    point = dict(formula.given)
    point |= {formula.leaves[name]: value for name, value in given.items() if name in formula.leaves}
    return Question(graph=formula.graph, output=formula.output, names=wires, values=point, numerator=numerator,
                    denominator=denominator, claimed=claimed, slack=slack)  # fmt: skip


def used(text, given):
    return {name: value for name, value in given.items() if re.search(rf"\b{name}\b", text)}


def derivations(text, **given):
    formula = read(text, used(text, given))
    for leaf in formula.leaves.values():
        question = question_of(formula, formula.output, leaf, **given)
        if Walk(question).edges:
            yield question


def named(question, change, result):
    asked = replace(question, claimed=result, slack=1e-12 * float(np.max(np.abs(result))))
    offered = diagnose(asked)
    names = {one.name for diagnosis in offered for one in diagnosis.mistakes}
    assert change.mistake.name in names or len(offered) == search.MOST_OFFERED or (
        change.mistake is chain.SIGN and offered), (change.mistake.name, names)  # fmt: skip


def slips(walk, changes, compute):
    """The changes that make a number other than the right one, with that number."""
    right = compute()
    for change in changes:
        try:
            with np.errstate(all="ignore"):
                result = compute([change])
        except ValueError:
            continue  # the altered rule does not fit the shapes
        if np.shape(result) == np.shape(right) and np.all(np.isfinite(result)) and not np.allclose(result, right, rtol=1e-9):
            yield change, result


def everything_is_named(question, family):
    """The mistakes of a family that the question offers, all of which are caught and named."""
    walk = Walk(question)
    for change, result in slips(walk, family(walk), walk.gradient if question.denominator is not None else walk.value):
        assert change.sentence()
        named(question, change, result)
        yield change.mistake


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=25, deadline=None)
@given(text=st.sampled_from(FORMULAS), x=NUMBERS, y=NUMBERS, z=NUMBERS)
def test_every_slip_in_a_derivative_is_named(family, text, x, y, z):
    for question in derivations(text, x=x, y=-y, z=z) if "^y" not in text else derivations(text, x=x, y=y, z=z):
        list(everything_is_named(question, FAMILIES[family]))


@settings(max_examples=60, deadline=None)
@given(text=st.sampled_from(SCALAR_VALUES), x=NUMBERS, y=NUMBERS, z=NUMBERS)
def test_every_slip_in_a_value_is_named(text, x, y, z):
    formula = read(text, used(text, {"x": x, "y": y, "z": z}))
    list(everything_is_named(question_of(formula, formula.output, None, x=x, y=y, z=z), values.changes))


def test_every_slip_with_arrays_is_named_and_the_formulas_try_the_whole_catalogue():
    """The slips in FORMULAS are named in the tests above, at many points."""
    tried, at = set(), {"x": 1.3, "y": 0.7, "z": 2.1}
    for text in ARRAYS:
        for question in derivations(text):
            tried |= {mistake for family in FAMILIES.values() for mistake in everything_is_named(question, family)}
    for text in ARRAY_VALUES:
        formula = read(text, {})
        tried |= {*everything_is_named(question_of(formula, formula.output, None), values.changes)}
    for text in FORMULAS:
        for walk in map(Walk, derivations(text, **at)):
            tried |= {change.mistake for family in FAMILIES.values() for change, _ in slips(walk, family(walk), walk.gradient)}
    for text in SCALAR_VALUES:
        formula = read(text, used(text, at))
        walk = Walk(question_of(formula, formula.output, None, **at))
        tried |= {change.mistake for change, _ in slips(walk, values.changes(walk), walk.value)}
    of_the_pen = {one for one in vars(digits).values() if isinstance(one, Mistake)}
    assert tried == {*CATALOGUE} - of_the_pen


@settings(max_examples=40, deadline=None)
@given(text=st.sampled_from(FORMULAS), x=NUMBERS, y=NUMBERS, z=NUMBERS, data=st.data())
def test_a_working_with_one_slip_is_found_out(text, x, y, z, data):
    assume(min(abs(x - y), abs(x - z), abs(x * y - z)) > 1e-3)  # at a kink several slopes are right
    questions = list(derivations(text, x=x, y=y, z=z))
    question = data.draw(st.sampled_from(questions))
    walk = Walk(question)
    offered = [one for family in FAMILIES.values() for one in family(walk)]
    change = data.draw(st.sampled_from(offered))
    with np.errstate(all="ignore"):
        right, result = walk.gradient(), walk.gradient([change])
    if not np.isfinite(result) or not np.isfinite(right) or abs(result - right) < 1e-6 * (1 + abs(right)):
        return
    by = next(name for name, wire in question.names.items() if wire == question.denominator)
    lines = [
        *text.split("; "),
        ", ".join(f"{name} = {one}" for name, one in used(text, {"x": x, "y": y, "z": z}).items()),
        f"df/d{by} = {result:.12g}",
    ]
    found = chalkgrad.check("\n".join(lines))
    assert found.first_wrong_line == len(lines)
    claim = found.claims[-1]
    assert claim.verdict == "wrong"
    assert claim.diagnoses


@pytest.mark.parametrize("claimed, mistake", [
    ("-2.4", "decimal-point"), ("-42", "digits-transposed"), ("-23", "off-by-one"), ("-28", "one-digit-wrong"),
    ("-12 * 2 = -26.5", "arithmetic-slip"), ("-24.01", "rounding"),
])  # fmt: skip
def test_slips_of_the_pen_are_told(claimed, mistake):
    found = chalkgrad.check(f"f = x * y\nx = -12, y = 2\nf = {claimed}")
    assert mistake in {one.name for each in found.claims[-1].diagnoses for one in each.mistakes}


def test_numbers_that_were_added_on_the_line_are_told():
    (claim,) = chalkgrad.check("f = 6*x\nx = 1\ndf/dx = 2 + 3 = 5").claims[-1:]
    assert [one.mistakes[0].name for one in claim.diagnoses] == ["numbers-added"]


def test_two_slips_at_once_are_found():
    found = chalkgrad.check("f = exp(2*x)\nx = 1.3\ndf/dx = 2*x*exp(2*x - 1)")
    names = {tuple(sorted(one.name for one in each.mistakes)) for each in found.claims[-1].diagnoses}
    assert ("inner-derivative-forgotten", "power-rule-on-exponential") in names


def test_a_long_formula_is_searched_quickly():
    text = "f = " + " + ".join(f"sin({place}*x*y)*exp(-x/{place})" for place in range(1, 8))
    (question, *_) = derivations(text, x=0.7, y=1.3)
    asked = replace(question, claimed=17.123, slack=5e-4)
    assert isinstance(diagnose(asked), tuple)  # that it ends is what is tried: nothing explains this number


def test_mistakes_have_names_of_their_own():
    names = [one.name for one in CATALOGUE]
    assert len(names) == len({*names}) > 40
    assert {gates.SWAPPED, vectors.TRANSPOSED, digits.ARITHMETIC} < {*CATALOGUE}


def test_the_page_lists_the_catalogue():
    rows = [f"| `{one.name}` | {one.title} | {one.rule} |" for one in CATALOGUE]
    page = PAGE.read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `")] == rows
