"""Weighted variances and covariances from sums of squares, as people write them: values and gradients of the truth."""

import numpy as np
import pytest

from chalkgrad import doctor, grad, stabilise

CHANCE = np.random.default_rng(1)
X, W = CHANCE.uniform(1e6, 1e6 + 1, 6), CHANCE.uniform(0.1, 2.0, 6)
TABLE = np.stack([X, X[::-1] + 0.3], axis=1)
THIRDS = np.array([0.25, 0.125, 0.125, 0.25, 0.125, 0.125])


def by_columns(x, w):
    mean = np.sum(w[:, None] * x, axis=0) / w.sum()
    return (np.sum(w[:, None] * x**2, axis=0) / w.sum() - mean**2).sum()


def covariance(x, w):
    first, second = x[:, 0], x[:, 1]
    return np.sum(w * first * second) / w.sum() - np.sum(w * first) / w.sum() * (np.sum(w * second) / w.sum())


@pytest.mark.parametrize(
    "f, x",
    [
        (lambda x, w: np.sum(THIRDS * x**2) - np.sum(THIRDS * x) ** 2 + 0 * w[0], X),
        (lambda x, w: np.sum(w * x**2) / np.sum(w) - (np.sum(w * x) / np.sum(w)) ** 2, X),
        (lambda x, w: (w @ x**2) / w.sum() - ((w @ x) / w.sum()) ** 2, X),
        (lambda x, w: np.sqrt(np.average(x**2, weights=w) - np.average(x, weights=w) ** 2), X),
        (by_columns, TABLE),
        (covariance, TABLE),
    ],
)
def test_a_weighted_spread_is_taken_from_shifted_data(f, x):
    found = doctor(f, x, W, argnums=(0, 1))
    assert found.stable is not None
    assert np.isclose(stabilise(f)(x, W), float(found.truth.value), rtol=1e-14, atol=0)
    for got, truth in zip(grad(f, (0, 1))(x, W), found.truth.gradients.values(), strict=True):
        assert np.allclose(got, np.asarray(truth, dtype=float), rtol=1e-11, atol=0)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, w: np.sum(w * x**2) - np.sum(w * x) ** 2,  # these weights do not add up to 1
        lambda x, w: np.sum(w * x**2) / np.sum(w) - (np.sum(w * x) / 6) ** 2,
        lambda x, w: np.sum(w * x**2) / np.sum(w) - 2 * (np.sum(w * x) / np.sum(w)) ** 2,
    ],
)
def test_what_is_no_variance_stays_as_it_is(f):
    stable = stabilise(f)
    stable(X, W)
    assert "weighted variance by shifted data" not in [one.rule.name for one in stable.rewrites]
