"""The truth: the same rules read in multi-precision arithmetic, so that every wire comes out to as many digits as one likes.

`Truth(50)` is a namespace `xp` like `graph.spaces.NUMPY`. Its numbers are mpmath's mpf, its arrays hold them as objects. A forward
rule is written once, so nothing is repeated here but the primitive functions (on single numbers: `entries`):

    >>> xp = Truth(30)
    >>> print(xp.sqrt(2))
    1.41421356237309504880168872421
    >>> xp.log(0), xp.log(-1), xp.divide(-1, 0)
    (mpf('-inf'), mpf('nan'), mpf('-inf'))

Inputs are exact: the float 0.1 enters as the binary fraction that it is. Two things differ from floats. Nothing overflows that is
smaller than e^(2⁶⁴), and zero has no sign, so that 1/−0 is +∞. A `Truth` belongs to one thread, since mpmath raises the precision
of a context while it computes.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np

from chalkgrad.check.entries import Entries
from chalkgrad.check.matrices import Matrices
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import GATES
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Axis, axes
from chalkgrad.graph.spaces import Space
from chalkgrad.transform.reverse import reverse


def true_gradients(graph: Graph, output: int, wrt: Iterable[int], given: Mapping[int, Any], digits: int = 50) -> dict[int, Any]:
    """∂output/∂wire for each wire in `wrt`, to `digits` digits; None where the output does not depend on it.

    Appends the backward pass to `graph`.
    """
    held = list(wrt)
    back = reverse(graph, output, held)
    values = evaluate(graph, given, xp=Truth(digits))
    totals = {wire: back.total(wire) for wire in held}
    return {wire: None if total is None else values[total] for wire, total in totals.items()}


class Truth(Space):
    """Primitive functions to `digits` decimal digits."""

    exact = True

    def __init__(self, digits: int = 50) -> None:
        self.digits = digits
        self.mp = mpmath.MPContext()
        self.mp.dps = digits
        self.mp.mpf.shape = ()  # rules ask their inputs for a shape; this class of numbers is the context's own
        for name, function in inspect.getmembers(Matrices(self.mp), inspect.ismethod):
            if not name.startswith("_"):
                setattr(self, name, function)
        self.entries = Entries(self.mp)
        for name, function in inspect.getmembers(self.entries, inspect.ismethod):
            if not name.startswith("_") and name not in vars(Truth):
                setattr(self, name, self._entrywise(function))

    def __getattr__(self, name: str) -> Any:
        # A gate's own rule comes before NumPy's function of the same name, which does not know these numbers.
        return self._composite(name) if name in GATES else getattr(np, name)

    def _entrywise(self, function: Callable[..., Any]) -> Any:
        """A function of numbers as a function of arrays, with broadcasting."""
        convert = self.mp.convert
        return np.frompyfunc(lambda *numbers: function(*map(convert, numbers)), len(inspect.signature(function).parameters), 1)

    def constant(self, value: Any, dtype: Any = np.float64) -> Any:
        """The value as it is, exactly; numbers that are already true, and conditions, stay themselves."""
        array = np.asarray(value)
        if array.dtype == bool or array.dtype == object:
            return array[()]
        return np.frompyfunc(self.mp.mpf, 1, 1)(array.astype(np.float64))

    # What NumPy does on objects as on floats.
    equal, not_equal = staticmethod(np.equal), staticmethod(np.not_equal)
    greater, greater_equal = staticmethod(np.greater), staticmethod(np.greater_equal)
    less, less_equal = staticmethod(np.less), staticmethod(np.less_equal)
    cumsum, cumprod, matmul = staticmethod(np.cumsum), staticmethod(np.cumprod), staticmethod(np.matmul)

    def isnan(self, x: Any) -> Any:
        return np.not_equal(x, x)

    def isinf(self, x: Any) -> Any:
        return np.equal(np.absolute(x), self.mp.inf)

    def isfinite(self, x: Any) -> Any:
        return np.less(np.absolute(x), self.mp.inf)

    def constant_power(self, x: Any, exponent: float) -> Any:
        return self.power(x, exponent)

    def expm1_ratio(self, x: Any, order: int = 1) -> Any:
        return self._with_order(Entries.expm1_ratio, x, order)

    def log1p_ratio(self, x: Any, order: int = 1) -> Any:
        return self._with_order(Entries.log1p_ratio, x, order)

    def _with_order(self, function: Callable[..., Any], x: Any, order: int) -> Any:
        return np.frompyfunc(lambda one: function(self.entries, self.mp.convert(one), order), 1, 1)(x)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return np.where(condition, self.constant(x), self.constant(y))[()]

    def put(self, x: Any, index: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
        result = np.full(shape, self.mp.zero, dtype=object)
        result[index] = x
        return result[()]

    def scatter_add(self, x: Any, index: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
        result = np.full(shape, self.mp.zero, dtype=object)
        np.add.at(result, index, x)
        return result[()]

    def cast(self, x: Any, dtype: str) -> Any:
        """True numbers are not rounded to a precision; whole ones come as `trunc` left them."""
        return np.not_equal(x, 0) if np.dtype(dtype) == bool else self.constant(x)

    def einsum(self, *inputs: Any, spec: str) -> Any:
        return np.asarray(np.einsum(spec, *map(self.constant, inputs)))[()]

    def replaced(self, x: Any, new: Any, index: tuple[Any, ...]) -> Any:
        return super().replaced(self.constant(x), self.constant(new), index)

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        return np.broadcast_to(x, shape)[()]

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Any:
        return np.reshape(x, shape)[()]

    def transpose(self, x: Any, axes: tuple[int, ...] | None = None) -> Any:
        return np.transpose(x, axes)[()]

    def sum(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return np.sum(self.constant(x), axis=axis, keepdims=keepdims, initial=self.mp.zero)

    def prod(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return np.prod(self.constant(x), axis=axis, keepdims=keepdims, initial=self.mp.one)

    def mean(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        total = self.sum(x, axis, keepdims)
        return self.divide(total, np.size(x) // np.size(total))

    def maximum(self, *inputs: Any) -> Any:
        return self._chosen(lambda x, y: x if x > y or x != x else y, inputs)

    def minimum(self, *inputs: Any) -> Any:
        return self._chosen(lambda x, y: x if x < y or x != x else y, inputs)

    def _chosen(self, choose: Callable[[Any, Any], Any], inputs: tuple[Any, ...]) -> Any:
        result = self.constant(inputs[0])
        for other in inputs[1:]:
            result = self._entrywise(choose)(result, other)
        return result

    def max(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return self._along(self.maximum, x, axis, keepdims)

    def min(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return self._along(self.minimum, x, axis, keepdims)

    def _along(self, choose: Callable[..., Any], x: Any, axis: Axis, keepdims: bool) -> Any:
        result = np.asarray(x)
        for place in reversed(axes(axis, result.ndim)):
            result = np.asarray(choose(*np.moveaxis(result, place, 0)))
            result = np.expand_dims(result, place) if keepdims else result
        return result[()]

    def first_of(self, x: Any, axis: Axis, value: str) -> Any:
        return self.constant(super().first_of(self._best(x, axis, value), axis, "max"))

    def argmax(self, x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        return np.argmax(self._best(x, axis, "max"), axis=axis, keepdims=keepdims)

    def argmin(self, x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        return np.argmax(self._best(x, axis, "min"), axis=axis, keepdims=keepdims)

    def _best(self, x: Any, axis: Axis, value: str) -> Any:
        """1.0 at the entries that reach the max (or min) and at those that are nan, 0.0 elsewhere."""
        best = self.max(x, axis, True) if value == "max" else self.min(x, axis, True)
        return np.where(np.equal(x, best) | np.not_equal(x, x), 1.0, 0.0)

    def argsort(self, x: Any, axis: int = -1, kind: Any = "stable") -> Any:
        order = np.argsort(np.where(self.isnan(x), self.mp.inf, x), axis=axis, kind=kind)
        nans_last = np.argsort(np.take_along_axis(self.isnan(x), order, axis), axis=axis, kind=kind)
        return np.take_along_axis(order, nans_last, axis)

    def logical_and(self, x: Any, y: Any) -> Any:
        return np.logical_and(np.not_equal(x, 0), np.not_equal(y, 0))

    def logical_or(self, x: Any, y: Any) -> Any:
        return np.logical_or(np.not_equal(x, 0), np.not_equal(y, 0))

    def logical_xor(self, x: Any, y: Any) -> Any:
        return np.not_equal(np.not_equal(x, 0), np.not_equal(y, 0))

    def logical_not(self, x: Any) -> Any:
        return np.equal(x, 0)
