"""Chalkgrad: formulas compiled, plain NumPy functions differentiated, a graph of single numbers as a tape.

The functions are written the way a textbook writes them.
"""

from typing import Any

import graphs
import numpy as np
from tasks import likelihood

import chalkgrad
from peers import Job

SIGMOID = "f = 1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))"


def calls(data: Any) -> Job:
    function = chalkgrad.compile(data.formula).value_and_grad
    return Job(function, lambda found: {"all": np.array([found[0], *found[1]])}, data.arguments)


def neuron(data: Any) -> Job:
    formula = chalkgrad.compile(SIGMOID)
    return Job(
        lambda: formula.batch(**data.columns), lambda found: {"value": found[0], **dict(zip(formula.inputs, found[1], strict=True))}
    )


def softmax_of(z: Any) -> Any:
    e = np.exp(z)
    return e / np.sum(e, axis=1, keepdims=True)


def cross_entropy(z: Any, y: Any) -> Any:
    return -np.mean(np.log(softmax_of(z)[np.arange(len(y)), y]))


def hinge(z: Any, y: Any) -> Any:
    rows = np.arange(len(y))
    margins = np.maximum(0, z - z[rows, y][:, None] + 1)
    margins[rows, y] = 0
    return np.sum(margins) / len(y)


def of_logits(loss: Any) -> Any:
    def made(data: Any) -> Job:
        return Job(chalkgrad.value_and_grad(loss), lambda found: {"value": found[0], "gradient": found[1]}, (data.z, data.y))

    return made


def softmax(data: Any) -> Job:
    return Job(chalkgrad.jit(softmax_of), lambda found: {"value": found}, (data.z,))


def linear(data: Any) -> Job:
    loss = cross_entropy if data.loss == "cross-entropy" else hinge

    def objective(W: Any, X: Any, y: Any) -> Any:
        return loss(X @ W, y) + 0.5 * data.penalty * np.sum(W * W)

    return Job(
        chalkgrad.value_and_grad(objective), lambda found: {"value": found[0], "gradient": found[1]}, (data.W, data.X, data.y)
    )


def logsumexp(z: Any) -> Any:
    top = np.max(z, axis=1, keepdims=True)
    return np.log(np.sum(np.exp(z - top), axis=1)) + top[:, 0]


def mixture(data: Any) -> Job:
    def objective(weights: Any, means: Any, packed: Any) -> Any:
        return likelihood(np, logsumexp, weights, means, packed, data)

    for one in (data.x, data.place, data.lower, data.diagonal):
        one.setflags(write=False)  # so that the function may be sure of them
    function = chalkgrad.value_and_grad(objective, argnums=(0, 1, 2))
    return Job(
        function,
        lambda found: {"value": found[0], **dict(zip(("weights", "means", "packed"), found[1], strict=True))},
        (data.weights, data.means, data.packed),
    )


def graph(data: Any) -> Job:
    draw = chalkgrad.drawing()
    leaves = [draw.leaf(f"x{place}") for place in range(graphs.LEAVES)]
    function = chalkgrad.compile(graphs.drawn(data, leaves, draw.exp, draw.tanh, draw.sigmoid)[-1]).value_and_grad
    return Job(function, lambda found: {"value": found[0], "gradient": np.array(found[1])}, tuple(map(float, data.inputs)))


JOBS = {"Chalkgrad": {"calls": calls, "neuron": neuron, "cross-entropy": of_logits(cross_entropy), "hinge": of_logits(hinge),
                      "softmax": softmax, "linear": linear, "mixture": mixture, "graphs": graph}}  # fmt: skip
