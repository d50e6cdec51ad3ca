"""Statements gathered into problems: what defines, what gives a value, what is claimed; and where the next problem begins.

>>> from chalkgrad.handwork.claims.statements import read_paper
>>> (problem,) = problems(read_paper("V = 6, V = x + y, f = V*z, at x = 1, y = 5, z = 2. f = 12"))
>>> list(problem.definitions), list(problem.values), len(problem.statements)
(['V', 'f'], ['x', 'y', 'z'], 7)
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, takewhile

import numpy as np

from chalkgrad.errors import ChalkgradError
from chalkgrad.handwork.claims.marks import half_unit
from chalkgrad.handwork.claims.statements import Side, Statement
from chalkgrad.reading.formula import read_value

_DECIMAL = re.compile(r"\s*[-−–+]?\s*(?:\d*\.\d+)(?:[eE][-+−]?\d+)?\s*")


@dataclass(slots=True)
class Problem:
    """A formula with its values, and all that is said about it, in the order of writing."""

    definitions: dict[str, Statement] = field(default_factory=dict)
    values: dict[str, Statement] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    needed: set[str] = field(default_factory=set)  # names that some definition uses
    inherited: set[str] = field(default_factory=set)  # values of the problem before, which hold until others are given

    def says(self, name: str) -> Side | None:
        """What a name is defined or given as."""
        statement = self.definitions.get(name) or self.values.get(name)
        return None if statement is None else statement.sides[1]

    def reaches(self, name: str, target: str) -> bool:
        """Whether the definition of `name` needs `target`, directly or not."""
        todo, seen = [name], set()
        while todo:
            one = todo.pop()
            if one == target:
                return True
            if one in seen or one not in self.definitions:
                continue
            seen.add(one)
            todo.extend(self.definitions[one].sides[1].names)
        return False


def problems(statements: Sequence[Statement]) -> list[Problem]:
    """The problems of a paper: a new one begins below a heading such as "Example 2", and where other formulas or values begin."""
    later = _last_heads(statements)
    found = [Problem()]
    for _, group in groupby(statements, key=lambda one: one.section):
        section = list(group)
        if (section[0].fresh and found[-1].statements and _begins_anew(section, found[-1])) or _states_another(section, found[-1]):
            found.append(_next(found[-1], section))
        for place, statement in enumerate(section):
            if _is_other_formula(section[place:], found[-1], later):
                found.append(_next(found[-1], section[place:]))
            elif _is_other_point(section[place:], found[-1]):
                found.append(_elsewhere(found[-1]))
            _enter(statement, found[-1])
    return [one for one in found if one.statements]


def exercises(problem: Problem) -> list[Problem]:
    """The problem cut where a name is defined once more after something was differentiated: y = x², y' = 2x, y = cos x, …"""
    parts, slopes = [Problem()], False
    defined: set[str] = set()
    for statement in problem.statements:
        if _defines(statement) and len(statement.sides) == 2 and statement.name in defined and slopes:
            parts.append(_elsewhere(parts[-1]))
            parts[-1].definitions.pop(statement.name, None)
            defined, slopes = set(), False
        if _defines(statement):
            defined.add(statement.name)
        slopes = slopes or any(mark.by for side in statement.sides for mark in side.marks.values())
        _enter(statement, parts[-1])
    return parts


def _last_heads(statements: Iterable[Statement]) -> dict[str, int]:
    """For each name the last statement that begins with it."""
    return {one.name: place for place, one in enumerate(statements) if one.name}


def _begins_anew(section: Iterable[Statement], problem: Problem) -> bool:
    """Whether a section states a problem: it defines something, or gives a value."""
    return any(_defines(one) or (_gives(one) and one.name not in problem.definitions) for one in section)


def _states_another(section: Sequence[Statement], problem: Problem) -> bool:
    """Whether a section below a heading begins with another formula for a name, written in the inputs alone."""
    first = section[0]
    others = [one for one in section if _defines(one) and _contradicts(one, problem)]
    if first not in others:
        return False
    return len(others) > 1 or not any(name in problem.definitions for name in first.sides[1].names)


def _contradicts(statement: Statement, problem: Problem) -> bool:
    """Whether a name is defined by another text than before."""
    before = problem.definitions.get(statement.name)
    return before is not None and not _says_the_same(statement, before)


def _next(before: Problem, section: Sequence[Statement]) -> Problem:
    """A new problem; where it gives only values, its formulas are those of the one before, and so are values that it leaves."""
    if any(_defines(one) for one in section):
        return Problem()
    return _elsewhere(before)


def _elsewhere(before: Problem) -> Problem:
    """The same formulas at another point."""
    inputs = {name: one for name, one in before.values.items() if _is_input(name, before)}
    return Problem(dict(before.definitions), inputs, needed=set(before.needed), inherited=set(inputs))


def _is_input(name: str, problem: Problem) -> bool:
    """Whether a definition has the name as an input."""
    return name in problem.needed


def _defines(statement: Statement) -> bool:
    return bool(statement.name) and not statement.carried and statement.kind == "formula"


def _gives(statement: Statement) -> bool:
    return bool(statement.name) and not statement.carried and statement.kind == "number"


def _is_other_formula(rest: Sequence[Statement], problem: Problem, later: dict[str, int]) -> bool:
    """Whether a name is defined once more: of names that are all new, or with other values right behind it."""
    statement = rest[0]
    if not _defines(statement) or statement.name not in problem.definitions:
        return False
    known = {*problem.definitions, *problem.values, *(name for one in problem.definitions.values() for name in one.sides[1].names)}
    names = statement.sides[1].names
    if not known.intersection(names) and all(name in later for name in names):
        return True
    behind = takewhile(_gives, rest[1:])
    return any(one.name in problem.values and not _says_the_same(one, problem.values[one.name]) for one in behind)


def _is_other_point(rest: Sequence[Statement], problem: Problem) -> bool:
    """Whether a list of values begins that are not those given before, or an input gets another value that something is said at."""
    statement = rest[0]
    name = statement.name
    if not _gives(statement) or name not in problem.values or len(statement.sides) > 2 or name in problem.inherited:
        return False
    before = problem.values[name]
    if before.line == statement.line or _says_the_same(statement, before):
        return False
    return statement.given or statement.listed or (_is_input(name, problem) and not all(map(_gives, rest)))


def _says_the_same(one: Statement, other: Statement) -> bool:
    """Whether two values are one, as written or as rounded."""
    first, second = one.sides[1], other.sides[1]
    if first.text.split() == second.text.split():
        return True
    try:
        a, b = (np.asarray(read_value(side.text.strip()), np.float64) for side in (first, second))
    except (ChalkgradError, ValueError):
        return False
    decimals = [half_unit(side.text.strip().lstrip("-−–+ ")) for side in (first, second) if _DECIMAL.fullmatch(side.text)]
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= max([0.0, *decimals]) + 1e-12 * np.abs(a)))


def _enter(statement: Statement, problem: Problem) -> None:
    problem.statements.append(statement)
    name = statement.name
    if _defines(statement) and name not in problem.definitions:
        fixed = problem.values.get(name)
        if fixed is not None and fixed.given:
            return
        names = statement.sides[1].names
        if name in names or (name in problem.needed and any(problem.reaches(needed, name) for needed in names)):
            return
        problem.definitions[name] = statement
        problem.needed.update(names)
        problem.values.pop(name, None)
    elif _gives(statement) and name not in problem.definitions and (name not in problem.values or name in problem.inherited):
        problem.values[name] = statement
        problem.inherited.discard(name)
