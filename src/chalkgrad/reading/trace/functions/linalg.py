"""Linear algebra: solve, inv, det, slogdet, cholesky, qr, eigh, svd, and what follows from them: norms, rank, pinv, lstsq.

What a rule requires of the numbers (a symmetric matrix, full rank) it asks of the traced values, so that it stays as a guard.
"""

from typing import Any

import numpy as np

from chalkgrad.graph.shapes import axes
from chalkgrad.reading.trace.functions.reducing import plain_axis
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import apply, traced
from chalkgrad.reading.trace.table import REFUSED, covers, unsaid

Value = Any
Slogdet: Any = type(np.linalg.slogdet(np.eye(1)))
Eigh: Any = type(np.linalg.eigh(np.eye(1)))
Svd: Any = type(np.linalg.svd(np.eye(1)))
Qr: Any = type(np.linalg.qr(np.eye(1)))


@covers(np.linalg.inv)
def inv(a: Value) -> Any:
    return apply("inv", a)


@covers(np.linalg.solve)
def solve(a: Value, b: Value) -> Any:
    if np.ndim(b) == 1:
        return np.squeeze(apply("solve", a, np.expand_dims(b, -1)), axis=-1)
    return apply("solve", a, b)


@covers(np.linalg.det)
def det(a: Value) -> Any:
    return apply("det", a)


@covers(np.linalg.slogdet)
def slogdet(a: Value) -> Any:
    return Slogdet(apply("det_sign", a), apply("logabsdet", a))


@covers(np.linalg.cholesky)
def cholesky(a: Value, /, *, upper: bool = False) -> Any:
    _symmetric(a, "np.linalg.cholesky")
    factor = apply("cholesky", a)
    return np.swapaxes(traced(factor), -1, -2) if upper else factor


@covers(np.linalg.eigh)
def eigh(a: Value, UPLO: str = "L") -> Any:
    _symmetric(a, "np.linalg.eigh")
    return Eigh(apply("eigenvalues", a), apply("eigenvectors", a))


@covers(np.linalg.eigvalsh)
def eigvalsh(a: Value, UPLO: str = "L") -> Any:
    _symmetric(a, "np.linalg.eigvalsh")
    return apply("eigenvalues", a)


def _symmetric(a: Value, function: str) -> None:
    """NumPy looks at one triangle only; a matrix that is not symmetric is a mistake, and its gradient would be another."""
    a = traced(a)
    if a.ndim >= 2 and a.shape[-1] == a.shape[-2]:
        near = np.abs(a - np.swapaxes(a, -1, -2)) <= 1e-6 * np.max(np.abs(a), initial=0.0)
        if not bool(np.all(near)):
            raise refusal(f"{function} is for symmetric matrices, and this one is not.", hint="(A + A.T) / 2 is symmetric.")


def _full_rank(a: Value, function: str) -> None:
    if not bool(np.all(np.equal(np.linalg.matrix_rank(a), min(np.shape(a)[-2:])))):
        raise refusal(f"{function} is traced where the matrix has full rank; this one has not, and the slope is not defined.")


@covers(np.linalg.svdvals)
def svdvals(x: Value, /) -> Any:
    return apply("singular_values", x)


