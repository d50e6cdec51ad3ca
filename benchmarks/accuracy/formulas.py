"""Classical formulas that lose their digits, and where they are sampled.

Most are the problems of chapter 3 of Hamming, Numerical Methods for Scientists and Engineers (1973), by which tools that improve
the accuracy of formulas are usually measured; the rest are everyday formulas of textbooks. An input is any float of its interval,
every bit pattern as likely as another; `where` may tie inputs to one another. `target` is the better form that the book gives, or
that is published with the benchmark of Herbie (herbie.uwplse.org), where there is one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

LARGEST = 1.7e308
ALL = (-LARGEST, LARGEST)
POSITIVE = (1e-300, LARGEST)


@dataclass(frozen=True, slots=True)
class Formula:
    name: str
    text: str
    inputs: Mapping[str, tuple[float, float]]
    where: Callable[..., Any] = lambda **_: True

    @property
    def target(self) -> str:
        return TARGETS.get(self.name, "")


def _near(x: np.ndarray, d: np.ndarray) -> np.ndarray:
    """A step that is small beside x and not below its last digit."""
    return (np.abs(x) * 1e-16 < d) & (d < np.abs(x))


def _alike(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Two numbers of one size."""
    return (x < 2 * y) & (y < 2 * x)


def _small(a: np.ndarray, b: np.ndarray, d: np.ndarray) -> np.ndarray:
    return (a <= b) & (1e-27 * np.abs(a) <= d) & (d <= np.abs(a))


NEAR = {"x": (-1e4, 1e4), "d": (1e-300, 1e4)}
EXPONENT = (-700.0, 700.0)

