"""Wires with operators, so that a rule written as a formula builds graph.

`Drawing(graph)` is the namespace `xp` whose functions append gates instead of computing numbers. The same rule that computes
with NumPy therefore draws itself:

    >>> from chalkgrad.graph.graph import Graph
    >>> graph = Graph()
    >>> xp = Drawing(graph)
    >>> x = xp.leaf("x")
    >>> f = 1 / (1 + xp.exp(-x))
    >>> [graph.gate(node).name for node in graph if graph.gate(node)]
    ['negative', 'exp', 'add', 'divide']

NumPy's ufuncs of wires draw as well: `np.exp(x)` is `xp.exp(x)`.
"""

from collections.abc import Callable
from typing import Any

from chalkgrad.errors import GateError, nearest
from chalkgrad.graph.gate import BY_NUMPY, GATES
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.shapes import Shape


class Wire:
    """A wire of a graph under construction: an index with operators."""

    __slots__ = ("drawing", "node")

    def __init__(self, drawing: "Drawing", node: int) -> None:
        self.drawing = drawing
        self.node = node

    @property
    def shape(self) -> Shape:
        return self.drawing.graph.shape(self.node)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<wire {self.drawing.graph.names.get(self.node, self.node)}>"

    def __bool__(self) -> bool:
        raise GateError("A wire that is being drawn has no value yet, so it decides nothing.",
                        hint="where(condition, a, b) and max(a, b) choose within the graph.")  # fmt: skip

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **params: Any) -> "Wire":
        gate = BY_NUMPY.get(ufunc)
        if gate is None or method != "__call__" or params:
            raise GateError(f"np.{ufunc.__name__} cannot be drawn so.", hint="The gates stand in `chalkgrad gates`, by name.")
        return self.drawing.call(gate.name, *inputs)

    def __add__(self, other: Any) -> "Wire":
        return self.drawing.call("add", self, other)

    def __radd__(self, other: Any) -> "Wire":
        return self.drawing.call("add", other, self)

    def __sub__(self, other: Any) -> "Wire":
        return self.drawing.call("subtract", self, other)

    def __rsub__(self, other: Any) -> "Wire":
        return self.drawing.call("subtract", other, self)

    def __mul__(self, other: Any) -> "Wire":
        return self.drawing.call("multiply", self, other)

    def __rmul__(self, other: Any) -> "Wire":
        return self.drawing.call("multiply", other, self)

    def __truediv__(self, other: Any) -> "Wire":
        return self.drawing.call("divide", self, other)

    def __rtruediv__(self, other: Any) -> "Wire":
        return self.drawing.call("divide", other, self)

    def __matmul__(self, other: Any) -> "Wire":
        return self.drawing.call("matmul", self, other)

    def __pow__(self, exponent: Any) -> "Wire":
        if isinstance(exponent, int | float):
            return self.drawing.call("constant_power", self, exponent=exponent)
        return self.drawing.call("power", self, exponent)

    def __neg__(self) -> "Wire":
        return self.drawing.call("negative", self)

    def __gt__(self, other: Any) -> "Wire":
        return self.drawing.call("greater", self, other)

    def __ge__(self, other: Any) -> "Wire":
        return self.drawing.call("greater_equal", self, other)

    def __lt__(self, other: Any) -> "Wire":
        return self.drawing.call("less", self, other)

    def __le__(self, other: Any) -> "Wire":
        return self.drawing.call("less_equal", self, other)


class Drawing:
    """The namespace of primitive functions that draws: every gate by its name, as a function from wires to a wire.

    `named` gives the wire a name, which a rule uses to point out its own steps. `shown` draws the step as it is read, where the
    wire itself is drawn with care for roundings.
    """

    lean = exact = False  # see graph.spaces.Space
    takes_rests = True

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def wire(self, node: int) -> Wire:
        return Wire(self, node)

    def leaf(self, name: str, shape: Shape = ()) -> Wire:
        """Append an input."""
        return Wire(self, self.graph.leaf(name, shape))

    def named(self, name: str, wire: Wire, shown: Callable[[], Wire] | None = None) -> Wire:
        for one in (wire, shown()) if shown else (wire,):
            self.graph.names.setdefault(one.node, name)
        return wire

    def call(self, name: str, *inputs: Any, **params: Any) -> Wire:
        """Append the gate `name`; inputs that are no wires become constants. Raises GateError for a wire of another graph."""
        graph, nodes = self.graph, []
        for one in inputs:
            if not isinstance(one, Wire):
                nodes.append(graph.constant(one))
            elif one.drawing is self or one.drawing.graph is graph:
                nodes.append(one.node)
            else:
                raise GateError(f"{name} was given wires of two graphs.", hint="Draw all of them on one drawing.")
        return Wire(self, graph.add(GATES[name], *nodes, **params))

    def __getattr__(self, name: str) -> Callable[..., Wire]:
        if name not in GATES:
            raise GateError(f'There is no gate called "{name}" to draw with.', hint=f"Nearest: {', '.join(nearest(name, GATES))}.")

        def draw(*inputs: Any, **params: Any) -> Wire:
            return self.call(name, *inputs, **params)

        # Kept, so that the next look-up of the name finds the function itself.
        setattr(self, name, draw)
        return draw
