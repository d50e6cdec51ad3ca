"""The primitive functions as NumPy computes them: the namespace `xp` in which rules yield numbers.

A rule may use the functions below, NumPy's, and every gate by its name. `Space` is also the base of other
numeric readings: multi-precision arithmetic overrides the element-wise functions and keeps the rest.

    >>> float(NUMPY.exp(0.0))
    1.0
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chalkgrad.graph import special
from chalkgrad.graph.gate import GATES
from chalkgrad.graph.series import Series
from chalkgrad.graph.shapes import Axis, axes

FEW_ROWS = 6  # matrices whose minors are computed one by one: exact where entries are few, n⁵ operations for n rows

_erf = np.frompyfunc(math.erf, 1, 1)


def _or_nan(function: Any, shape: tuple[int, ...], *matrices: Any) -> Any:
    """NumPy's answer, or no numbers at all where there is none (a singular matrix), as functions of numbers answer."""
    try:
        return function(*matrices)
    except np.linalg.LinAlgError:
        return np.full(shape, np.nan, dtype=np.result_type(*matrices))


def _svd(x: Any) -> Any:
    """U, σ and Vᵀ, of as many vectors as there are values; no numbers where NumPy finds none (nan and inf)."""
    try:
        return np.linalg.svd(x, full_matrices=False)
    except np.linalg.LinAlgError:
        return tuple(part * np.nan for part in np.linalg.svd(np.ones_like(x), full_matrices=False))


def _signed_minors(x: Any) -> Any:
    """The determinant of what remains without row i and column j, with the sign of the chess-board."""
    places = np.arange(x.shape[-1])
    others = np.array([np.delete(places, place) for place in places], dtype=int).reshape(len(places), -1)
    minors = np.linalg.det(x[..., others[:, None, :, None], others[None, :, None, :]])
    return np.where((places[:, None] + places) % 2, -minors, minors)


def _halves(x: Any, factor: float) -> tuple[Any, Any]:
    """The first half of the digits of a number, and the rest."""
    high = x * factor - (x * factor - x)
    return high, x - high


