"""Cases reported in the trackers of differentiation libraries, written down before the doctor saw them.

Norms, branches not taken, logarithms of probabilities, tails of distributions, rotations, hyperbolic distances.
"""

import numpy as np
from scipy import special

from tests.check.zoo import Case, formula, function


def bell_of_norm(x):
    return np.exp(-1.0 * np.linalg.norm(x) ** 2)


def std_of_one(x):
    return np.std(x)


def norms_where(x):
    n = np.sqrt(np.sum(x**2, axis=1))
    return np.sum(np.where(n > 0.5, n, np.ones_like(n)))


def arctan2_where(a):
    b = np.arctan2(a, a)
    return np.sum(np.where(np.array([0.0, 1.0, 0.0]) > 0.5, 0.0, b))


def optax_kl(q):
    logp = np.array([-1.9, -1.4, -0.4, -3.4])
    return np.sum(np.where(q == 0, 0.0, q * (np.log(q) - logp)))


def kl_of_zero_probability(p, q):
    return np.sum(p * np.log(p / q))


def bernoulli_kl(z):
    q = 1 / (1 + np.exp(-z))
    p = np.array([0.5, 0.5, 0.5])
    return np.sum(q * (np.log(q) - np.log(p)) + (1 - q) * (np.log(1 - q) - np.log(1 - p)))


def stick_breaking_dirichlet(y):
    z = 1 / (1 + np.exp(-y))
    rest = np.cumprod(1 - z)
    x0, x1, x2 = z[0], z[1] * rest[0], z[2] * rest[1]
    return 1.5 * np.log(x0) + 9 * np.log(x1) + 1.0 * np.log(x2) + 2 * np.log(rest[2])


def pointer_network(p, a, b):
    sa = np.exp(a) / np.sum(np.exp(a))
    sb = np.exp(b) / np.sum(np.exp(b))
    return -np.log(p * sa[2] + (1 - p) * sb[2])


def logsumexp_of_nothing(x):
    return np.log(np.sum(np.exp(x)))


def all_masked_attention(s, v):
    mask = np.array([[0.0, 0.0], [-np.inf, -np.inf]])
    e = np.exp(s + mask)
    p = e / np.sum(e, axis=1, keepdims=True)
    return np.sum((p @ v)[0])


def gamma_correction(y):
    return np.minimum(np.maximum(y, 0.0), 1.0) ** (1 / 2.4)


def tanh_flow(x):
    return np.sum(np.log(1 - np.tanh(x) ** 2))


def pairwise_distances(x):
    d = x[:, None, :] - x[None, :, :]
    return np.sum(np.sqrt(np.sum(d**2, -1)))


def gram_distances(x):
    sq = np.sum(x * x, axis=1)
    d2 = sq[:, None] + sq[None, :] - 2 * (x @ x.T)
    return np.sqrt(d2[0, 1])


def distance_to_itself(x):
    return np.sum((x - x) ** 2) ** 0.5


def quaternion_log(w, v):
    n = np.sqrt(np.sum(v * v) + 1e-16)
    return np.sum(v * np.arccos(np.clip(w, -1, 1)) / n)


def axis_angle_where(v):
    t = np.sqrt(np.sum(v * v))
    return np.sum(np.where(t > 0, np.sin(t / 2) / t, 0.5) * v)


def axis_angle_bare(v):
    t = np.sqrt(np.sum(v * v))
    return np.sum(np.sin(t / 2) / t * v)


def quaternion_to_axis_angle(w, v):
    s = np.sqrt(np.sum(v * v))
    return np.sum(2 * np.arctan2(s, w) / s * v)


def rotation_angle_at_identity(R):
    return np.arccos((np.trace(R) - 1) / 2)


def angle_nearly_parallel(u, v):
    return np.arccos(np.sum(u * v) / (np.sqrt(np.sum(u * u)) * np.sqrt(np.sum(v * v))))


