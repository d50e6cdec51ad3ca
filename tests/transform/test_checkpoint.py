"""checkpoint: the same numbers in less memory, within every other transform."""

import tracemalloc

import numpy as np
import pytest

from chalkgrad import checkpoint, grad, hessian, jacobian, jvp, value_and_grad, vjp, vmap

SIZE = 20_000
X = np.linspace(-1.0, 1.0, 5)


def steps(x, count):
    for _ in range(count):
        x = np.tanh(np.sin(x) * 1.1 + 0.1 * x)
    return x


def chain(block):
    """50 element-wise steps in blocks of ten."""

    def f(x):
        for _ in range(5):
            x = block(x, 10)
        return np.sum(x)

    return f


def peak(f, *args):
    """What one more call of `f` takes at most, in arrays of SIZE, and its result."""
    f(*args)
    tracemalloc.start()
    result = f(*args)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / (8 * SIZE), result


@pytest.fixture
def interpreted(monkeypatch):
    """Wire by wire in NumPy; machine code keeps none of the values between."""
    monkeypatch.setenv("CHALKGRAD_INTERPRET", "1")


@pytest.mark.usefixtures("interpreted")
def test_the_same_bits_in_a_third_of_the_memory():
    x = np.linspace(-1.0, 1.0, SIZE)
    much, (value, slope) = peak(value_and_grad(chain(steps)), x)
    little, (again, same) = peak(value_and_grad(chain(checkpoint(steps))), x)
    assert value == again
    np.testing.assert_array_equal(slope, same)
    assert much > 100  # two values of each step, which their slopes need
    assert little < much / 3


@pytest.mark.usefixtures("interpreted")
def test_stretches_within_stretches_take_less_still():
    def halved(x, count):
        if count == 1:
            return steps(x, 1)
        return checkpoint(halved)(checkpoint(halved)(x, count // 2), count - count // 2)

    x = np.linspace(-1.0, 1.0, SIZE)
    flat, (value, slope) = peak(value_and_grad(lambda x: np.sum(steps(x, 32))), x)
    deep, (again, same) = peak(value_and_grad(lambda x: np.sum(halved(x, 32))), x)
    assert value == again
    np.testing.assert_array_equal(slope, same)
    assert deep < flat / 3


@pytest.mark.usefixtures("interpreted")
def test_a_value_is_let_go_after_its_last_use():
    x = np.linspace(-1.0, 1.0, SIZE)
    forward_only, _ = peak(value_and_grad(lambda x, y: np.sum(steps(x, 50)) * y, argnums=1), x, 2.0)
    assert forward_only < 6


def test_machine_code_takes_least():
    x = np.linspace(-1.0, 1.0, SIZE)
    f = value_and_grad(chain(checkpoint(steps)))
    f(x)
    f(x)
    little, _ = peak(f, x)
    assert little < 6


def test_the_pullback_of_vjp_keeps_only_what_enters_a_stretch():
    x = np.linspace(-1.0, 1.0, SIZE)

    def kept(f):
        pull = vjp(f, x)[1]
        pull(1.0)
        return sum(np.size(one) for one in pull._residuals) / SIZE

    assert kept(chain(steps)) == 100  # two values of each step
    assert kept(chain(checkpoint(steps))) < 8


def nested(mark):
    """Stretches in a stretch, a tree as argument and as value, an inner gradient, and a value that is used outside too."""

    def inner(p):
        return {"y": np.exp(p["a"] * p["b"]), "z": grad(lambda t: np.sum(np.sin(t) ** 2))(p["a"])}

    def outer(x):
        both = mark(inner)({"a": x, "b": np.cos(x)})
        return mark(steps)(both["y"], 2) * both["z"]

    return lambda x: np.sum(mark(outer)(x) * np.sin(x))


WAYS = {
    "grad": grad,
    "grad of grad": lambda f: grad(lambda x: np.sum(grad(f)(x) ** 2)),
    "third": lambda f: grad(lambda x: np.sum(hessian(f)(x) ** 2)),
    "hessian": hessian,
    "jacobian of grad": lambda f: jacobian(grad(f), mode="reverse"),
    "jvp": lambda f: lambda x: np.stack(jvp(f, (x,), (np.cos(x),))),
    "grad of jvp": lambda f: grad(lambda x: jvp(f, (x,), (np.cos(x),))[1]),
    "jvp of grad": lambda f: lambda x: np.stack(jvp(grad(f), (x,), (np.cos(x),))),
    "vmap of grad": lambda f: lambda x: vmap(grad(f))(np.stack([x, 2 * x])),
    "grad of vmap": lambda f: grad(lambda x: np.sum(vmap(f)(np.stack([x, 2 * x])))),
    "grad of vmap of grad": lambda f: grad(lambda x: np.sum(vmap(grad(f))(np.stack([x, 2 * x])) ** 2)),
    "vjp": lambda f: lambda x: vjp(f, x)[1](2.0)[0],
    "stretch of grad": lambda f: grad(lambda x: np.sum(checkpoint(grad(f))(x) ** 2)),
}


@pytest.mark.parametrize("way", WAYS)
def test_within_other_transforms(way):
    plain, marked = WAYS[way](nested(lambda f: f))(X), WAYS[way](nested(checkpoint))(X)
    # where several gradients flow to one wire, they are added in another order
    np.testing.assert_allclose(marked, plain, rtol=1e-13, atol=1e-13)


def test_outside_of_a_trace_it_is_the_function():
    assert checkpoint(lambda x, *, y=2: x * y)(3, y=5) == 15
    assert checkpoint(steps).__name__ == "steps"


def test_both_sides_of_a_branch_in_a_stretch():
    slope = grad(checkpoint(lambda x: x * x if x > 0 else -x))
    assert [slope(x) for x in (2.0, -2.0, 3.0, -4.0)] == [4.0, -1.0, 6.0, -1.0]
    assert slope.traces == 2
