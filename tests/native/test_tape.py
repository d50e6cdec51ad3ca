"""A tape computes what the graph says: the same values and gradients as evaluating the graph and its backward pass."""

import sys
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalkgrad.errors import ChalkgradError, GateError, GivenError
from chalkgrad.gates import GATES
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.native.llvm import F32
from chalkgrad.native.number import NotNativeError
from chalkgrad.native.tape.tape import Tape
from chalkgrad.reading.formula import read
from chalkgrad.transform.reverse import reverse

LIMIT = 1e-13  # some tens of roundings, and elementary functions within a few ulp of NumPy's


def expected(graph, output, wrt, inputs):
    """Value and gradient by NumPy; for a leaf that the output does not depend on, 0."""
    given, place = {}, 0
    for leaf in graph.leaves():
        size = int(np.prod(graph.shape(leaf)))
        given[leaf] = np.reshape(inputs[place : place + size], graph.shape(leaf))
        place += size
    back = reverse(graph, output, wrt)
    values = evaluate(graph, given)
    totals = [back.total(leaf) for leaf in wrt]
    slopes = [np.zeros(graph.shape(leaf)) if one is None else values[one] for leaf, one in zip(wrt, totals, strict=True)]
    return float(values[output]), np.concatenate([np.ravel(one) for one in slopes]) if slopes else np.zeros(0)


def assert_same(graph, output, inputs, wrt=None):
    leaves = graph.leaves()
    tape = Tape(graph, output, leaves if wrt is None else wrt, [] if wrt is None else [one for one in leaves if one not in wrt])
    value, gradient = tape.value_and_grad(np.array(inputs, float))
    with np.errstate(all="ignore"):
        right, slopes = expected(graph, output, leaves if wrt is None else wrt, inputs)
    np.testing.assert_allclose(value, right, rtol=LIMIT, atol=LIMIT)
    np.testing.assert_allclose(gradient, slopes, rtol=LIMIT, atol=LIMIT * max(1.0, np.nanmax(np.abs(slopes), initial=0.0)))
    assert tape.value(np.array(inputs, float)) == value or np.isnan(value)
    again, same = tape.value_and_grad(np.array(inputs, float))
    assert np.array_equal([again, *same], [value, *gradient], equal_nan=True)


CASES = [
    pytest.param(gate, sample, id=f"{gate.name}{place}")
    for gate in GATES.values()
    for place, sample in enumerate(gate.samples)
    if all(np.shape(one) == () for one in sample.inputs)
]
WITHOUT = {  # gates that have no place in a tape, and why
    "argsort": "whole numbers", "as_whole": "whole numbers", "first_of": "of arrays", "softmax": "told by its tangent",
    "log_softmax": "told by its tangent", "cumprod": "told by its tangent",
    **dict.fromkeys(["bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift"], "bits of whole numbers"),
    "signbit": "a rule of NumPy's own",
    **dict.fromkeys(["erfcx", "log_ndtr", "polygamma", "gamma", "gammaln", "polygamma_gap", "betaln"], "no code"),
}  # fmt: skip


@pytest.mark.parametrize("gate, sample", CASES)
def test_every_gate_of_single_numbers_has_the_value_and_the_slopes_of_its_rules(gate, sample):
    graph = Graph()
    inputs, wires = [], []
    for one in sample.inputs:
        leaf = graph.leaf(f"x{len(inputs)}")
        inputs.append(float(one))
        wires.append(graph.add(GATES["greater"], leaf, graph.constant(0.5)) if isinstance(one, bool) else leaf)
    try:
        out = graph.add(gate, *wires, **sample.params)
    except ChalkgradError:
        pytest.skip("not for single numbers")
    if graph.shape(out) != ():
        pytest.skip("an array")
    output = graph.add(GATES["multiply"], out, graph.constant(1.5))
    if gate.name in WITHOUT:
        with pytest.raises(NotNativeError):
            Tape(graph, output, graph.leaves())
        return
    assert_same(graph, output, inputs)


