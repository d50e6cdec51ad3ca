"""What a function reads beside its arguments is read as it is now, however it is read; and arrays are compared cheaply."""

import dataclasses
import tracemalloc
from functools import cached_property, partial

import numpy as np
import pytest

from chalkgrad import checkpoint, grad, value_and_grad
from chalkgrad.reading.trace.memory import frozen, identical

X = np.ones(2)
FACTOR = 2.0


def data(dtype):
    return np.arange(1.0, 41.0).reshape(10, 4).astype(dtype)


READINGS = {
    "lifted": lambda a, w: np.sum(np.square(a @ w)),
    "lifted twice": lambda a, w: np.sum(a @ w) * np.max(a * w),
    "derived by NumPy": lambda a, w: np.sum(w) * a.mean() + np.sum(a[2:5, ::2].T),
    "as a plain number": lambda a, w: np.sum(w) * float(a[3, 1]),
    "by a branch": lambda a, w: np.sum(w) if a[3, 1] > 0 else np.prod(w),
    "a view within": lambda a, w: np.sum(a[::3] @ w),
    "as a place": lambda a, w: w[int(abs(a[3, 1])) % 4] ** 2,
    "as places": lambda a, w: np.sum(w[a[3, :2].astype(int) % 4] ** 2),
}
LAYOUTS = {
    "rows first": lambda a: a,
    "columns first": np.asfortranarray,
    "a view of every other": lambda a: np.repeat(np.repeat(a, 2, axis=0), 2, axis=1)[::2, 1::2],
    "read-only view of what is not": lambda a: np.broadcast_to(a, a.shape),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.longdouble])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("reading", READINGS)
def test_an_array_that_was_changed_is_read_again(reading, layout, dtype):
    owner = data(dtype)
    a = LAYOUTS[layout](owner)
    changed = owner if np.shares_memory(owner, a) else a
    kept = value_and_grad(lambda w: READINGS[reading](a, w))
    w = np.array([1.0, -2.0, 0.5, 3.0], dtype=np.float32 if dtype == np.float32 else np.float64)
    kept(w), kept(w)
    assert kept.traces == 1
    changed[3, 1] = -9
    value, slope = kept(w)
    fresh, other = value_and_grad(lambda w: READINGS[reading](a.copy(), w))(w)
    assert kept.traces == 2
    assert value == fresh
    np.testing.assert_array_equal(slope, other)


def test_a_function_that_changes_its_array_is_right_at_every_call():
    a = np.ones(1000)

    def f(w):
        before = np.sum(a * w)
        a[0] += 1
        return before + np.sum(a * w)

    slope = grad(f)
    assert [slope(np.ones(1000))[0] for _ in range(3)] == [3.0, 5.0, 7.0]


def test_signs_of_zero_are_told_apart():
    zero, zeros = 0.0, np.zeros(1)
    by_number, by_array = grad(lambda x: x / zero), grad(lambda x: x / zeros[0])
    assert by_number(1.0) == by_array(1.0) == np.inf
    zero, zeros[0] = -0.0, -0.0
    assert by_number(1.0) == by_array(1.0) == -np.inf


def test_a_mask_is_part_of_an_array():
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    slope = grad(lambda x: x * float(masked.sum()))
    assert slope(1.0) == 1.0
    masked.mask = [False, False]
    assert slope(1.0) == 3.0


def test_things_that_change_places():
    first, second = np.array([1.0, 2.0]), np.array([5.0, 6.0])
    table = {"p": first, "q": second}
    slope = grad(lambda x: np.sum(0 * first + 0 * second + x * table["p"]))
    np.testing.assert_array_equal(slope(X), first)
    table["p"], table["q"] = second, first
    np.testing.assert_array_equal(slope(X), second)


def test_an_equal_thing_in_its_place_needs_no_new_trace():
    table = {"a": [1.0, {"k": 2.0}], "w": np.ones(2)}
    slope = grad(lambda x: np.sum(x * table["w"]) * table["a"][1]["k"])
    slope(X)
    table["a"], table["w"] = [1.0, {"k": float("2")}], np.ones(2)
    for _ in range(2):
        np.testing.assert_array_equal(slope(X), [2.0, 2.0])
    assert slope.traces == 1
    table["w"][0] = 7.0
    np.testing.assert_array_equal(slope(X), [14.0, 2.0])


