"""Kinks: where the slopes of the two sides part, any slope between them may stand, and which one does is a convention.

`standing` tells which gates of a path are at a kink here, by their own declarations and by comparisons of equal numbers. `verdict`
weighs a claimed slope against the measured slopes of both sides.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.path import JUMPS, Line, Path
from chalkgrad.check.slopes import SAFETY, Slope
from chalkgrad.gates.choice import TIE_CONVENTIONS

COMPARISONS = frozenset({"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"})
ORDERS = frozenset({"argsort", "argmax", "argmin"})
ORDER = "equal numbers stand in an order, and the one that they are given in counts"
EQUAL = "the numbers compared are equal, and the branch taken counts"


@dataclass(frozen=True, slots=True)
class Standing:
    """A gate that is at a kink, the convention that it follows there, which slopes would be right, and the user's line."""

    gate: str
    convention: str
    valid: str
    line: Line | None = None


def standing(path: Path) -> tuple[Standing, ...]:
    """The gates on the way that are at a kink, each line once."""
    found: list[Standing] = []
    with np.errstate(all="ignore"):
        for node in path.graph:
            gate, line = path.graph.gate(node), path.lines.get(node)
            if gate is None:
                continue
            if gate.name in COMPARISONS and bool(np.any(np.equal(*(path.values[one] for one in path.graph.inputs(node))))):
                found.append(Standing(gate.name, EQUAL, "a slope of either branch", line))
            if gate.name in ORDERS and is_tied(
                gate.name, path.values[path.graph.inputs(node)[0]], path.graph.settings(node)["axis"]
            ):
                found.append(Standing(gate.name, ORDER, "a slope of any order", line))
            ties = TIE_CONVENTIONS.get(path.graph.settings(node).get("ties", ""))
            found += [Standing(gate.name, ties or kink.convention, kink.valid, line) for kink in path.kinks_at(node)]
    return tuple(dict.fromkeys(found))


def is_tied(name: str, value: Any, axis: Any) -> bool:
    """Whether equal numbers meet where `argsort`, `argmax` or `argmin` looks for an order along an axis."""
    held = np.asarray(value)
    if held.size < 2:
        return False
    if name == "argsort":
        ordered = np.sort(held, axis=axis)
        return bool(np.any(np.diff(ordered, axis=axis) == 0))
    best = (np.max if name == "argmax" else np.min)(held, axis=axis, keepdims=True)
    return bool(np.any(np.sum(held == best, axis=axis) > 1))


def verdict(claimed: float, left: Slope | None, right: Slope | None, allowance: float,
            at: tuple[Standing, ...]) -> tuple[bool, str]:  # fmt: skip
    """Whether the claim may stand at a kink, and why."""
    sides = [side for side in (left, right) if side is not None]
    low, high = min(side.value for side in sides), max(side.value for side in sides)
    room = allowance + SAFETY * sum(side.error for side in sides)
    if low - room <= claimed <= high + room:
        if len(sides) == 1:
            return True, "there is a value on one side only, and it is its slope"
        if math.isinf(low) or math.isinf(high):
            return True, "the function jumps or is vertical, and the convention is the slope beside that"
        return True, f"the convention lies {'at one of them' if claimed in (low, high) else 'between them'}"
    if math.isfinite(claimed) and any(math.isinf(side.value) for side in sides):
        if any(one.valid.startswith(JUMPS) for one in at):
            return True, "the function jumps, so no slope is right, and the convention holds"
        return False, "the function jumps or is vertical here, and this is no slope of it"
    return False, "it does not lie between them"
