"""Rows that lie one after another turned so that they lie side by side, and back, in instructions.

A square of entries is turned in registers: in log₂ n rounds, pairs of vectors exchange blocks of their entries (Eklundh, A fast
computer method for matrix transposing, 1972). What a square has beyond the end of a row is neither read nor written there.
"""

from typing import Any

from chalkgrad.native.llvm import BYTE, I32, I64, POINTER, TRUTH, VOID, ir, registers
from chalkgrad.native.loops.panels import Writer

BYTES = {"i8": 1, "f32": 4, "f64": 8, "i64": 8}


def turned(module: Any, kind: Any, together: int, back: bool) -> Any:
    """The function `(rows, beside, width)` for so many rows of `width` entries; a module holds it once.

    Entry j of row i lies at i·width + j of `rows`, at j·together + i of `beside`, whose entries are filled up to whole squares.
    """
    kind = BYTE if kind == TRUTH else kind
    name = f"{'back' if back else 'turned'}.{kind.intrinsic_name}.{together}"
    return module.globals.get(name) or _define(module, name, kind, together, back)


def _define(module: Any, name: str, kind: Any, together: int, back: bool) -> Any:
    write = Writer(module, name, [POINTER, POINTER, I64])
    builder, (rows, beside, width) = write.builder, write.args
    rows.add_attribute("noalias")
    beside.add_attribute("noalias")
    size = BYTES[kind.intrinsic_name]
    side = min(together, registers()[0] // size)
    vector = ir.VectorType(kind, side)
    places = ir.Constant(ir.VectorType(I64, side), [I64(one) for one in range(side)])
    with write.loop(I64(0), builder.add(width, I64(side - 1)), side) as column:
        inside = builder.icmp_signed("<", places, write.spread(builder.sub(width, column), places.type))
        for first in range(0, together, side):
            starts = [builder.add(write.times(width, first + one), column) for one in range(side)]
            in_rows = [write.at(rows, write.times(start, size)) for start in starts]
            starts = [builder.add(write.times(builder.add(column, I64(one)), together), I64(first)) for one in range(side)]
            in_beside = [write.at(beside, write.times(start, size)) for start in starts]
            if back:
                for at, one in zip(in_rows, _square(builder, [write.load(vector, at, size) for at in in_beside]), strict=True):
                    builder.call(_masked(module, "store", vector, [vector, POINTER]), [one, at, I32(size), inside])
            else:
                load, nothing = _masked(module, "load", vector, [POINTER]), ir.Constant(vector, None)
                held = [builder.call(load, [at, I32(size), inside, nothing]) for at in in_rows]
                for at, one in zip(in_beside, _square(builder, held), strict=True):
                    builder.store(one, at, align=size)
    builder.ret_void()
    return write.function


def _square(builder: Any, held: list[Any]) -> list[Any]:
    """The rows of a square as its columns."""
    side = len(held)
    apart = 1
    while apart < side:
        for one in range(side):
            if not one & apart:
                low = [at if not at & apart else side + at - apart for at in range(side)]
                high = [at + apart if not at & apart else side + at for at in range(side)]
                a, b = held[one], held[one + apart]
                held[one], held[one + apart] = (builder.shuffle_vector(a, b, _mask(chosen)) for chosen in (low, high))
        apart *= 2
    return held


def _mask(chosen: list[int]) -> Any:
    return ir.Constant(ir.VectorType(I32, len(chosen)), [I32(one) for one in chosen])


def _masked(module: Any, what: str, vector: Any, first: list[Any]) -> Any:
    name = f"llvm.masked.{what}.v{vector.count}{vector.element.intrinsic_name}.p0"
    truths = ir.VectorType(TRUTH, vector.count)
    kind = (
        ir.FunctionType(vector, [*first, I32, truths, vector]) if what == "load" else ir.FunctionType(VOID, [*first, I32, truths])
    )
    return module.globals.get(name) or ir.Function(module, kind, name)
