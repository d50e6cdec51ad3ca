"""Functions by a blind judge of the doctor, with what was to be found written down before: the rare ones."""

import numpy as np

from tests.check.zoo import function


def genlogistic(x, c):
    return np.log(c) - x - (c + 1) * np.log1p(np.exp(-x))


def negbin(mu, r):
    y = 4.0
    return -(r * np.log(r / (r + mu)) + y * np.log(mu / (r + mu)))


def haversine_anti(lat1, lon1, lat2, lon2):
    a = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * np.arctan2(np.sqrt(a), np.sqrt(1 - a))


def rodrigues(w):
    v = np.array([1.0, 2.0, 3.0])
    th = np.sqrt(np.sum(w * w))
    k = w / th
    r = v * np.cos(th) + np.cross(k, v) * np.sin(th) + k * np.sum(k * v) * (1 - np.cos(th))
    return np.sum(r * np.array([0.3, -1.0, 2.0]))


def quat_log(v, w):
    n = np.sqrt(np.sum(v * v))
    r = v * (2 * np.arctan2(n, w) / n)
    return np.sum(r * np.array([1.0, 2.0, -1.0]))


def slerp(th, t):
    a = np.sin((1 - t) * th) / np.sin(th)
    b = np.sin(t * th) / np.sin(th)
    return a * 2.0 + b * 3.0


def normalised_grad(g):
    v = g * g
    return np.sum(g / (np.sqrt(v) + 1e-8) * np.array([1.0, 2.0]))


def ordinal_batch(m):
    x = np.array([0.2, -0.4])
    s = 0.01
    up = 1 / (1 + np.exp(-(x + 1 / 255 - m) / s))
    lo = 1 / (1 + np.exp(-(x - 1 / 255 - m) / s))
    return -np.sum(np.log(up - lo))


def hmm(p):
    A = np.array([[0.9, 0.1], [0.2, 0.8]])
    B = np.array([[0.01, 0.03], [0.02, 0.005]])
    alpha = np.array([1.0 - p, p])
    for t in range(180):
        alpha = (alpha @ A) * B[t % 2]
    return np.log(np.sum(alpha))


def resistors(r):
    return 1 / np.sum(1 / r)


def poincare(u, v):
    d2 = np.sum((u - v) ** 2)
    a = (1 - np.sum(u**2)) * (1 - np.sum(v**2))
    return np.arccosh(1 + 2 * d2 / a)


def hansen_strain(e):
    stretch = 1 + e
    return np.sum(np.log(stretch) ** 2 / e)


def green_lagrange(h):
    F = 1 + h
    E = 0.5 * (F * F - 1)
    return np.sum(E)


def log_ndtr_diff(s):
    t = np.array([1e-7, 3e-6])
    haz = 1 - np.exp(-t * s)
    return np.sum(np.log(haz))


def sigm_temp_diff(a, b):
    pa = np.exp(a) / (np.exp(a) + 1)
    pb = np.exp(a + b) / (np.exp(a + b) + 1)
    return pb - pa


def crf_chain(s):
    T = np.array([[0.5, -1.0], [2.0, 0.1]])
    a = np.exp(s[0])
    for i in range(1, 4):
        a = np.sum(a[:, None] * np.exp(T), axis=0) * np.exp(s[i])
    return np.log(np.sum(a))


def sinkhorn(f, g):
    C = np.array([[0.0, 1.0], [1.0, 0.2]])
    K = np.exp(-C / 0.001)
    u = np.exp(f / 0.001)
    v = np.exp(g / 0.001)
    return np.log(np.sum(u[:, None] * K * v[None, :]))


def corr_onepass(x, y):
    mx = np.mean(x)
    my = np.mean(y)
    sxy = np.mean(x * y) - mx * my
    sx = np.sqrt(np.mean(x**2) - mx**2)
    sy = np.sqrt(np.mean(y**2) - my**2)
    return sxy / (sx * sy)


def rmsnorm_zero(x):
    rms = np.sqrt(np.mean(x * x, axis=1, keepdims=True))
    y = x / (rms + 1e-6)
    return np.sum(y * np.array([[1.0, 2.0], [3.0, -1.0]]))


def survival_gompertz(b, a):
    t = np.array([1.0, 5.0, 30.0])
    cum = a / b * (np.exp(b * t) - 1)
    return np.sum(cum)


def beta_ll(z):
    k = np.array([3.0, 10.0])
    n = np.array([10.0, 10.0])
    p = np.exp(z) / (1 + np.exp(z))
    return np.sum(k * np.log(p) + (n - k) * np.log(1 - p))


