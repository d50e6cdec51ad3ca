"""Bits lost: how far a float is from its truth, in units of the precision that it could have.

A float that is the truth, rounded once, has lost none; one that agrees with it in no digit has lost them all, 53 or 24.

    >>> xp = Reference(60)
    >>> float(bits_lost(1e-17, xp.mp.mpf("1.1e-17"), xp)), float(bits_lost(np.inf, xp.exp(xp.mp.mpf(1000)), xp))
    (49.54..., 53.0)
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.check.precision.truths import Reference, Truths
from chalkgrad.graph.graph import Graph


def unit(dtype: Any) -> float:
    """Half the spacing of floats at 1: the error of a single rounding."""
    return float(np.finfo(dtype).eps) / 2


def all_bits(dtype: Any) -> float:
    """How many bits a float of this kind has."""
    return -math.log2(unit(dtype))


def bits_lost(value: Any, truth: Any, xp: Reference, *, lenient: bool = False) -> Any:
    """The bits that each entry has lost; nan where there is no truth.

    With `lenient` what is too small for a normal float may be rounded as such floats are, also to 0: the error that a result is
    allowed, though a wire inside is measured strictly, since a later gate may take the logarithm.
    """
    kind = np.result_type(value)
    if kind.kind != "f":
        return np.where(np.equal(value, truth), 0.0, all_bits(xp.dtype))
    kind = max(kind, xp.dtype, key=unit)  # a wider float on the way has no more right digits than what it was made of
    values, truths = np.broadcast_arrays(np.asarray(value, dtype=float), np.asarray(truth, dtype=object))
    least = float(np.finfo(kind).tiny) if lenient else 0.0
    result = np.zeros(values.shape)
    with np.errstate(all="ignore"):
        rounded_once = (values == truths.astype(float)) & (values != 0) & np.isfinite(values)
    for place in map(tuple, np.argwhere(~rounded_once).tolist()):
        result[place] = _lost(float(values[place]), xp.mp.convert(truths[place]), kind, least, xp.mp)
    return result[()]


def _lost(value: float, truth: Any, kind: Any, least: float, mp: Any) -> float:
    if truth != truth:
        return math.nan
    if value == truth:
        return 0.0
    if math.isnan(value) or math.isinf(value) or mp.isinf(truth):
        return all_bits(kind)
    size = max(abs(truth), mp.mpf(least))
    if size == 0:
        return all_bits(kind)
    roundings = float(abs(mp.mpf(value) - truth) / (size * unit(kind)))
    return min(all_bits(kind), math.log2(roundings)) if roundings > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Loss:
    """What one wire has lost, at its worst entry: in all, by the gate's own rounding, and what came in by its inputs.

    `condition` tells by how much the gate makes relative errors of its inputs larger.
    """

    node: int
    bits: float
    own: float
    inherited: float
    condition: float
    entry: tuple[int, ...]

    @property
    def amplified(self) -> bool:
        """Whether the gate made more of the losses of its inputs than they were."""
        return self.bits > self.inherited + 1 and self.own < self.bits - 1


class Losses:
    """The losses of every wire of a graph that was run in floats (`values`) and in truth; measured when asked for."""

    def __init__(self, graph: Graph, values: list[Any], found: Truths) -> None:
        self.graph, self.values, self.found = graph, values, found
        self._bits: dict[int, Any] = {}

    def bits(self, node: int) -> Any:
        """The bits lost, entry by entry, measured strictly."""
        if self.found.hollow:
            return np.full(np.shape(self.values[node]), math.nan)[()]
        if node not in self._bits:
            self._bits[node] = bits_lost(self.values[node], self.found.values[node], self.found.xp)
        return self._bits[node]

    def worst(self, node: int) -> float:
        """Those of the worst entry; entries without a truth do not count."""
        bits = np.asarray(self.bits(node))
        return float(np.nanmax(bits)) if bits.size and not np.all(np.isnan(bits)) else 0.0

    def entry(self, node: int) -> tuple[int, ...]:
        """The worst entry: of those that are not finite, or have lost most bits, the first."""
        value = np.asarray(self.values[node])
        if not value.size:
            return ()
        broken = ~np.isfinite(value) if value.dtype.kind == "f" else np.zeros(value.shape, bool)
        score = np.where(np.isnan(self.bits(node)), np.where(broken, math.inf, -1.0), self.bits(node))
        return tuple(int(one) for one in np.unravel_index(np.argmax(score), value.shape))

    def recomputed(self, node: int, floats: set[int]) -> Any:
        """The gate in exact arithmetic, with the floats of these inputs (by slot) and the truth of the others."""
        inputs = [self._exactly(wire) if slot in floats else self.found.values[wire]
                  for slot, wire in enumerate(self.graph.inputs(node))]  # fmt: skip
        return self._run(node, inputs)

    def recomputed_at(self, node: int, entry: tuple[int, ...], change: Mapping[int, Any]) -> Any:
        """One entry of the gate in exact arithmetic: the truth of the inputs, but what `change` has in place of it (by slot).

        Of a gate that works entry by entry only that entry is computed.
        """
        gate, wires = self.graph.gate(node), self.graph.inputs(node)
        assert gate is not None
        inputs = [change.get(slot, self.found.values[wire]) for slot, wire in enumerate(wires)]
        if gate.elementwise and entry and all(np.ndim(one) <= len(entry) for one in inputs):
            inputs = [np.asarray(one, dtype=object)[same_place(entry, np.shape(one))] for one in inputs]
            return np.asarray(self._run(node, inputs), dtype=object)[()]
        return np.asarray(self._run(node, inputs), dtype=object)[entry]

    def _run(self, node: int, inputs: list[Any]) -> Any:
        gate = self.graph.gate(node)
        assert gate is not None
        with np.errstate(all="ignore"):
            return gate.forward(self.found.xp, *inputs, **self.graph.settings(node))

    def exactly_at(self, node: int, entry: tuple[int, ...]) -> Any:
        """One entry of the gate in exact arithmetic, with the floats of all inputs."""
        gate, wires = self.graph.gate(node), self.graph.inputs(node)
        assert gate is not None
        if not (gate.elementwise and entry):
            return self.recomputed_at(node, entry, {slot: self._exactly(wire) for slot, wire in enumerate(wires)})
        inputs = []
        for wire in wires:
            value = np.asarray(self.values[wire])
            value = value[same_place(entry, value.shape)]
            inputs.append(Reference.constant(self.found.xp, value) if value.dtype.kind == "f" else value)
        return np.asarray(self._run(node, inputs), dtype=object)[()]

    def _exactly(self, wire: int) -> Any:
        value = self.values[wire]
        return Reference.constant(self.found.xp, value) if np.result_type(value).kind == "f" else value

    def loss(self, node: int) -> Loss:
        """The whole account of one wire."""
        inputs = self.graph.inputs(node)
        total, entry = self.worst(node), self.entry(node)
        if self.graph.gate(node) is None:
            return Loss(node, total, 0.0, 0.0, 1.0, entry)
        exact = self.recomputed(node, set(range(len(inputs))))
        own = bits_lost(self.values[node], exact, self.found.xp)
        worst = np.nan_to_num(np.asarray(own), nan=0.0)
        inherited = max((self.worst(one) for one in inputs), default=0.0)
        return Loss(node, total, float(worst.max()) if worst.size else 0.0, inherited, self.condition(node, entry), entry)

    def condition(self, node: int, entry: tuple[int, ...]) -> float:
        """Σ |x·∂out/∂x| / |out| over the gate's inputs, by moving each in exact arithmetic."""
        mp = self.found.mp
        step = mp.mpf(2) ** -(mp.prec // 3)
        out = np.asarray(self.found.values[node], dtype=object)[entry]
        if np.result_type(self.values[node]).kind != "f" or not mp.isfinite(out) or out == 0:
            return math.inf
        total = mp.zero
        gate = self.graph.gate(node)
        assert gate is not None
        for slot, wire in enumerate(self.graph.inputs(node)):
            if np.result_type(self.values[wire]).kind != "f":
                continue
            inputs = [self.found.values[one] for one in self.graph.inputs(node)]
            inputs[slot] = inputs[slot] * (1 + step)
            with np.errstate(all="ignore"):
                moved = np.asarray(gate.forward(self.found.xp, *inputs, **self.graph.settings(node)), dtype=object)[entry]
            total += abs((moved - out) / (step * out))
        return float(total)


def same_place(entry: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The entry of a smaller array that was stretched to the one in which this is an entry."""
    return tuple(0 if size == 1 else place for place, size in zip(entry[len(entry) - len(shape) :], shape, strict=True))
