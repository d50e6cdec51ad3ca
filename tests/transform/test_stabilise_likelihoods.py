"""Likelihoods as people write them, loops and running products included: value and slopes against the written form in truth."""

import functools
import math
import operator

import numpy as np
import pytest

from chalkgrad import value_and_grad
from chalkgrad.check.rules import bits_apart
from chalkgrad.check.truth import Truth
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.reading.trace.session import Trace
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.reverse import reverse

DEEP = Truth(1500)
FEW = 3.0  # bits: seven floats away
POINTS = np.linspace(-3.0, 40.0, 60)
TOSSES = [1, 0, 1, 1, 0] * 80
SMALL = np.linspace(1e-3, 2e-3, 200)
SCORES = np.array([800.0, 2.0, -3.0])
ROWS = np.array([[0.0, 50.0, -3.0], [800.0, 1.0, 0.0]])
RAMP = np.arange(6.0).reshape(2, 3)


def truth(f, args):
    """What f as it is written comes to in exact arithmetic, with its slopes."""
    with Trace().underway() as trace:
        leaves = [trace.leaf(f"x{place}", one) for place, one in enumerate(args)]
        out = f(*(Traced(trace, leaf, is_argument=True) for leaf in leaves)).node
        back = reverse(trace.graph, out, leaves)
        values = evaluate(trace.graph, dict(zip(leaves, args, strict=True)), xp=DEEP)
    slopes = [back.total(leaf) for leaf in leaves]
    return [values[out], *(np.zeros(np.shape(one)) if at is None else values[at] for at, one in zip(slopes, args, strict=True))]


def normal(x, mean, spread):
    return np.exp(-((x - mean) ** 2) / (2 * spread**2)) / np.sqrt(2 * np.pi * spread**2)


def in_a_loop(factors):
    total = 1.0
    for one in factors:
        total *= one
    return total


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


