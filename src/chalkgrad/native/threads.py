"""How many threads native code may use."""

import operator
import os
import sys

import numpy as np

from chalkgrad.errors import GivenError

COUNT = np.array([len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1], dtype=np.int64)


LOCKED: bool = getattr(sys, "_is_gil_enabled", lambda: True)()  # whether one thread at a time runs Python


def count() -> int:
    """How many threads may work at once."""
    return COUNT.item()


def set_threads(number: int) -> None:
    """How many threads native code uses at most. Results are the same to the last bit for any number."""
    try:
        wanted = operator.index(number)
    except TypeError:
        wanted = 0
    if wanted < 1 or isinstance(number, bool):
        raise GivenError(
            f"{number!r} is no number of threads.", hint="Give a whole number from 1 on: set_threads(1) uses no others."
        )
    COUNT[0] = min(wanted, np.iinfo(np.int64).max)  # machine code reads it too
