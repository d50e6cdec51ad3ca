"""Code written for the array API standard, SciPy's among it, is traced and differentiated; what cannot be is refused by letter."""

import inspect
import os
import subprocess
import sys

import array_api_strict as strict
import numpy as np
import pytest

from chalkgrad import array_api
from chalkgrad.errors import ChalkgradError
from chalkgrad.reading.trace.array_api.standard import UNTRACED, chapters
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.api.gradient import grad, value_and_grad
from chalkgrad.transform.api.mapping import jit, vmap

X = np.array([[1.0, 2.0, 3.0], [4.0, -1.0, 0.5]])
NAMES = [name for group in chapters().values() for name in group]


def found(module, name):
    for part in name.split("."):
        module = getattr(module, part, None)
    return module


def test_the_table_of_names_is_the_standard():
    own = {"Device", "__version__", "linalg", "fft"} | {name for name in strict.__all__ if "flags" in name.lower()}
    names = {*strict.__all__} - own
    names |= {f"{one}.{name}" for one in ("linalg", "fft") for name in getattr(strict, one).__all__}
    assert names <= set(NAMES)
    assert set(UNTRACED) <= set(NAMES)
    assert [name for name in NAMES if found(strict, name) is None and name != "newaxis"] == []


def test_every_name_is_there():
    assert [name for name in NAMES if found(array_api, name) is None and not name.startswith("fft.") and name != "newaxis"] == []


def test_arguments_have_the_names_and_the_ways_of_the_standard():
    def told(function):
        return [(one.name, one.kind) for one in inspect.signature(function).parameters.values()]

    functions = [name for name in NAMES if not name.startswith("fft.") and inspect.isfunction(found(strict, name))]
    assert len(functions) > 150
    assert [name for name in functions if told(found(array_api, name)) != told(found(strict, name))] == []


def standardised(x):
    xp = x.__array_namespace__()
    centred = x - xp.mean(x, axis=-1, keepdims=True)
    return centred / xp.std(x, axis=-1, correction=1, keepdims=True)


def distances(x):
    xp = x.__array_namespace__()
    return xp.linalg.vector_norm(xp.expand_dims(x, axis=0) - xp.expand_dims(xp.ones_like(x) * 9.0, axis=1), axis=-1)


def smallest_two(x):
    xp = x.__array_namespace__()
    return xp.sort(xp.permute_dims(x, (1, 0)), axis=0, descending=True)[:2, :] * xp.arange(1, 3, dtype=x.dtype)[:, None]


def running(x):
    xp = x.__array_namespace__()
    return xp.concat([xp.cumulative_sum(x, axis=1, include_initial=True), xp.cumulative_prod(x, axis=1)], axis=1)


def distinct(x):
    return x.__array_namespace__().unique_values(x)


def ramps(x):
    xp = x.__array_namespace__()
    columns, rows = xp.meshgrid(x[0, ...], x[1, ...])
    return xp.linspace(x[0, 0], x[1, 0], 3) * columns + rows


def slope(f, x, direction, step=1e-5):
    return (np.sum(f(x + step * direction)) - np.sum(f(x - step * direction))) / (2 * step)


def agrees(f, x, rtol=1e-8):
    direction = np.random.default_rng(1).normal(size=np.shape(x))
    expected = f(x)
    np.testing.assert_allclose(jit(f)(x), expected, rtol=1e-12)
    weights = np.cos(np.arange(np.size(expected))).reshape(np.shape(expected))
    gradient = grad(lambda x: np.sum(f(x) * weights))(x)
    measured = slope(lambda x: f(x) * weights, x, direction)
    assert np.sum(gradient * direction) == pytest.approx(measured, rel=rtol, abs=rtol)


@pytest.mark.parametrize("f", [standardised, distances, smallest_two, running, distinct, ramps], ids=lambda f: f.__name__)
def test_code_for_the_standard_is_differentiated(f):
    with_numpy = lambda x: f(Wrapped(x)) if isinstance(x, np.ndarray) else f(x)  # noqa: E731
    agrees(with_numpy, X)


