"""What the doctor gives back: the diagnosis as plain Python, and its renderings."""

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.check.hazards.diagnosis import Diagnosis
from chalkgrad.check.hazards.finding import Finding
from chalkgrad.explain.diagnosis.sections import handout, statement
from chalkgrad.explain.handout.model import HANDED_OUT, Handout
from chalkgrad.explain.numbers import plain
from chalkgrad.explain.rendering import Rendered
from chalkgrad.explain.view import View


@dataclass(frozen=True, slots=True)
class Truth:
    """What value and gradients ought to be, rounded to floats; nan where there is no truth."""

    value: Any
    gradients: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WireLoss:
    """One wire: its value, and the bits that it and its gradient have lost; None where no truth is known."""

    name: str
    gate: str
    value: Any
    bits: float | None
    gradient_bits: float | None


class Diagnosed(Rendered):
    """A diagnosis: `healthy`, `findings`, `value`, `gradients`, `truth`, `bits_lost`, `stable`, `wires`, `notes`.

    `to_text()` and its sisters render it. In a condition it is true where nothing is wrong.
    """

    renderers = MappingProxyType(
        {
            **HANDED_OUT,
            "svg": "chalkgrad.explain.diagnosis.drawing:render",
            "json": "chalkgrad.explain.diagnosis.record:render",
        }
    )

    def __init__(self, diagnosis: Diagnosis, view: View) -> None:
        self.diagnosis, self.view = diagnosis, view

    def __bool__(self) -> bool:
        return self.healthy

    @property
    def healthy(self) -> bool:
        """Whether nothing was found."""
        return self.diagnosis.healthy

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One for each trouble, that of the value first."""
        return self.diagnosis.findings

    @property
    def value(self) -> Any:
        """The value as floating point has it."""
        return plain(self.diagnosis.value)

    @property
    def gradients(self) -> dict[str, Any]:
        """The gradients of the literal formula as floating point has them, by name."""
        return {name: plain(one) for name, one in self.diagnosis.gradients.items()}

    @property
    def truth(self) -> Truth:
        """What they ought to be."""
        true = {name: plain(np.asarray(one, dtype=float)) for name, one in self.diagnosis.true_gradients.items()}
        return Truth(plain(np.asarray(self.diagnosis.true_value, dtype=float)), true)

    @property
    def bits_lost(self) -> float:
        """The bits that the worst of value and gradients has lost."""
        return self.diagnosis.bits_lost

    @property
    def stable(self) -> str | None:
        """The stable formula, where there is one that cures these numbers."""
        cure = self.diagnosis.cure
        return cure.formula if cure is not None and cure.works else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing and no trouble."""
        return self.diagnosis.notes

    @cached_property
    def wires(self) -> tuple[WireLoss, ...]:
        """Every wire of the forward pass, with the bits that it and the gradient by it have lost."""
        losses, view = self.diagnosis.losses, self.view
        known = not self.diagnosis.unknown
        single = self.diagnosis.both.backs[0] if len(self.diagnosis.both.backs) == 1 else None
        records = []
        for wire in view.wires:
            gate, total = view.graph.gate(wire), None if single is None else single.total(wire)
            measured = known and total is not None and losses.found.values[total] is not None
            records.append(
                WireLoss(
                    view.names[wire],
                    "input" if gate is None else gate.name,
                    plain(self.diagnosis.values[wire]),
                    losses.worst(wire) if known and losses.found.values[wire] is not None else None,
                    losses.worst(total) if measured and total is not None else None,
                )
            )
        return tuple(records)

    @cached_property
    def handout(self) -> Handout:
        """The diagnosis section by section."""
        return handout(self.diagnosis, self.view)

    @property
    def statement(self) -> str:
        """What was examined, as the program understood it."""
        return statement(self.view)
