"""Local gradients and the backward pass in lines: ∂f/∂V = ∂f/∂B · ∂B/∂V = −2 · 12 = −24.

Where a wire fans out, one term for each gate it feeds, added. Where a gate is a linear map rather than a factor (matrix products,
softmax, reshaping), the line shows what is done to the upstream gradient instead.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.explain.forward_pass import LONGEST, Numbers, distinct, readable
from chalkgrad.explain.lesson import BackwardStep, Both, Equation, LocalStep
from chalkgrad.explain.view import View
from chalkgrad.graph.look import ATOM, LOOSEST
from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.shapes import show as show_shape
from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.notation.expression import ELLIPSIS, Part, number, write
from chalkgrad.notation.names import derivative
from chalkgrad.notation.numbers import Style, exact, show, summary
from chalkgrad.transform.reverse import Backward, Contribution

LONGEST_IN_BLOCK = 40  # characters of a block's own working; beyond, the line names its local gradient only
SELECTED = "nothing flows through a branch not taken, whatever its slope"
MOST_TERMS = 6  # terms of a fan-out that are written; the others are counted

Factors = Mapping[int, list[Contribution]]


def draw_textbook(view: View, factors: Factors) -> dict[tuple[int, int], int]:
    """Append the local gradients as the textbook writes them, by gate and slot, for the gates that tell a textbook form."""
    graph, xp = view.graph, Drawing(view.graph)
    drawn: dict[tuple[int, int], int] = {}
    for flow in (flow for flows in factors.values() for flow in flows):
        gate = graph.gate(flow.gate)
        whole = view.feeds[flow.gate] == graph.inputs(flow.gate)
        if gate is None or gate.textbook is None or not whole or (flow.gate, flow.slot) in drawn:
            continue
        inputs = [Wire(xp, one) for one in graph.inputs(flow.gate)]
        out, settings = Wire(xp, flow.gate), graph.settings(flow.gate)
        if gate.push is not None:
            drawn[flow.gate, flow.slot] = gate.textbook(xp, Wire(xp, flow.upstream), *inputs, out, **settings).node
        else:
            for slot, slope in enumerate(gate.textbook(xp, *inputs, out, **settings)):
                if isinstance(slope, Wire):
                    drawn[flow.gate, slot] = slope.node
    return drawn


class Board:
    """What the lines of the backward pass are written from: the view, all numbers, and the names of derivatives."""

    def __init__(
        self,
        view: View,
        back: Backward,
        factors: Factors,
        textbook: Mapping[tuple[int, int], int],
        values: Sequence[Any],
        digits: int,
    ) -> None:
        self.view, self.back, self.factors, self.textbook = view, back, factors, textbook
        self.values, self.digits = values, digits
        self.numbers = Numbers(view, values, digits)
        self.output = view.names[view.output]

    def local_steps(self) -> list[LocalStep]:
        """The local gradients, gate by gate in the order of evaluation."""
        by_gate: dict[int, list[Contribution]] = {}
        for flows in self.factors.values():
            for flow in flows:
                by_gate.setdefault(flow.gate, []).append(flow)
        result = []
        for wire in self.view.wires:
            flows = sorted(by_gate.get(wire, []), key=lambda flow: flow.slot)
            equations = tuple(self._local_equation(flow) for flow in flows if flow.local is not None)
            gate = self.view.graph.gate(wire)
            if flows and gate is not None:
                whole = self.view.feeds[wire] == self.view.graph.inputs(wire)
                why = gate.lesson if whole else "a whole block: its local gradients follow by the same rules inside it"
                result.append(LocalStep(self.view.names[wire], gate.name if whole else "block", equations, why))
        return result

    def backward_steps(self) -> list[BackwardStep]:
        """The gradients, from the output back to the inputs."""
        totals = ((wire, self.back.total(wire)) for wire in reversed(self.view.wires))
        return [self._backward_step(wire, total) for wire, total in totals if total is not None]

    def _backward_step(self, wire: int, total: int) -> BackwardStep:
        flows, name, value = self.factors.get(wire, []), self.view.names[wire], self.values[total]
        left = Both.of(lambda style: derivative(self.output, name, style))
        result, rounded = Both.of(lambda style: show(value, self.digits, style)), not exact(value, self.digits)
        if wire == self.view.output:
            return BackwardStep(name, Equation(left, (Both("1", "1"),), why="the backward pass starts at the output"))
        if len(flows) == 1 and flows[0].gate == self.view.output and flows[0].local is not None:
            local = self._local_equation(flows[0])
            return BackwardStep(name, Equation(left, distinct(*local.sides[:-1], result), rounded, summary(value)))
        symbols = Both.of(lambda style: self._sum(flows, style, self._symbol))
        figures = Both.of(lambda style: self._sum(flows, style, self._figure))
        mapped = any(flow.local is None for flow in flows)
        sides = distinct(symbols, *(() if mapped and len(flows) == 1 else readable(figures)), result)
        reasons = [f"{name} leaves on {len(flows)} wires, and what flows back along them adds"] if len(flows) > 1 else []
        reasons += dict.fromkeys(filter(None, map(self._stretching, flows)))
        reasons += dict.fromkeys(filter(None, map(self._selection, flows)))
        why = "; ".join(filter(None, (*reasons, summary(value))))
        return BackwardStep(name, Equation(left, sides, rounded, why), max(len(flows), 1))

    def _stretching(self, flow: Contribution) -> str:
        """Why a gradient is added up where its wire was stretched to the shape of an array beside it."""
        graph, gate = self.view.graph, self.view.graph.gate(flow.gate)
        own, whole = graph.shape(flow.wire), graph.shape(flow.gate)
        if gate is None or not gate.elementwise or flow.local is None or own == whole or not own or not self._is_whole(flow.gate):
            return ""
        name = self.view.names[flow.wire]
        return f"{name} is stretched from {show_shape(own)} to {show_shape(whole)}, so its gradient is summed over the copies"

    def _selection(self, flow: Contribution) -> str:
        """Why a product is 0 although one of its factors is no finite number."""
        if flow.local is None:
            return ""
        local, product = (np.asarray(self.values[one], dtype=float) for one in (flow.local, flow.product))
        return "" if np.isfinite(local).all() or not np.isfinite(product).all() else SELECTED

    def _is_whole(self, gate: int) -> bool:
        """Whether what drives the wire is one gate and not a block of several."""
        return self.view.feeds[gate] == self.view.graph.inputs(gate)

    def local_name(self, flow: Contribution, style: Style) -> str:
        """∂gate/∂wire, with the number of the input where one wire feeds several.

        Where the gate is the output and the wire reaches it on another way too, the other inputs are named as held: this is not
        yet the gradient.
        """
        feeds, names = self.view.feeds[flow.gate], self.view.names
        slot = flow.slot if feeds.count(flow.wire) > 1 else None
        others = [names[one] for one in dict.fromkeys(feeds) if one in names and one != flow.wire]
        partial = flow.gate == self.view.output and len(self.factors[flow.wire]) > 1 and slot is None
        return derivative(names[flow.gate], names[flow.wire], style, slot=slot, held=others if partial else ())

    def _local_equation(self, flow: Contribution) -> Equation:
        assert flow.local is not None
        graph, shown = self.view.graph, self.textbook.get((flow.gate, flow.slot), flow.local)
        value = self.values[flow.local]
        left = Both.of(lambda style: self.local_name(flow, style))
        result = Both.of(lambda style: show(value, self.digits, style))
        gate = graph.gate(flow.gate)
        if gate is not None and gate.chooses:
            return Equation(left, (result,), not exact(value, self.digits), summary(value))
        symbols = Both.of(lambda style: write(graph, shown, self.view.parts(style), style, longest=LONGEST))
        figures = Both.of(lambda style: write(graph, shown, self.numbers.parts(style), style, longest=LONGEST))
        told = (symbols,) if self._is_whole(flow.gate) or _is_short(symbols.text) else ()
        return Equation(left, distinct(*told, *readable(figures), result), not exact(value, self.digits), summary(value))

    def _sum(self, flows: list[Contribution], style: Style, write_term: Any) -> str:
        terms = [write_term(flow, style) for flow in flows[:MOST_TERMS]]
        if len(flows) > MOST_TERMS:
            more = f"({len(flows) - MOST_TERMS} more)"
            terms.append(f"… {more}" if style == "text" else rf"\ldots \text{{{more}}}")
        return " + ".join(f"({term})" if place and term.startswith(("−", "-")) else term for place, term in enumerate(terms))

    def _symbol(self, flow: Contribution, style: Style) -> str:
        graph = self.view.graph
        upstream = derivative(self.output, self.view.names[flow.gate], style)
        if flow.local is None:
            known = {**self.view.parts(style), flow.upstream: Part(upstream)}
            shown = self.textbook.get((flow.gate, flow.slot), flow.product)
            named = {**self.view.parts("text"), flow.upstream: Part(derivative(self.output, self.view.names[flow.gate]))}
            if self._is_whole(flow.gate) or _is_short(write(graph, shown, named, longest=LONGEST)):
                written = write(graph, shown, known, style, longest=LONGEST)
                drives = graph.gate(shown)
                level = ATOM if drives is None else drives.look.level if style == "text" else drives.look.latex_level
                alone = len(self.factors[flow.wire]) == 1 or level > LOOSEST
                return written if alone else f"({written})" if style == "text" else rf"\left({written}\right)"
        local = self.local_name(flow, style)
        return self._spread(flow, local if self._starts(flow) else f"{upstream}{self._times(flow, style)}{local}", style)

    def _figure(self, flow: Contribution, style: Style) -> str:
        if flow.local is None:
            return show(self.values[flow.product], self.digits, style)
        upstream, local = (number(self.values[one], self.digits, style) for one in (flow.upstream, flow.local))
        if self._starts(flow):
            return self._spread(flow, local.text, style)
        negative = local.text.startswith(("−", "-"))
        second = local.text if not negative else f"({local.text})" if style == "text" else rf"\left({local.text}\right)"
        return self._spread(flow, f"{upstream.text}{self._times(flow, style)}{second}", style)

    def _starts(self, flow: Contribution) -> bool:
        """Whether it flows straight from the output, where the upstream gradient is 1 and goes without saying."""
        return flow.gate == self.view.output

    def _times(self, flow: Contribution, style: Style) -> str:
        graph = self.view.graph
        single = flow.local is None or not graph.shape(flow.upstream) or not graph.shape(flow.local)
        return (" · " if single else " ⊙ ") if style == "text" else (r" \cdot " if single else r" \odot ")

    def _spread(self, flow: Contribution, term: str, style: Style) -> str:
        """Where the wire was stretched to fit, its gradient is added up over the copies."""
        graph = self.view.graph
        if flow.local is None or not _stretched(graph.shape(flow.wire), graph.shape(flow.upstream), graph.shape(flow.local)):
            return term
        return f"sum({term})" if style == "text" else rf"\sum \left({term}\right)"


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST_IN_BLOCK and ELLIPSIS["text"] not in text


def _stretched(wire: Shape, upstream: Shape, local: Shape) -> bool:
    return math.prod(wire) < max(math.prod(upstream), math.prod(local))
