"""Gates of linear algebra: inverse, solve, determinants, Cholesky, eigenvalues and eigenvectors of symmetric matrices.

All work on stacks of matrices. Each gives its tangent in matrix products, so that the backward pass follows by transposing it.
Cholesky and the symmetric eigenvalues read their matrix as symmetric, (A + Aᵀ)/2, and so their gradient is symmetric too.

    >>> from chalkgrad import grad
    >>> grad(np.linalg.det)(np.array([[2.0, 1.0], [1.0, 3.0]]))
    array([[ 3., -1.],
           [-1.,  2.]])

Source: Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation (2008).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.errors import ShapeError
from chalkgrad.graph.gate import Gate, Hazard, at, define
from chalkgrad.graph.look import function
from chalkgrad.graph.shapes import Shape, broadcast, show

SINGULAR = "the matrix is singular: it has no inverse"
EQUAL_VALUES = "two eigenvalues are equal, so their eigenvectors can be any that span the same plane"


def square(shape: Shape, **_: object) -> Shape:
    """The shape of a square matrix, or of a stack of them."""
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(f"A square matrix is needed here; the shape is {show(shape)}.")
    return shape


def flip(xp: Any, x: Any) -> Any:
    """The transposed matrices."""
    rank = len(x.shape)
    return xp.transpose(x, axes=(*range(rank - 2), rank - 1, rank - 2))


def symmetric(xp: Any, x: Any) -> Any:
    return (x + flip(xp, x)) / 2.0


def _is_singular(xp: Any, a: Any, *_: Any) -> Any:
    return np.linalg.det(np.asarray(a, dtype=float)) == 0


INV = define(Gate(
    name="inv", numpy=(np.linalg.inv,), family="linalg", symbol="A⁻¹", shape=square,
    forward=lambda xp, a: xp.inverse(a),
    push=lambda xp, tangents, inputs, out: -xp.matmul(out, xp.matmul(tangents[0], out)),
    look=function("inv"),
    lesson="the inverse moves by −A⁻¹·dA·A⁻¹, so its gradient is −A⁻ᵀ·upstream·A⁻ᵀ",
    samples=(at([[2.0, 1.0], [0.5, 3.0]]), at([[[4.0]], [[-0.5]]])),
    hazards=(Hazard(_is_singular, SINGULAR),),
))  # fmt: skip


def _solved(a: Shape, b: Shape) -> Shape:
    square(a)
    if len(b) < 2 or b[-2] != a[-1]:
        raise ShapeError(f"{a[-1]} equations need a right side of {a[-1]} rows; its shape is {show(b)}.")
    return (*broadcast(a[:-2], b[:-2]), *b[-2:])


def _solve_tangent(xp: Any, tangents: Sequence[Any], inputs: Sequence[Any], out: Any) -> Any:
    return xp.matmul(xp.inv(inputs[0]), tangents[1] - xp.matmul(tangents[0], out))


SOLVE = define(Gate(
    name="solve", numpy=(np.linalg.solve,), family="linalg", arity=2, symbol="A⁻¹b", shape=_solved,
    forward=lambda xp, a, b: xp.solved(a, b),
    push=_solve_tangent,
    look=function("solve"),
    lesson="the solution of A·x = b moves by A⁻¹·(db − dA·x); b gets A⁻ᵀ·upstream, and A gets −A⁻ᵀ·upstream·xᵀ",
    samples=(at([[2.0, 1.0], [0.5, 3.0]], [[1.0], [2.0]]), at([[[4.0]], [[-0.5]]], [[1.0, 2.0]])),
    hazards=(Hazard(_is_singular, SINGULAR),),
))  # fmt: skip


def _number(shape: Shape) -> Shape:
    return square(shape)[:-2]


def _by_inverse(xp: Any, tangent: Any, a: Any) -> Any:
    """tr(A⁻¹·dA): how log|det A| moves."""
    return xp.sum(flip(xp, xp.inv(a)) * tangent, axis=(-2, -1))


DET = define(Gate(
    name="det", numpy=(np.linalg.det,), family="linalg", symbol="det", shape=_number,
    forward=lambda xp, a: xp.determinant(a),
    push=lambda xp, tangents, inputs, out: out * _by_inverse(xp, tangents[0], inputs[0]),
    look=function("det"),
    lesson="the determinant moves by det A · tr(A⁻¹·dA), so its gradient is det A · A⁻ᵀ",
    samples=(at([[2.0, 1.0], [0.5, 3.0]]), at([[[4.0]], [[-0.5]]])),
))  # fmt: skip

LOGDET = define(Gate(
    name="logabsdet", family="linalg", symbol="log|det|", shape=_number,
    forward=lambda xp, a: xp.log_determinant(a),
    push=lambda xp, tangents, inputs, out: _by_inverse(xp, tangents[0], inputs[0]),
    look=function("logabsdet"),
    lesson="the logarithm of the determinant moves by tr(A⁻¹·dA), so its gradient is A⁻ᵀ",
    samples=(at([[2.0, 1.0], [0.5, 3.0]]), at([[[4.0]], [[-0.5]]])),
    hazards=(Hazard(_is_singular, "the matrix is singular: the logarithm of its determinant is −∞"),),
))  # fmt: skip


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
))  # fmt: skip
