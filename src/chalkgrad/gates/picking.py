"""Gates that pick entries by whole numbers which are values themselves: gather, scatter, replace, and the places argmax finds.

Where `index` has its places fixed in the graph, `gather` takes them as inputs, so that labels and permutations may change from one
evaluation to the next. Its transpose is `scatter`, which adds up what lands on one place.

    >>> from chalkgrad import grad
    >>> grad(lambda x: np.sum(x[np.array([0, 0, 2])]))(np.array([3.0, 5.0, 7.0]))
    array([2., 0., 1.])
"""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from chalkgrad.errors import ShapeError
from chalkgrad.gates.arrays import laid_latex, laid_text, zeros_latex, zeros_text
from chalkgrad.graph.gate import MANY, Gate, Sample, at, define
from chalkgrad.graph.look import ATOM, LOOSEST, SUM, Look, Params, function, literal
from chalkgrad.graph.shapes import Axis, Shape, axes, reduced, show

HERE = "#"  # stands in an index for the next of the index arrays
WHOLE: Params = MappingProxyType({"index": (HERE,)})


def filled(index: Sequence[Any], places: Sequence[Any]) -> tuple[Any, ...]:
    """The index with its index arrays put in."""
    rest: Iterator[Any] = iter(places)
    return tuple(next(rest) if isinstance(one, str) else one for one in index)


def picked(shape: Shape, *places: Shape, index: Sequence[Any], **_: object) -> Shape:
    """The shape after indexing by arrays: NumPy's own answer for an array that needs no memory."""
    hollow: Any = np.broadcast_to(np.empty(()), shape)
    try:
        return tuple(np.shape(hollow[filled(index, [np.zeros(one, dtype=np.intp) for one in places])]))
    except IndexError:
        raise ShapeError(f"An array of shape {show(shape)} cannot be indexed so.",
                         hint="Each axis with entries takes one index.") from None  # fmt: skip


def _gather_pull(xp: Any, upstream: Any, inputs: Sequence[Any], slot: int, *, index: Any) -> Any:
    x, *places = inputs
    if slot:
        return xp.broadcast_to(0.0, shape=places[slot - 1].shape)  # whole numbers have no slope
    return xp.scatter(upstream, *places, index=index, shape=x.shape)


def named_places(index: Sequence[Any], places: Sequence[str]) -> list[str]:
    """The index in writing, with its index arrays put in."""
    rest = iter(places)
    return [next(rest) if isinstance(one, str) else literal(one) for one in index]


def _gathered_text(parts: Sequence[str], params: Params) -> str:
    return f"{parts[0]}[{', '.join(named_places(params['index'], parts[1:]))}]"


def _gathered_latex(parts: Sequence[str], params: Params) -> str:
    return rf"{parts[0]}\left[{', '.join(named_places(params['index'], parts[1:]))}\right]"


def _scattered(zeros: Any, laid: Any) -> Any:
    def written(parts: Sequence[str], params: Params) -> str:
        text: str = laid(zeros(params["shape"]), named_places(params["index"], parts[1:]), "+=", parts[0])
        return text

    return written


def _replaced(laid: Any) -> Any:
    def written(parts: Sequence[str], params: Params) -> str:
        text: str = laid(parts[0], named_places(params["index"], parts[2:]), "=", parts[1])
        return text

    return written


GATHER = define(Gate(
    name="gather", family="picking", arity=1, most=MANY, symbol="[ ]", params=WHOLE, shape=picked,
    forward=lambda xp, x, *places, index: xp.index(x, index=filled(index, [np.asarray(one, dtype=np.intp) for one in places])),
    linear="each", pull=_gather_pull,
    look=Look(_gathered_text, _gathered_latex, ATOM, (ATOM, LOOSEST), ATOM, (ATOM, LOOSEST)),
    lesson="picking entries by number hands their gradient back to them; what is picked twice gets both gradients",
    samples=(at([3.0, 5.0, 7.0], [0, 0, 2]), at([[1.0, 2.0], [3.0, 4.0]], [1, 0], index=(slice(None), HERE)),
             at([[1.0, 2.0], [3.0, 4.0]], [0, 1], [1, 1], index=(HERE, HERE))),
))  # fmt: skip


def _scatter_pull(xp: Any, upstream: Any, inputs: Sequence[Any], slot: int, *, index: Any, shape: Shape) -> Any:
    _, *places = inputs
    if slot:
        return xp.broadcast_to(0.0, shape=places[slot - 1].shape)
    return xp.gather(upstream, *places, index=index)


