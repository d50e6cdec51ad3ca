"""Cross-entropies of many rows by the score that each row picks, instead of marks on all scores.

The marks are as large as the scores, and would be read with them; a place for each row is next to nothing.

    >>> from chalkgrad.reading.formula import read
    >>> formula = by_places(read("mean(cross_entropy(s, true=1))", {"s": [[1.0, 2.0], [3.0, 5.0]]}))
    >>> [formula.graph.gate(node).name for node in formula.graph if formula.graph.gate(node)]
    ['log_softmax', 'gather', 'negative', 'mean']
"""

from array import array
from dataclasses import replace

import numpy as np

from chalkgrad.gates.picking import HERE
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing
from chalkgrad.reading.formula import Formula


def by_places(formula: Formula) -> Formula:
    """The same formula, its cross-entropies of rows drawn so."""
    graph = formula.graph
    if not any(_judges_rows(graph, node) for node in graph):
        return formula
    copy, moved = Graph(), array("i")
    xp = Drawing(copy)
    for node in graph:
        gate = graph.gate(node)
        if gate is None:
            constant = graph.is_constant(node)
            moved.append(copy.constant(graph.constants[node]) if constant else copy.leaf(graph.names[node], graph.shape(node)))
            continue
        inputs = [moved[one] for one in graph.inputs(node)]
        if _judges_rows(graph, node):
            rows = np.arange(graph.shape(node)[0])
            true = np.broadcast_to(np.asarray(graph.settings(node)["true"], dtype=np.intp), rows.shape)
            logs = xp.call("log_softmax", xp.wire(inputs[0]), axis=1)
            places = (xp.wire(copy.constant(one)) for one in (rows, true))
            moved.append((-xp.call("gather", logs, *places, index=(HERE, HERE))).node)
        else:
            moved.append(copy.add(gate, *inputs, **graph.settings(node)))
    return replace(
        formula, graph=copy, output=moved[formula.output], leaves={name: moved[node] for name, node in formula.leaves.items()},
        given={moved[node]: value for node, value in formula.given.items()},
        defined={name: moved[node] for name, node in formula.defined.items()})  # fmt: skip


def _judges_rows(graph: Graph, node: int) -> bool:
    gate = graph.gate(node)
    return gate is not None and gate.name == "cross_entropy" and len(graph.shape(node)) == 1
