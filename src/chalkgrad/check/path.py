"""What a function does between its arguments and its value, as a graph of its own that can be evaluated in many ways.

`follow` traces the function and notes the user's line beside each gate. What does not move with the chosen arguments, and what
`stop_gradient` holds, is a constant of the path, so that a difference along it is what the gradient claims to be.

The rounding of the value is measured by shaking: every number on the way is moved by a unit in its last place, at random, a few
times over.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chalkgrad.check.slopes import Ladder
from chalkgrad.errors import Span
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.gate import Gate, Kink
from chalkgrad.graph.graph import Graph
from chalkgrad.reading.trace.letters import running, users_frame
from chalkgrad.reading.trace.numbers import NUMBERS
from chalkgrad.reading.trace.scipys import retraced
from chalkgrad.reading.trace.session import Trace
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.api.arguments import Argnames, Argnums, Chosen
from chalkgrad.transform.api.gradient import reachable, scalar
from chalkgrad.transform.api.pytrees import flatten, unflatten
from chalkgrad.transform.api.staged import read, unwrapped

SHAKES = 4
JUMPS = "none"  # how a kink begins its list of valid slopes where there are none
Line = tuple[str, Span]


class Recorded(Trace):
    """A trace that notes the user's line beside each gate."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[int, Line] = {}

    def append(self, gate: Gate, *inputs: int, **params: Any) -> int:
        before = len(self.graph)
        node = super().append(gate, *inputs, **params)
        frame = users_frame()
        line = None if frame is None else running(frame)
        if line is not None:
            self.lines.update(dict.fromkeys(range(before, len(self.graph)), line))
        return node


@dataclass(slots=True)
class Path:
    """`leaves` are the arguments that move, `given` their values; `stopped`: something on the way counts as a constant."""

    graph: Graph
    leaves: list[int]
    output: int
    given: list[Any]
    names: list[str] = field(default_factory=list)
    lines: Mapping[int, Line] = field(default_factory=dict)
    stopped: bool = False
    values: list[Any] = field(init=False)
    noise: float = field(init=False)
    work: int = field(init=False)  # numbers on all wires together

    def __post_init__(self) -> None:
        self.values = self.evaluated(self.given)
        self.noise = self._noise()
        self.work = sum(int(np.size(value)) for value in self.values)

    @property
    def value(self) -> float:
        return float(self.values[self.output])

    @property
    def eps(self) -> float:
        """The spacing of the floats that the value is computed in: the coarsest on the way."""
        kinds = [np.result_type(value) for value in (*self.given, self.values[self.output])]
        return max((float(np.finfo(kind).eps) for kind in kinds if kind.kind == "f"), default=2.0**-52)

    def evaluated(self, leaves: Sequence[Any], xp: Any = NUMBERS) -> list[Any]:
        return evaluate(self.graph, dict(zip(self.leaves, leaves, strict=True)), xp=xp)

    def moved(self, direction: Sequence[Any], t: float) -> list[Any]:
        return [moved(value, one, t) for value, one in zip(self.given, direction, strict=True)]

    def ladder(self, direction: Sequence[Any], phi: Callable[[float], float] | None = None) -> Ladder:
        """The value along a direction: of this graph, or as another function of how far tells it."""

        def here(t: float) -> float:
            return float(self.evaluated(self.moved(direction, t))[self.output])

        return Ladder(phi or here, self.noise, self.eps).measure()

    def kinks_at(self, node: int) -> list[Kink]:
        """The kinks at which the gate stands here, by its own declaration."""
        gate, settings = self.graph.gate(node), self.graph.settings(node)
        if gate is None or not gate.kinks:
            return []
        inputs = [self.values[one] for one in self.graph.inputs(node)]
        return [kink for kink in gate.kinks if bool(np.any(kink.at(NUMBERS, *inputs, **settings)))]

    def _noise(self) -> float:
        chance = np.random.default_rng(0)
        shifts = [abs(float(self._shaken(chance)[self.output]) - self.value) for _ in range(SHAKES)]
        least = self.eps * abs(self.value)
        return max([least, *(shift for shift in shifts if np.isfinite(shift))])

    def _shaken(self, chance: np.random.Generator) -> list[Any]:
        """The values of another run, in which every float is moved by a unit in its last place. Choices are taken as they were."""
        graph, shaken = self.graph, list(self.values)
        with np.errstate(all="ignore"):
            for node, value in enumerate(self.values):
                gate = graph.gate(node)
                moves = gate is None or (
                    gate.differentiable and not any(kink.valid.startswith(JUMPS) for kink in self.kinks_at(node))
                )
                if gate is not None and moves:
                    value = gate.forward(NUMBERS, *(shaken[one] for one in graph.inputs(node)), **graph.settings(node))
                if np.result_type(value).kind == "f" and moves:
                    kind = np.result_type(value)
                    turn = chance.choice([-1.0, 1.0], np.shape(value)) * np.finfo(kind).eps
                    shaken[node] = np.asarray(value * (1 + turn)).astype(kind)[()]
        return shaken


