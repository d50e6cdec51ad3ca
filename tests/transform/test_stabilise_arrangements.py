"""One declaration recognises its form in every arrangement: commuted, scaled, shifted, nested, laid out and picked."""

import numpy as np
import pytest

from chalkgrad.notation.expression import write
from chalkgrad.reading.formula import read
from chalkgrad.transform.stabilise import stabilised

VECTORS = {"s": [1.0, 2.0, 3.0], "w": [0.5, 1.0, 2.0], "t": [2.0, 0.5, 1.0]}
NUMBERS = {"x": 0.5, "y": 0.25, "n": 7.0}


def stable(text):
    used = {name: value for name, value in {**VECTORS, **NUMBERS}.items() if name in letters(text)}
    formula = read(text, used)
    found = stabilised(formula.graph, [formula.output])
    return write(found.graph, found.outputs[0])


def letters(text):
    words = "".join(one if one.isalnum() or one == "_" else " " for one in text).split()
    return set(words)


ARRANGEMENTS = {
    "sigmoid(x)": ["1/(1+exp(-x))", "1/(exp(-x)+1)", "exp(x)/(1+exp(x))", "exp(x)/(exp(x)+1)", "(1+exp(-x))^-1", "2/(2+2*exp(-x))",
                   "1-1/(1+exp(x))", "exp(x)*(1/(1+exp(x)))", "exp(0.5*x)/(exp(0.5*x)+exp(-0.5*x))", "exp(log(1/(1+exp(-x))))"],
    "x * sigmoid(x)": ["x/(1+exp(-x))", "x*exp(x)/(1+exp(x))"],
    "sigmoid(x - y)": ["exp(x)/(exp(x)+exp(y))", "1/(1+exp(y-x))", "exp(x-y)/(1+exp(x-y))"],
    "sigmoid_slope(x)": ["exp(-x)/(1+exp(-x))^2", "sigmoid(x)*(1-sigmoid(x))", "sigmoid(x)-sigmoid(x)^2"],
    "tanh(x)": ["(exp(x)-exp(-x))/(exp(x)+exp(-x))", "(exp(2*x)-1)/(exp(2*x)+1)", "(1-exp(-2*x))/(1+exp(-2*x))", "sinh(x)/cosh(x)",
                "(exp(2*x)-1)/(1+exp(2*x))"],
    "sech(x)": ["1/cosh(x)", "2/(exp(x)+exp(-x))"],
    "sech(x)^2": ["1-tanh(x)^2", "1-tanh(x)*tanh(x)"],
    "softplus(x)": ["log(1+exp(x))", "log(exp(x)+1)", "log(1+1/exp(-x))", "log1p(exp(x))", "x+log(1+exp(-x))"],
    "-log_sigmoid(-x)": ["log(exp(x/2)+exp(-x/2))+x/2"],
    "-softplus(-x)": ["x-log(1+exp(x))", "-log1p(exp(-x))"],
    "softplus(2 * (x / 2))": ["x/2+log(2*cosh(x/2))"],
    "tanh_half(x)": ["2*sigmoid(x)-1", "2/(1+exp(-x))-1", "1-2/(1+exp(x))", "sigmoid(x)-sigmoid(-x)"],
    "log_sigmoid(x)": ["log(1/(1+exp(-x)))", "log(exp(x)/(1+exp(x)))", "log(1-1/(1+exp(x)))", "log(sigmoid(x))",
                       "log(1-sigmoid(-x))", "log1p(-sigmoid(-x))"],
    "log1mexp(x)": ["log(1-exp(x))", "log(-expm1(x))", "log(-(exp(x)-1))", "log1p(-exp(x))", "x+log(exp(-x)-1)"],
    "logsumexp(s)": ["log(sum(exp(s)))", "log(sum(exp(s-max(s))))+max(s)", "max(s)+log(sum(exp(s-max(s))))",
                     "log(sum(abs(exp(s))))", "log(0+exp(s)[0]+exp(s)[1]+exp(s)[2])", "log1p(sum(exp(s))-1)"],
    "weighted_logsumexp(s, w)": ["log(sum(w*exp(s)))", "log(sum(exp(s)*w))", "log(w @ exp(s))", "log(exp(s) @ w)"],
    "softmax(s)": ["exp(s)/sum(exp(s))", "exp(s-max(s))/sum(exp(s-max(s)))", "exp(s)*(1/sum(exp(s)))", "exp(s-log(sum(exp(s))))",
                   "exp(s)/(exp(s)[0]+exp(s)[1]+exp(s)[2])", "exp(s)/(3*mean(exp(s)))", "exp(s)/sum(abs(exp(s)))"],
    "softmax(s)[1]": ["exp(s)[1]/sum(exp(s))", "exp(s[1])/sum(exp(s))"],
    "log_softmax(s)": ["log(exp(s)/sum(exp(s)))", "s-log(sum(exp(s)))", "log(exp(s-max(s))/sum(exp(s-max(s))))",
                       "s-max(s)-log(sum(exp(s-max(s))))", "log(softmax(s))"],
    "log_softmax(s)[1]": ["log(exp(s)/sum(exp(s)))[1]", "log((exp(s)/sum(exp(s)))[1])", "s[1]-log(sum(exp(s)))",
                          "log(exp(s)[1]/sum(exp(s)))"],
    "sum(softmax(s) * w)": ["sum(exp(s)*w)/sum(exp(s))", "(w @ exp(s))/sum(exp(s))"],
    "expm1(x)": ["exp(x)-1", "-1+exp(x)"],
    "log1p(x)": ["log(1+x)", "log(x+1)"],
    "2 * expm1(x) + y": ["2*exp(x)-2+y", "y+2*exp(x)-2"],
    "one_minus_square(x)": ["1-x^2", "1-x*x", "1-square(x)"],
    "abs(x)": ["sqrt(x^2)", "sqrt(x*x)", "(x^2)^0.5"],
    "hypot(x, y)": ["sqrt(x^2+y^2)", "sqrt(x*x+y*y)", "(x^2+y^2)^0.5"],
    "norm(s)": ["sqrt(sum(s^2))", "sqrt(sum(s*s))", "sqrt(s @ s)", "sum(s^2)^0.5"],
    "xlogy(x, x)": ["x*log(x)", "log(x)*x"],
    "compound_inverse(n)": ["(1+1/n)^n", "(1/n+1)^n", "((n+1)/n)^n"],
    "compound_interest(2, n, 1)": ["(1+2/n)^n", "((n+2)/n)^n", "exp(n*log(1+2/n))"],
    "compound_interest(x, n, y)": ["(1+x/n)^(n*y)", "(x/n+1)^(y*n)", "exp(log1p(x/n)*n*y)"],
    "sum(xlogy(s, s))": ["s @ log(s)", "sum(s*log(s))"],
    "log_prod(s)": ["log(prod(s))"],
    "-log_prod(s)": ["log(1/prod(s))"],
    "log_cosh(x)": ["log(cosh(x))"],
    "x": ["atanh(tanh(x))", "asinh(sinh(x))", "sinh(asinh(x))", "log1p(expm1(x))", "log1p(exp(x) - 1)", "tan(atan(x))"],
    "2 * arcsinh(sqrt(x / 2))": ["acosh(1+x)", "acosh(x+1)", "acosh(x-y+1+y)"],
    "log_difference(x, y)": ["log(x/y)", "log(x*(1/y))", "log(1/y*x)", "log(x)-log(y)"],
    "log_difference(x, 1 - x)": ["log(x/(1-x))"],
    "where(abs(x) < 0.5, log1p(x) / log(10), log10(1 + x))": ["log10(1+x)"],
    "mean(square(s - mean(s, keepdims=true)))": ["mean(s^2)-mean(s)^2", "sum(s^2)/3-(sum(s)/3)^2", "s @ s/3-mean(s)^2",
                                                 "mean(s*s)-mean(s)*mean(s)"],
}  # fmt: skip


