"""A whole paper checked: its claims in the order of writing, and the first line that is wrong.

>>> verdict = judge_paper("f = x*y, x = 2, y = 3\\ndf/dx = 3\\ndf/dy = 3")
>>> verdict.first_wrong_line, [claim.verdict for claim in verdict.claims]
(3, ['right', 'right', 'right', 'right', 'wrong'])
"""

from collections import Counter
from dataclasses import dataclass

from chalkgrad.handwork.claims import problems, read_paper
from chalkgrad.handwork.verdict.judging import Claim, Judge, Verdict


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
    claims = [claim for problem in problems(read_paper(text)) for claim in Judge.of(problem).claims()]
    return Judged(tuple(claims))
