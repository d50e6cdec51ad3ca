"""Linear algebra: solve, inv, det, slogdet, cholesky, eigh, and what follows from them."""

from typing import Any

import numpy as np

from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import apply, traced
from chalkgrad.reading.trace.table import REFUSED, covers

Value = Any
Slogdet: Any = type(np.linalg.slogdet(np.eye(1)))
Eigh: Any = type(np.linalg.eigh(np.eye(1)))


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
    return Slogdet(np.sign(np.linalg.det(a)), apply("logabsdet", a))


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
    value = np.asarray(traced(a).value)
    if value.ndim >= 2 and not np.allclose(
        value, np.swapaxes(value, -1, -2), rtol=1e-6, atol=1e-6 * np.max(np.abs(value), initial=0.0)
    ):
        raise refusal(f"{function} is for symmetric matrices, and this one is not.", hint="(A + A.T) / 2 is symmetric.")


@covers(np.linalg.pinv)
def pinv(a: Value) -> Any:
    """Of a matrix whose columns, or whose rows, are independent."""
    a = traced(a)
    turned = np.swapaxes(a, -1, -2)
    if np.linalg.matrix_rank(a.value).min(initial=min(a.shape[-2:])) < min(a.shape[-2:]):
        raise refusal("np.linalg.pinv is traced where the matrix has full rank; this one has not, and its slope is not defined.")
    if a.shape[-2] >= a.shape[-1]:
        return np.linalg.solve(turned @ a, turned)
    return np.swapaxes(np.linalg.solve(a @ turned, a), -1, -2)


REFUSED.update({
    np.linalg.eig: "Eigenvalues of a matrix that is not symmetric may be complex; np.linalg.eigh is for symmetric ones.",
    np.linalg.svd: "The singular values are np.sqrt(np.linalg.eigvalsh(A.T @ A)).",
    np.linalg.qr: "The factor R is np.linalg.cholesky(A.T @ A, upper=True) up to signs.",
})  # fmt: skip
