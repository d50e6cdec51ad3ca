"""The namespace behaves as the standard says: the same calls on array-api-strict give the same values, shapes and kinds of number.

Each call is made three times: by the strict implementation, with NumPy arrays, and with traced values.
"""

import operator

import array_api_strict as strict
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, broadcastable_shapes

from chalkgrad import array_api
from chalkgrad.reading.trace.session import Trace
from chalkgrad.reading.trace.traced import Traced

FLOATS = ("float32", "float64")
SIGNED = ("int8", "int16", "int32", "int64")
WHOLE = (*SIGNED, "uint8", "uint16", "uint32", "uint64")
NUMERIC = (*WHOLE, *FLOATS)
ANY = ("bool", *NUMERIC)
BITS = ("bool", *WHOLE)

ENTRIES = {"f": st.floats(-50, 50, width=32), "i": st.integers(-5, 5), "u": st.integers(0, 5), "b": st.booleans()}
SPECIAL = st.one_of(ENTRIES["f"], st.sampled_from([0.0, -0.0, np.inf, -np.inf, np.nan]))

ONE = {
    FLOATS: "acos acosh asin asinh atan atanh cos cosh exp expm1 log log1p log2 log10 reciprocal signbit sin sinh sqrt tan tanh",
    NUMERIC: "abs ceil conj floor isfinite isinf isnan negative positive round sign square trunc",
    BITS: "bitwise_invert",
    ("bool",): "logical_not",
}
TWO = {
    FLOATS: "atan2 copysign divide hypot logaddexp",
    NUMERIC: "add floor_divide greater greater_equal less less_equal maximum minimum multiply remainder subtract",
    ANY: "equal not_equal",
    BITS: "bitwise_and bitwise_or bitwise_xor",
    WHOLE: "bitwise_left_shift bitwise_right_shift",
    ("bool",): "logical_and logical_or logical_xor",
}
once_each = settings(max_examples=20, deadline=None)


def entries(dtype):
    kind = np.dtype(dtype).kind
    return SPECIAL if kind == "f" else ENTRIES[kind]


@st.composite
def some(draw, dtypes=NUMERIC, shape=None, dtype=None, finite=False):
    dtype = dtype or draw(st.sampled_from(dtypes))
    shape = draw(array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)) if shape is None else shape
    return draw(arrays(dtype, shape, elements=ENTRIES["f"] if finite and np.dtype(dtype).kind == "f" else entries(dtype)))


def plain(result):
    """The parts of a result as NumPy arrays."""
    parts = result if isinstance(result, tuple | list) else (result,)
    return [np.asarray(one.value if isinstance(one, Traced) else one._array if hasattr(one, "_array") else one) for one in parts]


def compare(call, *values, rtol=None):
    with np.errstate(all="ignore"):
        try:
            wanted = plain(call(strict, *map(strict.asarray, values)))
        except (TypeError, ValueError, OverflowError, ZeroDivisionError):
            assume(False)
        got = {"NumPy arrays": plain(call(array_api, *values))}
        with Trace().underway():
            got["traced values"] = plain(call(array_api, *map(array_api.asarray, values)))
    for where, parts in got.items():
        assert len(parts) == len(wanted)
        for one, want in zip(parts, wanted, strict=True):
            assert one.shape == want.shape, where
            assert one.dtype == want.dtype, where
            near = rtol or (1e-12 if want.dtype == np.float64 else 1e-5)
            np.testing.assert_allclose(one, want, rtol=near, atol=near if rtol else 0.0, err_msg=where)


def rows(table):
    return [pytest.param(name, dtypes, id=name) for dtypes, names in table.items() for name in names.split()]


@pytest.mark.parametrize("name, dtypes", rows(ONE))
@given(data=st.data())
@once_each
def test_functions_of_one_array(name, dtypes, data):
    compare(lambda xp, x: getattr(xp, name)(x), data.draw(some(dtypes)))


@pytest.mark.parametrize("name, dtypes", rows(TWO))
@given(data=st.data())
@once_each
def test_functions_of_two_arrays(name, dtypes, data):
    x = data.draw(some(dtypes))
    shape = data.draw(broadcastable_shapes(x.shape, max_dims=3, max_side=4))
    y = data.draw(some(tuple(one for one in dtypes if np.dtype(one).kind == x.dtype.kind), shape))
    compare(lambda xp, x, y: getattr(xp, name)(x, y), x, y)


BETWEEN = {
    NUMERIC: "add sub mul floordiv mod lt le gt ge eq ne",
    FLOATS: "truediv pow",
    BITS: "and_ or_ xor",
    WHOLE: "lshift rshift",
}


