r"""A paper as statements: each a chain of sides, with the line where every side stands.

>>> for one in read_paper("f = x*y\nx = 2, y = 3\ndf/dx = y\n   = 3"):
...     print(one.line, [side.text.strip() or side.marks for side in one.sides][0], one.kind)
1 f formula
2 x number
2 y number
3 ꀀ slope
4 ꀀ slope
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from chalkgrad.errors import TooLargeError
from chalkgrad.handwork.claims.functions import partials_in, with_points
from chalkgrad.handwork.claims.marks import Mark, mark
from chalkgrad.handwork.claims.paper import Line, lines_of, padded
from chalkgrad.handwork.claims.prose import LEADING, Chain, divide, vocabulary
from chalkgrad.handwork.claims.sides import plain, uses_decimal_comma, with_several, with_values
from chalkgrad.handwork.claims.tables import without_tables
from chalkgrad.reading.formula.functions import function
from chalkgrad.reading.formula.names import NAME, normalised
from chalkgrad.reading.formula.vocabulary import CONSTANTS

_HEAD = re.compile(rf"\s*(?P<name>(?>{NAME})|\\[A-Za-z]+(?:_\w|_\{{\w+\}})?)\s*(?:\((?P<parameters>[^()\d]*)\))?\s*")
_WORD = re.compile(
    rf"(?:\d+\.?\d*|\.\d+)(?:[eE][-+−]?\d+)?(?!\w)|(?:\d+\.?\d*|\.\d+)|(?P<word>(?>{NAME})|\\[A-Za-z]+(?:_\w|_\{{\w+\}})?)\s*(?:(?P<call>\()|(?P<bare>[)\]}}+*/·×=,;]|[-−]\s|$))?"
)
LONGEST_PRODUCT = 3  # letters of a product without signs that has a value of its own
LONGEST_LINE = 30_000  # characters
_LIST_OF_NAMES = re.compile(rf"\s*\[\s*(?>{NAME})(?:\s*,\s*(?>{NAME}))+\s*\]\s*")
_COMMANDS = frozenset("frac dfrac tfrac cdot times left right sqrt div ast begin end big Big bigg Bigg top".split())
_LOG_NAME = re.compile(r"(?:^|[\s;,$])\\?(?:log|ln)\s+([A-Za-z])\s*=")
_NEW_PROBLEM = re.compile(
    r"\s*(?:#+\s*|\W*)(?:worked\s+)?(?:example|exercise|problem|question|task|assignment|aufgabe|beispiel|solution(?=\s+\d)|ex|q)s?\b\s*[\d.:#)(a-z]{0,4}(?!\w)",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an equality: its text for the reader of formulas, where it stands, and what its letters stand for."""

    text: str
    line: int
    source: str  # the line as it was written
    span: tuple[int, int]
    sign: str  # the sign before it: = or ≈, nothing for the first
    marks: dict[str, Mark] = field(default_factory=dict)
    own: frozenset[str] = frozenset()  # letters of constants that the paper takes for names, as in e = a*b

    @property
    def written(self) -> str:
        """The side as it was written."""
        text = self.text
        for letter, one in self.marks.items():
            text = re.sub(f"{letter}\\s{{0,{max(0, len(one.text) - 1)}}}", lambda _, shown=one.shown: shown, text)  # type: ignore[misc]
        for command, sign in ((r"\cdot", "·"), (r"\times", "×"), (r"\left", ""), (r"\right", "")):
            text = re.sub(rf"{re.escape(command)}(?![A-Za-z])", sign, text)
        return " ".join(text.split())

    @property
    def names(self) -> tuple[str, ...]:
        """The names it uses, one spelling each; neither gates nor constants."""
        return tuple(name for name in names_in(self.text, self.own) if name not in self.marks)

    @property
    def kind(self) -> str:
        """`slope` where it holds a derivative or a value at a point, `formula` where names, else `number`."""
        if any(one.number is None for letter, one in self.marks.items() if letter in self.text):
            return "slope"
        return "formula" if self.names else "number"


