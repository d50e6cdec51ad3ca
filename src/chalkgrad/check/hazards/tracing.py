"""From a wrong result back to the first gate that went wrong.

At each gate the question is which input spoilt it. Where the truth is known, the gate is computed once more in exact arithmetic,
with one float put in for each truth; the input whose float does the damage is followed. Where there is none (0·∞ is no number in
any arithmetic) the inputs that are not finite are replaced by a number, one at a time. What does no harm is passed by: an underflow
that is added to 1, an infinity in a branch not taken.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.hazards.vanishing import LAID, Entry, source, vanished_before
from chalkgrad.check.precision.losses import Losses, all_bits, same_place
from chalkgrad.check.precision.truths import Reference
from chalkgrad.reading.trace.numbers import NUMBERS

SOUND = 4.0  # an input that has lost fewer bits is not to blame
MOST_TRIED = 32  # entries of an input that are put in one by one
HARMLESS = 0.5  # stands in for what is not finite


@dataclass(frozen=True, slots=True)
class Step:
    """One wire on the way: which entry of it, and the bits that it had lost."""

    node: int
    entry: Entry
    bits: float


@dataclass(frozen=True, slots=True)
class Trail:
    """The way from a wrong result (first) back to where nothing before was wrong (last), and which step is the culprit."""

    steps: tuple[Step, ...]
    culprit: int

    @property
    def at(self) -> Step:
        return self.steps[self.culprit]


class Tracer:
    """Follows wrong results through one graph that was run in floats and in truth."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.graph, self.values, self.found = losses.graph, losses.values, losses.found
        self._given_infinite: dict[int, bool] = {}  # by the wire: whether its infinity was given

    def trail(self, node: int, entry: Entry) -> Trail:
        """The way back from an entry of a wire."""
        steps = [self._step(node, entry)]
        while (before := self._spoilt_by(steps[-1])) is not None:
            steps.append(before)
        while len(steps) > 1 and self.graph.gate(steps[-1].node) is None:
            steps.pop()  # an input is what it is
        if self.found.hollow:
            while (before := self._vanished_before(steps[-1])) is not None:
                steps.append(before)
            return Trail(tuple(steps), len(steps) - 1)
        gains = [one.bits - (steps[place + 1].bits if place + 1 < len(steps) else 0.0) for place, one in enumerate(steps)]
        best = max(gains)
        return Trail(tuple(steps), max(place for place, gain in enumerate(gains) if gain >= best - 1.0))

    def _step(self, node: int, entry: Entry) -> Step:
        value = np.asarray(self.values[node])[entry]
        bits = float(np.asarray(self.losses.bits(node))[entry])
        if math.isnan(bits):
            bits = 0.0 if value.dtype.kind != "f" or math.isfinite(value) else all_bits(self.found.xp.dtype)
        elif value.dtype.kind == "f" and not math.isfinite(value):
            bits = all_bits(self.found.xp.dtype)
        return Step(node, entry, bits)

    def _spoilt_by(self, step: Step) -> Step | None:
        if self.graph.gate(step.node) is None:
            return None
        value = np.asarray(self.values[step.node])[step.entry]
        if value.dtype.kind == "f" and not math.isfinite(value):
            found = self._infinite_before(step, value)
            if found is not None:
                return found
        truth = np.asarray(self.found.values[step.node], dtype=object)[step.entry]
        return self._open_before(step) if truth != truth else self._inaccurate_before(step, truth)

    def _open_before(self, step: Step) -> Step | None:
        """Of a number that has no truth, as 1^∞, which floats count as 1: the input that is infinite."""
        for wire in self.graph.inputs(step.node):
            held = np.asarray(self.values[wire])
            if held.dtype.kind == "f" and not self.found.hollow and held.ndim <= len(step.entry):
                entry = same_place(step.entry, held.shape)
                if math.isinf(held[entry]) and not self._born_infinite(wire):
                    return self._step(wire, entry)
        return None

    def _vanished_before(self, step: Step) -> Step | None:
        """Where no truth is known: the zero by underflow, or the infinity that was divided by, and what was before that."""
        before = vanished_before(self.graph, self.values, step.node, step.entry)
        if before is not None:
            return Step(*before, all_bits(self.found.xp.dtype))
        gate = self.graph.gate(step.node)
        value = np.asarray(self.values[step.node])[step.entry]
        if gate is None or value.dtype.kind != "f" or (value != 0 and math.isfinite(value)):
            return None
        if value == 0 and gate.name == "divide":
            below = self.graph.inputs(step.node)[1]
            place = same_place(step.entry, self.graph.shape(below))
            return self._step(below, place) if math.isinf(np.asarray(self.values[below])[place]) else None
        found = None if math.isfinite(value) else self._infinite_before(step, value)
        return None if found is None or self.graph.gate(found.node) is None else found

    def _infinite_before(self, step: Step, value: float) -> Step | None:
        """The input without whose inf or nan this would be a number; nan before inf, what was computed first before the others."""
        candidates = []
        for slot, wire in enumerate(self.graph.inputs(step.node)):
            held = np.asarray(self.values[wire])
            if held.dtype.kind != "f" or np.all(np.isfinite(held)) or not self._matters(step, slot, value):
                continue
            entry = self._entry_of(step, slot, np.argwhere(~np.isfinite(held)))
            if not math.isnan(held[entry]) and self._born_infinite(wire):
                continue
            candidates.append((not math.isnan(held[entry]), wire, entry))
        if not candidates:
            return None
        _, wire, entry = min(candidates)
        return self._step(wire, entry)

    def _matters(self, step: Step, slot: int, value: float) -> bool:
        """Whether the result is what it is because of what is not finite in this input: not without it, or with nothing else."""
        slots = range(len(self.graph.inputs(step.node)))
        without = self._mended(step, {slot}, _finite)
        alone = self._mended(step, set(slots) - {slot}, _finite)
        return _differ(without, value) or not _differ(alone, value)

    def _mended(self, step: Step, slots: set[int], mend: Callable[[Any], Any]) -> float:
        """The result in floats, with some inputs mended."""
        gate = self.graph.gate(step.node)
        assert gate is not None
        inputs = [np.asarray(self.values[wire]) for wire in self.graph.inputs(step.node)]
        mended = [mend(held)[()] if slot in slots else held[()] for slot, held in enumerate(inputs)]
        with np.errstate(all="ignore"):
            return float(np.asarray(gate.forward(NUMBERS, *mended, **self.graph.settings(step.node)))[step.entry])

    def _entry_of(self, step: Step, slot: int, places: np.ndarray) -> Entry:
        """Which of an input's entries is meant: its own place where gates work entry by entry, else the first that matters."""
        gate, wire = self.graph.gate(step.node), self.graph.inputs(step.node)[slot]
        shape = self.graph.shape(wire)
        if gate is not None and gate.elementwise and len(shape) <= len(step.entry):
            return same_place(step.entry, shape)
        if gate is not None and gate.name in LAID:
            return source(self.graph, self.values, step.node, step.entry)
        value = float(np.asarray(self.values[step.node])[step.entry])
        for place in places[:MOST_TRIED]:
            entry = tuple(int(one) for one in place)

            def mend(held: Any, entry: Entry = entry) -> Any:
                held = held.copy()
                held[entry] = HARMLESS
                return held

            if _differ(self._mended(step, {slot}, mend), value):
                return entry
        return tuple(int(one) for one in places[0])

    def _born_infinite(self, wire: int) -> bool:
        """Whether an infinity was given, and only handed on since: then it is no trouble by itself."""
        passed = []
        while wire not in self._given_infinite:
            passed.append(wire)
            before = [one for one in self.graph.inputs(wire) if np.isinf(self.values[one]).any()]
            if not before:
                self._given_infinite[wire] = self.graph.gate(wire) is None
                break
            wire = before[-1]
        self._given_infinite.update(dict.fromkeys(passed, self._given_infinite[wire]))
        return self._given_infinite[wire]

    def _inaccurate_before(self, step: Step, truth: Any) -> Step | None:
        """The input whose float, put in for its truth, moves the result most, if it has lost bits itself."""
        gate, found = self.graph.gate(step.node), []
        assert gate is not None
        for slot, wire in enumerate(self.graph.inputs(step.node)):
            bits = np.asarray(self.losses.bits(wire))
            lost = np.argwhere(np.nan_to_num(bits, nan=0.0) >= SOUND)
            if not len(lost) or np.result_type(self.values[wire]).kind != "f":
                continue
            if gate.elementwise and len(self.graph.shape(wire)) <= len(step.entry):
                places = [same_place(step.entry, self.graph.shape(wire))]
            elif gate.name in LAID:
                places = [source(self.graph, self.values, step.node, step.entry)]
            else:
                places = [tuple(int(one) for one in place) for place in self._largest(wire, lost)]
            found += [
                (self._damage(step, slot, wire, place, truth), float(bits[place]), -wire, place)
                for place in places
                if bits[place] >= SOUND
            ]
        if not found:
            return None
        damage, _, wire, place = max(found, key=lambda one: one[:3])
        return self._step(-wire, place) if damage >= SOUND else None

    def _largest(self, wire: int, lost: np.ndarray) -> np.ndarray:
        """The entries with the largest errors."""
        if len(lost) <= MOST_TRIED:
            return lost
        truth = np.asarray(self.found.values[wire], dtype=object)
        errors = [abs(float(np.asarray(self.values[wire])[tuple(place)]) - float(truth[tuple(place)])) for place in lost]
        return lost[np.argsort(np.nan_to_num(errors, nan=np.inf))[::-1][:MOST_TRIED]]

    def _entrywise(self, step: Step) -> bool:
        gate = self.graph.gate(step.node)
        return gate is not None and gate.elementwise and bool(step.entry)

    def _damage(self, step: Step, slot: int, wire: int, place: Entry, truth: Any) -> float:
        """The bits that the result loses by this one float alone."""
        xp = self.found.xp
        value = np.asarray(self.values[wire])[place]
        mixed: Any = Reference.constant(xp, value)
        if self.graph.shape(wire) and not self._entrywise(step):
            mixed = np.array(self.found.values[wire], dtype=object)
            mixed[place] = Reference.constant(xp, value)
        result = self.losses.recomputed_at(step.node, step.entry, {slot: mixed})
        if result != result or xp.mp.isinf(result) != xp.mp.isinf(truth):
            return all_bits(xp.dtype) + 1
        if xp.mp.isinf(result):
            return 0.0 if result == truth else all_bits(xp.dtype) + 1
        if truth == 0:
            return 0.0 if result == 0 else all_bits(xp.dtype)
        rounding = abs(result - truth) / abs(truth) * xp.mp.mpf(2) ** all_bits(xp.dtype)
        return float(xp.mp.log(rounding, 2)) if rounding > 1 else 0.0


def _finite(held: Any) -> Any:
    if held.dtype.kind != "f":
        return held
    return np.where(np.isfinite(held), held, HARMLESS).astype(held.dtype)


def _differ(new: float, value: float) -> bool:
    """Whether a result has changed in kind: from nan or inf to something else."""
    return math.isfinite(new) or math.isnan(new) != math.isnan(value)
