"""Slips with the chain rule: along a path gradients multiply, where paths meet they add."""

from collections.abc import Iterator
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from chalkgrad.handwork.mistakes.question import Mistake
from chalkgrad.handwork.mistakes.walk import Change, Edge, Pull, Walk, added, number

ADDED = Mistake(
    "added-instead-of-multiplied", "the chain rule was applied with a plus sign",
    "You added the upstream gradient {upstream} and the local gradient {local} of {of}; the chain rule multiplies:"
    " {upstream} · {local} = {right}.",
    "Along a path, the upstream gradient is multiplied by the local gradient.")  # fmt: skip
INNER = Mistake(
    "inner-derivative-forgotten", "the chain was stopped too early: a factor is missing",
    "The chain was stopped at {of}: its own local gradient with respect to {by}, {local}, is still to be multiplied (the inner"
    " derivative).",
    "The chain rule goes on to the variable itself: outer derivative times inner derivative.")  # fmt: skip
UPSTREAM = Mistake(
    "upstream-forgotten", "only a local gradient was given",
    "{local} is the local gradient of {of} with respect to {by}; it is still to be multiplied by the upstream gradient {upstream}.",
    "A local gradient becomes a gradient when it is multiplied by the upstream gradient.")  # fmt: skip
MINUS = Mistake(
    "minus-lost", "a sign is wrong",
    "The sign is wrong: a minus was lost at {of}; its local gradient with respect to {by} is {local}.",
    "A minus sign in a gate or in its rule stays in the derivative.")  # fmt: skip
SIGN = Mistake(
    "sign-turned", "a sign is wrong", "The number is right but for its sign: it is {right}.",
    "A sign is carried through every step.")  # fmt: skip
FORGOTTEN = Mistake(
    "fan-out-path-forgotten", "a path is missing",
    "{by} goes out on {count} ways, and the one through {of} was forgotten; at a fan-out the gradients add: {sum} = {right}.",
    "Where a wire goes to several gates, the gradients that come back add up.")  # fmt: skip
MULTIPLIED = Mistake(
    "fan-out-multiplied", "paths that meet were put together wrongly",
    "{by} goes out on {count} ways, and what comes back was multiplied; at a fan-out the gradients add: {sum} = {right}.",
    "Where a wire goes to several gates, the gradients that come back add up.")  # fmt: skip
OTHER_VARIABLE = Mistake(
    "wrong-variable", "this is the derivative by another variable",
    "This is the derivative by {other}; asked for is the one by {by}.",
    "The derivative by a variable takes all others as fixed.")  # fmt: skip
FOR_SLOPE = Mistake(
    "value-for-slope", "a value was given where a slope is asked for",
    "{claimed} is the value of {of}, not its slope with respect to {by}.",
    "The derivative tells how the value changes, not what it is.")  # fmt: skip
KEPT = Mistake(
    "constant-kept", "a term without the variable was kept",
    "{other} does not depend on {by}, so its derivative is 0; it was kept in the sum.",
    "The derivative of a constant is 0.")  # fmt: skip
SHARE = Mistake(
    "number-of-entries", "a factor that is the number of entries is wrong",
    "The mean divides by the number of its entries, {count}, and so does its gradient; that factor is missing.",
    "The gradient of a mean is 1/N of that of a sum.")  # fmt: skip
APART = Mistake(
    "parts-differentiated-apart", "the two parts of a product or quotient were differentiated each by itself",
    "In {of} each part was differentiated by itself: {first} and {second}; the rule for a {kind} has a term for each part,"
    " and gives {right}.",
    "(u·v)′ = u′·v + u·v′ and (u/v)′ = (u′·v − u·v′)/v².")  # fmt: skip
LINK = Mistake(
    "wrong-link-in-chain", "the factors of the chain do not fit together",
    "The chain through {of} goes on with the derivative of {of} by {by}, {local}; the one of the whole by {by} was put there.",
    "In df/dx = df/dq · dq/dx what stands below one stroke stands above the next.")  # fmt: skip
STRAIGHT = frozenset({"add", "subtract", "negative", "multiply", "sum", "mean"})  # gates outside of which nothing is "inner"


def changes(walk: Walk) -> Iterator[Change]:
    """The slips along paths and where they meet."""
    for edge in walk.edges:
        yield from _along(walk, edge)
    yield from _whole_steps(walk)
    yield from _apart(walk)
    yield from _terms(walk)
    for wire, ways in _fan_outs(walk).items():
        yield from _where_paths_meet(walk, wire, ways)


def changes_of_question(walk: Walk) -> Iterator[Change]:
    """The slips by which something else is answered than was asked."""
    by, right = walk.wrote(walk.denominator or 0), walk.gradient()
    yield from _kept(walk, by)
    yield Change(mistake=SIGN, wire=walk.numerator, words={"right": right}, end=np.negative)
    value = walk.values[walk.numerator]
    if np.shape(value) == np.shape(right):
        words = {"claimed": value, "of": walk.wrote(walk.numerator), "by": by}
        yield Change(mistake=FOR_SLOPE, wire=walk.numerator, words=words, end=lambda _: value)
    yield from _other_variables(walk, right, by)


