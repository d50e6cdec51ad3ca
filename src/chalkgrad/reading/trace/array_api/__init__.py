"""The Python array API standard over traced values and NumPy arrays.

Code written for the standard asks its arrays for a namespace, `xp = x.__array_namespace__()`, and calls nothing but that. Traced
values answer with this module, so such code is traced as it stands. Each function is NumPy's own with the standard's name and
arguments; NumPy arrays go in and come out as they are, and a traced value among the arguments makes the result traced.

While a trace is under way, creation functions give traced constants; elsewhere they give NumPy arrays.

    >>> from chalkgrad import array_api as xp, grad
    >>> def loss(x):
    ...     xp = x.__array_namespace__()
    ...     return xp.sum(xp.square(x - xp.arange(3, dtype=x.dtype)))
    >>> grad(loss)(xp.asarray([1.0, 1.0, 1.0]))
    array([ 2.,  0., -2.])

- `creation`, `elementwise`, `gathering`, `kinds`, `layout`, `ordering`, `linalg`: its chapters
- `standard`: the names of the standard, and which of them cannot be traced
- `special`: what SciPy's own functions for the standard ask this namespace for; `scipys` makes them ask
"""

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from chalkgrad.reading.trace.array_api import creation, elementwise, gathering, kinds, layout, linalg, ordering, special
from chalkgrad.reading.trace.array_api.standard import VERSION
from chalkgrad.reading.trace.table import covers

CHAPTERS = (creation, elementwise, gathering, kinds, layout, ordering)

__array_api_version__ = VERSION
__array_namespace_info__ = np.__array_namespace_info__

globals().update({name: getattr(chapter, name) for chapter in CHAPTERS for name in chapter.__all__})
globals().update({name: getattr(linalg, name) for name in linalg.IN_MAIN})

__all__ = ["__array_api_version__", "__array_namespace_info__", "linalg", "special"]
__all__ += [name for chapter in CHAPTERS for name in chapter.__all__] + linalg.IN_MAIN


@covers("namespace")
def namespace(api_version: str | None) -> Any:
    """What `x.__array_namespace__()` gives."""
    if api_version not in (None, "2021.12", "2022.12", "2023.12", "2024.12", VERSION):
        raise ValueError(f"The namespace follows version {__array_api_version__} of the standard, not {api_version!r}.")
    return sys.modules[__name__]


if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
