"""Data types of the standard, what can become what, and constants."""

from typing import Any, NamedTuple

import numpy as np
from numpy import (
    bool,
    complex64,
    complex128,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)

from chalkgrad.reading.trace.array_api.creation import made, on_cpu
from chalkgrad.reading.trace.traced import Traced

Array = Any
e, inf, nan, pi, newaxis = np.e, np.inf, np.nan, np.pi, None

__all__ = [
    "astype", "bool", "can_cast", "complex64", "complex128", "e", "finfo", "float32", "float64", "iinfo", "inf", "int8", "int16",
    "int32", "int64", "isdtype", "nan", "newaxis", "pi", "result_type", "uint8", "uint16", "uint32", "uint64",
]  # fmt: skip


class FloatInfo(NamedTuple):
    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype[Any]


class IntegerInfo(NamedTuple):
    bits: int
    max: int
    min: int
    dtype: np.dtype[Any]


def _kind(thing: Any) -> Any:
    return getattr(thing, "dtype", thing) if isinstance(thing, Traced | np.ndarray | np.generic) else thing


def finfo(type: Any, /) -> FloatInfo:
    found = np.finfo(_kind(type))
    return FloatInfo(
        int(found.bits), float(found.eps), float(found.max), float(found.min), float(found.smallest_normal), found.dtype
    )


def iinfo(type: Any, /) -> IntegerInfo:
    found = np.iinfo(_kind(type))
    return IntegerInfo(found.bits, found.max, found.min, np.dtype(found.dtype))


def astype(x: Array, dtype: Any, /, *, copy: Any = True, device: Any = None) -> Array:
    on_cpu(device)
    if isinstance(x, Traced):
        return x.astype(dtype) if x.dtype != np.dtype(dtype) else np.copy(x) if copy else x
    return made(np.asarray(x).astype(dtype, copy=copy))


def can_cast(from_: Any, to: Any, /) -> Any:
    return np.can_cast(_kind(from_), to)


def isdtype(dtype: Any, kind: Any) -> Any:
    return np.isdtype(dtype, kind)


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    return np.result_type(*map(_kind, arrays_and_dtypes))
