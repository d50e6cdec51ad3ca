"""Forward mode, with the same toy gates: tangents flow with the values, by the slopes that reverse mode uses."""

import numpy as np
import pytest

from chalkgrad.transform.forward import forward
from chalkgrad.transform.reverse import reverse
from tests.transform.toys import Board, toys


@pytest.fixture(autouse=True)
def registered():
    with toys() as gates:
        yield gates


def tangent(board, output, **moves):
    nodes = {board.wires[name].node: board.graph.constant(move) for name, move in moves.items()}
    return board.value(forward(board.graph, output.node, nodes))


def test_the_tangent_is_local_times_tangent_added_over_the_inputs():
    board = Board(x=1.0, y=2.0, z=3.0)
    f = board.xp.digits(board.x, board.y, board.z)
    assert tangent(board, f, x=1.0) == 100.0
    assert tangent(board, f, x=2.0, y=3.0, z=4.0) == 234.0
    assert tangent(board, board.xp.digits(board.x, board.x, board.y), x=1.0) == 110.0


def test_tangents_go_through_linear_gates_by_the_gates_themselves():
    board = Board(x=2.0, y=7.0)
    assert tangent(board, board.xp.triple(board.xp.triple(board.x)), x=2.0) == 18.0
    assert tangent(board, board.xp.scaled(board.x, board.y), x=1.0, y=10.0) == 27.0
    assert tangent(board, board.xp.scaled(board.x, board.x), x=1.0) == 4.0


def test_tangents_go_through_a_coupled_gate():
    board = Board(x=[1.0, 2.0, 3.0])
    assert tangent(board, board.xp.pool(board.x), x=[1.0, 0.0, 2.0]) == [3.0, 3.0, 3.0]


def test_no_path_is_none_and_flat_is_zero():
    board = Board(x=1.0, y=2.0)
    assert tangent(board, board.xp.deaf(board.x, board.y), y=1.0) is None
    assert tangent(board, board.xp.triple(board.x), y=1.0) is None
    assert tangent(board, board.xp.wall(board.x), x=1.0) is None
    assert tangent(board, board.xp.sign(board.x), x=1.0) == 0.0


def test_a_wire_in_the_middle_may_be_moved_on_its_own():
    board = Board(x=1.0)
    v = board.xp.triple(board.x)
    f = board.xp.digits(v, board.x, board.x)
    moves = {v.node: board.graph.constant(1.0), board.x.node: board.graph.constant(1.0)}
    assert board.value(forward(board.graph, f.node, moves)) == 111.0


@pytest.mark.parametrize("left, right", [((), (3,)), ((3,), ()), ((2, 1), (1, 3)), ((2, 1), (3,)), ((4, 1, 2), (3, 1))])
def test_a_tangent_has_the_shape_of_the_wire_it_moves_with(left, right):
    rng = np.random.default_rng(1)
    x, y, dx = rng.normal(size=left), rng.normal(size=right), rng.normal(size=left)
    board = Board(x=x, y=y)
    for f in (board.x * board.y, board.x + board.y, board.xp.maximum(board.x, board.y)):
        moved = forward(board.graph, f.node, {board.x.node: board.graph.constant(dx)})
        assert board.graph.shape(moved) == f.shape
    assert tangent(board, board.x * board.y, x=dx) == (dx * y).tolist()
    assert tangent(board, board.x + board.y, x=dx) == (dx + 0 * y).tolist()


def test_forward_and_reverse_are_transposes_of_each_other():
    rng = np.random.default_rng(2)
    board = Board(A=rng.normal(size=(3, 2)), v=rng.normal(size=2), b=rng.normal(size=3))
    hidden = board.xp.tanh(board.A @ board.v + board.b)
    f = board.xp.log_softmax(hidden * board.xp.pool(board.b))
    moves = {name: rng.normal(size=wire.shape) for name, wire in board.wires.items()}
    up = rng.normal(size=3)
    by_forward = np.dot(tangent(board, f, **moves), up)
    back = reverse(board.graph, f.node, [wire.node for wire in board.wires.values()], seed=board.graph.constant(up))
    by_reverse = sum(np.sum(board.value(back.total(board.wires[name].node)) * move) for name, move in moves.items())
    assert by_forward == pytest.approx(by_reverse, rel=1e-13)
