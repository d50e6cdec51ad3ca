"""What results are by the conventions of the stable form, where the formula as written gives them no meaning at all.

The distance of a point from itself is 0 from every side, so no limit tells the slope of its root; the length of a vector, which is
what was meant, has the slope 0 there.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.check.hazards.passes import Passes, passes
from chalkgrad.check.hazards.remedies import settled
from chalkgrad.check.precision.truths import Budget, Truths, computed
from chalkgrad.graph.graph import needed
from chalkgrad.reading.problem import Problem


def by_convention(problem: Problem, names: Sequence[str], literal: Passes, found: Truths, budget: Budget) -> dict[int, Any]:
    """The true numbers of the stable form, by the wires of the literal results."""
    stable, _ = settled(problem)
    both = passes(stable, names, literal=False)
    values = computed(both.graph, stable.given, needed(both.graph, both.ends), found.xp, budget)
    pairs = [(literal.output, both.output)]
    for name, wires in literal.totals.items():
        pairs += [
            (one, other) for one, other in zip(wires, both.totals[name], strict=True) if one is not None and other is not None
        ]
    return {one: np.asarray(values[other], dtype=object) for one, other in pairs}
