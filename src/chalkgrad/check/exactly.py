"""Slopes without the error of a difference: by a complex step, and by a difference in arithmetic of many digits.

A complex step needs functions that continue into the complex plane. A gate allows it by its declaration: it has a slope, does not
choose and has no kink; its textbook form is taken where it has one, since safe forms choose. What is left of absolute values,
comparisons and real parts is refused while it runs.

Source: Squire and Trapp, Using complex variables to estimate derivatives of real functions (1998).
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from chalkgrad.check.path import Path
from chalkgrad.check.slopes import Slope
from chalkgrad.check.truth import Truth
from chalkgrad.graph.spaces import Space

IMAGINARY = 1e-30  # the step into the complex plane; its square is nothing beside a float
ROUNDINGS = 64  # of a slope by a complex step, in units of the last place
DIGITS, STEP = 60, "1e-18"
MOST_NUMBERS = 4_000  # a longer way takes too long with many digits


class NotAnalyticError(Exception):
    """A function that does not continue into the complex plane."""


class Analytic(Space):
    """NumPy's functions of complex numbers, of those that continue the real ones."""

    def constant(self, value: Any, dtype: Any = None) -> Any:
        return value

    def cast(self, x: Any, dtype: str) -> Any:
        return x

    def replaced(self, x: Any, new: Any, index: tuple[Any, ...]) -> Any:
        return super().replaced(np.asarray(x, dtype=complex), new, index)


def _refused(*_: Any, **__: Any) -> Any:
    raise NotAnalyticError


for _name in ("absolute sign copysign where maximum minimum max min floor ceil trunc rint first_of greater greater_equal less"
              " less_equal equal not_equal argmax argmin argsort log_determinant determinant_sign cholesky_factor"
              " symmetric_eigenvalues symmetric_eigenvectors real conjugate").split():  # fmt: skip
    setattr(Analytic, _name, staticmethod(_refused))

ANALYTIC = Analytic()


def complex_step(path: Path, direction: Sequence[Any]) -> Slope | None:
    """The slope along a direction from one evaluation beside the real line; None where a gate does not allow it."""
    values: list[Any] = list(path.values)
    for leaf, value, one in zip(path.leaves, path.given, direction, strict=True):
        values[leaf] = np.asarray(value) + 1j * IMAGINARY * np.asarray(one)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)  # a rule that drops the imaginary part
            for node in path.graph:
                _continued(path, node, values)
    except (NotAnalyticError, np.exceptions.ComplexWarning, TypeError, ValueError, AttributeError, np.linalg.LinAlgError):
        return None
    end = complex(values[path.output])
    value = end.imag / IMAGINARY
    if not np.isfinite(value) or not abs(end.real - path.value) <= ROUNDINGS * path.noise:
        return None
    return Slope(value, 0.0, ROUNDINGS * 2.0**-52 * abs(value) + path.noise, "complex step")


def _continued(path: Path, node: int, values: list[Any]) -> None:
    """Put the complex value of a wire in its place, if it has one."""
    gate = path.graph.gate(node)
    inputs = [values[one] for one in path.graph.inputs(node)]
    if gate is None or not any(np.iscomplexobj(one) for one in inputs):
        return
    if not gate.differentiable or gate.chooses or gate.kinks:
        raise NotAnalyticError
    values[node] = (gate.means or gate.forward)(ANALYTIC, *inputs, **path.graph.settings(node))
    if not np.iscomplexobj(values[node]):
        raise NotAnalyticError


def in_many_digits(path: Path, direction: Sequence[Any], sign: int = 0) -> Slope | None:
    """The slope along a direction in arithmetic of 60 digits, from both sides or towards one; None where that is beyond reach."""
    if path.work > MOST_NUMBERS:
        return None
    xp = Truth(DIGITS)

    def at(t: Any) -> Any:
        leaves = [xp.constant(value) + t * xp.constant(one) for value, one in zip(path.given, direction, strict=True)]
        return path.evaluated(leaves, xp)[path.output]

    def quotient(step: Any) -> Any:
        if sign:
            return sign * (at(sign * step) - at(xp.mp.zero)) / step
        return (at(step) - at(-step)) / (2 * step)

    try:
        step = xp.mp.mpf(STEP)
        wide, narrow = quotient(step), quotient(step / 2)
        value, change = float(narrow), float(abs(wide - narrow))
    except Exception:  # a gate of the user's own may hold anything
        return None
    return Slope(value, change, 2.0**-52 * abs(value), f"{DIGITS} digits") if np.isfinite(value) else None
