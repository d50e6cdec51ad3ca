"""The worked solution as a picture: gates and wires as a lecturer draws them, values above the wires, gradients below."""

from typing import Any, Literal

import numpy as np

from chalkgrad.errors import TooLargeError
from chalkgrad.explain.forward_pass import is_finite
from chalkgrad.explain.picture import Box, Picture, draw
from chalkgrad.explain.picture import Wire as Line
from chalkgrad.explain.working import Worked
from chalkgrad.graph.shapes import show as show_shape
from chalkgrad.notation.numbers import SUPERSCRIPTS, show

Kind = Literal["input", "constant", "gate", "output"]
PICTURE_DIGITS = 4  # beside a wire there is room for so many
LONGEST_ARRAY = 24  # characters of an array beside a wire
MOST_BOXES = 250  # more cannot be read as a picture


def render(worked: Worked) -> str:
    """The SVG text. Raises TooLargeError where there are too many gates for a picture."""
    return draw(picture_of(worked))


def picture_of(worked: Worked) -> Picture:
    """The boxes and wires of the picture, at the level of detail that was asked for."""
    view = worked.numbers.view
    constants = {one for wire in view.wires for one in view.feeds[wire] if view.graph.is_constant(one)}
    nodes = sorted(constants | set(view.wires))
    if len(nodes) > MOST_BOXES or worked.numbers.shortened:
        raise TooLargeError(
            f"A picture of {max(len(nodes), view.output + 1)} gates cannot be read.",
            hint="Name some intermediate results and use the block level, or ask for JSON.",
        )
    lesson = worked.lesson
    backward = bool(lesson.backward)  # where the numbers broke, the lesson stops before the backward pass, and so does the picture
    return Picture(
        boxes=tuple(_box(worked, node, backward=backward) for node in nodes),
        wires=tuple(
            Line(source, wire, slot, _local(worked, wire, slot) if backward else None)
            for wire in view.wires
            for slot, source in enumerate(view.feeds[wire])
        ),
        title=lesson.title.text,
        description=f"Computational graph of {lesson.title.text}, with the value above each wire and the gradient below it.",
    )


def _box(worked: Worked, node: int, *, backward: bool) -> Box:
    view, values, back = worked.numbers.view, worked.numbers.values, worked.numbers.back
    graph, digits = view.graph, min(worked.options.digits, PICTURE_DIGITS)
    total = None if back is None or not backward or node not in view.names else back.total(node)
    gate, name = graph.gate(node), view.names.get(node)
    value = beside(values[node], digits)
    kind: Kind = "output" if node == view.output else "input" if graph.is_leaf(node) else "constant" if gate is None else "gate"
    if gate is None:
        symbol = name if name and graph.is_leaf(node) else value
    else:
        symbol = raised(gate.symbol.format(**graph.settings(node))) if view.feeds[node] == graph.inputs(node) else name or "block"
    return Box(
        node,
        symbol,
        kind,
        name if gate is not None else None,
        value,
        None if total is None else beside(values[total], digits),
        _mark(worked, node, name),
    )


def raised(symbol: str) -> str:
    """x^2 as x², for there is no room for more in a box."""
    base, _, exponent = symbol.partition("^")
    return base + exponent.translate(SUPERSCRIPTS) if set(exponent) <= set("-0123456789") else symbol


def _mark(worked: Worked, node: int, name: str | None) -> str | None:
    if not is_finite(worked.numbers.values[node]):
        return "not finite"
    return next((note.kind for note in worked.lesson.notes if note.wire == name and note.kind == "kink"), None)


def _local(worked: Worked, wire: int, slot: int) -> str | None:
    flows = worked.numbers.flows.get(worked.numbers.view.feeds[wire][slot], ())
    local = next((flow.local for flow in flows if flow.gate == wire and flow.slot == slot), None)
    return None if local is None else beside(worked.numbers.values[local], min(worked.options.digits, PICTURE_DIGITS))


def beside(value: Any, digits: int) -> str:
    """A number as it stands beside a wire; of an array for which there is no room, its shape."""
    text = show(value, digits)
    return text if np.ndim(value) == 0 or len(text) <= LONGEST_ARRAY else show_shape(np.shape(value))
