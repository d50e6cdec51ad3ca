"""Where everything stands: the picture as geometry, before any ink.

Each column has three strips: the local gradients on the wires that enter, the boxes, and the values and gradients on
the wires that leave. Inside a column wires run level, each at its own height; they bend only in the gutters between
columns, where nothing else stands. So no wire runs through a box or a label, whatever the graph; the tests measure
it all the same.
"""

from collections import Counter
from dataclasses import dataclass

from chalkgrad.explain.picture.geometry import Label, Layout, PlacedBox, Rect, Role, Stroke
from chalkgrad.explain.picture.heights import Extent, Spring, heights
from chalkgrad.explain.picture.measure import AIR, LARGE, LINE, SMALL, TEXT, Measured, measure
from chalkgrad.explain.picture.model import Picture
from chalkgrad.explain.picture.order import Board, order
from chalkgrad.explain.picture.text import fit, width

INSET = 5.0  # wires end this far inside a box, behind its round corners
LANE = 7.0  # the room on either side of a wire that passes by
GAP = 3.0  # from a wire to the text above or below it
MARGIN = 20.0
GUTTER, WIDEST_GUTTER, CLIMB = 30.0, 120.0, 0.22  # a gutter grows with its steepest wire
TITLE, WIDEST_TITLE = 30.0, 640.0
KEY: tuple[tuple[Role, str], ...] = (
    ("value", "above a wire: its value"),
    ("gradient", "below: its gradient"),
    ("local", "local gradient"),
)


@dataclass(frozen=True, slots=True)
class Column:
    left: float
    centre: float  # of its boxes
    right: float


def arrange(picture: Picture) -> Layout:
    """Place everything in `picture`."""
    board = order(picture)
    measured = measure(picture)
    title = fit(picture.title, LARGE, WIDEST_TITLE)
    axes = _axes(board, measured, top=MARGIN + (TITLE if title else 0))
    columns = _columns(board, measured, axes)
    boxes = _boxes(board, measured, axes, columns)
    labels = [label for placed in boxes.values() for label in _labels(measured[placed.box.key], placed.rect)]
    strokes = _strokes(board, measured, axes, columns, boxes)
    fan_out = Counter(link.start for link in board.links)
    branches = [(columns[board.spots[spot].column].right, axes[spot]) for spot, count in fan_out.items() if count > 1]
    read = {wire.source for wire in picture.wires}
    arrows = [(stroke.x2, stroke.y2) for stroke in strokes if stroke.source not in read and _is_output(boxes, stroke)]
    bottom = max((axes[n] + _extent(board, measured, n).below for n in range(len(axes))), default=MARGIN)
    labels += _key(labels, bottom + LINE)
    if title:
        labels.append(Label(Rect(MARGIN, MARGIN - AIR, width(title, LARGE), 20.0), title, "title"))
    return Layout(
        width=max([stroke.x2 for stroke in strokes] + [label.rect.right for label in labels], default=0.0) + MARGIN,
        height=max([bottom] + [label.rect.bottom for label in labels]) + MARGIN,
        boxes=tuple(boxes.values()),
        labels=tuple(labels),
        strokes=tuple(strokes),
        branches=tuple(branches),
        arrows=tuple(arrows),
    )


def _extent(board: Board, measured: dict[int, Measured], number: int) -> Extent:
    spot = board.spots[number]
    return Extent(LANE, LANE) if spot.is_lane else measured[spot.owner.key].extent


def _axes(board: Board, measured: dict[int, Measured], top: float) -> list[float]:
    """The height of every spot, the highest just below `top`."""
    extents = [_extent(board, measured, number) for number in range(len(board.spots))]
    springs = []
    for link in board.links:
        lanes = board.spots[link.start].is_lane + board.spots[link.end].is_lane
        port = measured[link.wire.target].ports[link.wire.slot] if link.wire else 0.0
        springs.append(Spring(link.start, link.end, port, weight=float(2**lanes)))  # a long wire above all straight
    axes = heights(board.columns, extents, springs)
    shift = top - min((y - extent.above for y, extent in zip(axes, extents, strict=True)), default=0.0)
    return [round(y + shift, 2) for y in axes]


