"""The two questions to the judges: `losses` of one example's scores, and `compare` two classifiers' scores."""

from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.explain.handout.model import HANDED_OUT, Handout
from chalkgrad.explain.judges.given import read_alike, read_margin, read_scores, read_true
from chalkgrad.explain.judges.preferences import Choice, Preference, preferences
from chalkgrad.explain.judges.sections import comparison_handout, losses_handout
from chalkgrad.explain.judges.verdicts import Verdicts
from chalkgrad.explain.rendering import Rendered


class Losses(Verdicts, Rendered):
    """One example's scores before all judges: `.softmax.loss`, `.hinge.gradient`, `.probabilities` …, and the work by hand."""

    renderers = MappingProxyType({**HANDED_OUT, "json": "chalkgrad.explain.judges.record:losses_json"})

    @cached_property
    def handout(self) -> Handout:
        """The work by hand, section by section."""
        return losses_handout(self)


class Comparison(Rendered):
    """Two classifiers on the same example: `.first` and `.second` as from `losses`, and each judge's choice between them."""

    renderers = MappingProxyType({**HANDED_OUT, "json": "chalkgrad.explain.judges.record:comparison_json"})

    def __init__(self, first: Losses, second: Losses) -> None:
        self.first, self.second = first, second
        self.preferences: tuple[Preference, ...] = preferences(first, second)

    @property
    def prefers(self) -> dict[str, Choice]:
        """By judge, the classifier it prefers."""
        return {one.judge.key: one.prefers for one in self.preferences}

    @cached_property
    def handout(self) -> Handout:
        """Both classifiers side by side, section by section."""
        return comparison_handout(self.first, self.second, self.preferences)


def losses(scores: Any, true: int, margin: float = 1.0) -> Losses:
    """Judge the scores of one example by softmax and by the SVM, and work both losses and both gradients by hand.

    `scores` holds one number for each class, `true` is the true class counted from 0, and `margin` is by how much the SVM wants it
    to win. Raises ChalkgradError, a letter, for anything that is no such thing.

        >>> found = losses([3.2, 5.1, -1.7], true=0)
        >>> round(found.hinge.loss, 9), round(found.softmax.loss, 4), found.hinge.gradient.tolist()
        (2.9, 2.0404, [-1.0, 1.0, 0.0])
    """
    return _losses(read_scores(scores), true, margin)


def compare(first: Any, second: Any, true: int, margin: float = 1.0) -> Comparison:
    """Put the scores of two classifiers for one example side by side: each loss, which one each judge prefers, and why.

    Raises ChalkgradError, a letter, as `losses` does, and where the classifiers score different numbers of classes.

        >>> found = compare([10, -2, 3], [10, 9, 9], true=0)
        >>> found.prefers["hinge"], found.prefers["softmax"]
        ('neither', 'first')
    """
    read = read_scores(first, "the first classifier"), read_scores(second, "the second classifier")
    read_alike(*read)
    return Comparison(*(_losses(one, true, margin) for one in read))


def _losses(scores: np.ndarray, true: int, margin: float) -> Losses:
    return Losses(scores, read_true(true, len(scores)), read_margin(margin))
