"""What a student's own earlier numbers lead to: values and slopes where some wires hold what was written instead of the truth.

A value that was asserted takes the place of what its gate yields. A slope that was asserted is gone on with as the chain rule goes:
from named wire to named wire, ∂L/∂x = Σ ∂L/∂c · ∂c/∂x over the named wires c that use x directly.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chalkgrad.graph.evaluate import evaluate
from chalkgrad.handwork.verdict.model import HERE, Model
from chalkgrad.transform.reverse import reverse

Slope = tuple[int, int]


class Belief:
    """The problem of `model` at its given point, with the numbers in `values` and `slopes`, by wires, in place of the truth."""

    def __init__(self, model: Model, values: Mapping[int, Any], slopes: Mapping[Slope, Any]) -> None:
        self.model = model
        self.slopes = dict(slopes)
        self.asserted = dict(values)
        fed = model.fed(model.point(HERE))
        self._given = {**fed, **{node: value for node, value in values.items() if node in fed}}
        self._values: list[Any] = []
        self._named = sorted(set(model.wires.values()))
        self._direct: dict[int, Any] = {}

    def value(self, wire: int) -> Any:
        """The value of a wire."""
        graph = self.model.graph
        if wire >= len(self._values):
            start = len(self._values)
            values = evaluate(graph, self._given, known=self._values)
            for node in sorted(one for one in self.asserted if one >= start):
                values = evaluate(graph, self._given, known=[*values[:node], self.asserted[node]])
            self._values = values
        return self._values[wire]

    def slope(self, of: int, by: int) -> Any:
        """The derivative of a wire by another; None where that is not a product of single numbers."""
        if (of, by) in self.slopes:
            return self.slopes[of, by]
        if self.model.graph.shape(of) or self.model.graph.shape(by):
            return None
        if of == by:
            return np.float64(1.0)
        total = np.float64(0.0)
        for consumer in self._named:
            if not (by < consumer <= of and self.model.depends(consumer, by) and self.model.depends(of, consumer)):
                continue
            local = self.local(consumer, by)
            if local is None:
                continue
            upstream = np.float64(1.0) if consumer == of else self.slope(of, consumer)
            if np.ndim(upstream) or np.ndim(local):
                return None
            total = total + upstream * local
        return total

    def local(self, consumer: int, by: int) -> Any:
        """∂consumer/∂by where `consumer` uses `by` directly, else None."""
        if consumer not in self._direct:
            graph = self.model.graph
            held = [one for one in self._named if one < consumer]
            single = graph.shape(consumer) == () and not graph.is_leaf(consumer)
            self._direct[consumer] = reverse(graph, consumer, held) if single else None
        back = self._direct[consumer]
        total = back.total(by) if back is not None else None
        if total is None:
            return None
        return self.slopes.get((consumer, by), self.value(total))
