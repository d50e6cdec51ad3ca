"""Numbers for every wire: the forward pass, wire by wire, in any numeric namespace.

>>> from chalkgrad.graph.wire import Drawing
>>> graph = Graph()
>>> x = Drawing(graph).wire(graph.leaf("x"))
>>> values = evaluate(graph, {x.node: 3.0})
>>> float(values[(x * x).node - 1])
3.0
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError, ShapeError
from chalkgrad.graph.gate import BY_CODE
from chalkgrad.graph.graph import CONSTANT, LEAF, Graph
from chalkgrad.graph.shapes import show
from chalkgrad.graph.spaces import NUMPY, Space


def evaluate(graph: Graph, given: Mapping[int, Any], *, dtype: Any = np.float64, xp: Space = NUMPY,
             known: list[Any] | None = None) -> list[Any]:  # fmt: skip
    """The value of every wire, from the leaves' values `given` (by node).

    `known` holds the values of the first wires, where an earlier evaluation of the same graph left off; the list is extended and
    returned. Floating-point trouble yields inf and nan, never a warning. Raises GivenError for a leaf without value,
    ShapeError for one of another shape.
    """
    values: list[Any] = [] if known is None else known
    codes, first, operands = graph.codes, graph.first, graph.operands
    params, param_codes = graph.params, graph.param_codes
    append = values.append
    with np.errstate(all="ignore"):
        for node in range(len(values), len(codes)):
            code = codes[node]
            if code == LEAF:
                append(_given(graph, node, given, dtype, xp))
            elif code == CONSTANT:
                append(xp.constant(graph.constants[node], dtype))
            else:
                inputs = [values[one] for one in operands[first[node] : first[node + 1]]]
                param_code = param_codes[node]
                if param_code:
                    append(BY_CODE[code].forward(xp, *inputs, **params[param_code]))
                else:
                    append(BY_CODE[code].forward(xp, *inputs))
    return values


def _given(graph: Graph, node: int, given: Mapping[int, Any], dtype: Any, xp: Space) -> Any:
    if node not in given:
        raise GivenError(f"{graph.names.get(node, f'leaf {node}')} has no value.")
    value = xp.constant(given[node], dtype)
    if np.shape(value) != graph.shape(node):
        raise ShapeError(
            f"{graph.names.get(node, f'leaf {node}')} was {show(graph.shape(node))} when the graph was built"
            f" and is {show(np.shape(value))} now.",
        )
    return value
