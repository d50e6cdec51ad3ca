"""Values: numbers and arrays of them are taken, from Python and as typed; everything else is refused by name."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from chalkgrad.errors import ChalkgradError, GivenError, TooLargeError
from chalkgrad.reading.formula import read, read_value

CIRCLE: list = []
CIRCLE.append(CIRCLE)


def given_value(value):
    formula = read("x + 0", {"x": value})
    return formula.given[formula.leaves["x"]]


@pytest.mark.parametrize(
    "value, expected",
    [
        (3, 3.0), (-2.5, -2.5), (np.float32(0.5), 0.5), (np.int8(-3), -3.0), (np.float64(2), 2.0), (np.array(7), 7.0),
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5), (math.inf, math.inf), (-math.inf, -math.inf), (10**300, 1e300), (2**63, 2.0**63),
    ],
)  # fmt: skip
def test_a_number_becomes_a_float64(value, expected):
    taken = given_value(value)
    assert type(taken) is np.float64
    assert taken == expected


@pytest.mark.parametrize(
    "value", [[1, 2], (1, 2), np.array([1, 2]), [np.float32(1), Fraction(2)], np.array([1, 2], dtype=np.uint8)]
)
def test_a_list_becomes_an_array_of_float64(value):
    taken = given_value(value)
    assert taken.dtype == np.float64
    assert taken.tolist() == [1, 2]


def test_nested_lists_become_matrices():
    assert given_value([[1, 2], (3, 4)]).shape == (2, 2)
    assert given_value([np.array([1, 2]), np.array([3, 4])]).shape == (2, 2)
    assert given_value([[[1]]]).shape == (1, 1, 1)
    assert np.isnan(given_value([math.nan, 1])[0])


def test_an_array_is_copied():
    value = np.array([1.0, 2.0])
    taken = given_value(value)
    value[0] = 9
    assert taken[0] == 1


@pytest.mark.parametrize(
    "value, cause",
    [
        ("3", "a text"), (b"3", "a text"), (None, "nothing"), (1 + 2j, "complex"), (True, "truth value"), (np.bool_(True),
        "truth value"), ({}, "dictionary"),
        (object(), "type object"), ([1, "2"], "a text"), ([True], "truth value"), ([1, None], "nothing"),
        ([[1, 2], [3]], "beside a list of 2 stands a list of 1"),
        ([1, [2]], "beside a number stands a list"), ([[1], 2], "beside a list of 1 stands a number"), ([], "no entries"),
        ([[]], "no entries"),
        (np.array([]), "no entries"), (np.array([True]), "truth values"), (np.array(["a"]), "texts"), (np.array([1j]),
        "complex"),
        (np.array([1, None], dtype=object), "Python objects"), (10**400, "larger than any float64"),
        ([-(10**400)], "larger than any float64"),
        (Fraction(10**400), "larger than any float64"), (math, "type module"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_by_name(value, cause):
    with pytest.raises(GivenError) as caught:
        given_value(value)
    assert cause in caught.value.what
    assert "value of x" in caught.value.what
    assert caught.value.hint


def test_depth_and_size_are_limited():
    deep: list = [1.0]
    for _ in range(100):
        deep = [deep]
    wide: list = [1.0, 1.0]
    for _ in range(30):
        wide = [wide, wide]
    for value in (deep, wide, CIRCLE):
        with pytest.raises(TooLargeError):
            given_value(value)


@pytest.mark.parametrize("name", ["", " ", "2x", "x y", "x+y", "f(x)", "=", "x=", "\n", 3, None, "x" * 200])
def test_what_is_no_name_is_refused(name):
    for wrong in (name, 10**5000):
        with pytest.raises(GivenError, match="is not a name"):
            read("x", {wrong: 1})


@pytest.mark.parametrize(
    "text, expected",
    [
        ("3", 3), ("-5", -5), ("−5", -5), ("+2", 2), ("1e3", 1000), (" .5 ", 0.5), ("[1, 2]", [1, 2]),
        ("[[1,2],[3,4]]", [[1, 2], [3, 4]]), ("[5]", [5]),
        ("[[1]]", [[1]]), ("[1, 2,]", [1, 2]), ("[-1, +2]", [-1, 2]), ("1/3", 1 / 3), ("pi/2", math.pi / 2),
        ("sqrt(2)", math.sqrt(2)), ("-2^3", -8), ("-2^2", -4),
        ("2π", 2 * math.pi), ("e", math.e), (r"\frac{1}{4}", 0.25), ("[1/2, 2]", [0.5, 2]), ("inf", math.inf),
        ("-inf", -math.inf), ("∞", math.inf),
        ("[inf, 1]", [math.inf, 1]), ("(3)", 3), ("--3", 3), ("10^-2", 0.01),
    ],
)  # fmt: skip
def test_a_typed_value_is_read(text, expected):
    assert read_value(text) == expected


def test_nan_may_be_typed():
    assert math.isnan(read_value("nan"))


@pytest.mark.parametrize(
    "text, cause",
    [
        ("", "empty"), ("x", '"x" is not a number'), ("[1, x]", '"x" is not a number'), ("true", "not a number"),
        ("1,5", "between digits"), ("[1, [2, 3]]", "do not make an array"),
        ("[]", "no entries"), ("[1, 2", "left open"), ("'3'", "no sign"), ("1e999", "too large"), ("3 4", "side by side"),
        ("x=3", "not a number"), ("1 > 0", "not a number"),
        ("[" * 40 + "1" + "]" * 40, "more than 32 axes"),
    ],
)  # fmt: skip
def test_a_typed_value_that_is_none_is_refused(text, cause):
    with pytest.raises(ChalkgradError) as caught:
        read_value(text)
    assert cause in caught.value.what
    assert caught.value.hint
