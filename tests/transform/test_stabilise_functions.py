"""Transforms of NumPy functions work in stable forms: at the first call, at later ones, nested, batched, and across branches."""

import warnings

import numpy as np
import pytest

import chalkgrad
from chalkgrad import checkpoint, grad, hessian, jacobian, jit, jvp, stabilise, stop_gradient, value_and_grad, vjp, vmap
from chalkgrad.check.rules import no_worse
from chalkgrad.errors import ChalkgradError
from chalkgrad.graph.wire import Drawing
from chalkgrad.reading.formula import read
from chalkgrad.transform.stabilise import Stabiliser, stabilised

SCORES = np.array([[1000.0, 0.0, -1000.0], [1.0, 2.0, 3.0]])
TRUE = np.array([1, 2])


def cross_entropy(z, y):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def one_hot(z, y):
    p = np.exp(z) / np.sum(np.exp(z), axis=1)[:, None]
    return -np.mean(np.sum(np.eye(3)[TRUE] * np.log(p), axis=1))


def by_scores(z, y):
    return np.mean(np.log(np.sum(np.exp(z), axis=-1)) - z[np.arange(len(y)), y])


def shifted(z, y):
    z = z - stop_gradient(np.max(z, axis=1, keepdims=True))
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(2), y])


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


def softplus(x):
    return np.log(1 + np.exp(x))


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("loss", [cross_entropy, one_hot, by_scores, shifted])
def test_a_naive_loss_simply_works_at_the_first_call_and_later(loss):
    true = np.log1p(np.exp(-1) + np.exp(-2))
    share = np.exp([-2.0, -1.0, 0.0]) / np.exp([-2.0, -1.0, 0.0]).sum()
    by_value = value_and_grad(loss)
    for _ in range(3):
        value, slope = by_value(SCORES, TRUE)
        np.testing.assert_allclose(value, (1000 + true) / 2, rtol=1e-15)
        np.testing.assert_allclose(slope, [[0.5, -0.5, 0.0], (share - [0, 0, 1]) / 2], rtol=1e-14)
    assert by_value.traces == 1


def test_the_literal_form_is_kept_where_it_is_asked_for():
    literal = value_and_grad(cross_entropy, stabilise=False)
    value, slope = literal(SCORES, TRUE)
    assert value == np.inf
    assert np.isnan(slope[0]).all()
    assert literal.rewrites == ()
    assert jit(softplus, stabilise=False)(1000.0) == np.inf
    assert np.isnan(jvp(softplus, (1000.0,), (1.0,), stabilise=False)[1])
    assert np.isnan(vjp(softplus, 1000.0, stabilise=False)[1](1.0)[0])
    assert np.isnan(jacobian(softmax, stabilise=False)(SCORES[0])).any()


def test_what_was_changed_is_told():
    by_value = value_and_grad(cross_entropy)
    assert by_value.rewrites == ()
    by_value(SCORES, TRUE)
    (told,) = by_value.rewrites
    assert told.rule.name == "log-softmax"
    assert "log_softmax" in told.after
    assert told.before.startswith("log(")


def test_every_transform_stabilises():
    np.testing.assert_array_equal(jit(softmax)(SCORES[0]), [1, 0, 0])
    np.testing.assert_array_equal(vmap(softmax)(SCORES)[0], [1, 0, 0])
    np.testing.assert_array_equal(jacobian(softmax)(SCORES[0]), np.zeros((3, 3)))
    np.testing.assert_array_equal(jacobian(vmap(softmax))(SCORES)[0], np.zeros((3, 2, 3)))
    assert grad(softplus)(1000.0) == 1.0
    assert hessian(softplus)(1000.0) == 0.0
    assert grad(grad(grad(softplus)))(-800.0) == 0.0
    assert jvp(softplus, (1000.0,), (2.0,)) == (1000.0, 2.0)
    value, pull = vjp(softplus, 1000.0)
    assert value == 1000.0
    assert pull(3.0) == (3.0,) == pull(3.0)
    assert stabilise(softplus)(1000.0) == 1000.0
    assert chalkgrad.compile("log(1 + exp(x))").value_and_grad(1000.0) == (1000.0, (1.0,))


def test_transforms_nest_and_tell_their_variables_apart():
    inner = grad(lambda x: grad(lambda y: np.log(np.exp(x) + np.exp(y)))(x * x))
    x = 3.0
    share = 1 / (1 + np.exp(x - x * x))
    assert inner(x) == pytest.approx(share * (1 - share) * (2 * x - 1), rel=1e-13)
    assert np.isfinite(inner(30.0))


