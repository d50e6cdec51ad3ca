"""A function of plain NumPy code, read for its worked solution: what it does with these arguments, in its own names.

The function runs once. Its arguments and the arrays that it reads from outside are the inputs; a variable names the wire of its
value, and where it is given several values in turn, they are numbered.

    >>> import numpy as np
    >>> def area(r):
    ...     square = r * r
    ...     return np.pi * square
    >>> problem = read_function(area, (2.0,), {})
    >>> problem.output_name, list(problem.leaves), list(problem.defined)
    ('area', ['r'], ['square'])
"""

import inspect
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError
from chalkgrad.graph.graph import exchanged
from chalkgrad.reading.problem import OUTSIDE, Problem
from chalkgrad.reading.trace.letters import LOCATED, TraceError, refusal
from chalkgrad.reading.trace.lifting import joined
from chalkgrad.reading.trace.numbers import NUMBERS
from chalkgrad.reading.trace.program import compact
from chalkgrad.reading.trace.scipys import retraced
from chalkgrad.reading.trace.session import current
from chalkgrad.reading.trace.traced import Traced
from chalkgrad.reading.trace.watching import Decision, WatchedTrace
from chalkgrad.transform.api.arguments import Argnames, Argnums, called, number_of
from chalkgrad.transform.api.pytrees import flatten, unflatten
from chalkgrad.transform.api.staged import read, unwrapped

Function = Callable[..., Any]

RESULTS = ("f", "g", "h", "F", "G", "H", "result", "output")
NO_FLOATS = {"i": "whole numbers", "u": "whole numbers", "b": "conditions"}
MOST_BRANCHES = 20


@retraced
def read_function(f: Function, args: Sequence[Any], settings: Mapping[str, Any]) -> Problem:
    """Run `f` once and write down what it does. Raises ChalkgradError, with the line of the function, for whatever cannot be."""
    if current() is not None:
        raise refusal("A function cannot be worked while another one is traced.", hint="Call work from outside.")
    bound = arguments_of(f, args, settings)
    leaves, structure = flatten(tuple(bound.values()))
    accessors = structure.accessors()
    owners = [list(bound)[one[0].entry] for one in accessors]
    names = [one[1:].codify(owner) for one, owner in zip(accessors, owners, strict=True)]
    inputs, _ = read(leaves)
    if not any(one is not None and np.result_type(one).kind == "f" for one in inputs):
        raise GivenError(
            f"{called(f)} is given no floats, so there is nothing to differentiate by.",
            hint="Pass floats, 3.0 for 3, and arrays of floats for lists: np.array([1.0, 2.0]).",
        )
    with WatchedTrace().underway() as trace, np.errstate(all="ignore"):
        filled = [leaf if one is None else Traced(trace, trace.leaf(name, one), is_argument=True)
                  for leaf, one, name in zip(leaves, inputs, names, strict=True)]  # fmt: skip
        again, keywords = _rebound(f, args, settings, dict(zip(bound, unflatten(structure, filled), strict=True)))
        result = _result(f, _run(trace, f, again, keywords), trace)
        if not trace.graph.is_constant(result.node) or trace.guards:
            return _problem(f, trace, result.node, list(zip(owners, names, inputs, strict=True)))
    raise refusal(
        f"{called(f)} does not depend on its arguments: nothing that happens to {', '.join(bound) or 'them'} reaches its result.",
        hint="Did a step turn it into plain numbers?",
    )


