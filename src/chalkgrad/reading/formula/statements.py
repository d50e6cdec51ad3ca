"""Statements: where one ends and the next begins, what each defines, and which values stand in the text.

A statement ends at a newline, a semicolon, or a comma before the next definition, outside all brackets; a line that ends or
begins with an operator goes on. A definition of a literal, `C = 3` or `s = [225, 617]`, gives an input its value.

    >>> from chalkgrad.reading.formula.scanning import scan
    >>> tokens = scan("f = 2C, C = 3")
    >>> [(one.name, one.literal) for one in divide(tokens, match_brackets(tokens))]
    [('f', None), ('C', 3.0)]
"""

from dataclasses import dataclass
from typing import Any

from chalkgrad.errors import ChalkgradError, FormulaError, Span, quote
from chalkgrad.reading.formula.brackets import Layout, match_brackets
from chalkgrad.reading.formula.names import normalised
from chalkgrad.reading.formula.tokens import Tokens

__all__ = ["Statement", "divide", "match_brackets"]

_GOES_ON_AFTER = frozenset("PLUS MINUS STAR TIMES SLASH AT POW COMPARE EQ".split())
_GOES_ON_WITH = frozenset("PLUS STAR TIMES SLASH AT POW COMPARE EQ".split())
_LITERAL_KINDS = frozenset("NUM NAME PLUS MINUS LSQB RSQB COMMA".split())


@dataclass(slots=True)
class Statement:
    """A definition, or a bare expression (`name` empty): the expression's tokens run from `first` up to `last`."""

    name: str
    shown: str  # the name as it is written
    target: int  # the token of the name; for a bare expression the first token
    parameters: tuple[str, ...] | None  # of a head such as f(x, y)
    first: int
    last: int
    literal: Any = None
    needs: tuple[str, ...] = ()  # the definitions it uses
    unused: bool = False  # whether nothing uses it, though it is not the output
    node: int = -1


def divide(tokens: Tokens, layout: Layout) -> list[Statement]:
    """The statements of a text, in the order of writing. Raises FormulaError where it cannot be divided."""
    statements: list[Statement] = []
    equals = iter([*layout.equals, len(tokens)])
    equal = next(equals)
    for first, last in _ranges(tokens, layout):
        signs = []
        while equal < last:
            signs.append(equal)
            equal = next(equals)
        statements.append(_statement(tokens, layout, first, last, signs))
    if not statements:
        raise FormulaError("The formula is empty.", hint="Write one, such as f = (x + y) * z.")
    _check_once(tokens, statements)
    return statements


def _ranges(tokens: Tokens, layout: Layout) -> list[tuple[int, int]]:
    """The tokens of each statement, without those that are empty."""
    ranges = []
    bridges: dict[int, int] = {}
    first = 0
    for index in [*layout.breaks, len(tokens)]:
        if index < first or (index < len(tokens) and not _ends_here(tokens, layout, first, index, bridges)):
            continue
        before = first
        while before < index and tokens.kinds[before] in ("NOTHING", "NEWLINE"):
            before += 1
        if before < index:
            ranges.append((before, index))
        elif index < len(tokens) and tokens.kinds[index] == "COMMA":
            raise FormulaError("There is nothing before the comma.", source=tokens.source, span=tokens.span(index),
                               hint="Leave the comma out.")  # fmt: skip
        first = index + 1
    return ranges


def _ends_here(tokens: Tokens, layout: Layout, first: int, index: int, bridges: dict[int, int]) -> bool:
    """Whether the newline, semicolon or comma at `index` ends the statement that began at `first`.

    `bridges` leads from a newline that did not end it to the last token before, so that many empty lines are no long way back.
    """
    kind, kinds = tokens.kinds[index], tokens.kinds
    follows = kinds[index + 1] if index + 1 < len(tokens) else "NEWLINE"
    if kind == "COMMA":
        if follows not in ("NEWLINE", "SEMICOLON") and not _begins_definition(tokens, layout, index + 1):
            raise _comma(tokens, index)
        return True
    if kind == "NEWLINE" and index > first:
        before = index - 1
        while before > first and kinds[before] == "NOTHING":
            before = bridges.get(before, before - 1)
        aligned = follows == "MINUS" and tokens.values.get(index) == "\\\\"
        if kinds[before] in _GOES_ON_AFTER or follows in _GOES_ON_WITH or aligned:
            kinds[index] = "NOTHING"
            bridges[index] = before
            return False
        if follows == "MINUS" and kinds[before] != "NEWLINE":
            raise FormulaError("This line begins with a minus: it may go on from the line above or stand for itself.",
                               source=tokens.source, span=tokens.span(index + 1),
                               hint="End the line above with the minus, or end it with a semicolon.")  # fmt: skip
    return True


def _begins_definition(tokens: Tokens, layout: Layout, index: int) -> bool:
    kinds = [*tokens.kinds[index : index + 2], "", ""]
    if kinds[0] not in ("NAME", "WORD"):
        return False
    if kinds[1] == "LPAR":
        return tokens.kinds[layout.partners[index + 1] + 1 : layout.partners[index + 1] + 2] == ["EQ"]
    return kinds[1] == "EQ"


