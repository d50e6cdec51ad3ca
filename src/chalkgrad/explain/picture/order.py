"""Which column every box stands in, and what stands above what inside a column.

Inputs stand left, every gate right of all it reads, the output last; a constant stands just before its gate, because
nobody wants to trace a 2 across the board. A wire that passes columns on its way gets a *lane* in each of them, and
all wires from one box share its lanes, so a fan-out is one line that branches. After that every link joins two
neighbouring columns.

Few crossings is the hard part: that is left to a Sugiyama library. It does not know that a gate's inputs have an order, so
its answer, its mirror image and plain reading order are each polished by swapping neighbours, counting crossings slot
by slot, and the best is kept. A formula that can be drawn without crossings and in reading order is drawn so.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass
from graphlib import TopologicalSorter

from fast_sugiyama import from_edges

from chalkgrad.explain.picture.model import Box, Picture, Wire

MOST_SWEEPS = 40  # of swapping; it stops by itself when nothing improves, nearly always within ten


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a column: a box, or a lane for the wire that box `owner` drives."""

    owner: Box
    column: int
    is_lane: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A piece of wire from one spot to a spot in the next column; `wire` is set where it enters its gate."""

    start: int
    end: int
    wire: Wire | None

    @property
    def slot(self) -> int:
        return self.wire.slot if self.wire else 0


@dataclass(frozen=True, slots=True)
class Board:
    """All spots, the columns (spot numbers from top to bottom), and the links between neighbouring columns."""

    spots: tuple[Spot, ...]
    columns: tuple[tuple[int, ...], ...]
    links: tuple[Link, ...]


def order(picture: Picture) -> Board:
    """The board for `picture`; raises `graphlib.CycleError` if a box feeds itself in a circle."""
    feeds: dict[int, list[Wire]] = {box.key: [] for box in picture.boxes}
    for wire in sorted(picture.wires, key=lambda wire: (wire.target, wire.slot)):
        feeds[wire.target].append(wire)
    column_of = _columns(picture, feeds)
    spots, links = _spots(picture, _reading_order(feeds), column_of)
    columns: list[list[int]] = [[] for _ in range(max(column_of.values(), default=-1) + 1)]
    for number, spot in enumerate(spots):
        columns[spot.column].append(number)
    for column in columns:
        column.sort(key=lambda number: (spots[number].is_lane, number))  # stable base for a board without links
    best = _best_order(spots, links, columns)
    return Board(tuple(spots), tuple(tuple(column) for column in best), tuple(links))


def _columns(picture: Picture, feeds: dict[int, list[Wire]]) -> dict[int, int]:
    graph = {key: [wire.source for wire in wires] for key, wires in feeds.items()}
    forward = list(TopologicalSorter(graph).static_order())
    inputs = {box.key for box in picture.boxes if box.kind == "input"}
    column: dict[int, int] = {}
    fed: set[int] = set(inputs)  # what an input reaches; the rest is made of constants only
    readers: dict[int, list[int]] = defaultdict(list)
    for key in forward:
        column[key] = max((column[source] + 1 for source in graph[key]), default=0)
        if not fed.isdisjoint(graph[key]):
            fed.add(key)
        for source in graph[key]:
            readers[source].append(key)
    last = max(column.values(), default=0)
    for box in picture.boxes:
        if box.kind == "output" and not readers[box.key]:
            column[box.key] = last
    for key in reversed(forward):
        if key not in fed and readers[key]:
            column[key] = min(column[reader] for reader in readers[key]) - 1
    return column


def _reading_order(feeds: dict[int, list[Wire]]) -> list[int]:
    """Keys as the formula is read: a gate's inputs first, in the order of its slots. Never recursive: graphs are deep."""
    read_by_somebody = {wire.source for wires in feeds.values() for wire in wires}
    found: dict[int, None] = {}
    stack = [(key, False) for key in feeds if key not in read_by_somebody][::-1]
    while stack:
        key, inputs_done = stack.pop()
        if key in found:
            continue
        if inputs_done:
            found[key] = None
        else:
            stack.append((key, True))
            stack.extend((wire.source, False) for wire in reversed(feeds[key]))
    return list(found)


