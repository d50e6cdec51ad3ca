"""The function by which Python calls work over arrays, and the words that it is told of the work; see `told`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chalkgrad.native import crew
from chalkgrad.native.calling import ITEMS_OFFSET, NUMBER_OFFSET, TOLD
from chalkgrad.native.direct import DATA, FLAGS, PLAIN, RANK, TYPE, entries_of, hand_on
from chalkgrad.native.direct import SIZES as ITS_SIZES
from chalkgrad.native.llvm import F32, F64, I32, I64, POINTER, VOID, Common, Pointed, ir, new_module
from chalkgrad.native.writer import WORD, Writer

NAME = "whole"

# The address of the work's function, and of its own words; how many numbers it gives, the places of the first number that a step
# gives and of the first literal; the types of arrays and of Python's floats; whether arguments come by name, and whether the first
# result stands alone before a tuple of the others. Then for each kind of record how many there are, and at which word they begin.
(WORK, WORDS, NUMBERS, FIRST_STEP, FIRST_LITERAL, ARRAY, FLOAT, NAMED, NESTED, ARGUMENTS, _, SIZES, _, NEW, _, SLOTS, _, STEPS, _,
 LITERALS, _, RESULTS, _, COPIES, _, HEAD) = range(26)  # fmt: skip

# An argument: its name; of an array its dtype, rank, which of the sizes is its first, and its bytes; of a float whether it is one
# of float32. A size. An array for results: what is called to make it, or 0 and which argument it is. A pointer of the work: to what
# is given, made, or lies at an address, and which. A step: the operation, two numbers, whether its value is rounded to float32. A
# literal. A result: whether it is a number, which, and the type that it is to have if not Python's float. A copy: to which array
# for results, of what is given or made, and which, so many bytes.
WIDTHS = {ARGUMENTS: 5, SIZES: 1, NEW: 2, SLOTS: 2, STEPS: 4, LITERALS: 1, RESULTS: 3, COPIES: 4}
GIVEN, MADE, FIXED = range(3)
WRITEABLE = 0x0400  # a flag of arrays
EQUAL = I32(2)  # Python's ==, by its number in the C API
OPERATIONS = ("add", "subtract", "multiply", "divide")


class _Whole(Writer):
    """The function whole(…), with the words in the object that it belongs to."""

    def __init__(self, module: Any) -> None:
        super().__init__(module, NAME, [POINTER, POINTER, I64, POINTER], POINTER)
        self.function.linkage = "external"
        self.nothing = ir.Constant(POINTER, None)

    def write(self) -> None:
        builder = self.builder
        itself, self.items, positional, self.names = self.args
        self.slow = hand_on(self.function)
        self.told = self.at(self.load(POINTER, self.at(itself, DATA), WORD), TOLD)
        self.named = self.differ(self.of(NAMED), I64(0))
        first_step, first_literal = self.of(FIRST_STEP), self.of(FIRST_LITERAL)
        self.numbers = self.memory(F64, builder.add(first_literal, self.of(LITERALS)))
        self.floats = self.at(self.numbers, self.times(self.of(NUMBERS), WORD))
        self.singles = self.memory(F32, self.of(ARGUMENTS))
        self.given, self.made = self.memory(POINTER, self.of(ARGUMENTS)), self.memory(POINTER, self.of(NEW))
        job = self.memory(I64, builder.add(I64(crew.POINTERS), self.of(SLOTS)))

        self._count(positional)
        with self.records(ARGUMENTS) as (place, argument):
            self._argument(place, argument)
        with self.records(NEW) as (place, new):
            self._new(place, new)
        with self.records(SLOTS) as (place, slot):
            self.put(job, self.on(place, crew.POINTERS), self._pointer(slot))
        work = Pointed(self.of(WORK, POINTER), [POINTER, POINTER, POINTER], I64)
        failed = builder.call(work, [self.of(WORDS, POINTER), job, self.numbers])
        with builder.if_then(self.differ(failed, I64(0))):
            self._drop(self.of(NEW))
            builder.branch(self.slow)
        with self.records(COPIES) as (_, copy):
            target = self.load(POINTER, self.at(self.word(self.made, copy(0), POINTER), DATA), WORD)
            source = self._pointer(lambda which, read=I64: copy(which + 1, read))
            builder.call(self.outside("memcpy", POINTER, [POINTER, POINTER, I64]), [target, source, copy(3)])
        with self.records(LITERALS) as (place, literal):
            self.put(self.numbers, builder.add(first_literal, place), literal(0))
        with self.records(STEPS) as (place, step):
            self.put(self.numbers, builder.add(first_step, place), self._step(step))
        self._return()

    def of(self, word: int, kind: Any = I64) -> Any:
        return self.word(self.told, word, kind)

    @contextmanager
    def records(self, kind: int) -> Iterator[tuple[Any, Callable[..., Any]]]:
        """A loop over records: the number of each, and how to read its words."""
        count, begin = self.of(kind), self.of(kind + 1)
        with self.loop(I64(0), count) as place:
            first = self.builder.add(begin, self.times(place, WIDTHS[kind]))
            yield place, lambda which, read=I64: self.word(self.told, self.on(first, which), read)

    def _count(self, positional: Any) -> None:
        """As many arguments as there are to be, all by name or none."""
        builder = self.builder
        nameless = self.same(self.names, self.nothing)
        self.unless(self.same(self.named, nameless), self.slow)
        expected = builder.select(self.named, I64(0), self.of(ARGUMENTS))
        self.unless(self.differ(positional, expected), self.slow)
        with builder.if_then(self.named):
            count = builder.call(self.outside("PyTuple_Size", I64, [POINTER]), [self.names])
            self.unless(self.differ(count, self.of(ARGUMENTS)), self.slow)

    def _argument(self, place: Any, argument: Callable[..., Any]) -> None:
        builder = self.builder
        at = self.variable(I64)
        builder.store(place, at)
        with builder.if_then(self.named):
            name = argument(0, POINTER)
            with builder.if_then(self.differ(self._name(place), name)):  # in another order, or another string of these letters
                builder.store(I64(-1), at)
                with self.loop(I64(0), self.of(ARGUMENTS)) as one:
                    compare = self.outside("PyObject_RichCompareBool", I32, [POINTER, POINTER, I32])
                    with builder.if_then(self.same(builder.call(compare, [self._name(one), name, EQUAL]), I32(1))):
                        builder.store(one, at)
                self.unless(builder.icmp_signed("<", self.load(I64, at, WORD), I64(0)), self.slow)
        item = self.word(self.items, self.load(I64, at, WORD), POINTER)
        dtype = argument(1, POINTER)
        with builder.if_else(self.same(dtype, self.nothing)) as (is_float, is_array):
            with is_float:
                self.unless(self.differ(self.word(item, TYPE // WORD, POINTER), self.of(FLOAT, POINTER)), self.slow)
                number = self.load(F64, self.at(item, NUMBER_OFFSET), WORD)
                rounded = builder.fptrunc(number, F32)
                single = self.differ(argument(3), I64(0))
                builder.store(rounded, self.at(self.singles, self.times(place, 4)))
                self.put(self.floats, place, builder.select(single, builder.fpext(rounded, F64), number))
                double, small = self.at(self.floats, self.times(place, WORD)), self.at(self.singles, self.times(place, 4))
                self.put(self.given, place, builder.select(single, small, double))
            with is_array:
                entries = entries_of(builder, item, self.of(ARRAY, POINTER), dtype, I32(PLAIN), self.slow)
                rank = builder.zext(self.load(I32, self.at(item, RANK), 4), I64)
                self.unless(self.differ(rank, argument(2)), self.slow)
                sizes, first = self.load(POINTER, self.at(item, ITS_SIZES), WORD), builder.add(self.of(SIZES + 1), argument(3))
                with self.loop(I64(0), rank) as axis:
                    expected = self.word(self.told, builder.add(first, axis))
                    self.unless(self.differ(self.word(sizes, axis), expected), self.slow)
                self.put(self.given, place, entries)

    def _new(self, place: Any, new: Callable[..., Any]) -> None:
        """An array for results: one of the arguments, or one that is made."""
        builder, array = self.builder, self.variable(POINTER)
        maker, given = new(0, POINTER), new(1)
        with builder.if_else(self.same(maker, self.nothing)) as (is_given, is_made):
            with is_given:
                item = self.word(self.items, given, POINTER)
                flags = builder.and_(self.load(I32, self.at(item, FLAGS), 4), I32(WRITEABLE))
                lies, size = self._extent(given)
                shared = self.variable(I64)
                builder.store(builder.zext(self.same(flags, I32(0)), I64), shared)
                with self.loop(I64(0), self.of(ARGUMENTS)) as one:
                    there, its = self._extent(one)
                    apart = builder.or_(
                        builder.icmp_unsigned("<=", builder.add(lies, size), there),
                        builder.icmp_unsigned("<=", builder.add(there, its), lies),
                    )
                    bad = builder.and_(self.differ(one, given), builder.not_(apart))
                    builder.store(builder.or_(self.load(I64, shared, WORD), builder.zext(bad, I64)), shared)
                with builder.if_then(self.differ(self.load(I64, shared, WORD), I64(0))):
                    self._drop(place)
                    builder.branch(self.slow)
                builder.call(self.outside("Py_IncRef", VOID, [POINTER]), [item])
                builder.store(item, array)
            with is_made:
                made = builder.call(self.outside("PyObject_CallNoArgs", POINTER, [POINTER]), [maker])
                with builder.if_then(self.same(made, self.nothing)):
                    self._drop(place)
                    builder.ret(self.nothing)
                builder.store(made, array)
        self.put(self.made, place, self.load(POINTER, array, WORD))

    def _extent(self, argument: Any) -> tuple[Any, Any]:
        """Where an argument's entries lie, as a number, and how many bytes they take."""
        place = self.builder.add(self.of(ARGUMENTS + 1), self.times(argument, WIDTHS[ARGUMENTS]))
        return self.word(self.given, argument), self.word(self.told, self.on(place, 4))

    def _name(self, place: Any) -> Any:
        return self.word(self.at(self.names, ITEMS_OFFSET), place, POINTER)

    def _pointer(self, slot: Callable[..., Any]) -> Any:
        """Where what the work reads or writes lies."""
        builder, found = self.builder, self.variable(POINTER)
        builder.store(slot(1, POINTER), found)
        for kind, table in ((GIVEN, self.given), (MADE, self.made)):
            with builder.if_then(self.same(slot(0), I64(kind))):
                there = self.word(table, slot(1), POINTER)
                builder.store(there if kind == GIVEN else self.load(POINTER, self.at(there, DATA), WORD), found)
        return self.load(POINTER, found, WORD)

    def _step(self, step: Callable[..., Any]) -> Any:
        builder = self.builder
        one, other = (self.word(self.numbers, step(which), F64) for which in (1, 2))
        values = [builder.fadd(one, other), builder.fsub(one, other), builder.fmul(one, other), builder.fdiv(one, other)]
        value = values[0]
        for place, another in enumerate(values):
            value = builder.select(self.same(step(0), I64(place)), another, value)
        rounded = builder.fpext(builder.fptrunc(value, F32), F64)
        return builder.select(self.differ(step(3), I64(0)), rounded, value)

    def _return(self) -> None:
        """The results in a tuple; the references to made arrays that are not in it go."""
        builder = self.builder
        count, nested = self.of(RESULTS), self.differ(self.of(NESTED), I64(0))
        outer = self._tuple(builder.select(nested, I64(2), count), [])
        inner = self.variable(POINTER)
        builder.store(outer, inner)
        with builder.if_then(nested):
            builder.store(self._tuple(builder.sub(count, I64(1)), [outer]), inner)
            self.put(self.at(outer, ITEMS_OFFSET), 1, self.load(POINTER, inner, WORD))
        with self.records(RESULTS) as (place, result):
            number, array = self.differ(result(0), I64(0)), self.variable(POINTER)
            with builder.if_else(number) as (is_number, is_array):
                with is_number:
                    builder.store(self._number(result, outer), array)
                with is_array:
                    made = self.word(self.made, result(1), POINTER)
                    builder.call(self.outside("Py_IncRef", VOID, [POINTER]), [made])
                    builder.store(made, array)
            first = builder.or_(builder.not_(nested), self.same(place, I64(0)))
            into = builder.select(first, outer, self.load(POINTER, inner, WORD))
            at = builder.select(first, place, builder.sub(place, I64(1)))
            self.put(self.at(into, ITEMS_OFFSET), at, self.load(POINTER, array, WORD))
        self._drop(self.of(NEW))
        builder.ret(outer)

    def _tuple(self, count: Any, others: list[Any]) -> Any:
        made = self.builder.call(self.outside("PyTuple_New", POINTER, [I64]), [count])
        self._must(made, others)
        return made

    def _number(self, result: Callable[..., Any], outer: Any) -> Any:
        """A number as Python's float, or as one of another type."""
        builder, found = self.builder, self.variable(POINTER)
        kind = result(2, POINTER)
        number = self.word(self.numbers, result(1), F64)
        plain = builder.call(self.outside("PyFloat_FromDouble", POINTER, [F64]), [number])
        self._must(plain, [outer])
        builder.store(plain, found)
        with builder.if_then(self.differ(kind, self.nothing)):
            other = builder.call(self.outside("PyObject_CallOneArg", POINTER, [POINTER, POINTER]), [kind, plain])
            builder.call(self.outside("Py_DecRef", VOID, [POINTER]), [plain])
            self._must(other, [outer])
            builder.store(other, found)
        return self.load(POINTER, found, WORD)

    def _must(self, made: Any, others: list[Any]) -> None:
        """Without memory for an object, the call ends with the interpreter's MemoryError."""
        with self.builder.if_then(self.same(made, self.nothing)):
            for one in others:
                self.builder.call(self.outside("Py_DecRef", VOID, [POINTER]), [one])
            self._drop(self.of(NEW))
            self.builder.ret(self.nothing)

    def _drop(self, count: Any) -> None:
        """Let go of the first arrays that were made."""
        with self.loop(I64(0), count) as one:
            self.builder.call(self.outside("Py_DecRef", VOID, [POINTER]), [self.word(self.made, one, POINTER)])


def _module() -> Any:
    module = new_module(NAME)
    _Whole(module).write()
    return module


CODE = Common([NAME], _module, level=0)
