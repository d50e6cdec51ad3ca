"""How a worked solution is wanted: level of detail, what is unfolded, number of digits, precision."""

from dataclasses import dataclass

import numpy as np

from chalkgrad.errors import ChalkgradError
from chalkgrad.explain.view import LEVELS, Level
from chalkgrad.notation.numbers import DIGITS

DTYPES = ("float64", "float32")
MOST_DIGITS = 17  # a float64 has no more


@dataclass(frozen=True, slots=True)
class Options:
    """`wrt` names the inputs (or named wires) to differentiate by, None meaning all inputs. Raises ChalkgradError when unsound."""

    wrt: tuple[str, ...] | None = None
    level: Level = "gate"
    unfold: tuple[str, ...] = ()
    digits: int = DIGITS
    dtype: str = "float64"

    def __post_init__(self) -> None:
        _one_of("level", self.level, LEVELS)
        _one_of("dtype", self.dtype, DTYPES)
        if type(self.digits) is not int or not 1 <= self.digits <= MOST_DIGITS:
            raise ChalkgradError(f"digits is a whole number from 1 to {MOST_DIGITS}, not {self.digits!r}.")

    @property
    def numpy_dtype(self) -> np.dtype:
        return np.dtype(self.dtype)


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ChalkgradError(f"{name} is one of {', '.join(allowed)}, not {value!r}.")
