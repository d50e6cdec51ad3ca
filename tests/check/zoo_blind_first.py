"""Functions by a blind judge of the doctor, with what was to be found written down before: the well known ones."""

import numpy as np

from tests.check.zoo import function


def ce_rows(logits):
    y = np.array([0, 2])
    E = np.exp(logits)
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(2), y]))


def bce(z):
    y = np.array([1.0, 0.0, 1.0])
    p = 1 / (1 + np.exp(-z))
    terms = y * np.log(p) + (1 - y) * np.log(1 - p)
    return -np.mean(terms)


def bce_overflow(w):
    X = np.array([[100.0, -3.0], [-250.0, 10.0]])
    y = np.array([1.0, 0.0])
    h = 1.0 / (1.0 + np.exp(-(X @ w)))
    return -np.sum(y * np.log(h) + (1 - y) * np.log(1 - h))


def lse_axis(a):
    s = np.exp(a).sum(axis=1)
    return np.sum(np.log(s) * np.array([1.0, 2.0]))


def norm_sq_zero(x):
    n = np.sqrt(np.sum(x * x))
    return n**2


def exp_norm_sq(x):
    return np.exp(-1.0 * np.linalg.norm(x) ** 2)


def pdist(X):
    d = X[:, None, :] - X[None, :, :]
    D = np.sqrt(np.sum(d * d, axis=-1))
    return 0.5 * np.sum(D)


def where_sqrt(x):
    return np.where(x < 1.0, x, np.sqrt(x))


def where_sinc(x):
    y = np.sin(x) / x
    return np.sum(np.where(x == 0.0, 1.0, y) * np.array([1.0, 3.0]))


def where_log(x):
    mask = np.array([False, True, False])
    return np.sum(np.where(mask, x * np.log(x), 0.0))


def elu(x):
    neg = np.exp(x) - 1
    return np.sum(np.where(x > 0, x, neg))


def entropy_logits(z):
    e = np.exp(z - np.max(z))
    p = e / np.sum(e)
    return -np.sum(p * np.log(p))


def kl_logits(a, b):
    p = np.exp(a) / np.sum(np.exp(a))
    q = np.exp(b) / np.sum(np.exp(b))
    return np.sum(p * (np.log(p) - np.log(q)))


def gmm(mu):
    x = np.array([60.0, 61.0, -55.0])
    w = np.array([0.3, 0.7])
    dens = np.exp(-0.5 * (x[:, None] - mu[None, :]) ** 2) / np.sqrt(2 * np.pi)
    return -np.sum(np.log(dens @ w))


def std_const(x):
    m = np.mean(x)
    s = np.sqrt(np.mean((x - m) ** 2))
    z = (x - m) / (s + 1e-5)
    return np.sum(z * np.array([1.0, 2.0, 4.0]))


def cosine_zero(a, b):
    na = np.sqrt(np.sum(a**2))
    nb = np.sqrt(np.sum(b**2))
    return np.sum(a * b) / np.maximum(na * nb, 1e-8)


def var_onepass(x):
    m = np.mean(x)
    m2 = np.mean(x**2)
    return m2 - m**2


def cov_onepass(x, y):
    n = len(x)
    return (np.sum(x * y) - np.sum(x) * np.sum(y) / n) / (n - 1)


def poisson_log(eta):
    y = np.array([3.0, 0.0])
    rate = np.exp(eta)
    return np.sum(rate - y * np.log(rate))


def cox(beta):
    x = np.array([[3.0, 1.0], [-2.0, 0.5], [1.0, 4.0]])
    eta = x @ beta
    risk = np.cumsum(np.exp(eta))
    return -np.sum(eta - np.log(risk))


def logistic_logpdf(x):
    return np.sum(-x - 2.0 * np.log1p(np.exp(-x)))


def angle(a, b):
    na = np.sqrt(a @ a)
    nb = np.sqrt(b @ b)
    return np.arccos((a @ b) / (na * nb))


