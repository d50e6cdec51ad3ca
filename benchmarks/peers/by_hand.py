"""NumPy with gradients written by hand, into as few fresh arrays as NumPy allows."""

import math
from typing import Any

import numpy as np
from tasks import NEURON, mixtures

from peers import Job


def calls(data: Any) -> Job:
    def product(C: float, D: float, X: float, Y: float) -> Any:
        s, t = C + D, X + Y
        square, twice = t * t, 2 * s * t
        return s * square, square, square, twice, twice

    def sigmoid(w0: float, x0: float, w1: float, x1: float, w2: float) -> Any:
        f = 1 / (1 + math.exp(-(w0 * x0 + w1 * x1 + w2)))
        g = f * (1 - f)
        return f, g * x0, g * w0, g * x1, g * w1, g

    def larger(x: float, y: float, z: float, w: float) -> Any:
        return (2 * (x + y + z), 2.0, 2.0, 2.0, 0.0) if z > w else (2 * (x + y + w), 2.0, 2.0, 0.0, 2.0)

    function = {"product": product, "sigmoid": sigmoid, "max": larger}[data.name]
    return Job(function, lambda found: {"all": found}, data.arguments)


def neuron(data: Any) -> Job:
    w0, x0, w1, x1, w2 = data.columns.values()
    results = [np.empty_like(w0) for _ in range(6)]

    def call() -> None:
        f, a, b, c, d, e = results
        np.multiply(w0, x0, out=f)
        np.multiply(w1, x1, out=a)
        f += a
        f += w2
        np.negative(f, out=f)
        np.exp(f, out=f)
        f += 1
        np.reciprocal(f, out=f)
        np.subtract(1, f, out=e)
        e *= f
        for slope, other in ((a, x0), (b, w0), (c, x1), (d, w1)):
            np.multiply(e, other, out=slope)

    return Job(call, lambda _: dict(zip(("value", *NEURON), results, strict=True)))


def cross_entropy(z: Any, y: Any, rows: Any, out: Any) -> tuple[float, Any]:
    e = np.subtract(z, z.max(axis=1, keepdims=True), out=out)
    own = e[rows, y]
    np.exp(e, out=e)
    total = e.sum(axis=1, keepdims=True)
    count = z.dtype.type(len(y))
    e *= 1 / (total * count)
    e[rows, y] -= 1 / count
    return float(np.mean(np.log(total[:, 0]) - own, dtype=np.float64)), e


def hinge(z: Any, y: Any, rows: Any, out: Any) -> tuple[float, Any]:
    margins = np.subtract(z, (z[rows, y] - 1)[:, None], out=out)
    margins[rows, y] = 0
    np.maximum(margins, 0, out=margins)
    value = float(margins.sum(dtype=np.float64)) / len(y)
    np.greater(margins, 0, out=margins)
    margins[rows, y] = -margins.sum(axis=1)
    margins *= z.dtype.type(1 / len(y))
    return value, margins


def of_logits(loss: Any) -> Any:
    def made(data: Any) -> Job:
        rows, out = np.arange(len(data.y)), np.empty_like(data.z)
        return Job(lambda: loss(data.z, data.y, rows, out), lambda found: {"value": found[0], "gradient": found[1]})

    return made


def softmax(data: Any) -> Job:
    out = np.empty_like(data.z)

    def call() -> Any:
        np.exp(np.subtract(data.z, data.z.max(axis=1, keepdims=True), out=out), out=out)
        return np.divide(out, out.sum(axis=1, keepdims=True), out=out)

    return Job(call, lambda found: {"value": found})


def linear(data: Any) -> Job:
    X, y, W, rows, penalty = data.X, data.y, data.W, np.arange(len(data.y)), np.float32(data.penalty)
    loss = cross_entropy if data.loss == "cross-entropy" else hinge

    def call() -> Any:
        z = X @ W
        value, slopes = loss(z, y, rows, None)
        return value + 0.5 * data.penalty * float((W * W).sum()), X.T @ slopes + penalty * W

    return Job(call, lambda found: {"value": found[0], "gradient": found[1]})


def mixture(data: Any) -> Job:
    return Job(lambda: mixtures(data), lambda found: found)


JOBS = {"NumPy": {"calls": calls, "neuron": neuron, "cross-entropy": of_logits(cross_entropy), "hinge": of_logits(hinge),
                  "softmax": softmax, "linear": linear, "mixture": mixture}}  # fmt: skip
