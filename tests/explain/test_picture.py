"""Pictures are measured, not looked at: on random graphs with any text, nothing overlaps and no wire runs through a box."""

import pickle
import random
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from graphlib import CycleError
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad.explain.picture import Box, Picture, Wire, arrange, draw
from chalkgrad.explain.picture.geometry import Rect, Stroke
from chalkgrad.explain.picture.text import fit, width

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ("<script>alert(1)</script>", "&amp;]]>", "\"quoted'", "\x00\x1b[31m\ud800", "\u202egnol", "W" * 3000, "e\u0301" * 900)
ROUNDING = 0.05

texts = st.one_of(st.sampled_from(["6", "−24", "0.197", "[1.2, 3, …]", "−1.7977e308", *HOSTILE]), st.text(max_size=40))
sometimes = st.one_of(st.none(), texts)
generously = settings(deadline=None, max_examples=40)


@st.composite
def pictures(draw_from, most_boxes=24):
    """Any acyclic graph: fan-out, long wires, the same wire into two slots, gates nobody reads."""
    count = draw_from(st.integers(1, most_boxes))
    boxes, wires = [], []
    for key in range(count):
        last = key == count - 1
        kind = "output" if last else draw_from(st.sampled_from(("input", "constant", "gate", "gate", "gate")))
        if key and kind in ("gate", "output"):
            sources = draw_from(st.lists(st.integers(0, key - 1), min_size=1, max_size=4))
            wires += [Wire(source, key, slot, draw_from(sometimes)) for slot, source in enumerate(sources)]
        boxes.append(
            Box(key, *(draw_from(texts), kind, draw_from(sometimes), draw_from(texts)), *draw_from(st.tuples(sometimes, sometimes)))
        )
    return Picture(tuple(boxes), tuple(wires), draw_from(texts), draw_from(texts))


@st.composite
def trees(draw_from):
    """A formula in which every box is read once, its boxes numbered as the formula is read."""
    boxes, wires = [], []
    waiting = []
    for _ in range(draw_from(st.integers(2, 20))):
        arity = draw_from(st.integers(0, min(3, len(waiting))))
        key = len(boxes)
        boxes.append(Box(key, "+", "gate" if arity else "input", None, "1", "1"))
        wires += [Wire(source, key, slot, "1") for slot, source in enumerate(waiting[len(waiting) - arity :])]
        del waiting[len(waiting) - arity :]
        waiting.append(key)
    root = Box(len(boxes), "sum", "output", "f", "1", "1")
    wires += [Wire(source, root.key, slot, "1") for slot, source in enumerate(waiting)]
    return Picture((*boxes, root), tuple(wires), "a tree", "")


def overlap(one: Rect, other: Rect) -> bool:
    return (
        one.x + ROUNDING < other.right
        and other.x + ROUNDING < one.right
        and one.y + ROUNDING < other.bottom
        and other.y + ROUNDING < one.bottom
    )


def points(stroke: Stroke, count: int = 24) -> list[Rect]:
    """The curve, as rectangles without area: what SVG draws for a cubic whose handles stand half-way."""
    middle = (stroke.x + stroke.x2) / 2
    found = []
    for step in range(count + 1):
        t = step / count
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        x = a * stroke.x + (b + c) * middle + d * stroke.x2
        found.append(Rect(x, (a + b) * stroke.y + (c + d) * stroke.y2, 0.0, 0.0))
    return found


def touches(stroke: Stroke, rect: Rect) -> bool:
    top, bottom = sorted((stroke.y, stroke.y2))
    if not overlap(Rect(stroke.x, top - 1, stroke.x2 - stroke.x, bottom - top + 2), rect):
        return False  # not even the frame of the curve comes near
    return any(overlap(point, rect) for point in points(stroke))


@generously
@given(pictures())
def test_no_box_or_label_overlaps_another(picture):
    layout = arrange(picture)
    named = [(f"box {placed.box.key}", placed.rect) for placed in layout.boxes]
    named += [(f"{label.role} {label.text!r}", label.rect) for label in layout.labels]
    for (one, here), (other, there) in combinations(named, 2):
        assert not overlap(here, there), f"{one} overlaps {other}"


@generously
@given(pictures())
def test_everything_lies_on_the_board(picture):
    layout = arrange(picture)
    board = Rect(0.0, 0.0, layout.width, layout.height)
    for rect in [placed.rect for placed in layout.boxes] + [label.rect for label in layout.labels]:
        assert board.x <= rect.x <= rect.right <= board.right
        assert board.y <= rect.y <= rect.bottom <= board.bottom
    for stroke in layout.strokes:
        assert 0 <= stroke.x < stroke.x2 <= layout.width, "a wire runs left to right"
        assert 0 <= min(stroke.y, stroke.y2) <= max(stroke.y, stroke.y2) <= layout.height


