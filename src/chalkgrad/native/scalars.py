"""Straight-line code: a whole graph of single numbers and small arrays as one function without loops.

The function takes its inputs' entries and stores its outputs' entries, one after the other. Sharing of equal sub-expressions,
folding of constants and leaving out what nobody needs are LLVM's.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.native.llvm import F64, POINTER, VOID, ir
from chalkgrad.native.number import Body, NotNativeError, Number
from chalkgrad.native.unrolled import Entries, Unrolled


def straight(module: Any, name: str, graph: Graph, leaves: Sequence[int], outputs: Sequence[int], kind: Any = F64) -> Any:
    """Define in `module` the function `name(const kind *inputs, kind *outputs)`. Raises NotNativeError where a gate has no code."""
    function = ir.Function(module, ir.FunctionType(VOID, [POINTER, POINTER]), name)
    function.args[0].add_attribute("noalias")
    function.args[1].add_attribute("noalias")
    builder = ir.IRBuilder(function.append_basic_block())
    body = Body(builder, kind)
    given: dict[int, Any] = {}
    place = 0
    for leaf in leaves:
        shape = graph.shape(leaf)
        array = np.empty(shape, dtype=object)
        for at in np.ndindex(shape):
            array[at] = Number(body, builder.load(_at(builder, kind, function.args[0], place), typ=kind))
            place += 1
        given[leaf] = array.view(Entries)[()]
    try:
        values = evaluate(graph, given, xp=Unrolled(body))
    except (TypeError, ValueError) as error:  # NumPy itself was to compute with what is not known yet
        raise NotNativeError("A gate has a rule in NumPy only.") from error
    place = 0
    for node in outputs:
        for value in np.asarray(values[node], dtype=object).ravel():
            builder.store(body.cast(body.lift(value), kind).value, _at(builder, kind, function.args[1], place))
            place += 1
    builder.ret_void()
    return function


def _at(builder: Any, kind: Any, base: Any, place: int) -> Any:
    return builder.gep(base, [ir.IntType(64)(place)], source_etype=kind)
