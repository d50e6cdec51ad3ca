"""C by hand, `floor.c` and `floor_calls.c`: compiled by cc into a temporary folder, called through ctypes into arrays made once."""

import ctypes
import importlib.util
import platform
import subprocess
import sysconfig
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import graphs
import numpy as np
from tasks import NEURON

from peers import Job

HERE = Path(__file__).parents[1]
FAST = ("-O3", "-ffast-math", "-fopenmp", "-mcpu=native" if platform.machine() == "aarch64" else "-march=native")
WIDE = ("-mprefer-vector-width=512",) if platform.machine() == "x86_64" else ()
KINDS = ("add", "multiply", "tanh", "exp", "sigmoid")
LANES = 16


def built(source: str, *options: str, name: str) -> str:
    """The path of the compiled library; its folder goes when the process ends."""
    made = Path(_folder().name) / f"{name}.so"
    compiler = ["cc", *FAST, *options, "-shared", "-fPIC", str(HERE / source), "-o", str(made), "-lm"]
    done = subprocess.run([*compiler, *WIDE], capture_output=True)
    if done.returncode:  # an older compiler, or another one
        subprocess.run(compiler, check=True)
    return str(made)


@cache
def _folder() -> Any:
    return tempfile.TemporaryDirectory(prefix="floor")


@cache
def library(dtype: Any) -> Any:
    real = "float" if dtype == np.float32 else "double"
    found = ctypes.CDLL(built("floor.c", f"-Dreal={real}", name=real))
    for name in ("entropy", "hinge", "linear", "mixture"):
        getattr(found, name).restype = ctypes.c_double
    return found


def given(*arguments: Any) -> list[Any]:
    """Arrays by their addresses, which keep the arrays alive; whole numbers as sizes."""
    return [one.ctypes.data_as(ctypes.c_void_p) if isinstance(one, np.ndarray) else ctypes.c_size_t(one) for one in arguments]


def calls(data: Any) -> Job:
    path = built("floor_calls.c", f"-I{sysconfig.get_path('include')}", name="floor_calls")
    spec = importlib.util.spec_from_file_location("floor_calls", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Job(getattr(module, data.name), lambda found: {"all": found}, data.arguments)


def neuron(data: Any) -> Job:
    columns = list(data.columns.values())
    results = [np.empty_like(columns[0]) for _ in range(6)]
    function, arguments = library(data.dtype).neuron, given(len(columns[0]), *columns, *results)
    return Job(lambda: function(*arguments), lambda _: dict(zip(("value", *NEURON), results, strict=True)))


def of_logits(name: str) -> Any:
    def made(data: Any) -> Job:
        gradient = np.empty_like(data.z)
        function, arguments = getattr(library(data.z.dtype), name), given(*data.z.shape, data.z, data.y, gradient)
        return Job(lambda: function(*arguments), lambda value: {"value": value, "gradient": gradient})

    return made


def softmax(data: Any) -> Job:
    value = np.empty_like(data.z)
    function, arguments = library(data.z.dtype).softmax, given(*data.z.shape, data.z, value)
    return Job(lambda: function(*arguments), lambda _: {"value": value})


def aligned(rows: int) -> Any:
    """Zeros for rows of sixteen numbers, at an address the vectors ask for."""
    held = np.zeros(16 * rows + 16, np.float32)
    start = (-held.ctypes.data // 4) % 16
    return held[start : start + 16 * rows].reshape(rows, 16)


def linear(data: Any) -> Job:
    rows, columns = data.X.shape
    weights, gradient = aligned(columns), aligned(columns)
    arguments = given(rows, columns, data.X, data.y, weights, gradient)
    function, penalty = library(data.X.dtype).linear, np.float32(data.penalty)

    def call() -> Any:
        weights[:, :10] = data.W
        value = function(*arguments, ctypes.c_int(data.loss == "hinge"))
        return value + 0.5 * data.penalty * float((data.W * data.W).sum()), gradient[:, :10] + penalty * data.W

    return Job(call, lambda found: {"value": found[0], "gradient": found[1]})


def mixture(data: Any) -> Job:
    (k, d), (points, _) = data.means.shape, data.x.shape
    blocks = -(-points // LANES)
    x, live = np.zeros((blocks * LANES, d)), np.zeros(blocks * LANES)
    x[:points], live[:points] = data.x, 1
    x = np.ascontiguousarray(x.reshape(blocks, LANES, d).transpose(0, 2, 1))
    function = library(np.float64).mixture

    def call() -> Any:
        entries = data.packed.copy()
        entries[:, :d] = np.exp(entries[:, :d])
        logs = data.packed[:, :d].sum(axis=1)
        by_score, by_mean, by_packed = np.zeros(k), np.zeros((k, d)), np.zeros_like(entries)
        score = data.weights + logs
        sizes = (ctypes.c_int(d), ctypes.c_int(k), ctypes.c_int(blocks))
        fit = function(*sizes, *given(score, entries, data.means, x, live, by_score, by_mean, by_packed))
        top = data.weights.max()
        prior = np.exp(data.weights - top)
        value = fit - points * (np.log(prior.sum()) + top) + 0.5 * data.strength**2 * float((entries * entries).sum())
        factors = entries[:, data.place] * data.lower
        by_packed += data.strength**2 * entries
        by_packed[:, :d] = by_packed[:, :d] * entries[:, :d] + by_score[:, None]
        by_means = -np.matmul(by_mean[:, None, :], factors)[:, 0]
        return value, by_score - points * prior / prior.sum(), by_means, by_packed

    return Job(call, lambda found: dict(zip(("value", "weights", "means", "packed"), found, strict=True)))


def graph(data: Any) -> Job:
    kinds = np.array([KINDS.index(kind) for kind in data.kinds], np.uint8)
    first, second = np.array(data.first, np.int32), np.array(data.second, np.int32)
    values, slopes = np.empty(graphs.LEAVES + len(kinds)), np.empty(graphs.LEAVES + len(kinds))
    values[: graphs.LEAVES] = data.inputs
    function, arguments = library(np.float64).graph, given(len(kinds), kinds, first, second, values, slopes)
    return Job(lambda: function(*arguments), lambda _: {"value": values[-1], "gradient": slopes[: graphs.LEAVES].copy()})


JOBS = {"C": {"calls": calls, "neuron": neuron, "cross-entropy": of_logits("entropy"), "hinge": of_logits("hinge"),
               "softmax": softmax,
              "linear": linear, "mixture": mixture, "graphs": graph}}  # fmt: skip
