"""Stable forms of what cancels: recognised in many arrangements, equal to the written form in truth, right to the last digits."""

import sys
from pathlib import Path

import numpy as np
import pytest

from chalkgrad.check.truth import Truth
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.formula import read
from chalkgrad.transform.reverse import reverse
from chalkgrad.transform.stabilise import stabilised
from chalkgrad.transform.stabilise.rules import RULES, apart, complements, conjugates, fractions, gaps, growth, odds, places

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "accuracy"))
from formulas import FORMULAS
from rewriting import row

XP = Truth(60)
FAMILIES = (apart, complements, conjugates, fractions, gaps, growth, odds, places)
OURS = [rule for rule in RULES if any(rule in vars(one).values() for one in FAMILIES)] + [said for said, _ in places.PAIRS.values()]
OURS.remove(complements.PRODUCT_REST)  # formulas have no prod: see test_stabilise_rests

ARRANGEMENTS = [
    ("sqrt(x + 1) - sqrt(x)", "close square roots"),
    ("-sqrt(x) + sqrt(1 + x)", "close square roots"),
    ("3*sqrt(x + 1) + y - 3*sqrt(x)", "close square roots"),
    ("(x + h)^0.5 - x^0.5", "close square roots"),
    ("cbrt(x + h) - cbrt(x)", "close cube roots"),
    ("exp(x + h) - exp(x)", "close exponentials"),
    ("log(n + 1) - log(n)", "close logarithms"),
    ("atan(n + 1) - atan(n)", "close arctangents"),
    ("sin(x + h) - sin(x)", "close sines"),
    ("(cos(x + h) - cos(x)) / h", "close cosines"),
    ("tan(x + h) - tan(x)", "close tangents"),
    ("sigmoid(x + h) - sigmoid(x - h)", "close sigmoids"),
    ("tanh(x + h) - tanh(x)", "close hyperbolic tangents"),
    ("sinh(x + h) - sinh(x)", "close hyperbolic sines"),
    ("cosh(x + 2) - cosh(x)", "close hyperbolic cosines"),
    ("asin(x + h) - asin(x)", "close arcsines"),
    ("2*acos(x) - 2*acos(x - h)", "close arccosines"),
    ("log(1 + exp(x + h)) - log(1 + exp(x))", "close softpluses"),
    ("1/(d - r)^2 - 1/d^2", "close reciprocals of powers"),
    ("g/(r + h)^3 - g/r^3 + h", "close reciprocals of powers"),
    ("1 - v/sqrt(v^2 + 1)", "1 − share of a root"),
    ("1/r - 1/sqrt(r^2 + u^2)", "1 − share of a root"),
    ("2*k - 2*k*v/hypot(v, c)", "1 − share of a root"),
    ("1/(1 + exp(-a)) - 1/(1 + exp(-b))", "sigmoids of two numbers"),
    ("2*tanh(a) - 2*tanh(b)", "hyperbolic tangents of two numbers"),
    ("log(sigmoid(a) - sigmoid(b))", "log of a difference of sigmoids"),
    ("-log(sigmoid(s*(x + h)) - sigmoid(s*(x - h)))", "log of a difference of sigmoids"),
    ("sin(t*acos(x))*y/sin(acos(x))", "sine of a share of an angle"),
    ("(sin((1 - t)*acos(x))*a + sin(t*acos(x))*b)/sin(acos(x))", "sine of a share of an angle"),
    ("sqrt(a^2 + b^2 - 2*a*b*cos(c))", "law of cosines"),
    ("3*a*a - 6*cos(2*c)*a*b + 3*b^2", "law of cosines"),
    ("-0.5*(1 + v - m^2 - exp(v))", "e^x − 1 − x"),
    ("(m^2 + exp(v) - 1 - v)/2", "e^x − 1 − x"),
    ("exp(a)*cos(b) - 1", "product of two numbers less 1"),
    ("2 - 2*cos(a)*cos(b)*exp(c)", "product of two numbers less 1"),
    ("sqrt(1 + x)*sqrt(1 + y) - 1", "product of two numbers less 1"),
    ("(a - b)/(log(a) - log(b))", "log over the gap"),
    ("2*(a - b)/log(a/b)", "log over the gap"),
    ("(exp(a) - exp(b))/(b - a)", "exp over the gap"),
    ("x*(sin(b) - sin(a))/(a - b)", "sin over the gap"),
    ("(cos(a) - cos(b))/(a - b)", "cos over the gap"),
    ("(a - b)/(sqrt(a) - sqrt(b))", "sqrt over the gap"),
    ("(1 - exp(-2*s))/(1 - exp(-4*n*s))", "quotient of growths"),
    ("(1 + r/n)^n - 1", "power less 1"),
    ("1 - 1/(1 + x)", "1 − 1/(1 + x)"),
    ("2 - 4/(x*y + 2)", "1 − 1/(1 + x)"),
    ("(1 + cos(x))/sin(x)", "1 + cos"),
    ("y - 2*sin(x) + 2", "1 − sin"),
    ("1 + sin(x)", "1 − sin"),
    ("x/sinh(y)^2", "1 over sinh²"),
    ("log((1 - x)*(1/(1 + x)))", "log of a quotient of close numbers"),
    ("(n + 1)*log(n + 1) - 1 - n*log(n)", "close products with logarithms"),
    ("exp(x) - exp(y)", "exponentials of two numbers"),
    ("log(x/y)", "log of a quotient"),
    ("2*atan(x) - 2*atan(y)", "arctangents of two numbers"),
    ("(1 + erf(x))/2 - (1 + erf(y))/2", "error functions of two numbers"),
    ("erfc(x) - erfc(y)", "error functions of two numbers"),
    ("m - y + log(y/m)*y + x", "deviance"),
    ("y*(log(y) - log(m)) - (y - m)", "deviance"),
    ("(1 - p)*log((1 - p)/(1 - q)) + x + p*log(p/q)", "relative entropy of two coins"),
    ("sqrt(x) - sqrt(y)", "roots of two numbers"),
    ("log(x) - log(y)", "logarithms of two numbers"),
    ("sin(x) - sin(y)", "sines of two numbers"),
    ("cos(x) - cos(y)", "cosines of two numbers"),
    ("a/x - a/y", "reciprocals of two numbers"),
    ("x*x - 4*y^2", "difference of squares"),
    ("x^2 - 9", "difference of squares"),
    ("exp(x)/(exp(x) - 1)", "e^x over e^x − 1"),
    ("1 + 1/(exp(x) - 1)", "e^x over e^x − 1"),
    ("x^2*exp(x)/(exp(x) - 1)^2", "e^x over (e^x − 1)²"),
    ("sqrt((exp(2*x) - 1)/(exp(x) - 1))", "e^2x − 1 over e^x − 1"),
    ("x/(1 - exp(-a*x))", "x over e^x − 1"),
    ("h*(exp((a + b)*h) - 1)/((exp(a*h) - 1)*(exp(b*h) - 1))", "three exponentials"),
    ("h*(exp(a*h + b*h) - 1)/(exp(a*h) - 1)/(exp(b*h) - 1)", "three exponentials"),
    ("a*exp(x) - a", "expm1"),
    ("1/x^2 - cos(x)/x^2", "quotient of squares"),
    ("1/sin(x) - cos(x)/sin(x)", "1/sin − 1/tan"),
    ("(1 - cos(x))*(1/sin(x))", "1 − cos over sin"),
    ("1/x - cos(x)/sin(x)", "1/x − 1/tan"),
    ("sin(x)/cos(x) + 1", "sin over cos"),
    ("1/(x + 1) - 1/x", "close reciprocals"),
    ("a/(x + 1) - a/x", "close reciprocals"),
    ("2/(2*x + 2) - 1/x", "close reciprocals"),
    ("1/(2*x) - 1/(2*x + 1)", "close reciprocals"),
    ("x/(x + 1) - 1", "close reciprocals"),
    ("x/(x + 1) - (x - 1)/x", "close reciprocals"),
    ("1/x^2 - 1/(x + 1)^2", "close reciprocals"),
    ("x/(x*x + 1) - 1/x", "close reciprocals"),
    ("a/(x + h)/y - a/x/y + exp(y)", "close reciprocals"),
    ("sqrt(1/x) - sqrt(1/(x + 1))", "close roots of fractions"),
    ("sqrt(1/x) - 1/sqrt(x + 1)", "close roots of fractions"),
    ("a*sqrt(2/x) - a*sqrt(2/(x + 1))", "close roots of fractions"),
    ("2*sqrt(x) - sqrt(4*x + 1)", "close roots of fractions"),
    ("1/sqrt(x) - 1/sqrt(x + 1)", "close reciprocals of roots"),
    ("(x + 1)^(1/n) - x^(1/n)", "close powers"),
    ("(x + h)^2.5 - x^2.5", "close powers"),
    ("1/(x + 1) - 2/x + 1/(x - 1)", "partial fractions"),
    ("(n + 1)*log(n + 1) - n*log(n) - 1", "close products with logarithms"),
    ("log((1 - x)/(1 + x))", "log of a quotient of close numbers"),
    ("sqrt(x^2 + 1) - x", "conjugate of a root"),
    ("x - sqrt(x*x + y)", "conjugate of a root"),
    ("sqrt(x*x - 1) - x", "conjugate of a root"),
    ("-p/2 + sqrt(p^2/4 - q)", "conjugate of a root"),
    ("sqrt(1 + x) - 1", "conjugate of a root less a number"),
    ("2 - sqrt(4 - x)", "conjugate of a root less a number"),
    ("gammaln((n + 1)/2) - gammaln(n/2)", "close log Γ"),
    ("2*gammaln(x) - 2*gammaln(x + 2)", "close log Γ"),
    ("1/sqrt(1 + x) - 1", "reciprocal of a root less a number"),
    ("y - y/sqrt(1 - x^2)", "reciprocal of a root less a number"),
    ("2 - 4/sqrt(4 - x)", "reciprocal of a root less a number"),
    ("(1 - x^2)^(-1/2) - 1", "reciprocal of a root less a number"),
    ("(1 - x)^-0.5 - 1", "reciprocal of a root less a number"),
    ("(-b + sqrt(b^2 - 4*a*c))/(2*a)", "root of a quadratic"),
    ("(-b - sqrt(b*b - 4*(a*c)))/2/a", "root of a quadratic"),
    ("-b/(2*a) + sqrt(b^2 - 4*a*c)/(2*a)", "root of a quadratic"),
    ("(-b - sqrt(b*b - a*c))/a", "root of a quadratic"),
    ("log(x + sqrt(x^2 + 1))", "arcsinh"),
    ("log(x + sqrt(x^2 - 1))", "arccosh"),
    ("1 - cos(2*x)", "1 − cos"),
    ("y - 3*cos(x) + 3", "1 − cos"),
    ("(1 - cos(x))/sin(x)", "1 − cos over sin"),
    ("(1 - cos(x))/x^2", "quotient of squares"),
    ("exp(x) - 2 + exp(-x)", "e^x − 2 + e^−x"),
    ("cosh(x) - 1", "e^x − 2 + e^−x"),
    ("(exp(x) - exp(-x))/2", "e^x − e^−x"),
    ("2*x - sin(2*x)", "x − sin"),
    ("sin(x)/3 - x/3", "x − sin"),
    ("tan(x) - x", "tan − x"),
    ("sin(x) - x*cos(x)", "sin − x·cos"),
    ("exp(x) - x - 1", "e^x − 1 − x"),
    ("log(1 + x) - x", "x − log(1 + x)"),
    ("1 - (1 - exp(-x))/(1 - exp(-y))", "1 − share of growth"),
    ("1/x - 1/tan(x)", "1/x − 1/tan"),
    ("(x - sin(x))/(x - tan(x))", "x − sin over sin − x·cos"),
]
LEFT_ALONE = ["x - y", "exp(x + 1) - exp(x)", "x*y - x*z",
              "sqrt(x) + sqrt(x + 1)", "max(x, y) - max(y, z)", "x^3 - y^3", "x - cos(x)", "sqrt(x + 2) - 1",
              "(-b + sqrt(b^2 + 4*a*c))", "tan(x) - y", "exp(x) - 2*exp(-x)",
              "1/(3*x) - 0.1/(0.3*x + 1)", "1/x + 1/y", "x/y - y/x", "1/x - 1/x^2", "sqrt(x) - 2*sqrt(x + 1)"]  # fmt: skip


