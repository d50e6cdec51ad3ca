"""What a check of a gradient found, as data, and the letter that tells it."""

from dataclasses import dataclass

from chalkgrad.check.blame import Culprit
from chalkgrad.check.judging import Finding, Verdict
from chalkgrad.check.kinks import Standing
from chalkgrad.check.slopes import SAFETY, Slope
from chalkgrad.errors import excerpt
from chalkgrad.notation.numbers import show

ORDER: tuple[Verdict, ...] = ("agrees", "kink", "uncertain", "wrong at a kink", "wrong")  # the worst last
MOST_LISTED = 4
DIGITS = 9


@dataclass(frozen=True, slots=True)
class Report:
    """`str(report)` is a letter; the report is true where the gradient may be relied on.

    `entries` are the findings for single inputs, `directions` those along random directions (in both modes), `second` that for the
    slope of the gradient. `gate` is the first gate whose rule parts from its slope; `explanation` says what turns a gradient
    written by hand into the right one; `notes` tell what was not checked, and why.
    """

    subject: str
    verdict: Verdict
    entries: tuple[Finding, ...] = ()
    directions: tuple[Finding, ...] = ()
    second: Finding | None = None
    gate: Culprit | None = None
    kinks: tuple[Standing, ...] = ()
    explanation: str = ""
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.verdict in ("agrees", "kink")

    def __bool__(self) -> bool:
        return self.ok

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.entries, *self.directions, *(() if self.second is None else (self.second,)))

    @property
    def first(self) -> Finding | None:
        """The finding that decides the verdict; an entry before a direction."""
        return next((one for one in self.findings if one.verdict == self.verdict), None)

    def __str__(self) -> str:
        parts = [self._headline()]
        listed = [one for one in self.findings if one.verdict == self.verdict] if self.verdict != "agrees" else []
        listed = [one for one in listed if one in self.entries] or listed
        parts += ["\n".join(line for one in listed[:MOST_LISTED] for line in said(one))] if listed else []
        if len(listed) > MOST_LISTED:
            parts.append(f"    … and {len(listed) - MOST_LISTED} more.")
        parts += [] if not self.explanation else [self.explanation]
        parts += [] if self.gate is None else _of_gate(self.gate)
        for kink in self.kinks if self.verdict in ("kink", "wrong at a kink") else ():
            parts.append(_of_kink(kink))
        return "\n\n".join([*parts, *self.notes])

    def _headline(self) -> str:
        first, subject = self.first, self.subject[0].upper() + self.subject[1:]
        if self.verdict == "agrees":
            worst = max((_apart(one.claimed, one.measured) for one in self.findings if one.measured), default=0.0)
            kinds = " and ".join(dict.fromkeys(one.measured.how for one in self.findings if one.measured))
            second = self.second.measured if self.second is not None and self.second.verdict == "agrees" else None
            slope = f" The slope of the gradient agrees too ({second.how})." if second is not None else ""
            return (f"{subject} is right: {_count(len(self.entries), 'entry', 'entries')} and"
                    f" {_count(len(self.directions), 'random direction', 'random directions')} agree with the measured slope"
                    f" ({kinds}); the largest difference is {show(worst, 2)} of the slope.{slope}")  # fmt: skip
        of = f" at {first.of}" if first is not None and first in self.entries else f", {first.of}" if first is not None else ""
        return {
            "kink": f"{subject} stands on a kink{of}; its convention is accepted.",
            "uncertain": f"Whether {self.subject} is right cannot be said{of}.",
            "wrong at a kink": f"{subject} is wrong{of}, which is a kink.",
            "wrong": f"{subject} is wrong{of}." if first is not self.second else f"{subject} is right, but its own slope is wrong.",
        }[self.verdict]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _apart(claimed: float, measured: Slope) -> float:
    """How far a claim is from the measure, as a part of the slope; nothing where the slope is nothing beside the error."""
    size = max(abs(claimed), abs(measured.value))
    return abs(claimed - measured.value) / size if size > SAFETY * measured.error else 0.0


def with_error(slope: Slope) -> str:
    return show(slope.value, DIGITS) + (f" ± {show(slope.error, 2)}" if slope.error else "")


def said(finding: Finding) -> list[str]:
    """A finding in lines: what is claimed, what is measured, why."""
    if finding.measured is None and finding.claimed != finding.claimed and finding.left is None and finding.right is None:
        return [f"    {finding.of}:  {finding.why}"]
    lines = [f"    {finding.of}:  claimed {show(finding.claimed, DIGITS)}"]
    if finding.left is not None or finding.right is not None:
        sides = (("left", finding.left), ("right", finding.right))
        lines[0] += "; measured " + ", ".join(f"{with_error(one)} to the {name}" for name, one in sides if one is not None)
    elif finding.measured is not None:
        lines[0] += f"; measured {with_error(finding.measured)} ({finding.measured.how})"
        if finding.second is not None:
            lines.append(f"        {finding.second.how}: {with_error(finding.second)}")
    return [*lines, *([f"        {finding.why}"] if finding.why else [])]


def _of_gate(gate: Culprit) -> list[str]:
    where = [] if gate.line is None else [excerpt(*gate.line)]
    inputs = ", ".join(show(value, 6) for value in gate.inputs)
    if gate.measured is None:
        how = f"At ({inputs}) it makes {show(gate.claimed)} of a gradient that is finite."
    else:
        how = (f"At ({inputs}), along one direction of input {gate.slot}, its rule gives {show(gate.claimed, DIGITS)}"
               f" ({gate.mode} mode); measured {with_error(gate.measured)}.")  # fmt: skip
    return [f'The first gate that parts from its slope is "{gate.gate}":', *where, how]


def _of_kink(kink: Standing) -> str:
    where = "" if kink.line is None else f"\n\n{excerpt(*kink.line)}"
    return f'The gate "{kink.gate}" is at a kink. Convention: {kink.convention}. Right would be: {kink.valid}.{where}'