SCATTER = define(Gate(
    name="scatter", family="picking", arity=1, most=MANY, symbol="add at",
    params=MappingProxyType({"index": (HERE,), "shape": ()}), shape=lambda *_, index, shape: shape,
    forward=lambda xp, x, *places, index, shape: xp.scatter_add(
        x, filled(index, [np.asarray(one, dtype=np.intp) for one in places]), shape),
    linear="each", pull=_scatter_pull,
    look=Look(_scattered(zeros_text, laid_text), _scattered(zeros_latex, laid_latex), LOOSEST, (SUM, LOOSEST), LOOSEST,
              (SUM, LOOSEST)),
    lesson="entries laid into zeros at numbered places, where they add up; each gets the gradient of its place",
    samples=(at([3.0, 5.0, 7.0], [0, 0, 2], shape=(4,)),
             at([[1.0, 2.0], [3.0, 4.0]], [1, 0], index=(slice(None), HERE), shape=(2, 3))),
))  # fmt: skip


def _replaced_shape(shape: Shape, new: Shape, *places: Shape, index: Sequence[Any]) -> Shape:
    gap = picked(shape, *places, index=index)
    if np.broadcast_shapes(gap, new) != gap:
        raise ShapeError(f"Entries of shape {show(new)} do not fit into a gap of shape {show(gap)}.")
    return shape


def _replace_push(xp: Any, tangents: Any, inputs: Sequence[Any], out: Any, *, index: Any) -> Any:
    x, _, *places = inputs
    gap = picked(x.shape, *(one.shape for one in places), index=index)
    stays = xp.replace(xp.broadcast_to(1.0, shape=x.shape), 0.0, *places, index=index)
    kept = xp.where(xp.equal(stays, 1.0), tangents[0], 0.0)
    laid = xp.broadcast_to(tangents[1], shape=gap)
    if places:
        # Where a place is named twice the last entry stays, so only that one has a tangent.
        turn = np.arange(1.0, np.prod(gap, dtype=int) + 1).reshape(gap)
        last = xp.gather(xp.replace(np.zeros(x.shape), turn, *places, index=index), *places, index=index)
        return kept + xp.scatter(xp.where(xp.equal(last, turn), laid, 0.0), *places, index=index, shape=x.shape)
    return kept + xp.put(laid, index=index, shape=x.shape)


REPLACE = define(Gate(
    name="replace", family="picking", arity=2, most=MANY, symbol="[ ] =", params=WHOLE, shape=_replaced_shape,
    forward=lambda xp, x, new, *places, index: xp.replaced(
        x, new, filled(index, [np.asarray(one, dtype=np.intp) for one in places])),
    push=_replace_push,
    look=Look(_replaced(laid_text), _replaced(laid_latex), LOOSEST, (ATOM, SUM, LOOSEST), LOOSEST, (ATOM, SUM, LOOSEST)),
    lesson="where entries are replaced, the old ones get no gradient and the new ones get it",
    samples=(at([3.0, 5.0, 7.0], 1.0, index=(slice(0, 2),)), at([3.0, 5.0, 7.0], [1.0, 2.0], [2, 0])),
))  # fmt: skip


def _place(name: str, what: str) -> Gate:
    return define(Gate(
        name=name, numpy=(getattr(np, name),), family="picking", symbol=name,
        params=MappingProxyType({"axis": None, "keepdims": False}), shape=reduced,
        forward=lambda xp, x, *, axis, keepdims: getattr(xp, name)(x, axis=axis, keepdims=keepdims),
        look=function(name),
        lesson=f"the place of the {what} entry is a whole number; it has no slope",
        samples=(at([1.0, 4.0, 2.0]), at([[1.0, 5.0], [3.0, 4.0]], axis=0)),
    ))  # fmt: skip


ARGMAX = _place("argmax", "largest")
ARGMIN = _place("argmin", "smallest")


def _ranked_shape(shape: Shape, *, axis: Axis) -> Shape:
    axes(axis, len(shape))
    return shape


RANKED: tuple[Sample, ...] = (at([3.0, 1.0, 2.0]), at([[1.0, 5.0], [3.0, 4.0]], axis=0))

ARGSORT = define(Gate(
    name="argsort", numpy=(np.argsort,), family="picking", symbol="argsort",
    params=MappingProxyType({"axis": -1}), shape=_ranked_shape,
    forward=lambda xp, x, *, axis: xp.argsort(x, axis=axis, kind="stable"),
    look=function("argsort"),
    lesson="the order of the entries is a list of whole numbers; it has no slope",
    samples=RANKED,
))  # fmt: skip
