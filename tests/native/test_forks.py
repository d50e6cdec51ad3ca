"""Many threads at once, others that change how many there may be, and processes forked meanwhile: nobody waits for ever."""

import os
import signal
import threading
import time
import warnings

import numpy as np
import pytest

from chalkgrad import compile, set_threads, value_and_grad
from chalkgrad.app.compiled import CompiledFormula
from chalkgrad.native import cache
from chalkgrad.native.llvm import ffi

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
LATEST = 60  # seconds until a child that waits for something is ended
DRAW = np.random.default_rng(8)


def forked(work):
    """Whether a forked process does the work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads, which is what is tried here
        child = os.fork()
    if not child:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LATEST)
        done = False
        try:
            done = work()
        finally:
            os._exit(0 if done else 1)
    return os.waitpid(child, 0)[1] == 0


def beside(hold, work):
    """Whether a process does the work that is forked while another thread holds something."""
    held, end = threading.Event(), threading.Event()
    thread = threading.Thread(target=hold, args=(held, end))
    thread.start()
    assert held.wait(LATEST)
    try:
        return forked(work)
    finally:
        end.set()
        thread.join()


def test_a_formula_is_compiled_in_a_process_that_was_forked_while_another_thread_was_at_it():
    f = compile("x * sin(y)")

    def hold(held, end):
        with f._lock:
            held.set()
            end.wait(LATEST)

    assert beside(hold, lambda: f(2.0, 0.0) == 0.0)


def test_formulas_are_compiled_in_a_process_that_was_forked_while_another_one_was(monkeypatch):
    f, g, function = compile("x + 1"), compile("x * 3"), CompiledFormula._function

    def hold(held, end):
        def patient(self, what):
            held.set()
            end.wait(LATEST)
            return function(self, what)

        monkeypatch.setattr(CompiledFormula, "_function", patient)
        f.value(1.0)

    def work():
        monkeypatch.setattr(CompiledFormula, "_function", function)
        return g(2.0) == 6.0

    assert beside(hold, work)


def test_a_process_is_not_forked_while_another_thread_is_within_llvm(monkeypatch):
    monkeypatch.setenv(cache.DIRECTORY, "")

    def hold(held, _):
        with ffi.lib._lock:
            held.set()
            time.sleep(0.3)

    assert beside(hold, lambda: compile("x * 5")(2.0) == 10.0)


def loss(x):
    return np.sum(np.log1p(np.exp(np.tanh(x) * x)))


def cases():
    """Compiled functions of several sizes, with what they are given and what they say in a single thread."""
    for shape in ((3000, 200), (500, 37), (64, 5), (40,), (100_001,)):
        f, x = value_and_grad(loss), DRAW.standard_normal(shape)
        for _ in range(102 if x.size < 50_000 else 2):  # until it is compiled
            f(x)
        yield lambda f=f, x=x: f(x)
    batch, (x, y) = compile("x * exp(y) - log(1 + x * x)").batch, DRAW.standard_normal((2, 200_001))
    yield lambda: (lambda value, slopes: (value, np.stack(slopes)))(*batch(x=x, y=y))


def test_the_same_bits_while_threads_come_and_go_and_processes_are_forked():
    set_threads(1)
    calls = list(cases())
    right = [call() for call in calls]
    end, wrong = time.monotonic() + 3, []

    def same(place):
        value, slopes = calls[place]()
        return np.array_equal(value, right[place][0]) and np.array_equal(slopes, right[place][1])

    def call(first):
        count = first
        while time.monotonic() < end:
            if not same(count % len(calls)):
                wrong.append(count % len(calls))
            count += 1

    def change(first):
        count = first
        while time.monotonic() < end:
            set_threads(1 + count % 9)
            count += 4
            time.sleep(0.0005)

    threads = [threading.Thread(target=call, args=(first,)) for first in range(6)]
    threads += [threading.Thread(target=change, args=(first,)) for first in range(2)]
    for one in threads:
        one.start()
    forks = 0
    try:
        while time.monotonic() < end:
            assert forked(lambda: all(same(place) for place in range(len(calls))))
            forks += 1
    finally:
        for one in threads:
            one.join()
        set_threads(2)
    assert forks > 2
    assert not wrong
