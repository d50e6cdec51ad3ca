"""Zeros that are none: to 400 digits 1 − 1/(1 + e⁻¹⁰⁰⁰) is 0, and its logarithm would be −∞ to any number of digits below 434.

Two precisions that agree say nothing where both have lost the same number. So what has become 0 out of numbers that are not is
computed again to more digits, by itself, before it is taken for 0. A difference of two inputs is exact and needs no second look.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph

# What can round to 0 where no input is 0: sums, and functions that are 0 at 1.
ROUNDED = frozenset("add subtract sum mean matmul einsum cumsum log log2 log10 arccos arccosh".split())
# What hands its inputs on, exactly.
HANDED_ON = frozenset("reshape transpose broadcast_to index gather put concatenate stack negative alias stop".split())


def doubtful(graph: Graph, nodes: Sequence[int], values: Sequence[Any]) -> list[int]:
    """The first wires with a zero that may be one only for lack of digits; none that depends on another of them."""
    found: list[int] = []
    exact, after = bytearray(len(graph)), bytearray(len(graph))
    for node in nodes:
        inputs, gate = graph.inputs(node), graph.gate(node)
        if gate is None:
            exact[node] = True
            continue
        if any(after[one] for one in inputs):
            after[node] = True
            continue
        handed = all(exact[one] for one in inputs)
        exact[node] = handed and gate.name in HANDED_ON
        if gate.name in ROUNDED and not (handed and gate.name in {"add", "subtract"}) and _vanished(values, node, inputs):
            after[node] = True
            found.append(node)
    return found


def _vanished(values: Sequence[Any], node: int, inputs: Sequence[int]) -> bool:
    """Whether an entry of the wire is 0, and the inputs it comes from are not all 0."""
    zero = _is_zero(values[node])
    if not zero.any():
        return False
    given = [_is_zero(values[one]) for one in inputs]
    try:
        return any(bool((zero & ~np.broadcast_to(one, zero.shape)).any()) for one in given)
    except ValueError:  # a sum over entries
        return not all(one.all() for one in given)


def _is_zero(value: Any) -> np.ndarray:
    return np.asarray(np.equal(value, 0), dtype=bool)


def revealed(before: Sequence[Any], values: Sequence[Any], doubts: Sequence[int]) -> bool:
    """Whether more digits have told one of these zeros from 0."""
    return any(bool((_is_zero(before[node]) & ~_is_zero(values[node])).any()) for node in doubts)
