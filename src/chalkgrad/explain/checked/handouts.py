"""A checked paper, and those of a class, as sections: the first wrong line and why, the others, and every claim in a table."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from chalkgrad.errors import ChalkgradError, excerpt
from chalkgrad.explain.handout.model import Handout, Section, Table
from chalkgrad.handwork.verdict import Claim, Judged
from chalkgrad.notation.numbers import show

LONGEST_LINE = 64  # characters of a line that a table shows
MOST_ROWS = 400  # claims in the table; of a longer paper, those that are not right
FOLLOWS = "It follows rightly from an earlier wrong line, so it costs nothing more."
MEANING = "“follows” is rightly derived from an earlier wrong line."


class Paper(Protocol):
    """What is said of one paper."""

    hint: bool
    name: str
    trouble: ChalkgradError | None
    judged: Judged

    @property
    def claims(self) -> tuple[Claim, ...]: ...
    @property
    def verdict(self) -> str: ...
    @property
    def first_wrong_line(self) -> int | None: ...
    @property
    def mistakes(self) -> Counter[str]: ...


class Papers(Protocol):
    """What is said of many."""

    @property
    def papers(self) -> Sequence[Paper]: ...
    @property
    def mistakes(self) -> Counter[str]: ...


def paper_handout(paper: Paper) -> Handout:
    """One paper: what is wrong first, what else, and the table of claims."""
    if paper.trouble is not None:
        return Handout(paper.trouble.what, (Section("What to do", (paper.trouble.hint or "Give a text file.",)),))
    if not paper.claims:
        return Handout("There is nothing to check.", (Section("What to do", (
            "A working states a formula, values, and what follows: f = x*y + x, x = 2, y = -3, df/dy = x = 2.",)),))  # fmt: skip
    wrong = [claim for claim in paper.claims if claim.verdict == "wrong"]
    unread = [claim for claim in paper.claims if claim.verdict == "unreadable"]
    sections = [_wrong(claim, hint=paper.hint) for claim in wrong]
    sections += [_unreadable(claim) for claim in unread]
    sections.append(Section("Every claim", table=_table(paper)))
    if any(claim.verdict == "follows" for claim in paper.claims):
        sections[-1] = Section("Every claim", table=_table(paper), closing=(MEANING,))
    return Handout(headline(paper), tuple(sections))


def headline(paper: Paper) -> str:
    """The answer in one sentence."""
    if paper.trouble is not None:
        return paper.trouble.what
    line = paper.first_wrong_line
    if line is not None:
        return f"Line {line} of the working is the first that is wrong."
    unread = sum(claim.verdict == "unreadable" for claim in paper.claims)
    if not paper.claims:
        return "There is nothing to check."
    if unread:
        return f"Nothing is wrong, but {unread} of {len(paper.claims)} claims could not be read."
    return f"All {len(paper.claims)} claims are right." if len(paper.claims) > 1 else "The one claim is right."


def class_handout(found: Papers) -> Handout:
    """A class: a row for each paper, and how often each mistake was made."""
    rows = tuple((_cut(paper.name), paper.verdict, *_first(paper)) for paper in found.papers)
    right = sum(paper.verdict == "right" for paper in found.papers)
    sections = [Section("Papers", table=Table(("paper", "verdict", "first wrong line", "mistake"), rows))]
    mistakes = found.mistakes.most_common()
    if mistakes:
        counted = tuple((name, str(count), str(_papers_with(found, name))) for name, count in mistakes)
        sections.insert(0, Section("Which mistake, how often", table=Table(("mistake", "times", "papers"), counted)))
    return Handout(f"{right} of {len(rows)} papers {'is' if right == 1 else 'are'} all right.", tuple(sections))


def _papers_with(found: Papers, name: str) -> int:
    return sum(name in paper.mistakes for paper in found.papers)


def _first(paper: Paper) -> tuple[str, str]:
    claim = paper.judged.first_wrong
    if claim is None:
        unread = next((one.line for one in paper.claims if one.verdict == "unreadable"), None)
        why = "–" if paper.claims else "There is nothing to check."
        why = why if unread is None else f"Line {unread} cannot be read."
        return "–", why if paper.trouble is None else paper.trouble.what
    return str(claim.line), claim.kind


def _wrong(claim: Claim, *, hint: bool) -> Section:
    return Section(f"Line {claim.line}", tuple(_why(claim, hint=hint)))


def _why(claim: Claim, *, hint: bool) -> Iterator[str]:
    """What is written, what is true, and which slip makes the one of the other."""
    yield claim.text
    if hint:
        kinds = list(dict.fromkeys(mistake.title for one in claim.diagnoses for mistake in one.mistakes))
        yield f"Look at “{claim.side}” again." + (f" Kind of slip: {' or: '.join(kinds)}." if kinds else "")
        return
    if claim.note:
        yield f"You wrote {claim.about} = {claim.side}. {claim.note}"
    elif claim.truth is None:
        yield f"You wrote {claim.about} = {claim.side}; that is not so."
    else:
        yield f"You wrote {claim.about} = {claim.side}; it is {show(claim.truth)}."
    sentences = list(dict.fromkeys(one.sentence for one in claim.diagnoses))
    if not sentences:
        yield "It is no slip that I know."
    elif len(sentences) == 1:
        yield sentences[0]
    else:
        yield "Several slips give this number."
        yield from (f"{'Either' if place == 0 else 'Or'}: {sentence}" for place, sentence in enumerate(sentences))


def _unreadable(claim: Claim) -> Section:
    letter = claim.letter
    if letter is None:
        return Section(f"Line {claim.line} cannot be read", (claim.text,))
    pointed = excerpt(letter.source, letter.span).split("\n") if letter.source is not None and letter.span is not None else []
    return Section(f"Line {claim.line} cannot be read", (letter.what, *pointed, *filter(None, [letter.hint])))


def _table(paper: Paper) -> Table:
    claims = paper.claims
    if len(claims) > MOST_ROWS:
        claims = tuple(claim for claim in claims if claim.verdict != "right")[:MOST_ROWS] or claims[:MOST_ROWS]
    header = ("line", "verdict", "claim") if paper.hint else ("line", "verdict", "claim", "it is")
    rows = (
        (str(claim.line), claim.verdict, _cut(_said(claim)), "" if claim.truth is None else show(claim.truth)) for claim in claims
    )
    return Table(header, tuple(row[: len(header)] for row in rows))


def _said(claim: Claim) -> str:
    return claim.claimed or claim.text


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"
