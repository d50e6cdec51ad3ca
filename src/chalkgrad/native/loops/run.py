"""Running a plan: its kernels in machine code, its other steps in NumPy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import starmap
from typing import Any

import numpy as np

from chalkgrad.graph.graph import Graph
from chalkgrad.native import crew
from chalkgrad.native.calling import declined
from chalkgrad.native.explanation import Explanation
from chalkgrad.native.llvm import all_compiled, assembly, load, new_module, optimised
from chalkgrad.native.loops import at_once, led
from chalkgrad.native.loops.at_once import DirectStep, suits
from chalkgrad.native.loops.explaining import of_plan
from chalkgrad.native.loops.facing import facing
from chalkgrad.native.loops.flipping import is_flip
from chalkgrad.native.loops.gaps import told
from chalkgrad.native.loops.kernel import Written
from chalkgrad.native.loops.lowering import lowered
from chalkgrad.native.loops.observing import observed
from chalkgrad.native.loops.plan import Kernel, Plan, Sweep, make_plan
from chalkgrad.native.loops.precision import DOUBLE, SINGLE
from chalkgrad.native.loops.steps import KernelStep, numpy_step
from chalkgrad.native.loops.sweeping import SweepStep, WrittenSweep
from chalkgrad.native.loops.sweeps import swept
from chalkgrad.native.loops.tail import TailStep, is_tail
from chalkgrad.native.loops.whole import called_whole
from chalkgrad.native.recycling import NOTHING
from chalkgrad.native.whole.told import Call


class Runner:
    """A graph's plan, compiled for leaves of the kinds of `given`. Raises NotNativeError where it cannot be."""

    def __init__(self, graph: Graph, outputs: Sequence[int], given: Mapping[int, Any]) -> None:
        faced, there = facing(graph, outputs)
        kinds = {np.result_type(one) for one in given.values()}
        steps, moved = lowered(faced, lean=SINGLE in kinds and DOUBLE not in kinds)
        self.leaves = steps.leaves()
        values = observed(steps, {moved[there[node]]: value for node, value in given.items()})
        self.plan = swept(make_plan(steps, values, [moved[there[node]] for node in outputs]))
        self.outputs = self.plan.outputs
        self.modules: list[tuple[Any, int]] = []  # and the level at which LLVM improves them
        kernels = self._kernels()
        self.flipped = {node for one in kernels.values() for node in one.written.flipped}
        self.steps = [self._step(step, kernels.get(place)) for place, step in enumerate(self.plan.steps)]
        made = {node for step in self.plan.steps for node in self._fresh(step)}
        self.warned = any(step.warned for step in self.steps)
        self.own = {node for node in self.outputs if node in made and self.outputs.count(node) == 1}
        self.all_own = len(self.own) == len(self.outputs)
        known = {*steps.constants, *self.plan.literals}
        self.start = [self._start(steps, node, values[node]) if node in known else None for node in steps]
        self.start.append(None)  # room for a kernel's sums, see `at_once`

    def _fresh(self, step: int | Kernel | Sweep) -> list[int]:
        """What a step makes that shares memory with nothing else."""
        if not isinstance(step, int):
            return step.made()
        graph = self.plan.graph
        gate = graph.gate(step)
        alone = graph.inputs(step)[0] in self.flipped and is_flip(graph, step)  # nothing else reads what a kernel made for it
        return [step] if alone or (gate is not None and gate.name == "matmul") else []

    def _kernels(self) -> dict[int, KernelStep]:
        """The plan's kernels in machine code, by their places."""
        parts: list[dict[int, Any]] = []
        for part, level in _parts(self.plan):
            module = new_module("kernels")
            parts.append({place: _written(module, self.plan, place) for place in part})
            self.modules.append((module, level))
        found: dict[int, KernelStep] = {}
        common = (
            [crew.CODE, led.CODE, at_once.CODE] if any(suits(one) for written in parts for one in written.values()) else [crew.CODE]
        )
        for written, image in zip(parts, all_compiled(self.modules, common=common if parts else ()), strict=True):
            alone = [one.alone for one in written.values() if isinstance(one, WrittenSweep)]
            code = load(image, [*map(_name, written), *alone])
            for place, one in written.items():
                kind = SweepStep if isinstance(one, WrittenSweep) else DirectStep if suits(one) else KernelStep
                found[place] = kind(one, code, _name(place))
        return found

    def _step(self, step: int | Kernel | Sweep, kernel: KernelStep | None) -> Any:
        if isinstance(step, int):
            return numpy_step(self.plan, step, self.flipped)
        return kernel or TailStep(self.plan, step)

    def _start(self, graph: Graph, node: int, value: Any) -> Any:
        """A value that is known beforehand, in the plan's precision unless it is Python's own number."""
        if graph.is_constant(node):
            return value
        return np.asarray(value, dtype=self.plan.dtypes[node])[()]

    def run(self, inputs: Sequence[Any], into: Mapping[int, Any] = NOTHING) -> list[Any] | None:
        """The values of the outputs; None where a step cannot be done (an index out of bounds), which a new trace tells better.

        Arrays of `into`, by the places of outputs, take values where kernels can write to them at once.

        Guards are looked at afterwards, so a step may meet numbers that the function would not have led to it.
        """
        values = self.start.copy()
        for node, value in zip(self.leaves, inputs, strict=True):
            values[node] = value
        if into:
            self._offer(into, values, inputs)
        try:
            if self.warned:
                with np.errstate(all="ignore"):
                    done = self._done(values)
            else:  # a context of nothing takes some time too
                done = self._done(values)
        except (IndexError, ValueError, np.linalg.LinAlgError):
            return None
        if not done:
            return None
        if self.all_own:
            return [values[node] for node in self.outputs]
        return [values[node] if node in self.own else np.array(values[node], order="C")[()] for node in self.outputs]

    def whole(self, otherwise: Callable[..., Any] = declined, **how: Any) -> Callable[..., Any] | None:
        """The plan as one function of its leaves, see `whole.told.Call` for how it is called; None where it is no plan for that.

        The results come in a tuple. What is not a call with arrays like those of the leaves, and floats, goes to `otherwise`.
        """
        return called_whole(self, otherwise, Call(**how))

    def _done(self, values: list[Any]) -> bool:
        for step in self.steps:  # noqa: SIM110 (a generator takes longer than a small step)
            if not step(values):
                return False
        return True

    def _offer(self, into: Mapping[int, Any], values: list[Any], inputs: Sequence[Any]) -> None:
        """Have kernels write to the arrays of `into` what they can."""
        arrays = {self.outputs[place]: array for place, array in into.items()}
        if all(self._fits(node, array) for node, array in arrays.items()):
            for node, array in arrays.items():
                if self._can_take(node, array, inputs):
                    values[node] = array

    def _fits(self, node: int, array: Any) -> bool:
        return bool(array.shape == self.plan.graph.shape(node) and array.dtype == self.plan.dtypes[node])

    def _can_take(self, node: int, array: Any, inputs: Sequence[Any]) -> bool:
        """Whether a kernel may write an output to this array; not where it shares memory with an input, which is still read."""
        plain = array.flags.carray  # without gaps, aligned, and writeable
        return node in self.own and plain and not any(np.may_share_memory(array, one) for one in inputs)

    def explained(self, inputs: Sequence[Any] = ()) -> Explanation:
        """What was made of the graph, and what becomes of inputs that lie in memory like these."""
        made = of_plan(
            self.plan, lambda: self._each(lambda one, level: str(optimised(str(one), level))), lambda: self._each(assembly)
        )
        tall = {one.node for step in self.steps if isinstance(step, SweepStep) for one in step.written.talls}
        notes = [told(one) for node, one in zip(self.leaves, inputs, strict=False) if node not in tall]
        return replace(made, text="\n".join([made.text, *(note for note in notes if note)]))

    def _each(self, text: Callable[[Any, int], str]) -> str:
        return "\n".join(starmap(text, self.modules))