class Wrapped(np.ndarray):
    """NumPy arrays whose namespace is ours, for comparison."""

    def __new__(cls, x):
        return np.asarray(x).view(cls)

    def __array_namespace__(self, /, *, api_version=None):
        return array_api


def test_what_is_asked_of_an_array_object():
    seen = {}

    def look(x):
        seen.update(
            namespace=x.__array_namespace__(api_version="2024.12"), device=x.device, same=x.to_device("cpu") is x, kind=x.dtype,
            shape=x.shape, ndim=x.ndim, size=x.size, turned=x.mT.shape, flag=bool(x[0, 0] > 0), dlpack=x.__dlpack_device__(),
        )  # fmt: skip
        with pytest.raises(ValueError, match="device"):
            x.to_device("gpu")
        with pytest.raises(ValueError, match="version"):
            x.__array_namespace__(api_version="1999.12")
        return x

    jit(look)(X)
    assert seen == {
        "namespace": array_api, "device": "cpu", "same": True, "kind": np.float64, "shape": (2, 3), "ndim": 2, "size": 6,
        "turned": (3, 2), "flag": True, "dlpack": (1, 0),
    }  # fmt: skip


def test_creation_joins_the_trace_under_way():
    kinds = []

    def make(x):
        kinds.append(type(array_api.ones(3)))
        return x * array_api.asarray(2.0)

    jit(make)(X)
    assert kinds == [Traced]
    assert type(array_api.ones(3)) is np.ndarray


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda x: array_api.from_dlpack(x), "another library"),
        (lambda x: array_api.nextafter(x, x), "nextafter"),
        (lambda x: array_api.linalg.eig(x @ x.mT), "np.linalg.eig"),
        (lambda x: array_api.astype(x, array_api.complex64), "complex64"),
        (lambda x: x * array_api.asarray(1j), "Complex"),
        (lambda x: array_api.cumulative_sum(x), "axis="),
    ],
)
def test_what_cannot_be_traced_is_refused(call, says):
    with pytest.raises(ChalkgradError, match=says):
        grad(lambda x: np.sum(call(x)))(X)


def test_a_mask_that_takes_one_number_leaves_no_guard():
    def positive(x):
        y = x * 2.0
        y[y < 0] = 0.0
        return y

    staged = jit(positive)
    np.testing.assert_array_equal(staged(X), np.maximum(2 * X, 0))
    np.testing.assert_array_equal(staged(-X), np.maximum(-2 * X, 0))
    assert staged.traces == 1
    np.testing.assert_array_equal(vmap(positive)(X), np.maximum(2 * X, 0))
    np.testing.assert_array_equal(grad(lambda x: np.sum(positive(x)))(X), 2.0 * (X > 0))


# SciPy's functions ------------------------------------------------------------------------------------------------------------

special = pytest.importorskip("scipy.special")
stats = pytest.importorskip("scipy.stats")
integrate = pytest.importorskip("scipy.integrate")
WEIGHTS = np.array([1.0, -0.25, 3.0])
SCIPYS = {
    "logsumexp": lambda x: special.logsumexp(x),
    "logsumexp axis": lambda x: special.logsumexp(x, axis=1, keepdims=True),
    "logsumexp b": lambda x: special.logsumexp(x, axis=1, b=np.abs(WEIGHTS)),
    "logsumexp sign": lambda x: special.logsumexp(x, axis=0, b=WEIGHTS, return_sign=True)[0],
    "softmax": lambda x: special.softmax(x, axis=1),
    "log_softmax": lambda x: special.log_softmax(x, axis=0),
    "gmean": lambda x: stats.gmean(x + 3.0, axis=1),
    "skew": lambda x: stats.skew(x, axis=1),
    "kurtosis": lambda x: stats.kurtosis(x, axis=1),
    "zscore": lambda x: stats.zscore(x, axis=1),
    "sem": lambda x: stats.sem(x, axis=1),
    "entropy": lambda x: stats.entropy(x * x, axis=1),
    "simpson": lambda x: integrate.simpson(x, axis=1),
    "cumulative_trapezoid": lambda x: integrate.cumulative_trapezoid(x, axis=1),
}


