"""Arrays that somebody else may write to: whether one is as it was, and whether it can change at all. And how much memory there is.

>>> import numpy as np
>>> identical(np.array([0.0, np.nan]), np.array([0.0, np.nan])), identical(np.array([0.0]), np.array([-0.0]))
(True, False)
>>> data = np.ones(3)
>>> data.flags.writeable = False
>>> frozen(data), frozen(data[1:]), frozen(np.ones(3))
(True, True, False)
"""

import os
import sys
from typing import Any

import numpy as np

BLOCK = 32_768  # entries that are compared at a time, so that the answers stay in the cache
FEW = 2**17  # bytes that are copied and compared at once sooner than in blocks


def frozen(array: Any) -> bool:
    """Whether the array is read-only, and so is what it is a view of: then its owner has said that it will not change."""
    while isinstance(array, np.ndarray):
        if array.flags.writeable or array.dtype.hasobject:
            return False
        array = array.base
    return array is None or isinstance(array, bytes)


def identical(one: Any, other: Any) -> bool:
    """Whether two arrays are the same bit by bit: NaN is itself, and −0 is not 0, for 1/x tells them apart."""
    if one.dtype != other.dtype or one.shape != other.shape or one.dtype.hasobject:
        return False
    one, other = np.asarray(one), np.asarray(other)
    if one.nbytes <= FEW or one.dtype.itemsize not in (1, 2, 4, 8) or one.dtype.names:
        return bool(one.tobytes() == other.tobytes())
    if one.flags.f_contiguous and other.flags.f_contiguous:
        one, other = one.T, other.T
    bits = f"u{one.dtype.itemsize}"
    one, other = np.atleast_1d(one.view(bits)), np.atleast_1d(other.view(bits))
    if one.flags.c_contiguous and other.flags.c_contiguous:
        one, other = one.reshape(-1), other.reshape(-1)
    rows = max(1, BLOCK * len(one) // max(one.size, 1))
    return all(bool((one[at : at + rows] == other[at : at + rows]).all()) for at in range(0, len(one), rows))


def _memory_of_this_machine() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # where the system does not say, it is asked for the memory itself
        return sys.maxsize


MEMORY = _memory_of_this_machine()
