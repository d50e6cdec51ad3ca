"""The doctor before the zoo: culprits and causes of what is sick, peace for what is healthy, and forms that cure."""

import re

import numpy as np
import pytest

from chalkgrad import doctor, stabilise
from chalkgrad.app.arguments import assignments
from tests.check.healthy_formulas import FORMULAS
from tests.check.healthy_functions import HEALTHY
from tests.check.healthy_more import MORE
from tests.check.zoo import SICK
from tests.check.zoo_blind_first import FIRST
from tests.check.zoo_blind_formulas import RARE as RARE_FORMULAS
from tests.check.zoo_blind_formulas import WELL_KNOWN
from tests.check.zoo_blind_rare import RARE
from tests.check.zoo_blind_second import SECOND
from tests.check.zoo_judged import JUDGED
from tests.check.zoo_libraries import FROM_LIBRARIES
from tests.check.zoo_reported import REPORTED
from tests.check.zoo_textbook import TEXTBOOK

CASES = [*SICK, *REPORTED, *TEXTBOOK, *FROM_LIBRARIES, *JUDGED, *WELL_KNOWN, *RARE_FORMULAS, *FIRST, *SECOND, *RARE]
known = {}  # each case is examined once


def examined(case):
    if id(case) not in known:
        values = (case.values,) if isinstance(case.what, str) else case.values
        known[id(case)] = doctor(case.what, *values)
    return known[id(case)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_first_gate_that_goes_wrong_is_found_with_its_cause(case):
    first = examined(case).findings[0]
    assert first.kind in case.kinds
    assert first.gate in case.gates.split()


@pytest.mark.parametrize("case", [case for case in CASES if case.cured], ids=lambda case: case.name)
def test_a_stable_form_cures_the_case(case):
    found = examined(case)
    assert found.stable is not None
    assert found.diagnosis.cure.bits_lost < 12
    if isinstance(case.what, str):
        left = {name: value for name, value in case.values.items() if re.search(rf"\b{name}\b", found.stable)}
        again = doctor(found.stable, left)
        assert not again.findings or {one.kind for one in again.findings} <= {"kink", "domain"}, again.to_text()


def test_the_zoo_is_as_large_as_it_should_be():
    assert len(CASES) >= 200
    assert len(FORMULAS) + len(HEALTHY) + len(MORE) >= 300


@pytest.mark.parametrize("line", FORMULAS)
def test_a_healthy_formula_raises_no_alarm(line):
    text, _, values = line.partition("|")
    found = doctor(text.strip(), assignments(values.split()))
    assert found.healthy, found.to_text()


@pytest.mark.parametrize("call", [*HEALTHY, *MORE], ids=lambda call: call[0].__name__)
def test_a_healthy_function_raises_no_alarm(call):
    f, args = call
    found = doctor(f, *args)
    assert found.healthy, found.to_text()
    assert not found.diagnosis.unknown


def test_a_harmless_underflow_is_passed_by_and_a_harmful_one_is_not():
    assert doctor("exp(-800 + x) + 1", x=0).healthy
    assert doctor("log(exp(-800 + x))", x=0).findings[0].kind == "underflow"


def test_infinite_scores_are_no_trouble_where_the_formula_bears_them():
    assert doctor("log_softmax(s)[0]", s=[0.0, float("-inf"), 1.0]).healthy
    assert doctor("logsumexp(s)", s=[0.0, float("-inf")]).healthy


def test_an_input_that_is_nan_is_blamed_itself():
    (found,) = doctor("x*y", x=float("nan"), y=1).findings
    assert (found.wire, found.gate) == ("x", "input")


def test_the_line_of_the_function_is_told():
    def loss(x):
        square = x * x
        return np.sqrt(square)

    (found,) = doctor(loss, 0.0).findings
    assert found.place.text == "return np.sqrt(square)"
    assert [link.label for link in found.chain] == ["∂loss/∂square", "∂loss/∂x"]


def test_the_valid_slopes_of_a_kink_are_given():
    (found,) = doctor("2*abs(x)", x=0).findings
    low, high = found.valid["∂f/∂x"]
    assert (float(low), float(high)) == (-2.0, 2.0)


def test_a_comparison_of_equal_numbers_is_a_note_and_no_trouble():
    found = doctor("where(x > 0, 2*x, -x)", x=0)
    assert found.healthy
    assert "compares equal numbers" in found.notes[0]


def test_a_tie_that_does_not_matter_is_no_finding():
    assert doctor("log(sum(exp(s - max(s)))) + max(s)", s=[5, 5, 5]).healthy


def test_ill_conditioned_inputs_are_told_of_and_are_no_sickness():
    found = doctor("sin(x*y)", x=1e7, y=123456.7)
    assert found.healthy
    assert "ill-conditioned" in found.notes[0]
    assert found.bits_lost > 30


def test_the_precision_of_the_run_is_the_one_asked_for():
    assert doctor("log(1 + exp(x))", x=100).healthy
    found = doctor("log(1 + exp(x))", x=100, dtype="float32")
    assert found.findings[0].kind == "overflow"
    assert found.truth.value == pytest.approx(100.0)


def test_float32_arguments_are_examined_as_such():
    def f(x):
        return np.log(np.sum(np.exp(x)))

    assert doctor(f, np.array([100.0, 99.0])).healthy
    assert not doctor(f, np.array([100.0, 99.0], dtype=np.float32)).healthy


def test_a_value_of_several_entries_is_examined_entry_by_entry():
    found = doctor("exp(s)/sum(exp(s))", s=[1000.0, 0.0])
    assert found.findings[0].gate == "exp"
    assert found.gradients["s"].shape == (2, 2)
    assert found.truth.value.tolist() == [1.0, 0.0]


def test_beyond_the_budget_what_is_not_finite_is_found_all_the_same():
    found = doctor("log(exp(x) + 1)", x=1000, entries=1)
    assert (found.findings[0].kind, found.findings[0].gate) == ("overflow", "exp")
    assert "more than the 1" in found.diagnosis.unknown
    assert np.isnan(found.truth.value)


def test_beyond_the_budget_a_sound_array_is_healthy_and_a_sick_one_is_not():
    def loss(weights, data, labels):
        powers = np.exp(data @ weights)
        p = powers / np.sum(powers, axis=1, keepdims=True)
        return -np.mean(np.log(p[np.arange(len(labels)), labels]))

    chance = np.random.default_rng(0)
    weights, data, labels = chance.normal(size=(50, 4)), chance.normal(size=(300, 50)), np.zeros(300, int)
    assert doctor(loss, 0.1 * weights, data, labels, entries=1000).healthy
    found = doctor(loss, 30 * weights, data, labels, entries=1000)
    assert found.findings[0].gate in ("exp", "divide")
    assert found.findings[0].kind in ("overflow", "underflow")
    assert "log_softmax" in found.stable


def test_a_gradient_whose_terms_cancel_is_no_alarm_where_no_form_has_it_better():
    def ranks(x):
        return np.sum(1 / (1 + np.exp(-(x[:, None] - x[None, :]))))

    for dtype in (np.float32, np.float64):
        assert doctor(ranks, np.array([1.0, 2.0, 4.0], dtype)).healthy


def test_what_was_done_beyond_the_rules_is_told():
    found = doctor("sin(x)/x", x=0)
    assert [one.name for one in found.diagnosis.cure.remedies] == ["series around a point"]
    assert "Series around a point: the formula has a hole" in found.to_text()


def test_a_point_without_a_value_of_its_own_has_no_truth_and_a_convention():
    def direction(v):
        return (v / np.sqrt(np.sum(v**2)))[0]

    found = doctor(direction, np.zeros(2))
    assert np.isnan(found.truth.value)
    assert np.isnan(found.truth.gradients["v"]).all()
    assert "this is a convention" in " ".join(found.to_text().split())


def test_progress_is_told_and_ends_with_all_gates():
    told = []
    doctor("sin(x)*cos(x)", x=1, progress=lambda done, total: told.append((done, total)))
    assert told
    assert told[-1][0] == told[-1][1] > 0


def test_the_worst_entry_of_an_array_is_named():
    def f(x):
        return np.sum(np.log(np.exp(x)))

    (first, *_) = doctor(f, np.array([1.0, 800.0, 2.0])).findings
    assert first.entry == (1,)


def test_a_row_masked_all_over_is_left_out_where_the_loss_does_not_read_it():
    def attention(scores, values):
        powers = np.exp(scores + np.array([[0.0, 0.0], [-np.inf, -np.inf]]))
        return np.sum((powers / np.sum(powers, axis=1, keepdims=True) @ values)[0])

    found = doctor(attention, np.array([[0.3, 1.0], [2.0, -1.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert (found.findings[0].kind, found.findings[0].gate) == ("0/0", "divide")
    assert np.asarray(found.truth.gradients["scores"], dtype=float)[1].tolist() == [0.0, 0.0]
    assert "max(" in found.stable
    assert found.diagnosis.cure.heals


def test_a_row_masked_all_over_has_no_truth_of_its_own():
    found = doctor("sum(exp(s) / sum(exp(s)) * [1, 2])", s=[float("-inf"), float("-inf")])
    assert found.truth.value != found.truth.value
    assert found.diagnosis.cure.value == 0.0
    assert found.diagnosis.cure.remedies[-1].name == "row with nothing in it"


def test_ties_of_an_order_are_named_with_their_valid_slopes():
    (found,) = doctor(np.median, np.array([5.0, 2.0, 2.0, 9.0, 2.0])).findings
    assert (found.kind, found.gate) == ("kink", "argsort")
    assert {name: (float(low), float(high)) for name, (low, high) in found.valid.items()} == {
        f"∂median/∂a[{place}]": (0.0, 1.0) for place in (1, 2, 4)
    }


@pytest.mark.parametrize(
    "f", [lambda x: np.sum(np.sort(x) ** 2), lambda x: np.sum(np.sort(x)[-2:]), lambda x: np.sum(np.partition(x, 3))]
)
def test_ties_of_an_order_that_do_not_matter_are_no_finding(f):
    assert doctor(f, np.array([5.0, 2.0, 2.0, 9.0, 2.0])).healthy


def test_one_raised_to_infinity_has_the_limit_for_its_truth():
    found = doctor("(1 + k*z)^(1/k)", z=0.7, k=0)
    assert (found.findings[0].kind, found.findings[0].gate) == ("0·inf", "divide")
    assert found.truth.value == pytest.approx(np.exp(0.7), rel=1e-15)
    assert found.findings[0].chain[-1].truth == pytest.approx(np.exp(0.7), rel=1e-15)


def test_data_stay_as_they_are_where_limits_are_sought():
    def loss(p, y):
        return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))

    found = doctor(loss, np.array([0.0, 1.0]), np.array([0.0, 1.0]), argnums=0)
    assert np.asarray(found.truth.gradients["p"], dtype=float) == pytest.approx([1.0, -1.0], rel=1e-15)
    assert found.diagnosis.cure.works


def test_sums_of_equal_contributions_are_told_apart():
    found = doctor("(-b + sqrt(b*b - 4*a*c))/(2*a)", a=1, b=-1e200, c=1)
    assert found.diagnosis.cure.works


def test_what_is_used_twice_at_each_step_is_not_written_out_without_end():
    steps = [f"w{place + 1} = w{place} * sin(w{place})" for place in range(80)]
    found = doctor("; ".join(["w0 = log(1 + exp(x))", *steps, "f = w80"]), x=1000)
    assert found.findings[0].gate == "exp"
    assert "…" in str(found)
    assert len(stabilise("; ".join(["w0 = log(1 + exp(x))", *steps, "f = w80"])).formula) < 5000


def test_of_many_entries_that_are_lost_the_gate_is_found_as_of_one():
    def loss(z):
        shares = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)
        return -np.mean(np.log(shares[:, 0]))

    z = np.stack([-400.0 - np.arange(50), np.full(50, 680.0)], axis=1)
    for rows in (1, 50):
        first = doctor(loss, z[:rows]).findings[0]
        assert (first.kind, first.gate) == ("underflow", "divide")
