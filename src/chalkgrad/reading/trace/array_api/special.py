"""Functions of scipy.special under the name by which SciPy asks a namespace for its own (`xp.special`)."""

import sys
from typing import Any

from chalkgrad.reading.trace.functions.special import RULES
from chalkgrad.reading.trace.table import uncovered


def __getattr__(name: str) -> Any:
    if name in RULES:
        return RULES[name]
    function = getattr(sys.modules.get("scipy.special"), name, None)
    if name.startswith("_") or function is None:
        raise AttributeError(name)

    def refuse(*_: Any, **__: Any) -> Any:
        raise uncovered(function)

    return refuse
