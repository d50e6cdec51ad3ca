"""Indices: what stands in the square brackets directly after a name, as in `s[0]`, `A[:, 1]` or `s[-3:]`.

They count from zero and are plain whole numbers, so they can be read off the tokens.

    >>> from chalkgrad.reading.formula.scanning import scan
    >>> read_index(scan("0, 1:, ..."), 0, 6)
    (0, slice(1, None, None), Ellipsis)
"""

from types import EllipsisType

from chalkgrad.reading.formula.tokens import Tokens

Entry = int | slice | EllipsisType | None
_MOST_DIGITS = 18
_PARTS = frozenset(["NUM", "MINUS", "COLON"])


def read_index(tokens: Tokens, first: int, last: int) -> tuple[Entry, ...] | None:
    """The index that the tokens are; None where they are something else."""
    entries: list[Entry] = []
    place = first
    while place <= last:
        stop = place
        while stop < last and tokens.kinds[stop] != "COMMA":
            if tokens.kinds[stop] not in _PARTS and tokens.text(stop) not in ("...", "…", "none", r"\dots", r"\ldots"):
                return None
            stop += 1
        if stop == place:
            # Only a last comma may be followed by nothing.
            if place == first or stop < last:
                return None
            break
        kinds = tokens.kinds[place:stop]
        if kinds == ["DOTS"]:
            entries.append(Ellipsis)
        elif stop - place == 1 and tokens.text(place) == "none":
            entries.append(None)
        elif "COLON" in kinds:
            parts = _split(tokens, place, stop)
            if parts is None:
                return None
            entries.append(slice(*parts))
        else:
            whole = _whole(tokens, place, stop)
            if whole is None:
                return None
            entries.append(whole)
        place = stop + 1
    return tuple(entries)


def _split(tokens: Tokens, first: int, last: int) -> list[int | None] | None:
    """The two or three numbers of a slice 1:3, each of which may be missing."""
    colons = [index for index in range(first, last) if tokens.kinds[index] == "COLON"]
    if len(colons) > 2:
        return None
    parts: list[int | None] = []
    for start, stop in zip([first, *(colon + 1 for colon in colons)], [*colons, last], strict=True):
        part = _whole(tokens, start, stop) if stop > start else None
        if stop > start and part is None:
            return None
        parts.append(part)
    return None if parts[2:] == [0] else parts


def _whole(tokens: Tokens, first: int, last: int) -> int | None:
    negative = tokens.kinds[first] == "MINUS"
    if last - first != 1 + negative or tokens.kinds[last - 1] != "NUM":
        return None
    text = tokens.text(last - 1)
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        return None
    return -int(text) if negative else int(text)
