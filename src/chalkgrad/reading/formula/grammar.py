"""The grammar of formulas, and the parser that Lark makes of it. Nothing else loads Lark.

The parser is an LALR automaton with a stack of its own, so nesting costs no recursion. While it parses, it calls the rules of a
`Builder` (the names after `->`), which build the graph; no syntax tree is made. What it reads are the tokens of `writing`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from lark import Lark, UnexpectedToken
from lark import Token as LarkToken
from lark.lexer import Lexer

from chalkgrad.reading.formula.build import Builder
from chalkgrad.reading.formula.letters import unexpected
from chalkgrad.reading.formula.writing import Token

# From loosest to tightest: what is recognised, and the rule that builds it. A sign binds less tightly than a power, -x^2, and
# more tightly than a product; an exponent may have a sign of its own, and powers group from the right.
LEVELS = {
    "condition": ["sum COMPARE sum -> compare"],
    "sum": ["sum PLUS product -> add", "sum MINUS product -> subtract"],
    "product": [
        "product STAR signed -> multiply",
        "product TIMES signed -> times",
        "product SLASH signed -> divide",
        "product AT signed -> matmul",
    ],
    "signed": ["operand POW signed -> power", "MINUS signed -> negative", "PLUS signed -> positive"],
    "operand": [
        "NAME",
        "NUM",
        "LPAR condition RPAR -> group",
        "BAR_OPEN sum BAR_CLOSE -> absolute",
        "LIST_OPEN entries LIST_CLOSE -> vector",
        "FUNC LPAR arguments RPAR -> call",
        "FUNC POW signed LPAR arguments RPAR -> raised_call",
        "FRAC LPAR sum RPAR LPAR sum RPAR -> fraction",
        "ROOT LPAR sum RPAR LPAR sum RPAR -> root",
        "operand INDEX -> index",
        "operand TRANSPOSE -> transpose",
    ],
}


def grammar() -> str:
    """The grammar as Lark reads it.

    Each level repeats all tighter ones rather than lead to the next: a name becomes a sum in one step instead of five, which
    halves the time.
    """
    rules: list[str] = []
    alternatives: list[str] = []
    for level, own in reversed(LEVELS.items()):
        alternatives = own + alternatives
        rules.append(f"?{level}: {' | '.join(alternatives)}")
    return REST + "\n".join(rules)


REST = """
    start: definitions STOP
    definitions: definition              -> defined
               | definitions definition  -> defined
    definition: NAMED condition END      -> define

    entries: sum                         -> first
           | entries COMMA sum           -> more
    arguments: argument                  -> first
             | arguments COMMA argument  -> more
    ?argument: condition
             | WORD
             | KEYWORD sum               -> setting
             | KEYWORD WORD              -> setting

    %declare NAMED END STOP COMPARE PLUS MINUS STAR TIMES SLASH AT POW NAME NUM LPAR RPAR BAR_OPEN BAR_CLOSE
    %declare LIST_OPEN LIST_CLOSE FUNC FRAC ROOT INDEX TRANSPOSE COMMA WORD KEYWORD
"""


class Reader:
    """A parser with the builder whose rules it calls; `idle` keeps those that are not at work, since making one takes time."""

    idle: ClassVar[list["Reader"]] = []

    def __init__(self) -> None:
        self.builder = Builder()
        self.lark = Lark(
            grammar(), parser="lalr", lexer=_Stream, transformer=self.builder, keep_all_tokens=True, maybe_placeholders=False
        )

    @classmethod
    @contextmanager
    def ready(cls) -> Iterator["Reader"]:
        """A reader for one text; reading a text within another, or in several threads, takes one for each."""
        try:
            reader = cls.idle.pop()
        except IndexError:
            reader = cls()
        try:
            yield reader
        finally:
            reader.builder.forget()
            cls.idle.append(reader)

    def parse(self, tokens: Iterator[Token], source: str) -> None:
        """Build what the tokens say. Raises FormulaError at the first that does not fit."""
        stream = _Watched(tokens, len(source))
        try:
            self.lark.parse(stream)
        except UnexpectedToken as error:
            raise unexpected(source, stream.before, stream.last, set(error.expected)) from None


class _Watched:
    """The stream of tokens, which remembers the last two."""

    def __init__(self, tokens: Iterator[Token], end: int) -> None:
        self.tokens = tokens
        self.end = end
        self.before: Token | None = None
        self.last: Token | None = None

    def __iter__(self) -> Iterator[Any]:
        for token in self.tokens:
            self.before, self.last = self.last, token
            yield token
        # Lark takes the place of the end of the text from a token of its own kind.
        yield LarkToken("STOP", "", start_pos=self.end, line=1, column=1, end_line=1, end_column=1, end_pos=self.end)


class _Stream(Lexer):
    """Lark's view of tokens that are already there."""

    __future_interface__ = 2  # lex is called as it is declared in Lexer

    def __init__(self, _: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:
        return iter(lexer_state.text)
