"""Gates of products and running totals: prod, cumsum, cumprod.

The slope of a product with respect to one factor is the product of the others. It is formed from running products from both ends,
without dividing, so a factor of 0 does no harm.

    >>> from chalkgrad import grad
    >>> grad(np.prod)(np.array([2.0, 0.0, 5.0]))
    array([ 0., 10.,  0.])
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.gates.sums import OVER_AXES
from chalkgrad.graph.gate import Gate, at, define
from chalkgrad.graph.look import Params, function
from chalkgrad.graph.shapes import Axis, Shape, axes, reduced

ALONG_LAST: Params = MappingProxyType({"axis": -1})


def along_one(shape: Shape, *, axis: int) -> Shape:
    """The shape of the one input, which must have the axis."""
    axes(axis, len(shape))
    return shape


def part(shape: Shape, axis: int, piece: slice) -> tuple[slice, ...]:
    """An index that takes `piece` of one axis and all of those before it."""
    (place,) = axes(axis, len(shape))
    return (*(slice(None),) * place, piece)


def flipped(xp: Any, x: Any, axis: int) -> Any:
    return xp.index(x, index=part(x.shape, axis, slice(None, None, -1)))


def _before(xp: Any, x: Any) -> Any:
    """The product of all entries before each one, along the last axis."""
    ones = np.ones((*x.shape[:-1], 1))
    return xp.concatenate(ones, xp.index(xp.cumprod(x, axis=-1), index=(..., slice(0, -1))), axis=-1)


def others(xp: Any, x: Any, axis: Axis) -> Any:
    """For each entry the product of the others along the axes."""
    rank = len(x.shape)
    gone = axes(axis, rank)
    order = (*(place for place in range(rank) if place not in gone), *gone)
    turned = xp.transpose(x, axes=order)
    rows = xp.reshape(
        turned, shape=(*turned.shape[: rank - len(gone)], int(np.prod([x.shape[place] for place in gone], dtype=int)))
    )
    if rows.shape[-1] == 0:
        return xp.broadcast_to(1.0, shape=x.shape)
    product = _before(xp, rows) * flipped(xp, _before(xp, flipped(xp, rows, -1)), -1)
    return xp.transpose(xp.reshape(product, shape=turned.shape), axes=tuple(int(one) for one in np.argsort(order)))


PROD = define(Gate(
    name="prod", numpy=(np.prod,), family="cumulative", symbol="Π", params=OVER_AXES, shape=reduced, reduces=True,
    forward=lambda xp, x, *, axis, keepdims: xp.prod(x, axis=axis, keepdims=keepdims),
    local=lambda xp, x, out, *, axis, keepdims: (others(xp, x, axis),),
    look=function("prod", r"\operatorname{prod}", OVER_AXES),
    lesson="the local gradient of each factor is the product of the others",
    samples=(at([2.0, -3.0, 5.0]), at([[2.0, 0.0], [3.0, 5.0]], axis=1), at([[2.0, 0.5], [3.0, 5.0]])),
))  # fmt: skip

CUMSUM = define(Gate(
    name="cumsum", numpy=(np.cumsum,), family="cumulative", symbol="Σ…", params=ALONG_LAST, shape=along_one,
    forward=lambda xp, x, *, axis: xp.cumsum(x, axis=axis),
    linear="jointly",
    pull=lambda xp, upstream, inputs, slot, *, axis: flipped(xp, xp.cumsum(flipped(xp, upstream, axis), axis=axis), axis),
    look=function("cumsum"),
    lesson="an entry is in every running total from its place on; so its gradient is the total of theirs, summed from the end",
    samples=(at([1.0, -2.0, 4.0]), at([[1.0, 2.0], [3.0, 4.0]], axis=0)),
))  # fmt: skip


def _cumprod_tangent(xp: Any, tangents: Sequence[Any], inputs: Sequence[Any], out: Any, *, axis: int) -> Any:
    """Running products by doubling, carried together with their tangents: (a·b)' = a'·b + a·b'."""
    value, tangent = inputs[0], tangents[0]
    (place,) = axes(axis, len(value.shape))
    size, step = value.shape[place], 1
    while step < size:
        head, near = part(value.shape, axis, slice(0, step)), part(value.shape, axis, slice(step, None))
        far = part(value.shape, axis, slice(0, size - step))
        low, high = xp.index(value, index=far), xp.index(value, index=near)
        grown = xp.index(tangent, index=near) * low + high * xp.index(tangent, index=far)
        tangent = xp.concatenate(xp.index(tangent, index=head), grown, axis=axis)
        value = xp.concatenate(xp.index(value, index=head), high * low, axis=axis)
        step *= 2
    return tangent


CUMPROD = define(Gate(
    name="cumprod", numpy=(np.cumprod,), family="cumulative", symbol="Π…", params=ALONG_LAST, shape=along_one,
    forward=lambda xp, x, *, axis: xp.cumprod(x, axis=axis),
    push=_cumprod_tangent,
    look=function("cumprod"),
    lesson="each running product moves with every factor that is in it, by the product of the others",
    samples=(at([2.0, -3.0, 5.0]), at([[2.0, 0.0], [3.0, 5.0], [0.5, 4.0]], axis=0)),
))  # fmt: skip
