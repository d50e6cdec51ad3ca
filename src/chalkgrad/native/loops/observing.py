"""The kinds of number on the wires of a graph, seen by evaluating it once."""

from collections import defaultdict
from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native.loops.alignment import SUMS, size
from chalkgrad.reading.trace.numbers import NUMBERS

MOST_SEEN = 2**12  # entries; of larger arrays the first one stands for all
BY_ENTRIES = SUMS | {"matmul"}  # gates for which inputs of one entry are as good as any, beside those that work entry by entry


def observed(graph: Graph, given: Mapping[int, Any]) -> list[Any]:
    """For every wire a value of its kind: its own where that is a constant or a single number of no input, else one of that kind.

    The graph is evaluated once, and what is large is let go after its last use. Kinds do not take all entries to be seen, so of
    large arrays the gates that work entry by entry, sums and products see one entry. Where another gate does not bear that (a
    decomposition, which wants matrices of full rank), all is computed.
    """
    try:
        return _observed(graph, given, MOST_SEEN)
    except (ValueError, IndexError, np.linalg.LinAlgError):
        return _observed(graph, given, inf)


def _observed(graph: Graph, given: Mapping[int, Any], most: float) -> list[Any]:
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
            if graph.gate(node) is not None:
                values.append(_value(graph, node, [values[one] for one in graph.inputs(node)], most))
            else:
                values.append(NUMBERS.constant(graph.constants[node]) if graph.is_constant(node) else given[node])
            for one in gone[node]:
                if np.size(values[one]) > 1 and not graph.is_constant(one):
                    values[one] = np.empty(0, dtype=values[one].dtype)
    return values


def _value(graph: Graph, node: int, inputs: list[Any], most: float) -> Any:
    gate, settings = graph.gate(node), graph.settings(node)
    assert gate is not None
    large = max(size(graph.shape(one)) for one in (node, *graph.inputs(node))) > most
    if not large or not (gate.elementwise or gate.name in BY_ENTRIES):
        return gate.forward(NUMBERS, *inputs, **settings)
    first = gate.forward(NUMBERS, *(one[(slice(1),) * np.ndim(one)] if np.ndim(one) else one for one in inputs), **settings)
    return np.broadcast_to(first, graph.shape(node))
