"""What `watch` costs: steps of gradient descent with and without it, in turns, in one process.

    python benchmarks/watching.py

Each line is a model: the time of a step in microseconds, watched and not, and the overhead in per cent. Minima of many rounds.
"""

import time

import numpy as np

from chalkgrad import value_and_grad, watch

ROUNDS = 200
RATE = 1e-3


def logistic(w, x, y):
    z = x @ w
    return np.mean(np.logaddexp(0.0, z) - y * z)


def network(params, x, y):
    hidden = np.tanh(x @ params["w1"] + params["b1"])
    return np.mean((hidden @ params["w2"] - y) ** 2)


def steps(step, args, count):
    """The time of one step of gradient descent."""
    params, *data = args
    start = time.perf_counter()
    for _ in range(count):
        _, slopes = step(params, *data)
        params = moved(params, slopes)
    return (time.perf_counter() - start) / count


def moved(params, slopes):
    if isinstance(params, dict):
        return {name: moved(params[name], slopes[name]) for name in params}
    return params - RATE * slopes


def measured(name, f, args):
    step = value_and_grad(f)
    for _ in range(5):
        step(*args)
    count = max(3, int(0.004 / steps(step, args, 3)))
    plain, watched = [], []
    for _ in range(ROUNDS):
        plain.append(steps(step, args, count))
        with watch():
            watched.append(steps(step, args, count))
    best, seen = min(plain), min(watched)
    print(f"{name:34} {best * 1e6:10.1f} {seen * 1e6:10.1f} {100 * (seen / best - 1):8.2f} %")


def main():
    rng = np.random.default_rng(0)
    print(f"{'model':34} {'plain, us':>10} {'watched':>10} {'overhead':>10}")
    for rows, columns in ((100, 10), (1_000, 100), (10_000, 100)):
        x = rng.normal(size=(rows, columns))
        y = (x[:, 0] > 0).astype(float)
        measured(f"logistic regression, {rows} x {columns}", logistic, (rng.normal(size=columns) / 10, x, y))
    x, y = rng.normal(size=(500, 50)), rng.normal(size=(500, 1))
    params = {"w1": rng.normal(size=(50, 200)) / 7, "b1": np.zeros(200), "w2": rng.normal(size=(200, 1)) / 14}
    measured("network 50-200-1, 500 rows", network, (params, x, y))


if __name__ == "__main__":
    main()
