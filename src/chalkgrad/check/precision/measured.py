"""Slopes told by the value itself, where the chain rule has no number in any arithmetic: each entry is moved, alone, and the value watched.

A row of an attention that is masked all over is 0/0; where the loss does not read that row the value never moves with it, so its
slope is 0, though the chain rule says 0·∞.

    >>> from chalkgrad.reading.formula import read
    >>> problem = read("exp(x)", {"x": 0.0})
    >>> found = measured(problem.graph, problem.given, problem.leaves["x"], [()], problem.output, Budget())
    >>> float(found[()].low), float(found[()].high)
    (1.0, 1.0)
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.check.precision.limits import Range, Sides
from chalkgrad.check.precision.truths import Budget, computed
from chalkgrad.graph.graph import Graph, needed

MOST = 64  # entries that are moved


def measured(graph: Graph, given: Mapping[int, Any], leaf: int, entries: Sequence[tuple[int, ...]], output: int,
             budget: Budget, *, place: int = 0, dtype: Any = np.float64) -> dict[tuple[int, ...], Range]:  # fmt: skip
    """The slopes on both sides of the output's entry number `place` by each of these entries of a leaf; none where they have no number."""
    nodes = needed(graph, [output])
    sides = Sides(graph, given, nodes, dtype)
    found: dict[tuple[int, ...], Range] = {}

    def height(held: Mapping[int, Any]) -> Any:
        return np.ravel(np.asarray(computed(graph, held, nodes, sides.xp, budget)[output], dtype=object))[place]

    here = height(given)
    movable = [entry for entry in entries if np.isfinite(np.asarray(given[leaf])[entry])]
    for entry in movable[:MOST]:
        slopes = []
        for sign in (1.0, -1.0):
            turn = np.zeros(np.shape(given[leaf]))
            turn[entry] = sign
            moved, step = sides.moved(given[leaf], turn, sides.powers[0]), sides.step(given[leaf], entry, sides.powers[0])
            slopes.append(sign * (height({**given, leaf: moved}) - here) / step)
        slopes = [sides.mp.zero if abs(one) < sides.mp.mpf(2) ** -64 else one for one in slopes]
        if all(sides.mp.isfinite(one) for one in slopes):
            found[entry] = Range(min(slopes), max(slopes))
    return found
