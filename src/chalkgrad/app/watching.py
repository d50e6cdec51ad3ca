"""`watch`: a training loop at native speed until a number is not finite; then the diagnosis, and the inputs in a file.

    >>> import numpy as np, tempfile
    >>> from chalkgrad import grad
    >>> slope = grad(lambda x: np.log(x) * x)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     try:
    ...         with watch(folder):
    ...             slope(3.0), slope(0.0)
    ...     except NotFiniteError as letter:
    ...         found = letter.diagnosis
    >>> found.findings[0].gate, found.findings[0].kind
    ('log', '0·inf')

The functions that grad, value_and_grad, jit and the other transforms have made hand each result over when they are called outside
of any other trace. It is looked at once, by a product with itself where it is an array.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from chalkgrad.app.examination import examined
from chalkgrad.app.saved import save
from chalkgrad.check.precision.truths import Budget
from chalkgrad.errors import ChalkgradError
from chalkgrad.explain.diagnosis.answer import Diagnosed
from chalkgrad.explain.functions import read_function
from chalkgrad.transform.api.arguments import called
from chalkgrad.transform.api.pytrees import flatten
from chalkgrad.transform.api.staged import WATCHERS, Staged

SECONDS = 20.0  # for the diagnosis
FEW = 32  # entries that Python adds up sooner than NumPy is called
LINES = 24  # of it in the letter


class NotFiniteError(ChalkgradError):
    """A result that is not finite, met by `watch`. `diagnosis` tells why, where one could be made; `file` holds the inputs."""

    def __init__(self, what: str, diagnosis: Diagnosed | None, file: Path, hint: str) -> None:
        super().__init__(what, hint=hint)
        self.diagnosis = diagnosis
        self.file = file


@contextmanager
def watch(folder: str | Path = ".") -> Iterator[None]:
    """While this lasts, the first result of a transformed function that is not finite stops the loop with a diagnosis.

    The inputs of that call are saved in `folder`, with a script beside them that repeats the diagnosis. Raises NotFiniteError.
    """
    if not Path(folder).is_dir():
        raise ChalkgradError(
            f'There is no folder "{folder}" to save inputs in.', hint="Make it first, or name another: watch(folder=...)."
        )
    calls = 0

    def watcher(staged: Staged, args: tuple[Any, ...], settings: dict[str, Any], result: Any) -> None:
        nonlocal calls
        calls += 1
        try:  # a value and the slopes by one vector, at the cost of reading them
            value, slopes = result
            fine = isfinite(value + sum(slopes.tolist())) if len(slopes) <= FEW else isfinite(_sum(result))
        except (TypeError, ValueError, AttributeError):
            fine = isfinite(_sum(result))
        if not (fine or _each_is_finite(result)):
            raise _letter(Path(folder), calls, staged, args, settings)

    WATCHERS.append(watcher)
    try:
        yield
    finally:
        WATCHERS.remove(watcher)


def _letter(folder: Path, calls: int, staged: Staged, args: tuple[Any, ...], settings: dict[str, Any]) -> NotFiniteError:
    f = staged.f
    while isinstance(f, Staged):
        f = f.f
    file, script = save(folder, called(f), f, args, settings)
    found = _diagnosis(f, args, settings)
    what = f"A result of {called(f)} is not finite, at call {calls} since the watch began."
    if found is not None:
        lines = str(found).splitlines()
        what += "\n\n" + "\n".join([*lines[:LINES], *(["…"] if len(lines) > LINES else [])])
    return NotFiniteError(what, found, file, f"The inputs are in {file}; python {script} repeats the diagnosis.")


def _sum(result: Any) -> float:
    """A number that is finite only if all floats are, or nan for what has to be looked at more closely.

    Called at each step, so all are added up in one pass; the sum may overflow, and only then is each looked at.
    """
    total = 0.0
    for one in result if type(result) is tuple else (result,):
        kind = type(one)
        if kind is float:
            total += one
        elif kind is np.ndarray:
            if one.ndim != 1:
                total += float(np.vdot(one, one))
            else:
                total += sum(one.tolist()) if len(one) <= FEW else float(one.dot(one))
        else:
            total += sum(map(_sum, one.values())) if type(one) is dict else math.nan
    return total


def _each_is_finite(result: Any) -> bool:
    leaves = flatten(result)[0]
    return all(bool(np.all(np.isfinite(one))) for one in leaves if isinstance(one, float) or _holds_floats(one))


def _holds_floats(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind == "f"


def _diagnosis(f: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Diagnosed | None:
    """The diagnosis of the function, or of the first part of what it returns; None where neither can be examined."""
    for function in (f, first(f)):
        with suppress(ChalkgradError):
            return examined(read_function(function, args, settings), None, np.float64, Budget(seconds=SECONDS))
    return None


def first(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function without what it returns beside its value."""

    @wraps(f)
    def value(*args: Any, **settings: Any) -> Any:
        return f(*args, **settings)[0]

    return value