def _comma(tokens: Tokens, index: int) -> ChalkgradError:
    around = tokens.kinds[index - 1 : index + 2] if index else []
    touching = around == ["NUM", "COMMA", "NUM"] and tokens.stops[index - 1] + 1 == tokens.starts[index + 1]
    if touching:
        return FormulaError("This comma stands between digits.", source=tokens.source, span=tokens.span(index),
                            hint="A decimal number is written with a point: 0.5. A vector stands in brackets: [1, 2].")  # fmt: skip
    return FormulaError("This comma is followed by no definition.", source=tokens.source, span=tokens.span(index),
                        hint="A comma divides definitions: f = A*B, A = C + D. A vector stands in brackets: [1, 2].")  # fmt: skip


def _statement(tokens: Tokens, layout: Layout, first: int, last: int, signs: list[int]) -> Statement:
    if len(signs) > 1:
        raise FormulaError("There are two signs = in one statement.", source=tokens.source, span=tokens.span(signs[1]),
                           hint="A definition has a line of its own, or a semicolon before it. To compare, write ==.")  # fmt: skip
    if not signs:
        return Statement("", "", first, None, first, last)
    (sign,) = signs
    left = [index for index in range(first, sign) if tokens.kinds[index] not in ("NOTHING", "NEWLINE")]
    parameters = _head(tokens, left[1:]) if left and tokens.kinds[left[0]] in ("NAME", "WORD") else None
    if not left or parameters is None:
        span = (tokens.starts[left[0]], tokens.stops[left[-1]]) if left else tokens.span(sign)
        what = "On the left of = stands a name." if left else "There is nothing on the left of =."
        raise FormulaError(what, source=tokens.source, span=span,
                           hint="A definition has the form f = …, a comparison the form a == b.")  # fmt: skip
    if all(kind in ("NOTHING", "NEWLINE") for kind in tokens.kinds[sign + 1 : last]):
        raise FormulaError("There is nothing on the right of =.", source=tokens.source, span=tokens.span(sign),
                           hint="Write what the name stands for.")  # fmt: skip
    shown = tokens.spelling(left[0])
    literal = read_literal(tokens, sign + 1, last) if len(left) == 1 else None
    return Statement(normalised(shown), shown, left[0], parameters if len(left) > 1 else None, sign + 1, last, literal)


def _head(tokens: Tokens, rest: list[int]) -> tuple[str, ...] | None:
    """The parameters of a head f(x, y), () for a name alone, None for anything else."""
    if not rest:
        return ()
    kinds = [tokens.kinds[index] for index in rest]
    if len(rest) < 3 or kinds[0] != "LPAR" or kinds[-1] != "RPAR" or len(rest) % 2 == 0:
        return None
    if any(kind not in ("NAME", "WORD") for kind in kinds[1:-1:2]) or any(kind != "COMMA" for kind in kinds[2:-1:2]):
        return None
    return tuple(normalised(tokens.spelling(index)) for index in rest[1:-1:2])


def read_literal(tokens: Tokens, first: int, last: int) -> Any:
    """The number or nested list that the tokens are, or None where they are anything else. Loops, so depth costs nothing."""
    open_lists: list[list[Any]] = []
    result: Any = None
    sign, ready = 0, True  # ready: a value may stand here
    for index in range(first, last):
        kind = tokens.kinds[index]
        if kind == "NOTHING":
            continue
        if kind not in _LITERAL_KINDS or result is not None:
            return None
        value: Any = None
        if kind == "NUM":
            value = tokens.number(index)
        elif kind == "NAME":
            value = {"inf": float("inf"), "nan": float("nan")}.get(tokens.spelling(index))
        elif kind in ("PLUS", "MINUS") and ready and not sign:
            sign = -1 if kind == "MINUS" else 1
            continue
        elif kind == "LSQB" and ready and not sign:
            open_lists.append([])
            continue
        elif kind == "RSQB" and open_lists and not sign:
            value = open_lists.pop()
            ready = True
        elif kind == "COMMA" and not ready and open_lists:
            ready = True
            continue
        if value is None or not ready or (sign and isinstance(value, list)):
            return None
        value = -value if sign < 0 else value
        sign, ready = 0, False
        if open_lists:
            open_lists[-1].append(value)
        else:
            result = value
    return result if not open_lists else None


def _check_once(tokens: Tokens, statements: list[Statement]) -> None:
    seen: dict[str, Statement] = {}
    for statement in statements:
        first = seen.setdefault(statement.name, statement)
        if first is statement:
            continue
        if not statement.name:
            raise FormulaError("There are two expressions without a name.", source=tokens.source, span=_extent(tokens, statement),
                               hint="Name one of them: t = …")  # fmt: skip
        raise FormulaError(f"{quote(statement.shown)} is defined twice.", source=tokens.source, span=tokens.span(statement.target),
                           hint="Give the second one a name of its own, such as "
                                f"{quote(statement.name + '_2')}, or leave one of them out.")  # fmt: skip


def _extent(tokens: Tokens, statement: Statement) -> Span:
    return tokens.starts[statement.first], tokens.stops[statement.last - 1]
