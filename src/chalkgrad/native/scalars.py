"""Straight-line code: a whole graph of single numbers and small arrays as instructions without loops.

Sharing of equal sub-expressions, folding of constants and leaving out what nobody needs are LLVM's.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.native.llvm import F64, I64, POINTER, VOID, ir
from chalkgrad.native.number import Body, NotNativeError, Number
from chalkgrad.native.unrolled import Entries, Unrolled


def computed(
    builder: Any, graph: Graph, leaves: Sequence[int], outputs: Sequence[int], load: Callable[[int, int], Any]
) -> list[list[Any]]:
    """The entries of each output, float64, as values of a function under construction.

    `load` reads an entry of a leaf: both are told by their number. Raises NotNativeError where a gate has no code.
    """
    body = Body(builder, F64)
    given: dict[int, Any] = {}
    for number, leaf in enumerate(leaves):
        shape = graph.shape(leaf)
        array = np.empty(shape, dtype=object)
        for entry, at in enumerate(np.ndindex(shape)):
            array[at] = Number(body, load(number, entry))
        given[leaf] = array.view(Entries)[()]
    try:
        values = evaluate(graph, given, xp=Unrolled(body))
    except (TypeError, ValueError) as error:  # NumPy itself was to compute with what is not known yet
        raise NotNativeError("A gate has a rule in NumPy only.") from error
    found = [np.asarray(values[node], dtype=object).ravel() for node in outputs]
    return [[body.cast(body.lift(one), F64).value for one in entries] for entries in found]


def straight(module: Any, name: str, graph: Graph, leaves: Sequence[int], outputs: Sequence[int]) -> Any:
    """Define in `module` the function `name(const double *inputs, double *outputs)` of a graph of single numbers."""
    function = ir.Function(module, ir.FunctionType(VOID, [POINTER, POINTER]), name)
    inputs, results = function.args
    inputs.add_attribute("noalias")
    results.add_attribute("noalias")
    builder = ir.IRBuilder(function.append_basic_block())

    def load(number: int, _: int) -> Any:
        return builder.load(entry(builder, inputs, number), typ=F64)

    for place, (value,) in enumerate(computed(builder, graph, leaves, outputs, load)):
        builder.store(value, entry(builder, results, place))
    builder.ret_void()
    return function


def entry(builder: Any, array: Any, place: int) -> Any:
    """Where an entry of an array of float64 lies."""
    return builder.gep(array, [I64(place)], source_etype=F64)
