"""Inputs whose entries do not lie side by side: slices, transposes, arrays read backwards, one row or one number meant for all.

Kernels read rows without gaps. So some rows at a time are copied into cache just before the kernel reads them there. Nothing is
copied in memory, and one function does it for all kernels. Where an array lies column by column, the copying goes down its columns,
through enough rows to use all of what one look at memory brings.

A copy of the whole is made first of what is so small that it stays in cache, which was measured to be faster, and of inputs that
all rows share, for rows are no part of those.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chalkgrad.graph.shapes import show
from chalkgrad.native.crew import lines
from chalkgrad.native.llvm import F64, I64, POINTER, TRUTH, Common, Pointed, ir, new_module
from chalkgrad.native.writer import Writer

LEAST = 2**20  # bytes; what is smaller stays in cache when it is copied
IN_CACHE = 2**18  # bytes that are copied at a time, for all such inputs together
FEWEST = 32  # rows at a time where an array lies column by column
NAME = "with_gaps"
HEAD = 7  # words before the pointers
WORDS = 8  # for each input with gaps


class Gapped(NamedTuple):
    """An input whose rows hold `wide` × `long` entries, and how many bytes lie between rows, and between these."""

    place: int
    item: int
    rows: int
    wide: int
    wide_step: int
    long: int
    long_step: int

    @property
    def by_columns(self) -> bool:
        return 0 < abs(self.rows) < max(abs(self.wide_step), abs(self.long_step))

    @property
    def row_bytes(self) -> int:
        return self.wide * self.long * self.item


def gapped(place: int, array: Any) -> Gapped | None:
    """How the array lies in memory; None where a copy of the whole is faster, or where two axes within a row cannot say it."""
    axes: list[tuple[int, int]] = []
    for count, step in zip(array.shape[1:], array.strides[1:], strict=True):
        if axes and axes[-1][1] == count * step:
            axes[-1] = (axes[-1][0] * count, step)
        elif count != 1:
            axes.append((count, step))
    if array.nbytes < LEAST or len(axes) > 2:
        return None
    (wide, wide_step), (long, long_step) = [*[(1, 0)] * (2 - len(axes)), *axes]
    return Gapped(place, array.itemsize, array.strides[0], wide, wide_step, long, long_step)


class Packing:
    """The job of a kernel with such inputs: the function to call, what it is told, and how much scratch each block needs."""

    def __init__(
        self, kernel: int, pointers: Sequence[int], gaps: Sequence[Gapped], scratch: int, sums: int, together: int
    ) -> None:
        self.function = CODE.code().address(NAME)
        fewest = FEWEST if any(one.by_columns for one in gaps) else 1
        some = max(IN_CACHE // sum(one.row_bytes for one in gaps), together, fewest)
        sums_at = lines(scratch)
        table_at = sums_at + lines(8 * sums)
        at = table_at + lines(8 * len(pointers))
        words: list[int] = []
        for one in gaps:
            words += [one.place, one.item, at, one.rows, one.wide, one.wide_step, one.long, one.long_step]
            at += lines(2 * some * one.row_bytes)  # the rows of a block are dealt out evenly
        self.scratch = at
        self.words = [kernel, some, sums, sums_at, table_at, len(pointers), len(gaps), *pointers, *words]


def _module() -> Any:
    module = new_module("gaps")
    _define(module)
    return module


CODE = Common([NAME], _module)


def _define(module: Any) -> None:
    """The function with_gaps(begin, end, scratch, sums, trouble, words), to be called as a kernel is."""
    copies = {size: _define_copy(module, ir.IntType(8 * size)) for size in (1, 4, 8)}
    write = Writer(module, NAME, [I64, I64, *[POINTER] * 4])
    write.function.linkage = "external"
    begin, end, scratch, sums, trouble, words = write.args
    builder = write.builder

    def word(place: Any, base: Any = words, kind: Any = I64) -> Any:
        return write.load(kind, write.at(base, write.times(place, 8)), 8)

    kernel = word(I64(0), words, POINTER)
    some, sum_count, sums_at, table_at, count, gaps = (word(I64(place)) for place in range(1, HEAD))
    own, table = write.at(scratch, sums_at), write.at(scratch, table_at)
    pointers = write.at(words, 8 * HEAD)
    layouts = write.at(pointers, write.times(count, 8))
    with write.loop(I64(0), count) as place:
        builder.store(word(place, pointers), write.at(table, write.times(place, 8)))
    with write.loop(I64(0), sum_count) as place:
        builder.store(F64(0.0), write.at(sums, write.times(place, 8)))
    rows = builder.sub(end, begin)
    parts = builder.sdiv(rows, some)
    parts = builder.select(builder.icmp_signed("<", parts, I64(1)), I64(1), parts)
    with write.loop(I64(0), parts) as part:
        first, last = (builder.add(begin, builder.sdiv(builder.mul(rows, one), parts)) for one in (part, write.on(part, 1)))
        with write.loop(I64(0), gaps) as one:
            layout = write.at(layouts, write.times(one, 8 * WORDS))
            place, item, at, step, wide, wide_step, long, long_step = (word(I64(which), layout) for which in range(WORDS))
            source = write.at(word(place, pointers, POINTER), builder.mul(first, step))
            target = write.at(scratch, at)
            given = [builder.sub(last, first), source, target, step, wide, wide_step, long, long_step]
            for size, copy in copies.items():
                with builder.if_then(builder.icmp_signed("==", item, I64(size))):
                    builder.call(copy, given)
            before = builder.mul(builder.mul(first, item), builder.mul(wide, long))
            builder.store(write.at(target, builder.neg(before)), write.at(table, write.times(place, 8)))
        builder.call(Pointed(kernel, [I64, I64, *[POINTER] * 4]), [first, last, scratch, own, trouble, table])
        with write.loop(I64(0), sum_count) as place:
            at = write.at(sums, write.times(place, 8))
            more = write.load(F64, write.at(own, write.times(place, 8)), 8)
            builder.store(builder.fadd(write.load(F64, at, 8), more), at)
    builder.ret_void()


def _define_copy(module: Any, kind: Any) -> Any:
    """copy(rows, source, target, step, wide, wide_step, long, long_step): so many rows of entries of one size, without gaps."""
    size = kind.width // 8
    write = Writer(module, f"copy{size}", [I64, POINTER, POINTER, *[I64] * 5])
    rows, source, target, step, wide, wide_step, long, long_step = write.args
    target.add_attribute("noalias")
    builder = write.builder

    def copy(count: Any, begin: Any, apart: Any, to: Any, between: Any) -> None:
        with write.loop(I64(0), count) as one:
            entry = write.load(kind, write.at(begin, builder.mul(one, apart)), 1)
            builder.store(entry, write.at(to, builder.mul(one, between)), align=size)

    def distance(value: Any) -> Any:
        return builder.select(builder.icmp_signed("<", value, I64(0)), builder.neg(value), value)

    several = builder.mul(wide, long)
    farthest = distance(wide_step), distance(long_step)
    shorter = builder.or_(*(builder.icmp_signed("<", distance(step), one) for one in farthest))
    shorter = builder.and_(shorter, builder.icmp_signed("!=", step, I64(0)))
    down = builder.or_(shorter, builder.icmp_signed("==", several, I64(1)))
    with builder.if_else(down) as (by_columns, by_rows):
        with by_columns, write.loop(I64(0), wide) as one, write.loop(I64(0), long) as other:
            begin = write.at(write.at(source, builder.mul(one, wide_step)), builder.mul(other, long_step))
            to = write.at(target, write.times(builder.add(builder.mul(one, long), other), size))
            copy(rows, begin, step, to, write.times(several, size))
        with by_rows, write.loop(I64(0), rows) as row, write.loop(I64(0), wide) as one:
            begin = write.at(write.at(source, builder.mul(row, step)), builder.mul(one, wide_step))
            place = builder.mul(builder.add(builder.mul(row, wide), one), long)
            to = write.at(target, write.times(place, size))
            with builder.if_else(builder.icmp_signed("==", long_step, I64(size))) as (along, apart):
                with along:
                    move = module.declare_intrinsic("llvm.memcpy", [POINTER, POINTER, I64])
                    builder.call(move, [to, begin, write.times(long, size), TRUTH(0)])
                with apart:
                    copy(long, begin, long_step, to, I64(size))
    builder.ret_void()
    return write.function


def told(array: Any) -> str | None:
    """What becomes of an input, in words; None for one without gaps."""
    if not isinstance(array, np.ndarray) or (array.flags.c_contiguous and array.flags.aligned):
        return None
    read = "read where it lies, some rows at a time" if array.ndim and gapped(0, array) else "copied first"
    return f"An input of the shape {show(array.shape)} has gaps between its entries, and is {read}."