def rules_used(text):
    written = read(text)
    return [one.rule.name for one in stabilised(written.graph, [written.output]).rewrites]


@pytest.mark.parametrize("text, name", ARRANGEMENTS)
def test_a_form_is_recognised(text, name):
    assert name in rules_used(text)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_does_not_cancel_stays_as_it_is(text):
    assert not set(rules_used(text)) & {rule.name for rule in OURS} - {"discriminant", "conjugate of a root"}


def test_a_number_without_an_exact_root_is_no_square():
    number = 0.8775825618903728  # the square of its rounded root, rounded, is this number again
    assert float(number**0.5) ** 2 == number
    assert rules_used(f"x^2 - {number}") == []


def test_every_rule_is_recognised_somewhere():
    found = {name for text, _ in ARRANGEMENTS for name in rules_used(text)}
    assert {rule.name for rule in OURS} <= found | {name for _, name in ARRANGEMENTS}


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda one: one.name)
def test_classical_formulas_keep_their_digits(formula):
    _, before, after = row(formula, 60)
    assert after <= max(1.0, 0.1 * before), f"{after:.2f} bits lost, before {before:.2f}"
    assert after <= before + 0.1


FAR = ["2/(2*x + 2) - 1/x", "1/(2*x) - 1/(2*x + 1)", "x/(x + 1) - 1", "x/(x + 1) - (x - 1)/x", "1/x^2 - 1/(x + 1)^2",
       "sqrt(1/x) - sqrt(1/(x + 1))", "sqrt(2/x) - sqrt(2/(x + 1))", "sqrt(1/x) - 1/sqrt(x + 1)", "2*sqrt(x) - sqrt(4*x + 1)",
       "exp(x*log1p(1/x))", "exp(x*log(1 + 0.5/x))", "exp(-x*log(1 + 1/x))", "(1 + 2.5/x)^x", "(1 + 0.05/x)^(30*x)",
       "(x/(x + 1))^x", "1/(1 + 1/x)^x"]  # fmt: skip


