"""Which bracket closes which, which square brackets are lists, and where statements may end.

Found in one loop over the tokens with a stack of open brackets, before anything else is asked of them: whether a newline, a
comma or an `=` divides statements depends only on whether a bracket is open.

    >>> from chalkgrad.reading.formula.scanning import scan
    >>> layout = match_brackets(scan("f = [x, (y)]"))
    >>> layout.partners[2], layout.equals, sorted(layout.lists)
    (8, [1], [2])
"""

from array import array
from dataclasses import dataclass

from chalkgrad.errors import ChalkgradError, FormulaError
from chalkgrad.reading.formula.tokens import Tokens

OPENERS = {"LPAR": "RPAR", "LBRACE": "RBRACE", "LSQB": "RSQB"}
CLOSERS = frozenset(OPENERS.values())
_STRUCTURE = frozenset([*OPENERS, *CLOSERS, "SUBINDEX", "COMMA", "SEMICOLON", "NEWLINE", "EQ"])


@dataclass(frozen=True, slots=True)
class Layout:
    """The brackets of a text. `partners` holds for each bracket the token of its other half, else -1."""

    partners: "array[int]"
    lists: set[int]  # the square brackets that are lists; the others only group
    breaks: list[int]  # newlines, semicolons and commas outside all brackets
    equals: list[int]  # signs = outside all brackets


def match_brackets(tokens: Tokens) -> Layout:
    """Match the brackets of `tokens`; within brackets, newlines become nothing and `name =` becomes a KEYWORD."""
    kinds = tokens.kinds
    partners = array("i", [-1]) * len(kinds)
    open_at: list[int] = []
    parents: dict[int, int] = {}
    with_comma: set[int] = set()
    breaks: list[int] = []
    equals: list[int] = []
    for index, kind in enumerate(kinds):
        if kind not in _STRUCTURE:
            continue
        if kind in OPENERS or kind == "SUBINDEX":
            if kind == "LSQB":
                parents[index] = open_at[-1] if open_at else -1
            open_at.append(index)
        elif kind in CLOSERS:
            first = open_at.pop() if open_at else -1
            if first < 0 or OPENERS.get(kinds[first], "RSQB") != kind:
                raise _mismatch(tokens, first, index)
            partners[first], partners[index] = index, first
            if kinds[first] == "SUBINDEX":
                _close_subindex(tokens, first, index)
        elif not open_at:
            (equals if kind == "EQ" else breaks).append(index)
        elif kind == "COMMA":
            with_comma.add(open_at[-1])
        elif kind == "NEWLINE":
            kinds[index] = "NOTHING"
        elif kind == "EQ":
            _keyword(tokens, index)
        else:
            raise _semicolon(tokens, open_at[-1])
    if open_at:
        raise _left_open(tokens, open_at[-1], len(open_at))
    return Layout(partners, _lists(tokens, partners, parents, with_comma), breaks, equals)


def _lists(tokens: Tokens, partners: "array[int]", parents: dict[int, int], with_comma: set[int]) -> set[int]:
    """[a, b] is a list, [a + b] a group; within a list, and alone in square brackets, an entry [a] is a list too."""
    kinds = tokens.kinds
    lists: set[int] = set()
    for index, parent in parents.items():
        stop = partners[index]
        inner = _step(tokens, index, 1)
        alone = kinds[inner] == "LSQB" and _step(tokens, partners[inner], 1) == stop
        entry = parent in lists and kinds[_step(tokens, index, -1)] in ("LSQB", "COMMA")
        if index in with_comma or alone or (entry and kinds[_step(tokens, stop, 1)] in ("RSQB", "COMMA")):
            lists.add(index)
    return lists


def _step(tokens: Tokens, index: int, by: int) -> int:
    """The nearest token beside `index` that is something."""
    index += by
    while 0 <= index < len(tokens) and tokens.kinds[index] == "NOTHING":
        index += by
    return index


def _close_subindex(tokens: Tokens, first: int, index: int) -> None:
    if tokens.kinds[index + 1 : index + 2] != ["RBRACE"]:
        raise FormulaError("An index _{[…]} ends with ]}.", source=tokens.source, span=tokens.span(first),
                           hint="An index is easier written s[0].")  # fmt: skip
    tokens.kinds[first], tokens.kinds[index + 1] = "LSQB", "NOTHING"


def _keyword(tokens: Tokens, index: int) -> None:
    name = _step(tokens, index, -1)
    before = _step(tokens, name, -1)
    if tokens.kinds[name] not in ("NAME", "WORD") or tokens.kinds[before] not in ("LPAR", "LBRACE", "COMMA"):
        raise FormulaError("There is an = within brackets.", source=tokens.source, span=tokens.span(index),
                           hint="To compare, write ==. A setting of a gate has the form axis=0.")  # fmt: skip
    tokens.values.setdefault(name, tokens.text(name))
    tokens.kinds[name], tokens.kinds[index] = "KEYWORD", "NOTHING"


def _mismatch(tokens: Tokens, first: int, index: int) -> ChalkgradError:
    shown = tokens.text(index)
    if first < 0:
        return FormulaError(f'The bracket "{shown}" closes nothing.', source=tokens.source, span=tokens.span(index),
                            hint="Open it further left, or leave it out.")  # fmt: skip
    return FormulaError(f'The bracket "{tokens.text(first)}" is left open: the next to close is "{shown}".',
                        source=tokens.source, span=tokens.span(first), hint="Close it with its own kind.")  # fmt: skip


def _left_open(tokens: Tokens, first: int, count: int) -> ChalkgradError:
    what = f'The bracket "{tokens.text(first)}" is left open.'
    if count > 1:
        what = f"{count:,} brackets are left open; this is the last of them."
    return FormulaError(what, source=tokens.source, span=tokens.span(first), hint="Close it where it ends.")


def _semicolon(tokens: Tokens, first: int) -> ChalkgradError:
    if tokens.kinds[first] != "LSQB":
        return _left_open(tokens, first, 1)
    return FormulaError("Within a list, entries are divided by commas.", source=tokens.source, span=tokens.span(first),
                        hint="A matrix is a list of rows: [[1, 2], [3, 4]].")  # fmt: skip
