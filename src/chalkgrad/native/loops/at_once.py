"""Kernels that Python calls as it calls C: one function for all of them, which reads the arrays' addresses itself.

It is told of a kernel by an array of words: the types it expects, where the kernel's function is, how its rows are shared out. What
threads need of their own comes from the C library. What it does not expect, and trouble within the work, it answers with None.
"""

from functools import cache, partial
from typing import Any

import numpy as np

from chalkgrad.native import crew
from chalkgrad.native.calling import ITEMS_OFFSET, callable_from, declined
from chalkgrad.native.direct import COLUMNS, DATA, PLAIN, address_of, fits, hand_on
from chalkgrad.native.llvm import F64, I32, I64, POINTER, VOID, Code, Common, Pointed, ir, new_module
from chalkgrad.native.loops import led
from chalkgrad.native.loops.flipping import laid, made
from chalkgrad.native.loops.gaps import gapped
from chalkgrad.native.loops.kernel import Written
from chalkgrad.native.loops.led import HEAD, SUMS, words
from chalkgrad.native.loops.precision import DOUBLE
from chalkgrad.native.loops.steps import KernelStep, averaged, single
from chalkgrad.native.recycling import room_for
from chalkgrad.native.writer import WORD, Writer

NAME = "at_once"
# What the function is told of a kernel beside how to lead it: the type of arrays, whether sums go to the last array, the address of
# the function that leads it, the number of arrays. Then for each array its place, its dtype and its flags.
TYPE, GATHERED, LEAD, ARRAYS, FIRST = range(HEAD, HEAD + 5)


class DirectStep(KernelStep):
    """One kernel, called directly where its arrays are as expected."""

    def __init__(self, written: Written, code: Code, name: str) -> None:
        super().__init__(written, code, name)
        graph, dtypes = self.graph, self.plan.dtypes
        self.results = [(node, self._maker(node)) for node in self.kernel.outputs]
        self.single = [(node, dtypes[node]) for node in self.kernel.inputs if not graph.shape(node) or graph.is_constant(node)]
        self.sums = [(node, averaged(graph, node), dtypes[node].type) for node in self.kernel.sums]
        # Sums that are arrays take an array that is made beforehand, behind all values.
        self.gathered = written.sum_count if any(graph.shape(node) for node in self.kernel.sums) else 0
        self.warned = bool(self.gathered)
        self.call, self.told = _called(), self._told()

    def _told(self) -> Any:
        arrays = [(node, self.plan.dtypes[node]) for node in self.written.memory]
        if self.gathered:
            arrays.append((len(self.graph), DOUBLE))
        head = [*words(self), id(np.ndarray), bool(self.gathered), led.CODE.code().address(led.NAME), len(arrays)]
        self.held = [dtype for _, dtype in arrays]  # so that their addresses stay theirs
        lies = [COLUMNS if node in self.written.flipped else PLAIN for node, _ in arrays]
        told = [(place, id(dtype), flags) for (place, dtype), flags in zip(arrays, lies, strict=True)]
        return np.array([*head, *(word for one in told for word in one)], dtype=np.int64)

    def _maker(self, node: int) -> Any:
        shape, dtype = self.graph.shape(node), self.plan.dtypes[node]
        return partial(made, shape, dtype) if node in self.written.flipped else room_for(shape, dtype)

    def __call__(self, values: list[Any]) -> bool:
        for node, dtype in self.single:
            values[node] = np.asarray(values[node], dtype)
        for node, maker in self.results:
            if values[node] is None:  # otherwise the caller has an array for it
                values[node] = maker()
        if self.gathered:
            values[-1] = np.empty(self.gathered)
        totals = self.call(values, self.told)
        if totals is None:
            crew.crew()  # it may have been of another size
            totals = self.call(values, self.told) if self._close_gaps(values) else None
        if totals is None:
            with np.errstate(all="ignore"):
                return super().__call__(values)
        if self.gathered:
            sums = values[-1][None]
            for node in self.kernel.sums:
                values[node] = self.total(node, sums)
            return True
        for (node, count, kind), total in zip(self.sums, totals, strict=True):
            values[node] = single(total / count, kind)
        return True

    def _close_gaps(self, values: list[Any]) -> bool:
        """Copy what has gaps between its entries, or other entries; whether nothing is left that is better read where it lies."""
        closed = True
        for node in self.kernel.inputs:
            array = np.asarray(values[node], dtype=self.plan.dtypes[node])
            if node in self.written.flipped:
                values[node] = laid(array)
            elif array.flags.c_contiguous or node not in self.in_rows or gapped(0, array) is None:
                values[node] = np.require(array, requirements=["C", "ALIGNED"])
            else:
                closed = False
        return closed


