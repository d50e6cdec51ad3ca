"""The graph: columns of plain data in an order that already works.

A gate is appended after its inputs, so index order is evaluation order, and walks are plain loops in either direction. A wire
is named by the index of the gate that drives it. Shapes are known from the first moment: a graph that does not fit together
cannot be built.

    >>> from chalkgrad.gates import GATES
    >>> graph = Graph()
    >>> x, y = graph.leaf("x"), graph.leaf("y")
    >>> f = graph.add(GATES["multiply"], x, y)
    >>> graph.inputs(f), graph.shape(f)
    ((0, 1), ())
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.errors import GateError, TooLargeError
from chalkgrad.graph.gate import BY_CODE, CODES, Gate
from chalkgrad.graph.shapes import Shape, broadcast

LEAF, CONSTANT = 65_535, 65_534  # codes in place of a gate's
MOST_NODES = 2**31 - 1
LARGEST_RANK = 32

NO_PARAMS: Mapping[str, Any] = MappingProxyType({})


class Graph:
    """Leaves, constants and gates in columns; see the module's text.

    `names` names wires, `constants` holds the constants' values. Both are sparse; everything else is one column each. `stretches`
    are ranges of wires whose values the backward pass computes anew; of two that overlap, one lies within the other.
    """

    def __init__(self) -> None:
        self.codes = array("H")
        self.first = array("q", [0])  # the inputs of node i are operands[first[i] : first[i + 1]]
        self.operands = array("i")
        self.shape_codes = array("i")
        self.param_codes = array("i")
        self.shapes: list[Shape] = [()]
        self.params: list[Mapping[str, Any]] = [NO_PARAMS]
        self.names: dict[int, str] = {}
        self.constants: dict[int, Any] = {}
        self.stretches: list[range] = []
        self._shape_index: dict[Shape, int] = {(): 0}
        self._param_index: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.codes)))

    def leaf(self, name: str, shape: Shape = ()) -> int:
        """Append an input of the given shape; its value is given at evaluation."""
        node = self._append(LEAF, (), self._shape_code(shape), 0)
        self.names[node] = name
        return node

    def constant(self, value: Any) -> int:
        """Append a constant: a number or an array. Constants get no gradient."""
        held = value if isinstance(value, bool | int | float) else np.asarray(value)
        node = self._append(CONSTANT, (), 0 if not isinstance(held, np.ndarray) else self._shape_code(held.shape), 0)
        self.constants[node] = float(held) if isinstance(held, int) and not isinstance(held, bool) else held
        return node

    def add(self, gate: Gate, *inputs: int, **params: Any) -> int:
        """Append a gate over the wires `inputs`. Raises ShapeError where they do not fit, GateError for a wrong call."""
        if len(inputs) != gate.arity and not gate.arity <= len(inputs) <= (gate.most or gate.arity):
            raise GateError(f"{gate.name} takes {takes(gate)}, not {len(inputs)}.")
        param_code, settings = self._settings(gate, params) if gate.params or params else (0, NO_PARAMS)
        codes = self.shape_codes
        single = gate.shape is broadcast
        if single:
            for one in inputs:  # a plain loop: most graphs are of single numbers, and any(...) would take twice as long
                if codes[one]:
                    single = False
                    break
        shape_code = 0 if single else self._shape_code(gate.shape(*(self.shapes[codes[one]] for one in inputs), **settings))
        return self._append(CODES[gate], inputs, shape_code, param_code)

    def again(self, other: "Graph", node: int, inputs: tuple[int, ...]) -> int:
        """Append what another graph has at `node`, a gate, over wires of the same shapes as there."""
        param = other.param_codes[node]
        if param:
            gate = BY_CODE[other.codes[node]]
            param = self._settings(gate, other.params[param])[0]
        shape = other.shape_codes[node]
        return self._append(other.codes[node], inputs, self._shape_code(other.shapes[shape]) if shape else 0, param)

    def gate(self, node: int) -> Gate | None:
        """The gate that drives the wire, or None for a leaf or a constant."""
        code = self.codes[node]
        return BY_CODE[code] if code < CONSTANT else None

    def inputs(self, node: int) -> tuple[int, ...]:
        """The wires that feed the node, in order."""
        return tuple(self.operands[self.first[node] : self.first[node + 1]])

    def shape(self, node: int) -> Shape:
        return self.shapes[self.shape_codes[node]]

    def settings(self, node: int) -> Mapping[str, Any]:
        """The parameters of the node's gate, all of them."""
        return self.params[self.param_codes[node]]

    def is_leaf(self, node: int) -> bool:
        return self.codes[node] == LEAF

    def is_constant(self, node: int) -> bool:
        return self.codes[node] == CONSTANT

    def leaves(self) -> list[int]:
        return [node for node in self if self.codes[node] == LEAF]

    def copied(self) -> "Graph":
        """A graph of its own with all that this one holds; what is appended to one of them does not show in the other."""
        other = Graph()
        other.__dict__.update({name: column[:] if isinstance(column, array | list) else dict(column)
                               for name, column in vars(self).items()})  # fmt: skip
        return other

    def _append(self, code: int, inputs: tuple[int, ...], shape_code: int, param_code: int) -> int:
        codes, operands = self.codes, self.operands
        node = len(codes)
        if node >= MOST_NODES:
            raise TooLargeError(f"A graph holds at most {MOST_NODES} gates.")
        codes.append(code)
        for one in inputs:
            operands.append(one)
        self.first.append(len(operands))
        self.shape_codes.append(shape_code)
        self.param_codes.append(param_code)
        return node

    def _shape_code(self, shape: Shape) -> int:
        code = self._shape_index.get(shape)
        if code is None:
            if len(shape) > LARGEST_RANK:
                raise TooLargeError(f"An array of {len(shape)} axes is more than the {LARGEST_RANK} that are possible.")
            code = self._shape_index[shape] = len(self.shapes)
            self.shapes.append(shape)
        return code

    def _settings(self, gate: Gate, given: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        for name in given:
            if name not in gate.params:
                known = ", ".join(gate.params) or "none"
                raise GateError(f'{gate.name} has no setting "{name}".', hint=f"Its settings: {known}.")
        settings = {**gate.params, **given}
        key = (gate.name, tuple(map(_key, settings.values())))
        code = self._param_index.get(key)
        if code is None:
            code = self._param_index[key] = len(self.params)
            self.params.append(MappingProxyType(settings))
        return code, self.params[code]


def reached(graph: Graph, wanted: Iterable[int]) -> bytearray:
    """Marks the wires that the wanted ones depend on, themselves among them."""
    marked, last = bytearray(len(graph)), -1
    for node in wanted:
        marked[node], last = 1, max(last, node)
    first, operands = graph.first, graph.operands
    for node in range(last, -1, -1):
        if marked[node]:
            for one in operands[first[node] : first[node + 1]]:
                marked[one] = 1
    return marked


def needed(graph: Graph, wanted: Iterable[int]) -> list[int]:
    """The same as a list of wires, in order."""
    marked = reached(graph, wanted)
    return [node for node in graph if marked[node]]


def exchanged(graph: Graph, leaves: Mapping[int, str] = MappingProxyType({}),
              constants: Mapping[int, Any] = MappingProxyType({})) -> Graph:  # fmt: skip
    """A copy in which some constants are leaves of these names, or leaves constants of these values; wires keep their numbers."""
    copy = Graph()
    for node in graph:
        gate = graph.gate(node)
        if gate is not None:
            copy.add(gate, *graph.inputs(node), **graph.settings(node))
        elif node in constants or (graph.is_constant(node) and node not in leaves):
            copy.constant(constants[node] if node in constants else graph.constants[node])
        else:
            copy.leaf(graph.names.get(node) or leaves[node], graph.shape(node))
    return copy


def takes(gate: Gate) -> str:
    """How many inputs a gate takes, in words."""
    if gate.most is None:
        return "1 input" if gate.arity == 1 else f"{gate.arity} inputs"
    return f"{gate.arity} or more inputs"


def _key(value: Any) -> Any:
    """A parameter as a key that tells 1 from 1.0 from True, and holds slices."""
    if isinstance(value, slice):
        return ("slice", value.start, value.stop, value.step)
    if isinstance(value, tuple):
        return tuple(map(_key, value))
    return (type(value).__name__, value)
