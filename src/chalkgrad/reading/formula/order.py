"""Which definition is the output, and in which order definitions are built: each after those that it uses.

Definitions that nothing uses come first, since a later expression may spell them out (see `twins`); among them the shortest first.

Every walk is a loop, so a chain of a hundred thousand definitions is an ordinary one.
"""

from chalkgrad.errors import FormulaError, GivenError, Span, nearest, quote
from chalkgrad.reading.formula.names import normalised
from chalkgrad.reading.formula.statements import Statement
from chalkgrad.reading.formula.tokens import Tokens

_MOST_NAMED = 8


def put_in_order(tokens: Tokens, statements: list[Statement], output: str | None) -> tuple[list[Statement], Statement]:
    """The statements that are no values, in an order of evaluation, and the output among them."""
    built = [statement for statement in statements if statement.literal is None]
    if not built:
        if len(statements) > 1:
            raise FormulaError("There are values here, but no formula.", source=tokens.source, span=tokens.span(0),
                               hint="Add what is to be worked out, such as f = x*y.")  # fmt: skip
        return [], statements[0]
    by_name = {statement.name: statement for statement in built}
    used = {name for statement in built for name in statement.needs}
    unused = [statement for statement in built if statement.name not in used or not statement.name]
    chosen = _named_output(statements, output) if output is not None else _output(tokens, built, unused)
    for statement in unused:
        statement.unused = statement is not chosen
    roots = sorted((one for one in unused if one.unused), key=lambda one: one.last - one.first)
    ordered = _depth_first(tokens, [*roots, chosen, *built], by_name)
    return ordered, chosen


def name_several(names: list[str]) -> str:
    """x, y and z; of many names only the first."""
    shown = list(map(quote_plain, names[:_MOST_NAMED]))
    if len(names) > _MOST_NAMED:
        return f"{', '.join(shown)} and {len(names) - _MOST_NAMED:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def quote_plain(name: str) -> str:
    """A name in a sentence, short enough for it."""
    return quote(name)[1:-1]


def _named_output(statements: list[Statement], output: str) -> Statement:
    wanted = normalised(output)
    names = {statement.name: statement for statement in statements if statement.name}
    if wanted not in names:
        near = nearest(output, [statement.shown for statement in names.values()])
        defined = name_several([statement.shown for statement in names.values()]) or "nothing by name"
        raise GivenError(f"The formula defines no {quote(output)} to work out.",
                         hint=f"Did you mean {near[0]}?" if near else f"It defines {defined}.")  # fmt: skip
    return names[wanted]


def _output(tokens: Tokens, built: list[Statement], unused: list[Statement]) -> Statement:
    if len(unused) == 1:
        return unused[0]
    called_f = [one for one in unused if one.name == "f"]
    bare = [one for one in unused if not one.name]
    if len(called_f) + len(bare) == 1:
        return (called_f or bare)[0]
    if bare:
        raise FormulaError("There are two outputs: f, and the expression without a name.", source=tokens.source,
                           span=_extent(tokens, bare[0]), hint="Leave one of them out, or use f in the other.")  # fmt: skip
    if not unused:
        return built[0]  # a cycle, which the walk will find
    names = name_several([one.shown for one in unused])
    raise FormulaError(f"Which of them is the result: {names}? Nothing uses them.", source=tokens.source,
                       span=tokens.span(unused[-1].target),
                       hint=f"Call the result f, or choose it: output={unused[-1].shown!r} in Python,"
                            f" --output {unused[-1].shown} on the command line.")  # fmt: skip


def _depth_first(tokens: Tokens, roots: list[Statement], by_name: dict[str, Statement]) -> list[Statement]:
    """Every statement after those it needs. Raises FormulaError where definitions go in a circle."""
    ordered: list[Statement] = []
    done: set[int] = set()
    open_: dict[int, Statement] = {}  # the way from the root, in order
    for root in roots:
        stack = [(root, iter(root.needs))] if id(root) not in done else []
        while stack:
            statement, needs = stack[-1]
            open_[id(statement)] = statement
            needed = next((by_name[name] for name in needs if name in by_name and id(by_name[name]) not in done), None)
            if needed is None:
                stack.pop()
                del open_[id(statement)]
                done.add(id(statement))
                ordered.append(statement)
            elif id(needed) in open_:
                raise _circle(tokens, list(open_.values()), needed)
            else:
                stack.append((needed, iter(needed.needs)))
    return ordered


def _circle(tokens: Tokens, way: list[Statement], again: Statement) -> FormulaError:
    circle = way[next(place for place, one in enumerate(way) if one is again) :]
    span = tokens.span(again.target)
    if len(circle) == 1:
        return FormulaError(f"{quote(again.shown)} is defined by itself.", source=tokens.source, span=span,
                            hint="Give the new value a name of its own.")  # fmt: skip
    names = [one.shown for one in (*circle, again)]
    if len(names) > _MOST_NAMED:
        names = [*names[: _MOST_NAMED // 2], "…", *names[-2:]]
    what = f"These definitions go in a circle: {' needs '.join(map(quote_plain, names))}."
    return FormulaError(what, source=tokens.source, span=span, hint="One of them must be made of other names, or be given a value.")


def _extent(tokens: Tokens, statement: Statement) -> Span:
    return tokens.starts[statement.first], tokens.stops[statement.last - 1]
