"""What value and gradients ought to be: their truth, and where the formula itself has none what it tends to.

Three sources, each asked only where the one before has no answer: the literal formula in multi-precision; the same with untaken
branches left out of the gradient; and the sides from which the inputs can come. Where the sides differ, the formula stands on a
kink, and every slope between theirs is a valid one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.hazards.passes import Passes
from chalkgrad.check.kinks import COMPARISONS
from chalkgrad.check.precision.limits import Range, limits
from chalkgrad.check.precision.truths import Budget, Truths, computed, needed
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.spaces import Space

Result = tuple[str | None, int, int, int]


@dataclass(frozen=True, slots=True)
class Target:
    """What one result ought to be, entry by entry; `low` and `high` part on a kink.

    `node` is its wire by the book, `safe` its wire where untaken branches are left out.
    """

    name: str | None  # None: the value
    place: int  # which entry of the output the gradient is of
    node: int
    safe: int
    truth: Any
    low: Any
    high: Any

    def kinked(self, mp: Any) -> Any:
        """The entries that stand on a kink."""
        return ~Range(self.low, self.high).unique(mp)


def targets(literal: Passes, safe: Passes, found: Truths, given: Mapping[int, Any], moving: list[int], standing: list[int],
            budget: Budget) -> list[Target]:  # fmt: skip
    """A target for the value and for each gradient that is there. `standing` are the gates at a kink."""
    nodes = results(literal, safe)
    plain = {node: np.asarray(found.values[node], dtype=object) for _, _, node, _ in nodes}
    open_ = any(_unknown(value).any() for value in plain.values())
    spared: dict[int, Any] = {}
    if open_:
        held = computed(safe.graph, given, needed(safe.graph, [other for *_, other in nodes]), found.xp, budget)
        spared = {node: np.asarray(held[other], dtype=object) for _, _, node, other in nodes}
    sides: dict[int, Range] = {}
    if standing or any(_unknown(value).any() for value in (spared or plain).values()):
        tending = limits(safe.graph, given, moving, [other for *_, other in nodes], dtype=found.xp.dtype, budget=budget)
        sides = {node: tending[other] for _, _, node, other in nodes}
    return [_target(one, plain[one[2]], spared.get(one[2]), sides.get(one[2]), found.mp) for one in nodes]


def results(literal: Passes, safe: Passes) -> list[Result]:
    """The value and each gradient that is there: name, entry of the output, and the wire in both graphs."""
    nodes: list[Result] = [(None, 0, literal.output, safe.output)]
    for name, wires in literal.totals.items():
        for place, (node, other) in enumerate(zip(wires, safe.totals[name], strict=True)):
            if node is not None and other is not None:
                nodes.append((name, place, node, other))
    return nodes


def _unknown(value: Any) -> Any:
    """The entries that are no number."""
    return np.not_equal(value, value)


def _target(result: Result, plain: Any, spared: Any, sides: Range | None, mp: Any) -> Target:
    truth = plain.copy()
    if spared is not None:
        open_ = np.asarray(_unknown(plain), dtype=bool)
        truth[open_] = spared[open_]
    if sides is None:
        return Target(*result, truth, truth, truth)
    settled = sides.unique(mp)
    low, high = np.asarray(sides.low, dtype=object).copy(), np.asarray(sides.high, dtype=object).copy()
    for spot in np.ndindex(truth.shape):
        if low[spot] != low[spot]:  # no side has a value: the point stands alone
            low[spot] = high[spot] = truth[spot]
        elif truth[spot] != truth[spot] and (result[0] is not None or settled[spot]):
            truth[spot] = _between(low[spot], high[spot], mp)
    if result[0] is None:  # where the value jumps, it is what the formula says it is, if it says anything
        low = high = truth
    return Target(*result, truth, low, high)


def _between(low: Any, high: Any, mp: Any) -> Any:
    """The slope of least size between two."""
    return low if low > 0 else high if high < 0 else low if low == high else mp.zero


def standing(graph: Graph, nodes: list[int], values: list[Any], xp: Space) -> list[int]:
    """The gates that stand on a kink, by their own declaration, or that compare equal numbers."""
    found = []
    with np.errstate(all="ignore"):
        for node in nodes:
            gate = graph.gate(node)
            if gate is None:
                continue
            inputs = graph.inputs(node)
            settings, held = graph.settings(node), [values[one] for one in inputs]
            if gate.name in COMPARISONS:
                on = bool(np.any(np.equal(*held)))
            elif "ties" in settings and len(set(inputs)) == 1 and gate.arity > 1:
                on = False  # max(x, x) is x
            else:
                on = any(bool(np.any(kink.at(xp, *held, **settings))) for kink in gate.kinks)
            if on:
                found.append(node)
    return found
