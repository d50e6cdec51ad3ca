"""What a function reads beside its arguments: globals, closures, defaults, the attributes of its objects.

A program repeats what a function did once. That is right only while everything else it reads is as it was, so a snapshot is taken
when it is traced and compared before the program is run again. What cannot be compared (a file, a random generator, a counter that
the function itself moves) makes the function one that is traced at every call.
"""

import dis
import random
import sys
import sysconfig
from collections.abc import Sequence
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

LIBRARIES = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})
OURS = "chalkgrad."
MOST_THINGS = 20_000
IMPURE_MODULES = frozenset({"random", "time", "os", "io", "_io", "posix", "secrets", "uuid", "datetime", "threading", "socket"})
IMPURE_NAMES = frozenset({"open", "input", "print", "next", "id", "setattr", "delattr", "exec", "eval", "globals", "locals"})
PLAIN = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), np.generic, np.dtype, slice, range)


class Surroundings:
    """A snapshot of everything that the roots read, and whether it is still so."""

    def __init__(self, roots: Sequence[Any]) -> None:
        self.roots = tuple(roots)
        self._chance = _chance()
        self.seen, self.comparable = _snapshot(self.roots, copied=True)

    def unchanged(self) -> bool:
        return same(_snapshot(self.roots)[0], self.seen)

    def keepable(self) -> bool:
        """Whether a program may be kept: all could be compared, and tracing has changed nothing itself."""
        return self.comparable and self._chance == _chance() and self.unchanged()


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
            if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray) and _equal(one, other)):
                return False
        elif type(one) is not type(other) or not (one == other or (one != one and other != other)):
            return False
    return True


def _equal(one: Any, other: Any) -> bool:
    return (
        one.dtype == other.dtype and one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    )


class _Ref:
    """An object compared by identity, which is kept alive so that its identity is not given to another."""

    __slots__ = ("what",)

    def __init__(self, what: Any) -> None:
        self.what = what

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ref) and other.what is self.what

    __hash__ = None  # type: ignore[assignment]


def _snapshot(roots: Sequence[Any], *, copied: bool = False) -> tuple[list[Any], bool]:
    """Everything that is read, in an order that is the same each time, and whether all of it can be compared."""
    found: list[Any] = []
    comparable = True
    met: set[int] = set()
    todo: list[Any] = list(reversed(roots))
    while todo:
        thing = todo.pop()
        if isinstance(thing, PLAIN):
            found.append(thing)
            continue
        if id(thing) in met:
            continue
        met.add(id(thing))
        if len(found) > MOST_THINGS:
            return found, False
        if isinstance(thing, np.ndarray):
            found.append(thing.copy() if copied and thing.dtype.kind != "O" else thing)
            comparable = comparable and thing.dtype.kind != "O"
            continue
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
    return found, comparable


def _children(thing: Any) -> list[Any] | None:
    """What is read through a thing; None where nobody can say."""
    if isinstance(thing, FunctionType):
        return _of_function(thing)
    if isinstance(thing, MethodType):
        return [thing.__func__, thing.__self__]
    if isinstance(thing, list | tuple):
        return list(thing)
    if isinstance(thing, dict):
        return [part for pair in thing.items() for part in pair]
    if isinstance(thing, ModuleType):
        return []  # its attributes are read by name, see _of_function
    if isinstance(thing, np.ufunc | type):
        return []
    if isinstance(thing, BuiltinFunctionType) or (type(thing).__module__ == "builtins" and callable(thing)):
        module = getattr(thing, "__module__", None) or ""
        impure = module.split(".")[0] in IMPURE_MODULES or thing.__name__ in IMPURE_NAMES or "random" in module
        return None if impure else []
    if OURS in type(thing).__module__ and hasattr(thing, "__wrapped__"):
        return [thing.__wrapped__]  # a transform reads what its function reads
    if callable(thing) and _in_library(sys.modules.get(getattr(thing, "__module__", "") or "")):
        return [] if "random" not in (getattr(thing, "__module__", "") or "") else None
    state = getattr(thing, "__dict__", None)
    if state is None or type(thing).__module__.split(".")[0] in IMPURE_MODULES | {"numpy"} or hasattr(type(thing), "__slots__"):
        return None
    return [part for pair in state.items() for part in pair]


def _in_library(module: ModuleType | None) -> bool:
    path = getattr(module, "__file__", None) or ""
    return path.startswith(LIBRARIES) or __file__.rpartition("/reading/")[0] in path


def _of_function(function: FunctionType) -> list[Any] | None:
    """The globals, closure and defaults that the code names, its inner functions' names too. Writing to them is no reading."""
    if _in_library(sys.modules.get(function.__module__ or "")):
        return []
    read, attributes = _names(function.__code__)
    found: list[Any] = [function.__code__.co_code, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for cell in function.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # not assigned yet
            found.append(None)
    for name in read:
        if name not in function.__globals__:
            if name in IMPURE_NAMES:
                return None
            continue
        value = function.__globals__[name]
        found.append(value)
        if isinstance(value, ModuleType):
            found += _through(value, attributes)
    return found


@lru_cache(maxsize=10_000)
def _names(code: CodeType) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The global names that the code and its inner functions read, and the names of attributes."""
    read: dict[str, None] = {}
    attributes: dict[str, None] = {}
    codes = [code]
    while codes:
        one = codes.pop()
        codes += [const for const in one.co_consts if isinstance(const, CodeType)]
        for step in dis.get_instructions(one):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                read[step.argval] = None
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
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
