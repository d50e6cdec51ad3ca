r"""What people leave out when they write mathematics, put in: the tokens of a statement in full.

`2x` becomes 2·x, `sin 2x` becomes sin(2·x), and a bar is told to open or to close. What follows is then an ordinary language, whose
grammar stands in `grammar`. What can be read in two ways, such as `1/2x`, is refused on the way, by `doubts`.

A token is a tuple: what it means, where it starts and stops, and its type. For a name or a number that is just what the
grammar's rules hand on, (node, start, stop), so nothing is unpacked.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from chalkgrad.errors import ChalkgradError
from chalkgrad.reading.formula.brackets import Layout
from chalkgrad.reading.formula.doubts import Doubts
from chalkgrad.reading.formula.functions import Function
from chalkgrad.reading.formula.indices import read_index
from chalkgrad.reading.formula.names import normalised
from chalkgrad.reading.formula.statements import Statement
from chalkgrad.reading.formula.tokens import Tokens
from chalkgrad.reading.formula.vocabulary import CONSTANTS, Piece, Pieces


class Token(NamedTuple):
    node: Any
    start: int
    stop: int
    type: str


_new: Callable[..., Token] = tuple.__new__  # where there are millions, half the price of Token(...)

BRACKET_AFTER_NAME = 1  # marks the product in x[y + 1], which for an array x would have been an index
BATCH = 1_000  # tokens written ahead of the grammar
SQRT = Function("sqrt")
NAMED_CONSTANTS = ("e", "π")  # the others, inf and nan, are literals

_OPERANDS = frozenset("NUM NAME RUN LPAR LBRACE LSQB BAR_OPEN FRAC SQRT ROOT SETTING".split())
_INDEXED = frozenset("NAME RUN RPAR RSQB RBRACE TRANSPOSE TOP".split())


class Level:
    """What is open: a bracket `(`, a bar `|`, or "" for the argument of a function without brackets."""

    __slots__ = ("around", "division", "kind", "opened", "wanted", "wrapped")

    def __init__(self, kind: str, opened: int, around: str = "(") -> None:
        self.kind = kind
        self.around = kind or around  # the bracket or bar that is open, whatever arguments are open within it
        self.opened = opened
        self.division = -1  # the sign / since which there was no other sign
        self.wanted = 0  # how many operands the function, fraction or root before still takes: there, no product is meant
        self.wrapped = False  # whether brackets were put around a bar


class Writer:
    """Writes statements in full. `readings` holds what words are, and `words` which of them a token is.

    `nodes` knows the wires of names, `heads` the parameters of definitions such as f(x), and `defer` takes literals.
    """

    def __init__(
        self, tokens: Tokens, layout: Layout, words: "array[int]", readings: list[Pieces], heads: Mapping[str, tuple[str, ...]],
        nodes: Mapping[str, int], defer: Callable[[Any], int],
    ) -> None:  # fmt: skip
        self.tokens, self.layout = tokens, layout
        self.kinds, self.starts, self.stops = tokens.kinds, tokens.starts, tokens.stops
        self.words, self.readings, self.heads = words, readings, heads
        self.nodes, self.defer = nodes, defer
        self.doubts = Doubts(tokens, layout)
        self.out: list[Token] = []
        self.levels: list[Level] = []
        self.level = Level("(", 0)
        self.operand = False  # whether an operand has just ended
        self.begin = -1  # where the argument of the function just read begins
        signs = dict.fromkeys("PLUS MINUS STAR TIMES SLASH AT COMPARE COMMA".split(), self._sign)
        opening = dict.fromkeys("LPAR LBRACE LSQB".split(), self._open)
        closing = dict.fromkeys("RPAR RBRACE RSQB".split(), self._close)
        self.handlers: dict[str, Callable[[int, str], int]] = {
            **signs, **opening, **closing,
            "NAME": self._name, "NUM": self._number, "RUN": self._run, "POW": self._power, "SETTING": self._setting,
            "BAR": self._bar, "BAR_OPEN": self._bar, "BAR_CLOSE": self._bar,
            "FRAC": self._takes, "SQRT": self._takes, "ROOT": self._takes,
            "NOTHING": self._nothing, "NEWLINE": self._nothing,
        }  # fmt: skip

    def write(self, statements: list[Statement]) -> Iterator[Token]:
        """The tokens of all statements, each between its number and an END."""
        for number, statement in enumerate(statements):
            last = self.stops[statement.last - 1]
            yield Token(number, self.starts[statement.target], last, "NAMED")
            yield from self._expression(statement.first, statement.last)
            yield Token(None, last, last, "END")

    def _expression(self, index: int, last: int) -> Iterator[Token]:
        self.level = Level("(", index)
        self.levels = [self.level]
        self.operand, self.begin = False, -1
        kinds, handlers, other = self.kinds, self.handlers, self._other
        out = self.out = []
        while index < last:
            kind = kinds[index]
            try:
                if index == self.begin and kind != "NOTHING":
                    self._begin_argument(index, kind)
                index = handlers.get(kind, other)(index, kind)
            except ChalkgradError:
                # What stands before may be wrong as well, and comes first.
                yield from out
                raise
            if len(out) > BATCH:
                yield from out
                out.clear()
        self._end_arguments(self.stops[last - 1])
        yield from out
        if self.level.kind == "|":
            raise self.doubts.open_bar(self.level.opened)

    def _say(self, kind: str, start: int, stop: int, node: Any = None) -> None:
        self.out.append(_new(Token, (node, start, stop, kind)))

    # Operands. Where one follows another, a product is meant.

    def _juxtapose(self, index: int, kind: str) -> None:
        start = self.starts[index]
        if kind in ("FRAC", "LPAR", "LBRACE", "NAME", "NUM", "BAR"):
            marked = False
        else:
            if kind in ("SQRT", "ROOT") or (kind == "RUN" and self._pieces(index)[0].kind == "FUNC"):
                self._end_arguments(start)
            marked = kind == "LSQB" and self._touches_name(index)
        self.doubts.product(kind, index, self.level.division)
        self.out.append(Token(BRACKET_AFTER_NAME if marked else None, start, start, "TIMES"))

    def _name(self, index: int, kind: str) -> int:
        if self.operand:
            self._juxtapose(index, kind)
        node = self.nodes[self.readings[self.words[index]][0].key]
        self._operand(_new(Token, (node, self.starts[index], self.stops[index], "NAME")))
        return index + 1

    def _number(self, index: int, kind: str) -> int:
        if self.operand:
            self._juxtapose(index, kind)
        node = self.defer(self.tokens.number(index))
        self._operand(_new(Token, (node, self.starts[index], self.stops[index], "NUM")))
        return index + 1

    def _operand(self, token: Token) -> None:
        """A name or a number; as what a root or a fraction takes, it gets brackets."""
        level = self.level
        if level.wanted:
            level.wanted -= 1
            self._say("LPAR", token.start, token.start)
            self.out.append(token)
            self._say("RPAR", token.stop, token.stop)
            self.operand = not level.wanted
        else:
            self.out.append(token)
            self.operand = True

    def _run(self, index: int, kind: str) -> int:
        """A word of several names, a gate, a constant, or a name that was defined with parameters."""
        if self.operand:
            self._juxtapose(index, kind)
        start = self.starts[index]
        pieces = self._pieces(index)
        for place, piece in enumerate(pieces):
            if place and self.operand:
                if pieces[0].kind != "TOP":
                    self.doubts.letters(index)
                self.doubts.product(kind, index, self.level.division)
                self._say("TIMES", start + piece.start, start + piece.start)
            self._piece(piece, start + piece.start, self.stops[index] if place == len(pieces) - 1 else start + piece.stop)
        if pieces[-1].kind == "FUNC":
            self.begin = self._after_exponent(index)
        return self._after_head(index, pieces[-1].key)

    def _piece(self, piece: Piece, start: int, stop: int) -> None:
        if piece.kind == "FUNC":
            function = piece.function
            if function and isinstance(function.base, str):
                function = function._replace(base=self.nodes[normalised(function.base)])
            self._say("FUNC", start, stop, function)
            self.operand = False
        elif piece.kind == "CONSTANT":
            value = piece.key if piece.key in NAMED_CONSTANTS else CONSTANTS[piece.key]
            self._operand(Token(self.defer(value), start, stop, "NUM"))
        elif piece.kind == "TOP":
            self._say("TRANSPOSE", start - 1, stop)
            self.operand = True
        else:
            self._operand(Token(self.nodes[piece.key], start, stop, "NAME"))

    def _setting(self, index: int, _: str) -> int:
        self._say("WORD", self.starts[index], self.stops[index], self.tokens.spelling(index))
        self.operand = True
        return index + 1

    def _takes(self, index: int, kind: str) -> int:
        r"""\frac, a root: what it takes follows in brackets, or is the one name or number that follows."""
        if self.operand:
            self._juxtapose(index, kind)
        start, stop = self.starts[index], self.stops[index]
        if kind == "SQRT":
            self._say("FUNC", start, stop, SQRT)
            self.level.wanted = 1
            self.doubts.root(index)
        else:
            self._say(kind, start, stop)
            self.level.wanted = 2
            degree = self.tokens.values.get(index)
            if degree is not None:
                self._operand(Token(self.defer(degree), start, stop, "NUM"))
                self.doubts.root(index)
        self.operand = False
        return index + 1

    # Functions: `sin 2x` gets the brackets of sin(2x); they close at the next sign, bracket or function.

    def _after_exponent(self, index: int) -> int:
        """Where the argument of the function at `index` begins, which is after the exponent in sin^2 x."""
        after = index + 1
        if self.kinds[after : after + 1] != ["POW"]:
            return after
        self.doubts.inverse(index)
        after += 1
        while self.kinds[after : after + 1] in (["MINUS"], ["PLUS"]):
            after += 1
        if self.kinds[after : after + 1] in (["LPAR"], ["LBRACE"], ["LSQB"]):
            after = self.layout.partners[after]
        return after + 1

    def _begin_argument(self, index: int, kind: str) -> None:
        self.operand, self.begin = False, -1
        if kind in ("LPAR", "LBRACE"):
            self.level.wanted = 1
        elif kind in _OPERANDS or kind == "BAR":
            self._say("LPAR", self.starts[index], self.starts[index])
            self._push("", index)

    def _end_arguments(self, place: int) -> None:
        while self.level.kind == "":
            self._say("RPAR", place, place)
            self._pop()

    def _push(self, kind: str, index: int) -> None:
        self.level = Level(kind, index, self.level.around)
        self.levels.append(self.level)
        self.operand = False

    def _pop(self) -> None:
        self.levels.pop()
        self.level = self.levels[-1]
        self.operand = not self.level.wanted

    # Brackets and bars.

    def _open(self, index: int, kind: str) -> int:
        if self.operand:
            if kind == "LSQB" and self._touches_name(index):
                stop = self.layout.partners[index]
                entries = read_index(self.tokens, index + 1, stop)
                if entries is not None:
                    self._say("INDEX", self.starts[index], self.stops[stop], entries)
                    return stop + 1
            self._juxtapose(index, kind)
        if self.level.wanted:
            self.level.wanted -= 1
        self._say("LIST_OPEN" if index in self.layout.lists else "LPAR", self.starts[index], self.stops[index])
        self._push("(", index)
        return index + 1

    def _close(self, index: int, _: str) -> int:
        if self.level.kind != "(":
            self._end_arguments(self.starts[index])
            if self.level.kind == "|":
                raise self.doubts.open_bar(self.level.opened)
        is_list = self.layout.partners[index] in self.layout.lists
        self._say("LIST_CLOSE" if is_list else "RPAR", self.starts[index], self.stops[index])
        self._pop()
        return index + 1

    def _bar(self, index: int, kind: str) -> int:
        """A bar closes where an operand has just ended and a bar is open; everywhere else it opens."""
        start, stop = self.starts[index], self.stops[index]
        if kind == "BAR_CLOSE" or (kind == "BAR" and self.operand and self.level.around == "|"):
            self._end_arguments(start)
            if self.level.kind != "|":
                raise self.doubts.closed_bar(index)
            self.doubts.norm(self.level.opened, index)
            self._say("BAR_CLOSE", start, stop)
            if self.level.wrapped:
                self._say("RPAR", stop, stop)
            self._pop()
            return index + 1
        if self.operand:
            self._juxtapose(index, "BAR")
        wrapped = self.level.wanted > 0
        if wrapped:
            self.level.wanted -= 1
            self._say("LPAR", start, start)
        self._say("BAR_OPEN", start, stop)
        self._push("|", index)
        self.level.wrapped = wrapped
        return index + 1

    # Signs.

    def _sign(self, index: int, kind: str) -> int:
        if self.operand:
            if self.level.kind == "":
                self._end_arguments(self.starts[index])
            self.level.division = index if kind == "SLASH" else -1
            if kind == "COMMA" and self._ends_list(index):
                return index + 1
        self._say(kind, self.starts[index], self.stops[index], self.tokens.values.get(index))
        self.operand = False
        return index + 1

    def _power(self, index: int, _: str) -> int:
        self.doubts.power(index)
        kinds, start = self.kinds, self.starts[index]
        if kinds[index + 1 : index + 2] == ["TOP"]:
            self._say("TRANSPOSE", start, self.stops[index + 1], self.tokens.spelling(index + 1))
            return index + 2
        if kinds[index + 1 : index + 4] == ["LBRACE", "TOP", "RBRACE"]:
            self._say("TRANSPOSE", start, self.stops[index + 3], self.tokens.spelling(index + 2))
            return index + 4
        if kinds[index + 1 : index + 2] != ["RUN"] or self._pieces(index + 1)[0].kind != "TOP":
            self._say("POW", start, self.stops[index])
        self.operand = False
        return index + 1

    def _nothing(self, index: int, _: str) -> int:
        if index == self.begin:
            self.begin += 1
        return index + 1

    def _other(self, index: int, kind: str) -> int:
        self._say(kind, self.starts[index], self.stops[index], self.tokens.spelling(index))
        self.operand = kind == "TRANSPOSE"
        return index + 1

    # Looking around.

    def _pieces(self, index: int) -> Pieces:
        return self.readings[self.words[index]]

    def _touches_name(self, index: int) -> bool:
        return self.kinds[index - 1] in _INDEXED and self.stops[index - 1] == self.starts[index]

    def _ends_list(self, index: int) -> bool:
        """Whether the comma is the last of a list, as in [5,]."""
        after = index + 1
        while self.kinds[after : after + 1] == ["NOTHING"]:
            after += 1
        return self.kinds[after : after + 1] == ["RSQB"] and self.layout.partners[after] in self.layout.lists

    def _after_head(self, index: int, key: str) -> int:
        """Where reading goes on after a name; f(x) is f itself where it was defined so."""
        parameters = self.heads.get(key)
        if parameters is None or self.kinds[index + 1 : index + 2] != ["LPAR"]:
            return index + 1
        stop = self.layout.partners[index + 1]
        inside = range(index + 2, stop)
        written = [self.tokens.spelling(one) for one in inside if self.kinds[one] not in ("COMMA", "NOTHING")]
        if len(written) != len(parameters) or tuple(map(normalised, written)) != parameters:
            raise self.doubts.call_of_definition(index, parameters)
        return stop + 1