def _words(walk: Walk, edge: Edge) -> dict[str, Any]:
    upstream, local = walk.upstream[edge[0]], walk.locals.get(edge, np.nan)
    return {"of": walk.wrote(edge[0]), "by": walk.wrote(walk.source(edge)), "upstream": upstream, "local": local,
            "right": walk.pulls[edge](upstream)}  # fmt: skip


def _terms(walk: Walk) -> Iterator[Change]:
    """A whole term of a sum left out, on however many ways it uses the variable."""
    by, right = walk.wrote(walk.denominator or 0), walk.gradient()
    for node, slot in walk.edges:
        if walk.gate((node, slot)).name not in ("add", "subtract") or (node, 1 - slot) not in walk.pulls:
            continue
        nothing: dict[Edge, Pull] = {(node, slot): walk.times((node, slot), 0.0)}
        rest = walk.gradient([Change(mistake=FORGOTTEN, wire=node, pulls=nothing)])
        parts = f"{number(rest)} + {number(right - rest)}"
        words = {"by": by, "count": "several", "of": walk.wrote(walk.source((node, slot))), "sum": parts, "right": right}
        yield Change(mistake=FORGOTTEN, wire=node, words=words, pulls=nothing)


def _along(walk: Walk, edge: Edge) -> Iterator[Change]:
    gate, words = walk.gate(edge), _words(walk, edge)
    if gate.name == "mean":
        count = np.size(walk.inputs(edge[0])[0])
        pull = walk.pulls[edge]
        yield Change(
            mistake=SHARE, wire=edge[0], words={"count": str(count)}, pulls={edge: lambda upstream: count * pull(upstream)}
        )
    if edge not in walk.locals:
        return
    local = walk.locals[edge]
    count = 0 if np.ndim(local) or not local or gate.name not in ("multiply", "divide") else abs(1 / local)
    if count in walk.counts:
        words_of_count = {"count": str(round(count))}
        yield Change(mistake=SHARE, wire=edge[0], words=words_of_count, pulls={edge: walk.times(edge, np.sign(local))})
    if edge[0] != walk.numerator and np.shape(local) == np.shape(walk.upstream[edge[0]]):
        yield Change(mistake=ADDED, wire=edge[0], words=words, pulls={edge: lambda upstream: upstream + local})
        yield Change(mistake=UPSTREAM, wire=edge[0], words=words, pulls={edge: lambda upstream: walk.times(edge, local)(1.0)})
    if not np.all(np.abs(local) == 1.0) and (not _has_coefficient(walk, edge) or _inside(walk, edge)):
        yield Change(mistake=INNER, wire=edge[0], words=words, pulls={edge: walk.times(edge, 1.0)})
    if _has_minus(walk, edge, local):
        yield Change(mistake=MINUS, wire=edge[0], words=words, pulls={edge: walk.times(edge, -local)})


def _has_minus(walk: Walk, edge: Edge, local: Any) -> bool:
    gate = walk.gate(edge)
    exponent = walk.graph.settings(edge[0]).get("exponent", 1.0)
    signed = gate.name in ("negative", "cos", "arccos", "reciprocal") or (gate.name in ("subtract", "divide") and edge[1] == 1)
    factor = walk.graph.gate(walk.graph.inputs(edge[0])[1 - edge[1]]) if gate.name == "multiply" else None
    signed = signed or (factor is not None and factor.name == "negative")
    return bool(signed or exponent < 0 or (_has_coefficient(walk, edge) and np.any(local < 0)))


def _inside(walk: Walk, edge: Edge) -> bool:
    """Whether the gate stands within another function, so that its slope is an inner derivative."""
    return any(other[0] > edge[0] and walk.gate(other).name not in STRAIGHT for other in walk.edges)


def _has_coefficient(walk: Walk, edge: Edge) -> bool:
    name = walk.gate(edge).name
    return (name == "multiply" or (name == "divide" and edge[1] == 0)) and walk.is_fixed(walk.graph.inputs(edge[0])[1 - edge[1]])


def _apart(walk: Walk) -> Iterator[Change]:
    """u'·v' for (u·v)', and u'/v' for (u/v)'."""
    by = walk.denominator
    assert by is not None
    reached = {by} | {edge[0] for edge in walk.edges}
    for node in sorted({edge[0] for edge in walk.edges}):
        gate, inputs = walk.graph.gate(node), walk.graph.inputs(node)
        if gate is None or gate.name not in ("multiply", "divide") or not set(inputs) <= reached or np.ndim(walk.upstream[node]):
            continue
        first, second, whole = (_between(walk, one) for one in (*inputs, node))
        if any(one is None or np.ndim(one) for one in (first, second, whole)):
            continue
        with np.errstate(all="ignore"):
            other = first * second if gate.name == "multiply" else first / second
        kind = "product" if gate.name == "multiply" else "quotient"
        words = {"of": walk.wrote(node), "first": first, "second": second, "kind": kind, "right": whole}
        rest = walk.upstream[by] - walk.upstream[node] * whole
        yield Change(mistake=APART, wire=node, words=words, end=_always(rest + walk.upstream[node] * other))


