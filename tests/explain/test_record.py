"""The record for programs keeps to its schema, and its numbers fit together by the chain rule."""

import json
import math
from pathlib import Path

import jsonschema
import pytest

import chalkgrad

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "work.schema.json").read_text(encoding="utf-8"))
NEURON = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}

WORKS = {
    "sum times number": ("f = (x + y) * z", {"x": -2, "y": 5, "z": 2}, {}),
    "named wires": ("f = A*B; A = C + D; B = V^2; V = X + Y", {"C": 3, "D": -5, "X": 2, "Y": 4}, {}),
    "blocks": ("f = A*B; A = C + D; B = V^2; V = X + Y", {"C": 3, "D": -5, "X": 2, "Y": 4}, {"level": "block"}),
    "choice": ("f = [x + y + max(z, w)] * 2", {"w": -1, "x": 3, "y": -4, "z": 2}, {}),
    "tie": ("max(x, y) * x", {"x": 2, "y": 2}, {}),
    "folded": ("sigmoid(w0 x0 + w1 x1 + w2)", NEURON, {}),
    "unfolded": ("sigmoid(w0 x0 + w1 x1 + w2)", NEURON, {"unfold": "sigmoid"}),
    "vector output": ("softmax(s)", {"s": [225, 617, 950]}, {}),
    "matrix": ("sum(relu(W @ x + b))", {"W": [[1, -2], [3, 4]], "x": [1, 2], "b": [0.5, -20]}, {}),
    "no number": ("log(x) * y + x", {"x": -1, "y": 3}, {}),
    "overflow": ("log(1 + exp(x))", {"x": 800}, {}),
    "slope of no number": ("sqrt(x) * y", {"x": 0, "y": 3}, {}),
    "one asked for": ("x * y", {"x": 2, "y": 3}, {"wrt": "x"}),
    "single precision": ("x / y", {"x": 1, "y": 3}, {"dtype": "float32"}),
    "a comparison inside": ("where(x > 0, x, 2 x)", {"x": -3}, {}),
    "an input alone": ("x", {"x": 2}, {}),
}


def record_of(text, values, options):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(chalkgrad.work(text, values, **options).to_json(), parse_constant=refuse)


@pytest.fixture(params=WORKS.values(), ids=WORKS.keys(), name="record")
def _record(request):
    return record_of(*request.param)


def documented(part):
    """The names of the fields that the schema documents in the object `part`."""
    return (SCHEMA if part == "record" else SCHEMA["$defs"][part])["properties"].keys()


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_record_keeps_to_the_schema(record):
    jsonschema.Draft202012Validator(SCHEMA).validate(record)


def test_every_field_is_documented(record):
    assert record.keys() == documented("record")
    for part, objects in {"wire": record["wires"], "step": record["steps"], "note": record["notes"]}.items():
        assert all(one.keys() == documented(part) for one in objects)


def test_a_wire_comes_after_its_inputs(record):
    seen = set()
    for wire in record["wires"]:
        named = [name for name in wire["inputs"] if name in {other["name"] for other in record["wires"]}]
        assert seen.issuperset(named)
        assert len(wire["locals"]) == len(wire["inputs"])
        seen.add(wire["name"])


@pytest.mark.parametrize("name", ["sum times number", "named wires", "blocks", "choice", "tie", "folded", "unfolded"])
def test_each_gradient_is_the_sum_of_upstream_times_local(name):
    record = record_of(*WORKS[name])
    wires = {wire["name"]: wire for wire in record["wires"]}
    flowed = dict.fromkeys(wires, 0.0) | {record["output"]: 1.0}
    for wire in wires.values():
        for source, local in zip(wire["inputs"], wire["locals"], strict=True):
            if local is not None:
                flowed[source] += wire["gradient"] * local
    for source, wire in wires.items():
        assert math.isclose(flowed[source], wire["gradient"], rel_tol=1e-12)


def test_numbers_that_are_not_finite_are_strings():
    record = record_of(*WORKS["no number"])
    assert (record["value"], record["finite"]) == ("nan", False)
    assert record["stopped"]["kind"] == "not finite"
    assert record_of(*WORKS["overflow"])["value"] == "inf"
    assert record_of(*WORKS["slope of no number"])["gradients"]["x"] == "inf"


def test_the_jacobian_has_the_shape_of_output_and_input():
    record = record_of(*WORKS["vector output"])
    assert [len(row) for row in record["gradients"]["s"]] == [3, 3, 3]
    assert all(wire["gradient"] is None for wire in record["wires"])


@pytest.mark.parametrize(
    "change",
    [{"value": "infinity"}, {"gradients": {"x": None}}, {"steps": [{}]}, {"schema": "another"}],
    ids=str,
)
def test_the_schema_refuses_what_is_wrong(change):
    record = record_of(*WORKS["sum times number"]) | change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, SCHEMA)
