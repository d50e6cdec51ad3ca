"""The search: which wrong derivation yields the number on the paper?

Every change that the derivation offers is tried by itself; where none explains the number, the pen may have slipped; else changes
are tried in pairs, within a bound.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from chalkgrad.handwork.mistakes import chain, digits, gates, values, vectors
from chalkgrad.handwork.mistakes.question import Diagnosis, Question
from chalkgrad.handwork.mistakes.walk import Change, Walk

MOST_STEPS = 40_000  # gates walked through for pairs: about half a second
MOST_OFFERED = 7
MOST_GATES = 2_000  # beyond, a derivation by hand is none
ROUNDING = 1e-9


def diagnose(question: Question) -> tuple[Diagnosis, ...]:
    """All single mistakes that yield the claimed number within its rounding, else pairs, else a slip of the pen, else nothing."""
    for student in (True, False) if _goes_on_with_more(question) else (True,):
        found = _diagnosed(question, Walk(question, student=student))
        if found:
            return found
    return ()


def _goes_on_with_more(question: Question) -> bool:
    """Whether the student goes on with numbers that are not the true ones."""
    return bool(question.slopes) or any(not question.graph.is_leaf(node) for node in question.values)


def _diagnosed(question: Question, walk: Walk) -> tuple[Diagnosis, ...]:
    if question.denominator is None:
        offered, compute, size = list(values.changes(walk)), walk.value, len(walk.steps)
    elif walk.edges:
        families = (gates.changes, vectors.changes, chain.changes, chain.changes_of_question)  # the most telling first
        offered = [one for family in families for one in family(walk)]
        compute, size = walk.gradient, len(walk.edges)
    else:
        return ()
    if size > MOST_GATES:
        return ()
    right = compute()
    if np.shape(right) != np.shape(question.claimed):
        return ()
    line = tuple(digits.on_the_line(question, right))
    found = _best(_explaining(question, right, compute, [(one,) for one in offered]))
    if line and not found:
        return line
    if not found:
        found = tuple(digits.of_digits(question, right))
    if not found:
        bound = MOST_STEPS // max(size, 1)
        pairs = (pair for pair in itertools.combinations(offered, 2) if not pair[0].meets(pair[1]) and pair[0].end is None)
        found = _best(_explaining(question, right, compute, itertools.islice(pairs, bound)))
    return (*found, *line)[:MOST_OFFERED]


def _explaining(question: Question, right: Any, compute: Any, offered: Any) -> Iterator[tuple[Diagnosis, Any]]:
    for changes in offered:
        try:
            with np.errstate(all="ignore"):
                result = compute(changes)
        except ValueError:
            continue  # the altered rule does not fit the shapes here
        if _agrees(result, question.claimed, question.slack) and not _agrees(result, right, 0.0):
            mistakes = tuple(one.mistake for one in changes)
            sentence = " And: ".join(one.sentence(numbers=not question.symbolic) for one in changes)
            yield Diagnosis(mistakes, sentence, changes[0].wire, result), changes


def _agrees(one: Any, other: Any, slack: float) -> bool:
    if np.shape(one) != np.shape(other):
        return False
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(one - other) <= slack + ROUNDING * (np.abs(other) + 1e-300)))


def _best(found: Iterator[tuple[Diagnosis, Sequence[Change]]]) -> tuple[Diagnosis, ...]:
    """One for each mistake."""
    kept: dict[tuple[str, ...], Diagnosis] = {}
    sign = (chain.SIGN.name,)
    for diagnosis, _ in found:
        kept.setdefault(tuple(one.name for one in diagnosis.mistakes), diagnosis)
        if len(kept) - (sign in kept) == MOST_OFFERED:
            break
    if len(kept) > 1:
        kept.pop(sign, None)  # the others tell where the sign was lost
    return tuple(kept.values())
