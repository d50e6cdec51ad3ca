"""jvp, vjp and hvp: derivatives along a direction, forward and backward.

>>> jvp(np.sin, (0.0,), (2.0,))
(0.0, 2.0)
>>> value, pull = vjp(lambda x: x**2, np.array([1.0, 3.0]))
>>> pull(np.array([1.0, 10.0]))
(array([ 2., 60.]),)
>>> hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
array([6., 0.])
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError
from chalkgrad.graph.shapes import show
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import joined, traced
from chalkgrad.reading.trace.session import Trace, current
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.api.arguments import Chosen
from chalkgrad.transform.api.gradient import grad, in_kind_of, pulled_back, zeros_of
from chalkgrad.transform.api.pytrees import flatten, unflatten
from chalkgrad.transform.api.staged import Staged
from chalkgrad.transform.forward import forward

Function = Callable[..., Any]


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """The value of `f` at `primals` and its derivative along `tangents`; with `has_aux`, also what else `f` returns."""

    def value_and_tangent(primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        held = Chosen(f, primals, {}, tuple(range(len(primals))), None)
        directions, structure = flatten(tuple(tangents))
        if structure != held.structure:
            raise GivenError(
                "The tangents are not built like the arguments.", hint="One tangent for each argument, of its structure."
            )
        result = held.call(f)
        value, aux = result if has_aux else (result, None)
        outputs, built = flatten(value)
        flows = {leaf.node: along(leaf, direction).node for leaf, direction in zip(held.leaves, directions, strict=True)}
        wires = [traced(joined(one)) for one in outputs]
        pushed = unflatten(built, [pushed_forward(one, flows) for one in wires])
        return (value, pushed, aux) if has_aux else (value, pushed)

    return Staged(value_and_tangent, f)(tuple(primals), tuple(tangents))


def along(leaf: Traced, direction: Any) -> Traced:
    """A tangent, which must have the shape of what it moves."""
    wire: Traced = traced(joined(direction))
    if wire.shape != leaf.shape:
        raise refusal(f"A tangent of shape {show(wire.shape)} cannot move an argument of shape {show(leaf.shape)}.")
    return in_kind_of(wire, leaf)


def pushed_forward(output: Traced, flows: dict[int, int]) -> Traced:
    trace: Trace = output.session
    node = forward(trace.graph, output.node, flows)
    trace.catch_up()
    if node is None:
        return zeros_of(output)
    tangent = Traced(trace, node)
    return in_kind_of(tangent, output)


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> Any:
    """The value of `f` at `primals`, and a function from a gradient of the value to the gradients of the arguments."""
    if current() is not None:
        return _vjp_here(f, primals, has_aux)

    def pulling(primals: Any, upstream: Any) -> Any:
        return _vjp_here(f, primals, has_aux)[1](upstream)

    def pull(upstream: Any) -> Any:
        return staged(tuple(primals), upstream)

    staged = Staged(pulling, f)
    result = Staged(lambda primals: f(*primals), f)(tuple(primals))
    return (result[0], pull, result[1]) if has_aux else (result, pull)


def _vjp_here(f: Function, primals: Sequence[Any], has_aux: bool) -> Any:
    held = Chosen(f, primals, {}, tuple(range(len(primals))), None)
    result = held.call(f)
    value, aux = result if has_aux else (result, None)
    outputs, built = flatten(value)
    wires = [traced(joined(one)) for one in outputs]

    def pull(upstream: Any) -> Any:
        seeds, structure = flatten(upstream)
        if structure != built:
            raise GivenError("The gradient is not built like the value of the function.")
        total: Any = None
        for wire, seed in zip(wires, seeds, strict=True):
            if np.shape(seed) != wire.shape:
                raise refusal(f"A gradient of shape {show(np.shape(seed))} does not fit a value of shape {show(wire.shape)}.")
            part = np.sum(wire * seed)
            total = part if total is None else total + part
        gradients = pulled_back(total, held.leaves)
        return held.arranged([zeros_of(leaf) if one is None else one for one, leaf in zip(gradients, held.leaves, strict=True)])

    return (value, pull, aux) if has_aux else (value, pull)


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of `f` times a direction: how the gradient changes along it. The Hessian itself is not formed."""
    everything = 0 if len(primals) == 1 else tuple(range(len(primals)))
    _, change = jvp(grad(f, everything), primals, tangents)
    return change
