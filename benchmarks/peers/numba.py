"""Numba: gradients written by hand as loops, compiled, in parallel where there are rows to share out."""

import math
from typing import Any

import numba
import numpy as np
from tasks import NEURON

from peers import Job


def product(C: float, D: float, X: float, Y: float) -> Any:
    s, t = C + D, X + Y
    square, twice = t * t, 2 * s * t
    return s * square, square, square, twice, twice


def sigmoid(w0: float, x0: float, w1: float, x1: float, w2: float) -> Any:
    f = 1.0 / (1.0 + math.exp(-(w0 * x0 + w1 * x1 + w2)))
    g = f * (1.0 - f)
    return f, g * x0, g * w0, g * x1, g * w1, g


def larger(x: float, y: float, z: float, w: float) -> Any:
    if z > w:
        return 2.0 * (x + y + z), 2.0, 2.0, 2.0, 0.0
    return 2.0 * (x + y + w), 2.0, 2.0, 0.0, 2.0


def calls(data: Any) -> Job:
    function = numba.njit({"product": product, "sigmoid": sigmoid, "max": larger}[data.name])
    return Job(function, lambda found: {"all": found}, data.arguments)


@numba.njit(parallel=True, fastmath=True)
def neurons(w0, x0, w1, x1, w2, f, a, b, c, d, e):
    one = f.dtype.type(1)
    for i in numba.prange(f.size):
        y = one / (one + np.exp(-(w0[i] * x0[i] + w1[i] * x1[i] + w2[i])))
        g = y * (one - y)
        f[i], a[i], b[i], c[i], d[i], e[i] = y, g * x0[i], g * w0[i], g * x1[i], g * w1[i], g


def neuron(data: Any) -> Job:
    columns = list(data.columns.values())

    def call() -> Any:
        results = [np.empty_like(columns[0]) for _ in range(6)]
        neurons(*columns, *results)
        return results

    return Job(call, lambda found: dict(zip(("value", *NEURON), found, strict=True)))


@numba.njit(parallel=True, fastmath=True)
def entropies(z, y, g, each):
    rows, k = z.shape
    share = z.dtype.type(1) / z.dtype.type(rows)
    for i in numba.prange(rows):
        top = z[i, 0]
        for j in range(k):
            top = max(top, z[i, j])
        total = z.dtype.type(0)
        for j in range(k):
            g[i, j] = np.exp(z[i, j] - top)
            total += g[i, j]
        for j in range(k):
            g[i, j] *= share / total
        g[i, y[i]] -= share
        each[i] = math.log(total) + top - z[i, y[i]]


@numba.njit(parallel=True, fastmath=True)
def hinges(z, y, g, each):
    rows, k = z.shape
    share, zero = z.dtype.type(1) / z.dtype.type(rows), z.dtype.type(0)
    for i in numba.prange(rows):
        least = z[i, y[i]] - z.dtype.type(1)
        total, over = zero, 0
        for j in range(k):
            margin = z[i, j] - least
            total += max(margin, zero)
            over += margin > zero
            g[i, j] = share if margin > zero else zero
        g[i, y[i]] = -share * z.dtype.type(over - 1)
        each[i] = total - 1  # the true class's own margin is 1


def of_logits(loss: Any) -> Any:
    def made(data: Any) -> Job:
        def call() -> Any:
            gradient, each = np.empty_like(data.z), np.empty(len(data.y))
            loss(data.z, data.y, gradient, each)
            return each.mean(), gradient

        return Job(call, lambda found: {"value": found[0], "gradient": found[1]})

    return made


JOBS = {"Numba": {"calls": calls, "neuron": neuron, "cross-entropy": of_logits(entropies), "hinge": of_logits(hinges)}}
