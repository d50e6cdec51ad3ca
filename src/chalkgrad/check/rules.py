"""What the rules of `transform.stabilise` win: both sides of each at many points, against the truth, value and gradients.

An error is counted in bits: log₂(1 + n) for a result that is n floats away from the truth, and 64 for one that is no number where
the truth is one (or the other way round). Source of the measure: Panchekha, Sanchez-Stern, Wilcox and Tatlock, Automatically
improving accuracy for floating point expressions (2015).

>>> from chalkgrad.transform.stabilise import RULES
>>> found = won(next(rule for rule in RULES if rule.name == "1 − sigmoid"), count=48)
>>> found.before.value > 10 > 2 > found.after.value
True
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.truth import Truth
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing
from chalkgrad.transform.reverse import reverse
from chalkgrad.transform.stabilise import Rule

DIGITS = 60  # of the truth, which is that of the stable side
MANY_DIGITS = 400  # of the written side, which may cancel or overflow
NO_NUMBER = 64.0  # bits of error
SMALLEST_DRAWN = 1e-3  # of a range that holds 0


@dataclass(frozen=True, slots=True)
class Bits:
    """Bits of error, of the value and of the gradients: on average over the points, and at the worst one."""

    value: float
    gradient: float
    worst: float


@dataclass(frozen=True, slots=True)
class Won:
    """What a rule does to the error."""

    rule: Rule
    before: Bits
    after: Bits


def won(rule: Rule, count: int = 64) -> Won:
    """Both sides of the rule at `count` points of its ranges, the same ones at every call."""
    written, stable = Side(rule, rule.written), Side(rule, rule.stable)
    errors: tuple[list[Any], list[Any]] = ([], [])
    for point in points(rule, count):
        truth = stable.results(point, Truth(DIGITS))
        for side, found in zip((written, stable), errors, strict=True):
            found.append([bits_apart(got, want) for got, want in zip(side.results(point), truth, strict=True)])
    before, after = (_gathered(found) for found in errors)
    return Won(rule, before, after)


class Side:
    """One side of a rule as a graph, with its gradients."""

    def __init__(self, rule: Rule, side: Any) -> None:
        self.graph: Graph
        self.graph, self.leaves, output = rule.drawn(side)
        xp = Drawing(self.graph)
        shape = self.graph.shape(output)
        # Where there are several results, each counts for something else in the gradient.
        weights = 1.0 + np.arange(np.prod(shape, dtype=int)).reshape(shape)
        total = xp.sum(xp.wire(output) * weights).node if shape else output
        back = reverse(self.graph, total, self.leaves)
        self.wanted = [output, *(node for leaf in self.leaves if (node := back.total(leaf)) is not None)]

    def results(self, point: Mapping[int, Any], xp: Any = None) -> list[Any]:
        """The value and the gradients, at numbers for the leaves in turn."""
        given = dict(zip(self.leaves, point.values(), strict=True))
        values = evaluate(self.graph, given) if xp is None else evaluate(self.graph, given, xp=xp)
        return [values[node] for node in self.wanted]


def points(rule: Rule, count: int) -> Iterator[dict[int, Any]]:
    """Points of the rule's ranges: by turns even over the numbers, and even over their magnitudes."""
    chance = np.random.default_rng(sum(map(ord, rule.name)))
    shapes = rule.shapes or ((),) * len(rule.ranges)
    for turn in range(count):
        yield {place: _drawn(chance, low, high, shape, turn % 2 == 1)
               for place, ((low, high), shape) in enumerate(zip(rule.ranges, shapes, strict=True))}  # fmt: skip


def _drawn(chance: np.random.Generator, low: float, high: float, shape: tuple[int, ...], by_magnitude: bool) -> Any:
    if not by_magnitude:
        return chance.uniform(low, high, shape)[()] if shape else float(chance.uniform(low, high))
    largest = max(abs(low), abs(high))
    smallest = min(abs(low), abs(high)) if low * high > 0 else min(SMALLEST_DRAWN, largest / 2)
    size = np.exp(chance.uniform(np.log(smallest), np.log(largest), shape))
    sign = chance.choice([one for one, end in ((-1.0, low), (1.0, high)) if one * end > 0], shape)
    drawn = np.clip(size * sign, low, high)
    return drawn if shape else float(drawn)


def bits_apart(got: Any, want: Any) -> float:
    """The bits of error of floats against the truth; of arrays at the worst entry."""
    rounded = np.asarray(np.frompyfunc(float, 1, 1)(np.asarray(want)), dtype=float)
    one, other = np.broadcast_arrays(np.asarray(got, dtype=float), rounded)
    numbers = np.isnan(one) == np.isnan(other)
    apart = [abs(_place(x) - _place(y)) for x, y in zip(one[numbers].tolist(), other[numbers].tolist(), strict=True) if x == x]
    return max([NO_NUMBER] * int(not numbers.all()) + [float(np.log2(1.0 + max(apart, default=0)))])


def _place(x: float) -> int:
    """The number of floats between 0 and x, with its sign."""
    bits = int(np.float64(abs(x)).view(np.int64))
    return bits if x >= 0 else -bits


def _gathered(errors: list[list[float]]) -> Bits:
    values, gradients = [row[0] for row in errors], [one for row in errors for one in row[1:]]
    return Bits(float(np.mean(values)), float(np.mean(gradients)), float(np.max(values + gradients)))


def no_worse(leaves: Mapping[int, Any]) -> Any:
    """A judge for `stabilised`: it accepts a rewriting where the error at these values of the leaves does not grow.

    Each leaf has one value. The error is that of the value, against the wire as it was written, in multi-precision.
    """

    def accepts(graph: Graph, wire: int, stable: int) -> bool:
        floats = evaluate(graph, leaves)
        truth = evaluate(graph, leaves, xp=Truth(MANY_DIGITS))[wire]
        return bits_apart(floats[stable], truth) <= bits_apart(floats[wire], truth)

    return accepts
