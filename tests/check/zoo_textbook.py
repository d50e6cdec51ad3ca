"""Cases of textbooks, and further ones of trackers, written down before the doctor saw them.

Holes, cancelling differences, products and sums that leave the floats, means of powers, steps of optimisers.
"""

import numpy as np
from scipy import special

from tests.check.zoo import Case, formula, function


def row_norms(x):
    return np.sum(np.linalg.norm(x, axis=1))


def direction(x):
    return (x / np.linalg.norm(x))[1]


def logistic_growth(P, t):
    return 10 / (1 + ((10 - P) / P) * np.exp(-t))


def power_mean(x, p):
    return np.mean(x**p) ** (1 / p)


def gev(z, xi):
    return (1 + xi * z) ** (-1 / xi)


def cosine_distance(u, v):
    return 1 - np.sum(u * v) / (np.linalg.norm(u) * np.linalg.norm(v))


def soft_min(x):
    return -1e-3 * np.log(np.sum(np.exp(-x / 1e-3)))


def ghk(V, ci, co):
    u = V / 25.0
    return u * (ci - co * np.exp(-u)) / (1 - np.exp(-u))


def entropy_where(p):
    return -np.sum(np.where(p > 0, p * np.log(p), 0.0))


def division_where(x, y):
    return np.where(y == 0, 0.0, x / y)


def mean_overflow(x):
    return np.sum(x) / 3


def complex_quotient(a, b, c, d):
    return (a * c + b * d) / (c * c + d * d)


def cross_entropy_one_hot(z, y):
    p = np.exp(z) / np.sum(np.exp(z))
    return -np.sum(y * np.log(p))


def batch_cross_entropy(z):
    p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(2), [1, 1]]))


def log_mean_exp(x):
    return np.log(np.mean(np.exp(x)))


def rbf_weights(x, h):
    w = np.exp(-((x - 10.0) ** 2) / (2 * h * h))
    return np.sum(w * x) / np.sum(w)


def binomial_by_gammas(n, m):
    return np.exp(special.gammaln(n + 1)) / (np.exp(special.gammaln(m + 1)) * np.exp(special.gammaln(n - m + 1)))


def softplus_beta(x, b):
    return np.log(1 + np.exp(b * x)) / b


def weighted_lse(x, w):
    return np.log(np.sum(w * np.exp(x)))


def clip_by_norm(g):
    return np.sum(g * np.minimum(1.0, 1 / np.sqrt(np.sum(g * g))))


def normalise_eps(x):
    return np.sum(x / np.maximum(np.sqrt(np.sum(x * x)), 1e-12) * np.array([1.0, 2.0, 3.0]))


def cosine_eps(u, v):
    return np.sum(u * v) / np.maximum(np.linalg.norm(u) * np.linalg.norm(v), 1e-8)


def bce_clamped(p):
    return -np.sum(np.maximum(np.log(p), -100.0) * np.array([1.0, 1.0]))


def truncated_cauchy(a, b):
    return np.log(np.arctan(b) - np.arctan(a))


def poisson_zero(rate):
    return 0.0 * np.log(rate) - rate


def masked_mean(x):
    m = np.array([0.0, 0.0])
    return np.sum(x * m) / np.sum(m)


def lennard_jones_self(x):
    d = x[:, None, :] - x[None, :, :]
    r = np.sqrt(np.sum(d * d, -1))
    return np.sum(np.where(r > 0, 4 * ((1 / r) ** 12 - (1 / r) ** 6), 0.0))


def alpha_of_density(s):
    return 1 - np.exp(-s * 0.1)


def gan_generator(x):
    return np.log(1 - 1 / (1 + np.exp(-x)))


def gradient_penalty(g):
    return (np.linalg.norm(g) - 1) ** 2


def arcface(c):
    return np.cos(np.arccos(c) + 0.5)


def kernel_density(x):
    return np.log(np.mean(np.exp(-0.5 * (x - np.array([0.0, 1.0])) ** 2)))


def smooth_relu_derivative(x, b):
    return np.exp(b * x) / (1 + np.exp(b * x))


def mutual_information(p, q):
    return np.sum(p * np.log2(p)) + np.sum(q)


def normalised_exps(x):
    w = np.exp(x)
    return (w / np.sum(w))[0]


def squared_softmax(z):
    p = np.exp(z) / np.sum(np.exp(z))
    return np.sum((p - np.array([1.0, 0.0, 0.0])) ** 2)


def complementary_error(x):
    return np.log(1 - special.erf(x))


def relative_volatility(a, b):
    return (a - b) / (a + b) + np.log(a) - np.log(b)


