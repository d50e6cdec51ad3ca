"""What is asked about a wrong number, and what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalkgrad.graph.graph import Graph


@dataclass(frozen=True, slots=True)
class Mistake:
    """An entry of the catalogue: a wrong rule with its name, what it does in a few words, and the correct rule."""

    name: str
    title: str
    sentence: str
    rule: str


@dataclass(frozen=True, slots=True)
class Written:
    """What stands on the same line before the number: `sign` is + - * / and `numbers` are what it joins, as in −2 · 12."""

    sign: str
    numbers: tuple[float, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which mistake makes `claimed` of the value of `numerator`, or of ∂numerator/∂denominator where there is one?

    `values` holds the inputs' numbers by wire, and the values of intermediate wires that the student goes on with where they differ
    from the true ones. `slopes` likewise holds the derivatives asserted before, by numerator and denominator. `slack` is half a
    unit of the last digit that is written (for symbolic claims, the error of the evaluation).
    """

    graph: Graph
    output: int
    names: Mapping[str, int]
    values: Mapping[int, Any]
    numerator: int
    denominator: int | None
    claimed: Any
    slack: float
    slopes: Mapping[tuple[int, int], Any] = field(default_factory=dict)
    written: Written | None = None
    symbolic: bool = False  # the numbers are those of a point that was chosen, not of the paper


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One explanation: the mistake (or two), the sentence with the student's own numbers, the wire, the number it yields."""

    mistakes: tuple[Mistake, ...]
    sentence: str
    wire: int
    value: Any

    @property
    def mistake(self) -> str:
        """The mistake by name; of two, both names with a + between them."""
        return "+".join(one.name for one in self.mistakes)
