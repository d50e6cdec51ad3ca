"""Chalkgrad: the autodiff engine that shows its work.

    >>> import chalkgrad
    >>> chalkgrad.work("f = (x + y) * z", x=-2, y=5, z=2).grad["x"]
    2.0

Names are loaded when they are first used, so that `import chalkgrad` loads NumPy and nothing else.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from chalkgrad.errors import ChalkgradError

if TYPE_CHECKING:
    from chalkgrad.app.compiled import compile
    from chalkgrad.app.drawn import drawing
    from chalkgrad.app.examination import doctor
    from chalkgrad.app.saved import load_inputs
    from chalkgrad.app.session import work
    from chalkgrad.app.watching import watch
    from chalkgrad.check.gradient import check_grad
    from chalkgrad.explain.derivations import derive
    from chalkgrad.explain.exercises import exercise
    from chalkgrad.explain.judges import compare, losses
    from chalkgrad.native.threads import set_threads
    from chalkgrad.reading.trace import array_api
    from chalkgrad.transform.api.directional import hvp, jvp, vjp
    from chalkgrad.transform.api.gradient import checkpoint, grad, stop_gradient, value_and_grad
    from chalkgrad.transform.api.mapping import jit, vmap
    from chalkgrad.transform.api.matrices import hessian, jacobian
    from chalkgrad.transform.api.own import check_gate, define_gate
    from chalkgrad.transform.api.stable import stabilise

__version__ = "0.1.0.dev0"

HOMES = {
    "array_api": "chalkgrad.reading.trace.array_api",
    "check": "chalkgrad.explain.checked",
    "compare": "chalkgrad.explain.judges",
    "compile": "chalkgrad.app.compiled",
    "check_gate": "chalkgrad.transform.api.own",
    "checkpoint": "chalkgrad.transform.api.gradient",
    "check_grad": "chalkgrad.check.gradient",
    "define_gate": "chalkgrad.transform.api.own",
    "derive": "chalkgrad.explain.derivations",
    "doctor": "chalkgrad.app.examination",
    "drawing": "chalkgrad.app.drawn",
    "exercise": "chalkgrad.explain.exercises",
    "grad": "chalkgrad.transform.api.gradient",
    "hessian": "chalkgrad.transform.api.matrices",
    "hvp": "chalkgrad.transform.api.directional",
    "jacobian": "chalkgrad.transform.api.matrices",
    "jit": "chalkgrad.transform.api.mapping",
    "jvp": "chalkgrad.transform.api.directional",
    "load_inputs": "chalkgrad.app.saved",
    "losses": "chalkgrad.explain.judges",
    "set_threads": "chalkgrad.native.threads",
    "stabilise": "chalkgrad.transform.api.stable",
    "stop_gradient": "chalkgrad.transform.api.gradient",
    "value_and_grad": "chalkgrad.transform.api.gradient",
    "vjp": "chalkgrad.transform.api.directional",
    "vmap": "chalkgrad.transform.api.mapping",
    "watch": "chalkgrad.app.watching",
    "work": "chalkgrad.app.session",
}

__all__ = [
    "ChalkgradError",
    "__version__",
    "array_api",
    "check",
    "check_gate",
    "check_grad",
    "checkpoint",
    "compare",
    "compile",
    "define_gate",
    "derive",
    "doctor",
    "drawing",
    "exercise",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jit",
    "jvp",
    "load_inputs",
    "losses",
    "set_threads",
    "stabilise",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "vmap",
    "watch",
    "work",
]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'chalkgrad' has no attribute {name!r}")
    home = importlib.import_module(HOMES[name])
    found = globals()[name] = getattr(home, name, home)  # a module is itself what it is named for
    return found


class _Package(ModuleType):
    """The package, where `check` is the function, whichever of the modules in chalkgrad/check have been imported."""

    @property
    def check(self) -> Any:
        return __getattr__("check")

    @check.setter
    def check(self, module: ModuleType) -> None:
        """An import of chalkgrad.check sets it as an attribute; `from chalkgrad.check import …` does not need that."""


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
