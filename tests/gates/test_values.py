"""The value of every gate at every sample: its shape, its accuracy, its meaning, and what float32 makes of it."""

import numpy as np

from chalkgrad.graph.gate import Sample
from tests.gates.table import (
    DEEP,
    TINY,
    ULP,
    assert_close,
    back,
    condition,
    differentiable,
    draw,
    jacobian,
    measured,
    numbers,
    rows,
    said,
    weights,
)  # fmt: skip

FORTY_DIGITS = 1e-40
ULP32 = 2.0**-23
TINY32 = 1.2e-38


@rows()
def test_the_output_has_the_declared_shape(gate, sample):
    row = draw(gate, sample)
    declared = gate.shape(*(row.graph.shape(leaf) for leaf in row.leaves), **row.graph.settings(row.output))
    assert row.graph.shape(row.output) == declared
    assert np.shape(numbers(row)[row.output]) == declared
    assert np.shape(numbers(row, DEEP)[row.output]) == declared


@rows()
def test_the_value_is_right_to_a_few_units_in_the_last_place(gate, sample):
    # A rule rounds a few times, and an input that is off by a relative ε moves the output by condition · ε.
    row = draw(gate, sample)
    truth = np.asarray(numbers(row, DEEP)[row.output])
    if truth.dtype == bool or not gate.differentiable:
        assert np.array_equal(numbers(row)[row.output], truth.astype(float))
        return
    allowed = 4 * ULP * np.maximum(condition(row, jacobian(gate, sample)), abs(truth))
    assert_close(numbers(row)[row.output], truth, 0, absolute=np.maximum(allowed, TINY * ULP), what=said(gate, sample))


@rows(lambda gate: gate.means is not None)
def test_the_safe_form_computes_what_the_gate_means(gate, sample):
    row = draw(gate, sample)
    meant = gate.means(row.wires[0].drawing, *row.wires, **row.graph.settings(row.output))
    values = numbers(row, DEEP)
    assert_close(values[row.output], values[meant.node], FORTY_DIGITS, what=said(gate, sample))


@rows(lambda gate: gate.means is not None)
def test_the_safe_form_drawn_as_graph_computes_the_same(gate, sample):
    row = draw(gate, sample)
    steps = gate.forward(row.wires[0].drawing, *row.wires, **row.graph.settings(row.output))
    values = numbers(row, DEEP)
    assert_close(values[row.output], values[steps.node], FORTY_DIGITS, what=said(gate, sample))


@rows()
def test_float32_inputs_stay_float32_on_every_wire(gate, sample):
    # Places and bits are whole numbers, conditions are true or false; a gate that changes the kind of number says to which.
    row = draw(gate, sample)
    declared = row.graph.settings(row.output).get("dtype", "float32")
    if gate.differentiable:
        back(row, row.output, weights(row, row.graph.shape(row.output)))
    for node, value in enumerate(numbers(row, dtype=np.float32)):
        kind = np.asarray(value).dtype
        maker = row.graph.gate(node)
        whole = maker is not None and not maker.differentiable and kind.kind == "i"
        right = kind == (declared if node == row.output else "float32") or kind.kind == "b" or whole
        assert right, f"wire {node}, {maker}, became {kind}"


@rows(differentiable)
def test_float32_values_are_as_right_as_float32_can_be(gate, sample):
    rounded = Sample(tuple(_in_float32(value) for value in sample.inputs), sample.params)
    row = draw(gate, rounded)
    truth = np.asarray(numbers(row, DEEP)[row.output])
    allowed = 4 * ULP32 * np.maximum(condition(row, measured(row, row.output)), abs(truth))
    got = numbers(row, dtype=np.float32)[row.output]
    assert_close(np.asarray(got, float), truth, 0, absolute=np.maximum(allowed, TINY32), what=said(gate, sample))


def _in_float32(value):
    array = np.asarray(value)
    return value if array.dtype.kind != "f" else array.astype(np.float32).astype(float).tolist()
