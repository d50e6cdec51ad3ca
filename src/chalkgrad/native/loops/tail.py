"""Single numbers behind a kernel's sums: a loss is divided by its rows, a penalty is added.

Python's own arithmetic does that in a fraction of the time that a kernel takes to be called. It is float64's; a float32 result of
one operation on float32 numbers is the same when it is computed in float64 and rounded (float64 has more than twice the bits).

Source: S. Figueroa, "When is double rounding innocuous?", 1995.
"""

import operator
from collections.abc import Callable
from typing import Any

from chalkgrad.native.loops.plan import Kernel, Plan, Sweep
from chalkgrad.native.loops.precision import DOUBLE, SINGLE
from chalkgrad.native.loops.steps import single

ARITHMETIC: dict[str, Callable[..., float]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "negative": operator.neg, "divide": operator.truediv,
}  # fmt: skip
MOST = 4  # gates; a kernel does more of them in less time


class TailStep:
    """A few gates of single numbers."""

    warned = False

    def __init__(self, plan: Plan, step: Kernel | Sweep) -> None:
        assert isinstance(step, Kernel)
        self.work = []
        for node in step.nodes:
            kind = plan.dtypes[node].type
            given = [_literal(plan, one, kind) if one in plan.literals else one for one in plan.graph.inputs(node)]
            self.work.append((node, ARITHMETIC[_name(plan, node)], given, kind))

    def __call__(self, values: list[Any]) -> bool:
        for node, operation, given, kind in self.work:
            numbers = [one if isinstance(one, float) else float(values[one]) for one in given]
            values[node] = single(operation(*numbers), kind)
        return True


def is_tail(plan: Plan, step: Kernel | Sweep) -> bool:
    """Whether a kernel is so little."""
    if not isinstance(step, Kernel) or step.sums or len(step.nodes) > MOST:
        return False
    return all(_is_plain(plan, node) for node in step.nodes)


def _is_plain(plan: Plan, node: int) -> bool:
    graph, name = plan.graph, _name(plan, node)
    wires = [node, *graph.inputs(node)]
    kind, unknown = plan.dtypes[node], [one for one in wires if one not in plan.literals]
    plain = (name in ARITHMETIC and not any(map(graph.shape, wires)) and kind in (SINGLE, DOUBLE)
             and {plan.dtypes[one] for one in unknown} == {kind})  # fmt: skip
    if not plain or name != "divide":
        return plain
    return wires[-1] in plan.literals and _literal(plan, wires[-1], kind.type) != 0  # by which Python would not divide


def _literal(plan: Plan, node: int, kind: Any) -> float:
    """A number that is known, as one of this kind: a small one may be 0."""
    return float(single(float(plan.literals[node]), kind))


def _name(plan: Plan, node: int) -> str:
    gate = plan.graph.gate(node)
    return gate.name if gate else ""
