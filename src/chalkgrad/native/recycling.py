"""Memory for results that is used again once its array is gone.

A large fresh array costs more than filling it: the system has to find and clear every page. So the memory of large results is kept,
and given to the next result of that size as soon as nobody holds an array on it any more.
"""

import sys
import threading
from typing import Any

import numpy as np

from chalkgrad.graph.shapes import Shape

LEAST, MOST_HELD = 2**18, 2**29  # bytes
UNHELD = 3  # references to memory that only the list knows: the list's, the name's, and that of the question itself

_LOCK = threading.Lock()
_held: list[Any] = []


def room(shape: Shape, dtype: np.dtype[Any]) -> Any:
    """An array of no particular content."""
    size = dtype.itemsize
    for one in shape:
        size *= one
    if size < LEAST:
        return np.empty(shape, dtype)
    return _memory(size)[:size].view(dtype).reshape(shape)


def _memory(size: int) -> Any:
    with _LOCK:
        for place in range(len(_held)):
            one = _held[place]
            if size <= one.size <= size + size // 8 and sys.getrefcount(one) == UNHELD:
                _held.append(_held.pop(place))
                return one
        made = np.empty(size, dtype=np.uint8)
        _held.append(made)
        while len(_held) > 1 and sum(one.size for one in _held) > MOST_HELD:
            _held.pop(0)  # the one used longest ago; an array on it lives on
        return made
