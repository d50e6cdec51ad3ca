"""A wire as a formula over other wires, in text or LaTeX, with the brackets that are needed and no others.

The walk knows only levels of precedence; how each gate is written stands in its `Look`. Text without names given for inner
wires parses back to the same graph.

    >>> from chalkgrad.graph.wire import Drawing
    >>> graph = Graph()
    >>> x, y = (Drawing(graph).wire(graph.leaf(name)) for name in "xy")
    >>> write(graph, ((x + y) * -x).node)
    '(x + y) * (-x)'
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.graph.look import ATOM, LOOSEST, POWER, PRODUCT, SIGN, literal
from chalkgrad.notation.names import latex_name
from chalkgrad.notation.numbers import DIGITS, MINUS, MOST_ENTRIES, Style, show, source

ELLIPSIS = {"text": "…", "latex": r"\ldots"}
MINUSES = ("-", MINUS)
POWERS_OF_TEN = ("10⁻", *(f"10{digit}" for digit in "⁰¹²³⁴⁵⁶⁷⁸⁹"), "10^")
LATEX_LENGTH = 3  # how much longer than the text the LaTeX of an expression may be


class Part(NamedTuple):
    """A piece of an expression and how tightly it binds."""

    text: str
    level: int = ATOM


def named(name: str, style: Style = "text") -> Part:
    """The part that stands for a named wire."""
    return Part(name if style == "text" else latex_name(name))


def number(value: Any, digits: int, style: Style = "text") -> Part:
    """The part that stands for a wire's value."""
    text = show(value, digits, style)
    if text.startswith(MINUSES):
        return Part(text, PRODUCT)
    if "·" in text or r"\cdot" in text:
        return Part(text, PRODUCT)
    return Part(text, POWER if text.startswith(POWERS_OF_TEN) else ATOM)


def write(graph: Graph, node: int, parts: Mapping[int, Part] | None = None, style: Style = "text", *, opened: bool = False,
          longest: int | None = None) -> str:  # fmt: skip
    """The wire as an expression. `parts` stands for the wires it names; leaves go by their names without it.

    With `opened`, the wire itself is written out even where `parts` names it. Any piece longer than `longest` characters becomes
    an ellipsis. No recursion, and each wire is written once, however often it is used.
    """
    known: dict[int, Part] = dict(parts or {})
    if opened:
        known.pop(node, None)
    limit = None if longest is None else longest if style == "text" else LATEX_LENGTH * longest
    stack = [node]
    while stack:
        top = stack[-1]
        if top in known:
            stack.pop()
            continue
        missing = [one for one in graph.inputs(top) if one not in known]
        if missing:
            stack.extend(reversed(missing))
            continue
        stack.pop()
        part = _part(graph, top, [known[one] for one in graph.inputs(top)], style)
        known[top] = part if limit is None or len(part.text) <= limit else Part(ELLIPSIS[style])
    return known[node].text


def _part(graph: Graph, node: int, operands: list[Part], style: Style) -> Part:
    gate = graph.gate(node)
    if gate is None:
        return _constant(graph.constants[node], style) if graph.is_constant(node) else named(graph.names[node], style)
    look, settings, inputs = gate.look, graph.settings(node), graph.inputs(node)
    levels, level = (look.operands, look.level) if style == "text" else (look.latex_operands, look.latex_level)
    bracketed = [
        _bracketed(
            part, levels[min(place, len(levels) - 1)], place, style, negated=level == SIGN and graph.is_constant(inputs[place])
        )
        for place, part in enumerate(operands)
    ]
    return Part((look.text if style == "text" else look.latex)(bracketed, settings), level)


def _bracketed(part: Part, needed: int, place: int, style: Style, *, negated: bool) -> str:
    # A minus inside an expression wants brackets for the eye; a constant under a minus, so that it does not read as one literal.
    crowded = needed > LOOSEST and ((place > 0 and part.text.startswith(MINUSES)) or (negated and part.text[:1].isdigit()))
    if part.level >= needed and not crowded:
        return part.text
    return f"({part.text})" if style == "text" else rf"\left({part.text}\right)"


def _constant(value: Any, style: Style) -> Part:
    if isinstance(value, np.ndarray) and value.ndim:
        if value.size > MOST_ENTRIES**2:
            return Part(show(value, DIGITS, style))
        if style == "latex":
            return Part(show(value, 17, style))
        return Part(f"[{source(float(value[0]))},]" if value.shape == (1,) else _list(value))
    if isinstance(value, bool | np.bool_):
        return Part(literal(bool(value)))
    text = source(float(value)) if style == "text" else show(value, 17, style)
    return Part(text, SIGN if text.startswith(MINUSES) else ATOM if r"\cdot" not in text else PRODUCT)


def _list(value: np.ndarray) -> str:
    if value.ndim == 0:
        return source(float(value))
    return "[" + ", ".join(_list(one) for one in value) + ("," if len(value) == 1 else "") + "]"