def normal_log_cdf(x):
    return np.log(0.5 * special.erfc(-x / np.sqrt(2)))


def normal_survival(x):
    return 1 - 0.5 * (1 + special.erf(x / np.sqrt(2)))


def erfcx_by_hand(x):
    return np.exp(x * x) * special.erfc(x)


def log_erfc(x):
    return np.log(special.erfc(x))


def gelu_by_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gumbel_softmax(scores):
    z = (scores + np.array([0.3, -0.2, 1.1])) / 0.003
    y = np.exp(z) / np.sum(np.exp(z))
    return -np.log(y[0])


def poincare_close(u, v):
    d = np.sum((u - v) ** 2)
    return np.arccosh(1 + 2 * d / ((1 - np.sum(u * u)) * (1 - np.sum(v * v))))


def poincare_same(u):
    v = np.array([0.3, 0.4])
    d = np.sum((u - v) ** 2)
    return np.arccosh(1 + 2 * d / ((1 - np.sum(u * u)) * (1 - np.sum(v * v))))


def log_minus_expm1(x):
    return np.log(-np.expm1(x))


def logit_of_log_probability(x):
    return x - np.log(1 - np.exp(x))


def negative_binomial(eta, alpha):
    mu = np.exp(eta)
    return 3 * np.log(mu / (mu + alpha)) + alpha * np.log(alpha / (mu + alpha))


def zero_inflated_poisson(z, mu):
    pi = 1 / (1 + np.exp(-z))
    return np.log(pi + (1 - pi) * np.exp(-mu))


def beta_logpdf_of_sigmoid(x):
    p = 1 / (1 + np.exp(-x))
    return 1.5 * np.log(p) + 2.5 * np.log(1 - p)


def beta_at_edge(x):
    return (1.0 - 1) * np.log(x) + 2.0 * np.log1p(-x)


def elbo_softplus(x, mu):
    var = np.log(1 + np.exp(x))
    return 0.5 * (var + mu * mu - 1 - np.log(var))


def weibull_at_zero(x, lam):
    return np.log(1 / lam) + (1.0 - 1) * np.log(x / lam) - (x / lam)


def bce_exact(p):
    y = np.array([0.0, 1.0, 1.0])
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def entropy_of_softmax(z):
    p = np.exp(z) / np.sum(np.exp(z))
    return -np.sum(p * np.log(p))


def gaussian_mixture(x):
    w = np.array([0.3, 0.7])
    m = np.array([0.0, 1.0])
    s = np.array([1.0, 0.5])
    return np.log(np.sum(w * np.exp(-0.5 * ((x - m) / s) ** 2) / (s * np.sqrt(2 * np.pi))))


def log_det(M):
    return np.log(np.linalg.det(M))


def geometric_mean(x):
    return np.prod(x) ** (1 / 3)


