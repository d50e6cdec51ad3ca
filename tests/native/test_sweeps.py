"""Products of a tall matrix with a skinny one: it is read once, however it lies, and threads change no bit."""

import numpy as np
import pytest

from chalkgrad import jit, set_threads, value_and_grad
from chalkgrad.native.loops import sweeping
from chalkgrad.native.loops import sweeps as sweeps_of
from chalkgrad.native.loops.plan import Sweep
from chalkgrad.native.loops.run import Runner
from chalkgrad.native.loops.sweeping import SweepStep
from chalkgrad.reading.trace.program import Program
from chalkgrad.reading.trace.session import Trace
from chalkgrad.transform.api.staged import entered, taken_apart

DRAW = np.random.default_rng(12)


def softmax(W, X, y):
    s = X @ W
    s = s - s.max(axis=1, keepdims=True)
    return -np.mean((s - np.log(np.exp(s).sum(axis=1, keepdims=True)))[np.arange(len(y)), y]) + 0.1 * np.sum(W * W)


def hinge(W, X, y):
    s = X @ W
    return (np.maximum(s - s[np.arange(len(y)), y][:, None] + 1, 0).sum() - len(y)) / len(y)


def logistic(w, X, y):
    return np.mean(np.log1p(np.exp(-(2.0 * y - 1.0) * (X @ w))))


def runner(f, *args):
    """The compiled gradient of f by its first argument: what runs it, its inputs, and what NumPy says."""
    inputs = [one if one.dtype.kind == "f" else None for one in args]
    with Trace().underway() as trace, np.errstate(all="ignore"):
        nodes, _ = taken_apart(value_and_grad(f).procedure(*entered(trace, list(args), inputs)))
        program = Program(trace, nodes)
    inputs = [one for one in inputs if one is not None]
    return Runner(program.graph, program.outputs, dict(zip(program.leaves, inputs, strict=True))), inputs, program.run(inputs)


def sweeps(run):
    return [step for step in run.plan.steps if isinstance(step, Sweep)]


def problem(rows, columns, classes, dtype, f=softmax):
    X = DRAW.standard_normal((rows, columns)).astype(dtype)
    if f is logistic:
        return (DRAW.standard_normal(columns) / 9).astype(dtype), X, DRAW.integers(0, 2, rows)
    return (DRAW.standard_normal((columns, classes)) / 9).astype(dtype), X, DRAW.integers(0, classes, rows)


def assert_close(found, right, dtype, ulps=16):
    """As far apart as roundings of the largest entry; a sum of thousands of products has some."""
    for one, other in zip(found, right, strict=True):
        assert np.shape(one) == np.shape(other)
        assert np.result_type(one) == np.result_type(other)
        assert np.max(np.abs(one - other)) <= ulps * np.finfo(dtype).eps * np.max(np.abs(other))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("f", [softmax, hinge, logistic])
def test_one_sweep_holds_both_products_and_the_kernel_between(f, dtype):
    run, inputs, right = runner(f, *problem(1030, 259, 10, dtype, f))
    (one,) = sweeps(run)
    assert len(one.products) == len(one.gathered) == 1
    assert one.kernel.nodes
    assert not any(isinstance(step, int) for step in run.plan.steps)  # NumPy has nothing left to do
    assert_close(run.run(inputs), right, dtype)


@pytest.mark.parametrize("columns, classes", [(64, 2), (65, 3), (79, 11), (128, 64), (1000, 33)])
def test_any_number_of_columns_and_classes(columns, classes):
    rows = (sweeps_of.IN_CACHE // 4 if classes > sweeps_of.WIDE else 2**18) // columns + 300
    run, inputs, right = runner(softmax, *problem(rows, columns, classes, "float32"))
    assert sweeps(run)
    assert_close(run.run(inputs), right, np.float32, ulps=32)


@pytest.mark.parametrize("f", [softmax, logistic])
def test_results_are_the_same_bits_for_any_number_of_threads(f):
    run, inputs, _ = runner(f, *problem(9001, 300, 10, "float32", f))
    step = next(one for one in run.steps if isinstance(one, SweepStep))
    assert len(step.bounds) > 2 or f is logistic
    found = []
    try:
        for count in (1, 2, 3, 5):
            set_threads(count)
            found.append(run.run(inputs))
    finally:
        set_threads(2)
    for other in found[1:]:
        for one, same in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one, same)


