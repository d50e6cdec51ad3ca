"""Arrays with gaps between their entries are read where they lie; the numbers are those of a plain copy."""

import mmap
import tracemalloc

import numpy as np
import pytest

from chalkgrad import jit, value_and_grad
from chalkgrad.native.loops import gaps

DRAW = np.random.default_rng(8)


@pytest.fixture(autouse=True, params=["small ones too", "large ones"])
def small_ones_too(request, monkeypatch):
    if request.param == "small ones too":
        monkeypatch.setattr(gaps, "LEAST", 1)
        monkeypatch.setattr(gaps, "IN_CACHE", 5000)


def cross_entropy(z, y):
    s = z - z.max(axis=1, keepdims=True)
    return -np.mean((s - np.log(np.exp(s).sum(axis=1, keepdims=True)))[np.arange(len(y)), y])


def lying(x):
    """The same numbers in memory of all kinds."""
    spaced = np.zeros(tuple(2 * size for size in x.shape), x.dtype)
    every_other = spaced[tuple(slice(None, None, 2) for _ in x.shape)]
    every_other[...] = x
    beside = np.concatenate([x, x], axis=-1)
    shifted = np.zeros(x.nbytes + 1, dtype=np.uint8)[1:].view(x.dtype).reshape(x.shape)
    shifted[...] = x
    backwards = np.flip(np.flip(x).copy())
    return {
        "every other": every_other, "beside others": beside[..., : x.shape[-1]], "unaligned": shifted, "backwards": backwards,
        "backwards in rows": np.flip(np.flip(x, -1).copy(), -1), "column by column": np.asfortranarray(x),
        "axes changed": np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 0)), 0, -1),
    }  # fmt: skip


KINDS = list(lying(np.zeros((2, 3))))


def assert_same(found, right):
    for one, other in zip(found, right, strict=True):
        # Sums over rows are put together from other parts.
        np.testing.assert_allclose(one, other, rtol=64 * np.finfo(np.asarray(other).dtype).eps, atol=1e-30)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1111, 10), (700, 400)])
def test_matrices(shape, dtype, kind):
    z, y = DRAW.standard_normal(shape).astype(dtype), DRAW.integers(0, shape[1], shape[0])
    step = value_and_grad(cross_entropy)
    step(z, y)
    right = step(z, y)
    assert_same(step(lying(z)[kind], y), right)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(50_001,), (301, 7, 11), (40, 3, 5, 70)])
def test_arrays_of_any_number_of_axes(shape, kind):
    x = DRAW.standard_normal(shape)
    step = jit(lambda x: (np.sum(np.tanh(x) ** 2), np.sum(x * x, axis=-1), np.exp(x)))
    step(x)
    right = step(x)
    assert_same(step(lying(x)[kind]), right)


def test_one_row_and_one_number_for_all():
    step = jit(lambda x: (np.exp(x), np.sum(x, axis=1)))
    row = DRAW.standard_normal(300)
    for x in (np.broadcast_to(row, (900, 300)), np.broadcast_to(1.5, (900, 300)), np.broadcast_to(row[:, None], (300, 900)).T):
        for _ in range(3):
            assert_same(step(x), (np.exp(x), x.sum(axis=1)))


def test_several_at_once_of_several_kinds_of_number():
    def f(x, w, mask, places):
        return np.where(mask, x * w, 0.5)[np.arange(len(places)), places]

    rows, columns = 2000, 30
    x, w = DRAW.standard_normal((rows, columns)), DRAW.standard_normal((rows, columns)).astype(np.float32)
    mask, places = np.asfortranarray(DRAW.random((rows, columns)) < 0.5), DRAW.integers(0, columns, 2 * rows)[::2]
    step = jit(f)
    for one, other in ((x, w), (x, w), (x[::-1], np.asfortranarray(w)), (np.asfortranarray(x), w[:, ::-1])):
        np.testing.assert_array_equal(step(one, other, mask, places), f(one, other, mask, places))


def test_an_index_out_of_bounds_is_seen_there_too():
    z, y = np.asfortranarray(DRAW.standard_normal((1000, 20))), np.zeros(1000, dtype=int)
    step = jit(lambda z, y: z[np.arange(len(y)), y] * 2.0)
    step(z, y)
    step(z, y)
    y = y.copy()
    y[777] = 20
    with pytest.raises(IndexError):
        step(z, y)


def test_nothing_is_copied_in_memory(small_ones_too, request):
    wide = DRAW.standard_normal((20_000, 200))
    x = wide[:, ::2]
    step = jit(lambda x: np.sum(np.tanh(x)))
    step(np.ascontiguousarray(x))
    step(np.ascontiguousarray(x))
    step(x)
    tracemalloc.start()
    step(x)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < x.nbytes / 4


def test_nothing_is_read_beyond_the_array():
    """The array ends where memory that is not ours begins."""
    ctypes = pytest.importorskip("ctypes")
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "mprotect"):
        pytest.skip("this system has no mprotect")
    rows, columns = 501, 33
    size = (2 * rows * columns - 1) * 8
    pages = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = mmap.mmap(-1, pages + 2 * mmap.PAGESIZE)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for guard in (base, base + mmap.PAGESIZE + pages):
        assert libc.mprotect(ctypes.c_void_p(guard), ctypes.c_size_t(mmap.PAGESIZE), 0) == 0
    step = jit(lambda x: np.sum(np.sqrt(1.0 + x * x), axis=1))
    for start in (mmap.PAGESIZE, mmap.PAGESIZE + pages - size):
        flat = np.frombuffer(memory, dtype=np.float64, count=size // 8, offset=start)
        for x in (flat[::2].reshape(rows, columns), flat[::-2].reshape(rows, columns)):
            assert not x.flags.owndata
            step(np.ascontiguousarray(x))
            np.testing.assert_allclose(step(x), np.sum(np.sqrt(1.0 + x * x), axis=1), rtol=1e-14)


def test_explain_compile_tells_what_becomes_of_it(request):
    x = np.asfortranarray(DRAW.standard_normal((2000, 300)))
    step = jit(lambda x: np.exp(x) * x)
    step(x)
    said = str(step.explain_compile(x))
    assert "An input of the shape (2000×300) has gaps between its entries, and is read where it lies" in said
    assert "gaps" not in str(step.explain_compile(np.ascontiguousarray(x)))