UNARY = ["negative", "exp", "tanh", "sin", "sigmoid", "absolute", "relu", "square", "sign", "stop", "alias"]
BINARY = ["add", "subtract", "multiply", "maximum", "minimum", "hypot"]


@st.composite
def graphs(draw):
    """Gates over any earlier wires; every wire stays between −10 and 10."""
    graph = Graph()
    wires = [graph.leaf(f"x{place}") for place in range(draw(st.integers(1, 4)))]
    wires += [graph.constant(draw(st.floats(-2, 2))) for _ in range(2)]
    for _ in range(draw(st.integers(0, 60))):
        first, second, third = (draw(st.sampled_from(wires)) for _ in range(3))
        name = draw(st.sampled_from([*UNARY, *BINARY, "where", "constant_power", "maximum of three", "after"]))
        if name in UNARY:
            made = graph.add(GATES[name], graph.add(GATES["tanh"], first) if name in ("exp", "square") else first)
        elif name == "where":
            made = graph.add(GATES["where"], graph.add(GATES["less"], first, second), second, third)
        elif name == "constant_power":
            made = graph.add(GATES[name], graph.add(GATES["sigmoid"], first), exponent=draw(st.sampled_from([0.5, 2.0, 3.0, 0.0])))
        elif name == "maximum of three":
            made = graph.add(GATES["maximum"], first, second, third, ties=draw(st.sampled_from(["one", "split", "first"])))
        else:
            made = graph.add(GATES[name], first, second)
        if name in ("add", "subtract", "multiply", "hypot"):
            made = graph.add(GATES["tanh"], made)
        wires.append(made)
    return graph, draw(st.sampled_from(wires))


@settings(deadline=None, max_examples=60)
@given(graphs(), st.data())
def test_a_tape_agrees_with_the_backward_graph(made, data):
    graph, output = made
    leaves = graph.leaves()
    numbers = st.sampled_from([0.0, 1.0, -0.5, 0.75, 1.25])
    inputs = [data.draw(numbers) for _ in leaves]
    wrt = leaves[: data.draw(st.integers(1, len(leaves)))]
    assert_same(graph, output, inputs, wrt)


@pytest.mark.parametrize(
    "text",
    [
        "max(x, x) + min(x, x, y)", "max(x, y, x, y)", "x * x + x / x", "x - x", "x", "0 * log(x) + y", "max(x, y) + abs(x - y)",
        "relu(x - y) * 3 + x^0 + y^1", "clip(x, y, 3) + where(x > y, x, 2 * y)", "sqrt(abs(x)) / (1 + exp(-y))",
    ],
)  # fmt: skip
@pytest.mark.parametrize("point", [(1.0, 1.0), (2.0, -3.0), (0.5, 2.0)])
def test_ties_repeated_wires_and_kinks_follow_the_gates_conventions(text, point):
    formula = read(text)
    assert_same(formula.graph, formula.output, point[: len(formula.leaves)])


def test_conditions_stay_conditions_on_their_way():
    graph = Graph()
    x, y = graph.leaf("x"), graph.leaf("y")
    both = graph.add(GATES["logical_and"], graph.add(GATES["greater"], x, y), graph.constant(True))
    neither = graph.add(GATES["logical_not"], both)
    chosen = graph.add(GATES["where"], neither, x, graph.add(GATES["where"], both, y, both))
    output = graph.add(GATES["add"], chosen, graph.add(GATES["multiply"], neither, x))
    for point in ((1.0, 2.0), (2.0, 1.0)):
        assert_same(graph, output, point)


def test_sums_of_conditions_are_whole_numbers_and_are_refused():
    graph = Graph()
    x = graph.leaf("x")
    mark = graph.add(GATES["greater"], x, graph.constant(0.0))
    output = graph.add(GATES["multiply"], graph.add(GATES["add"], mark, mark), x)
    with pytest.raises(NotNativeError, match="whole numbers"):
        Tape(graph, output, [x])


