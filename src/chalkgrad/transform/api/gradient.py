"""grad and value_and_grad, and what stops or postpones a gradient: stop_gradient, checkpoint.

>>> value_and_grad(lambda x: np.sum(x**2))(np.array([3.0, -4.0]))
(25.0, array([ 6., -8.]))
>>> grad(grad(np.sin))(0.5)
-0.479425538604203
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import show
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import apply, joined, traced
from chalkgrad.reading.trace.session import Trace, current
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.api.arguments import Argnames, Argnums, Chosen, called, trace_under_way
from chalkgrad.transform.api.pytrees import flatten, unflatten
from chalkgrad.transform.api.staged import Staged
from chalkgrad.transform.reverse import reverse

Function = Callable[..., Any]


def value_and_grad(f: Function, argnums: Argnums | None = None, argnames: Argnames | None = None, has_aux: bool = False,
                   stabilise: bool = True) -> Staged:  # fmt: skip
    """A function that returns what `f` returns, and its gradient with respect to the chosen arguments (the first one unless told).

    With `has_aux`, `f` returns (value, aux), and the result is ((value, aux), gradient). Textbook forms are differentiated and
    computed in stable forms (`transform.stabilise`) unless `stabilise` is False.
    """
    chosen = 0 if argnums is None and argnames is None else argnums

    def value_and_gradient(*args: Any, **settings: Any) -> Any:
        held = Chosen(f, args, settings, chosen, argnames)
        result = held.call(f)
        value, aux = parts(result, has_aux)
        number = settled(scalar(f, value), stabilise)
        gradients = pulled_back(number, held.leaves)
        if all(one is None for one in gradients) and not isinstance(f, Staged):
            _require_dependence(f, number, held)
        filled = [zeros_of(leaf) if one is None else one for one, leaf in zip(gradients, held.leaves, strict=True)]
        return (number, aux) if has_aux else number, held.arranged(filled)

    again = value_and_grad, (f, argnums, argnames, has_aux, stabilise)
    return Staged(value_and_gradient, f, again, stabilise=stabilise)


def grad(f: Function, argnums: Argnums | None = None, argnames: Argnames | None = None, has_aux: bool = False,
         stabilise: bool = True) -> Staged:  # fmt: skip
    """A function that returns the gradient of `f` with respect to the chosen arguments (the first one unless told).

    With `has_aux`, `f` returns (value, aux), and the result is (gradient, aux). `stabilise`: see value_and_grad.
    """
    both = value_and_grad(f, argnums, argnames, has_aux, stabilise).procedure

    def gradient(*args: Any, **settings: Any) -> Any:
        value, slopes = both(*args, **settings)
        return (slopes, value[1]) if has_aux else slopes

    return Staged(gradient, f, (grad, (f, argnums, argnames, has_aux, stabilise)), stabilise=stabilise)


def stop_gradient(x: Any) -> Any:
    """The same value, which counts as a constant from here on."""
    leaves, structure = flatten(x)
    return unflatten(structure, [apply("stop", leaf) if isinstance(leaf, Traced) else leaf for leaf in leaves])


def checkpoint(f: Function) -> Function:
    """The same function, whose intermediate values are not kept for the backward pass but computed again there.

    It costs the time of a second forward pass of `f`, and spares memory.
    """

    @wraps(f, updated=())
    def marked(*args: Any, **settings: Any) -> Any:
        trace = current()
        if trace is None:
            return f(*args, **settings)
        start = len(trace.graph)
        result = f(*args, **settings)
        trace.graph.stretches.append(range(start, len(trace.graph)))
        return result

    return marked


def parts(result: Any, has_aux: bool) -> tuple[Any, Any]:
    """The value of a function, and what it returns beside it."""
    if not has_aux:
        return result, None
    if not (isinstance(result, tuple) and len(result) == 2):
        raise refusal("With has_aux=True the function returns a pair: (value, anything else).")
    return result


def settled(wire: Traced, stabilise: bool) -> Traced:
    """The wire to differentiate: the one in stable form, unless the literal one is wanted."""
    return wire.settled() if stabilise else wire


def scalar(f: Function, value: Any) -> Traced:
    """The function's value as a single traced number, or a letter that says what else it is."""
    name = called(f)
    if value is None:
        raise refusal(f"{name} returned nothing.", hint="Is there a `return` at its end?")
    if isinstance(value, tuple | list | dict):
        raise refusal(f"A gradient needs a single number to start from; {name} returned a {type(value).__name__}.",
                      hint="has_aux=True is for functions that return (value, something else).")  # fmt: skip
    number: Traced = traced(joined(value))
    if number.shape != ():
        if number.size == 1:
            hint = "It has one entry: return it with [0], or np.sum(...)."
        else:
            hint = "Reduce it with np.sum or np.mean; chalkgrad.jacobian gives the slopes of all entries."
        raise refusal(f"A gradient needs a single number to start from; {name} returned the shape {show(number.shape)}.", hint)
    if number.dtype.kind not in "f":
        raise refusal(f"{name} returned a {'condition' if number.dtype.kind == 'b' else 'whole number'}, which has no slope.")
    return number


def pulled_back(output: Traced, leaves: list[Traced], seed: Traced | None = None) -> list[Traced | None]:
    """The gradient of the output with respect to each leaf, in the leaf's precision; None where it does not depend."""
    trace: Trace = output.session
    back = reverse(trace.graph, output.node, [leaf.node for leaf in leaves], None if seed is None else seed.node)
    trace.drawn()
    found = [back.total(leaf.node) for leaf in leaves]
    return [None if node is None else in_kind_of(Traced(trace, node), leaf) for node, leaf in zip(found, leaves, strict=True)]


def in_kind_of(gradient: Traced, leaf: Traced) -> Traced:
    """The same wire in the precision of another: gradients and tangents are as precise as what they belong to."""
    same: Traced = gradient if gradient.dtype == leaf.dtype else gradient.astype(leaf.dtype)
    return same


def zeros_of(leaf: Traced) -> Traced:
    return Traced(leaf.session, leaf.session.constant(np.zeros(leaf.shape, dtype=leaf.dtype)))


def _require_dependence(f: Function, number: Traced, held: Chosen) -> None:
    trace = trace_under_way()
    reached = reachable(trace.graph, [leaf.node for leaf in held.leaves])
    if held.leaves and not reached[number.node] and not any(reached[guard.node] for guard in trace.guards):
        names = " or ".join(dict.fromkeys(held.names))
        raise refusal(
            f"{called(f)} does not depend on {names}: nothing that happens to {names} reaches its result.",
            hint="Did a step turn it into plain numbers, or is another argument meant (argnums)?",
        )


def reachable(graph: Graph, sources: list[int]) -> bytearray:
    """Marks the wires that depend on one of the sources in any way, conditions included."""
    reached = bytearray(len(graph))
    for node in sources:
        reached[node] = 1
    for node in range(min(sources, default=0), len(graph)):
        if not reached[node] and any(reached[one] for one in graph.inputs(node)):
            reached[node] = 1
    return reached
