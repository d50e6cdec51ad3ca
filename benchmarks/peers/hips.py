"""HIPS autograd, over its own NumPy."""

from typing import Any

import autograd.numpy as anp
import graphs
import numpy as np
from autograd import value_and_grad
from autograd.scipy.special import logsumexp
from tasks import NEURON, likelihood

from peers import Job, SkippedError

CALLS = {
    "product": lambda v: (v[0] + v[1]) * (v[2] + v[3]) ** 2,
    "sigmoid": lambda v: sigmoid(v[0] * v[1] + v[2] * v[3] + v[4]),
    "max": lambda v: 2 * (v[0] + v[1] + anp.maximum(v[2], v[3])),
}


def sigmoid(x: Any) -> Any:
    return 1 / (1 + anp.exp(-x))


def calls(data: Any) -> Job:
    function = value_and_grad(CALLS[data.name])

    def call(*numbers: float) -> Any:
        value, slopes = function(numbers)
        return (float(value), *map(float, slopes))

    return Job(call, lambda found: {"all": found}, data.arguments)


def neuron(data: Any) -> Job:
    kept = []

    def total(columns: Any) -> Any:
        w0, x0, w1, x1, w2 = columns
        kept[:] = [sigmoid(w0 * x0 + w1 * x1 + w2)]
        return anp.sum(kept[0])

    function, columns = value_and_grad(total), tuple(data.columns.values())

    def call() -> Any:
        _, slopes = function(columns)
        return kept[0]._value, *slopes

    return Job(call, lambda found: dict(zip(("value", *NEURON), found, strict=True)))


def of_logits(loss: Any) -> Any:
    def made(data: Any) -> Job:
        rows = np.arange(len(data.y))
        function = value_and_grad(lambda z: loss(z, data.y, rows))
        return Job(function, lambda found: {"value": found[0], "gradient": found[1]}, (data.z,))

    return made


def cross_entropy(z: Any, y: Any, rows: Any) -> Any:
    return anp.mean(logsumexp(z, axis=1) - z[rows, y])


def hinge(z: Any, y: Any, rows: Any) -> Any:
    return anp.sum(anp.maximum(z - z[rows, y][:, None] + 1, 0)) / len(y) - 1  # the true class's own margin is 1


def linear(data: Any) -> Job:
    loss, rows = cross_entropy if data.loss == "cross-entropy" else hinge, np.arange(len(data.y))
    function = value_and_grad(lambda W: loss(data.X @ W, data.y, rows) + 0.5 * data.penalty * anp.sum(W * W))
    return Job(function, lambda found: {"value": found[0], "gradient": found[1]}, (data.W,))


def mixture(data: Any) -> Job:
    function = value_and_grad(lambda all_: likelihood(anp, lambda z: logsumexp(z, axis=1), *all_, data))
    arguments = (data.weights, data.means, data.packed)
    names = ("weights", "means", "packed")
    return Job(function, lambda found: {"value": found[0], **dict(zip(names, found[1], strict=True))}, (arguments,))


def graph(data: Any) -> Job:
    if len(data.kinds) > 20_000:
        raise SkippedError("it takes seconds at each call")
    function = value_and_grad(lambda inputs: graphs.drawn(data, inputs, anp.exp, anp.tanh, sigmoid)[-1])
    inputs = tuple(data.inputs)
    return Job(lambda: function(inputs), lambda found: {"value": found[0], "gradient": np.array(found[1])})


JOBS = {"autograd": {"calls": calls, "neuron": neuron, "cross-entropy": of_logits(cross_entropy), "hinge": of_logits(hinge),
                     "linear": linear, "mixture": mixture, "graphs": graph}}  # fmt: skip
