"""How high every spot stands, once the order within the columns is settled.

A wire is easy to follow where it is straight. So each spot wants to stand level with the ports it is linked to, lanes most
of all; but the order must hold and nothing may overlap. Column by column that is an isotonic regression: spots that want
to pass each other are merged into a block, and a block stands where its members want it on the whole. First a few sweeps
with the mean, which spreads a fan evenly; then some with the median, which would rather have one wire quite
straight than two nearly so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MEAN_SWEEPS = 8
MEDIAN_SWEEPS = 12

Pull = tuple[float, float]  # where to, and how strongly


@dataclass(frozen=True, slots=True)
class Extent:
    """The room a spot needs above and below its axis, margins included."""

    above: float
    below: float


@dataclass(frozen=True, slots=True)
class Spring:
    """A link seen as a spring: it is straight when `start` stands `port` lower than `end`."""

    start: int
    end: int
    port: float  # how far below the axis of `end` the link enters it
    weight: float


def heights(columns: Sequence[Sequence[int]], extents: Sequence[Extent], springs: Sequence[Spring]) -> list[float]:
    """The axis of each spot, y growing downwards."""
    y = [0.0] * len(extents)
    incoming: list[list[Spring]] = [[] for _ in extents]
    outgoing: list[list[Spring]] = [[] for _ in extents]
    for spring in springs:
        outgoing[spring.start].append(spring)
        incoming[spring.end].append(spring)
    ledges = [_ledges(column, extents) for column in columns]
    for column, ledge in zip(columns, ledges, strict=True):
        for number, top in zip(column, ledge, strict=True):
            y[number] = top - (ledge[0] + ledge[-1]) / 2

    def pulls(number: int, left: bool, right: bool) -> list[Pull]:
        wanted = [(y[spring.start] - spring.port, spring.weight) for spring in incoming[number] if left]
        wanted += [(y[spring.end] + spring.port, spring.weight) for spring in outgoing[number] if right]
        return wanted or [(y[number], 0.1)]  # nothing on that side: stay, but give way

    def settle(index: int, left: bool, right: bool, median: bool) -> None:
        column, ledge = columns[index], ledges[index]
        wanted = [pulls(number, left, right) for number in column]
        now = [y[number] for number in column] if median else None
        for number, height in zip(column, _isotonic(wanted, ledge, now), strict=True):
            y[number] = height

    count = len(columns)
    for _ in range(MEAN_SWEEPS):
        for index in range(1, count):
            settle(index, left=True, right=False, median=False)
        for index in range(count - 2, -1, -1):
            settle(index, left=False, right=True, median=False)
    for sweep in range(MEDIAN_SWEEPS):
        for index in range(count) if sweep % 2 == 0 else range(count - 1, -1, -1):
            settle(index, left=True, right=True, median=True)
    return y


def _ledges(column: Sequence[int], extents: Sequence[Extent]) -> list[float]:
    """The axes if the column were packed from the top: the smallest distances that keep spots apart."""
    ledges = [0.0]
    for upper, lower in pairwise(column):
        ledges.append(ledges[-1] + extents[upper].below + extents[lower].above)
    return ledges[: len(column)]


def _isotonic(wanted: list[list[Pull]], ledges: list[float], now: list[float] | None) -> list[float]:
    """Heights in order, at least a ledge apart, as near to all pulls as can be (pool adjacent violators).

    Near in the sense of the mean, or with the heights of `now` given, in the sense of the median nearest to them.
    """
    blocks: list[tuple[float, list[Pull], list[int]]] = []  # how far below the packed column, pulls, members
    for member, (pulls, ledge) in enumerate(zip(wanted, ledges, strict=True)):
        pulls = [(to - ledge, weight) for to, weight in pulls]
        members = [member]
        while True:
            if now is None:
                offset = _mean(pulls)
            else:
                offset = _median(pulls, near=sum(now[m] - ledges[m] for m in members) / len(members))
            if not blocks or blocks[-1][0] <= offset:
                break
            _, others, earlier = blocks.pop()
            pulls, members = others + pulls, earlier + members
        blocks.append((offset, pulls, members))
    return [offset + ledges[member] for offset, _, members in blocks for member in members]


def _mean(pulls: list[Pull]) -> float:
    return sum(to * weight for to, weight in pulls) / sum(weight for _, weight in pulls)


def _median(pulls: list[Pull], near: float) -> float:
    """The weighted median; where two pulls balance, everything between them is one, and the nearest to `near` is taken."""
    pulls = sorted(pulls)
    half = sum(weight for _, weight in pulls) / 2
    passed = 0.0
    for index, (to, weight) in enumerate(pulls):
        passed += weight
        if passed > half:
            return to
        if passed == half:
            return min(max(near, to), pulls[index + 1][0])
    return pulls[-1][0]
