"""From what the grammar recognises to gates: one method for each rule, called while the text is parsed.

A value on the parser's stack is a tuple (node, start, stop), so a million of them are no burden. A node below zero is a literal
that is not in the graph yet, for `x^2` needs no wire for its 2, and `[1, 2, 3]` is one constant rather than a stack of three.
"""

from array import array
from typing import Any, Literal, NamedTuple

import numpy as np

from chalkgrad.errors import ChalkgradError, FormulaError, GateError, Span, TooLargeError
from chalkgrad.gates import GATES
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import CONSTANT, LARGEST_RANK, Graph
from chalkgrad.graph.look import literal
from chalkgrad.graph.shapes import show
from chalkgrad.reading.formula.calls import Argument, Setting, plan_call
from chalkgrad.reading.formula.functions import LOGICAL, TESTS
from chalkgrad.reading.formula.statements import Statement
from chalkgrad.reading.formula.twins import Twins
from chalkgrad.reading.formula.vocabulary import CONSTANTS
from chalkgrad.reading.formula.writing import BRACKET_AFTER_NAME, Token

Value = tuple[int, int, int]


class Condition(NamedTuple):
    """A comparison: a wire, but not a number."""

    node: int
    at: Span


ADD, SUBTRACT, MULTIPLY, DIVIDE = (GATES[name] for name in ("add", "subtract", "multiply", "divide"))
NEGATIVE, POWER, CONSTANT_POWER, EXP = (GATES[name] for name in ("negative", "power", "constant_power", "exp"))
SQRT, CBRT, MATMUL, ABSOLUTE, STACK, INDEX, TRANSPOSE, RESHAPE = (
    GATES[name] for name in ("sqrt", "cbrt", "matmul", "absolute", "stack", "index", "transpose", "reshape")
)
# What a product of two arrays means: refused without a sign; Wx the matrix product, and uv of two vectors entry by entry or the
# dot product; or the same also where a star stands.
Products = Literal["refused", "entries", "dots", "stars"]
COMPARISONS = {sign: gate for gate in GATES.values() for sign in gate.reads if sign in ("<", ">", "<=", ">=", "==", "!=")}
_HINTS = {
    "stack": "The entries of a list are alike: all numbers, or all lists of the same length.",
    "index": "A single number has no entries; for a product, write *.",
    "reshape": "The sizes, multiplied, are the number of entries.",
}


