"""More healthy functions: statistics, losses, physics, finance, geometry, matrices, harmless ties and zeros."""

import numpy as np
from scipy import special


def gini(y):
    return np.sum(np.abs(y[:, None] - y[None, :]) * (1 - np.eye(6))) / (2 * 6 * np.sum(y))


def kl(p, q):
    return np.sum(p * np.log(p / q))


def entropy(p):
    return -np.sum(p * np.log2(p))


def hellinger(p, q):
    return np.sqrt(0.5 * np.sum((np.sqrt(p) - np.sqrt(q)) ** 2))


def normal_loglik(m, s, y):
    return -np.sum(0.5 * ((y - m) / s) ** 2 + np.log(s))


def gamma_loglik(a, b, y):
    return np.sum(a * np.log(b) - special.gammaln(a) + (a - 1) * np.log(y) - b * y)


def beta_loglik(a, b, y):
    return np.sum((a - 1) * np.log(y) + (b - 1) * np.log1p(-y) - special.betaln(a, b))


def student_loglik(v, y):
    return np.sum(
        special.gammaln((v + 1) / 2) - special.gammaln(v / 2) - 0.5 * np.log(v * np.pi) - (v + 1) / 2 * np.log1p(y**2 / v)
    )


def poisson_loglik(eta, y):
    return np.sum(y * eta - np.exp(eta) - special.gammaln(y + 1))


def zero_weight(a, b):
    return np.sum(a * b)


def sum_of_squares_with_zeros(x):
    return np.sum(x**2)


def cubes(x):
    return np.sum(x**3)


def sin_at_zero(x):
    return np.sin(x) * np.cos(x)


def exp_at_zero(x):
    return np.exp(x) - 1 + x


def tanh_at_zero(x):
    return np.tanh(x)


def product_through_zero(x):
    return x * np.exp(-x)


def zero_matrix(m):
    return np.sum((m + np.eye(2)) @ (m - np.eye(2)))


def bond(y):
    return np.sum(5 / (1 + y) ** np.arange(1, 11)) + 100 / (1 + y) ** 10


def mortgage(r_, n):
    return 1000 * r_ / (1 - (1 + r_) ** (-n))


def sharpe(x):
    return np.mean(x) / np.std(x)


def vector_norm_with_zero(x):
    return np.sqrt(np.sum(x * x))


def right_angle(u, v):
    return np.arccos(np.sum(u * v) / (np.linalg.norm(u) * np.linalg.norm(v)))


def cross(u, v):
    return np.sum(np.cross(u, v) ** 2)


def quadratic(a, b, c):
    return (-b + np.sqrt(b * b - 4 * a * c)) / (2 * a)


def atan2_axis(y, x):
    return np.arctan2(y, x)


def polar(x, y):
    return np.hypot(x, y) * np.cos(np.arctan2(y, x))


def two_body(s):
    return 0.5 * (s[2] ** 2 + s[3] ** 2) - 1 / np.hypot(s[0], s[1])


def lennard_jones(r_, e, s):
    return 4 * e * ((s / r_) ** 12 - (s / r_) ** 6)


def planck(x):
    return x**3 / np.expm1(x)


def kepler(E, e):
    return E - e * np.sin(E)


def arrhenius(T):
    return np.exp(-50000 / (8.314 * T))


def lorentz(b):
    return 1 / np.sqrt(1 - b * b)


def trapezoid(y):
    return np.trapezoid(y, dx=0.1)


def leaky(x):
    return np.where(x > 0, x, 0.01 * x)


def huber_inside(x):
    return np.where(np.abs(x) < 1, 0.5 * x * x, np.abs(x) - 0.5)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def maxi(x):
    return np.max(x)


def sort_pick(x):
    return np.sort(x)[1] * 2


def median(x):
    return np.median(x)


def quantile(x):
    return np.quantile(x, 0.3)


def product_of_equals(x):
    return np.prod(x)


def product_with_zero(x):
    return np.prod(x)


def variance_of_constant(x):
    return np.var(x)


def mean_of_constant(x):
    return np.mean(x)


def safe_log(x):
    return np.log(x + 1e-8)


def eps_norm(x):
    return np.sqrt(x * x + 1e-12)


def smoothed_norm(x):
    return np.sqrt(np.sum(x * x) + 1e-6)


def convolution(x, kk):
    return np.sum(np.convolve(x, kk) ** 2)


def cumulative(x):
    return np.sum(np.cumsum(x) * np.cumprod(x))


