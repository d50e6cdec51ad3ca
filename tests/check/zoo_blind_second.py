"""Functions by a blind judge of the doctor, with what was to be found written down before: the well known ones."""

import numpy as np

from tests.check.zoo import function


def log_add_loop(x):
    s = 0.0
    for i in range(4):
        s = s + np.exp(x[i])
    return np.log(s)


def log1p_feature(x):
    y = np.log(1 + x)
    return np.sum(y / x)


def triplet(a, n):
    dp = np.sqrt(np.sum((a - a * 0.5) ** 2))
    dn = np.sqrt(np.sum((a - n) ** 2))
    return np.log(1 + np.exp(3000 * (dp - dn)))


def hinge_eps(x, y):
    d2 = np.sum((x - y) ** 2)
    d = np.sqrt(d2)
    return np.exp(-(d**2)) + d**4


def rbf(x, y):
    sq = np.sum(x**2) + np.sum(y**2) - 2 * np.sum(x * y)
    return np.sqrt(sq)


def gumbel_softmax(logits):
    g = np.array([0.3, -0.2, 1.1])
    y = np.exp((logits + g) / 0.005)
    y = y / y.sum()
    return np.sum(y * np.array([0.0, 1.0, 2.0]))


def crossent_clip(z):
    p = 1 / (1 + np.exp(-z))
    return -np.log(p + 1e-320)


def line_fit(x, y):
    n = len(x)
    num = n * np.sum(x * y) - np.sum(x) * np.sum(y)
    den = n * np.sum(x**2) - np.sum(x) ** 2
    return num / den


def ray_sphere(o, c):
    d = np.array([0.0, 0.6, 0.8])
    b = 2 * np.dot(o, d)
    t = (-b - np.sqrt(b * b - 4 * c)) / 2
    return t


def mdn(a, mu, ls):
    y = 3.0
    pi = np.exp(a) / np.sum(np.exp(a))
    comp = np.exp(-0.5 * ((y - mu) / np.exp(ls)) ** 2) / np.exp(ls)
    return -np.log(np.sum(pi * comp))


def margin_dist(R, a):
    z = R - np.sqrt(R * R - a * a)
    return np.sum(z)


def softmax_temp_max(q):
    w = 50.0
    return np.log(np.sum(np.exp(w * q)) / len(q)) / w


def log_sigmoid_pairs(pos, neg):
    diff = 2.0 * (pos - neg)
    s = 1 / (1 + np.exp(-diff))
    return -np.mean(np.log(s))


def rot_exp_eps(a):
    th2 = np.sum(a * a)
    th = np.sqrt(th2)
    w = a / (th + 1e-6)
    c = np.cos(th)
    r = c + w[0] * w[0] * (1 - c) + w[2] * np.sin(th)
    return r


def geodesic(t):
    R = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    c = np.cos(t)
    tr = R[0, 0] * c + R[1, 1] * c + R[2, 2]
    return np.arccos((tr - 1) / 2)


def nb_mu_big(eta):
    n = 3.0
    y = 5.0
    mu = np.exp(eta)
    return -(n * np.log(n / (n + mu)) + y * np.log(mu / (n + mu)))


def bernoulli_probs(beta):
    X = np.array([[1.0, 50.0], [1.0, -45.0], [1.0, 0.2]])
    y = np.array([0.0, 1.0, 1.0])
    p = 1 / (1 + np.exp(-(X @ beta)))
    return np.sum(np.where(y > 0, np.log(p), np.log(1 - p)))


def diag_mix(loc):
    x = np.array([300.0, -42.0, 3.0])
    probs = np.array([0.2, 0.8])
    s = np.array([[1.0, 2.0, 0.5], [0.7, 1.0, 1.0]])
    eps2 = 0.5 * np.sum(((x - loc) / s) ** 2, axis=-1)
    result = probs * np.exp(-eps2) / np.prod(s, axis=-1)
    return np.log(np.sum(result))


def label_smooth(z):
    t = np.array([0.9, 0.05, 0.05])
    p = np.exp(z)
    p /= p.sum()
    return -(t * np.log(p)).sum()


def softplus_where(x):
    return np.sum(np.where(x > 30.0, x, np.log(1.0 + np.exp(x))))


def gram_schmidt(a, b):
    q = a / np.sqrt(np.sum(a * a))
    r = np.sum(q * b)
    return np.sqrt(np.sum(b * b) - r * r)


