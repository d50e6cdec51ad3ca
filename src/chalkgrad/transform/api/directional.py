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
from threading import Lock
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError
from chalkgrad.graph.shapes import show
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import joined, traced
from chalkgrad.reading.trace.program import Program
from chalkgrad.reading.trace.scipys import retraced
from chalkgrad.reading.trace.session import Trace, current
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.api.arguments import Chosen
from chalkgrad.transform.api.gradient import grad, in_kind_of, parts, pulled_back, settled, zeros_of
from chalkgrad.transform.api.pytrees import flatten, unflatten
from chalkgrad.transform.api.staged import Form, Staged, entered, read, taken_apart, unwrapped
from chalkgrad.transform.forward import forward
from chalkgrad.transform.stabilise import Stabiliser

Function = Callable[..., Any]


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False, stabilise: bool = True) -> Any:
    """The value of `f` at `primals` and its derivative along `tangents`; with `has_aux`, also what else `f` returns.

    `stabilise`: see value_and_grad; so with vjp and hvp.
    """

    def value_and_tangent(primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
        held = Chosen(f, primals, {}, tuple(range(len(primals))), None)
        directions, structure = flatten(tuple(tangents))
        if structure != held.structure:
            raise GivenError(
                "The tangents are not built like the arguments.", hint="One tangent for each argument, of its structure."
            )
        value, aux = parts(held.call(f), has_aux)
        outputs, built = flatten(value)
        flows = {leaf.node: along(leaf, direction).node for leaf, direction in zip(held.leaves, directions, strict=True)}
        wires = [settled(traced(joined(one)), stabilise) for one in outputs]
        pushed = unflatten(built, [pushed_forward(one, flows) for one in wires])
        return (value, pushed, aux) if has_aux else (value, pushed)

    again = jvp, (f, primals, tangents, has_aux, stabilise)
    return Staged(value_and_tangent, f, again, stabilise=stabilise)(tuple(primals), tuple(tangents))


def along(leaf: Traced, direction: Any) -> Traced:
    """A tangent, which must have the shape of what it moves."""
    wire: Traced = traced(joined(direction))
    if wire.shape != leaf.shape:
        raise refusal(f"A tangent of shape {show(wire.shape)} cannot move an argument of shape {show(leaf.shape)}.")
    return in_kind_of(wire, leaf)


def pushed_forward(output: Traced, flows: dict[int, int]) -> Traced:
    trace: Trace = output.session
    node = forward(trace.graph, output.node, flows)
    trace.drawn()
    if node is None:
        return zeros_of(output)
    tangent = Traced(trace, node)
    return in_kind_of(tangent, output)


def vjp(f: Function, *primals: Any, has_aux: bool = False, stabilise: bool = True) -> Any:
    """The value of `f` at `primals`, and a function from a gradient of the value to the gradients of the arguments.

    `f` runs once. What the backward pass needs of that run is kept, so that each gradient costs a backward pass only.
    """
    if current() is not None:
        return _vjp_here(f, primals, has_aux, stabilise)
    pullback = Pullback(f, primals, has_aux, stabilise)
    value, aux = pullback.answer
    return (value, pullback, aux) if has_aux else (value, pullback)


class Pullback:
    """What vjp gives back: its first call draws the backward pass into the trace of the run, later calls repeat it."""

    @retraced
    def __init__(self, f: Function, primals: Sequence[Any], has_aux: bool, stabilise: bool = True) -> None:
        leaves, structure = flatten(tuple(primals))
        # Copies, for the caller may change the arrays before the gradient is asked for.
        inputs = [None if one is None else np.array(one)[()] for one in read(leaves)[0]]
        trace = Trace()
        trace.stable = Stabiliser(trace.graph) if stabilise else None
        with trace.underway(), np.errstate(all="ignore"):
            traced_primals = unflatten(structure, entered(trace, leaves, inputs))
            value, pull, *aux = unwrapped(_vjp_here, (f, traced_primals, has_aux, stabilise), {})
            outputs, self.built = flatten(value)
            self.kinds = [(wire.shape, wire.dtype) for wire in (traced(joined(one)) for one in outputs)]
            nodes, form = taken_apart((value, *aux, None)[:2])
            nodes = [trace.settled(node) for node in nodes]
            self.answer = form.given_back([trace.values[node] for node in nodes], floats=True)
        copies = [leaf if one is None else one for leaf, one in zip(leaves, inputs, strict=True)]
        self._anew = f, unflatten(structure, copies), has_aux, stabilise
        self._first: tuple[Trace, Function] | None = (trace, pull)
        self._lock = Lock()
        self._form: Form
        self._program: Program
        self._residuals: list[Any]

    def __call__(self, upstream: Any) -> Any:
        if current() is not None:  # where the upstream gradient is itself differentiated
            return _vjp_here(*self._anew)[1](upstream)
        seeds = [np.asarray(joined(seed), dtype=kind if kind.kind == "f" else float)[()]
                 for seed, (_, kind) in zip(_seeds(upstream, self.built, self.kinds), self.kinds, strict=True)]  # fmt: skip
        with self._lock:
            if self._first is not None:
                return self._drawn(*self._first, seeds)
        results = self._program.run([*self._residuals, *seeds])
        assert results is not None, "a backward pass has no guards"
        return self._form.given_back(results, floats=True)

    def _drawn(self, trace: Trace, pull: Function, seeds: list[Any]) -> Any:
        known = len(trace.graph)
        with trace.underway(), np.errstate(all="ignore"):
            wires = [Traced(trace, trace.leaf(f"gradient {place}", seed)) for place, seed in enumerate(seeds)]
            nodes, self._form = taken_apart(pull(unflatten(self.built, wires)))
            nodes = [trace.settled(node) for node in nodes]
        self._program = Program(trace, nodes, known)
        self._residuals = [trace.values[node] for node in self._program.residuals]
        self._first = None  # and with it all other values of the run
        return self._form.given_back([trace.values[node] for node in nodes], floats=True)


def _seeds(upstream: Any, built: Any, kinds: Sequence[tuple[Any, Any]]) -> list[Any]:
    """The entries of an upstream gradient, which is built like the value and has its shapes."""
    seeds, structure = flatten(upstream)
    if structure != built:
        raise GivenError("The gradient is not built like the value of the function.")
    for seed, (shape, _) in zip(seeds, kinds, strict=True):
        if np.shape(seed) != shape:
            raise refusal(f"A gradient of shape {show(np.shape(seed))} does not fit a value of shape {show(shape)}.")
    return seeds


def _vjp_here(f: Function, primals: Sequence[Any], has_aux: bool, stabilise: bool) -> Any:
    held = Chosen(f, primals, {}, tuple(range(len(primals))), None)
    value, aux = parts(held.call(f), has_aux)
    outputs, built = flatten(value)
    wires = [settled(traced(joined(one)), stabilise) for one in outputs]

    def pull(upstream: Any) -> Any:
        total: Any = None
        for wire, seed in zip(wires, _seeds(upstream, built, [(wire.shape, None) for wire in wires]), strict=True):
            part = np.sum(wire * seed)
            total = part if total is None else total + part
        gradients = pulled_back(total, held.leaves)
        return held.arranged([zeros_of(leaf) if one is None else one for one, leaf in zip(gradients, held.leaves, strict=True)])

    return (value, pull, aux) if has_aux else (value, pull)


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any], stabilise: bool = True) -> Any:
    """The Hessian of `f` times a direction: how the gradient changes along it. The Hessian itself is not formed."""
    everything = 0 if len(primals) == 1 else tuple(range(len(primals)))
    _, change = jvp(grad(f, everything, stabilise=stabilise), primals, tangents, stabilise=stabilise)
    return change
