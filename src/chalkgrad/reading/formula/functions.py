"""The functions that formulas may call: which gate is meant by a name, and the letter where there is none.

The names are those the gates declare; a few more stand here that mean a formula rather than a gate: logarithms to a base.

    >>> [gate.name for gate in FUNCTIONS["max"]], function("Softmax", called=True), function("log_3", called=True)
    (['maximum', 'max'], Function(name='softmax', base=None), Function(name='log', base=3.0))
"""

import re
from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from chalkgrad.errors import GateError, nearest, quote
from chalkgrad.gates import GATES
from chalkgrad.graph.gate import Gate
from chalkgrad.reading.formula.names import normalised


class Function(NamedTuple):
    """A function that is called: the name to look up, and for a logarithm its base (a number, or a name)."""

    name: str
    base: float | str | None = None


# A formula is made of numbers. Gates that shift bits, mark wires or take indices as inputs are for NumPy code.
_OTHER_FAMILIES = frozenset(["logic", "marks", "picking"])
_OTHER_GATES = frozenset(["einsum", "cast", "as_whole", "put"])
LOGICAL = frozenset(["logical_and", "logical_or", "logical_xor", "logical_not"])  # from conditions to a condition
TESTS = frozenset(["isnan", "isinf", "isfinite"])  # from numbers to a condition


def _is_written(gate: Gate) -> bool:
    if gate.name in LOGICAL | TESTS:
        return True
    return gate.family not in _OTHER_FAMILIES and gate.name not in _OTHER_GATES


def _table() -> dict[str, tuple[Gate, ...]]:
    table: defaultdict[str, list[Gate]] = defaultdict(list)
    for gate in filter(_is_written, GATES.values()):
        for name in gate.reads or (gate.name,):
            if name.isidentifier():
                table[normalised(name)].append(gate)
    # The gate that takes several inputs comes before the one that reduces a single array.
    return {name: tuple(sorted(gates, key=lambda gate: gate.most is None)) for name, gates in table.items()}


FUNCTIONS = _table()
_FOLDED = {name.casefold(): name for name in FUNCTIONS}
_ALIASES = {"sgn": "sign", "logistic": "sigmoid", "expit": "sigmoid", "lgamma": "gammaln", "loggamma": "gammaln",
            "lse": "logsumexp", "avg": "mean", "inner": "dot",
            "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "mod": "remainder"}  # fmt: skip
_ALIASES = {alias: name for alias, name in _ALIASES.items() if name in FUNCTIONS}
_LOG = re.compile(r"log_?\{?([0-9]+|(?<=[_{])[A-Za-z])\}?")
_NOT_GATES = {
    "cot": "cot(x) is 1/tan(x).", "sec": "sec(x) is 1/cos(x).", "csc": "csc(x) is 1/sin(x).", "coth": "coth(x) is 1/tanh(x).",
    "pow": "Write x^y.", "norm": "The length is sqrt(sum(x^2)).",
    "var": "Write mean((x - mean(x))^2).", "std": "Write sqrt(mean((x - mean(x))^2)).",
    "swish": "swish(x) is x*sigmoid(x).", "silu": "silu(x) is x*sigmoid(x).",
    "gelu": "gelu(x) is x*(1 + erf(x/sqrt(2)))/2.", "factorial": "The factorial of x is gamma(x + 1).",
    "logit": "logit(p) is log(p/(1 - p)).", "ndtr": "The normal distribution of x is erfc(-x/sqrt(2))/2.",
    "tg": "Write tan(x).", "if": "Write where(x > 0, a, b).",
}  # fmt: skip


def function(text: str, *, called: bool) -> Function | None:
    """The function that `text` names. One that is not `called` with a bracket must be spelled exactly."""
    name = normalised(text)
    if name in FUNCTIONS:
        return Function(name)
    if name == "lg":
        return Function("log10")
    if text == "gamma" and called:  # else it is the letter γ
        return Function("Γ")
    if name in _ALIASES:
        return Function(_ALIASES[name])
    if not called:
        return None
    log = _LOG.fullmatch(text.replace(" ", "").replace("₂", "_2"))
    if log:
        return Function("log", float(log[1]) if log[1].isdigit() else log[1])
    folded = _FOLDED.get(name.casefold())
    return Function(folded) if folded and len(folded) > 1 else None


def unknown_gate(text: str, names: Collection[str]) -> GateError:
    """The letter about a call of something that is no gate; `names` are the formula's own names."""
    what = f"I do not know a gate called {quote(text)}."
    near = nearest(text, FUNCTIONS)
    alike = [name for name in sorted(FUNCTIONS) if name[0] == text[0].casefold() and name not in near[:1]][:6]
    if text.casefold() in _NOT_GATES:
        return GateError(what, hint=_NOT_GATES[text.casefold()])
    for name in FUNCTIONS:
        if text.endswith(name) and len(name) > 1 and normalised(text[: -len(name)]) in names:
            return GateError(what, hint=f"For a product, write {text[: -len(name)]}*{name}(…).")
    if near:
        others = f" Others beginning with {text[0]}: {', '.join(alike)}." if alike else ""
        return GateError(what, hint=f"Did you mean {near[0]}?{others}")
    if len(normalised(text).rstrip("'")) == 1:
        return GateError(what, hint=f"If {text} times the bracket is meant, write {text}*(…).")
    begin = f"Gates beginning with {text[0]}: {', '.join(alike)}. " if alike else ""
    return GateError(what, hint=f"{begin}For a product, write {text if len(text) < 20 else 'it'}*(…).")
