r"""What a line says that is no formula: derivatives, values at a point, percentages and degrees. Each gets a letter in its place.

Formulas are read by the reader of formulas, which knows no derivatives; it finds a name instead, a letter of a script that nobody
calculates with, padded to the same width, so that a caret stays under its sign.

    >>> text, marks = mark("so df/dV = df/dB * dB/dV, f'(2) = 12", {"f", "B", "V"})
    >>> [(one.of, one.by, one.at) for one in marks.values()]
    [('f', ('V',), ()), ('f', ('B',), ()), ('B', ('V',), ()), ('f', ('',), (('', '2'),))]
    >>> len(text), text[3].isalpha()
    (36, True)
"""

import math
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace

from chalkgrad.handwork.claims.paper import padded
from chalkgrad.reading.formula.functions import function
from chalkgrad.reading.formula.names import LETTER, NAME, SUFFIX, normalised

FIRST_LETTER = 0xA000  # Yi syllables
MOST_MARKS = 1_000
ANY = "ξ"  # the input of a gate whose slope is told at a number
EVERY = "*"  # by every input: the gradient as a vector

_NAME = (
    rf"(?>{NAME}|\\(?:mathrm|mathbf|mathit|text|boldsymbol|vec|hat|operatorname)\s*\{{\w+\}}(?:{SUFFIX})*|\\[A-Za-z]+(?:{SUFFIX})*)"
)
_D = r"(?:[d∂δ𝑑𝛿𝜕]|\\delta(?![A-Za-z])|\\partial(?![A-Za-z]))"
_GROUP = r"\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\)"
_SQUARE = r"\[[^\[\]]*\]"
_ORDER = r"(?:\s*(?:²|\^\s*2|\^\s*\{\s*2\s*\}))"
_OF = rf"(?:(?P<of>{_NAME})(?P<call>{_GROUP})?|\s*(?P<ofthis>{_GROUP}|\\left\s*\(.*?\\right\s*\)))"
_BY = rf"(?:(?P<by>{_NAME})|\(\s*(?P<bythis>{_NAME})\s*\))"
_BY2 = rf"(?:(?P<twice>{_ORDER})|\s*{_D}\s*(?P<by2>{_NAME}))?"
_POINT = rf"{_NAME}\s*=\s*[-−+]?[\w./]+"
_AT = (
    rf"(?:\s*(?:\\(?:left|right|big|Big|bigg|Bigg)[lrm]?\s*)?[|∣]\s*_?\s*[{{(]?\s*(?P<bar>{_POINT}(?:\s*[,;]\s*{_POINT})*)\s*[}})]?"
    rf"|\(\s*(?P<at>{_POINT}(?:\s*[,;]\s*{_POINT})*)\s*\))?"
)
_FRACTIONS = re.compile("[½⅓⅔¼¾⅕⅛]")
_SINGLE = re.compile(r"[^\W\d_](?:_?\d+)?")
_NUMBERS = r"\(\s*(?P<numbers>[-−+]?[\d./]+(?:\s*,\s*[-−+]?[\d./]+)*)\s*\)"
_RESPECT = r"(?:with\s+respect\s+to|w\.?\s?r\.?\s?t\.?)"
_OPERAND = rf"\s*(?:\\left\s*)?(?P<operand>{_GROUP}|{_SQUARE}|(?<![\w]){_NAME}(?![\w(]))"