@dataclass(frozen=True, slots=True)
class Statement:
    """A chain of equalities as it stands in one line. `sides[0]` is what it is about, which may stand in a line above.

    `carried` says that it does. `before` is the side that this line goes on from, where that is not the first. `given` says that
    the line gives values: a word such as `at` stands before it, or it is a list of them. `section` counts headings, `fresh` is
    true below a heading such as "Example 2".
    """

    line: int
    written: str
    sides: tuple[Side, ...]
    carried: bool = False
    before: Side | None = None
    given: bool = False
    listed: bool = False
    section: int = 0
    fresh: bool = False
    product: bool = False  # whether what looks like a name is a product of names, as in xy = 2.1
    local: bool = False  # whether the line or its heading speaks of local gradients

    @property
    def kind(self) -> str:
        """What the first side says, or for a name what it is said to be."""
        if self.name and len(self.sides) > 1:
            return self.sides[1].kind
        return self.sides[0].kind if self.sides else "number"

    @property
    def name(self) -> str:
        """The name on the left, in its one spelling, or nothing."""
        return self._head[0]

    @property
    def parameters(self) -> tuple[str, ...]:
        """x and y in f(x, y) = …"""
        return self._head[1]

    @property
    def _head(self) -> tuple[str, tuple[str, ...]]:
        side = self.sides[0]
        found = _HEAD.fullmatch(side.text)
        if found is None or found["name"] in side.marks or _is_command(found["name"]) or self.product:
            return "", ()
        if found["parameters"] and function(found["name"].lstrip("\\"), called=True):
            return "", ()  # exp(x) = 2.7 says something of a gate
        inside = (normalised(one.strip()) for one in (found["parameters"] or "").split(","))
        return normalised(found["name"]), tuple(one for one in inside if one)


def names_in(text: str, own: Collection[str] = ()) -> tuple[str, ...]:
    """The names in a formula, one spelling each; neither gates nor constants, but for those that the paper takes for names."""
    return _names_in(text, frozenset(own))


