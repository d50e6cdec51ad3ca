"""A problem as texts for the reader of formulas: its definitions in terms of single names, and the numbers of its inputs.

>>> from chalkgrad.handwork.claims import problems, read_paper
>>> (problem,) = problems(read_paper("s = [1, 2]; p_i = e^{s_i} / sum_j e^{s_j}; L = -log p_0; dL/ds_1 = 0.73"))
>>> texts_of(problem, Habit()).definitions
{'p': 'e^{s} / sum(e^{s})', 'L': '-log p[0]', 's': '[s0, s1]'}
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chalkgrad.errors import ChalkgradError, GivenError, quote
from chalkgrad.graph.evaluate import evaluate
from chalkgrad.handwork.claims import Problem, Side, half_unit, names_in
from chalkgrad.handwork.verdict.habits import Habit, called, calls_in, settled
from chalkgrad.handwork.verdict.sums import MOST_ENTRIES, Entries, entry_of, index_of
from chalkgrad.reading.formula import read
from chalkgrad.reading.formula.names import normalised

SPOKEN = 0xA480  # the first letter for an expression that is differentiated, and whose names stand nowhere else
MOST_SPOKEN, _MOST_STACKED = 12, 64
_PLAIN = re.compile(r"\s*[-−–+]?\s*(?:\d+\.?\d*|\.\d+)(?:[eE][-−+]?\d+)?(?:\s*/\s*\d+)?\s*")
_LITERAL = re.compile(r"(?<![\w.^)])\(\s*[-−–]\s*(?:\d+\.?\d*|\.\d+)\s*\)|(?<![\w.^])(?:\d+\.?\d*|\.\d+)(?![\w.])")
_COUNTS = ("N", "n", "m")  # the usual names of the number of entries

Bodies = dict[str, tuple[tuple[str, ...], str]]  # of the paper's own functions: inputs, and what they say of them


@dataclass(frozen=True, slots=True)
class Fault:
    """A name whose definition or value could not be read, and the letter about it."""

    name: str
    letter: ChalkgradError


@dataclass(slots=True)
class Texts:
    """`definitions` and `given` numbers by name, `bodies` of functions, and the names that the paper differentiates by."""

    definitions: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    bodies: Bodies = field(default_factory=dict)
    spoken: frozenset[str] = frozenset()
    numerators: frozenset[str] = frozenset()  # names that are differentiated
    steps: dict[str, float] = field(default_factory=dict)  # names that are differentiated, but have a number alone: its rounding


def texts_of(problem: Problem, habit: Habit) -> Texts:
    """The texts of a problem; a value that cannot be read is among the faults."""
    texts = Texts()
    for name, statement in problem.values.items():
        try:
            texts.given[name] = number_of(statement.sides[1])
        except ChalkgradError as letter:
            texts.faults.append(Fault(name, letter))
    for name in problem.definitions:
        if index_of(name, texts.given):
            del texts.given[name.rpartition("_")[0]]  # p_i = … defines p; its numbers are a claim
    marks = [mark for one in problem.statements for side in one.sides for mark in side.marks.values()]
    texts.spoken = frozenset(normalised(name) for mark in marks for name in mark.by)
    spoken = texts.spoken | {normalised(mark.of) for mark in marks if mark.of}
    steps = _steps_in_numbers(problem, texts.given, spoken)
    for name in steps:
        del texts.given[name]
    stacked = _stacked(texts.given, texts.spoken, {*problem.definitions, *texts.given}, habit.first)
    entries = Entries(
        {name: np.shape(value) for name, value in texts.given.items()}, {*problem.definitions, *_names(stacked)}, habit.first,
        labels_among(texts.given),
    )  # fmt: skip
    definitions = {name: inline(statement.sides[1]) for name, statement in problem.definitions.items()} | steps
    texts.bodies = {name: (one.parameters, f"{definitions[name]}") for name, one in problem.definitions.items() if one.parameters}
    inner = _inner_functions(texts.bodies, definitions, texts.given)
    definitions |= {parameter: text for one in inner.values() for parameter, text in one.items()}
    for name, text in definitions.items():
        whole = called(text, {key: body for key, body in texts.bodies.items() if key != name}, definitions, inner)
        own, text = entries.definition(name, whole)
        texts.definitions[own] = settled(text, habit)
    for name, (text, numbers) in stacked.items():
        texts.definitions[name] = text
        del texts.given[name]
        texts.given |= numbers
    for name in spoken & texts.given.keys():
        text = problem.values[name].sides[1].text.strip() if name in problem.values else ""
        if _PLAIN.fullmatch(text) and "/" not in text:
            texts.steps[name] = half_unit(text.lstrip("-−–+ ")) if "." in text else 0.0
    texts.numerators = spoken - texts.spoken
    alone = [] if problem.definitions or problem.values else [one.sides[0].text for one in problem.statements if not one.name]
    _enter_spoken(texts, [*(mark.of for mark in marks if mark.by), *alone], entries, habit)
    _enter_counts(texts)
    return texts


def _inner_functions(bodies: Bodies, definitions: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """h(t) = f(g(t)) with f(u) = u³ says that u is g(t), where f is called once and u is nothing else."""
    calls: dict[str, set[tuple[str, ...]]] = {}
    for text in definitions.values():
        for name, inputs in calls_in(text, bodies):
            calls.setdefault(name, set()).add(inputs)
    found: dict[str, dict[str, str]] = {}
    for name, (parameters, _) in bodies.items():
        inputs = next(iter(calls[name])) if len(calls.get(name, ())) == 1 else ()
        others = {one for other, text in definitions.items() if other != name for one in names_in(text)}
        if len(inputs) == len(parameters) and not {*parameters} & {*others, *given, *definitions} and all(map(names_in, inputs)):
            found[name] = dict(zip(parameters, inputs, strict=True))
    return found


def is_spoken(name: str) -> bool:
    """Whether the name is the letter of an expression that is only differentiated."""
    return len(name) == 1 and SPOKEN <= ord(name) < SPOKEN + MOST_SPOKEN


def labels_among(given: Mapping[str, Any]) -> dict[str, int]:
    """Names of whole numbers, which may tell an entry, as y in s_y."""
    return {name: int(one) for name, one in given.items() if np.ndim(one) == 0 and 0 <= one < MOST_ENTRIES and one % 1 == 0}


def _names(stacked: Mapping[str, tuple[str, dict[str, Any]]]) -> set[str]:
    return {name for _, numbers in stacked.values() for name in numbers}


def _steps_in_numbers(problem: Problem, given: Mapping[str, Any], spoken: Collection[str]) -> dict[str, str]:
    """u = sin(1.2), where x = 1.2 and the paper goes on with df/du: the step is sin(x)."""
    inputs: dict[float, str] = {}
    for name, value in given.items():
        side = problem.values[name].sides[1]
        if np.ndim(value) == 0 and _PLAIN.fullmatch(side.text):
            inputs.setdefault(float(value), name)
    steps: dict[str, str] = {}
    for name in given:
        text = inline(problem.values[name].sides[1])
        if name not in spoken or _PLAIN.fullmatch(text) or np.ndim(given[name]):
            continue
        steps[name] = _LITERAL.sub(lambda found: inputs.get(_value(found[0]), found[0]), text)
        if not names_in(steps[name]):
            del steps[name]
    return steps


def _value(text: str) -> float:
    return float(re.sub(r"[\s()]", "", text).replace("−", "-").replace("–", "-"))


def _stacked(
    given: Mapping[str, Any], spoken: Collection[str], known: Collection[str], first: int
) -> dict[str, tuple[str, dict[str, Any]]]:
    """Arrays of which single entries are differentiated by, as lists of entries that have names: s = [s0, s1, s2]."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for name in sorted(spoken):
        entry = entry_of(name, {key: np.shape(value) for key, value in given.items()}, first)
        if name in known or entry is None or entry[0] in found or np.size(given[entry[0]]) > _MOST_STACKED:
            continue
        array = np.asarray(given[entry[0]])
        numbers = {
            normalised(f"{entry[0]}_{''.join(str(one + first) for one in place)}"): array[place]
            for place in np.ndindex(array.shape)
        }
        names = np.array(list(numbers), dtype=object).reshape(array.shape).tolist()
        found[entry[0]] = (str(names).replace("'", ""), numbers)
    return found