def moved(value: Any, direction: Any, t: float) -> Any:
    """value + t·direction, as precise as the value is."""
    kind = np.result_type(value)
    return np.asarray(np.asarray(value, dtype=np.float64) + t * np.asarray(direction)).astype(kind)[()]


@dataclass(slots=True)
class Followed:
    """A function, its arguments, and its path. `places` say which arguments move, `structure` how their leaves are laid out."""

    f: Callable[..., Any]
    args: tuple[Any, ...]
    settings: Mapping[str, Any]
    places: list[int | str]
    structure: Any
    path: Path

    def trees(self, leaves: Sequence[Any]) -> tuple[Any, ...]:
        """The moving arguments, with other leaves."""
        found: tuple[Any, ...] = unflatten(self.structure, [self._kind(place, leaf) for place, leaf in enumerate(leaves)])
        return found

    def call(self, function: Callable[..., Any], *trees: Any) -> Any:
        """The function at other values of the moving arguments."""
        args, settings = list(self.args), dict(self.settings)
        for place, tree in zip(self.places, trees, strict=True):
            if isinstance(place, int):
                args[place] = tree
            else:
                settings[place] = tree
        return function(*args, **settings)

    def _kind(self, place: int, leaf: Any) -> Any:
        """A leaf that was a Python float stays one."""
        given = flatten(tuple(self.args[one] if isinstance(one, int) else self.settings[one] for one in self.places))[0][place]
        return float(leaf) if type(given) is float else leaf


@retraced
def follow(f: Callable[..., Any], args: Sequence[Any], settings: Mapping[str, Any], argnums: Argnums | None,
           argnames: Argnames | None) -> Followed:  # fmt: skip
    """Trace the function once, with the user's line beside each gate."""
    leaves, structure = flatten((tuple(args), dict(settings)))
    with Recorded().underway() as trace, np.errstate(all="ignore"):
        inputs, _ = read(leaves)
        filled = [leaf if one is None else Traced(trace, trace.leaf(f"input {place}", one), is_argument=True)
                  for place, (leaf, one) in enumerate(zip(leaves, inputs, strict=True))]  # fmt: skip
        traced_args, traced_settings = unflatten(structure, filled)
        held = Chosen(f, traced_args, traced_settings, argnums, argnames)
        number = scalar(f, unwrapped(held.call, (f,), {}))
        path = _between(trace, held, number.node)
    return Followed(f, tuple(args), settings, held.places, held.structure, path)


def _between(trace: Recorded, held: Chosen, output: int) -> Path:
    """The part of the trace that the output and the branches need, from the held wires on."""
    source, starts = trace.graph, {leaf.node: name for leaf, name in zip(held.leaves, held.names, strict=True)}
    reached = reachable(source, list(starts))
    ends = [output, *(guard.node for guard in trace.guards if reached[guard.node])]
    moves = [reached[node] == 1 and node not in starts and not _stops(source.gate(node)) for node in source]
    needed = bytearray(len(source))
    for node in ends:
        needed[node] = 1
    for node in range(len(source) - 1, -1, -1):
        if needed[node] and moves[node]:
            for one in source.inputs(node):
                needed[one] = 1
    graph, place, lines, stopped = Graph(), {}, {}, False
    for node in source:
        gate = source.gate(node)
        if node in starts:
            place[node] = graph.leaf(starts[node], source.shape(node))
        elif needed[node] and moves[node] and gate is not None:
            place[node] = graph.add(gate, *(place[one] for one in source.inputs(node)), **source.settings(node))
        elif needed[node]:
            place[node] = graph.constant(trace.values[node])
            stopped = stopped or reached[node] == 1
        if node in trace.lines and node in place:
            lines[place[node]] = trace.lines[node]
    return Path(graph, [place[one] for one in starts], place[output], [leaf.value for leaf in held.leaves],
                held.names, lines, stopped)  # fmt: skip


def _stops(gate: Gate | None) -> bool:
    return gate is not None and gate.name == "stop"