class Builder:
    """The rules of the grammar, building the `statements` of `source` into `graph`.

    `nodes` knows the inputs by name and learns the definitions.
    """

    def __init__(
        self, source: str, graph: Graph, statements: list[Statement], nodes: dict[str, int], ties: str, twins: Twins | None = None
    ) -> None:
        self.source, self.graph, self.statements, self.nodes = source, graph, statements, nodes
        self.ties, self.twins = ties, twins
        self.products: Products = "refused"
        self.starts, self.stops = array("i"), array("i")  # where each node stands in the text
        self.literals: list[Any] = []  # the literal -1 is literals[0], and so on

    def defer(self, value: Any) -> int:
        """The node of a literal: a number, an array, or the name of a constant. It enters the graph where it is used as a wire."""
        self.literals.append(value)
        return -len(self.literals)

    def literal(self, value: Value) -> Any:
        """The literal that a value is, or None where it is a wire."""
        return self.literals[-1 - value[0]] if value[0] < 0 else None

    def number(self, value: Value) -> float | np.ndarray | None:
        """The number or array that a value is literally, or None."""
        literal = self.literal(value)
        if isinstance(literal, str):
            return CONSTANTS[literal]
        return literal if isinstance(literal, float | np.ndarray) else None

    def wire(self, value: Value) -> int:
        """The wire of a value. Raises FormulaError where it is a comparison, which is no number."""
        node, start, stop = value[:3]
        if node >= 0:
            return node
        literal = self.literals[-1 - node]
        if isinstance(literal, Condition):
            raise FormulaError("A comparison is not a number.", source=self.source, span=literal.at,
                               hint="Choose by it: where(x > 0, a, b).")  # fmt: skip
        node = self.graph.constant(CONSTANTS[literal] if isinstance(literal, str) else literal)
        self.starts.append(start)
        self.stops.append(stop)
        return node if self.twins is None else self.twins.settle(node)

    def gate(self, gate: Gate, inputs: tuple[int, ...], at: Span, start: int, stop: int, **params: Any) -> Value:
        """Append a gate that stands from `start` to `stop`; where it does not fit, the caret goes to `at`."""
        try:
            node = self.graph.add(gate, *inputs, **params)
        except ChalkgradError as error:
            error.hint = error.hint or _HINTS.get(gate.name, "")
            raise error.located(self.source, at) from None
        except (TypeError, ValueError, IndexError, RuntimeError):
            # The rules of shape trust the settings that code gives them; these were typed.
            raise GateError(f"These settings do not suit {gate.name}.", source=self.source, span=at,
                            hint=f"It has {', '.join(gate.params)}, by default {', '.join(map(literal, gate.params.values()))}.",
                            ) from None  # fmt: skip
        self.starts.append(start)
        self.stops.append(stop)
        return node if self.twins is None else self.twins.settle(node), start, stop

    # Statements.

    def define(self, children: list[Any]) -> None:
        named, value, _ = children
        node = self.wire(value)
        statement = self.statements[named[0]]
        statement.node = node
        if self.twins is not None:
            self.twins.defined(node, unused=statement.unused)
        if statement.name:
            self.nodes[statement.name] = node
            if self.graph.codes[node] < CONSTANT:
                self.graph.names.setdefault(node, statement.shown)

    def defined(self, children: list[Any]) -> None:
        pass

    # Operators.

    def add(self, children: list[Any]) -> Value:
        return self._infix(ADD, children)

    def subtract(self, children: list[Any]) -> Value:
        return self._infix(SUBTRACT, children)

    def multiply(self, children: list[Any]) -> Value:
        return self.times(children) if self.products == "stars" else self._infix(MULTIPLY, children)

    def divide(self, children: list[Any]) -> Value:
        return self._infix(DIVIDE, children)

    def matmul(self, children: list[Any]) -> Value:
        return self._infix(MATMUL, children)

    def _infix(self, gate: Gate, children: list[Any]) -> Value:
        left, sign, right = children
        a = left[0] if left[0] >= 0 else self.wire(left)
        b = right[0] if right[0] >= 0 else self.wire(right)
        return self.gate(gate, (a, b), (sign[1], sign[2]), left[1], right[2])

    def times(self, children: list[Any]) -> Value:
        """A product written with a dot or with nothing, which between two arrays could mean two things."""
        left, sign, right = children
        a = left[0] if left[0] >= 0 else self.wire(left)
        b = right[0] if right[0] >= 0 else self.wire(right)
        at = (sign[1], sign[2]) if sign[1] < sign[2] else (left[1], right[2])
        shapes = self.graph.shape_codes
        if shapes[a]:
            if sign[0] == BRACKET_AFTER_NAME:
                raise FormulaError("An index is made of whole numbers.", source=self.source, span=(right[1], right[2]),
                                   hint="Entries count from 0: s[0], s[1:3], A[:, 0]. For a product, write *.")  # fmt: skip
            if shapes[b]:
                return self._arrays(a, b, at, left[1], right[2])
        return self.gate(MULTIPLY, (a, b), at, left[1], right[2])

    def _arrays(self, a: int, b: int, at: Span, start: int, stop: int) -> Value:
        """wᵀx has one reading only, and where people write about matrices Wx has."""
        first, second = self.graph.shape(a), self.graph.shape(b)
        transposed, dots = self.graph.gate(a) is TRANSPOSE, self.products in ("dots", "stars")
        if dots and not transposed and self.graph.gate(b) is TRANSPOSE and len(first) == len(second) == 1:
            column, *_ = self.gate(RESHAPE, (a,), at, start, stop, shape=(*first, 1))
            return self.gate(MULTIPLY, (column, b), at, start, stop)
        if transposed or dots or (self.products != "refused" and 2 in (len(first), len(second))):
            return self.gate(MATMUL, (a, b), at, start, stop)
        if self.products == "entries":
            return self.gate(MULTIPLY, (a, b), at, start, stop)
        what = f"A product of two arrays, here {show(first)} and {show(second)}, can be read in two ways."
        hint = "Write a @ b for the dot or matrix product, a * b entry by entry."
        raise FormulaError(what, source=self.source, span=at, hint=hint)

    def power(self, children: list[Any]) -> Value:
        base, sign, exponent = children
        at, start, stop = (sign[1], sign[2]), base[1], exponent[2]
        named = self.literal(base)
        if isinstance(named, str) and named == "e":
            return self.gate(EXP, (self.wire(exponent),), at, start, stop)
        fixed = self.number(exponent)
        if isinstance(fixed, float) and np.isfinite(fixed):
            return self.gate(CONSTANT_POWER, (self.wire(base),), at, start, stop, exponent=fixed)
        return self.gate(POWER, (self.wire(base), self.wire(exponent)), at, start, stop)

    def negative(self, children: list[Any]) -> Value:
        sign, value = children
        literal = self.literal(value)
        if isinstance(literal, float) and self.source[value[1]] not in "([{-−–—":
            return self.defer(-literal), sign[1], value[2]
        return self.gate(NEGATIVE, (self.wire(value),), (sign[1], sign[2]), sign[1], value[2])

    def positive(self, children: list[Any]) -> Value:
        sign, value = children
        if self.literal(value) is None or isinstance(self.literal(value), Condition):
            return self.wire(value), sign[1], value[2]
        return value[0], sign[1], value[2]

    def compare(self, children: list[Any]) -> Value:
        left, sign, right = children
        at = (sign[1], sign[2])
        node, start, stop = self.gate(COMPARISONS[sign[0]], (self.wire(left), self.wire(right)), at, left[1], right[2])
        return self.defer(Condition(node, at)), start, stop

    # Operands.

    def group(self, children: list[Any]) -> Value:
        return children[1][0], children[0][1], children[2][2]

    def absolute(self, children: list[Any]) -> Value:
        opened, value, closed = children
        return self.gate(ABSOLUTE, (self.wire(value),), (opened[1], closed[2]), opened[1], closed[2])

    def fraction(self, children: list[Any]) -> Value:
        sign, top, bottom, end = children[0], children[2], children[5], children[6]
        return self.gate(DIVIDE, (self.wire(top), self.wire(bottom)), (sign[1], sign[2]), sign[1], end[2])

    def root(self, children: list[Any]) -> Value:
        sign, degree, value, end = children[0], children[2], children[5], children[6]
        at, start, stop = (sign[1], sign[2]), sign[1], end[2]
        fixed = self.number(degree)
        if isinstance(fixed, float) and fixed == 2:
            return self.gate(SQRT, (self.wire(value),), at, start, stop)
        if isinstance(fixed, float) and fixed == 3:
            return self.gate(CBRT, (self.wire(value),), at, start, stop)
        if isinstance(fixed, float) and fixed:
            return self.gate(CONSTANT_POWER, (self.wire(value),), at, start, stop, exponent=1 / fixed)
        one = self.wire((self.defer(1.0), sign[1], sign[2]))
        exponent, *_ = self.gate(DIVIDE, (one, self.wire(degree)), at, start, stop)
        return self.gate(POWER, (self.wire(value), exponent), at, start, stop)

    def index(self, children: list[Any]) -> Value:
        value, entries = children
        return self.gate(INDEX, (self.wire(value),), (entries[1], entries[2]), value[1], entries[2], index=entries[0])

    def transpose(self, children: list[Any]) -> Value:
        value, sign = children
        node, at = self.wire(value), (sign[1], sign[2])
        if sign[0] == "T" and not self.graph.shape_codes[node]:
            raise FormulaError("T has no value, and a single number is not transposed.", source=self.source, span=at,
                               hint="Give T a value, or write A^T for an array A.")  # fmt: skip
        return self.gate(TRANSPOSE, (node,), at, value[1], sign[2])

    def vector(self, children: list[Any]) -> Value:
        """A list: a constant where all entries are literals, otherwise a stack."""
        opened, entries, closed = children
        start, stop = opened[1], closed[2]
        literals = [self.number(entry) for entry in entries]
        if not any(literal is None for literal in literals):
            shapes = {np.shape(literal) for literal in literals if literal is not None}
            if len(shapes) == 1:
                if len(shapes.pop()) >= LARGEST_RANK:
                    raise TooLargeError(f"A list is nested at most {LARGEST_RANK} deep.").located(self.source, (start, stop))
                return self.defer(np.array(literals)), start, stop
        return self.gate(STACK, tuple(map(self.wire, entries)), (start, stop), start, stop)

    # Calls, and lists of what stands between commas.

    def first(self, children: list[Any]) -> list[Any]:
        return children

    def more(self, children: list[Any]) -> list[Any]:
        entries: list[Any] = children[0]
        entries.append(children[2])
        return entries

    def setting(self, children: list[Any]) -> Setting:
        name, value = children
        return Setting(name[0], self._argument(value), (name[1], value[2]))

    def empty_setting(self, children: list[Any]) -> Setting:
        """A list of nothing, as the shape of a single number is."""
        name, opened, closed = children
        nothing = Argument((0, opened[1], closed[2]), np.array([]))
        return Setting(name[0], nothing, (name[1], closed[2]))

    def call(self, children: list[Any]) -> Value:
        name, _, arguments, end = children
        return self._call(name, arguments, name[1], end[2])

    def raised_call(self, children: list[Any]) -> Value:
        r"""\sin^2 x is (\sin x)^2."""
        name, sign, exponent, _, arguments, end = children
        start, stop = name[1], end[2]
        return self.power([self._call(name, arguments, start, stop), sign, (exponent[0], exponent[1], stop)])

    def _argument(self, value: Any) -> Argument:
        if isinstance(value, Token) and value.type == "WORD":
            return Argument(value, value[0], is_word=True)
        return Argument(value, self.literal(value))

    def _call(self, name: Token, arguments: list[Any], start: int, stop: int) -> Value:
        at = (name[1], name[2])
        function = name[0]
        read = [one if isinstance(one, Setting) else self._argument(one) for one in arguments]
        try:
            plan = plan_call(function.name, self.source[name[1] : name[2]], read, self.ties)
        except ChalkgradError as error:
            error.source, error.span = self.source, error.span or at
            raise error from None
        nodes = [self._input(plan.gate, place, value) for place, value in enumerate(plan.inputs)]
        base = function.base
        if len(nodes) == 2 and plan.gate.name == "log":
            base = None
            top = self.gate(plan.gate, (nodes[0],), at, start, stop)
            bottom = self.gate(plan.gate, (nodes[1],), at, start, stop)
            return self.gate(DIVIDE, (top[0], bottom[0]), at, start, stop)
        result = self.gate(plan.gate, tuple(nodes), at, start, stop, **plan.params)
        if plan.gate.name in LOGICAL | TESTS:
            return self.defer(Condition(result[0], at)), start, stop
        if base is None:
            return result
        below = base if isinstance(base, int) else self.wire((self.defer(base), *at))
        bottom = self.gate(plan.gate, (below,), at, start, stop)
        return self.gate(DIVIDE, (result[0], bottom[0]), at, start, stop)

    def _input(self, gate: Gate, place: int, value: Value) -> int:
        if gate.name not in LOGICAL and not (gate.name == "where" and place == 0):
            return self.wire(value)
        condition = self.literal(value)
        if not isinstance(condition, Condition):
            what = "where begins with a condition." if gate.name == "where" else f"{gate.name} takes conditions."
            raise FormulaError(what, source=self.source, span=(value[1], value[2]),
                               hint="A condition has the form x > 0, as in where(x > 0, a, b).")  # fmt: skip
        return condition.node
