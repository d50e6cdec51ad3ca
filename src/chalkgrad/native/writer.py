"""Writing the instructions of one function, with loops, words in memory, and calls of the interpreter."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from chalkgrad.native.llvm import BYTE, I32, I64, POINTER, VOID, imported, ir

WORD = 8  # bytes


class Writer:
    """Instructions of one function; `loop` is a counting loop."""

    def __init__(self, module: Any, name: str, kinds: Sequence[Any], result: Any = VOID) -> None:
        self.function = ir.Function(module, ir.FunctionType(result, kinds), name)
        self.function.linkage = "internal"
        self.function.attributes.add("noinline")
        self.builder = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.start = self.builder.block
        self.args = self.function.args

    @contextmanager
    def loop(self, begin: Any, end: Any, step: int = 1) -> Iterator[Any]:
        """From `begin` while there are `step` left before `end`."""
        builder = self.builder
        before, head = builder.block, self.function.append_basic_block("head")
        body, after = self.function.append_basic_block("body"), self.function.append_basic_block("after")
        builder.branch(head)
        builder.position_at_end(head)
        count = builder.phi(I64)
        count.add_incoming(begin, before)
        following = builder.add(count, I64(step), flags=("nsw",))
        builder.cbranch(builder.icmp_signed("<=", following, end), body, after)
        builder.position_at_end(body)
        yield count
        count.add_incoming(following, builder.block)
        builder.branch(head)
        builder.position_at_end(after)

    def tail(self, end: Any, step: int) -> Any:
        """Where loops in steps of so many stop."""
        return self.builder.sub(end, self.builder.srem(end, I64(step)))

    def variable(self, kind: Any) -> Any:
        with self.builder.goto_entry_block():
            return self.builder.alloca(kind)

    def at(self, base: Any, distance: Any) -> Any:
        """An address so many bytes on."""
        return self.builder.gep(base, [distance if not isinstance(distance, int) else I64(distance)], source_etype=BYTE)

    def on(self, place: Any, count: int) -> Any:
        """A place so many further."""
        return self.builder.add(place, I64(count))

    def times(self, count: Any, size: Any) -> Any:
        return self.builder.mul(count, size if not isinstance(size, int) else I64(size))

    def load(self, kind: Any, address: Any, align: int) -> Any:
        return self.builder.load(address, typ=kind, align=align)

    def spread(self, number: Any, vector: Any) -> Any:
        nothing, first = ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(I32, vector.count), None)
        return self.builder.shuffle_vector(self.builder.insert_element(nothing, number, I32(0)), nothing, first)

    def word(self, base: Any, place: Any, kind: Any = I64) -> Any:
        return self.load(kind, self.at(base, self.times(I64(place) if isinstance(place, int) else place, WORD)), WORD)

    def put(self, base: Any, place: Any, word: Any) -> None:
        self.builder.store(word, self.at(base, self.times(I64(place) if isinstance(place, int) else place, WORD)))

    def memory(self, kind: Any, count: Any) -> Any:
        """Room for so many, until the function ends."""
        builder = self.builder
        return builder.inttoptr(builder.ptrtoint(builder.alloca(kind, count), I64), POINTER)

    def outside(self, name: str, result: Any, kinds: Sequence[Any]) -> Any:
        return imported(self.function.module, name, result, kinds)

    def unless(self, condition: Any, block: Any) -> None:
        """Go on; or, where the condition holds, in that block."""
        following = self.function.append_basic_block()
        self.builder.cbranch(condition, block, following)
        self.builder.position_at_end(following)

    def same(self, one: Any, other: Any) -> Any:
        return self.builder.icmp_unsigned("==", one, other)

    def differ(self, one: Any, other: Any) -> Any:
        return self.builder.icmp_unsigned("!=", one, other)
