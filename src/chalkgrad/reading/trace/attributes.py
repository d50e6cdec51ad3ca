"""Of which objects code reads a few attributes and nothing else.

A function that says `data.labels` reads the labels, and not the images that the same object holds. What it reads must be compared
before each run, so it pays to know. An object of which anything else is done (it is passed on, indexed, given another name) may be
read in full.

>>> from types import SimpleNamespace
>>> data = SimpleNamespace(labels=[1, 2], images=[3, 4])
>>> names_read((lambda x: x * data.labels).__code__)
{'data': {'labels'}}
>>> names_read((lambda x: x * data.labels + len(data)).__code__)
{}
"""

import dis
from functools import lru_cache, partial
from types import CodeType, SimpleNamespace
from typing import Any, NamedTuple

OUTER = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF",
                   "LOAD_FROM_DICT_OR_GLOBALS"})  # fmt: skip
READING = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
CHANGING = ("STORE_", "DELETE_")
USUAL = (object.__getattribute__, SimpleNamespace.__getattribute__)  # ways of finding attributes, which are the same way


@lru_cache(maxsize=10_000)
def names_read(code: CodeType) -> dict[str, set[str]]:
    """The names from outside of which code, with its inner functions, only reads attributes, and the names of those."""
    found: dict[str, set[str]] = {}
    more: set[str] = set()  # names of which something else is done
    codes = [code]
    while codes:
        one = codes.pop()
        codes += [const for const in one.co_consts if isinstance(const, CodeType)]
        steps = [step for step in dis.get_instructions(one) if step.opname not in ("EXTENDED_ARG", "CACHE")]
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            if step.opname in OUTER:
                if following is not None and following.opname in READING:
                    found.setdefault(step.argval, set()).add(following.argval)
                else:
                    more.add(step.argval)
            elif step.opname.startswith(CHANGING) and step.opname.endswith(("DEREF", "GLOBAL", "NAME")):
                more.add(step.argval)
    return {name: attributes for name, attributes in found.items() if name not in more}


class Part(NamedTuple):
    """An object, of which only these attributes are read."""

    whole: Any
    names: tuple[str, ...]

    def values(self) -> tuple[Any, ...]:
        state = self.whole.__dict__
        return tuple(state.get(name, self) for name in self.names)


def part(thing: Any, names: set[str] | None) -> Any:
    """The part of an object that is read, where the attributes stand in itself and its class has no say; else the object."""
    state: Any = getattr(thing, "__dict__", None)
    if not names or type(state) is not dict or isinstance(thing, type) or not names <= state.keys():
        return thing
    kind: Any = type(thing)
    if kind.__getattribute__ not in USUAL or any(map(partial(_is_descriptor, kind), names)):
        return thing
    return Part(thing, tuple(sorted(names)))


def _is_descriptor(kind: type, name: str) -> bool:
    """Whether the class answers for the attribute, as properties do, whatever the object itself holds."""
    member = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
    return hasattr(type(member), "__set__") or hasattr(type(member), "__delete__")