def bce(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def dirichlet(p):
    return np.sum(np.array([1.0, 2.0, 3.0]) * np.log(p))


def wald(m, s):
    return np.exp(m + s * s / 2) * np.sqrt(np.expm1(s * s))


def logit(p):
    return np.log(p / (1 - p))


def normal_cdf(x):
    return 0.5 * special.erfc(-x / np.sqrt(2))


def triplet(a, p):
    return np.maximum(0, np.linalg.norm(a - p) - np.linalg.norm(a + 1) + 2)


def scales(a, b):
    return a * b + a / b


def benign_sum(x):
    return np.sum(x * x)


def large_but_fine(x):
    return np.log(x) + np.sqrt(x) * 1e-150


def small_but_fine(x):
    return np.log(x) * x


def zero_times_log(a, y):
    return a * np.log(y)


def one_hot_nll(y, p):
    return -np.sum(y * np.log(p))


def count_power(x):
    return np.sum(x**2.0)


def relu_squared(x):
    return np.maximum(x, 0) ** 2


def abs_cubed(x):
    return np.abs(x) ** 3


def cos_at_zero(x):
    return 1 - np.cos(x) + x


def gaussian_peak(x):
    return np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


def power_of_zero(x, y):
    return x**2 * y + y**0.5


def interp(x):
    return np.sum(np.interp(x, np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 4.0, 9.0])))


def l1(x):
    return np.sum(np.abs(x))


def linf(x):
    return np.max(np.abs(x))


def arctanh_near(x):
    return np.arctanh(x)


def log_cosh(x):
    return np.log(np.cosh(x))


def lse(x):
    return np.log(np.sum(np.exp(x)))


def rosenbrock_minimum(x, y):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def log_ratio(a, b):
    return np.log(a / b)


def cosine_distance(u, v):
    return 1 - np.sum(u * v) / (np.linalg.norm(u) * np.linalg.norm(v))


def variance_one_pass(x):
    return np.mean(x * x) - np.mean(x) ** 2


def cosine_gap(x):
    return (1 - np.cos(x)) / x**2


def exp_quotient(x):
    return (np.exp(x) - 1) / x


def sqrt_gap(x):
    return np.sqrt(1 + x) - 1


