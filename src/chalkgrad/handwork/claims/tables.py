"""Tables: a row says an equality, by its own signs or by what stands at the head of its columns.

>>> header, row = ["wire", "value", "gradient"], ["V", "6", "-24"]
>>> sentences(header, row, "f")
['V = 6', 'df/dV = -24']
>>> sentences(["x", "y", "df/dx"], ["2", "3", "6"], "f")
['x = 2', 'y = 3', 'df/dx = 6']
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from chalkgrad.handwork.claims.paper import Line

_NAMES = frozenset("wire name variable var node quantity symbol input gate intermediate leaf term".split())
_FORMULAS = frozenset("formula definition expression is rule".split())
_VALUES = frozenset("value values forward number result val".split())
_SLOPES = frozenset("gradient grad gradients derivative backward slope upstream".split())
_SEPARATOR = re.compile(r"[\s|:+-]*-[\s|:+-]*")
_PATTERN_OF_SLOPE = re.compile(r"[d∂δ]\s*(?P<of>\w+)\s*/\s*[d∂δ]\s*(?:[·.…_?*]|\(\s*[·.…]?\s*\)|wire|node|var)?\s*")
_NUMBER = re.compile(r"\s*[-−+]?[\d.]+(?:[eE/][-−+]?\d+)?\s*")
_NAME = re.compile(r"\s*\\?[^\W\d]\w*(?:_\{\w+\})?['′]?\s*")


def without_tables(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, with the rows of tables as sentences divided by semicolons."""
    header: list[str] = []
    above: list[str] = []
    for line in lines:
        if not line.cells:
            if _SEPARATOR.fullmatch(line.text) and line.text.strip():
                continue
            header, above = [], []
            yield line
            continue
        if _SEPARATOR.fullmatch(line.text):
            header = above
            continue
        cells = _cells(line.text)
        if above or header or not _is_header(cells):
            yield replace(line, text=" ; ".join(sentences(header, cells, "")), cells=())
        elif any("=" in cell for cell in cells):
            yield replace(line, text=" ; ".join(cells), cells=())
        above = cells


def sentences(header: Sequence[str], row: Sequence[str], output: str) -> list[str]:
    """What a row says, as equalities. `output` is the name of the result, where a column is headed `gradient`."""
    if any("=" in cell for cell in row):
        return list(row)
    if len(header) == len(row) > 1:
        kinds = [_kind(cell) for cell in header]
        if kinds[0] == "name" or (_NAME.fullmatch(row[0]) and {"value", "slope", "formula"} & set(kinds[1:])):
            return _by_columns(header, row, kinds, output)
        if all(_NUMBER.fullmatch(cell) or not cell.strip() for cell in row):
            return [f"{name} = {cell}" for name, cell in zip(header, row, strict=True) if cell.strip()]
    if len(row) == 2 and not _NUMBER.fullmatch(row[0]):
        return [f"{row[0]} = {row[1]}"]
    return list(row)


def _by_columns(header: Sequence[str], row: Sequence[str], kinds: Sequence[str], output: str) -> list[str]:
    name = row[0].strip()
    value = [cell for kind, cell in zip(kinds[1:], row[1:], strict=True) if kind in ("formula", "value") and cell.strip(" -–—")]
    said = [" = ".join([name, *value])] if value else []
    for title, kind, cell in zip(header[1:], kinds[1:], row[1:], strict=True):
        if kind == "slope" and cell.strip(" -–—"):
            found = _PATTERN_OF_SLOPE.fullmatch(title.strip())
            of = found["of"] if found else output
            said.append(f"d{of}/d{name} = {cell}" if of else f"grad_{name} = {cell}")
    return said


def _kind(title: str) -> str:
    words = re.findall(r"\w+", title.casefold())
    if _PATTERN_OF_SLOPE.fullmatch(title.strip()):
        return "slope"
    if "local" in words:
        return "other"
    for kind, known in (("slope", _SLOPES), ("value", _VALUES), ("formula", _FORMULAS), ("name", _NAMES)):
        if known & set(words):
            return kind
    return "other"


def _is_header(cells: Sequence[str]) -> bool:
    return not any(_NUMBER.fullmatch(cell) for cell in cells)


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", text.strip().strip("|"))]
