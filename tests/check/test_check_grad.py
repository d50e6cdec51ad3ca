"""check_grad: right gradients pass at any scale, wrong ones are caught, and the letter says where they part."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad import stop_gradient
from chalkgrad.check.gradient import check_grad
from chalkgrad.errors import ChalkgradError, GivenError
from chalkgrad.gates import GATES
from chalkgrad.graph.gate import at
from chalkgrad.transform.api.own import OwnGate
from tests.check.wrong_gates import wrong_gate
from tests.functions.calls import CALLS

X = np.array([0.3, -1.2, 2.0])
FIRST = [call for call in CALLS if call.name.endswith("[0]") and np.size(call.x)]
SAMPLES = [pytest.param(gate, sample, id=f"{gate.name}{number}") for gate in GATES.values() if gate.differentiable
           for number, sample in enumerate(gate.samples[:2])]  # fmt: skip


@pytest.mark.parametrize("call", FIRST, ids=lambda call: call.name)
def test_every_covered_call_passes(call):
    weights = np.random.default_rng(1).normal(size=np.shape(call.f(call.x)))
    report = check_grad(lambda x: np.sum(weights * call.f(x)), call.x)
    assert report.verdict == "agrees", str(report)


@pytest.mark.parametrize("gate, sample", SAMPLES)
def test_every_gate_passes_at_its_samples(gate, sample):
    inputs = [np.asarray(value)[()] for value in sample.inputs]
    moving = tuple(place for place, value in enumerate(inputs) if value.dtype.kind == "f")
    own = OwnGate(gate)
    weights = np.random.default_rng(1).normal(size=np.shape(own(*inputs, **sample.params)))
    report = check_grad(lambda *x: np.sum(weights * own(*x, **sample.params)), *inputs, argnums=moving)
    assert report.verdict == "agrees", str(report)


@pytest.mark.parametrize("f, x", [
    (np.sin, 1e8), (np.log, 1e-8), (np.exp, 300.0), (np.exp, 709.7), (lambda x: np.exp(-x), 300.0), (lambda x: 1 / x, 1e-150),
    (lambda x: np.sum(np.log(x) ** 2), np.array([1e-8, 1e-300, 1e8])),
    (lambda x: np.sum((x + 1e8) - 1e8), X), (lambda x: 1e20 + np.sum(x * x), X),
    (lambda x: np.sum(x**2), np.array([1e8, 1e-8, 0.0])), (lambda x: np.logaddexp(0.0, 1e6 * x), 0.0),
    (lambda x: np.prod(x), np.array([1e100, 1e-100, 3.0])), (lambda x: np.abs(x - 1), 1 + 1e-9), (np.sqrt, 1e-300),
    (lambda x: x**1.5, 0.0), (lambda x: np.sum(1e-8 * x) + 1.0, X), (lambda x: 0.0 * x + 2.0, 3.0),
])  # fmt: skip
def test_scale_raises_no_false_alarm(f, x):
    report = check_grad(f, x)
    assert report.verdict == "agrees", str(report)


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=5), st.integers(-8, 8), st.integers(0, 10))
@settings(max_examples=25, deadline=None)
def test_scaling_the_input_and_the_function_changes_no_verdict(entries, power, seed):
    scale = 10.0**power
    x = scale * np.array(entries)
    report = check_grad(lambda x: scale * np.sum(np.tanh(x / scale) * np.cos(x[::-1] / scale)), x, seed=seed)
    assert report.verdict == "agrees", str(report)


def test_single_precision_passes_with_its_own_tolerance():
    report = check_grad(lambda x: np.sum(np.tanh(x) ** 2), X.astype(np.float32))
    assert report.verdict == "agrees", str(report)
    assert not check_grad(lambda x: np.sum(x**2), X.astype(np.float32), grad=lambda x: 2.02 * x)


def test_arguments_are_chosen_as_for_grad():
    def f(p, scale, *, y):
        return scale * np.sum(p["w"] * y) + p["b"] ** 2

    tree = {"w": X, "b": 2.0}
    assert [one.of for one in check_grad(f, tree, 3, y=X).entries] == ["p['b']", "p['w'][0]", "p['w'][1]", "p['w'][2]"]
    assert [one.of for one in check_grad(f, tree, 3.0, argnums=1, y=X).entries] == ["scale"]
    assert [one.of for one in check_grad(f, tree, 3.0, argnums=(1,), argnames=("y",), y=X).entries][:2] == ["scale", "y[0]"]


def test_what_is_found_is_data():
    report = check_grad(lambda x: np.sum(np.exp(x)), X)
    assert report
    assert report.second.verdict == "agrees"
    for one, x in zip(report.entries, X, strict=True):
        assert one.measured.how == "complex step"
        assert one.second.how == "central difference"
        assert one.measured.agrees(np.exp(x))
        assert one.measured.error < 1e-12
    assert "3 entries and 3 random directions agree" in str(report)


def test_gates_that_choose_allow_no_complex_step():
    report = check_grad(lambda x: np.sum(np.maximum(x, 0.0) ** 2), X)
    assert report.verdict == "agrees"
    assert {one.measured.how for one in report.findings} == {"central difference"}


def test_what_is_stopped_is_held():
    report = check_grad(lambda x: np.sum(x * stop_gradient(x)), X)
    assert report.verdict == "agrees"
    assert "stop_gradient" in str(report)


# Wrong gradients ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declaration", [
    {"local": lambda xp, x, out: (2 * x**2,)},
    {"local": lambda xp, x, out: (-(3 * x**2),)},
    {"local": lambda xp, x, out: (3.003 * x**2,)},
    {"local": lambda xp, x, out: (3 * xp.absolute(x) * xp.sign(x),)},
    {"push": lambda xp, tangents, inputs, out: tangents[0] * inputs[0]},
    {"linear": "jointly", "pull": lambda xp, upstream, inputs, slot: upstream},
], ids=["factor", "sign", "a little", "power", "push", "pull"])  # fmt: skip
def test_a_wrong_gate_is_named_with_the_line(declaration):
    with wrong_gate(**declaration) as cube:

        def loss(x):
            y = np.sin(x) + 2
            z = y * cube(x)
            return np.sum(z**2)

        report = check_grad(loss, X)
    assert report.verdict == "wrong"
    assert report.gate.gate == "crooked"
    assert next(one.of for one in report.entries if one.verdict == "wrong") == "x[0]"
    assert '"crooked"' in str(report)
    assert "z = y * cube(x)" in str(report)


def test_the_slot_of_a_gate_with_two_inputs_is_told():
    with wrong_gate(
        forward=lambda xp, x, y: x * y, local=lambda xp, x, y, out: (y, 2 * x), arity=2, samples=(at(1.0, 2.0),)
    ) as cross:
        report = check_grad(lambda x, y: np.sum(cross(x, y)), X, X + 1, argnums=(0, 1))
    assert report.gate.slot == 1
    assert [one.of for one in report.entries if one.verdict == "wrong"] == ["y[0]", "y[1]", "y[2]"]


def test_a_rule_that_is_wrong_for_its_own_slope_is_found_at_the_second_order():
    with wrong_gate(local=lambda xp, x, out: (3 * xp.stop(x) ** 2,)) as cube:
        report = check_grad(lambda x: np.sum(np.sin(x) * cube(x)), X)
    assert report.verdict == "wrong"
    assert {one.verdict for one in (*report.entries, *report.directions)} == {"agrees"}
    assert report.gate.gate == "crooked"
    assert "its own slope is wrong" in str(report)


def test_a_gradient_that_is_no_number_is_followed_to_its_gate():
    report = check_grad(lambda x: np.sqrt(x)[0], np.array([4.0, -1.0]))
    assert report.verdict == "wrong"
    assert report.first.of == "x[1]"
    assert report.gate.gate == "sqrt"
    assert report.gate.measured is None


def test_one_wrong_entry_among_many_is_found():
    x = np.random.default_rng(0).normal(size=400)
    with wrong_gate(local=lambda xp, x, out: (3 * x**2 * xp.where(xp.equal(x, float(X[0])), 1.5, 1.0),)) as cube:
        x[137] = X[0]
        report = check_grad(lambda x: np.sum(cube(x)), x, entries=5)
    assert [one.of for one in report.entries if one.verdict == "wrong"] == ["x[137]"]
    assert "Of 400 inputs 5 were measured" in str(report)


def right(W, x, b):
    return np.outer(1 - np.tanh(W @ x + b) ** 2, x)


HAND = [
    (lambda W, x, b: -right(W, x, b), "Its sign is turned everywhere."),
    (lambda W, x, b: right(W, x, b) / 2, "The right one is 2 times this one everywhere."),
    (lambda W, x, b: 3 * right(W, x, b), "The right one is 1/3 times this one everywhere."),
    (lambda W, x, b: right(W, x, b).T, "It is transposed."),
    (lambda W, x, b: np.abs(right(W, x, b)), "Only the sign is turned, in 3 of 9 entries."),
    (lambda W, x, b: 0 * right(W, x, b), "It is zero everywhere."),
    (lambda W, x, b: np.repeat(right(W, x, b)[None], 2, axis=0) / 2, "Summed over axis 0 it is right"),
]  # fmt: skip


@pytest.mark.parametrize("hand, said", HAND)
def test_a_gradient_written_by_hand_is_told_what_it_lacks(hand, said):
    def f(W, x, b):
        return np.sum(np.tanh(W @ x + b))

    args = np.random.default_rng(2).normal(size=(3, 3)), X, np.ones(3)
    assert check_grad(f, *args, grad=right)
    report = check_grad(f, *args, grad=hand)
    assert report.verdict == "wrong"
    assert report.explanation.startswith(said)
    assert said in str(report)


def test_a_missing_sum_over_a_broadcast_axis_is_named():
    report = check_grad(lambda b, X: np.sum((X + b) ** 2), X, np.ones((4, 3)), grad=lambda b, X: 2 * (X + b))
    assert "Summed over axis 0 it is right: the argument was broadcast there" in str(report)


@given(st.integers(0, 5), st.floats(-0.5, 0.5).filter(lambda d: abs(d) > 1e-4), st.integers(-8, 8))
@settings(max_examples=25, deadline=None)
def test_one_entry_that_is_off_is_named_at_any_scale(place, part, power):
    x = 10.0**power * np.array([1.0, -2.0, 0.5, 3.0, -0.25, 1.5])

    def hand(x):
        slope = 3 * x**2
        slope[place] *= 1 + part
        return slope

    report = check_grad(lambda x: np.sum(x**3), x, grad=hand)
    assert [one.of for one in report.entries if one.verdict == "wrong"] == [f"x[{place}]"], str(report)


def test_several_arguments_have_several_gradients():
    def f(x, y):
        return np.sum(x * y**2)

    assert check_grad(f, X, X + 1, argnums=(0, 1), grad=lambda x, y: (y**2, 2 * x * y))
    report = check_grad(f, X, X + 1, argnums=(0, 1), grad=lambda x, y: (y**2, x * y))
    assert [one.of for one in report.entries if one.verdict == "wrong"] == ["y[0]", "y[1]", "y[2]"]
    with pytest.raises(GivenError, match="returns 1 arrays where 2"):
        check_grad(f, X, X + 1, argnums=(0, 1), grad=lambda x, y: y**2)
    for nothing in ("steep", None):
        with pytest.raises(GivenError, match="no array of numbers"):
            check_grad(f, X, X, grad=lambda x, y, nothing=nothing: nothing)


def test_a_right_gradient_by_hand_stands_where_ours_does_not():
    def f(x):
        return np.sqrt(x)[0]

    report = check_grad(f, np.array([4.0, -1.0]), grad=lambda x: np.array([0.25, 0.0]))
    assert report.ok, str(report)
    assert "chalkgrad.grad gives another one" in str(report)


def test_a_function_that_knows_when_it_is_traced_is_caught():
    report = check_grad(lambda x: x * x if isinstance(x, float) else 2 * x, 2.0)
    assert report.verdict == "wrong"
    assert "computes something else than was traced" in str(report)


@pytest.mark.parametrize("tree, hand", [
    (X, lambda x: [2 * one for one in x]), ({"w": X}, lambda p: {"w": 2 * p["w"]}), ([X, 2.0], lambda p: [2 * p[0], 4.0]),
])  # fmt: skip
def test_a_gradient_by_hand_may_be_a_list_or_a_tree(tree, hand):
    def f(p):
        leaves = p.values() if isinstance(p, dict) else p if isinstance(p, list) else [p]
        return sum(np.sum(one**2) for one in leaves)

    assert check_grad(f, tree, grad=hand)


@pytest.mark.parametrize("f, x", [
    (lambda x: (np.arctan(x) - x) / x**3, 1e-5), (lambda x: (np.tan(x) - np.arctan(x)) / x**3, 1e-5),
])  # fmt: skip
def test_a_gradient_that_rounding_spoils_is_no_fault_of_a_gate(f, x):
    report = check_grad(f, x)
    assert report.verdict == "wrong"
    assert report.gate is None
    assert "rounding spoils the gradient in floats" in str(report)


# Where nothing can be said --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f, x, said", [
    (lambda x: np.log(np.exp(x)), 800.0, 'stops being finite at the gate "exp"'),
    (lambda x: np.log(x), -1.0, "a negative number has no real logarithm"),
    (lambda x: x * np.random.normal(), 3.0, "Two calls with the same arguments gave"),
    (lambda x: x * 1.0, np.inf, "an argument is not finite"),
])  # fmt: skip
def test_what_cannot_be_measured_is_said(f, x, said):
    report = check_grad(f, x)
    assert report.verdict == "uncertain"
    assert not report.ok
    assert said in str(report)


@pytest.mark.parametrize("f, args, options, said", [
    (lambda x: x**2, (3,), {}, "holds whole numbers"),
    (lambda x: x**2, (X,), {}, "needs a single number"),
    (lambda x: x**2, (3.0,), {"argnums": 1}, "called with 1 arguments"),
    (lambda x: 3.0, (3.0,), {}, "does not depend"),
    (lambda x: x**2, (3.0,), {"entries": 0}, "at least one"),
    (7, (3.0,), {}, "checks functions"), (np.sin, (3.0,), {"grad": 0.5}, "checks functions"),
])  # fmt: skip
def test_bad_input_is_a_letter(f, args, options, said):
    with pytest.raises(ChalkgradError, match=said):
        check_grad(f, *args, **options)
