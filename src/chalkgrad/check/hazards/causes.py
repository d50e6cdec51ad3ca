"""What kind of trouble a culprit is in, and why, in one sentence."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.hazards.finding import Kind
from chalkgrad.check.hazards.passes import Passes
from chalkgrad.check.hazards.tracing import Step, Tracer, Trail
from chalkgrad.check.hazards.wording import Writer, precise
from chalkgrad.check.kinks import ORDER, ORDERS
from chalkgrad.check.precision.losses import all_bits, same_place
from chalkgrad.gates.choice import TIE_CONVENTIONS
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.spaces import NUMPY
from chalkgrad.notation.numbers import show

SUMS = frozenset({"add", "subtract", "sum", "mean", "matmul", "dot", "einsum", "cumsum", "tensordot", "inner", "vecdot"})
TIMES, OVER = frozenset({"multiply", "matmul", "einsum", "square", "constant_power"}), frozenset({"divide", "reciprocal"})


@dataclass(frozen=True, slots=True)
class Cause:
    """The kind of trouble, and the sentence."""

    kind: Kind
    sentence: str


class Causes:
    """Tells causes for one examined problem."""

    def __init__(self, both: Passes, tracer: Tracer, writer: Writer) -> None:
        self.both, self.tracer, self.writer = both, tracer, writer
        self.values, self.truths = tracer.values, tracer.found.values

    def gate_wire(self, node: int) -> int:
        """The wire of the forward pass to whose gate this wire belongs; where gradients are added up, that to which they flow."""
        if node < self.both.forward:
            return node
        owner = self.both.owners[node]
        return owner.wire if owner.gathers else owner.gate

    def gate_name(self, node: int) -> str:
        """The gate that a wire belongs to, by name; "input" for what no gate made."""
        if node >= self.both.forward and self.both.owners[node].gathers:
            return "add"
        gate = self.both.graph.gate(self.gate_wire(node))
        return "input" if gate is None else gate.name

    def of(self, trail: Trail, *, spared: bool, zeroed: bool) -> Cause:
        """Why the trail begins there. `spared`: the branch taken has a gradient; `zeroed`: only a gradient is lost, to 0."""
        step = trail.at
        node = step.node
        value, truth = self._value(step), self._truth(step)
        if spared:
            return Cause("unused branch", self._unused(node))
        if isinstance(value, float) and math.isnan(value):
            return self._no_number(step)
        if isinstance(value, float) and math.isinf(value):
            return self._infinite(step, truth, trail)
        if self.tracer.found.hollow and value == 0:
            return Cause("underflow", f"{self._subject(node)} underflows: it is not 0, but below the floats, and 0 is left.")
        least = float(np.finfo(self.tracer.found.xp.dtype).tiny)
        gate = self.both.graph.gate(node)
        adds = gate is not None and gate.name in SUMS - TIMES  # sums of floats do not underflow
        if (
            not adds
            and truth == truth
            and truth != 0
            and abs(truth) < least
            and step.bits >= all_bits(self.tracer.found.xp.dtype) / 2
        ):
            left = "0 is left" if value == 0 else "few bits are left"
            return Cause("underflow", f"{self._subject(node)} underflows: {precise(truth)} is below the floats, and {left}.")
        return self._inexact(step, truth, zeroed=zeroed)

    def _value(self, step: Step) -> Any:
        value = np.asarray(self.values[step.node])[step.entry]
        return float(value) if value.dtype.kind == "f" else value

    def _truth(self, step: Step) -> Any:
        return np.asarray(self.truths[step.node], dtype=object)[step.entry]

    def _inputs(self, step: Step) -> list[float]:
        """The numbers that meet at the gate; of a reduction, all of them."""
        found: list[float] = []
        for wire in self.both.graph.inputs(step.node):
            held = np.asarray(self.values[wire])
            if held.dtype.kind != "f":
                continue
            gate = self.both.graph.gate(step.node)
            if gate is not None and gate.elementwise and held.ndim <= len(step.entry):
                found.append(float(held[same_place(step.entry, held.shape)]))
            else:
                found += [float(one) for one in held.ravel()]
        return found

    def _subject(self, node: int) -> str:
        """What went wrong, as a sentence begins with it."""
        wire = self.gate_wire(node)
        if node < self.both.forward:
            return self.writer.equation(wire)
        if self.both.owners[node].gathers:
            return f"The sum of what flows back to {self.writer.name(self.both.owners[node].wire)}"
        return f"The slope of {self.writer.equation(wire)}"

    def _unused(self, node: int) -> str:
        wire = self.gate_wire(node)
        return (f"{self.writer.equation(wire)} belongs to a branch that is not taken here, but the chain rule multiplies the 0 that"
                " flows into it by a slope that is not finite, and 0·∞ has no value.")  # fmt: skip

    def _no_number(self, step: Step) -> Cause:
        gate = self.both.graph.gate(step.node)
        subject, inputs = self._subject(step.node), self._inputs(step)
        if gate is None:
            return Cause("domain", f"{subject} is given as nan.")
        infinite, zero = any(map(math.isinf, inputs)), 0.0 in inputs
        if gate.name in OVER and inputs and all(one == 0 for one in inputs):
            return Cause("0/0", f"{subject} is 0/0 here, which has no value.")
        if gate.name in OVER and infinite:
            return Cause("0·inf", f"{subject} is ∞/∞ here, which has no value.")
        if gate.name in TIMES and infinite and zero:
            return Cause("0·inf", f"{subject} is 0·∞ here, which has no value.")
        if infinite:
            return Cause("inf-inf", f"{subject} is ∞ − ∞ here, which has no value.")
        return Cause("domain", f"{subject} has no value here: {self._hazard(step.node) or 'it is outside its domain'}.")

    def _infinite(self, step: Step, truth: Any, trail: Trail) -> Cause:
        subject, mp = self._subject(step.node), self.tracer.found.mp
        if (forward := self._nothing_at(step)) is not None:
            return self._no_number(forward)
        largest = float(np.finfo(np.result_type(self.values[step.node])).max)
        if truth == truth and mp.isfinite(truth):
            if abs(truth) > largest:
                return Cause("overflow", f"{subject} overflows: {precise(truth)} is beyond the largest float, {show(largest, 3)}.")
            if mp.isinf(self._exactly(step)) and self._rounded_in(step.node):
                return Cause(
                    "precision lost", f"{subject} is infinite in place of {precise(truth)}: {self._rounded_in(step.node)}."
                )
            return Cause("overflow", f"{subject} overflows on the way to {precise(truth)}.")
        if truth != truth and mp.isfinite(exact := self._exactly(step)):
            return Cause("overflow", f"{subject} overflows: {precise(exact)} is beyond the largest float, {show(largest, 3)}.")
        why = self._hazard(step.node) or "it has no finite value"
        for later in reversed(trail.steps[: trail.culprit]):
            if math.isnan(self._value(later)):
                kind, met = self._meeting(later)
                return Cause(kind, f"{subject} is infinite here ({why}), and then {met}, which has no value.")
            if (open_ := self._truth(later)) != open_ and self._value(later) == 1.0:
                return Cause(
                    "0·inf", f"{subject} is infinite here ({why}), and then 1^∞ is met, which has no value, though floats say 1."
                )
        return Cause("domain", f"{subject} is infinite here: {why}.")

    def _rounded_in(self, node: int) -> str:
        """Where what the gate makes larger was rounded away, if that is in one place."""
        made = [one for one in dict.fromkeys(self.both.graph.inputs(node))
                if one < self.both.forward and self.both.graph.gate(one) is not None]  # fmt: skip
        return f"what is missing was rounded away in {self.writer.equation(made[0])}" if len(made) == 1 else ""

    def _nothing_at(self, step: Step) -> Step | None:
        """Of a slope: the number of its gate, if it has none, for then the slope is not the first to go wrong."""
        wire = self.gate_wire(step.node)
        held = np.asarray(self.values[wire])
        if wire == step.node or self.both.owners[step.node].gathers or held.dtype.kind != "f" or not np.isnan(held).any():
            return None
        if held.shape == np.shape(self.values[step.node]):
            return Step(wire, step.entry, step.bits) if np.isnan(held[step.entry]) else None
        return Step(wire, tuple(int(one) for one in np.argwhere(np.isnan(held))[0]), step.bits)

    def _exactly(self, step: Step) -> Any:
        """What the gate makes of its floats in exact arithmetic."""
        return self.tracer.losses.exactly_at(step.node, step.entry)

    def _meeting(self, step: Step) -> tuple[Kind, str]:
        """What an infinity meets where the first nan is made."""
        gate = self.both.graph.gate(step.node)
        if gate is not None and gate.name in SUMS - TIMES:
            return "inf-inf", "∞ − ∞ is met"
        if gate is not None and gate.name in OVER:
            return "0·inf", "∞/∞ is met"
        return "0·inf", "0·∞ is met"

    def _hazard(self, node: int) -> str:
        """What the gate declares of these inputs: a hazard, or a kink where the slope is none."""
        wire = self.gate_wire(node)
        gate, settings = self.both.graph.gate(wire), self.both.graph.settings(wire)
        if gate is None:
            return ""
        inputs = [self.values[one] for one in self.both.graph.inputs(wire)]
        with np.errstate(all="ignore"):
            for hazard in gate.hazards:
                if bool(np.any(hazard.when(NUMPY, *inputs, **settings))):
                    return hazard.what
            for kink in gate.kinks:
                if bool(np.any(kink.at(NUMPY, *inputs, **settings))) and kink.convention != "ties":
                    return kink.convention
        return ""

    def _inexact(self, step: Step, truth: Any, *, zeroed: bool) -> Cause:
        gate, subject = self.both.graph.gate(step.node), self._subject(step.node)
        bits, total = round(step.bits), round(all_bits(self.tracer.found.xp.dtype))
        value = self._value(step)
        lost = f"{'all' if bits >= total else bits} of its {total} bits are lost: {show(value)} in place of {precise(truth)}"
        if zeroed:
            return Cause("saturation", f"{subject} saturates: {lost}, and a gradient of 0 comes of it.")
        if gate is not None and gate.name in SUMS:
            return Cause("cancellation", f"{subject} cancels: what it adds is nearly opposite, and {lost}.")
        loss = self.tracer.losses.loss(step.node)
        if loss.amplified and math.isfinite(loss.condition):
            larger = f"makes the relative errors of its inputs {show(loss.condition, 3)} times larger"
            rounded = self._rounded_in(step.node)
            return Cause("precision lost", f"{subject} {larger}, and {lost}{f'; {rounded}' if rounded else ''}.")
        return Cause("precision lost", f"{subject} is rounded badly, and {lost}.")


def kink_sentence(gate: Gate, settings: Any, subject: str, values: list[Any]) -> tuple[str, str]:
    """What a kink says: the sentence, and which slopes would be valid."""
    if gate.name in ORDERS:
        return f"{subject} meets a tie, which has no slope, only one-sided ones: {ORDER}.", "the slopes of any order of them"
    with np.errstate(all="ignore"):
        kink = next(one for one in gate.kinks if bool(np.any(one.at(NUMPY, *values, **settings))))
    convention = TIE_CONVENTIONS[settings["ties"]] if kink.convention == "ties" else kink.convention
    return f"{subject} stands on a kink: it has no slope there, only one-sided ones. Used here: {convention}.", kink.valid
