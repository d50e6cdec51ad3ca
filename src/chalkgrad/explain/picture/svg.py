"""Ink: a layout as SVG text that stands alone, on a light board or a dark one.

Colours are custom properties of the picture's own class, changed by `prefers-color-scheme`. Every rule starts with that
class and every class inside has a prefix, so that an SVG placed inside a page neither styles the page nor is styled by
it. Nothing is told by colour alone: a value stands above its wire, a gradient below, a local gradient on it in a frame,
and a mark is written out. Programs that know no custom properties (drawing programs, thumbnailers) take the light
board: each colour is said plainly first.
"""

import re
from xml.sax.saxutils import escape
from zlib import crc32

from chalkgrad.explain.picture.geometry import Label, Layout, PlacedBox, Stroke
from chalkgrad.explain.picture.layout import arrange
from chalkgrad.explain.picture.measure import LARGE, SMALL, TEXT
from chalkgrad.explain.picture.model import Picture
from chalkgrad.explain.picture.text import clean

BASELINE = 0.35  # from the middle of a line down to its baseline, in ems
DOT, ARROW = 3.5, 9.0
ROUND, CORNER = 20.0, 5.0  # a gate of the smallest size is a circle; inputs and constants have corners

COLOURS = """
.chalkgrad-picture {
  --board: #fffdf7; --chalk: #24292f; --faint: #6a717a; --fill: #f4f1e6; --edge: #57606a;
  --value: #116329; --gradient: #b3261e; --local: #6639ba; --mark: #8a4b00; --mark-fill: #fff0cc;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  .chalkgrad-picture {
    --board: #1c2522; --chalk: #eef1ea; --faint: #a5afa8; --fill: #2a3531; --edge: #9fb0a8;
    --value: #8ee29d; --gradient: #ffa08f; --local: #cbb5ff; --mark: #ffcf70; --mark-fill: #4a3b14;
  }
}
.chalkgrad-picture .cg-board { fill: var(--board); }
.chalkgrad-picture .cg-wire { fill: none; stroke: var(--edge); stroke-width: 1.6; stroke-linecap: round; }
.chalkgrad-picture .cg-tip { fill: var(--edge); }
.chalkgrad-picture .cg-box { fill: var(--fill); stroke: var(--chalk); stroke-width: 1.6; }
.chalkgrad-picture .cg-input .cg-box { fill: var(--board); }
.chalkgrad-picture .cg-constant .cg-box { fill: var(--board); stroke: var(--faint); stroke-dasharray: 3 3; }
.chalkgrad-picture .cg-output .cg-box { stroke-width: 3; }
.chalkgrad-picture .cg-marked .cg-box { fill: var(--mark-fill); stroke: var(--mark); stroke-width: 3; }
.chalkgrad-picture text { fill: var(--chalk); }
.chalkgrad-picture .cg-value { fill: var(--value); }
.chalkgrad-picture .cg-gradient { fill: var(--gradient); }
.chalkgrad-picture .cg-name { font-style: italic; fill: var(--chalk); }
.chalkgrad-picture .cg-mark { fill: var(--mark); font-weight: 600; }
.chalkgrad-picture .cg-local { fill: var(--local); }
.chalkgrad-picture .cg-chip { fill: var(--board); stroke: var(--local); stroke-width: 1; }
""".strip()

LIGHT = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", COLOURS.partition("@media")[0]))
STYLE = re.sub(r"([a-z]+): var\(--([a-z-]+)\)", lambda said: f"{said[1]}: {LIGHT[said[2]]}; {said[0]}", COLOURS)


def draw(picture: Picture) -> str:
    """`picture` as one SVG element, the same text every time."""
    layout = arrange(picture)
    title, description = clean(picture.title), clean(picture.description)
    mark = f"chalkgrad-{crc32(repr(picture).encode('utf-8', 'backslashreplace')):08x}"  # ids stay unique in a page
    width, height = round(layout.width), round(layout.height)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chalkgrad-picture" role="img" width="{width}" '
            f'height="{height}" viewBox="0 0 {width} {height}" aria-labelledby="{mark}-title {mark}-desc">',
            f'<title id="{mark}-title">{escape(title)}</title>',
            f'<desc id="{mark}-desc">{escape(description)}</desc>',
            f"<style>\n{STYLE}\n</style>",
            f'<rect class="cg-board" width="{width}" height="{height}" rx="8"/>',
            *_wires(layout),
            *map(_box, layout.boxes),
            *map(_label, layout.labels),
            "</svg>",
            "",
        ]
    )


def _wires(layout: Layout) -> list[str]:
    """One path for everything that leaves a box, then the dots and arrows."""
    paths: dict[int, list[str]] = {}
    for stroke in layout.strokes:
        paths.setdefault(stroke.source, []).append(_path(stroke))
    wires = [f'<path class="cg-wire" d="{" ".join(path)}"/>' for path in paths.values()]
    dots = [f'<circle class="cg-tip" cx="{_n(x)}" cy="{_n(y)}" r="{DOT}"/>' for x, y in layout.branches]
    tips = [f'<path class="cg-tip" d="M{_n(x)} {_n(y)}l{-ARROW} -4.5v9z"/>' for x, y in layout.arrows]
    return wires + dots + tips


def _path(stroke: Stroke) -> str:
    start, end = f"M{_n(stroke.x)} {_n(stroke.y)}", f"{_n(stroke.x2)} {_n(stroke.y2)}"
    if stroke.y == stroke.y2:
        return f"{start}L{end}"
    middle = _n((stroke.x + stroke.x2) / 2)
    return f"{start}C{middle} {_n(stroke.y)} {middle} {_n(stroke.y2)} {end}"


def _box(placed: PlacedBox) -> str:
    rect, box = placed.rect, placed.box
    kind = f"cg-{box.kind} cg-marked" if box.mark else f"cg-{box.kind}"
    corner = ROUND if box.kind in ("gate", "output") else CORNER
    return (
        f'<g class="{kind}"><rect class="cg-box" x="{_n(rect.x)}" y="{_n(rect.y)}" width="{_n(rect.width)}" '
        f'height="{_n(rect.height)}" rx="{_n(corner)}"/>'
        f"{_text(rect.centre, rect.y + rect.height / 2, LARGE, escape(placed.symbol), 'symbol', centred=True)}</g>"
    )


def _label(label: Label) -> str:
    rect, text = label.rect, escape(label.text)
    y = rect.y + rect.height / 2
    if label.role == "local":
        frame = (
            f'<rect class="cg-chip" x="{_n(rect.x)}" y="{_n(rect.y)}" width="{_n(rect.width)}" height="{_n(rect.height)}" rx="4"/>'
        )
        return frame + _text(rect.centre, y, SMALL, text, "local", centred=True)
    if label.role == "mark":
        return _text(rect.centre, y, SMALL, text, "mark", centred=True)
    if label.name:
        text = f'<tspan class="cg-name">{escape(label.name)}</tspan> = {text}'
    size = SMALL if label.in_key else LARGE if label.role == "title" else TEXT
    return _text(rect.x, y, size, text, label.role)


def _text(x: float, y: float, size: float, markup: str, role: str, centred: bool = False) -> str:
    anchor = ' text-anchor="middle"' if centred else ""
    return f'<text class="cg-{role}" x="{_n(x)}" y="{_n(y + BASELINE * size)}" font-size="{_n(size)}"{anchor}>{markup}</text>'


def _n(number: float) -> str:
    """A coordinate in tenths of a pixel, without a trailing .0."""
    return f"{number:.1f}".removesuffix(".0")
