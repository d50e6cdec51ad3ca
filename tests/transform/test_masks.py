"""A branch not taken never poisons the gradient: reverse and forward mode, every order, without a second `where` by hand.

Each case comes as people write it, and in the form with two wheres, in which the branch not taken is given harmless numbers.
"""

import numpy as np
import pytest

from chalkgrad import grad, jvp, vmap, work
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing
from chalkgrad.transform.masks import bounds
from chalkgrad.transform.reverse import reverse

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy warns of the branches not taken as well

X = np.array([-1.0, 0.0, 0.25, 4.0])
N = np.array([0.0, 1.0, 2.0])
ROWS = np.array([[1.0, 2.0], [np.nan, 3.0]])
FULL = np.array([True, False])


def safe(x, condition, number=1.0):
    return np.where(condition, x, number)


def assigned(x):
    y = np.log(x)
    y[x <= 0] = 0.0
    return np.sum(y * y)


def assigned_by_place(x):
    y = np.log(x)
    y[np.array([0, 1])] = 0.0
    return np.sum(y * y)


def assigned_by_slice(x):
    y = np.log(x)
    y[:2] = 0.0
    return np.sum(y * y)


def norm(x):
    square = np.sum(x * x)
    return np.where(square > 0, np.sqrt(square), 0.0)


def fanned_out(x):
    root = np.sqrt(x)
    return np.sum(np.where(x > 0, root, 0.0)) + np.sum(np.where(x > 1, root**3, 0.0))


def softmax_of_full_rows(x):
    shares = np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True)
    return np.where(FULL[:, None], shares, 0.0)[0, 0]


def chained(x):
    for _ in range(40):
        x = np.where(x > 0, np.sqrt(x), x)
    return np.sum(x**2)


CASES = [
    (lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)), lambda x: np.sum(np.where(x > 0, np.sqrt(safe(x, x > 0)), 0.0)), X),
    (lambda x: np.where(x > 0, np.log(x), 0).sum(), lambda x: np.where(x > 0, np.log(safe(x, x > 0)), 0).sum(), X),
    (lambda n: np.sum(np.where(n > 0, np.arange(6.0).reshape(2, 3) / n, 0)),
     lambda n: np.sum(np.where(n > 0, np.arange(6.0).reshape(2, 3) / safe(n, n > 0), 0)), N),
    (lambda p: -np.sum(np.where(p > 0, p * np.log(p), 0)), lambda p: -np.sum(np.where(p > 0, p * np.log(safe(p, p > 0)), 0)), N),
    (lambda x: np.sum(np.where(x > 0, np.where(x > 1, np.sqrt(x - 1), 1 / x), 0)),
     lambda x: np.sum(np.where(x > 1, np.sqrt(safe(x, x > 1, 2.0) - 1), np.where(x > 0, 1 / safe(x, x > 0), 0))), X),
    (lambda x: np.sum(np.select([x > 2, x > 0], [np.sqrt(x - 2), np.log(x)], 0.0)),
     lambda x: np.sum(np.where(x > 2, np.sqrt(safe(x, x > 2, 3.0) - 2), np.where(x > 0, np.log(safe(x, x > 0)), 0))), X),
    (lambda x: np.sum(np.piecewise(x, [x > 2, x > 0], [lambda t: np.sqrt(t - 2), lambda t: np.log(t), 0.0])),
     lambda x: np.sum(np.where(x > 2, np.sqrt(safe(x, x > 2, 3.0) - 2), np.where(x > 0, np.log(safe(x, x > 0)), 0))), X[:3]),
    (lambda x: np.sum(np.where(np.isnan(x), 0, x**3)), lambda x: np.sum(safe(x, ~np.isnan(x), 0.0) ** 3), np.array([np.nan, 2.0])),
    (lambda x: np.nansum(np.sqrt(x) * x), lambda x: np.sum(np.where(x > 0, np.sqrt(safe(x, x > 0)) * x, 0)), X[[0, 2, 3]]),
    (lambda x: np.sum(np.maximum(np.log(x), -3.0)), lambda x: np.sum(np.where(x > 0, np.log(safe(x, x > 0)), -3.0)), X[1:]),
    (lambda x: np.sum(np.minimum(1 / x, 5.0)), lambda x: np.sum(np.where(x > 0.2, 1 / safe(x, x > 0.2), 5.0)), X[1:]),
    (lambda x: np.sum(np.clip(1 / x, -5.0, 5.0)), lambda x: np.sum(np.where(x > 0.2, 1 / safe(x, x > 0.2), 5.0)), X[1:]),
    (lambda x: np.max(np.log(x)) * 2, lambda x: np.log(x[3]) * 2, np.arange(4.0)),
    (lambda x: np.sum(np.sqrt(np.where(x > 0, x, 0.0))), lambda x: np.sum(np.where(x > 0, np.sqrt(safe(x, x > 0)), 0.0)), X),
    (lambda x: np.sum(np.sqrt(np.maximum(x, 0.0)) ** 3), lambda x: np.sum(np.where(x > 0, safe(x, x > 0) ** 1.5, 0)), X[[0, 2, 3]]),
    (assigned, lambda x: np.sum(np.where(x > 0, np.log(safe(x, x > 0)), 0.0) ** 2), X),
    (assigned_by_place, lambda x: np.sum(np.log(x[2:]) ** 2), X),
    (assigned_by_slice, lambda x: np.sum(np.log(x[2:]) ** 2), X),
    (norm, lambda x: np.sum(x**2 * 0.0), np.zeros(3)),
    (fanned_out, lambda x: np.sum(np.where(x > 0, np.sqrt(safe(x, x > 0)), 0) + np.where(x > 1, safe(x, x > 1) ** 1.5, 0)), X),
    (softmax_of_full_rows, lambda x: 1 / (1 + np.exp(x[0, 1] - x[0, 0])), ROWS),
    (lambda x: np.sum(np.where(FULL, np.log(np.sum(np.exp(x), axis=1)), 0)), lambda x: np.log(np.sum(np.exp(x[0]))), ROWS),
    (lambda x: np.sum(np.where(x.reshape(2, 2).T > 0, np.log(x).reshape(2, 2).T, 0)),
     lambda x: np.where(x > 0, np.log(safe(x, x > 0)), 0).sum(), X),
    (lambda x: np.sum(np.where(x[[1, 0, 3, 2]] > 0, np.log(x)[[1, 0, 3, 2]], 0)),
     lambda x: np.where(x > 0, np.log(safe(x, x > 0)), 0).sum(), X),
    (lambda x: np.sum(np.where(np.concatenate([x, x]) > 0, np.concatenate([np.log(x), np.sqrt(x)]), 0)),
     lambda x: np.sum(np.where(x > 0, np.log(safe(x, x > 0)) + np.sqrt(safe(x, x > 0)), 0)), X),
    (lambda x: np.sum(np.where(np.cumsum(x) > 0, np.cumsum(np.where(x > 0, np.sqrt(x), 0)), 0)),
     lambda x: np.sqrt(x[2]) + np.sqrt(x[3]), X),
    (lambda x: np.sum(np.where(x == 0, 1.0, np.sin(x) / x)),
     lambda x: np.sum(np.where(x == 0, 1.0, np.sin(x) / safe(x, x != 0))), X),
    (lambda x: np.sum(np.where(np.abs(x) < 1, np.arccos(x), 0)),
     lambda x: np.sum(np.where(np.abs(x) < 1, np.arccos(safe(x, np.abs(x) < 1, 0.0)), 0)), np.array([-1.0, 0.5, 1.0, 7.0])),
    (chained, lambda x: np.sum(np.where(x > 0, safe(x, x > 0) ** 2.0**-39, x**2)), X),
]  # fmt: skip


