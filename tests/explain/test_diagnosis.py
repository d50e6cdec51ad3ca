"""The diagnosis in its renderings: text, Markdown, page, picture, and the record by its schema."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from chalkgrad import doctor
from chalkgrad.errors import ChalkgradError
from chalkgrad.explain.diagnosis.answer import Diagnosed

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "doctor.schema.json").read_text(encoding="utf-8"))


def layer(w, x):
    z = w @ x
    return np.sum(np.log(np.exp(z)))


CASES = {
    "sick": ("log(1 + exp(x))", {"x": 1000}),
    "healthy": ("x*y + x", {"x": 2, "y": -3}),
    "kink": ("max(a, b)", {"a": 1, "b": 1}),
    "no truth": ("sqrt(x)", {"x": -1}),
    "beyond floats": ("exp(x)", {"x": -1000}),
    "vector": ("softmax(s)", {"s": [1, 2, 3]}),
    "lines": ("f = a*b\na = exp(x)\nb = y", {"x": 1000, "y": 0}),
    "a leaf": ("f = x", {"x": 2}),
}


@pytest.fixture(params=CASES, scope="module")
def found(request) -> Diagnosed:
    return doctor(*CASES[request.param])


def test_the_record_keeps_to_its_schema(found):
    record = json.loads(found.to_json())
    jsonschema.validate(record, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert record["healthy"] is found.healthy is not record["findings"]


def test_every_form_says_whether_it_is_healthy(found):
    word = "healthy" if found.healthy else "sick"
    for form in ("text", "markdown", "html"):
        assert word in found.rendered(form)


def test_the_picture_names_the_trouble_under_its_gate():
    picture = doctor("log(1 + exp(x))", x=1000).to_svg()
    assert "overflow" in picture
    assert "cg-marked" in picture
    assert "cg-marked" not in doctor("x*y", x=2, y=3).to_svg().partition("</style>")[2]


def test_the_page_holds_the_picture_and_stands_alone():
    page = doctor("log(1 + exp(x))", x=1000).to_html()
    assert page.count("<svg") == 1
    assert "http" not in page.replace("http://www.w3.org/", "")


def test_a_notebook_is_shown_a_fragment():
    fragment = doctor("log(1 + exp(x))", x=1000)._repr_html_()
    assert fragment.startswith('<div class="chalkgrad chalkgrad-fragment"')


def test_text_gives_cause_line_truth_and_cure():
    text = doctor("log(1 + exp(x))", x=1000).to_text()
    for line in (
        "1.97007·10⁴³⁴ is beyond the largest float",
        "It stands in line 1: log(1 + exp(x))",
        "f = softplus(x)",
        "It cures",
    ):
        assert line in text


def test_the_truth_beyond_floats_is_a_string_in_the_record():
    record = json.loads(doctor("exp(x)", x=1000).to_json())
    assert record["truth"]["value"].startswith("1.97007")
    assert record["truth"]["value"].endswith("e+434")


def test_the_source_line_of_a_function_is_in_the_record():
    record = json.loads(doctor(layer, np.eye(2) * 900, np.array([1.0, 0.1])).to_json())
    (finding, *_) = record["findings"]
    assert finding["source_line"] == "return np.sum(np.log(np.exp(z)))"
    assert finding["gate"] == "exp"
    assert finding["entry"] == [0]


def test_large_arrays_are_told_in_short():
    text = doctor(layer, np.eye(40) * 900, np.ones(40)).to_text()
    assert "[[nan, …, nan], …, [nan, …, nan]]" in text
    assert max(map(len, text.splitlines())) <= 120


def test_too_many_gates_have_no_picture_but_a_diagnosis():
    found = doctor(" + ".join(f"sin({place}*x)" for place in range(300)), x=1)
    assert "<svg" not in found.to_html()
    with pytest.raises(ChalkgradError, match="cannot be read"):
        found.to_svg()


def test_a_value_of_too_many_entries_is_refused_with_advice():
    with pytest.raises(ChalkgradError, match="100 entries"):
        doctor(lambda x: x * 2.0, np.ones(100))


def test_it_is_true_where_nothing_is_wrong():
    assert doctor("x*y", x=1, y=2)
    assert not doctor("log(x)", x=-1)
