"""Which arguments are meant by argnums and argnames, and what may stand there."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError, nearest
from chalkgrad.reading.trace.letters import refusal
from chalkgrad.reading.trace.lifting import joined, traced
from chalkgrad.reading.trace.session import current
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.api.pytrees import flatten, paths, unflatten

Argnums = int | Sequence[int]
Argnames = str | Sequence[str]


class Chosen:
    """The arguments with respect to which something is differentiated, held as fresh wires, and a way to put them back.

    `names` says how a reader would point at each leaf: x, or params['w'].
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], settings: Mapping[str, Any], argnums: Argnums | None,
                 argnames: Argnames | None) -> None:  # fmt: skip
        self.args, self.settings = list(args), dict(settings)
        self.single = (isinstance(argnums, int) and argnames is None) or (isinstance(argnames, str) and argnums is None)
        numbers = () if argnums is None else (argnums,) if isinstance(argnums, int) else tuple(argnums)
        wanted = () if argnames is None else (argnames,) if isinstance(argnames, str) else tuple(argnames)
        self.places: list[int | str] = [number_of(f, one, len(args)) for one in numbers]
        self.places += [_named(f, one, args, settings) for one in wanted]
        trees = tuple(self.args[one] if isinstance(one, int) else self.settings[one] for one in self.places)
        leaves, self.structure = flatten(trees)
        names = [_name(f, one) for one in self.places]
        self.names = [names[path[0]] + rest for path, rest in zip(self.structure.paths(), _rest(self.structure), strict=True)]
        self.given = leaves
        self.leaves = [held(leaf, name) for leaf, name in zip(leaves, self.names, strict=True)]
        for place, tree in zip(self.places, unflatten(self.structure, self.leaves), strict=True):
            if isinstance(place, int):
                self.args[place] = tree
            else:
                self.settings[place] = tree

    def call(self, f: Callable[..., Any]) -> Any:
        return f(*self.args, **self.settings)

    def arranged(self, results: Sequence[Any]) -> Any:
        """One result for each leaf, laid out as the arguments are: alone for one argument, in a tuple for several."""
        trees = unflatten(self.structure, results)
        return trees[0] if self.single else trees


def held(value: Any, name: str) -> Traced:
    """The value as a fresh wire of the trace under way, for derivatives with respect to it."""
    value = joined(value)
    kind = value.dtype.kind if isinstance(value, Traced | np.ndarray | np.generic) else np.result_type(value).kind
    if kind != "f":
        what = {"i": "whole numbers", "u": "whole numbers", "b": "conditions"}.get(kind, "no floats")
        raise refusal(
            f"A derivative with respect to {name} is asked, but it holds {what}.",
            hint=f"Pass floats: {name} = np.asarray({name}, dtype=float), or 3.0 for 3. Other arguments may stay.",
        )
    source = traced(value).settled()
    return Traced(source.session, source.session.call("alias", source.node), is_argument=True)


def number_of(f: Callable[..., Any], number: int, count: int) -> int:
    if not -count <= number < count:
        raise GivenError(f"argnums={number}, but {called(f)} is called with {count} arguments by position.",
                         hint="Arguments count from 0; argnames names those that are given by name.")  # fmt: skip
    return number % count


def _named(f: Callable[..., Any], name: str, args: Sequence[Any], settings: Mapping[str, Any]) -> int | str:
    if name in settings:
        return name
    known = parameters(f)
    if name in known and known.index(name) < len(args):
        return known.index(name)
    close = nearest(name, known)
    raise GivenError(f'{called(f)} is called without an argument "{name}".', hint=f"Its arguments: {', '.join(close or known)}.")


def parameters(f: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        return []


def called(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", "the function")


def _name(f: Callable[..., Any], place: int | str) -> str:
    if isinstance(place, str):
        return place
    known = parameters(f)
    return known[place] if place < len(known) else f"argument {place}"


def _rest(structure: Any) -> list[str]:
    return ["]".join(path.split("]")[1:]) for path in paths(structure)]


def trace_under_way() -> Any:
    trace = current()
    assert trace is not None, "a procedure of a transform runs inside a trace"
    return trace
