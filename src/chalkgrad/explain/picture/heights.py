"""How high every spot stands, once the order within the columns is settled.

A wire is easy to follow where it is straight. So each spot wants to stand level with the ports it is linked to, lanes most
of all; but the order must hold and nothing may overlap. That is done by turns:

- column by column: spots that want to pass each other are merged into a block, and a block stands where its members
  want it on the whole (isotonic regression). First in the sense of the mean, which spreads a fan evenly; then of
  the median, which would rather have one wire quite straight than two nearly so;
- path by path: spots that could form one straight line across the board are moved as one, as far as there is room.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

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
    """A link that is straight where `end` stands `port` higher than `start`."""

    start: int
    end: int
    port: float  # how far below the axis of `end` the link enters
    weight: float


def heights(columns: Sequence[Sequence[int]], extents: Sequence[Extent], springs: Sequence[Spring]) -> list[float]:
    """The axis of each spot, y growing downwards."""
    board = _Heights(columns, extents, springs)
    for _ in range(MEAN_SWEEPS):
        for column in columns[1:]:
            board.settle(column, left=True, right=False, median=False)
        for column in columns[-2::-1]:
            board.settle(column, left=False, right=True, median=False)
    paths = board.paths()
    for _ in range(MEDIAN_SWEEPS):
        for column in (*columns, *columns[-2::-1]):
            board.settle(column, left=True, right=True, median=True)
        for path in paths:
            board.straighten(path)
    return board.y


class _Heights:
    """The heights found so far, and the moves that improve them without changing the order."""

    def __init__(self, columns: Sequence[Sequence[int]], extents: Sequence[Extent], springs: Sequence[Spring]) -> None:
        self.y = [0.0] * len(extents)
        self.springs = springs
        self.incoming: list[list[Spring]] = [[] for _ in extents]
        self.outgoing: list[list[Spring]] = [[] for _ in extents]
        for spring in springs:
            self.outgoing[spring.start].append(spring)
            self.incoming[spring.end].append(spring)
        self.over: dict[int, tuple[int, float]] = {}  # the spot above and how far above it must stay
        self.under: dict[int, tuple[int, float]] = {}
        self.packed = [0.0] * len(extents)  # heights if each column were pushed together round 0
        for column in columns:
            for upper, lower in pairwise(column):
                apart = extents[upper].below + extents[lower].above
                self.over[lower], self.under[upper] = (upper, apart), (lower, apart)
                self.packed[lower] = self.packed[upper] + apart
            middle = self.packed[column[-1]] / 2 if column else 0.0
            for number in column:
                self.packed[number] -= middle
                self.y[number] = self.packed[number]

    def pulls(self, number: int, left: bool = True, right: bool = True) -> list[tuple[int, float, float]]:
        """What draws a spot: the spot at the other end of a spring, where to, and how strongly."""
        found = [(s.start, self.y[s.start] - s.port, s.weight) for s in self.incoming[number] if left]
        return found + [(s.end, self.y[s.end] + s.port, s.weight) for s in self.outgoing[number] if right]

    def settle(self, column: Sequence[int], left: bool, right: bool, median: bool) -> None:
        """Move the spots of a column to where they are drawn (pool adjacent violators)."""
        blocks: list[tuple[float, list[Pull], list[int]]] = []  # below the packed column by, pulls on it, members
        for number in column:
            drawn = [(to - self.packed[number], weight) for _, to, weight in self.pulls(number, left, right)]
            drawn = drawn or [(self.y[number] - self.packed[number], 0.1)]  # nothing there: stay, but give way
            members = [number]
            while True:
                now = sum(self.y[member] - self.packed[member] for member in members) / len(members)
                offset = _median(drawn, now) if median else _mean(drawn)
                if not blocks or blocks[-1][0] <= offset:
                    break
                _, others, earlier = blocks.pop()
                drawn, members = others + drawn, earlier + members
            blocks.append((offset, drawn, members))
        for offset, _, members in blocks:
            for member in members:
                self.y[member] = self.packed[member] + offset

    def paths(self) -> list[list[tuple[int, float]]]:
        """The board as lines that could be straight: spots from left to right, each with its height on such a line."""
        following: dict[int, Spring] = {}
        followed: set[int] = set()
        straightest = sorted(self.springs, key=lambda s: (-s.weight, abs(self.y[s.end] + s.port - self.y[s.start])))
        for spring in straightest:
            if spring.start not in following and spring.end not in followed:
                following[spring.start] = spring
                followed.add(spring.end)
        paths = []
        for first in range(len(self.y)):
            if first in following and first not in followed:
                path = [(first, 0.0)]
                while spring_on := following.get(path[-1][0]):
                    path.append((spring_on.end, path[-1][1] - spring_on.port))
                paths.append(path)
        return paths

    def straighten(self, path: list[tuple[int, float]]) -> None:
        """Make a path straight, or if its neighbours leave no room for that, as long pieces of it as they allow."""
        piece: list[tuple[int, float]] = []
        top, bottom = -inf, inf
        for number, height in path:
            highest, lowest = -inf, inf
            if number in self.over:
                upper, apart = self.over[number]
                highest = self.y[upper] + apart - height
            if number in self.under:
                lower, apart = self.under[number]
                lowest = self.y[lower] - apart - height
            if piece and max(top, highest) > min(bottom, lowest):
                self._shift(piece, top, bottom)
                piece, top, bottom = [], -inf, inf
            piece.append((number, height))
            top, bottom = max(top, highest), min(bottom, lowest)
        self._shift(piece, top, bottom)

    def _shift(self, piece: list[tuple[int, float]], top: float, bottom: float) -> None:
        members = {number for number, _ in piece}
        drawn = [
            (to - height, weight) for number, height in piece for other, to, weight in self.pulls(number) if other not in members
        ]
        now = sum(self.y[number] - height for number, height in piece) / len(piece)
        base = min(max(_median(drawn, now) if drawn else now, top), bottom)
        for number, height in piece:
            self.y[number] = base + height


def _mean(pulls: list[Pull]) -> float:
    return sum(to * weight for to, weight in pulls) / sum(weight for _, weight in pulls)


def _median(pulls: list[Pull], near: float) -> float:
    """The weighted median; where two pulls balance, the one nearer to `near`, so that one wire at least is straight."""
    pulls = sorted(pulls)
    half = sum(weight for _, weight in pulls) / 2
    passed = 0.0
    for index, (to, weight) in enumerate(pulls):
        passed += weight
        if passed > half:
            return to
        if passed == half:
            return min(to, pulls[index + 1][0], key=lambda end: abs(end - near))
    return pulls[-1][0]
