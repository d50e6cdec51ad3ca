"""Chalkgrad: the autodiff engine that shows its work.

    >>> import chalkgrad
    >>> chalkgrad.work("f = (x + y) * z", x=-2, y=5, z=2).grad["x"]
    2.0

Names are loaded when they are first used, so that `import chalkgrad` loads NumPy and nothing else.
"""

import importlib
from typing import TYPE_CHECKING, Any

from chalkgrad.errors import ChalkgradError

if TYPE_CHECKING:
    from chalkgrad.app.session import work
    from chalkgrad.explain.derivations import derive
    from chalkgrad.explain.judges import compare, losses

__version__ = "0.1.0.dev0"

HOMES = {
    "compare": "chalkgrad.explain.judges",
    "derive": "chalkgrad.explain.derivations",
    "losses": "chalkgrad.explain.judges",
    "work": "chalkgrad.app.session",
}

__all__ = ["ChalkgradError", "__version__", "compare", "derive", "losses", "work"]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'chalkgrad' has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
