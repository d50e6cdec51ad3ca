"""What a function reads beside its arguments: globals, closures, defaults, the attributes of its objects.

A program repeats what a function did once. That is right only while everything else it reads is as it was, so a snapshot is taken
when it is traced and compared before the program is run again. What cannot be compared (a file, a random generator, a counter that
the function itself moves) makes the function one that is traced at every call.
"""

import dis
import random
import sys
import sysconfig
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache, partial
from operator import is_, itemgetter
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from chalkgrad.reading.masked import is_masked_array
from chalkgrad.reading.trace.attributes import Part, names_read, part
from chalkgrad.reading.trace.memory import frozen, identical
from chalkgrad.reading.trace.places import Place, of_function

LIBRARIES = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})
OURS = "chalkgrad."
MOST_THINGS = 5_000_000  # to look at one takes less than a microsecond, to trace anew much longer
IMPURE_MODULES = frozenset({"random", "time", "os", "io", "_io", "posix", "secrets", "uuid", "datetime", "threading", "socket"})
IMPURE_NAMES = frozenset({"open", "input", "print", "next", "id", "setattr", "delattr", "exec", "eval", "globals", "locals"})
PLAIN = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), np.generic, np.dtype, slice, range)
MEMBERS = (FunctionType, property, cached_property, staticmethod, classmethod)  # what may stand in a class and run code
MADE_BY_PYTHON_CODE = 1 << 9  # a flag of classes
MAKING = frozenset({"__init__", "__new__", "__post_init__"})
UNREAD = frozenset({"__repr__", "__str__", "__format__", "__del__", "__reduce__", "__getstate__", "__setstate__", "__dir__"})
TOLD = (float, complex, np.inexact, tuple)  # whose text tells −0 from 0, and takes NaN for itself

# How to read what a thing holds, what it held, and the thing where it is a function.
Look = tuple[Callable[[], tuple[Any, ...]], tuple[Any, ...], FunctionType | None]
MISSING = object()


class Surroundings:
    """A snapshot of everything that the roots read, and whether it is still so.

    Mostly all things are still the same objects, and a look at each place suffices; only arrays are compared entry by entry. Where
    an object is another one, everything is read anew, for it may be an equal one.
    """

    def __init__(self, roots: Sequence[Any]) -> None:
        self.roots = tuple(roots)
        self._chance = _chance()
        now, self.comparable, self._looks = _snapshot(self.roots)
        self.seen = [np.array(one) if isinstance(one, np.ndarray) and not frozen(one) else one for one in now]
        self._arrays = _copies(now, self.seen)

    def unchanged(self) -> bool:
        try:
            for look, before, _ in self._looks:
                now = look()
                if len(now) != len(before) or not all(map(is_, now, before)):
                    return self._equal()
        except ValueError:  # a variable of an enclosing function was deleted
            return self._equal()
        return all(identical(*pair) for pair in self._arrays)

    def _equal(self) -> bool:
        now, _, looks = _snapshot(self.roots)
        if not same(now, self.seen):
            return False
        self._looks, self._arrays = looks, _copies(now, self.seen)
        self.__dict__.pop("places", None)
        return True

    @cached_property
    def places(self) -> list[Place] | None:
        """All that is looked at, for machine code; None where that is more than what functions read, or arrays' entries."""
        functions = [function for _, _, function in self._looks if function is not None]
        if self._arrays or len(functions) < len(self._looks):
            return None
        try:
            found = [place for one in functions for place in of_function(one, *_names(one.__code__))]
        except ValueError:  # a variable of an enclosing function has no value
            return None
        return found if self.unchanged() else None

    def keepable(self) -> bool:
        """Whether a program may be kept: all could be compared, and tracing has changed nothing itself."""
        return self.comparable and self._chance == _chance() and self.unchanged()

    def copies(self) -> dict[int, tuple[Any, Any]]:
        """The arrays that are read and a copy of each, by identity."""
        return {id(pair[0]): pair for pair in self._arrays}


def _copies(now: list[Any], seen: list[Any]) -> list[tuple[Any, Any]]:
    return [(one, copy) for one, copy in zip(now, seen, strict=True) if isinstance(one, np.ndarray) and one is not copy]


def _chance() -> Any:
    """Where the global random generators stand: a function that draws from them is another one each time."""
    state = np.random.get_state(legacy=False)
    return (
        random.getstate()[1],
        state["state"]["key"].tobytes() if "key" in state["state"] else repr(state),
        repr(state["state"].get("pos")),
    )


def same(now: list[Any], then: list[Any]) -> bool:
    if len(now) != len(then):
        return False
    for one, other in zip(now, then, strict=True):
        if one is other:
            continue
        if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
            if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray) and identical(one, other)):
                return False
        elif type(one) is not type(other) or (repr(one) != repr(other) if isinstance(one, TOLD) else one != other):
            return False
    return True


class _Ref:
    """An object compared by identity, which is kept alive so that its identity is not given to another."""

    __slots__ = ("what",)

    def __init__(self, what: Any) -> None:
        self.what = what

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ref) and other.what is self.what

    __hash__ = None  # type: ignore[assignment]