def relu_sqrt(x):
    return np.sum(np.sqrt(np.maximum(x, 0.0)) * np.array([1.0, 2.0, 3.0]))


def discount(r):
    df = np.ones(3)
    for _ in range(300):
        df = df / (1 + r)
    return np.sum(np.log(df))


def ghk(V):
    u = V / 25.0
    x = np.exp(-u)
    return np.sum(u * (140.0 - 5.0 * x) / (1 - x))


def nb_mu(eta):
    n = 3.0
    y = 5.0
    mu = np.exp(eta)
    p = n / (n + mu)
    return -(n * np.log(p) + y * np.log(1 - p))


def tempered(b):
    x = np.array([3.0, -60.0, 45.0])
    w = np.ones(3)
    for t in np.array([0.2, 0.5, 1.0]):
        w = w * np.exp(-0.5 * b * t * x**2)
    return np.log(np.sum(w * np.array([0.0, 1.0, 1.0])))


def kalman_1d(P, R):
    K = P / (P + R)
    return (1 - K) * P


def rayleigh(s):
    x = np.array([50.0, 3.0, 2.0])
    pdf = x / s**2 * np.exp(-(x**2) / (2 * s**2))
    return np.sum(np.log(pdf))


def dice(z):
    y = np.array([0.0, 0.0])
    p = 1 / (1 + np.exp(-z))
    return 1 - (2 * np.sum(p * y) + 1) / (np.sum(p) + np.sum(y) + 1)


def spring(x):
    L0 = 1.0
    L = np.sqrt(1.0 + x**2)
    return 0.5 * 1e4 * (L - L0) ** 2


def power_iter(v):
    M = np.array([[2.0, 1.0], [1.0, 3.0]])
    for _ in range(700):
        v = M @ v
    return np.log(np.sum(v))


def logit_norm(z):
    p = np.exp(z) / np.sum(np.exp(z))
    g = np.prod(p) ** (1 / 3)
    return np.sum(np.log(p / g) * np.array([1.0, -2.0, 0.5]))


def soft_iou(z):
    p = np.exp(z)
    return np.log(1 - np.prod(1 - p))


def returns(r):
    g = np.prod(1 + r)
    return g**252.0 - 1


def max_entropy(t):
    return np.sum(np.log((np.exp(t) - 1) / t))


def ctc_like(e):
    a = np.array([0.5, 0.5])
    for _ in range(40):
        a = np.array([[0.7, 0.3], [0.4, 0.6]]) @ a * e
    return np.log(a[0] + a[1])


def birthday(N):
    i = np.arange(1, 6)
    q = np.prod(1 - i / N)
    return 1 - q


def quat_angle(p, q):
    d = np.sum(p * q) / np.sqrt(np.sum(p * p) * np.sum(q * q))
    return 2 * np.arccos(np.abs(d))


def optical(tau):
    e = np.exp(-tau)
    return np.sum((1 - e) / tau * np.array([1.0, 2.0, 0.5]))


def gp_det(s):
    K = s**2 * (np.eye(4) + 0.3)
    y = np.array([1.0, -1.0, 0.5, 2.0]) * 1e-60
    return -0.5 * np.log(np.linalg.det(K)) - 0.5 * y @ np.linalg.inv(K) @ y


def ewma(r):
    v = 0.0
    for i in range(4):
        v = 0.9 * v + 0.1 * r[i] ** 2
    return 0.5 * np.log(v)


def sigmoid_ratio(a, b):
    p = 1 / (1 + np.exp(-a))
    q = 1 / (1 + np.exp(-b))
    return np.log((p / (1 - p)) / (q / (1 - q)))


def barrier(x):
    s = 1 - np.exp(-np.abs(x))
    return -np.sum(np.log(s))


def curvature(s):
    R = 2.0
    chord = 2 * R * np.sin(s / (2 * R))
    return s - chord


