"""Softmax against the SVM: the losses of one example by hand, and two classifiers side by side.

- `answers`: the questions, `losses` and `compare`, and what they return
- `given`: scores, true class and margin as they should be
- `weighing`, `verdicts`: the judges and their numbers, all from the engine's gates
- `writing`, `by_hand`: the lines of the handwork
- `preferences`: which classifier each judge prefers, and why
- `sections`, `record`: the answers as handouts and as JSON

    >>> compare([10, -2, 3], [10, 9, 9], true=0).prefers["softmax"]
    'first'
"""

from chalkgrad.explain.judges.answers import Comparison, Losses, compare, losses

__all__ = ["Comparison", "Losses", "compare", "losses"]
