"""The kinds of number on the wires of a graph, seen by evaluating it once."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.reading.trace.session import NUMBERS


def observed(graph: Graph, given: Mapping[int, Any]) -> list[Any]:
    """For every wire a value of its kind: its own where that is a single number or a constant, else an array without entries.

    The graph is evaluated once, and what is large is let go after its last use.
    """
    last = list(range(len(graph)))
    for node in graph:
        for one in graph.inputs(node):
            last[one] = node
    gone: dict[int, list[int]] = defaultdict(list)
    for node, use in enumerate(last):
        gone[use].append(node)
    values: list[Any] = []
    with np.errstate(all="ignore"):
        for node in graph:
            gate = graph.gate(node)
            if gate is not None:
                values.append(gate.forward(NUMBERS, *[values[one] for one in graph.inputs(node)], **graph.settings(node)))
            else:
                values.append(NUMBERS.constant(graph.constants[node]) if graph.is_constant(node) else given[node])
            for one in gone[node]:
                if np.size(values[one]) > 1 and not graph.is_constant(one):
                    values[one] = np.empty(0, dtype=values[one].dtype)
    return values
