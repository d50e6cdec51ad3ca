"""Rows that lie one after another turned so that they lie side by side, and back, in instructions.

Squares of entries are turned in registers: in log₂ n rounds, pairs of vectors exchange blocks of their entries (Eklundh, A fast
computer method for matrix transposing, 1972). A square is as wide as a lane, 16 bytes, within which processors move entries
fastest; each lane of a vector has a square of its own, for which rows are read and written piece by piece. What a square has
beyond the end of a row is neither read nor written there.
"""

from typing import Any

from chalkgrad.native.llvm import BYTE, I32, I64, POINTER, TRUTH, VOID, ir, registers
from chalkgrad.native.writer import Writer

LANE = 16  # bytes
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
    part = min(side, LANE // size)
    place, vector = ir.VectorType(I64, part), ir.VectorType(kind, part)
    places = ir.Constant(place, [I64(one) for one in range(part)])

    def turn(column: Any, inside: Any) -> None:
        """Some columns of all rows; those `inside`, where it is not all of them."""
        for first in range(0, together, side):
            starts = [builder.add(write.times(width, first + one), column) for one in range(side)]
            in_rows = [write.at(rows, write.times(start, size)) for start in starts]
            starts = [builder.add(write.times(builder.add(column, I64(one)), together), I64(first)) for one in range(part)]
            in_beside = [write.at(beside, write.times(start, size)) for start in starts]
            if back:
                held = [write.load(ir.VectorType(kind, side), at, size) for at in in_beside]
                for at, one in zip(in_rows, _apart(builder, _squares(builder, held)), strict=True):
                    if inside is None:
                        builder.store(one, at, align=size)
                    else:
                        builder.call(_masked(module, "store", vector, [vector, POINTER]), [one, at, I32(size), inside])
            else:
                load, nothing = _masked(module, "load", vector, [POINTER]), ir.Constant(vector, None)
                held = [write.load(vector, at, size) if inside is None else builder.call(load, [at, I32(size), inside, nothing])
                        for at in in_rows]  # fmt: skip
                for at, one in zip(in_beside, _squares(builder, _joined(builder, held)), strict=True):
                    builder.store(one, at, align=size)

    whole = write.tail(width, part)
    with write.loop(I64(0), whole, part) as column:
        turn(column, None)
    with builder.if_then(builder.icmp_signed("<", whole, width)):
        turn(whole, builder.icmp_signed("<", places, write.spread(builder.sub(width, whole), place)))
    builder.ret_void()
    return write.function


def _joined(builder: Any, pieces: list[Any]) -> list[Any]:
    """Of the pieces of as many rows as a vector has entries, vectors: lane l of vector i is the piece of row l·part + i."""
    part = pieces[0].type.count
    vectors = [pieces[one::part] for one in range(part)]
    while len(vectors[0]) > 1:
        vectors = [[builder.shuffle_vector(one, other, _mask(list(range(2 * one.type.count))))
                    for one, other in zip(lanes[::2], lanes[1::2], strict=True)] for lanes in vectors]  # fmt: skip
    return [one for (one,) in vectors]


def _apart(builder: Any, vectors: list[Any]) -> list[Any]:
    """The pieces of which such vectors are joined, in the order of rows."""
    part = len(vectors)
    starts = range(0, vectors[0].type.count, part)
    return [builder.shuffle_vector(one, one, _mask(list(range(start, start + part)))) for start in starts for one in vectors]


def _squares(builder: Any, held: list[Any]) -> list[Any]:
    """The rows of squares as their columns: as many squares side by side as vectors have lanes."""
    part, count = len(held), held[0].type.count
    held, apart = [*held], 1
    while apart < part:
        for one in range(part):
            if not one & apart:
                low = [at if not at & apart else count + at - apart for at in range(count)]
                high = [at + apart if not at & apart else count + at for at in range(count)]
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
