r"""Entries and sums as lectures write them, p_i, e^{f_i}, ∑_j, in the terms of the reader: whole vectors, indices, sum(…).

>>> entries = Entries({"f": (3,), "W": (2, 3), "x": (3,)})
>>> entries.definition("p_i", "e^{f_i} / ∑_j e^{f_j}")
('p', 'e^{f} / sum(e^{f})')
>>> entries.rewrite("p_2 - f_0"), entries.rewrite("sum_j W_{ij} x_j")
('p[2] - f[0]', 'sum(W * x, axis=1)')
"""

import re
from collections.abc import Collection, Mapping

from chalkgrad.graph.shapes import Shape
from chalkgrad.reading.formula.names import normalised

_INDEX = "ijklmn"
_UNICODE = str.maketrans("ᵢⱼₖₗₘₙ", "ijklmn")
_SUM = re.compile(
    r"(?:∑|\\sum|Σ|(?<![A-Za-z\\])sum)\s*(?:_\s*(?:\{\s*(?P<braced>[a-z])(?P<told>[^{}]*)\}|\(\s*(?P<bracketed>[a-z])(?P<said>[^()]*)\)|(?P<bare>[a-z])(?:\s*(?:=\s*\d+|(?P<bareless>(?:≠|!=)\s*\w+)))?(?![A-Za-z(])))"
    r"\s*(?:\^\s*(?:\{[^{}]*\}|\w))?\s*|(?:∑|\\sum|Σ)\s*(?=[A-Za-z(\\])"
)
_ENTRY = re.compile(
    rf"(?<![A-Za-z\\])(?P<name>\\?[^\W\d_]+)(?:_\s*(?:\{{\s*(?P<braced>[{_INDEX}]\s*,?\s*[{_INDEX}]?|\d+)\s*\}}|(?P<bare>[{_INDEX}]{{1,2}}|\d+)(?!\w))"
    rf"|(?P<lowered>[ᵢⱼₖₗₘₙ]{{1,2}}|[₀-₉]+))"
)
_EXCEPT = re.compile(r"\s*(?:≠|!=|\\neq?(?![A-Za-z]))\s*(?P<entry>\w+)")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙ", "0123456789ijklmn")
_PRODUCT = re.compile(r"(?<=[\w\])}])[ ]*(?:·|⋅|×|\\cdot(?![A-Za-z])|\\times(?![A-Za-z]))[ ]*|(?<=[\w\])}])[ ]+(?=[A-Za-z(\\])")
_LABELLED = re.compile(r"(?<![A-Za-z\\])(?P<name>\\?[^\W\d_]+)_\s*(?:\{\s*(?P<braced>[A-Za-z])\s*\}|(?P<bare>[A-Za-z])(?!\w))")
MOST_SUMS = 60  # in one text
MOST_ENTRIES = 1_000


