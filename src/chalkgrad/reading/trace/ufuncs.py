"""Rules for NumPy's ufuncs: the gates that name them, their methods (reduce, accumulate, outer), and `out=` for `x += 1`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from chalkgrad.gates import GATES
from chalkgrad.graph.gate import Gate
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import apply, traced
from chalkgrad.reading.trace.table import COVERED, REFUSED, covers, unsaid
from chalkgrad.reading.trace.traced import Traced

TIES = "split"  # np.maximum shares the slope at a tie, as JAX and autograd do
SPECIAL = frozenset({"power", "float_power", "maximum", "minimum", "divmod", "matmul"})


def plain(gate: Gate, name: str) -> Callable[..., Any]:
    """A ufunc that is a gate as it stands."""

    def rule(*inputs: Any, where: Any = True, dtype: Any = None, casting: Any = None, order: Any = None, subok: Any = None) -> Any:
        if where is not True:
            raise refusal(f"np.{name} is traced without where=, which would leave entries without a value.",
                          hint="np.where(condition, f(x), other) says what stands in the others.")  # fmt: skip
        unsaid(f"np.{name}", casting=casting)
        result = apply(gate.name, *inputs)
        return result if dtype is None else result.astype(dtype)

    return rule


def adopt(gate: Gate) -> None:
    """Makes the gate answer the ufuncs that it names."""
    for function in gate.numpy:
        if isinstance(function, np.ufunc) and function.__name__ not in SPECIAL and function not in COVERED:
            COVERED[function] = plain(gate, function.__name__)


for _gate in tuple(GATES.values()):
    adopt(_gate)


@covers(np.power, np.float_power)
def power(x: Any, y: Any, **settings: Any) -> Any:
    unsaid("np.power", **settings)
    whole = isinstance(x, Traced) and x.dtype.kind in "iub"
    exponent = y.item() if isinstance(y, np.generic) or (isinstance(y, np.ndarray) and y.ndim == 0 and y.dtype.kind in "iuf") else y
    if isinstance(exponent, int | float) and not isinstance(exponent, bool) and not whole:
        return apply("constant_power", x, exponent=float(exponent))
    return apply("power", x, y)


def _chosen(name: str) -> Callable[..., Any]:
    def rule(x: Any, y: Any, **settings: Any) -> Any:
        unsaid(f"np.{name}", **settings)
        if isinstance(x, Traced) and isinstance(y, Traced) and x.node == y.node:
            return x  # max(x, x) is x
        return apply(name, x, y, ties=TIES)

    return rule


COVERED[np.maximum] = _chosen("maximum")
COVERED[np.minimum] = _chosen("minimum")


@covers(np.fmax)
def fmax(x: Any, y: Any, **settings: Any) -> Any:
    return np.where(np.isnan(x), y, np.where(np.isnan(y), x, np.maximum(x, y, **settings)))


@covers(np.fmin)
def fmin(x: Any, y: Any, **settings: Any) -> Any:
    return np.where(np.isnan(x), y, np.where(np.isnan(y), x, np.minimum(x, y, **settings)))


@covers(np.divmod)
def divmod_(x: Any, y: Any, **settings: Any) -> Any:
    return np.floor_divide(x, y, **settings), np.remainder(x, y, **settings)


@covers(np.modf)
def modf(x: Any, **settings: Any) -> Any:
    whole = np.trunc(x, **settings)
    return x - whole, whole


@covers(np.degrees, np.rad2deg)
def degrees(x: Any, **settings: Any) -> Any:
    return np.multiply(x, 180.0 / np.pi, **settings)


@covers(np.radians, np.deg2rad)
def radians(x: Any, **settings: Any) -> Any:
    return np.multiply(x, np.pi / 180.0, **settings)


@covers(np.heaviside)
def heaviside(x: Any, at_zero: Any, **settings: Any) -> Any:
    unsaid("np.heaviside", **settings)
    steps = traced(np.where(np.less(x, 0), 0.0, np.where(np.greater(x, 0), 1.0, at_zero)))
    return steps.astype(np.result_type(x, at_zero))


@covers(np.conjugate)
def conjugate(x: Any, **settings: Any) -> Any:
    return np.positive(x, **settings)


@covers(np.matmul)
def matmul(x: Any, y: Any, **settings: Any) -> Any:
    unsaid("np.matmul", **settings)
    return apply("matmul", x, y)


REDUCTIONS = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min, np.logical_and: np.all, np.logical_or: np.any,
}  # fmt: skip
RUNNING = {np.add: np.cumsum, np.multiply: np.cumprod}


def _reduce(over: Any, function: str) -> Callable[..., Any]:
    def rule(x: Any, axis: Any = 0, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
        unsaid(f"{function}.reduce", where=None if where is True else where)
        extra = {} if initial is None or initial is np._NoValue else {"initial": initial}
        result = over(x, axis=axis, keepdims=keepdims, **extra)
        return result if dtype is None else result.astype(dtype)

    return rule


def _accumulate(over: Any) -> Callable[..., Any]:
    return lambda x, axis=0, dtype=None: over(x, axis=axis, dtype=dtype)


for _ufunc, _over in REDUCTIONS.items():
    COVERED[_ufunc, "reduce"] = _reduce(_over, _ufunc.__name__)
for _ufunc, _over in RUNNING.items():
    COVERED[_ufunc, "accumulate"] = _accumulate(_over)


@covers((np.logaddexp, "reduce"))
def logaddexp_reduce(x: Any, axis: Any = 0, keepdims: bool = False, **settings: Any) -> Any:
    unsaid("np.logaddexp.reduce", **settings)
    return apply("logsumexp", x, axis=_axis(axis), keepdims=bool(keepdims))


def _axis(axis: Any) -> Any:
    return tuple(map(int, axis)) if isinstance(axis, tuple | list) else None if axis is None else int(axis)


def _outer(ufunc: np.ufunc) -> Callable[..., Any]:
    def rule(x: Any, y: Any, **settings: Any) -> Any:
        left, right = traced(x), traced(y)
        return ufunc(left[(..., *(None,) * right.ndim)], right, **settings)

    return rule


for _function in [one for one in COVERED if isinstance(one, np.ufunc) and one.nin == 2 and one.nout == 1 and one is not np.matmul]:
    COVERED[_function, "outer"] = _outer(_function)


@covers("in place")
def in_place(result: Any, out: Any) -> Any:
    """`x += 1`, and `out=x` where x is traced: the array has other entries from now on."""
    outs = out if isinstance(out, tuple) else (out,)
    if len(outs) != 1 or isinstance(result, tuple):
        raise refusal("Only a function with one result can be traced with out=.")
    (target,) = outs
    if not isinstance(target, Traced):
        raise refusal(
            "A traced value cannot be written into an ordinary array: the array would keep its number and lose its history.",
            hint="Write y = y + x in place of y += x and out=y; or begin with np.zeros_like(x) of a traced x.",
        )
    if target.shape == ():
        return result
    if result.shape != target.shape:
        raise refusal(f"The result has the shape {result.shape} and does not fit into the array of shape {target.shape}.")
    target.rebind(result if result.dtype == target.dtype else result.astype(target.dtype))
    return target


REFUSED.update({
    np.frexp: "Its parts are bits, which have no slope.",
    np.ldexp: "Write x * 2.0**n.",
    np.nextafter: "Neighbours among the floats have no slope.",
    np.spacing: "Neighbours among the floats have no slope.",
})  # fmt: skip
