"""What shares leave to the others, and logarithms of determinants, as people write them: values and gradients of the truth."""

import numpy as np
import pytest

from chalkgrad import doctor, grad, stabilise

Z = np.array([900.0, 30.0, 3.0])
ROWS = np.array([[80.0, 3.0, -5.0], [3.0, 3.0, 2.0]])
TRUE = np.array([0, 2])


def shares(z, axis=-1):
    powers = np.exp(z)
    return powers / powers.sum(axis=axis, keepdims=True)


CASES = {
    "log(1 − p[y])": (lambda z: np.log(1 - shares(z)[0]), Z),
    "log(1 − p)": (lambda z: np.sum(np.log(1 - shares(z))[1:]) + np.log(1 - shares(z)[0]), Z),
    "log-odds": (lambda z: np.log(shares(z) / (1 - shares(z)))[0], Z),
    "log(p) − log(1 − p)": (lambda z: (np.log(shares(z)) - np.log(1 - shares(z)))[0], Z),
    "picked from each row": (lambda z: np.log(1 - shares(z)[np.arange(2), TRUE]).sum(), ROWS),
    "2 − 2·p": (lambda z: (2 - 2 * shares(z))[0, 0] + z[1, 1], ROWS),
    "marked": (lambda z: np.log(1 - (shares(z) * np.eye(3)[TRUE]).sum(axis=1)).sum(), ROWS),
    "marked, by a product": (lambda z: np.log(1 - shares(z[0]) @ np.array([1.0, 0.0, 0.0])), ROWS),
    "focal loss": (lambda z: np.mean(-((1 - shares(z)[np.arange(2), TRUE]) ** 2) * np.log(shares(z)[np.arange(2), TRUE])), ROWS),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_beside_a_share_near_1(name):
    f, z = CASES[name]
    found = doctor(f, z)
    assert found.stable is not None
    assert np.isclose(stabilise(f)(z), np.asarray(found.truth.value, dtype=float), rtol=1e-13, atol=0)
    (truth,) = found.truth.gradients.values()
    assert np.allclose(grad(f)(z), np.asarray(truth, dtype=float), rtol=1e-12, atol=0)


SMALL = 1e-20 * (np.eye(20) + 0.1)
X = np.full(20, 1e-10)


@pytest.mark.parametrize(
    "f",
    [
        lambda s: np.log(np.linalg.det(s)),
        lambda s: 0.5 * np.log(np.abs(np.linalg.det(s))),
        lambda s: np.log(np.sqrt(np.linalg.det(s))),
        lambda s: np.log(np.exp(-0.5 * X @ np.linalg.inv(s) @ X) / np.sqrt((2 * np.pi) ** 20 * np.linalg.det(s))),
        lambda s: np.linalg.slogdet(s)[0] * np.linalg.slogdet(s)[1],
    ],
)
def test_a_determinant_beyond_the_floats_has_a_logarithm(f):
    truth = doctor(f, SMALL).truth
    assert np.isclose(stabilise(f)(SMALL), float(truth.value), rtol=1e-13, atol=0)
    (slopes,) = truth.gradients.values()
    assert np.allclose(grad(f)(SMALL), np.asarray(slopes, dtype=float), rtol=1e-11, atol=0)


def test_a_negative_determinant_has_no_logarithm():
    with np.errstate(all="ignore"):
        assert np.isnan(stabilise(lambda a: np.log(np.linalg.det(a)))(np.diag([1.0, -1.0])))
        assert stabilise(lambda a: np.log(np.linalg.det(a)))(np.zeros((2, 2))) == -np.inf


NUMBERS = np.array([1e-14, -3e-15, 2e-14])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 1 - np.prod(1 - x),
        lambda x: np.log(1 - np.prod(1 - np.exp(1e15 * x - 40))),
        lambda x: np.sum((np.prod(1 + np.outer(x, [1.0, 2.0]), axis=0) - 1) * x[:2]),
        lambda x: 1 - 1 / (np.sum(x) + 1),
        lambda x: 1 - (2 * np.sum(x * np.array([0.0, 1.0, 0.0])) + 1) / (np.sum(x) + 1),
    ],
)
def test_what_is_left_beside_a_product_or_a_share_near_1(f):
    truth = doctor(f, NUMBERS).truth
    assert np.isclose(stabilise(f)(NUMBERS), float(truth.value), rtol=1e-13, atol=0)
    (slopes,) = truth.gradients.values()
    assert np.allclose(grad(f)(NUMBERS), np.asarray(slopes, dtype=float), rtol=1e-12, atol=0)
