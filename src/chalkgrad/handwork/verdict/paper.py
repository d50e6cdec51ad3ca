"""A whole paper checked: its claims in the order of writing, and the first line that is wrong.

>>> verdict = judge_paper("f = x*y, x = 2, y = 3\\ndf/dx = 3\\ndf/dy = 3")
>>> verdict.first_wrong_line, [claim.verdict for claim in verdict.claims]
(3, ['right', 'right', 'right', 'right', 'wrong'])
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chalkgrad.handwork.claims import Problem, exercises, problems, read_paper
from chalkgrad.handwork.verdict.habits import Habit
from chalkgrad.handwork.verdict.judging import Claim, Judge, Verdict
from chalkgrad.reading.formula.build import Products

MOST_TOGETHER = 1_000  # statements of exercises with the same names that are judged as one problem too
_DOUBTFUL = re.compile(r"/\s*(?:\d+\.?\d*|\w+|√)\s*(?=[^\W\d]|[(√\\])")
_ENTRY = re.compile(r"[^\W\d_]_\{?(\d+)")


@dataclass(frozen=True, slots=True)
class Judged:
    """The claims of a paper."""

    claims: tuple[Claim, ...]

    @property
    def first_wrong(self) -> Claim | None:
        """The first claim that is wrong and does not follow from another."""
        return next((one for one in self.claims if one.verdict == "wrong"), None)

    @property
    def first_wrong_line(self) -> int | None:
        first = self.first_wrong
        return None if first is None else first.line

    @property
    def verdict(self) -> Verdict:
        """The paper as a whole: wrong where one claim is, else unreadable where one is or nothing is claimed, else right."""
        kinds = {one.verdict for one in self.claims}
        return "wrong" if "wrong" in kinds else "unreadable" if "unreadable" in kinds or not kinds else "right"

    @property
    def counts(self) -> Counter[Verdict]:
        """How many claims have each verdict."""
        return Counter(one.verdict for one in self.claims)


def judge_paper(text: str) -> Judged:
    """Read and judge a paper. Whatever cannot be read is a claim too, with a letter; nothing is raised for it."""
    with np.errstate(all="ignore"):
        return Judged(tuple(claim for problem in problems(read_paper(text)) for claim in _claims(problem)))


def _claims(problem: Problem) -> list[Claim]:
    """The claims of a problem; where it is several exercises with the same names, of each of them by itself if that is better."""
    parts = exercises(problem)
    if len(parts) == 1:
        return _by_habit(problem)
    whole: list[Claim] = []
    claims: list[Claim] = []
    for place, part in enumerate(parts):
        best = _by_habit(part)
        if place and (_is_wrong(best) or not _differentiates(part)):
            there = Problem(problem.definitions, problem.values, part.statements)
            best = min(_by_habit(there), best, key=_troubled)
        if _is_wrong(best) and len(problem.statements) <= MOST_TOGETHER:
            # What was rounded or wrong in an earlier part may lead on to here.
            whole = whole or _by_habit(problem)
            best = min(whole[len(claims) : len(claims) + len(best)], best, key=_troubled)
        claims += best
    return claims


def _is_wrong(claims: list[Claim]) -> bool:
    return any(one.verdict == "wrong" for one in claims)


def _differentiates(part: Problem) -> bool:
    return any(mark.by for one in part.statements for side in one.sides for mark in side.marks.values())


def _by_habit(problem: Problem) -> list[Claim]:
    """The claims of a problem, by the habit that makes most of them right."""
    best = list(Judge.of(problem).claims())
    habits = iter(_habits(problem))
    while _troubled(best) != (0, 0) and (habit := next(habits, None)) is not None:
        best = min(best, list(Judge.of(problem, habit).claims()), key=_troubled)
    return best


def _habits(problem: Problem) -> list[Habit]:
    """The other habits that a paper may have. Where entries are written, but never entry 0, they may count from 1."""
    text = "\n".join(side.text for one in problem.statements for side in one.sides)
    entries = {found[1] for found in _ENTRY.finditer(text + "\n".join(_marked(problem)))}
    firsts = [0, 1] if entries and "0" not in entries else [0]
    products: list[Products] = ["dots", "entries", "stars"] if "[" in text or "matrix" in text else ["dots"]
    belows = [False, True] if _DOUBTFUL.search(text) else [False]
    return [Habit(*one) for one in itertools.product(firsts, products, belows)][1:]


def _marked(problem: Problem) -> Iterator[str]:
    """The names in derivatives, as they are written."""
    for one in problem.statements:
        for side in one.sides:
            for mark in side.marks.values():
                yield from (mark.of, *mark.by)


def _troubled(claims: list[Claim]) -> tuple[int, int]:
    return sum(one.verdict == "wrong" for one in claims), sum(one.verdict == "unreadable" for one in claims)
