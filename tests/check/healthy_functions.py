"""NumPy functions that nothing is wrong with: losses, layers, distributions, stable forms at extremes. `HEALTHY` lists calls."""

import numpy as np

HEALTHY = []


def healthy(*calls):
    """The function, to be examined with each of these arguments."""

    def noted(f):
        HEALTHY.extend((f, call) for call in calls)
        return f

    return noted


V = np.array([0.5, -1.2, 2.0])
M = np.array([[1.0, -0.5, 0.3], [0.2, 0.8, -1.1]])
SPD = np.array([[2.0, 0.3], [0.3, 1.0]])


@healthy((V, M, np.array([0.1, -0.2])), (V * 1.5, M, np.array([0.1, -0.2])))
def tanh_layer(x, w, b):
    return np.sum(np.tanh(w @ x + b))


@healthy((V, M), (V * 1e3, M))
def relu_network(x, w):
    hidden = np.maximum(w @ x, 0.0)
    return np.sum(hidden**2)


@healthy((np.array([1.0, 2.0, 3.0]), 1), (np.array([1000.0, -1000.0, 0.0]), 2), (np.zeros(4), 0))
def stable_cross_entropy(scores, true):
    shifted = scores - np.max(scores)
    return np.log(np.sum(np.exp(shifted))) - shifted[true]


@healthy((2.0, 1.0), (-30.0, 1.0), (800.0, 0.0), (-800.0, 0.0), (800.0, 1.0))
def stable_binary_cross_entropy(z, y):
    return np.maximum(z, 0.0) - z * y + np.log1p(np.exp(-np.abs(z)))


@healthy((np.array([3.0, 4.0]),), (np.array([1e-3, 2e-3]),))
def norm(v):
    return np.sqrt(np.sum(v**2))


@healthy((np.array([3.0, 4.0]),))
def norm_by_linalg(v):
    return np.linalg.norm(v)


@healthy((np.array([0.0, 0.0]),), (np.array([3.0, 4.0]),))
def norm_with_epsilon(v):
    return np.sqrt(np.sum(v**2) + 1e-8)


@healthy((0.0,), (-1.0,), (4.0,))
def double_where(x):
    return np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0)


@healthy((np.array([1.0, 2.0, 4.0]),), (np.array([1e8, 1e8 + 1, 1e8 + 3]),))
def variance(x):
    return np.var(x)


@healthy((np.array([1.0, 2.0, 4.0]),))
def deviation(x):
    return np.std(x)


@healthy((np.array([1.0, 2.0, 4.0]), np.array([0.3, 0.2, -0.5])))
def layer_norm(x, w):
    centred = x - np.mean(x)
    return np.sum(w * centred / np.sqrt(np.mean(centred**2) + 1e-5))


@healthy((np.array([1.0, 2.0, 4.0]), np.array([0.3, 0.2, -0.5])))
def rms_norm(x, w):
    return np.sum(w * x / np.sqrt(np.mean(x**2) + 1e-6))


@healthy((np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]]), np.array([0.5, -0.3]), np.array([1.0, 2.0, 0.5])))
def least_squares(x, w, y):
    residual = x @ w - y
    return np.mean(residual**2)


@healthy((np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]]), np.array([0.5, -0.3]), np.array([1.0, -1.0, 1.0])))
def hinge(x, w, y):
    return np.mean(np.maximum(0.0, 1 - y * (x @ w))) + 0.01 * np.sum(w**2)


@healthy((np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])))
def kullback_leibler(p, q):
    return np.sum(p * (np.log(p) - np.log(q)))


@healthy((np.array([0.0, 0.5, 0.5]),))
def entropy_with_zero(p):
    safe = np.where(p > 0, p, 1.0)
    return -np.sum(p * np.log(safe))


@healthy((0.3, 0.0, 1.0), (3.0, 1.0, 0.1), (40.0, 0.0, 1.0))
def gaussian_log_density(x, mean, deviation):
    return -0.5 * ((x - mean) / deviation) ** 2 - np.log(deviation) - 0.5 * np.log(2 * np.pi)


@healthy((0.3, 0.0, 1.0))
def gaussian_density(x, mean, deviation):
    return np.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))


@healthy((np.array([1.0, 2.0]), np.array([2.0, 1.5])))
def cosine_similarity(a, b):
    return np.dot(a, b) / (np.sqrt(np.dot(a, a)) * np.sqrt(np.dot(b, b)))


@healthy((np.array([0.0, 0.0]), np.array([2.0, 1.5])))
def guarded_cosine_similarity(a, b):
    return np.dot(a, b) / (np.sqrt(np.dot(a, a) + 1e-12) * np.sqrt(np.dot(b, b) + 1e-12))


