"""What a word in a formula is: a name, a product of names, a gate, or a constant.

`xy` is the name xy where there is one, else x·y if x and y are names, and nothing is guessed: a word that can be read in two ways
is refused. In LaTeX, where names have one letter, words fall into letters.

    >>> words = Vocabulary(["A", "B"], strict=True)
    >>> [piece.key for piece in words.read("AB")], words.read("exp")[0].kind
    (['A', 'B'], 'FUNC')
"""

import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple

from chalkgrad.errors import FormulaError, quote
from chalkgrad.reading.formula.functions import Function, function, unknown_gate
from chalkgrad.reading.formula.latex import COMMANDS
from chalkgrad.reading.formula.names import (
    LONGEST_NAME,
    SEVERAL_SUBSCRIPTED,
    SINGLE_NAME,
    normalised,
)

CONSTANTS = {"e": 2.718281828459045, "π": 3.141592653589793, "inf": float("inf"), "nan": float("nan")}
_LONGEST_SPLIT = 40


class Piece(NamedTuple):
    """A word, or a part of one from `start` to `stop`: a NAME, a FUNC, a CONSTANT or the TOP of a transposition."""

    kind: str
    key: str
    start: int
    stop: int
    function: Function | None = None


Pieces = tuple[Piece, ...]


class Vocabulary:
    """The names of a formula, and what its other words are.

    `strict` says that every input is among the `names`; else any word may be an input, and `plain` holds those
    that stand somewhere without a bracket behind them.
    """

    def __init__(self, names: Iterable[str], *, strict: bool, latex: bool = False, plain: Collection[str] = frozenset()) -> None:
        self.names = frozenset(names)
        self.strict = strict
        self.latex = latex
        self.factors = self.names if strict else self.names.union(name for name in plain if SINGLE_NAME.fullmatch(name))
        self.plain = plain
        self.longest = max((len(name) for name in self.factors), default=1) + 8

    def read(self, text: str, *, whole: bool = False, called: bool = False, powered: bool = False) -> Pieces:
        """The pieces of a word; `called` says that a bracket follows it, `powered` that a power does.

        Raises GateError where it is called and no gate, FormulaError where it has two readings.
        """
        if len(text) > LONGEST_NAME:
            raise FormulaError(f"A name of {len(text):,} characters is longer than the {LONGEST_NAME} that are read.",
                               hint="Between factors, write *.")  # fmt: skip
        key = normalised(text)
        if not key.isalnum():
            self._check_letters(text, key)
        one = Piece("NAME", key, 0, len(text))
        if key in self.names:
            return (one,)
        gate = function(text, called=called or whole)
        letter = text == "gamma" and key in self.plain and not self.strict  # γ, which stands elsewhere as a number
        if gate is not None and (whole or (called and not letter) or len(key) > 1):
            return (one._replace(kind="FUNC", function=gate),)
        if whole and text in COMMANDS:
            raise unknown_gate(text, self.factors)
        if key in CONSTANTS:
            return (one._replace(kind="CONSTANT"),)
        if not whole and len(text) > 1:
            pieces = self._factors(text, powered) or self._letters(text)
            if pieces:
                return pieces if not called else self._called(text, pieces)
        return (one,) if not called else self._called(text, (one,))

    def after_top(self, text: str) -> Pieces | None:
        """`T` as an exponent is a transposition where it is no name; in LaTeX also where more letters follow."""
        if text[0] != "T" or "T" in self.names or not self.strict or normalised(text) in self.names:
            return None
        top = Piece("TOP", "T", 0, 1)
        if len(text) == 1:
            return (top,)
        rest = self.read(text[1:]) if text[1].isalpha() else ()
        if not rest or not (self.latex or all(piece.key in self.names for piece in rest)):
            return None
        return (top, *(piece._replace(start=piece.start + 1, stop=piece.stop + 1) for piece in rest))

    def _called(self, text: str, pieces: Pieces) -> Pieces:
        """A bracket follows: the last piece must be a name, for a product, since the word as a whole is no gate."""
        last = pieces[-1].key
        if last in self.names or last in CONSTANTS or (not self.strict and last in self.plain):
            return pieces
        raise unknown_gate(text, self.factors)

    def _factors(self, text: str, powered: bool) -> Pieces | None:
        """The one way to split the word into names, or π, or a last e with an exponent; None where there is none."""
        if len(text) > _LONGEST_SPLIT:
            return None
        size = len(text)
        # ways[i]: how the rest from i on can be split, at most two of them
        ways: list[list[Pieces]] = [[] for _ in range(size)] + [[()]]
        for start in range(size - 1, -1, -1):
            if not text[start].isalpha():
                continue
            for stop in range(start + 1, min(size, start + self.longest) + 1):
                if not ways[stop]:
                    continue
                key = normalised(text[start:stop])
                if key in self.factors and (start, stop) != (0, size):
                    kind = "NAME"
                elif (key == "π" and stop == start + 1) or (key == "e" and stop == size and powered):
                    kind = "CONSTANT"
                else:
                    continue
                piece = Piece(kind, key, start, stop)
                ways[start] = (ways[start] + [(piece, *rest) for rest in ways[stop]])[:2]
        if len(ways[0]) > 1 and not self.latex:
            both = " or ".join("*".join(text[piece.start : piece.stop] for piece in way) for way in ways[0])
            raise FormulaError(f"{quote(text)} can be read in two ways: {both}.", hint="Write * between the factors.")
        return ways[0][0] if len(ways[0]) == 1 else None

    def _letters(self, text: str) -> Pieces | None:
        """A word of LaTeX, or one such as w0x0, as its letters with their subscripts."""
        if not self.latex and (self.strict or not SEVERAL_SUBSCRIPTED.fullmatch(text)):
            return None
        pieces = []
        for found in SINGLE_NAME.finditer(text):
            key = normalised(found[0])
            pieces.append(Piece("CONSTANT" if key in CONSTANTS and key not in self.names else "NAME", key, *found.span()))
        return tuple(pieces) if len(pieces) > 1 and sum(piece.stop - piece.start for piece in pieces) == len(text) else None

    def _check_letters(self, text: str, key: str) -> None:
        strange = [char for char in key if not (char.isalnum() or char in "_'" or unicodedata.combining(char))]
        if strange or not key:
            raise FormulaError(f"The subscript of {quote(text)} is more than letters and digits.",
                               hint="A name has plain subscripts: w_0, w_{10}, x_{max}.")  # fmt: skip
