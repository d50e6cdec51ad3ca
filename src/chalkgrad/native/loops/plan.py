"""Cutting a graph into kernels, each over as many gates as one pass over the rows can do, and into NumPy's own steps between them.

Each gate takes the earliest level at which its inputs are there: a kernel reads what the same kernel computed for the same row,
and from memory what earlier steps have finished. Steps of NumPy (matrix products, sorting, whatever has no rows) come before the
kernels of their level.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph, needed
from chalkgrad.native.llvm import F64, VOID, ir, new_module
from chalkgrad.native.loops.alignment import HANDED_ON, Reading, inner, read, size
from chalkgrad.native.loops.precision import literals as known
from chalkgrad.native.loops.precision import precisions
from chalkgrad.native.number import KINDS, Body, NotNativeError, Number
from chalkgrad.native.unrolled import Unrolled


@dataclass
class Kernel:
    """The gates of one pass over `rows` rows: what it reads from memory, which values it leaves there, which sums over all rows."""

    rows: int
    nodes: list[int] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)

    def made(self) -> list[int]:
        """The wires whose values it leaves behind."""
        return [*self.outputs, *self.sums]

    def read(self, graph: Graph) -> list[int]:
        """The wires that it reads from memory."""
        return self.inputs

    def operations(self, graph: Graph) -> int:
        """How many operations on single numbers it takes, about."""
        return sum(size(graph.shape(graph.inputs(node)[0] if node in self.sums else node)) for node in self.nodes)


@dataclass(frozen=True)
class Tall:
    """A matrix, or its transpose, as the left factor of a product."""

    node: int
    flipped: bool


def left(graph: Graph, node: int) -> Tall:
    """The left factor of a matrix product, seen through transposes."""
    one, flipped = graph.inputs(node)[0], False
    while (gate := graph.gate(one)) is not None and gate.name == "transpose" and len(graph.shape(one)) == 2:
        if graph.settings(one)["axes"] not in (None, (1, 0)):
            break
        one, flipped = graph.inputs(one)[0], not flipped
    return Tall(one, flipped)


@dataclass
class Sweep:
    """A kernel together with the products of tall matrices before and after it, so that those are read once: see `sweeps`."""

    kernel: Kernel
    products: list[int]
    gathered: list[int]

    def made(self) -> list[int]:
        """The wires whose values it leaves behind."""
        return [*self.products, *self.kernel.made(), *self.gathered]

    def read(self, graph: Graph) -> list[int]:
        """The wires that it reads from memory; what it makes itself is in cache."""
        factors = [one for node in (*self.products, *self.gathered) for one in (left(graph, node).node, graph.inputs(node)[1])]
        made = {*self.products, *self.kernel.outputs}
        return [one for one in dict.fromkeys([*self.kernel.inputs, *factors]) if one not in made]

    def operations(self, graph: Graph) -> int:
        """How many operations on single numbers it takes, about; a multiplication with addition is one."""
        wires = [(graph.shape(graph.inputs(node)[0]), graph.shape(node)) for node in (*self.products, *self.gathered)]
        return self.kernel.operations(graph) + sum(size(one) * size(out[1:]) for one, out in wires)


@dataclass
class Plan:
    """Steps in order: a node is one for NumPy. `readings` tells for each gate in a kernel how it lies in the rows."""

    graph: Graph
    dtypes: Sequence[np.dtype[Any]]
    single: bool  # whether it computes in float32 throughout
    readings: dict[int, Reading]
    literals: dict[int, Any]  # single numbers that are known beforehand
    outputs: list[int]
    steps: list[int | Kernel | Sweep]


def make_plan(graph: Graph, values: Sequence[Any], wanted: Sequence[int]) -> Plan:
    """The plan for a graph. `values` tell the kinds of number, and those of constants and single numbers are right."""
    dtypes, single = precisions(graph, values, wanted)
    outputs = [_before_cast(graph, node, dtypes, wanted) for node in wanted]
    constants = {node: values[node] for node in graph.constants}
    literals = known(graph, values, dtypes)
    readings: dict[int, Reading] = {}
    for node in graph:
        if node not in literals and all(dtypes[one] in KINDS for one in (node, *graph.inputs(node))):
            reading = read(graph, node, constants)
            if reading is not None and (reading.kind != "entries" or _has_code(graph, node, dtypes)):
                readings[node] = reading
    alive = set(needed(graph, outputs))
    levels = _levels(graph, readings, literals)
    readers = _readers(graph, alive & levels.keys())
    _sink(graph, readings, literals, levels, readers)
    _join(readings, literals, levels, readers)
    kernels: dict[tuple[int, int], Kernel] = {}
    numpy: dict[int, list[int]] = defaultdict(list)
    for node in graph:
        if graph.gate(node) is None or node in literals or node not in alive:
            continue
        if node not in readings:
            numpy[levels[node]].append(node)
        else:
            key = levels[node], readings[node].rows
            kernels.setdefault(key, Kernel(key[1])).nodes.append(node)
    homes = {node: kernel for kernel in kernels.values() for node in kernel.nodes}
    _connect(graph, readings, literals, homes, alive, outputs)
    steps: list[int | Kernel | Sweep] = []
    for level in sorted({*numpy, *(key[0] for key in kernels)}):
        steps += numpy[level]
        steps += [kernel for key, kernel in sorted(kernels.items()) if key[0] == level]
    return Plan(graph, dtypes, single, readings, literals, outputs, steps)


def _before_cast(graph: Graph, node: int, dtypes: Sequence[np.dtype[Any]], wanted: Sequence[int]) -> int:
    """What a matrix product gives, for the same in the precision that it has already: it needs no pass of its own."""
    gate = graph.gate(node)
    if gate is None or gate.name != "cast":
        return node
    (one,) = graph.inputs(node)
    made = graph.gate(one)
    fits = made is not None and made.name == "matmul" and dtypes[one] == dtypes[node] and one not in wanted
    return one if fits and sum(graph.inputs(other) == (one,) for other in wanted) == 1 else node


def _has_code(graph: Graph, node: int, dtypes: Sequence[np.dtype[Any]]) -> bool:
    """Whether the gate's rule can be read in instructions, for these kinds of number: it is tried, once for each kind."""
    gate, settings = graph.gate(node), graph.settings(node)
    assert gate is not None
    kinds = tuple(dtypes[one] for one in graph.inputs(node))
    if gate.name in HANDED_ON or (gate.name in OF_CONDITIONS and all(one.kind == "b" for one in kinds)):
        return True
    key = gate.name, str(sorted(settings.items())), kinds
    if key not in _TRIED:
        module = _trials()
        function = ir.Function(module, ir.FunctionType(VOID, [KINDS[one] for one in kinds]), module.get_unique_name("trial"))
        body = Body(ir.IRBuilder(function.append_basic_block()), F64)
        try:
            gate.forward(Unrolled(body), *[Number(body, argument) for argument in function.args], **settings)
            _TRIED[key] = True
        except (NotNativeError, TypeError):  # a rule that asks NumPy itself
            _TRIED[key] = False
    return _TRIED[key]


