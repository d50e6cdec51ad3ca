"""A procedure on traced values with the face of an ordinary function.

Outside every trace, the first call traces the procedure and keeps a `Program` for arguments of this structure, these shapes, kinds
of number and plain values; later calls run it while its guards hold and nothing has changed in what the function reads beside its
arguments. Inside a trace, the procedure simply runs, and its gates become part of that trace.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any, NamedTuple

import numpy as np

from chalkgrad.errors import ChalkgradError
from chalkgrad.native import Compiled
from chalkgrad.reading.masked import is_masked_array
from chalkgrad.reading.trace import array_api, functions  # noqa: F401 (fill the table of rules)
from chalkgrad.reading.trace.letters import refusal, without_room
from chalkgrad.reading.trace.lifting import joined, traced
from chalkgrad.reading.trace.program import Program
from chalkgrad.reading.trace.scipys import retraced
from chalkgrad.reading.trace.session import Trace, current
from chalkgrad.reading.trace.surroundings import Surroundings
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.transform.api.arguments import parameters
from chalkgrad.transform.api.filling import filled, offered
from chalkgrad.transform.api.pytrees import built, flatten, structure_of, unflatten
from chalkgrad.transform.stabilise import Rewrite, Stabiliser

Procedure = Callable[..., Any]
MOST_SIGNATURES = 64
MOST_VARIANTS = 32


WATCHERS: list[Callable[["Staged", tuple[Any, ...], dict[str, Any], Any], None]] = []  # are told of each call from outside

WIRE = object()  # in Form.plain: the next of the results that are computed


class Form:
    """How results are put together: for each leaf a value that is computed, or a plain one."""

    def __init__(self, structure: Any, plain: Sequence[Any]) -> None:
        self.structure = structure
        self.plain = plain
        self.computed = all(one is WIRE for one in plain)
        self.build = built(structure)

    def given_back(self, results: Sequence[Any], floats: bool, *, fresh: bool = False) -> Any:
        """The results as the caller's own: plain numbers, and arrays that share memory with nothing (`fresh`: they do not)."""
        if self.computed:
            return self.build([_own(one, floats, fresh) for one in results])
        rest = iter(results)
        return self.build([_own(next(rest), floats, fresh) if one is WIRE else _own(one, False) for one in self.plain])


class Kept(NamedTuple):
    """A program, the form of its results, and what must be unchanged for it to be right."""

    program: Compiled
    form: Form
    surroundings: Surroundings
    floats: bool  # whether single numbers come out as Python floats

    def whole(self, args: Sequence[Any], structure: Any = None) -> tuple[Any, ...] | None:
        """One call in machine code for all of it, if there is one: the call, what builds the result, what has to be unchanged.

        The last is None where the call looks for that itself. `structure` is that of (args, {}) where there are more than leaves.
        """
        places = self.surroundings.places
        built = None if structure is None else (args, [path[1:] for path in structure.paths()])
        call = self.program.whole(self.floats, places, built) if self.form.computed else None
        return call and (call, self.form.build, self.surroundings if places is None else None)


