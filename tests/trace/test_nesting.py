"""Transforms nest in any order, closures included, and keep derivatives of different levels apart."""

import dataclasses

import numpy as np
import pytest

from chalkgrad.transform.api.directional import hvp, jvp, vjp
from chalkgrad.transform.api.gradient import grad, stop_gradient, value_and_grad
from chalkgrad.transform.api.mapping import jit, vmap
from chalkgrad.transform.api.matrices import hessian, jacobian

X = np.array([1.3, 0.7, 0.8, 1.9, 1.2])


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_hessian(x):
    diagonal = np.zeros(len(x))
    diagonal[0] = 1200 * x[0] ** 2 - 400 * x[1] + 2
    diagonal[-1] = 200
    diagonal[1:-1] = 202 + 1200 * x[1:-1] ** 2 - 400 * x[2:]
    return np.diag(-400 * x[:-1], 1) - np.diag(400 * x[:-1], -1) + np.diag(diagonal)


def test_derivatives_of_derivatives():
    f = np.sin
    for order in range(5):
        expected = (np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x))[order % 4](0.7)
        assert f(0.7) == pytest.approx(expected, rel=1e-14)
        f = grad(f)


def test_an_inner_derivative_is_not_mistaken_for_an_outer_one():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(2.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y * y)(3.0))(2.0) == 24.0
    assert grad(lambda x: x * jvp(lambda y: x * y, (5.0,), (1.0,))[1])(2.0) == 4.0
    assert grad(lambda x: grad(lambda y: y * stop_gradient(x) ** 2)(x) * x)(3.0) == 9.0


def test_the_hessian_by_every_way():
    expected = rosenbrock_hessian(X)
    ways = [hessian(rosenbrock), jacobian(grad(rosenbrock)), jacobian(grad(rosenbrock), mode="reverse"), jit(hessian(rosenbrock)),
            lambda x: np.stack([hvp(rosenbrock, (x,), (row,)) for row in np.eye(5)]),
            lambda x: vmap(lambda row: hvp(rosenbrock, (x,), (row,)))(np.eye(5)),
            lambda x: vmap(lambda row: vjp(grad(rosenbrock), x)[1](row)[0])(np.eye(5))]  # fmt: skip
    for way in ways:
        np.testing.assert_allclose(way(X), expected, rtol=1e-12, atol=1e-11)


def test_the_hessian_of_a_vmap_of_a_grad():
    f = lambda x: np.sum(vmap(lambda a: grad(np.sin)(a) * a)(x))  # noqa: E731
    np.testing.assert_allclose(hessian(f)(X), np.diag(-2 * np.sin(X) - X * np.cos(X)), atol=1e-14)


def test_vmap_of_vmap_and_of_grad():
    matrix = np.arange(12.0).reshape(3, 4) / 7
    outer = vmap(lambda a: vmap(lambda b: a * b)(X))(X)
    np.testing.assert_allclose(outer, np.outer(X, X))
    np.testing.assert_allclose(vmap(grad(lambda row: np.sum(np.exp(row)) * row[0]))(matrix),
                               np.stack([grad(lambda row: np.sum(np.exp(row)) * row[0])(row) for row in matrix]))  # fmt: skip
    np.testing.assert_allclose(vmap(np.dot, in_axes=(0, None))(matrix, np.ones(4)), matrix.sum(axis=1))
    np.testing.assert_allclose(vmap(lambda x: x * 2, in_axes=1, out_axes=1)(matrix), matrix * 2)
    np.testing.assert_allclose(
        vmap(lambda d: d["a"] @ d["b"], in_axes=({"a": 0, "b": None},))({"a": matrix, "b": np.ones(4)}), matrix.sum(1)
    )


def test_jacobians_in_both_modes():
    A = np.random.default_rng(0).normal(size=(3, 5))
    for mode in ("forward", "reverse", None):
        np.testing.assert_allclose(jacobian(lambda x: A @ np.sin(x), mode=mode)(X), A * np.cos(X), rtol=1e-14)
    slopes = jacobian(lambda p: {"u": p["a"] * p["b"], "v": np.sum(p["a"])})({"a": X, "b": 2.0})
    np.testing.assert_allclose(slopes["u"]["a"], 2 * np.eye(5))
    np.testing.assert_allclose(slopes["u"]["b"], X)
    np.testing.assert_allclose(slopes["v"]["b"], 0.0)
    assert jacobian(lambda x: x * x)(3.0) == 6.0


@dataclasses.dataclass
class Layer:
    weight: object
    bias: object


def test_arguments_that_are_trees():
    params = {"layers": [Layer(np.ones((2, 3)), np.zeros(2)), Layer(np.ones((1, 2)), np.zeros(1))], "scale": 2.0}

    def loss(params, x):
        for layer in params["layers"]:
            x = np.tanh(layer.weight @ x + layer.bias)
        return params["scale"] * np.sum(x)

    value, slopes = value_and_grad(loss)(params, np.array([0.1, 0.2, 0.3]))
    assert isinstance(slopes["layers"][0], Layer)
    assert slopes["layers"][0].weight.shape == (2, 3)
    assert slopes["scale"] == pytest.approx(value / 2)
    assert isinstance(slopes["scale"], float)


def test_argnums_argnames_and_aux():
    f = lambda x, y, *, z=1.0: x * y * z  # noqa: E731
    assert grad(f, argnums=1)(2.0, 3.0) == 2.0
    assert grad(f, argnums=(0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert grad(f, argnums=-1)(2.0, 3.0) == 2.0
    assert grad(f, argnames="z")(2.0, 3.0, z=4.0) == 6.0
    assert grad(f, argnames=("y", "z"))(2.0, 3.0, z=4.0) == (8.0, 6.0)
    aux = lambda x: (np.sum(x**2), {"twice": 2 * x, "name": "aux"})  # noqa: E731
    (value, beside), slope = value_and_grad(aux, has_aux=True)(X)
    assert value == pytest.approx(np.sum(X**2))
    assert beside["name"] == "aux"
    np.testing.assert_array_equal(beside["twice"], 2 * X)
    np.testing.assert_array_equal(grad(aux, has_aux=True)(X)[0], slope)


def test_kinds_of_number_in_and_out():
    assert type(grad(lambda x: x * x)(3.0)) is float
    assert type(value_and_grad(np.sin)(3.0)[0]) is float
    assert grad(lambda x: np.sum(x * 0.1))(X.astype(np.float32)).dtype == np.float32
    assert grad(lambda x, s: np.sum(x * s))(X.astype(np.float32), 0.1).dtype == np.float32
    first = grad(np.sum)(X)
    first[0] = 99.0  # the caller's own
    np.testing.assert_array_equal(grad(np.sum)(X), np.ones(5))


def test_ties_are_split():
    assert grad(np.maximum, argnums=(0, 1))(1.0, 1.0) == (0.5, 0.5)
    np.testing.assert_array_equal(grad(np.max)(np.array([1.0, 3.0, 3.0])), [0.0, 0.5, 0.5])
    assert grad(lambda x: np.maximum(x, x))(2.0) == 1.0


def test_scipy_s_own_rosenbrock():
    optimize = pytest.importorskip("scipy.optimize")
    np.testing.assert_allclose(grad(optimize.rosen)(X), optimize.rosen_der(X), rtol=1e-13, atol=1e-12)
    found = optimize.minimize(value_and_grad(rosenbrock), X, jac=True)
    np.testing.assert_allclose(found.x, np.ones(5), atol=1e-4)
