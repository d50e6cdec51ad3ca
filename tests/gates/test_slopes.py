"""The slope of every gate at every sample: what reverse and forward mode claim is what is measured, to the second order."""

import numpy as np

from chalkgrad.graph.wire import Drawing, Wire
from chalkgrad.transform.forward import forward
from chalkgrad.transform.reverse import reverse
from tests.gates.table import (
    DEEP,
    NOISE,
    TINY,
    assert_close,
    back,
    combined,
    differentiable,
    draw,
    jacobian,
    measured,
    numbers,
    pulled,
    rows,
    said,
    weights,
)  # fmt: skip

THIRTY_DIGITS = 1e-30
ROUNDED = {"mean": 2.0**-52, "erf": 2.0**-52}  # their local gradient holds a constant that is no float: 1/n, 2/√π
FLOAT = 1e-12  # what the worked solution promises of a gradient


@rows(differentiable)
def test_the_gradient_is_the_measured_slope(gate, sample):
    row = draw(gate, sample)
    seed = weights(row, row.graph.shape(row.output))
    claimed = back(row, row.output, seed)
    exact, floats = numbers(row, DEEP), numbers(row)
    for node, slope in zip(claimed, pulled(row, jacobian(gate, sample), seed), strict=True):
        assert_close(exact[node], slope, ROUNDED.get(gate.name, THIRTY_DIGITS), absolute=NOISE, what=said(gate, sample))
        assert_close(floats[node], slope, FLOAT, absolute=TINY, what=said(gate, sample))


@rows(differentiable)
def test_the_slope_of_the_slope_is_measured_too(gate, sample):
    row = draw(gate, sample)
    first = combined(row, back(row, row.output, weights(row, row.graph.shape(row.output))), salt=1)
    slopes = measured(row, first)
    claimed = back(row, first, 1.0)
    exact, floats = numbers(row, DEEP), numbers(row)
    for node, slope in zip(claimed, pulled(row, slopes, 1.0), strict=True):
        assert_close(exact[node], slope, ROUNDED.get(gate.name, THIRTY_DIGITS), absolute=NOISE, what=said(gate, sample))
        assert_close(floats[node], slope, FLOAT, absolute=TINY, what=said(gate, sample))


@rows(differentiable)
def test_forward_mode_says_what_reverse_mode_says(gate, sample):
    row = draw(gate, sample)
    moves = {leaf: row.graph.constant(weights(row, row.graph.shape(leaf), leaf)) for leaf in row.moving}
    seed = weights(row, row.graph.shape(row.output), salt=50)
    claimed = back(row, row.output, seed)
    tangent = forward(row.graph, row.output, moves)
    values = numbers(row, DEEP)
    by_reverse = sum(np.sum(values[node] * values[move]) for node, move in zip(claimed, moves.values(), strict=True))
    by_forward = DEEP.mp.zero if tangent is None else np.sum(values[tangent] * DEEP.constant(seed))
    assert_close(by_forward, by_reverse, THIRTY_DIGITS, absolute=NOISE, what=said(gate, sample))


@rows(lambda gate: gate.textbook is not None and gate.push is not None)
def test_the_textbook_form_of_what_flows_back_is_the_computed_one(gate, sample):
    row = draw(gate, sample)
    seed = weights(row, row.graph.shape(row.output))
    (computed,) = back(row, row.output, seed)
    xp = Drawing(row.graph)
    upstream = xp.wire(row.graph.constant(seed))
    textbook = gate.textbook(xp, upstream, *row.wires, xp.wire(row.output), **row.graph.settings(row.output))
    values = numbers(row, DEEP)
    assert_close(values[computed], values[textbook.node], THIRTY_DIGITS, absolute=NOISE, what=said(gate, sample))


@rows(lambda gate: gate.textbook is not None and gate.local is not None)
def test_the_textbook_slope_is_the_computed_one(gate, sample):
    row = draw(gate, sample)
    xp, settings = Drawing(row.graph), row.graph.settings(row.output)
    computed = gate.local(xp, *row.wires, xp.wire(row.output), **settings)
    textbook = gate.textbook(xp, *row.wires, xp.wire(row.output), **settings)
    values = numbers(row, DEEP)
    for one, other in zip(computed, textbook, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            got, want = (values[each.node] if isinstance(each, Wire) else DEEP.constant(each) for each in (one, other))
            assert_close(got, want, THIRTY_DIGITS, absolute=NOISE, what=said(gate, sample))


@rows(lambda gate: not gate.differentiable)
def test_a_gate_without_slope_lets_nothing_pass(gate, sample):
    row = draw(gate, sample)
    record = reverse(row.graph, row.output, row.leaves, seed=row.graph.constant(np.ones(row.graph.shape(row.output))))
    assert [record.total(leaf) for leaf in row.leaves] == [None] * len(row.leaves)
    assert forward(row.graph, row.output, {leaf: row.graph.constant(0.0) for leaf in row.leaves}) is None