def _whole_steps(walk: Walk) -> Iterator[Change]:
    """The same along whole steps: q = 3x² + x is one step for whoever wrote it."""
    by = walk.denominator
    assert by is not None
    for wire in sorted({edge[0] for edge in walk.edges}, key=lambda one: (one not in walk.names, one)):
        if wire == walk.numerator or np.ndim(walk.upstream[wire]):
            continue
        inner = _between(walk, wire)
        if inner is None or np.ndim(inner):
            continue
        upstream, right = walk.upstream[wire], walk.upstream[by]
        rest = right - upstream * inner
        words = {"of": walk.wrote(wire), "by": walk.wrote(by), "upstream": upstream, "local": inner, "right": upstream * inner}
        for mistake, result in ((ADDED, upstream + inner), (UPSTREAM, inner), (INNER, upstream), (LINK, upstream * right)):
            yield Change(mistake=mistake, wire=wire, words=words, end=_always(rest + result))


def _between(walk: Walk, wire: int) -> Any:
    """How the named wire changes with the denominator."""
    parts: dict[int, Any] = {wire: np.float64(1.0)}
    for edge in walk.edges:
        if edge[0] in parts:
            source, piece = walk.source(edge), walk.pulls[edge](parts[edge[0]])
            parts[source] = parts[source] + piece if source in parts else piece
    return parts.get(walk.denominator or 0)


def _always(value: Any) -> Any:
    return lambda _: value


def _fan_outs(walk: Walk) -> dict[int, list[Edge]]:
    ways: dict[int, list[Edge]] = {}
    for edge in walk.edges:
        ways.setdefault(walk.source(edge), []).append(edge)
    return {wire: edges for wire, edges in ways.items() if len(edges) > 1}


def _where_paths_meet(walk: Walk, wire: int, ways: list[Edge]) -> Iterator[Change]:
    parts = [walk.pulls[edge](walk.upstream[edge[0]]) for edge in ways]
    words = {"by": walk.wrote(wire), "count": str(len(ways)), "right": walk.upstream[wire],
             "sum": " + ".join(f"({one})" if one.startswith("−") else one for one in map(number, parts))}  # fmt: skip
    for place, edge in enumerate(ways):
        through = {**words, "of": walk.wrote(edge[0]) + " itself" * (edge[0] == walk.numerator)}
        yield Change(mistake=FORGOTTEN, wire=wire, words=through, joins={wire: partial(_without, place)})
    if len(ways) > 2:
        for place, edge in enumerate(ways):
            yield Change(mistake=FORGOTTEN, wire=wire, words={**words, "of": f"any other gate than {walk.wrote(edge[0])}"},
                         joins={wire: itemgetter(place)})  # fmt: skip
    if len({np.shape(one) for one in parts}) == 1:
        yield Change(mistake=MULTIPLIED, wire=wire, words=words, joins={wire: lambda parts: np.prod(np.stack(parts), axis=0)})


def _without(place: int, parts: list[Any]) -> Any:
    return added([one for at, one in enumerate(parts) if at != place])


def _other_variables(walk: Walk, right: Any, by: str) -> Iterator[Change]:
    for wire, name in sorted(walk.names.items()):
        if wire in (walk.denominator, walk.numerator) or wire > walk.numerator or walk.graph.shape(wire) != np.shape(right):
            continue
        slope = walk.by(wire)
        if slope is not None:
            yield Change(mistake=OTHER_VARIABLE, wire=wire, words={"other": name, "by": by}, end=_always(slope))


def _kept(walk: Walk, by: str) -> Iterator[Change]:
    reached = {walk.denominator} | {edge[0] for edge in walk.edges}
    for node in {edge[0] for edge in walk.edges}:
        gate = walk.graph.gate(node)
        if gate is None or gate.name not in ("add", "subtract") or np.ndim(walk.upstream.get(node, 0.0)):
            continue
        for slot, other in enumerate(walk.graph.inputs(node)):
            if other in reached or np.ndim(walk.values[other]):
                continue
            sign = -1.0 if gate.name == "subtract" and slot else 1.0
            for kept in (walk.values[other], 1.0):
                extra = sign * walk.upstream[node] * kept
                words = {"other": walk.wrote(other), "by": by}
                yield Change(mistake=KEPT, wire=other, words=words, end=partial(np.add, extra))
