"""More of what goes wrong: distributions and losses as libraries wrote them first, kernels, lenses and rotations at their holes.

The cases come from the trackers of libraries of statistics, learning and astronomy, and from textbooks of numerical analysis; what
the first finding should say was written down before the doctor saw them. `FROM_LIBRARIES` lists them.
"""

import numpy as np

from tests.check.zoo import formula, function


def focal_loss(z):
    p = 1 / (1 + np.exp(-z))
    return -((1 - p) ** 0.5) * np.log(p)


def distance_of_order_three(x, y):
    return np.sum(np.abs(x - y) ** 3) ** (1 / 3)


def spread(x):
    return np.std(x)


def successes_by_logits(logits):
    p = 1 / (1 + np.exp(-logits))
    return 10 * np.log(1 - p) + 10 * np.log(p)


def turned_by(v):
    angle = np.sqrt(np.sum(v * v))
    axis = v / angle
    return np.sum(np.sin(angle) * axis) + np.cos(angle)


def turned_about(w, v):
    angle = np.sqrt(np.sum(w**2))
    once = np.cross(w, v)
    return v + np.sin(angle) / angle * once + (1 - np.cos(angle)) / angle**2 * np.cross(w, once)


def turning(w):
    angle = np.linalg.norm(w)
    cross = np.array([[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]])
    return np.eye(3) + np.sin(angle) / angle * cross + (1 - np.cos(angle)) / angle**2 * (cross @ cross)


def geodesic(x, v, curvature):
    root = np.sqrt(curvature)
    return x * np.cos(root) + v / root * np.sin(root)


def matern(x, y):
    d = np.sqrt(3 * np.sum((x - y) ** 2))
    return (1 + d) * np.exp(-d)


def responsibilities(x, centres):
    weights = np.exp(-0.5 * (x - centres) ** 2)
    return weights[0] / np.sum(weights)


def relative_entropy(p, q):
    return np.sum(p * (np.log(p) - np.log(q)))


def pooled(x):
    return np.mean(x**3) ** (1 / 3)


def sharp_softmax(scores):
    powers = np.exp(scores / 0.001)
    return (powers / powers.sum())[1] * 2


def log_volume(matrix):
    return np.log(np.linalg.det(matrix))


def entropy_of_order(a, p):
    return np.log(np.sum(p**a)) / (1 - a)


def evidence_of_two(x):
    first = np.exp(-0.5 * ((x - 100) / 0.5) ** 2)
    second = np.exp(-0.5 * ((x + 100) / 2.0) ** 2)
    return np.log(0.5 * first + 0.5 * second)


def hidden_chain(start, moves, seen):
    forward = start * seen[0]
    for row in seen[1:]:
        forward = (forward @ moves) * row
    return np.log(np.sum(forward))


def triplet_margin(anchor, near, far):
    closer = np.sqrt(np.sum((anchor - near) ** 2))
    other = np.sqrt(np.sum((anchor - far) ** 2))
    return np.maximum(closer - other + 2.0, 0)


def effective_sample_size(log_weights):
    w = np.exp(log_weights)
    return np.sum(w) ** 2 / np.sum(w**2)


LOST = "cancellation precision lost"
HOLE = "0/0 0·inf domain kink inf-inf"

