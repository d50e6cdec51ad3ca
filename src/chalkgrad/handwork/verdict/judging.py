"""Claim by claim: right, wrong, follows from an earlier wrong line, or unreadable.

A side is right if it is what the first side of its chain truly is. If it is not, it may still follow: from the side before it, or
from what the student asserted earlier. What is neither is wrong, and the side where the chain first breaks is asked about.

    >>> from chalkgrad.handwork.claims import problems, read_paper
    >>> paper = "f = (x + y)*z, x = -2, y = 5, z = 2; q = x + y = 4; f = q*z = 8; df/dq = 2"
    >>> [claim.verdict for claim in Judge.of(problems(read_paper(paper))[0]).claims()][4:]
    ['wrong', 'follows', 'right']
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from chalkgrad.errors import ChalkgradError, GivenError
from chalkgrad.handwork.claims import Problem, Side, Statement
from chalkgrad.handwork.mistakes import Diagnosis
from chalkgrad.handwork.verdict.asking import ask
from chalkgrad.handwork.verdict.belief import Belief
from chalkgrad.handwork.verdict.comparing import at_kink, close, finite, free_inputs, is_settled, number, same_function, same_number
from chalkgrad.handwork.verdict.habits import USUAL, Habit
from chalkgrad.handwork.verdict.model import Model, Where
from chalkgrad.handwork.verdict.reading import FIRST_MENTIONED, MOST_MENTIONED, Believed, Reading, Truly, point_of, target_of
from chalkgrad.reading.formula.names import normalised

Verdict = Literal["right", "wrong", "follows", "unreadable"]
MOST_ASKED = 500  # wrong sides of one problem about which mistakes are asked
NO_KNOWN_SLIP = "no known slip"
SEVERITY: tuple[Verdict, ...] = ("right", "follows", "unreadable", "wrong")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one line says, and the verdict. `truth` is the number that its first side really has, `side` the side that is wrong.

    `letter` says why it is unreadable, `note` what else there is to say.
    """

    line: int
    text: str
    verdict: Verdict
    about: str = ""
    side: str = ""
    truth: Any = None
    diagnoses: tuple[Diagnosis, ...] = ()
    letter: ChalkgradError | None = None
    note: str = ""
    claimed: str = ""  # the chain alone, without what else stands in the line

    @property
    def kind(self) -> str:
        """The likeliest mistake by name, where the claim is wrong."""
        return self.diagnoses[0].mistake if self.diagnoses else NO_KNOWN_SLIP


@dataclass(slots=True, eq=False)
class _Asserted:
    value: Any
    verdict: Verdict

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asserted) and self.verdict == other.verdict and np.array_equal(self.value, other.value)


Target = tuple[int, int | None]


