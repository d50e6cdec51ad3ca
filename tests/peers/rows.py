"""One generated call: a source in NumPy's names, and the arrays at which it is asked."""

import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Shape = tuple[int, ...]


class Call(NamedTuple):
    name: str
    source: Callable[..., Any]
    args: tuple[Any, ...]
    kind: str = "numpy"  # or "special": the namespace that stands in for the source's first parameter

    def in_single(self) -> "Call":
        """The same with arrays in single precision."""
        return self._replace(name=f"{self.name} float32", args=tuple(np.asarray(one, np.float32) for one in self.args))


class Draw:
    """Random arrays that depend on a call's name only, so that a new row changes no other."""

    def __init__(self, name: str) -> None:
        self.numbers = np.random.default_rng(zlib.crc32(name.encode()))

    def array(self, shape: Shape, low: float = -2.0, high: float = 2.0) -> Any:
        return np.asarray(self.numbers.uniform(low, high, shape))

    def apart(self, shape: Shape, low: float = -2.0, high: float = 2.0) -> Any:
        """Entries that keep their distance from each other, so that none of them ties."""
        size = int(np.prod(shape))
        steps = self.numbers.permutation(size) + self.numbers.uniform(0.2, 0.4, size)
        return (low + (high - low) * steps / max(size, 1)).reshape(shape)

    def well(self, *stack: int, size: int = 3) -> Any:
        """Matrices that are far from singular."""
        return self.array((*stack, size, size), -1.0, 1.0) + 4.0 * np.eye(size)


class Rows(list[Call]):
    """A table under construction."""

    def row(self, name: str, source: Callable[..., Any], *args: Any, kind: str = "numpy") -> None:
        self.append(Call(name, source, tuple(map(np.asarray, args)), kind))
