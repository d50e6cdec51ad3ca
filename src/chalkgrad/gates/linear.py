"""The matrix product, of vectors, matrices and stacks of matrices.

>>> from chalkgrad import work
>>> work("w @ x", w=[2, -3], x=[-1, -2]).grad["w"].tolist()
[-1.0, -2.0]
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.gates.arrays import unbroadcast
from chalkgrad.graph.gate import Gate, at, define
from chalkgrad.graph.look import PRODUCT, infix
from chalkgrad.graph.shapes import product


def _flip(xp: Any, x: Any) -> Any:
    rank = len(x.shape)
    return xp.transpose(x, axes=(*range(rank - 2), rank - 1, rank - 2))


def _pull(xp: Any, upstream: Any, inputs: Sequence[Any], slot: int) -> Any:
    """∂f/∂A = U·Bᵀ and ∂f/∂B = Aᵀ·U; a vector is a matrix of one row (left) or one column (right)."""
    left, right = inputs
    if len(left.shape) == 1 and len(right.shape) == 1:
        return upstream * (right if slot == 0 else left)
    other = inputs[1 - slot]
    if len(left.shape) == 2 and len(right.shape) == 1 and slot == 1:
        return xp.matmul(xp.transpose(left), upstream)
    if len(left.shape) == 1 and len(right.shape) == 2 and slot == 0:
        return xp.matmul(right, upstream)
    if len(right.shape) == 1:
        column = xp.reshape(upstream, shape=(*upstream.shape, 1))
        if slot == 0:
            return unbroadcast(xp, column * right, left.shape)
        return unbroadcast(
            xp, xp.reshape(xp.matmul(_flip(xp, other), column), shape=(*left.shape[:-2], left.shape[-1])), right.shape
        )
    if len(left.shape) == 1:
        row = xp.reshape(upstream, shape=(*upstream.shape[:-1], 1, upstream.shape[-1]))
        if slot == 0:
            pulled = xp.matmul(row, _flip(xp, other))
            return unbroadcast(xp, xp.reshape(pulled, shape=(*right.shape[:-2], right.shape[-2])), left.shape)
        return unbroadcast(xp, xp.reshape(left, shape=(*left.shape, 1)) * row, right.shape)
    pulled = xp.matmul(upstream, _flip(xp, right)) if slot == 0 else xp.matmul(_flip(xp, left), upstream)
    return unbroadcast(xp, pulled, inputs[slot].shape)


MATMUL = define(Gate(
    name="matmul", numpy=(np.matmul,), family="linear", arity=2, symbol="@", reads=("dot", "matmul", "@"), shape=product,
    forward=lambda xp, x, y: xp.matmul(x, y),
    linear="each", pull=_pull,
    look=infix("@", r"\,", PRODUCT),
    lesson="the matrix product swaps, like ×: ∂f/∂A is upstream·Bᵀ and ∂f/∂B is Aᵀ·upstream",
    samples=(
        at([2.0, -3.0], [-1.0, -2.0]), at([[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0]), at([1.0, 2.0], [[3.0], [4.0]]),
        at([[1.0, 2.0]], [[3.0], [4.0]]), at([[[1.0, 2.0]], [[0.5, -1.0]]], [[3.0], [4.0]]),
        at([[[1.0, 2.0]], [[0.5, -1.0]]], [3.0, 4.0]), at([3.0], [[[1.0, 2.0]], [[0.5, -1.0]]]),
    ),
))  # fmt: skip
