"""Threads that share out blocks of work. Machine code runs without the interpreter's lock, so they run side by side."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_settings = {"count": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1}
_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}


def set_threads(count: int) -> None:
    """How many threads native code uses at most. Results are the same to the last bit for any number."""
    _settings["count"] = max(1, int(count))


def share_out(work: Callable[[int], None], count: int) -> None:
    """Call work(0) … work(count − 1), by several threads at once."""
    helpers = min(_settings["count"], count) - 1
    if helpers < 1:
        for place in range(count):
            work(place)
        return
    todo = iter(range(count))

    def some() -> None:
        while (place := next(todo, None)) is not None:
            work(place)

    waiting = [_pool(helpers).submit(some) for _ in range(helpers)]
    some()
    for one in waiting:
        one.result()


def _pool(count: int) -> ThreadPoolExecutor:
    key = os.getpid(), count  # a forked process has none of its parent's threads
    if key not in _pools:
        _pools[key] = ThreadPoolExecutor(count, thread_name_prefix="chalkgrad")
    return _pools[key]