def shifted_logsumexp_of_nothing(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def cosine_similarity_zero(u, v):
    return np.sum(u * v) / (np.linalg.norm(u) * np.linalg.norm(v))


def normalise_tiny(x):
    return (x / np.sqrt(np.sum(x**2)))[0]


def quadratic_overflow(a, b, c):
    return (-b + np.sqrt(b * b - 4 * a * c)) / (2 * a)


def great_circle_by_cosines(p, u, q, v):
    return np.arccos(np.sin(p) * np.sin(q) + np.cos(p) * np.cos(q) * np.cos(u - v))


def haversine_same_place(p, u):
    h = np.sin((p - 0.8) / 2) ** 2 + np.cos(p) * np.cos(0.8) * np.sin((u - 0.3) / 2) ** 2
    return 2 * np.arcsin(np.sqrt(h))


def heron_needle(a, b, c):
    s = (a + b + c) / 2
    return np.sqrt(s * (s - a) * (s - b) * (s - c))


def variance_one_pass(x):
    return np.mean(x * x) - np.mean(x) ** 2


def black_scholes_at_expiry(S, Kk, T):
    d = (np.log(S / Kk) + 0.02 * T) / (0.2 * np.sqrt(T))
    return S * 0.5 * (1 + special.erf(d / np.sqrt(2))) - Kk * 0.5 * (1 + special.erf((d - 0.2 * np.sqrt(T)) / np.sqrt(2)))


def kinetic_energy(v):
    c = 299792458.0
    return c**2 * (1 / np.sqrt(1 - v**2 / c**2) - 1)


def mish(x):
    return x * np.tanh(np.log(1 + np.exp(x)))


def logit_of_sigmoid(x):
    p = 1 / (1 + np.exp(-x))
    return np.log(p / (1 - p))


def log_sigmoid_slope(x):
    p = 1 / (1 + np.exp(-x))
    return np.log(p * (1 - p))


def p_norm_overflow(x):
    return np.sum(np.abs(x) ** 10) ** 0.1


def p_norm_underflow(x):
    return np.sum(np.abs(x) ** 10) ** 0.1


def smooth_max(x):
    return 1e-3 * np.log(np.sum(np.exp(x / 1e-3)))


def triplet_loss(a, p):
    n = np.array([1.1, 2.0])
    return np.maximum(0, np.sqrt(np.sum((a - p) ** 2)) - np.sqrt(np.sum((a - n) ** 2)) + 1)


def info_nce(q, keys):
    s = (keys @ q) / 0.001
    return -np.log(np.exp(s[0]) / np.sum(np.exp(s)))


def layer_norm_constant(x):
    return ((x - np.mean(x)) / np.std(x))[0]


def dice_of_nothing(p):
    t = np.array([0.0, 0.0])
    return 2 * np.sum(p * t) / (np.sum(p) + np.sum(t))


def second_of_ties(x):
    return np.sort(x)[1]


def median_tie(x):
    return np.median(x)


def top_two(x):
    return np.sum(np.sort(x)[-4:])


REPORTED: list[Case] = [
    formula("where(a < 15, a, 10^exp(a))", "unused branch", "power", a=10),
    formula("0.5*log((1+x)/(1-x))", "precision lost", "log", x=1e-12),
    formula("-(1 - p)^0.5*log(p); p = 1/(1+exp(-x))", "cancellation", "subtract", x=60),
    formula("log(0.5*(1+erf(x/sqrt(2))))", "cancellation", "add", x=-10),
    formula("0.5*x*(1+erf(x/sqrt(2)))", "cancellation", "add", x=-10),
    formula("z + log(1 + 1/exp(z))", "underflow", "exp", z=-1000),
    formula("3*log(m) - m; m = exp(t)", "underflow", "exp", t=-800),
    formula("log(exp(a) - exp(b))", "underflow", "exp", a=-1000, b=-1001),
    formula("x^3/(exp(x)-1)", "0/0", "divide", x=0),
    formula("(-b + sqrt(b^2 - 4a*c))/(2a)", "cancellation", "add", a=1, b=1000000000.0, c=1),
    formula("((1+r)^10 - 1)/r", "0/0", "divide", r=0),
    formula("r/(1-(1+r)^(-360))", "cancellation", "subtract", r=1e-13),
    formula("1/(1/x+1/y)", "0·inf", "divide", x=0, y=2),
    formula("1/(1+(3/w)^2)", "0·inf", "divide", w=0),
    formula("exp(-1/x^2)", "0·inf", "divide", x=0),
    formula("atanh(tanh(x))", "precision lost", "arctanh", x=20),
    formula("acos(cos(x))", "precision lost", "arccos", x=1e-9),
    formula("sqrt(abs(x))", "0·inf", "sqrt", x=0),
    formula("log(x^2)", "underflow", "constant_power", x=1e-200),
    formula("atan(x+1)-atan(x)", "cancellation", "subtract", x=1000000000.0),
    formula("exp(a)*exp(b)/exp(a+b)", "overflow", "multiply", a=400, b=400),
    function(bell_of_norm, np.array([[0.0], [0.0]]), kinds="0·inf", gates="sqrt"),
    function(std_of_one, np.array([0.7]), kinds="0·inf", gates="sqrt"),
    function(norms_where, np.array([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]), kinds="unused branch", gates="sqrt"),
    function(arctan2_where, np.array([3.0, 0.0, -5.0]), kinds="unused branch", gates="arctan2"),
    function(optax_kl, np.array([0.0, 0.4, 0.6, 0.0]), kinds="unused branch", gates="log"),
    function(kl_of_zero_probability, np.array([0.5, 0.5, 0.0]), np.array([0.5, 0.3, 0.2]), kinds="0·inf", gates="log"),
    function(bernoulli_kl, np.array([10.3, -6.0, 40.0]), kinds="cancellation", gates="subtract"),
    function(stick_breaking_dirichlet, np.array([0.3, 45.0, -1.0]), kinds="cancellation", gates="subtract"),
    function(pointer_network, 0.4, np.array([0.0, 900.0, -900.0]), np.array([0.0, 950.0, -20.0]), kinds="overflow", gates="exp"),
    function(logsumexp_of_nothing, np.array([-np.inf, -np.inf]), kinds="0·inf", gates="log"),
    function(
        all_masked_attention, np.array([[0.3, 1.0], [2.0, -1.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]), kinds="0/0", gates="divide"
    ),
    function(gamma_correction, 0.0, kinds="domain", gates="constant_power"),
    function(tanh_flow, np.array([0.5, -25.0, 400.0]), kinds="cancellation", gates="subtract"),
    function(pairwise_distances, np.array([[0.0, 1.0], [2.0, 3.0]]), kinds="0·inf", gates="sqrt"),
    function(gram_distances, np.array([[10000.0, 20000.0], [10000.0001, 20000.0]]), kinds="cancellation", gates="subtract"),
    function(distance_to_itself, np.array([1.0, 2.0]), kinds="0·inf", gates="constant_power"),
    function(quaternion_log, 1.0, np.array([0.0, 0.0, 0.0]), kinds="0·inf", gates="arccos"),
    function(axis_angle_where, np.array([0.0, 0.0, 0.0]), kinds="unused branch", gates="divide"),
    function(axis_angle_bare, np.array([0.0, 0.0, 0.0]), kinds="0/0", gates="divide"),
    function(quaternion_to_axis_angle, 1.0, np.array([0.0, 0.0, 0.0]), kinds="0/0", gates="divide"),
    function(rotation_angle_at_identity, np.eye(3), kinds="domain", gates="arccos", cured=False),
    function(angle_nearly_parallel, np.array([1.0, 1e-09]), np.array([1.0, 0.0]), kinds="precision lost", gates="arccos"),
    function(normal_log_cdf, -40.0, kinds="underflow", gates="erfc"),
    function(normal_survival, 9.0, kinds="cancellation", gates="subtract"),
    function(erfcx_by_hand, 30.0, kinds="overflow", gates="exp"),
    function(log_erfc, 30.0, kinds="underflow", gates="erfc"),
    function(gelu_by_tanh, -8.0, kinds="cancellation", gates="add"),
    function(gumbel_softmax, np.array([1.0, 2.0, 3.0]), kinds="overflow", gates="exp"),
    function(poincare_close, np.array([0.3, 0.4]), np.array([0.3, 0.40000000100000005]), kinds="precision lost", gates="arccosh"),
    function(poincare_same, np.array([0.3, 0.4]), kinds="0·inf", gates="arccosh"),
    function(log_minus_expm1, -50.0, kinds="precision lost", gates="log"),
    function(logit_of_log_probability, -1e-20, kinds="cancellation", gates="subtract"),
    function(negative_binomial, 800.0, 2.0, kinds="overflow", gates="exp"),
    function(zero_inflated_poisson, -800.0, 1000.0, kinds="overflow", gates="exp"),
    function(beta_logpdf_of_sigmoid, 50.0, kinds="cancellation", gates="subtract"),
    function(beta_at_edge, 0.0, kinds="0·inf", gates="log"),
    function(elbo_softplus, -800.0, 0.3, kinds="underflow", gates="log"),
    function(weibull_at_zero, 0.0, 2.0, kinds="0·inf", gates="log"),
    function(bce_exact, np.array([0.0, 1.0, 0.3]), kinds="0·inf", gates="log"),
    function(entropy_of_softmax, np.array([0.0, -1000.0, 1.0]), kinds="underflow", gates="exp"),
    function(gaussian_mixture, 60.0, kinds="underflow", gates="exp"),
    function(log_det, np.diag(np.full(8, 1e-45)) + 1e-46, kinds="underflow", gates="det"),
    function(geometric_mean, np.array([1e120, 1e150, 1e100]), kinds="overflow", gates="prod"),
    function(shifted_logsumexp_of_nothing, np.array([-np.inf, -np.inf]), kinds="inf-inf", gates="subtract"),
    function(cosine_similarity_zero, np.array([0.0, 0.0]), np.array([1.0, 2.0]), kinds="0/0", gates="divide"),
    function(normalise_tiny, np.array([3e-200, 4e-200]), kinds="underflow", gates="constant_power"),
    function(quadratic_overflow, 1.0, -1e200, 1.0, kinds="overflow", gates="multiply"),
    function(great_circle_by_cosines, 0.8, 0.3, 0.800000001, 0.300000001, kinds="precision lost", gates="arccos"),
    function(haversine_same_place, 0.8, 0.3, kinds="0·inf", gates="sqrt"),
    function(heron_needle, 100000.0, 99999.99979, 0.00029, kinds="cancellation", gates="subtract"),
    function(
        variance_one_pass,
        np.array([1000000004.0, 1000000007.0, 1000000013.0, 1000000016.0]),
        kinds="cancellation",
        gates="subtract",
    ),
    function(black_scholes_at_expiry, 110.0, 100.0, 0.0, kinds="0·inf", gates="divide"),
    function(kinetic_energy, 30.0, kinds="cancellation", gates="subtract"),
    function(mish, 1000.0, kinds="overflow", gates="exp"),
    function(logit_of_sigmoid, 50.0, kinds="cancellation", gates="subtract"),
    function(log_sigmoid_slope, 45.0, kinds="cancellation", gates="subtract"),
    function(p_norm_overflow, np.array([1e40, 2e40]), kinds="overflow", gates="constant_power"),
    function(p_norm_underflow, np.array([1e-40, 2e-40]), kinds="underflow", gates="constant_power"),
    function(smooth_max, np.array([1.0, 2.0, 2.5]), kinds="overflow", gates="exp"),
    function(triplet_loss, np.array([1.0, 2.0]), np.array([1.0, 2.0]), kinds="0·inf", gates="sqrt"),
    function(info_nce, np.array([1.0, 0.0]), np.array([[1.0, 0.1], [0.2, 1.0]]), kinds="overflow", gates="exp"),
    function(layer_norm_constant, np.array([2.0, 2.0, 2.0]), kinds="0/0", gates="divide"),
    function(dice_of_nothing, np.array([0.0, 0.0]), kinds="0/0", gates="divide"),
    function(second_of_ties, np.array([1.0, 3.0, 3.0, 7.0]), kinds="kink", gates="argsort", cured=False),
    function(median_tie, np.array([5.0, 2.0, 2.0, 9.0, 2.0]), kinds="kink", gates="argsort", cured=False),
    function(top_two, np.array([5.0, 2.0, 2.0, 9.0, 2.0]), kinds="kink", gates="argsort", cured=False),
]