PARTS = 2  # of a plan, which threads compile side by side
SHARE = 100  # a kernel with less than a hundredth of all operations runs as fast as it may: LLVM then makes no vectors of its loops


def _parts(plan: Plan) -> list[tuple[list[int], int]]:
    """The places of the plan's kernels, in parts, each with the level at which LLVM improves it: little what has little to do."""
    kernels = {place: step for place, step in enumerate(plan.steps) if not isinstance(step, int) and not is_tail(plan, step)}
    work = {place: step.operations(plan.graph) for place, step in kernels.items()}
    large = {place: step for place, step in kernels.items() if SHARE * work[place] >= sum(work.values())}
    small = {place: step for place, step in kernels.items() if place not in large}
    return [(part, level) for some, level in ((large, 3), (small, 1)) for part in _dealt(some)]


def _dealt(kernels: Mapping[int, Kernel | Sweep]) -> list[list[int]]:
    """Parts that take about as long to compile: the largest kernels go where there is least so far."""
    gates = {place: len(_gates(step)) for place, step in kernels.items()}
    parts: list[list[int]] = [[] for _ in range(min(PARTS, len(gates)))]
    for place in sorted(gates, key=gates.__getitem__, reverse=True):
        min(parts, key=lambda part: sum(gates[one] for one in part)).append(place)
    return [sorted(part) for part in parts]


def _gates(step: Kernel | Sweep) -> list[int]:
    """The gates of a step, its products among them."""
    return [*step.products, *step.kernel.nodes, *step.gathered] if isinstance(step, Sweep) else step.nodes


def _name(place: int) -> str:
    return f"kernel{place}"


def _written(module: Any, plan: Plan, place: int) -> Any:
    step: Any = plan.steps[place]
    return (WrittenSweep if isinstance(step, Sweep) else Written)(module, _name(place), plan, step)
