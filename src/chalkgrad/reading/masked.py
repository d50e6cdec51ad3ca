"""NumPy's masked arrays, looked for without loading their module: it takes as long as a first call, and where it is not loaded
there are none."""

import sys
from typing import Any


def is_masked_array(value: Any) -> bool:
    """Whether it is an array with a mask, be anything masked or not."""
    module = sys.modules.get("numpy.ma")
    return module is not None and isinstance(value, module.MaskedArray)