def _columns(board: Board, measured: dict[int, Measured], axes: list[float]) -> list[Column]:
    climbs = [0.0] * (len(board.columns) + 1)
    for link in board.links:
        gutter = board.spots[link.end].column
        climbs[gutter] = max(climbs[gutter], abs(axes[link.end] - axes[link.start]))
    columns: list[Column] = []
    left = MARGIN
    for numbers, climb in zip(board.columns, climbs[1:], strict=True):
        items = [measured[board.spots[number].owner.key] for number in numbers if not board.spots[number].is_lane]
        strip = max((item.strip for item in items), default=0.0)
        centre = left + max((item.entering for item in items), default=0.0) + strip / 2
        right = centre + max((item.width / 2 + item.leaving for item in items), default=0.0)
        right = max(right, centre + strip / 2)
        columns.append(Column(left, centre, right))
        left = right + min(GUTTER + CLIMB * climb, WIDEST_GUTTER)
    return columns


def _boxes(board: Board, measured: dict[int, Measured], axes: list[float], columns: list[Column]) -> dict[int, PlacedBox]:
    boxes = {}
    for spot, y in zip(board.spots, axes, strict=True):
        if not spot.is_lane:
            item = measured[spot.owner.key]
            rect = Rect(columns[spot.column].centre - item.width / 2, y - item.height / 2, item.width, item.height)
            boxes[spot.owner.key] = PlacedBox(rect, spot.owner, item.symbol)
    return boxes


def _labels(item: Measured, rect: Rect) -> list[Label]:
    """The texts round one box: value above the wire it drives, gradient below, local gradients on the wires it reads."""
    x, y = rect.right + AIR, rect.y + rect.height / 2
    labels = []
    if item.value:
        labels.append(Label(Rect(x, y - GAP - LINE, item.value_width, LINE), item.value, "value", item.name))
    if item.gradient:
        labels.append(Label(Rect(x, y + GAP, width(item.gradient, TEXT), LINE), item.gradient, "gradient"))
    if item.mark:
        room = item.mark_width
        labels.append(Label(Rect(rect.centre - room / 2, rect.bottom + GAP, room, LINE), item.mark, "mark"))
    for slot, text in item.locals.items():
        room = width(text, SMALL) + AIR
        labels.append(Label(Rect(rect.x - AIR - room, y + item.ports[slot] - LINE / 2, room, LINE), text, "local"))
    return labels


def _strokes(
    board: Board,
    measured: dict[int, Measured],
    axes: list[float],
    columns: list[Column],
    boxes: dict[int, PlacedBox],
) -> list[Stroke]:
    strokes: list[Stroke] = []
    continued = {link.start for link in board.links}
    for number, (spot, y) in enumerate(zip(board.spots, axes, strict=True)):
        key, column, rect = spot.owner.key, columns[spot.column], boxes[spot.owner.key].rect
        start = column.left if spot.is_lane else rect.right - INSET
        end = column.right if number in continued else rect.right + measured[key].leaving
        strokes.append(Stroke(key, start, y, end, y))
    for link in board.links:
        source, end_spot = board.spots[link.start], board.spots[link.end]
        x, x2 = columns[source.column].right, columns[end_spot.column].left
        y, y2 = axes[link.start], axes[link.end]
        if link.wire:
            target = link.wire.target
            y2 += measured[target].ports[link.wire.slot]
            strokes.append(Stroke(source.owner.key, x2, y2, boxes[target].rect.x + INSET, y2, target))
        strokes.append(Stroke(source.owner.key, x, y, x2, y2))
    return strokes


def _is_output(boxes: dict[int, PlacedBox], stroke: Stroke) -> bool:
    return boxes[stroke.source].box.kind == "output"


def _key(labels: list[Label], y: float) -> list[Label]:
    """One line below the board that says which text is what, as far as it occurs."""
    x = MARGIN
    key = []
    for role, text in KEY:
        if any(label.role == role for label in labels):
            room = width(text, SMALL) + AIR
            key.append(Label(Rect(x, y, room, LINE), text, role, in_key=True))
            x += room + 2 * AIR
    return key
