"""Random graphs against the truth: values, all partial derivatives, and second derivatives, to the last digits that there are.

How many digits there are is computed, not guessed. Let every wire of the *formula* be off by a relative δ of its own, and every
product of the backward pass likewise; then, to first order, the gradient g is off by Σ |∂g/∂δ|·δ. That sum is the condition of g,
and it is computed in truth arithmetic from the formula with a handle on each wire. A gate is allowed ROUNDINGS half units in the
last place for δ, which is what `tests/gates` proves of each single one, and no more. The gates that the engine itself draws for
local gradients get no handle: if they cancel, that is the engine's fault.

The tolerance so derived is far below the promise made to users, 10^−12 times the condition.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from chalkgrad.check.truth import Truth
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.transform.forward import forward
from chalkgrad.transform.reverse import reverse
from tests.properties.programs import NAMES, Builder, programs

XP = Truth(50)
ROUNDINGS = 16
UNIT = 2.0**-53
SMALLEST = 1e-290  # below it, factors of the chain rule may leave the floats on the way
FORTY_DIGITS, TWENTY_FIVE_DIGITS = 1e-40, 1e-25
WITH_ROUNDED_CONSTANTS = ("mean", "erf", "exp2", "log2", "log10")  # their local gradients hold 1/n, 2/√π, log 2 as floats


def examples(count):
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def unit(build, node, place):
    seed = np.zeros(build.graph.shape(node))
    seed[place] = 1.0
    return build.graph.constant(seed)


def places(build):
    return [(leaf, place) for leaf in build.leaves for place in np.ndindex(build.graph.shape(leaf))]


class Conditioned:
    """A formula with handles: the true value of some of its derivatives, and the condition of each."""

    def __init__(self, program):
        self.build = Builder(program, slack=True)
        self.products: list[int] = []

    def back(self, node, seed=None):
        record = reverse(self.build.graph, node, self.build.leaves, seed=seed)
        self.products += [one.product for one in record.contributions()]
        return record

    def handles(self, node, place):
        """The wires that say how entry `place` of `node` moves with each handle, each with the handle it belongs to."""
        record = reverse(self.build.graph, node, self.build.slack, seed=unit(self.build, node, place))
        found = [(record.total(handle), handle) for handle in (*self.build.slack, *self.products)]
        return [(total, handle) for total, handle in found if total is not None]


def condition(values, handles):
    return sum((np.sum(abs(values[total] * values[handle])) for total, handle in handles), start=XP.mp.zero)


def check(got, want, moves, what):
    allowed = max(ROUNDINGS * UNIT * (abs(want) + moves), SMALLEST * UNIT)
    assert abs(XP.mp.mpf(float(got)) - want) <= allowed, (
        f"{what}: got {float(got)!r}, truth {XP.mp.nstr(want, 20)}, off by {XP.mp.nstr(abs(XP.mp.mpf(float(got)) - want), 3)},"
        f" allowed {XP.mp.nstr(allowed, 3)}, condition {XP.mp.nstr(moves / abs(want), 3) if want else '∞'}"
    )


@examples(60)
@given(programs())
def test_the_value_is_as_right_as_its_condition_allows(program):
    plain, held = Builder(program), Conditioned(program)
    handles = held.handles(held.build.output, ())
    truth = evaluate(held.build.graph, held.build.given, xp=XP)
    got = evaluate(plain.graph, plain.given)[plain.output]
    check(got, truth[held.build.output], condition(truth, handles), "value")


@examples(60)
@given(programs())
def test_every_partial_derivative_is_as_right_as_its_condition_allows(program):
    plain, held = Builder(program), Conditioned(program)
    back, true_back = reverse(plain.graph, plain.output, plain.leaves), held.back(held.build.output)
    floats = evaluate(plain.graph, plain.given)
    handles = {}
    for leaf, place in places(held.build):
        total = true_back.total(leaf)
        if total is not None:
            handles[leaf, place] = total, held.handles(total, place)
    truth = evaluate(held.build.graph, held.build.given, xp=XP)
    for (leaf, place), true_leaf in zip(places(plain), places(held.build), strict=True):
        node = back.total(leaf)
        assert (node is None) == (true_leaf not in handles)
        if node is not None:
            total, moves = handles[true_leaf]
            want = np.asarray(truth[total])[place]
            check(np.asarray(floats[node])[place], want, condition(truth, moves), f"∂/∂{leaf}{list(place)}")


@examples(60)
@given(programs(without=WITH_ROUNDED_CONSTANTS))
def test_reverse_mode_is_the_measured_slope(program):
    # A central difference over h = 10^−20 is off by h² = 10^−40 times a third derivative, and by 10^−60 / h for rounding.
    xp = Truth(60)
    step = xp.mp.mpf(10) ** -20
    build = Builder(program)
    value_only = len(build.graph)
    measured = {}
    for leaf, place in places(build):
        ends = []
        for move in (step, -step):
            moved = np.asarray(xp.constant(build.given[leaf]), dtype=object).copy()
            moved[place] += move
            ends.append(evaluate(build.graph, {**build.given, leaf: moved}, xp=xp)[build.output])
        measured[leaf, place] = (ends[0] - ends[1]) / (2 * step)
    assert len(build.graph) == value_only
    back = reverse(build.graph, build.output, build.leaves)
    truth = evaluate(build.graph, build.given, xp=xp)
    for (leaf, place), slope in measured.items():
        node = back.total(leaf)
        claimed = xp.mp.zero if node is None else np.asarray(truth[node])[place]
        assert abs(claimed - slope) <= TWENTY_FIVE_DIGITS * max(1, abs(slope)), (
            f"∂/∂{leaf}{list(place)}: {claimed}, measured {slope}"
        )


@examples(60)
@given(programs())
def test_forward_mode_is_reverse_mode(program):
    build = Builder(program)
    back = reverse(build.graph, build.output, build.leaves)
    tangents = {
        (leaf, place): forward(build.graph, build.output, {leaf: unit(build, leaf, place)}) for leaf, place in places(build)
    }
    truth = evaluate(build.graph, build.given, xp=XP)
    for (leaf, place), tangent in tangents.items():
        node = back.total(leaf)
        assert (node is None) == (tangent is None)
        if node is not None:
            by_reverse = np.asarray(truth[node])
            scale = max([XP.mp.one, *np.ravel(np.abs(by_reverse))])
            assert abs(truth[tangent] - by_reverse[place]) <= FORTY_DIGITS * scale


@examples(25)
@given(programs(most=8))
def test_second_derivatives_are_as_right_as_their_condition_allows(program):
    plain, held = Builder(program), Conditioned(program)
    back, true_back = reverse(plain.graph, plain.output, plain.leaves), held.back(held.build.output)
    pairs = []
    for (leaf, place), (true_leaf, _) in zip(places(plain), places(held.build), strict=True):
        node, true_node = back.total(leaf), true_back.total(true_leaf)
        if node is None:
            continue
        again = reverse(plain.graph, node, plain.leaves, seed=unit(plain, node, place))
        before = len(held.products)
        true_again = held.back(true_node, unit(held.build, true_node, place))
        for (other, at), (true_other, _) in zip(places(plain), places(held.build), strict=True):
            second, true_second = again.total(other), true_again.total(true_other)
            assert (second is None) == (true_second is None)
            if second is not None:
                pairs.append((second, true_second, at, held.handles(true_second, at), (leaf, place, other, at)))
        del held.products[before:]
    floats = evaluate(plain.graph, plain.given)
    truth = evaluate(held.build.graph, held.build.given, xp=XP)
    for second, true_second, at, handles, what in pairs:
        want = np.asarray(truth[true_second])[at]
        check(np.asarray(floats[second])[at], want, condition(truth, handles), f"∂²/∂∂{what}")


@pytest.mark.parametrize("name", NAMES)
def test_every_gate_with_a_slope_can_stand_in_a_random_graph(name):
    for choice in range(6):
        build = Builder(([np.array([0.3, -0.7, 1.9]), np.float64(0.4)], [(name, 0, 1, choice), (name, 2, 0, choice)]))
        assert name in {gate.name for node in build.graph if (gate := build.graph.gate(node))}
        assert np.isfinite(evaluate(build.graph, build.given)[build.output])
