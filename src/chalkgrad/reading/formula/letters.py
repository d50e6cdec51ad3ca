"""The letter about a token that the grammar does not expect, from that token and the one before it."""

from typing import Any

from chalkgrad.errors import FormulaError, Span, quote

_SIGNS = frozenset("PLUS MINUS STAR TIMES SLASH AT POW COMPARE".split())
_OPENS = frozenset("LPAR LIST_OPEN BAR_OPEN".split())
_CLOSES = frozenset("RPAR LIST_CLOSE BAR_CLOSE".split())
_TAKES = frozenset("FUNC FRAC ROOT".split())
_PRODUCT = "Between factors, write *."


def unexpected(source: str, before: Any, token: Any, expected: set[str]) -> FormulaError:
    """What is wrong where `token` follows `before`; `expected` holds the types that would have fitted."""
    kind, earlier = token.type, before.type if before else "NAMED"
    here: Span = (token.start, max(token.stop, token.start + 1))
    there: Span = (before.start, before.stop) if before else here
    sign, sign_before = (source[one[0] : one[1]].strip() for one in (here, there))
    ends = kind in _CLOSES or kind in ("END", "COMMA")
    if earlier in _TAKES:
        return _without_input(source, earlier, there, sign_before)
    if expected == {"LPAR"}:
        return FormulaError("Something is missing: this takes two operands in braces.", source=source, span=here,
                            hint=r"As in \frac{a}{b} or \sqrt[n]{x}.")  # fmt: skip
    if ends and earlier in _SIGNS:
        return FormulaError(f"After {quote(sign_before)}, something is missing.", source=source, span=there,
                            hint="Write the operand behind it, or leave the sign out.")  # fmt: skip
    if ends and earlier in _OPENS and kind != "COMMA":
        return FormulaError("There is nothing between the brackets.", source=source, span=(there[0], max(here[1], there[1])),
                            hint="Write an operand between them, or leave them out.")  # fmt: skip
    if ends and earlier in ("COMMA", "LPAR", "LIST_OPEN", "BAR_OPEN", "KEYWORD"):
        where = "before" if kind == "COMMA" else "after"
        place, shown = (here, sign) if kind == "COMMA" else (there, sign_before)
        return FormulaError(f"There is nothing {where} {quote(shown)}.", source=source, span=place,
                            hint="Write what is missing, or leave the comma out.")  # fmt: skip
    if kind == "COMMA":
        return _comma(source, here)
    if kind == "COMPARE" and earlier not in _SIGNS | _OPENS | {"NAMED", "COMMA"}:
        return FormulaError("A comparison compares two things.", source=source, span=here,
                            hint="For a condition on two sides, write logical_and(0 < x, x < 1).")  # fmt: skip
    if kind in _SIGNS and earlier in _SIGNS:
        return FormulaError(f"Between {quote(sign_before)} and {quote(sign)}, something is missing.", source=source,
                            span=(there[0], here[1]), hint=_two_signs(sign_before + sign))  # fmt: skip
    if kind in _SIGNS:
        return FormulaError(f"Before {quote(sign)}, something is missing.", source=source, span=here,
                            hint="Write the operand in front of it, or leave the sign out.")  # fmt: skip
    if kind in ("WORD", "KEYWORD"):
        return FormulaError(f"{quote(sign)} is a setting, and settings stand between the brackets of a gate.", source=source,
                            span=here, hint="As in sum(A, axis=0, keepdims=true).")  # fmt: skip
    if kind == "END":
        return FormulaError("The formula ends too early.", source=source, span=there, hint="Write what is missing.")
    hints = {"COLON": "Slices stand in an index: s[1:3].", "DOTS": "Write the terms out; three dots stand in an index only."}
    return FormulaError(f"{quote(sign)} does not fit here.", source=source, span=here, hint=hints.get(kind, _PRODUCT))


def _without_input(source: str, kind: str, at: Span, shown: str) -> FormulaError:
    if kind == "FRAC":
        return FormulaError(f"{quote(shown)} takes two operands in braces.", source=source, span=at, hint=r"As in \frac{a}{b}.")
    shown = shown.lstrip("\\")
    return FormulaError(f"{shown} is a gate and needs an input.", source=source, span=at,
                        hint=f"Write {shown}(x). If it is a name of yours, give it a value.")  # fmt: skip


def _comma(source: str, at: Span) -> FormulaError:
    if source[at[0] - 1 : at[0]].isdigit() and source[at[1] : at[1] + 1].isdigit():
        return FormulaError("This comma stands between digits.", source=source, span=at,
                            hint="A decimal number is written with a point: 0.5. A vector stands in brackets: [1, 2].")  # fmt: skip
    return FormulaError("A comma does not fit here.", source=source, span=at,
                        hint="A vector stands in square brackets: [1, 2]; inputs of a gate in round ones: max(a, b).")  # fmt: skip


def _two_signs(signs: str) -> str:
    if signs == "//":
        return "For a division, write one /; numbers are not rounded here."
    return "Write the operand between them, or leave one of the signs out."
