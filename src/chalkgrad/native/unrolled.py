"""Small arrays entry by entry: gates' rules read on arrays of numbers under construction.

NumPy's own functions on arrays of objects move entries about (reshape, index, transpose, einsum, sums); the element-wise primitives
are `instructions`. So every gate that has a rule in primitives has straight-line code.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from chalkgrad.graph.gate import GATES
from chalkgrad.graph.shapes import Axis, axes
from chalkgrad.graph.spaces import Space
from chalkgrad.native.instructions import Instructions
from chalkgrad.native.number import Body, NotNativeError, Number

FROM_NUMPY = "reshape transpose broadcast_to index stack concatenate matmul cumsum cumprod moveaxis".split()


class Entries(np.ndarray[Any, Any]):
    """An array of numbers, whose comparisons are arrays of conditions."""

    def __gt__(self, other: Any) -> Any:
        return np.greater(self, other, dtype=object)

    def __ge__(self, other: Any) -> Any:
        return np.greater_equal(self, other, dtype=object)

    def __lt__(self, other: Any) -> Any:
        return np.less(self, other, dtype=object)

    def __le__(self, other: Any) -> Any:
        return np.less_equal(self, other, dtype=object)

    def __eq__(self, other: Any) -> Any:
        return np.equal(self, other, dtype=object)

    def __ne__(self, other: Any) -> Any:
        return np.not_equal(self, other, dtype=object)


class Unrolled(Space):
    """The namespace `xp` in which rules yield straight-line code."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self._reading: set[str] = set()
        self.entries = Instructions(body)

    def __getattr__(self, name: str) -> Any:
        if name not in GATES:
            raise NotNativeError(f"{name} has no machine code.")
        rule = self._composite(name)

        def compute(*inputs: Any, **params: Any) -> Any:
            if name in self._reading:  # the rule is a primitive that only NumPy has
                raise NotNativeError(f"{name} has no machine code.")
            self._reading.add(name)
            try:
                return rule(*inputs, **params)
            finally:
                self._reading.remove(name)

        return compute

    def _entrywise(self, function: Callable[..., Any], count: int = 1) -> Any:
        def compute(*inputs: Any) -> Any:
            if count == 2 and len(inputs) > 2:  # maximum and minimum take any number
                return compute(compute(*inputs[:-1]), inputs[-1])
            return function(*inputs) if not any(map(np.ndim, inputs)) else _view(np.frompyfunc(function, count, 1)(*inputs))

        return compute

    def constant(self, value: Any, dtype: Any = None) -> Any:
        if isinstance(value, Number) or not np.ndim(value):
            return self.body.lift(value)
        array = np.asarray(value)
        return array.view(Entries) if array.dtype == object else _view(np.frompyfunc(self.body.lift, 1, 1)(array))

    def constant_power(self, x: Any, exponent: float) -> Any:
        return self._entrywise(lambda one: self.entries.constant_power(one, exponent))(x)

    def cast(self, x: Any, dtype: str) -> Any:
        return self._entrywise(lambda one: self.entries.cast(one, dtype))(x)

    def sum(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return self._gathered(lambda x, y: x + y, x, axis, keepdims, 0.0)

    def prod(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return self._gathered(lambda x, y: x * y, x, axis, keepdims, 1.0)

    def mean(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        total = self.sum(x, axis, keepdims)
        return self.divide(total, float(np.size(x) // max(np.size(total), 1)))

    def max(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return self._gathered(self.entries.maximum, x, axis, keepdims)

    def min(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return self._gathered(self.entries.minimum, x, axis, keepdims)

    def any(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return self._gathered(self.entries.logical_or, x, axis, keepdims, False)

    def all(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return self._gathered(self.entries.logical_and, x, axis, keepdims, True)

    def _gathered(self, join: Callable[[Any, Any], Any], x: Any, axis: Axis, keepdims: bool, empty: float | None = None) -> Any:
        result = np.asarray(self.constant(x), dtype=object)
        for place in reversed(axes(axis, result.ndim)):
            slices = list(np.moveaxis(result, place, 0))
            while len(slices) > 1:  # in pairs, as the error grows least
                slices = [_joined(join, *slices[at : at + 2]) for at in range(0, len(slices), 2)]
            shape = result.shape[:place] + result.shape[place + 1 :]
            gathered = np.asarray(slices[0] if slices else np.full(shape, self.body.lift(empty), dtype=object), dtype=object)
            result = np.expand_dims(gathered, place) if keepdims else gathered
        return _view(result)

    def first_of(self, x: Any, axis: Axis, value: str) -> Any:
        array = np.asarray(self.constant(x), dtype=object)
        best = np.broadcast_to(self.max(array, axis, True) if value == "max" else self.min(array, axis, True), array.shape)
        gone = axes(axis, array.ndim)
        result = np.empty(array.shape, dtype=object)
        taken: dict[Any, Any] = {}
        entries = self.entries
        for place in np.ndindex(array.shape):
            row = tuple(at for axis_, at in enumerate(place) if axis_ not in gone)
            reached = entries.logical_or(entries.equal(array[place], best[place]), entries.isnan(array[place]))
            first = reached if row not in taken else entries.logical_and(reached, entries.logical_not(taken[row]))
            taken[row] = reached if row not in taken else entries.logical_or(taken[row], reached)
            result[place] = entries.where(first, 1.0, 0.0)
        return _view(result)

    def einsum(self, *inputs: Any, spec: str) -> Any:
        return _view(np.einsum(spec, *(np.asarray(self.constant(one), dtype=object) for one in inputs)))

    def put(self, x: Any, index: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
        result = np.full(shape, self.body.lift(0.0), dtype=object)
        result[index] = x
        return _view(result)

    def scatter_add(self, x: Any, index: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
        result = np.full(shape, self.body.lift(0.0), dtype=object)
        np.add.at(result, index, x)
        return _view(result)

    def replaced(self, x: Any, new: Any, index: tuple[Any, ...]) -> Any:
        result = np.array(self.constant(x), dtype=object)
        result[index] = self.constant(new)
        return _view(result)


class _Primitive:
    """A primitive on single numbers, lifted to arrays of them when a namespace is first asked for it: most ask for few."""

    def __init__(self, name: str, count: int) -> None:
        self.name, self.count = name, count

    def __get__(self, space: Unrolled, _: Any) -> Any:
        made = space.__dict__[self.name] = space._entrywise(getattr(space.entries, self.name), self.count)
        return made


def _primitives() -> list[tuple[str, int]]:
    """The primitives on single numbers, and how many each takes."""
    found = inspect.getmembers(Instructions, inspect.isfunction)
    settings = ("constant_power", "cast", "expm1_ratio", "log1p_ratio")  # these take more than numbers
    return [(name, len(inspect.signature(one).parameters) - 1) for name, one in found if name[0] != "_" and name not in settings]


for _name, _count in _primitives():
    setattr(Unrolled, _name, _Primitive(_name, _count))


def _joined(join: Callable[[Any, Any], Any], *pair: Any) -> Any:
    return pair[0] if len(pair) == 1 else np.frompyfunc(join, 2, 1)(*pair)


def _view(result: Any) -> Any:
    """A number, or an array of numbers."""
    if not isinstance(result, np.ndarray):
        return result
    return result[()] if result.ndim == 0 else np.asarray(result, dtype=object).view(Entries)


def _moved(name: str) -> Any:
    plain = getattr(Space, name, None)

    def function(self: Unrolled, *inputs: Any, **settings: Any) -> Any:
        arrays = [np.asarray(self.constant(one), dtype=object) if not isinstance(one, tuple) else one for one in inputs]
        return _view(plain(self, *arrays, **settings) if plain else getattr(np, name)(*arrays, **settings))

    return function


for _name in FROM_NUMPY:
    setattr(Unrolled, _name, _moved(_name))
