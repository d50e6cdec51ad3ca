"""The order in which a tape computes: runs of gates of one kind, none of which needs another of its run.

Of the kinds with gates whose inputs are all there, the one with most of them comes next (list scheduling, greedily). A run needs
one decision for all its gates, and its gates can be computed several at a time. It takes a few loops over the graph's columns.

Each wire gets a slot, the gates' slots in the order of the runs, so that a run writes its values side by side.

Source: R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969 (list scheduling).
"""

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from chalkgrad.errors import GateError
from chalkgrad.native.llvm import BYTE, I32, I64, POINTER, Code, Common, ir, new_module
from chalkgrad.native.tape.writing import Writing

SHORT = ir.IntType(16)
SOURCE, UNUSED = 65_535, 65_534  # in place of a kind: a wire that has its value already; one that the output does not need
MOST_KINDS = 30_000
MOST_SLOTS = 64  # of a gate whose inputs' gradients are told apart by bits

Column = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Order:
    """`runs` has rows (2 · kind + whether a gradient flows back, count); `operands` the inputs' slots, by run and then by input."""

    runs: Column
    operands: Column
    slots: Column


def needed(first: Column, operands: Column, output: int) -> Column:
    """Marks the wires that the output needs, itself included. Raises GateError where a gate reads no earlier wire."""
    marks = np.zeros(output + 1, np.uint8)
    marks[output] = 1
    if _functions()["needed"](output + 1, *_addresses(first, operands, marks)):
        raise GateError("A gate of this graph reads a wire that does not come before it.")
    return marks


def ordered(kinds: Column, first: Column, operands: Column, slots: Column, held: Column, flows: Column, fresh: int) -> Order:
    """The order of the gates up to the last wire, the output.

    `kinds` has a kind for each wire, or SOURCE or UNUSED; `slots` the sources' slots, and room for the others', which are
    counted from `fresh`. `held` marks the sources whose gradient is asked for. `flows[kind]` has a bit for each input to which a
    gradient flows back.
    """
    count = len(kinds)
    computed = kinds < UNUSED
    gates, edges = int(np.count_nonzero(computed)), int(np.diff(first[: count + 1])[computed].sum())
    depends, flowing = held.copy(), np.zeros(count, np.uint8)
    flowing[count - 1] = 1
    waiting, following = np.zeros(count, np.int32), np.empty(count, np.int32)
    starts, users = np.zeros(count + 2, np.int32), np.empty(edges, np.int32)
    heads, sizes = np.full(2 * len(flows), -1, np.int32), np.zeros(2 * len(flows), np.int32)
    runs, packed = np.empty((gates, 2), np.uint32), np.empty(edges, np.int32)
    columns = (kinds, first, operands, flows, depends, flowing, waiting, starts, users)
    functions = _functions()
    functions["marked"](count, *_addresses(*columns))
    made = functions["scheduled"](
        count,
        len(heads),
        fresh,
        *_addresses(kinds, first, operands, depends, waiting, starts, users, following, heads, sizes, slots, runs, packed),
    )
    return Order(runs[:made].copy(), packed, slots)


def _addresses(*columns: Column) -> list[int]:
    return [one.ctypes.data for one in columns]


def _module() -> Any:
    module = new_module("order")
    _needed(module)
    _marked(module)
    _scheduled(module)
    return module


ARGUMENTS = {"needed": (1, 3), "marked": (1, 9), "scheduled": (3, 13)}  # how many numbers, how many columns
CODE = Common(list(ARGUMENTS), _module, level=0)  # each is run once for a graph, and as fast without any passes


@cache
def _functions() -> dict[str, Any]:
    code = CODE.code()
    return {name: _Function(code, name, *shape) for name, shape in ARGUMENTS.items()}


class _Function:
    def __init__(self, code: Code, name: str, numbers: int, columns: int) -> None:
        self.code = code  # kept, for the machine code goes with it
        kinds = [ctypes.c_int64] * numbers + [ctypes.c_void_p] * columns
        self.call = ctypes.CFUNCTYPE(ctypes.c_int64, *kinds)(code.address(name))

    def __call__(self, *given: int) -> int:
        return int(self.call(*given))


def _writing(module: Any, name: str) -> Writing:
    numbers, columns = ARGUMENTS[name]
    kinds = [I64] * numbers + [POINTER] * columns
    return Writing(module, name, I64, kinds, range(numbers, numbers + columns))


def _needed(module: Any) -> None:
    """Returns the number of inputs that are no earlier wires; there must be none, for the other loops rely on it."""
    write = _writing(module, "needed")
    count, first, operands, marks = write.given
    build = write.build
    wrong = write.variable(I64, 0)
    with write.descending(count, I64(0)) as node, build.if_then(_is(write, marks, node)), _edges(write, first, node) as edge:
        wire = write.index(operands, edge, I32)
        with build.if_else(build.icmp_unsigned("<", wire, node)) as (earlier, otherwise):
            with earlier:
                write.put(BYTE(1), marks, wire)
            with otherwise:
                wrong.raised(I64(1))
    build.ret(wrong.get())


