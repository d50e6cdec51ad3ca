"""What a rule says, and what a rewriting leaves behind.

A `Rule` is declared once, with both sides as formulas over the primitive functions `xp`. They are printed, sampled against the
truth and measured; how the written side is recognised in its many arrangements stands in `rules`.

>>> from chalkgrad.transform.stabilise.model import Rule
>>> rule = Rule(name="log1p", written=lambda xp, x: xp.log(1 + x), stable=lambda xp, x: xp.log1p(x), why="1 + x rounds x away",
...             proof="log1p(x) is log(1 + x) by definition, for x > −1", ranges=((-0.5, 1.0),))
>>> rule.before, rule.after
('log(1 + x)', 'log1p(x)')
"""

import inspect
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape
from chalkgrad.graph.wire import Drawing
from chalkgrad.notation.expression import write

Range = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rule:
    """A textbook form and the form that is safe, equal in real numbers wherever the textbook form has a meaning.

    `proof` gives the identity and the domain on which it holds. The inputs are named as the parameters of `written`; `ranges` are
    the numbers from which they are sampled, `shapes` their shapes where they are arrays. A rule that is `beyond` keeps digits which
    a rounding of the inputs would take away as well; who has written the other side has made no mistake.
    """

    name: str
    written: Callable[..., Any]
    stable: Callable[..., Any]
    why: str
    proof: str
    ranges: tuple[Range, ...]
    shapes: tuple[Shape, ...] = ()
    beyond: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.written).parameters)[1:]

    def drawn(self, side: Callable[..., Any]) -> tuple[Graph, list[int], int]:
        """One side as a graph of its own: the graph, its leaves, its output."""
        graph = Graph()
        xp = Drawing(graph)
        shapes = self.shapes or ((),) * len(self.inputs)
        leaves = [graph.leaf(name, shape) for name, shape in zip(self.inputs, shapes, strict=True)]
        return graph, leaves, side(xp, *map(xp.wire, leaves)).node

    @property
    def before(self) -> str:
        return _text(*self.drawn(self.written))

    @property
    def after(self) -> str:
        return _text(*self.drawn(self.stable))

    def __repr__(self) -> str:
        return f"<rule {self.name}>"


def _text(graph: Graph, _: list[int], output: int) -> str:
    return write(graph, output)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One use of a rule: the wire as it was written, the wire that stands for it now, and both in words."""

    rule: Rule
    wire: int
    stable: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before}  →  {self.after}"


@dataclass(frozen=True, slots=True)
class Stabilised:
    """A graph in stable forms. `moved[old]` is the new wire of each old one that lives on, −1 for those that do not."""

    graph: Graph
    outputs: tuple[int, ...]
    moved: "array[int]"
    rewrites: tuple[Rewrite, ...]
