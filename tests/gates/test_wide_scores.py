"""The gates on scores where scores are hard: far apart, nearly equal, huge. Values and slopes entry by entry, as in `test_wide`.

The second slopes of softmax itself are left out: p·(1 − p)·(1 − 2p) passes through zero where two scores tie, and close to there it
keeps digits relative to p only. Those of the losses and of the log forms, which training uses, keep all their digits.
"""

import numpy as np
import pytest

from chalkgrad.check.truth import Truth
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.transform.reverse import reverse

XP = Truth(400)  # the lecture's scores make probabilities of 10^−315
ROUNDINGS = 16
UNIT = 2.0**-53
SMALLEST = 1e-300

SCORES = [
    (225.0, 617.0, 950.0), (3.2, 5.1, -1.7), (1.0, 2.0, 3.0, 40.0), (40.0, 3.0, 2.0, 1.0), (0.0, 1e-10), (1e-10, -1e-10, 0.0),
    (0.0, 0.0, 0.0), (1000.0, -1000.0), (800.0, 800.0 - 1e-9), (1e5, -1e5, 3.0), (-745.0, 0.0), (36.7, 0.0), (1e-300, 0.0),
    (300.0, -300.0, 0.0, 0.0), (1e300, -1e300), (5.0,),
]  # fmt: skip


def slopes(graph, node, leaf):
    """∂node[i]/∂leaf, as a wire for each entry i of a vector or number; None where it does not depend."""
    shape = graph.shape(node)
    units = [(place, np.zeros(shape)) for place in np.ndindex(shape)]
    for place, unit in units:
        unit[place] = 1.0
    return {place: reverse(graph, node, [leaf], seed=graph.constant(unit)).total(leaf) for place, unit in units}


@pytest.mark.parametrize("scores", SCORES, ids=str)
@pytest.mark.parametrize("name, order", [("softmax", 1), ("log_softmax", 2), ("logsumexp", 2), ("cross_entropy", 2)])
def test_scores_are_handled_to_the_last_digits(name, order, scores):
    graph = Graph()
    leaf = graph.leaf("s", (len(scores),))
    found = [graph.add(GATES[name], leaf)]
    below: dict[int, dict] = {}
    for _ in range(order + 1):
        new = [node for node in found if node not in below]
        for node in new:
            below[node] = slopes(graph, node, leaf)
            found += [slope for slope in below[node].values() if slope is not None]
    floats, truth = evaluate(graph, {leaf: scores}), evaluate(graph, {leaf: scores}, xp=XP)
    for node, by_place in below.items():
        for place, slope in by_place.items():
            want, got = np.asarray(truth[node])[place], float(np.asarray(floats[node])[place])
            moves = 0 if slope is None else np.sum(abs(truth[slope] * XP.constant(scores)))
            allowed = max(ROUNDINGS * UNIT * (abs(want) + moves), SMALLEST * UNIT)
            assert abs(XP.mp.mpf(got) - want) <= allowed, f"{name}{scores}: wire {node}{list(place)} is {got}, truth {want}"