@generously
@given(pictures())
def test_every_label_has_the_room_its_text_needs(picture):
    for label in arrange(picture).labels:
        text = f"{label.name} = {label.text}" if label.name else label.text
        size = {"local": 11.0, "mark": 11.0 * 1.1, "title": 16.0}.get(label.role, 11.0 if label.in_key else 13.0)
        assert label.rect.width >= width(text, size) - ROUNDING


@generously
@given(pictures())
def test_no_wire_runs_through_a_foreign_box_or_through_text(picture):
    layout = arrange(picture)
    for stroke in layout.strokes:
        for placed in layout.boxes:
            if placed.box.key not in (stroke.source, stroke.target):
                assert not touches(stroke, placed.rect), f"the wire from {stroke.source} runs through {placed.box.key}"
        for label in layout.labels:
            if touches(stroke, label.rect):
                assert label.role == "local", f"the wire from {stroke.source} runs through {label.text!r}"
                assert stroke.target is not None
                assert stroke.y == pytest.approx(label.rect.y + label.rect.height / 2)


@generously
@given(pictures())
def test_every_wire_can_be_followed_from_its_box_to_its_slot(picture):
    layout = arrange(picture)
    rects = {placed.box.key: placed.rect for placed in layout.boxes}
    reached = defaultdict(list)  # (source, target) -> heights at which a wire arrives
    for key, rect in rects.items():
        own = [stroke for stroke in layout.strokes if stroke.source == key]
        live = [stroke for stroke in own if rect.x < stroke.x < rect.right]
        for stroke in live:  # grows while it is walked
            if stroke.target is not None:
                reached[key, stroke.target].append(stroke.y2)
                assert rects[stroke.target].x < stroke.x2 < rects[stroke.target].right
            live += [other for other in own if (other.x, other.y) == (stroke.x2, stroke.y2)]
        assert len(live) == len(own), "a piece of wire hangs in the air"
    arriving = defaultdict(list)
    for wire in picture.wires:
        arriving[wire.target].append(wire)
    for target, wires in arriving.items():
        slots = [wire.source for wire in sorted(wires, key=lambda wire: wire.slot)]
        drawn = [(y, source) for (source, end), heights in reached.items() if end == target for y in heights]
        assert [source for _, source in sorted(drawn)] == slots, "slots stand in order, top to bottom"
        assert len({y for y, _ in drawn}) == len(slots), "each wire has its own entrance"


@generously
@given(trees())
def test_a_formula_without_shared_wires_is_drawn_in_reading_order_and_without_crossings(picture):
    layout = arrange(picture)
    inputs = sorted((placed.rect.y, placed.box.key) for placed in layout.boxes if placed.box.kind == "input")
    keys = [key for _, key in inputs]
    assert keys == sorted(keys)
    gutters = defaultdict(list)
    for stroke in layout.strokes:
        gutters[stroke.x, stroke.x2].append((stroke.y, stroke.y2))
    for strokes in gutters.values():
        for (_, end), (_, next_end) in pairwise(sorted(strokes)):
            assert end <= next_end + ROUNDING


@generously
@given(pictures())
def test_any_text_yields_one_harmless_svg(picture):
    root = ET.fromstring(draw(picture))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert root.get("aria-labelledby").split() == [child.get("id") for child in root[:2]]
    harmless = {f"{SVG}{tag}" for tag in ("svg", "title", "desc", "style", "rect", "g", "text", "tspan", "path", "circle")}
    attributes = set()
    for element in root.iter():
        assert element.tag in harmless
        attributes |= element.attrib.keys()
    assert not any(name.startswith("on") or name.endswith(("href", "src")) for name in attributes)


@generously
@given(pictures())
def test_the_same_picture_is_the_same_text(picture):
    assert draw(picture) == draw(picture)


def tangle(count: int) -> Picture:
    rng = random.Random(count)
    wires = [
        Wire(rng.randrange(max(0, key - 9), key), key, slot, "0.5")
        for key in range(count // 6, count)
        for slot in range(rng.choice((1, 2, 2)))
    ]
    kinds = ["input" if key < count // 6 else "gate" for key in range(count)]
    boxes = tuple(Box(key, "×", kind, None, "1.25", "−3") for key, kind in enumerate(kinds))
    return Picture(boxes, tuple(wires), f"{count} boxes", "")


def test_a_picture_is_the_same_in_another_process():
    picture = tangle(60)
    program = "import pickle, sys; from chalkgrad.explain.picture import draw; print(draw(pickle.load(sys.stdin.buffer)), end='')"
    there = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program], input=pickle.dumps(picture), capture_output=True, check=True
    )
    assert there.stdout.decode().splitlines() == draw(picture).splitlines()


