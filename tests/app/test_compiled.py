"""Compiled formulas take whatever is a number, refuse the rest in words, and work within transforms of NumPy code."""

import copy
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import chalkgrad
from chalkgrad.errors import ChalkgradError, GivenError

FORMULA = chalkgrad.compile("f = x*y + sin(x)")
RIGHT = FORMULA(0.5, 2.0)


HALVES = [Fraction(1, 2), Decimal("0.5"), np.float16(0.5), np.float32(0.5), np.longdouble(0.5), np.array(0.5)]


@pytest.mark.parametrize("half", HALVES, ids=lambda one: type(one).__name__)
def test_whatever_is_a_number_is_taken(half):
    assert FORMULA(half, 2) == RIGHT
    assert FORMULA.batch(x=half, y=2)[0] == RIGHT


@pytest.mark.parametrize("wrong, said", [
    (None, "nothing"), ("1", "a text"), (1j, "a complex number"), ({}, "a dictionary"), (np.array(["a"]), "an array of texts"),
    (np.array([1j]), "an array of complex numbers"), (np.array([None]), "an array of Python objects"),
    ([[1.0], [1, 2]], "make an array"),
    (10**400, "larger than any float64"), (np.ma.array([1.0, 2.0], mask=[False, True]), "masked entries"),
], ids=repr)  # fmt: skip
def test_what_is_no_number_is_refused(wrong, said):
    for call in (FORMULA, FORMULA.value_and_grad, FORMULA.hessian):
        with pytest.raises(GivenError, match=f"value of x.*{said}"):
            call(wrong, 2.0)
    with pytest.raises(GivenError, match=f"value of x.*{said}"):
        FORMULA.batch(x=wrong, y=2.0)


def test_within_a_transform_a_formula_is_part_of_the_function():
    slope = chalkgrad.grad(lambda x: FORMULA(x, 2.0) ** 2)
    second = chalkgrad.grad(lambda x: FORMULA.value_and_grad(x, y=2.0)[1][0])
    for x in (0.5, 1.5, 0.5):
        assert slope(x) == pytest.approx(2 * FORMULA(x, 2.0) * (2 + np.cos(x)), rel=1e-14)
        assert second(x) == pytest.approx(-np.sin(x), rel=1e-14)
    np.testing.assert_allclose(chalkgrad.grad(lambda x: np.sum(FORMULA(x, 2.0)))(np.arange(3.0)), 2 + np.cos(np.arange(3.0)))
    for call in (lambda x: FORMULA.batch(x=x, y=2.0)[0], lambda x: FORMULA.jvp((x, 2.0), (1.0, 0.0))[0]):
        with pytest.raises(GivenError):
            chalkgrad.grad(call)(0.5)


def test_copies_and_pickles_make_their_code_anew():
    for one in (copy.copy(FORMULA), copy.deepcopy(FORMULA), pickle.loads(pickle.dumps(FORMULA))):
        assert one(0.5, 2.0) == RIGHT
    assert pickle.loads(pickle.dumps(FORMULA.value_and_grad))(0.5, 2.0) == FORMULA.value_and_grad(0.5, 2.0)


def test_calls_of_one_kind_after_the_first_take_the_short_way():
    formula = chalkgrad.compile("f = a * sum(x*x); a = 2")
    x = np.arange(3.0)
    for _ in range(2):
        assert formula(x=x) == formula(a=2, x=x) == formula(2, x) == formula(2.0, x) == 10.0
        assert formula.value_and_grad(2, x)[1][1].tolist() == [0.0, 4.0, 8.0]
        assert formula(3, x[::-1]) == 15.0
        assert formula(2, x.astype(np.float32)) == formula(2, [0, 1, 2]) == 10.0
        with pytest.raises(GivenError, match="larger than any"):
            formula(10**400, x)
        with pytest.raises(GivenError, match="no input"):
            formula(2, y=x)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("true", [3, [0, 1, 2, 3, 4, 0, 1]])
def test_a_formula_that_needs_arrays_is_compiled_for_those_of_a_call(dtype, true):
    formula = chalkgrad.compile(f"L = a * mean(cross_entropy(s, true={true})); a = 2")
    assert formula.inputs == ("s", "a") or formula.inputs == ("a", "s")
    scores = np.random.default_rng(1).normal(size=(7, 5)).astype(dtype)

    def loss(s):
        e = np.exp(s)
        return -2 * np.mean(np.log((e / np.sum(e, axis=1, keepdims=True))[np.arange(7), true]))

    value, slopes = formula.value_and_grad(s=scores)
    right, by_scores = chalkgrad.value_and_grad(loss)(scores)
    assert type(value) is float
    assert value == pytest.approx(right, rel=1e-6 if dtype == "float32" else 1e-14)
    found = slopes[formula.inputs.index("s")]
    assert found.dtype == dtype
    np.testing.assert_allclose(found, by_scores, rtol=2e-6 if dtype == "float32" else 1e-14)
    with pytest.raises(ChalkgradError, match="scores"):
        formula.value_and_grad(1.0, 2.0)


def test_what_no_call_can_mend_is_refused_at_once():
    with pytest.raises(ChalkgradError, match="scores of one class"):
        chalkgrad.compile("cross_entropy(3, true=0)")


def test_float32_stays_where_every_array_is():
    formula = chalkgrad.compile("f = sum(A @ x) + exp(a)")
    for one, other, result in (("f4", "f4", "f4"), ("f8", "f4", "f8"), ("f8", "f8", "f8")):
        _, slopes = formula.value_and_grad(np.ones((2, 2), one), np.ones(2, other), 0.5)
        assert [np.asarray(slope).dtype for slope in slopes[:2]] == [result] * 2