def test_a_branch_is_decided_by_the_stable_value():
    def loss(x):
        value = softplus(x)
        return 2 * value if value < 2000 else value

    slope = grad(loss)
    assert [slope(1000.0), slope(1500.0), slope(3000.0), slope(1000.0)] == [2.0, 2.0, 1.0, 2.0]
    assert slope.traces == 2


def test_a_mask_of_unstable_values_is_taken_from_the_stable_ones():
    def total(z):
        p = np.exp(z) / np.exp(z).sum()
        return p[p > 0.5].sum()

    assert jit(total)(SCORES[0]) == 1.0


def test_a_stretch_that_is_computed_again_is_stabilised_too():
    plain, again = grad(lambda x: softplus(x) ** 2), grad(lambda x: checkpoint(softplus)(x) ** 2)
    for x in (1000.0, 0.5):
        assert plain(x) == again(x)
    assert grad(grad(checkpoint(softplus)))(0.5) == pytest.approx(grad(grad(softplus))(0.5), rel=1e-15)


def test_lengths_and_spreads_have_slopes_at_zero():
    np.testing.assert_array_equal(grad(np.linalg.norm)(np.zeros(3)), np.zeros(3))
    np.testing.assert_array_equal(grad(np.std)(np.ones(3)), np.zeros(3))
    np.testing.assert_array_equal(grad(lambda v: np.sqrt(np.sum(v**2)))(np.zeros(2)), np.zeros(2))
    assert grad(lambda x, y: np.sqrt(x * x + y * y), argnums=(0, 1))(0.0, 0.0) == (0.0, 0.0)
    assert jit(np.linalg.norm)(np.array([3e200, 4e200])) == pytest.approx(5e200, rel=1e-15)


def test_single_precision_stays_single():
    z = SCORES.astype(np.float32)
    value, slope = value_and_grad(cross_entropy)(z, TRUE)
    assert slope.dtype == np.float32
    assert np.isfinite(value)
    assert jit(lambda x: np.log(1 + np.exp(x)))(np.float32(100)).dtype == np.float32
    assert grad(np.linalg.norm)(np.ones(3, np.float32)).dtype == np.float32


def test_work_shows_what_was_written():
    assert "log(1 + exp(x))" in str(chalkgrad.work("log(1 + exp(x))", x=2.0))


def test_a_formula_is_written_in_stable_forms_that_can_be_read_again():
    found = stabilise("p = 1/(1 + exp(-x)); loss = -log(p) - y*log(1 - p)")
    assert found.formula == "loss = -log_sigmoid(x) - y * log_sigmoid(-x)"
    assert stabilise(found.formula).formula == found.formula
    assert [one.rule.name for one in found.rewrites] == ["log-sigmoid", "log-sigmoid"]
    assert stabilise("log(sum(exp(s)))", s=[1.0, 2.0]).formula == "logsumexp(s)"
    assert stabilise("x*y").rewrites == ()
    assert "Nothing to do" in str(stabilise("x*y"))


def test_what_is_neither_function_nor_formula_is_refused():
    with pytest.raises(ChalkgradError, match="a function or the text"):
        stabilise(3.0)
    with pytest.raises(ChalkgradError, match="Values go to"):
        stabilise(softplus, x=1.0)


def test_a_graph_is_left_as_it_was_and_told_wire_by_wire():
    formula = read("log(1 + exp(x)) + x")
    before = len(formula.graph)
    found = stabilised(formula.graph, [formula.output])
    assert len(formula.graph) == before
    assert found.graph.gate(found.outputs[0]).name == "add"
    assert found.moved[formula.leaves["x"]] == found.graph.leaves()[0]
    again = stabilised(found.graph, found.outputs)
    assert again.rewrites == ()
    assert len(again.graph) == len(found.graph)


def test_a_rewriting_can_be_refused():
    formula = read("log(1 + exp(x))")
    assert stabilised(formula.graph, [formula.output], accepts=lambda *_: False).rewrites == ()


def test_a_long_chain_is_no_recursion():
    graph = read("x").graph
    from_ = graph.leaves()[0]
    node = from_
    gate = read("x + x").graph.gate(1)
    for _ in range(20_000):
        node = graph.add(gate, node, from_)
    assert Stabiliser(graph).wire(node) == node


def test_sample_points_judge_a_rewriting():
    formula = read("log(1 + exp(x))")
    (leaf,) = formula.leaves.values()
    for x, used in ((1000.0, 1), (-30.0, 1), (0.0, 1)):
        judge = no_worse({leaf: x})
        assert len(stabilised(formula.graph, [formula.output], accepts=judge).rewrites) == used
    swapped = read("sigmoid(x)").graph
    xp = Drawing(swapped)
    worse = 1 / (1 + xp.exp(-xp.wire(0)))
    assert not no_worse({0: -800.0})(swapped, 1, (worse * worse + 1e-300).node)