@pytest.mark.parametrize("name, dtypes", rows(BETWEEN))
@given(data=st.data())
@once_each
def test_operators(name, dtypes, data):
    x = data.draw(some(dtypes))
    y = data.draw(some(dtype=x.dtype, shape=x.shape))
    apply = getattr(operator, name)
    compare(lambda xp, x, y: apply(x, y), x, y)
    number = True if x.dtype == bool else 2 if x.dtype.kind in "iu" else 2.5
    compare(lambda xp, x: (apply(x, number), apply(number, x)), x)


@pytest.mark.parametrize("name, dtypes", rows({NUMERIC: "neg pos abs", BITS: "invert"}))
@given(data=st.data())
@once_each
def test_operators_on_one_array(name, dtypes, data):
    compare(lambda xp, x: getattr(operator, name)(x), data.draw(some(dtypes)))


@given(some(FLOATS, finite=True), st.sampled_from([0.0, 1.0, 2.0, -1.0, 0.5, 3]))
@once_each
def test_powers(x, exponent):
    compare(lambda xp, x: xp.pow(x, exponent), x)
    compare(lambda xp, x: xp.pow(2.0, xp.clip(x, -10, 10)), x)


@given(some(), st.sampled_from([(None, None), (-2, 3), (0, None), (None, 1)]))
@once_each
def test_clip(x, bounds):
    assume(x.dtype.kind != "u" or bounds != (-2, 3))
    compare(lambda xp, x: xp.clip(x, *bounds), x)


@given(st.data())
@once_each
def test_where(data):
    condition = data.draw(some(("bool",)))
    dtype = data.draw(st.sampled_from(ANY))
    x = data.draw(some(dtype=dtype, shape=data.draw(broadcastable_shapes(condition.shape, max_dims=3, max_side=4))))
    y = data.draw(some(dtype=dtype, shape=condition.shape))
    compare(lambda xp, condition, x, y: xp.where(condition, x, y), condition, x, y)


def an_axis(data, rank, several=True):
    if rank == 0:
        return None
    one = st.integers(-rank, rank - 1)
    more = st.lists(st.integers(0, rank - 1), unique=True, min_size=1).map(tuple) if several else one
    return data.draw(st.one_of(st.none(), one, more))


GATHERING = {NUMERIC: "max min prod sum", FLOATS: "mean std var", ANY: "all any count_nonzero"}


@pytest.mark.parametrize("name, dtypes", rows(GATHERING))
@given(data=st.data())
@once_each
def test_gathering(name, dtypes, data):
    x = data.draw(some(dtypes, shape=data.draw(array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4)), finite=True))
    axis, keepdims = an_axis(data, x.ndim), data.draw(st.booleans())
    more = {"correction": data.draw(st.sampled_from([0.0, 0.5]))} if name in ("std", "var") else {}
    # Sums may be added up in another order: the error is in proportion to the largest entries.
    rtol = 1e-11 if x.dtype == np.float64 else 1e-3
    compare(lambda xp, x: getattr(xp, name)(x, axis=axis, keepdims=keepdims, **more), x, rtol=rtol)


@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
@given(data=st.data())
@once_each
def test_the_kind_of_a_sum(name, data):
    x = data.draw(some(shape=(3, 2), finite=True))
    dtype = data.draw(st.sampled_from([None, "float64", "int64"] if x.dtype.kind != "f" else [None, "float64"]))
    more = {"include_initial": data.draw(st.booleans())} if name.startswith("cumulative") else {}
    compare(lambda xp, x: getattr(xp, name)(x, axis=1, dtype=None if dtype is None else getattr(xp, dtype), **more), x, rtol=1e-5)