def welford_like(x):
    w = np.array([0.25, 0.5, 0.25])
    return np.sum(w * x**2) - np.sum(w * x) ** 2


def snr_db(s, n):
    ps = np.mean(s**2)
    pn = np.mean(n**2)
    return 10 * np.log10(ps / pn)


def hinge_lse(pos, neg):
    d = neg[None, :] - pos[:, None]
    return np.log(1 + np.sum(np.exp(50 * d))) / 50


def clip_acos(a, b):
    a = a / np.linalg.norm(a)
    b = b / np.linalg.norm(b)
    return np.arccos(np.clip(np.dot(a, b), -1.0, 1.0))


def pendulum(th, om):
    m = 1.5
    kin = 0.5 * m * om**2
    pot = m * 9.81 * (1 - np.cos(th))
    return kin + pot


def sigmoid_grad_by_hand(x):
    p = 1 / (1 + np.exp(-x))
    return np.sum(np.log(p * (1 - p)))


def batch_softmax_transposed(z):
    mask = np.array([[True, False], [True, True]])
    e = np.exp(z)
    p = e / np.sum(e, axis=0)
    return -np.sum(np.where(mask, np.log(p), 0.0))


def sac_logp(u):
    mu = np.array([0.5, 24.0])
    lp = -0.5 * (u - mu) ** 2
    corr = np.log(1 - np.tanh(u) ** 2)
    return np.sum(lp - corr)


def logcosh_loss(p):
    y = np.array([0.0, 1.0, 2000.0])
    return np.mean(np.log(np.cosh(p - y)))


def plackett(s):
    out = 0.0
    for i in range(3):
        out = out - np.log(np.exp(s[i]) / np.sum(np.exp(s[i:])))
    return out


def masked_softmax(z):
    mask = np.array([1.0, 1.0, 0.0])
    e = np.exp(z) * mask
    p = e / np.sum(e)
    return np.sum(p * np.array([1.0, 3.0, 7.0]))


def onehot_ce(p):
    y = np.array([0.0, 1.0, 0.0])
    return -np.sum(y * np.log(p))


def normalize_big(v):
    u = v / np.sqrt(np.sum(v**2))
    return u[0] + 2 * u[1]


def lse_pool(x):
    r = 10.0
    return np.log(np.mean(np.exp(r * x))) / r


def poisson_any(lam):
    p = 1 - np.exp(-lam)
    return np.sum(np.log(p))


def cosine_distance(a, b):
    na = np.sqrt(np.sum(a * a))
    nb = np.sqrt(np.sum(b * b))
    return 1 - np.sum(a * b) / (na * nb)


def multi_focal(z):
    p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
    pt = p[np.arange(2), np.array([0, 1])]
    return -np.mean((1 - pt) ** 2 * np.log(pt))


def pos_weight(z):
    y = np.array([1.0, 0.0])
    w = np.array([3.0, 1.0])
    p = 1 / (1 + np.exp(-z))
    return np.mean(-w * (y * np.log(p) + (1 - y) * np.log(1 - p)))


def norm_axis(X):
    D = np.linalg.norm(X[:, None] - X[None, :], axis=-1)
    return np.mean(D)


def rotor(a, b):
    r = np.sqrt(a**2 + b**2)
    c = a / r
    s = b / r
    return 2.0 * c - s


