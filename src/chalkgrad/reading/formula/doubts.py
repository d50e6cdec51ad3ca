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

    def product(self, kind: str, index: int, division: int) -> None:
        """A product without a sign, before the token `index`; `division` is the / before it in the same term, or -1."""
        tokens = self.tokens
        if division >= 0:
            raise self._error("A product without a sign after a division can be read in two ways.", division, index,
                              self._both_quotients(division, index))  # fmt: skip
        if self.bare >= 0 and self.bare in (index, index - 1) and kind not in ("SQRT", "ROOT"):
            raise self._under_root(index)
        if kind == "NUM" and tokens.kinds[index - 1] in ("NUM", "NAME", "RUN"):
            before = tokens.text(index - 1)
            what = "Two numbers stand side by side." if tokens.kinds[index - 1] == "NUM" else "A number stands behind a name."
            hint = f"Write {before}*{tokens.text(index)} for the product; a sign may be missing."
            raise self._error(what, index - 1, index, hint)

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
        exponent = "".join(self.tokens.text(one) for one in range(index + 1, min(index + 6, len(self.tokens))))
        stripped = exponent.lstrip("^*").replace("−", "-").replace("–", "-")
        if stripped.startswith(("-1", "{-1}", "(-1)", "⁻¹")):
            name = self.tokens.text(index).lstrip("\\")
            inverse = f"arc{name}(x)" if name in ("sin", "cos", "tan") else "the inverse function"
            raise self._error(f"{name}^(-1) can be read in two ways.", index, index + 1, f"Write {inverse} or 1/{name}(x).")

    def norm(self, opened: int, closed: int) -> None:
        """A bar that closes at `closed`: two bars on both sides may mean a length."""
        kinds = self.tokens.kinds
        if (
            kinds[opened + 1] == "BAR"
            and kinds[closed - 1] == "BAR"
            and self.tokens.stops[opened] == self.tokens.starts[opened + 1]
            and self.tokens.stops[closed - 1] == self.tokens.starts[closed]
        ):
            raise self._error("Double bars can be read in two ways.", opened, closed,
                              "For the length of a vector, write sqrt(sum(v^2)); for the absolute value, abs(x).")  # fmt: skip

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
        if not denominator:
            # The factors are letters of one word, or the division is within one.
            numerator, denominator, factor = "a", "b", "c"
        if index == division + 1:
            denominator, factor = factor[:1], factor[1:]
        if max(map(len, (numerator, denominator, factor))) > _LONGEST_READING or "\n" in numerator + denominator + factor:
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