@cache
def _trials() -> Any:
    """A module in which rules are tried: one for all, so that each function they call is written once."""
    return new_module("trials")


# Bits of conditions are conditions.
OF_CONDITIONS = {"invert": "logical_not", "bitwise_and": "logical_and", "bitwise_or": "logical_or", "bitwise_xor": "logical_xor"}
_TRIED: dict[Any, bool] = {}


def _levels(graph: Graph, readings: Mapping[int, Reading], literals: Mapping[int, Any]) -> dict[int, int]:
    levels: dict[int, int] = {}
    for node in graph:
        if graph.gate(node) is None:
            continue
        level = 0
        mine = readings.get(node)
        for place, one in enumerate(graph.inputs(node)):
            if one not in levels or one in literals:
                continue
            theirs = readings.get(one)
            if theirs is None or (mine is not None and _together(mine, place, theirs)):
                level = max(level, levels[one])
            else:
                level = max(level, levels[one] + 1)
        levels[node] = level
    return levels


Readers = Mapping[int, list[tuple[int, int]]]


def _readers(graph: Graph, alive: set[int]) -> Readers:
    """For each of these wires the gates that read it, and at which of their inputs."""
    readers: dict[int, list[tuple[int, int]]] = {node: [] for node in sorted(alive)}
    for node in readers:
        for place, one in enumerate(graph.inputs(node)):
            if one in readers:
                readers[one].append((node, place))
    return readers