FACTORS = {
    "one by one": (lambda p: np.log(p[0] * p[1] * p[2] * p[3]), SMALL[:4] ** 40),
    "divided": (lambda a, b, c: np.log(a * b / c), 1e-200, 1e-200, 1e-100),
    "in bits": (lambda p: np.log2(p[0] * p[1] * p[2]), SMALL[:3] ** 40),
    "rows": (lambda p: np.sum(np.log(p[:, 0] * p[:, 1] * p[:, 2])), (SMALL[:6] ** 40).reshape(2, 3)),
    "reduce": (lambda p: np.log(functools.reduce(operator.mul, p)), SMALL),
    "math.prod": (lambda p: np.log(math.prod(p)), SMALL),
    "loop": (lambda p: -np.log(in_a_loop(p[place] for place in range(len(p)))), SMALL),
    "part of an array": (lambda p: np.log(in_a_loop(p[place] for place in range(150))), SMALL),
    "cumprod": (lambda p: np.log(np.cumprod(p)[-1]), SMALL),
    "all of cumprod": (lambda p: np.sum(np.log(np.cumprod(p))), SMALL),
    "survival": (lambda h: np.log(np.cumprod(1 - h))[-1], np.array([1e-9, 1e-3, 0.5, 1e-12])),
    "cumsum": (lambda z: np.log(np.cumsum(np.exp(z))[-1]), SCORES),
    "all of cumsum": (lambda z: np.sum(np.log(np.cumsum(np.exp(z)))), SCORES),
    "normal densities": (lambda m, s: -np.log(in_a_loop(normal(x, m, s) for x in POINTS)), 0.5, 1.3),
    "logistic": (lambda w: np.log(in_a_loop(1 / (1 + np.exp(-w * x)) for x in POINTS)), -5.0),
    "tosses in a loop": (lambda p: np.log(in_a_loop(p if one else 1 - p for one in TOSSES)), 1e-3),
    "powers": (lambda p: np.log(p**300 * (1 - p) ** 200), 1e-3),
    "powers that are given": (lambda p, n, m: np.log(p**n * (1 - p) ** m), 1e-3, 300.0, 200.0),
    "geometric mean": (lambda p: np.prod(p) ** (1 / 4), SMALL[:4] ** 40),
}
MIXTURES = {
    "two": (lambda w, a, b: np.log(w * normal(50.0, a, 1.0) + (1 - w) * normal(50.0, b, 1.0)), 0.3, 0.0, 1.0),
    "three": (lambda w, m: np.log(sum(w[k] * normal(50.0, m[k], 1.0) for k in range(3))), SMALL[:3], np.arange(3.0)),
    "inflated": (lambda p, rate: np.log(p + (1 - p) * np.exp(-rate)), 0.0, 800.0),
    "generating function": (lambda p, t: np.log(1 - p + p * np.exp(t)), 1e-12, 1e-3),
    "generating function, expanded": (lambda p, t: np.log(1 + p * (np.exp(t) - 1)), 1e-3, 800.0),
    "beside a power": (lambda p, x: np.log(p * np.exp(x) + np.exp(2 * x)), 0.5, 800.0),
    "beside what is small": (lambda p, x: np.log(1 - p * np.exp(-x)), 1e-12, 3.0),
} | {
    f"label {y} at {z}": (lambda y, z: np.log(y * sigmoid(z) + (1 - y) * (1 - sigmoid(z))), y, z)
    for y in (0.0, 1.0, 0.3, 1 - 1e-10) for z in (-800.0, -40.0, 3.0, 40.0, 700.0)
}  # fmt: skip
SHARES = {
    "over the first": (lambda z: 1 / np.sum(np.exp(z - z[0])), np.array([40.0, 2.0, -3.0])),
    "over another": (lambda z: 1 / np.sum(np.exp(z - z[1])), SCORES),
    "each in turn": (lambda z: np.sum(np.arange(1.0, 4.0) / np.sum(np.exp(z[None, :] - z[:, None]), axis=1)), SCORES),
    "columns beside columns": (lambda z: np.sum((np.exp(z).T / np.sum(np.exp(z), axis=1)).T * RAMP), ROWS),
    "moved axes": (lambda z: np.sum(np.exp(np.moveaxis(z, 1, 0)) / np.sum(np.exp(z), axis=1) * RAMP.T), ROWS),
    "picked from columns": (lambda z: np.sum(np.log((np.exp(z).T / np.exp(z).sum(axis=1))[[1, 0], [0, 1]])), ROWS),
    "log of each in turn": (lambda z: -np.sum(np.log(np.sum(np.exp(z[None, :] - z[:, None]), axis=1))), SCORES),
}
LABELLED = {
    "softplus": (lambda z, y: np.log(1 + np.exp(z)) - y * z, 50.0, 1.0),
    "softplus, many": (lambda z, y: np.sum(np.log1p(np.exp(z)) - y * z), np.array([50.0, -800.0, 3.0]), np.array([1.0, 1.0, 0.25])),
    "by parts": (lambda z, y: np.sum(np.maximum(z, 0) - z * y + np.log(1 + np.exp(-np.abs(z)))), np.array([50.0, -8.0]),
                 np.array([1.0, 0.0])),
    "log-cosh": (lambda x: np.log((np.exp(x) + np.exp(-x)) / 2), 1e-9),
}  # fmt: skip
CASES = {**FACTORS, **MIXTURES, **SHARES, **LABELLED}


@pytest.mark.parametrize("case", CASES)
def test_value_and_slopes_are_those_of_the_written_form_in_truth(case):
    f, *args = CASES[case]
    value, slopes = value_and_grad(f, argnums=tuple(range(len(args))))(*args)
    for got, want in zip([value, *slopes], truth(f, args), strict=True):
        with np.errstate(over="ignore"):  # of truths beyond the floats
            assert bits_apart(got, want) <= FEW, f"{got} where it is {want}"


def test_a_product_of_factors_with_signs_has_the_logarithm_that_was_written():
    f = value_and_grad(lambda a, b, c: np.log(a * b * c), argnums=(0, 1, 2))
    value, slopes = f(-2.0, -3.0, 0.5)
    assert value == pytest.approx(np.log(3.0), rel=1e-15)
    np.testing.assert_allclose(slopes, (-0.5, -1 / 3, 2.0), rtol=1e-15)
    assert np.isnan(f(-2.0, 3.0, 0.5)[0])
    odd = value_and_grad(lambda x, y: np.log(x**17 * y**16), argnums=(0, 1))
    np.testing.assert_allclose(odd(1.5, -1.25)[1], (17 / 1.5, -16 / 1.25), rtol=1e-14)
    assert np.isnan(odd(-1.5, 1.25)[0])


def test_running_products_of_what_are_no_shares_are_as_they_were_written():
    x = np.array([2.0, -3.0, -0.5, 4.0])
    f = value_and_grad(lambda x: np.log(np.cumprod(x))[-1])
    value, slopes = f(x)
    assert value == pytest.approx(np.log(12.0), rel=1e-15)
    np.testing.assert_allclose(slopes, 1 / x, rtol=1e-14)
