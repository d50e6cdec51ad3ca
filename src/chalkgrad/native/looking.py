"""A function that is called only while everything that it reads is as it was: the places are looked at in machine code.

In Python such a look takes longer than a small function.

Source: Python/C API reference, "Dictionary objects", "Cell objects", "Function objects".
"""

from collections.abc import Callable, Sequence
from typing import Any

from chalkgrad.native.calling import TOLD, callable_from, declined
from chalkgrad.native.direct import DATA, fits, hand_on
from chalkgrad.native.llvm import I64, POINTER, VOID, Common, new_module
from chalkgrad.native.writer import WORD, Writer
from chalkgrad.reading.trace.places import KINDS, NOTHING, Place

NAME = "looking"
CALLED, COUNT, HEAD = range(3)  # the words: what is called, the number of places; then each one's kind, owner, key, what it held
WIDTH = 4
READERS = ("PyDict_GetItem", "PyCell_Get", "PyFunction_GetCode", "PyFunction_GetDefaults", "PyFunction_GetKwDefaults")  # see KINDS


def looked(call: Callable[..., Any], places: Sequence[Place]) -> Callable[..., Any] | None:
    """The same function, which gives None where one of the places holds something else; None where there is no such way."""
    if not fits():
        return None
    words, held = [id(call), len(places)], [call, places]
    for kind, owner, key, before in places:
        words += [KINDS.index(kind), id(owner), 0 if key is None else id(key), 0 if before is NOTHING else id(before)]
    return callable_from(CODE.code(), NAME, declined, words, held)


def _module() -> Any:
    module = new_module(NAME)
    write = Writer(module, NAME, [POINTER, POINTER, I64, POINTER], POINTER)
    write.function.linkage = "external"
    builder, (itself, items, count, names) = write.builder, write.args
    told = write.at(write.load(POINTER, write.at(itself, DATA), WORD), TOLD)
    other, found = hand_on(write.function), write.variable(POINTER)
    with write.loop(I64(0), write.word(told, COUNT)) as one:
        first = write.on(write.times(one, WIDTH), HEAD)
        kind, owner, key, before = (
            write.word(told, write.on(first, place), I64 if place == 0 else POINTER) for place in range(WIDTH)
        )
        for place, name in enumerate(READERS):
            given = [owner, key] if name == "PyDict_GetItem" else [owner]
            with builder.if_then(write.same(kind, I64(place))):
                read = builder.call(write.outside(name, POINTER, [POINTER] * len(given)), given)
                builder.store(read, found)
                if name == "PyCell_Get":  # which gives a reference of our own
                    builder.call(write.outside("Py_DecRef", VOID, [POINTER]), [read])
        write.unless(write.differ(write.load(POINTER, found, WORD), before), other)
    vectorcall = write.outside("PyObject_Vectorcall", POINTER, [POINTER, POINTER, I64, POINTER])
    builder.ret(builder.call(vectorcall, [write.word(told, CALLED, POINTER), items, count, names]))
    return module


CODE = Common([NAME], _module, level=0)
