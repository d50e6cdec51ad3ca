"""Read a formula: from text and values to a graph whose inputs have names and numbers.

>>> formula = read("f = (x + y)^2; y = 3", {"x": 2})
>>> formula.leaves, formula.given[formula.leaves["y"]], formula.graph.gate(formula.output)
({'x': 0, 'y': 1}, np.float64(3.0), <gate constant_power>)
>>> formula.span(formula.output)
(4, 13)
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalkgrad.errors import ChalkgradError, FormulaError, GivenError, ShapeError, Span, nearest, quote
from chalkgrad.gates.choice import TIES
from chalkgrad.graph.graph import Graph
from chalkgrad.reading.formula.automaton import parse
from chalkgrad.reading.formula.brackets import Layout, match_brackets
from chalkgrad.reading.formula.build import Builder, Products
from chalkgrad.reading.formula.order import name_several, put_in_order, quote_plain
from chalkgrad.reading.formula.scanning import scan
from chalkgrad.reading.formula.statements import Statement, divide
from chalkgrad.reading.formula.tokens import Tokens
from chalkgrad.reading.formula.twins import Twins
from chalkgrad.reading.formula.values import given_names, number
from chalkgrad.reading.formula.words import Words, look_up
from chalkgrad.reading.formula.writing import Writer
from chalkgrad.reading.problem import Place, Problem

_NAMES_OF_OUTPUTS = ("f", "g", "h", "F", "G", "H", "result", "output")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula(Problem):
    """A formula that has been read. `span(node)` tells where a wire stands in `source`."""

    source: str
    starts: "array[int]"
    stops: "array[int]"

    def span(self, node: int) -> Span | None:
        """The characters that a wire was read from; None for one that was added later."""
        return (self.starts[node], self.stops[node]) if 0 <= node < len(self.starts) else None

    def place(self, node: int) -> Place | None:
        """The line of the text that a wire was read from."""
        span = self.span(node)
        if span is None:
            return None
        start = self.source.rfind("\n", 0, span[0]) + 1
        return Place(self.source.count("\n", 0, span[0]) + 1, self.source[start:].partition("\n")[0].strip())


def read(text: str, values: Mapping[str, Any] | None = None, *, ties: str = "one", output: str | None = None,
         spare: bool = False, products: Products = "refused") -> Formula:  # fmt: skip
    """Read `text`, plain or LaTeX, of one statement or several.

    With `values`, every input must have one, here or in the text; None says that values come later. `ties` is the convention
    of max and min, `output` the definition to work out where several could be; `spare` allows values that nothing uses;
    `products` says what two arrays side by side are. Raises ChalkgradError for whatever does not fit.
    """
    if not isinstance(text, str):
        raise FormulaError(f"A formula is a text, not {quote(type(text).__name__)}.")
    if ties not in TIES:
        raise GivenError(f"{quote(str(ties))} is no convention for ties.", hint=f"There are {', '.join(TIES)}.")
    tokens, layout, statements, inputs = _looked_up(text, values)
    words = inputs.words
    ordered, chosen = put_in_order(tokens, statements, output)
    graph = Graph()
    nodes = inputs.enter(graph)
    builder = Builder(text, graph, ordered, dict(nodes), ties)
    builder.products = products
    for name in nodes:
        builder.starts.append(words.inputs[name][0])
        builder.stops.append(words.inputs[name][1])
    watched = max((place for place, one in enumerate(ordered, start=1) if one.unused), default=0)
    if watched:
        builder.twins = Twins(graph, builder.starts, builder.stops, watched)
    heads = {one.name: one.parameters for one in statements if one.parameters is not None}
    writer = Writer(tokens, layout, words.codes, words.readings, heads, builder.nodes, builder.defer)
    try:
        if ordered:
            parse(builder, writer.write(ordered), text)
    except ShapeError:
        # Where values are missing, shapes are not known, and the letter about the values comes first.
        inputs.check_missing()
        raise
    inputs.check_missing()
    if not spare:
        inputs.check_superfluous(bool(ordered))
    taken = {inputs.shown(name) for name in nodes} | {one.shown for one in statements if one.name}
    free = next((name for name in _NAMES_OF_OUTPUTS if name not in taken), "value")
    return Formula(
        source=text, graph=graph, output=chosen.node if chosen.literal is None else nodes[chosen.name],
        output_name=chosen.shown or free, leaves={inputs.shown(name): node for name, node in nodes.items()},
        defined={one.shown: builder.nodes[one.name] for one in ordered if one.name}, given=inputs.numbers,
        starts=builder.starts, stops=builder.stops,
    )  # fmt: skip


def inputs_of(text: str) -> dict[str, Any]:
    """The inputs of a formula in order of appearance: the value that the text itself gives, or None."""
    *_, inputs = _looked_up(text, None)
    nodes = inputs.enter(Graph())
    return {inputs.shown(name): inputs.numbers.get(node) for name, node in nodes.items()}


def _looked_up(text: str, values: Mapping[str, Any] | None) -> "tuple[Tokens, Layout, list[Statement], _Inputs]":
    tokens = scan(text)
    layout = match_brackets(tokens)
    statements = divide(tokens, layout)
    spelled = None if values is None else given_names(values)
    words = look_up(tokens, layout, statements, spelled)
    return tokens, layout, statements, _Inputs(tokens, statements, words, values, spelled or {})


class _Inputs:
    """The inputs of a formula: their names as shown, their values, and the letters where those do not match."""

    def __init__(
        self, tokens: Tokens, statements: list[Statement], words: Words, values: Mapping[str, Any] | None,
        spelled: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.tokens, self.words, self.spelled = tokens, words, spelled
        self.strict = values is not None
        self.statements = {one.name: one for one in statements if one.name}
        self.numbers: dict[int, Any] = {}
        self.values: dict[str, Any] = {}
        for name, spelling in spelled.items():
            if name in self.statements:
                raise self._twice(self.statements[name], spelling)
            self.values[name] = number(spelling, (values or {})[spelling])
        for one in statements:
            if one.literal is not None:
                try:
                    self.values[one.name] = number(one.shown, one.literal)
                except ChalkgradError as error:
                    raise error.located(tokens.source, (tokens.starts[one.first], tokens.stops[one.last - 1])) from None

    def shown(self, name: str) -> str:
        return self.spelled.get(name, name)

    def enter(self, graph: Graph) -> dict[str, int]:
        """Make the leaves, in order of appearance."""
        nodes = {}
        for name in self.words.inputs:
            value = self.values.get(name)
            node = nodes[name] = graph.leaf(self.shown(name), () if value is None else value.shape)
            if value is not None:
                self.numbers[node] = value
        return nodes

    def check_missing(self) -> None:
        missing = [name for name in self.words.inputs if name not in self.values] if self.strict else []
        if not missing:
            return
        first = missing[0]
        verb = "has" if len(missing) == 1 else "have"
        unused = [spelling for name, spelling in self.spelled.items() if name not in self.words.inputs]
        given = [self.shown(name) for name in self.values]
        hints = [f"Give {'it a value' if len(missing) == 1 else 'each a value'}, as in {quote_plain(first)}=2."]
        near = nearest(first, unused)
        stem = first.rstrip("0123456789")
        if stem != first and np.ndim(self.values.get(stem, 0)):
            hints = [f"If an entry of {stem} is meant, write {stem}[{first[len(stem) :]}]; entries count from 0."]
        elif 1 < len(first) < 6 and first.isalpha() and (not near or any(letter in self.values for letter in first)):
            hints.append(f"If a product is meant, write {'*'.join(first)}.")
        elif near:
            hints.append(f"Or did you mean {near[0]}, which is given but not used?")
        hints.append(f"Given: {name_several(given)}." if given else "No values were given.")
        error = GivenError(f"{name_several(missing)} {verb} no value.", source=self.tokens.source,
                           span=self.words.inputs[first], hint=" ".join(hints))  # fmt: skip
        error.missing = tuple(missing)
        raise error

    def check_superfluous(self, has_formula: bool) -> None:
        unused = [self.shown(name) for name in self.values if name not in self.words.inputs]
        if has_formula:
            used = self._used()
            unused += [name for name in self.words.inputs if name in self.statements and name not in used]
        if unused:
            known = [name for name in map(self.shown, self.words.inputs) if name not in unused]
            near = nearest(unused[0], known)
            hint = f"Did you mean {near[0]}? " if near else "Leave it out. " if len(unused) == 1 else "Leave them out. "
            hint += f"It has {name_several(known)}." if known else "It has no inputs."
            raise GivenError(f"A value was given for {name_several(unused)}, which the formula does not use.", hint=hint)

    def _used(self) -> set[str]:
        codes = set(self.words.codes)
        return {piece.key for code in codes if code >= 0 for piece in self.words.readings[code]}

    def _twice(self, statement: Statement, spelling: str) -> GivenError:
        what = "has a value in the formula" if statement.literal is not None else "is defined in the formula"
        return GivenError(f"{quote_plain(spelling)} {what}, and a value was given for it as well.", source=self.tokens.source,
                          span=self.tokens.span(statement.target), hint="Keep one of the two.")  # fmt: skip
