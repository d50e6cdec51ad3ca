"""The numeric namespace of traced functions: NumPy's functions on values in whatever precision they have.

>>> import numpy as np
>>> NUMBERS.exp(np.zeros(2, np.float32)).dtype, NUMBERS.constant(np.array(2)).dtype
(dtype('float32'), dtype('int64'))
"""

from typing import Any

from chalkgrad.graph.spaces import Space


class Numbers(Space):
    """float32 stays float32, indices stay whole numbers."""

    def constant(self, value: Any, dtype: Any = None) -> Any:
        return value if isinstance(value, bool | int | float) else value[()]


NUMBERS = Numbers()
