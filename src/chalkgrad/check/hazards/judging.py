"""Which results are wrong: by more than the rounding of their gates and the condition of their inputs explain.

A result may be off by as much as it would move if its inputs moved by a rounding each, for more nobody can ask; and by ROOM bits
above that, and half a bit each time the gates double, which is how roundings add up. A result of exactly 0 has no relative error:
it is measured by the numbers that it was made of. So is a gradient of which three digits are right at least, for it is a direction,
and what flows together at an input may cancel; one of which fewer are right is "ill", and wrong if another form has it better.
What a float cannot hold because it is below the smallest is right as 0; what is beyond the largest is wrong as ∞.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.hazards.passes import Passes
from chalkgrad.check.hazards.targets import FAR, Target
from chalkgrad.check.precision.condition import movements
from chalkgrad.check.precision.losses import all_bits, bits_lost, unit
from chalkgrad.check.precision.truths import Budget, BudgetError, Truths
from chalkgrad.transform.reverse import Contribution

ROOM = 8.0  # bits: of float64 a seventh, of float32 a third
LEAST_SECONDS = 2.0  # for the condition of the inputs
ENOUGH = 10.0  # bits of a gradient, three digits, that have to be right where what flows together cancels


def spots(marks: Any) -> list[tuple[int, ...]]:
    """The places of the entries that are true."""
    return [tuple(place) for place in np.argwhere(marks).tolist()]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one result stands at its worst entry: "right", "wrong", on a "kink", infinite at a "pole"; "ill": as its inputs are."""

    target: Target
    says: str
    bits: float
    entry: tuple[int, ...]
    spared: bool = False  # it is right where the branches that are not taken are left out


