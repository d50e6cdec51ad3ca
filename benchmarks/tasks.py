"""What the suite measures: tasks with seeded data, the float64 answer to each, and how far from it a result may be.

    calls            three formulas of the lecture: Python floats in, value and every partial derivative out as Python floats
    neuron           a sigmoid neuron at many points: the value and the gradient by all five inputs at each
    cross-entropy    mean softmax cross-entropy of a batch of logits, and its gradient
    hinge            mean Weston-Watkins hinge, sum of max(0, 1 + z_j - z_y) over the wrong classes, and its gradient
    softmax          softmax of each row of logits
    mixture          logarithmic likelihood of Gaussians with full covariances, with a Wishart prior, and its gradient
    graphs           a random graph of single numbers of so many gates, and the gradient by its ten inputs
    linear           cross-entropy and hinge of a linear classifier of 50000 images of 3072 pixels, with a penalty (needs 2 GB)

The tolerance is for the largest error of an array, as a share of its largest entry: some thousand roundings.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import graphs
import numpy as np

Answer = dict[str, Any]
NEURON = ("w0", "x0", "w1", "x1", "w2")
CALLS = {
    "product": ("f = (C + D) * (X + Y)^2", (3.0, -5.0, 2.0, 4.0)),
    "sigmoid": ("f = 1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))", (2.0, -1.0, -3.0, -2.0, -3.0)),
    "max": ("f = 2 * (x + y + max(z, w))", (3.0, -4.0, 2.0, -1.0)),
}
LOGITS = ("4096×10", "4096×1000", "512×32000")
NAMES = {
    "calls": tuple(CALLS),
    "neuron": ("1e4 float64", "1e6 float64", "1e4 float32", "1e6 float32"),
    "cross-entropy": tuple(f"{shape} {dtype}" for dtype in ("float32", "float64") for shape in LOGITS),
    "hinge": tuple(f"{shape} float32" for shape in LOGITS),
    "softmax": tuple(f"{shape} float32" for shape in LOGITS),
    "mixture": ("1000 points, d=10, k=25", "10000 points, d=20, k=25"),
    "graphs": ("1e3", "1e4", "1e5", "1e6"),
    "linear": ("cross-entropy", "hinge"),
}
HEAVY = ("linear",)


@dataclass(frozen=True)
class Case:
    """One task with its data."""

    task: str
    name: str
    tolerance: float
    data: SimpleNamespace
    answer: Callable[[], Answer]

    def error(self, found: Answer) -> float:
        """The largest error of a result; infinite where it has another form."""
        worst = 0.0
        for name, right in self.answer().items():
            value = np.asarray(found[name], dtype=np.float64)
            if value.shape != np.shape(right):
                return math.inf
            scale = max(float(np.abs(right).max()), 1e-300)
            worst = max(worst, float(np.abs(value - right).max()) / scale)
        return worst if worst == worst else math.inf


def case(task: str, name: str) -> Case:
    """The case of this name, made anew."""
    tolerance, data, answer = MAKERS[task](name)
    return Case(task, name, tolerance, data, lambda: answer(data))


def calls(name: str) -> Any:
    formula, arguments = CALLS[name]
    return 1e-13, SimpleNamespace(formula=formula, arguments=arguments, name=name), called


def called(data: Any) -> Answer:
    if data.name == "product":
        C, D, X, Y = data.arguments
        s, t = C + D, X + Y
        return {"all": np.array((s * t * t, t * t, t * t, 2 * s * t, 2 * s * t))}
    if data.name == "sigmoid":
        w0, x0, w1, x1, w2 = data.arguments
        f = 1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + w2)))
        return {"all": np.array((f, *(f * (1 - f) * other for other in (x0, w0, x1, w1, 1.0))))}
    x, y, z, w = data.arguments
    return {"all": np.array((2 * (x + y + max(z, w)), 2.0, 2.0, 2.0 * (z > w), 2.0 * (w > z)))}


def neuron(name: str) -> Any:
    points, dtype = name.split()
    draw = np.random.default_rng(2)
    columns = {name: draw.standard_normal(int(float(points))).astype(dtype) for name in NEURON}
    return 4000 * np.finfo(dtype).eps, SimpleNamespace(columns=columns, dtype=np.dtype(dtype)), neurons


def neurons(data: Any) -> Answer:
    w0, x0, w1, x1, w2 = (column.astype(np.float64) for column in data.columns.values())
    f = 1 / (1 + np.exp(-(w0 * x0 + w1 * x1 + w2)))
    g = f * (1 - f)
    return {"value": f, "w0": g * x0, "x0": g * w0, "w1": g * x1, "x1": g * w1, "w2": g}


def logits(answer: Callable[[Any], Answer]) -> Callable[[str], Any]:
    def made(name: str) -> Any:
        shape, dtype = name.split()
        rows, classes = map(int, shape.split("×"))
        draw = np.random.default_rng(3)
        z = (3 * draw.standard_normal((rows, classes), dtype=np.float32)).astype(dtype)
        y = draw.integers(0, classes, rows)
        # One rounding at the hinge's kink would change the gradient by a whole step, so no score lies near it.
        z[np.abs(z - z[np.arange(rows), y][:, None] + 1) < 1e-3] -= np.float32(0.01)
        return 4000 * np.finfo(dtype).eps, SimpleNamespace(z=z, y=y), answer

    return made


def entropy_slopes(z: Any, y: Any) -> tuple[float, Any]:
    """The sum of the rows' cross-entropies, and its slopes by the logits."""
    rows = np.arange(len(y))
    e = np.exp(z - z.max(axis=1, keepdims=True))
    total = e.sum(axis=1, keepdims=True)
    slopes = e / total
    slopes[rows, y] -= 1
    return float(np.sum(np.log(total) + z.max(axis=1, keepdims=True) - z[rows, y][:, None])), slopes


