"""Where a function reads what is not its own, place by place, so that machine code can look there: see `native.loops.whole`.

>>> def scaled(x):
...     return MOST * x
>>> MOST = 3.0
>>> scaled.__globals__["MOST"] = MOST
>>> [(one.kind, one.key, one.held) for one in of_function(scaled, ["MOST"], []) if one.kind == "entry"]
[('entry', 'MOST', 3.0)]
"""

from collections.abc import Sequence
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

KINDS = ("entry", "cell", "code", "defaults", "keywords")  # of a dict; what a cell holds; a function's own
NOTHING = object()  # where nothing is


class Place(NamedTuple):
    """One place: what kind, of which object, under which key, and what it held."""

    kind: str
    owner: Any
    key: Any
    held: Any


def of_function(function: FunctionType, read: Sequence[str], attributes: Sequence[str]) -> list[Place]:
    """All places that a function reads: the globals `read`, and `attributes` of those that are modules. An empty cell raises."""
    space, keywords = function.__globals__, function.__kwdefaults__
    spaces = [(space, read), *((vars(one), attributes) for one in map(space.get, read) if isinstance(one, ModuleType))]
    own = (("code", function.__code__), ("defaults", function.__defaults__), ("keywords", keywords))
    return [
        *(Place(kind, function, None, NOTHING if held is None else held) for kind, held in own),
        *(Place("entry", keywords, name, held) for name, held in (keywords or {}).items()),
        *(Place("cell", cell, None, cell.cell_contents) for cell in function.__closure__ or ()),
        *(Place("entry", one, name, one.get(name, NOTHING)) for one, names in spaces for name in names),
    ]
