"""How wires lie in rows: the first axis of an array counts its rows, the other axes lie within a row.

A gate can join a kernel where each row of its output needs the same row of its inputs, or an input that is the same for all rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape, axes

Role = Literal["row", "shared"]
Kind = Literal["entries", "same", "sum", "gather", "scatter", "replace"]
SUMS = frozenset({"sum", "mean", "max", "min"})
FEWEST, MOST_APART = 64, 16_384  # rows, and entries of a row, where entries that are gathered need not lie next to each other
HANDED_ON = frozenset({"broadcast_to", "after"})  # gates that give their first input as it is


def rows(shape: Shape) -> int:
    return shape[0] if shape else 1


def inner(shape: Shape) -> Shape:
    return shape[1:]


def size(shape: Shape) -> int:
    result = 1
    for one in shape:
        result *= one
    return result


def squeezed(shape: Shape) -> Shape:
    return tuple(one for one in shape if one != 1)


def spread(shape: Shape, out: Shape) -> Role | None:
    """How an input that is broadcast to `out` lies in the rows of the output."""
    if len(shape) == len(out) and rows(shape) == rows(out):
        return "row"
    return "shared"


class Reading:
    """One gate as kernels see it: what kind of work, over how many rows, and the role of each input; None where it has no place."""

    def __init__(self, kind: Kind, count: int, roles: Sequence[Role], across: bool = False) -> None:
        self.kind = kind
        self.rows = count
        self.roles = tuple(roles)
        self.across = across  # it also gathers over the rows, so its value is there only after the last one


def read(graph: Graph, node: int, constants: Mapping[int, Any]) -> Reading | None:
    gate, shape = graph.gate(node), graph.shape(node)
    inputs = graph.inputs(node)
    shapes = [graph.shape(one) for one in inputs]
    settings = graph.settings(node)
    if gate is None or not size(shape) or not all(map(size, shapes)):
        return None
    if gate.elementwise or gate.name in HANDED_ON:
        return Reading("entries", rows(shape), [spread(one, shape) or "shared" for one in shapes])
    if renames(gate.name, settings) and rows(shapes[0]) == rows(shape) and _same_rows(shapes[0], shape):
        return Reading("same", rows(shape), ["row"])
    if gate.name in SUMS and shapes[0]:
        gone = axes(settings["axis"], len(shapes[0]))
        within = [place for place in gone if place]
        kept = [place for place in range(1, len(shapes[0])) if place not in gone]
        if kept and within and min(within) < max(kept) and (rows(shapes[0]) < FEWEST or size(inner(shapes[0])) > MOST_APART):
            return None  # NumPy is better at gathering entries that lie far apart
        across = 0 in gone
        if across and (gate.name not in ("sum", "mean") or (within and kept)):
            return None
        return Reading("sum", rows(shapes[0]), ["row"], across)
    if gate.name in ("gather", "scatter", "replace"):
        return _picked(graph, gate.name, node, inputs, shapes, constants)
    return None


def _same_rows(before: Shape, after: Shape) -> bool:
    """Whether rows hold the same entries under other names. To find one by its new name takes a division, so only in short rows."""
    short = rows(after) >= FEWEST and size(inner(after)) <= MOST_APART
    return squeezed(inner(before)) == squeezed(inner(after)) or (short and size(inner(before)) == size(inner(after)))


def renames(name: str, settings: Mapping[str, Any]) -> bool:
    """Whether the gate only renames axes; an index picks from axes of one entry where the sizes stay equal."""
    if name == "reshape":
        return True
    return name in ("index", "put") and all(
        one is None or one is Ellipsis or isinstance(one, int) or one == slice(None) for one in settings["index"]
    )


def _picked(graph: Graph, name: str, node: int, inputs: Sequence[int], shapes: Sequence[Shape],
            constants: Mapping[int, Any]) -> Reading | None:  # fmt: skip
    """x[np.arange(n), y]: one entry of each row, picked by a whole number of that row."""
    places = 2 if name == "replace" else 1
    if len(inputs) != places + 2 or graph.settings(node)["index"] != ("#", "#"):
        return None
    table = graph.shape(node) if name == "scatter" else shapes[0]
    order = constants.get(inputs[places])
    count = rows(table)
    if len(table) != 2 or order is None or not np.array_equal(order, np.arange(count)) or shapes[places + 1] != (count,):
        return None
    if name == "replace":
        if shapes[1] not in ((), (count,)):
            return None
        return Reading("replace", count, ["row", "row" if shapes[1] else "shared", "row", "row"])
    return Reading("gather" if name == "gather" else "scatter", count, ["row", "row", "row"])
