"""SciPy's functions for the array API standard on traced values, without the switch SCIPY_ARRAY_API.

They ask one function for the namespace of their arguments. While SciPy's switch is off, that function names NumPy without looking;
while it is on, it lets nobody mix arrays of several kinds. In the modules of SciPy that are loaded, the question is led past traced
values first, wherever a trace begins; for all other arguments the answer is SciPy's own. Nothing is imported here.

    >>> class Answers(Namespaced):
    ...     def __array_namespace__(self):
    ...         return "its own"
    >>> _aware(lambda *arrays: "SciPy's")(Answers()), _aware(lambda *arrays: "SciPy's")(1.0)
    ('its own', "SciPy's")
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from chalkgrad.errors import ChalkgradError

Trace = TypeVar("Trace", bound=Callable[..., Any])
HOME = "scipy._lib._array_api_override"  # of SciPy 1.17; where another version has none, nothing is changed
ASK = "array_namespace"


class Namespaced:
    """A value whose own namespace is the answer: `Traced`."""

    __slots__ = ()


def recognise() -> bool:
    """Makes the modules of SciPy that are loaded know traced values; whether there are new ones."""
    ask: Any = getattr(sys.modules.get(HOME), ASK, None)
    fresh = [] if ask is None else [
        module for name, module in tuple(sys.modules.items())
        if name.startswith("scipy.") and name != HOME and getattr(module, "__dict__", {}).get(ASK) is ask
    ]  # fmt: skip
    for module in fresh:
        setattr(module, ASK, _aware(ask))
    return bool(fresh)


def retraced(trace: Trace) -> Trace:
    """Traces once more where a function has loaded SciPy on its way, which then did not know traced values."""

    @wraps(trace)
    def traced(*args: Any, **settings: Any) -> Any:
        try:
            return trace(*args, **settings)
        except ChalkgradError:
            if not recognise():
                raise
        return trace(*args, **settings)

    return traced  # type: ignore[return-value]


def _aware(ask: Any) -> Any:
    @wraps(ask)
    def array_namespace(*arrays: Any) -> Any:
        found: list[Any] = [one for one in arrays if isinstance(one, Namespaced)]
        return found[0].__array_namespace__() if found else ask(*arrays)

    return array_namespace