def _enter_spoken(texts: Texts, spoken: list[str], entries: Entries, habit: Habit) -> None:
    """What is differentiated may have names that stand nowhere else, as in d/dx (x² sin x): they become inputs."""
    known = {*texts.given, *texts.definitions, *(name for text in texts.definitions.values() for name in names_in(text))}
    for place, of in enumerate(dict.fromkeys(spoken)):
        if place < MOST_SPOKEN and not re.fullmatch(r"\\?\w*", of.strip()) and not known.issuperset(names_in(of)):
            texts.definitions[chr(SPOKEN + place)] = settled(entries.rewrite(of), habit)


def _enter_counts(texts: Texts) -> None:
    """N without a value is the number of the data, where all arrays agree on it."""
    sizes = {np.shape(value)[0] for value in texts.given.values() if np.ndim(value)}
    if len(sizes) != 1:
        return
    used = {name for text in texts.definitions.values() for name in names_in(text)}
    for name in _COUNTS:
        if name in used and name not in texts.given and name not in texts.definitions and name not in texts.spoken:
            texts.given[name] = np.float64(next(iter(sizes)))


def inline(side: Side) -> str:
    """The text of a side with its percentages and degrees written as numbers."""
    text = side.text
    for letter, mark in side.marks.items():
        if mark.number is not None:
            text = text.replace(letter, f"({mark.number!r})")
    return text


def number_of(side: Side) -> Any:
    """The number or array that a side without names is."""
    try:
        formula = read(inline(side))
        if formula.leaves:
            raise GivenError(f"{quote(next(iter(formula.leaves)))} has no value.", hint="Give it one: x = 2.")
        return evaluate(formula.graph, {})[formula.output]
    except ChalkgradError as letter:
        raise pointed(letter, side) from None


def pointed(letter: ChalkgradError, side: Side) -> ChalkgradError:
    """The letter with its caret in the line as it was written; letters of marks get their text again."""
    span = (
        (side.span[0] + letter.span[0], side.span[0] + letter.span[1]) if letter.span and letter.source == side.text else side.span
    )
    mark = side.marks.get(side.text[max(0, span[0] - side.span[0]) :][:1])
    if mark is not None:
        span = (span[0], max(span[1], span[0] + len(mark.text)))
    what, hint = letter.what, letter.hint
    for sign, mark in side.marks.items():
        what, hint = what.replace(sign, mark.text), hint.replace(sign, mark.text)
    return type(letter)(what, source=side.source, span=span, hint=hint)
