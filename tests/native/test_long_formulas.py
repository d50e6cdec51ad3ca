"""Long formulas of single numbers run as a tape, and give what the interpreter gives."""

import random

import numpy as np
import pytest

import chalkgrad
from chalkgrad.native import LEAST_TAPED


def long_formula(gates, seed=0, *, extra=""):
    chance = random.Random(seed)
    names, lines = ["x", "y", "z"], []
    for place in range(gates):
        a, b = (chance.choice(names[-60:]) for _ in range(2))
        form = chance.choice(["{a} * {b} / 2", "{a} + {b}", "sin({a})", "tanh({a})", "max({a}, {b})", "sigmoid({a} - {b})"])
        lines.append(f"w_{place} = " + form.format(a=a, b=b))
        names.append(f"w_{place}")
    return "\n".join([*lines, f"f = sin({' + '.join(names[-20:])}){extra}"])


POINT = (0.3, -0.7, 1.1)


@pytest.mark.parametrize("seed", range(3))
def test_a_long_formula_gives_what_the_interpreter_gives(seed):
    text = long_formula(LEAST_TAPED + 100, seed)
    formula = chalkgrad.compile(text)
    worked = chalkgrad.work(text, **dict(zip("xyz", POINT, strict=True)))
    point = [dict(zip("xyz", POINT, strict=True))[name] for name in formula.inputs]
    value, slopes = formula.value_and_grad(*point)
    assert "tape" in str(formula.explain_compile())
    assert value == pytest.approx(worked.value, rel=1e-13) == formula(*point)
    given = dict(zip(formula.inputs, slopes, strict=True))
    assert given == pytest.approx(dict(worked.grad.items()), rel=1e-9, abs=1e-13)
    assert formula.grad(*point) == slopes


def test_it_is_called_by_name_and_refuses_as_a_short_one_does():
    formula = chalkgrad.compile(long_formula(LEAST_TAPED + 50))
    right = formula.value_and_grad(*POINT)
    assert formula.value_and_grad(**dict(zip(formula.inputs, POINT, strict=True))) == right
    assert formula.value_and_grad(np.float64(POINT[0]), *POINT[1:]) == right
    with pytest.raises(chalkgrad.ChalkgradError, match="no value"):
        formula.value_and_grad(1.0)


def test_a_branch_not_taken_does_not_poison_a_long_formula():
    formula = chalkgrad.compile(long_formula(LEAST_TAPED + 50, extra=" + where(t > 0, sqrt(t), 0)"))
    value, slopes = formula.value_and_grad(**dict(zip("xyz", POINT, strict=True)), t=0.0)
    assert np.isfinite([value, *slopes]).all()
    assert dict(zip(formula.inputs, slopes, strict=True))["t"] == 0.0


def test_hessian_and_jvp_of_a_long_formula_are_there():
    formula = chalkgrad.compile(long_formula(LEAST_TAPED + 20))
    _, moved = formula.jvp(POINT, (1.0, 0.0, 0.0))
    assert moved == pytest.approx(formula.grad(*POINT)[0], rel=1e-9)
    rows = np.array(formula.hessian(*POINT))
    np.testing.assert_allclose(rows, rows.T, rtol=1e-6, atol=1e-9)


def test_a_long_formula_without_inputs():
    formula = chalkgrad.compile("+".join(["1"] * (LEAST_TAPED + 1)))
    assert formula() == LEAST_TAPED + 1
    assert formula.value_and_grad() == (LEAST_TAPED + 1, ())
