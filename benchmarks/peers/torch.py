"""PyTorch on the processor: eager, and compiled by torch.compile."""

from typing import Any

import graphs
import numpy as np
import torch
from tasks import NEURON, likelihood
from torch.nn.functional import cross_entropy

from peers import Job, SkippedError

CALLS = {
    "product": lambda C, D, X, Y: (C + D) * (X + Y) ** 2,
    "sigmoid": lambda w0, x0, w1, x1, w2: torch.sigmoid(w0 * x0 + w1 * x1 + w2),
    "max": lambda x, y, z, w: 2 * (x + y + torch.maximum(z, w)),
}


def numbers(tensor: Any) -> Any:
    return tensor.detach().numpy()


def with_slopes(function: Any, compiled: bool, fixed: tuple[Any, ...], *variables: Any) -> Any:
    """A call that gives the value and the gradient by each of the variables."""
    if compiled:
        made = torch.compile(torch.func.grad_and_value(function, argnums=tuple(range(len(variables)))), fullgraph=True)
        return lambda: made(*variables, *fixed)[::-1]
    for one in variables:
        one.requires_grad_()

    def call() -> Any:
        value = function(*variables, *fixed)
        return value, torch.autograd.grad(value, variables)

    return call


def both(found: Any) -> dict[str, Any]:
    return {"value": numbers(found[0]), "gradient": numbers(found[1][0])}


def calls(compiled: bool) -> Any:
    def made(data: Any) -> Job:
        def of_row(row: Any) -> Any:
            return CALLS[data.name](*row.unbind())

        def eager(*given: float) -> Any:
            row = torch.tensor(given, dtype=torch.float64, requires_grad=True)
            value = of_row(row)
            return (value.item(), *torch.autograd.grad(value, row)[0].tolist())

        @torch.compile(fullgraph=True)
        def flat(row: Any) -> Any:
            slopes, value = torch.func.grad_and_value(of_row)(row)
            return torch.cat([value[None], slopes])

        def call(*given: float) -> Any:
            return flat(torch.tensor(given, dtype=torch.float64)).tolist()

        return Job(call if compiled else eager, lambda found: {"all": found}, data.arguments)

    return made


def neuron(compiled: bool) -> Any:
    def made(data: Any) -> Job:
        columns = [torch.from_numpy(one) for one in data.columns.values()]
        ones = torch.ones_like(columns[0])
        if compiled:

            @torch.compile(fullgraph=True)
            def mapped(*columns: Any) -> Any:
                value, pull = torch.func.vjp(CALLS["sigmoid"], *columns)
                return (value, *pull(torch.ones_like(value)))

            return Job(lambda: mapped(*columns), named)
        for one in columns:
            one.requires_grad_()

        def call() -> Any:
            value = CALLS["sigmoid"](*columns)
            return (value, *torch.autograd.grad(value, columns, ones))

        return Job(call, named)

    return made


def named(found: Any) -> dict[str, Any]:
    return dict(zip(("value", *NEURON), map(numbers, found), strict=True))


def hinge(z: Any, y: Any) -> Any:
    return torch.relu(z - z.gather(1, y[:, None]) + 1).sum() / len(y) - 1  # the true class's own margin is 1


def of_logits(loss: Any, compiled: bool) -> Any:
    return lambda data: Job(with_slopes(loss, compiled, (torch.from_numpy(data.y),), torch.from_numpy(data.z)), both)


def softmax(compiled: bool) -> Any:
    def made(data: Any) -> Job:
        function, z = torch.compile(torch.softmax) if compiled else torch.softmax, torch.from_numpy(data.z)
        return Job(lambda: function(z, 1), lambda found: {"value": numbers(found)})

    return made


def linear(compiled: bool) -> Any:
    def made(data: Any) -> Job:
        loss = cross_entropy if data.loss == "cross-entropy" else hinge

        def objective(W: Any, X: Any, y: Any) -> Any:
            return loss(X @ W, y) + 0.5 * data.penalty * (W * W).sum()

        fixed = torch.from_numpy(data.X), torch.from_numpy(data.y)
        return Job(with_slopes(objective, compiled, fixed, torch.from_numpy(data.W)), both)

    return made


def mixture(compiled: bool) -> Any:
    def made(data: Any) -> Job:
        held = type(data)(**vars(data))
        held.place, held.diagonal = torch.from_numpy(data.place), torch.from_numpy(data.diagonal)
        held.lower, held.x = torch.from_numpy(data.lower), torch.from_numpy(data.x)

        def objective(*variables: Any) -> Any:
            return likelihood(torch, lambda z: torch.logsumexp(z, 1), *variables, held)

        names = ("weights", "means", "packed")
        call = with_slopes(objective, compiled, (), *(torch.from_numpy(getattr(data, name)) for name in names))
        return Job(call, lambda found: {"value": numbers(found[0]), **dict(zip(names, map(numbers, found[1]), strict=True))})

    return made


def graph(data: Any) -> Job:
    if len(data.kinds) > 20_000:
        raise SkippedError("it takes seconds at each call")

    def call() -> Any:
        inputs = [torch.tensor(one, dtype=torch.float64, requires_grad=True) for one in data.inputs]
        value = graphs.drawn(data, inputs, torch.exp, torch.tanh, torch.sigmoid)[-1]
        return value.item(), [one.item() for one in torch.autograd.grad(value, inputs)]

    return Job(call, lambda found: {"value": found[0], "gradient": np.array(found[1])})


def jobs(compiled: bool) -> dict[str, Any]:
    return {"calls": calls(compiled), "neuron": neuron(compiled), "cross-entropy": of_logits(cross_entropy, compiled),
            "hinge": of_logits(hinge, compiled), "softmax": softmax(compiled), "linear": linear(compiled),
            "mixture": mixture(compiled)}  # fmt: skip


JOBS = {"PyTorch": {**jobs(False), "graphs": graph}, "PyTorch compiled": jobs(True)}
