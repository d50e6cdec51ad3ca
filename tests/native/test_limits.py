"""What is interrupted leaves nothing broken behind, and what has no room in memory is refused in words."""

import os
import signal
import threading

import numpy as np
import pytest

from chalkgrad import compile, grad, jit, value_and_grad
from chalkgrad.errors import NoRoomError, TooLargeError
from chalkgrad.native import cache, llvm, maths

X = np.linspace(-1.0, 1.0, 6000)


def whole(home):
    """Whether the cache holds nothing but files that are right."""
    for path in home.iterdir():
        content, size = path.read_bytes(), cache.DIGEST().digest_size
        if path.suffix != cache.SUFFIX or cache.DIGEST(content[size:]).digest() != content[:size]:
            return False
    return True


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.DIRECTORY, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("where", ["_assembled", "load"])
def test_an_interrupted_compilation_is_taken_up_by_the_next_call(home, monkeypatch, where):
    import chalkgrad.native.loops.run as run

    module = llvm if where == "_assembled" else run
    known = getattr(module, where)

    def interrupted(*args):
        monkeypatch.setattr(module, where, known)
        raise KeyboardInterrupt

    step = value_and_grad(lambda x: np.sum(np.tanh(x) * 1.25))
    right = step(X)
    monkeypatch.setattr(module, where, interrupted)
    with pytest.raises(KeyboardInterrupt):
        step(X)
    assert whole(home)
    _, slopes = step(X)
    np.testing.assert_allclose(slopes, right[1], rtol=1e-14)
    (kept,) = next(iter(step._kept.values()))
    assert kept.program.runner is not None
    assert whole(home)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals go to the main thread")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # one that strikes within a finaliser is dropped
@pytest.mark.parametrize("delay", [0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2])
def test_an_interrupt_at_any_moment_breaks_nothing(home, delay):
    def stop(*_):
        raise KeyboardInterrupt

    number = 1.0 + delay
    step = value_and_grad(lambda x: np.sum(np.sin(x) * np.exp(number * x)))
    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, delay)
        for _ in range(1000):
            step(X)
    except KeyboardInterrupt:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    for _ in range(3):
        value, slopes = step(X)
        np.testing.assert_allclose(value, np.sum(np.sin(X) * np.exp(number * X)), rtol=1e-13)
        np.testing.assert_allclose(slopes, (np.cos(X) + number * np.sin(X)) * np.exp(number * X), rtol=1e-13, atol=1e-15)
    assert whole(home)


WIDE = np.ones(3_000_000)


@pytest.mark.parametrize("f", [
    lambda x: np.sum(np.tanh(x[:, None] * x[None, :])),
    lambda x: np.sum(np.outer(x, x)),
    lambda x: np.sum(x[:, None] @ x[None, :]),
], ids=["product", "outer", "matmul"])  # fmt: skip
def test_what_has_no_room_is_refused_with_its_size_and_line(f):
    with pytest.raises(
        NoRoomError, match=r"(?s)\(3000000×3000000\) and the dtype float64: 67,055\.2 GiB\..*lambda x: np\.sum.*\^\^"
    ) as error:
        grad(f)(WIDE)
    assert isinstance(error.value, MemoryError)
    assert isinstance(error.value, TooLargeError)


def test_a_letter_for_shapes_that_grew_after_compiling():
    step = jit(lambda x: np.sum(x[:, None] * x[None, :]))
    for count in (100, 100, 100):
        assert step(np.ones(count)) == count * count
    with pytest.raises(NoRoomError, match="67,055"):
        step(WIDE)
    assert step(np.ones(100)) == 10_000


def test_a_batch_of_more_points_than_memory_holds():
    points = np.broadcast_to(1.0, (10**12,))
    with pytest.raises(NoRoomError, match="1000000000000"):
        compile("x * y").batch(x=points, y=2.0)


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="this system does not tell a process's memory there")
def test_modules_that_are_gone_leave_no_memory_behind():
    module = llvm.new_module("gone")
    text = str(maths.function(module, "exp", llvm.F64).module)

    def memory_after(times):
        for _ in range(times):
            llvm.optimised(text)
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = memory_after(50)
    assert memory_after(100) - before < 100 * 20_000  # llvmlite by itself leaves three times that
