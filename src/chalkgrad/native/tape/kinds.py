"""What kinds of gates a graph has: gate by gate, one column of small numbers.

Two gates are of one kind where one kernel serves both: the same gate with the same settings, the same number of inputs, conditions
in the same places, and, where the rule looks at that (max and min), the same inputs that are one wire.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.graph.gate import BY_CODE
from chalkgrad.graph.graph import Graph
from chalkgrad.native.llvm import TRUTH
from chalkgrad.native.number import NotNativeError
from chalkgrad.native.tape.kernels import Signature, described
from chalkgrad.native.tape.order import MOST_SLOTS, SOURCE, UNUSED, Column

MOST_KINDS = 300  # each takes some milliseconds to compile


def kinds_of(graph: Graph, gates: Column, sources: Column, truths: Sequence[int], kind: Any) -> tuple[Column, list[Signature]]:
    """The column of kinds of the first wires, SOURCE and UNUSED among them, and what each kind is.

    `gates` and `sources` mark the wires to compute and those that have their values; `truths` are the conditions among the latter.
    Raises NotNativeError where a gate has no kernel.
    """
    count = len(gates)
    column = np.full(count, UNUSED, np.uint16)
    column[sources] = SOURCE
    places = np.flatnonzero(gates)
    if not len(places):
        return column, []
    first = np.asarray(graph.first)[: count + 1]
    arity = first[places + 1] - first[places]
    if arity.max() > MOST_SLOTS:
        raise NotNativeError(f"A gate with {arity.max()} inputs has no place in a tape, which takes up to {MOST_SLOTS}.")
    codes = np.asarray(graph.codes)[places].astype(np.int64)
    marks = arity << 48 | np.asarray(graph.param_codes)[places].astype(np.int64) << 16 | codes
    signatures: list[Signature] = []
    chosen = np.empty(len(places), np.uint16)
    for mark, members in _groups(marks):
        node = int(places[members[0]])
        for wires, part in _coinciding(graph, places[members]) if BY_CODE[mark & 0xFFFF].most else [(None, slice(None))]:
            if len(signatures) == MOST_KINDS:
                raise NotNativeError(f"A tape is for graphs of up to {MOST_KINDS} kinds of gates.")
            chosen[members[part]] = len(signatures)
            settings = MappingProxyType(dict(graph.settings(node)))
            inputs = (kind,) * (mark >> 48)
            signatures.append(Signature(BY_CODE[mark & 0xFFFF], settings, inputs, wires or tuple(range(mark >> 48)), kind))
    column[places] = chosen
    if truths or any(described(one).result != kind for one in signatures):
        signatures = _with_conditions(graph, column, signatures, truths, kind)
    return column, signatures


def _groups(marks: Column) -> list[tuple[int, Column]]:
    """The places of each mark, in order."""
    order = np.argsort(marks, kind="stable")
    sorted_marks = marks[order]
    cuts = np.flatnonzero(np.diff(sorted_marks)) + 1
    return [(int(marks[one[0]]), one) for one in np.split(order, cuts)]


def _coinciding(graph: Graph, nodes: Column) -> list[tuple[tuple[int, ...], Any]]:
    """Gates of one arity by which of their inputs are the same wire: (0, 1, 0) where the third is the first."""
    first, operands = np.asarray(graph.first), np.asarray(graph.operands)
    arity = int(first[nodes[0] + 1] - first[nodes[0]])
    wires = operands[first[nodes][:, None] + np.arange(arity)]
    earliest = np.stack([np.argmax(wires[:, : place + 1] == wires[:, [place]], axis=1) for place in range(arity)], axis=1)
    patterns, which = np.unique(earliest, axis=0, return_inverse=True)
    return [(tuple(map(int, pattern)), np.flatnonzero(which.ravel() == place)) for place, pattern in enumerate(patterns)]


def _with_conditions(
    graph: Graph, column: Column, signatures: Sequence[Signature], truths: Sequence[int], kind: Any
) -> list[Signature]:
    """Tells kinds of gates apart by which inputs are conditions, wire by wire; changes the column."""
    results = dict.fromkeys(truths, TRUTH)  # of the wires that are no plain floats
    found: dict[tuple[int, tuple[Any, ...]], int] = {}
    refined: list[Signature] = []
    first, operands = graph.first, graph.operands
    numbers = column.tolist()
    for node, before in enumerate(numbers):
        if before >= UNUSED:
            continue
        inputs = tuple([results.get(one, kind) for one in operands[first[node] : first[node + 1]]])
        place = found.get((before, inputs))
        if place is None:
            old = signatures[before]
            place = found[before, inputs] = len(refined)
            refined.append(Signature(old.gate, old.settings, inputs, old.wires, kind))
        result = described(refined[place]).result
        if result != kind:
            results[node] = result
        numbers[node] = place
    column[:] = numbers
    return refined