def _marked(module: Any) -> None:
    """Which gates a gradient flows through, and who uses each wire.

    A gradient flows through a gate that depends on a held wire and is reached from the output through inputs with slopes.
    """
    write = _writing(module, "marked")
    count, kinds, first, operands, flows, depends, flowing, waiting, starts, users = write.given
    build = write.build
    with write.counting(I64(0), count) as node, build.if_then(_is_gate(write, kinds, node)), _edges(write, first, node) as edge:
        wire = write.index(operands, edge, I32)
        write.put(build.or_(write.read(BYTE, depends, node), write.read(BYTE, depends, wire)), depends, node)
        with build.if_then(_is_gate(write, kinds, wire)):
            write.put(build.add(write.read(I32, waiting, node), I32(1)), waiting, node)
        beyond = build.add(wire, I64(2))
        write.put(build.add(write.read(I32, starts, beyond), I32(1)), starts, beyond)
    with write.descending(count, I64(0)) as node:
        flows_here = build.and_(write.read(BYTE, flowing, node), write.read(BYTE, depends, node))
        write.put(flows_here, depends, node)  # from here on: a gradient flows through it
        with build.if_then(build.and_(build.icmp_unsigned("!=", flows_here, BYTE(0)), _is_gate(write, kinds, node))):
            bits = write.read(I64, flows, write.index(kinds, node, SHORT))
            begin = write.read(I64, first, node)
            with _edges(write, first, node) as edge:
                bit = build.and_(build.lshr(bits, build.sub(edge, begin)), I64(1))
                wire = write.index(operands, edge, I32)
                write.put(build.or_(write.read(BYTE, flowing, wire), build.trunc(bit, BYTE)), flowing, wire)
    # The users of wire w will stand from starts[w + 1] on, and after they were filled in, from starts[w].
    with write.counting(I64(2), build.add(count, I64(2))) as place:
        before = write.read(I32, starts, build.sub(place, I64(1)))
        write.put(build.add(write.read(I32, starts, place), before), starts, place)
    with write.counting(I64(0), count) as node, build.if_then(_is_gate(write, kinds, node)), _edges(write, first, node) as edge:
        beyond = build.add(write.index(operands, edge, I32), I64(1))
        place = write.index(starts, beyond, I32)
        write.put(build.trunc(node, I32), users, place)
        write.put(build.trunc(build.add(place, I64(1)), I32), starts, beyond)
    build.ret(I64(0))


def _scheduled(module: Any) -> None:
    """`heads` and `following` are a chain of ready gates for each kind, `sizes` their lengths."""
    write = _writing(module, "scheduled")
    count, lists, fresh, kinds, first, operands, flowing, waiting, starts, users, following, heads, sizes, slots, runs, packed = (
        write.given
    )
    build = write.build
    slot, made, filled = write.variable(I64, fresh), write.variable(I64, 0), write.variable(I64, 0)
    best, most = write.variable(I64, 0), write.variable(I32, 0)

    def ready(node: Any) -> None:
        kind = build.add(build.shl(write.index(kinds, node, SHORT), I64(1)), write.index(flowing, node, BYTE))
        write.put(write.read(I32, heads, kind), following, node)
        write.put(build.trunc(node, I32), heads, kind)
        write.put(build.add(write.read(I32, sizes, kind), I32(1)), sizes, kind)

    # A chain hands out first what came in last, so the first gates go in last.
    with write.descending(count, I64(0)) as node:
        free = build.icmp_signed("==", write.read(I32, waiting, node), I32(0))
        with build.if_then(build.and_(_is_gate(write, kinds, node), free)):
            ready(node)

    def some_ready() -> Any:
        best.set(I64(0))
        most.set(I32(0))
        with write.counting(I64(0), lists) as kind:
            size = write.read(I32, sizes, kind)
            larger = build.icmp_signed(">", size, most.get())
            best.set(build.select(larger, kind, best.get()))
            most.set(build.select(larger, size, most.get()))
        return build.icmp_signed(">", most.get(), I32(0))

    with write.following(some_ready):
        kind, size = best.get(), build.zext(most.get(), I64)
        run = build.shl(made.raised(I64(1)), I64(1))
        write.put(build.trunc(kind, I32), runs, run)
        write.put(most.get(), runs, build.add(run, I64(1)))
        current = write.variable(I32, write.read(I32, heads, kind))
        write.put(I32(-1), heads, kind)
        write.put(I32(0), sizes, kind)
        start = filled.get()
        column = write.variable(I64, start)
        with write.following(lambda: build.icmp_signed(">=", current.get(), I32(0))):
            node = build.zext(current.get(), I64)
            current.set(write.read(I32, following, node))
            place = write.variable(I64, column.raised(I64(1)))
            with _edges(write, first, node) as edge:
                write.put(write.read(I32, slots, write.index(operands, edge, I32)), packed, place.raised(size))
                filled.raised(I64(1))
            write.put(build.trunc(slot.raised(I64(1)), I32), slots, node)
            begin, end = (write.index(starts, build.add(node, I64(more)), I32) for more in (0, 1))
            with write.counting(begin, end) as place_of_user:
                user = write.index(users, place_of_user, I32)
                left = build.sub(write.read(I32, waiting, user), I32(1))
                write.put(left, waiting, user)
                with build.if_then(build.icmp_signed("==", left, I32(0))):
                    ready(user)
    build.ret(made.get())


def _is(write: Writing, marks: Any, node: Any) -> Any:
    return write.build.icmp_unsigned("!=", write.read(BYTE, marks, node), BYTE(0))


def _is_gate(write: Writing, kinds: Any, node: Any) -> Any:
    return write.build.icmp_unsigned("<", write.read(SHORT, kinds, node), SHORT(UNUSED))


def _edges(write: Writing, first: Any, node: Any) -> Any:
    return write.counting(write.read(I64, first, node), write.read(I64, first, write.build.add(node, I64(1))))
