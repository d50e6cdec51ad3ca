"""Softmax with masks and weights, as people write it: no overflow, nothing of what is left out, 0 for a row with nothing in it."""

import numpy as np
import pytest

from chalkgrad import doctor, grad, stabilise

S = np.array([[1000.0, 2.0, 990.0], [3.0, 4.0, -5.0], [0.5, 900.0, 1.0]])
MASK = np.array([[1, 1, 1], [0, 1, 1], [1, 0, 1]])
VALUES = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])


def masked(s, m):
    e = np.exp(s) * m
    return np.sum(e / e.sum(axis=-1, keepdims=True) * VALUES)


def weighted(s, w):
    e = w * np.exp(s)
    return np.sum(e / np.sum(e, axis=1)[:, None] * VALUES)


@pytest.mark.parametrize("f, weights", [(masked, MASK), (masked, MASK > 0), (weighted, 0.5 + VALUES)])
def test_shares_with_weights_neither_overflow_nor_count_what_is_left_out(f, weights):
    found = doctor(f, S, weights)
    assert found.stable is not None
    assert np.isclose(stabilise(f)(S, weights), float(found.truth.value), rtol=1e-14, atol=0)
    truth = np.asarray(found.truth.gradients["s"], dtype=float)
    assert np.allclose(grad(f)(S, weights), truth, rtol=1e-11, atol=1e-300)


def test_a_row_that_is_masked_all_over_has_no_shares():
    mask = MASK * np.array([[1], [0], [1]])
    kept = np.exp([[0.0, -998.0, -10.0], [0.5, -np.inf, 1.0]])
    expected = np.sum(kept / kept.sum(axis=1, keepdims=True) * VALUES[[0, 2]])
    assert stabilise(masked)(S, mask) == pytest.approx(expected, rel=1e-14)
    assert np.all(np.isfinite(grad(masked)(S, mask)))
    assert np.all(grad(masked)(S, mask)[1] == 0)
    found = doctor(masked, S, mask)
    assert found.stable is not None
    assert "convention" in str(found).replace("\n  ", " ")
