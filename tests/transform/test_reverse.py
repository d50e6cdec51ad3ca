"""The backward walk, with gates whose slopes anyone can see: what adds, what stops, what never starts, what is written down."""

import math
import time

import numpy as np
import pytest

from chalkgrad.errors import ShapeError
from chalkgrad.transform.reverse import reverse
from tests.transform.toys import Board, toys


@pytest.fixture(autouse=True)
def registered():
    with toys() as gates:
        yield gates


def gradients(board, output, *names, seed=None):
    wrt = [board.wires[name].node for name in names]
    back = reverse(board.graph, output.node, wrt, seed=seed)
    return board.values(back.total(node) for node in wrt)


def test_each_input_gets_upstream_times_local():
    board = Board(x=1.0, y=2.0, z=3.0)
    f = board.xp.triple(board.xp.digits(board.x, board.y, board.z))
    assert board.value(f.node) == 369.0
    assert gradients(board, f, "x", "y", "z") == [300.0, 30.0, 3.0]


def test_along_a_chain_slopes_multiply():
    board = Board(x=1.0)
    f = board.x
    for _ in range(5):
        f = board.xp.triple(f)
    assert gradients(board, f, "x") == [3.0**5]


def test_where_a_wire_fans_out_its_gradients_add():
    board = Board(x=1.0, y=2.0)
    assert gradients(board, board.xp.digits(board.x, board.y, board.x), "x", "y") == [101.0, 10.0]
    assert gradients(board, board.xp.digits(board.x, board.x, board.x), "x") == [111.0]


def test_a_fan_out_in_the_middle_is_walked_once():
    board = Board(x=1.0)
    v = board.xp.triple(board.x)
    f = board.xp.digits(v, v, board.xp.triple(v))
    back = reverse(board.graph, f.node, [board.x.node])
    assert board.value(back.total(v.node)) == 113.0
    assert board.value(back.total(board.x.node)) == 339.0
    assert [one.gate for one in back.contributions()].count(v.node) == 1


def test_doubling_paths_do_not_double_the_work():
    board = Board(x=1.0)
    f = board.x
    for _ in range(200):
        f = f + f
    before = len(board.graph)
    assert gradients(board, f, "x") == [2.0**200]
    assert len(board.graph) < 3 * before


def test_a_held_wire_counts_as_independent():
    board = Board(x=1.0)
    v = board.xp.triple(board.x)
    f = board.xp.digits(v, board.x, board.x)
    back = reverse(board.graph, f.node, [v.node, board.x.node])
    assert board.values([back.total(v.node), back.total(board.x.node)]) == [100.0, 11.0]


def test_behind_a_held_wire_nothing_flows():
    board = Board(x=1.0)
    v = board.xp.triple(board.x)
    back = reverse(board.graph, board.xp.triple(v).node, [v.node, board.x.node])
    assert board.values([back.total(v.node), back.total(board.x.node)]) == [3.0, None]


def test_the_output_moves_with_itself():
    board = Board(x=1.0)
    f = board.xp.triple(board.x)
    assert board.value(reverse(board.graph, f.node, [f.node]).total(f.node)) == 1.0
    assert gradients(board, board.x, "x") == [1.0]


def test_no_path_is_none_and_flat_is_zero():
    board = Board(x=1.0, y=2.0, z=3.0)
    f = board.xp.deaf(board.x, board.y)
    assert gradients(board, f, "x", "y", "z") == [5.0, None, None]
    assert gradients(board, board.xp.sign(board.x), "x", "y") == [0.0, None]
    assert gradients(board, board.xp.wall(board.x), "x") == [None]
    assert gradients(board, board.xp.wall(board.x) + board.x, "x") == [1.0]


def test_a_wire_behind_the_output_has_no_gradient():
    board = Board(x=1.0)
    f = board.xp.triple(board.x)
    later = board.xp.triple(f)
    assert reverse(board.graph, f.node, [later.node]).total(later.node) is None


def test_constants_get_no_gradient_and_need_none():
    board = Board(x=2.0)
    constant = board.xp.wire(board.graph.constant(7.0))
    f = board.xp.digits(board.x, constant, board.xp.exp(constant))
    back = reverse(board.graph, f.node, [board.x.node])
    assert back.total(constant.node) is None
    assert [one.wire for one in back.contributions()] == [board.x.node]


def test_a_gate_linear_in_each_input_pulls_through_its_transpose():
    board = Board(x=2.0, y=7.0)
    assert gradients(board, board.xp.scaled(board.x, board.y), "x", "y") == [7.0, 2.0]
    assert gradients(board, board.xp.scaled(board.x, board.x), "x") == [4.0]


def test_a_coupled_gate_is_transposed():
    board = Board(x=[1.0, 2.0, 3.0])
    f = board.xp.index(board.xp.pool(board.x), index=(1,))
    assert gradients(board, f, "x") == [[1.0, 1.0, 1.0]]


BROADCASTS = [
    ((), (3,)),
    ((3,), ()),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((2, 1), (3,)),
    ((1,), (2, 1)),
    ((4, 1, 2), (3, 1)),
    ((1, 1), ()),
]


