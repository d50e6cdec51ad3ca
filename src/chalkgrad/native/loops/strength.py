"""Gates by cheaper ones that give exactly the same numbers.

A division by one of two powers of two is a product. The local gradient of a maximum whose ties share the slope is a mark divided
by 1 or 2, in every entry of every row, where the mark asks whether a number equals the larger one of itself and another. That is
asking whether it is at least as large, without waiting for the maximum. A product of a finite number with such a mark chooses
between that number and 0.
"""

import math
from typing import Any

from chalkgrad.graph.gate import GATES
from chalkgrad.graph.graph import Graph

ORDERS = {"maximum": "greater_equal", "minimum": "less_equal"}
HANDED_ON = frozenset({"broadcast_to", "reshape", "alias", "after", "index"})
QUOTIENTS = frozenset({"divide"})
LARGEST_SINGLE = 3e38  # numbers beyond it are infinite in float32


def as_product(graph: Graph, one: int, other: int) -> int | None:
    """The quotient of two wires as a product with the inverse of the second; None where that would be rounded."""
    found = _one_of_two(graph, other)
    if found is None or not all(value and math.frexp(abs(value))[0] == 0.5 for value in found[1:]):
        return None
    condition, yes, no = found
    inverse = graph.add(GATES["where"], condition, graph.constant(1.0 / yes), graph.constant(1.0 / no))
    return as_choice(graph, one, inverse) or graph.add(GATES["multiply"], one, inverse)


def as_order(graph: Graph, one: int, other: int) -> int | None:
    """Whether a wire equals the maximum or minimum of itself and another, by comparing the two."""
    for x, extreme in ((one, other), (other, one)):
        gate = graph.gate(extreme)
        inputs = graph.inputs(extreme)
        if gate is not None and gate.name in ORDERS and len(inputs) == 2 and x in inputs:
            rest = inputs[1 - inputs.index(x)]
            return graph.add(GATES[ORDERS[gate.name]], x, rest)
    return None


def as_choice(graph: Graph, one: int, other: int) -> int | None:
    """A finite wire times one that is 0 but where a condition holds: their product there, and 0 elsewhere."""
    for x, marked in ((one, other), (other, one)):
        gate, inputs = graph.gate(marked), graph.inputs(marked)
        if gate is None or gate.name != "where" or graph.shape(x) not in ((), graph.shape(marked)) or not finite(graph, x):
            continue
        condition, yes, no = inputs
        if _number(graph, no) == 0.0 and finite(graph, yes):
            alone = _number(graph, yes) == 1.0
            product = x if alone else (as_choice(graph, x, yes) or graph.add(GATES["multiply"], x, yes))
            return graph.add(GATES["where"], condition, product, no)
    return None


def finite(graph: Graph, node: int) -> bool:
    """Whether every entry is surely finite: a number written out, or chosen among such and what was found to be finite."""
    gate, inputs = graph.gate(node), graph.inputs(node)
    if gate is None or gate.name in QUOTIENTS:
        number = _constant(graph, node)
        return number is not None and abs(number) < LARGEST_SINGLE
    if gate.name in HANDED_ON:
        return finite(graph, inputs[0])
    if gate.name != "where":
        return False
    asked = graph.gate(inputs[0])
    sure = asked is not None and asked.name == "isfinite" and graph.inputs(inputs[0])[0] == inputs[1]
    return (sure or finite(graph, inputs[1])) and finite(graph, inputs[2])


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


def _constant(graph: Graph, node: int) -> float | None:
    """A number written out, or the quotient of two, as 1/n of a mean."""
    gate, inputs = graph.gate(node), graph.inputs(node)
    if gate is None:
        return _number(graph, node)
    numbers = [_number(graph, one) for one in inputs]
    if gate.name not in QUOTIENTS or any(number is None for number in numbers) or not numbers[1]:
        return None
    return float(numbers[0] / numbers[1])  # type: ignore[operator]


def _number(graph: Graph, node: int) -> float | None:
    value: Any = graph.constants.get(node)
    return float(value) if type(value) in (int, float) else None
