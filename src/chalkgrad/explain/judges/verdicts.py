"""What the judges say about one example's scores, as data.

>>> found = Verdicts(np.array([3.2, 5.1, -1.7]), 0, 1.0)
>>> round(found.hinge.loss, 9), round(found.softmax.loss, 4), found.hinge.gradient.tolist()
(2.9, 2.0404, [-1.0, 1.0, 0.0])
"""

from dataclasses import dataclass

import numpy as np

from chalkgrad.explain.judges.weighing import (
    JUDGES,
    HingeSteps,
    Judge,
    SoftmaxSteps,
    hinge_steps,
    one_vs_all_steps,
    rounding,
    softmax_steps,
    weigh,
)

NUDGES = (-1.0, -0.5, 0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What one judge says: its loss, the gradient of the loss by each score, and how far the loss may be off by rounding."""

    judge: Judge
    loss: float
    gradient: np.ndarray
    rounding: float

    @property
    def content(self) -> bool:
        """Whether the judge asks for nothing more. Softmax always does."""
        return "margin" in self.judge.gate.params and self.loss <= self.rounding


@dataclass(frozen=True, slots=True)
class Nudged:
    """One judge's loss after the true score is moved by `nudge`, and its slope there by the true score."""

    nudge: float
    loss: float
    slope: float


class Verdicts:
    """The scores of one example before every judge.

    `softmax`, `hinge`, `crammer_singer` and `one_vs_all` each have `.loss` and `.gradient`; `judged` holds them by name.
    """

    def __init__(self, scores: np.ndarray, true: int, margin: float) -> None:
        self.scores, self.true, self.margin = scores, true, margin
        self.judged = {key: _judged(judge, scores, true, margin) for key, judge in JUDGES.items()}
        self.softmax_steps: SoftmaxSteps = softmax_steps(scores)
        self.hinge_steps: HingeSteps = hinge_steps(scores, true, margin)
        self.one_vs_all_steps: HingeSteps = one_vs_all_steps(scores, true, margin)

    @property
    def softmax(self) -> Judged:
        """Softmax cross-entropy."""
        return self.judged["softmax"]

    @property
    def hinge(self) -> Judged:
        """The multiclass hinge of Weston and Watkins, the SVM loss of the lecture."""
        return self.judged["hinge"]

    @property
    def crammer_singer(self) -> Judged:
        """The hinge on the strongest rival alone."""
        return self.judged["crammer_singer"]

    @property
    def one_vs_all(self) -> Judged:
        """One hinge for each class on its own."""
        return self.judged["one_vs_all"]

    @property
    def probabilities(self) -> np.ndarray:
        """The share that softmax gives to each class."""
        return self.softmax_steps.probabilities

    def nudged(self, key: str) -> tuple[Nudged, ...]:
        """How the loss of a judge moves with the true score."""
        rows = np.tile(self.scores, (len(NUDGES), 1))
        rows[:, self.true] += NUDGES
        found, gradients = weigh(JUDGES[key], rows, self.true, self.margin)
        slopes = gradients[:, self.true]
        return tuple(Nudged(*map(float, row)) for row in zip(NUDGES, found, slopes, strict=True))


def _judged(judge: Judge, scores: np.ndarray, true: int, margin: float) -> Judged:
    loss, gradient = weigh(judge, scores, true, margin)
    return Judged(judge, float(loss), gradient, rounding(loss, gradient, scores, margin))
