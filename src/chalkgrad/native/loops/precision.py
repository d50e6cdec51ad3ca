"""The precision of every wire: as NumPy has it, but for float32 functions, whose constants do not make the rest float64.

NumPy makes float64 of a gradient's starting 1.0 and of whatever is computed from Python's numbers alone, and all that meets it. A
function whose inputs and results are float32 is meant in float32, so such wires take the precision of what they meet.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native.loops.alignment import size

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
PYTHONS = (bool, int, float)  # exactly: NumPy's float64 is a float too, and keeps its precision


def precisions(graph: Graph, values: Sequence[Any], outputs: Sequence[int]) -> tuple[list[np.dtype[Any]], bool]:
    """The dtype of every wire, and whether the graph is one of float32."""
    dtypes = [np.result_type(value) for value in values]
    leaves = [dtypes[node] for node in graph if graph.is_leaf(node)]
    if SINGLE not in leaves or DOUBLE in leaves or any(dtypes[node] == DOUBLE for node in outputs):
        return dtypes, False
    weak: set[int] = set()
    for node in graph:
        gate = graph.gate(node)
        if graph.is_constant(node):
            if type(graph.constants[node]) in PYTHONS:
                weak.add(node)
        elif gate is not None and gate.name != "cast" and dtypes[node] == DOUBLE:
            inputs = [one for one in graph.inputs(node) if one not in weak]
            places = "iub" if gate.family == "picking" else "b"  # whole numbers that only say where
            met = {dtypes[one] for one in inputs if dtypes[one].kind not in places}
            if not met:
                weak.add(node)
            elif met == {SINGLE}:
                dtypes[node] = SINGLE
    for node in weak:
        if dtypes[node] == DOUBLE:
            dtypes[node] = SINGLE
    return dtypes, True


def literals(graph: Graph, values: Sequence[Any], dtypes: Sequence[np.dtype[Any]]) -> dict[int, Any]:
    """The single numbers that depend on no input."""
    found: dict[int, Any] = {}
    for node in graph:
        if graph.is_constant(node):
            if type(graph.constants[node]) in PYTHONS:
                found[node] = graph.constants[node]
            continue
        follows = graph.gate(node) is not None and all(one in found for one in graph.inputs(node))
        if follows and size(graph.shape(node)) == 1 and dtypes[node].kind == "f":
            found[node] = dtypes[node].type(np.reshape(values[node], ()))
    return found
