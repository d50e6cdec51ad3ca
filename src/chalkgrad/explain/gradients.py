"""Gradients by the names of the inputs, however those are spelled: w0, w_0 and w₀ are one name.

>>> Gradients({"w0": -0.2})["w_0"]
-0.2
"""

from collections.abc import Iterator, Mapping
from typing import Any

from chalkgrad.errors import GivenError, nearest, quote
from chalkgrad.reading.formula.names import normalised


class Gradients(Mapping[str, Any]):
    """A read-only mapping from input names to numbers or arrays. A name that is no input raises GivenError, a KeyError."""

    def __init__(self, gradients: Mapping[str, Any]) -> None:
        self._gradients = dict(gradients)
        self._spelled = {normalised(name): name for name in gradients}

    def __getitem__(self, name: str) -> Any:
        spelled = name if name in self._gradients else self._spelled.get(normalised(str(name)))
        if spelled is None:
            raise UnknownInputError(
                f"There is no gradient by {quote(str(name))}.",
                hint=f"There are: {', '.join(nearest(str(name), self._gradients) or self._gradients)}.",
            )
        return self._gradients[spelled]

    def __iter__(self) -> Iterator[str]:
        return iter(self._gradients)

    def __len__(self) -> int:
        return len(self._gradients)

    def __repr__(self) -> str:
        return repr(self._gradients)


class UnknownInputError(GivenError, KeyError):
    """A gradient was asked by a name that is no input; a KeyError, so that `in` and `get` work."""

    __str__ = GivenError.__str__