_FRACTION = re.compile(
    rf"\\[dtc]?frac\s*\{{\s*{_D}(?P<order>{_ORDER})?\s*{_OF}?\s*\}}\s*\{{\s*{_D}\s*{_BY}{_BY2}\s*\}}(?:\\right\s*)?{_AT}"
)
_SLASHED = re.compile(rf"(?<![A-Za-z_\\])\(?\s*{_D}(?P<order>{_ORDER})?\s*{_OF}?\s*\)?\s*[/∕⁄]\s*\(?\s*{_D}\s*{_BY}{_BY2}{_AT}")
_PRIMED = re.compile(
    rf"(?<![\w\\])(?P<of>{_NAME.replace(SUFFIX, '(?!)')}|\\[A-Za-z]+)(?P<primes>['’′]{{1,2}}|″)(?:{_NUMBERS}|(?P<call>{_GROUP}))?"
)
_NABLA = re.compile(
    rf"(?:(?:∇|\\nabla(?![A-Za-z])|grad|gradient|∂|D)(?:_\s*\{{?\s*(?P<by>{_NAME})\s*\}}?)|∇)\s*(?:\(\s*(?P<ofthis>{_NAME})\s*\)|(?P<of>{_NAME})(?:{_GROUP})?)?"
)
_JOINED = re.compile(
    r"(?<![\w\\])(?:d(?P<of>\w+?)_?d(?P<by>\w+)|grad_?\(?\s*(?P<by2>\w+)\s*\)|(?P<by3>\w+?)(?:\.grad|_grad)|grad\s+(?P<by5>\w+)(?=\s*[=:≈])|d(?P<by4>\w+))(?![\w/])"
)
_SPOKEN = re.compile(
    rf"(?:(?:gradient|derivative|slope|partial)s?\s+(?:of\s+(?:the\s+)?(?P<of>{NAME})\s+(?:by|for|in|(?P<wrt>{_RESPECT}))|{_RESPECT})"
    rf"|{_RESPECT})\s+(?P<by>{NAME})",
    re.IGNORECASE,
)
_PARTIAL = re.compile(
    rf"(?<![\w\\])(?P<of>{LETTER})_(?:\{{\s*(?P<braced>[A-Za-z]{{1,2}})\s*\}}|(?P<bare>[A-Za-z]{{1,2}}))(?!\w)(?:{_NUMBERS}|{_GROUP})?"
)
_CALLED = re.compile(rf"(?<![\w\\])(?P<of>{_NAME}){_NUMBERS}")
_POINTED = re.compile(rf"(?<![\w\\])(?P<of>{_NAME})\(\s*(?P<at>{_POINT}(?:\s*[,;]\s*{_POINT})*)\s*\)")
_PERCENT = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)\s*%")
_DEGREES = re.compile(r"(?P<number>\d+(?:\.\d*)?|\.\d+)\s*(?:°|deg(?:rees)?(?!\w))")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something in the place of a name. A derivative of `of` by each of `by` (none: the value itself) `at` a point, or a number.

    `of` is a name or an expression, "" for the result of the formula; a `by` of "" is the only input, EVERY is all inputs in a
    vector. `at` names inputs and their values, both as written; without names they come in the order of the inputs.
    """

    text: str
    of: str = ""
    by: tuple[str, ...] = ()
    at: tuple[tuple[str, str], ...] = ()
    number: float | None = None
    slack: float = 0.0  # half a unit of the number's last digit

    @property
    def shown(self) -> str:
        """The mark as plain text: a derivative written in LaTeX with a stroke."""
        if "\\" not in self.text or len(self.by) != 1 or not self.of:
            return self.text
        sign = "δ" if "delta" in self.text else "∂" if "∂" in self.text else "d"
        return f"{sign}{self.of}/{sign}{self.by[0]}"


class _Marker:
    def __init__(self, known: Collection[str], partials: Collection[str]) -> None:
        self.known, self.partials = known, partials
        self.marks: dict[str, Mark] = {}

    def put(self, found: re.Match[str], mark: Mark, keep: str = "") -> str:
        """The letter that stands for `mark` from now on; `keep` is what the text still says after it."""
        if len(self.marks) >= MOST_MARKS:
            return found[0]
        lead = found[0][: len(found[0]) - len(found[0].lstrip())]
        mark = replace(mark, text=mark.text.strip())
        letter = next((one for one, other in self.marks.items() if other == mark), chr(FIRST_LETTER + len(self.marks)))
        self.marks[letter] = mark
        return padded(lead + letter, found[0][: len(found[0]) - len(keep)]) + keep

    def knows(self, name: str | None) -> bool:
        return name is not None and normalised(name) in self.known

    def fraction(self, found: re.Match[str]) -> str:
        parts = found.groupdict()
        of, by = parts["of"] or _bare((parts["ofthis"] or "").strip()), parts["by"] or parts["bythis"]
        if not self.means_derivative(found, of, by):
            return found[0]
        if parts["call"] and not self.knows(of):
            of += parts["call"]  # the slope of a gate, dσ(x)/dx
        twice = parts["by2"] or (by if parts["twice"] and parts["order"] else None)
        if parts["order"] and twice is None:
            return found[0]
        keep = "" if parts["twice"] is None or parts["order"] else parts["twice"]
        if keep and not found[0].endswith(keep):
            return found[0]
        closed = found[0].rstrip()
        if closed.count("(") > closed.count(")") or closed.count(")") > closed.count("("):
            return self.unbalanced(found)
        return self.put(found, Mark(closed[: len(closed) - len(keep)], of, (by, twice) if twice else (by,), _points(parts)), keep)

    def unbalanced(self, found: re.Match[str]) -> str:
        """(df/dx), df/(dx) and (df)/(dx): a bracket before belongs to what is around."""
        text = found[0]
        if text.startswith("(") and text.count("(") > text.count(")"):
            return "(" + _SLASHED.sub(self.fraction, text[1:])
        return text

    def means_derivative(self, found: re.Match[str], of: str, by: str) -> bool:
        """A quotient such as dist/dt is none where dist and dt are names of their own."""
        first, _, second = found[0].partition("/")
        both = [re.sub(r"[()\s]", "", one) for one in (first, second)]
        return not (self.knows(both[1]) and (self.knows(both[0]) or not self.knows(by)))

    def primed(self, found: re.Match[str]) -> str:
        of, call = found["of"], found["call"]
        if self.knows(of + found["primes"]) or self.knows(found[0]):
            return found[0]
        order = 2 if found["primes"] in ("″",) or len(found["primes"]) == 2 else 1
        if not self.knows(of):
            if function(of.lstrip("\\"), called=True) is None or (call is None and not found["numbers"]):
                return found[0]
            if found["numbers"]:
                return self.put(found, Mark(found[0], f"{of}({ANY})", (ANY,) * order, ((ANY, found["numbers"].strip()),)))
            return self.put(found, Mark(found[0], f"{of}{call}", (call[1:-1].strip(),) * order))
        inner = (call or "")[1:-1].strip()
        by = inner if self.knows(inner) or _SINGLE.fullmatch(inner) else ""
        if call and not by:
            return found[0]
        numbers = tuple(("", one.strip()) for one in (found["numbers"] or "").split(",") if one.strip())
        return self.put(found, Mark(found[0], of, (by,) * order, numbers))

    def nabla(self, found: re.Match[str]) -> str:
        of, by = found["of"] or found["ofthis"] or "", found["by"]
        if of and not self.knows(of):
            return found[0]
        if found[0][0] in "D∂g" and not self.knows(by):
            return found[0]
        return self.put(found, Mark(found[0].rstrip(), of, (by or EVERY,)))

    def joined(self, found: re.Match[str]) -> str:
        if self.knows(found[0]) or function(found[0], called=True):
            return found[0]
        of, by = found["of"], found["by"]
        if of is not None and not (self.knows(of) and self.knows(by)):
            whole = re.fullmatch(r"d(\w+)", found[0])
            of, by = None, whole[1] if whole else None
        by = by or found["by2"] or found["by3"] or found["by4"] or found["by5"]
        if not self.knows(by):
            return found[0]
        return self.put(found, Mark(found[0], of or "", (by or "",)))

    def spoken(self, found: re.Match[str]) -> str:
        if not self.knows(found["of"]) and ((found["of"] and not found["wrt"]) or not _SINGLE.fullmatch(found["by"])):
            return found[0]
        return self.put(found, Mark(found[0], found["of"] if self.knows(found["of"]) else "", (found["by"],)))

    def partial(self, found: re.Match[str]) -> str:
        by = found["braced"] or found["bare"]
        if f"{found['of']}_{by}" not in self.partials:
            return found[0]
        numbers = tuple(("", one.strip()) for one in (found["numbers"] or "").split(",") if one.strip())
        return self.put(found, Mark(found[0], found["of"], tuple(by), numbers))

    def called(self, found: re.Match[str]) -> str:
        if not self.knows(found["of"]) or function(found["of"], called=True):
            return found[0]
        numbers = tuple(("", one.strip()) for one in found["numbers"].split(","))
        return self.put(found, Mark(found[0], found["of"], (), numbers))

    def pointed(self, found: re.Match[str]) -> str:
        return self.put(found, Mark(found[0], found["of"], (), _points(found.groupdict()))) if self.knows(found["of"]) else found[0]

    def percent(self, found: re.Match[str]) -> str:
        return self.put(found, Mark(found[0], number=float(found["number"]) / 100, slack=half_unit(found["number"]) / 100))

    def degrees(self, found: re.Match[str]) -> str:
        return self.put(found, Mark(found[0], number=math.radians(float(found["number"]))))


def mark(text: str, known: Collection[str], partials: Collection[str] = ()) -> tuple[str, dict[str, Mark]]:
    """`text` with a letter for each thing that no formula says, and what the letters stand for.

    `known` are the names there are, `partials` those such as f_x that are derivatives.
    """
    marker = _Marker(known, partials)
    text = _SPOKEN.sub(marker.spoken, text)
    if partials:
        text = _PARTIAL.sub(marker.partial, text)
    if r"\frac" in text or "frac" in text:
        text = _FRACTION.sub(marker.fraction, text)
    if "/" in text or "∕" in text or "⁄" in text:
        text = _SLASHED.sub(marker.fraction, text)
        text = _SLASHED.sub(marker.fraction, text)
    text = _with_operands(text, marker)
    if "∇" in text or "grad" in text or "_" in text or "\\nabla" in text:
        text = _NABLA.sub(marker.nabla, text)
    if "'" in text or "′" in text or "’" in text or "″" in text:
        text = _PRIMED.sub(marker.primed, text)
    if "d" in text:
        text = _JOINED.sub(marker.joined, text)
    if "(" in text:
        text = _POINTED.sub(marker.pointed, text)
        text = _CALLED.sub(marker.called, text)
    text = _FRACTIONS.sub(lambda found: marker.put(found, Mark(found[0], number=unicodedata.numeric(found[0]))), text)
    if "%" in text:
        text = _PERCENT.sub(marker.percent, text)
    if "°" in text or "deg" in text:
        text = _DEGREES.sub(marker.degrees, text)
    return text, marker.marks


def half_unit(digits: str) -> float:
    """Half a unit of the last digit that is written."""
    mantissa, _, exponent = digits.lower().partition("e")
    places = len(mantissa.partition(".")[2])
    return float(f"5e{int(exponent.replace('−', '-') or 0) - places - 1}")


def _with_operands(text: str, marker: _Marker) -> str:
    """d/dx takes what follows it: d/dx (x^2), d/dx f."""
    for letter, one in list(marker.marks.items()):
        if one.of or not one.by or one.number is not None or not re.search(r"[/∕⁄]|frac", one.text):
            continue
        place = text.find(letter)
        while place >= 0:
            start = place + len(one.text)
            found = re.compile(_OPERAND).match(text, start)
            if found:
                operand = re.sub(r"\\(?:left|right)", "", found["operand"])
                whole = Mark(one.text + found[0], operand, one.by, one.at)
                other = chr(FIRST_LETTER + len(marker.marks))
                marker.marks[other] = whole
                text = text[:place] + other.ljust(found.end() - place) + text[found.end() :]
            place = text.find(letter, place + 1)
    return text


def _bare(text: str) -> str:
    """A name without brackets around it."""
    found = re.fullmatch(rf"\(\s*(?P<name>{_NAME})\s*\)", text)
    return found["name"] if found else text


def _points(parts: dict[str, str | None]) -> tuple[tuple[str, str], ...]:
    """x=2, y=3 as pairs."""
    written = parts.get("bar") or parts.get("at") or ""
    pairs = (one.partition("=") for one in re.split(r"[,;]", written) if one.strip())
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)
