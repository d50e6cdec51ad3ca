"""Measured slopes: differences along a line, extrapolated, each with what is known of its error.

A `Ladder` evaluates φ(t) at t = 0 and on both sides of it, at steps that shrink by 4, and goes on until an answer is good: down to
the spacing of floats, and up again where rounding drowns the small steps. Richardson's table removes the powers of the step from
the quotients. Of its answers that one is taken whose error is smallest, where the error is what neighbours in the table differ by
(truncation), what the rounding of φ makes of it at that step, and what smaller steps say against it.

    >>> import math
    >>> slope = Ladder(math.exp, noise=2e-16).measure().central()
    >>> abs(slope.value - 1.0) <= slope.error <= 1e-10
    True

Source: Ridders, Accurate computation of F′(x) and F′(x)F″(x) (1982).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

WIDEST = 0.125  # the first step, of a line that is measured in the size of what moves
RATIO = 4.0
STAGE = 8  # so many steps are taken at a time
COLUMNS = 6  # of Richardson's table: so many powers of the step are removed
UPWARD = 14  # steps that are wider than the widest, where the small ones drown in rounding
SAFETY = 8.0  # an estimated error is trusted up to this factor
# Quotients that grow so much from step to step, for so many steps, that far above the noise, so near to 0, have no limit.
STEEPER, LONG, LOUD, CLOSEST = 1.2, 6, 100.0, 64.0


@dataclass(frozen=True, slots=True)
class Slope:
    """A measured slope, and its error as far as it comes from the step (truncation) and from the floats (rounding)."""

    value: float
    truncation: float = 0.0
    rounding: float = 0.0
    how: str = "central difference"

    @property
    def error(self) -> float:
        return self.truncation + self.rounding

    def times(self, factor: float) -> "Slope":
        return Slope(self.value * factor, self.truncation * abs(factor), self.rounding * abs(factor), self.how)

    def agrees(self, claimed: float, allowance: float = 0.0) -> bool:
        """Whether the claim is within the error; infinite slopes agree with their like."""
        return claimed == self.value or abs(claimed - self.value) <= SAFETY * self.error + allowance


class Ladder:
    """φ at 0 and at steps on both sides. `noise` is the error of one value of φ, `eps` the spacing of its floats."""

    def __init__(self, phi: Callable[[float], float], noise: float, eps: float = 2.0**-52) -> None:
        self.phi = phi
        self.eps = eps
        self.noise = noise
        self.middle = self._at(0.0)
        self.steps: list[float] = []
        self.ends: dict[int, list[float]] = {1: [], -1: []}  # by side, one for each step

    def measure(self) -> "Ladder":
        """Take as many steps as an answer needs."""
        while not self.settled() and self._next() >= self.eps:
            for _ in range(STAGE):
                self._take(self._next(), len(self.steps))
        if not self.settled():
            self._widen()
        return self

    def settled(self) -> bool:
        """Whether the answer is as good as half of the digits, or as good as the rounding lets it be, and no kink is in sight."""
        slope = self.central()
        if slope is None or self.is_kinked():
            return False
        return slope.error <= max(math.sqrt(self.eps) * abs(slope.value), 64 * self.noise)

    def central(self) -> Slope | None:
        """The slope from both sides at once; None where φ has no value on one of them."""
        quotients = [(right - left) / (2 * step) for step, right, left in zip(self.steps, self.ends[1], self.ends[-1], strict=True)]
        return self._extrapolated(quotients, 2, "central difference")

    def side(self, sign: int) -> Slope | None:
        """The slope towards one side: infinite where its quotients grow without end, None where φ has no value there."""
        quotients = self._quotients(sign)
        steepest = self._endless(sign, quotients)
        if steepest:
            return Slope(math.copysign(math.inf, steepest), how="one-sided difference")
        return self._extrapolated(quotients, 1, "one-sided difference")

    def is_kinked(self) -> bool:
        """Whether the slopes of the two sides differ by more than their errors."""
        left, right = self.side(-1), self.side(1)
        if left is None or right is None:
            return False
        if math.isinf(left.value) or math.isinf(right.value):
            return True
        room = SAFETY * (left.error + right.error) + math.sqrt(self.eps) * max(abs(left.value), abs(right.value))
        return abs(left.value - right.value) > room

    @property
    def secant(self) -> float:
        """The mean slope to the widest step that is not beyond the size of what moves."""
        place = self.steps.index(WIDEST)
        rises = [abs(ends[place] - self.middle) for ends in self.ends.values() if math.isfinite(ends[place])]
        return max(rises, default=0.0) / WIDEST

    def _at(self, t: float) -> float:
        try:
            with np.errstate(all="ignore"):
                return float(self.phi(t))
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            return math.nan  # beside the place that is checked a function may have no value

    def _next(self) -> float:
        return self.steps[-1] / RATIO if self.steps else WIDEST

    def _take(self, step: float, place: int) -> bool:
        self.steps.insert(place, step)
        for sign, ends in self.ends.items():
            ends.insert(place, self._at(sign * step))
        return all(math.isfinite(ends[place]) for ends in self.ends.values())

    def _widen(self) -> None:
        for _ in range(UPWARD):
            if not self._take(self.steps[0] * RATIO, 0):
                return

    def _quotients(self, sign: int) -> list[float]:
        return [sign * (end - self.middle) / step for step, end in zip(self.steps, self.ends[sign], strict=True)]

    def _endless(self, sign: int, quotients: Sequence[float]) -> float:
        """The steepest quotient, where they grow without end down to the smallest steps; else 0."""
        loud = [place for place, end in enumerate(self.ends[sign]) if abs(end - self.middle) > LOUD * self.noise]
        last = quotients[loud[-1] - LONG : loud[-1] + 1] if loud and loud[-1] >= LONG else []
        if not last or not math.isfinite(sum(last)) or self.steps[loud[-1]] > CLOSEST * self.eps:
            return 0.0
        endless = all(abs(after) >= STEEPER * abs(before) and after * before > 0 for before, after in pairwise(last))
        return last[-1] if endless else 0.0

    def _extrapolated(self, quotients: Sequence[float], power: int, how: str) -> Slope | None:
        """The best answer of Richardson's table, whose error is in every power of the step, or in the even ones (`power` 2)."""
        steps, found = self._valid(quotients)
        if len(found) < 2:
            return None
        shaken = self._rounding(steps, found)
        slack = np.abs(np.diff(found, prepend=found[0])) + 4 * shaken
        best: Slope | None = None
        before: list[float] = []
        for place, quotient in enumerate(found):
            row = [float(quotient)]
            for column in range(1, min(place, COLUMNS) + 1):
                change = (row[-1] - before[column - 1]) / (RATIO ** (power * column) - 1)
                row.append(row[-1] + change)
                doubt = max(abs(change), abs(row[-1] - before[column - 1]))
                against = np.abs(row[-1] - found[place + 1 :]) - slack[place + 1 :]
                truncation = max(doubt, float(np.max(against, initial=0.0)))
                if best is None or truncation + 1.5 * shaken[place] < best.error:
                    best = Slope(row[-1], truncation, 1.5 * float(shaken[place]), how)
            before = row
        return best

    def _valid(self, quotients: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """The steps from the smallest up to where φ ends to have values."""
        broken = [place for place, one in enumerate(quotients) if not math.isfinite(one)]
        start = broken[-1] + 1 if broken else 0
        return np.array(self.steps[start:]), np.array(quotients[start:])

    def _rounding(self, steps: np.ndarray, found: np.ndarray) -> np.ndarray:
        """What the error of φ does to each quotient: as was told, and as quotients of still smaller steps stagger."""
        stagger = np.zeros(len(steps))
        if len(steps) > 3:
            jumps = np.abs(np.diff(found)) * steps[1:]
            stagger[:-3] = np.maximum.accumulate(jumps[::-1])[::-1][2:]
        largest = self.eps * max((abs(end) for ends in self.ends.values() for end in ends[-len(steps) :] if math.isfinite(end)),
                                 default=0.0)  # fmt: skip
        level = max(self.noise, min(largest, 4 * self.eps * abs(self.middle) + self.noise))
        with np.errstate(over="ignore"):
            noise: np.ndarray = np.maximum(level, stagger) / steps
        return noise
