"""The judges and their numbers, all of which the engine's own gates compute: losses, gradients, and the steps on the way.

>>> scores = np.array([3.2, 5.1, -1.7])
>>> loss, gradient = weigh(JUDGES["hinge"], scores, 0, 1.0)
>>> round(float(loss), 9), gradient.tolist()
(2.9, [-1.0, 1.0, 0.0])
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.gates import GATES
from chalkgrad.gates.losses import is_true
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.spaces import NUMPY
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.transform.reverse import reverse
from chalkgrad.transform.unfold import steps

ROUNDINGS = 4 * float(np.finfo(float).eps)  # so much, relative to what is added up, may be rounding


@dataclass(frozen=True, slots=True)
class Judge:
    """One loss as a judge of classifiers: its key in records, its title in sentences, its gate."""

    key: str
    title: str
    gate: Gate

    def settings(self, true: Any, margin: float) -> dict[str, Any]:
        """The parameters of the gate; softmax knows no margin."""
        return {"true": true, "margin": margin} if "margin" in self.gate.params else {"true": true}


JUDGES: Mapping[str, Judge] = MappingProxyType({
    judge.key: judge
    for judge in (
        Judge("softmax", "softmax", GATES["cross_entropy"]),
        Judge("hinge", "the SVM", GATES["weston_watkins"]),
        Judge("crammer_singer", "Crammer–Singer", GATES["crammer_singer"]),
        Judge("one_vs_all", "one-vs-all", GATES["one_vs_all"]),
    )
})  # fmt: skip


def weigh(judge: Judge, scores: np.ndarray, true: int, margin: float) -> tuple[Any, np.ndarray]:
    """The loss and its gradient by the scores; for several rows of scores, one loss and one gradient for each row."""
    graph = Graph()
    leaf = graph.leaf("s", scores.shape)
    rows = true if scores.ndim == 1 else (true,) * len(scores)
    loss = graph.add(judge.gate, leaf, **judge.settings(rows, margin))
    back = reverse(graph, loss, [leaf], seed=graph.constant(np.ones(graph.shape(loss))[()]))
    values = evaluate(graph, {leaf: scores})
    total = back.total(leaf)
    assert total is not None
    return values[loss], values[total] + 0.0  # which turns −0 into 0


def on_a_kink(judge: Judge, scores: np.ndarray, true: int, margin: float) -> list[tuple[str, str]]:
    """The convention and the valid subgradients of every kink on which the judge's gate stands."""
    settings = judge.settings(true, margin)
    return [(kink.convention, kink.valid) for kink in judge.gate.kinks if np.any(kink.at(NUMPY, scores, **settings))]


@dataclass(frozen=True, slots=True, eq=False)
class SoftmaxSteps:
    """Softmax on the way: log C = −max(s), the scores shifted by it, their powers and sum, and log of the sum."""

    log_c: float
    shifted: np.ndarray
    powers: np.ndarray
    total: float
    log_total: float
    probabilities: np.ndarray


def softmax_steps(scores: np.ndarray) -> SoftmaxSteps:
    """The steps of the softmax gate, by the names that the gate gives them."""
    graph = Graph()
    leaf = graph.leaf("s", scores.shape)
    out = steps(GATES["softmax"], graph, (leaf,), axis=None)
    named = {name: node for node, name in graph.names.items()}
    log_total = graph.add(GATES["logsumexp"], named["s + log C"])
    values = evaluate(graph, {leaf: scores})
    return SoftmaxSteps(
        float(np.squeeze(values[named["log C"]])), values[named["s + log C"]], values[named["e^(s + log C)"]],
        float(np.squeeze(values[named["sum of the powers"]])), float(values[log_total]), values[out],
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class HingeSteps:
    """For every class, by how much it falls short of what a hinge asks, and what the hinge counts of that: max(0, short)."""

    short: np.ndarray
    counted: np.ndarray


def hinge_steps(scores: np.ndarray, true: int, margin: float) -> HingeSteps:
    """s_j − s_true + Δ: by how much each class comes within the margin of the true one. The true class itself counts 0."""
    graph, xp, s = _slate(scores)
    short = s - xp.index(s, index=(true,)) + margin
    counted = xp.where(is_true(scores, true), 0.0, xp.maximum(0.0, short))
    values = evaluate(graph, {s.node: scores})
    return HingeSteps(values[short.node], values[counted.node])


def one_vs_all_steps(scores: np.ndarray, true: int, margin: float) -> HingeSteps:
    """Δ + s_j for the wrong classes and Δ − s_true for the true one: each class judged alone."""
    graph, xp, s = _slate(scores)
    short = xp.where(is_true(scores, true), margin - s, margin + s)
    counted = xp.maximum(0.0, short)
    values = evaluate(graph, {s.node: scores})
    return HingeSteps(values[short.node], values[counted.node])


@dataclass(frozen=True, slots=True)
class Lead:
    """By how much the true class is ahead, and how much of that may be rounding."""

    value: float
    rounding: float


def best_rival(scores: np.ndarray, true: int) -> int:
    """The wrong class with the largest score, the first of them at a tie."""
    return int(np.argmax(np.where(is_true(scores, true), -np.inf, scores)))


def log_odds(scores: np.ndarray, true: int) -> Lead:
    """log(p/(1 − p)) of the true class. It orders classifiers as softmax does, even where p is 0 or 1 in floating point."""
    graph, xp, s = _slate(scores)
    others = xp.logsumexp(xp.where(is_true(scores, true), -np.inf, s))
    odds = xp.index(s, index=(true,)) - others
    back = reverse(graph, odds.node, [s.node])
    values = evaluate(graph, {s.node: scores})
    total = back.total(s.node)
    assert total is not None
    return Lead(float(values[odds.node]), rounding(values[odds.node], values[total], scores))


def rounding(value: Any, gradient: np.ndarray, scores: np.ndarray, margin: float = 0.0) -> float:
    """How far a value may be off because the scores, the margin and the value itself are rounded."""
    spread = float(np.sum(np.abs(gradient) * (np.abs(scores) + margin)))
    return ROUNDINGS * (abs(float(value)) + spread)


def _slate(scores: np.ndarray) -> tuple[Graph, Drawing, Wire]:
    """A new graph with the scores as its one input."""
    graph = Graph()
    xp = Drawing(graph)
    return graph, xp, xp.wire(graph.leaf("s", scores.shape))
