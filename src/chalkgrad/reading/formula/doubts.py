r"""What is refused because it can be read in two ways, or because mathematics writes one thing where a program means another.

Each doubt is a letter that shows both readings, so that the reader can choose: `1/2x` is (1/2)*x or 1/(2*x).
"""

from collections.abc import Sequence

from chalkgrad.errors import ChalkgradError, FormulaError
from chalkgrad.reading.formula.brackets import Layout
from chalkgrad.reading.formula.tokens import Tokens

_LONGEST_READING = 24  # characters of each part; longer ones are shown as a/b*c
_SIDE = "A bar opens where a value may begin and closes after one."


class Doubts:
    """The doubts about one text."""

    def __init__(self, tokens: Tokens, layout: Layout) -> None:
        self.tokens = tokens
        self.layout = layout
        self.bare = -1  # the name or number under a √ without brackets
        self.inner_bars = (-1, -1)  # the bars that were closed last

    def product(self, kind: str, index: int, division: int) -> None:
        """A product without a sign, before the token `index`; `division` is the / before it in the same term, or -1."""
        tokens = self.tokens
        if division >= 0:
            raise self._error("A product without a sign after a division can be read in two ways.", division, index,
                              self._both_quotients(division, index))  # fmt: skip
        if self.bare >= 0 and self.bare in (index, index - 1) and kind not in ("SQRT", "ROOT"):
            raise self._under_root(index)
        if self._in_exponent(index):
            raise self._error("How far the exponent reaches can be read in two ways.", index - 1, index,
                              "Put brackets around the exponent, e^(2*x), or write *, e^2*x.")  # fmt: skip
        if kind == "NUM" and tokens.kinds[index - 1] in ("NUM", "NAME", "RUN"):
            before = tokens.text(index - 1)
            what = "Two numbers stand side by side." if tokens.kinds[index - 1] == "NUM" else "A number stands behind a name."
            hint = f"Write {before}*{tokens.text(index)} for the product; a sign may be missing."
            raise self._error(what, index - 1, index, hint)

    def letters(self, index: int) -> None:
        """A word at `index` that is several names: in `e^xy`, it is not clear that the exponent is x alone."""
        if not self.tokens.latex and index and self._is_exponent(index):
            raise self._error("How far the exponent reaches can be read in two ways.", index, index,
                              "Put brackets around the exponent, e^(x*y), or write *, e^x*y.")  # fmt: skip

    def _is_exponent(self, index: int) -> bool:
        kinds = self.tokens.kinds
        return kinds[index - 1] == "POW" or (index > 1 and kinds[index - 1] == "MINUS" and kinds[index - 2] == "POW")

    def _in_exponent(self, index: int) -> bool:
        """Whether `index` touches the number in e^2x; x^2y is clear from the habit of polynomials."""
        tokens = self.tokens
        if tokens.latex or index < 3 or tokens.kinds[index - 1] != "NUM" or tokens.stops[index - 1] != tokens.starts[index]:
            return False
        sign = index - 2 if tokens.kinds[index - 2] == "POW" else index - 3
        written = tokens.starts[sign] < tokens.starts[index - 1]  # a raised number, e²x, is as high as it reaches
        return self._is_exponent(index - 1) and written and sign > 0 and tokens.text(sign - 1) == "e"

    def power(self, index: int) -> None:
        """A ^ at `index`, which must not stand behind x² or √x."""
        starts = self.tokens.starts
        if index > 1 and self.tokens.kinds[index - 1] == "NUM" and starts[index - 1] == starts[index - 2]:
            raise self._error("A power of a power can be read in two ways.", index - 2, index, "Write (x^2)^3 or x^(2^3).")
        if self.bare >= 0 and self.bare == index - 1:
            raise self._under_root(index)

    def root(self, index: int) -> None:
        """A root at `index`. Under LaTeX's \\sqrt, what it takes is clear; under √ only brackets make it so."""
        following = self.tokens.kinds[index + 1 : index + 2]
        self.bare = index + 1 if self.tokens.text(index) in "√∛∜" and following in (["NAME"], ["NUM"], ["RUN"]) else -1

    def inverse(self, index: int) -> None:
        """The exponent of a function at `index`, which must not be -1."""
        tokens, place = self.tokens, index + 2
        negative = False
        while tokens.kinds[place : place + 1] in (["LPAR"], ["LBRACE"], ["MINUS"]):
            negative = negative or tokens.kinds[place] == "MINUS"
            place += 1
        if tokens.kinds[place : place + 1] == ["NUM"] and tokens.number(place) == (1 if negative else -1):
            name = self.tokens.text(index).lstrip("\\")
            inverse = f"arc{name}(x)" if name in ("sin", "cos", "tan") else "the inverse function"
            raise self._error(f"{name}^(-1) can be read in two ways.", index, index + 1, f"Write {inverse} or 1/{name}(x).")

    def norm(self, opened: int, closed: int) -> None:
        """A bar that closes at `closed`: two bars on both sides may mean a length."""
        starts, stops = self.tokens.starts, self.tokens.stops
        doubled = self.inner_bars == (opened + 1, closed - 1)
        if doubled and stops[opened] == starts[opened + 1] and stops[closed - 1] == starts[closed]:
            raise self._error("Double bars can be read in two ways.", opened, closed,
                              "For the length of a vector, write sqrt(sum(v^2)); for the absolute value, abs(x).")  # fmt: skip
        self.inner_bars = (opened, closed)

    def open_bar(self, index: int) -> ChalkgradError:
        return self._error("The bar | is left open.", index, index, _SIDE)

    def closed_bar(self, index: int) -> ChalkgradError:
        return self._error("The bar | closes nothing.", index, index, _SIDE)

    def call_of_definition(self, index: int, parameters: Sequence[str]) -> ChalkgradError:
        name = self.tokens.spelling(index)
        return self._error(f"{name} is a definition, not a gate: it cannot be called with other inputs.", index, index,
                           f"Write {name}, or {name}({', '.join(parameters)}), and give the inputs values."
                           f" For a product, write {name}*(…).")  # fmt: skip

    def _under_root(self, index: int) -> ChalkgradError:
        what = "How far the root reaches can be read in two ways."
        return self._error(what, index - 1, index, "Put brackets under it: √(x) or √(x^2), √(2)*x or √(2*x).")

    def _both_quotients(self, division: int, index: int) -> str:
        tokens, source = self.tokens, self.tokens.source
        first = self._product_before(division)
        last = self._operand_from(index)
        between = tokens.starts[index]
        numerator = source[tokens.starts[first] : tokens.starts[division]].strip()
        denominator = source[tokens.stops[division] : between].strip()
        factor = source[between : tokens.stops[last]].strip()
        if index == division + 1:
            # The factors are letters of one word.
            denominator, factor = (factor[0], factor[1]) if len(factor) == 2 else ("", "")
        parts = (numerator, denominator, factor)
        if max(map(len, parts)) > _LONGEST_READING or not all(parts) or any("\n" in part for part in parts):
            numerator, denominator, factor = "a", "b", "c"
        inner = factor[1:-1] if factor[:1] == "(" and factor[-1:] == ")" and factor.count("(") == 1 else factor
        factor = f"({inner})" if inner != factor else factor
        return f"Write ({numerator}/{denominator})*{factor} or {numerator}/({denominator}*{factor})."

    def _product_before(self, division: int) -> int:
        """The first token of the product that is divided at `division`."""
        place = first = division
        while place > 0:
            place -= 1
            kind = self.tokens.kinds[place]
            if kind in ("RPAR", "RBRACE", "RSQB"):
                place = self.layout.partners[place]
            elif kind in ("PLUS", "MINUS", "LPAR", "LBRACE", "LSQB", "COMMA", "COMPARE", "EQ", "NEWLINE", "SEMICOLON", "BAR"):
                break
            first = place
        return first

    def _operand_from(self, index: int) -> int:
        """The last token of the operand that begins at `index`."""
        kinds, partners = self.tokens.kinds, self.layout.partners
        if partners[index] > index:
            return partners[index]
        if index + 1 < len(kinds) and kinds[index] == "RUN" and partners[index + 1] > index:
            return partners[index + 1]
        return index

    def _error(self, what: str, first: int, last: int, hint: str) -> FormulaError:
        span = (self.tokens.starts[first], self.tokens.stops[min(last, len(self.tokens) - 1)])
        return FormulaError(what, source=self.tokens.source, span=span, hint=hint)