class Entries:
    """Knows which names are vectors: those of a shape, those that were defined entry by entry, and rows such as f_0, f_1, f_2."""

    def __init__(
        self, shapes: Mapping[str, Shape], names: Collection[str] = (), first: int = 0, labels: Mapping[str, int] | None = None
    ) -> None:
        self.shapes = dict(shapes)
        self.names = {*names, *shapes}
        self._rows: dict[str, list[str]] = {}
        self.labels = dict(labels or {})  # whole numbers with a name, as y in s_y
        self.first = first  # the number of the first entry: 0, or 1 where the paper counts so

    def definition(self, name: str, text: str) -> tuple[str, str]:
        """A definition of entries, p_i = …, as that of the vector."""
        base, _, index = name.partition("_")
        if index in _INDEX and index and base not in self.shapes and any(found for found in _ENTRY.finditer(text)):
            self.shapes[base] = ()
            self.names.add(base)
            return base, self.rewrite(text)
        return name, self.rewrite(text)

    def rewrite(self, text: str) -> str:
        """`text` with sums as sum(…), p_i as p, and p_2 as p[2]."""
        if "_" not in text and "∑" not in text and not any(sign in text for sign in "ᵢⱼₖₗₘₙ₀₁₂₃₄₅₆₇₈₉Σ"):
            return text
        if self.labels and "_" in text:
            text = _LABELLED.sub(self._labelled, text)
        for found in reversed(list(_SUM.finditer(text))[:MOST_SUMS]):  # of sums within sums the inner ones first
            stop = _term_end(text, found.end())
            index = found["braced"] or found["bracketed"] or found["bare"] or ""
            term = text[found.end() : stop].strip()
            inner, axis = self._summed(term, index)
            left = _EXCEPT.fullmatch(found["told"] or found["said"] or found["bareless"] or "")
            if left is not None:
                inner = self._without(left["entry"], index, term, inner)
            text = f"{text[: found.start()]}sum({inner}{axis}){text[stop:]}"
        return self._vectors(text)

    def _labelled(self, found: re.Match[str]) -> str:
        """s_y as s_2, where y = 2."""
        name, label = normalised(found["name"]), found["braced"] or found["bare"]
        if label not in self.labels or name not in self.names or normalised(found[0]) in self.names:
            return found[0]
        return f"{found['name']}_{self.labels[label]}"

    def _without(self, entry: str, index: str, term: str, inner: str) -> str:
        """A sum over all but one: that term times 0, or taken off where the number of terms is not known."""
        place = self.labels.get(entry, int(entry) if entry.isdigit() else -1) - self.first
        if place < 0:
            return inner
        names = [normalised(found["name"]) for found in _ENTRY.finditer(term) if _indices(found) == index]
        size = next((self.shapes[name][0] for name in names if self.shapes.get(name)), 0)
        if size > place:
            return f"[{', '.join('0' if one == place else '1' for one in range(size))}] * ({inner})"
        one = re.sub(rf"_\{{?{index}\}}?(?!\w)", f"_{place + self.first}", term)
        return f"{inner}) - ({self._vectors(one)}"

    def _summed(self, text: str, index: str) -> tuple[str, str]:
        """The text under a sum, and the axis where a matrix is summed over one of its indices."""
        axis = ""
        for found in list(_ENTRY.finditer(text)):
            indices = _indices(found)
            if len(indices) == 2 and index in indices and indices[0] != indices[1]:
                axis = ", axis=1"
                whole = found["name"] if indices[1] == index else f"transpose({found['name']})"
                text = text.replace(found[0], whole)
        return self._vectors(text), axis

    def _vectors(self, text: str) -> str:
        changed = _ENTRY.sub(self._entry, text)
        return _PRODUCT.sub(" * ", changed) if changed != text and re.search(rf"_\{{?[{_INDEX}]|[ᵢⱼₖ]", text) else changed

    def _entry(self, found: re.Match[str]) -> str:
        name, indices = normalised(found["name"]), _indices(found)
        if normalised(f"{found['name']}_{indices}") in self.names:
            return found[0]
        if indices.isdigit():
            return (
                f"{found['name']}[{int(indices) - self.first}]" if name in self.names and int(indices) >= self.first else found[0]
            )
        if name in self.names:
            return found["name"]
        row = self._row(name)
        return f"[{', '.join(row)}]" if row else found[0]

    def _row(self, name: str) -> list[str]:
        """The single names that are the entries of a vector: f_0, f_1, f_2."""
        if name not in self._rows:
            self._rows[name] = [f"{name}_{number}" for number in range(MOST_ENTRIES) if f"{name}{number}" in self.names]
        return self._rows[name]


def entry_of(name: str, shapes: Mapping[str, Shape], first: int) -> tuple[str, tuple[int, ...]] | None:
    """The array and the entry that a name such as s1 or W12 means."""
    for stem in sorted(shapes, key=len, reverse=True):
        rest = name.removeprefix(stem)
        if not shapes[stem] or rest == name or not re.fullmatch(r"_?\d+(?:_\d+)*", rest):
            continue
        digits = [int(one) for one in re.findall(r"\d+", rest)]
        if len(digits) == 1 and len(shapes[stem]) == len(str(digits[0])) > 1:
            digits = [int(one) for one in str(digits[0])]
        place = tuple(one - first for one in digits)
        if len(place) == len(shapes[stem]) and all(0 <= one < size for one, size in zip(place, shapes[stem], strict=True)):
            return stem, place
    return None


def index_of(name: str, known: Collection[str]) -> str:
    """The letter i of an entry s_i of an array; nothing where it is no such entry."""
    stem, _, index = normalised(name).rpartition("_") if name else ("", "", "")
    return index if len(index) == 1 and index in _INDEX and stem in known and normalised(name) not in known else ""


def _indices(found: re.Match[str]) -> str:
    written = found["braced"] or found["bare"] or found["lowered"] or ""
    return re.sub(r"[\s,]", "", written.translate(_LOWERED))


def _term_end(text: str, start: int) -> int:
    """Where the term that begins at `start` ends: at a sum, a difference, a comma or the bracket around."""
    depth = 0
    for place in range(start, len(text)):
        sign = text[place]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth < 0:
                return place
        elif depth == 0 and sign in "+-−–=≈,;":
            before = text[start:place].rstrip()
            if before and before[-1] not in "^*/·×(":
                return place
    return len(text)
