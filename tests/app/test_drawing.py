"""Graphs drawn gate by gate, and compiled."""

import math
import pickle
import random

import numpy as np
import pytest

import chalkgrad
from chalkgrad.errors import GateError, GivenError


def test_what_is_drawn_is_compiled_as_the_same_formula_is():
    draw = chalkgrad.drawing()
    x, y = draw.leaf("x"), draw.leaf("y")
    drawn = chalkgrad.compile(2 / (1 + draw.exp(-(x * y))) - y**2)
    written = chalkgrad.compile("2 / (1 + exp(-(x * y))) - y^2", stabilise=False)
    assert drawn.value_and_grad(0.3, -0.7) == written.value_and_grad(0.3, -0.7)
    assert drawn.hessian(0.3, -0.7) == written.hessian(0.3, -0.7)
    assert drawn.jvp((0.3, -0.7), (1.0, 2.0)) == written.jvp((0.3, -0.7), (1.0, 2.0))
    points = np.linspace(-1, 1, 7)
    for one, other in zip(drawn.batch(x=points, y=0.5)[1], written.batch(x=points, y=0.5)[1], strict=True):
        assert np.array_equal(one, other)


def test_ufuncs_of_numpy_draw_and_what_is_no_gate_is_refused():
    draw = chalkgrad.drawing()
    x = draw.leaf("x")
    assert chalkgrad.compile(np.float64(2.0) * np.tanh(x) + np.maximum(x, 0.5)).grad(1.0) == (2 / math.cosh(1.0) ** 2 + 1,)
    with pytest.raises(GateError, match="cannot be drawn so"):
        np.add.reduce(x)
    with pytest.raises(GateError, match="has no value yet"):
        bool(x > 0)


def test_a_drawing_is_stabilised_only_where_asked():
    draw = chalkgrad.drawing()
    f = draw.log(1 + draw.exp(draw.leaf("x")))
    assert chalkgrad.compile(f)(1000.0) == math.inf
    assert chalkgrad.compile(f, stabilise=True)(1000.0) == 1000.0


def test_a_long_graph_runs_as_a_tape_with_the_gradient_of_the_chain_rule():
    chance, draw = random.Random(1), chalkgrad.drawing()
    wires = [draw.leaf(f"x{place}") for place in range(5)]
    values = [0.1, -0.4, 0.8, 0.3, -0.9]
    inputs = list(values)
    slopes = [[float(one == other) for other in range(5)] for one in range(5)]  # forward mode, by hand
    for _ in range(20_000):
        one, other = chance.randrange(len(wires)), chance.randrange(max(0, len(wires) - 50), len(wires))
        if chance.random() < 0.5:
            wires.append(draw.tanh(wires[one] + wires[other]))
            values.append(math.tanh(values[one] + values[other]))
            slopes.append([(1 - values[-1] ** 2) * (a + b) for a, b in zip(slopes[one], slopes[other], strict=True)])
        else:
            wires.append(wires[one] * wires[other])
            values.append(values[one] * values[other])
            slopes.append([a * values[other] + b * values[one] for a, b in zip(slopes[one], slopes[other], strict=True)])
    value, gradient = chalkgrad.compile(wires[-1]).value_and_grad(*inputs)
    assert value == pytest.approx(values[-1], rel=1e-11, abs=1e-13)
    assert gradient == pytest.approx(slopes[-1], rel=1e-9, abs=1e-12)


def test_gates_drawn_later_do_not_change_what_was_compiled():
    draw = chalkgrad.drawing()
    x = draw.leaf("x")
    square = chalkgrad.compile(x * x)
    cube = chalkgrad.compile(x * x * x * draw.leaf("y"))
    assert square.grad(3.0) == (6.0,)
    assert square.batch(x=np.array([1.0, 2.0]))[1][0].tolist() == [2.0, 4.0]
    assert cube.inputs == ("x", "y")


@pytest.mark.parametrize(
    "act, says",
    [
        (lambda draw, x: x + chalkgrad.drawing().leaf("y"), "wires of two graphs"),
        (lambda draw, x: chalkgrad.compile(x * draw.leaf("x")), "the same name"),
        (lambda draw, x: chalkgrad.compile(draw.sum(draw.leaf("v", (3,)))), "is an array"),
        (lambda draw, x: chalkgrad.compile(x * x)(np.ones(3)), "batch takes many points"),
        (lambda draw, x: chalkgrad.compile(x * x, ties="split"), "how it treats ties"),
        (lambda draw, x: pickle.dumps(chalkgrad.compile(x * x)), "cannot be copied or pickled"),
        (lambda draw, x: draw.sigmod(x), "no gate called"),
    ],
)
def test_bad_drawings_get_a_letter(act, says):
    draw = chalkgrad.drawing()
    with pytest.raises((GateError, GivenError), match=says):
        act(draw, draw.leaf("x"))
