"""What a check answers: the claims of one paper, with the first wrong line; or many papers, and which mistake how often."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from types import MappingProxyType

from chalkgrad.errors import ChalkgradError, TooLargeError
from chalkgrad.explain.checked.handouts import class_handout, paper_handout
from chalkgrad.explain.handout.model import HANDED_OUT, Handout
from chalkgrad.explain.rendering import Rendered
from chalkgrad.handwork.verdict import Claim, Judged, judge_paper

LARGEST_PAPER = 5_000_000  # characters
RENDERERS = MappingProxyType({
    **HANDED_OUT, "json": "chalkgrad.explain.checked.record:to_json", "csv": "chalkgrad.explain.checked.record:to_csv",
})  # fmt: skip


class Checked(Rendered):
    """A paper that was checked: `.claims`, `.first_wrong_line`, and itself as text, page, JSON or CSV.

    With `hint`, what is shown tells the line and the kind of slip, but neither the right number nor the reason.
    """

    renderers = RENDERERS

    def __init__(self, judged: Judged, *, hint: bool = False, name: str = "", trouble: ChalkgradError | None = None) -> None:
        self.judged, self.hint, self.name = judged, hint, name
        self.trouble = trouble  # why the paper as a whole could not be read

    @property
    def claims(self) -> tuple[Claim, ...]:
        return self.judged.claims

    @property
    def first_wrong_line(self) -> int | None:
        return self.judged.first_wrong_line

    @property
    def verdict(self) -> str:
        """right, wrong, or unreadable."""
        return self.judged.verdict

    @property
    def papers(self) -> Sequence["Checked"]:
        return (self,)

    @property
    def mistakes(self) -> Counter[str]:
        """How often each mistake is the likeliest explanation of a wrong line, by name."""
        found: Counter[str] = Counter()
        for claim in self.claims:
            if claim.verdict == "wrong":
                found.update((claim.kind,))
        return found

    @cached_property
    def handout(self) -> Handout:
        """What there is to say, section by section."""
        return paper_handout(self)


class ClassChecked(Rendered):
    """The papers of a class: which is right, where the others go wrong, and which mistake was made how often."""

    renderers = RENDERERS

    def __init__(self, papers: Sequence[Checked]) -> None:
        self.papers = tuple(papers)

    @property
    def verdict(self) -> str:
        """The gravest of all: wrong, unreadable or right."""
        kinds = {paper.verdict for paper in self.papers}
        return next(kind for kind in ("wrong", "unreadable", "right") if kind in kinds)

    @property
    def mistakes(self) -> Counter[str]:
        return sum((paper.mistakes for paper in self.papers), Counter[str]())

    @cached_property
    def handout(self) -> Handout:
        return class_handout(self)


def check(text: str, *, hint: bool = False, name: str = "") -> Checked:
    """Check a hand-worked solution: every claim right, wrong, following from an earlier wrong line, or unreadable.

    `text` is plain text or Markdown as people write it: the formula, the values, and lines such as df/dx = df/dq * dq/dx = 2.
    Raises ChalkgradError only for what is no text; a line that cannot be read is a claim that says so.

        >>> found = check("f = x*y + x at x = 2, y = -3\\ndf/dy = x = 2\\ndf/dx = y = -3")
        >>> found.first_wrong_line, found.claims[-1].truth
        (3, -2.0)
    """
    if not isinstance(text, str):
        raise ChalkgradError(
            f"A working is a text, not {type(text).__name__}.", hint='For example: check("f = x*y, x = 2, y = 3…")'
        )
    if len(text) > LARGEST_PAPER:
        raise TooLargeError(
            f"The working has {len(text):,} characters; at most {LARGEST_PAPER:,} are read.", hint="Check it in parts."
        )
    return Checked(judge_paper(text), hint=hint, name=name)
