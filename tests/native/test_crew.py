"""Threads share out blocks of work: each block is done once, by whoever calls, in whatever process, and nobody waits for long."""

import multiprocessing
import os
import threading
import time

import numpy as np
import pytest

from chalkgrad import set_threads, value_and_grad
from chalkgrad.native import crew

X = np.random.default_rng(3).standard_normal((3000, 700))


def loss(x):
    return np.sum(np.log1p(np.exp(np.tanh(x) * x)))


@pytest.fixture
def step():
    made = value_and_grad(loss)
    made(X)
    made(X)
    return made


@pytest.fixture(params=[1, 2, 4, 9])
def threads(request):
    set_threads(request.param)
    yield request.param
    set_threads(2)


def test_more_threads_than_cores_give_the_same_bits(step, threads):
    set_threads(1)
    value, slopes = step(X)
    set_threads(threads)
    for _ in range(20):
        again, found = step(X)
        assert again == value
        np.testing.assert_array_equal(found, slopes)


def test_many_callers_at_once(step):
    right = [step(X + shift) for shift in range(6)]
    wrong = []

    def call(shift):
        for _ in range(15):
            value, slopes = step(X + shift)
            if value != right[shift][0] or not np.array_equal(slopes, right[shift][1]):
                wrong.append(shift)

    callers = [threading.Thread(target=call, args=(shift,)) for shift in range(6)]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    assert not wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_helpers_of_its_own(step):
    value, _ = step(X)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=lambda: answers.put([step(X)[0] for _ in range(5)]))
    child.start()
    assert answers.get(timeout=60) == [value] * 5
    child.join(timeout=60)
    assert child.exitcode == 0


def test_helpers_sleep_when_there_is_nothing_to_do(step):
    step(X)
    deadline = time.monotonic() + 20
    helpers = crew.crew()
    while not helpers.asleep() and time.monotonic() < deadline:
        time.sleep(0.01)
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.1
    assert helpers.started
    assert helpers.asleep()


def test_a_system_without_more_threads_computes_all_the_same(step, monkeypatch):
    def none(self):
        raise RuntimeError("can't start new thread")

    value, _ = step(X)
    monkeypatch.setattr(threading.Thread, "start", none)
    monkeypatch.setattr(crew, "_crews", [])
    crew.HERE[0] = 0
    assert step(X)[0] == value
    assert not crew.crew().started
    crew.HERE[0] = 0  # the other crew comes back


def test_an_interrupt_while_helpers_start_leaves_no_two_of_one_number(monkeypatch):
    start, numbers = threading.Thread.start, []

    def interrupted(self):
        start(self)
        monkeypatch.setattr(threading.Thread, "start", start)
        raise KeyboardInterrupt

    monkeypatch.setattr(crew.Crew, "_help", lambda self, number: numbers.append(number))
    monkeypatch.setattr(threading.Thread, "start", interrupted)
    made = crew.Crew()
    with pytest.raises(KeyboardInterrupt):
        made.of(4)
    made.of(4)
    assert sorted(numbers) == [0, 1, 2]
