"""Zeros that come of underflow, told by the gates alone, where no truth is known to compare them with.

A power of e is never 0, and a product is 0 only if a factor is; a 0 that such a gate has made of other numbers has underflowed.

    >>> import numpy as np
    >>> from chalkgrad.graph.evaluate import evaluate
    >>> from chalkgrad.reading.formula import read
    >>> problem = read("log(exp(x))", {"x": -1000.0})
    >>> vanished_before(problem.graph, evaluate(problem.graph, problem.given), problem.output, ())
    (1, ())
"""

from typing import Any

import numpy as np

from chalkgrad.check.precision.losses import same_place
from chalkgrad.graph.graph import Graph
from chalkgrad.reading.trace.numbers import NUMBERS

Entry = tuple[int, ...]
POSITIVE = frozenset({"exp", "exp2", "softmax", "sigmoid", "sech", "erfc", "softplus"})
PRODUCTS = frozenset({"multiply", "square", "constant_power", "power", "prod", "divide"})
LAID = frozenset({"index", "gather", "reshape", "transpose", "broadcast_to"})
SUMS = LAID | {"sum", "mean", "add", "matmul", "max", "maximum", "negative"}


def vanished_before(graph: Graph, values: list[Any], node: int, entry: Entry) -> tuple[int, Entry] | None:
    """The input that is 0 by underflow, where the gate has made of it what is not finite, or has handed it on."""
    gate, value = graph.gate(node), np.asarray(values[node])[entry]
    if gate is None or (value == 0 and gate.name not in PRODUCTS | SUMS | {"det"}) or (value != 0 and gate.name in SUMS):
        return None
    for wire in graph.inputs(node):
        held = np.asarray(values[wire])
        if held.dtype.kind != "f" or not np.any(held == 0):
            continue
        if gate.elementwise and held.ndim <= len(entry):
            place = same_place(entry, held.shape)
        elif gate.name in LAID:
            place = source(graph, values, node, entry)
        else:
            place = tuple(int(one) for one in np.argwhere(held == 0)[0])
        if held[place] == 0 and has_vanished(graph, values, wire, place):
            return wire, place
    return None


def source(graph: Graph, values: list[Any], node: int, entry: Entry) -> Entry:
    """Where an entry that is only laid out anew comes from: its place among numbers that are their own places."""
    gate, (first, *others) = graph.gate(node), graph.inputs(node)
    assert gate is not None
    shape = graph.shape(first)
    places = np.arange(float(np.prod(shape, dtype=int))).reshape(shape)
    found = gate.forward(NUMBERS, places, *(values[one] for one in others), **graph.settings(node))
    return tuple(int(one) for one in np.unravel_index(int(np.asarray(found)[entry]), shape))


def has_vanished(graph: Graph, values: list[Any], node: int, entry: Entry) -> bool:
    """Whether this 0 is one by underflow."""
    gate = graph.gate(node)
    if gate is None:
        return False
    if gate.name in POSITIVE or vanished_before(graph, values, node, entry) is not None:
        return True
    if gate.name == "det":
        return bool(np.all(np.isfinite(np.linalg.slogdet(values[graph.inputs(node)[0]]).logabsdet)))
    if gate.name not in PRODUCTS:
        return False
    for one in graph.inputs(node):
        held = np.asarray(values[one])
        met = held[same_place(entry, held.shape)] if gate.elementwise and held.ndim <= len(entry) else held
        if not np.all(met != 0):
            return False
    return True