@covers(np.linalg.svd)
def svd(a: Value, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    unsaid("np.linalg.svd", hermitian=hermitian or None)
    if not compute_uv:
        return apply("singular_values", a)
    if full_matrices and np.shape(a)[-2] != np.shape(a)[-1]:
        raise refusal(
            "The singular vectors beyond the values can be any that complete the others, and have no slope.",
            hint="np.linalg.svd(A, full_matrices=False) leaves them out; compute_uv=False leaves out all vectors.",
        )
    left, right = (apply("singular_vectors", a, side=side) for side in ("left", "right"))
    return Svd(left, apply("singular_values", a), np.swapaxes(traced(right), -1, -2))


@covers(np.linalg.qr)
def qr(a: Value, mode: str = "reduced") -> Any:
    a = traced(a)
    rows, columns = np.shape(a)[-2:]
    if mode not in ("reduced", "r", "complete") or (mode == "complete" and rows > columns):
        raise refusal(
            f"np.linalg.qr is not traced with mode={mode!r}" + (" for a tall matrix." if mode == "complete" else "."),
            hint="'reduced' and 'r' are.",
        )
    _full_rank(a[..., :rows], "np.linalg.qr")
    q = apply("qr", a[..., :rows], part="q") if mode != "r" or rows < columns else None
    r: Any = apply("qr", a[..., :rows], part="r")
    if rows < columns:
        # The columns that come after the first square are only turned.
        r = np.concatenate([r, np.swapaxes(traced(q), -1, -2) @ a[..., rows:]], axis=-1)
    return r if mode == "r" else Qr(q, r)


@covers(np.linalg.matrix_rank)
def matrix_rank(A: Value, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    unsaid("np.linalg.matrix_rank", hermitian=hermitian or None)
    a = traced(A)
    if a.ndim < 2:
        return np.any(np.not_equal(a, 0)).astype(np.int64)
    values = np.linalg.svdvals(a)
    if tol is None:
        share = max(a.shape[-2:]) * np.finfo(a.dtype).eps if rtol is None else rtol
        tol = np.max(values, axis=-1, keepdims=True, initial=0.0) * np.expand_dims(share, -1)
    else:
        tol = np.expand_dims(tol, -1)
    return np.sum(np.greater(values, tol), axis=-1)


@covers(np.linalg.cond)
def cond(x: Value, p: Any = None) -> Any:
    if p in (None, 2, -2):
        values = np.linalg.svdvals(x)
        return values[..., -1] / values[..., 0] if p == -2 else values[..., 0] / values[..., -1]
    return np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, axis=(-2, -1))


@covers(np.linalg.pinv)
def pinv(a: Value, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """Of a matrix whose columns, or whose rows, are independent."""
    unsaid("np.linalg.pinv", rcond=rcond, hermitian=hermitian or None, rtol=rtol)
    a = traced(a)
    _full_rank(a, "np.linalg.pinv")
    return np.swapaxes(_left_inverse(np.swapaxes(a, -1, -2)), -1, -2) if a.shape[-2] < a.shape[-1] else _left_inverse(a)


def _left_inverse(a: Value) -> Any:
    """By QR, since AᵀA would have twice as many digits to lose."""
    q, r = np.linalg.qr(a)
    return np.linalg.solve(r, np.swapaxes(q, -1, -2))


@covers(np.linalg.lstsq)
def lstsq(a: Value, b: Value, rcond: Any = None) -> Any:
    unsaid("np.linalg.lstsq", rcond=rcond)
    a = traced(a)
    _full_rank(a, "np.linalg.lstsq")
    rows, columns = a.shape
    right = traced(b) if np.ndim(b) == 2 else np.expand_dims(b, -1)
    if rows >= columns:
        q, r = np.linalg.qr(a)
        x = np.linalg.solve(r, q.T @ right)
    else:
        q, r = np.linalg.qr(a.T)
        x = q @ np.linalg.solve(r.T, right)
    left = np.sum(np.square(right - a @ x), axis=0) if rows > columns else np.empty(0, dtype=a.dtype)
    return (x if np.ndim(b) == 2 else x[:, 0]), left, min(rows, columns), np.linalg.svdvals(a)


@covers(np.linalg.norm)
def norm(x: Value, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    x, axis = traced(x), plain_axis(axis)
    if ord is None or (ord == "fro" and (x.ndim == 2 or isinstance(axis, tuple))):
        return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))
    if (axis is None and x.ndim == 1) or isinstance(axis, int):
        return _vector_norm(x, ord, axis, keepdims)
    pair = axes(axis, x.ndim)
    if ord in (1, -1, np.inf, -np.inf) and len(pair) == 2:
        rows, columns = axis if isinstance(axis, tuple) else pair
        summed = np.sum(np.abs(x), axis=rows if abs(ord) == 1 else columns, keepdims=True)
        best = (np.max if ord > 0 else np.min)(summed, axis=(rows, columns), keepdims=True)
        return best if keepdims else np.squeeze(best, axis=(rows, columns))
    if ord in (2, -2, "nuc") and len(pair) == 2:
        values = np.linalg.svdvals(np.moveaxis(x, pair, (-2, -1)))
        result = np.sum(values, axis=-1) if ord == "nuc" else values[..., 0 if ord == 2 else -1]
        return np.expand_dims(result, pair) if keepdims else result
    raise refusal(f"There is no norm of matrices with ord={ord!r}.", hint="There are 'fro', 'nuc', 1, 2, inf and their negatives.")


def _vector_norm(x: Value, order: Any, axis: Any, keepdims: bool) -> Any:
    size = np.abs(x)
    if order == np.inf:
        return np.max(size, axis=axis, keepdims=keepdims)
    if order == -np.inf:
        return np.min(size, axis=axis, keepdims=keepdims)
    if order == 0:
        return np.sum(traced(np.not_equal(x, 0)).astype(x.dtype), axis=axis, keepdims=keepdims)
    if order == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    if order == 2:
        return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))
    return np.sum(size**order, axis=axis, keepdims=keepdims) ** (1.0 / order)


@covers(np.linalg.matrix_norm)
def matrix_norm(x: Value, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return np.linalg.norm(x, ord, axis=(-2, -1), keepdims=keepdims)


REFUSED.update({
    np.linalg.eig: "Eigenvalues of a matrix that is not symmetric may be complex; np.linalg.eigh is for symmetric ones.",
    np.linalg.eigvals: "Eigenvalues of a matrix that is not symmetric may be complex; np.linalg.eigvalsh is for symmetric ones.",
})  # fmt: skip
