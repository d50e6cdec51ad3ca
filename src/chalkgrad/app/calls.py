"""Calls of compiled formulas with something else than exactly the floats.

Names, whole numbers, arrays, lists and traced values come here, and mistakes. What the kinds of the values lead to is kept, so that
the next call of that kind is short.

>>> from chalkgrad import compile
>>> f = compile("a * sum(x)")
>>> f(a=2, x=[1.0, 2.0]), f(3, x=[1.0, 2.0])
(6.0, 9.0)
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import MethodType
from typing import Any

import numpy as np

from chalkgrad.app.shaped import Shaped
from chalkgrad.graph.graph import needed
from chalkgrad.graph.shapes import Shape
from chalkgrad.native import Runner
from chalkgrad.reading.formula.values import number
from chalkgrad.reading.masked import is_masked_array
from chalkgrad.reading.trace.lifting import apply
from chalkgrad.reading.trace.traced import Traced

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
FLOATS = {float}
MOST_SHAPES = 64  # of which code, or what leads to it, is kept


def slowly(what: str, formula: Any, *values: Any, **named: Any) -> Any:
    """A call with something else than exactly the floats: names, whole numbers, arrays, traced values, or a mistake.

    For numbers and arrays of the kinds of an earlier call it is `ready`.
    """
    given = values if len(values) == len(formula.inputs) and not named else _in_order(formula.inputs[len(values) :], values, named)
    key = what, *[_kind(one) for one in given]
    if (ready := formula._ready.get(key)) is not None:
        with suppress(OverflowError):
            return ready(given)
    held = formula._bound(values, named)
    if any(isinstance(one, Traced) for one in held):
        return _drawn(what, formula, held)
    precision = precision_of(held)
    numbers = [one.astype(precision, copy=False)[()] for one in held]
    shapes = tuple(np.shape(one) for one in numbers)
    function = getattr(formula, what)
    if any(shapes) or isinstance(function, MethodType):
        runner, layout = _runner(what, formula, formula._for_shapes(shapes), numbers)
        make = getattr(runner, "whole", None)
        ready = partial(_by_runner, what, runner, layout, whole=make and make())
    else:
        ready = partial(_by_floats, function)
    if given and None not in key:
        if len(formula._ready) > MOST_SHAPES:
            formula._ready.clear()
        formula._ready[key] = ready
    return ready(numbers)


def _in_order(rest: Sequence[str], values: Sequence[Any], named: Mapping[str, Any]) -> Sequence[Any]:
    """The values with those that are named behind them; none where that is not all there is to it."""
    return (*values, *[named[name] for name in rest]) if named.keys() == {*rest} else ()


def precision_of(numbers: Sequence[Any]) -> np.dtype[Any]:
    """float32 where every array is."""
    arrays = [one.dtype for one in numbers if one.shape and one.dtype.kind == "f"]
    return SINGLE if arrays and all(one == SINGLE for one in arrays) else DOUBLE


def _kind(value: Any) -> tuple[Shape, Any] | None:
    """The shape and precision of a number or an array that needs no further look; None for all else."""
    if type(value) is np.ndarray:
        return (value.shape, value.dtype) if value.dtype == DOUBLE or value.dtype == SINGLE else None
    return ((), None) if type(value) is float or type(value) is int else None


def _by_floats(function: Callable[..., Any], given: Sequence[Any]) -> Any:
    return function(*map(float, given))


def _drawn(what: str, formula: Any, given: Sequence[Any]) -> Any:
    """Within a transform of NumPy code the formula's gates become part of the function's own graph."""
    with formula._lock:
        shaped = formula._for_shapes(tuple(one.shape for one in given))
        outputs, layout = shaped.outputs(what)
    graph, made = shaped.formula.graph, dict(zip(shaped.leaves, given, strict=True))
    for node in needed(graph, outputs):
        gate = graph.gate(node)
        if graph.is_constant(node):
            made[node] = graph.constants[node]
        elif gate is not None:
            made[node] = apply(gate.name, *(made[one] for one in graph.inputs(node)), **graph.settings(node))
    return _arranged([made[node] for node in outputs], layout, what)


def _runner(what: str, formula: Any, shaped: Shaped, numbers: Sequence[Any]) -> tuple[Runner, list[int | None]]:
    with formula._lock:
        return shaped.runner(what, numbers)


def _by_runner(what: str, runner: Runner, layout: Sequence[int | None], given: Sequence[Any], *, whole: Any = None) -> Any:
    results = whole and whole(*given)
    if results is None:
        precision = precision_of([one for one in given if isinstance(one, np.ndarray)])
        results = runner.run([np.asarray(one, precision)[()] for one in given])
    assert results is not None
    return _arranged([one if type(one) is np.ndarray and one.shape else float(one) for one in results], layout, what)


def on_tape(what: str, formula: Any, shaped: Shaped, otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """The function of floats that runs the tape of a long formula."""
    tape, count = shaped.tape, len(formula.inputs)

    def run(*values: Any, **named: Any) -> Any:
        if named or len(values) != count or not {*map(type, values)} <= FLOATS:
            return otherwise(*values, **named)
        if what == "value":
            return tape.value(values)
        value, gradient = tape.value_and_grad(values)
        slopes = tuple(gradient.tolist())
        total = sum(slopes)
        if total != total:  # a tape has no masks, and a branch not taken may have brought the nan
            return _by_runner(what, *_runner(what, formula, shaped, values), values)
        return slopes if what == "grad" else (value, slopes)

    return run


def _arranged(results: list[Any], layout: Sequence[int | None], what: str) -> Any:
    made = [results.pop(0) if one is None else tuple(results.pop(0) for _ in range(one)) for one in layout]
    return made[0] if len(made) == 1 and what != "hessian" else tuple(made)


def as_number(name: str, value: Any) -> Any:
    """The value as an array of float32 or float64, or, within a transform of NumPy code, as the traced value that it is."""
    if isinstance(value, Traced):
        return value
    if not is_masked_array(value):
        with suppress(OverflowError, TypeError, ValueError):
            array = np.asarray(float(value) if isinstance(value, int) else value)
            if array.dtype.kind in "fiub" and array.dtype.itemsize <= 8:
                return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    return np.asarray(number(name, value))
