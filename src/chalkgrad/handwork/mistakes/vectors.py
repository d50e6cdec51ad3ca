"""Slips with vectors and matrices: transposed, summed over the wrong axis, the share of the true class left out."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from chalkgrad.handwork.mistakes.question import Mistake
from chalkgrad.handwork.mistakes.walk import Change, Edge, Walk

TRANSPOSED = Mistake(
    "transposed", "a matrix is transposed",
    "The numbers are right, but rows and columns are exchanged: a matrix was transposed, or should have been.",
    "The gradient has the shape of what it is the gradient of; in Y = X W, ∂L/∂W = Xᵀ ∂L/∂Y and ∂L/∂X = ∂L/∂Y Wᵀ.")  # fmt: skip
NOT_TRANSPOSED = Mistake(
    "not-transposed", "a matrix is transposed",
    "On the way back through {of} the matrix is to be transposed.",
    "In Y = X W, ∂L/∂W = Xᵀ ∂L/∂Y and ∂L/∂X = ∂L/∂Y Wᵀ.")  # fmt: skip
TRUE_CLASS = Mistake(
    "true-class-not-subtracted", "something is missing at the true class",
    "These are the probabilities; at the true class the gradient of the loss is its probability minus one (p − 1).",
    "The gradient of softmax cross-entropy is p, minus 1 at the true class.")  # fmt: skip
DIAGONAL = Mistake(
    "softmax-diagonal-only", "softmax was treated entry by entry",
    "In {of} every entry depends on every score; only the entry's own slope p(1 − p) was used.",
    "∂pᵢ/∂sⱼ = pᵢ(1 − pᵢ) for i = j and −pᵢ·pⱼ else.")  # fmt: skip
NORMALISER = Mistake(
    "normaliser-forgotten", "the sum below was treated as fixed",
    "The sum of the powers in {of} depends on the scores too, and was taken as fixed or left out.",
    "∂pᵢ/∂sⱼ = pᵢ(1 − pᵢ) for i = j and −pᵢ·pⱼ else.")  # fmt: skip
HINGE = Mistake(
    "true-class-counted", "the true class was counted among its rivals",
    "The margin of the true class with itself does not count; its gradient is minus the number of rivals that come too near.",
    "The hinge sums over the wrong classes only.")  # fmt: skip
FACTOR = Mistake(
    "factor-of-the-square", "a factor 2 or ½ is wrong",
    "The result is {times} times what it should be: the factor 2 that the square brings, or the ½ in front, was mislaid.",
    "d/dx ½x² = x, d/dx x² = 2x.")  # fmt: skip


def changes(walk: Walk) -> Iterator[Change]:
    """All slips of this kind that the derivation offers."""
    right = walk.gradient()
    if np.ndim(right) == 2 and np.shape(right)[0] == np.shape(right)[1]:
        yield Change(mistake=TRANSPOSED, wire=walk.numerator, end=np.transpose)
    for edge in walk.edges:
        name = walk.gate(edge).name
        if name == "matmul":
            yield from _matmul(walk, edge)
        elif name in ("softmax", "log_softmax"):
            yield from _softmax(walk, edge, name)
        elif name == "cross_entropy":
            yield from _cross_entropy(walk, edge)
        elif name == "weston_watkins":
            yield from _hinge(walk, edge)
        elif name == "multiply" and is_mask(walk.inputs(edge[0])[1 - edge[1]]):
            yield Change(mistake=HINGE, wire=edge[0], pulls={edge: walk.times(edge, 1.0)})
    if {"exp", "log", "sum"} <= {walk.gate(edge).name for edge in walk.edges}:
        yield from _written_out(walk, right)
    if any(walk.gate(edge).name in ("square", "constant_power", "sum", "mean") for edge in walk.edges):
        for factor, told in ((0.5, "half"), (2.0, "two")):
            words, end = {"times": told}, partial(np.multiply, factor)
            yield Change(mistake=FACTOR, wire=walk.numerator, words=words, end=end)


def _matmul(walk: Walk, edge: Edge) -> Iterator[Change]:
    left, right = walk.inputs(edge[0])
    other = right if edge[1] == 0 else left
    if np.ndim(other) != 2 or other.shape[0] != other.shape[1]:
        return

    def pull(upstream: Any) -> Any:
        return upstream @ other if edge[1] == 0 else other @ upstream

    yield Change(mistake=NOT_TRANSPOSED, wire=edge[0], words={"of": walk.wrote(edge[0])}, pulls={edge: pull})


def _softmax(walk: Walk, edge: Edge, name: str) -> Iterator[Change]:
    out = walk.values[edge[0]]
    axis = walk.graph.settings(edge[0]).get("axis")
    shares = np.exp(out) if name == "log_softmax" else out
    words = {"of": walk.wrote(edge[0])}

    def rivals(upstream: Any) -> Any:
        """Without what the entry's own score does to it."""
        weighted = upstream if name == "log_softmax" else upstream * shares
        return -shares * np.sum(weighted, axis=axis, keepdims=True)

    def own(upstream: Any) -> Any:
        return upstream * ((1.0 - shares) if name == "log_softmax" else shares * (1.0 - shares))

    def fixed(upstream: Any) -> Any:
        return upstream * (1.0 if name == "log_softmax" else shares)

    for mistake, pull in ((TRUE_CLASS, rivals), (DIAGONAL, own), (NORMALISER, fixed)):
        yield Change(mistake=mistake, wire=edge[0], words=words, pulls={edge: pull})


def _cross_entropy(walk: Walk, edge: Edge) -> Iterator[Change]:
    if edge[1] != 0:
        return
    scores = walk.inputs(edge[0])[0]
    shares = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    shares /= np.sum(shares, axis=-1, keepdims=True)
    yield Change(mistake=TRUE_CLASS, wire=edge[0], pulls={edge: lambda upstream: np.expand_dims(upstream, -1) * shares})


def is_mask(value: Any) -> bool:
    """Whether it is the weights 1 and 0 of a sum over all classes but the true one."""
    array = np.asarray(value)
    return array.ndim > 0 and bool(np.all((array == 0) | (array == 1))) and np.count_nonzero(array == 0) == 1


def _written_out(walk: Walk, right: Any) -> Iterator[Change]:
    """Softmax cross-entropy from its parts: p for p − 1 at the true class, the only one whose slope is negative."""
    low = np.min(right)
    if np.ndim(right) < 2 and -1.0 < low < 0.0 and np.count_nonzero(np.asarray(right) < 0) == 1:
        yield Change(mistake=TRUE_CLASS, wire=walk.numerator, end=lambda slopes: slopes + (np.asarray(right) == low))


def _hinge(walk: Walk, edge: Edge) -> Iterator[Change]:
    if edge[1] != 0:
        return
    pull = walk.pulls[edge]

    def counted(upstream: Any) -> Any:
        slopes = np.array(pull(upstream))
        return np.where(slopes < 0, slopes + np.expand_dims(upstream, -1), slopes)

    def rivals(upstream: Any) -> Any:
        return np.maximum(pull(upstream), 0.0)

    yield Change(mistake=HINGE, wire=edge[0], pulls={edge: counted})
    yield Change(mistake=HINGE, wire=edge[0], pulls={edge: rivals})
