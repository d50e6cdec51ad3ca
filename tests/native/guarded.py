"""Kernels between guard pages: every input and output begins or ends right beside memory that nobody may read or write."""

import ctypes
import mmap
from functools import partial

import numpy as np

from chalkgrad import value_and_grad
from chalkgrad.native.loops import at_once, steps, sweeping
from tests.native.test_columns import LOSSES as COLUMNS
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
CALLED = []  # as a whole


def check(f, inputs, at_end):
    steps.room = lambda shape, dtype: guarded(shape, dtype, at_end)
    at_once.room_for = lambda shape, dtype: partial(steps.room, shape, dtype)
    program, values = program_of(f, *inputs)
    runner = compiled(program, values)
    held = []
    for value in inputs:
        held.append(guarded(value.shape, value.dtype, at_end))
        held[-1][...] = value
    made = [runner.run(held)]
    if whole := runner.whole():
        made.append(whole(*held))
        CALLED.append(f)
    for found in made:
        for one, other in zip(program.run(values), found, strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-4)


def random_loss(seed):
    """A function of a batch of scores and one place for each row, of gates drawn by lot."""

    def loss(z, y):
        draw, wires = np.random.default_rng(seed), [z]
        for _ in range(draw.integers(2, 9)):
            x, other = (wires[draw.integers(len(wires))] for _ in range(2))
            wires.append(GATES[draw.integers(len(GATES))](x, other, y))
        return sum(np.sum(one) * weight for one, weight in zip(wires[-3:], (0.5, 0.25, 1.0), strict=False))

    return loss


GATES = [
    lambda x, other, y: np.tanh(x) + other,
    lambda x, other, y: x * np.sin(other),
    lambda x, other, y: np.exp(-np.abs(x)) - other,
    lambda x, other, y: np.where(other > 0, x, 0.5 * other),
    lambda x, other, y: x - np.max(other, axis=1, keepdims=True),
    lambda x, other, y: x / (1 + np.sum(other * other, axis=1, keepdims=True)),
    lambda x, other, y: x + np.tanh(np.mean(other, axis=0)),
    lambda x, other, y: x - np.tanh(other[np.arange(len(y)), y])[:, None],
    lambda x, other, y: np.tanh(x[:, ::-1]) * other,
    lambda x, other, y: x * np.log(np.sum(np.exp(np.tanh(other)), axis=1))[:, None],
]


def judged(W, X, y):
    """A linear classifier with its gradient: two products and a kernel that go over X together."""

    def loss(W):
        z = X @ W
        return np.sum(np.log(np.sum(np.exp(z), axis=1)) - z[np.arange(len(y)), y])

    return value_and_grad(loss)(W)


def beside(X, w, Y):
    """A product and a kernel of narrow rows that go over X together."""
    return value_and_grad(lambda w: np.sum(np.tanh(X @ w)[:, None] * np.exp(Y)))(w)


if __name__ == "__main__":
    steps.BLOCK, steps.LEAST_SHARED, sweeping.SHARE = 100, 1, 1  # as many blocks as there may be, and small ones
    for at_end in (False, True):
        for rows, width in ((64, 2), (67, 10), (70, 33), (66, 300)):
            for dtype in (np.float32, np.float64):
                for f in ROWS:
                    check(with_slope(f), scores(rows, width, dtype), at_end)
        draw = np.random.default_rng(0)
        for shapes, product in FORMS.values():
            check(products(shapes, product), [draw.standard_normal(shape) for shape in shapes(71, 3, 5)], at_end)
        for seed in range(24):
            rows, width, dtype = (one[seed % len(one)] for one in ((5, 64, 71, 300), range(1, 22), (np.float32, np.float64)))
            check(with_slope(random_loss(seed)), scores(rows, width, dtype), at_end)
        for rows, columns, classes in ((301, 1001, 3), (517, 784, 10)):
            X, y = draw.standard_normal((rows, columns)).astype(np.float32), draw.integers(0, classes, rows)
            check(judged, [(0.01 * draw.standard_normal((columns, classes))).astype(np.float32), X, y], at_end)
        for loss in COLUMNS:
            for points, classes in ((256, 2), (301, 10), (1037, 33)):
                for dtype in (np.float32, np.float64):
                    z, y = scores(points, classes, dtype)
                    check(with_slope(loss), [np.ascontiguousarray(z.T), y], at_end)
        check(beside, [draw.standard_normal(shape) for shape in ((260, 1024), 1024, (260, 5))], at_end)
    assert len(CALLED) > 50
    print("all done")
