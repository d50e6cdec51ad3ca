"""Gates that move entries without changing them: reshape, transpose, broadcast, index, concatenate, stack.

All are linear, so the tangent passes through the gate itself, and the backward pass moves the entries back.

    >>> from chalkgrad import work
    >>> work("s[0] * s[2]", s=[3, 5, 7]).grad["s"].tolist()
    [7.0, 0.0, 3.0]
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.graph.gate import MANY, Gate, at, define
from chalkgrad.graph.look import ATOM, LOOSEST, SUM, Look, Params, function, literal
from chalkgrad.graph.shapes import Shape, axes, indexed, joined, permuted, reshaped, stacked, stretched


def unbroadcast(xp: Any, x: Any, shape: Shape) -> Any:
    """`x` added up over the axes along which `shape` was stretched to it: the transpose of broadcasting.

    An `x` of fewer axes, such as the single 0 that a flat gate hands back, stays as it is.
    """
    if x.shape == shape or len(x.shape) < len(shape):
        return x
    extra = len(x.shape) - len(shape)
    if extra:
        x = xp.sum(x, axis=tuple(range(extra)))
    stretched_axes = tuple(place for place, size in enumerate(shape) if size == 1 and x.shape[place] != 1)
    return xp.sum(x, axis=stretched_axes, keepdims=True) if stretched_axes else x


RESHAPE = define(Gate(
    name="reshape", family="arrays", symbol="reshape", params=MappingProxyType({"shape": (-1,)}), shape=reshaped,
    numpy=(np.reshape,),
    forward=lambda xp, x, *, shape: xp.reshape(x, shape=shape),
    linear="jointly",
    pull=lambda xp, upstream, inputs, slot, *, shape: xp.reshape(upstream, shape=inputs[0].shape),
    look=function("reshape"),
    lesson="reshape lays the same entries out anew; the gradient is laid back",
    samples=(at([1.0, 2.0, 3.0, 4.0], shape=(2, 2)), at([[1.0, 2.0], [3.0, 4.0]], shape=(-1,))),
))  # fmt: skip


def _flips_all(params: Params) -> bool:
    order = params["axes"]
    return order is None or tuple(order) == tuple(reversed(range(len(order))))


def _transposed_text(parts: Sequence[str], params: Params) -> str:
    return f"{parts[0]}ᵀ" if _flips_all(params) else function("transpose").text(parts, params)


def _transposed_latex(parts: Sequence[str], params: Params) -> str:
    return rf"{{{parts[0]}}}^{{\top}}" if _flips_all(params) else function("transpose").latex(parts, params)


TRANSPOSE = define(Gate(
    name="transpose", numpy=(np.transpose,), family="arrays", symbol="ᵀ", params=MappingProxyType({"axes": None}), shape=permuted,
    forward=lambda xp, x, *, axes: xp.transpose(x, axes=axes),
    linear="jointly",
    pull=lambda xp, upstream, inputs, slot, *, axes: xp.transpose(
        upstream, axes=None if axes is None else tuple(int(one) for one in np.argsort([one % len(axes) for one in axes]))),
    look=Look(_transposed_text, _transposed_latex, ATOM, (ATOM,), ATOM, (ATOM,)),
    lesson="the transposition swaps the axes; the gradient is swapped back",
    samples=(at([[1.0, 2.0, 3.0]]), at([[[1.0, 2.0]], [[3.0, 4.0]]], axes=(1, 2, 0))),
))  # fmt: skip

BROADCAST_TO = define(Gate(
    name="broadcast_to", family="arrays", symbol="stretch", params=MappingProxyType({"shape": ()}), shape=stretched,
    numpy=(np.broadcast_to,),
    forward=lambda xp, x, *, shape: xp.broadcast_to(x, shape=shape),
    linear="jointly",
    pull=lambda xp, upstream, inputs, slot, *, shape: unbroadcast(xp, upstream, inputs[0].shape),
    look=function("broadcast_to"),
    lesson="stretching copies entries, a fan-out; so their gradients add",
    samples=(at(2.0, shape=(3,)), at([[1.0], [2.0]], shape=(2, 3))),
))  # fmt: skip


def _indexed_text(parts: Sequence[str], params: Params) -> str:
    return f"{parts[0]}[{', '.join(map(literal, params['index']))}]"


def _indexed_latex(parts: Sequence[str], params: Params) -> str:
    return f"{{{parts[0]}}}_{{[{', '.join(map(literal, params['index']))}]}}"


INDEX = define(Gate(
    name="index", family="arrays", symbol="[ ]", params=MappingProxyType({"index": ()}), shape=indexed,
    forward=lambda xp, x, *, index: xp.index(x, index=index),
    linear="jointly",
    pull=lambda xp, upstream, inputs, slot, *, index: xp.put(upstream, index=index, shape=inputs[0].shape),
    look=Look(_indexed_text, _indexed_latex, ATOM, (ATOM,), ATOM, (ATOM,)),
    reads=("[]",),
    lesson="picking entries hands their gradient back to them; the entries not picked get zero",
    samples=(at([1.0, 2.0, 3.0], index=(-1,)), at([[1.0, 2.0], [3.0, 4.0]], index=(slice(None), 0))),
))  # fmt: skip


def laid_text(base: str, index: Sequence[str], sign: str, new: str) -> str:
    """Entries laid into an array, as a program says it: zeros(3) with [0] = x."""
    return f"{base} with [{', '.join(index)}] {sign} {new}"


def laid_latex(base: str, index: Sequence[str], sign: str, new: str) -> str:
    return rf"{base} \text{{ with }} \left[{', '.join(index)}\right] \mathrm{{{sign}}} {new}"


def zeros_text(shape: Shape) -> str:
    return f"zeros({'×'.join(map(str, shape))})"


def zeros_latex(shape: Shape) -> str:
    sizes = r" \times ".join(map(str, shape))
    return rf"\operatorname{{zeros}}\left({sizes}\right)"


def _put_text(parts: Sequence[str], params: Params) -> str:
    return laid_text(zeros_text(params["shape"]), [literal(one) for one in params["index"]], "=", parts[0])


def _put_latex(parts: Sequence[str], params: Params) -> str:
    return laid_latex(zeros_latex(params["shape"]), [literal(one) for one in params["index"]], "=", parts[0])


PUT = define(Gate(
    name="put", family="arrays", symbol="put", params=MappingProxyType({"index": (), "shape": ()}),
    shape=lambda _, *, index, shape: shape,
    forward=lambda xp, x, *, index, shape: xp.put(x, index=index, shape=shape),
    linear="jointly",
    pull=lambda xp, upstream, inputs, slot, *, index, shape: xp.index(upstream, index=index),
    look=Look(_put_text, _put_latex, LOOSEST, (SUM,), LOOSEST, (SUM,)),
    lesson="laying entries into zeros; their gradient is picked out again",
    samples=(at(2.0, index=(1,), shape=(3,)), at([1.0, 2.0], index=(slice(None), 0), shape=(2, 2))),
))  # fmt: skip


def _piece(xp: Any, upstream: Any, inputs: Sequence[Any], slot: int, *, axis: int) -> Any:
    (place,) = axes(axis, len(upstream.shape))
    start = sum(one.shape[place] for one in inputs[:slot])
    index = (slice(None),) * place + (slice(start, start + inputs[slot].shape[place]),)
    return xp.index(upstream, index=index)


def _layer(xp: Any, upstream: Any, inputs: Sequence[Any], slot: int, *, axis: int) -> Any:
    (place,) = axes(axis, len(upstream.shape))
    return xp.index(upstream, index=(*(slice(None),) * place, slot))


ALONG_FIRST: Params = MappingProxyType({"axis": 0})

CONCATENATE = define(Gate(
    name="concatenate", numpy=(np.concatenate,), family="arrays", most=MANY, symbol="join", params=ALONG_FIRST, shape=joined,
    forward=lambda xp, *inputs, axis: xp.concatenate(*inputs, axis=axis),
    linear="jointly", pull=_piece,
    look=function("concatenate", defaults=ALONG_FIRST),
    lesson="joining end to end; each input gets its own piece of the gradient back",
    samples=(at([1.0, 2.0], [3.0]), at([[1.0], [2.0]], [[3.0], [4.0]], axis=1)),
))  # fmt: skip


def _stack_text(parts: Sequence[str], params: Params) -> str:
    if params["axis"] == 0 and len(parts) > 1:
        return f"[{', '.join(parts)}]"
    return function("stack", defaults=ALONG_FIRST).text(parts, params)


def _stack_latex(parts: Sequence[str], params: Params) -> str:
    if params["axis"] == 0:
        return r"\left[" + r",\ ".join(parts) + r"\right]"
    return function("stack", defaults=ALONG_FIRST).latex(parts, params)


STACK = define(Gate(
    name="stack", numpy=(np.stack,), family="arrays", most=MANY, symbol="stack", params=ALONG_FIRST, shape=stacked,
    forward=lambda xp, *inputs, axis: xp.stack(*inputs, axis=axis),
    linear="jointly", pull=_layer,
    look=Look(_stack_text, _stack_latex, ATOM, (LOOSEST,), ATOM, (LOOSEST,)),
    lesson="a vector made of numbers; each number gets its own entry of the gradient back",
    samples=(at(1.0, 2.0, 3.0), at([1.0, 2.0], [3.0, 4.0], axis=-1)),
))  # fmt: skip
