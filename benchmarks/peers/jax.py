"""JAX on the processor: jit of value_and_grad."""

from typing import Any

import graphs
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp
from tasks import NEURON, likelihood

from peers import Job, SkippedError

jax.config.update("jax_enable_x64", True)
done = jax.block_until_ready

CALLS = {
    "product": lambda C, D, X, Y: (C + D) * (X + Y) ** 2,
    "sigmoid": lambda w0, x0, w1, x1, w2: 1 / (1 + jnp.exp(-(w0 * x0 + w1 * x1 + w2))),
    "max": lambda x, y, z, w: 2 * (x + y + jnp.maximum(z, w)),
}


def both(found: Any) -> dict[str, Any]:
    return {"value": np.asarray(found[0]), "gradient": np.asarray(found[1])}


def calls(data: Any) -> Job:
    def flat(numbers: Any) -> Any:
        value, slopes = jax.value_and_grad(lambda numbers: CALLS[data.name](*numbers))(numbers)
        return jnp.concatenate([value[None], slopes])

    function = jax.jit(flat)
    return Job(lambda *numbers: np.asarray(function(np.array(numbers))).tolist(), lambda found: {"all": found}, data.arguments)


def neuron(data: Any) -> Job:
    function = jax.jit(jax.vmap(jax.value_and_grad(CALLS["sigmoid"], argnums=(0, 1, 2, 3, 4))))
    columns = [jnp.asarray(one) for one in data.columns.values()]
    return Job(lambda: done(function(*columns)),
               lambda found: dict(zip(("value", *NEURON), map(np.asarray, (found[0], *found[1])), strict=True)))  # fmt: skip


def own(z: Any, y: Any) -> Any:
    return jnp.take_along_axis(z, y[:, None], 1)


def cross_entropy(z: Any, y: Any) -> Any:
    return jnp.mean(logsumexp(z, axis=1) - own(z, y)[:, 0])


def hinge(z: Any, y: Any) -> Any:
    return jnp.sum(jnp.maximum(z - own(z, y) + 1, 0)) / len(y) - 1  # the true class's own margin is 1


def of_logits(loss: Any) -> Any:
    def made(data: Any) -> Job:
        function, z, y = jax.jit(jax.value_and_grad(loss)), jnp.asarray(data.z), jnp.asarray(data.y)
        return Job(lambda: done(function(z, y)), both)

    return made


def softmax(data: Any) -> Job:
    function, z = jax.jit(lambda z: jax.nn.softmax(z, axis=1)), jnp.asarray(data.z)
    return Job(lambda: done(function(z)), lambda found: {"value": np.asarray(found)})


def linear(data: Any) -> Job:
    loss = cross_entropy if data.loss == "cross-entropy" else hinge
    function = jax.jit(jax.value_and_grad(lambda W, X, y: loss(X @ W, y) + 0.5 * data.penalty * jnp.sum(W * W)))
    W, X, y = jnp.asarray(data.W), jnp.asarray(data.X), jnp.asarray(data.y)
    return Job(lambda: done(function(W, X, y)), both)


def mixture(data: Any) -> Job:
    def objective(weights: Any, means: Any, packed: Any) -> Any:
        return likelihood(jnp, lambda z: logsumexp(z, axis=1), weights, means, packed, data)

    function = jax.jit(jax.value_and_grad(objective, argnums=(0, 1, 2)))
    arguments = [jnp.asarray(one) for one in (data.weights, data.means, data.packed)]
    names = ("weights", "means", "packed")
    return Job(
        lambda: done(function(*arguments)),
        lambda found: {"value": np.asarray(found[0])} | dict(zip(names, map(np.asarray, found[1]), strict=True)),
    )


def graph(data: Any) -> Job:
    if len(data.kinds) > 100:
        raise SkippedError("it compiles for minutes")
    function = jax.jit(jax.value_and_grad(lambda x: graphs.drawn(data, x, jnp.exp, jnp.tanh, jax.nn.sigmoid)[-1]))
    inputs = np.array(data.inputs)
    return Job(lambda: done(function(inputs)), both)


JOBS = {"JAX": {"calls": calls, "neuron": neuron, "cross-entropy": of_logits(cross_entropy), "hinge": of_logits(hinge),
                "softmax": softmax, "linear": linear, "mixture": mixture, "graphs": graph}}  # fmt: skip
