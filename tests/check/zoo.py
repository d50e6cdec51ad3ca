"""Formulas and functions that go wrong, as people meet them: culprit gates, kinds that may be told, whether a form cures them.

The cases are those of trackers and textbooks: square roots and norms at 0, logarithms of probabilities that underflow or saturate,
branches that were not taken, softmax without its shift, cancelling differences. `SICK` lists them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """A formula or function with its numbers; one of `kinds` at one of `gates` is what the first finding has to say."""

    name: str
    what: Any
    values: Any
    kinds: str
    gates: str
    cured: bool = True


def formula(text: str, kinds: str, gates: str, cured: bool = True, **values: Any) -> Case:
    shown = ", ".join(f"{name}={value}" for name, value in values.items())
    return Case(f"{text} at {shown}", text, values, kinds, gates, cured)


def function(f: Any, *args: Any, kinds: str, gates: str, cured: bool = True) -> Case:
    return Case(f.__name__, f, args, kinds, gates, cured)


def softmax_loss(scores, true):
    powers = np.exp(scores)
    return -np.log(powers[true] / np.sum(powers))


def log_sum_exp(x):
    return np.log(np.sum(np.exp(x)))


def binary_cross_entropy(z, y):
    p = 1 / (1 + np.exp(-z))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def euclidean(v):
    return np.sqrt(np.sum(v**2))


def distance(a, b):
    return np.sqrt(np.sum((a - b) ** 2))


def cosine(a, b):
    return np.sum(a * b) / (np.sqrt(np.sum(a * a)) * np.sqrt(np.sum(b * b)))


def angle(a, b):
    return np.arccos(np.dot(a, b) / (np.sqrt(np.dot(a, a)) * np.sqrt(np.dot(b, b))))


def masked_root(x):
    return np.sum(np.where(x > 0, np.sqrt(x), 0.0))


def masked_log(x):
    return np.where(x > 0, np.log(x), 0.0)


def masked_quotient(x, y):
    return np.where(y == 0, 0.0, x / y)


def masked_power(x, p):
    return np.where(x > 0, x**p, 0.0)


def own_softplus(x):
    return np.where(x > 30, x, np.log(1 + np.exp(x)))


def divergence(p, q):
    return np.sum(p * np.log(p / q))


def entropy(p):
    return -np.sum(p * np.log(p))


def population_deviation(x):
    return np.std(x)


def running_variance(x):
    return np.mean(x**2) - np.mean(x) ** 2


def likelihood(p):
    return np.log(np.prod(p))


def bell(x):
    return np.log(np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi))


def geometric_mean(x):
    return np.prod(x) ** (1 / x.size)


def attention_row(scores, mask):
    powers = np.exp(scores + mask)
    return np.sum((powers / np.sum(powers)) ** 2)


def inner_overflow(a):
    return np.sum(a**2) / np.sum(np.abs(a)) ** 2


def gaussian(x, mean, log_variance):
    return 0.5 * (log_variance + (x - mean) ** 2 / np.exp(log_variance))


def divergence_by_logs(p, q):
    return np.sum(p * (np.log(p) - np.log(q)))


def mixture(x, weights, means, widths):
    return -np.log(np.sum(weights * np.exp(-0.5 * ((x - means) / widths) ** 2) / widths))


def distance_by_products(x, y):
    return np.sqrt(np.sum(x**2) + np.sum(y**2) - 2 * np.dot(x, y))


def all_distances(x):
    apart = x[:, None, :] - x[None, :, :]
    return np.sum(np.sqrt(np.sum(apart**2, axis=-1)))


def rotation(w):
    t = np.sqrt(np.sum(w**2))
    return np.sin(t) / t * w[0] + (1 - np.cos(t)) / t**2 * w[1]


def great_circle(a, b, c, d):
    return np.arccos(np.sin(a) * np.sin(b) + np.cos(a) * np.cos(b) * np.cos(c - d))


def chain(log_p):
    total = 1.0
    for p in np.exp(log_p):
        total = total * p
    return -np.log(total)


def determinant(matrix):
    return np.log(np.linalg.det(matrix))


def contrast(scores):
    powers = np.exp(scores / 0.01)
    return -np.log(powers[0] / (powers[0] + np.sum(powers[1:])))


def box_cox(x, power):
    return (x**power - 1) / power


def annuity(rate, years):
    return (1 - (1 + rate) ** (-years)) / rate


def overlap(p, y):
    return 1 - 2 * np.sum(p * y) / (np.sum(p) + np.sum(y))


def root_of_positive(x):
    return np.sqrt(np.maximum(x, 0))


SICK = (
    # Overflow
    formula("log(1 + exp(x))", "overflow", "exp", x=1000),
    formula("log(exp(x) + exp(y))", "overflow", "exp", x=1000, y=999),
    formula("exp(x)/(exp(x) + exp(y))", "overflow", "exp", x=1000, y=3),
    formula("exp(x)/(1 + exp(x))", "overflow", "exp", x=800),
    formula("1/(1 + exp(-x))", "overflow", "exp", x=-800),
    formula("(exp(x) - exp(-x))/(exp(x) + exp(-x))", "overflow", "exp", x=800),
    formula("sqrt(x^2 + y^2)", "overflow", "constant_power", x=1e200, y=1e200),
    formula("exp(x)", "overflow", "exp", False, x=1000),
    formula("x*exp(-x)*exp(x)", "overflow", "exp", x=800),
    formula("sinh(x)/cosh(x)", "overflow", "sinh cosh", x=800),
    formula("x^2/(1 + x^2)", "overflow", "constant_power", x=1e200),
    function(softmax_loss, np.array([1000.0, 0.0, 3.0]), 1, kinds="overflow", gates="exp"),
    function(log_sum_exp, np.array([1000.0, 900.0]), kinds="overflow", gates="exp"),
    function(binary_cross_entropy, -800.0, 1.0, kinds="overflow", gates="exp"),
    function(euclidean, np.array([1e200, 1e180]), kinds="overflow", gates="constant_power square"),
    function(attention_row, np.array([800.0, 1.0]), np.array([0.0, -np.inf]), kinds="overflow", gates="exp"),
    function(inner_overflow, np.array([1e200, 1e200]), kinds="overflow", gates="constant_power square"),
    # Underflow
    formula("log(softmax(s)[0])", "underflow", "softmax", s=[-1000, 0, 0]),
    formula("log(sigmoid(x))", "underflow", "sigmoid", x=-800),
    formula("log(sum(exp(s)))", "underflow", "exp", s=[-1000, -1001]),
    formula("log(exp(x))", "underflow", "exp", x=-1000),
    formula("x/sqrt(x^2 + y^2)", "underflow", "constant_power", x=1e-200, y=1e-200),
    formula("log(prod(p))", "underflow", "prod", p=[1e-200, 1e-200]),
    formula("x*y*z", "underflow", "multiply", x=1e-200, y=1e-200, z=1e300),
    function(likelihood, np.full(400, 0.1), kinds="underflow", gates="prod"),
    function(bell, 40.0, kinds="underflow", gates="exp"),
    function(geometric_mean, np.full(400, 0.1), kinds="underflow", gates="prod"),
    function(softmax_loss, np.array([-1000.0, -1001.0]), 0, kinds="underflow", gates="exp"),
    # 0·∞, ∞ − ∞, 0/0
    formula("sqrt(x^2)", "0·inf", "sqrt", x=0),
    formula("sqrt(x^2 + y^2)", "0·inf", "sqrt", x=0, y=0),
    formula("x*log(x)", "0·inf", "log", x=0),
    formula("sin(x)/x", "0/0", "divide", x=0),
    formula("x/sqrt(x^2)", "0/0", "divide", x=0),
    formula("(1 - cos(x))/x^2", "0/0", "divide", x=0),
    formula("log(x) - log(y)", "inf-inf 0·inf", "log", False, x=0, y=0),
    formula("(x*x)^0.5", "0·inf", "constant_power", x=0),
    function(euclidean, np.zeros(3), kinds="0·inf", gates="sqrt"),
    function(distance, np.array([1.0, 2.0]), np.array([1.0, 2.0]), kinds="0·inf", gates="sqrt"),
    function(cosine, np.zeros(2), np.array([1.0, 2.0]), kinds="0/0", gates="divide"),
    function(angle, np.array([1.0, 0.0]), np.array([1.0, 0.0]), kinds="0·inf inf-inf", gates="arccos"),
    function(population_deviation, np.full(3, 3.0), kinds="0·inf domain", gates="sqrt std"),
    function(divergence, np.array([0.0, 1.0]), np.array([0.5, 0.5]), kinds="0·inf", gates="log"),
    function(entropy, np.array([0.0, 0.5, 0.5]), kinds="0·inf", gates="log"),
    function(binary_cross_entropy, 800.0, 1.0, kinds="cancellation", gates="subtract"),
    function(attention_row, np.array([1.0, 2.0]), np.array([-np.inf, -np.inf]), kinds="0/0", gates="divide"),
    # Outside the domain
    formula("sqrt(x)", "domain", "sqrt", False, x=-1),
    formula("log(x)", "domain", "log", False, x=-1),
    formula("log(x)", "domain", "log", False, x=0),
    formula("1/x", "domain", "divide", False, x=0),
    formula("x^0.5", "domain", "constant_power", False, x=-2),
    formula("x^y", "domain", "power", False, x=-8, y=0.3333),
    formula("acos(x)", "domain", "arccos", False, x=1.0000001),
    formula("acos(x)", "domain", "arccos", False, x=1),
    formula("sqrt(x)", "domain", "sqrt", False, x=0),
    formula("atan2(y, x)", "domain", "arctan2", x=0, y=0),
    formula("-y*log(p) - (1 - y)*log(1 - p)", "0·inf", "log", y=1, p=1),
    # Branches not taken
    formula("where(x > 0, log(x), 0)", "unused branch", "log", x=0),
    formula("where(x > 0, sqrt(x), 0)", "unused branch", "sqrt", x=-1),
    formula("where(x > 30, x, log(1 + exp(x)))", "unused branch", "exp", x=1000),
    formula("where(x <= 1, 1, 1/(x - 1))", "unused branch", "divide", x=1),
    function(masked_root, np.array([4.0, 0.0, -1.0]), kinds="unused branch", gates="sqrt"),
    function(masked_log, 0.0, kinds="unused branch", gates="log"),
    function(masked_quotient, 1.0, 0.0, kinds="unused branch", gates="divide"),
    function(masked_power, -1.0, 0.5, kinds="unused branch", gates="power"),
    function(own_softplus, 1000.0, kinds="unused branch", gates="exp"),
    # Cancellation and lost precision
    formula("log(1 - sigmoid(x))", "cancellation", "subtract", x=40),
    formula("exp(x) - 1", "cancellation", "subtract", x=1e-12),
    formula("1 - cos(x)", "cancellation", "subtract", x=1e-8),
    formula("(1 - cos(x))/x^2", "cancellation", "subtract", x=1e-8),
    formula("log(1 + x)", "precision lost", "log", x=1e-17),
    formula("log(1 + x)", "precision lost", "log", x=1e-10),
    formula("(-b + sqrt(b^2 - 4*a*c))/(2*a)", "cancellation", "add", a=1, b=1e9, c=1),
    formula("sqrt(x + 1) - sqrt(x)", "cancellation", "subtract", x=1e15),
    formula("1/(x + 1) - 1/x", "cancellation", "subtract", x=1e10),
    formula("exp(x) - exp(-x)", "cancellation", "subtract", x=1e-10),
    formula("(1 + 1/n)^n", "precision lost", "power", n=1e15),
    formula("mean(x^2) - mean(x)^2", "cancellation", "subtract", x=[100000000, 100000001, 100000002]),
    formula("x - sin(x)", "cancellation", "subtract", x=1e-5),
    formula("tan(x) - sin(x)", "cancellation", "subtract", x=1e-6),
    formula("log(x + 1) - log(x)", "cancellation", "subtract", x=1e15),
    formula("(x + y) - x", "cancellation", "subtract", x=1e16, y=1),
    formula("1 - tanh(x)", "cancellation", "subtract", x=20),
    formula("sqrt(1 + x) - 1", "cancellation", "subtract", x=1e-14),
    formula("log(exp(x) + exp(y)) - x", "cancellation", "subtract", x=30, y=-30),
    function(running_variance, np.array([1e8, 1e8 + 1, 1e8 + 2]), kinds="cancellation", gates="subtract"),
    function(binary_cross_entropy, 37.5, 0.0, kinds="cancellation", gates="subtract"),
    # Saturation
    formula("(exp(x) - exp(-x))/(exp(x) + exp(-x))", "saturation", "add", x=20),
    formula("sin(x)/x", "saturation", "add", x=1e-8),
    # Kinks and ties
    formula("abs(x)", "kink", "absolute", False, x=0),
    formula("relu(x)", "kink", "relu", False, x=0),
    formula("max(x, y)", "kink", "maximum", False, x=1, y=1),
    formula("max(v)", "kink", "max", False, v=[1, 3, 3]),
    # What rules do not cure, and looking at the numbers does
    function(gaussian, 1.0, 1.0, -800.0, kinds="underflow", gates="exp"),
    function(gaussian, 1.0, 0.5, 800.0, kinds="overflow", gates="exp"),
    function(divergence_by_logs, np.array([0.0, 1.0]), np.array([0.0, 1.0]), kinds="inf-inf", gates="log"),
    function(mixture, 100.0, np.array([0.5, 0.5]), np.array([0.0, 1.0]), np.array([1.0, 2.0]), kinds="underflow", gates="exp"),
    function(distance_by_products, np.array([1e4, 1e4 + 1e-4]), np.array([1e4, 1e4]), kinds="cancellation", gates="subtract"),
    function(all_distances, np.array([[0.0, 1.0], [2.0, 3.5]]), kinds="0·inf", gates="sqrt"),
    function(rotation, np.zeros(3), kinds="0/0", gates="divide"),
    function(rotation, np.array([1e-9, 2e-9, 0.0]), kinds="cancellation", gates="subtract"),
    function(great_circle, 0.5, 0.5, 0.5, 0.5 + 1e-9, kinds="precision lost", gates="arccos"),
    function(chain, np.full(12, -90.0), kinds="underflow", gates="multiply"),
    function(determinant, 1e-20 * np.eye(20), kinds="underflow", gates="det"),
    function(contrast, np.array([9.0, 8.5, 1.0]), kinds="overflow", gates="exp"),
    function(box_cox, 2.5, 0.0, kinds="0/0", gates="divide"),
    function(box_cox, 2.5, 1e-15, kinds="cancellation", gates="subtract"),
    function(annuity, 0.0, 360.0, kinds="0/0", gates="divide"),
    function(overlap, np.zeros(3), np.zeros(3), kinds="0/0", gates="divide"),
    function(root_of_positive, -1.0, kinds="0·inf", gates="sqrt"),
    formula("x^2 - y^2", "cancellation", "subtract", x=1e8 + 1, y=1e8),
    formula("1/tanh(x) - 1/x", "inf-inf", "divide", x=0),
    formula("x/(exp(x) - 1)", "cancellation", "subtract", x=1e-13),
    formula("log(log(1 + exp(x)))", "underflow", "log exp add", x=-800),
    formula("log(0.5*(1 + erf(x/sqrt(2))))", "cancellation", "add", x=-10),
    formula("log(1 + x^2)", "overflow", "constant_power", x=1e200),
    formula("a*b/(c*d)", "overflow", "multiply", a=1e200, b=1e200, c=1e200, d=1e199),
    formula("(1 + x)^(1/x)", "precision lost", "power", x=1e-15),
    formula("acos(1 - x)", "precision lost", "arccos", x=1e-18),
    formula("log(tanh(x))", "precision lost", "log", x=20),
    formula("1 - (1 - p)^n", "cancellation", "subtract", p=1e-15, n=100),
)
