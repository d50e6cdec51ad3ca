"""What a gate is, and the registry of all of them.

A gate is declared once, in one `Gate(...)`; everything the system knows about it stands there. Rules are written against a
namespace `xp` of primitive functions, so one rule has many readings: NumPy numbers, multi-precision numbers, or graph.

A gate tells its slope in exactly one of four ways, and both forward and reverse mode follow from it:

- `local`: the local gradient with respect to each input, entry by entry (`None`: does not depend). For a gate that `reduces`
  over axes, the local gradient has the shape of the input.
- `linear` with `pull`: the gate is linear in its inputs ("each" on its own, or all "jointly"), so its tangent is the gate
  itself, and `pull` is its transpose.
- `push`: the tangent of a gate whose entries depend on one another, as a linear graph; reverse mode transposes that graph. Where
  the tangent is drawn with the gate itself, `linear` is the slot of the one input in which it is linear, and `pull` its transpose.
- none of them: the gate has no slope (comparisons).

    >>> from chalkgrad.gates import GATES
    >>> GATES["exp"].lesson
    'the exponential is its own slope, so the local gradient is the output itself'
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from chalkgrad.errors import GateError
from chalkgrad.graph.look import Look
from chalkgrad.graph.shapes import Shape, broadcast

Rule = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """A point at which a gate is tried: its inputs (numbers or nested lists) and its parameters."""

    inputs: tuple[Any, ...]
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def at(*inputs: Any, **params: Any) -> Sample:
    """A sample point, written as the call of the gate would be."""
    return Sample(inputs, MappingProxyType(params))


@dataclass(frozen=True, slots=True)
class Kink:
    """Where a gate has no slope but only one-sided ones: `at(xp, *inputs, **params)` is true there.

    `convention` says which slope is used, `valid` which ones would be right (the subgradients).
    """

    at: Rule
    convention: str
    valid: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """Where a gate leaves the floats: `when(xp, *inputs, **params)`, what happens there, and what to write instead."""

    when: Rule
    what: str
    instead: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Gate:
    """One kind of gate, declared once. See the module's text for the four ways to tell a slope.

    `forward(xp, *inputs, **params)` computes it safely; `means(xp, *inputs, **params)` is the textbook form of a composite gate.
    `local(xp, *inputs, out, **params)` and `textbook`, of the same form, give local gradients: `local` the one that is
    computed, `textbook` the one that is shown where they differ. For a gate with `push`, `textbook(xp, upstream, *inputs, out,
    **params)` is what flows back. `push(xp, tangents, inputs, out, **params)` gives the tangent;
    `pull(xp, upstream, inputs, slot, **params)` the transpose with respect to one input.
    """

    name: str
    family: str
    forward: Rule
    look: Look
    symbol: str
    lesson: str
    samples: tuple[Sample, ...]
    arity: int = 1
    most: int | None = None  # the largest number of inputs of a gate that takes `arity` or more; None: exactly `arity`
    local: Rule | None = None
    textbook: Rule | None = None
    reduces: bool = False
    chooses: bool = False  # its local gradients are marks (0, 1, shares), which are shown as numbers without a formula
    linear: Literal["each", "jointly"] | int | None = None
    pull: Rule | None = None
    push: Rule | None = None
    means: Rule | None = None
    shape: Callable[..., Shape] = broadcast
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    reads: tuple[str, ...] = ()  # the names under which formulas call it; empty: its own name
    numpy: tuple[Callable[..., Any], ...] = ()  # the NumPy functions by which tracing recognises it
    kinks: tuple[Kink, ...] = ()
    hazards: tuple[Hazard, ...] = ()

    @property
    def differentiable(self) -> bool:
        return self.local is not None or self.push is not None or self.pull is not None

    def pulls(self, slot: int) -> bool:
        """Whether `pull` tells what flows back to this input; else, without `local`, it is the transpose of `push`."""
        return self.pull is not None and (self.push is None or slot == self.linear)

    @property
    def elementwise(self) -> bool:
        """Whether each entry of the output depends on the entries at its own place only, by broadcasting."""
        return self.shape is broadcast

    def __repr__(self) -> str:
        return f"<gate {self.name}>"


MANY = 1_000_000_000  # `most` for a gate that takes any number of inputs

GATES: dict[str, Gate] = {}
BY_NUMPY: dict[Callable[..., Any], Gate] = {}
CODES: dict[Gate, int] = {}
BY_CODE: list[Gate] = []
CODE_LIMIT = 60_000  # gate codes are 16-bit; the rest of the range marks leaves and constants


def define(gate: Gate) -> Gate:
    """Check a declaration and register it. Raises GateError where it is unsound."""
    _require(gate, gate.name.isidentifier() and gate.name.isascii(), "a gate's name is an ASCII identifier")
    _require(gate, gate.name not in GATES, "there is already a gate of that name")
    _require(gate, bool(gate.samples), "a gate brings at least one sample point, where its tests try it")
    _require(gate, bool(gate.lesson) and bool(gate.symbol), "a gate brings a symbol and a lesson of one sentence")
    pull = None if isinstance(gate.linear, int) and gate.push is not None else gate.pull
    ways = sum(way is not None for way in (gate.local, gate.push, pull))
    _require(gate, ways <= 1, "a gate tells its slope in one way: local, push, or linear with pull")
    _require(gate, (gate.linear is None) == (gate.pull is None), "linear and pull belong together")
    _require(gate, gate.push is not None or not isinstance(gate.linear, int), "a gate linear in one slot gives its tangent by push")
    _require(gate, not gate.reduces or gate.local is not None, "a gate that reduces gives its local gradient")
    most = gate.most or gate.arity
    for sample in gate.samples:
        _require(gate, gate.arity <= len(sample.inputs) <= most, f"the sample {sample.inputs} has the wrong number of inputs")
        unknown = set(sample.params) - set(gate.params)
        _require(gate, not unknown, f"the sample {sample.inputs} sets unknown parameters {sorted(unknown)}")
    for function in gate.numpy:
        taken = BY_NUMPY.get(function)
        _require(gate, taken is None, f"np.{getattr(function, '__name__', function)} is already the gate {taken}")
    _require(gate, len(BY_CODE) < CODE_LIMIT, "there are too many gates")
    GATES[gate.name] = gate
    BY_NUMPY.update(dict.fromkeys(gate.numpy, gate))
    CODES[gate] = len(BY_CODE)
    BY_CODE.append(gate)
    return gate


def _require(gate: Gate, holds: bool, rule: str) -> None:
    if not holds:
        raise GateError(f'The declaration of the gate "{gate.name}" is unsound: {rule}.')
