"""vmap: a function of one row as a function of all rows; and jit: the function itself, traced once.

>>> vmap(lambda x, y: np.dot(x, y), in_axes=(0, None))(np.eye(3), np.array([1.0, 2.0, 3.0]))
array([1., 2., 3.])
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError
from chalkgrad.graph.shapes import axes, show
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import joined, traced
from chalkgrad.reading.trace.session import Guard, Trace
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.api.arguments import trace_under_way
from chalkgrad.transform.api.gradient import settled
from chalkgrad.transform.api.pytrees import flatten, spread, unflatten
from chalkgrad.transform.api.staged import Staged
from chalkgrad.transform.batch import Batch

Function = Callable[..., Any]
Axes = int | None | Sequence[Any]  # or a tree of numbers and None: one entry may stand for a whole branch


def jit(f: Function, stabilise: bool = True) -> Staged:
    """The function, traced once for each kind of arguments and run as a graph from then on.

    Textbook forms are computed in stable forms unless `stabilise` is False.
    """

    def itself(*args: Any, **settings: Any) -> Any:
        return f(*args, **settings)

    return Staged(itself, f, (jit, (f, stabilise)), floats=False, stabilise=stabilise)


def vmap(f: Function, in_axes: Axes = 0, out_axes: Any = 0, stabilise: bool = True) -> Staged:
    """A function that does for all rows what `f` does for one.

    `in_axes` says for each argument which axis counts the rows, or None: it is the same for every row. `out_axes` says where the
    row axis of each result stands, or None: the result does not differ from row to row, and is given once. Both may be nested like
    the arguments and the results, or like their upper part. `stabilise`: see jit.
    """

    def mapped(*args: Any, **settings: Any) -> Any:
        trace = trace_under_way()
        leaves, structure = flatten((args, settings))
        places = _spread(in_axes, args, settings)
        count, whole = _rows(leaves, places)
        with_rows: dict[int, int] = {}
        one_row = []
        start = len(trace.graph)
        for leaf, wire, place in zip(leaves, whole, places, strict=True):
            if place is None:
                one_row.append(leaf)
                continue
            row = Traced(trace, trace.call("alias", trace.call("index", wire.node, index=(0,))), is_argument=True)
            with_rows[row.node] = wire.node
            one_row.append(row)
        guards = len(trace.guards)
        row_args, row_settings = unflatten(structure, one_row)
        result = f(*row_args, **row_settings)
        results, built = flatten(result)
        ends = _ends(out_axes, result)
        wires = [settled(traced(joined(one)), stabilise) for one in results]
        batch = Batch(trace.graph, count, with_rows)
        end = len(trace.graph)
        batch.run(range(start, end))
        trace.drawn()
        _guard_all_rows(trace, batch, guards)
        return unflatten(built, [_all_rows(batch, one, end) for one, end in zip(wires, ends, strict=True)])

    return Staged(mapped, f, (vmap, (f, in_axes, out_axes, stabilise)), floats=False, stabilise=stabilise)


def _spread(in_axes: Axes, args: Sequence[Any], settings: Any) -> list[int | None]:
    """For each leaf the axis that counts its rows."""
    if in_axes is None or isinstance(in_axes, int):
        wanted: list[Any] = [in_axes] * len(args)
    elif not isinstance(in_axes, tuple | list):
        raise GivenError(f"in_axes is a number, None, or a tuple with an entry for each argument, not {in_axes!r}.")
    elif len(in_axes) == len(args):
        wanted = list(in_axes)
    else:
        raise GivenError(f"in_axes has {len(in_axes)} entries for {len(args)} arguments.", hint="One for each: a number, or None.")
    found: list[int | None] = []
    for place, arg in zip(wanted, args, strict=True):
        places = spread(place, arg)
        if places is None:
            raise GivenError("An entry of in_axes is not built like its argument.", hint="A number or None stands for the whole.")
        found += [_axis("in_axes", one) for one in places]
    return found + [0 if in_axes is not None else None] * len(flatten(settings)[0])


def _ends(out_axes: Any, result: Any) -> list[int | None]:
    """For each leaf of the result where its row axis shall stand."""
    ends = spread(out_axes, result)
    if ends is None:
        raise refusal(f"out_axes={out_axes} is not built like the result.", hint="A number or None stands for a whole branch.")
    return [_axis("out_axes", one) for one in ends]


def _axis(name: str, value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise GivenError(f"{name} is made of whole numbers and None; here is {value!r}.")
    return value


def _rows(leaves: Sequence[Any], places: Sequence[int | None]) -> tuple[int, list[Any]]:
    """How many rows there are, and each array that has them with the row axis in front."""
    wires: list[Any] = []
    counts: dict[int, int] = {}
    for leaf, place in zip(leaves, places, strict=True):
        if place is None:
            wires.append(None)
            continue
        wire = traced(joined(leaf)).settled()
        if wire.shape == ():
            raise refusal(
                "vmap needs arrays with a row axis; a single number has none.", hint="in_axes=None passes it to every row."
            )
        (at,) = axes(int(place), wire.ndim)
        counts.setdefault(wire.shape[at], 0)
        wires.append(wire if at == 0 else np.moveaxis(wire, at, 0))
    if not counts:
        raise GivenError("vmap has nothing to map over: in_axes is None for every argument.")
    if len(counts) > 1:
        raise GivenError(f"vmap needs the same number of rows everywhere; here are {' and '.join(map(str, counts))}.",
                         hint="in_axes says for each argument which axis counts the rows, or None.")  # fmt: skip
    (count,) = counts
    if count == 0:
        raise GivenError("vmap needs at least one row.")
    return count, wires


def _guard_all_rows(trace: Trace, batch: Batch, start: int) -> None:
    """A branch that was taken for one row must be the way for every row."""
    for place in range(start, len(trace.guards)):
        guard = trace.guards[place]
        if guard.node not in batch.rows:
            continue
        node = batch.rows[guard.node]
        if not all(guard.holds(value) for value in trace.number(node)):
            raise refusal(
                "Under vmap the rows take different ways at a branch (if, while, int or a mask).",
                hint="np.where(condition, this, that) chooses entry by entry.",
            )
        expected = np.array([guard.expected] * batch.count)
        if guard.kind == "int":
            node = trace.call("as_whole", node, dtype="int64")
        elif guard.kind == "bool":
            node = trace.call("not_equal", node, trace.constant(0.0))
        trace.guards[place] = Guard(node, "array", expected)


def _all_rows(batch: Batch, wire: Traced, end: int | None) -> Any:
    if end is None:
        if wire.node in batch.rows:
            raise refusal("out_axes=None is for a result that is the same for every row; this one differs from row to row.",
                          hint="A number says where the axis of the rows shall stand.")  # fmt: skip
        return wire
    rows = Traced(wire.session, batch.full(wire.node).node)
    wire.session.catch_up()
    if not -rows.ndim <= end < rows.ndim:
        raise refusal(f"out_axes={end} names no axis of a result of shape {show(rows.shape)}.")
    return rows if end == 0 else np.moveaxis(traced(rows), 0, end)
