"""Numbers as people read them: rounded once from the exact value, so the last digit is right."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalkgrad.notation.numbers import exact, nested, show, source

PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")


def read_back(text):
    """What a reader takes the shown number for; a power of ten may stand alone, as in 10⁹."""
    mantissa, _, power = re.fullmatch(r"(.*?)(·?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", text).groups()
    sign = mantissa.translate(PLAIN)
    return float(f"{sign if sign not in ('', '-') else sign + '1'}e{(power or '0').translate(PLAIN)}")


@given(st.floats(-1e9, 1e9).filter(lambda value: abs(value) > 1e-9), st.integers(1, 16))
def test_the_last_digit_is_right(value, digits):
    shown = read_back(show(value, digits))
    assert shown in (float(f"{value:.{digits}g}"), value), "rounded once, or a whole number in full"


@pytest.mark.parametrize(
    "value, digits, text",
    [
        (0.15, 1, "0.1"), (2 / 3, 3, "0.667"), (-24.0, 6, "−24"), (1.5e-9, 6, "1.5·10⁻⁹"), (1e22, 6, "10²²"), (0.1, 17, "0.1"),
        (-0.0, 6, "0"), (float("-inf"), 6, "−∞"), (float("nan"), 6, "nan"), (True, 6, "true"), ([1.0, 2.5], 6, "[1, 2.5]"),
        (list(range(9)), 6, "[0, 1, …, 7, 8]"), (5e-324, 3, "4.94·10⁻³²⁴"),
    ],
)  # fmt: skip
def test_how_numbers_look(value, digits, text):
    assert show(value, digits) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_formula_text_of_a_number_reads_back_as_the_same_float(value):
    assert float(source(value)) == value


def test_what_is_cut_is_told():
    assert exact(0.5)
    assert not exact(1 / 3)
    assert exact([1.0, 2.0])
    assert not exact(list(range(9)))


def test_json_holds_infinities_as_strings():
    assert nested(np.array([[1.0, np.inf], [-np.inf, np.nan]])) == [[1.0, "inf"], ["-inf", "nan"]]
