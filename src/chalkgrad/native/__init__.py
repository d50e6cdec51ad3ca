"""Native code: graphs become machine code through LLVM.

A gate's forward rule is read once more, this time in instructions: `instructions` is the namespace of its primitive functions on
single numbers, `unrolled` lifts it to small arrays. `scalars` makes straight-line code of a whole graph, and `calling` lets Python
call it; `loops` makes kernels of arrays; `tape` runs huge graphs of single numbers.

Nothing here loads LLVM before code is first compiled. Where LLVM is missing, NumPy computes instead, and that is said once.
"""

import contextlib
import importlib
import math
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from chalkgrad.errors import ChalkgradError
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.graph.graph import Graph
from chalkgrad.native.recycling import NOTHING
from chalkgrad.reading.trace.places import Place
from chalkgrad.reading.trace.postponed import LARGE
from chalkgrad.reading.trace.program import Program

MUCH = 2**24  # entries of all wires together, from which on the first run is compiled: NumPy takes as long as compiling
OFTEN = 2  # runs of machine code before a call for all of it is put together, which takes some milliseconds
PATIENCE = 100  # runs by NumPy of what is smaller: compiling costs as much as some thousands of them
MOST_SMALL = 2000  # operations that become straight-line code,
MOST_IN_LINE = 250  # and gates: a tenth of a second to compile
MOST_GATES = 3000  # of graphs with arrays
FEW = 64  # entries of the largest wire of a graph that a tape computes
MANY = 2**18  # gates, in all runs together, that NumPy computes before a tape is made
OFF = "CHALKGRAD_INTERPRET"  # set to 1 in the environment, everything is computed by NumPy


Built = tuple[Sequence[Any], Sequence[Sequence[Any]]] | None


class Runner(Protocol):
    """A compiled graph. Results may be written `into` arrays, by their places, where that can be done."""

    def run(self, inputs: Sequence[Any], into: Mapping[int, Any] = NOTHING) -> list[Any] | None: ...

    def explained(self, inputs: Sequence[Any] = ()) -> Any: ...


