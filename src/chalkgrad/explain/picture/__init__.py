"""A computational graph as a lecturer draws it on the board: one SVG, nothing to fetch, nothing to run.

Left to right from inputs to output. Above a wire stands its value, below it its gradient, and on it, where it enters a
gate, that gate's local gradient. The picture is plain data that somebody else fills in; nothing here knows what a
gate computes. One idea per file, in reading order: `model` (what to draw), `text` and `measure` (how much room it
needs), `order` (which column, and what stands above what), `heights` and `layout` (where exactly, as `geometry` that a
test can measure), `svg` (ink).

    >>> x = Box(0, "x", "input", None, "3", "6")
    >>> square = Box(1, "×", "output", "f", "9", "1")
    >>> parabola = Picture((x, square), (Wire(0, 1, 0, "3"), Wire(0, 1, 1, "3")), "f = x·x", "x feeds both inputs.")
    >>> draw(parabola)[:4]
    '<svg'
"""

from chalkgrad.explain.picture.geometry import Layout
from chalkgrad.explain.picture.layout import arrange
from chalkgrad.explain.picture.model import Box, Picture, Wire
from chalkgrad.explain.picture.svg import draw

__all__ = ["Box", "Layout", "Picture", "Wire", "arrange", "draw"]
