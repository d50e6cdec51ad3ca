"""The mathematical functions of native code: near the truth, right at the edges, and widened to vectors."""

import math
import re
from functools import cache

import numpy as np
import pytest

from chalkgrad.native import llvm
from chalkgrad.native.llvm import F32
from chalkgrad.native.maths import OF_TWO, function
from tests.native.ulps import FUNCTIONS, KINDS, Ruler, loops, module_of_loops, points

ULPS = 2.0
ODD = ("sin", "tan", "tanh", "sinh", "erf", "arcsin", "arctan", "arcsinh", "arctanh", "cbrt")
by_name = pytest.mark.parametrize("name", FUNCTIONS)
by_kind = pytest.mark.parametrize("kind", KINDS)
RULER = Ruler()
PEERS = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "erf": np.vectorize(math.erf, otypes=["d"]),
    "erfc": np.vectorize(math.erfc, otypes=["d"]),
}


@cache
def compiled(kind):
    return loops(FUNCTIONS, KINDS[kind])


@by_kind
@by_name
def test_error_is_within_two_ulps(name, kind):
    inputs = points(name, np.dtype(kind).type, 250)
    error, where, got = RULER.worst(name, inputs, compiled(kind)[name](*inputs))
    assert error <= ULPS, f"{name}{where} is off by {error:.2f} ulps: {got!r}"


@by_kind
@by_name
def test_zeros_infinities_and_nan_are_as_in_numpy(name, kind):
    special = np.array([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, np.inf, -np.inf, np.nan], kind)
    inputs = [one.ravel() for one in np.meshgrid(special, special)] if name in OF_TWO else [special]
    with np.errstate(all="ignore"):
        peer = PEERS[name](special) if name in PEERS else getattr(np, name)(*inputs)
    got = compiled(kind)[name](*inputs)
    np.testing.assert_allclose(got, peer, rtol=1e-6)
    numbers = ~np.isnan(peer)
    assert (np.signbit(got) == np.signbit(peer))[numbers].all()


@by_kind
@pytest.mark.parametrize("name", [*ODD, "expm1", "log1p"])
def test_zero_keeps_its_sign(name, kind):
    got = compiled(kind)[name](np.array([0.0, -0.0]))
    assert list(np.signbit(got)) == [False, True]


@by_kind
@pytest.mark.parametrize("name", ODD)
def test_odd_functions_are_odd_to_the_last_bit(name, kind):
    x = np.geomspace(1e-30, 1e30, 999).astype(kind)
    np.testing.assert_array_equal(compiled(kind)[name](-x), -compiled(kind)[name](x))


@pytest.mark.parametrize("x", [1e22, 2.0**1023, 1e300, -1e15])
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_a_huge_angle_among_small_ones_is_reduced_exactly(name, x):
    angles = np.linspace(-3, 3, 37)
    angles[[5, 30, 36]] = x  # in a vector, and in what remains after the last one
    got = compiled("float64")[name](angles)
    assert RULER.worst(name, (angles,), got)[0] <= ULPS


@by_kind
def test_overflow_begins_where_the_result_does(kind):
    dtype = np.dtype(kind).type
    with np.errstate(over="ignore"):
        edge = dtype(np.log(np.float64(np.finfo(dtype).max)))
        around = np.array([np.nextafter(edge, dtype(0)), edge, np.nextafter(edge, dtype(np.inf))])
    got = compiled(kind)["exp"](around)
    expected = [float(x) <= float(RULER.mp.log(RULER.mp.mpf(float(np.finfo(dtype).max)))) for x in around]
    assert list(np.isfinite(got)) == expected


@by_kind
def test_exp_underflows_gradually(kind):
    dtype = np.dtype(kind).type
    smallest = np.finfo(dtype).smallest_subnormal
    x = np.log(float(smallest)) + np.linspace(-2, 20, 200)
    got = compiled(kind)["exp"](x.astype(dtype))
    assert got.min() == 0
    assert ((got > 0) & (got < np.finfo(dtype).tiny)).sum() > 100


@by_kind
@by_name
def test_without_fused_multiply_add_the_error_is_within_two_ulps_as_well(name, kind, monkeypatch):
    monkeypatch.setattr(llvm, "has_fused_multiply_add", lambda: False)
    inputs = points(name, np.dtype(kind).type, 50)
    error, where, got = RULER.worst(name, inputs, loops([name], KINDS[kind])[name](*inputs))
    assert error <= ULPS, f"{name}{where} is off by {error:.2f} ulps: {got!r}"


@by_kind
@by_name
def test_its_loop_is_widened_to_vectors(name, kind):
    text = str(llvm.optimised(str(module_of_loops([name], KINDS[kind]))))
    loop = text[text.index(f"@loop.{name}(") :]
    assert re.search(r"store <\d+ x (double|float)>", loop), f"the loop of {name} runs one number at a time"


def test_a_function_enters_a_module_once():
    module = llvm.new_module("twice")
    assert function(module, "exp", F32) is function(module, "exp", F32)
