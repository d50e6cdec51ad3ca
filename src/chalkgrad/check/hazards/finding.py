"""What the doctor finds, as data: a trouble, where it begins, and the way from there to the results that it spoils."""

from dataclasses import dataclass, field
from typing import Any, Literal

from chalkgrad.reading.problem import Place

Kind = Literal["overflow", "underflow", "0·inf", "inf-inf", "0/0", "domain", "cancellation", "saturation", "kink", "unused branch",
               "precision lost"]  # fmt: skip
Stage = Literal["forward", "backward"]


@dataclass(frozen=True, slots=True)
class Link:
    """One number on the way: what it is called, the gate that made it, what it is and what it ought to be."""

    label: str
    gate: str
    stage: Stage
    value: float
    truth: Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One trouble. `wire` is the output of the gate that went wrong first, `node` its number in the graph, `entry` the entry of it.

    `chain` leads from there to the result named last in `spoils`; `valid` are the slopes that a kink allows, by name.
    """

    kind: Kind
    stage: Stage
    node: int
    wire: str
    gate: str
    cause: str
    entry: tuple[int, ...] = ()
    place: Place | None = None
    chain: tuple[Link, ...] = ()
    spoils: tuple[str, ...] = ()
    bits: float = 0.0
    valid: dict[str, tuple[Any, Any]] = field(default_factory=dict)
