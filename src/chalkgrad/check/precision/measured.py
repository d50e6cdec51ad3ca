"""Slopes told by the value itself, where the chain rule has no number in any arithmetic: one entry is moved, and the value watched.

A row of an attention that is masked all over is 0/0; where the loss does not read that row the value never moves with it, so its
slope is 0, though the chain rule says 0·∞.

    >>> from chalkgrad.reading.formula import read
    >>> problem = read("exp(x)", {"x": 0.0})
    >>> found = measured(problem.graph, problem.given, problem.leaves["x"], [()], problem.output, 1, Budget())
    >>> float(found[()].low), float(found[()].high)
    (1.0, 1.0)
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.check.precision.limits import Range, Sides, tending
from chalkgrad.check.precision.truths import Budget, computed
from chalkgrad.graph.graph import Graph, needed

MOST = 64  # entries that are moved


def measured(graph: Graph, given: Mapping[int, Any], leaf: int, entries: Sequence[tuple[int, ...]], output: int,
             here: Any, budget: Budget, *, place: int = 0, dtype: Any = np.float64) -> dict[tuple[int, ...], Range]:  # fmt: skip
    """The slopes on the sides by each of these entries of a leaf, of the output's entry number `place`, whose true value is `here`.

    An entry by which there is no number is left out.
    """
    nodes = needed(graph, [output])
    sides = Sides(graph, given, nodes, dtype)
    found: dict[tuple[int, ...], Range] = {}

    def height(held: Mapping[int, Any]) -> Any:
        return np.ravel(np.asarray(computed(graph, held, nodes, sides.xp, budget)[output], dtype=object))[place]

    def slope(entry: tuple[int, ...], sign: float, power: int) -> Any:
        """From two places on one side, so that the value here need not be known to more digits than it is."""
        turn = np.zeros(np.shape(given[leaf]))
        turn[entry] = sign
        step = sides.step(given[leaf], entry, power)
        far, near = (height({**given, leaf: sides.moved(given[leaf], part * turn, power)}) for part in (1.0, 0.5))
        jumps = abs(far - sides.mp.convert(here)) > sides.mp.sqrt(step)
        return sides.mp.inf if jumps else sign * (far - near) / step * 2

    for entry in [one for one in entries if np.isfinite(np.asarray(given[leaf])[one])][:MOST]:
        slopes = [tending(sides.mp)(*(slope(entry, sign, power) for power in sides.powers)) for sign in (1.0, -1.0)]
        slopes = [one for one in slopes if one == one]  # there may be a value on one side only
        if slopes and all(map(sides.mp.isfinite, slopes)):
            found[entry] = Range(min(slopes), max(slopes))
    return found