def test_hundreds_of_boxes_still_do_not_overlap():
    layout = arrange(tangle(400))
    by_column = defaultdict(list)
    for placed in layout.boxes:
        by_column[placed.rect.centre].append(placed.rect)
    for column in by_column.values():
        for upper, lower in pairwise(sorted(column, key=lambda rect: rect.y)):
            assert upper.bottom < lower.y


def lecture() -> Picture:
    """f = A·B with A = C + D, B = V·V, V = X + Y at C = 3, D = −5, X = 2, Y = 4."""
    leaves = (("C", "3", "36"), ("D", "−5", "36"), ("X", "2", "−24"), ("Y", "4", "−24"))
    gates = (("+", "A", "−2", "36"), ("+", "V", "6", "−24"), ("×", "B", "36", "−2"))
    boxes = [Box(key, name, "input", name, value, slope) for key, (name, value, slope) in enumerate(leaves)]
    boxes += [Box(key, symbol, "gate", *rest) for key, (symbol, *rest) in enumerate(gates, start=4)]
    boxes.append(Box(7, "×", "output", "f", "−72", "1", "kink"))
    ends = ((0, 4), (1, 4), (2, 5), (3, 5), (5, 6), (5, 6), (4, 7), (6, 7))
    local = ("1", "1", "1", "1", "6", "6", "36", "−2")
    wires = [Wire(source, target, slot % 2, text) for slot, ((source, target), text) in enumerate(zip(ends, local, strict=True))]
    return Picture(tuple(boxes), tuple(wires), "f = A·B", "A product of a sum and a square.")


def test_value_stands_above_its_wire_gradient_below_and_local_gradient_on_it():
    layout = arrange(lecture())
    [square] = [placed.rect for placed in layout.boxes if placed.box.name == "B"]
    axis = square.y + square.height / 2
    near = [label for label in layout.labels if not label.in_key and label.rect.x == pytest.approx(square.right + 6)]
    assert [(label.role, label.name, label.text, label.rect.bottom < axis) for label in near] == [
        ("value", "B", "36", True),
        ("gradient", "", "−2", False),
    ]
    local = [label.text for label in layout.labels if abs(label.rect.right + 6 - square.x) < ROUNDING]
    assert local == ["6", "6"]


def test_what_the_picture_says_is_in_its_text():
    root = ET.fromstring(draw(lecture()))
    shown = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    for expected in ("A = −2", "V = 6", "B = 36", "f = −72", "C", "3", "−24", "kink", "f = A·B", "above a wire: its value"):
        assert expected in shown
    assert "C = 3" not in shown, "the box already says whose value it is"
    assert root.findtext(f"{SVG}desc") == "A product of a sum and a square."


def test_a_mark_shows_in_words_and_in_the_box():
    [marked] = [group for group in ET.fromstring(draw(lecture())).iter(f"{SVG}g") if "cg-marked" in group.get("class")]
    assert marked.get("class") == "cg-output cg-marked"


def test_only_the_output_leaves_by_an_arrow_and_a_fan_out_has_a_dot():
    layout = arrange(lecture())
    assert len(layout.arrows) == 1
    assert layout.arrows[0][0] == max(stroke.x2 for stroke in layout.strokes)
    assert len(layout.branches) == 1, "V feeds both inputs of its square"


def test_a_constant_stands_just_before_its_gate_and_says_its_value_once():
    chain = [Box(0, "x", "input", None, "3", "1")] + [Box(key, "σ", "gate", None, "0", "1") for key in (1, 2, 3)]
    boxes = (*chain, Box(4, "2", "constant", None, "2", None), Box(5, "×", "output", "f", "0", "1"))
    wires = (*(Wire(key, key + 1, 0, "1") for key in range(3)), Wire(3, 5, 0, "2"), Wire(4, 5, 1, None))
    layout = arrange(Picture(boxes, wires, "", ""))
    rects = {placed.box.key: placed.rect for placed in layout.boxes}
    assert rects[4].centre == rects[3].centre
    assert [label.text for label in layout.labels].count("2") == 1, "the local gradient of the other input"


def test_a_picture_may_be_empty_or_a_single_box():
    assert ET.fromstring(draw(Picture((), (), "", ""))).tag == f"{SVG}svg"
    assert len(arrange(Picture((Box(0, "x", "output", "f", "3", "1"),), (), "", "")).arrows) == 1


def test_a_circle_of_boxes_is_refused():
    boxes = tuple(Box(key, "+", "gate", None, "0", None) for key in range(2))
    with pytest.raises(CycleError):
        draw(Picture(boxes, (Wire(0, 1, 0, None), Wire(1, 0, 0, None)), "", ""))


@given(st.text(max_size=300), st.floats(20, 400))
def test_shortened_text_is_printable_and_fits(text, limit):
    shown = fit(text, 13.0, limit)
    assert shown.isprintable()
    assert width(shown, 13.0) <= limit + ROUNDING
