"""Truth arithmetic itself: exact inputs, as many digits as asked for, and at the edges what floats do."""

import itertools
import math

import numpy as np
import pytest

from chalkgrad.check.truth import Truth, true_gradients
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing

XP = Truth(50)
EDGES = (
    0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    3.0,
    -2.0,
    -3.0,
    2.5,
    -2.5,
    700.0,
    1e-20,
    1e-300,
    1e300,
    -1e300,
    math.inf,
    -math.inf,
    math.nan,
)
ONE = """exp expm1 exp2 sinh cosh tanh log log1p log2 log10 sqrt cbrt sin cos tan arcsin arccos arctan arcsinh arccosh arctanh
         absolute sign floor ceil trunc rint isnan isinf isfinite""".split()
TWO = "divide power hypot arctan2 maximum minimum floor_divide remainder fmod".split()


def agrees(true, floating):
    """Whether a float is the true number rounded, with inf for what is too large."""
    rounded = float(true)
    if math.isnan(rounded) or math.isnan(floating):
        return math.isnan(rounded) and math.isnan(floating)
    return rounded == floating or abs(rounded - floating) <= 4 * math.ulp(rounded)


@pytest.mark.parametrize("name", ONE)
def test_a_function_of_one_number_ends_as_floats_do(name):
    with np.errstate(all="ignore"):
        for x in EDGES:
            true, floating = getattr(XP, name)(XP.constant(x)), float(getattr(np, name)(np.float64(x)))
            assert agrees(true, floating), f"{name}({x}) is {floating}, and the truth says {true}"


@pytest.mark.parametrize("name", TWO)
def test_a_function_of_two_numbers_ends_as_floats_do(name):
    with np.errstate(all="ignore"):
        for x, y in itertools.product(EDGES, repeat=2):
            if name in {"floor_divide", "remainder", "fmod"} and abs(x) > 1e200 * abs(y):
                continue  # NumPy's own quotient overflows here
            if (name, x, y) == ("power", -math.inf, 0.5):
                continue  # NumPy takes the square root instead, which is nan
            true, floating = (
                getattr(XP, name)(XP.constant(x), XP.constant(y)),
                float(getattr(np, name)(np.float64(x), np.float64(y))),
            )
            assert agrees(true, floating), f"{name}({x}, {y}) is {floating}, and the truth says {true}"


def test_the_result_has_the_digits_asked_for():
    e = XP.mp.mpf("2.7182818284590452353602874713526624977572470936999595749669676277")
    assert abs(XP.exp(1.0) - e) < XP.mp.mpf("1e-49")
    assert XP.mp.nstr(Truth(80).power(2.0, 0.5), 70).startswith(
        "1.414213562373095048801688724209698078569671875376948073176679737990"
    )


def test_floats_enter_exactly_and_true_numbers_stay():
    assert XP.constant(0.1) * 2**55 == 0.1 * 2**55
    third = XP.mp.mpf(1) / 3
    assert XP.constant(third) is third
    assert XP.constant(np.array([third, third], dtype=object))[1] is third
    assert XP.constant(True) is np.True_
    assert XP.constant([1, 2]).dtype == object


def test_what_no_computer_could_compute_is_cut_short():
    tower = XP.exp(XP.exp(XP.exp(XP.constant(100.0))))
    assert tower == math.inf
    assert XP.exp(-XP.exp(XP.constant(100.0))) == 0
    assert math.isnan(XP.sin(XP.power(2.0, 1e9)))
    assert XP.power(2.0, 1e300) == math.inf
    assert XP.power(0.5, 1e300) == 0
    assert XP.tanh(XP.power(2.0, 1e9)) == 1


def test_arrays_are_reduced_and_chosen_from_like_numpys():
    x = np.array([[3.0, -1.0, 2.0], [3.0, 5.0, 5.0]])
    true = XP.constant(x)
    for name, axis, keepdims in itertools.product(("sum", "mean", "max", "min", "prod"), (None, 0, -1, (0, 1)), (False, True)):
        got = getattr(XP, name)(true, axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(np.asarray(got, dtype=float), getattr(np, name)(x, axis=axis, keepdims=keepdims), rtol=1e-15)
    assert XP.first_of(true, axis=1, value="max").tolist() == [[1, 0, 0], [0, 1, 0]]
    assert XP.sum(XP.constant(np.zeros((0,)))) == 0


def test_gradients_come_to_fifty_digits():
    graph = Graph()
    xp = Drawing(graph)
    x, y, z = (xp.wire(graph.leaf(name)) for name in "xyz")
    found = true_gradients(graph, (xp.exp(x) * y).node, [x.node, y.node, z.node], {x.node: 2.0, y.node: 3.0, z.node: 1.0})
    mp = Truth(60).mp
    assert abs(found[x.node] - 3 * mp.exp(2)) < 1e-48
    assert abs(found[y.node] - mp.exp(2)) < 1e-48
    assert found[z.node] is None


def test_cancellation_that_takes_all_digits_of_a_float_takes_none_of_the_truth():
    graph = Graph()
    x = Drawing(graph).wire(graph.leaf("x"))
    f = (1 + x) - 1
    assert evaluate(graph, {x.node: 1e-20})[f.node] == 0.0
    assert abs(evaluate(graph, {x.node: 1e-20}, xp=XP)[f.node] / XP.constant(1e-20) - 1) < 1e-29


@pytest.mark.parametrize("x", [2.0, 0.3, 1e5, -0.5])
@pytest.mark.parametrize("n", [0, 1, 2])
@pytest.mark.parametrize("step", [-300, -140, -40])
def test_polygamma_functions_next_to_a_float_have_all_their_digits(x, n, step):
    xp = Truth(200)
    mp = xp.mp
    beside = mp.mpf(x) + mp.mpf(2) ** step
    found = xp.polygamma(beside, n)
    with mp.workdps(230):
        wanted = mp.psi(n, beside)
    assert abs(found - wanted) <= abs(wanted) * mp.mpf(10) ** -198
    assert xp.polygamma(beside, n) - found == 0
