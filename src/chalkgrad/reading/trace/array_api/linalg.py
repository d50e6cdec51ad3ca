"""Linear algebra of the standard: matmul and its relatives, and the extension `linalg`.

>>> import numpy as np
>>> from chalkgrad import array_api as xp
>>> float(xp.linalg.det(xp.asarray([[2.0, 1.0], [1.0, 2.0]])).round(12))
3.0
"""

from typing import Any

import numpy as np

Array = Any

IN_MAIN = ["matmul", "matrix_transpose", "tensordot", "vecdot"]
__all__ = [
    "cholesky", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power",
    "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot", "trace", "vecdot",
    "vector_norm",
]  # fmt: skip


def matmul(x1: Array, x2: Array, /) -> Array:
    return np.matmul(x1, x2)


def matrix_transpose(x: Array, /) -> Array:
    return np.matrix_transpose(x)


def tensordot(x1: Array, x2: Array, /, *, axes: Any = 2) -> Array:
    return np.tensordot(x1, x2, axes=axes)


def vecdot(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    return np.linalg.vecdot(x1, x2, axis=axis)  # type: ignore[call-overload]


def cholesky(x: Array, /, *, upper: bool = False) -> Array:
    return np.linalg.cholesky(x, upper=upper)


def cross(x1: Array, x2: Array, /, *, axis: int = -1) -> Array:
    return np.linalg.cross(x1, x2, axis=axis)


def det(x: Array, /) -> Array:
    return np.linalg.det(x)


def diagonal(x: Array, /, *, offset: int = 0) -> Array:
    return np.linalg.diagonal(x, offset=offset)


def eig(x: Array, /) -> Any:
    return np.linalg.eig(x)


def eigvals(x: Array, /) -> Array:
    return np.linalg.eigvals(x)


def eigh(x: Array, /) -> Any:
    return np.linalg.eigh(x)


def eigvalsh(x: Array, /) -> Array:
    return np.linalg.eigvalsh(x)


def inv(x: Array, /) -> Array:
    return np.linalg.inv(x)


def matrix_norm(x: Array, /, *, keepdims: bool = False, ord: Any = "fro") -> Array:
    return np.linalg.matrix_norm(x, keepdims=keepdims, ord=ord)


def matrix_power(x: Array, n: int, /) -> Array:
    return np.linalg.matrix_power(x, n)


def matrix_rank(x: Array, /, *, rtol: Any = None) -> Array:
    return np.linalg.matrix_rank(x, rtol=rtol)


def outer(x1: Array, x2: Array, /) -> Array:
    return np.linalg.outer(x1, x2)


def pinv(x: Array, /, *, rtol: Any = None) -> Array:
    return np.linalg.pinv(x) if rtol is None else np.linalg.pinv(x, rtol=rtol)


def qr(x: Array, /, *, mode: Any = "reduced") -> Any:
    return np.linalg.qr(x, mode=mode)


def slogdet(x: Array, /) -> Any:
    return np.linalg.slogdet(x)


def solve(x1: Array, x2: Array, /) -> Array:
    return np.linalg.solve(x1, x2)


def svd(x: Array, /, *, full_matrices: bool = True) -> Any:
    return np.linalg.svd(x, full_matrices=full_matrices)


def svdvals(x: Array, /) -> Array:
    return np.linalg.svdvals(x)


def trace(x: Array, /, *, offset: int = 0, dtype: Any = None) -> Array:
    return np.sum(np.linalg.diagonal(x, offset=offset), axis=-1, dtype=dtype)


def vector_norm(x: Array, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Array:
    return np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
