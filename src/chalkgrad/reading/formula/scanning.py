"""Text into tokens: what each sign is, and where it stands. One regular expression reads plain text, Unicode and LaTeX.

White space, the size of brackets and other signs without meaning leave no token; newlines do, because they may end a statement.

    >>> tokens = scan("2x ≤ y²")
    >>> tokens.kinds
    ['NUM', 'NAME', 'COMPARE', 'NAME', 'POW', 'NUM']
"""

import re
import unicodedata

from chalkgrad.errors import FormulaError, TooLargeError, nearest, quote
from chalkgrad.reading.formula.functions import function
from chalkgrad.reading.formula.latex import (
    ACCENTS,
    COMMANDS,
    NOT_COMMANDS,
    OPENING,
    SIGNS,
    SIZES,
    SPACES,
    WRAPPERS,
    Matrices,
)
from chalkgrad.reading.formula.names import LATEX_LETTERS, LONGEST_NAME, NAME, RAISED, SUFFIX, SUPERSCRIPTS
from chalkgrad.reading.formula.tokens import Tokens

MOST_CHARACTERS = 1_100_000  # a megabyte of brackets, signs or terms is read in some five seconds and 400 MB

_TOKEN = re.compile(
    rf"""
      (?P<SPACE>[ \t\u00a0\u00ad\u2000-\u200f\u202f\u205f-\u2064\u3000\ufeff$~]+)
    | (?P<NUM>(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][+\-−]?[0-9]+)?)
    | (?P<NAME>{NAME})
    | (?P<PLUS>[+＋])
    | (?P<MINUS>[-−–—‐‑﹣－])
    | (?P<LPAR>[(（])
    | (?P<RPAR>[)）])
    | (?P<POW>\^|\*\*)
    | (?P<STAR>[*∗＊])
    | (?P<TIMES>[×·⋅∙\u0387✕⨯])
    | (?P<SLASH>[/÷∕⁄／])
    | (?P<COMMA>[,，])
    | (?P<COMPARE>[<>=!]=|[≤≥≠⩽⩾<>]|=\u0338)
    | (?P<EQ>:=|≔|=)
    | (?P<LBRACE>\{{)
    | (?P<RBRACE>\}})
    | (?P<LSQB>\[)
    | (?P<RSQB>\])
    | (?P<BAR>[|∣])
    | (?P<NEWLINE>\r\n?|[\n\v\f\x85\u2028\u2029])
    | (?P<SEMICOLON>;|\u037e)
    | (?P<COMMAND>\\(?:\\(?:\[\s*-?[0-9.]+\s*(?:pt|em|ex|mm|cm|in)\s*\])?|[A-Za-z]+\*?|.|\n))
    | (?P<RAISED>[⁺⁻]?[{SUPERSCRIPTS}]+|ⁿ)
    | (?P<AT>@)
    | (?P<TRANSPOSE>ᵀ|\.T(?!\w))
    | (?P<TOP>⊤)
    | (?P<SQRT>√)
    | (?P<ROOT>[∛∜])
    | (?P<INFINITY>∞)
    | (?P<DOTS>\.\.\.|…)
    | (?P<COLON>:)
    | (?P<AMPERSAND>&)
    | (?P<SUBINDEX>_\s*\{{\s*(?=\[))
    | (?P<OTHER>.)
    """,
    re.VERBOSE,
)
_SUFFIX = re.compile(f"(?:{SUFFIX})*")
_BRACED = re.compile(r"\s*\{((?:[^{}\\]|\\[_ ,;!:])*)\}")
_ENVIRONMENT = re.compile(r"\s*\{\s*([A-Za-z]+\*?)\s*\}(?:\{[lcr|\s]*\}|\[[tbc]\])?")
_FIRST_DIGIT = re.compile(r"\s*([0-9])")
_OPTION = re.compile(r"\s*\[")
_NAMED = re.compile(NAME)

