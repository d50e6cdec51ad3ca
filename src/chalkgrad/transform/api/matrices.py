"""jacobian and hessian: all slopes of all entries, by one walk that carries every direction at once.

>>> jacobian(lambda x: np.stack([x[0] * x[1], x[0] + x[1]]))(np.array([3.0, 5.0]))
array([[5., 3.],
       [1., 1.]])
>>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
array([[10.,  6.],
       [ 6.,  0.]])
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from chalkgrad.errors import GivenError
from chalkgrad.reading.trace.lifting import joined, traced
from chalkgrad.reading.trace.session import Trace
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.api.arguments import Argnames, Argnums, Chosen, trace_under_way
from chalkgrad.transform.api.gradient import grad, pulled_back, settled
from chalkgrad.transform.api.pytrees import flatten, unflatten
from chalkgrad.transform.api.staged import Staged
from chalkgrad.transform.batch import Batch
from chalkgrad.transform.forward import forward

Function = Callable[..., Any]
Mode = Literal["forward", "reverse"]


def jacobian(f: Function, argnums: Argnums | None = None, argnames: Argnames | None = None, mode: Mode | None = None,
             has_aux: bool = False, stabilise: bool = True) -> Staged:  # fmt: skip
    """A function that returns ∂f/∂x with the axes of f first, then those of x; nested where f or x are.

    `mode` is chosen by shape unless told: forward where x has fewer entries than f, else reverse. `stabilise`: see value_and_grad.
    """
    if mode not in (None, "forward", "reverse"):
        raise GivenError(f'mode is "forward" or "reverse", not {mode!r}.')
    chosen = 0 if argnums is None and argnames is None else argnums

    def all_slopes(*args: Any, **settings: Any) -> Any:
        held = Chosen(f, args, settings, chosen, argnames)
        result = held.call(f)
        value, aux = result if has_aux else (result, None)
        outputs, built = flatten(value)
        wires = [settled(traced(joined(one)), stabilise) for one in outputs]
        entering, leaving = sum(leaf.size for leaf in held.leaves), sum(wire.size for wire in wires)
        way = mode or ("forward" if entering < leaving else "reverse")
        rows = [_forward_row(wire, held.leaves) if way == "forward" else _reverse_row(wire, held.leaves) for wire in wires]
        slopes = unflatten(built, [held.arranged(row) for row in rows])
        return (slopes, aux) if has_aux else slopes

    again = jacobian, (f, argnums, argnames, mode, has_aux, stabilise)
    return Staged(all_slopes, f, again, stabilise=stabilise)


def hessian(f: Function, argnums: Argnums | None = None, argnames: Argnames | None = None, has_aux: bool = False,
            stabilise: bool = True) -> Staged:  # fmt: skip
    """A function that returns the second derivatives of `f`, a function with a single number as its value."""
    slopes = grad(f, argnums, argnames, has_aux, stabilise)
    return jacobian(slopes, argnums, argnames, mode="forward", has_aux=has_aux, stabilise=stabilise)


def _reverse_row(output: Traced, leaves: list[Traced]) -> list[Any]:
    """The backward pass from one entry of the output, then the same for all entries at once."""
    trace = trace_under_way()
    size = output.size
    start = len(trace.graph)
    seed = Traced(trace, trace.constant(np.zeros(output.shape, dtype=output.dtype)))
    gradients = pulled_back(output, leaves, seed)
    basis = trace.constant(np.eye(size, dtype=output.dtype).reshape(size, *output.shape))
    batch = Batch(trace.graph, size, {seed.node: basis})
    batch.run(range(start, len(trace.graph)))
    return [_laid_out(batch, trace, one, (*output.shape, *leaf.shape), leaf)
            for one, leaf in zip(gradients, leaves, strict=True)]  # fmt: skip


def _laid_out(batch: Batch, trace: Trace, slope: Traced | None, shape: tuple[int, ...], like: Traced) -> Any:
    if slope is None or 0 in shape:
        return Traced(trace, trace.constant(np.zeros(shape, dtype=like.dtype)))
    rows = batch.full(slope.node).node
    trace.drawn()
    return np.reshape(traced(Traced(trace, rows)), shape)


def _forward_row(output: Traced, leaves: list[Traced]) -> list[Any]:
    """The tangent along one entry of a leaf, then along all of them at once; the entries' axis comes last."""
    trace = trace_under_way()
    found = []
    for leaf in leaves:
        start = len(trace.graph)
        direction = trace.constant(np.zeros(leaf.shape, dtype=leaf.dtype))
        node = forward(trace.graph, output.node, {leaf.node: direction})
        basis = trace.constant(np.eye(leaf.size, dtype=leaf.dtype).reshape(leaf.size, *leaf.shape))
        batch = Batch(trace.graph, leaf.size, {direction: basis})
        batch.run(range(start, len(trace.graph)))
        trace.drawn()
        slope = None if node is None else Traced(trace, node)
        shape = (leaf.size, *output.shape)
        moved = np.moveaxis(_laid_out(batch, trace, slope, shape, output), 0, -1)
        found.append(np.reshape(moved, (*output.shape, *leaf.shape)))
    return found