def _spots(picture: Picture, reading: list[int], column_of: dict[int, int]) -> tuple[list[Spot], list[Link]]:
    """Spots numbered in reading order (a lane right after its owner), and the links between them."""
    boxes = {box.key: box for box in picture.boxes}
    reach = dict(column_of)
    for wire in picture.wires:
        reach[wire.source] = max(reach[wire.source], column_of[wire.target] - 1)
    spots: list[Spot] = []
    links: list[Link] = []
    at: dict[tuple[int, int], int] = {}  # the spot where a box, or its lane, stands in a column
    for key in reading:
        for column in range(column_of[key], reach[key] + 1):
            at[key, column] = len(spots)
            spots.append(Spot(boxes[key], column, is_lane=column > column_of[key]))
            if column > column_of[key]:
                links.append(Link(len(spots) - 2, len(spots) - 1, None))
    for wire in picture.wires:
        end = column_of[wire.target]
        links.append(Link(at[wire.source, end - 1], at[wire.target, end], wire))
    return spots, links


def _best_order(spots: list[Spot], links: list[Link], columns: list[list[int]]) -> list[list[int]]:
    reading = [sorted(column) for column in columns]
    if not links:
        return reading
    height = _library_heights(links)
    proposed = [sorted(column, key=lambda number: (height.get(number, 0.0), number)) for column in columns]
    candidates = [reading, proposed, [column[::-1] for column in proposed]]
    polished = [_polish(candidate, len(spots), links) for candidate in candidates]
    return min(polished, key=lambda candidate: _crossings(candidate, links))


def _library_heights(links: list[Link]) -> dict[int, float]:
    """For every linked spot a number that orders it within its column.

    With `minimize` the library shortens all links as far as they go. Every link can span exactly one column, so the
    library's columns are ours, and it adds no lanes of its own.
    """
    edges = sorted({(link.start, link.end) for link in links})
    parts = from_edges(edges, ranking_type="minimize", crossing_minimization="barycenter", transpose=True)
    heights: dict[int, float] = {}
    top = 0.0
    for positions, *_ in sorted(parts, key=lambda part: min(number for number, _ in part[0])):
        across = {int(number): float(place[0]) for number, place in positions}
        lowest = min(across.values())
        heights |= {number: top + x - lowest for number, x in across.items()}
        top += max(across.values()) - lowest + 1.0
    return heights


def _polish(columns: list[list[int]], spot_count: int, links: list[Link]) -> list[list[int]]:
    """Swap neighbours while that removes crossings, or keeps their number and restores reading order."""
    columns = [list(column) for column in columns]
    place = [0] * spot_count
    for column in columns:
        for rank, number in enumerate(column):
            place[number] = rank
    before: list[list[Link]] = [[] for _ in range(spot_count)]
    after: list[list[Link]] = [[] for _ in range(spot_count)]
    for link in links:
        after[link.start].append(link)
        before[link.end].append(link)

    def crossings(upper: int, lower: int) -> int:
        """Crossings among the links of two neighbours if `upper` stands above `lower`."""
        left = sum(place[a.start] > place[b.start] for a in before[upper] for b in before[lower])
        right = sum((place[a.end], a.slot) > (place[b.end], b.slot) for a in after[upper] for b in after[lower])
        return left + right

    for _ in range(MOST_SWEEPS):
        swapped = False
        for column in columns:
            for rank in range(len(column) - 1):
                upper, lower = column[rank : rank + 2]
                if (crossings(lower, upper), lower > upper) < (crossings(upper, lower), upper > lower):
                    column[rank : rank + 2] = lower, upper
                    place[upper], place[lower] = rank + 1, rank
                    swapped = True
        if not swapped:
            break
    return columns


def _crossings(columns: list[list[int]], links: list[Link]) -> int:
    place = {number: rank for column in columns for rank, number in enumerate(column)}
    gaps: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    column_of = {number: index for index, column in enumerate(columns) for number in column}
    for link in links:
        gaps[column_of[link.start]].append((place[link.start], place[link.end], link.slot))
    total = 0
    for gap in gaps.values():
        ends: list[tuple[int, int]] = []
        for _, end, slot in sorted(gap):  # two links cross where a later start has an earlier end
            total += len(ends) - bisect_right(ends, (end, slot))
            insort(ends, (end, slot))
    return total