LAYOUT = {
    "broadcast_arrays": lambda xp, x: xp.broadcast_arrays(x, xp.reshape(x, (1, *x.shape))),
    "broadcast_to": lambda xp, x: xp.broadcast_to(x, (2, *x.shape)),
    "concat": lambda xp, x: xp.concat([x, x, xp.flip(x, axis=0)], axis=0),
    "concat flat": lambda xp, x: xp.concat((x, x), axis=None),
    "diff": lambda xp, x: xp.diff(x, axis=0),
    "diff ends": lambda xp, x: xp.diff(x, axis=-1, n=2, prepend=x, append=x),
    "expand_dims": lambda xp, x: xp.expand_dims(x, axis=-1),
    "flip": lambda xp, x: xp.flip(x),
    "matrix_transpose": lambda xp, x: xp.matrix_transpose(xp.stack([x, x], axis=-1)),
    "meshgrid": lambda xp, x: xp.meshgrid(xp.reshape(x, (-1,)), xp.arange(3, dtype=x.dtype)),
    "meshgrid ij": lambda xp, x: xp.meshgrid(xp.reshape(x, (-1,)), xp.arange(3, dtype=x.dtype), indexing="ij"),
    "moveaxis": lambda xp, x: xp.moveaxis(xp.stack([x, x]), 0, -1),
    "permute_dims": lambda xp, x: xp.permute_dims(x, tuple(range(x.ndim))[::-1]),
    "repeat": lambda xp, x: xp.repeat(x, 2, axis=0),
    "repeat flat": lambda xp, x: xp.repeat(x, 3),
    "reshape": lambda xp, x: xp.reshape(x, (-1, 1)),
    "roll": lambda xp, x: xp.roll(x, 2),
    "roll axis": lambda xp, x: xp.roll(x, (1, -1), axis=(0, -1)),
    "squeeze": lambda xp, x: xp.squeeze(xp.expand_dims(x, axis=1), axis=1),
    "stack": lambda xp, x: xp.stack([x, x], axis=-1),
    "take": lambda xp, x: xp.take(x, xp.asarray([0, 0]), axis=0),
    "take_along_axis": lambda xp, x: xp.take_along_axis(x, xp.argsort(x, axis=0), axis=0),
    "tile": lambda xp, x: xp.tile(x, (2, 1, 2)),
    "tril": lambda xp, x: xp.tril(xp.stack([x, x, x], axis=-1), k=-1),
    "triu": lambda xp, x: xp.triu(xp.stack([x, x, x], axis=-1), k=1),
    "unstack": lambda xp, x: xp.unstack(x, axis=-1),
    "astype": lambda xp, x: (xp.astype(x, xp.float32), xp.astype(x, xp.bool)),
    "zeros_like": lambda xp, x: (xp.zeros_like(x), xp.ones_like(x, dtype=xp.int8), xp.full_like(x, 2)),
    "asarray": lambda xp, x: (xp.asarray(x, copy=True), xp.asarray(x)),
    "argsort": lambda xp, x: (xp.argsort(x, axis=-1), xp.argsort(x, axis=0, descending=True)),
    "sort": lambda xp, x: (xp.sort(x, axis=-1), xp.sort(x, axis=0, descending=True)),
    "argmax": lambda xp, x: (xp.argmax(x), xp.argmin(x, axis=-1), xp.argmax(x, axis=0, keepdims=True)),
    "nonzero": lambda xp, x: xp.nonzero(x),
    "searchsorted": lambda xp, x: xp.searchsorted(xp.sort(xp.reshape(x, (-1,))), x, side="right"),
    "searchsorted sorter": lambda xp, x: xp.searchsorted(xp.reshape(x, (-1,)), x, sorter=xp.argsort(xp.reshape(x, (-1,)))),
    "isin": lambda xp, x: xp.isin(x, xp.asarray([1, 2], dtype=x.dtype)),
    "unique_values": lambda xp, x: xp.sort(xp.unique_values(x)),
    "unique_counts": lambda xp, x: tuple(xp.unique_counts(x)),
    "unique_inverse": lambda xp, x: tuple(xp.unique_inverse(x)),
    "unique_all": lambda xp, x: tuple(xp.unique_all(x)),
    "indexing": lambda xp, x: (x[0, ...], x[..., -1], x[::-1, ...], x[None, :1, ...]),
    "mask": lambda xp, x: x[x > xp.mean(xp.astype(x, xp.float64))] if x.dtype == xp.float64 else x[x > 1],
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUT)
@given(data=st.data())
@once_each
def test_laying_out_and_ordering(name, data):
    shape = data.draw(array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    compare(LAYOUT[name], data.draw(some(shape=shape, finite=True)))


CREATION = {
    "arange": lambda xp: (xp.arange(5), xp.arange(1, 4.5, 0.5), xp.arange(4, 0, -1, dtype=xp.float32)),
    "asarray": lambda xp: (xp.asarray([1, 2]), xp.asarray(2.0), xp.asarray(True), xp.asarray([[1, 2.0]], dtype=xp.float32)),
    "empty": lambda xp: xp.zeros_like(xp.empty((2, 3))),  # whose entries may be anything
    "eye": lambda xp: (xp.eye(3), xp.eye(2, 4, k=1, dtype=xp.int8), xp.eye(0)),
    "full": lambda xp: (xp.full((2, 2), 3), xp.full((), 2.5), xp.full(2, True), xp.full(3, 1, dtype=xp.float32)),
    "linspace": lambda xp: (xp.linspace(0, 1, 5), xp.linspace(0.0, 3.0, 4, endpoint=False, dtype=xp.float32)),
    "ones": lambda xp: (xp.ones(3), xp.ones((2, 0), dtype=xp.int16), xp.zeros((), dtype=xp.bool), xp.zeros(2)),
    "scalars": lambda xp: (xp.asarray([xp.pi, xp.e, xp.inf, xp.nan]), xp.asarray([1.0])[xp.newaxis, ...]),
}


@pytest.mark.parametrize("name", CREATION)
def test_creation(name):
    compare(CREATION[name])


def test_kinds_of_number():
    assert array_api.result_type(array_api.float32, array_api.float64) == np.float64
    assert array_api.isdtype(array_api.int8, ("signed integer", "bool"))
    assert array_api.can_cast(array_api.float32, array_api.float64)
    for kind in FLOATS:
        got, want = array_api.finfo(getattr(array_api, kind)), strict.finfo(getattr(strict, kind))
        assert (got.bits, got.eps, got.max, got.min, got.smallest_normal) == (
            want.bits,
            want.eps,
            want.max,
            want.min,
            want.smallest_normal,
        )
    for kind in WHOLE:
        got, want = array_api.iinfo(getattr(array_api, kind)), strict.iinfo(getattr(strict, kind))
        assert (got.bits, got.max, got.min) == (want.bits, want.max, want.min)


def _spread(xp, x):
    """A matrix that is far from singular, and a symmetric one."""
    square = x[..., :3, :3] + 200.0 * xp.eye(3, dtype=x.dtype)
    return square, square + xp.matrix_transpose(square)


ORDERS = ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)

