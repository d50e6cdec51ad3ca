"""The condition of a result: how far it moves when its inputs move by their last bits.

A formula that loses no more than that is computed as well as its inputs are known; its inputs are what is ill-conditioned.
Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 1.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.check.precision.truths import Budget, Truths, computed
from chalkgrad.graph.graph import Graph, needed

FEW = 12  # inputs that are moved one by one; of more, all together in random directions
DRAWS = 6
MARGIN = 2.0  # random directions show a part of the sum only


def movements(graph: Graph, given: Mapping[int, Any], moving: Sequence[int], wanted: Sequence[int], found: Truths,
              budget: Budget) -> dict[int, Any]:  # fmt: skip
    """Σ |x·∂out/∂x| over the inputs for each wanted wire, entry by entry, as numbers of the truth."""
    xp, mp = found.xp, found.mp
    nodes = needed(graph, wanted)
    step = mp.mpf(2) ** -(mp.prec // 3)
    totals = {node: np.full(graph.shape(node), mp.zero, dtype=object) for node in wanted}
    sizes = [int(np.size(given[leaf])) for leaf in moving]
    count = sum(sizes)
    chance = np.random.default_rng(count)
    turns = list(np.eye(count)) if count <= FEW else [chance.choice([-1.0, 1.0], count) for _ in range(DRAWS)]
    places = np.cumsum([0, *sizes])
    for turn in turns:
        moved = dict(given)
        for leaf, start, stop in zip(moving, places, places[1:], strict=False):
            exact = xp.constant(given[leaf])
            moved[leaf] = exact * (1 + xp.constant(turn[start:stop].reshape(np.shape(given[leaf]))) * step)
        values = computed(graph, moved, nodes, xp, budget)
        for node in wanted:
            change = np.abs(np.asarray(values[node] - found.values[node], dtype=object)) / step
            totals[node] = totals[node] + change if count <= FEW else np.maximum(totals[node], change * MARGIN)
    return totals