HAMMING = (
    Formula("difference of roots", "sqrt(x + 1) - sqrt(x)", {"x": (1.0, LARGEST)}),
    Formula("difference of sines", "sin(x + d) - sin(x)", NEAR, _near),
    Formula("difference of cosines", "cos(x + d) - cos(x)", NEAR, _near),
    Formula("difference of tangents", "tan(x + d) - tan(x)", NEAR, _near),
    Formula("difference of reciprocals", "1 / (x + 1) - 1 / x", {"x": ALL}),
    Formula("three fractions", "1 / (x + 1) - 2 / x + 1 / (x - 1)", {"x": (1.0, LARGEST)}),
    Formula("difference of reciprocal roots", "1 / sqrt(x) - 1 / sqrt(x + 1)", {"x": (1.0, LARGEST)}),
    Formula("difference of cube roots", "cbrt(x + 1) - cbrt(x)", {"x": (1.0, LARGEST)}),
    Formula("difference of n-th roots", "(x + 1)^(1 / n) - x^(1 / n)", {"x": POSITIVE, "n": (1.0, 1e10)}),
    Formula("difference of arctangents", "atan(x + 1) - atan(x)", {"x": (1.0, 1e100)}),
    Formula("difference of logarithms", "log(x + 1) - log(x)", {"x": (1.0, 1e40)}),
    Formula("(1 - cos)/sin", "(1 - cos(x)) / sin(x)", {"x": ALL}),
    Formula("(1 - cos)/square", "(1 - cos(x)) / x^2", {"x": ALL}),
    Formula("exponential less 1", "exp(a * x) - 1", {"a": ALL, "x": ALL}, lambda a, x: a * x < 700),
    Formula("e^x - 2 + e^-x", "exp(x) - 2 + exp(-x)", {"x": (-710.0, 710.0)}),
    Formula("e^x/(e^x - 1)", "exp(x) / (exp(x) - 1)", {"x": ALL}),
    Formula("three exponentials", "d * (exp((a + b) * d) - 1) / ((exp(a * d) - 1) * (exp(b * d) - 1))",
            {"a": (-710.0, 710.0), "b": (-710.0, 710.0), "d": (1e-320, 710.0)}, _small),
    Formula("root of a quotient", "sqrt((exp(2*x) - 1) / (exp(x) - 1))", {"x": ALL}),
    Formula("1/x - cot", "1 / x - 1 / tan(x)", {"x": (-0.03, 0.03)}),
    Formula("log of a quotient", "log((1 - x) / (1 + x))", {"x": (-1.0, 1.0)}),
    Formula("quotient of logarithms", "log(1 - x) / log(1 + x)", {"x": (-1.0, 1.0)}),
    Formula("n log n", "(n + 1) * log(n + 1) - n * log(n) - 1", {"n": (1e3, 1e300)}),
    Formula("(x - sin)/(x - tan)", "(x - sin(x)) / (x - tan(x))", {"x": (-1e5, 1e5)}),
    Formula("quadratic, +", "(-b + sqrt(b*b - 4*a*c)) / (2*a)", {"a": ALL, "b": ALL, "c": ALL}),
    Formula("quadratic, -", "(-b - sqrt(b*b - 4*a*c)) / (2*a)", {"a": ALL, "b": ALL, "c": ALL}),
    Formula("quadratic in halves, +", "(-b + sqrt(b*b - a*c)) / a", {"a": ALL, "b": ALL, "c": ALL}),
    Formula("quadratic in halves, -", "(-b - sqrt(b*b - a*c)) / a", {"a": ALL, "b": ALL, "c": ALL}),
)  # fmt: skip
TEXTBOOK = (
    Formula("hypotenuse", "sqrt(x^2 + y^2)", {"x": ALL, "y": ALL}),
    Formula("sigmoid", "exp(x) / (1 + exp(x))", {"x": ALL}),
    Formula("softplus", "log(1 + exp(x))", {"x": ALL}),
    Formula("log(1 - e^x)", "log(1 - exp(x))", {"x": (-LARGEST, -1e-300)}),
    Formula("logaddexp", "log(exp(x) + exp(y))", {"x": ALL, "y": ALL}),
    Formula("1 - sigmoid", "1 - 1 / (1 + exp(-x))", {"x": (-LARGEST, 700.0)}),
    Formula("tanh", "(exp(x) - exp(-x)) / (exp(x) + exp(-x))", {"x": ALL}),
    Formula("sinh", "(exp(x) - exp(-x)) / 2", {"x": EXPONENT}),
    Formula("inverse sinh", "log(x + sqrt(x^2 + 1))", {"x": ALL}),
    Formula("inverse cosh", "log(x + sqrt(x^2 - 1))", {"x": (1.0, LARGEST)}),
    Formula("log ratio", "log(x) - log(y)", {"x": POSITIVE, "y": POSITIVE}),
    Formula("root less x", "sqrt(x^2 + 1) - x", {"x": (-LARGEST, 1e150)}),
    Formula("root less 1", "sqrt(1 + x) - 1", {"x": (-1.0, LARGEST)}),
    Formula("1 - cos", "1 - cos(x)", {"x": (-1e5, 1e5)}),
    Formula("x - sin x", "x - sin(x)", {"x": (-1e5, 1e5)}),
    Formula("e^x - 1 - x", "exp(x) - 1 - x", {"x": EXPONENT}),
    Formula("exponentials of two numbers", "exp(x) - exp(y)", {"x": (-100.0, 100.0), "y": (-100.0, 100.0)}, _alike),
    Formula("difference of squares", "x^2 - y^2", {"x": (-1e150, 1e150), "y": (-1e150, 1e150)}, _alike),
    Formula("compound interest", "(1 + 1 / n)^n", {"n": (1.0, 1e300)}),
)  # fmt: skip
FORMULAS = HAMMING + TEXTBOOK
TARGETS = {
    "difference of roots": "1 / (sqrt(x + 1) + sqrt(x))",
    "difference of sines": "2 * cos(x + d/2) * sin(d/2)",
    "difference of cosines": "-2 * sin(x + d/2) * sin(d/2)",
    "difference of tangents": "sin(d) / (cos(x) * cos(x + d))",
    "three fractions": "2 / (x * (x*x - 1))",
    "difference of reciprocal roots": "1 / ((x + 1) * sqrt(x) + x * sqrt(x + 1))",
    "difference of arctangents": "atan(1 / (1 + x * (x + 1)))",
    "difference of logarithms": "where(x >= 1e3, 1/x - 1/(2*x^2) + 1/(3*x^3) - 1/(4*x^4), log(1 + 1/x))",
    "(1 - cos)/sin": "tan(x / 2)",
    "exponential less 1": "expm1(a * x)",
    "e^x - 2 + e^-x": "4 * sinh(x / 2)^2",
    "e^x/(e^x - 1)": "1 / (1 - exp(-x))",
    "three exponentials": "1/a + 1/b",
    "1/x - cot": "where(abs(x) < 0.026, x/3 * (1 + x*x/15), 1/x - 1/tan(x))",
    "log of a quotient": "log1p(-x) - log1p(x)",
    "quotient of logarithms": "log1p(-x) / log1p(x)",
    "n log n": "log(n + 1) - (1/(2*n) - (1/(3*n*n) - 4/n^3))",
    "(x - sin)/(x - tan)": "where(abs(x) <= 1, -0.5 + 9*x^2/40 - 27*x^4/2800 + 27*x^6/112000, (x - sin(x)) / (x - tan(x)))",
    "quadratic, +": "where(b < 0, (-b + sqrt(b*b - 4*a*c)) / (2*a), c / (a * ((-b - sqrt(b*b - 4*a*c)) / (2*a))))",
    "quadratic, -": "where(b < 0, c / (a * ((-b + sqrt(b*b - 4*a*c)) / (2*a))), (-b - sqrt(b*b - 4*a*c)) / (2*a))",
}  # fmt: skip
