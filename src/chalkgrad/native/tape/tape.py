"""Value and gradient of a huge graph of single numbers, without code of its own.

>>> from chalkgrad.reading.formula import read
>>> formula = read("f = max(x * y, x) + sin(y)")
>>> tape = Tape(formula.graph, formula.output, list(formula.leaves.values()))
>>> value, gradient = tape.value_and_grad([2.0, 3.0])
>>> round(value, 4), gradient.round(4).tolist()
(6.1411, [3.0, 1.01])
"""

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError, ShapeError
from chalkgrad.graph.graph import Graph
from chalkgrad.native.explanation import Explanation, of_tape
from chalkgrad.native.llvm import F32, F64, I32, I64, POINTER, VOID, Common, assembly, ir, new_module, optimised
from chalkgrad.native.tape.kernels import described, kernels
from chalkgrad.native.tape.kinds import kinds_of
from chalkgrad.native.tape.order import CODE as ORDERING
from chalkgrad.native.tape.order import Column, ordered
from chalkgrad.native.tape.sources import Sources
from chalkgrad.native.tape.writing import Writing

ROW = 3  # of the table of kinds: forward, backward, how many inputs
FIELDS = ("runs", "table", "operands", "count", "fresh", "held", "output", "slots")


class Tape:
    """The output of `graph`, a single number, as a function of the leaves `wrt` and `others`, with its gradient by those in `wrt`.

    Raises NotNativeError where the graph has wires that are no single numbers (but for leaves and constants of which entries are
    picked), or gates without a kernel. Several threads may use one tape.
    """

    def __init__(self, graph: Graph, output: int, wrt: Sequence[int], others: Sequence[int] = (), kind: Any = F64) -> None:
        if graph.shape(output) != ():
            raise ShapeError("A tape computes a single number; the output is an array.")
        self._dtype = np.dtype(np.float32 if kind == F32 else np.float64)
        sources = Sources(graph, output, wrt, others)
        column, signatures = kinds_of(graph, sources.gates, sources.marks, sources.truths, kind)
        flows = np.array([described(one).flows for one in signatures], np.uint64)
        self._kernels = kernels(signatures, [ORDERING, _walking(kind)])
        first, operands = np.asarray(graph.first), np.asarray(graph.operands)
        order = ordered(column, first, operands, sources.slots, sources.held, flows, sources.count)
        self.size = sources.count + int(order.runs[:, 1].sum())
        self.slots = order.slots  # of each wire up to the output, where its value stands in a column
        self._constants = np.array(sources.constants, self._dtype)
        self._inputs, self._held = sources.inputs, sources.wrt_entries
        self._shown = [graph.names.get(one, f"leaf {one}") for one in (*wrt, *others)]
        table = np.zeros((2 * len(signatures), ROW), np.int64)
        for place, (one, signature) in enumerate(zip(self._kernels, signatures, strict=True)):
            table[2 * place : 2 * place + 2] = one.forward, one.backward, len(signature.inputs)
        self._kept = (order.runs, table, order.operands)
        self._runs, self._kind = len(order.runs), kind
        addresses = (one.ctypes.data for one in (order.runs, table, order.operands))
        numbers = len(order.runs), sources.count, self._held, int(order.slots[output]), self.size
        self._fields = np.array([*addresses, *numbers], np.int64)
        self._call = _walk(kind)
        self._address = self._fields.ctypes.data
        self._free: list[_Columns] = []  # a call takes one and gives it back

    def value_and_grad(self, inputs: Any) -> tuple[float, Column]:
        """The value, and the gradient by the entries of `wrt`, one after the other."""
        columns = self._taken(inputs)
        value: float = self._call(self._address, columns.address, 1)
        gradient = columns.gradient.copy()
        self._free.append(columns)
        return value, gradient

    def value(self, inputs: Any) -> float:
        columns = self._taken(inputs)
        value: float = self._call(self._address, columns.address, 0)
        self._free.append(columns)
        return value

    def values(self, inputs: Any, places: Sequence[Column]) -> list[Column]:
        """The values in arrays of slots."""
        columns = self._taken(inputs)
        self._call(self._address, columns.address, 0)
        found = [columns.column[one] for one in places]
        self._free.append(columns)
        return found

    def explained(self) -> Explanation:
        """What the tape is made of."""
        return of_tape(len(self._kernels), self._runs, self.size, lambda: str(optimised(str(_written(self._kind)))),
                       lambda: assembly(_written(self._kind)))  # fmt: skip

    def _taken(self, inputs: Any) -> "_Columns":
        """Columns that no other call uses, with the inputs in their slots."""
        try:
            columns = self._free.pop()
        except IndexError:
            columns = _Columns(self.size, self._constants, self._inputs, self._held)
        try:
            if len(inputs) == self._inputs:
                columns.inputs[:] = inputs
                return columns
        except (TypeError, ValueError):
            pass
        raise GivenError(
            f"The tape takes {self._inputs} numbers in one row, and was given something else.",
            hint=f"The entries of {', '.join(self._shown[:8])}{', …' if len(self._shown) > 8 else ''}, one after the other.",
        )