def _sink(graph: Graph, readings: Mapping[int, Reading], literals: Mapping[int, Any], levels: dict[int, int],
          readers: Readers) -> None:  # fmt: skip
    """Move gates that only later kernels read into the first of those, where that leaves no more to be kept in memory meanwhile.

    So a product is not given another shape by a pass of its own, and what is repeated for each row never lies there in full.
    """
    for node in sorted(readers.keys() & readings.keys() - literals.keys(), reverse=True):
        if readings[node].across or not readers[node]:
            continue
        first = min(levels[one] for one, _ in readers[node])
        here = [(one, place) for one, place in readers[node] if levels[one] == first]
        if first > levels[node] and all(one in readings and _together(readings[one], place, readings[node]) for one, place in here):
            kept = [one for one in dict.fromkeys(graph.inputs(node)) if levels.get(one) == levels[node] and one not in literals]
            if sum(size(graph.shape(one)) for one in kept) <= size(graph.shape(node)):
                levels[node] = first


def _join(readings: Mapping[int, Reading], literals: Mapping[int, Any], levels: dict[int, int], readers: Readers) -> None:
    """Have a kernel wait for the first that reads its rows, and be one with it: nothing else needs it before."""
    kernels: dict[tuple[int, int], list[int]] = defaultdict(list)
    for node in readers.keys() & readings.keys() - literals.keys():
        kernels[levels[node], readings[node].rows].append(node)
    for level, rows in sorted(kernels, reverse=True):
        nodes = kernels[level, rows]
        mine = set(nodes)
        outside = [(node, one, place) for node in nodes for one, place in readers[node] if one not in mine]
        first = min((levels[one] for _, one, _ in outside), default=level)
        here = [(node, one, place) for node, one, place in outside if levels[one] == first]
        if first > level and all(one in readings and _together(readings[one], place, readings[node]) for node, one, place in here):
            levels.update(dict.fromkeys(nodes, first))
            kernels[first, rows] += nodes


def _together(mine: Reading, place: int, theirs: Reading) -> bool:
    """Whether a gate can read another one's value of the same row, in the same pass."""
    return mine.rows == theirs.rows and mine.roles[place] == "row" and not theirs.across


def _connect(graph: Graph, readings: Mapping[int, Reading], literals: Mapping[int, Any], homes: Mapping[int, Kernel],
             alive: set[int], outputs: Sequence[int]) -> None:  # fmt: skip
    """What goes through memory: values that another step or the caller needs."""
    needed = set(outputs)
    for node in sorted(alive):
        home = homes.get(node)
        for place, one in enumerate(graph.inputs(node)):
            if one in literals:
                continue  # written into the code
            if home is None or homes.get(one) is not home or not _together(readings[node], place, readings[one]):
                needed.add(one)
                if home is not None and one not in home.inputs:
                    home.inputs.append(one)
    for node, kernel in homes.items():
        if readings[node].across:
            kernel.sums.append(node)
        elif node in needed:
            kernel.outputs.append(node)


def width(graph: Graph, node: int) -> int:
    """How many numbers of a wire lie in one row."""
    return size(inner(graph.shape(node)))
