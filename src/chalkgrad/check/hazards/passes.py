"""The forward and the backward pass of a problem as one graph, in which every wire of the backward pass knows whose it is.

>>> from chalkgrad.reading.formula import read
>>> both = passes(read("sqrt(x)", {"x": 4.0}), ["x"])
>>> sorted({both.graph.gate(one.gate).name for one in both.owners.values()})
['sqrt']
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.errors import TooLargeError
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import show
from chalkgrad.reading.problem import Problem
from chalkgrad.transform.reverse import Backward, reverse
from chalkgrad.transform.unfold import unfold

MOST_OUTPUTS = 64  # entries of a value that is differentiated entry by entry


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a wire of the backward pass is: that of the slope of `gate` (a wire), or of the sum of what flows back to `wire`."""

    gate: int
    wire: int
    gathers: bool = False


@dataclass(frozen=True, slots=True)
class Passes:
    """`totals` holds for each name the gradient's wires, one for each entry of the output; None where nothing depends."""

    graph: Graph
    output: int
    wrt: dict[str, int]
    totals: dict[str, list[int | None]]
    owners: dict[int, Owner]
    forward: int  # how many wires the forward pass has
    backs: tuple[Backward, ...]

    @property
    def ends(self) -> list[int]:
        """The wires of the value and of all gradients."""
        return [self.output, *(node for nodes in self.totals.values() for node in nodes if node is not None)]

    def stacked(self, name: str, values: Any, empty: Any) -> Any:
        """The gradient by this name from the values of all wires: its shape is that of the output, then that of the input."""
        shape = self.graph.shape(self.wrt[name])
        rows = [np.full(shape, empty) if node is None else np.asarray(values[node]) for node in self.totals[name]]
        return np.stack(rows).reshape((*self.graph.shape(self.output), *shape))[()]


def passes(problem: Problem, names: Iterable[str], *, literal: bool = True) -> Passes:
    """Both passes, in a copy of the graph with the same numbers of wires.

    `literal`: as the chain rule stands in books, so that a branch not taken may poison the gradient. Raises TooLargeError for an
    output of too many entries.
    """
    graph, _ = unfold(problem.graph, ())
    wrt = {name: {**problem.defined, **problem.leaves}[name] for name in names}
    totals: dict[str, list[int | None]] = {name: [] for name in wrt}
    owners: dict[int, Owner] = {}
    backs = []
    for seed in _seeds(graph, problem.output):
        start = len(graph)
        back = reverse(graph, problem.output, wrt.values(), seed=seed, literal=literal)
        owners.update(_owners(graph, back, start))
        for name, node in wrt.items():
            totals[name].append(back.total(node))
        backs.append(back)
    return Passes(graph, problem.output, wrt, totals, owners, len(problem.graph), tuple(backs))


def _seeds(graph: Graph, output: int) -> Iterator[int | None]:
    shape = graph.shape(output)
    size = int(np.prod(shape))
    if size > MOST_OUTPUTS:
        raise TooLargeError(f"The value has {size} entries, of shape {show(shape)}; the doctor looks at {MOST_OUTPUTS} at most.",
                            hint="Pick an entry, as in s[0], or reduce it: sum(...), mean(...).")  # fmt: skip
    if shape == ():
        yield None
        return
    for entry in np.ndindex(shape):
        seed = np.zeros(shape)
        seed[entry] = 1.0
        yield graph.constant(seed)


def _owners(graph: Graph, back: Backward, start: int) -> dict[int, Owner]:
    """The gate of each wire from `start` on: a contribution's wires end with its product, or with the sum that it is added to."""
    sums: dict[
        tuple[int, ...], list[int]
    ] = {}  # two wires may be reached by the same two contributions, each with a sum of its own
    for node in reversed(range(start, len(graph))):
        if (gate := graph.gate(node)) is not None and gate.name == "add":
            sums.setdefault(graph.inputs(node), []).append(node)
    owners: dict[int, Owner] = {}
    before: dict[int, int] = {}
    first = start
    for one in back.contributions():
        for node in range(first, one.product + 1):
            owners[node] = Owner(one.gate, one.wire)
        first = max(first, one.product + 1)
        total = one.product
        if one.wire in before:
            total = sums[before[one.wire], one.product].pop()
            owners[total] = Owner(one.gate, one.wire, gathers=True)
            first = max(first, total + 1)
        before[one.wire] = total
    return owners