@pytest.mark.parametrize("text", FAR)
@pytest.mark.parametrize("x", [1.5, 1e5, 1e10])
def test_value_and_slope_are_right_where_the_number_is_large(text, x):
    written = read(text)
    leaf = written.leaves["x"]
    slope = reverse(written.graph, written.output, [leaf]).total(leaf)
    truth = evaluate(written.graph, {leaf: x}, xp=Truth(200))
    found = stabilised(read(text).graph, [written.output])
    moved = found.moved[leaf]
    total = reverse(found.graph, found.outputs[0], [moved]).total(moved)
    got = evaluate(found.graph, {moved: x})
    assert got[found.outputs[0]] == pytest.approx(float(truth[written.output]), rel=2e-15)
    assert got[total] == pytest.approx(float(truth[slope]), rel=2e-15)


def test_a_quadratic_is_right_where_its_squares_leave_the_floats():
    written = read("(-b + sqrt(b*b - 4*a*c)) / (2*a)")
    found = stabilised(written.graph, [written.output])
    for a, b, c in ((1.0, 1e200, 1.0), (1e-200, 3.0, -1e200), (1.0, -1e-200, -1e-300), (1e160, 1e170, -1e160), (2.0, 1e8, 1e-8)):
        given = dict(zip((found.moved[written.leaves[name]] for name in "abc"), (a, b, c), strict=True))
        truth = evaluate(written.graph, dict(zip((written.leaves[name] for name in "abc"), (a, b, c), strict=True)), xp=Truth(900))
        assert evaluate(found.graph, given)[found.outputs[0]] == pytest.approx(float(truth[written.output]), rel=1e-14)


def test_gradients_go_through_the_side_that_was_chosen():
    written = read("sqrt(x^2 + 1) - x")
    found = stabilised(written.graph, [written.output])
    leaf = found.moved[written.leaves["x"]]
    total = reverse(found.graph, found.outputs[0], [leaf]).total(leaf)
    for x in (-1e200, -3.0, 0.0, 1e-8, 2.0, 1e9):
        with np.errstate(all="ignore"):
            slope = evaluate(found.graph, {leaf: x})[total]
        exact = XP.mp.mpf(x) / XP.mp.sqrt(XP.mp.mpf(x) ** 2 + 1) - 1
        assert float(slope) == pytest.approx(float(exact), rel=1e-12)
