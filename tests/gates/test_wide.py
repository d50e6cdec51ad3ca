"""Every gate far from its samples: from 10^−300 to 10^300, beside its zeros and poles, value, slope, and slope of the slope.

An error is measured against the condition of the very number that is asked for: where an input that is off by a relative ε
moves the slope by κ·ε, an error of a few κ·ε is what any method makes, and more is the method's fault. So a gate whose slope
cancels although the slope itself is innocent, such as 1 − tanh² or (1 − x) − (1 + x), fails here.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest

from chalkgrad.check.truth import Truth
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.spaces import NUMPY
from chalkgrad.transform.reverse import reverse

XP = Truth(50)
ROUNDINGS = 16  # of half a unit in the last place each: a value takes up to 5, two chain rules the rest
UNIT = 2.0**-53
LARGEST = 1e300  # a point counts where every number asked for, and so every factor of it, fits in a float
SMALLEST = 1e-300
ORDER = 2

MAGNITUDES = (1e-300, 1e-160, 1e-20, 1e-10, 1e-5, 0.01, 0.3, 0.9, 1 - 1e-10, 1.0, 1 + 1e-10, 1.5, 3.0, 10.0, 20.0, 36.5,
              100.0, 350.0, 700.0, 745.0, 800.0, 1e5, 1e10, 1e100, 1e160, 1e300)  # fmt: skip
PAIR_MAGNITUDES = (1e-300, 1e-10, 0.3, 1.0, 1 + 1e-10, 3.0, 40.0, 1e10, 1e160)
MODERATE = (1e-30, 1e-10, 0.3, 1.0, 1 + 1e-10, 2.0, 3.0, 40.0, 1e30)
SHARES = (1e-100, 1e-10, 0.01, 0.3, 0.3 + 1e-10, 0.5, 0.9, 1 - 1e-10)
EXPONENTS = (0.0, 1.0, 2.0, 3.0, 7.0, -1.0, -1.5, 0.1, 0.5, 1.5)


@dataclass(frozen=True, eq=False)
class Partials:
    """A gate of numbers with its partial derivatives up to one order more than is asked for, for the condition."""

    gate: Gate
    graph: Graph
    leaves: list[int]
    nodes: dict[tuple[int, ...], int | None]  # by the slots differentiated

    @classmethod
    def of(cls, gate, **settings):
        graph = Graph()
        leaves = [graph.leaf(f"x{slot}") for slot in range(gate.arity)]
        nodes: dict[tuple[int, ...], int | None] = {(): graph.add(gate, *leaves, **settings)}
        for order in range(ORDER + 1):
            for slots in [slots for slots in nodes if len(slots) == order]:
                node = nodes[slots]
                record = None if node is None else reverse(graph, node, leaves)
                for slot, leaf in enumerate(leaves):
                    nodes[*slots, slot] = None if record is None else record.total(leaf)
        return cls(gate, graph, leaves, nodes)

    def asked(self):
        return {slots: node for slots, node in self.nodes.items() if len(slots) <= ORDER and node is not None}

    def condition(self, slots, truth, point):
        """|∂| + Σ |input · slope of ∂ in it|, for the partial derivative ∂ by `slots`."""
        total = abs(truth[self.nodes[slots]])
        for slot, value in enumerate(point):
            node = self.nodes[*slots, slot]
            if node is not None and XP.isfinite(truth[node]):
                total += abs(truth[node] * XP.mp.mpf(value))
        return total


def wrong_at(partials, point):
    """None where the point does not count, else what is wrong there."""
    settings = partials.graph.settings(partials.nodes[()])
    inputs = [XP.constant(value) for value in point]
    rules = [one.when for one in partials.gate.hazards] + [one.at for one in partials.gate.kinks]
    if any(bool(rule(XP, *inputs, **settings)) for rule in rules):
        return None
    given = dict(zip(partials.leaves, point, strict=True))
    truth, floats = evaluate(partials.graph, given, xp=XP), evaluate(partials.graph, given)
    if any(abs(truth[node]) > LARGEST for node in partials.asked().values()):
        return None
    wrong = []
    for slots, node in partials.asked().items():
        if XP.isnan(truth[node]):  # a slope that does not exist, as of x^y in y where x < 0
            assert np.isnan(floats[node]), f"{point} {slots}: {floats[node]} where there is nothing"
            continue
        allowed = max(ROUNDINGS * UNIT * partials.condition(slots, truth, point), SMALLEST * UNIT)
        if not abs(XP.mp.mpf(float(floats[node])) - truth[node]) <= allowed:
            wrong.append(f"at {point} by {slots}: got {float(floats[node])!r}, truth {XP.mp.nstr(truth[node], 20)},"
                         f" allowed error {XP.mp.nstr(allowed, 3)}")  # fmt: skip
    return wrong


def signed(magnitudes):
    return [0.0, *magnitudes, *(-one for one in magnitudes)]


SINGLES = [
    (gate, {}) for gate in GATES.values() if gate.elementwise and gate.differentiable and gate.arity == 1 and not gate.params
]
SINGLES += [(GATES["constant_power"], {"exponent": exponent}) for exponent in EXPONENTS]
SINGLES += [(GATES[name], {"n": n}) for name in ("erfcx", "polygamma") for n in range(3)]
PAIRS = [gate for gate in GATES.values() if gate.elementwise and gate.differentiable and gate.arity == 2]


@pytest.mark.parametrize("gate, settings", SINGLES, ids=str)
def test_a_gate_of_one_number_is_right_at_every_magnitude(gate, settings):
    partials = Partials.of(gate, **settings)
    results = [wrong_at(partials, (x,)) for x in signed(MAGNITUDES)]
    assert not [line for result in results for line in result or ()]
    assert sum(result is not None for result in results) >= 10, "too few points count"


@pytest.mark.parametrize("gate", PAIRS, ids=repr)
def test_a_gate_of_two_numbers_is_right_at_every_magnitude(gate):
    # The exponent y − 1 is rounded to a float, which x^(y − 1) feels by log x; hence no larger x there.
    partials = Partials.of(gate)
    magnitudes = {"power": MODERATE, "bernoulli_divergence": SHARES}.get(gate.name, PAIR_MAGNITUDES)
    results = [wrong_at(partials, point) for point in itertools.product(signed(magnitudes), repeat=2)]
    assert not [line for result in results for line in result or ()]
    assert sum(result is not None for result in results) >= 40, "too few points count"


@pytest.mark.parametrize("gate", [gate for gate, _ in SINGLES] + PAIRS, ids=repr)
def test_floats_and_truth_agree_where_there_is_no_number(gate):
    partials = Partials.of(gate)
    ends = (0.0, 5e-324, 1.7976931348623157e308, -1.7976931348623157e308, np.inf, -np.inf, np.nan)
    for point in itertools.product(ends, repeat=gate.arity):
        given = dict(zip(partials.leaves, point, strict=True))
        floats, truth = (evaluate(partials.graph, given, xp=xp)[partials.nodes[()]] for xp in (NUMPY, XP))
        assert np.isnan(floats) == XP.isnan(truth), f"{point}: {floats}, truth {truth}"
