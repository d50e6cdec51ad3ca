"""Gates that take a matrix apart: Cholesky, QR, eigenvalues and eigenvectors of symmetric matrices, singular values and vectors.

All work on stacks of matrices. A factor that is one of several is a gate of its own: `qr` with the part that is wanted,
`singular_vectors` with the side. Cholesky and the eigenvalues read their matrix as symmetric, (A + Aᵀ)/2, and so their gradient is
symmetric too. Signs of vectors are those that NumPy chooses.

    >>> from chalkgrad import grad
    >>> grad(lambda a: np.max(np.linalg.svdvals(a)))(np.array([[3.0, 0.0], [0.0, 2.0]]))
    array([[1., 0.],
           [0., 0.]])

Sources: Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation (2008); Townsend,
Differentiating the singular value decomposition (2016).
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.errors import ShapeError
from chalkgrad.gates.linalg import flip, square
from chalkgrad.graph.gate import Gate, Kink, at, define
from chalkgrad.graph.look import function
from chalkgrad.graph.shapes import Shape, show

EQUAL_VALUES = "two eigenvalues are equal, so their eigenvectors can be any that span the same plane, and have no slope"
EQUAL_SINGULAR = "two singular values are equal, so their vectors can be any that span the same plane"
DEFICIENT = "the matrix has not full rank: a singular value is 0"


def symmetric(xp: Any, x: Any) -> Any:
    return (x + flip(xp, x)) / 2.0


def _lower(size: int) -> Any:
    """Marks the lower triangle, with half of the diagonal."""
    return np.tril(np.ones((size, size))) - 0.5 * np.eye(size)


def _cholesky_tangent(xp: Any, tangents: Sequence[Any], inputs: Sequence[Any], out: Any) -> Any:
    inverse = xp.inv(out)
    inner = xp.matmul(inverse, xp.matmul(symmetric(xp, tangents[0]), flip(xp, inverse)))
    return xp.matmul(out, inner * _lower(out.shape[-1]))


CHOLESKY = define(Gate(
    name="cholesky", numpy=(np.linalg.cholesky,), family="linalg", symbol="chol", shape=square,
    forward=lambda xp, a: xp.cholesky_factor(symmetric(xp, a)),
    push=_cholesky_tangent,
    look=function("cholesky"),
    lesson="the factor L of A = L·Lᵀ moves by L·Φ(L⁻¹·dA·L⁻ᵀ), where Φ keeps the lower triangle and half of the diagonal",
    samples=(at([[2.0, 0.5], [0.5, 3.0]]), at([[[4.0]], [[0.5]]])),
))  # fmt: skip


def _in_eigenbasis(xp: Any, tangent: Any, vectors: Any) -> Any:
    return xp.matmul(flip(xp, vectors), xp.matmul(symmetric(xp, tangent), vectors))


def _values_tangent(xp: Any, tangents: Sequence[Any], inputs: Sequence[Any], out: Any) -> Any:
    size = inputs[0].shape[-1]
    return xp.sum(_in_eigenbasis(xp, tangents[0], xp.eigenvectors(inputs[0])) * np.eye(size), axis=-1)


EIGENVALUES = define(Gate(
    name="eigenvalues", numpy=(np.linalg.eigvalsh,), family="linalg", symbol="λ", shape=lambda shape: square(shape)[:-1],
    forward=lambda xp, a: xp.symmetric_eigenvalues(symmetric(xp, a)),
    push=_values_tangent,
    look=function("eigenvalues"),
    lesson="an eigenvalue moves by vᵀ·dA·v, where v is its eigenvector",
    samples=(at([[2.0, 0.5], [0.5, 3.0]]), at([[[4.0]], [[0.5]]])),
))  # fmt: skip


def _has_equal_eigenvalues(xp: Any, a: Any) -> Any:
    values = np.linalg.eigvalsh(np.asarray(a, dtype=float))
    return np.any(np.diff(values) == 0)


def _vectors_tangent(xp: Any, tangents: Sequence[Any], inputs: Sequence[Any], out: Any) -> Any:
    size = inputs[0].shape[-1]
    values = xp.eigenvalues(inputs[0])
    rows, columns = (*values.shape[:-1], size, 1), (*values.shape[:-1], 1, size)
    gaps = xp.reshape(values, shape=columns) - xp.reshape(values, shape=rows) + np.eye(size)
    return xp.matmul(out, _in_eigenbasis(xp, tangents[0], out) * (1.0 - np.eye(size)) / gaps)


EIGENVECTORS = define(Gate(
    name="eigenvectors", family="linalg", symbol="V", shape=square,
    forward=lambda xp, a: xp.symmetric_eigenvectors(symmetric(xp, a)),
    push=_vectors_tangent,
    look=function("eigenvectors"),
    lesson="an eigenvector turns towards each other one by vᵢᵀ·dA·vⱼ divided by the gap between their eigenvalues",
    samples=(at([[2.0, 0.5], [0.5, 3.0]]),),
    kinks=(Kink(_has_equal_eigenvalues, EQUAL_VALUES, "none"),),
))  # fmt: skip


def _matrix(shape: Shape, **_: object) -> Shape:
    if len(shape) < 2:
        raise ShapeError(f"A matrix is needed here; the shape is {show(shape)}.")
    return shape


def _rank_is_full(a: Any) -> Any:
    a = np.asarray(a, dtype=float)
    return np.all(np.linalg.matrix_rank(a) == min(a.shape[-2:]))


def _has_equal_singular_values(xp: Any, a: Any, **_: object) -> Any:
    return np.any(np.diff(np.linalg.svdvals(np.asarray(a, dtype=float))) == 0)


def _singular_values_shape(shape: Shape) -> Shape:
    return (*_matrix(shape)[:-2], min(shape[-2:]))


def _singular_values_tangent(xp: Any, tangents: Sequence[Any], inputs: Sequence[Any], out: Any) -> Any:
    left, right = (xp.singular_vectors(inputs[0], side=side) for side in ("left", "right"))
    return xp.sum(left * xp.matmul(tangents[0], right), axis=-2)


SINGULAR_VALUES = define(Gate(
    name="singular_values", numpy=(np.linalg.svdvals,), family="linalg", symbol="σ", shape=_singular_values_shape,
    forward=lambda xp, a: xp.singular_values(a),
    push=_singular_values_tangent,
    look=function("singular_values"),
    lesson="a singular value moves by uᵀ·dA·v, where u and v are its vectors",
    samples=(at([[2.0, 0.5], [1.0, 3.0]]), at([[1.0, 2.0, 0.5], [-1.0, 0.25, 3.0]]), at([[[4.0], [1.0]], [[0.5], [-2.0]]])),
    kinks=(
        Kink(lambda xp, a: not _rank_is_full(a), DEFICIENT + "; its slope is that of the vectors which NumPy chooses",
             "uᵀ·dA·v with u and v in the null spaces, as long or shorter"),
        Kink(_has_equal_singular_values, EQUAL_SINGULAR + "; the slope is that of those which NumPy chooses",
             "uᵀ·dA·v for any of the vectors"),
    ),
))  # fmt: skip


def _singular_vectors_shape(shape: Shape, *, side: str) -> Shape:
    rows, columns = _matrix(shape)[-2:]
    return (*shape[:-2], rows if side == "left" else columns, min(rows, columns))


def _singular_vectors_tangent(xp: Any, tangents: Sequence[Any], inputs: Sequence[Any], out: Any, *, side: str) -> Any:
    # Written for the left side; on the right, A is Aᵀ.
    moved = tangents[0] if side == "left" else flip(xp, tangents[0])
    pushed = xp.matmul(moved, xp.singular_vectors(inputs[0], side="right" if side == "left" else "left"))
    values = xp.singular_values(inputs[0])
    *stack, count = values.shape
    across, down = (xp.reshape(values, shape=(*stack, *end)) for end in ((1, count), (count, 1)))
    one = np.eye(count)
    inner = xp.matmul(flip(xp, out), pushed)
    # The difference of the squares as a product, which does not cancel; on the diagonal nothing turns.
    gaps = (across - down + one) * (across + down + one)
    turned = xp.matmul(out, (inner * across + down * flip(xp, inner)) * (1.0 - one) / gaps)
    if out.shape[-2] == count:
        return turned
    return turned + (pushed - xp.matmul(out, inner)) / across


SINGULAR_VECTORS = define(Gate(
    name="singular_vectors", family="linalg", symbol="UV", params=MappingProxyType({"side": "left"}), shape=_singular_vectors_shape,
    forward=lambda xp, a, *, side: xp.singular_vectors(a, side),
    push=_singular_vectors_tangent,
    look=function("singular_vectors"),
    lesson="a singular vector turns towards each other one as uᵢᵀ·dA·vⱼ pushes it, divided by the gap between their squared values",
    samples=(at([[2.0, 0.5], [1.0, 3.0]]), at([[2.0, 0.5], [1.0, 3.0], [-1.0, 0.25]], side="left"),
             at([[2.0, 0.5], [1.0, 3.0], [-1.0, 0.25]], side="right"), at([[1.0, 2.0, 0.5]], side="right")),
    kinks=(
        Kink(lambda xp, a, *, side: not _rank_is_full(a), DEFICIENT + ", and its vectors have no slope", "none"),
        Kink(_has_equal_singular_values, EQUAL_SINGULAR + ", and have no slope", "none"),
    ),
))  # fmt: skip


def _qr_shape(shape: Shape, *, part: str) -> Shape:
    rows, columns = _matrix(shape)[-2:]
    if rows < columns:
        raise ShapeError(f"The factors of {show(shape)} are those of its first {rows} columns, and what they make of the others.")
    return shape if part == "q" else (*shape[:-2], columns, columns)


def _qr_tangent(xp: Any, tangents: Sequence[Any], inputs: Sequence[Any], out: Any, *, part: str) -> Any:
    q, r = (out if one == part else xp.qr(inputs[0], part=one) for one in "qr")
    count = r.shape[-1]
    scaled = flip(xp, xp.solve(flip(xp, r), flip(xp, tangents[0])))  # dA·R⁻¹
    inner = xp.matmul(flip(xp, q), scaled)
    below = inner * np.tril(np.ones((count, count)), -1)
    if part == "r":
        return xp.matmul(inner - below + flip(xp, below), r)
    turned = xp.matmul(q, below - flip(xp, below))
    return turned if q.shape[-2] == count else turned + (scaled - xp.matmul(q, inner))


QR = define(Gate(
    name="qr", family="linalg", symbol="QR", params=MappingProxyType({"part": "q"}), shape=_qr_shape,
    forward=lambda xp, a, *, part: xp.qr_factor(a, part),
    push=_qr_tangent,
    look=function("qr"),
    lesson="with C = Qᵀ·dA·R⁻¹ and Ω = tril(C, −1) − tril(C, −1)ᵀ, R moves by (C − Ω)·R and Q by Q·Ω + (dA·R⁻¹ − Q·C)",
    samples=(at([[2.0, 0.5], [1.0, 3.0]], part="q"), at([[2.0, 0.5], [1.0, 3.0], [-1.0, 0.25]], part="q"),
             at([[2.0, 0.5], [1.0, 3.0], [-1.0, 0.25]], part="r"), at([[[4.0], [1.0]], [[0.5], [-2.0]]], part="r")),
    kinks=(Kink(lambda xp, a, *, part: not _rank_is_full(a), DEFICIENT + ", and the factors have no slope", "none"),),
))  # fmt: skip