def hinge_slopes(z: Any, y: Any) -> tuple[float, Any]:
    """The sum of the rows' hinges, and its slopes by the scores."""
    rows = np.arange(len(y))
    margins = np.maximum(z - z[rows, y][:, None] + 1, 0)
    margins[rows, y] = 0
    slopes = (margins > 0).astype(np.float64)
    slopes[rows, y] = -slopes.sum(axis=1)
    return float(margins.sum()), slopes


def of_logits(slopes: Callable[[Any, Any], tuple[float, Any]]) -> Callable[[Any], Answer]:
    def answer(data: Any) -> Answer:
        total, found = slopes(data.z.astype(np.float64), data.y)
        return {"value": np.array(total / len(data.y)), "gradient": found / len(data.y)}

    return answer


def softmaxes(data: Any) -> Answer:
    e = np.exp(data.z.astype(np.float64) - data.z.max(axis=1, keepdims=True))
    return {"value": e / e.sum(axis=1, keepdims=True)}


def mixture(name: str) -> Any:
    points, d, k = (int("".join(filter(str.isdigit, part))) for part in name.split(","))
    draw = np.random.default_rng(6)
    packed = 0.1 * draw.standard_normal((k, d * (d + 1) // 2))
    place = np.zeros((d, d), int)  # of an entry of the lower triangle in its packed row: the diagonal's logarithms come first
    place[np.diag_indices(d)] = np.arange(d)
    place[np.tril_indices(d, -1)] = np.arange(d, packed.shape[1])
    data = SimpleNamespace(
        weights=draw.standard_normal(k), means=draw.standard_normal((k, d)), packed=packed, x=draw.standard_normal((points, d)),
        place=place, lower=np.tri(d), diagonal=np.arange(packed.shape[1]) < d, strength=1.0)  # fmt: skip
    return 1e-10, data, mixtures


def likelihood(xp: Any, logsumexp: Any, weights: Any, means: Any, packed: Any, data: Any) -> Any:
    """The mixture's objective without its constants, in any namespace like NumPy; `data` holds the arrays that are fixed."""
    d = data.x.shape[1]
    entries = xp.where(data.diagonal, xp.exp(packed), packed)
    factors = entries[:, data.place] * data.lower
    shifted = xp.sum(factors * means[:, None, :], axis=2)
    y = xp.reshape(data.x @ xp.reshape(factors, (-1, d)).T, (-1, *means.shape)) - shifted
    inner = weights + xp.sum(packed[:, :d], axis=1) - 0.5 * xp.sum(y * y, axis=2)
    fit = xp.sum(logsumexp(inner)) - data.x.shape[0] * xp.sum(logsumexp(weights[None]))
    return fit + 0.5 * data.strength**2 * xp.sum(entries * entries)


def mixtures(data: Any) -> Answer:
    d = data.x.shape[1]
    entries = np.where(data.diagonal, np.exp(data.packed), data.packed)
    factors = entries[:, data.place] * data.lower
    y = (data.x @ factors.reshape(-1, d).T).reshape(-1, *data.means.shape) - np.sum(factors * data.means[:, None, :], axis=2)
    inner = data.weights + data.packed[:, :d].sum(axis=1) - 0.5 * np.sum(y * y, axis=2)
    top, top_weight = inner.max(axis=1, keepdims=True), data.weights.max()
    shares, prior = np.exp(inner - top), np.exp(data.weights - top_weight)
    fit = np.sum(np.log(shares.sum(axis=1)) + top[:, 0]) - len(y) * (np.log(prior.sum()) + top_weight)
    shares /= shares.sum(axis=1, keepdims=True)
    taken = shares.sum(axis=0)
    y *= -shares[:, :, None]  # by y
    by_shift = y.sum(axis=0)
    by_factors = (y.reshape(len(y), -1).T @ data.x).reshape(factors.shape) - by_shift[:, :, None] * data.means[:, None, :]
    by_entries = np.zeros_like(data.packed)
    low = data.lower > 0
    by_entries[:, data.place[low]] = by_factors[:, low]
    by_entries += data.strength**2 * entries
    by_packed = np.where(data.diagonal, by_entries * entries + taken[:, None], by_entries)
    by_means = -np.matmul(by_shift[:, None, :], factors)[:, 0]
    value = fit + 0.5 * data.strength**2 * np.sum(entries * entries)
    return {"value": value, "weights": taken - len(y) * prior / prior.sum(), "means": by_means, "packed": by_packed}


def graph(name: str) -> Any:
    return 1e-9, graphs.random_graph(int(float(name))), graphs.answer


def linear(name: str) -> Any:
    draw = np.random.default_rng(4)
    X = np.empty((50_000, 3073), np.float32)
    for start in range(0, len(X), 5000):
        X[start : start + 5000] = draw.integers(0, 256, (5000, X.shape[1]), dtype=np.uint8)
    X = (X - np.float32(127.5)) / np.float32(127.5)
    X[:, -1] = 1  # the bias
    y = draw.integers(0, 10, len(X))
    W = (0.02 * draw.standard_normal((X.shape[1], 10))).astype(np.float32)
    # Near a kink one rounding in float32 decides about a whole row of the gradient, so rows near one make way for others.
    z = X @ W
    margins = np.abs(z - z[np.arange(len(y)), y][:, None] + 1)
    margins[np.arange(len(y)), y] = 1
    near, clear = np.flatnonzero(margins.min(axis=1) < 1e-4), np.flatnonzero(margins.min(axis=1) >= 1e-4)
    X[near], y[near] = X[clear[: len(near)]], y[clear[: len(near)]]
    return 1e-4, SimpleNamespace(X=X, y=y, W=W, penalty=1e-3, loss=name), linear_slopes


def linear_slopes(data: Any) -> Answer:
    W = data.W.astype(np.float64)
    value, gradient = 0.0, np.zeros_like(W)
    for start in range(0, len(data.y), 5000):
        X, y = data.X[start : start + 5000].astype(np.float64), data.y[start : start + 5000]
        total, slopes = (entropy_slopes if data.loss == "cross-entropy" else hinge_slopes)(X @ W, y)
        value += total
        gradient += X.T @ slopes
    count = len(data.y)
    return {"value": value / count + 0.5 * data.penalty * np.sum(W * W), "gradient": gradient / count + data.penalty * W}


MAKERS = {
    "calls": calls, "neuron": neuron, "cross-entropy": logits(of_logits(entropy_slopes)), "hinge": logits(of_logits(hinge_slopes)),
    "softmax": logits(softmaxes), "mixture": mixture, "graphs": graph, "linear": linear}  # fmt: skip
