"""One claimed slope against what is measured: agrees, wrong, a kink, or too uncertain to say, and why.

Slopes are weighed along a line that is measured in the size of what moves, so that a large and a small input are judged alike.
Where the floats leave the difference uncertain, or speak against the claim, arithmetic of many digits has the last word.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chalkgrad.check.blame import rule_in_many_digits
from chalkgrad.check.exactly import complex_step, in_many_digits
from chalkgrad.check.kinks import Standing, verdict
from chalkgrad.check.path import Path
from chalkgrad.check.slopes import SAFETY, STAGE, WIDEST, Ladder, Slope

Verdict = Literal["agrees", "kink", "uncertain", "wrong at a kink", "wrong"]
ROUNDINGS = 64  # that a gradient itself may have gathered, in units of the last place
CLEAR = 1e-3  # a difference whose error is a larger part of the slope says nothing
SPOILT = "the rules are right, and rounding spoils the gradient in floats: write the function in a form that does not cancel"
EXACT = 1e-6  # how near a claim must come to a slope of many digits


@dataclass(frozen=True, slots=True)
class Finding:
    """What was claimed of one slope, what was measured, and the verdict. `left` and `right` are given at a kink."""

    of: str
    claimed: float
    measured: Slope | None
    verdict: Verdict
    why: str = ""
    left: Slope | None = None
    right: Slope | None = None
    second: Slope | None = None  # another measure that agrees: the difference beside a complex step or many digits


class Judge:
    """Weighs claims along lines through one point. `natural` is the largest change that any input brings about."""

    def __init__(self, path: Path, at: tuple[Standing, ...], natural: float, by_rules: bool = True) -> None:
        self.path = path
        self.at = at
        self.natural = natural
        self.by_rules = by_rules  # the claims come from the rules of the gates, not from a function written by hand

    def weigh(self, of: str, claimed: float, direction: Sequence[Any], scale: float = 1.0,
              phi: Callable[[float], float] | None = None) -> Finding:  # fmt: skip
        """`claimed` is the slope per unit of the input; the direction moves it by `scale`."""
        ladder = self.path.ladder(direction, phi)
        left, right, middle = ladder.side(-1), ladder.side(1), ladder.central()
        turned = 1.0 / scale
        allowance = ROUNDINGS * ladder.eps * abs(claimed * scale) + SAFETY * self.path.noise
        if ladder.is_kinked() or any(one is not None and math.isinf(one.value) for one in (left, right)):
            allowance += max(EXACT, ROUNDINGS * ladder.eps) * min(
                (abs(one.value) for one in (left, right) if one is not None), default=0.0
            )
            stands, why = verdict(claimed * scale, left, right, 0.0 if math.isinf(allowance) else allowance, self.at)
            return Finding(of, claimed, None, "kink" if stands else "wrong at a kink", why,
                           left and left.times(turned), right and right.times(turned))  # fmt: skip
        best = middle or (right if left is None else left if right is None else None)
        other: Slope | None = None
        smooth = complex_step(self.path, direction) if best is not None else None
        if smooth is not None and best is not None and best.agrees(smooth.value, allowance) and smooth.error < best.error:
            best, other = smooth, best
        if not self._is_clear(best, claimed * scale, ladder) or best is None or not best.agrees(claimed * scale, allowance):
            exact = in_many_digits(self.path, direction)
            if exact is not None and self._is_clear(exact, claimed * scale, ladder):
                return self._by_digits(of, claimed, scale, best, exact, ladder, direction)
        if best is None:
            return Finding(of, claimed, None, "uncertain", "the function has no finite values around this point")
        if not self._is_clear(best, claimed * scale, ladder):
            return Finding(of, claimed, best.times(turned), "uncertain", _doubt(best))
        stands = best.agrees(claimed * scale, allowance)
        return Finding(of, claimed, best.times(turned), "agrees" if stands else "wrong", second=other and other.times(turned))

    def _by_digits(self, of: str, claimed: float, scale: float, floats: Slope | None, exact: Slope, ladder: Ladder,
                   direction: Sequence[Any]) -> Finding:  # fmt: skip
        """The last word of arithmetic with many digits, if the function computes what was traced."""
        other = floats and floats.times(1.0 / scale)
        if self._parts(ladder, direction):
            return Finding(of, claimed, other, "wrong", "beside this point the function computes something else than was traced")
        size = max(abs(claimed * scale), abs(exact.value))
        blurred = min(SAFETY * floats.error, CLEAR * size) if floats is not None else 0.0  # the gradient is computed in floats too
        spare = max(EXACT, ROUNDINGS * ladder.eps) * size + blurred + ROUNDINGS * ladder.eps * self.natural
        stands = exact.agrees(claimed * scale, spare)
        why = "" if stands or not self.is_spoilt(exact, direction) else SPOILT
        return Finding(of, claimed, exact.times(1.0 / scale), "agrees" if stands else "wrong", why, second=other)

    def is_spoilt(self, exact: Slope, direction: Sequence[Any]) -> bool:
        """Whether the rules of the gates are right, so that it is the rounding of floats that makes the gradient wrong."""
        rule = rule_in_many_digits(self.path, direction) if self.by_rules else None
        return rule is not None and rule.agrees(exact.value, EXACT * abs(exact.value))

    def _parts(self, ladder: Ladder, direction: Sequence[Any]) -> bool:
        """Whether the function that was measured leaves the graph that was traced, near the point as well as far from it."""
        first = ladder.steps.index(WIDEST)
        for step, value in list(zip(ladder.steps, ladder.ends[1], strict=True))[first : first + STAGE]:
            traced = float(self.path.evaluated(self.path.moved(direction, step))[self.path.output])
            if not abs(traced - value) > ROUNDINGS * (self.path.noise + ladder.eps * abs(value)):
                return False
        return True

    def _is_clear(self, slope: Slope | None, claimed: float, ladder: Ladder) -> bool:
        """Whether the error is small beside the slope, or beside what the inputs change in the value at all."""
        if slope is None or not math.isfinite(slope.error):
            return False
        size = max(abs(slope.value), abs(claimed) if math.isfinite(claimed) else 0.0, self.natural)
        return slope.error <= max(CLEAR * size, math.sqrt(ladder.eps) * max(abs(self.path.value), ladder.secant))


def _doubt(slope: Slope) -> str:
    if slope.rounding > slope.truncation:
        return "rounding drowns the difference: the value is large beside what the input changes in it"
    return "differences of different widths do not agree: the function wiggles or has a singularity close by"
