"""What a formula tends to where it says 0·∞ or 0/0, or stands on a kink: its inputs are moved away by next to nothing.

The step is far below the numbers given and the arithmetic has digits for many powers of it, so what a side tends to is read off:
two steps that agree show a limit, two that grow apart infinity. Where the sides differ the slopes between them are the valid ones.

    >>> from chalkgrad.reading.formula import read
    >>> problem = read("x * log(x)", {"x": 0.0})
    >>> found = limits(problem.graph, problem.given, list(problem.leaves.values()), [problem.output])
    >>> float(found[problem.output].low)
    0.0
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.precision.truths import Budget, Reference, computed
from chalkgrad.graph.graph import Graph, needed

STEPS = (-1200, -1500)  # powers of 2 by which inputs move: below the smallest float, 2⁻¹⁰⁷⁴
DIGITS = 2_400  # for a difference of the fifth order in the smaller step
LARGE = 4_000  # numbers on all wires from which on fewer digits and larger steps have to do
ORDINARY = (1e-40, 1e40)  # where all numbers that are given lie between these, fewer digits and larger steps do as well
LARGE_STEPS, LARGE_DIGITS = (-250, -300), 500
NEAR, FAR = (1.0, 0.625, 0.25), (1.0, 2.0**-40, 2.0**-80)  # how far several inputs move: alike, and one far more than the others
MOST_ALONE = 6
RANDOM = 4  # pairs of opposite directions, where there are too many inputs for every order of them
ALIKE = 20  # digits in which two limits agree
SLOW = 12  # digits in which both steps agree where only the rounding of an exponent, such as 1/3, lets the smaller one grow


@dataclass(frozen=True, slots=True)
class Range:
    """Between which numbers the sides lie, entry by entry: nan where no side has a value, equal where there is a limit."""

    low: Any
    high: Any

    def unique(self, mp: Any) -> Any:
        """Where all sides tend to the same."""
        same = np.frompyfunc(lambda low, high: _alike(mp, low, high), 2, 1)
        return np.asarray(same(self.low, self.high)).astype(bool)

    def filled(self, first: "Range") -> "Range":
        """The entries of another range where that has any, else those of this one."""
        known = np.equal(first.low, first.low).astype(bool)
        return Range(*(np.where(known, one, other)[()] for one, other in ((first.low, self.low), (first.high, self.high))))


class Sides:
    """How far inputs are moved, and the numbers in which what comes of it is computed: enough for what the wires hold."""

    def __init__(self, graph: Graph, given: Mapping[int, Any], nodes: Sequence[int], dtype: Any) -> None:
        work = sum(int(np.prod(graph.shape(node))) for node in nodes)
        deep = work < LARGE and any(_is_extreme(graph.constants[node] if graph.is_constant(node) else given[node])
                                    for node in nodes if graph.gate(node) is None)  # fmt: skip
        self.powers, digits = (STEPS, DIGITS) if deep else (LARGE_STEPS, LARGE_DIGITS)
        self.xp = Reference(digits, dtype)
        self.mp = self.xp.mp

    def moved(self, value: Any, turn: np.ndarray, power: int) -> Any:
        """What is given, moved in a direction by so many powers of 2 of its size."""
        return self.xp.constant(value) + self.xp.constant(_size(value) * turn) * self.mp.mpf(2) ** power

    def step(self, value: Any, entry: tuple[int, ...], power: int) -> Any:
        """How far an entry moves by a turn of 1."""
        return self.mp.mpf(float(np.asarray(_size(value))[entry])) * self.mp.mpf(2) ** power


def _size(value: Any) -> Any:
    """The sizes of numbers, at least 1; of those that are not finite 0, for they stay."""
    size = np.maximum(np.abs(np.asarray(value, dtype=float)), 1.0)
    return np.where(np.isfinite(size), size, 0.0)


def limits(graph: Graph, given: Mapping[int, Any], moving: Sequence[int], wanted: Sequence[int], *,
           dtype: Any = np.float64, budget: Budget | None = None) -> dict[int, Range]:  # fmt: skip
    """The range of each wanted wire over the sides from which the `moving` leaves can come."""
    budget = Budget() if budget is None else budget
    nodes = needed(graph, wanted)
    away = Sides(graph, given, nodes, dtype)
    sides: dict[int, list[Any]] = {node: [] for node in wanted}
    for direction in _directions([np.shape(given[leaf]) for leaf in moving]):
        steps = []
        for power in away.powers:
            moved = {**given, **{leaf: away.moved(given[leaf], turn, power) for leaf, turn in zip(moving, direction, strict=True)}}
            values = computed(graph, moved, nodes, away.xp, budget)
            steps.append({node: values[node] for node in wanted})
        for node in wanted:
            sides[node].append(np.asarray(tending(away.mp)(steps[0][node], steps[1][node]), dtype=object))
    return {node: _range(np.stack(found), away.mp) for node, found in sides.items()}


def _is_extreme(value: Any) -> bool:
    size = np.abs(np.asarray(value, dtype=float))
    return bool(np.any((size != 0) & ~((size > ORDINARY[0]) & (size < ORDINARY[1]))))


def _directions(shapes: Sequence[tuple[int, ...]]) -> list[list[np.ndarray]]:
    """Ways to move all inputs: every order of two or three of them by size, with every sign; of many, some at random."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    count = sum(sizes)
    chance = np.random.default_rng(count)
    if count <= 3:
        flat = [np.array(lengths) * np.array(signs) for by in (NEAR, FAR) for lengths in itertools.permutations(by[:count])
                for signs in itertools.product((1.0, -1.0), repeat=count)]  # fmt: skip
    else:
        alone = [np.where(np.arange(count) == place, 1.0, FAR[1]) for place in range(min(count, MOST_ALONE))]
        drawn = [chance.uniform(0.5, 1.5, count) * chance.choice([-1.0, 1.0], count) for _ in range(RANDOM)]
        flat = [one * sign for one in [np.linspace(0.5, 1.5, count), *alone, *drawn] for sign in (1.0, -1.0)]
    places = np.cumsum([0, *sizes])
    pieces = list(zip(places, places[1:], shapes, strict=False))
    return [[one[start:stop].reshape(shape) for start, stop, shape in pieces] for one in flat]


def tending(mp: Any) -> Any:
    """What two values, at a small and a smaller step, tend to."""

    def tends(far: Any, near: Any) -> Any:
        far, near = mp.convert(far), mp.convert(near)
        if far != far or near != near:
            return mp.nan
        if mp.isinf(near) or _alike(mp, far, near, SLOW):
            return near
        if abs(near) > abs(far):
            return mp.inf if near > 0 else mp.ninf
        return mp.zero if abs(near) < mp.mpf(2) ** -64 * max(1, abs(far)) or abs(near) < abs(far) / 2**16 else near

    return np.frompyfunc(tends, 2, 1)


def _alike(mp: Any, one: Any, other: Any, digits: int = ALIKE) -> bool:
    if one == other or (one != one and other != other):
        return True
    if not (mp.isfinite(one) and mp.isfinite(other)):
        return False
    return bool(abs(one - other) <= mp.mpf(10) ** -digits * max(abs(one), abs(other)))


def _range(sides: np.ndarray, mp: Any) -> Range:
    """The least and the greatest over the sides that have a value."""

    def chosen(choose: Any) -> Any:
        result = np.empty(sides.shape[1:], dtype=object)
        for place in np.ndindex(result.shape):
            known = [one for one in sides[(slice(None), *place)] if one == one]
            result[place] = choose(known) if known else mp.nan
        return result[()]

    return Range(chosen(min), chosen(max))
