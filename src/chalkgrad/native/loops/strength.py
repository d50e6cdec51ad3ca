"""Divisions by one of two powers of two, as products: exactly the same numbers, for a tenth of the time.

The local gradient of a maximum whose ties share the slope is a mark divided by 1 or 2, in every entry of every row.
"""

import math
from typing import Any

from chalkgrad.graph.gate import GATES
from chalkgrad.graph.graph import Graph


def as_product(graph: Graph, one: int, other: int) -> int | None:
    """The quotient of two wires as a product with the inverse of the second; None where that would be rounded."""
    found = _one_of_two(graph, other)
    if found is None or not all(value and math.frexp(abs(value))[0] == 0.5 for value in found[1:]):
        return None
    condition, yes, no = found
    inverse = graph.add(GATES["where"], condition, graph.constant(1.0 / yes), graph.constant(1.0 / no))
    return graph.add(GATES["multiply"], one, inverse)


def _one_of_two(graph: Graph, node: int) -> tuple[int, float, float] | None:
    """A wire that holds one number where a condition is true, and another one elsewhere."""
    gate = graph.gate(node)
    if gate is None:
        return None
    inputs = graph.inputs(node)
    if gate.name == "where":
        yes, no = _number(graph, inputs[1]), _number(graph, inputs[2])
        return None if yes is None or no is None else (inputs[0], yes, no)
    if gate.name != "add" or len(inputs) != 2:
        return None
    numbers = [_number(graph, one) for one in inputs]
    for number, rest in zip(numbers, reversed(inputs), strict=True):
        found = None if number is None else _one_of_two(graph, rest)
        if number is not None and found is not None:
            return found[0], found[1] + number, found[2] + number
    return None


def _number(graph: Graph, node: int) -> float | None:
    value: Any = graph.constants.get(node)
    return float(value) if type(value) in (int, float) else None