def test_trouble_on_wires_without_gradient_stays_there():
    graph = Graph()
    x, y = graph.leaf("x"), graph.leaf("y")
    infinite = graph.add(GATES["log"], y)  # −inf at 0, with an infinite slope
    unused = graph.add(GATES["reciprocal"], y)
    output = graph.add(GATES["add"], x, graph.add(GATES["stop"], graph.add(GATES["exp"], infinite)))
    assert unused < output
    tape = Tape(graph, output, [x, y])
    for _ in range(2):
        value, gradient = tape.value_and_grad([3.0, 0.0])
        assert (value, gradient.tolist()) == (3.0, [1.0, 0.0])


def test_an_output_that_does_not_depend_has_no_gradient_however_often_it_is_asked():
    graph = Graph()
    x, y = graph.leaf("x"), graph.leaf("y")
    output = graph.add(GATES["exp"], y)
    tape = Tape(graph, output, [x], [y])
    for _ in range(2):
        assert tape.value_and_grad([1.0, 0.0])[1].tolist() == [0.0]
    constant = graph.constant(2.5)
    assert Tape(graph, constant, [x]).value_and_grad([1.0])[0] == 2.5


def test_entries_of_leaves_and_constants_are_inputs():
    graph = Graph()
    x, table = graph.leaf("x", (2, 2)), graph.constant(np.array([2.0, 3.0]))
    first, last = graph.add(GATES["index"], x, index=(0, 0)), graph.add(GATES["index"], x, index=(-1, 1))
    factor = graph.add(GATES["index"], table, index=(1,))
    output = graph.add(GATES["add"], graph.add(GATES["multiply"], first, factor), graph.add(GATES["multiply"], last, first))
    value, gradient = Tape(graph, output, [x]).value_and_grad([2.0, 0.0, 0.0, 5.0])
    assert (value, gradient.tolist()) == (16.0, [8.0, 0.0, 0.0, 2.0])
    assert_same(graph, output, [2.0, 0.5, 0.5, 5.0])
    whole = graph.add(GATES["sum"], x)
    with pytest.raises(NotNativeError, match="array"):
        Tape(graph, graph.add(GATES["add"], whole, output), [x])


def test_constants_of_every_kind():
    graph = Graph()
    x = graph.leaf("x")
    total = x
    for value in (2.0, 2.0, 0.0, -0.0, True, np.float64(0.5), np.True_, 3):
        total = graph.add(GATES["add"], total, graph.add(GATES["copysign"], x, graph.constant(value)))
    chosen = graph.add(GATES["where"], graph.constant(np.False_), x, total)
    assert_same(graph, chosen, [1.5])
    marks = graph.constant(np.array([True, False]))
    with pytest.raises(NotNativeError, match="another kind"):
        Tape(graph, graph.add(GATES["multiply"], x, graph.add(GATES["index"], marks, index=(0,))), [x])


def test_what_a_tape_cannot_hold_is_refused():
    graph = Graph()
    x, y = graph.leaf("x"), graph.leaf("y")
    total = graph.add(GATES["add"], x, y)
    with pytest.raises(GivenError, match="y has no value"):
        Tape(graph, total, [x])
    with pytest.raises(NotNativeError, match="leaves"):
        Tape(graph, total, [x, x], [y])
    with pytest.raises(NotNativeError, match="leaves"):
        Tape(graph, total, [total], [x, y])
    tape = Tape(graph, total, [x, y])
    for wrong in ([1.0], [1.0, 2.0, 3.0], 1.0, ["a", "b"], [[1.0], [2.0]]):
        with pytest.raises(GivenError, match="2 numbers"):
            tape.value_and_grad(wrong)
    broken = Graph()
    leaf = broken.leaf("x")
    last = broken.add(GATES["sin"], leaf)
    for wrong in (-1, last, 5, 2**31 - 1):
        broken.operands[0] = wrong
        with pytest.raises(GateError, match="before it"):
            Tape(broken, last, [leaf])
    many = x
    for place in range(400):
        many = graph.add(GATES["constant_power"], many, exponent=1 + place / 1000)
    with pytest.raises(NotNativeError, match="kinds"):
        Tape(graph, many, [x])


