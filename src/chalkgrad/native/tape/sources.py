"""What a tape computes from: entries of leaves and constants, each in a slot of its own."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError
from chalkgrad.graph.gate import CODES, GATES
from chalkgrad.graph.graph import CONSTANT, LEAF, Graph
from chalkgrad.native.number import NotNativeError
from chalkgrad.native.tape.order import needed

LARGEST = 2**31 - 1  # slots are 32-bit


class Sources:
    """The wires that have their values already: entries of leaves, then constants, each with its slot."""

    def __init__(self, graph: Graph, output: int, wrt: Sequence[int], others: Sequence[int]) -> None:
        count = output + 1
        self.graph = graph
        self.codes = np.asarray(graph.codes)[:count]
        self.first, self.operands = np.asarray(graph.first)[: count + 1], np.asarray(graph.operands)
        if 2 * len(self.operands) > LARGEST:
            raise NotNativeError("The graph has more wires than a tape can count.")
        needs = needed(self.first, self.operands, output).astype(bool)
        self.arrays = np.asarray(graph.shape_codes)[:count] != 0
        self.slots = np.full(count, -1, np.int32)
        self.held = np.zeros(count, np.uint8)
        self.begins: dict[int, int] = {}  # where the entries of a leaf or an array begin
        self.count = 0
        held = frozenset(wrt)
        if len(held | frozenset(others)) < len(wrt) + len(others) or not all(map(graph.is_leaf, (*wrt, *others))):
            raise NotNativeError("A tape differentiates by leaves, each told once.")
        for node in (*wrt, *others):
            self._place(node, math.prod(graph.shape(node)), node in held)
        self.inputs = self.count
        self.wrt_entries = sum(math.prod(graph.shape(node)) for node in wrt)
        for node in np.flatnonzero(needs & (self.codes == LEAF)).tolist():
            if node not in self.begins:
                raise GivenError(f"{graph.names.get(node, f'leaf {node}')} has no value.")
        self.truths: list[int] = []  # constants that are conditions
        self.constants = self._constants(np.flatnonzero(needs & (self.codes == CONSTANT)).tolist())
        self.gates = needs & (self.codes < CONSTANT)
        self.marks = needs & ~self.gates
        if np.any(self.arrays & needs):
            self._pick(held)

    def _place(self, node: int, size: int, held: bool) -> None:
        self.begins[node] = self.count
        if node < len(self.slots):
            self.slots[node] = self.count
            self.held[node] = held
        self.count += size

    def _constants(self, nodes: Sequence[int]) -> list[float]:
        """The constants' entries; single numbers that are the same share a slot."""
        values: list[float] = []
        known: dict[Any, int] = {}
        for node in nodes:
            value = self.graph.constants[node]
            if type(value) is float:
                key = value or repr(value)  # 0.0 and −0.0 are equal, and not the same
                self.slots[node] = place = known.setdefault(key, self.count)
                if place < self.count:
                    continue
                values.append(value)
                self.count += 1
                continue
            entries = np.asarray(value)
            if entries.dtype.kind not in ("biuf" if entries.shape == () else "iuf"):
                raise NotNativeError("A tape holds floats; a constant of this graph is of another kind.")
            if entries.dtype == bool:
                self.truths.append(node)
            self._place(node, entries.size, False)
            values.extend(entries.ravel().astype(float).tolist())
        return values

    def _pick(self, held: frozenset[int]) -> None:
        """Gates that pick an entry of a leaf or a constant have that entry's slot."""
        graph = self.graph
        if np.any(self.arrays & self.gates):
            raise NotNativeError("A tape is for graphs of single numbers; a gate of this one yields an array.")
        nodes = np.flatnonzero(self.gates)
        lengths = (self.first[nodes + 1] - self.first[nodes]).astype(np.int64)
        owners = np.repeat(nodes, lengths)
        starts = np.repeat(self.first[nodes] - (np.cumsum(lengths) - lengths), lengths)
        edges = starts + np.arange(len(owners))
        pickers = np.unique(owners[self.arrays[self.operands[edges]]])
        index = CODES[GATES["index"]]
        for node in pickers.tolist():
            source = graph.inputs(node)[0]
            shape = graph.shape(source)
            place = graph.settings(node).get("index", ())
            if self.codes[node] != index or len(place) != len(shape) or not all(type(one) is int for one in place):
                raise NotNativeError("A tape is for graphs of single numbers; a gate of this one reads an array.")
            at = np.ravel_multi_index([one % size for one, size in zip(place, shape, strict=True)], shape)
            self.slots[node] = self.begins[source] + int(at)
            self.held[node] = source in held
            self.gates[node], self.marks[node] = False, True
