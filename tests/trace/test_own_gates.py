"""A gate of one's own is tried when it is declared, and then at home in every transform."""

import math

import numpy as np
import pytest

from chalkgrad.errors import GateError
from chalkgrad.gates import GATES
from chalkgrad.graph.gate import BY_CODE
from chalkgrad.transform.api.gradient import grad
from chalkgrad.transform.api.mapping import vmap
from chalkgrad.transform.api.matrices import hessian
from chalkgrad.transform.api.own import check_gate, define_gate, forget


@pytest.fixture
def swish():
    gate = define_gate(
        "test_swish",
        forward=lambda xp, x: x * xp.sigmoid(x),
        local=lambda xp, x, out: (xp.sigmoid(x) * (1 + x * (1 - xp.sigmoid(x))),),
        samples=[(0.5,), ([-2.0, 3.0],)],
        lesson="the swish passes its input on as far as the sigmoid lets it",
    )
    yield gate
    forget(gate.gate)


def test_it_is_traced_and_computed(swish):
    x = np.array([0.3, -1.0, 2.0])
    np.testing.assert_allclose(swish(x), x / (1 + np.exp(-x)), rtol=1e-15)
    plain = lambda x: np.sum(x / (1 + np.exp(-x)))  # noqa: E731
    np.testing.assert_allclose(grad(lambda x: np.sum(swish(x)))(x), grad(plain)(x), rtol=1e-13)
    np.testing.assert_allclose(hessian(lambda x: np.sum(swish(x)))(x), hessian(plain)(x), rtol=1e-12)
    np.testing.assert_allclose(vmap(swish)(x), swish(x))


@pytest.mark.parametrize("declaration, what", [
    ({"local": lambda xp, x, out: (2 * x,)}, "claims another slope"),
    ({"local": lambda xp, x, out: (3 * math.pow(x, 2),)}, "fails at"),
    ({"local": lambda xp, x, out: (3 * x**2,), "pull": 1}, "unsound"),
    ({"forward": lambda xp, x: xp.sum(x), "local": lambda xp, x, out: (1.0,)}, "has the shape"),
    ({"forward": lambda xp, x: xp.nothing_of_the_kind(x)}, "fails at"),
])  # fmt: skip
def test_a_wrong_declaration_is_not_kept(declaration, what):
    count = len(BY_CODE)
    with pytest.raises(GateError, match=what):
        define_gate("test_wrong", **{"forward": lambda xp, x: x * x * x, "samples": [([1.5, 2.0],)], **declaration})
    assert "test_wrong" not in GATES
    assert len(BY_CODE) == count


@pytest.mark.parametrize("name", ["exp", "matmul", "softmax", "cumprod", "gather", "hypot", "where"])
def test_the_built_in_gates_pass_the_same_check(name):
    check_gate(GATES[name])
