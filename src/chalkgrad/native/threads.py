"""Threads that share out blocks of work. Machine code runs without the interpreter's lock, so they run side by side."""

import operator
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from chalkgrad.errors import GivenError

_settings = {"count": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1}
_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}


def set_threads(count: int) -> None:
    """How many threads native code uses at most. Results are the same to the last bit for any number."""
    try:
        wanted = operator.index(count)
    except TypeError:
        wanted = 0
    if wanted < 1 or isinstance(count, bool):
        raise GivenError(
            f"{count!r} is no number of threads.", hint="Give a whole number from 1 on: set_threads(1) uses no others."
        )
    _settings["count"] = wanted


def share_out(work: Callable[[int], None], count: int) -> None:
    """Call work(0) … work(count − 1), by several threads at once.

    `work` itself has to keep alive the memory it writes to: where the caller is interrupted, other threads may be at it still.
    """
    helpers = min(_settings["count"], count) - 1
    if helpers < 1:
        for place in range(count):
            work(place)
        return
    todo = iter(range(count))
    turn = threading.Lock()

    def some() -> None:
        while True:
            with turn:
                place = next(todo, None)
            if place is None:
                return
            work(place)

    waiting = _helped(some, helpers)
    some()
    for one in waiting:
        if not one.cancel():  # who has not begun has nothing left to do
            one.result()


def _helped(some: Callable[[], None], helpers: int) -> list[Future[None]]:
    waiting: list[Future[None]] = []
    try:
        pool = _pool(_settings["count"] - 1)
        waiting.extend(pool.submit(some) for _ in range(helpers))
    except RuntimeError:  # the interpreter is ending, or the system has no more threads: the caller does the work
        pass
    return waiting


def _pool(count: int) -> ThreadPoolExecutor:
    key = os.getpid(), count  # a forked process has none of its parent's threads
    return _pools.get(key) or _pools.setdefault(key, ThreadPoolExecutor(count, thread_name_prefix="chalkgrad"))
