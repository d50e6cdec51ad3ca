"""Products of arrays: dot, inner, outer, tensordot, einsum, kron, trace, cross, convolve, polyval."""

from collections import Counter
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import apply, traced
from chalkgrad.reading.trace.table import covers, unsaid
from chalkgrad.reading.trace.traced import Traced

Value = Any
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@covers(np.dot)
def dot(a: Value, b: Value, out: Any = None) -> Any:
    unsaid("np.dot", out=out)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    if np.ndim(b) <= 2:
        return np.matmul(a, b) if np.ndim(a) <= 2 or np.ndim(b) == 1 else np.tensordot(a, b, axes=(-1, 0))
    return np.tensordot(a, b, axes=(-1, -2))


@covers(np.vdot)
def vdot(a: Value, b: Value, /) -> Any:
    return np.matmul(np.ravel(a), np.ravel(b))


@covers(np.linalg.vecdot, np.vecdot)
def vecdot(x1: Value, x2: Value, /, *, axis: int = -1, **settings: Any) -> Any:
    unsaid("np.vecdot", **settings)
    return np.sum(np.multiply(x1, x2), axis=axis)


@covers(np.linalg.matmul)
def linalg_matmul(x1: Value, x2: Value, /) -> Any:
    return np.matmul(x1, x2)


@covers(np.inner)
def inner(a: Value, b: Value, /) -> Any:
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.tensordot(a, b, axes=(-1, -1))


@covers(np.outer, np.linalg.outer)
def outer(a: Value, b: Value, out: Any = None) -> Any:
    unsaid("np.outer", out=out)
    return np.multiply(np.reshape(a, (-1, 1)), np.reshape(b, (1, -1)))


@covers(np.tensordot, np.linalg.tensordot)
def tensordot(a: Value, b: Value, axes: Any = 2) -> Any:  # the parameter has NumPy's name
    rank, other = np.ndim(a), np.ndim(b)
    if isinstance(axes, int | np.integer):
        left, right = list(range(rank - int(axes), rank)), list(range(int(axes)))
    else:
        left, right = (list(one) if isinstance(one, tuple | list | np.ndarray) else [one] for one in axes)
    pairs = dict(zip([one % other for one in right], [one % rank for one in left], strict=True))
    first = ALPHABET[:rank]
    second = "".join(first[pairs[place]] if place in pairs else ALPHABET[rank + place] for place in range(other))
    result = "".join(one for one in first if one not in second) + "".join(one for one in second if one not in first)
    return np.einsum(f"{first},{second}->{result}", a, b)


@covers(np.kron)
def kron(a: Value, b: Value) -> Any:
    rank = max(np.ndim(a), np.ndim(b))
    first = (1,) * (rank - np.ndim(a)) + np.shape(a)
    second = (1,) * (rank - np.ndim(b)) + np.shape(b)
    left = np.reshape(a, tuple(size for one in first for size in (one, 1)))
    right = np.reshape(b, tuple(size for one in second for size in (1, one)))
    return np.reshape(left * right, tuple(one * two for one, two in zip(first, second, strict=True)))


