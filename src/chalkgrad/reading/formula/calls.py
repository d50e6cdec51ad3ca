"""A call such as `sum(A, axis=0)` or `max(a, b)`: which gate it is, and what is input and what is setting.

A gate's inputs come first; what follows them fills its settings in order, and settings may be named.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from chalkgrad.errors import ChalkgradError, FormulaError, GateError, Span, nearest, quote
from chalkgrad.gates.choice import TIES
from chalkgrad.graph.gate import Gate
from chalkgrad.graph.graph import takes
from chalkgrad.reading.formula.functions import FUNCTIONS

_WORDS = {"true": True, "false": False, "none": None}


class Argument(NamedTuple):
    """What stands between two commas: its place on the parser's stack, and the literal it is, or None."""

    value: Any
    literal: Any
    is_word: bool = False

    @property
    def span(self) -> Span:
        return self.value[1], self.value[2]


class Setting(NamedTuple):
    name: str
    argument: Argument
    span: Span


@dataclass(slots=True)
class Plan:
    gate: Gate
    inputs: list[Any] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)


def plan_call(name: str, shown: str, arguments: list[Argument | Setting], ties: str) -> Plan:
    """Sort the arguments of a call. Raises GateError or FormulaError where they do not suit the gate."""
    placed = [one for one in arguments if isinstance(one, Argument)]
    named = [one for one in arguments if isinstance(one, Setting)]
    gate = _choose(name, len(placed), named)
    most = 2 if gate.name == "log" else gate.most or gate.arity  # log(x, b) is a logarithm to the base b
    inputs, rest = placed[:most], placed[most:]
    for setting in named:
        if setting.name not in gate.params:
            raise _unknown_setting(gate, shown, setting)
    if len(inputs) < gate.arity or (rest and not gate.params):
        raise _count(gate, shown, placed)
    for one in inputs:
        if one.is_word:
            raise FormulaError(f"{quote(str(one.literal))} is no number.", hint=f"{shown} takes {takes(gate)} first.")
    plan = Plan(gate, [one.value for one in inputs])
    settings = _in_order(gate, shown, rest, placed)
    for setting in named:
        if setting.name in settings:
            raise FormulaError(f"{setting.name} is set twice.", span=setting.span, hint=f"{shown} has one {setting.name}.")
        settings[setting.name] = setting.argument
    plan.params = {key: _setting(gate, key, argument) for key, argument in settings.items()}
    if "ties" in gate.params:
        plan.params.setdefault("ties", ties)
    return plan


def _choose(name: str, count: int, named: list[Setting]) -> Gate:
    """Of the gates with this name, the one that takes so many inputs: max(a, b) is no max(A)."""
    gates = FUNCTIONS[name]
    fits = [gate for gate in gates if gate.arity <= count <= (gate.most or gate.arity)]
    knows = [gate for gate in fits or gates if all(setting.name in gate.params for setting in named)]
    return (knows or fits or gates)[0]


def _in_order(gate: Gate, shown: str, rest: list[Argument], placed: list[Argument]) -> dict[str, Argument]:
    """The arguments beyond the inputs, as settings in order; a single setting that is a list takes them all."""
    names = list(gate.params)
    numbers = [one.literal for one in rest if isinstance(one.literal, float)]
    if len(names) == 1 < len(rest) == len(numbers) and isinstance(gate.params[names[0]], tuple | None):
        return {names[0]: Argument((0, rest[0].span[0], rest[-1].span[1]), np.array(numbers))}
    if len(rest) > len(names) or any(one.literal is None for one in rest):
        raise _count(gate, shown, placed)
    return dict(zip(names, rest, strict=False))


def _setting(gate: Gate, key: str, argument: Argument) -> Any:
    """The value of a setting, which must be a literal of the kind that the gate declares."""
    literal, usual = argument.literal, gate.params[key]
    if argument.is_word:
        word = _WORDS.get(literal.casefold(), literal)
        fits = {bool: isinstance(usual, bool), type(None): usual is None, str: isinstance(usual, str)}
        if fits[type(word)] and (key != "ties" or word in TIES):
            return word
    elif isinstance(usual, bool):
        if isinstance(literal, float) and literal in (0.0, 1.0):
            return bool(literal)
    elif isinstance(usual, float):
        if isinstance(literal, float):
            return literal
    elif not isinstance(usual, str) and _is_whole(literal, lists=not isinstance(usual, int) or key == "true"):
        return _whole(np.asarray(literal), always_list=isinstance(usual, tuple) or key == "axes")
    raise FormulaError(f"This cannot be the {key} of {gate.name}.", span=argument.span, hint=f"It is {_wanted(key, usual)}.")


def _is_whole(literal: Any, *, lists: bool) -> bool:
    """Whether a literal is a whole number or, with `lists`, a list of them."""
    if not isinstance(literal, float | np.ndarray) or np.ndim(literal) > lists:
        return False
    numbers = np.asarray(literal)
    return bool(np.all(np.isfinite(numbers)) and np.all(numbers == np.round(numbers)) and np.all(np.abs(numbers) < 2**53))


def _whole(numbers: np.ndarray, *, always_list: bool) -> Any:
    """Whole numbers as Python has them, a list as a tuple."""
    if numbers.ndim == 0 and not always_list:
        return int(numbers)
    return tuple(int(one) for one in np.atleast_1d(numbers))


def _wanted(key: str, usual: Any) -> str:
    if isinstance(usual, bool):
        return "true or false"
    if isinstance(usual, str):
        return f"one of {', '.join(TIES)}" if key == "ties" else f"a word such as {usual}"
    if isinstance(usual, float):
        return "a number, written out"
    return "a whole number, written out, or a list of them"


def _count(gate: Gate, shown: str, placed: list[Argument]) -> ChalkgradError:
    names = [name for name in gate.params if name != "ties"]
    settings = f" and the setting{'s' if len(names) > 1 else ''} {', '.join(names)}" if names else ""
    what = f"{shown} takes {takes(gate)}{settings}, not {len(placed)}."
    for left, right in pairwise(placed):
        if isinstance(left.literal, float) and isinstance(right.literal, float) and left.span[1] + 1 == right.span[0]:
            return GateError(what, hint="A decimal number is written with a point: 0.5.")
    if gate.arity == 1 and not gate.elementwise and len(placed) > 1:
        return GateError(what, hint=f"Put the numbers into a list: {shown}([a, b, c]).")
    return GateError(what, hint=f"For example: {shown}({', '.join('abcdefgh'[: gate.arity])}).")


def _unknown_setting(gate: Gate, shown: str, setting: Setting) -> ChalkgradError:
    close = nearest(setting.name, gate.params)
    known = f"Its settings: {', '.join(gate.params)}." if gate.params else "It has none."
    hint = f"Did you mean {close[0]}? {known}" if close else f"{known} To compare, write ==."
    return GateError(f"{shown} has no setting {quote(setting.name)}.", span=setting.span, hint=hint)