@pytest.mark.parametrize("left, right", BROADCASTS)
def test_stretched_inputs_get_back_a_gradient_of_their_own_shape(left, right):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=left), rng.normal(size=right)
    board = Board(x=x, y=y)
    f = board.xp.sum(board.x * board.y)
    dx, dy = gradients(board, f, "x", "y")
    for place in np.ndindex(left):
        unit = np.zeros(left)
        unit[place] = 1.0
        assert np.asarray(dx)[place] == pytest.approx(np.sum(unit * y), rel=1e-14)
    for place in np.ndindex(right):
        unit = np.zeros(right)
        unit[place] = 1.0
        assert np.asarray(dy)[place] == pytest.approx(np.sum(x * unit), rel=1e-14)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (1, 1, 2)])
def test_a_flat_gate_hands_back_zeros_of_the_shape_of_its_input(shape):
    board = Board(x=np.ones(shape), y=2.0)
    f = board.xp.sum(board.xp.sign(board.x) + board.y)
    assert gradients(board, f, "x") == [np.zeros(shape).tolist()]


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "logsumexp"])
def test_a_reduction_of_a_single_number_hands_the_gradient_on(name):
    board = Board(x=2.5)
    f = getattr(board.xp, name)(board.x)
    assert board.value(f.node) == 2.5
    assert gradients(board, board.xp.triple(f), "x") == [3.0]


def test_the_seed_is_the_gradient_of_the_output():
    board = Board(x=[1.0, 2.0], y=5.0)
    f = board.xp.digits(board.x, board.y, board.x)
    seed = board.graph.constant([1.0, 1000.0])
    assert gradients(board, f, "x", "y", seed=seed) == [[101.0, 101_000.0], 10_010.0]


def test_a_seed_may_be_any_wire():
    board = Board(x=2.0, up=0.5)
    back = reverse(board.graph, board.xp.triple(board.x).node, [board.x.node], seed=board.up.node)
    assert board.value(back.total(board.x.node)) == 1.5


def test_an_array_without_seed_is_refused():
    board = Board(x=[1.0, 2.0])
    with pytest.raises(ShapeError, match=r"the output has the shape \(2\)"):
        reverse(board.graph, board.xp.triple(board.x).node, [board.x.node])


def test_every_contribution_is_upstream_times_local_and_they_add_up_to_the_total():
    board = Board(x=3.0, y=-2.0, z=0.5)
    x, y, z, xp = board.x, board.y, board.z, board.xp
    f = xp.exp(x * y) * z + x / z - xp.maximum(x, y) * x
    wrt = [x.node, y.node, z.node]
    back = reverse(board.graph, f.node, wrt)
    found = list(back.contributions())
    for one in found:
        upstream, local, product = board.values([one.upstream, one.local, one.product])
        assert product == upstream * local
        assert board.graph.inputs(one.gate)[one.slot] == one.wire
        assert upstream == board.value(back.total(one.gate))
    for node in wrt:
        arrived = [board.value(one.product) for one in found if one.wire == node]
        assert math.fsum(arrived) == pytest.approx(board.value(back.total(node)), rel=1e-15)
    gates = [one.gate for one in found]
    assert gates == sorted(gates, reverse=True)


def test_the_forward_part_of_the_graph_stays_as_it_was():
    board = Board(x=[1.0, 2.0])
    f = board.xp.sum(board.xp.softmax(board.xp.exp(board.x)) * board.x)
    before = [(board.graph.gate(node), board.graph.inputs(node), board.graph.shape(node)) for node in board.graph]
    reverse(board.graph, f.node, [board.x.node])
    after = [(board.graph.gate(node), board.graph.inputs(node), board.graph.shape(node)) for node in board.graph]
    assert after[: len(before)] == before
    assert len(after) > len(before)


def test_a_slope_of_one_makes_no_gate():
    board = Board(x=1.0, y=2.0)
    f = board.x + board.y
    before = len(board.graph)
    assert gradients(board, f, "x", "y") == [1.0, 1.0]
    assert all(board.graph.is_constant(node) for node in range(before, len(board.graph)))


def test_gates_beside_the_way_are_not_walked():
    board = Board(x=1.0, y=2.0)
    for _ in range(100):
        board.xp.exp(board.y)
    before = len(board.graph)
    f = board.x * board.xp.exp(board.y)
    assert gradients(board, f, "x") == [math.exp(2.0)]
    assert len(board.graph) - before < 6


def test_a_long_chain_needs_no_recursion():
    board = Board(x=0.5)
    f = board.x
    for _ in range(20_000):
        f = f + board.x
    assert gradients(board, f, "x") == [20_001.0]


def test_coupled_gates_cost_no_walk_over_the_whole_graph():
    # Each softmax is transposed by a small walk of its own; were that as long as the graph, this would take a minute.
    board = Board(x=[1.0, 2.0, 3.0])
    f = board.x
    for _ in range(3_000):
        f = board.xp.softmax(f) + board.x
    started = time.process_time()
    reverse(board.graph, board.xp.sum(f).node, [board.x.node])
    assert time.process_time() - started < 10
