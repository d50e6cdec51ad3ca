"""A peer in a process of its own: it prepares a case, proves its answer, and is timed when it is asked."""

import contextlib
import multiprocessing
import os
import sys
import time
import timeit
from multiprocessing.connection import Connection
from typing import Any

import peers
import tasks

SAMPLE = 0.1  # seconds of one sample, at least
WARM = 0.2  # seconds of calls before the first one
LONGEST = 0.5  # seconds of a call that is not repeated before a sample


class Peer:
    """The process of a peer; one that dies or takes too long is told of, and started again for the next case."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process: Any = None

    def ask(self, limit: float, *request: Any) -> dict[str, Any]:
        """What the process answers within so many seconds: a dictionary, with `skipped` where there is no result."""
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._pipe, other = context.Pipe()
            self._process = context.Process(target=serve, args=(other, self.name), daemon=True)
            self._process.start()
            other.close()
        try:
            self._pipe.send(request)
            if self._pipe.poll(limit):
                found: dict[str, Any] = self._pipe.recv()
                return found
            why = f"longer than {limit:.0f} s"
        except (EOFError, OSError):
            why = "its process died"
        self.leave()
        return {"skipped": why}

    def leave(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def serve(pipe: Connection, peer: str) -> None:
    """Answer until the other end is gone."""
    os.dup2(2, 1)  # what a peer prints does not belong into the table
    sys.setrecursionlimit(10**7)
    timer, often = timeit.Timer(), 1
    with contextlib.suppress(EOFError):
        while True:
            what, *rest = pipe.recv()
            found: dict[str, Any] = {}
            if what == "prepare":
                timer = timeit.Timer()  # lets go of what was measured before
                try:
                    timer, found = prepared(peer, *rest)
                    often = repeats(timer)
                except peers.SkippedError as error:
                    found = {"skipped": str(error)}
                except Exception as error:
                    found = {"skipped": f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"}
            elif what == "sample":
                if timer.timeit(1) < LONGEST:
                    timer.timeit(2)  # after its turn of idleness, so that caches and pages are its own again
                found = {"seconds": timer.timeit(often) / often}
            pipe.send(found)


def prepared(peer: str, task: str, name: str) -> tuple[timeit.Timer, dict[str, Any]]:
    """A timer of the call, once its answers were right, and how long it took until it was ready: made, traced, compiled.

    Some systems compile on the second call, so that one counts as well.
    """
    make = peers.maker(peer, task)
    case = tasks.case(task, name)
    started = time.perf_counter()
    job = make(case.data)
    results = [job.call(*job.arguments) for _ in range(2)]
    ready = time.perf_counter() - started
    for result in results:
        error = case.error(job.answer(result))
        if error > case.tolerance:
            raise peers.SkippedError(f"wrong by {error:.0e} of the largest entry")
    names = [f"a{place}" for place in range(len(job.arguments))]
    held = {"call": job.call, **dict(zip(names, job.arguments, strict=True))}
    return timeit.Timer(f"call({', '.join(names)})", "import gc; gc.enable()", globals=held), {"ready": ready, "error": error}


def repeats(timer: timeit.Timer) -> int:
    """Warm up; then how many calls make a sample."""
    started, count = time.perf_counter(), 0
    while count < 3 or time.perf_counter() - started < WARM:
        one = timer.timeit(1)
        count += 1
        if one > LONGEST:
            return 1
    often = 1
    while (taken := timer.timeit(often)) < SAMPLE:
        often = max(often + 1, int(often * min(10.0, 1.2 * SAMPLE / max(taken, 1e-9))))
    return often
