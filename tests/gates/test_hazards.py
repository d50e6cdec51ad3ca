"""Hazards: at a point where a gate declares one, its value is no finite number; and no sample is such a point."""

import math

import numpy as np
import pytest

from chalkgrad.errors import GateError
from chalkgrad.gates import GATES
from chalkgrad.gates.elementary import LARGEST_ARC, LARGEST_EXPONENT
from chalkgrad.gates.special import LARGEST_OF_GAMMA
from chalkgrad.graph.gate import Sample
from chalkgrad.graph.spaces import NUMPY
from tests.gates.table import DEEP, draw, numbers, rows, said

INF, NAN = math.inf, math.nan

# Each point with the value there. Points with a sibling in FINITE below stand just beyond the border.
HAZARDS = [
    ("multiply", (0.0, INF), {}, NAN),
    ("multiply", (-INF, 0.0), {}, NAN),
    ("divide", (1.0, 0.0), {}, INF),
    ("divide", (-1.0, 0.0), {}, -INF),
    ("divide", (1.0, -0.0), {}, -INF),
    ("divide", (0.0, 0.0), {}, NAN),
    ("reciprocal", (0.0,), {}, INF),
    ("reciprocal", (-0.0,), {}, -INF),
    ("power", (-8.0, 1 / 3), {}, NAN),
    ("power", (0.0, -1.0), {}, INF),
    ("constant_power", (-8.0,), {"exponent": 1 / 3}, NAN),
    ("constant_power", (0.0,), {"exponent": -2.0}, INF),
    ("constant_power", (-0.0,), {"exponent": -1.0}, -INF),
    ("exp", (math.nextafter(LARGEST_EXPONENT, INF),), {}, INF),
    ("exp", (950.0,), {}, INF),
    ("expm1", (math.nextafter(LARGEST_EXPONENT, INF),), {}, INF),
    ("sinh", (math.nextafter(LARGEST_ARC, INF),), {}, INF),
    ("sinh", (-math.nextafter(LARGEST_ARC, INF),), {}, -INF),
    ("cosh", (math.nextafter(LARGEST_ARC, INF),), {}, INF),
    ("cosh", (-math.nextafter(LARGEST_ARC, INF),), {}, INF),
    ("log", (0.0,), {}, -INF),
    ("log", (-1.0,), {}, NAN),
    ("log1p", (-1.0,), {}, -INF),
    ("log1p", (-1.5,), {}, NAN),
    ("log1p_ratio", (-1.0,), {}, INF),
    ("log1p_ratio", (-1.5,), {}, NAN),
    ("sqrt", (-5e-324,), {}, NAN),
    ("arcsin", (math.nextafter(1.0, INF),), {}, NAN),
    ("arccos", (-math.nextafter(1.0, INF),), {}, NAN),
    ("direction", (0.0, 0.0), {}, NAN),
    ("divide", ([1.0, 2.0], [1.0, 0.0]), {}, INF),
    ("log2", (0.0,), {}, -INF),
    ("log2", (-1.0,), {}, NAN),
    ("log10", (0.0,), {}, -INF),
    ("log10", (-1.0,), {}, NAN),
    ("exp2", (1024.0,), {}, INF),
    ("arccosh", (math.nextafter(1.0, 0.0),), {}, NAN),
    ("arctanh", (1.0,), {}, INF),
    ("arctanh", (-1.0,), {}, -INF),
    ("arctanh", (1.5,), {}, NAN),
    ("floor_divide", (1.0, 0.0), {}, INF),
    ("floor_divide", (0.0, 0.0), {}, NAN),
    ("remainder", (1.0, 0.0), {}, NAN),
    ("fmod", (1.0, 0.0), {}, NAN),
    ("from_odds", (-1.0,), {}, -INF),
    ("softmax", ([-INF, -INF],), {}, NAN),
    ("softmax", ([INF, 1.0, INF],), {}, NAN),
    ("log_softmax", ([[0.0, -INF], [1.0, -INF]],), {"axis": 0}, NAN),
    ("inv", ([[0.0]],), {}, NAN),
    ("solve", ([[0.0]], [[1.0]]), {}, NAN),
    ("logabsdet", ([[0.0, 0.0], [0.0, 0.0]],), {}, -INF),
    ("erfcx", (-26.7,), {}, INF),
    ("gamma", (0.0,), {}, INF),
    ("gamma", (-2.0,), {}, NAN),
    ("gamma", (171.7,), {}, INF),
    ("gammaln", (0.0,), {}, INF),
    ("gammaln", (-2.0,), {}, INF),
    ("polygamma", (0.0,), {}, -INF),
    ("polygamma", (-3.0,), {}, NAN),
    ("polygamma_gap", (-0.5, 3.0), {}, NAN),
    ("betaln", (-0.5, 3.0), {}, NAN),
    ("compound_inverse", (-0.5,), {}, NAN),
    ("compound_interest", (-3.0, 2.0, 0.25), {}, NAN),
    ("log_difference", (2.0, -1.0), {}, NAN),
    ("log_difference", (2.0, 0.0), {}, INF),
    ("sqrt_difference", (-1.0, 2.0), {}, NAN),
    ("reciprocal_difference", (0.0, 2.0), {}, INF),
    ("log1mexp", (0.0,), {}, -INF),
    ("log1mexp", (1e-300,), {}, NAN),
    ("xlogy", (2.0, 0.0), {}, -INF),
    ("xlogy", (2.0, -1.0), {}, NAN),
    ("xlog1py", (2.0, -1.0), {}, -INF),
    ("xlog1py", (2.0, -1.5), {}, NAN),
    ("xlog_quotient", (2.0, 0.0, 1.0), {}, -INF),
    ("xlog_quotient", (2.0, -1.0, 1.0), {}, NAN),
    ("deviance", (2.0, 0.0), {}, INF),
    ("deviance", (2.0, -1.0), {}, NAN),
    ("bernoulli_divergence", (0.5, 0.0), {}, INF),
    ("bernoulli_divergence", (0.5, 1.5), {}, NAN),
    ("compound", (-1.0, -2.0), {}, INF),
    ("compound", (-3.0, 0.5), {}, NAN),
    ("log_prod", ([2.0, 0.0],), {}, -INF),
    ("log_prod", ([2.0, -1.0],), {}, NAN),
    ("log_product", (2.0, 0.0, 1.0), {}, -INF),
    ("log_product", (2.0, -1.0, 1.0), {}, NAN),
    ("log_mix", (2.0, -1.0, 1.0), {}, NAN),
]
FINITE = [
    ("multiply", (0.0, 1e308), {}), ("divide", (1.0, 1e-300), {}), ("power", (-8.0, 3.0), {}), ("power", (0.0, 0.0), {}),
    ("constant_power", (-8.0,), {"exponent": 3.0}), ("constant_power", (-8.0,), {"exponent": -3.0}),
    ("exp", (LARGEST_EXPONENT,), {}), ("exp", (-1e300,), {}), ("expm1", (LARGEST_EXPONENT,), {}),
    ("sinh", (LARGEST_ARC,), {}), ("cosh", (-LARGEST_ARC,), {}), ("log", (5e-324,), {}), ("log1p", (-1.0 + 2.0**-53,), {}),
    ("sqrt", (-0.0,), {}), ("arcsin", (1.0,), {}), ("arccos", (-1.0,), {}), ("direction", (0.0, 1e-300), {}),
    ("xlogy", (0.0, 0.0), {}), ("xlog1py", (0.0, -1.0), {}), ("log1mexp", (-5e-324,), {}), ("compound", (-3.0, 3.0), {}),
    ("log_prod", ([-2.0, -1e-300, 1e-200],), {}), ("xlog_quotient", (0.0, 0.0, 2.0), {}),
    ("log_product", (-1e-200, -1e-200, 1e-200), {}), ("log_mix", (1.0, -900.0, 0.0), {}),
    ("exp2", (math.nextafter(1024.0, 0.0),), {}), ("arccosh", (1.0,), {}), ("arctanh", (math.nextafter(1.0, 0.0),), {}),
    ("gamma", (LARGEST_OF_GAMMA,), {}), ("gamma", (-2.5,), {}),
]  # fmt: skip