def slerp_weight(theta, t):
    return np.sin(t * theta) / np.sin(theta)


def rodrigues(w):
    t = np.sqrt(np.sum(w * w))
    Kx = np.stack([np.stack([0 * w[0], -w[2], w[1]]), np.stack([w[2], 0 * w[0], -w[0]]), np.stack([-w[1], w[0], 0 * w[0]])])
    R = np.eye(3) + np.sin(t) / t * Kx + (1 - np.cos(t)) / t**2 * (Kx @ Kx)
    return R[0, 1] + 2 * R[1, 2]


def distance_gaussian(x):
    r = np.sqrt(np.sum(x**2))
    return np.exp(-(r**2) / 2)


def matern_diagonal(x):
    d = np.sqrt(np.sum((x[0] - x[1]) ** 2))
    return (1 + np.sqrt(3) * d) * np.exp(-np.sqrt(3) * d)


def boltzmann_mean(E, T):
    w = np.exp(E / T)
    return np.sum(E * w) / np.sum(w)


def harmonic_mean(a, b):
    return 2 / (1 / a + 1 / b)


def hyperbolic_secant(x, s):
    return np.log(1 / (np.exp(x / s) + np.exp(-x / s)))


def log_interval(a, b):
    return np.log(np.exp(b) - np.exp(a))


def likelihood_ratio(a, b):
    return np.log(np.sum(np.exp(a)) / np.sum(np.exp(b)))


def product_over(a, b, c):
    return a * b / c


def hidden_markov(start, moves):
    state = start
    for _ in range(60):
        state = (state @ moves) * np.array([1e-6, 3e-7])
    return np.log(np.sum(state))


def angles_of_rows(u, v):
    lengths = np.sqrt(np.sum(u * u, axis=1)) * np.sqrt(np.sum(v * v, axis=1))
    return np.sum(np.arccos(np.sum(u * v, axis=1) / lengths))


def kernel_of_rows(x):
    squares = np.sum(x**2, axis=1, keepdims=True)
    return np.sum(np.exp(-(squares + squares.T - 2 * x @ x.T)))


def masses_on_both_sides(a, b):
    return np.sum(np.log(0.5 * special.erf(b / np.sqrt(2)) - 0.5 * special.erf(a / np.sqrt(2))))


def rotations(w, v):
    sines = np.sqrt(np.sum(v * v, axis=1))
    return np.sum((2 * np.arctan2(sines, w) / sines)[:, None] * v * np.array([[1.0, 2.0, 3.0]]))


