"""What value and gradients ought to be: their truth, and where the formula itself has none what it tends to.

Four sources, each asked only where the one before has no answer: the literal formula in multi-precision; the same with untaken
branches left out of the gradient; the sides from which the inputs can come; and the stable form in multi-precision (the distance of
a point from itself is 0 from every side, and its root has no slope by the book). Where the sides differ, the formula stands on a
kink, and every slope between theirs is a valid one; where it has no value of its own, so is every value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chalkgrad.check.hazards.passes import Passes
from chalkgrad.check.kinks import COMPARISONS, ORDERS, is_tied
from chalkgrad.check.precision.limits import Range, limits
from chalkgrad.check.precision.measured import measured
from chalkgrad.check.precision.truths import Budget, Truths, computed
from chalkgrad.graph.graph import Graph, needed
from chalkgrad.graph.spaces import Space

FAR, FAR_SLOPE = 2.0**36, 2.0**30  # ends of a range that are so far apart, slopes that are so steep, are what tends to infinity

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
            budget: Budget, stable: Callable[[], Mapping[int, Any]]) -> list[Target]:  # fmt: skip
    """A target for the value and for each gradient that is there. `standing` are the gates at a kink.

    The sides are those of the inputs differentiated by, `moving` all that can move; `stable` gives the true numbers of the stable
    form by the wires of the literal results.
    """
    nodes = results(literal, safe)
    plain = {node: np.asarray(found.values[node], dtype=object) for _, _, node, _ in nodes}
    open_ = any(_unknown(value).any() for value in plain.values())
    spared: dict[int, Any] = {}
    if open_:
        held = computed(safe.graph, given, needed(safe.graph, [other for *_, other in nodes]), found.xp, budget)
        spared = {node: np.asarray(held[other], dtype=object) for _, _, node, other in nodes}
    sides: dict[int, Range] = {}
    if standing or any(_unknown(value).any() for value in (spared or plain).values()):
        tending = _sides(safe, found, given, moving, budget)
        sides = {node: tending[other] for _, _, node, other in nodes}
    aims = [_target(one, plain[one[2]], spared.get(one[2]), sides.get(one[2]), found.mp) for one in nodes]
    if not _unknown(aims[0].truth).any():
        aims = [_measured(one, aims[0].truth, safe, found, given, budget) for one in aims]
    if any(_unknown(one.truth).any() for one in aims):
        filled = stable()
        aims = [_filled(one, filled[one.node]) if one.node in filled else one for one in aims]
    void = np.asarray(_unknown(aims[0].truth) & (~_unknown(aims[0].low) | (not _finite(safe, given))), dtype=bool)
    return [_free(one, void if one.name is None else np.broadcast_to(np.ravel(void)[one.place], np.shape(one.truth)), found.mp)
            for one in aims]  # fmt: skip


def _sides(safe: Passes, found: Truths, given: Mapping[int, Any], moving: list[int], budget: Budget) -> dict[int, Range]:
    """What value and gradients tend to while data stay as they are; where that is nothing, while all that is given moves."""
    chosen = [node for node in moving if node in safe.wrt.values()]
    first = limits(safe.graph, given, chosen, safe.ends, dtype=found.xp.dtype, budget=budget) if chosen else {}
    if first and (len(chosen) == len(moving) or not any(_unknown(one.low).any() for one in first.values())):
        return first
    whole = limits(safe.graph, given, moving, safe.ends, dtype=found.xp.dtype, budget=budget)
    return {node: one.filled(first[node]) if node in first else one for node, one in whole.items()}


def _finite(safe: Passes, given: Mapping[int, Any]) -> bool:
    """Whether nothing infinite is given: what a formula makes of infinities may be a matter of convention."""
    held = [*given.values(), *(safe.graph.constants[node] for node in range(safe.forward) if safe.graph.is_constant(node))]
    return not any(np.result_type(one).kind == "f" and np.isinf(one).any() for one in held)


def _measured(target: Target, value: Any, safe: Passes, found: Truths, given: Mapping[int, Any], budget: Budget) -> Target:
    """The gradient by what the value itself does, where nothing else is known, or the sides say only that it may be anything."""
    unknown = np.asarray(_unknown(target.truth) & _unknown(target.low), dtype=bool)
    open_ = unknown | np.asarray(np.less(target.low, -FAR_SLOPE) & np.greater(target.high, FAR_SLOPE), dtype=bool)
    leaf = None if target.name is None else safe.wrt[target.name]
    if leaf is None or leaf not in given or not open_.any():
        return target
    entries = [tuple(spot) for spot in np.argwhere(open_).tolist()]
    slopes = measured(safe.graph, given, leaf, entries, safe.output, np.ravel(value)[target.place], budget,
                      place=target.place, dtype=found.xp.dtype)  # fmt: skip
    truth, low, high = (np.array(one, dtype=object) for one in (target.truth, target.low, target.high))
    for spot, one in slopes.items():
        if not (unknown[spot] or one.unique(found.mp)):
            continue
        low[spot], high[spot] = one.low, one.high
        truth[spot] = _between(one.low, one.high, found.mp)
    return replace(target, truth=truth, low=low, high=high)


def _free(target: Target, void: Any, mp: Any) -> Target:
    """What is only a convention, and the gradient of that: where it has no finite truth of its own, any will do."""
    if not void.any() or (target.name is None and not _unknown(target.low[void]).any()):
        return target
    truth, low, high = (np.array(one, dtype=object) for one in (target.truth, target.low, target.high))
    kinked = target.kinked(mp)
    for spot in map(tuple, np.argwhere(void).tolist()):
        if not mp.isfinite(truth[spot]) or kinked[spot]:
            truth[spot], low[spot], high[spot] = mp.nan, mp.ninf, mp.inf
    return replace(target, truth=truth, low=low, high=high)


def _filled(target: Target, stable: Any) -> Target:
    """The target with what the stable form has, where nothing else is known."""
    truth, low, high = (np.array(one, dtype=object) for one in (target.truth, target.low, target.high))
    open_ = np.asarray(_unknown(truth) & _unknown(low) & ~_unknown(stable), dtype=bool)
    for held in (truth, low, high):
        held[open_] = stable[open_]
    return replace(target, truth=truth, low=low, high=high)


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
            continue
        low[spot], high[spot] = _ends(low[spot], high[spot], mp)
        if truth[spot] != truth[spot] and (result[0] is not None or settled[spot]):
            truth[spot] = _between(low[spot], high[spot], mp)
    if result[0] is None:  # where the value jumps, it is what the formula says it is, if it says anything
        told = ~np.asarray(_unknown(truth), dtype=bool)
        low[told], high[told] = truth[told], truth[told]
    return Target(*result, truth, low, high)


def _ends(low: Any, high: Any, mp: Any) -> tuple[Any, Any]:
    """The ends of a range, told by sides that are far from one another but not infinitely far: what grows with them is infinite."""
    least, most = sorted((abs(low), abs(high)))
    if mp.isinf(most) or most <= least * FAR:
        return low, high

    def end(one: Any) -> Any:
        if abs(one) == most and most > FAR_SLOPE:
            return mp.inf if one > 0 else mp.ninf
        return mp.zero if abs(one) == least and least * FAR_SLOPE < 1 else one

    return end(low), end(high)


def _between(low: Any, high: Any, mp: Any) -> Any:
    """The slope of least size between two."""
    return low if low > 0 else high if high < 0 else low if low == high else mp.zero


def standing(graph: Graph, nodes: list[int], values: list[Any], xp: Space) -> list[int]:
    """The gates that stand on a kink, by their own declaration, or that compare or order equal numbers."""
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
            elif gate.name in ORDERS:
                on = is_tied(gate.name, held[0], settings["axis"])
            elif "ties" in settings and len(set(inputs)) == 1 and gate.arity > 1:
                on = False  # max(x, x) is x
            else:
                on = any(bool(np.any(kink.at(xp, *held, **settings))) for kink in gate.kinks)
            if on:
                found.append(node)
    return found
