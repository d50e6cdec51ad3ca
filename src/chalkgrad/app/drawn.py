"""Graphs drawn gate by gate, for programs that make formulas of any length.

>>> import numpy as np
>>> from chalkgrad import compile
>>> draw = drawing()
>>> x, y = draw.leaf("x"), draw.leaf("y")
>>> f = compile(draw.sigmoid(x * y) + np.sin(x))
>>> f.inputs, f(0.0, 1.0)
(('x', 'y'), 0.5)
"""

from array import array

import chalkgrad.gates  # noqa: F401, the gates that can be drawn
from chalkgrad.errors import GivenError
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import show
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.reading.formula import Formula


def drawing() -> Drawing:
    """An empty sheet: `leaf(name)` draws an input, every gate by its name a gate, and wires have operators and NumPy's ufuncs.

    A gate takes about two microseconds, and `compile(wire)` a fifth of one more for each, so graphs of millions of gates are ready
    in seconds. `chalkgrad gates` lists the gates.

    >>> draw = drawing()
    >>> x = draw.leaf("x")
    >>> draw.exp(x) * 2
    <wire 3>
    """
    return Drawing(Graph())


def as_formula(wire: Wire) -> Formula:
    """What was drawn so far, with `wire` as its output. Raises GivenError where an input is no single number."""
    graph = wire.drawing.graph.copied()
    leaves = {graph.names[node]: node for node in graph.leaves()}
    if len(leaves) < len(graph.leaves()):
        raise GivenError("Two inputs of the drawing have the same name.", hint="Give each leaf a name of its own.")
    for name, node in leaves.items():
        if graph.shape(node) != ():
            raise GivenError(f"The input {name} is an array, {show(graph.shape(node))}; what is drawn is of single numbers.",
                             hint="chalkgrad.jit compiles NumPy functions of arrays.")  # fmt: skip
    nothing = array("i")
    return Formula(graph=graph, output=wire.node, output_name="f", leaves=leaves, defined={}, given={}, source="",
                   starts=nothing, stops=nothing)  # fmt: skip
