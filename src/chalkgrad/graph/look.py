"""How a gate is written: text that a formula reader reads back, and LaTeX; one table of precedence for both.

A `Look` turns the operands' texts into the gate's text. It says how tightly the result binds and how tightly each operand must
bind to stand without brackets; `notation` walks the graph and sets the brackets.

    >>> infix("+", "+", SUM).text(["a", "b"], {})
    'a + b'
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)
LOOSEST = COMPARE

Params = Mapping[str, Any]
Write = Callable[[Sequence[str], Params], str]


@dataclass(frozen=True, slots=True)
class Look:
    """Both ways to write a gate. `operands[i]` is the level operand i needs; the last one stands for all that follow."""

    text: Write
    latex: Write
    level: int
    operands: tuple[int, ...]
    latex_level: int
    latex_operands: tuple[int, ...]


def infix(text: str, latex: str, level: int, right: int | None = None) -> Look:
    """A left-associative operator between two operands; the right one binds one level tighter unless told."""
    operands = (level, level + 1 if right is None else right)
    return Look(
        lambda parts, _: f"{parts[0]} {text} {parts[1]}",
        lambda parts, _: f"{parts[0]} {latex} {parts[1]}",
        level, operands, level, operands,
    )  # fmt: skip


def function(name: str, latex: str | None = None, defaults: Params | None = None) -> Look:
    """A call such as `exp(x)` or `sum(x, axis=0)`; parameters that stand at their default are left out."""
    head = latex or rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}"
    usual = defaults or {}

    def said(params: Params) -> list[str]:
        return [f"{key}={literal(value)}" for key, value in params.items() if key not in usual or usual[key] != value]

    def text(parts: Sequence[str], params: Params) -> str:
        return f"{name}({', '.join([*parts, *said(params)])})"

    def tex(parts: Sequence[str], params: Params) -> str:
        settings = [rf"\mathrm{{{item.replace('_', chr(92) + '_')}}}" for item in said(params)]
        return rf"{head}\left({', '.join([*parts, *settings])}\right)"

    return Look(text, tex, ATOM, (LOOSEST,), ATOM, (LOOSEST,))


def template(text: str, latex: str, level: int, operands: tuple[int, ...], *, latex_level: int | None = None,
             latex_operands: tuple[int, ...] | None = None) -> Look:  # fmt: skip
    """A look given by two format strings over the operands `{0}`, `{1}` and the parameters by name."""
    return Look(
        lambda parts, params: text.format(*parts, **{key: literal(value) for key, value in params.items()}),
        lambda parts, params: latex.format(*parts, **{key: literal(value) for key, value in params.items()}),
        level,
        operands,
        level if latex_level is None else latex_level,
        operands if latex_operands is None else latex_operands,
    )


def literal(value: object) -> str:
    """A parameter as a formula writes it: 2 for 2.0, [0, 1] for a tuple, slices with colons."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, slice):
        start, stop, step = ("" if part is None else str(part) for part in (value.start, value.stop, value.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return "..." if value is Ellipsis else str(value)
