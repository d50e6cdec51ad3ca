"""Forward mode: tangents flow with the values, by the same local gradients that reverse mode uses.

>>> from chalkgrad.graph.evaluate import evaluate
>>> from chalkgrad.graph.graph import Graph
>>> from chalkgrad.graph.wire import Drawing
>>> graph = Graph()
>>> x = Drawing(graph).wire(graph.leaf("x"))
>>> tangents = forward(graph, (x * x).node, {x.node: graph.constant(1.0)})
>>> float(evaluate(graph, {x.node: 3.0})[tangents])
6.0
"""

from array import array
from collections.abc import Mapping

from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.chain import Chain, reduction

NOTHING = -1


def forward(graph: Graph, output: int, tangents: Mapping[int, int]) -> int | None:
    """Append to `graph` the tangent of `output`, from the tangents of some wires (both as nodes of the same shape).

    Returns its node, or None where the output does not depend on those wires.
    """
    chain = Chain(graph)
    column = array("i", [NOTHING]) * (output + 1)
    for node in range(output + 1):
        if node in tangents:
            column[node] = tangents[node]
            continue
        inputs = graph.inputs(node)
        gate = graph.gate(node)
        if gate is None or not gate.differentiable or all(column[one] == NOTHING for one in inputs):
            continue
        flows = [None if column[one] == NOTHING else Wire(chain.xp, column[one]) for one in inputs]
        tangent = _through(chain, gate, node, flows)
        if tangent is not None:
            column[node] = tangent.node
    return None if column[output] == NOTHING else column[output]


def _through(chain: Chain, gate: Gate, node: int, flows: list[Wire | None]) -> Wire | None:
    graph, xp = chain.graph, chain.xp
    settings, shape = graph.settings(node), graph.shape(node)
    wires = chain.wires(graph.inputs(node))
    if gate.local is not None:
        return _local(chain, gate, node, flows, shape)
    filled = [xp.broadcast_to(0.0, shape=one.shape) if flow is None else flow for flow, one in zip(flows, wires, strict=True)]
    if gate.push is not None:
        pushed: Wire = gate.push(xp, filled, wires, Wire(xp, node), **settings)
        return pushed
    if gate.linear == "jointly":
        return xp.call(gate.name, *filled, **settings)
    terms = [
        xp.call(gate.name, *wires[:slot], flow, *wires[slot + 1 :], **settings)
        for slot, flow in enumerate(flows)
        if flow is not None
    ]
    return _added(terms)


def _local(chain: Chain, gate: Gate, node: int, flows: list[Wire | None], shape: Shape) -> Wire | None:
    terms = []
    settings = chain.graph.settings(node)
    for wire, flow, local in zip(chain.graph.inputs(node), flows, chain.locals_of(gate, node), strict=True):
        if flow is None or local is None:
            continue
        term = chain.times(flow, local)
        if gate.reduces and chain.graph.shape(wire):
            axis, keepdims = reduction(settings)
            term = chain.xp.sum(chain.fit(term, chain.graph.shape(wire)), axis=axis, keepdims=keepdims)
        terms.append(chain.fit(term, shape))
    return _added(terms)


def _added(terms: list[Wire]) -> Wire | None:
    if not terms:
        return None
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
