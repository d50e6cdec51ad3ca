"""Memory for results that is used again once its array is gone.

A fresh array costs more than filling it: the system has to find and clear every page. The C library keeps little for the next one;
it may give back what a few results of some pages took, and ask for it again at each call. So the memory of results is kept, and
given to the next result of that size as soon as nobody holds an array on it any more.
"""

import math
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from sys import getrefcount
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.errors import NoRoomError
from chalkgrad.graph.shapes import Shape, show
from chalkgrad.native import threads
from chalkgrad.reading.trace.memory import MEMORY

LEAST, LARGE = 2**15, 2**18  # bytes of a result whose memory is kept; of one for which memory of any kind of array will do
MOST_HELD = 2**29  # bytes, of large results together
MOST_OF_A_KIND = 32  # smaller results that are kept, of one shape and dtype
NOTHING: Mapping[int, Any] = MappingProxyType({})  # where no results are to be written into arrays of the caller's


def room(shape: Shape, dtype: np.dtype[Any]) -> Any:
    """An array of no particular content. Raises NoRoomError for one that cannot fit."""
    return room_for(shape, dtype)()


def room_for(shape: Shape, dtype: np.dtype[Any]) -> Callable[[], Any]:
    """What makes such arrays: for small ones NumPy itself."""
    size = dtype.itemsize * math.prod(shape)
    if size < LEAST or not threads.LOCKED:  # counts of references lag behind where several threads run Python at once
        return partial(np.empty, shape, dtype)
    return partial(_usual, _pool(shape, dtype), shape, dtype) if size < LARGE else partial(_large, shape, dtype)


def _large(shape: Shape, dtype: np.dtype[Any]) -> Any:
    must_fit(shape, dtype)
    size = dtype.itemsize * math.prod(shape)
    return _memory(size)[:size].view(dtype).reshape(shape)


def must_fit(shape: Shape, dtype: np.dtype[Any], count: int = 1) -> None:
    """Raises NoRoomError for arrays that are larger than all memory, before the system is asked for any."""
    size = dtype.itemsize * math.prod(shape) * count
    if size > MEMORY:
        results = "A result" if count == 1 else f"{count} results"
        raise NoRoomError(
            f"{results} of the shape {show(shape)} would take {size / 2**30:,.1f} GiB; this machine has {MEMORY / 2**30:,.1f} GiB.",
            hint="Compute in parts.",
        )


_LOCK = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)
_held: list[Any] = []


def _references(held: list[Any], place: int) -> int:
    one = held[place]
    return getrefcount(one)


UNHELD = _references([np.empty(0)], 0)  # of memory that only the list knows; what the question itself adds differs between Pythons


@lru_cache(maxsize=64)
def _pool(shape: Shape, dtype: np.dtype[Any]) -> deque[Any]:
    """Arrays of one kind whose memory is kept; those that were given longest ago come first."""
    return deque(maxlen=MOST_OF_A_KIND)


def _usual(pool: deque[Any], shape: Shape, dtype: np.dtype[Any]) -> Any:
    try:
        for _ in range(len(pool)):
            one = pool.popleft()  # now no other thread can take it
            if getrefcount(one) == ALONE:
                found = one.view()
                pool.append(one)
                return found
            pool.append(one)
    except IndexError:  # other threads are looking at all of them
        pass
    one = np.empty(shape, dtype)
    pool.append(one)
    return one.view()


def _references_of_a_popped_one() -> int:
    pool = deque([np.empty(0)])
    one = pool.popleft()
    return getrefcount(one)


ALONE = _references_of_a_popped_one()


def _memory(size: int) -> Any:
    with _LOCK:
        for place in reversed(range(len(_held))):  # what was given last may still be in a cache
            if size <= _held[place].size <= size + size // 8 and _references(_held, place) == UNHELD:
                _held.append(_held.pop(place))
                return _held[-1]
        made = np.empty(size, dtype=np.uint8)
        _held.append(made)
        while len(_held) > 1 and sum(one.size for one in _held) > MOST_HELD:
            _held.pop(0)  # the one used longest ago; an array on it lives on
        return made