class _Columns:
    """Room for the values and then the gradients of all slots."""

    __slots__ = ("address", "column", "gradient", "inputs")

    def __init__(self, size: int, constants: Column, inputs: int, held: int) -> None:
        self.column = np.zeros(2 * size, constants.dtype)
        self.column[inputs : inputs + len(constants)] = constants
        self.inputs, self.gradient = self.column[:inputs], self.column[size : size + held]
        self.address = self.column.ctypes.data


def _written(kind: Any) -> Any:
    """The function value(fields, columns, whether with gradient): over the runs and, for the gradient, back."""
    module = new_module("tape")
    write = Writing(module, "value", kind, [POINTER, POINTER, I64])
    fields, values, with_gradient = write.given
    build = write.build
    runs, table, operands, count, fresh, held, output, slots = (
        write.read(POINTER if name in FIELDS[:3] else I64, fields, I64(place)) for place, name in enumerate(FIELDS)
    )
    gradients = write.address(kind, values, slots)
    here, edge = write.variable(I64, fresh), write.variable(I64, 0)

    def run(number: Any) -> tuple[Any, Any, Any]:
        at = build.shl(number, I64(1))
        mark, length = write.index(runs, at, I32), write.index(runs, build.add(at, I64(1)), I32)
        row = build.mul(mark, I64(ROW))
        return mark, length, row

    def call(row: Any, way: int, *columns: Any) -> None:
        kernel = ir.PointerType(ir.FunctionType(VOID, [one.type for one in columns]))
        build.call(write.read(kernel, table, build.add(row, I64(way))), columns)

    with write.counting(I64(0), count) as number:
        _, length, row = run(number)
        call(row, 0, values, write.address(kind, values, here.get()), write.address(I32, operands, edge.get()), length)
        here.raised(length)
        edge.raised(build.mul(length, write.read(I64, table, build.add(row, I64(2)))))
    value = write.read(kind, values, output)
    with build.if_then(build.icmp_unsigned("!=", with_gradient, I64(0))):
        with write.counting(I64(0), held) as place:
            write.put(kind(0.0), gradients, place)  # the kernels leave zeros behind in the others' slots
        write.put(kind(1.0), gradients, output)
        with write.descending(count, I64(0)) as number:
            mark, length, row = run(number)
            here.raised(build.neg(length))
            edge.raised(build.neg(build.mul(length, write.read(I64, table, build.add(row, I64(2))))))
            with build.if_then(build.icmp_unsigned("!=", build.and_(mark, I64(1)), I64(0))):
                mine, upstreams = (write.address(kind, column, here.get()) for column in (values, gradients))
                call(row, 1, values, mine, gradients, upstreams, write.address(I32, operands, edge.get()), length)
    build.ret(value)
    return module


@cache
def _walking(kind: Any) -> Common:
    return Common(["value"], lambda: _written(kind))


@cache
def _walk(kind: Any) -> Any:
    number = ctypes.c_float if kind == F32 else ctypes.c_double
    call = ctypes.CFUNCTYPE(number, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    return call(_walking(kind).code().address("value"))
