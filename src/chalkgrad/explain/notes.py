"""Remarks that keep a lesson honest: kinks, gradients that are zero and why, and the place where numbers stop being finite."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.explain.forward_pass import is_finite
from chalkgrad.explain.lesson import Note
from chalkgrad.explain.view import View
from chalkgrad.gates.choice import TIE_CONVENTIONS
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.spaces import NUMPY
from chalkgrad.notation.expression import write
from chalkgrad.notation.numbers import show, summary
from chalkgrad.transform.reverse import Backward

NUDGE = 0.00005  # the lecture's
LONGEST_NAME = 60


def kinks(view: View, values: Sequence[Any], back: Backward | None) -> list[Note]:
    """One note for each gate that stands exactly on a kink, where a gradient passes through it."""
    found = []
    for wire in view.wires:
        if back is not None and all(back.total(one) is None for one in view.feeds[wire]):
            continue
        gate = view.graph.gate(wire)
        if gate is None or not gate.kinks:
            continue
        settings = view.graph.settings(wire)
        inputs = [values[one] for one in _candidates(view, wire)]
        for kink in gate.kinks:
            if len(inputs) < min(gate.arity, 2):
                continue
            with np.errstate(all="ignore"):
                there = np.asarray(kink.at(NUMPY, *inputs, **settings), dtype=bool)
            if there.any():
                convention = TIE_CONVENTIONS[settings["ties"]] if kink.convention == "ties" else kink.convention
                what = write(view.graph, wire, view.parts("text", wire), opened=True, longest=LONGEST_NAME)
                found.append(
                    Note(
                        "kink",
                        view.names[wire],
                        f"{view.names[wire]} = {what} stands on a kink{_how_often(there)}: it has no slope there, only one-sided "
                        f"ones. Used here: {convention}. Valid would be: {kink.valid}.{view.place(wire)}",
                    )
                )
    return found


def _how_often(there: Any) -> str:
    return f" in {int(there.sum())} of {there.size} entries" if there.size > 1 else ""


def _candidates(view: View, wire: int) -> tuple[int, ...]:
    """The inputs of a gate; one that chooses counts each wire once, for max(x, x) is x and no tie."""
    inputs = view.graph.inputs(wire)
    return tuple(dict.fromkeys(inputs)) if "ties" in view.graph.settings(wire) else inputs


def flat(view: View, back: Backward, values: Sequence[Any], factors: Any, digits: int) -> list[Note]:
    """Why a choosing gate passes no gradient to an input: nudging it leaves the gate where it is."""
    found = []
    for wire, flows in factors.items():
        for flow in flows:
            gate = view.graph.gate(flow.gate)
            inputs = view.graph.inputs(flow.gate)
            if gate is None or gate.family != "choice" or flow.wire not in inputs or view.graph.shape(flow.gate) != ():
                continue
            if flow.local is None or values[flow.local] != 0 or not gate.elementwise:
                continue
            before = float(values[wire])
            after = _nudged(gate, [values[one] for one in inputs], flow.slot, before + NUDGE, view.graph.settings(flow.gate))
            if after == values[flow.gate]:
                name, out = view.names[wire], view.names[flow.gate]
                found.append(
                    Note(
                        "flat",
                        name,
                        f"∂{out}/∂{name} = 0: nudging {name} from {show(before, digits)} to "
                        f"{show(before + NUDGE, max(digits, 9))} leaves {out} at {show(after, digits)}.",
                    )
                )
    return found


def _nudged(gate: Gate, inputs: list[Any], slot: int, value: float, settings: Any) -> Any:
    with np.errstate(all="ignore"):
        return gate.forward(NUMPY, *inputs[:slot], value, *inputs[slot + 1 :], **settings)


def independent(view: View, back: Backward, wanted: dict[str, int]) -> list[Note]:
    """The inputs on which the output does not depend."""
    output = view.names[view.output]
    return [
        Note("independent", name, f"∂{output}/∂{name} = 0: {output} does not depend on {name} through any gate that has a slope.")
        for name, node in wanted.items()
        if back.total(node) is None
    ]


def stopped_forward(view: View, values: Sequence[Any]) -> Note | None:
    """Where the forward pass stopped being finite: the first gate, and why."""
    graph = view.graph
    for node in range(view.output + 1):
        if is_finite(values[node]):
            continue
        name = view.names.get(node)
        if graph.gate(node) is None:
            return Note(
                "not finite",
                name or "",
                f"The value given for {name or 'a constant'} is not a finite number: {_what(values[node])}.",
            )
        what = write(graph, node, view.parts("text", node), opened=True, longest=LONGEST_NAME)
        label = f"{name} = {what}" if name else what
        why = f"{_what(values[node])}. {_cause(graph, node, values)}{view.place(node)}"
        return Note("not finite", name or what, f"{label} is not finite: {why}")
    return None


def stopped_backward(view: View, back: Backward, values: Sequence[Any]) -> Note | None:
    """Where the backward pass stopped being finite, where the forward pass did not."""
    output = view.names[view.output]
    for wire in reversed(view.wires):
        total = back.total(wire)
        if total is not None and not is_finite(values[total]):
            name = view.names[wire]
            feeds = [view.graph.gate(one) for one in view.wires if wire in view.feeds[one]]
            reasons = [
                kink.convention
                for gate in feeds
                if gate is not None
                for kink in gate.kinks
                if _true_at(kink.at, view, values, wire, gate)
            ]
            why = f" {reasons[0][0].upper()}{reasons[0][1:]}." if reasons else ""
            return Note("not finite", name, f"∂{output}/∂{name} is not finite: {_what(values[total])}.{why}")
    return None


def _what(value: Any) -> str:
    """What a value is that is not finite; of a large array, which entry is the first that is not."""
    if not summary(value):
        return f"it is {show(value)}"
    wrong = np.argwhere(~np.isfinite(value))
    place = ", ".join(map(str, wrong[0]))
    more = f", the first of {len(wrong)} such" if len(wrong) > 1 else ""
    return f"its entry [{place}] is {show(np.asarray(value)[tuple(wrong[0])])}{more}"


def branches(sentences: Sequence[str], output: str) -> list[Note]:
    """The ways that a function took because of its values."""
    return [Note("branch", output, sentence) for sentence in sentences]


def _true_at(rule: Any, view: View, values: Sequence[Any], wire: int, gate: Gate) -> bool:
    for one in view.wires:
        if view.graph.gate(one) is gate and wire in view.graph.inputs(one):
            with np.errstate(all="ignore"):
                if np.any(rule(NUMPY, *(values[place] for place in view.graph.inputs(one)), **view.graph.settings(one))):
                    return True
    return False


def _cause(graph: Any, node: int, values: Sequence[Any]) -> str:
    gate, settings = graph.gate(node), graph.settings(node)
    inputs = [values[one] for one in graph.inputs(node)]
    with np.errstate(all="ignore"):
        for hazard in gate.hazards:
            if np.any(hazard.when(NUMPY, *inputs, **settings)):
                cure = f" Instead: {hazard.instead}." if hazard.instead else ""
                return f"{hazard.what[0].upper()}{hazard.what[1:]}.{cure}"
    if np.any(np.isnan(values[node])):
        return "For these inputs the gate has no value."
    largest = np.finfo(np.asarray(values[node]).dtype).max
    return f"The result overflows: it is beyond the largest float, {show(float(largest), 3)}."