class Staged:
    """What a transform gives back: call it like the function it was made of.

    `again` is the transform with its arguments, by which another process can make it from `f`.
    """

    def __init__(self, procedure: Procedure, f: Callable[..., Any], again: tuple[Callable[..., Any], tuple[Any, ...]], *,
                 floats: bool = True, stabilise: bool = True) -> None:  # fmt: skip
        self.procedure = procedure
        self.f = f
        self.again = again
        self.floats = floats  # single numbers come out as Python floats
        self.stabilise = stabilise
        self.rewrites: tuple[Rewrite, ...] = ()  # what was put into stable form when the function was last traced
        self.traces = 0  # how often the function was traced, for tests and the curious
        self._kept: OrderedDict[Any, list[Kept]] = OrderedDict()
        self._flat: dict[int, list[Kept]] = {}  # of these, for calls with so many floats and nothing else
        self._last: tuple[tuple[Any, ...], Kept] | None = None  # the one used last with nothing but arrays, and their kinds
        self._whole: tuple[Any, ...] | None = None  # the one used last with arrays and floats as one call, see `Kept.whole`
        self._into: tuple[Kept, Callable[..., Any]] | None = None  # the same for results that were written into arrays
        update_wrapper(self, f, assigned=("__name__", "__qualname__", "__doc__", "__module__"), updated=())

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if current() is not None:
            return self.procedure(*args, **settings)
        result = self._run(args, settings)
        for watcher in WATCHERS:
            watcher(self, args, settings, result)
        return result

    def into(self, out: Any, /, *args: Any, **settings: Any) -> Any:
        """The same call, with results written into arrays that you give: `step.into((None, slopes), x)`.

        `out` is built like the result, with None for what you want as a new value. The arrays may be arguments as well.
        """
        if current() is not None:
            raise refusal("Within a transform nothing is written into arrays.", hint="Call the function itself.")
        leaves, structure = flatten(out)
        if self._into and not settings and (result := self._at_once(args, leaves, structure, *self._into)) is not None:
            return result
        return filled(out, self._run(args, settings, (leaves, structure)))

    def _at_once(self, args: tuple[Any, ...], out: list[Any], structure: Any, kept: Kept, call: Callable[..., Any]) -> Any:
        """The result, written by machine code alone into arrays for all that are arrays; None where that is no way for these."""
        if structure != kept.form.structure or not kept.surroundings.unchanged():
            return None
        results = call(*args, *[one for one in out if one is not None])
        fits = results is not None and all(one is other for one, other in zip(results, out, strict=True) if other is not None)
        return kept.form.build(results) if fits else None

    def _run(self, args: tuple[Any, ...], settings: dict[str, Any], out: tuple[list[Any], Any] | None = None) -> Any:
        try:
            if self._whole and not settings and out is None:
                call, build, surroundings = self._whole
                if (surroundings is None or surroundings.unchanged()) and (results := call(*args)) is not None:
                    return build(results)
            last = self._last
            if last and not settings and out is None and (result := self._of_arrays(args, *last)) is not None:
                return result
            kinds = set(map(type, args))
            flat = not settings and out is None and kinds == FLOATS
            if flat and (result := self._of_floats(args, self._flat.get(len(args), ()), (args,))) is not None:
                return result
            plain = not settings and kinds <= LEAVES
            leaves, structure = (list(args), structure_of(len(args))) if plain else flatten((args, settings))
            if not plain and out is None and set(map(type, leaves)) == FLOATS:
                variants = self._kept.get((structure, (float,) * len(leaves)), ())
                if (result := self._of_floats(leaves, variants, None if settings else (args, structure))) is not None:
                    return result
            inputs, keys = read(leaves)
            key = None if keys is None else (structure, keys)
            variants = [] if key is None else self._kept.setdefault(key, [])
            if flat:
                self._flat[len(args)] = variants
            for kept in variants:
                if kept.surroundings.unchanged():
                    into = {} if out is None else offered(out[1], out[0], kept.form.structure, kept.form.plain, WIRE)
                    results = kept.program.run([one for one in inputs if one is not None], into)
                    if results is not None:
                        self._last = (keys, kept) if kinds == {np.ndarray} and plain else None
                        fits = results[1] and not settings and set(map(type, leaves)) <= LEAVES
                        self._whole = kept.whole(args, None if plain else structure) if fits else None
                        if fits and plain and out is not None and kept.form.computed:
                            into = kept.program.whole(kept.floats, None, into=True)
                            self._into = into and (kept, into)
                        return kept.form.given_back(results[0], kept.floats, fresh=results[1])
            variants[:] = [kept for kept in variants if kept.surroundings.unchanged()][-MOST_VARIANTS + 1 :]
            return self._traced(leaves, structure, inputs, variants if key is not None else None)
        except MemoryError as error:
            raise without_room(error) from None

    def _of_floats(self, leaves: Sequence[float], variants: Sequence[Kept], built: tuple[Any, ...] | None) -> Any:
        """The result where a function of floats computes it, without arrays on the way; None where there is none yet."""
        for kept in variants:
            call = kept.program.of_floats
            if call is not None and self.floats and kept.form.computed and kept.surroundings.unchanged():
                results = call(*leaves)
                if results is not None:
                    self._whole = built and kept.whole(*built)
                    return kept.form.build(results)
        return None

    def _of_arrays(self, args: tuple[Any, ...], kinds: tuple[Any, ...], kept: Kept) -> Any:
        """The result for arrays like those of the last call; None for others."""
        if len(args) != len(kinds):
            return None
        for one, (shape, dtype) in zip(args, kinds, strict=True):
            if type(one) is not np.ndarray or one.dtype is not dtype or one.shape != shape:
                return None
        if kept.surroundings.unchanged() and (results := kept.program.run(args)) is not None:
            self._whole = kept.whole(args) if results[1] else None
            return kept.form.given_back(results[0], kept.floats, fresh=results[1])
        return None

    @retraced
    def _traced(self, leaves: list[Any], structure: Any, inputs: list[Any], variants: list[Kept] | None) -> Any:
        self.traces += 1
        floats = self.floats or not any(isinstance(leaf, ARRAYS) for leaf in leaves)
        surroundings = Surroundings((self.f, *(leaf for leaf, one in zip(leaves, inputs, strict=True) if one is None)))
        with Trace(postpones=True).underway() as trace, np.errstate(all="ignore"):
            trace.copies |= surroundings.copies()
            stabiliser = trace.stable = Stabiliser(trace.graph) if self.stabilise else None
            args, settings = unflatten(structure, entered(trace, leaves, inputs, _names(self.f, structure)))
            result = unwrapped(self.procedure, args, settings)
            nodes, form = taken_apart(result)
            nodes = [trace.settled(node) for node in nodes]
            kept = Kept(Compiled(Program(trace, nodes)), form, surroundings, floats)
            self.rewrites = () if stabiliser is None else stabiliser.used(nodes)
            results = None
            if trace.waits(nodes):
                results = kept.program.run([one for one in inputs if one is not None])
            if results is None:
                results = [trace.number(node) for node in nodes], False
        if variants is not None and trace.repeatable and surroundings.keepable():
            variants.insert(0, kept)
            if len(self._kept) > MOST_SIGNATURES:
                self._kept.popitem(last=False)
                self._flat.clear()
        return form.given_back(results[0], floats, fresh=results[1])

    def explain_compile(self, *args: Any, **settings: Any) -> Any:
        """What machine code is made of the function for these arguments: kernels, memory, and the code itself.

        `str()` of it tells in words; `.llvm` and `.assembly` are the code. None where NumPy computes.
        """
        self(*args, **settings)
        leaves, structure = flatten((args, settings))
        inputs, keys = read(leaves)
        for kept in self._kept.get((structure, keys), []):
            if kept.surroundings.unchanged():
                return kept.program.explained([one for one in inputs if one is not None])
        return None

    def __repr__(self) -> str:
        return f"<{getattr(self.procedure, '__name__', 'transform')} of {getattr(self.f, '__name__', self.f)}>"

    def __reduce__(self) -> Any:
        """By its name where the name leads to it (a decorated function), else the transform of the function."""
        found: Any = sys.modules.get(self.__module__)
        path: str = getattr(self, "__qualname__", "")
        for name in path.split("."):
            found = getattr(found, name, None)
        return path if found is self else self.again

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As a method: the instance is the first argument."""
        if instance is None:
            return self
        return lambda *args, **settings: self(instance, *args, **settings)


def entered(trace: Trace, leaves: Sequence[Any], inputs: Sequence[Any], names: Sequence[str] | None = None) -> list[Any]:
    """The leaves as the function is to meet them: the inputs as traced arguments, the others as they are."""
    named = names or [f"input {place}" for place in range(len(leaves))]
    return [leaf if one is None else Traced(trace, trace.leaf(name, one), is_argument=True)
            for leaf, one, name in zip(leaves, inputs, named, strict=True)]  # fmt: skip


def _names(f: Callable[..., Any], structure: Any) -> list[str]:
    """How a reader would point at each leaf of (args, settings): x, or params['w']."""
    known = parameters(f)

    def named(kind: int, which: Any, *rest: Any) -> str:
        base = (known[which] if which < len(known) else f"argument {which}") if kind == 0 else str(which)
        return base + "".join(f"[{step!r}]" for step in rest)

    return [named(*path) for path in structure.paths()]


def unwrapped(procedure: Procedure, args: Any, settings: Any) -> Any:
    """Calls the procedure. NumPy wraps a letter from within `y[0] = x` in an error of its own; the letter says more."""
    try:
        return procedure(*args, **settings)
    except (TypeError, ValueError) as error:
        if isinstance(error.__cause__, ChalkgradError):
            raise error.__cause__ from None
        raise


def taken_apart(result: Any) -> tuple[list[int], Form]:
    """The wires of what a procedure returned, and how to put values in their place."""
    leaves, structure = flatten(result)
    nodes: list[int] = []
    plain: list[Any] = []
    for leaf in leaves:
        if isinstance(leaf, np.ndarray) and leaf.dtype == object:
            leaf = joined(leaf)
        if isinstance(leaf, Traced):
            nodes.append(traced(leaf).node)
            plain.append(WIRE)
        else:
            plain.append(leaf)
    return nodes, Form(structure, plain)


def _own(value: Any, floats: bool, fresh: bool = False) -> Any:
    if fresh and type(value) is np.ndarray and value.ndim:
        return value
    if isinstance(value, np.ndarray) and value.ndim:
        return value if fresh else np.array(value)
    value = value[()] if isinstance(value, np.ndarray) else value
    return float(value) if floats and isinstance(value, np.float64) else value


FLOATS = {float}
LEAVES = {float, np.ndarray}  # arguments that need not be taken apart
ARRAYS = (np.ndarray, np.generic)
USUAL = frozenset(map(np.dtype, "?bBhHiIlLefd"))


def read(leaves: Sequence[Any]) -> tuple[list[Any], Any]:
    """For each leaf the number that is an input of the trace, or None where it is part of the function; and a key of them all.

    Python floats are inputs, of the precision of the arrays beside them. Whole numbers, truths and everything else belong to the
    function, which may count or branch with them. The key is None where something cannot be compared.
    """
    inputs: list[Any] = []
    keys: list[Any] = []
    comparable = True
    kind = None
    for leaf in leaves:
        if type(leaf) is np.ndarray and leaf.dtype in USUAL:  # what the rest comes to, for most arguments
            inputs.append(leaf)
            keys.append((leaf.shape, leaf.dtype))
            continue
        if type(leaf) is float:
            kind = kind or _precision(leaves)
            inputs.append(kind(leaf))
            keys.append(float)
            continue
        if isinstance(leaf, Traced):
            leaf.usable()
        if isinstance(leaf, ARRAYS) and not isinstance(leaf, np.float64):
            if isinstance(leaf, np.ndarray) and leaf.dtype == object and not is_masked_array(leaf):
                raise refusal("An array of objects cannot be traced.", hint="Convert it to numbers before, with astype(float).")
            value = joined(leaf)
            inputs.append(value)
            keys.append((value.shape, value.dtype))
        elif isinstance(leaf, complex):
            joined(np.complex128(leaf))
        elif isinstance(leaf, float):
            inputs.append(leaf if isinstance(leaf, np.float64) else _precision(leaves)(leaf))
            keys.append(type(leaf))
        else:
            inputs.append(None)
            try:
                hash(leaf)
            except TypeError:
                comparable = False
            keys.append((type(leaf), leaf))
    return inputs, tuple(keys) if comparable else None


def _precision(leaves: Sequence[Any]) -> Any:
    """The type of Python's floats beside these: that of the arrays among them."""
    kinds = [leaf.dtype for leaf in leaves if isinstance(leaf, ARRAYS) and leaf.dtype.kind == "f"]
    return np.result_type(*kinds).type if kinds else np.float64