def law_cosines(a, b, C):
    sq = a**2 + b**2 - 2 * a * b * np.cos(C)
    return np.sqrt(sq)


def heron(a, b, c):
    s = (a + b + c) / 2
    return np.sqrt(s * (s - a) * (s - b) * (s - c))


def focal(z):
    p = 1 / (1 + np.exp(-z))
    return np.sum(-((1 - p) ** 2) * np.log(p))


def pseudo_huber(r):
    d = 2.0
    return np.sum(d**2 * (np.sqrt(1 + (r / d) ** 2) - 1))


def log_prod(p):
    return np.log(np.prod(p**30))


def geo_mean(x):
    n = len(x)
    return np.prod(x) ** (1.0 / n)


def log_det(A):
    d = np.linalg.det(A)
    return np.log(d)


def big_norm(x):
    return np.sqrt(np.sum(x**2))


def small_normalize(v):
    n = np.sqrt(np.sum(v * v))
    u = v / n
    return np.sum(u * np.array([1.0, -2.0, 0.5]))


def softmin(a, b, c):
    g = 0.001
    return -g * np.log(np.exp(-a / g) + np.exp(-b / g) + np.exp(-c / g))


def iwae(lw):
    w = np.exp(lw)
    return np.log(np.mean(w))


def ess(lw):
    w = np.exp(lw)
    return np.sum(w) ** 2 / np.sum(w**2)


def student(x, nu):
    return 0.5 * (nu + 1) * np.log(1 + x**2 / nu)


def pnorm(x):
    p = 400
    return np.sum(np.abs(x) ** p) ** (1 / p)


def boltzmann(E):
    w = np.exp(-E / 0.01)
    Z = np.sum(w)
    return np.sum(E * w) / Z


def attention(q, K):
    s = K @ q
    a = np.exp(s)
    a = a / np.sum(a)
    return np.sum(a * np.array([1.0, 2.0, 3.0]))


def contrastive(sim):
    t = 0.001
    e = np.exp(sim / t)
    return -np.mean(np.log(np.diag(e) / np.sum(e, axis=1)))


def archimedes(t):
    n = 6
    for _ in range(22):
        t = (np.sqrt(t * t + 1) - 1) / t
        n = 2 * n
    return n * t