class Compiled:
    """A program that becomes machine code when that is worth its while: at its first run, its second, or after many."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.runner: Runner | None = None
        self.of_floats: Callable[..., Sequence[float] | None] | None = None  # where all inputs and results are floats
        self._asked = 0  # how often one call for all of it was wished for
        self._whole: dict[bool, tuple[Any, Callable[..., Any] | None]] = {}  # places, and the call; whether into given arrays
        self._left = _patience(program.graph)  # runs by NumPy before compiling; negative: for ever

    def run(self, inputs: Sequence[Any], into: Mapping[int, Any] = NOTHING) -> tuple[Sequence[Any], bool] | None:
        """The results for these inputs, and whether their memory is nobody else's. Some may be written `into` arrays.

        None where the functions that were traced would take another way.
        """
        if self._left > 0:
            self._left -= 1
        elif self._left == 0:
            self._compile(inputs)  # where this is interrupted, the next run does it
            self._left = -1
        if self.runner is not None:
            results = self.runner.run(inputs, into)
            if results is not None:
                held = self._guarded(results) if self.program.guards else results
                return None if held is None else (held, True)
        results = self.program.run(inputs)
        return None if results is None else (results, False)

    def whole(self, floats: bool, places: Sequence[Place] | None, built: Built = None, *, into: bool = False) -> Any:
        """The program as one call in machine code, see `loops.whole`; it gives None for what it is not made for.

        It is for `places` that hold what they held, where they are told, and for arguments that are `built` like these, whose
        leaves lie at these paths; else for the leaves themselves, and behind them arrays for the results if `into`.
        """
        self._asked += 1
        if self._asked < OFTEN:
            return None
        if into not in self._whole or self._whole[into][0] is not places:
            call = self.of_floats if floats and not into else None
            if call is None and not self.program.guards:
                make = getattr(self.runner, "whole", None)
                call = make and make(floats=floats, into=into)
            if call is not None and built is not None:
                call = _loaded("walking").walked(call, *built)
            if call is not None and places is not None:
                call = _loaded("looking").looked(call, places)
            self._whole[into] = places, call
        return self._whole[into][1]

    def _guarded(self, results: Sequence[Any]) -> Sequence[Any] | None:
        guards = self.program.guards
        for guard, value in zip(guards, results[len(self.program.outputs) :], strict=True):
            if not guard.holds(value):
                return None
        return results[: len(self.program.outputs)]

    def explained(self, inputs: Sequence[Any]) -> Any:
        """What was made of the program, or would be; None where it has no machine code."""
        if self.runner is None:
            self._compile(inputs)
        return self.runner and self.runner.explained(inputs)

    def _compile(self, inputs: Sequence[Any]) -> None:
        program = self.program
        outputs = [*program.outputs, *(guard.node for guard in program.guards)]
        self.runner = compiled(program.graph, outputs, dict(zip(program.leaves, inputs, strict=True)))
        call = getattr(self.runner, "of_floats", None)
        self.of_floats = call if call is None or not program.guards else partial(self._guarded_call, call)

    def _guarded_call(self, call: Callable[..., Any], *inputs: float) -> Sequence[Any] | None:
        results = call(*inputs)
        return results if results is None else self._guarded(results)


def _patience(graph: Graph) -> int:
    """How many runs NumPy does before it is worth while to compile; −1 where it never is."""
    if os.environ.get(OFF) == "1":
        return -1
    largest = max(map(math.prod, graph.shapes), default=0)
    if len(graph) > MOST_GATES:
        return -1 if largest > FEW else max(1, MANY // len(graph))
    if largest < LARGE:
        return PATIENCE
    return 0 if entries(graph) >= MUCH else 1


def compiled(graph: Graph, outputs: Sequence[int], given: Mapping[int, Any]) -> Runner | None:
    """The graph as machine code for leaves of the kinds of `given`; None where something of it has none, or it is too long."""
    few = max(map(math.prod, graph.shapes), default=0) <= FEW
    if len(graph) > MOST_GATES and not few:
        return None
    floats, small, flat, loops = map(_loaded, ("floats", "small", "tape.flat", "loops.run"))
    if loops is None:
        return None
    straight = [floats.Floats, small.Small] if len(graph) <= MOST_IN_LINE and small.work(graph) <= MOST_SMALL else []
    taped = [flat.Flat] if few and not straight else []
    for kind in (*straight, *taped, *([loops.Runner] if len(graph) <= MOST_GATES else [])):
        with contextlib.suppress(ChalkgradError):
            runner: Runner = kind(graph, outputs, given)
            return runner
    return None


LEAST_TAPED = 400  # gates; from there on a tape is as fast as straight-line code, and ready a thousand times sooner
MOST_STRAIGHT = 8_000  # entries of all wires together; beyond it straight-line code takes more than ten seconds to compile


def entries(graph: Graph) -> int:
    """How many numbers the wires of a graph hold, all together."""
    sizes = [math.prod(shape) for shape in graph.shapes]
    return sum(sizes[code] for code in graph.shape_codes)


def straight(graph: Graph, leaves: Sequence[int], outputs: Sequence[int], layout: Sequence[int | None], name: str,
             otherwise: Callable[..., Any], *, rows: bool = False) -> Callable[..., Any]:  # fmt: skip
    """A function of Python floats: one for each leaf, in order; see `calling.define_call` for the layout of what it returns.

    Where there is no machine code for it, NumPy computes. What is not a call with exactly the floats goes to `otherwise`.
    """
    calling = _loaded("calling")
    if calling is not None:
        with contextlib.suppress(ChalkgradError):
            made: Callable[..., Any] = calling.function_of_floats(graph, leaves, outputs, layout, name, otherwise, rows=rows)
            return made

    def interpreted(*values: Any, **named: Any) -> Any:
        if named or len(values) != len(leaves) or not all(type(one) is float for one in values):
            return otherwise(*values, **named)
        found = evaluate(graph, dict(zip(leaves, values, strict=True)))
        results = [float(found[node]) for node in outputs]
        made = [results.pop(0) if one is None else tuple(results.pop(0) for _ in range(one)) for one in layout]
        return made[0] if len(made) == 1 and not rows else tuple(made)

    return interpreted


def taped(graph: Graph, output: int, leaves: Sequence[int]) -> Any:
    """A huge graph of single numbers as a tape, see `tape.Tape`; None where there is none for it."""
    tape = _loaded("tape.tape")
    with contextlib.suppress(ChalkgradError):
        return tape and tape.Tape(graph, output, leaves)
    return None


def explained_straight(graph: Graph, leaves: Sequence[int], outputs: Sequence[int]) -> Any:
    """What straight-line code for a graph looks like, see `explanation.Explanation`; None where there is none for it."""
    calling = _loaded("calling")
    with contextlib.suppress(ChalkgradError):
        return calling and calling.explained(graph, leaves, outputs)
    return None


def _loaded(name: str) -> Any:
    """A part that needs LLVM; None where that is missing, which is said once."""
    with contextlib.suppress(ImportError):
        return importlib.import_module(f"chalkgrad.native.{name}")
    if not _said:
        _said.append(True)
        warnings.warn("LLVM is not installed, so Chalkgrad computes with NumPy, more slowly. It comes with: pip install llvmlite",
                      RuntimeWarning, stacklevel=2)  # fmt: skip
    return None


_said: list[bool] = []
