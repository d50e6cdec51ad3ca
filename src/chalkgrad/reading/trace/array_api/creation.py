"""Creation functions of the standard. While a trace is under way they give traced constants, else arrays of NumPy."""

from typing import Any

import numpy as np

from chalkgrad.reading.trace.lifting import joined
from chalkgrad.reading.trace.session import current
from chalkgrad.reading.trace.traced import Traced

Array = Any

__all__ = [
    "arange", "asarray", "empty", "empty_like", "eye", "from_dlpack", "full", "full_like", "linspace", "meshgrid", "ones",
    "ones_like", "tril", "triu", "zeros", "zeros_like",
]  # fmt: skip


def on_cpu(device: Any) -> None:
    if device not in (None, "cpu"):
        raise ValueError(f"Arrays are on the device 'cpu', not on {device!r}.")


def made(array: Any) -> Array:
    """The array, as a constant of the trace under way: code that asks for the namespace of its arrays finds one for all."""
    trace = current()
    if trace is None or isinstance(array, Traced):
        return array
    held = joined(array)
    return held if isinstance(held, Traced) else Traced(trace, trace.constant(held))


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Array:
    on_cpu(device)
    if not isinstance(obj, Traced):
        array = np.asarray(obj) if current() is not None else np.asarray(obj, dtype=dtype, copy=copy)
        obj = made(array.astype(dtype, copy=False) if dtype is not None and array.dtype != object else array)
        if not isinstance(obj, Traced):
            return obj
    if dtype is not None and obj.dtype != np.dtype(dtype):
        if copy is False:
            raise ValueError(f"An array of {obj.dtype} becomes one of {np.dtype(dtype)} only by a copy.")
        return obj.astype(dtype)
    return np.copy(obj) if copy else obj


def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Array:
    on_cpu(device)
    first, last, stride = (one.__index__() if isinstance(one, Traced) else one for one in (start, stop, step))
    return made(np.arange(0 if last is None else first, first if last is None else last, stride, dtype=dtype))


def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Array:
    on_cpu(device)
    return made(np.zeros(shape, dtype=dtype))  # what stands in an empty array must not differ from run to run


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Array:
    on_cpu(device)
    return made(np.zeros(shape, dtype=dtype))


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Array:
    on_cpu(device)
    return made(np.ones(shape, dtype=dtype))


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Array:
    on_cpu(device)
    if isinstance(fill_value, Traced):
        return np.broadcast_to(fill_value if dtype is None else fill_value.astype(dtype), shape)
    return made(np.full(shape, fill_value, dtype=dtype))


def empty_like(x: Array, /, *, dtype: Any = None, device: Any = None) -> Array:
    on_cpu(device)
    return made(np.zeros_like(x, dtype=dtype))


def zeros_like(x: Array, /, *, dtype: Any = None, device: Any = None) -> Array:
    on_cpu(device)
    return made(np.zeros_like(x, dtype=dtype))


def ones_like(x: Array, /, *, dtype: Any = None, device: Any = None) -> Array:
    on_cpu(device)
    return made(np.ones_like(x, dtype=dtype))


def full_like(x: Array, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Array:
    return full(x.shape, fill_value, dtype=x.dtype if dtype is None else dtype, device=device)


def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Array:
    on_cpu(device)
    return made(np.eye(n_rows, n_cols, k=k, dtype=np.float64 if dtype is None else dtype))


def linspace(start: Any, stop: Any, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True) -> Array:
    on_cpu(device)
    return made(np.linspace(start, stop, num, dtype=dtype, endpoint=endpoint))


def meshgrid(*arrays: Array, indexing: str = "xy") -> tuple[Array, ...]:
    return tuple(np.meshgrid(*arrays, indexing=indexing))  # type: ignore[call-overload]


def tril(x: Array, /, *, k: int = 0) -> Array:
    return np.tril(x, k=k)


def triu(x: Array, /, *, k: int = 0) -> Array:
    return np.triu(x, k=k)


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Array:
    return made(np.from_dlpack(x, device=device, copy=copy))