TEXTBOOK: list[Case] = [
    formula("acos(clip(x,-1,1))", "domain", "arccos", x=1),
    formula("log(1-exp(-exp(x)))", "cancellation", "subtract", x=-50),
    formula("log(-log(1-p))", "precision lost", "log", p=1e-20),
    formula("(exp(2x)-1)/(exp(2x)+1)", "overflow", "exp", x=400),
    formula("1/sinh(x)", "overflow", "sinh", x=800),
    formula("x/sinh(x)", "0/0", "divide", x=0),
    formula("log(sinh(x))", "overflow", "sinh", x=800),
    formula("(sqrt(1+x)-sqrt(1-x))/x", "0/0", "divide", x=0),
    formula("(x^l-1)/l", "0/0", "divide", x=3, l=0),
    formula("(x^l-1)/l", "cancellation", "subtract", x=3, l=1e-12),
    formula("log(x)/(x-1)", "0/0", "divide", x=1),
    formula("(sin(4x)/sin(x/2))^2", "0/0", "divide", x=0),
    formula("log(a/b)", "precision lost", "log", a=7.000000001, b=7),
    formula("sqrt((1+b)/(1-b))-1", "cancellation", "subtract", b=1e-10),
    formula("(1-exp(-r*T))/r", "0/0", "divide", r=0, T=5),
    formula("0.1*(25-V)/(exp((25-V)/10)-1)", "0/0", "divide", V=25),
    formula("where(x>0, x^0.3, 0)", "unused branch", "constant_power", x=0),
    formula("(a+b)/2", "overflow", "add", a=1.5e308, b=1.1e308),
    formula("(1-cos(x))/sin(x)", "cancellation", "subtract", x=1e-09),
    formula("tan(x)-x", "cancellation", "subtract", x=1e-05),
    formula("sin(x)-x*cos(x)", "cancellation", "subtract", x=1e-05),
    formula("log(x+sqrt(x^2+1))", "precision lost", "log", x=1e-20),
    formula("log(x+sqrt(x^2-1))", "overflow", "constant_power", x=1e200),
    formula("log10(1+x)", "precision lost", "log10", x=1e-18),
    formula("x-log(1+x)", "cancellation", "subtract", x=1e-06),
    formula("log(a*exp(x))", "underflow", "exp", a=2, x=-1000),
    formula("sqrt(1+exp(2x))", "overflow", "exp", x=500),
    formula("sin(x+h)-sin(x)", "cancellation", "subtract", x=0.7, h=1e-11),
    formula("((x+h)^3-x^3)/h", "cancellation", "subtract", x=0.7, h=1e-09),
    formula("1/sqrt(x)-1/sqrt(x+1)", "cancellation", "subtract", x=1000000000000.0),
    formula("exp(x)-1-x-x^2/2", "cancellation", "subtract", x=0.0001),
    formula("log(1-1/(1+exp(-x)))", "cancellation", "subtract", x=40),
    formula("exp(a)*exp(b)/exp(a+b+1)", "underflow", "exp", a=-400, b=-500),
    formula("log(exp(x)+exp(-x))", "overflow", "exp", x=1000),
    formula("x*exp(x)/(1+exp(x))^2", "overflow", "exp", x=710),
    formula("log(exp(x)/(1+exp(x))^2)", "underflow", "exp", x=-1000),
    formula("g/(sqrt(g^2)+1e-8)", "0·inf", "sqrt", g=0),
    formula("sqrt(x)^2", "0·inf", "sqrt", x=0),
    formula("(exp(a*x) - 1 - a*x)/x^2", "0/0", "divide", x=0, a=1),
    formula("exp(-log(x)^2/2)/x", "0/0", "divide", x=0),
    formula("b-sqrt(b^2-c)", "cancellation", "subtract", b=100000.0, c=1),
    formula("x^4/(k^4+x^4)", "overflow", "constant_power", x=1e100, k=2),
    formula("1 - tanh(x)", "cancellation", "subtract", x=20),
    formula("x*log(x)", "0·inf", "log", x=0),
    formula("1/(1+exp(x)) + exp(x)/(1+exp(x))^2", "overflow", "exp", x=750),
    formula("sqrt(1+x^2) - sqrt(1-x^2)", "cancellation", "subtract", x=1e-08),
    formula("1/cosh(x)^2", "overflow", "cosh", x=1000),
    function(row_norms, np.array([[3.0, 4.0], [0.0, 0.0]]), kinds="0·inf", gates="sqrt"),
    function(direction, np.array([0.0, 0.0, 0.0]), kinds="0/0", gates="divide"),
    function(logistic_growth, 1.0, -900.0, kinds="overflow", gates="exp"),
    function(power_mean, np.array([1.0, 2.0, 4.0]), 0.0, kinds="0·inf", gates="divide"),
    function(gev, 0.7, 0.0, kinds="0·inf", gates="divide"),
    function(cosine_distance, np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0000001]), kinds="cancellation", gates="subtract"),
    function(soft_min, np.array([2.0, 3.0, 2.5]), kinds="underflow", gates="exp"),
    function(ghk, 0.0, 1.0, 10.0, kinds="0/0", gates="divide"),
    function(entropy_where, np.array([0.0, 0.3, 0.7]), kinds="unused branch", gates="log"),
    function(division_where, 0.0, 0.0, kinds="unused branch", gates="divide"),
    function(mean_overflow, np.array([1.5e308, 1.1e308, 1e308]), kinds="overflow", gates="sum"),
    function(complex_quotient, 1e200, 2e200, 3e200, 4e200, kinds="overflow", gates="multiply"),
    function(cross_entropy_one_hot, np.array([800.0, 1.0]), np.array([1.0, 0.0]), kinds="overflow", gates="exp"),
    function(batch_cross_entropy, np.array([[800.0, 1.0, 2.0], [0.0, -900.0, 3.0]]), kinds="overflow", gates="exp"),
    function(log_mean_exp, np.array([900.0, 0.0, 10.0]), kinds="overflow", gates="exp"),
    function(rbf_weights, np.array([1.0, 2.0, 3.0]), 0.02, kinds="underflow", gates="exp"),
    function(binomial_by_gammas, 200.0, 100.0, kinds="overflow", gates="exp"),
    function(softplus_beta, 800.0, 3.0, kinds="overflow", gates="exp"),
    function(weighted_lse, np.array([1000.0, 1001.0]), np.array([0.3, 0.7]), kinds="overflow", gates="exp"),
    function(clip_by_norm, np.array([0.0, 0.0]), kinds="unused branch", gates="divide"),
    function(normalise_eps, np.array([0.0, 0.0, 0.0]), kinds="unused branch", gates="sqrt"),
    function(cosine_eps, np.array([0.0, 0.0]), np.array([1.0, 2.0]), kinds="unused branch", gates="sqrt"),
    function(bce_clamped, np.array([0.0, 0.5]), kinds="unused branch", gates="log"),
    function(truncated_cauchy, 100000000.0, 200000000.0, kinds="cancellation", gates="subtract"),
    function(poisson_zero, 0.0, kinds="0·inf", gates="log"),
    function(masked_mean, np.array([1.0, 2.0]), kinds="0/0", gates="divide"),
    function(lennard_jones_self, np.array([[0.0, 0.0], [1.0, 0.0]]), kinds="unused branch", gates="divide"),
    function(alpha_of_density, 1e-18, kinds="cancellation", gates="subtract"),
    function(gan_generator, 40.0, kinds="cancellation", gates="subtract"),
    function(gradient_penalty, np.array([0.0, 0.0]), kinds="0·inf", gates="sqrt"),
    function(arcface, 1.0, kinds="domain", gates="arccos", cured=False),
    function(kernel_density, np.array([50.0, 60.0]), kinds="underflow", gates="exp"),
    function(smooth_relu_derivative, 1000.0, 2.0, kinds="overflow", gates="exp"),
    function(mutual_information, np.array([0.0, 1.0]), np.array([0.5, 0.5]), kinds="0·inf", gates="log2"),
    function(normalised_exps, np.array([1000.0, 1000.0]), kinds="overflow", gates="exp"),
    function(squared_softmax, np.array([710.0, 0.0, 3.0]), kinds="overflow", gates="exp"),
    function(complementary_error, 12.0, kinds="cancellation", gates="subtract"),
    function(relative_volatility, 1000000.0, 1000000.001, kinds="cancellation", gates="subtract"),
    function(slerp_weight, 0.0, 2.0, kinds="0/0", gates="divide"),
    function(rodrigues, np.array([0.0, 0.0, 0.0]), kinds="0/0", gates="divide"),
    function(distance_gaussian, np.array([0.0, 0.0]), kinds="0·inf", gates="sqrt"),
    function(matern_diagonal, np.array([[1.0, 2.0], [1.0, 2.0]]), kinds="0·inf", gates="sqrt"),
    function(boltzmann_mean, np.array([2.0, 1.0]), 0.001, kinds="overflow", gates="exp"),
    function(harmonic_mean, 1.0, 0.0, kinds="0·inf", gates="divide"),
    function(hyperbolic_secant, 1000.0, 1.0, kinds="overflow", gates="exp"),
    function(log_interval, 3.0, 3.000000001, kinds="cancellation", gates="subtract"),
    function(likelihood_ratio, np.array([-800.0, -900.0]), np.array([-810.0, -805.0]), kinds="underflow", gates="exp"),
    function(product_over, 1e200, 1e200, 1e300, kinds="overflow", gates="multiply"),
    formula("y*log(y/m) - (y - m)", "cancellation", "subtract", y=5.000001, m=5),
    formula("(a^3 - b^3)/(a - b)", "cancellation", "subtract", a=2, b=2.0000001),
    formula("(x^2 - 1)/(x - 1)", "0/0", "divide", x=1),
    formula("sqrt(x)^2", "0·inf", "sqrt", x=0),
    formula("(exp(a*x) - 1 - a*x)/x^2", "0/0", "divide", x=0, a=1),
    formula("exp(-log(x)^2/2)/x", "0/0", "divide", x=0),
    function(hidden_markov, np.array([0.5, 0.5]), np.array([[0.7, 0.3], [0.2, 0.8]]), kinds="underflow", gates="multiply"),
    function(
        angles_of_rows,
        np.array([[1.0, 0.0], [1.0, 1.0]]),
        np.array([[1.0, 1e-9], [1.0, 1.000000001]]),
        kinds="precision lost",
        gates="arccos",
    ),
    function(kernel_of_rows, np.array([[1e4, 2e4], [1e4 + 1e-4, 2e4], [1.0, 2.0]]), kinds="cancellation", gates="subtract"),
    function(
        masses_on_both_sides, np.array([-1.0, 10.0, -12.0]), np.array([1.0, 12.0, -10.0]), kinds="cancellation", gates="subtract"
    ),
    function(
        rotations,
        np.array([1.0, 0.8, 1.0]),
        np.array([[0.0, 0.0, 0.0], [0.36, 0.48, 0.0], [0.0, 0.0, 1e-9]]),
        kinds="0/0",
        gates="divide",
    ),
]
