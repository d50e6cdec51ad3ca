"""What has been read, from a formula or a function: a graph whose inputs have names and numbers, and an output to work out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from chalkgrad.graph.graph import Graph
from chalkgrad.graph.spaces import NUMPY, Space

OUTSIDE = "is read from outside and no argument"  # of an input that is an array of the function's own


class Place(NamedTuple):
    """A line of somebody's source."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The graph may hold definitions that the output does not need.

    `leaves` are the inputs in order of appearance, `defined` the named wires in order of evaluation, both by the name that is
    shown; `given` holds the inputs' values by node. A function tells more: `fixed`, the inputs that are not differentiated, and
    what they hold instead of variable floats; `groups`, the inputs that one argument holds; `places`, the source of each gate;
    `branches`, a sentence for each way that was taken; `space`, the numbers that are computed with.
    """

    kind: str = "formula"
    graph: Graph
    output: int
    output_name: str
    leaves: dict[str, int]
    defined: dict[str, int]
    given: dict[int, Any]
    fixed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    places: Mapping[int, Place] = field(default_factory=lambda: MappingProxyType({}))
    branches: tuple[str, ...] = ()
    space: Space = NUMPY

    def place(self, node: int) -> Place | None:
        """The line of the source that made a wire, where it is known."""
        return self.places.get(node)
