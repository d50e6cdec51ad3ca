"""Values that inputs may have: numbers, and arrays of numbers as nested lists or NumPy arrays; everything else is refused.

>>> number("w", [[1, 2], [3, 4]]).shape
(2, 2)
>>> number("w", "3")
Traceback (most recent call last):
chalkgrad.errors.GivenError: The value of w is a text, not a number.
...
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError, TooLargeError, quote
from chalkgrad.graph.graph import LARGEST_RANK
from chalkgrad.graph.shapes import show
from chalkgrad.reading.formula.names import LONGEST_NAME, WHOLE_NAME, normalised
from chalkgrad.reading.masked import is_masked_array

_KINDS = {bool: "a truth value", str: "a text", bytes: "a text", complex: "a complex number", type(None): "nothing (None)",
          dict: "a dictionary", set: "a set"}  # fmt: skip
MOST_ENTRIES = 100_000_000
_ARRAYS = {"b": "truth values", "c": "complex numbers", "U": "texts", "S": "texts", "O": "Python objects", "M": "dates"}
_NUMBERS = "A value is a number, a list of numbers, or a NumPy array of them."


def number(name: str, value: Any) -> Any:
    """`value` as float64: an np.float64, or an array of its own. Raises GivenError where it is no such thing."""
    if isinstance(value, list | tuple):
        result = np.asarray(_flat(name, value), dtype=np.float64).reshape(_shape(name, value))
    elif isinstance(value, np.ndarray | np.generic) or (hasattr(value, "__array__") and not isinstance(value, Real)):
        result = _from_array(name, value)
    else:
        return np.float64(_real(name, value))
    if result.size == 0:
        raise GivenError(f"The value of {name} has no entries: its shape is {show(result.shape)}.", hint=_NUMBERS)
    if result.ndim > LARGEST_RANK:
        raise _too_deep(name)
    return result[()] if result.ndim == 0 else result


def given_names(values: Mapping[Any, Any]) -> dict[str, str]:
    """The names in `values` by their one spelling. Raises GivenError for what is no name, or two spellings of one."""
    spelled: dict[str, str] = {}
    for name in values:
        if not isinstance(name, str) or len(name) > LONGEST_NAME or not WHOLE_NAME.fullmatch(name):
            hint = "A name is a letter or a word, with digits or a subscript behind it: x, w0, x_max, α."
            shown = quote(name) if isinstance(name, str) else f"A value of the type {type(name).__name__}"
            raise GivenError(f"{shown} is not a name.", hint=hint)
        other = spelled.setdefault(normalised(name), name)
        if other != name:
            raise GivenError(f"{quote(other)} and {quote(name)} are one name, and both have a value.", hint="Give one of them.")
    return spelled


def _real(name: str, value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real | Decimal):
        kind = next((kind for type_, kind in _KINDS.items() if isinstance(value, type_)), f"of the type {type(value).__name__}")
        hint = _NUMBERS
        if isinstance(value, str):
            hint = "Leave out the quotation marks. " + _NUMBERS
        elif isinstance(value, bool):
            hint = "Write 1 or 0. " + _NUMBERS
        raise GivenError(f"The value of {name} is {kind}, not a number.", hint=hint)
    try:
        result = float(value)
    except (OverflowError, ValueError):
        result = math.nan if isinstance(value, Decimal) and value.is_nan() else math.inf
    if math.isinf(result) and not (isinstance(value, float | Decimal | np.floating) and value in (math.inf, -math.inf)):
        raise _too_large(name)
    return result


def _from_array(name: str, value: Any) -> Any:
    if is_masked_array(value) and np.ma.is_masked(value):
        raise GivenError(f"The value of {name} has masked entries, which hold no numbers.", hint="Fill them: value.filled(0.0).")
    try:
        array = np.asarray(value)
    except Exception as error:
        raise GivenError(f"The value of {name} cannot be read as an array: {quote(str(error))}.", hint=_NUMBERS) from None
    if array.dtype.kind not in "iuf":
        kind = _ARRAYS.get(array.dtype.kind, str(array.dtype))
        hint = "For 1 and 0, convert it: value.astype(float)." if array.dtype.kind == "b" else _NUMBERS
        raise GivenError(f"The value of {name} is an array of {kind}, not of numbers.", hint=hint)
    with np.errstate(all="ignore"):
        result = np.array(array, dtype=np.float64)
    if array.dtype.itemsize > result.dtype.itemsize and np.any(np.isinf(result) & ~np.isinf(array)):
        raise _too_large(name)
    return result


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _shape(name: str, value: Any) -> tuple[int, ...]:
    """The shape that the first entries of a nested list show."""
    shape: list[int] = []
    while _is_list(value):
        shape.append(len(value))
        if len(shape) > LARGEST_RANK:
            raise _too_deep(name)
        value = value[0] if len(value) else None
    return tuple(shape)


def _flat(name: str, value: Any) -> list[Any]:
    """The numbers of a nested list in order, after making sure that it is as deep and wide everywhere as at its start."""
    shape = _shape(name, value)
    if math.prod(shape) > MOST_ENTRIES:
        raise TooLargeError(f"The value of {name} has {math.prod(shape):,} entries; lists may have {MOST_ENTRIES:,}.",
                            hint="Give a NumPy array.")  # fmt: skip
    level: list[Any] = [value]
    for depth, size in enumerate(shape):
        entries: list[Any] = []
        for part in level:
            if not _is_list(part) or len(part) != size:
                raise _ragged(name, depth, size, part)
            entries.extend(part)
        level = entries
    for part in level:
        if _is_list(part):
            raise _ragged(name, len(shape), 0, part)
    return [part if type(part) is float else _real(name, part) for part in level]


def _ragged(name: str, depth: int, size: int, part: Any) -> GivenError:
    other = f"a list of {len(part)}" if _is_list(part) else "a number"
    first = f"a list of {size}" if size else "a number"
    return GivenError(f"The lists in the value of {name} do not make an array: beside {first} stands {other}.",
                      hint="All rows of a matrix are equally long: [[1, 2], [3, 4]].")  # fmt: skip


def _too_large(name: str) -> GivenError:
    return GivenError(f"The value of {name} is larger than any float64.", hint="Numbers go up to about 1.8e308.")


def _too_deep(name: str) -> TooLargeError:
    return TooLargeError(f"The value of {name} has more than {LARGEST_RANK} axes.", hint=_NUMBERS)
