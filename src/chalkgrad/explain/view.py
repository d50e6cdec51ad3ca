"""Which wires a lesson shows, under which names, and what flows between them.

At the level of gates every wire is shown; at the level of blocks only the inputs and the wires that the formula names, so that a
whole definition is one block with one local gradient for each wire that enters it.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from chalkgrad.graph.graph import Graph, reached
from chalkgrad.notation.expression import Part, named
from chalkgrad.notation.numbers import Style, source
from chalkgrad.reading.problem import Place, Problem
from chalkgrad.transform.chain import Chain
from chalkgrad.transform.masks import Mask
from chalkgrad.transform.reverse import Backward, Contribution, reverse

Level = Literal["gate", "block"]
LEVELS: tuple[Level, ...] = ("gate", "block")
WIRE_LETTERS = "vquhkm"  # for wires that the formula leaves unnamed; the first letter that no name begins with


@dataclass(frozen=True, slots=True)
class View:
    """The wires shown, in order of evaluation (inputs among them, constants not), their names, and what feeds each.

    `spoken` are those that the formula itself names, its inputs and output among them. `places` tells which line of a function
    made a wire.
    """

    graph: Graph
    output: int
    wires: tuple[int, ...]
    names: Mapping[int, str]
    feeds: Mapping[int, tuple[int, ...]]
    spoken: frozenset[int]
    places: Mapping[int, Place] = field(default_factory=lambda: MappingProxyType({}))

    def parts(self, style: Style, besides: int | None = None) -> dict[int, Part]:
        """The named wires as parts of expressions; `besides` is one that is to be written out."""
        return {wire: named(name, style) for wire, name in self.names.items() if wire != besides}

    @property
    def intermediates(self) -> list[int]:
        """The wires that the formula names, without the output and the inputs."""
        return [wire for wire in self.wires if wire in self.spoken and wire != self.output and not self.graph.is_leaf(wire)]

    def place(self, wire: int) -> str:
        """Where the wire stands in the source, for the end of a sentence."""
        return f" ({self.places[wire]})" if wire in self.places else ""

    def name(self, wire: int) -> str:
        """The wire's name; a constant goes by its number."""
        if wire in self.names:
            return self.names[wire]
        value = self.graph.constants[wire]
        return source(float(value)) if self.graph.shape(wire) == () else "constant"


def look_at(problem: Problem, level: Level) -> View:
    """The view of a problem's graph at a level."""
    graph, output = problem.graph, problem.output
    relevant = reached(graph, [output])
    spoken = {node: name for name, node in {**problem.defined, **problem.leaves}.items() if relevant[node]}
    spoken[output] = problem.output_name
    if level == "block":
        wires = sorted({*spoken, output})
        feeds = {wire: _frontier(graph, wire, spoken.keys() - {wire}) for wire in wires}
    else:
        wires = [node for node in range(output + 1) if relevant[node] and not graph.is_constant(node)]
        feeds = {wire: graph.inputs(wire) for wire in wires}
    if graph.is_constant(output) and output not in wires:
        wires.append(output)
        feeds[output] = ()
    return View(graph, output, tuple(wires), _name_all(wires, spoken), feeds, frozenset(spoken), problem.places)


def factors(view: View, back: Backward, level: Level) -> dict[int, list[Contribution]]:
    """What flows back to each shown wire. Between blocks, the local gradient is that of the whole block."""
    result: dict[int, list[Contribution]] = defaultdict(list)
    if level == "gate":
        shown = set(view.wires)
        for flow in back.contributions():
            if flow.gate in shown and flow.wire in shown:
                result[flow.wire].append(flow)
        return result
    chain = Chain(view.graph)
    for block in view.wires:
        upstream = back.total(block)
        if upstream is None:
            continue
        for slot, wire in enumerate(view.feeds[block]):
            if back.total(wire) is None:
                continue
            through = _through_block(chain, block, wire, upstream, back.masks.get(block), held=view.feeds[block], slot=slot)
            if through is not None:
                result[wire].append(through)
    return result


def _through_block(
    chain: Chain, block: int, wire: int, upstream: int, mask: Mask | None, *, held: tuple[int, ...], slot: int
) -> Contribution | None:
    graph = chain.graph
    if graph.shape(block) == ():
        local = reverse(graph, block, held).total(wire)
        if local is None:
            return None
        product = chain.xp.wire(upstream) * chain.xp.wire(local)
        return Contribution(wire, block, slot, upstream, local, (mask.select(product) if mask else product).node)
    pulled = reverse(graph, block, held, seed=upstream, mask=mask).total(wire)
    return None if pulled is None else Contribution(wire, block, slot, upstream, None, pulled)


def _frontier(graph: Graph, wire: int, shown: Iterable[int]) -> tuple[int, ...]:
    """The shown wires on which `wire` depends without another between, in order."""
    stop, found, seen = set(shown), set(), set()
    stack = list(graph.inputs(wire))
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node in stop:
            found.add(node)
        else:
            stack.extend(graph.inputs(node))
    return tuple(sorted(found))


def _name_all(wires: Iterable[int], spoken: Mapping[int, str]) -> dict[int, str]:
    taken = {name[0] for name in spoken.values() if name[1:].isdigit()}
    letter = next((one for one in WIRE_LETTERS if one not in taken), "wire")
    numbers = itertools.count(1)
    return {wire: spoken[wire] if wire in spoken else f"{letter}{next(numbers)}" for wire in wires}
