"""Which of two classifiers each judge prefers on the same example, and why, in a sentence.

A hinge is content once the true class wins by the margin, and then treats all classifiers as equal; softmax always prefers the one
that gives the true class the bigger share. Losses that differ by no more than the rounding of the scores count as equal.

    >>> import numpy as np
    >>> first, second = (Verdicts(np.array(scores, float), 0, 1.0) for scores in ([10, -2, 3], [10, 9, 9]))
    >>> [one.prefers for one in preferences(first, second)]
    ['first', 'neither', 'neither', 'first']
"""

from dataclasses import dataclass
from typing import Literal

from chalkgrad.explain.judges.verdicts import Judged, Verdicts
from chalkgrad.explain.judges.weighing import JUDGES, Judge, best_rival, log_odds
from chalkgrad.notation.numbers import show

Choice = Literal["first", "second", "neither"]
Sides = tuple[Verdicts, Verdicts]
Pair = tuple[Judged, Judged]


@dataclass(frozen=True, slots=True)
class Preference:
    """One judge's choice between two classifiers, with the reason as a sentence."""

    judge: Judge
    losses: tuple[float, float]
    prefers: Choice
    why: str


def preferences(first: Verdicts, second: Verdicts) -> tuple[Preference, ...]:
    """Every judge's choice."""
    return (_by_softmax(first, second), *(_by_hinge(key, first, second) for key in JUDGES if key != "softmax"))


def _by_softmax(first: Verdicts, second: Verdicts) -> Preference:
    # The log-odds of the true class order as the losses do, and tell apart what both round to 0.
    odds = [log_odds(one.scores, one.true) for one in (first, second)]
    gap = odds[0].value - odds[1].value
    prefers: Choice = "neither" if abs(gap) <= odds[0].rounding + odds[1].rounding else "first" if gap > 0 else "second"
    shares = [float(one.probabilities[one.true]) for one in (first, second)]
    missing = [-float(one.softmax.gradient[one.true]) for one in (first, second)]
    if prefers == "neither":
        why = f"Both give the true class the same share, {show(shares[0])}, so softmax treats them as equal."
        if first.scores[first.true] != second.scores[second.true]:
            why += " That its score is not the same in both does not matter: softmax sees only the differences between scores."
    elif show(shares[0]) != show(shares[1]):
        why = f"The {prefers} gives the true class the bigger share, {_against(prefers, shares)}, so softmax prefers it."
    elif show(missing[0]) != show(missing[1]):
        why = (f"Both shares of the true class are {show(shares[0])} to the digits shown, but to 1 the {prefers} lacks less, "
               f"{_against(prefers, missing)}. So softmax prefers it: it is never content.")  # fmt: skip
    else:
        leads = [one.value for one in odds]
        why = (f"In floats both shares of the true class are {show(shares[0])}, but its log-odds log(p/(1 − p)) are higher in the "
               f"{prefers}, {_against(prefers, leads)}. So softmax prefers it: it is never content.")  # fmt: skip
    return Preference(JUDGES["softmax"], (first.softmax.loss, second.softmax.loss), prefers, why)


def _by_hinge(key: str, first: Verdicts, second: Verdicts) -> Preference:
    both = (first.judged[key], second.judged[key])
    losses = (both[0].loss, both[1].loss)
    gap = losses[0] - losses[1]
    equal = both[0].content == both[1].content and abs(gap) <= both[0].rounding + both[1].rounding
    prefers: Choice = "neither" if equal or (both[0].content and both[1].content) else "first" if gap < 0 else "second"
    tell = _alone if key == "one_vs_all" else _winning
    return Preference(JUDGES[key], losses, prefers, tell(JUDGES[key], prefers, (first, second), both))


def _winning(judge: Judge, prefers: Choice, sides: Sides, both: Pair) -> str:
    """The reason of a hinge that compares the true class with its rivals."""
    title, margin = judge.title, show(sides[0].margin)
    if both[0].content and both[1].content:
        if judge.key == "crammer_singer":
            return f"{title} looks at the strongest rival alone, and is content with both too."
        leads = [show(_lead(one)) for one in sides]
        how = f"by {leads[0]} in both" if leads[0] == leads[1] else f"by {leads[0]} in the first and by {leads[1]} in the second"
        return f"The true class wins {how}, where {margin} is enough: {title} is content with both and treats them as equal."
    if prefers == "neither":
        return f"Both fall short of the margin by the same {show(both[0].loss)}, so {title} treats them as equal."
    if both[0].content or both[1].content:
        better, worse = sides if prefers == "first" else sides[::-1]
        other = "second" if prefers == "first" else "first"
        return (
            f"In the {prefers} the true class wins by {show(_lead(better))}, where {margin} is enough, and {title} is content; "
            f"in the {other} {_state(worse)}. So {title} prefers the {prefers}."
        )
    numbers = _against(prefers, [one.loss for one in both])
    return f"Neither lets the true class win by {margin}; the {prefers} falls short by less, {numbers}, so {title} prefers it."


def _alone(judge: Judge, prefers: Choice, sides: Sides, both: Pair) -> str:
    """The reason of the judge that looks at each class alone."""
    asks = f"the true score at {show(sides[0].margin)} or more and every other at {show(-sides[0].margin)} or less"
    if both[0].content and both[1].content:
        return f"Both have {asks}: {judge.title} is content with both and treats them as equal."
    if prefers == "neither":
        return f"For each class on its own, both fall short by the same {show(both[0].loss)}: {judge.title} treats them as equal."
    if both[0].content or both[1].content:
        return f"The {prefers} alone has {asks}: {judge.title} is content with it and prefers it."
    numbers = _against(prefers, [one.loss for one in both])
    name = f"{judge.title[0].upper()}{judge.title[1:]}"
    return f"{name} wants {asks}; the {prefers} falls short of that by less, {numbers}."


def _lead(one: Verdicts) -> float:
    """By how much the true class is ahead of its strongest rival."""
    return one.margin - float(one.hinge_steps.short[best_rival(one.scores, one.true)])


def _state(one: Verdicts) -> str:
    """What a classifier that falls short does, in words."""
    lead, rival = _lead(one), best_rival(one.scores, one.true)
    if lead > 0:
        return f"it wins by {show(lead)} only, over class {rival}"
    return f"it is level with class {rival}" if lead == 0 else f"class {rival} is ahead of it by {show(-lead)}"


def _against(prefers: Choice, numbers: list[float]) -> str:
    """The number of the one preferred, against that of the other; with as many digits as tell them apart."""
    mine, other = (numbers[0], numbers[1]) if prefers == "first" else (numbers[1], numbers[0])
    digits = next((one for one in (6, 9, 12, 15) if show(mine, one) != show(other, one)), 17)
    return f"{show(mine, digits)} against {show(other, digits)}"
