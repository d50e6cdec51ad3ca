r"""What LaTeX commands mean in a formula, and blocks between \begin and \end.

Most commands are another way to write a sign or a name, so tables suffice. A matrix is written as nested lists are: a single
column as a vector, `\begin{bmatrix} 225 \\ 617 \end{bmatrix}` as [225, 617]; otherwise row by row.
"""

from dataclasses import dataclass, field
from typing import Any

from chalkgrad.errors import FormulaError, TooLargeError, quote
from chalkgrad.graph.graph import LARGEST_RANK
from chalkgrad.reading.formula.tokens import Tokens

SPACES = frozenset(
    ", ; : ! > ( ) [ ] space quad qquad enspace thinspace medspace thickspace negthinspace displaystyle textstyle scriptstyle"
    " limits nolimits nonumber notag".split()
) | {" ", "\n", "/", "-"}  # fmt: skip
OPENING = frozenset("left bigl Bigl biggl Biggl".split())
SIZES = OPENING | frozenset("right middle bigr Bigr biggr Biggr big Big bigg Bigg bigm".split())
SIGNS: dict[str, tuple[str, Any]] = {
    "cdot": ("TIMES", None), "times": ("TIMES", None), "ast": ("STAR", None), "div": ("SLASH", None),
    "le": ("COMPARE", "<="), "leq": ("COMPARE", "<="), "leqslant": ("COMPARE", "<="), "lt": ("COMPARE", "<"),
    "ge": ("COMPARE", ">="), "geq": ("COMPARE", ">="), "geqslant": ("COMPARE", ">="), "gt": ("COMPARE", ">"),
    "ne": ("COMPARE", "!="), "neq": ("COMPARE", "!="), "coloneqq": ("EQ", None),
    "{": ("LBRACE", None), "}": ("RBRACE", None), "lbrace": ("LBRACE", None), "rbrace": ("RBRACE", None),
    "lbrack": ("LSQB", None), "rbrack": ("RSQB", None), "lparen": ("LPAR", None), "rparen": ("RPAR", None),
    "lvert": ("BAR_OPEN", None), "rvert": ("BAR_CLOSE", None), "vert": ("BAR", None), "mid": ("BAR", None),
    "top": ("TOP", None), "intercal": ("TOP", None), "infty": ("NUM", float("inf")),
    "ldots": ("DOTS", None), "dots": ("DOTS", None), "colon": ("COLON", None),
}  # fmt: skip
# Commands that LaTeX has for functions; the names they stand for are looked up like any other gate's.
COMMANDS = frozenset("sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg max min det".split())
WRAPPERS = frozenset(
    "mathrm text textrm textit textbf texttt textsf mathit mathbf mathsf mathtt mathcal mathbb mathfrak boldsymbol bm"
    " operatorname".split()
)
ACCENTS = {"hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303", "widetilde": "\u0303",
           "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308"}  # fmt: skip
NOT_COMMANDS = {
    "sum": "Write the terms out, or sum(v) for the entries of a vector.",
    "prod": "Write the factors out.",
    "partial": "Write the formula itself; the derivatives are what comes out.",
    "nabla": "Write the formula itself; the derivatives are what comes out.",
    "int": "There is no gate for an integral.",
    "lim": "There is no gate for a limit.",
    "|": "For the length of a vector, write sqrt(sum(v^2)).",
    "over": r"Write \frac{a}{b}.",
    "binom": "There is no gate for binomial coefficients.",
    "pm": "A formula has one value: write + or -.",
    "mp": "A formula has one value: write + or -.",
    "prime": "A prime stands directly after its name: x' or x^{\\prime}.",
    "odot": "For the product entry by entry, write *.",
    "circ": "For the product entry by entry, write *; for f of g of x, write f(g(x)).",
    "e": "The constant is e, without a backslash.",
}
MATRICES = frozenset("matrix pmatrix bmatrix Bmatrix array smallmatrix".split())
LINES = frozenset("aligned align align* equation equation* gather gather* gathered split alignat* eqnarray* math".split())


@dataclass(slots=True)
class _Block:
    name: str
    first: int  # the token before which a matrix is to open
    cells: list[int] = field(default_factory=list)  # tokens before which there is an &
    rows: list[int] = field(default_factory=list)  # tokens before which there is a \\


class Matrices:
    r"""The blocks between \begin and \end that are open while the text is read."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.open: list[_Block] = []

    @property
    def inside(self) -> bool:
        return bool(self.open) and self.open[-1].name in MATRICES

    def column(self, start: int, stop: int) -> None:
        """An &: the next column of a matrix; elsewhere it only aligns."""
        if self.inside:
            self.open[-1].cells.append(len(self.tokens))
            self.tokens.add("COMMA", start, stop)

    def row(self, start: int, stop: int) -> None:
        r"""A \\: the next row of a matrix; elsewhere a new line."""
        if self.inside:
            self.open[-1].rows.append(len(self.tokens))
            self.tokens.add("COMMA", start, stop)
        else:
            self.tokens.add("NEWLINE", start, stop, "\\\\")

    def begin(self, name: str, start: int, stop: int) -> None:
        if name not in MATRICES | LINES:
            raise FormulaError(f"I do not know the block {quote(name)}.", source=self.tokens.source, span=(start, stop),
                               hint="Known are aligned and its relatives, and bmatrix and its relatives.")  # fmt: skip
        if len(self.open) > LARGEST_RANK:
            raise TooLargeError("The blocks are nested too deeply.").located(self.tokens.source, (start, stop))
        self.open.append(_Block(name, len(self.tokens)))
        self.tokens.add("LSQB" if name in MATRICES else "NEWLINE", start, stop)

    def end(self, name: str, start: int, stop: int) -> None:
        if not self.open or self.open[-1].name != name:
            due = f"First comes \\end{{{self.open[-1].name}}}." if self.open else f"Open it: \\begin{{{name}}}."
            what = f"\\end{{{name}}} has no \\begin."
            raise FormulaError(what, source=self.tokens.source, span=(start, stop), hint=due)
        block = self.open.pop()
        if name in LINES:
            self.tokens.add("NEWLINE", start, stop)
            return
        tokens = self.tokens
        if block.rows and block.rows[-1] == len(tokens) - 1:
            del tokens.kinds[-1], tokens.starts[-1], tokens.stops[-1]
            block.rows.pop()
        if block.cells:
            self._split_rows(block)
        tokens.add("RSQB", start, stop)

    def _split_rows(self, block: _Block) -> None:
        """Write the rows of a matrix of several columns as lists within the list."""
        tokens, rows = self.tokens, set(block.rows)
        first = block.first + 1
        kinds, starts, stops = tokens.kinds[first:], tokens.starts[first:], tokens.stops[first:]
        values = {index: tokens.values.pop(index) for index in range(first, len(tokens)) if index in tokens.values}
        del tokens.kinds[first:], tokens.starts[first:], tokens.stops[first:]
        tokens.add("LSQB", tokens.starts[-1], tokens.stops[-1])
        for index, (kind, start, stop) in enumerate(zip(kinds, starts, stops, strict=True), start=first):
            if index in rows:
                tokens.add("RSQB", start, stop)
            tokens.add(kind, start, stop, values.get(index))
            if index in rows:
                tokens.add("LSQB", start, stop)
        tokens.add("RSQB", tokens.stops[-1], tokens.stops[-1])
