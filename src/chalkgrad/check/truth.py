"""The truth: the same rules read in multi-precision arithmetic, so that every wire comes out to as many digits as one likes.

`Truth(50)` is a namespace `xp` like `graph.spaces.NUMPY`. Its numbers are mpmath's mpf, its arrays hold them as objects. A forward
rule is written once, so nothing is repeated here but the primitive functions and what floats do at their edges:

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

from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import GATES
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Axis, axes
from chalkgrad.graph.spaces import Space
from chalkgrad.transform.reverse import reverse

OVERFLOWS = 64  # an exponent of more bits counts as infinite
UNANGULAR = 2**16  # an angle of more bits has no sine: taking whole turns off it would cost too much
SPARE_BITS = 10


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

    def __init__(self, digits: int = 50) -> None:
        self.digits = digits
        self.mp = mpmath.MPContext()
        self.mp.dps = digits
        self.mp.mpf.shape = ()  # rules ask their inputs for a shape; this class of numbers is the context's own
        entries = _Entries(self.mp)
        for name, function in inspect.getmembers(entries, inspect.ismethod):
            if not name.startswith("_"):
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

    equal, not_equal = staticmethod(np.equal), staticmethod(np.not_equal)
    greater, greater_equal = staticmethod(np.greater), staticmethod(np.greater_equal)
    less, less_equal = staticmethod(np.less), staticmethod(np.less_equal)
    matmul = staticmethod(np.matmul)

    def isnan(self, x: Any) -> Any:
        return np.not_equal(x, x)

    def isinf(self, x: Any) -> Any:
        return np.equal(np.absolute(x), self.mp.inf)

    def isfinite(self, x: Any) -> Any:
        return np.less(np.absolute(x), self.mp.inf)

    def constant_power(self, x: Any, exponent: float) -> Any:
        return self.power(x, exponent)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return np.where(condition, self.constant(x), self.constant(y))[()]

    def put(self, x: Any, index: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
        result = np.full(shape, self.mp.zero, dtype=object)
        result[index] = x
        return result[()]

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        return np.broadcast_to(x, shape)[()]

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Any:
        return np.reshape(x, shape)[()]

    def transpose(self, x: Any, axes: tuple[int, ...] | None = None) -> Any:
        return np.transpose(x, axes)[()]

    def sum(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return np.sum(self.constant(x), axis=axis, keepdims=keepdims, initial=self.mp.zero)

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
        best = self.max(x, axis, True) if value == "max" else self.min(x, axis, True)
        marks = np.where(np.equal(x, best) | np.not_equal(x, x), 1.0, 0.0)
        return self.constant(super().first_of(marks, axis, "max"))


class _Entries:
    """The element-wise primitives on single numbers: mpmath where it computes, and the conventions of floats at the edges."""

    def __init__(self, mp: Any) -> None:
        self._mp = mp

    def absolute(self, x: Any) -> Any:
        return abs(x)

    def sign(self, x: Any) -> Any:
        return self._mp.sign(x)

    def floor(self, x: Any) -> Any:
        return self._mp.floor(x)

    def divide(self, x: Any, y: Any) -> Any:
        return x / y if y != 0 else x * self._mp.inf  # 0 · ∞ is nan

    def sqrt(self, x: Any) -> Any:
        return self._mp.nan if x < 0 else self._mp.sqrt(x)

    def hypot(self, x: Any, y: Any) -> Any:
        return self._mp.inf if self._mp.isinf(x) or self._mp.isinf(y) else self._mp.hypot(x, y)

    def power(self, x: Any, y: Any) -> Any:
        mp = self._mp
        if y == 0 or x == 1:
            return mp.one
        if mp.isnan(x) or mp.isnan(y) or (x < 0 and mp.isfinite(x) and mp.isfinite(y) and not mp.isint(y)):
            return mp.nan
        base = abs(x)
        if base == 1 and mp.isinf(y):
            return mp.one
        odd = mp.isfinite(y) and y._mpf_[2] == 0 and y._mpf_[1] & 1  # an mpf is an odd number times a power of 2
        return -self._positive_power(base, y) if x < 0 and odd else self._positive_power(base, y)

    def _positive_power(self, base: Any, y: Any) -> Any:
        mp = self._mp
        if base == 0 or mp.isinf(base) or mp.isinf(y):
            return mp.inf if (base > 1) == (y > 0) else mp.zero
        size = mp.mag(y) + mp.mag(mp.log(base))
        if size > OVERFLOWS:
            return self.exp(y * mp.log(base))
        with mp.workprec(mp.prec + max(size, 0) + SPARE_BITS):
            result = mp.power(base, y)
        return +result

    def exp(self, x: Any) -> Any:
        return self._end(x, self._mp.zero, self._mp.inf) if self._vast(x) else self._mp.exp(x)

    def expm1(self, x: Any) -> Any:
        return self._end(x, -self._mp.one, self._mp.inf) if self._vast(x) else self._mp.expm1(x)

    def sinh(self, x: Any) -> Any:
        return self._end(x, self._mp.ninf, self._mp.inf) if self._vast(x) else self._mp.sinh(x)

    def cosh(self, x: Any) -> Any:
        return self._mp.inf if self._vast(x) else self._mp.cosh(x)

    def tanh(self, x: Any) -> Any:
        return self._end(x, -self._mp.one, self._mp.one) if self._vast(x) else self._mp.tanh(x)

    def erf(self, x: Any) -> Any:
        return self._end(x, -self._mp.one, self._mp.one) if self._vast(x) else self._mp.erf(x)

    def log(self, x: Any) -> Any:
        return self._mp.ninf if x == 0 else self._mp.nan if x < 0 else self._mp.log(x)

    def log1p(self, x: Any) -> Any:
        return self._mp.log1p(x) if x > -1 and self._mp.isfinite(x) else self.log(1 + x)

    def sin(self, x: Any) -> Any:
        return self._mp.sin(x) if self._angular(x) else self._mp.nan

    def cos(self, x: Any) -> Any:
        return self._mp.cos(x) if self._angular(x) else self._mp.nan

    def tan(self, x: Any) -> Any:
        return self._mp.tan(x) if self._angular(x) else self._mp.nan

    def arcsin(self, x: Any) -> Any:
        return self._mp.asin(x) if abs(x) <= 1 else self._mp.nan

    def arccos(self, x: Any) -> Any:
        return self._mp.acos(x) if abs(x) <= 1 else self._mp.nan

    def arctan(self, x: Any) -> Any:
        return self._mp.atan(x)

    def arctan2(self, y: Any, x: Any) -> Any:
        mp = self._mp
        if mp.isinf(x) and mp.isinf(y):
            return mp.sign(y) * (mp.pi / 4 if x > 0 else 3 * mp.pi / 4)
        return mp.nan if mp.isnan(x) or mp.isnan(y) else mp.atan2(y, x)

    def _vast(self, x: Any) -> bool:
        return bool(self._mp.mag(x) > OVERFLOWS)

    def _angular(self, x: Any) -> bool:
        return bool(self._mp.mag(x) <= UNANGULAR)

    def _end(self, x: Any, low: Any, high: Any) -> Any:
        return high if x > 0 else low