def test_methods_and_class_attributes_are_read_again():
    factor = 2.0

    class Base:
        gain = 1.0

        def scaled(self, x):
            return x * factor * self.gain

    @dataclasses.dataclass
    class Model(Base):
        weight: object

        def save(self, path):
            open(path).close()  # never called: what is not read does not count

        @property
        def bias(self):
            return factor

        @cached_property
        def twice(self):
            return 2 * factor

        @staticmethod
        def plain(x):
            return x * factor

        def __call__(self, x):
            return x * factor

        def loss(self, x):
            scaled = getattr(self, "scaled", None)
            return np.sum(scaled(x)) + self.bias * x[0] + np.sum(self.plain(x)) + self(x)[1] + np.sum(x * self.weight)

    model = Model(np.zeros(2))
    slope = grad(model.loss)
    for _ in range(2):
        np.testing.assert_array_equal(slope(X), [6.0, 6.0])
    assert slope.traces == 1
    factor = 3.0
    np.testing.assert_array_equal(slope(X), [9.0, 9.0])
    Base.gain = 10.0
    np.testing.assert_array_equal(slope(X), [36.0, 36.0])
    model.weight[0] = 1.0
    np.testing.assert_array_equal(slope(X), [37.0, 36.0])
    Model.scaled = lambda self, x: x
    np.testing.assert_array_equal(slope(X), [8.0, 7.0])


def scaled(weight, x):
    return np.sum(x * weight) * FACTOR


WRAPS = {"plain": lambda f: f, "checkpoint": checkpoint, "partial": lambda f: partial(f), "grad": grad}


@pytest.mark.parametrize("wrap", WRAPS)
def test_functions_within_functions_are_read(wrap, monkeypatch):
    def f(x):
        return np.sum(WRAPS[wrap](partial(scaled, 3.0))(x) * x)

    slope = grad(f)
    before = slope(X)
    np.testing.assert_array_equal(slope(X), before)
    assert slope.traces == 1
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    np.testing.assert_array_equal(slope(X), before * 2.5)


def test_a_large_array_is_copied_once_and_a_frozen_one_never():
    a = np.ones((1000, 100))

    def taken(a):
        slope = grad(lambda w: np.sum(a @ w) + np.max(a @ (2 * w)) + np.sum(a * w))
        tracemalloc.start()
        slope(np.ones(100))
        kept = tracemalloc.get_traced_memory()[0] / a.nbytes
        tracemalloc.stop()
        return kept

    assert 1 <= taken(a) < 1.5
    a.flags.writeable = False
    assert taken(a) < 0.5


def test_what_is_frozen():
    a = np.ones((3, 3))
    view = a[1:]
    assert not frozen(a)
    view.flags.writeable = False
    assert not frozen(view)  # its owner can be written to
    a.flags.writeable = False
    assert frozen(a)
    assert frozen(view)
    assert frozen(a.T[1:])
    assert frozen(np.frombuffer(b"12345678", dtype=float))
    assert not frozen(np.frombuffer(bytearray(8), dtype=float))
    assert not frozen(np.array([None]))


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i1", "u2", "?", "c16", "g", "M8[s]", "U3", "i4,f8", ">f8"])
@pytest.mark.parametrize("shape", [(), (1,), (0,), (5,), (100_000,), (7, 3), (3, 0, 2), (2, 3, 4)])
def test_arrays_are_compared_bit_by_bit(dtype, shape):
    one = np.zeros(shape, dtype=dtype)
    for here in (one, one.T, one[..., ::-1] if shape else one, np.asfortranarray(one)):
        other = here.copy()
        assert identical(here, other)
        if here.size:
            other[(-1,) * here.ndim] = np.ones((), dtype=dtype)[()]
            assert not identical(here, other)
    assert not identical(one, np.zeros((*shape, 1), dtype=dtype))
    assert not identical(one, np.zeros(shape, dtype="S1"))
