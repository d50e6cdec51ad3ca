"""Four losses in plain NumPy, each handed to scipy.optimize with its exact gradient.

    $ python examples/minimise.py

Nothing in the losses knows of Chalkgrad; `value_and_grad` reads them as they stand.
"""

import numpy as np
from scipy.optimize import minimize

from chalkgrad import hessian, value_and_grad

DATA = np.random.default_rng(7)


def rosenbrock(x):
    """A banana-shaped valley; its floor is at (1, ..., 1)."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def logistic(params, X, y, strength=0.01):
    """Logistic regression with a penalty: the mean of log(1 + e^(−y·score))."""
    weight, bias = params[:-1], params[-1]
    margin = y * (X @ weight + bias)
    return np.mean(np.logaddexp(0.0, -margin)) + strength * np.sum(weight**2)


def mixture(params, x, parts=2):
    """Minus the log-likelihood of a Gaussian mixture: weights by softmax, widths by their logarithms."""
    scores, centres, log_widths = np.split(params, 3)
    log_weights = scores - np.logaddexp.reduce(scores)
    standard = (x[:, None] - centres) / np.exp(log_widths)
    log_density = -0.5 * standard**2 - log_widths - 0.5 * np.log(2 * np.pi)
    return -np.sum(np.logaddexp.reduce(log_weights + log_density, axis=1)) + 0.01 * np.sum(scores**2)


def network(params, X, y, hidden=8):
    """A small neural network: one hidden layer, squared error."""
    inputs = X.shape[1]
    W = params[: inputs * hidden].reshape(inputs, hidden)
    b, v = np.split(params[inputs * hidden : -1], 2)
    return np.mean((np.tanh(X @ W + b) @ v + params[-1] - y) ** 2) + 1e-4 * np.sum(params**2)


def solve(loss, start, *data):
    """The minimum by BFGS, which asks for value and gradient at once."""
    found = minimize(value_and_grad(loss), start, args=data, jac=True, method="BFGS", options={"maxiter": 2000})
    print(f"{loss.__name__:12} {found.nit:4} steps    loss {found.fun:.6f}    largest slope {np.max(np.abs(found.jac)):.1e}")
    return found


def main():
    start = np.array([-1.2, 1.0, -0.5, 0.8, 1.1])
    valley = solve(rosenbrock, start)
    print("             at", np.round(valley.x, 5))
    newton = minimize(value_and_grad(rosenbrock), start, jac=True, hess=hessian(rosenbrock), method="trust-exact")
    print(f"             and with the exact Hessian in {newton.nit} steps")

    X = DATA.normal(size=(200, 3))
    y = np.where(X @ np.array([1.0, -2.0, 0.5]) + 0.3 + 0.5 * DATA.normal(size=200) > 0, 1.0, -1.0)
    fit = solve(logistic, np.zeros(4), X, y)
    right = np.mean(np.sign(X @ fit.x[:-1] + fit.x[-1]) == y)
    print(f"             {right:.0%} of the labels right")

    x = np.concatenate([DATA.normal(-2.0, 0.5, 150), DATA.normal(1.0, 1.0, 250)])
    fit = solve(mixture, np.array([0.0, 0.0, -1.0, 2.0, 0.0, 0.0]), x)
    print("             centres", np.round(np.sort(fit.x[2:4]), 1))

    X = DATA.uniform(-2, 2, size=(100, 1))
    solve(network, 0.5 * DATA.normal(size=8 + 16 + 1), X, np.sin(2 * X[:, 0]))


if __name__ == "__main__":
    main()
