"""vmap of indexing by places that differ from row to row, on any axis and apart from each other, is a loop over the rows."""

import numpy as np
import pytest

from chalkgrad.transform.api.gradient import grad
from chalkgrad.transform.api.mapping import vmap
from chalkgrad.transform.api.matrices import jacobian

DRAW = np.random.default_rng(0)
ROWS = 4
X = DRAW.normal(size=(ROWS, 3, 4, 2))
K, L, ONE = DRAW.integers(0, 2, (ROWS, 3)), DRAW.integers(0, 2, (ROWS, 3)), DRAW.integers(0, 2, ROWS)
SAME = np.array([1, 0, 0])
READ = {
    "[k]": lambda x, k, m, one: x[k], "[:, k]": lambda x, k, m, one: x[:, k], "[..., k]": lambda x, k, m, one: x[..., k],
    "[k, m]": lambda x, k, m, one: x[k, m], "[k, :, m]": lambda x, k, m, one: x[k, :, m],
    "[:, k, m]": lambda x, k, m, one: x[:, k, m],
    "[:, None, k]": lambda x, k, m, one: x[:, None, k], "[1, :, k]": lambda x, k, m, one: x[1, :, k],
    "[:, 1, k]": lambda x, k, m, one: x[:, 1, k], "[same, :, k]": lambda x, k, m, one: x[SAME, :, k],
    "[:, same, k]": lambda x, k, m, one: x[:, SAME, k], "[same, :, same]": lambda x, k, m, one: x[SAME, :, SAME[::-1]],
    "[:, one]": lambda x, k, m, one: x[:, one], "[one, :, k]": lambda x, k, m, one: x[one, :, k],
    "[one, :, one]": lambda x, k, m, one: x[one, :, one], "[::2, ..., k]": lambda x, k, m, one: x[::2, ..., k],
    "[:, :, table]": lambda x, k, m, one: x[:, :, k[None] + 0 * m[:, None]], "[1:, k, None]": lambda x, k, m, one: x[1:, k, None],
}  # fmt: skip
WRITTEN = {
    "[:, k] =": (lambda k, m, one: np.s_[:, k], lambda x: x[:1, :1] * 2),
    "[..., one] =": (lambda k, m, one: np.s_[..., one], lambda x: 3.0),
    "[:, k, 0] =": (lambda k, m, one: np.s_[:, k, 0], lambda x: x[:, :3, 1]),
    "[k, :, m] =": (lambda k, m, one: np.s_[k, :, m], lambda x: np.arange(4.0)),
    "[:, k, 1] =": (lambda k, m, one: np.s_[:, k, 1], lambda x: np.array([1.0, 2.0, 3.0])),
    "[same, :, k] =": (lambda k, m, one: np.s_[SAME, :, k], lambda x: x[0, :, 0]),
    "[:, one] =": (lambda k, m, one: np.s_[:, one], lambda x: x[:, 0] ** 2),
    "[..., 1] =": (lambda k, m, one: np.s_[..., 1], lambda x: x[..., 0]),
}  # fmt: skip


def writing(index, new):
    def f(x, k, m, one):
        y = x * 1.0
        y[index(k, m, one)] = new(x)
        return y

    return f


CASES = READ | {name: writing(*case) for name, case in WRITTEN.items()}


@pytest.mark.parametrize("name", CASES)
def test_picking_in_every_row_is_a_loop(name):
    f = CASES[name]
    loop = lambda x: np.stack([f(x[row], K[row], L[row], int(ONE[row])) for row in range(ROWS)])  # noqa: E731
    np.testing.assert_array_equal(vmap(f)(X, K, L, ONE), loop(X))
    alone = vmap(f, in_axes=(None, 0, 0, 0))(X[0], K, L, ONE)
    np.testing.assert_array_equal(alone, loop(np.stack([X[0]] * ROWS)))
    slope = grad(lambda x: np.sum(np.sin(loop(x))))(X)
    np.testing.assert_allclose(grad(lambda x: np.sum(np.sin(vmap(f)(x, K, L, ONE))))(X), slope, rtol=1e-14)
    np.testing.assert_allclose(vmap(grad(lambda *args: np.sum(np.sin(f(*args)))))(X, K, L, ONE), slope, rtol=1e-14)
    for mode in ("forward", "reverse"):
        rows = [jacobian(f, mode=mode)(X[row], K[row], L[row], int(ONE[row])) for row in range(ROWS)]
        np.testing.assert_allclose(vmap(jacobian(f, mode=mode))(X, K, L, ONE), np.stack(rows), rtol=1e-14)