LINALG = {
    "cholesky": lambda xp, x: (xp.linalg.cholesky(_spread(xp, x)[1]), xp.linalg.cholesky(_spread(xp, x)[1], upper=True)),
    "cross": lambda xp, x: xp.linalg.cross(x[..., :3], 2 * x[..., 1:4] + 1),
    "det": lambda xp, x: xp.linalg.det(_spread(xp, x)[0] / 200),
    "diagonal": lambda xp, x: (xp.linalg.diagonal(x), xp.linalg.diagonal(x, offset=-1)),
    "eigvalsh": lambda xp, x: (xp.linalg.eigvalsh(_spread(xp, x)[1]), xp.linalg.eigh(_spread(xp, x)[1]).eigenvalues),
    "inv": lambda xp, x: xp.linalg.inv(_spread(xp, x)[0]),
    "matmul": lambda xp, x: (xp.matmul(x, xp.matrix_transpose(x)), x @ xp.ones(4, dtype=x.dtype)),
    "matrix_norm": lambda xp, x: tuple(xp.linalg.matrix_norm(x, ord=order) for order in ORDERS),
    "matrix_power": lambda xp, x: tuple(xp.linalg.matrix_power(_spread(xp, x)[0] / 200, n) for n in (-2, 0, 1, 3)),
    "matrix_rank": lambda xp, x: xp.linalg.matrix_rank(_spread(xp, x)[0]),
    "outer": lambda xp, x: xp.linalg.outer(x[0, 0, :], x[1, :, 0]),
    "pinv": lambda xp, x: xp.linalg.pinv(_spread(xp, x)[0][..., :2]),
    "qr": lambda xp, x: xp.abs(xp.linalg.qr(_spread(xp, x)[0]).R),
    "slogdet": lambda xp, x: tuple(xp.linalg.slogdet(_spread(xp, x)[0])),
    "solve": lambda xp, x: (xp.linalg.solve(_spread(xp, x)[0], x), xp.linalg.solve(_spread(xp, x)[0], x[0, :, 0])),
    "svd": lambda xp, x: (xp.linalg.svdvals(x), xp.linalg.svd(x, full_matrices=False).S),
    "tensordot": lambda xp, x: (xp.tensordot(x, x, axes=3), xp.tensordot(x, x, axes=((0, 1), (0, 1)))),
    "trace": lambda xp, x: (xp.linalg.trace(x), xp.linalg.trace(x, offset=1)),
    "vecdot": lambda xp, x: (xp.vecdot(x, x + 1), xp.vecdot(x, x[:1, ...], axis=-2)),
    "vector_norm": lambda xp, x: tuple(
        xp.linalg.vector_norm(x, axis=axis, ord=order, keepdims=axis == 1)
        for axis, order in ((None, 2), (1, 1), ((0, 2), 3), (-1, xp.inf), ((1, 2), -xp.inf), (0, 0))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LINALG)
@given(data=st.data())
@once_each
def test_linear_algebra(name, data):
    x = data.draw(some(FLOATS, shape=(2, 3, 4), finite=True))
    compare(LINALG[name], x, rtol=1e-9 if x.dtype == np.float64 else 1e-2)
