"""LaTeX as lecture notes have it reads as the same formula in plain text."""

import math

import numpy as np
import pytest

from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import read

X, Y, A, B = 1.5, -2.0, 3.0, 4.0
SCALARS = {"x": X, "y": Y, "a": A, "b": B}


def value(text, values):
    formula = read(text, values)
    return evaluate(formula.graph, formula.given)[formula.output]


@pytest.mark.parametrize(
    "text, names, expected",
    [
        (r"\frac{a}{b}", "ab", A / B), (r"\dfrac{a + 1}{b}", "ab", 1), (r"\frac12 x", "x", X / 2), (r"\frac1{x}", "x", 1 / X),
        (r"\frac{a}b", "ab", A / B), (r"\frac ab", "ab", A / B), (r"2\frac{a}{b}", "ab", 1.5),
        (r"\frac{a}{b}\frac{b}{a}", "ab", 1),
        (r"\frac{a}{b} x", "abx", A / B * X), (r"\frac{\frac{1}{2}}{x}", "x", 0.5 / X), (r"\frac{a}{b}^2", "ab", (A / B) ** 2),
        (r"\sqrt{b}", "b", 2), (r"\sqrt[3]{x}", "x", X ** (1 / 3)), (r"\sqrt4", "", 2), (r"\sqrt b x", "bx", 2 * X),
        (r"\sqrt[a]{x}", "ax", X ** (1 / A)),
        (r"x \cdot y", "xy", X * Y), (r"x \times y", "xy", X * Y), (r"x \div y", "xy", X / Y), (r"x\,y", "xy", X * Y),
        (r"xy", "xy", X * Y),
        (r"x\cdot ab", "xab", X * A * B), (r"a\!\left(b + x\right)", "abx", A * (B + X)),
        (r"\bigl(a + b\bigr)x", "abx", (A + B) * X),
        (r"\left[ a + b \right] x", "abx", (A + B) * X), (r"\{a + b\} x", "abx", (A + B) * X), (r"\left|y\right|", "y", 2),
        (r"\lvert y \rvert x", "xy", 2 * X), (r"\left|x\right|\left|y\right|", "xy", 3), (r"|x - \left|y\right||", "xy", 0.5),
        (r"x^2", "x", X**2), (r"x^{2}", "x", X**2), (r"{x}^{2}", "x", X**2), (r"{\left(x + y\right)}^{2}", "xy", 0.25),
        (r"e^{-x}", "x", math.exp(-X)),
        (r"e^{\frac{x}{2}}", "x", math.exp(X / 2)), (r"x^{10}", "x", X**10), (r"e^x y", "xy", math.exp(X) * Y),
        (r"\exp\left(-\frac{x^2}{2}\right)", "x", math.exp(-(X**2) / 2)), (r"\log x", "x", math.log(X)),
        (r"\ln(x)", "x", math.log(X)),
        (r"\log_2 b", "b", 2), (r"\log_{10} b", "b", math.log10(4)), (r"\log_b a", "ab", math.log(A, B)),
        (r"\log_{2}^{2} b", "b", 4),
        (r"\sin 2x", "x", math.sin(2 * X)), (r"\sin^2 x + \cos^2 x", "x", 1),
        (r"\sin x \cos y", "xy", math.sin(X) * math.cos(Y)),
        (r"\tanh(x)", "x", math.tanh(X)), (r"\sin\left(x\right)^2", "x", math.sin(X) ** 2),
        (r"\log\frac{a}{b}", "ab", math.log(A / B)),
        (r"\log |y| + 1", "y", math.log(2) + 1), (r"\arcsin \frac{1}{2}", "", math.asin(0.5)),
        (r"\log\sqrt{a}", "a", math.log(A) / 2),
        (r"\max(x, y)", "xy", X), (r"\min\{x, y\}", "xy", Y), (r"\max\left(x, y, a\right)", "xya", A),
        (r"\operatorname{max}(x, y)", "xy", X),
        (r"\mathrm{ReLU}(x)", "x", X), (r"\text{sigmoid}(x)", "x", 1 / (1 + math.exp(-X))),
        (r"\sigma(x)", "x", 1 / (1 + math.exp(-X))),
        (r"2\pi x", "x", 2 * math.pi * X), (r"\pi", "", math.pi), (r"\infty", "", math.inf),
        (r"\mathrm{e}^{x}", "x", math.exp(X)),
        (r"\operatorname{where}(x \ge y, a, b)", "xyab", A), (r"\operatorname{where}(x \leq y, a, b)", "xyab", B),
        (r"$x + y$", "xy", X + Y), (r"$$x + y$$", "xy", X + Y), (r"\(x + y\)", "xy", X + Y), (r"\[ x + y \]", "xy", X + Y),
        (r"\displaystyle x \quad + \; y", "xy", X + Y), (r"-x^{2}", "x", -(X**2)), (r"x \left( y \right)", "xy", X * Y),
    ],
)  # fmt: skip
def test_commands_mean_what_they_print(text, names, expected):
    assert value(text, {name: SCALARS[name] for name in names}) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    "text",
    [
        r"f = \frac{1}{1 + e^{-(w_0 x_0 + w_1 x_1 + w_2)}}", r"\frac{1}{1+e^{-(w_0x_0+w_1x_1+w_2)}}",
        r"$\sigma(w_0 x_0 + w_1 x_1 + w_{2})$",
        r"\frac{1}{1 + \exp(-w_0 \cdot x_0 - w_1 \cdot x_1 - w_2)}",
        r"\left(1 + e^{-\left(w_{0}x_{0} + w_{1}x_{1} + w_{2}\right)}\right)^{-1}",
        "1/(1 + e^−(w0·x0 + w1·x1 + w2))",
        "1/(1+e^(-(w_0x_0+w_1x_1+w_2)))", "sigmoid(w₀x₀ + w₁x₁ + w₂)", "(1 + e^-(w0x0 + w1x1 + w2))⁻¹",
    ],
)  # fmt: skip
def test_the_lectures_neuron_however_it_is_written(text):
    values = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
    formula = read(text, values)
    assert list(formula.leaves) == list(values)
    assert value(text, values) == pytest.approx(1 / (1 + math.exp(-1)), rel=1e-15)