@pytest.mark.parametrize("name", SCIPYS)
def test_functions_of_scipy_are_differentiated(name):
    agrees(SCIPYS[name], X)


@pytest.mark.parametrize("scores", [[1000.0, 999.0, 0.0], [2.0, 2.0, 1.0], [-1e4, 0.0, 1e4], [-np.inf, 0.0, 1.0]])
def test_logsumexp_of_scipy_does_not_overflow(scores):
    value, slopes = value_and_grad(special.logsumexp)(np.array(scores))
    assert value == pytest.approx(np.logaddexp.reduce(scores), rel=1e-14)
    np.testing.assert_allclose(slopes, special.softmax(scores), rtol=1e-12)
    np.testing.assert_allclose(grad(lambda x: special.log_softmax(x)[0])(np.array(scores)),
                               np.array([1.0, 0.0, 0.0]) - special.softmax(scores), rtol=1e-12, atol=1e-15)  # fmt: skip


IN_ANY_ORDER = """
import numpy as np, scipy.special as special, chalkgrad
X = np.array([1.0, -2.0, 0.5])
loss = lambda x: special.logsumexp(2 * x)
print({entrance})
"""
ENTRANCES = {
    "work": "chalkgrad.work(loss, X).value",
    "doctor": "chalkgrad.doctor(loss, X).value",
    "check_grad": "special.logsumexp(2 * X) if chalkgrad.check_grad(loss, X) else None",
    "vjp": "chalkgrad.vjp(loss, X)[0]",
    "jit": "chalkgrad.jit(loss)(X)",
}


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_functions_of_scipy_are_known_wherever_a_trace_begins_first(entrance):
    script = IN_ANY_ORDER.format(entrance=ENTRANCES[entrance])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert float(done.stdout) == pytest.approx(np.log(np.sum(np.exp([2.0, -4.0, 1.0]))), rel=1e-14)


SWITCHED_ON = """
import numpy as np, scipy.special as special
from chalkgrad import grad
X = np.array([1.0, -2.0, 0.5])
W = X * X
np.testing.assert_allclose(grad(special.logsumexp)(X), special.softmax(X), rtol=1e-12)
np.testing.assert_allclose(grad(lambda x: np.sum(special.expit(x)))(X), special.expit(X) * special.expit(-X), rtol=1e-12)
np.testing.assert_allclose(grad(lambda x: special.logsumexp(x, b=W))(X), np.exp(X) * W / np.sum(np.exp(X) * W), rtol=1e-12)
print("fine")
"""


def test_the_switch_of_scipy_may_be_on():
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}
    done = subprocess.run([sys.executable, "-c", SWITCHED_ON], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "fine\n", done.stderr


def test_a_function_may_import_scipy_itself():
    """In a process that has not loaded it yet: SciPy then meets traced values before it knows them."""
    code = (
        "import numpy as np, chalkgrad\n"
        "def f(z):\n    from scipy.special import logsumexp\n    return logsumexp(z)\n"
        "x = np.array([0.0, 0.0])\n"
        "print(chalkgrad.grad(f)(x).tolist(), chalkgrad.doctor(f, x).healthy)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "[0.5, 0.5] True\n", done.stderr


@pytest.mark.parametrize("call", ["chalkgrad.vjp(f, x)[1](1.0)[0].tolist()", "chalkgrad.check_grad(f, x).verdict"])
def test_so_it_may_where_it_is_run_by_others(call):
    code = (
        "import numpy as np, chalkgrad\n"
        "def f(z):\n    from scipy.special import logsumexp\n    return logsumexp(z)\n"
        "x = np.array([0.0, 0.0])\n"
        f"print({call})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout in ("[0.5, 0.5]\n", "agrees\n"), done.stderr
