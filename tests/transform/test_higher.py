"""Gradients are graph, so they have gradients: second and third derivatives, Hessians, and one mode over the other."""

import itertools
import math

import numpy as np
import pytest

from chalkgrad.transform.forward import forward
from chalkgrad.transform.reverse import reverse
from tests.transform.toys import Board


def slope(board, node, leaf, place=None):
    """∂node/∂leaf as a node, of one entry of `node` where it is an array."""
    seed = None
    if place is not None:
        unit = np.zeros(board.graph.shape(node))
        unit[place] = 1.0
        seed = board.graph.constant(unit)
    return reverse(board.graph, node, [leaf.node], seed=seed).total(leaf.node)


def derivatives(board, f, leaf, count):
    """The value of f and of its derivatives, as far as there are any."""
    nodes = [f.node]
    while nodes[-1] is not None and len(nodes) <= count:
        nodes.append(slope(board, nodes[-1], leaf))
    return board.values(nodes)


def hessian(board, f, leaf):
    """∂²f/∂leaf², row by row."""
    first = slope(board, f.node, leaf)
    return np.array([board.value(slope(board, first, leaf, place)) for place in np.ndindex(leaf.shape)])


def test_a_power_is_used_up_by_its_derivatives():
    board = Board(x=2.0)
    assert derivatives(board, board.x**5, board.x, 6) == [32.0, 80.0, 160.0, 240.0, 240.0, 120.0, None]


def test_the_derivatives_of_a_product_of_three():
    board = Board(x=2.0)
    assert derivatives(board, board.x * board.x * board.x, board.x, 4) == [8.0, 12.0, 12.0, 6.0, None]


def test_the_exponential_stays_as_it_is():
    board = Board(x=1.5)
    assert derivatives(board, board.xp.exp(board.x), board.x, 3) == [math.exp(1.5)] * 4


def test_sines_turn_round_in_four_steps():
    board = Board(x=0.7)
    s, c = math.sin(0.7), math.cos(0.7)
    assert derivatives(board, board.xp.sin(board.x), board.x, 4) == pytest.approx([s, c, -s, -c, s], rel=1e-15)


def test_the_first_three_slopes_of_the_sigmoid():
    board = Board(x=0.3)
    p = 1 / (1 + math.exp(-0.3))
    q = p * (1 - p)
    expected = [p, q, q * (1 - 2 * p), q * (1 - 6 * q)]
    assert derivatives(board, board.xp.sigmoid(board.x), board.x, 3) == pytest.approx(expected, rel=1e-13)


def test_a_line_has_no_second_derivative():
    board = Board(x=2.0)
    assert derivatives(board, 3.0 * board.x + 1.0, board.x, 2) == [7.0, 3.0, None]


def test_mixed_partials_do_not_depend_on_the_order():
    board = Board(x=0.8, y=1.7, z=-0.6)
    f = board.xp.exp(board.x * board.y) / (board.y + board.xp.sin(board.z)) + board.xp.power(board.x, board.y * board.y)
    found = {}
    for path in itertools.product("xyz", repeat=3):
        node = f.node
        for name in path:
            node = None if node is None else slope(board, node, board.wires[name])
        found[path] = board.value(node)
    for path, value in found.items():
        assert value == pytest.approx(found[tuple(sorted(path))], rel=1e-12)


def test_the_third_derivative_of_a_product_of_powers():
    board = Board(x=3.0, y=2.0)
    f = board.x**2 * board.y**3
    node = slope(board, slope(board, slope(board, f.node, board.x), board.y), board.y)
    assert board.value(node) == 2 * 3.0 * 6 * 2.0


@pytest.mark.parametrize("name", ["logsumexp", "softmax", "tanh", "hypot", "quadratic", "cross_entropy"])
def test_a_hessian_is_symmetric(name):
    rng = np.random.default_rng(5)
    A = rng.normal(size=(4, 4))
    board = Board(v=rng.normal(size=4))
    v, xp = board.v, board.xp
    f = {
        "logsumexp": lambda: xp.logsumexp(v * v),
        "softmax": lambda: xp.index(xp.softmax(v), index=(1,)) * xp.sum(xp.sin(v)),
        "tanh": lambda: xp.sum(xp.tanh(xp.matmul(A, v)) ** 2),
        "hypot": lambda: xp.hypot(xp.sum(v), xp.index(v, index=(0,)) * xp.index(v, index=(3,))),
        "quadratic": lambda: xp.matmul(v, xp.matmul(A, v)),
        "cross_entropy": lambda: xp.cross_entropy(xp.matmul(A, v), true=2),
    }[name]()
    H = hessian(board, f, v)
    assert np.max(abs(H - H.T)) <= 1e-14 * np.max(abs(H))
    assert np.max(abs(H)) > 0.01


def test_the_hessian_of_a_quadratic_form_is_the_matrix_and_its_transpose():
    A = np.array([[1.0, 2.0, 0.5], [0.0, 3.0, -1.0], [4.0, 0.0, 1.0]])
    board = Board(v=[1.0, -2.0, 0.5])
    H = hessian(board, board.xp.matmul(board.v, board.xp.matmul(A, board.v)), board.v)
    np.testing.assert_allclose(H, A + A.T, rtol=1e-15)


def test_the_hessian_of_logsumexp_is_the_slope_of_softmax():
    board = Board(v=[1.0, 2.0, -1.0])
    p = np.exp([1.0, 2.0, -1.0]) / np.sum(np.exp([1.0, 2.0, -1.0]))
    expected = np.diag(p) - np.outer(p, p)
    np.testing.assert_allclose(hessian(board, board.xp.logsumexp(board.v), board.v), expected, rtol=1e-13)


def test_forward_over_reverse_is_the_hessian_times_a_direction():
    rng = np.random.default_rng(6)
    A, direction = rng.normal(size=(3, 4)), rng.normal(size=4)
    board = Board(v=rng.normal(size=4))
    f = board.xp.sum(board.xp.softplus(board.xp.matmul(A, board.v)) * board.xp.sin(board.xp.index(board.v, index=(slice(0, 3),))))
    H = hessian(board, f, board.v)
    first = slope(board, f.node, board.v)
    over = forward(board.graph, first, {board.v.node: board.graph.constant(direction)})
    np.testing.assert_allclose(board.value(over), H @ direction, rtol=1e-13)


def test_reverse_over_forward_is_the_same():
    board = Board(x=0.4, y=1.1)
    f = board.xp.arctan2(board.y, board.x) * board.xp.log(board.x)
    moved = forward(board.graph, f.node, {board.x.node: board.graph.constant(1.0)})
    by_both = slope(board, moved, board.y)
    by_reverse = slope(board, slope(board, f.node, board.x), board.y)
    assert board.value(by_both) == pytest.approx(board.value(by_reverse), rel=1e-14)


def test_forward_over_forward_is_the_second_derivative():
    board = Board(x=0.4)
    one = board.graph.constant(1.0)
    first = forward(board.graph, board.xp.tan(board.x).node, {board.x.node: one})
    second = forward(board.graph, first, {board.x.node: one})
    tan = math.tan(0.4)
    assert board.value(second) == pytest.approx(2 * tan * (1 + tan**2), rel=1e-14)


def test_a_held_wire_can_be_differentiated_by_again():
    board = Board(x=2.0)
    v = board.x**2
    first = slope(board, (v**3).node, v)
    assert board.value(first) == 48.0
    assert board.value(slope(board, first, v)) == 24.0
    assert board.value(slope(board, first, board.x)) == 24.0 * 4.0