@covers(np.trace)
def trace(a: Value, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    unsaid("np.trace", out=out, dtype=dtype)
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


@covers(np.linalg.trace)
def linalg_trace(x: Value, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """The array standard's: of the last two axes, where np.trace takes the first two."""
    return np.trace(x, offset=offset, axis1=-2, axis2=-1, dtype=dtype)


@covers(np.cross)
def cross(a: Value, b: Value, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    x, y = np.moveaxis(traced(a), axisa, -1), np.moveaxis(traced(b), axisb, -1)
    if x.shape[-1] != 3 or y.shape[-1] != 3:
        raise refusal("A cross product takes vectors of three entries.")
    parts = [x[..., i] * y[..., j] - x[..., j] * y[..., i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return np.stack(parts, axis=axisc)


@covers(np.convolve)
def convolve(a: Value, v: Value, mode: str = "full") -> Any:
    a, v = traced(a), traced(v)
    if v.size > a.size:
        a, v = v, a
    places = np.arange(a.size + v.size - 1)[:, None] - np.arange(v.size)
    inside = (places >= 0) & (places < a.size)
    full = np.matmul(np.where(inside, a[np.clip(places, 0, a.size - 1)], 0.0), v)
    if mode == "full":
        return full
    if mode == "valid":
        return full[v.size - 1 : a.size]
    start = (v.size - 1) // 2
    return full[start : start + a.size]


@covers(np.correlate)
def correlate(a: Value, v: Value, mode: str = "valid") -> Any:
    if np.size(v) > np.size(a):
        return np.flip(np.convolve(np.flip(a), v, mode=mode))  # type: ignore[call-overload]
    return np.convolve(a, np.flip(v), mode=mode)  # type: ignore[call-overload]


@covers(np.polyval)
def polyval(p: Value, x: Value) -> Any:
    total: Any = 0.0
    for coefficient in p:
        total = total * x + coefficient
    return total


@covers(np.vander)
def vander(x: Value, N: Any = None, increasing: bool = False) -> Any:
    size = np.shape(x)[0] if N is None else int(N)
    powers = [np.ones(np.shape(x)), *(traced(x) ** exponent for exponent in range(1, size))]
    return np.stack(powers[:size] if increasing else powers[:size][::-1], axis=-1)


@covers(np.linalg.matrix_power)
def matrix_power(a: Value, n: int) -> Any:
    if n < 0:
        return np.linalg.matrix_power(np.linalg.inv(a), -n)
    result: Any = None
    while n:
        result = (a if result is None else result @ a) if n % 2 else result
        n, a = n // 2, a @ a if n > 1 else a
    return np.broadcast_to(np.eye(np.shape(a)[-1], dtype=traced(a).dtype), np.shape(a)) if result is None else result


@covers(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    unsaid("np.linalg.multi_dot", out=out)
    result = arrays[0]
    for one in arrays[1:]:
        result = result @ one
    return result


@covers(np.cov)
def cov(m: Value, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, **settings: Any) -> Any:
    unsaid("np.cov", y=y, **settings)
    rows = np.atleast_2d(m) if rowvar or np.ndim(m) == 1 else np.transpose(m)
    rows = traced(rows).astype(np.float64)
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    free = float(rows.shape[1] - ((0 if bias else 1) if ddof is None else ddof))
    return np.squeeze(centred @ np.transpose(centred) / free)


# einsum ---------------------------------------------------------------------------------------------------------------------


@covers(np.einsum)
def einsum(*operands: Any, out: Any = None, optimize: Any = False, **settings: Any) -> Any:
    unsaid("np.einsum", out=out, **settings)
    if not isinstance(operands[0], str):
        raise refusal("np.einsum is traced with its axes as text.", hint="For instance np.einsum('ij,jk->ik', a, b).")
    named, result, arrays = _spelled(operands[0].replace(" ", ""), [traced(one) for one in operands[1:]])
    sizes = _sizes(named, arrays)
    plain = [_plain(place, named, result, arrays, sizes) for place in range(len(arrays))]
    missing = [one for one in result if not any(one in axes_ for axes_, _ in plain)]
    if missing:
        raise refusal(f"np.einsum: the result names the axis {missing[0]!r}, which no operand has.")
    spec = ",".join(one for one, _ in plain)
    return apply("einsum", *(array for _, array in plain), spec=f"{spec}->{result}")


def _spelled(spec: str, arrays: list[Traced]) -> tuple[list[str], str, list[Traced]]:
    """The axes of each operand and of the result, with letters for what "..." stands for."""
    text, arrow, result = spec.partition("->")
    named = text.split(",")
    if len(named) != len(arrays):
        raise refusal(f"np.einsum names {len(named)} operands and gets {len(arrays)}.")
    free = [one for one in ALPHABET if one not in spec]
    most = max(
        (one.ndim - len(axes_.replace("...", "")) for axes_, one in zip(named, arrays, strict=True) if "..." in axes_), default=0
    )
    dots = "".join(free[:most])
    whole = [
        axes_.replace("...", dots[most - (one.ndim - len(axes_.replace("...", ""))) :])
        for axes_, one in zip(named, arrays, strict=True)
    ]
    if any(len(axes_) != one.ndim for axes_, one in zip(whole, arrays, strict=True)):
        raise refusal("np.einsum: an operand has another number of axes than its letters say.")
    if not arrow:
        often = Counter(text.replace(",", "").replace("...", ""))
        result = ("..." if "..." in text else "") + "".join(sorted(one for one, count in often.items() if count == 1))
    return whole, result.replace("...", dots), arrays


def _sizes(named: list[str], arrays: list[Traced]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for axes_, array in zip(named, arrays, strict=True):
        for axis, size in zip(axes_, array.shape, strict=True):
            if sizes.get(axis, 1) not in (1, size) and size != 1:
                raise refusal(f"np.einsum meets the axis {axis} with {sizes[axis]} entries and with {size}.")
            sizes[axis] = size if sizes.get(axis, 1) == 1 else sizes[axis]
    return sizes


def _plain(place: int, named: list[str], result: str, arrays: list[Traced], sizes: dict[str, int]) -> tuple[str, Traced]:
    """One operand with each axis named once, full size, and named elsewhere too."""
    letters = named[place]
    array: Any = arrays[place]
    for axis in [one for one, count in Counter(letters).items() if count > 1]:
        while letters.count(axis) > 1:
            first, second = letters.index(axis), letters.rindex(axis)
            array = np.diagonal(array, axis1=first, axis2=second)
            letters = letters[:first] + letters[first + 1 : second] + letters[second + 1 :] + axis
    elsewhere = "".join(named[:place] + named[place + 1 :])
    for axis in letters:
        at = letters.index(axis)
        thin = array.shape[at] == 1 and sizes[axis] != 1
        if thin and axis not in elsewhere:
            array = np.broadcast_to(array, tuple(sizes[axis] if p == at else size for p, size in enumerate(array.shape)))
        if (axis not in elsewhere and axis not in result) or thin:
            array = np.sum(array, axis=axes(at, array.ndim))
            letters = letters.replace(axis, "")
    return letters, array