by_hazard = pytest.mark.parametrize(
    "gate, sample, value",
    [pytest.param(GATES[name], Sample(point, settings), value, id=said(GATES[name], Sample(point, settings)))
     for name, point, settings, value in HAZARDS],
)  # fmt: skip


def hazards_at(gate, sample, xp):
    settings = {**gate.params, **sample.params}
    with np.errstate(all="ignore"):
        return [hazard for hazard in gate.hazards
                if np.any(hazard.when(xp, *(xp.constant(value) for value in sample.inputs), **settings))]  # fmt: skip


@by_hazard
def test_the_value_at_a_hazard_is_not_finite(gate, sample, value):
    assert hazards_at(gate, sample, NUMPY)
    row = draw(gate, sample)
    got = np.ravel(numbers(row)[row.output])[-1]
    np.testing.assert_equal(float(got), value)


@by_hazard
def test_the_truth_has_the_same_hazards(gate, sample, value):
    # except that nothing overflows there, and that it has no negative zero
    assert [one.what for one in hazards_at(gate, sample, DEEP)] == [one.what for one in hazards_at(gate, sample, NUMPY)]
    row = draw(gate, sample)
    got = np.ravel(numbers(row, DEEP)[row.output])[-1]
    if math.isnan(value):
        assert got != got
    elif not any("overflows" in one.what for one in hazards_at(gate, sample, DEEP)):
        assert abs(got) == INF


@rows(lambda gate: gate.hazards)
def test_no_sample_is_a_hazard(gate, sample):
    assert not hazards_at(gate, sample, NUMPY)
    assert not hazards_at(gate, sample, DEEP)


@pytest.mark.parametrize("name, point, settings", FINITE)
def test_a_point_just_inside_the_border_is_safe_and_finite(name, point, settings):
    gate, sample = GATES[name], Sample(point, settings)
    assert not hazards_at(gate, sample, NUMPY)
    row = draw(gate, sample)
    assert np.all(np.isfinite(numbers(row)[row.output]))


@rows()
def test_the_value_at_every_sample_is_finite(gate, sample):
    row = draw(gate, sample)
    assert np.all(np.isfinite(numbers(row)[row.output]))


@pytest.mark.parametrize("gate", [gate for gate in GATES.values() if gate.hazards], ids=repr)
def test_every_declared_hazard_stands_in_the_table(gate):
    points = [Sample(point, settings) for name, point, settings, _ in HAZARDS if name == gate.name]
    shown = {hazard.what for point in points for hazard in hazards_at(gate, point, NUMPY)}
    assert shown == {hazard.what for hazard in gate.hazards}


@pytest.mark.parametrize("name", ["expm1_ratio", "log1p_ratio"])
@pytest.mark.parametrize("order", [0, -1, 151, 2000])
def test_an_order_that_a_ratio_cannot_have_is_refused_by_a_letter(name, order):
    gate = GATES[name]
    for rule in (lambda: gate.forward(NUMPY, 0.5, order=order), lambda: gate.local(NUMPY, 0.5, 1.0, order=order)):
        with pytest.raises(GateError, match="order from 1 to 150"):
            rule()