@lru_cache(maxsize=4096)
def _names_in(text: str, own: frozenset[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for match in _WORD.finditer(text):
        word = match["word"]
        if word is None:
            continue
        key = normalised(word)
        gate = (len(key) > 1 or match["call"]) and match["bare"] is None and function(word.lstrip("\\"), called=True)
        if (key not in CONSTANTS or key in own) and not gate and not _is_command(word):
            found[key] = None
    return tuple(found)


def read_paper(text: str) -> list[Statement]:
    """Every statement of a paper, in the order of writing. Raises TooLargeError for a line beyond all bounds."""
    long = next((line for line in lines_of(text) if len(line.text) > LONGEST_LINE), None)
    if long is not None:
        raise TooLargeError(f"Line {long.number} has {len(long.text):,} characters; at most {LONGEST_LINE:,} are read.",
                            hint="Write one step of the working in each line.")  # fmt: skip
    lines = _with_log_names(list(without_tables(lines_of(text))))
    comma = any(uses_decimal_comma(line.text) for line in lines)
    lines = [replace(line, text=with_several(with_values(plain(line.text, comma=comma)))) for line in lines]
    lines = with_points(lines)
    known = names_of([line.text for line in lines])
    partials = partials_in([line.text for line in lines])
    return list(_statements(lines, known - partials, partials))


def _with_log_names(lines: list[Line]) -> list[Line]:
    """log c = -max(s) names a quantity where c itself is never told: its two words become one."""
    letters = {found[1] for line in lines for found in _LOG_NAME.finditer(line.text)}
    for letter in letters:
        if not any(re.search(rf"(?<![\w\\ ]){letter}\s*=", line.text) for line in lines):
            log = re.compile(rf"\\?(?:log|ln)\s+{letter}(?!\w)")
            lines = [replace(line, text=log.sub(lambda found: padded(f"log{found[0][-1]}", found[0]), line.text)) for line in lines]
    return lines


def names_of(texts: list[str]) -> set[str]:
    """The names that a paper uses, without the ways to write a derivative as one word: dx, df_dx, f'."""
    known = vocabulary(texts)
    known = {name for name in known if not any(name == f"d{one}" for one in known) and not _is_slope(name, known)}
    whole = "\n".join(texts)
    return {name for name in known if not _is_product(name, known) or re.search(rf"[d∂δ]\s*\(?\s*{name}(?!\w)", whole)}


def _is_product(name: str, known: set[str]) -> bool:
    """Whether a word such as xy is x times y."""
    return 1 < len(name) <= LONGEST_PRODUCT and name.isalpha() and name[0] != "d" and known.issuperset(name)


def _is_slope(name: str, known: set[str]) -> bool:
    stem = name.rstrip("'")
    if stem != name and (stem in known or function(stem, called=True)):
        return True
    if name.startswith("grad") or name.endswith("_grad"):
        return True
    found = re.fullmatch(r"d(\w+?)_?d(\w+)", name)
    return found is not None and found[1] in known


def _is_command(word: str) -> bool:
    bare = word.lstrip("\\").partition("_")[0]
    return bare.endswith(("matrix", "array")) or (word[0] == "\\" and bare in _COMMANDS)


def _statements(lines: list[Line], known: set[str], partials: set[str]) -> Iterator[Statement]:
    section, fresh, local = 0, False, False
    own = frozenset(known & CONSTANTS.keys())
    head: Side | None = None  # what an equality that begins with its sign goes on from
    last: Side | None = None
    for line in lines:
        new = _NEW_PROBLEM.match(line.text) is not None and ("=" not in line.text.partition(":")[0])
        if line.heading or new:
            section += 1
            fresh = new
            local = "local" in line.text.casefold()
            head = last = None
        text, marks = mark(line.text, known, partials)
        chains = divide(text, known)
        found: list[tuple[Chain, Statement]] = []
        for chain in chains:
            sides = _without_own_entries(_sides(chain, line, marks, own))
            if chain.open and head is not None and last is not None:
                found.append((chain, Statement(line.number, line.written.strip(), (head, *sides), carried=True, before=last)))
            elif sides and not chain.open:
                several = _several(sides)
                found += [(replace(chain, lead="at"), Statement(line.number, line.written.strip(), one)) for one in several]
                if several:
                    continue
                if len(sides) == 1 and sides[0].text.strip() != text.strip(" .,:"):
                    continue  # a name or a number in a sentence
                head = sides[0]
                found.append((chain, Statement(line.number, line.written.strip(), sides)))
            if sides:
                last = sides[-1]
        spoken = local or "local" in line.text.casefold()
        full = [(chain, one) for chain, one in found if len(one.sides) > 1]
        listed = len(full) > 1 and all(_is_value(one) for _, one in full)
        given = False
        for chain, one in full:
            given = _is_value(one) and (given or chain.lead in LEADING)
            product = one.name not in known and _is_product(one.name, known)
            given = given and not product
            yield replace(one, given=given, listed=listed, section=section, fresh=fresh, local=spoken, product=product)
            fresh = fresh and _is_value(one)


def _without_own_entries(sides: tuple[Side, ...]) -> tuple[Side, ...]:
    """x = [1, 2] for x = (x_1, x_2) = (1, 2)."""
    if len(sides) != 3 or not _LIST_OF_NAMES.fullmatch(sides[1].text) or names_in(sides[2].text):
        return sides
    name = normalised(sides[0].text.strip())
    entries = [normalised(one.strip()) for one in sides[1].text.strip()[1:-1].split(",")]
    return (sides[0], sides[2]) if all(re.fullmatch(rf"{re.escape(name)}_?\d+", one) for one in entries) else sides


def _several(sides: tuple[Side, ...]) -> list[tuple[Side, ...]]:
    """x = -2 and y = 5 for (x, y) = (-2, 5)."""
    if len(sides) != 2 or not _LIST_OF_NAMES.fullmatch(sides[0].text) or "[" not in sides[1].text:
        return []
    names, numbers = (re.split(r"\s*,\s*", side.text.strip()[1:-1]) for side in sides)
    if len(names) != len(numbers) or any(names_in(one) for one in numbers):
        return []
    return [
        (replace(sides[0], text=name.strip()), replace(sides[1], text=number.strip()))
        for name, number in zip(names, numbers, strict=True)
    ]


def _is_value(statement: Statement) -> bool:
    """x = 2"""
    return len(statement.sides) == 2 and bool(statement.name) and statement.kind == "number"


def _sides(chain: Chain, line: Line, marks: dict[str, Mark], own: frozenset[str]) -> tuple[Side, ...]:
    first = 0 if chain.texts[0] else 1  # where the first side is missing
    signs = ("", *chain.signs)
    source = line.written if len(line.written) == len(line.text) else line.text
    sides = []
    for place in range(first, len(chain.texts)):
        text = chain.texts[place]
        used = {letter: one for letter, one in marks.items() if letter in text}
        sign = "" if chain.spoken and place == first else signs[place]
        sides.append(Side(text, line.number, source, chain.spans[place], sign, used, own))
    return tuple(sides)