class Space(Series):
    """NumPy's functions, and the few primitives that NumPy lacks."""

    lean = False  # whether rules may leave the last bits to rounding, where these cost as much as the rest
    exact = False  # whether numbers have room for what no float holds, so that nothing vanishes
    takes_rests = False  # whether exp_with_rest rounds once only

    def __getattr__(self, name: str) -> Any:
        primitive = getattr(np, name, None)
        if primitive is None:
            return self._composite(name)
        setattr(self, name, primitive)  # so that the next look-up finds it at once
        return primitive

    def _composite(self, name: str) -> Any:
        gate = GATES.get(name)
        if gate is None:
            raise AttributeError(name)

        def compute(*inputs: Any, **params: Any) -> Any:
            return gate.forward(self, *inputs, **{**gate.params, **params})

        return compute

    def constant(self, value: Any, dtype: Any = np.float64) -> Any:
        """A constant of the graph as this namespace holds it: floats of the working precision, conditions as they are."""
        array = np.asarray(value)
        return array[()] if array.dtype == bool else array.astype(dtype)[()]

    def named(self, _: str, value: Any, __: Callable[[], Any] | None = None) -> Any:
        """Rules point out their own steps with `named`; among numbers that changes nothing."""
        return value

    def quotient_with_rest(self, x: Any, y: Any, rest: Any) -> Any:
        """x/(y + rest), rounded about once, where the rest is what the rounding of y lost.

        By an inverse of half as many digits, whose products with halves of numbers are exact, and what that inverse lacks.
        """
        half = 2.0 ** (-(-(np.finfo(np.result_type(x, y)).nmant + 1) // 2)) + 1  # Veltkamp's factor
        (large, small), (inverse, _) = _halves(y, half), _halves(np.divide(1.0, y), half)
        lacks = ((1 - inverse * large) - inverse * small) - inverse * rest
        high, low = _halves(x, half)
        return high * inverse + (low * inverse + x * (inverse * (lacks + lacks * lacks)))

    def erf(self, x: Any) -> Any:
        return np.asarray(_erf(x), dtype=np.result_type(x))[()]

    erfc, erfcx, log_ndtr = staticmethod(special.erfc), staticmethod(special.erfcx), staticmethod(special.log_ndtr)
    gamma, gammaln, betaln = staticmethod(special.gamma), staticmethod(special.gammaln), staticmethod(special.betaln)
    polygamma, polygamma_gap = staticmethod(special.polygamma), staticmethod(special.polygamma_gap)

    def constant_power(self, x: Any, exponent: float) -> Any:
        return np.power(x, exponent)

    def index(self, x: Any, index: tuple[Any, ...]) -> Any:
        return np.asarray(x)[index]

    def put(self, x: Any, index: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
        """Zeros of the given shape with `x` laid at `index`."""
        result = np.zeros(shape, dtype=np.result_type(x))
        result[index] = x
        return result

    def cast(self, x: Any, dtype: str) -> Any:
        return np.asarray(x).astype(dtype)[()]

    def einsum(self, *inputs: Any, spec: str) -> Any:
        return np.einsum(spec, *inputs, optimize=len(inputs) > 2)[()]

    def inverse(self, x: Any) -> Any:
        return _or_nan(np.linalg.inv, np.shape(x), x)

    def solved(self, a: Any, b: Any) -> Any:
        return _or_nan(np.linalg.solve, np.broadcast_shapes(np.shape(a)[:-2], np.shape(b)[:-2]) + np.shape(b)[-2:], a, b)

    def determinant(self, x: Any) -> Any:
        return np.linalg.det(x)

    def log_determinant(self, x: Any) -> Any:
        return np.linalg.slogdet(x)[1]

    def determinant_sign(self, x: Any) -> Any:
        return np.linalg.slogdet(x)[0]

    def cholesky_factor(self, x: Any) -> Any:
        return _or_nan(np.linalg.cholesky, np.shape(x), x)

    def symmetric_eigenvalues(self, x: Any) -> Any:
        return np.linalg.eigvalsh(x)

    def symmetric_eigenvectors(self, x: Any) -> Any:
        return np.linalg.eigh(x)[1]

    def any(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return np.any(np.asarray(x, dtype=bool), axis=axis, keepdims=keepdims)

    def all(self, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return np.all(np.asarray(x, dtype=bool), axis=axis, keepdims=keepdims)

    def cofactors(self, x: Any) -> Any:
        """Neither way is det A · A⁻ᵀ, which would lose its digits, or its numbers, where A is nearly singular."""
        return _signed_minors(x) if x.shape[-1] <= FEW_ROWS else self._cofactors_by_singular_values(x)

    def _cofactors_by_singular_values(self, x: Any) -> Any:
        left, values, right = _svd(x)
        others = np.prod(np.where(np.eye(values.shape[-1], dtype=bool), 1.0, values[..., None, :]), axis=-1)
        turn = np.linalg.det(left) * np.linalg.det(right)
        return np.asarray(turn[..., None, None] * np.matmul(left * others[..., None, :], right), dtype=np.result_type(x))

    def singular_values(self, x: Any) -> Any:
        return _svd(x)[1]

    def singular_vectors(self, x: Any, side: str) -> Any:
        left, _, right = _svd(x)
        return left if side == "left" else np.swapaxes(right, -1, -2)

    def qr_factor(self, x: Any, part: str) -> Any:
        return np.linalg.qr(x)[part == "r"]

    def scatter_add(self, x: Any, index: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
        """Zeros of the given shape to which `x` is added at `index`, as often as a place is named."""
        result = np.zeros(shape, dtype=np.result_type(x))
        np.add.at(result, index, x)
        return result

    def replaced(self, x: Any, new: Any, index: tuple[Any, ...]) -> Any:
        """A copy of `x` with `new` at `index`."""
        result = np.array(x)
        result[index] = new
        return result[()]

    def stack(self, *arrays: Any, axis: int = 0) -> Any:
        return np.stack(arrays, axis=axis)

    def concatenate(self, *arrays: Any, axis: int = 0) -> Any:
        return np.concatenate(arrays, axis=axis)

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        return np.broadcast_to(x, shape)

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Any:
        return np.reshape(x, shape)

    def maximum(self, *inputs: Any) -> Any:
        largest = inputs[0]
        for other in inputs[1:]:
            largest = np.maximum(largest, other)
        return largest

    def minimum(self, *inputs: Any) -> Any:
        smallest = inputs[0]
        for other in inputs[1:]:
            smallest = np.minimum(smallest, other)
        return smallest

    def first_of(self, x: Any, axis: Axis, value: str) -> Any:
        """1 at the first entry along the axes that reaches the max (or min), 0 elsewhere."""
        x = np.asarray(x)
        gone = axes(axis, x.ndim)
        order = (*(place for place in range(x.ndim) if place not in gone), *gone)
        turned = np.transpose(x, order)
        rows = turned.reshape(*turned.shape[: x.ndim - len(gone)], -1)
        marks = np.zeros(rows.shape)
        np.put_along_axis(marks, np.expand_dims(getattr(np, f"arg{value}")(rows, axis=-1), -1), 1.0, axis=-1)
        return self.constant(marks.reshape(turned.shape).transpose(np.argsort(order)), x.dtype)


NUMPY = Space()
