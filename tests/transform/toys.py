"""Toy gates whose slopes anyone can see, one for each way in which a gate tells its slope.

They stand in the registry only while a test runs, so that the tables over all gates do not meet them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np

from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import BY_CODE, CODES, GATES, Gate, at, define
from chalkgrad.graph.graph import Graph
from chalkgrad.graph.look import function
from chalkgrad.graph.shapes import same
from chalkgrad.graph.wire import Drawing, Wire

TOYS = (
    # 100·x + 10·y + z: what arrives can be read off digit by digit
    Gate(
        name="digits", family="toys", arity=3, symbol="digits", look=function("digits"), lesson="slopes 100, 10 and 1",
        forward=lambda xp, x, y, z: 100.0 * x + 10.0 * y + z,
        local=lambda xp, x, y, z, out: (100.0, 10.0, 1.0),
        samples=(at(1.0, 2.0, 3.0),),
    ),
    Gate(
        name="triple", family="toys", symbol="3·", look=function("triple"), lesson="linear with slope 3",
        forward=lambda xp, x: 3.0 * x,
        linear="jointly", pull=lambda xp, upstream, inputs, slot: xp.triple(upstream),
        samples=(at(1.0),),
    ),
    Gate(
        name="scaled", family="toys", arity=2, symbol="scaled", look=function("scaled"), lesson="linear in each input on its own",
        forward=lambda xp, x, y: x * y,
        linear="each", pull=lambda xp, upstream, inputs, slot: upstream * inputs[1 - slot],
        samples=(at(2.0, 3.0),),
    ),
    # every entry is the sum of all, so each output depends on each input
    Gate(
        name="pool", family="toys", symbol="pool", shape=same, look=function("pool"), lesson="each entry becomes the sum of all",
        forward=lambda xp, x: xp.sum(x) + 0.0 * x,
        push=lambda xp, tangents, inputs, out: xp.sum(tangents[0]) + 0.0 * tangents[0],
        samples=(at([1.0, 2.0]),),
    ),
    Gate(
        name="deaf", family="toys", arity=2, symbol="deaf", look=function("deaf"), lesson="does not depend on its second input",
        forward=lambda xp, x, y: 5.0 * x,
        local=lambda xp, x, y, out: (5.0, None),
        samples=(at(1.0, 2.0),),
    ),
    Gate(
        name="wall", family="toys", symbol="wall", look=function("wall"), lesson="has no slope", forward=lambda xp, x: x,
        samples=(at(1.0),),
    ),
)  # fmt: skip


@contextmanager
def toys() -> Iterator[SimpleNamespace]:
    """The toy gates by name, registered for as long as the context lasts."""
    before = len(BY_CODE)
    try:
        yield SimpleNamespace(**{gate.name: define(gate) for gate in TOYS})
    finally:
        for gate in BY_CODE[before:]:
            del GATES[gate.name], CODES[gate]
        del BY_CODE[before:]


class Board:
    """A graph with leaves by name, and the numbers it is tried with."""

    def __init__(self, **values):
        self.graph = Graph()
        self.xp = Drawing(self.graph)
        self.wires: dict[str, Wire] = {}
        self.given: dict[int, object] = {}
        for name, value in values.items():
            self.wires[name] = self.xp.wire(self.graph.leaf(name, np.shape(value)))
            self.given[self.wires[name].node] = value

    def __getattr__(self, name):
        return self.__dict__["wires"][name]

    def value(self, node):
        """The number or array on a wire, None for no wire."""
        return None if node is None else evaluate(self.graph, self.given)[node].tolist()

    def values(self, nodes):
        return [self.value(node) for node in nodes]