class Judge:
    """Judges the statements of one problem, in the order of writing, and remembers what they assert."""

    def __init__(self, problem: Problem, model: Model) -> None:
        self.problem, self.model = problem, model
        self.asserted: dict[Target, _Asserted] = {}
        self.sides: dict[tuple[int, tuple[int, int], str], Verdict] = {}  # of the sides so far, by place
        self.formulas: dict[Target, Reading] = {}  # what was wrongly written as a formula
        self.others: dict[str, list[Model]] = {}
        marks = {mark for one in problem.statements for side in one.sides for mark in side.marks.values()}
        targets = sorted(
            (mark for mark in marks if (wires := target_of(model, mark)) and wires[1] is not None), key=lambda one: one.text
        )
        model.mentioned = {chr(FIRST_MENTIONED + place): mark for place, mark in enumerate(targets[:MOST_MENTIONED])}
        self.asked = 0  # wrong sides so far
        self.believed: dict[Any, Believed] = {}  # until something else is asserted

    @classmethod
    def of(cls, problem: Problem, habit: Habit = USUAL) -> "Judge":
        """The judge of a problem that is written by this habit."""
        return cls(problem, Model.of(problem, habit=habit))

    def claims(self) -> Iterator[Claim]:
        """A claim for every statement."""
        faults = {fault.name: fault.letter for fault in self.model.faults}
        for statement in self.problem.statements:
            claimed = "".join(f" {side.sign} {side.written}" for side in statement.sides if not statement.carried or side.sign)
            claim = Claim(statement.line, statement.written, "right", claimed=claimed.strip())
            definition = self.problem.definitions.get(statement.name) or self.problem.values.get(statement.name)
            if definition is statement and statement.name in faults:
                yield replace(claim, verdict="unreadable", letter=faults[statement.name])
                continue
            try:
                yield self._judge(statement, claim)
            except ChalkgradError as letter:
                yield replace(claim, verdict="unreadable", letter=letter)

    def _judge(self, statement: Statement, claim: Claim) -> Claim:
        statement = self._without_new_name(statement)
        head = self._head(statement)
        claim = replace(claim, about=head.side.written)
        unreadable: ChalkgradError | None = None
        before = statement.before
        if before is not None and self._place(before) not in self.sides:
            before = None
        worst: Verdict = "right"
        last: Reading | None = None
        ways = self._ways(statement, head)
        for side in statement.sides[1:]:
            try:
                reading = Reading.of(side, self.model)
                verdict = self._side(ways, reading, before, statement)
            except ChalkgradError as letter:
                unreadable = unreadable or letter
                continue
            self.sides[self._place(side)] = verdict
            if verdict == "wrong" and worst != "wrong":
                claim = self._diagnosed(replace(claim, side=side.written), head, reading, before, statement)
            elif worst == "wrong" and verdict != "right" and not claim.diagnoses:
                # No slip makes the side that breaks; one may make the number that comes of it.
                claim = replace(claim, diagnoses=self._diagnosed(claim, head, reading, before, statement).diagnoses)
            worst = max(worst, verdict, key=SEVERITY.index)
            before, last = side, reading
        if last is not None:
            self._remember(head, last)
        if unreadable is not None and worst != "wrong":
            return replace(claim, verdict="unreadable", letter=unreadable)
        return replace(claim, verdict=worst, truth=_shown(head))

    def _without_new_name(self, statement: Statement) -> Statement:
        """w_new = w - 0.1 dL/dw = 1.4 gives a name to a step that is no part of the formula: the step is what is judged."""
        name = statement.name
        if not name or self.model.knows(name) or statement.carried or statement.kind != "slope":
            return statement
        first = Reading.of(statement.sides[1], self.model)
        self.model.give(name, first.value(Truly(self.model)))
        sides = statement.sides[1:] if len(statement.sides) > 2 else (statement.sides[1], statement.sides[1])
        return replace(statement, sides=sides)

    def _place(self, side: Side) -> tuple[int, tuple[int, int], str]:
        return side.line, side.span, side.text

    def _head(self, statement: Statement) -> Reading:
        """What the statement is about; of f(x, y) = …, f."""
        side = statement.sides[0]
        if statement.parameters or statement.name not in ("", *side.names):
            side = replace(side, text=statement.name)
        name = self.model.entries.definition(statement.name, statement.sides[1].text)[0] if statement.name else ""
        if name and name != statement.name and self.model.knows(name) and not self.model.knows(statement.name):
            side = replace(side, text=name)
        return Reading(side, self.model)

    def _ways(self, statement: Statement, head: Reading) -> list[Reading]:
        """The first side, and what else it may mean: f over a name that only another form of f has, or a local gradient."""
        ways = [head]
        for mark in {mark for side in statement.sides for mark in side.marks.values()}:
            wires = target_of(self.model, mark)
            if wires is None or wires[1] is None or self.model.depends(wires[0], wires[1]):
                continue
            name = normalised(mark.of) if mark.of else self.model.result
            ways += [Reading(head.side, other) for other in self._forms(name) if other.depends(*_both(other, name, mark.by[0]))]
        return ways

    def _forms(self, name: str) -> list[Model]:
        """The problem with other definitions of `name` that the paper rightly says."""
        if name not in self.others:
            self.others[name] = []
            for statement in self.problem.statements:
                if statement.name != name or statement.kind != "formula" or statement is self.problem.definitions.get(name):
                    continue
                for side in statement.sides[1:]:
                    if side.kind == "formula":
                        self.others[name] += self._form(name, side)
        return self.others[name]

    def _form(self, name: str, side: Side) -> list[Model]:
        try:
            reading = Reading(side, self.model)
            head = Reading(replace(side, text=name, marks={}), self.model)
            if not same_number(head, reading) or not same_function(head, reading):
                return []
        except ChalkgradError:
            return []
        other = Model.read({**self.model.texts, name: reading.text}, self.model.given, [], self.model.ties, (), self.model.habit)
        return [other] if name in other.wires else []

    # One side.

    def _side(self, ways: list[Reading], side: Reading, before: Side | None, statement: Statement) -> Verdict:
        head = ways[0]
        try:
            self._check_free(head, side)
        except GivenError:
            # Whatever the inputs are: one slip makes this number of every one of them.
            if head.wires is not None and any(len(one.mistakes) == 1 for one in ask(head, side, None, {})):
                return "wrong"
            raise
        for way in ways:
            there = side if way.model is self.model else Reading(side.side, way.model)
            if same_number(way, there) and same_function(way, there):
                return "right"
            if at_kink(way, there):
                return "right"
        for other in side.others():
            if same_number(head, other) and same_function(head, other):
                return "right"
        if statement.local and self._is_local(head, side):
            return "right"
        if not finite(number(head)) and not finite(number(side)):
            raise GivenError("There is no number here: it is not defined at this point, or beyond all floats.",
                             hint="Choose values where the formula is finite.")  # fmt: skip
        if not self.problem.definitions and not self.problem.values and not head.marks:
            raise GivenError("The sides differ, and no formula is written before that says what they are.",
                             hint="Write the formula first, as in f = x*y + x.")  # fmt: skip
        wires = head.wires
        if wires and not self._is_connected(*wires) and self._following(head, side, before) == "wrong":
            raise GivenError(f"{head.side.written} is 0: nothing that is written here leads from the one to the other.",
                             hint="Write how they depend on each other, as in V = x + y.")  # fmt: skip
        return self._following(head, side, before)

    def _is_connected(self, of: int, by: int | None) -> bool:
        """Whether a derivative can be judged: a step that nothing leads to may stand in a formula that was not written."""
        return by is None or self.model.depends(of, by) or self.model.graph.is_leaf(by)

    def _check_free(self, head: Reading, side: Reading) -> None:
        """Numbers that depend on inputs without values cannot be judged."""
        if side.names or side.marks or is_settled(head):
            return
        free = free_inputs(head)
        free = frozenset(name for name in free if not is_settled(head, frozenset([name]))) or free
        raise GivenError(f"This number depends on {', '.join(sorted(free))}, which {'has' if len(free) == 1 else 'have'} no value.",
                         source=side.side.source, span=side.side.span,
                         hint=f"Give {'it' if len(free) == 1 else 'them'} one: {min(free)} = …")  # fmt: skip

    def _is_local(self, head: Reading, side: Reading) -> bool:
        """Whether the side is the local gradient of a gate, along one of several ways."""
        wires = head.wires
        if wires is None or wires[1] is None:
            return False
        local = Belief(self.model, {}, {}).local(wires[0], wires[1])
        return local is not None and close(local, number(side), side.slack)

    def _following(self, head: Reading, side: Reading, before: Side | None) -> Verdict:
        """Whether a side that is not right follows from the one before it or from what was asserted."""
        said = side.value(Truly(self.model))
        if before is not None:
            status = self.sides[self._place(before)]
            earlier = Reading(before, self.model)
            if close(earlier.value(Truly(self.model)), said, side.slack, earlier.size(Truly(self.model))):
                return "follows" if status in ("wrong", "follows") else "right" if not earlier.names else "wrong"
            for believed, verdict in self._beliefs(head):
                if close(earlier.value(believed), side.value(believed), side.slack, earlier.size(believed)):
                    return verdict
        if self._at_point(head, side):
            return "follows"
        for believed, verdict in self._beliefs(head):
            if close(head.value(believed), said, side.slack, side.size(believed)):
                return verdict
            if close(head.value(believed), side.value(believed), side.slack, side.size(believed)) and (side.names or side.marks):
                return "wrong" if side.names and not side.marks else verdict
        return "wrong"

    def _at_point(self, head: Reading, side: Reading) -> bool:
        """Whether the side is what a formula that was written before yields at another point: f'(2), after f'."""
        mark = next(iter(head.marks.values()), None)
        target = target_of(self.model, replace(mark, at=())) if mark is not None and mark.at and head.is_mark else None
        if mark is None or target not in self.formulas:
            return False
        formula = self.formulas[target]
        value = formula.value(Truly(self.model, Where(at=point_of(self.model, mark))))
        return close(value, side.value(Truly(self.model)), np.asarray(side.slack) + np.asarray(formula.slack))

    def _beliefs(self, head: Reading) -> Iterator[tuple[Believed, Verdict]]:
        """What the student believes besides what this line is about: the rounded numbers alone, then all of them."""
        kinds: tuple[tuple[Verdict, ...], ...] = (("right",), ("right", "wrong", "follows"), ("wrong", "follows"))
        for kept in kinds:
            chosen = {wires: one.value for wires, one in self.asserted.items() if one.verdict in kept and wires != head.wires}
            if not chosen:
                continue
            key = kept, head.wires if head.wires in self.asserted else None
            if key not in self.believed:
                values = {of: value for (of, by), value in chosen.items() if by is None}
                slopes = {(of, by): value for (of, by), value in chosen.items() if by is not None}
                self.believed[key] = Believed(self.model, Belief(self.model, values, slopes))
            yield self.believed[key], "right" if kept == ("right",) else "follows"

    def _remember(self, head: Reading, last: Reading) -> None:
        """What a line asserts in the end, where that is not simply the truth."""
        wires = head.wires
        if wires is None:
            return
        self.formulas.pop(wires, None)
        if (last.names or last.marks) and self.sides[self._place(last.side)] != "right":
            self.formulas[wires] = last
        truth, value = number(head), last.value(Truly(self.model))
        if np.shape(truth) != np.shape(value) or not finite(value):
            return
        asserted = None if close(truth, value) else _Asserted(value, self.sides[self._place(last.side)])
        before = self.asserted.pop(wires, None)
        if asserted is not None:
            self.asserted[wires] = asserted
        if asserted != before:
            self.believed.clear()

    def _diagnosed(self, claim: Claim, head: Reading, side: Reading, before: Side | None, statement: Statement) -> Claim:
        wrong = {wires: one.value for wires, one in self.asserted.items() if one.verdict != "right" and wires != head.wires}
        earlier = None
        if before is not None and before is not statement.sides[0] and self.sides.get(self._place(before)) != "wrong":
            earlier = Reading(before, self.model)
        self.asked += 1
        try:
            diagnoses = ask(head, side, earlier, wrong) if self.asked <= MOST_ASKED else ()
        except ChalkgradError:
            diagnoses = ()  # it is wrong, whatever the reason
        return replace(claim, diagnoses=diagnoses, note=_note(head, side))


def _note(head: Reading, side: Reading) -> str:
    """What to say of a formula that has the right number by chance."""
    try:
        if (side.names or side.marks) and same_number(head, side):
            return "It has the right number at this point, but it is not the same function."
    except ChalkgradError:
        pass
    return ""


def _both(model: Model, of: str, by: str) -> tuple[int, int]:
    return model.wires[of], model.wires[normalised(by)]


def _shown(head: Reading) -> Any:
    value = number(head)
    if not finite(value) or not is_settled(head):
        return None
    truth = np.asarray(value, np.float64)
    return truth if truth.ndim else float(truth)