class Judge:
    """Weighs results in floats against their targets; the condition of the inputs is computed only where it is asked for."""

    def __init__(self, both: Passes, found: Truths, given: Mapping[int, Any], moving: list[int], budget: Budget) -> None:
        self.both, self.found, self.given, self.moving, self.budget = both, found, given, moving, budget
        self.finite = all(bool(np.all(np.isfinite(value))) for value in given.values() if np.result_type(value).kind == "f")
        self.gates = max(1, len(both.graph))
        self._moves: dict[int, Any] = {}

    def weigh(self, target: Target, value: Any, values: list[Any], spared: Any = None) -> Verdict:
        """The verdict on one result; `values` are those of all wires.

        `spared` is the same result without the branches that are not taken: where only that is right they have spoilt it.
        """
        xp, mp = self.found.xp, self.found.mp
        value = np.asarray(value)
        if self.found.hollow:
            return _without_truth(target, value, spared)
        bits = np.asarray(bits_lost(value, target.truth, xp, lenient=True))
        lost = np.where(np.isnan(bits), math.inf, bits)
        kinked = target.kinked(mp)
        says = np.full(value.shape, "right", dtype=object)
        says[lost > self.room] = "wrong"
        if self.finite:
            says[np.isinf(value) & (lost == 0)] = "pole"
        for spot in spots(says == "wrong"):
            says[spot], lost[spot] = self._once_more(target, float(value[spot]), lost[spot], spot, values)
        for spot in spots(kinked):
            within = bool(target.low[spot] - self._slack(target.low[spot]) <= mp.convert(float(value[spot]))
                          <= target.high[spot] + self._slack(target.high[spot]))  # fmt: skip
            says[spot] = "kink" if within and np.isfinite(value[spot]) else "wrong"
        unused = np.zeros(value.shape, bool)
        if spared is not None and not np.isfinite(value).all():
            found = np.nan_to_num(np.asarray(bits_lost(spared, target.truth, xp, lenient=True)), nan=math.inf)
            unused = np.asarray(~np.isfinite(value) & np.isfinite(spared) & (found <= self.room))
            says[unused] = "wrong"
        order = ["wrong", "pole", "kink", "ill", "right"]
        worst = min(set(says.ravel()), key=order.index, default="right")
        score = np.where(says == worst, lost, -1.0)
        entry = tuple(int(one) for one in np.unravel_index(np.argmax(score), score.shape)) if score.size else ()
        # Where there is no truth to be had no bits are counted.
        known = lost[np.isfinite(lost) & (says != "kink")]
        return Verdict(target, worst, float(known.max()) if known.size else 0.0, entry, bool(unused.size and unused[entry]))

    @property
    def room(self) -> float:
        """The bits that a result may lose whatever its inputs are."""
        return ROOM + math.log2(self.gates) / 2

    def _slack(self, end: Any) -> Any:
        """How far beyond the end of a range a slope may lie: by rounding, and because sides show its end only nearly."""
        mp = self.found.mp
        return mp.zero if mp.isinf(end) else abs(end) * max(mp.mpf(2) ** self.room * unit(self.found.xp.dtype), 1 / mp.mpf(FAR))

    def _once_more(self, target: Target, value: float, lost: float, spot: tuple[int, ...], values: list[Any]) -> tuple[str, float]:
        """Whether the condition of the inputs, or the numbers that a 0 was made of, explain the error; and the bits that count."""
        mp, truth = self.found.mp, target.truth[spot]
        if not (math.isfinite(value) and mp.isfinite(truth)):
            return "wrong", lost
        error, rounding = abs(mp.mpf(value) - truth), unit(self.found.xp.dtype)
        # What the digits cannot tell from 0, and what no float can.
        least = mp.mpf(float(np.finfo(self.found.xp.dtype).smallest_subnormal)) / 2
        nothing = abs(truth) < max(mp.mpf(10) ** (-4 * self.found.digits // 5), least)
        made_of = self._made_of(target.name, values) if nothing or target.name is not None else 0.0
        if made_of or nothing:
            roundings = float(error / (rounding * (made_of or 1.0)))
            if roundings <= 2**self.room:
                if nothing:
                    return "right", math.log2(max(1.0, roundings))
                return ("right" if lost <= all_bits(self.found.xp.dtype) - ENOUGH else "ill"), lost
        if target.node not in self._moves:
            wanted = dict.fromkeys((target.node, *self.both.ends))  # all at once: it takes as long as one
            try:
                self._moves |= movements(self.both.graph, self.given, self.moving, list(wanted), self.found,
                                         self.budget.share(LEAST_SECONDS))  # fmt: skip
            except BudgetError:
                self._moves |= dict.fromkeys(wanted)  # and it is not tried again
        if self._moves[target.node] is None:  # what the inputs explain is not known, and nothing is blamed without that
            return "ill", lost
        moves = np.asarray(self._moves[target.node], dtype=object)[spot]
        ill = error <= mp.mpf(2) ** self.room * rounding * (abs(truth) + (moves if moves == moves else 0))
        return ("ill" if ill else "wrong"), lost

    def _joined(self, contributions: list[Contribution]) -> list[Contribution]:
        """Those that are added to others: at a wire that is used more than once, or from entries that were spread out.

        Where nothing is added nothing cancels, and a gradient of 0 has underflowed.
        """
        used = Counter(one.wire for one in contributions)
        return [one for one in contributions if used[one.wire] > 1 or self.both.graph.shape(one.gate) != ()]

    def _made_of(self, name: str | None, values: list[Any]) -> Any:
        """The largest number on the way to the value, or among all gradients that flow together."""
        if name is None:
            nodes = [node for node in range(self.both.forward) if self.both.graph.gate(node) is not None]
        else:
            nodes = [one.product for back in self.both.backs for one in self._joined(list(back.contributions()))]
        with np.errstate(all="ignore"):
            sizes = [float(np.max(np.abs(values[node]))) for node in nodes
                     if np.size(values[node]) and np.result_type(values[node]).kind == "f"]  # fmt: skip
        return max((size for size in sizes if math.isfinite(size)), default=0.0)


def _without_truth(target: Target, value: np.ndarray, spared: Any) -> Verdict:
    """What can be said where no truth was found: what is not finite is wrong."""
    broken = ~np.isfinite(value)
    if not broken.any():
        return Verdict(target, "right", 0.0, (0,) * value.ndim)
    entry = tuple(int(one) for one in np.unravel_index(int(np.argmax(broken)), value.shape))
    return Verdict(target, "wrong", 0.0, entry, spared is not None and bool(np.isfinite(np.asarray(spared)[entry])))
