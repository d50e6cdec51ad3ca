"""New arrays like a traced one, and questions about its shape and kind, which are answered without a trace."""

from typing import Any

import numpy as np

from chalkgrad.reading.trace.lifting import traced
from chalkgrad.reading.trace.session import Trace
from chalkgrad.reading.trace.table import covers, unsaid
from chalkgrad.reading.trace.traced import Traced

Value = Any


def _like(a: Value, fill: Any, dtype: Any, shape: Any) -> Traced:
    a = traced(a)
    trace: Trace = a.session
    return Traced(
        trace, trace.constant(np.full(a.shape if shape is None else shape, fill, dtype=a.dtype if dtype is None else dtype))
    )


@covers(np.zeros_like, np.empty_like)
def zeros_like(a: Value, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None) -> Any:
    return _like(a, 0, dtype, shape)


@covers(np.ones_like)
def ones_like(a: Value, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None) -> Any:
    return _like(a, 1, dtype, shape)


@covers(np.full_like)
def full_like(a: Value, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
              device: Any = None) -> Any:  # fmt: skip
    if isinstance(fill_value, Traced):
        return np.broadcast_to(fill_value.astype(dtype or traced(a).dtype), np.shape(a) if shape is None else shape)
    return _like(a, fill_value, dtype, shape)


@covers(np.copy)
def copy(a: Value, order: str = "K", subok: bool = False) -> Any:
    a = traced(a)
    return Traced(a.session, a.node)  # gates are never overwritten, so another name for the wire is a copy


@covers(np.astype)
def astype(x: Value, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    return traced(x).astype(dtype)


@covers(np.shape)
def shape(a: Value) -> Any:
    return a.shape if isinstance(a, Traced) else traced(a).shape


@covers(np.ndim)
def ndim(a: Value) -> Any:
    return len(np.shape(a))


@covers(np.size)
def size(a: Value, axis: Any = None) -> Any:
    return int(np.prod(np.shape(a), dtype=int)) if axis is None else np.shape(a)[axis]


@covers(np.real)
def real(val: Value) -> Any:
    return val


@covers(np.imag)
def imag(val: Value) -> Any:
    return np.zeros_like(val)


@covers(np.iscomplexobj)
def iscomplexobj(x: Value) -> Any:
    return False


@covers(np.isrealobj)
def isrealobj(x: Value) -> Any:
    return True


@covers(np.result_type)
def result_type(*arrays: Any) -> Any:
    return np.result_type(*(one.dtype if isinstance(one, Traced) else one for one in arrays))


@covers(np.can_cast)
def can_cast(from_: Any, to: Any, casting: Any = "safe") -> Any:
    return np.can_cast(from_.dtype if isinstance(from_, Traced) else from_, to, casting)


@covers(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    unsaid("np.array_equal", equal_nan=equal_nan or None)
    return np.shape(a1) == np.shape(a2) and bool(np.all(np.equal(a1, a2)))


@covers(np.isclose)
def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    unsaid("np.isclose", equal_nan=equal_nan or None)
    near = np.abs(np.subtract(a, b)) <= atol + rtol * np.abs(b)
    return np.logical_or(np.logical_and(near, np.isfinite(b)), np.equal(a, b))


@covers(np.allclose)
def allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    return bool(np.all(np.isclose(a, b, rtol, atol, equal_nan)))