def slope_along(f):
    """The sum of all slopes of f by forward mode; its gradient is the sum of the rows of the Hessian."""
    return lambda x: jvp(f, (x,), (np.ones_like(x),))[1]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_both_modes_and_the_second_order_agree_with_the_double_where(case):
    naive, careful, x = CASES[case]
    expected = grad(careful)(x)
    assert np.all(np.isfinite(expected))
    gradient = grad(naive)
    for _ in range(3):  # traced, compiled, compiled
        np.testing.assert_allclose(gradient(x), expected, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(slope_along(naive)(x), np.sum(expected), rtol=1e-12)
    second = grad(slope_along(careful))(x)
    np.testing.assert_allclose(grad(slope_along(naive))(x), second, rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(grad(lambda y: np.sum(grad(naive)(y)))(x), second, rtol=1e-10, atol=1e-300)


def test_rows_of_a_map_have_their_own_branches():
    np.testing.assert_array_equal(vmap(grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0)))(X), [0.0, 0.0, 1.0, 0.25])


def test_an_upstream_gradient_that_happens_to_be_zero_is_no_branch():
    # √x·√x is x, so its slope at 0 is 1; to call 0·∞ a 0 would be a silently wrong number.
    assert np.isnan(grad(lambda x: np.sqrt(x) * np.sqrt(x))(0.0))


def test_the_branch_taken_keeps_its_infinite_slope():
    assert grad(lambda x: np.where(x >= 0, np.sqrt(x), 0.0))(0.0) == np.inf


def test_the_lesson_tells_of_the_selection():
    told = work("f = where(x > 0, sqrt(x), 0) * y", x=0, y=3)
    assert told.grad == {"x": 0.0, "y": 0.0}
    assert "nothing flows through a branch not taken" in str(told)


def gates_added(draw):
    graph = Graph()
    xp = Drawing(graph)
    x = xp.wire(graph.leaf("x", (5,)))
    y = draw(xp, x)
    before = len(graph)
    total = reverse(graph, xp.sum(y).node, [x.node]).total(x.node)
    needed, found = [total], set()
    while needed:
        node = needed.pop()
        if node >= before and node not in found:
            found.add(node)
            needed += graph.inputs(node)
    return sorted(graph.gate(node).name for node in found if graph.gate(node))


def test_surely_finite_slopes_cost_no_gates():
    # max(x − 1, 0) as in a hinge: one mark, one product.
    assert gates_added(lambda xp, x: xp.maximum(x - 1.0, 0.0)).count("where") == 1
    assert gates_added(lambda xp, x: xp.relu(-x + 3.0)).count("where") == 1


def test_a_mask_nested_deeper_than_the_stack_is_drawn():
    graph = Graph()
    xp = Drawing(graph)
    x = xp.wire(graph.leaf("x"))
    y = xp.log(x)
    for _ in range(5_000):
        y = xp.where(x > 0.0, y + 1.0, -y)
    total = reverse(graph, y.node, [x.node]).total(x.node)
    assert evaluate(graph, {x.node: 0.5})[total] == 2.0


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "maximum", "minimum", "negative", "sum", "where"])
def test_bounds_hold_the_numbers_they_speak_of(name):
    rng = np.random.default_rng(3)
    for _ in range(50):
        graph = Graph()
        given = [rng.uniform(-3, 3, 4) for _ in range(GATES[name].arity)]
        if name == "where":
            given[0] = given[0] > 0
        node = graph.add(GATES[name], *map(graph.constant, given))
        found = bounds(graph, node)
        if found is not None:
            value = evaluate(graph, {})[node]
            assert found[0] <= np.min(value)
            assert np.max(value) <= found[1]
        else:
            assert name == "divide"
