"""A function of leaves, called with the dicts, lists and tuples that hold them: machine code takes them out.

>>> sum_of = walked(lambda x, y: x + y, ({"a": 1.0, "b": [2.0]},), [(0, "a"), (0, "b", 0)])
>>> sum_of({"a": 3.0, "b": [4.0]})
7.0
>>> sum_of({"a": 3.0, "b": [4.0, 5.0]}) is None
True
"""

from collections.abc import Callable, Sequence
from typing import Any

from chalkgrad.native.calling import ITEMS_OFFSET, TOLD, callable_from, declined
from chalkgrad.native.direct import DATA, TYPE, fits, hand_on
from chalkgrad.native.llvm import I64, POINTER, VOID, Common, ir, new_module
from chalkgrad.native.writer import WORD, Writer

NAME = "walking"
# The words: what is called, with how many leaves; how many arguments there are, and steps from them on. For each step the thing it
# starts from (an argument, or what an earlier step found), the type and size that it is to have, what kind that is, and the key or
# the place of what is taken out. Then for each leaf which thing it is.
CALLED, LEAVES, ARGUMENTS, STEPS, HEAD = range(5)
WIDTH = 5
KINDS = (dict, list, tuple)
SIZES = ("PyDict_Size", "PyList_Size", "PyTuple_Size")


def walked(call: Callable[..., Any], args: Sequence[Any], paths: Sequence[Sequence[Any]]) -> Callable[..., Any] | None:
    """The function of arguments that are built like `args`, whose leaves lie at `paths` (the argument, then keys and places).

    It gives None for others. None where something else than dicts, lists and tuples holds leaves, or one of them is empty.
    """
    if not fits():
        return None
    things: dict[tuple[Any, ...], Any] = {(place,): one for place, one in enumerate(args)}
    number = {path: place for place, path in enumerate(things)}
    words: list[int] = []
    for path in paths:
        for end in range(1, len(path)):
            before, after, key = tuple(path[:end]), tuple(path[: end + 1]), path[end]
            holder: Any = things[before]
            if type(holder) not in KINDS or type(key) not in (str, int):  # to compare other keys may run any code
                return None
            if after not in things:
                number[after], things[after] = len(things), holder[key]
                kind = KINDS.index(type(holder))
                words += [number[before], id(type(holder)), len(holder), kind, id(key) if kind == 0 else key]
    found = len(things) - len(args)
    if len({path[0] for path in paths}) < len(args) or sum(len(one) for one in things.values() if type(one) in KINDS) != found:
        return None  # something is empty
    head = [id(call), len(paths), len(args), found]
    leaves = [number[tuple(path)] for path in paths]
    return callable_from(CODE.code(), NAME, declined, [*head, *words, *leaves], [call, *paths])


class _Walking(Writer):
    """The function walking(…), with the words in the object that it belongs to."""

    def __init__(self, module: Any) -> None:
        super().__init__(module, NAME, [POINTER, POINTER, I64, POINTER], POINTER)
        self.function.linkage = "external"

    def write(self) -> None:
        builder, (itself, items, count, names) = self.builder, self.args
        slow, nothing = hand_on(self.function), ir.Constant(POINTER, None)
        told = self.at(self.load(POINTER, self.at(itself, DATA), WORD), TOLD)
        leaves, arguments, steps = (self.word(told, place) for place in (LEAVES, ARGUMENTS, STEPS))
        self.unless(self.differ(count, arguments), slow)
        self.unless(self.differ(names, nothing), slow)
        things, flat = self.memory(POINTER, builder.add(arguments, steps)), self.memory(POINTER, leaves)
        with self.loop(I64(0), arguments) as one:
            self.put(things, one, self.word(items, one, POINTER))
        with self.loop(I64(0), steps) as one:
            first = self.on(self.times(one, WIDTH), HEAD)
            start, expected, size, kind, where = (self.word(told, self.on(first, place)) for place in range(WIDTH))
            holder = self.word(things, start, POINTER)
            its_type = builder.ptrtoint(self.load(POINTER, self.at(holder, TYPE), WORD), I64)
            self.unless(self.differ(its_type, expected), slow)
            taken = self.variable(POINTER)
            for place, name in enumerate(SIZES):
                with builder.if_then(self.same(kind, I64(place))):
                    self.unless(self.differ(builder.call(self.outside(name, I64, [POINTER]), [holder]), size), slow)
                    builder.store(self._taken(place, holder, where), taken)
            self.unless(self.same(self.load(POINTER, taken, WORD), nothing), slow)
            self.put(things, builder.add(arguments, one), self.load(POINTER, taken, WORD))
        which = self.on(self.times(steps, WIDTH), HEAD)
        with self.loop(I64(0), leaves) as one:
            leaf = self.word(things, self.word(told, builder.add(which, one)), POINTER)
            builder.call(self.outside("Py_IncRef", VOID, [POINTER]), [leaf])  # another thread may take it out meanwhile
            self.put(flat, one, leaf)
        vectorcall = self.outside("PyObject_Vectorcall", POINTER, [POINTER, POINTER, I64, POINTER])
        result = builder.call(vectorcall, [self.word(told, CALLED, POINTER), flat, leaves, nothing])
        with self.loop(I64(0), leaves) as one:
            builder.call(self.outside("Py_DecRef", VOID, [POINTER]), [self.word(flat, one, POINTER)])
        builder.ret(result)

    def _taken(self, kind: int, holder: Any, where: Any) -> Any:
        builder = self.builder
        if KINDS[kind] is dict:
            key = builder.inttoptr(where, POINTER)
            return builder.call(self.outside("PyDict_GetItem", POINTER, [POINTER, POINTER]), [holder, key])
        if KINDS[kind] is list:
            return builder.call(self.outside("PyList_GetItem", POINTER, [POINTER, I64]), [holder, where])
        return self.word(self.at(holder, ITEMS_OFFSET), where, POINTER)


def _module() -> Any:
    module = new_module(NAME)
    _Walking(module).write()
    return module


CODE = Common([NAME], _module, level=0)
