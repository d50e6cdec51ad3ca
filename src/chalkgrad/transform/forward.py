"""Forward mode: tangents flow with the values, by the same local gradients that reverse mode uses.

>>> from chalkgrad.graph.evaluate import evaluate
>>> from chalkgrad.graph.graph import Graph, reached
>>> from chalkgrad.graph.wire import Drawing
>>> graph = Graph()
>>> x = Drawing(graph).wire(graph.leaf("x"))
>>> tangents = forward(graph, (x * x).node, {x.node: graph.constant(1.0)})
>>> float(evaluate(graph, {x.node: 3.0})[tangents])
6.0
"""

import operator
from array import array
from collections.abc import Mapping
from functools import reduce

from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph, reached
from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.chain import Chain, reduction
from chalkgrad.transform.masks import Mask, either, pushed

NOTHING = -1


def forward(graph: Graph, output: int, tangents: Mapping[int, int]) -> int | None:
    """Append to `graph` the tangent of `output`, from the tangents of some wires (both as nodes of the same shape).

    Returns its node, or None where the output does not depend on those wires.
    """
    chain = Chain(graph)
    column = array("i", [NOTHING]) * (output + 1)
    wanted = reached(graph, [output])
    masks: dict[int, Mask] = {}
    for node in range(output + 1):
        if node in tangents:
            column[node] = tangents[node]
            continue
        if not wanted[node]:
            continue
        inputs = graph.inputs(node)
        gate = graph.gate(node)
        if gate is None or not gate.differentiable or all(column[one] == NOTHING for one in inputs):
            continue
        flows = [None if column[one] == NOTHING else Wire(chain.xp, column[one]) for one in inputs]
        tangent, mask = _through(chain, gate, node, flows, [masks.get(one) for one in inputs])
        if tangent is not None:
            column[node] = tangent.node
            if mask is not None:
                masks[node] = mask
    return None if column[output] == NOTHING else column[output]


def _through(
    chain: Chain, gate: Gate, node: int, flows: list[Wire | None], masks: list[Mask | None]
) -> tuple[Wire | None, Mask | None]:
    """The tangent of a gate from those of its inputs, and where it is not known to be nothing (see `transform.masks`)."""
    graph, xp = chain.graph, chain.xp
    settings, shape = graph.settings(node), graph.shape(node)
    wires = chain.wires(graph.inputs(node))
    if gate.local is not None:
        return _local(chain, gate, node, flows, masks, shape)
    filled = [xp.broadcast_to(0.0, shape=one.shape) if flow is None else flow for flow, one in zip(flows, wires, strict=True)]
    if gate.push is not None:
        return gate.push(xp, filled, wires, Wire(xp, node), **settings), None
    mask = pushed(gate, xp, masks, flows, wires, settings)
    if gate.linear == "jointly":
        return xp.call(gate.name, *filled, **settings), mask
    terms = [
        xp.call(gate.name, *wires[:slot], flow, *wires[slot + 1 :], **settings)
        for slot, flow in enumerate(flows)
        if flow is not None
    ]
    return _added(terms), mask


def _local(
    chain: Chain, gate: Gate, node: int, flows: list[Wire | None], masks: list[Mask | None], shape: Shape
) -> tuple[Wire | None, Mask | None]:
    terms, passed = [], []
    settings = chain.graph.settings(node)
    for wire, flow, local, mask in zip(chain.graph.inputs(node), flows, chain.locals_of(gate, node), masks, strict=True):
        if flow is None or local is None:
            continue
        term, mask = chain.through(gate, flow, local, mask)
        if gate.reduces and chain.graph.shape(wire):
            axis, keepdims = reduction(settings)
            term, mask = chain.gathered(term, mask, chain.graph.shape(wire), axis, keepdims)
        terms.append(chain.fit(term, shape))
        passed.append(mask)
    return _added(terms), reduce(either, passed) if passed else None


def _added(terms: list[Wire]) -> Wire | None:
    return reduce(operator.add, terms) if terms else None