def _snapshot(roots: Sequence[Any]) -> tuple[list[Any], bool, list[Look]]:
    """Everything that is read, in an order that is the same each time; whether all of it can be compared; where it was read."""
    found: list[Any] = []
    looks: list[Look] = []
    comparable = True
    met: dict[int, int] = {}  # where each thing was found first
    classes: dict[type, bool] = {}  # of the objects met, and (true) those that the code may make objects of
    attributes: set[str] = set()  # whose names stand in the code
    members: set[tuple[type, str]] = set()
    todo: list[Any] = list(reversed(roots))
    while todo or (todo := _more(classes, attributes, members)):
        thing = todo.pop()
        if isinstance(thing, PLAIN) or (type(thing) is tuple and all(isinstance(one, PLAIN) for one in thing)):
            found.append(thing)
            continue
        if id(thing) in met:
            found.append((met[id(thing)],))
            continue
        met[id(thing)] = len(found)
        if len(found) > MOST_THINGS:
            return found, False, looks
        if isinstance(thing, np.ndarray):
            found += [type(thing), thing]
            if is_masked_array(thing):
                todo.append(np.ma.getmask(thing))
            comparable = comparable and not thing.dtype.hasobject
            continue
        if type(thing) is Part:
            looks.append((thing.values, thing.values(), None))
            found.append(_Ref(type(thing.whole)))
            todo.extend(reversed(thing.values()))
            continue
        look = _look(thing)
        if look is not None:
            looks.append((look, look(), thing if isinstance(thing, FunctionType) else None))
        children = _children(thing)
        if children is None:
            found.append(_Ref(thing))
            comparable = False
            continue
        found.append(
            _Ref(thing)
            if not isinstance(thing, list | tuple | dict | set | frozenset | MethodType)
            else (type(thing), len(children))
        )
        todo.extend(reversed(children))
        kind = thing if isinstance(thing, type) else type(thing)
        if isinstance(thing, FunctionType) and children:
            attributes.update(_names(thing.__code__)[1])
        elif not _is_foreign(kind) and classes.get(kind) is not (kind is thing):
            classes[kind] = kind is thing or classes.get(kind, False)
            looks += [(look, look(), None) for look in map(_look_of_class, _own_bases(kind))]
    return found, comparable, looks


def _is_foreign(kind: type) -> bool:
    """Whether a class is not the user's own, which may change: Python's, or a library's."""
    return not kind.__flags__ & MADE_BY_PYTHON_CODE or _in_library(sys.modules.get(kind.__module__))


def _own_bases(kind: type) -> list[type]:
    return [one for one in kind.__mro__ if not _is_foreign(one)]


def _look_of_class(kind: type) -> Callable[[], tuple[Any, ...]]:
    return lambda: (*vars(kind), *vars(kind).values())


def _more(classes: dict[type, bool], attributes: set[str], members: set[tuple[type, str]]) -> list[Any]:
    """What else the code reads of the classes: the attributes that it names, and the methods that Python calls by itself."""
    found = []
    for kind, made in classes.items():
        for base in _own_bases(kind):
            for name, one in vars(base).items():
                called = isinstance(one, FunctionType) and name.startswith("__") and name not in UNREAD
                named = name in attributes and (isinstance(one, MEMBERS) or not hasattr(type(one), "__get__"))
                if (named or (called and (made or name not in MAKING))) and (base, name) not in members:
                    members.add((base, name))
                    found.append(one)
    return found


def _look(thing: Any) -> Callable[[], tuple[Any, ...]] | None:
    """How to read all at once what can be put in another's place within a thing, as far as `_children` depends on it."""
    if isinstance(thing, FunctionType):
        return None if _in_library(sys.modules.get(thing.__module__ or "")) else _look_of_function(thing)
    if isinstance(thing, list | set):
        return lambda: tuple(thing)
    if _is_of_library(thing) and OURS not in type(thing).__module__:
        return None
    state = thing if isinstance(thing, dict) else getattr(thing, "__dict__", None)
    if isinstance(state, dict) and not isinstance(thing, MethodType | ModuleType):
        return lambda: (*state, *state.values())
    return None


def _look_of_function(function: FunctionType) -> Callable[[], tuple[Any, ...]]:
    space, cells = function.__globals__, function.__closure__ or ()
    read, attributes = _names(function.__code__)
    modules = [vars(one) for one in map(space.get, read) if isinstance(one, ModuleType)]
    spaces = [_reader(space, read), *(_reader(module, attributes) for module in modules)]

    def look() -> tuple[Any, ...]:
        found = (function.__code__, function.__defaults__, *(function.__kwdefaults__ or {}).values(),
                 *[cell.cell_contents for cell in cells])  # fmt: skip
        for one in spaces:
            found += one()
        return found

    return look


