"""Locks of code that is made once, in processes that are forked: a thread that held one when it was forked is not there any more.

    >>> lock = open_in_forks()
    >>> with lock:
    ...     pass

Such a lock stands open in the forked process. So what it guards has to be whole at every moment: a table that gets another entry,
a graph that grows.
"""

import os
import threading
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakSet

Made = TypeVar("Made")

_locks: WeakSet[Any] = WeakSet()


def open_in_forks() -> Any:
    """A lock that one thread may take several times; in a forked process it is open."""
    lock = threading.RLock()
    _locks.add(lock)
    return lock


def _forked() -> None:
    for lock in list(_locks):
        lock._at_fork_reinit()  # as the standard library does with its own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class Once(cached_property[Made]):
    """`cached_property` as it is from Python 3.12 on: 3.11 has one lock for all objects of a class, and holds it meanwhile."""

    def __get__(self, one: Any, kind: type[Any] | None = None) -> Any:
        if one is None:
            return self
        assert self.attrname is not None
        made = one.__dict__[self.attrname] = self.func(one)
        return made
