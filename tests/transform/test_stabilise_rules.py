"""Every rule of the table: both sides mean the same, it is found where it is written, and it wins without ever losing."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalkgrad.check.rules import Side, points, won
from chalkgrad.check.truth import Truth
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.transform.stabilise import RULES, stabilised

DEEP = Truth(1500)  # enough for e^−1600 beside 1
ALIKE = DEEP.mp.mpf(10) ** -20  # where a rule cuts a series off, it is right to 22 digits
ROUNDING = 0.35  # bits on average that may be lost to one more rounding, where nothing is to be won
STEEP = 3.5  # bits at the worst point that a rule may lose where both sides are near the last digits
WELL = 4.0  # bits of error on average that a stable form may have

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name.replace(" ", "-"))


def alike(one, other):
    for left, right in zip(np.ravel(np.asarray(one, dtype=object)), np.ravel(np.asarray(other, dtype=object)), strict=True):
        left, right = DEEP.mp.convert(left), DEEP.mp.convert(right)
        if abs(left - right) > ALIKE * max(abs(left), abs(right)):
            return False
    return True


def test_each_rule_has_a_name_of_its_own():
    assert len({rule.name for rule in RULES}) == len(RULES)


@every_rule
def test_both_sides_and_both_gradients_mean_the_same_number(rule):
    written, stable = Side(rule, rule.written), Side(rule, rule.stable)
    for point in points(rule, 8):
        for left, right in zip(written.results(point, DEEP), stable.results(point, DEEP), strict=True):
            assert alike(left, right), f"{point}: {left} and {right}"


@every_rule
def test_a_rule_says_why_and_gives_its_proof(rule):
    assert rule.before != rule.after
    assert len(rule.why) > 20
    assert len(rule.proof) > 20
    assert len(rule.ranges) == len(rule.inputs)


@every_rule
def test_the_written_form_is_recognised(rule):
    graph, leaves, output = rule.drawn(rule.written)
    found = stabilised(graph, [output])
    assert rule.name in [one.rule.name for one in found.rewrites]
    (point,) = points(rule, 1)
    given_ = dict(zip(leaves, point.values(), strict=True))
    moved = {found.moved[leaf]: value for leaf, value in given_.items()}
    got = evaluate(found.graph, moved, xp=DEEP)[found.outputs[0]]
    assert alike(got, evaluate(graph, given_, xp=DEEP)[output])


@every_rule
def test_the_stable_form_is_never_worse(rule):
    found = won(rule, count=48)
    assert found.after.value <= found.before.value + ROUNDING
    assert found.after.gradient <= found.before.gradient + ROUNDING
    assert found.after.worst <= found.before.worst + STEEP
    assert found.after.value <= WELL


@st.composite
def points_of(draw, rule):
    """A point of the rule's ranges, as hypothesis likes them: ends, zeros, whole numbers, close neighbours."""
    shapes = rule.shapes or ((),) * len(rule.ranges)
    point = {}
    for place, ((low, high), shape) in enumerate(zip(rule.ranges, shapes, strict=True)):
        numbers = st.floats(low, high, allow_subnormal=False)
        size = int(np.prod(shape, dtype=int))
        drawn = draw(st.lists(numbers, min_size=size, max_size=size, unique=True) if shape else numbers)
        point[place] = np.reshape(drawn, shape) if shape else drawn
    return point


@every_rule
def test_both_sides_and_both_gradients_agree_wherever_hypothesis_looks(rule):
    written, stable = Side(rule, rule.written), Side(rule, rule.stable)

    @settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(points_of(rule))
    def agree(point):
        for left, right in zip(written.results(point, DEEP), stable.results(point, DEEP), strict=True):
            meant = all(DEEP.mp.isfinite(one) for one in np.ravel(np.asarray(left, dtype=object)))
            assert not meant or alike(left, right), f"{point}: {left} and {right}"

    agree()
