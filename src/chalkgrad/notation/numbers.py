"""A value as a person writes it: so many significant digits, a true minus sign, long arrays summarised.

>>> show(-24.0), show(2 / 3, digits=3), show(1.5e-9)
('−24', '0.667', '1.5·10⁻⁹')
>>> show(6.02e23, style="latex")
'6.02 \\\\cdot 10^{23}'
"""

import math
from typing import Any, Literal

import numpy as np

Style = Literal["text", "latex"]

DIGITS = 6
SHORTEST = 17  # from here on, the shortest digits that read back as the same float; below, the exact value rounded once
MINUS = "−"
MOST_ENTRIES = 6  # entries of an array shown along one axis; the rest is an ellipsis
EDGE = 2  # entries shown on either side of that ellipsis
MOST_IN_LINE = 12  # entries of a matrix that text shows in full; of a larger one, its corners
SUMMARY_DIGITS = 4
PLAIN_ABOVE, PLAIN_BELOW = 1e-4, 1e16  # outside, powers of ten are used
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def show(value: Any, digits: int = DIGITS, style: Style = "text") -> str:
    """A number or an array, for reading; `exact` tells whether the digits shown are all of it."""
    array = np.asarray(value)
    if array.ndim == 0:
        return _number(array[()], digits, style)
    return _array(array, digits, style)


def summary(value: Any) -> str:
    """What can be said of an array that `show` does not give in full: its shape, its range and its norm; else nothing."""
    array = np.asarray(value)
    if not _abridged(array) or not array.size:
        return ""
    shape = "×".join(map(str, array.shape)) if array.ndim > 1 else f"{array.size} entries"
    if array.dtype.kind == "b":
        return f"{shape}, {int(array.sum())} of them true" if array.ndim == 1 else f"{shape}, {int(array.sum())} entries true"
    finite = np.isfinite(array)
    if not finite.all():
        return f"{shape}, {array.size - int(finite.sum())} of {array.size} not finite"
    low, high = (show(one, SUMMARY_DIGITS) for one in (array.min(), array.max()))
    with np.errstate(all="ignore"):
        size = "" if array.dtype.kind in "iu" else f", norm {show(np.linalg.norm(array.ravel()), SUMMARY_DIGITS)}"
    return f"{shape}, all {low}" if low == high else f"{shape}, from {low} to {high}{size}"


def exact(value: Any, digits: int = DIGITS) -> bool:
    """Whether `show` gives the value in full."""
    array = np.asarray(value)
    if array.ndim == 0:
        return _is_exact(array[()], digits)
    if array.size > MOST_ENTRIES**2:
        return False
    return all(_is_exact(one, digits) for one in array.flat) and max(array.shape) <= MOST_ENTRIES


def source(value: float) -> str:
    """A number as formula text that reads back as the same float."""
    if value.is_integer() and abs(value) < PLAIN_BELOW:
        return str(int(value))
    return repr(float(value))


def nested(value: Any) -> Any:
    """A value as JSON holds it: numbers and nested lists, with inf and nan as strings."""
    if isinstance(value, np.ndarray) and value.ndim:
        return [nested(one) for one in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _is_exact(value: Any, digits: int) -> bool:
    if isinstance(value, bool | np.bool_) or not math.isfinite(value):
        return True
    number = float(value)
    return _whole(number) or float(f"{number:.{digits}g}") == number


def _whole(value: float) -> bool:
    return value.is_integer() and abs(value) < PLAIN_BELOW


def _number(value: Any, digits: int, style: Style) -> str:
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    number = float(value)
    if math.isnan(number):
        return "nan" if style == "text" else r"\text{nan}"
    sign = "" if number > 0 or number == 0 else (MINUS if style == "text" else "-")
    size = abs(number)
    if math.isinf(size):
        return sign + ("∞" if style == "text" else r"\infty")
    if _whole(size) and (size < 10.0**digits or size < 1e6):
        return sign + str(int(size))
    mantissa, _, power = np.format_float_scientific(size, precision=digits - 1, unique=digits >= SHORTEST, trim="-").partition("e")
    mantissa = mantissa.rstrip(".")  # NumPy leaves the point of a rounded digit
    exponent = str(int(power))
    if PLAIN_ABOVE <= size < 10.0 ** max(digits, 6):
        return sign + np.format_float_positional(float(f"{mantissa}e{power}"), trim="-")
    if style == "text":
        tens = "10" + exponent.translate(SUPERSCRIPTS)
        return sign + (tens if mantissa == "1" else f"{mantissa}·{tens}")
    tens = f"10^{{{exponent}}}"
    return sign + (tens if mantissa == "1" else rf"{mantissa} \cdot {tens}")


def _abridged(array: np.ndarray) -> bool:
    """Whether `show` leaves entries out."""
    return array.ndim > 0 and (max(array.shape) > MOST_ENTRIES or (array.ndim > 1 and array.size > MOST_IN_LINE))


def _array(array: np.ndarray, digits: int, style: Style) -> str:
    if style == "text" and array.ndim > 1 and array.size > MOST_IN_LINE:
        return _corners(array, digits)
    if array.ndim == 1 or style == "text":
        left, right, comma, dots = ("[", "]", ", ", "…") if style == "text" else (r"\left[", r"\right]", r",\ ", r"\ldots")
        return left + comma.join(_entries(array, digits, style, dots)) + right
    if array.ndim > 2:
        return r"\text{array }" + r" \times ".join(map(str, array.shape))
    rows = [
        " & ".join(_entries(row, digits, style, r"\cdots")) if isinstance(row, np.ndarray) else row for row in _shortened(array)
    ]
    return r"\begin{bmatrix} " + r" \\ ".join(r"\vdots" if row is None else row for row in rows) + r" \end{bmatrix}"


def _corners(array: np.ndarray, digits: int) -> str:
    ends = list(array) if len(array) <= EDGE + 1 else [array[0], None, array[-1]]
    shown = ("…" if one is None else _corners(one, digits) if np.ndim(one) else _number(one, digits, "text") for one in ends)
    return f"[{', '.join(shown)}]"


def _entries(array: np.ndarray, digits: int, style: Style, dots: str) -> list[str]:
    return [dots if one is None else show(one, digits, style) for one in _shortened(array)]


def _shortened(array: np.ndarray) -> list[Any]:
    """The entries along the first axis; in place of too many, None stands for those left out."""
    if len(array) <= MOST_ENTRIES:
        return list(array)
    return [*array[:EDGE], None, *array[-EDGE:]]