FIRST = [
    function(ce_rows, np.array([[1000.0, 2.0, 3.0], [-5.0, 4.0, 1.5]]), kinds="overflow", gates="exp"),
    function(bce, np.array([40.0, -3.0, 0.5]), kinds="0\u00b7inf, cancellation, domain", gates="log subtract"),
    function(bce_overflow, np.array([-9.0, 2.0]), kinds="overflow", gates="exp"),
    function(lse_axis, np.array([[-800.0, -801.0], [3.0, 900.0]]), kinds="overflow, underflow", gates="exp"),
    function(norm_sq_zero, np.array([0.0, 0.0]), kinds="0\u00b7inf, domain", gates="sqrt"),
    function(exp_norm_sq, np.array([0.0, 0.0]), kinds="0\u00b7inf, domain", gates="sqrt"),
    function(pdist, np.array([[0.0, 1.0], [3.0, 5.0], [-2.0, 0.5]]), kinds="0\u00b7inf, domain", gates="sqrt"),
    function(where_sqrt, 0.0, kinds="0\u00b7inf, domain, unused branch", gates="sqrt"),
    function(where_sinc, np.array([0.0, 1.5]), kinds="0/0, 0\u00b7inf, unused branch", gates="divide"),
    function(where_log, np.array([0.0, 2.0, 0.0]), kinds="0/0, 0\u00b7inf, domain, unused branch", gates="log multiply"),
    function(elu, np.array([1000.0, -2.0]), kinds="overflow, unused branch", gates="exp"),
    function(entropy_logits, np.array([0.0, -800.0, 1.0]), kinds="0\u00b7inf, domain, underflow", gates="exp log"),
    function(kl_logits, np.array([1.0, 2.0, 3.0]), np.array([0.0, 800.0, 1.0]), kinds="overflow, underflow", gates="exp"),
    function(gmm, np.array([0.0, 1.0]), kinds="underflow", gates="exp"),
    function(std_const, np.array([3.0, 3.0, 3.0]), kinds="0\u00b7inf, domain", gates="sqrt"),
    function(cosine_zero, np.array([0.0, 0.0]), np.array([1.0, 2.0]), kinds="0\u00b7inf, domain, unused branch", gates="sqrt"),
    function(var_onepass, np.array([100000001.0, 100000002.0, 100000004.0, 100000007.0]), kinds="cancellation", gates="subtract"),
    function(
        cov_onepass,
        np.array([100000001.25, 100000002.5, 100000004.0]),
        np.array([199999997.0, 200000001.75, 200000005.0]),
        kinds="cancellation",
        gates="subtract",
    ),
    function(poisson_log, np.array([-800.0, 1.0]), kinds="underflow", gates="exp"),
    function(cox, np.array([400.0, 10.0]), kinds="overflow", gates="exp"),
    function(logistic_logpdf, np.array([-800.0, 800.0, 1.0]), kinds="overflow", gates="exp"),
    function(
        angle,
        np.array([1.0, 0.0, 0.0]),
        np.array([1.0, 1e-09, 0.0]),
        kinds="0\u00b7inf, cancellation, domain, precision lost",
        gates="arccos divide",
    ),
    function(law_cosines, 2.0, 2.0, 1e-09, kinds="0\u00b7inf, cancellation, domain", gates="cos subtract"),
    function(heron, 1.0, 1.0, 3e-10, kinds="cancellation", gates="add divide subtract", cured=False),
    function(focal, np.array([-800.0, 2.0]), kinds="overflow", gates="exp"),
    function(pseudo_huber, np.array([1e-08, 3e-07]), kinds="cancellation", gates="add subtract"),
    function(
        log_prod,
        np.array(
            [
                0.01,
                0.01090909090909091,
                0.011818181818181818,
                0.012727272727272728,
                0.013636363636363637,
                0.014545454545454545,
                0.015454545454545455,
                0.016363636363636365,
                0.017272727272727273,
                0.01818181818181818,
                0.01909090909090909,
                0.02,
            ]
        ),
        kinds="underflow",
        gates="constant_power power prod",
    ),
    function(geo_mean, np.array([1e150, 2e120, 3e100, 5e50]), kinds="overflow", gates="prod"),
    function(
        log_det,
        np.array([[1e-150, 1e-170, 1e-170], [1e-170, 2e-120, 1e-170], [1e-170, 1e-170, 1e-100]]),
        kinds="underflow",
        gates="det",
    ),
    function(big_norm, np.array([3e180, 4e180, 1e100]), kinds="overflow", gates="constant_power multiply power"),
    function(small_normalize, np.array([1e-170, 2e-170, -3e-170]), kinds="underflow", gates="constant_power multiply power"),
    function(softmin, 2.0, 2.001, 5.0, kinds="underflow", gates="exp"),
    function(iwae, np.array([-1000.0, -1001.0, -1003.5]), kinds="underflow", gates="exp"),
    function(ess, np.array([-800.0, -801.0, -800.5]), kinds="underflow", gates="exp"),
    function(student, 1.5, 1000000000000000.0, kinds="cancellation, precision lost", gates="add log"),
    function(pnorm, np.array([10.0, 9.9, 3.0]), kinds="overflow", gates="constant_power power"),
    function(boltzmann, np.array([10.0, 10.01, 10.05]), kinds="underflow", gates="exp"),
    function(
        attention, np.array([30.0, 40.0]), np.array([[20.0, 10.0], [20.0, 10.02], [-1.0, 5.0]]), kinds="overflow", gates="exp"
    ),
    function(contrastive, np.array([[0.9, 0.1], [0.3, 0.95]]), kinds="overflow", gates="exp", cured=False),
    function(archimedes, 0.5773502691896258, kinds="cancellation", gates="subtract"),
]