def _reader(space: dict[str, Any], names: Sequence[str]) -> Callable[[], tuple[Any, ...]]:
    """Reads the names in a space: all at once those that are there now, for that is how often a look is taken."""
    there = [name for name in names if name in space]
    others = [name for name in names if name not in space]
    at_once = itemgetter(*there, there[0]) if there else None  # two names at least make a tuple
    keys = space.keys()

    def read() -> tuple[Any, ...]:
        if at_once is None:
            return tuple([space.get(name, MISSING) for name in others])
        try:
            found = at_once(space)
        except KeyError:  # one was deleted
            found = tuple([space.get(name, MISSING) for name in (*there, there[0])])
        return found if keys.isdisjoint(others) else (*found, *[space.get(name, MISSING) for name in others])

    return read


def _children(thing: Any) -> list[Any] | None:
    """What is read through a thing; None where nobody can say."""
    if isinstance(thing, FunctionType):
        return _of_function(thing)
    if isinstance(thing, MethodType):
        return [thing.__func__, thing.__self__]
    if isinstance(thing, list | tuple | set | frozenset):
        return list(thing)
    if isinstance(thing, dict):
        return [part for pair in thing.items() for part in pair]
    if isinstance(thing, ModuleType):
        return []  # its attributes are read by name, see _of_function
    if isinstance(thing, np.ufunc):
        return []
    if isinstance(thing, type):
        return []  # its members are read by name, see _members
    if isinstance(thing, property):
        return [thing.fget]
    if isinstance(thing, cached_property):
        return [thing.func]
    if isinstance(thing, staticmethod | classmethod):
        return [thing.__func__]
    if isinstance(thing, BuiltinFunctionType) or (type(thing).__module__ == "builtins" and callable(thing)):
        module = getattr(thing, "__module__", None) or ""
        impure = module.split(".")[0] in IMPURE_MODULES or thing.__name__ in IMPURE_NAMES or "random" in module
        return None if impure else []
    if OURS in type(thing).__module__ and hasattr(thing, "__wrapped__"):
        return [thing.__wrapped__]  # a transform reads what its function reads
    if isinstance(thing, partial):
        return [thing.func, thing.args, thing.keywords]
    if _is_of_library(thing):
        return [] if "random" not in (getattr(thing, "__module__", "") or "") else None
    state = getattr(thing, "__dict__", None)
    if state is None or type(thing).__module__.split(".")[0] in IMPURE_MODULES | {"numpy"} or hasattr(type(thing), "__slots__"):
        return None
    return [part for pair in state.items() for part in pair]


def _is_of_library(thing: Any) -> bool:
    """Whether it is something to call that a library made, and not of a class written in Python, which may hold what changes."""
    kind = type(thing)
    made = not kind.__flags__ & MADE_BY_PYTHON_CODE or OURS in kind.__module__
    return made and callable(thing) and _in_library(sys.modules.get(getattr(thing, "__module__", "") or ""))


def _in_library(module: ModuleType | None) -> bool:
    path = getattr(module, "__file__", None) or ""
    return path.startswith(LIBRARIES) or __file__.rpartition("/reading/")[0] in path


def _of_function(function: FunctionType) -> list[Any] | None:
    """The globals, closure and defaults that the code names, its inner functions' names too. Writing to them is no reading."""
    if _in_library(sys.modules.get(function.__module__ or "")):
        return [function.__wrapped__] if hasattr(function, "__wrapped__") else []
    read, attributes = _names(function.__code__)
    found: list[Any] = [function.__code__.co_code, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    parts = names_read(function.__code__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found.append(part(cell.cell_contents, parts.get(name)))
        except ValueError:  # not assigned yet
            found.append(None)
    for name in read:
        if name not in function.__globals__:
            if name in IMPURE_NAMES:
                return None
            continue
        value = function.__globals__[name]
        found.append(value if isinstance(value, ModuleType) else part(value, parts.get(name)))
        if isinstance(value, ModuleType):
            found += _through(value, attributes)
    return found


@lru_cache(maxsize=10_000)
def _names(code: CodeType) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The global names that the code and its inner functions read, and the names of attributes, those in getattr(x, "name") too."""
    read: dict[str, None] = {}
    attributes: dict[str, None] = {}
    codes = [code]
    while codes:
        one = codes.pop()
        codes += [const for const in one.co_consts if isinstance(const, CodeType)]
        attributes |= dict.fromkeys(const for const in one.co_consts if isinstance(const, str) and const.isidentifier())
        for step in dis.get_instructions(one):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                read[step.argval] = None
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"):
                attributes[step.argval] = None
    return tuple(read), tuple(attributes)


def _through(module: ModuleType, names: Sequence[str]) -> list[Any]:
    """What is read as module.name: everything in a user's module, only what is impure in a library."""
    found: list[Any] = []
    library = _in_library(module)
    for name in names:
        value = module.__dict__.get(name)
        if value is None or (library and isinstance(value, ModuleType | type | np.ufunc)) or isinstance(value, ModuleType):
            continue
        if not library or isinstance(value, BuiltinFunctionType):
            found.append(value)
    return found