@pytest.mark.parametrize(
    "text, values, expected",
    [
        (r"\alpha\beta", {"alpha": 2, "β": 3}, 6), (r"\theta_0 + \theta_{1} x_1", {"theta0": 1, r"\theta_1": 2, "x1": 3}, 7),
        (r"\varepsilon + \epsilon", {"ε": 1}, 2), (r"x_{\text{max}} + x_{max}", {"x_max": 1}, 2),
        (r"\hat{y} - y", {"ŷ": 3, "y": 1}, 2),
        (r"\mathbf{w}_0 x", {"w0": 2, "x": 3}, 6), (r"\mathrm{loss} \cdot 2", {"loss": 4}, 8),
        (r"x^{\prime} + x'", {"x'": 2}, 4),
        (r"AB\cdot C", {"A": 1, "B": 2, "C": 3}, 6), (r"\cos\theta", {"theta": 0}, 1), (r"loss \cdot 2", {"loss": 4}, 8),
        (r"x_\alpha \cdot 1", {"x_α": 5}, 5), (r"\Delta x \cdot 2", {"Δ": 2, "x": 3}, 12),
    ],
)  # fmt: skip
def test_names_in_latex(text, values, expected):
    assert value(text, values) == expected


def test_letters_are_names_of_their_own_in_latex():
    assert list(read(r"w_0x_0 + ab\cdot c").leaves) == ["w0", "x0", "a", "b", "c"]
    assert list(read(r"\frac{xy}{z}").leaves) == ["x", "y", "z"]


@pytest.mark.parametrize(
    "text, values, expected",
    [
        (r"\begin{bmatrix} 225 \\ 617 \\ 950 \end{bmatrix}", {}, [225, 617, 950]),
        (r"\begin{pmatrix} 1 & 2 \\ 3 & x \end{pmatrix}", {"x": 4}, [[1, 2], [3, 4]]),
        (r"\begin{bmatrix} 1 & 2 \end{bmatrix}", {}, [[1, 2]]),
        (r"s = \begin{bmatrix} 1 \\ -2 \\ \end{bmatrix}; f = s[1]", {}, -2),
        (r"W x_1", {"W": 2, "x1": [1, 2]}, [2, 4]), (r"\sigma(w^Tx + b)", {"w": [1, -1], "x": [2, 2], "b": 0}, 0.5),
        (r"w^\top x", {"w": [1, 2], "x": [3, 4]}, 11), (r"w^{T} x", {"w": [1, 2], "x": [3, 4]}, 11),
        (r"{s}_{[1]}", {"s": [1, 2]}, 2),
        (r"{A}_{[:, 0]}", {"A": [[1, 2], [3, 4]]}, [1, 3]), (r"\left[x,\ 2\right]", {"x": 1}, [1, 2]),
        (r"{A}^{\top}", {"A": [[1, 2]]}, [[1], [2]]),
        (r"\operatorname{sum}\left(A, \mathrm{axis=0}\right)", {"A": [[1, 2], [3, 4]]}, [4, 6]),
        (r"\operatorname{log\_softmax}(s)", {"s": [0, 0]}, [-math.log(2)] * 2),
        (r"\frac{e^{s[0]}}{\operatorname{sum}(e^{s})}", {"s": [0, 0]}, 0.5),
    ],
)  # fmt: skip
def test_vectors_and_matrices_in_latex(text, values, expected):
    assert np.allclose(value(text, values), expected, rtol=1e-14)


@pytest.mark.parametrize(
    "text",
    [
        r"\begin{aligned} f &= A B \\ A &= C + D \\ B &= (X + Y)^2 \\ V &= X + Y \end{aligned}",
        "$$f = AB$$\n$$A = C + D$$\n$$B = (X + Y)^2$$\n$$V = X + Y$$",
        r"\begin{align*} f &= A \cdot B, \\ A &= C \\ &\quad + D \\ B &= \left( X + Y \right)^{2} \end{align*}",
        r"f = AB \\ A = C + D \\[2pt] B = (X + Y)^2",
    ],
)
def test_lines_of_a_block_are_statements(text):
    assert value(text, {"C": 3, "D": -5, "X": 2, "Y": 4}) == -72
