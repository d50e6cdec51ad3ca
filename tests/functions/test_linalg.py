"""Linear algebra at its edges: ill-conditioned and singular matrices, what a second call may bring, and what is refused."""

import numpy as np
import pytest

from chalkgrad.check.truth import true_gradients
from chalkgrad.errors import ChalkgradError
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.wire import Drawing
from chalkgrad.transform.api.directional import jvp
from chalkgrad.transform.api.gradient import grad
from chalkgrad.transform.api.matrices import hessian

HILBERT = 1.0 / (np.arange(8.0)[:, None] + np.arange(8.0) + 1.0)
WEIGHTS = np.linspace(-1.0, 2.0, 8)
SYMMETRIC, SKEWED = np.array([[2.0, 0.5], [0.5, 3.0]]), np.array([[2.0, 0.5], [0.1, 3.0]])


def truth(name, matrix, right=None):
    """The true gradients of the sum of WEIGHTS times the gate's result, by the matrix and the right side."""
    graph = Graph()
    given = {graph.leaf("A", matrix.shape): matrix}
    if right is not None:
        given[graph.leaf("b", right.shape)] = right
    xp = Drawing(graph)
    result = xp.call(name, *map(xp.wire, given))
    output = xp.sum(result * WEIGHTS[:, None]) if right is not None else result
    return [np.asarray(one, dtype=float) for one in true_gradients(graph, output.node, given, given, digits=60).values()]


def test_the_gradient_of_a_solution_is_itself_a_solution():
    # By backward stability it solves a system beside Aᵀ·g = w, so its residual is small although the condition is 1.5e10.
    right = np.cos(np.arange(8.0))[:, None]
    by_matrix, by_right = grad(lambda a, b: np.sum(np.linalg.solve(a, b) * WEIGHTS[:, None]), argnums=(0, 1))(HILBERT, right)
    true_by_matrix, true_by_right = truth("solve", HILBERT, right)
    error, size = 8 * np.finfo(float).eps, np.linalg.norm(by_right)
    assert np.linalg.norm(HILBERT.T @ by_right[:, 0] - WEIGHTS) <= error * np.linalg.norm(HILBERT) * size
    condition = np.linalg.cond(HILBERT)
    assert np.linalg.norm(by_right - true_by_right) <= error * condition * size
    assert np.linalg.norm(by_matrix - true_by_matrix) <= 2 * error * condition * np.linalg.norm(true_by_matrix)


def test_the_tangent_of_a_solution_is_itself_a_solution():
    right = np.cos(np.arange(8.0))
    _, tangent = jvp(lambda b: np.linalg.solve(HILBERT, b), (right,), (WEIGHTS,))
    bound = 8 * np.finfo(float).eps * np.linalg.norm(HILBERT) * np.linalg.norm(tangent)
    assert np.linalg.norm(HILBERT @ tangent - WEIGHTS) <= bound


@pytest.mark.parametrize("name, f", [("det", np.linalg.det), ("logabsdet", lambda a: np.linalg.slogdet(a)[1])])
def test_the_gradient_of_a_determinant_of_an_ill_conditioned_matrix(name, f):
    (true,) = truth(name, HILBERT)
    error = 8 * np.finfo(float).eps * np.linalg.cond(HILBERT)
    assert np.linalg.norm(grad(f)(HILBERT) - true) <= error * np.linalg.norm(true)


def test_the_determinant_of_a_singular_matrix_has_a_gradient():
    np.testing.assert_allclose(grad(np.linalg.det)(np.array([[1.0, 2.0], [2.0, 4.0]])), [[4.0, -2.0], [-2.0, 1.0]], rtol=1e-14)
    np.testing.assert_array_equal(grad(np.linalg.det)(np.diag([1.0, 2.0, 0.0])), np.diag([0.0, 0.0, 2.0]))
    np.testing.assert_array_equal(grad(np.linalg.det)(np.array([[0.0]])), [[1.0]])
    np.testing.assert_allclose(hessian(np.linalg.det)(np.eye(2))[0, 0], [[0.0, 0.0], [0.0, 1.0]], atol=1e-15)


@pytest.mark.parametrize("f", [lambda a: np.sum(np.linalg.cholesky(a)), lambda a: np.sum(np.linalg.eigh(a)[0]),
                               lambda a: np.sum(np.linalg.eigvalsh(a))])  # fmt: skip
def test_a_later_matrix_that_is_not_symmetric_is_refused_too(f):
    slope = grad(f)
    slope(SYMMETRIC)
    slope(SYMMETRIC * 2.0)
    assert slope.traces == 1
    with pytest.raises(ChalkgradError, match="symmetric"):
        slope(SKEWED)
    slope(SYMMETRIC)


@pytest.mark.parametrize("f", [np.linalg.pinv, lambda a: np.linalg.qr(a)[1], lambda a: np.linalg.lstsq(a, np.ones(3))[0]])
def test_a_later_matrix_without_full_rank_is_refused_too(f):
    slope = grad(lambda a: np.sum(f(a)))
    slope(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]))
    with pytest.raises(ChalkgradError, match="full rank"):
        slope(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]))


def test_a_pseudo_inverse_does_not_square_the_condition():
    # Its slope along dA is exact to condition · eps; by way of AᵀA it would have no digit left.
    tall = HILBERT[:, :5]
    inverse, tangent = jvp(np.linalg.pinv, (tall,), (tall,))
    np.testing.assert_allclose(tangent, -inverse, rtol=0, atol=1e-9 * np.max(np.abs(inverse)))


@pytest.mark.parametrize("f, reason", [
    (lambda a: np.linalg.svd(a)[0], "full_matrices=False"),
    (lambda a: np.linalg.svd(a, full_matrices=False, hermitian=True)[0], "hermitian"),
    (lambda a: np.linalg.qr(a, mode="complete")[0], "tall"),
    (lambda a: np.linalg.qr(a, mode="raw")[0], "raw"),
    (lambda a: np.linalg.norm(a, "odd"), "nuc"),
])  # fmt: skip
def test_what_has_no_slope_is_refused_with_a_reason(f, reason):
    with pytest.raises(ChalkgradError, match=reason):
        grad(lambda a: np.sum(f(a)))(np.ones((3, 2)) + np.eye(3, 2))
