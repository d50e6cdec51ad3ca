"""The sum of products over named axes, which every tensor product is.

A specification here is plain: each operand names each of its axes once, and every axis is named by another operand or by the
result. Tracing brings others into this form (a diagonal for a letter named twice, a sum for one that nobody else names), so that
the transpose is an einsum again, with the result and the operand changing places.

    >>> from chalkgrad import grad
    >>> grad(lambda a, b: np.einsum("ij,ij->", a, b))(np.ones((1, 2)), np.array([[3.0, 4.0]]))
    array([[3., 4.]])
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.errors import ShapeError
from chalkgrad.graph.gate import MANY, Gate, at, define
from chalkgrad.graph.look import ATOM, LOOSEST, Look, Params
from chalkgrad.graph.shapes import Shape, show


def _shape(*shapes: Shape, spec: str) -> Shape:
    named, result = letters(spec)
    sizes: dict[str, int] = {}
    for axes, shape in zip(named, shapes, strict=True):
        if len(axes) != len(shape):
            raise ShapeError(f"einsum names {len(axes)} axes ({axes}) of an array of shape {show(shape)}.")
        for axis, size in zip(axes, shape, strict=True):
            if sizes.setdefault(axis, size) != size:
                raise ShapeError(f"einsum meets the axis {axis} with {sizes[axis]} entries and with {size}.")
    return tuple(sizes[axis] for axis in result)


def letters(spec: str) -> tuple[list[str], str]:
    """The axes of the operands and of the result."""
    operands, _, result = spec.partition("->")
    return operands.split(","), result


def _pull(xp: Any, upstream: Any, inputs: Sequence[Any], slot: int, *, spec: str) -> Any:
    named, result = letters(spec)
    rest = [axes for place, axes in enumerate(named) if place != slot]
    others = [one for place, one in enumerate(inputs) if place != slot]
    return xp.einsum(upstream, *others, spec=f"{','.join([result, *rest])}->{named[slot]}")


def _text(parts: Sequence[str], params: Params) -> str:
    return f"einsum({params['spec'].replace('->', ' → ')}; {', '.join(parts)})"


def _latex(parts: Sequence[str], params: Params) -> str:
    spec = params["spec"].replace("->", r" \to ")
    return rf"\operatorname{{einsum}}_{{{spec}}}\left({', '.join(parts)}\right)"


EINSUM = define(Gate(
    name="einsum", numpy=(np.einsum,), family="linear", most=MANY, symbol="Σ·",
    params=MappingProxyType({"spec": "i->i"}), shape=_shape,
    forward=lambda xp, *inputs, spec: xp.einsum(*inputs, spec=spec),
    linear="each", pull=_pull,
    look=Look(_text, _latex, ATOM, (LOOSEST,), ATOM, (LOOSEST,)),
    lesson="like ×, a sum of products hands each operand the upstream gradient times the others, summed over the axes it lacks",
    samples=(
        at([[1.0, 2.0], [3.0, 4.0]], [5.0, 6.0], spec="ij,j->i"), at([1.0, 2.0], [3.0, 4.0], spec="i,j->ji"),
        at([1.0, 2.0], [3.0, 4.0], [0.5, -1.0], spec="i,i,i->"),
    ),
))  # fmt: skip
