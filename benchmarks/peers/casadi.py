"""CasADi, which runs graphs of single numbers on a tape of its own; through its buffer, its fastest way in."""

from typing import Any

import casadi
import graphs
import numpy as np

from peers import Job, SkippedError

FORMULAS = {
    "product": lambda C, D, X, Y: (C + D) * (X + Y) ** 2,
    "sigmoid": lambda w0, x0, w1, x1, w2: sigmoid(w0 * x0 + w1 * x1 + w2),
    "max": lambda x, y, z, w: 2 * (x + y + casadi.fmax(z, w)),
}


def sigmoid(x: Any) -> Any:
    return 1 / (1 + casadi.exp(-x))


def buffered(inputs: Any, output: Any) -> tuple[Any, Any, Any]:
    """Where the inputs go, where value and gradient come, and the call that computes them."""
    function = casadi.Function("both", [inputs], [casadi.densify(casadi.vertcat(output, casadi.gradient(output, inputs)))])
    buffer, run = function.buffer()
    given, results = np.zeros(inputs.shape[0]), np.zeros(inputs.shape[0] + 1)
    buffer.set_arg(0, memoryview(given))
    buffer.set_res(0, memoryview(results))
    return given, results, lambda _=(buffer, function): run()


def calls(data: Any) -> Job:
    inputs = casadi.SX.sym("x", len(data.arguments))
    given, results, run = buffered(inputs, FORMULAS[data.name](*casadi.vertsplit(inputs)))

    def call(*numbers: float) -> Any:
        given[:] = numbers
        run()
        return results.tolist()

    return Job(call, lambda found: {"all": found}, data.arguments)


def graph(data: Any) -> Job:
    if len(data.kinds) > 200_000:
        raise SkippedError("it is built for over half a minute")
    inputs = casadi.SX.sym("x", graphs.LEAVES)
    given, results, run = buffered(inputs, graphs.drawn(data, casadi.vertsplit(inputs), casadi.exp, casadi.tanh, sigmoid)[-1])
    given[:] = data.inputs
    return Job(run, lambda _: {"value": results[0], "gradient": results[1:].copy()})


JOBS = {"CasADi": {"calls": calls, "graphs": graph}}
