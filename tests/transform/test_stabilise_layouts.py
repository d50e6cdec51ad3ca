"""Softmax and logsumexp are known through what stretches a sum, through matrix products and einsum, and in other bases."""

import numpy as np
import pytest

from chalkgrad import grad
from chalkgrad.check.truth import Truth

XP = Truth(60)
SCORES = np.array([[1000.0, 999.0, -1000.0], [5.0, 800.0, 799.5]])
exp = np.exp

BY_ROWS = {
    "tile": lambda Z: exp(Z) / np.tile(exp(Z).sum(axis=1, keepdims=True), (1, 3)),
    "tile of a column": lambda Z: exp(Z) / np.tile(exp(Z).sum(axis=1)[:, None], 3),
    "repeat": lambda Z: exp(Z) / np.repeat(exp(Z).sum(axis=1, keepdims=True), 3, axis=1),
    "matrix of ones": lambda Z: exp(Z) / (exp(Z) @ np.ones((3, 3))),
    "ones from the left": lambda Z: (exp(Z.T) / (np.ones((3, 3)) @ exp(Z.T))).T,
    "column of ones": lambda Z: exp(Z) / (exp(Z) @ np.ones((3, 1))),
    "einsum": lambda Z: np.einsum("ij,i->ij", exp(Z), 1 / exp(Z).sum(axis=1)),
    "einsum the other way": lambda Z: np.einsum("i,ij->ij", 1 / exp(Z).sum(axis=1), exp(Z)),
}
BASES = {
    "2**z": (2.0, lambda z: 2**z / np.sum(2**z)),
    "exp2": (2.0, lambda z: np.exp2(z) / np.exp2(z).sum()),
    "over the mean": (2.0, lambda z: np.exp2(z) / (3 * np.mean(np.exp2(z)))),
    "10**z": (10.0, lambda z: 10.0**z / np.sum(10.0**z)),
}
IN_BASE = {
    "log of 2**z": (2.0, lambda z: np.log(np.sum(2**z))),
    "log2 of exp2": (2.0, lambda z: np.log2(np.sum(np.exp2(z))) * np.log(2.0)),
    "log10 of 10**z": (10.0, lambda z: np.log10(np.sum(10.0**z)) * np.log(10.0)),
}


def shares(scores, base):
    powers = [XP.mp.mpf(base) ** XP.mp.mpf(float(one)) for one in scores]
    return [one / sum(powers) for one in powers]


def slopes(scores, at, base):
    """Of one share in all scores, in multi-precision."""
    p = shares(scores, base)
    return [float(XP.mp.log(base) * p[at] * ((place == at) - one)) for place, one in enumerate(p)]


@pytest.mark.parametrize("form", BY_ROWS.values(), ids=BY_ROWS)
def test_softmax_of_rows_is_known(form):
    got = grad(lambda Z: form(Z)[0, 1] + form(Z)[1, 2])(SCORES)
    want = [slopes(SCORES[0], 1, XP.mp.e), slopes(SCORES[1], 2, XP.mp.e)]
    np.testing.assert_allclose(got, want, rtol=4e-15, atol=0)


@pytest.mark.parametrize("base, form", BASES.values(), ids=BASES)
@pytest.mark.parametrize("scores", [[1200.0, 1199.0, -1200.0], [-2.0, 1.0, 0.5]], ids=["large", "small"])
def test_softmax_in_another_base_is_known(base, form, scores):
    got = grad(lambda z: form(z)[1])(np.array(scores))
    np.testing.assert_allclose(got, slopes(scores, 1, base), rtol=4e-15, atol=1e-300)


@pytest.mark.parametrize("base, form", IN_BASE.values(), ids=IN_BASE)
def test_logsumexp_in_another_base_is_known(base, form):
    scores = np.array([1200.0, 1199.0, 1190.0])
    want = [float(XP.mp.log(base) * one) for one in shares(scores, base)]
    np.testing.assert_allclose(grad(form)(scores), want, rtol=1e-12)  # scores times log b are rounded: |x|·log b half units


def test_a_stretched_number_is_stretched_as_before():
    x = np.arange(3.0)[:, None]
    for form in (
        lambda a: np.tile(a, (2, 3)),
        lambda a: np.tile(a, (1, 4)),
        lambda a: np.repeat(a, 4, axis=1),
        lambda a: np.repeat(a, 2),
    ):
        weights = np.arange(form(x).size, dtype=float).reshape(form(x).shape)
        got = grad(lambda a, form=form, weights=weights: np.sum(form(a) * weights))(x)
        want = [np.sum(form(np.eye(3)[:, place][:, None]) * weights) for place in range(3)]
        np.testing.assert_allclose(np.ravel(got), want, rtol=1e-15)