def layouts():
    X = DRAW.standard_normal((1100, 260)).astype(np.float32)
    memory = np.zeros(X.nbytes + 1, dtype=np.uint8)
    unaligned = memory[1:].view(np.float32).reshape(X.shape)
    unaligned[:] = X
    locked = X.copy()
    locked.flags.writeable = False
    wide = np.ascontiguousarray(np.repeat(X, 2, axis=1))
    return {
        "some columns": np.hstack([X, X])[:, 7:267], "every other row": np.repeat(X, 2, axis=0)[::2], "backwards": X[::-1],
        "columns backwards": X[:, ::-1], "every other column": wide[:, ::2], "column by column": np.asfortranarray(X),
        "one row for all": np.broadcast_to(X[0], X.shape), "one number for all": np.broadcast_to(X[0, 0], X.shape),
        "unaligned": unaligned, "read-only": locked, "transposed": np.ascontiguousarray(X.T).T,
    }  # fmt: skip


@pytest.mark.parametrize("name", layouts())
def test_the_matrix_may_lie_in_memory_in_any_way(name):
    X = layouts()[name]
    W, _, y = problem(*X.shape, 5, np.float32)
    run, inputs, _ = runner(softmax, W, np.ascontiguousarray(X), y)
    plain = run.run(inputs)
    assert_close(run.run([W, X]), plain, np.float32, ulps=8)


def test_sums_over_many_rows_keep_their_digits():
    """Of positive terms, against sums in float64: within 8 ulps, where one sum over all rows would be off by some hundreds."""
    X = DRAW.random((60_000, 65)).astype(np.float32)
    W = DRAW.random((65, 3)).astype(np.float32)
    step = jit(lambda X, W: (X @ W, X.T @ (X @ W)))
    step(X, W)
    scores, sums = step(X, W)
    right = X.astype(np.float64) @ W
    np.testing.assert_allclose(scores, right, rtol=4 * np.finfo(np.float32).eps)
    np.testing.assert_allclose(sums, X.astype(np.float64).T @ scores, rtol=8 * np.finfo(np.float32).eps)


def test_infinite_and_missing_numbers_come_through():
    W, X, _ = problem(4200, 65, 3, "float64")
    X[5, 64], X[6, 0], X[7, 63], W[64, 2] = np.inf, -np.inf, np.nan, np.inf
    for f in (lambda X, W: X @ W, lambda X, W: X.T @ (X @ W)):
        step = jit(f)
        with np.errstate(all="ignore"):
            right = f(X, W)
            step(X, W)
            np.testing.assert_allclose(step(X, W), right, rtol=1e-12, atol=1e-12)


def test_nothing_is_read_beyond_the_matrix():
    """The last row ends where memory that is not ours begins."""
    mmap = pytest.importorskip("mmap")
    ctypes = pytest.importorskip("ctypes")
    rows, columns = 4099, 67
    size = rows * columns * 4
    pages = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = mmap.mmap(-1, pages + 2 * mmap.PAGESIZE)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    libc = ctypes.CDLL(None, use_errno=True)
    for guard in (base, base + mmap.PAGESIZE + pages):
        assert libc.mprotect(ctypes.c_void_p(guard), ctypes.c_size_t(mmap.PAGESIZE), 0) == 0
    for start in (mmap.PAGESIZE, mmap.PAGESIZE + pages - size):  # at the first byte, and up to the last
        X = np.frombuffer(memory, dtype=np.float32, count=rows * columns, offset=start).reshape(rows, columns)
        X[:] = DRAW.standard_normal((rows, columns))
        W, _, y = problem(rows, columns, 10, np.float32)
        run, inputs, right = runner(softmax, W, X, y)
        assert sweeps(run)
        assert_close(run.run(inputs), right, np.float32)