SECOND = [
    function(log_add_loop, np.array([-900.0, -901.0, -902.0, -899.0]), kinds="underflow", gates="exp"),
    function(log1p_feature, np.array([1e-10, 2e-12]), kinds="cancellation, precision lost", gates="add log"),
    function(triplet, np.array([1.0, 2.0]), np.array([0.3, 2.1]), kinds="overflow", gates="exp"),
    function(hinge_eps, np.array([1.0, 2.0]), np.array([1.0, 2.0]), kinds="0\u00b7inf, domain", gates="sqrt"),
    function(
        rbf, np.array([1000.0, 2000.0]), np.array([1000.0000001, 2000.0000003]), kinds="cancellation, domain", gates="subtract"
    ),
    function(gumbel_softmax, np.array([5.0, 5.49, 4.2]), kinds="overflow", gates="exp", cured=False),
    function(crossent_clip, -720.0, kinds="overflow", gates="exp"),
    function(
        line_fit,
        np.array([300000001.25, 300000002.5, 300000003.0]),
        np.array([1.5, 2.25, 7.0]),
        kinds="cancellation",
        gates="subtract",
    ),
    function(ray_sphere, np.array([0.0, -1000.0, -10000.0]), 0.001, kinds="cancellation", gates="subtract"),
    function(mdn, np.array([0.3, -0.1]), np.array([-1.0, 9.0]), np.array([-3.0, -2.5]), kinds="underflow", gates="exp"),
    function(margin_dist, np.array([100000.0, 3000000.0]), np.array([0.02, 0.5]), kinds="cancellation", gates="subtract"),
    function(softmax_temp_max, np.array([20.0, 19.9, 3.0]), kinds="overflow", gates="exp"),
    function(log_sigmoid_pairs, np.array([-300.0, 1.0]), np.array([100.0, 0.5]), kinds="overflow", gates="exp"),
    function(rot_exp_eps, np.array([0.0, 0.0, 0.0]), kinds="0\u00b7inf, domain", gates="sqrt"),
    function(geodesic, 1e-09, kinds="0\u00b7inf, cancellation, domain, precision lost", gates="arccos cos divide"),
    function(nb_mu_big, np.float64(800.0), kinds="overflow", gates="exp"),
    function(bernoulli_probs, np.array([0.3, 1.0]), kinds="cancellation, domain", gates="log subtract"),
    function(diag_mix, np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]), kinds="underflow", gates="exp"),
    function(label_smooth, np.array([900.0, -20.0, 3.0]), kinds="overflow", gates="exp"),
    function(softplus_where, np.array([1000.0, -2.0, 5.0]), kinds="overflow, unused branch", gates="exp"),
    function(gram_schmidt, np.array([1.0, 0.0, 0.0]), np.array([1.0, 1e-09, 0.0]), kinds="cancellation, domain", gates="subtract"),
    function(welford_like, np.array([1000000.1, 1000000.2, 1000000.35]), kinds="cancellation", gates="subtract"),
    function(snr_db, np.array([1e-170, 2e-170]), np.array([1.0, 2.0]), kinds="underflow", gates="constant_power power"),
    function(hinge_lse, np.array([0.2, -30.0]), np.array([0.9, 1.0]), kinds="overflow", gates="exp"),
    function(
        clip_acos,
        np.array([1.0, 2.0, 2.0]),
        np.array([1.0, 2.0, 2.0000001]),
        kinds="0\u00b7inf, cancellation, domain, kink, precision lost, saturation",
        gates="arccos matmul",
    ),
    function(pendulum, 1e-09, 1e-09, kinds="cancellation", gates="cos subtract"),
    function(sigmoid_grad_by_hand, np.array([45.0, 2.0, -3.0]), kinds="cancellation, domain", gates="log subtract"),
    function(batch_softmax_transposed, np.array([[800.0, -800.0], [3.0, 2.0]]), kinds="overflow, underflow", gates="exp"),
    function(sac_logp, np.array([0.3, 25.0]), kinds="cancellation, domain", gates="log subtract"),
    function(logcosh_loss, np.array([0.1, 3.0, 5.0]), kinds="overflow", gates="cosh"),
    function(plackett, np.array([900.0, -3.0, 2.0]), kinds="overflow", gates="exp"),
    function(masked_softmax, np.array([1.0, 2.0, 1000.0]), kinds="0\u00b7inf, overflow", gates="exp multiply"),
    function(onehot_ce, np.array([0.0, 0.7, 0.3]), kinds="0\u00b7inf, domain", gates="log"),
    function(normalize_big, np.array([3e200, 4e200]), kinds="overflow", gates="constant_power power"),
    function(lse_pool, np.array([[90.0, 12.0], [3.0, 89.0]]), kinds="overflow", gates="exp"),
    function(poisson_any, np.array([1e-14, 2e-15, 0.5]), kinds="cancellation, precision lost", gates="exp subtract"),
    function(cosine_distance, np.array([1.0, 0.0]), np.array([1.0, 1e-07]), kinds="cancellation", gates="divide subtract"),
    function(multi_focal, np.array([[-800.0, 10.0, 3.0], [1.0, 2.0, 0.0]]), kinds="underflow", gates="divide exp"),
    function(pos_weight, np.array([-750.0, 60.0]), kinds="cancellation, overflow", gates="exp subtract"),
    function(norm_axis, np.array([[0.0, 1.0], [2.0, 5.0]]), kinds="0\u00b7inf, domain", gates="sqrt"),
    function(rotor, 1e-200, 3e-200, kinds="underflow", gates="constant_power power"),
]
