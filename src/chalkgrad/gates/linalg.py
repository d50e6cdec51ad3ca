"""Gates of linear algebra: inverse, solve, determinants. Factors and eigenvalues are in `decompositions`.

All work on stacks of matrices. Each gives its tangent in matrix products, so that the backward pass follows by transposing it.

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
from chalkgrad.gates.arrays import unbroadcast
from chalkgrad.graph.gate import Gate, Hazard, at, define
from chalkgrad.graph.look import function
from chalkgrad.graph.shapes import Shape, broadcast, show

SINGULAR = "the matrix is singular: it has no inverse"


def square(shape: Shape, **_: object) -> Shape:
    """The shape of a square matrix, or of a stack of them."""
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(f"A square matrix is needed here; the shape is {show(shape)}.")
    return shape


def flip(xp: Any, x: Any) -> Any:
    """The transposed matrices."""
    rank = len(x.shape)
    return xp.transpose(x, axes=(*range(rank - 2), rank - 1, rank - 2))


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
    return xp.solve(inputs[0], tangents[1] - xp.matmul(tangents[0], out))


def _solve_pull(xp: Any, upstream: Any, inputs: Sequence[Any], slot: int) -> Any:
    return unbroadcast(xp, xp.solve(flip(xp, inputs[0]), upstream), inputs[1].shape)


# Solving again, not multiplying by the inverse: where A is ill-conditioned, A⁻¹·b is no solution of A·x = b, and `solve` is.
SOLVE = define(Gate(
    name="solve", numpy=(np.linalg.solve,), family="linalg", arity=2, symbol="A⁻¹b", shape=_solved,
    forward=lambda xp, a, b: xp.solved(a, b),
    push=_solve_tangent, linear=1, pull=_solve_pull,
    look=function("solve"),
    lesson="the solution of A·x = b moves by A⁻¹·(db − dA·x); b gets A⁻ᵀ·upstream, and A gets −A⁻ᵀ·upstream·xᵀ",
    samples=(at([[2.0, 1.0], [0.5, 3.0]], [[1.0], [2.0]]), at([[[4.0]], [[-0.5]]], [[1.0, 2.0]])),
    hazards=(Hazard(_is_singular, SINGULAR),),
))  # fmt: skip


def _number(shape: Shape) -> Shape:
    return square(shape)[:-2]


def _cofactors_tangent(xp: Any, tangents: Sequence[Any], inputs: Sequence[Any], out: Any) -> Any:
    (a,), (moved,) = inputs, tangents
    inverse = flip(xp, xp.inv(a))
    trace = xp.sum(inverse * moved, axis=(-2, -1), keepdims=True)
    return trace * out - xp.matmul(inverse, xp.matmul(flip(xp, moved), out))


# The gradient of the determinant as a gate of its own: unlike det A · A⁻ᵀ it is a number where A is singular, too.
COFACTORS = define(Gate(
    name="cofactors", family="linalg", symbol="cof", shape=square,
    forward=lambda xp, a: xp.cofactors(a),
    push=_cofactors_tangent,
    look=function("cofactors"),
    lesson="the cofactors of A are det A · A⁻ᵀ; they move by tr(A⁻¹·dA)·C − A⁻ᵀ·dAᵀ·C",
    samples=(at([[2.0, 1.0, 0.5], [0.5, 3.0, 1.0], [1.0, -1.0, 4.0]]),),
))  # fmt: skip

DET = define(Gate(
    name="det", numpy=(np.linalg.det,), family="linalg", symbol="det", shape=_number,
    forward=lambda xp, a: xp.determinant(a),
    push=lambda xp, tangents, inputs, out: xp.sum(xp.cofactors(inputs[0]) * tangents[0], axis=(-2, -1)),
    look=function("det"),
    lesson="the determinant moves by det A · tr(A⁻¹·dA), so its gradient is det A · A⁻ᵀ, the matrix of cofactors",
    samples=(at([[2.0, 1.0], [0.5, 3.0]]), at([[[4.0]], [[-0.5]]])),
))  # fmt: skip

DET_SIGN = define(Gate(
    name="det_sign", family="linalg", symbol="sign det", shape=_number,
    forward=lambda xp, a: xp.determinant_sign(a),
    look=function("det_sign"),
    lesson="the sign of a determinant, also of one that is beyond the floats; it has no slope",
    samples=(at([[2.0, 1.0], [0.5, 3.0]]), at([[[4.0]], [[-0.5]]])),
))  # fmt: skip

LOGDET = define(Gate(
    name="logabsdet", family="linalg", symbol="log|det|", shape=_number,
    forward=lambda xp, a: xp.log_determinant(a),
    push=lambda xp, tangents, inputs, out: xp.sum(flip(xp, xp.inv(inputs[0])) * tangents[0], axis=(-2, -1)),
    look=function("logabsdet"),
    lesson="the logarithm of the determinant moves by tr(A⁻¹·dA), so its gradient is A⁻ᵀ",
    samples=(at([[2.0, 1.0], [0.5, 3.0]]), at([[[4.0]], [[-0.5]]])),
    hazards=(Hazard(_is_singular, "the matrix is singular: the logarithm of its determinant is −∞"),),
))  # fmt: skip
