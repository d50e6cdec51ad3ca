"""Kernels between guard pages: every input and output begins or ends right beside memory that nobody may read or write."""

import ctypes
import mmap

import numpy as np

from chalkgrad.native.loops import at_once, steps
from tests.native.test_loops import compiled, program_of
from tests.native.test_rows import FORMS, ROWS, products, scores, with_slope

PAGE = mmap.PAGESIZE
C = ctypes.CDLL(None, use_errno=True)


def guarded(shape, dtype, at_end):
    """An array that ends where a guard page begins, or begins where one ends."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    pages = -(-size // PAGE)
    memory = mmap.mmap(-1, (pages + 2) * PAGE)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for page in (0, pages + 1):
        assert C.mprotect(ctypes.c_void_p(base + page * PAGE), PAGE, 0) == 0
    first = PAGE + pages * PAGE - size if at_end else PAGE
    KEPT.append(memory)
    return np.frombuffer(memory, dtype=dtype, count=int(np.prod(shape)), offset=first).reshape(shape)


KEPT = []


def check(f, inputs, at_end):
    steps.room = lambda shape, dtype: guarded(shape, dtype, at_end)
    at_once.room_for = lambda shape, dtype: steps.room
    program, values = program_of(f, *inputs)
    runner = compiled(program, values)
    held = []
    for value in inputs:
        held.append(guarded(value.shape, value.dtype, at_end))
        held[-1][...] = value
    for one, other in zip(program.run(values), runner.run(held), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-4)


if __name__ == "__main__":
    for at_end in (False, True):
        for rows, width in ((64, 2), (67, 10), (70, 33), (66, 300)):
            for dtype in (np.float32, np.float64):
                for f in ROWS:
                    check(with_slope(f), scores(rows, width, dtype), at_end)
        draw = np.random.default_rng(0)
        for shapes, product in FORMS.values():
            check(products(shapes, product), [draw.standard_normal(shape) for shape in shapes(71, 3, 5)], at_end)
    print("all done")