def test_a_graph_may_grow_after_a_tape_was_made_of_it():
    graph = Graph()
    x = graph.leaf("x")
    output = graph.add(GATES["sin"], x)
    tape = Tape(graph, output, [x])
    for _ in range(1000):
        output = graph.add(GATES["cos"], output)
    assert tape.value([0.5]) == pytest.approx(np.sin(0.5), rel=LIMIT)


def test_narrow_floats():
    formula = read("exp(x) * y")
    tape = Tape(formula.graph, formula.output, list(formula.leaves.values()), kind=F32)
    value, gradient = tape.value_and_grad([0.5, 2.0])
    assert gradient.dtype == np.float32
    assert value == pytest.approx(2 * np.exp(0.5), rel=1e-6)
    assert gradient.tolist() == pytest.approx([2 * np.exp(0.5), np.exp(0.5)], rel=1e-6)


def random_graph(count, inputs=10):
    """Gates over wires anywhere before them."""
    graph = Graph()
    wires = [graph.leaf(f"x{place}") for place in range(inputs)]
    random = np.random.default_rng(3)
    names = ["add", "multiply", "tanh", "exp", "sigmoid", "sin", "subtract"]
    picked = random.integers(0, len(names), count)
    for place, reach in zip(picked.tolist(), random.random((count, 2)).tolist(), strict=True):
        first, second = (wires[max(0, int(len(wires) - 1 - part * 100))] for part in reach)
        name = names[place]
        made = graph.add(GATES[name], first, second) if name in ("add", "multiply", "subtract") else graph.add(GATES[name], first)
        wires.append(graph.add(GATES["tanh"], made) if name in ("add", "multiply", "exp", "subtract") else made)
    return graph, wires[-1]


def test_runs_longer_and_shorter_than_a_strip():
    graph = Graph()
    x, y = graph.leaf("x"), graph.leaf("y")
    for count in (1, 5, 6, 7, 8, 63, 64, 65, 200):
        total = graph.constant(0.0)
        for place in range(count):
            part = graph.add(GATES["multiply"], graph.add(GATES["add"], x, graph.constant(float(place))), y)
            total = graph.add(GATES["add"], total, graph.add(GATES["tanh"], part))
        tape = Tape(graph, total, [x, y])
        value, gradient = tape.value_and_grad([0.25, 0.125])
        arguments = (0.25 + np.arange(count)) * 0.125
        slopes = 1 / np.cosh(arguments) ** 2
        assert value == pytest.approx(np.tanh(arguments).sum(), rel=1e-12)
        assert gradient == pytest.approx([0.125 * slopes.sum(), ((0.25 + np.arange(count)) * slopes).sum()], rel=1e-12)


def test_several_threads_share_a_tape():
    graph, output = random_graph(3000)
    tape = Tape(graph, output, graph.leaves())
    points = np.random.default_rng(1).uniform(-1, 1, (4, 10))
    right = [tape.value_and_grad(point) for point in points]
    wrong = []

    def work(place):
        for _ in range(50):
            value, gradient = tape.value_and_grad(points[place])
            if value != right[place][0] or not np.array_equal(gradient, right[place][1]):
                wrong.append(place)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong


def test_memory_grows_with_the_graph_and_no_faster():
    def held(count):
        graph, output = random_graph(count)
        inputs = np.linspace(-1, 1, 10)
        tracemalloc.start()
        tape = Tape(graph, output, graph.leaves())
        tape.value_and_grad(inputs)
        now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return now / len(graph), peak / len(graph)

    held(100)  # compiles
    (small, _), (large, peak) = held(10_000), held(100_000)
    assert large < 1.2 * small
    assert large < 40  # two floats, the slots of two inputs, and a share of a run
    assert peak < 150


def test_a_deep_graph_needs_no_recursion():
    graph = Graph()
    x = wire = graph.leaf("x")
    for _ in range(20 * sys.getrecursionlimit()):
        wire = graph.add(GATES["sin"], wire)
    value, gradient = Tape(graph, wire, [x]).value_and_grad([0.5])
    assert 0 < value < 0.5
    assert 0 < gradient[0] < 1