def test_a_product_that_goes_straight_into_its_partner():
    for shape in ((90, 4), (90,)):
        X, W = DRAW.standard_normal((4000, 90)), DRAW.random(shape)
        step = jit(lambda X, W: X.T @ (X @ W))
        step(X, W)
        np.testing.assert_allclose(step(X, W), X.T @ (X @ W), rtol=1e-11)
        said = step.explain_compile(X, W)
        assert said.kernels == 1
        assert said.numpy == 0


def test_hidden_layers_share_their_sweeps_too():
    """The first layer's product goes with what follows it, its gradient with what comes before that."""

    def network(weights, X, y):
        first, second = weights
        return softmax(second, np.tanh(X @ first), y)

    X = DRAW.standard_normal((10_000, 70))
    weights = DRAW.standard_normal((70, 64)) / 9, DRAW.standard_normal((64, 10)) / 9
    y = DRAW.integers(0, 10, 10_000)
    step = value_and_grad(network)
    value, slopes = step(weights, X, y)
    again, found = step(weights, X, y)
    assert_close([again, *found], [value, *slopes], np.float64)
    assert str(step.explain_compile(weights, X, y)).count("the product") == 4


def test_a_single_product_of_a_small_matrix_is_left_to_blas():
    X, W = DRAW.standard_normal((600, 512)), DRAW.standard_normal((512, 10))
    step = jit(lambda X, W: np.tanh(X @ W))
    step(X, W)
    np.testing.assert_allclose(step(X, W), np.tanh(X @ W), rtol=1e-11, atol=1e-13)
    assert step.explain_compile(X, W).numpy == 1


def test_a_product_that_the_function_returns_as_well():
    def f(W, X):
        s = X @ W
        return np.sum(np.tanh(s)), s

    W, X, _ = problem(4096, 64, 7, np.float64)
    W, X = np.abs(W) / 50, np.abs(X)  # sums that do not cancel
    step = value_and_grad(f, has_aux=True)
    (value, scores), slope = step(W, X)
    (again, found), other = step(W, X)
    assert_close([again, found, other], [value, scores, slope], np.float64)


def test_explain_compile_tells_that_the_matrix_is_read_once():
    W, X, y = problem(4096, 100, 10, np.float32)
    step = value_and_grad(softmax)
    step(W, X, y)
    said = step.explain_compile(W, X, y)
    assert "the product (4096×100) @ (100×10)" in str(said)
    assert "the product (100×4096) @ (4096×10)" in str(said)
    assert said.numpy == 0
    assert X.nbytes < said.bytes_moved < 2 * X.nbytes


def test_the_processor_need_not_have_vectors(tmp_path):
    """Plain x86-64, in a process of its own."""
    import subprocess
    import sys

    code = """
import numpy as np
from chalkgrad import value_and_grad
draw = np.random.default_rng(0)
X, W = draw.standard_normal((4099, 67)).astype(np.float32), draw.standard_normal((67, 7)).astype(np.float32)
f = value_and_grad(lambda W, X: np.mean(np.tanh(X @ W) ** 2))
first, then = f(W, X), f(W, X)
assert f.explain_compile(W, X).numpy == 0
assert abs(first[0] - then[0]) < 1e-6
assert np.abs(first[1] - then[1]).max() < 1e-6
"""
    env = {"CHALKGRAD_CPU": "generic", "CHALKGRAD_CACHE_DIR": str(tmp_path), "PATH": ""}
    subprocess.run([sys.executable, "-c", code], check=True, env=env, timeout=120)


def test_blocks_have_all_the_rows_that_lie_side_by_side(monkeypatch):
    """Few very long rows make many small blocks, while narrow arrays beside them have several rows taken at a time."""

    def f(w, X, Y):
        return np.sum(np.tanh(X @ w)[:, None] ** 2 * np.exp(Y))  # nothing cancels

    monkeypatch.setattr(sweeping, "SHARE", 1)
    w, X, _ = problem(256, 1024, 1, np.float64, logistic)
    run, inputs, right = runner(f, w, X, DRAW.standard_normal((256, 5)))
    (step,) = [step for step in run.steps if isinstance(step, SweepStep)]
    assert np.diff(step.bounds).min() >= step.written.together
    assert_close(run.run(inputs), right, np.float64)