RARE = [
    function(genlogistic, -800.0, 2.5, kinds="overflow", gates="exp"),
    function(negbin, 3.0, 1e16, kinds="cancellation, precision lost, saturation", gates="add divide log"),
    function(haversine_anti, 0.3, 0.1, -0.3000001, 3.2415925, kinds="cancellation", gates="subtract", cured=False),
    function(rodrigues, np.array([0.0, 0.0, 0.0]), kinds="0/0", gates="divide", cured=False),
    function(quat_log, np.array([0.0, 0.0, 0.0]), 1.0, kinds="0/0, 0\u00b7inf, domain", gates="divide sqrt"),
    function(slerp, 0.0, 0.25, kinds="0/0", gates="divide"),
    function(normalised_grad, np.array([0.0, 0.5]), kinds="0\u00b7inf, domain", gates="sqrt", cured=False),
    function(ordinal_batch, -0.5, kinds="cancellation, domain", gates="log subtract"),
    function(hmm, 0.3, kinds="underflow", gates="matmul multiply"),
    function(resistors, np.array([0.0, 2.0, 5.0]), kinds="0\u00b7inf, domain", gates="divide", cured=False),
    function(
        poincare,
        np.array([1e-09, 0.0]),
        np.array([2.5e-10, 5e-10]),
        kinds="cancellation, domain, precision lost",
        gates="add arccosh",
    ),
    function(hansen_strain, np.array([1e-13, 3e-12]), kinds="cancellation, precision lost", gates="add log"),
    function(green_lagrange, np.array([1e-12, 2e-13]), kinds="cancellation, precision lost", gates="add subtract"),
    function(log_ndtr_diff, 1e-06, kinds="cancellation, precision lost", gates="exp subtract"),
    function(sigm_temp_diff, 0.5, 1e-12, kinds="cancellation", gates="subtract"),
    function(
        crf_chain,
        np.array([[200.0, 210.0], [190.0, 180.0], [250.0, 255.0], [200.0, 190.0]]),
        kinds="overflow",
        gates="exp multiply sum",
    ),
    function(sinkhorn, np.array([0.8, 0.9]), np.array([0.3, -0.2]), kinds="overflow, underflow", gates="exp"),
    function(
        corr_onepass,
        np.array([10000001.0, 10000002.0, 10000004.0]),
        np.array([1.0, 2.5, 3.0]),
        kinds="cancellation, domain",
        gates="subtract",
    ),
    function(rmsnorm_zero, np.array([[0.0, 0.0], [1.0, 2.0]]), kinds="0\u00b7inf, domain", gates="sqrt"),
    function(survival_gompertz, 1e-13, 0.02, kinds="cancellation, precision lost", gates="exp subtract"),
    function(beta_ll, np.array([38.0, 0.2]), kinds="cancellation, domain", gates="log subtract"),
    function(relu_sqrt, np.array([-1.0, 4.0, -2.0]), kinds="0\u00b7inf, domain, unused branch", gates="sqrt"),
    function(discount, np.array([20.0, 15.0, 0.05]), kinds="underflow", gates="divide"),
    function(ghk, np.array([0.0, 10.0]), kinds="0/0", gates="divide"),
    function(nb_mu, -40.0, kinds="cancellation, domain, precision lost", gates="add divide log subtract"),
    function(tempered, 1.1, kinds="underflow", gates="exp multiply"),
    function(kalman_1d, 1.0, 1e-17, kinds="cancellation", gates="add divide subtract", cured=False),
    function(rayleigh, 1.1, kinds="underflow", gates="exp"),
    function(dice, np.array([-40.0, -41.0]), kinds="cancellation, precision lost", gates="add subtract"),
    function(spring, 1e-06, kinds="cancellation", gates="add subtract"),
    function(power_iter, np.array([1.0, 0.5]), kinds="overflow", gates="matmul"),
    function(logit_norm, np.array([-500.0, 300.0, 200.0]), kinds="underflow", gates="divide exp multiply prod"),
    function(soft_iou, np.array([-40.0, -42.0, -45.0]), kinds="cancellation, domain", gates="subtract"),
    function(returns, np.array([1e-12, -3e-13, 2e-12]), kinds="cancellation, precision lost", gates="add subtract"),
    function(max_entropy, np.array([0.0, 1e-12, 900.0]), kinds="0/0, overflow", gates="divide exp", cured=False),
    function(ctc_like, np.array([1e-09, 2e-10]), kinds="underflow", gates="matmul multiply"),
    function(birthday, 10000000000000.0, kinds="cancellation, precision lost", gates="subtract"),
    function(
        quat_angle,
        np.array([1.0, 0.0, 0.0, 0.0]),
        np.array([1.0, 1e-09, 0.0, 2e-09]),
        kinds="0\u00b7inf, cancellation, domain, precision lost",
        gates="arccos divide",
    ),
    function(optical, np.array([0.0, 1e-09, 3.0]), kinds="0/0", gates="divide"),
    function(gp_det, 1e-60, kinds="underflow", gates="det"),
    function(ewma, np.array([1e-170, -2e-170, 3e-171, 5e-171]), kinds="underflow", gates="constant_power power"),
    function(sigmoid_ratio, 50.0, 47.0, kinds="cancellation, domain", gates="subtract"),
    function(barrier, np.array([1e-17, 0.3]), kinds="cancellation, domain", gates="subtract"),
    function(curvature, 0.0001, kinds="cancellation", gates="subtract"),
]
