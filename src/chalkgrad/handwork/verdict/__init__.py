"""Every claim of a paper judged: right, wrong, following from an earlier wrong line, or unreadable.

- `sums`, `habits`, `texts`: entries and sums in the terms of the reader, doubts settled as people mean them, a problem as texts
- `model`: a problem as a graph
- `reading`, `comparing`: a side as a formula, and whether two say the same
- `belief`: what a student's own earlier numbers lead to
- `judging`, `asking`, `paper`: the verdict on each claim, the question about a wrong one, and all of a paper
"""

from chalkgrad.handwork.verdict.judging import NO_KNOWN_SLIP, Claim, Verdict
from chalkgrad.handwork.verdict.paper import Judged, judge_paper

__all__ = ["NO_KNOWN_SLIP", "Claim", "Judged", "Verdict", "judge_paper"]