def suits(written: object) -> bool:
    """Whether a kernel is to be called directly."""
    return type(written) is Written and fits()


def _module() -> Any:
    module = new_module(NAME)
    _AtOnce(module).write()
    return module


CODE = Common([NAME], _module, level=0)  # as fast as with all passes, in a fifth of the time


@cache
def _called() -> Any:
    return callable_from(CODE.code(), NAME, declined)


class _AtOnce(Writer):
    """The function at_once(values, told): a tuple of sums."""

    def __init__(self, module: Any) -> None:
        super().__init__(module, NAME, [POINTER, POINTER, I64, POINTER], POINTER)
        self.function.linkage = "external"

    def write(self) -> None:
        builder = self.builder
        values, array = (self.word(self.args[1], place, POINTER) for place in range(2))
        told = self.load(POINTER, self.at(array, DATA), WORD)
        slow = hand_on(self.function)
        sums, gathered, number = (self.word(told, place) for place in (SUMS, GATHERED, ARRAYS))
        job = self.memory(I64, builder.add(I64(crew.POINTERS), number))
        table = self.at(job, WORD * crew.POINTERS)
        with self.loop(I64(0), number) as one:
            at = builder.add(self.times(one, 3), I64(FIRST))
            place, dtype = self.word(told, at), self.word(told, self.on(at, 1), POINTER)
            lies = builder.trunc(self.word(told, self.on(at, 2)), I32)
            self.put(table, one, address_of(builder, values, place, self.word(told, TYPE, POINTER), dtype, lies, slow))
        alone = self.same(gathered, I64(0))
        results = self.memory(F64, builder.select(alone, sums, I64(1)))
        into = builder.select(alone, results, self.word(table, builder.sub(number, I64(1)), POINTER))
        lead = Pointed(self.word(told, LEAD, POINTER), [POINTER, POINTER, POINTER], I64)
        self.unless(self.differ(builder.call(lead, [told, job, into]), I64(0)), slow)
        self._return(results, builder.select(alone, sums, I64(0)))

    def _return(self, results: Any, count: Any) -> None:
        builder, nothing = self.builder, ir.Constant(POINTER, None)
        failed = self.function.append_basic_block("failed")
        made = builder.call(self.outside("PyTuple_New", POINTER, [I64]), [count])
        ready = self.function.append_basic_block("ready")
        builder.cbranch(builder.icmp_unsigned("==", made, nothing), failed, ready)
        builder.position_at_end(ready)
        with self.loop(I64(0), count) as one:
            far = self.times(one, WORD)
            number = builder.call(self.outside("PyFloat_FromDouble", POINTER, [F64]), [self.load(F64, self.at(results, far), WORD)])
            with builder.if_then(builder.icmp_unsigned("==", number, nothing)):
                builder.call(self.outside("Py_DecRef", VOID, [POINTER]), [made])
                builder.branch(failed)
            builder.store(number, self.at(made, builder.add(far, I64(ITEMS_OFFSET))))
        builder.ret(made)
        builder.position_at_end(failed)
        builder.ret(nothing)