def arguments_of(f: Function, args: Sequence[Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by the names of the function's parameters."""
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        names = ["x", "y", "z"] if len(args) <= 3 else [f"x{place}" for place in range(len(args))]
        return {**dict(zip(names, args, strict=False)), **settings}
    try:
        return dict(signature.bind(*args, **settings).arguments)
    except TypeError as error:
        raise GivenError(f"{called(f)} cannot be called so: {error}.", hint=f"It is {called(f)}{signature}.") from None


def chosen_names(f: Function, args: Sequence[Any], settings: Mapping[str, Any], argnums: Argnums | None,
                 argnames: Argnames | None) -> tuple[str, ...]:  # fmt: skip
    """The parameters that argnums and argnames mean."""
    numbers = () if argnums is None else (argnums,) if isinstance(argnums, int) else tuple(argnums)
    wanted = () if argnames is None else (argnames,) if isinstance(argnames, str) else tuple(argnames)
    known = list(arguments_of(f, args, settings))
    return (*(known[number_of(f, one, len(args))] for one in numbers), *wanted)


def _rebound(f: Function, args: Sequence[Any], settings: Mapping[str, Any], held: Mapping[str, Any]) -> tuple[Any, Any]:
    """The arguments as the function takes them, by position and by name."""
    try:
        bound = inspect.signature(f).bind(*args, **settings)
    except (TypeError, ValueError):
        return [held[name] for name in held if name not in settings], {name: held[name] for name in settings}
    bound.arguments.update(held)
    return bound.args, bound.kwargs


def _run(trace: WatchedTrace, f: Function, args: Any, settings: Any) -> Any:
    trace.begin()
    try:
        return unwrapped(f, args, settings)
    finally:
        trace.end()


def _result(f: Function, value: Any, trace: WatchedTrace) -> Traced:
    def returned(what: str, hint: str = "") -> TraceError:
        letter = TraceError(f"{called(f)} returned {what}.", hint=hint)
        return letter if trace.returned is None else letter.located(*trace.returned)

    if value is None:
        raise returned("nothing", "Is there a `return` at its end?")
    if isinstance(value, tuple | dict) or (isinstance(value, list) and not _is_array(value)):
        raise returned(f"a {type(value).__name__}; a solution is of one value",
                       "Wrap it: lambda *args: f(*args)[0] works the first part.")  # fmt: skip
    with LOCATED:
        settled = joined(value)
    if not isinstance(settled, Traced):
        settled = Traced(trace, trace.constant(settled))
    if settled.dtype.kind != "f":
        raise returned(f"{NO_FLOATS.get(settled.dtype.kind, 'no floats')}, which have no slope")
    return settled


def _is_array(values: list[Any]) -> bool:
    return all(isinstance(one, Traced | int | float | np.generic) for one in values)


def _problem(f: Function, trace: WatchedTrace, output: int, arguments: list[tuple[str, str, Any]]) -> Problem:
    """The finished trace as a problem; the arrays read from outside become inputs of it."""
    graph, moved = compact(trace.graph, [output])
    entered = iter(trace.graph.leaves())
    leaves, given, fixed = {}, {}, {}
    groups: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for owner, name, value in arguments:
        if value is not None:
            kind = np.result_type(value).kind
            node = leaves[name] = moved[next(entered)]
            given[node] = value
        else:
            kind = "i"
        if kind != "f":
            fixed[name] = f"holds {NO_FLOATS.get(kind, 'no floats')}"
        groups[owner] += (name,)
    taken = set(leaves)
    outside = {moved[node]: node for node in trace.outside if moved[node] >= 0}
    if outside:
        graph = exchanged(graph, {new: trace.outside[old] for new, old in outside.items()})
        for new, old in outside.items():
            name = _free(trace.outside[old], taken)
            taken.add(name)
            leaves[name], fixed[name], given[new] = new, OUTSIDE, trace.values[old]
    nodes = {old: moved[old] for old in range(len(trace.graph)) if moved[old] >= 0}
    held = set(leaves.values())
    spoken = {nodes[old]: name for old, name in trace.names.items() if old in nodes and nodes[old] not in held}
    own = spoken.get(nodes[output])
    last = _free(_title(f, taken) if own is None or own.depth or own.name in taken else own.name, taken)
    defined = _numbered({node: one.name for node, one in spoken.items() if node != nodes[output]}, taken | {last})
    return Problem(
        kind="function",
        graph=graph,
        output=nodes[output],
        output_name=last,
        leaves=leaves,
        defined=defined,
        given=given,
        fixed=fixed,
        groups=groups,
        places={nodes[old]: place for old, place in trace.places.items() if old in nodes},
        branches=tuple(branches(trace.decisions)),
        space=NUMBERS,
    )


def _title(f: Function, taken: Iterable[str]) -> str:
    """The function's own name, where it has one."""
    name = called(f)
    return name if name.isidentifier() else next(one for one in RESULTS if one not in taken)


def _numbered(spoken: Mapping[int, str], taken: Iterable[str]) -> dict[str, int]:
    """Each wire by a name of its own: what is named once keeps its name, h for several becomes h1, h2, …"""
    bearers: dict[str, list[int]] = defaultdict(list)
    for node in sorted(spoken):
        bearers[spoken[node]].append(node)
    used = {*taken, *bearers}
    found: dict[str, int] = {}
    for name, nodes in bearers.items():
        if len(nodes) == 1 and name not in taken:
            found[name] = nodes[0]
            continue
        for number, node in enumerate(nodes, start=1):
            own = _free(f"{name}_{number}" if name[-1].isdigit() else f"{name}{number}", used)
            used.add(own)
            found[own] = node
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, with as many primes as make it one of its own."""
    return next(one for one in (name + "'" * primes for primes in itertools.count()) if one not in taken)


def branches(decisions: Sequence[Decision]) -> list[str]:
    """One sentence for each place where a value decided what happened next, with the answers in turn."""
    places: dict[Any, list[Decision]] = defaultdict(list)
    for one in decisions:
        places[one.place, one.condition, one.kind].append(one)
    told = [_told(several) for several in places.values()]
    return told if len(told) <= MOST_BRANCHES else [*told[:MOST_BRANCHES], f"{len(told) - MOST_BRANCHES} more."]


def _told(several: Sequence[Decision]) -> str:
    first = several[0]
    where = "" if first.place is None else f"Line {first.place.line}: "
    what = first.condition or "a condition"
    if first.kind == "bool":
        runs = [(answer, len(list(group))) for answer, group in itertools.groupby(one.answer for one in several)]
        times = ", then ".join(_times("true" if answer else "false", count) for answer, count in runs[:4])
        said = f"{what} was {times}{', …' if len(runs) > 4 else ''}"
    elif first.kind == "int":
        said = f"{what} used the whole number {', '.join(str(one.answer) for one in several[:4])}"
    else:
        mask = first.answer
        said = f"{what} depends on which entries a condition holds for: {int(np.sum(mask))} of {mask.size}"
    return f"{where}{said}. The gradient is that of the way taken."


def _times(answer: str, count: int) -> str:
    return answer if count == 1 else f"{answer} {count} times"