@healthy((SPD,))
def log_determinant(a):
    return np.linalg.slogdet(a)[1]


@healthy((SPD, np.array([1.0, 2.0])))
def quadratic_form(a, b):
    return b @ np.linalg.solve(a, b)


@healthy((SPD,))
def inverse_trace(a):
    return np.trace(np.linalg.inv(a))


@healthy((1.5, -0.5), (0.0, 0.0))
def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@healthy((np.array([-1.2, 1.0, 0.7, 2.0]),))
def chained_rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@healthy((0.3, 0.7))
def himmelblau(x, y):
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


@healthy((np.array([0.4, 1.3]),))
def ackley(x):
    return -20 * np.exp(-0.2 * np.sqrt(np.mean(x**2))) - np.exp(np.mean(np.cos(2 * np.pi * x))) + 20 + np.e


@healthy((np.array([0.4, 1.3]),), (np.array([3.0, -2.0]),))
def rastrigin(x):
    return 10 * x.size + np.sum(x**2 - 10 * np.cos(2 * np.pi * x))


@healthy((1.3,))
def newton_root(a):
    x = a
    for _ in range(6):
        x = 0.5 * (x + a / x)
    return x


@healthy((0.3,), (0.01,))
def logistic_map(x):
    for _ in range(5):
        x = 3.2 * x * (1 - x)
    return x


@healthy((0.7, 1.1))
def euler_pendulum(angle, speed):
    for _ in range(20):
        angle, speed = angle + 0.05 * speed, speed - 0.05 * np.sin(angle)
    return angle**2 + speed**2


@healthy((np.array([1.0, 0.5, 0.25]), 2.0))
def horner(coefficients, x):
    result = 0.0
    for one in coefficients:
        result = result * x + one
    return result


@healthy((np.array([[1.0, 2.0], [2.0, 0.5]]), np.array([[0.3, 0.1], [-0.2, 0.4]])))
def attention(q, k):
    scores = q @ k.T / np.sqrt(2.0)
    shifted = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return np.sum((shifted / np.sum(shifted, axis=1, keepdims=True)) ** 2)


@healthy((np.array([1000.0, 1001.0]), np.array([0.0, -np.inf])))
def masked_log_sum_exp(scores, mask):
    both = np.logaddexp(scores[0] + mask[0], scores[1] + mask[1])
    return both


@healthy((np.array([0.2, 0.4, 0.9]),))
def log_likelihood(p):
    return np.sum(np.log(p))


@healthy((2.0, 3.0), (0.5, 40.0))
def softplus_difference(x, y):
    return np.logaddexp(0.0, x) - np.logaddexp(0.0, y - 60)


@healthy((0.4,), (-3.0,), (7.0,))
def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


@healthy((0.4,), (-30.0,), (300.0,))
def swish(x):
    return x / (1 + np.exp(-x))


@healthy((0.4,), (-3.0,), (300.0,))
def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0.0)))


@healthy((np.linspace(-1, 1, 50),))
def smooth_maximum(x):
    return np.log(np.mean(np.exp(4 * x))) / 4


@healthy((np.linspace(0.1, 5, 40), 2.0))
def gamma_log_likelihood(x, rate):
    return np.sum(np.log(rate) - rate * x)


@healthy((np.array([1.0, 2.0, 4.0]), np.array([1.1, 2.1, 3.7])))
def huber(x, y):
    apart = np.abs(x - y)
    return np.sum(np.where(apart < 0.2, 0.5 * apart**2, 0.2 * (apart - 0.1)))


@healthy((np.array([0.3, 0.4]),), (np.array([1e-4, 3e-4]),))
def simplex(p):
    rest = 1 - np.sum(p)
    return -np.sum(p * np.log(p)) - rest * np.log(rest)


@healthy((np.array([1.0, 2.0, 3.0, 4.0]),))
def moving_average(x):
    return np.sum((x[2:] + x[1:-1] + x[:-2]) ** 2 / 9)


@healthy((np.array([2.0, 1.0, 3.0]),))
def sorted_weights(x):
    return np.sum(np.sort(x) * np.array([1.0, 10.0, 100.0]))


@healthy((np.float32(0.3), np.float32(2.0)))
def single_precision(x, y):
    return np.sin(x) * np.exp(y) + x / y


@healthy((np.array([0.1, 0.2, 0.3], dtype=np.float32),))
def single_precision_loss(x):
    return np.mean(np.tanh(x) ** 2)
