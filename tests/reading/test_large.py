"""A megabyte of anything is read or refused in seconds, without recursion."""

import sys
import threading
import time

import pytest

from chalkgrad.errors import ChalkgradError, TooLargeError
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import read, read_value
from chalkgrad.reading.formula.scanning import MOST_CHARACTERS

SECONDS = 40  # some five on an idle machine; tests run beside one another
SIZE = 1_000_000
SMALL = 20_000


def timed(text, values):
    start = time.perf_counter()
    try:
        return read(text, values)
    except ChalkgradError as error:
        return error
    finally:
        assert time.perf_counter() - start < SECONDS


ANSWERED = {
    "brackets": (lambda n: "(" * (n // 2) + "x" + ")" * (n // 2), 1.5),
    "signs": (lambda n: "-" * (n // 2 * 2) + "x", 1.5),
    "sum": (lambda n: "x" + "+x" * (n // 2), 1.5 * (SMALL // 2 + 1)),
    "powers": (lambda n: "1^" * (n // 2) + "x", 1.0),
    "product": (lambda n: "1" + "*1" * (n // 2) + "x", 1.5),
    "side by side": (lambda n: "(1)" * (n // 3) + "x", 1.5),
    "functions": (lambda n: "abs(" * (n // 5) + "x" + ")" * (n // 5), 1.5),
    "functions without brackets": (lambda n: "tanh " * (n // 5) + "(0x)", 0.0),
    "fractions": (lambda n: r"\frac{x}{" * (n // 10) + "1" + "}" * (n // 10), None),
    "vector": (lambda n: "max([" + "1," * (n // 2) + "x])", 1.5),
    "arguments": (lambda n: "max(" + "x," * (n // 2) + "x)", 1.5),
    "definitions": (lambda n: "a0 = x;" + ";".join(f"a{i + 1}=a{i}" for i in range(n // 15)), 1.5),
    "lines": (lambda n: "x +" + "\n" * n + "0", 1.5),
    "choices": (lambda n: "where(x>1," * (n // 13) + "x" + ",0)" * (n // 13), 1.5),
    "bars": (lambda n: "|x" * (n // 4) + "|" + "|" * (n // 4 - 1), None),
    "twins": (lambda n: "V=x+x;f=" + "+".join(["(x+x)*0"] * (n // 9)), 0.0),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_a_long_formula_is_answered(name):
    make, expected = ANSWERED[name]
    formula = timed(make(SMALL), {"x": 1.5})
    if isinstance(formula, ChalkgradError):
        assert expected is None, str(formula)
        return
    value = evaluate(formula.graph, formula.given)[formula.output]
    assert expected is None or value == pytest.approx(expected)


@pytest.mark.parametrize("name", ["brackets", "signs", "sum", "arguments"])
def test_a_megabyte_is_read_in_seconds(name):
    make, _ = ANSWERED[name]
    assert not isinstance(timed(make(SIZE), {"x": 1.5}), ChalkgradError)


@pytest.mark.parametrize(
    "text",
    [
        "(" * SIZE, ")" * SIZE, "[" * (SIZE // 2) + "1" + "]" * (SIZE // 2), "x" * SIZE, "1" * SIZE, "|" * SIZE, ";" * SIZE,
        "," * SIZE, "^" * SIZE, "\n" * SIZE, "=" * SIZE,
        "_" * SIZE, "\\" * SIZE, r"\text{a" + "_1" * (SIZE // 2) + "!}", "x_{a" * (SIZE // 4),
        r"\begin{bmatrix}" * (SIZE // 15), "x'" + "'" * SIZE, "{" * SIZE, "²" * SIZE,
        "x" + "[0]" * (SIZE // 3), r"\sqrt[3]" * (SIZE // 8), "sin " * (SIZE // 4), "\ud800" * SIZE, "e" * SIZE,
    ],
    ids=lambda text: text[:8].encode("ascii", "replace").decode(),
)  # fmt: skip
def test_a_megabyte_of_nonsense_is_refused_in_seconds(text):
    error = timed(text, {"x": 1.0})
    assert isinstance(error, ChalkgradError)
    assert len(str(error)) < 2_000


def test_what_is_beyond_the_limit_is_refused_at_once():
    assert MOST_CHARACTERS >= 1_000_000
    start = time.perf_counter()
    for text in ("x" * (MOST_CHARACTERS + 1), "(" * 10_000_000, "+".join(["x"] * 1_000_000)):
        with pytest.raises(TooLargeError, match="characters"):
            read(text, {"x": 1})
        with pytest.raises(TooLargeError):
            read_value(text)
    assert time.perf_counter() - start < 2


def test_towers_of_powers_overflow_without_being_computed_exactly():
    formula = read("9^9^9^9", {})
    assert evaluate(formula.graph, formula.given)[formula.output] == float("inf")


def test_reading_needs_no_recursion():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(250)
    try:
        for make, _ in ANSWERED.values():
            timed(make(SMALL), {"x": 1.5})
        timed("A0 = A1;" + ";".join(f"A{i} = A{i + 1}" for i in range(1, 3000)) + "; A3000 = A0", {})
    finally:
        sys.setrecursionlimit(limit)


def test_formulas_are_read_in_several_threads_at_once():
    found = []

    def work(number):
        formula = read(f"x^2 + {number}" + " + 0" * 500, {"x": number})
        found.append(float(evaluate(formula.graph, formula.given)[formula.output]) == number**2 + number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8
