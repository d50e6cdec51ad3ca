"""How a graph is cut into kernels and steps of NumPy: nothing goes through memory that need not."""

import os
import subprocess
import sys
import tempfile

import numpy as np

from chalkgrad import jit, value_and_grad

DRAW = np.random.default_rng(12)


def test_a_kernel_waits_for_the_one_that_reads_its_rows():
    """What is the same for all rows is made first, so that rows are read once."""

    def cosine(x, g):
        return np.sum(np.sum(x * g, axis=1) / np.sqrt(np.sum(x * x, axis=1) * np.sum(g * g)))

    x, g = DRAW.standard_normal((1000, 200)), DRAW.standard_normal((1, 200))
    step = value_and_grad(cosine)
    first = step(x, g)
    found = step(x, g)
    np.testing.assert_allclose(found[0], first[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], first[1], rtol=1e-10, atol=1e-12)
    assert str(step.explain_compile(x, g)).count("kernel over 1000 rows") == 1


def test_a_product_of_a_column_and_a_row_is_no_matrix_product():
    x, y = DRAW.standard_normal((300, 1)), DRAW.standard_normal((1, 70))
    step = jit(lambda x, y: np.tanh(x @ y))
    step(x, y)
    np.testing.assert_allclose(step(x, y), np.tanh(x @ y), rtol=1e-14)
    assert step.explain_compile(x, y).numpy == 0


def test_a_gradient_that_a_product_gives_is_no_copy_and_nobody_elses():
    X, W = DRAW.standard_normal((300, 90)).astype("f4"), DRAW.standard_normal((90, 70)).astype("f4")
    step = value_and_grad(lambda W, X: np.sum(np.tanh(X @ W)))
    step(W, X)
    (_, first), (_, second) = step(W, X), step(W, X)
    assert first.dtype == second.dtype == np.float32
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(first, second)
    assert "cast" not in str(step.explain_compile(W, X)).splitlines()[-1]


def test_llvm_says_nothing_in_the_terminal():
    """Sums over rows of float32 ask for vectors of a width; where LLVM cannot make them, it would tell."""
    code = """
import numpy as np
from scipy import special
from chalkgrad import jit, value_and_grad
draw = np.random.default_rng(0)
for rows, wide in ((40, 2), (40, 200), (700, 300), (3, 1000)):
    x = draw.standard_normal((rows, wide)).astype(np.float32)
    for f in (lambda x: np.sum(np.tanh(x), axis=0), lambda x: (np.sum(x * x, axis=0), np.max(x, axis=1), np.exp(x)),
              lambda x: np.sum(special.gammaln(1 + x * x), axis=0), lambda x: np.sum(np.arctan2(x, 1.0) ** 3, axis=0)):
        for _ in range(3):
            step = jit(f)
            [step(x) for _ in range(3)]
    def loss(x, w):
        return np.mean(np.log(np.sum(np.exp(x * w - np.max(x, axis=1, keepdims=True)), axis=1)))
    step = value_and_grad(loss, argnums=(0, 1))
    [step(x, x[0]) for _ in range(3)]
print("done")
"""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                              env=os.environ | {"CHALKGRAD_CACHE_DIR": folder})  # fmt: skip
    assert (done.stdout, done.stderr) == ("done\n", "")