FROM_LIBRARIES = [
    function(focal_loss, 40.0, kinds=LOST, gates="subtract add log divide power"),
    function(distance_of_order_three, np.array([1.0, 2.0]), np.array([1.0, 2.0]), kinds=HOLE, gates="constant_power"),
    function(spread, np.array([2.0, 2.0, 2.0]), kinds=HOLE, gates="std sqrt"),
    function(successes_by_logits, 50.0, kinds=LOST + " domain", gates="subtract add divide log"),
    function(matern, np.array([1.0, 2.0]), np.array([1.0, 2.0]), kinds=HOLE, gates="sqrt"),
    function(responsibilities, 60.0, np.array([0.0, 1.0]), kinds="underflow 0/0", gates="exp"),
    function(relative_entropy, np.array([0.0, 1.0]), np.array([0.5, 0.5]), kinds=HOLE, gates="log multiply"),
    function(sharp_softmax, np.array([1.0, 1.0005]), kinds="overflow", gates="exp"),
    function(log_volume, 1e-200 * np.eye(2), kinds="underflow", gates="det"),
    function(entropy_of_order, 1.0, np.array([0.25, 0.75]), kinds=HOLE, gates="divide log"),
    function(evidence_of_two, 0.0, kinds="underflow", gates="exp"),
    function(
        hidden_chain,
        np.array([0.5, 0.5]),
        np.array([[0.9, 0.1], [0.2, 0.8]]),
        np.full((4, 2), 1e-90),
        kinds="underflow",
        gates="multiply matmul",
    ),
    function(triplet_margin, np.zeros(2), np.zeros(2), np.array([1.0, 0.0]), kinds=HOLE, gates="sqrt"),
    function(effective_sample_size, np.array([-400.0, -401.0]), kinds="underflow 0/0", gates="square constant_power exp"),
    formula("2*(1 - (1 + erf(1/sqrt(2*x)))/2)", LOST, "subtract erf add", x=0.01),
    formula("1 - (0.5 + 0.5*(1 - exp(-x)))", LOST, "subtract add", x=40),
    formula("1 - exp(-c*(exp(x) - 1))", LOST, "subtract", c=1.5, x=1e-12),
    formula("log(1 - log(1 - q)/c)", LOST, "log subtract", c=2, q=1e-14),
    formula("1 - (1 + x)^(-c)", LOST, "subtract add power", x=1e-13, c=2),
    formula("(1 - q)^(-1/c) - 1", LOST, "subtract power", q=1e-13, c=3),
    formula("(1 - exp(-x))/(1 - exp(-b))", LOST, "subtract", x=1e-14, b=2),
    formula("-log(1 - q*(1 - exp(-b)))", LOST, "subtract log", q=1e-12, b=1e-3),
    formula("-log(pi) - log(1 + x^2)", "overflow", "square constant_power multiply", x=1e160),
    formula("sqrt(1 + x^2)", "overflow", "square constant_power multiply", x=1e200),
    formula("log(0.5*erfc(x/sqrt(2)))", "underflow", "erfc", x=50),
    formula("exp(-x^2/2)/sqrt(2*pi)/(0.5*erfc(x/sqrt(2)))", "underflow 0/0", "exp erfc", x=40),
    formula("log(1 - tanh(x)^2)", LOST + " domain saturation", "subtract tanh square power log", x=25),
    formula("0.5*log((1 + y)/(1 - y))", LOST, "add subtract divide log", y=1e-13),
    formula("log(1/(1 + exp(-(log(p/(1 - p)) + l)/t)))", "overflow", "exp", p=0.99, l=-14, t=0.01),
    formula("log(1/x)", "overflow 0·inf", "divide reciprocal", x=1e-200),
    formula("log(exp(x)/(1 - exp(x)))", "underflow", "exp", x=-800),
    formula("sqrt((sqrt(x^2 + y^2) - x)/2)", LOST, "subtract", x=1e6, y=1),
    formula("1/(exp(x) - 1) - 1/x", LOST, "subtract divide", x=1e-7),
    formula("(x + 1)^(1/3) - x^(1/3)", LOST, "subtract", x=1e13),
    formula("tan(x + e) - tan(x)", LOST, "subtract add", x=1, e=1e-12),
    formula("tan(x) - sin(x)", LOST, "subtract", x=1e-5),
    formula("sqrt((1 + b)/(1 - b)) - 1", LOST, "subtract divide add", b=1e-12),
    formula("arccos(sin(a)*sin(b) + cos(a)*cos(b)*cos(d))", LOST + " domain", "arccos add cos", a=0.5, b=0.5, d=1e-7),
    formula("arccosh(1 + 2*d/((1 - a)*(1 - b)))", LOST, "arccosh add", d=1e-15, a=0.5, b=0.3),
    formula("(1 + c*x)^(-1/c)", HOLE + " precision lost", "divide power", c=0, x=0.5),
    formula("3*log(x) - log(exp(x) - 1)", "overflow", "exp", x=800),
    formula("1/(exp((e - m)/k) + 1)", "overflow", "exp", e=1000, m=0, k=1),
    formula("where(x < 1, arcsin(x), pi/2)", "unused branch domain", "arcsin", x=2),
    formula("x/(1 + exp(-x))", "overflow", "exp", x=-1000),
    formula("exp(gammaln(n + 1))/(exp(gammaln(k + 1))*exp(gammaln(n - k + 1)))", "overflow", "exp", n=200, k=100),
    function(turned_by, np.zeros(3), kinds=HOLE, gates="sqrt divide"),
    function(turned_about, np.zeros(3), np.array([1.0, 2.0, 3.0]), kinds=HOLE, gates="sqrt divide"),
    function(turning, np.zeros(3), kinds=HOLE, gates="norm divide"),
    function(geodesic, np.array([1.0, 2.0]), np.array([0.5, -1.0]), 0.0, kinds=HOLE, gates="sqrt divide"),
    function(pooled, np.zeros(3), kinds=HOLE, gates="constant_power"),
    formula("1 - (1 - exp(-x))/(1 - exp(-b))", LOST, "subtract divide", x=50, b=100),
    formula("exp(0.5/k^2 - x/k)*erfc((1/k - x)/sqrt(2))/(2*k)", "overflow underflow 0·inf", "exp erfc", k=0.02, x=1),
    formula("log(0.5*(1 + erf(x/sqrt(2))))", LOST + " saturation domain", "add erf log", x=-40),
    formula("b/sqrt(1 - q^2)*arctan(sqrt(1 - q^2)*t/w)", HOLE, "divide sqrt", b=1, q=1, t=0.5, w=1.1),
    formula("arccos((t - 1)/2)/(2*sin(arccos((t - 1)/2)))", HOLE, "divide arccos", t=3),
    formula("exp(-d/t)", "overflow 0·inf", "divide", d=1e300, t=1e-10),
    formula("log(abs(tanh(x)))", LOST + " saturation", "log tanh abs", x=20),
    formula("log(x) - x + 1", LOST, "add subtract log", x=1.000001),
    formula("log(s) + 1/(2*s^2) - 1/2", LOST, "add subtract log", s=1.000000001),
    formula("0.5*(s^2 + m^2 - 1 - log(s^2))", LOST, "add subtract log square_difference", s=1.00000001, m=0),
    formula("m*c^2*(1/sqrt(1 - (v/c)^2) - 1)", LOST, "subtract", m=1, v=1, c=3e8),
    formula("tan(sqrt(k)*x)/sqrt(k)", HOLE, "divide sqrt", k=0, x=0.5),
    formula("(1 - sum([0.25, 0.75]^q))/(q - 1)", HOLE, "divide", q=1),
    formula("(1 - sum([0.25, 0.75]^q))/(q - 1)", LOST, "subtract", q=1.0000000001),
    formula("log(sum([0.25, 0.75]^a))/(1 - a)", HOLE, "divide", a=1),
    formula("log(0.2^a + 0.3^a + 0.5^a)/(1 - a)", LOST, "log add", a=0.9999999999),
    formula("mean([1, 2]^p)^(1/p)", HOLE, "power divide", p=0),
    formula("log(gamma(x))", "overflow", "gamma", x=200),
    formula("gamma(n + 1)/(gamma(k + 1)*gamma(n - k + 1))", "overflow", "gamma", n=200, k=100),
    formula("log1p(-erf(x))", LOST, "log1p erf", x=10),
    formula("log(1/tanh(x))", LOST, "log tanh divide", x=25),
    formula("sin(sqrt(k)*x)/sqrt(k)", HOLE, "divide sqrt", k=0, x=0.5),
    formula("sinh(sqrt(a)*t)*b/sqrt(a)", HOLE, "divide sqrt", a=0, t=0.5, b=2),
    formula("r*sqrt(k)/tanh(x*sqrt(k))", HOLE, "divide sqrt", r=3, k=0, x=0.5),
    formula("arccos(c)/sqrt(1 - c^2)", HOLE, "divide arccos", c=1),
    formula("-(n + 1)/2*log(1 + x^2/n)", LOST, "log add", n=1e18, x=2),
    formula("1 - (1 - x^a)^b", LOST, "subtract power", x=1e-5, a=3, b=2),
    formula("exp(gammaln(x + 0.5))/exp(gammaln(x))", "overflow", "exp", x=200),
]