@pytest.mark.parametrize("wanted, text", [(wanted, text) for wanted, texts in ARRANGEMENTS.items() for text in texts])
def test_an_arrangement_is_the_stable_form(wanted, text):
    assert stable(text) in (wanted, wanted.replace("softmax(s) * w", "w * softmax(s)"))


# What looks like a form and is none, or has none that is better.
LEFT_ALONE = [
    "1/(2+exp(-x)^2*y)", "log(2+x)", "log(1e-9+softmax(s))", "exp(x)+1", "log(x)", "x^2+y^2", "1-x", "x*y+1",
    "mean(s^2)-mean(w)^2", "mean(s^2)+mean(s)^2", "sqrt(x^2+y)", "sqrt(sum(s^3))", "log(sum(s))", "(1+x)^2", "exp(x)*exp(y)",
    "softmax(s-w)", "s/sum(s)", "sigmoid(x)-2", "tanh(x)-0.5",
]  # fmt: skip


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_no_such_form_is_left_alone(text):
    formula = read(text, {name: value for name, value in {**VECTORS, **NUMBERS}.items() if name in letters(text)})
    assert stabilised(formula.graph, [formula.output]).rewrites == ()


def test_a_softmax_of_other_scores_is_none():
    assert "softmax" not in stable("exp(s)/sum(exp(w))")


def test_rows_are_told_from_columns():
    square = np.array([[1.0, 2.0], [3.0, 4.0]])
    for text, wanted in [
        ("exp(m)/sum(exp(m), axis=0)", "softmax(m, axis=0)"),  # a row beside rows: its entries stand under their columns
        ("exp(m)/sum(exp(m), axis=1)", None),  # the same shape, but the sums of rows stand beside columns
        ("exp(m)/sum(exp(m), axis=1, keepdims=true)", "softmax(m, axis=1)"),
    ]:
        formula = read(text, {"m": square})
        found = stabilised(formula.graph, [formula.output])
        assert (wanted == write(found.graph, found.outputs[0])) if wanted else not found.rewrites