# Kinds that need no second look: the token is what the expression says.
_PLAIN_KINDS = frozenset(
    "PLUS MINUS LPAR RPAR POW STAR TIMES SLASH COMMA EQ LBRACE RBRACE LSQB RSQB BAR NEWLINE SEMICOLON AT TRANSPOSE TOP SQRT"
    " DOTS COLON NUM".split()
)
_COMPARISONS = {"≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "≠": "!=", "=\u0338": "!="}
_STRANGERS = {
    "!": "The factorial of x is gamma(x + 1).",
    "%": "For a percentage, divide by 100.",
    "°": "Angles are in radians: multiply degrees by pi/180.",
    "∑": "Write the terms out, or sum(v) for the entries of a vector.",
    "∏": "Write the factors out.",
    "∂": "Write the formula itself; the derivatives are what comes out.",
    "∇": "Write the formula itself; the derivatives are what comes out.",
    "‖": "For the length of a vector, write sqrt(sum(v^2)).",
    "_": "A subscript belongs directly to a name: w_0, x_max, w_{10}.",
    ".": "A decimal point stands before or after a digit: 0.5.",
    "#": "A formula holds no comments.",
    "?": "For a choice, write where(x > 0, a, b).",
    "&": "To join conditions, write logical_and(a > 0, b > 0).",
}


def scan(source: str) -> Tokens:
    """The tokens of `source`. Raises FormulaError at a sign that formulas do not have."""
    if len(source) > MOST_CHARACTERS:
        raise TooLargeError(
            f"The formula has {len(source):,} characters; at most {MOST_CHARACTERS:,} are read.",
            hint="A program that large is better traced: write it as a NumPy function.",
        )
    tokens = Tokens(source)
    kinds, starts, stops = tokens.kinds, tokens.starts, tokens.stops
    reader = _Reader(tokens)
    match = _TOKEN.match
    place, end = 0, len(source)
    while place < end:
        found = match(source, place)
        assert found is not None, "the last alternative takes any character"
        kind, stop = found.lastgroup or "OTHER", found.end()
        if kind == "NAME" or kind in _PLAIN_KINDS:
            kinds.append(kind)
            starts.append(place)
            stops.append(stop)
        elif kind != "SPACE":
            stop = reader.special(kind, place, stop)
        place = stop
    if reader.matrices.open:
        block = reader.matrices.open[-1]
        raise FormulaError(r"A \begin has no \end.", source=source, span=tokens.span(block.first),
                           hint=f"Close it: \\end{{{block.name}}}.")  # fmt: skip
    return tokens


class _Reader:
    """What to do at the tokens that need a second look; each returns where reading goes on."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.source = tokens.source
        self.matrices = Matrices(tokens)
        self.aligned = r"\\" in tokens.source or r"\begin" in tokens.source

    def special(self, kind: str, start: int, stop: int) -> int:
        add, text = self.tokens.add, self.source[start:stop]
        if kind == "COMMAND":
            return self.command(text[1:], start, stop)
        elif kind == "COMPARE":
            add(kind, start, stop, _COMPARISONS.get(text, text))
        elif kind == "RAISED":
            add("POW", start, stop)
            add(*(("NAME", start, stop, "n") if text == "ⁿ" else ("NUM", start, stop, float(text.translate(RAISED)))))
        elif kind == "INFINITY":
            add("NUM", start, stop, float("inf"))
        elif kind == "ROOT":
            add("ROOT", start, stop, 3.0 if text == "∛" else 4.0)
        elif kind == "SUBINDEX":
            add("SUBINDEX", start, self.source.index("[", start) + 1)
            return self.tokens.stops[-1]
        elif kind == "AMPERSAND" and self.aligned:
            self.matrices.column(start, stop)
        else:
            self.stranger(text, start, stop)
        return stop

    def stranger(self, text: str, start: int, stop: int) -> None:
        before = self.source[start - 1] if start else ""
        after = self.source[stop] if stop < len(self.source) else ""
        hint = _STRANGERS.get(text, "A formula is made of names, numbers, + - * / ^, brackets and gates such as sqrt(x).")
        fraction = unicodedata.normalize("NFKC", text)
        if "\u2044" in fraction:
            hint = f"Write {fraction.replace(chr(0x2044), '/')}."
        elif text == "_" and before.isdigit() and after.isdigit():
            hint = "Write the digits of a number without signs between them."
        shown = quote(text) if text.isprintable() else f"U+{ord(text):04X}"
        raise FormulaError(f"A formula has no sign {shown}.", source=self.source, span=(start, stop), hint=hint)

    def command(self, name: str, start: int, stop: int) -> int:
        """A LaTeX command, given without its backslash."""
        tokens = self.tokens
        name = name.rstrip("*") or name
        if name[:1] == "\\":
            self.matrices.row(start, stop)
        elif name in SIZES:
            return self.sized(name, stop)
        elif name in SIGNS:
            kind, value = SIGNS[name]
            tokens.add(kind, start, stop, value)
        elif name in LATEX_LETTERS or name in COMMANDS or name == "log":
            suffix = _SUFFIX.match(self.source, stop)
            stop = suffix.end() if suffix else stop
            if name in LATEX_LETTERS:
                tokens.add("NAME", start, stop)
            else:
                tokens.add("WORD", start, stop, self.source[start + 1 : stop])
        elif name in WRAPPERS or name in ACCENTS:
            return self.wrapped(name, start, stop)
        elif name in ("frac", "dfrac", "tfrac", "cfrac"):
            return self.fraction(start, stop)
        elif name == "sqrt":
            tokens.add("ROOT" if _OPTION.match(self.source, stop) else "SQRT", start, stop)
        elif name in ("begin", "end"):
            return self.environment(name, start, stop)
        elif name not in SPACES:
            known = [*SPACES, *SIZES, *SIGNS, *LATEX_LETTERS, *COMMANDS, *WRAPPERS, *ACCENTS, "frac", "sqrt", "begin", "end"]
            near = [f"\\{one}" for one in nearest(name, [one for one in known if one.isalpha()])]
            if function(name, called=True):
                near = [f"\\operatorname{{{name}}}"]
            raise FormulaError(
                f"I do not know the LaTeX command {quote(self.source[start:stop])}.", source=self.source, span=(start, stop),
                hint=NOT_COMMANDS.get(name) or (f"Did you mean {near[0]}?" if near else "Write a gate as \\operatorname{name}."),
            )  # fmt: skip
        return stop

    def sized(self, name: str, stop: int) -> int:
        """The size of the bracket that follows means nothing, except that a bar then tells whether it opens."""
        while self.source[stop : stop + 1].isspace():
            stop += 1
        after = self.source[stop : stop + 1]
        if after == "|" and name[-1] in "tlr":
            self.tokens.add("BAR_OPEN" if name in OPENING else "BAR_CLOSE", stop, stop + 1)
            return stop + 1
        return stop + 1 if after == "." and name in ("left", "right") else stop

    def wrapped(self, name: str, start: int, stop: int) -> int:
        r"""\mathrm{loss}, \operatorname{softmax} or \hat{x}: one name, with the subscripts that follow it."""
        tokens = self.tokens
        braced = _BRACED.match(self.source, stop)
        inner = braced[1].replace("\\_", "_").strip() if braced else ""
        if braced and not inner:
            return braced.end()
        if braced and len(inner) <= LONGEST_NAME and _NAMED.fullmatch(inner):
            suffix = _SUFFIX.match(self.source, braced.end())
            stop = suffix.end() if suffix else braced.end()
            tokens.add("WORD", start, stop, inner + ACCENTS.get(name, "") + self.source[braced.end() : stop])
            return stop
        if name not in WRAPPERS or not braced or "=" not in inner:
            what = f"{quote(self.source[start : braced.end() if braced else stop])} is not a name that I can read."
            raise FormulaError(what, source=self.source, span=(start, braced.end() if braced else stop),
                               hint=r"Within such a command there may be one name: \mathrm{loss}.")  # fmt: skip
        # A setting, \mathrm{axis=0}: its tokens without the wrapper.
        place, end = braced.start(1), braced.end(1)
        while place < end:
            found = _TOKEN.match(self.source, place, end)
            assert found is not None
            kind, after = found.lastgroup or "OTHER", found.end()
            if kind == "NAME" or kind in _PLAIN_KINDS:
                tokens.add(kind, place, after)
            elif found[0] == "\\_":
                raise FormulaError("The name of a setting holds no backslash.", source=self.source, span=(place, after),
                                   hint=r"As in \mathrm{axis=0}.")  # fmt: skip
            elif kind != "SPACE":
                after = self.special(kind, place, after)
            place = after
        return braced.end()

    def fraction(self, start: int, stop: int) -> int:
        r"""\frac; in \frac12 and \frac1{…} the first digit alone is the numerator."""
        tokens = self.tokens
        tokens.add("FRAC", start, stop)
        for _ in range(2):
            digit = _FIRST_DIGIT.match(self.source, stop)
            if digit is None:
                break
            tokens.add("LBRACE", digit.start(1), digit.start(1))
            tokens.add("NUM", digit.start(1), digit.end(), float(digit[1]))
            tokens.add("RBRACE", digit.end(), digit.end())
            stop = digit.end()
        return stop

    def environment(self, name: str, start: int, stop: int) -> int:
        found = _ENVIRONMENT.match(self.source, stop)
        if found is None:
            what = f"After \\{name} comes a name in braces, such as {{aligned}}."
            raise FormulaError(what, source=self.source, span=(start, stop), hint="Without a block, leave it out.")
        if name == "begin":
            self.matrices.begin(found[1], start, found.end())
        else:
            self.matrices.end(found[1], start, found.end())
        return found.end()