MORE = [
    (gini, (np.array([0.163, 0.831, 2.305, 1.301, 0.194, 1.646]),)),
    (
        kl,
        (
            np.array([0.1, 0.2, 0.3, 0.4]),
            np.array([0.25, 0.25, 0.2, 0.3]),
        ),
    ),
    (entropy, (np.array([0.1, 0.2, 0.3, 0.4]),)),
    (
        hellinger,
        (
            np.array([0.1, 0.2, 0.3, 0.4]),
            np.array([0.25, 0.25, 0.2, 0.3]),
        ),
    ),
    (
        normal_loglik,
        (
            0.5,
            1.3,
            np.array([-0.063, 0.731, -2.205, -1.201, -0.094, -1.546]),
        ),
    ),
    (
        gamma_loglik,
        (
            3.0,
            1.2,
            np.array([0.163, 0.831, 2.305, 1.301, 0.194, 1.646]),
        ),
    ),
    (
        beta_loglik,
        (
            2.0,
            3.5,
            np.array([0.2, 0.5, 0.7]),
        ),
    ),
    (
        student_loglik,
        (
            4.0,
            np.array([-0.063, 0.731, -2.205, -1.201, -0.094, -1.546]),
        ),
    ),
    (
        poisson_loglik,
        (
            0.7,
            np.array([3.0, 0.0, 2.0]),
        ),
    ),
    (
        zero_weight,
        (
            np.array([0.0, 3.0]),
            np.array([2.0, -1.0]),
        ),
    ),
    (sum_of_squares_with_zeros, (np.array([0.0, 0.0, 1.0]),)),
    (cubes, (np.array([0.0, 1.0, -2.0]),)),
    (sin_at_zero, (0.0,)),
    (exp_at_zero, (0.0,)),
    (tanh_at_zero, (0.0,)),
    (product_through_zero, (0.0,)),
    (zero_matrix, (np.array([[0.0, 0.0], [0.0, 0.0]]),)),
    (bond, (0.05,)),
    (
        mortgage,
        (
            0.004,
            360.0,
        ),
    ),
    (sharpe, (np.array([0.01, -0.02, 0.03, 0.005]),)),
    (vector_norm_with_zero, (np.array([3.0, 4.0, 0.0]),)),
    (
        right_angle,
        (
            np.array([1.0, 0.0, 0.0]),
            np.array([0.0, 1.0, 0.0]),
        ),
    ),
    (
        cross,
        (
            np.array([1.0, 2.0, 3.0]),
            np.array([-1.0, 0.5, 2.0]),
        ),
    ),
    (
        quadratic,
        (
            1.0,
            -3.0,
            2.0,
        ),
    ),
    (
        atan2_axis,
        (
            1.0,
            0.0,
        ),
    ),
    (
        polar,
        (
            1.0,
            1.0,
        ),
    ),
    (two_body, (np.array([1.0, 0.0, 0.0, 1.2]),)),
    (
        lennard_jones,
        (
            1.1,
            1.0,
            1.0,
        ),
    ),
    (planck, (2.0,)),
    (
        kepler,
        (
            0.3,
            0.6,
        ),
    ),
    (arrhenius, (300.0,)),
    (lorentz, (0.8,)),
    (trapezoid, (np.array([1.0, 2.0, 3.0, 4.0]),)),
    (leaky, (-3.0,)),
    (huber_inside, (0.3,)),
    (sigmoid, (5.0,)),
    (maxi, (np.array([1.0, 5.0, 2.0]),)),
    (sort_pick, (np.array([3.0, 1.0, 2.0, 5.0]),)),
    (median, (np.array([3.0, 1.0, 2.0, 5.0, 4.0]),)),
    (quantile, (np.array([3.0, 1.0, 2.0, 5.0]),)),
    (product_of_equals, (np.array([1.0, 1.0, 1.0]),)),
    (product_with_zero, (np.array([0.0, 2.0, 3.0]),)),
    (variance_of_constant, (np.array([2.0, 2.0, 2.0]),)),
    (mean_of_constant, (np.array([2.0, 2.0, 2.0]),)),
    (safe_log, (0.001,)),
    (eps_norm, (0.0,)),
    (smoothed_norm, (np.array([0.0, 0.0]),)),
    (
        convolution,
        (
            np.array([1.0, 2.0, 4.0]),
            np.array([0.5, 0.25]),
        ),
    ),
    (cumulative, (np.array([1.0, 2.0, 3.0, 4.0]),)),
    (
        bce,
        (
            np.array([0.3, 0.6]),
            np.array([1.0, 0.0]),
        ),
    ),
    (dirichlet, (np.array([0.2, 0.5, 0.3]),)),
    (
        wald,
        (
            1.5,
            0.3,
        ),
    ),
    (logit, (0.5,)),
    (normal_cdf, (2.0,)),
    (
        triplet,
        (
            np.array([1.0, 2.0, 3.0]),
            np.array([1.0, 2.0, 4.0]),
        ),
    ),
    (
        scales,
        (
            100000.0,
            1e-05,
        ),
    ),
    (benign_sum, (np.array([100000000.0, 1.0, -99999997.0]),)),
    (large_but_fine, (1e300,)),
    (small_but_fine, (1e-300,)),
    (
        zero_times_log,
        (
            0.0,
            1.0,
        ),
    ),
    (
        one_hot_nll,
        (
            np.array([0.0, 1.0, 0.0]),
            np.array([0.2, 0.5, 0.3]),
        ),
    ),
    (count_power, (np.array([1.0, 0.0, 2.0]),)),
    (relu_squared, (0.0,)),
    (abs_cubed, (0.0,)),
    (cos_at_zero, (0.0,)),
    (gaussian_peak, (0.0,)),
    (
        power_of_zero,
        (
            0.0,
            2.0,
        ),
    ),
    (interp, (np.array([0.5, 1.5, 2.5]),)),
    (l1, (np.array([1.0, -2.0, 3.0]),)),
    (linf, (np.array([1.0, -2.0, 3.0]),)),
    (arctanh_near, (0.999999,)),
    (log_cosh, (20.0,)),
    (lse, (np.array([0.1, 0.2, 0.3]),)),
    (
        rosenbrock_minimum,
        (
            1.0,
            1.0,
        ),
    ),
    (
        log_ratio,
        (
            1.2,
            1.1,
        ),
    ),
    (
        cosine_distance,
        (
            np.array([1.0, 2.0, 3.0]),
            np.array([1.1, 2.2, 2.9]),
        ),
    ),
    (variance_one_pass, (np.array([4.0, 7.0, 13.0, 16.0]),)),
    (cosine_gap, (0.5,)),
    (exp_quotient, (0.3,)),
    (sqrt_gap, (0.2,)),
]
