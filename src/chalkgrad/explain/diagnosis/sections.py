"""The diagnosis as a handout: what is wrong and where it begins, computed numbers beside true ones, the stable form, bits lost."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from chalkgrad.check.hazards.cures import Cure
from chalkgrad.check.hazards.diagnosis import Diagnosis
from chalkgrad.check.hazards.finding import Finding
from chalkgrad.check.hazards.judging import Verdict
from chalkgrad.check.hazards.wording import precise, rounded, scientific
from chalkgrad.check.precision.losses import all_bits
from chalkgrad.explain.diagnosis.picture import picture
from chalkgrad.explain.handout.model import Cell, Handout, Section, Table
from chalkgrad.explain.lesson import Both, Equation
from chalkgrad.explain.view import View
from chalkgrad.notation.expression import write
from chalkgrad.notation.names import derivative, latex_name
from chalkgrad.notation.numbers import MINUS, Style, exact, show, summary

LONGEST_TITLE = 100
LONGEST_CELL = 40  # characters of an array in a table
MOST_LINKS = 12  # of a chain that are shown; what is left out is in the middle
MOST_WIRES = 8  # of those that lost bits
MENTIONED = 2.0  # bits; a wire that lost fewer is not worth a line

KINDS = {
    "overflow": "Overflow",
    "underflow": "Underflow",
    "0·inf": "0·∞",
    "inf-inf": "∞ − ∞",
    "0/0": "0/0",
    "domain": "Outside the domain",
    "cancellation": "Cancellation",
    "saturation": "Saturation",
    "kink": "Kink",
    "unused branch": "A branch not taken",
    "precision lost": "Precision lost",
}


def statement(view: View) -> str:
    """name = formula, as the program understood it."""
    parts = {one: part for one, part in view.parts("text", view.output).items() if one in view.spoken}
    written = write(view.graph, view.output, parts, opened=True, longest=LONGEST_TITLE)
    return f"{view.names[view.output]} = {written}".replace("-", MINUS)


def handout(found: Diagnosis, view: View) -> Handout:
    """All sections, the picture beside them."""
    title = f"{statement(view)} is {'healthy' if found.healthy else 'sick'} at these numbers"
    return Handout(title, tuple(_sections(found, view)), picture(found, view, ""))


def _sections(found: Diagnosis, view: View) -> Iterator[Section]:
    given = tuple(_equation(name, found.values[node]) for name, node in found.problem.leaves.items())
    if given:
        yield Section("Given", lines=given, layout="row")
    if found.healthy:
        yield Section("Diagnosis", (_all_clear(found),))
    for one in found.findings:
        yield _trouble(one)
    results = _results(found.problem.output_name, found.value, found.gradients, found, found.verdicts)
    yield Section("Value and gradients", table=results)
    if found.cure is not None:
        yield _cure(found, found.cure)
    wires = _wires(found, view)
    if wires is not None:
        yield Section("Bits lost, wire by wire", (WIRES,), table=wires)
    notes = (*found.notes, *([found.unknown] if found.unknown else []))
    if notes:
        yield Section("Notes", notes)


WIRES = "How many bits of each number are lost, how many by the rounding of its own gate, and how much the gate enlarges errors."


def _all_clear(found: Diagnosis) -> str:
    if found.unknown:
        return "Everything is finite. More cannot be said, because the truth was not found."
    worst = round(found.bits_lost, 1)
    lost = "no bit is lost" if worst == 0 else f"the worst of them has lost {worst:g} of {_bits(found)} bits"
    return f"Nothing is wrong: value and gradients are what they ought to be; {lost}."


def _bits(found: Diagnosis) -> int:
    return round(all_bits(found.losses.found.xp.dtype))


def _trouble(one: Finding) -> Section:
    sentences = [one.cause]
    if one.place is not None:
        sentences.append(f"It stands in {one.place}")
    if one.valid:
        sentences += [f"Valid for {name}: {_range(low, high)}." for name, (low, high) in list(one.valid.items())[:MOST_LINKS]]
    links = list(one.chain)
    if len(links) > MOST_LINKS:
        links = [*links[: MOST_LINKS // 2], *links[-MOST_LINKS // 2 :]]
    table = Table(
        ("from there on", "gate", "is", "ought to be"),
        tuple((link.label, f"{link.gate}, {link.stage}", _number(link.value), truth(link.truth)) for link in links),
    )
    title = f"{KINDS[one.kind]}: {one.gate}, at {one.wire}, in the {one.stage} pass"
    closing = (f"This spoils {', '.join(one.spoils)}.",) if one.spoils and one.kind != "kink" else ()
    return Section(title, tuple(sentences), table=table if links else None, closing=closing)


def _range(low: Any, high: Any) -> str:
    return f"anything from {precise(low, 4)} to {precise(high, 4)}" if low != high else precise(low)


def _equation(name: str, value: Any) -> Equation:
    left = Both.of(lambda style: name if style == "text" else latex_name(name))
    return Equation(left, (_number(value),), not exact(value), summary(value))


def _number(value: Any) -> Both:
    return Both.of(lambda style: show(value, style=style))


def _cell(value: Any) -> Cell:
    """A number as it stands in a table; of an array for which there is no room, what can be said of it."""
    text = show(value)
    if np.ndim(value) == 0 or len(text) <= LONGEST_CELL:
        return _number(value)
    array = np.asarray(value)
    return summary(array) or f"{'×'.join(map(str, array.shape))}, {int(np.isfinite(array).sum())} of {array.size} finite"


def truth(value: Any) -> Cell:
    """A true number, or an array of them; "none" where there is none."""
    if np.ndim(value):
        return _cell(np.asarray(value, dtype=float))
    if value is None or value != value:
        return Both("none", r"\text{none}")
    number = rounded(value)
    if number is not None:
        return _number(number)
    return Both.of(lambda style: _beyond(value, style))


def _beyond(value: Any, style: Style) -> str:
    text = precise(value)
    if style == "text":
        return text
    mantissa, power = scientific(value, 6)
    return rf"{mantissa} \cdot 10^{{{power}}}"


def _results(output: str, value: Any, gradients: Mapping[str, Any], found: Diagnosis, verdicts: Iterable[Verdict]) -> Table:
    """Each result as it is, as it ought to be, and what it lost."""
    bits: dict[str | None, float] = {}
    for one in verdicts:
        bits[one.target.name] = max(bits.get(one.target.name, 0.0), one.bits)
    rows: list[tuple[Cell, ...]] = []
    for name in (None, *gradients):
        label = Both(_label(output, name, "text"), _label(output, name, "latex"))
        here, true = (value, found.true_value) if name is None else (gradients[name], found.true_gradients[name])
        rows.append((label, _cell(here), truth(true), _number(round(bits.get(name, 0.0), 1))))
    return Table(("", "computed", "truth", "bits lost"), tuple(rows))


def _cure(found: Diagnosis, cure: Cure) -> Section:
    """The stable form and its proof, or that none is known."""
    if not cure.works:
        known = [f"What I can rewrite does not help enough: {one}" for one in cure.rewrites]
        return Section("Stable form", ("I know no stable form that cures these numbers.", *known))
    output = found.problem.output_name
    told = [f"{one}: {one.rule.why}." for one in cure.rewrites]
    told += [f"{one.name[0].upper()}{one.name[1:]}: {one.why}." for one in cure.remedies]
    if not cure.by_the_book:
        told.append("The gradients of Chalkgrad leave out what is not taken; those of the book would not.")
    elif any(one.kind == "unused branch" for one in found.findings):
        told.append(
            "The branch meets a harmless number where it is not taken. (The gradients of Chalkgrad leave it out by themselves.)"
        )
    return Section(
        "Stable form",
        (f"{output} = {cure.formula}".replace("-", MINUS), *dict.fromkeys(told)),
        table=_results(output, cure.value, cure.gradients, found, cure.verdicts),
        closing=("With it every number is finite." if found.unknown else "It cures these numbers.",),
    )


def _label(output: str, name: str | None, style: Style) -> str:
    if name is not None:
        return derivative(output, name, style)
    return output if style == "text" else latex_name(output)


def _wires(found: Diagnosis, view: View) -> Table | None:
    """The wires of the forward pass that lost most."""
    if found.unknown:
        return None
    wires = [wire for wire in view.wires if found.losses.found.values[wire] is not None and view.graph.gate(wire) is not None]
    worst = sorted((found.losses.worst(wire), -wire) for wire in wires)[::-1][:MOST_WIRES]
    chosen = sorted(-wire for bits, wire in worst if bits > MENTIONED)
    if not chosen:
        return None
    rows: list[tuple[Cell, ...]] = []
    for wire in chosen:
        loss, gate = found.losses.loss(wire), view.graph.gate(wire)
        assert gate is not None
        bits, own, condition = _number(round(loss.bits, 1)), _number(round(loss.own, 1)), _condition(loss.condition)
        rows.append((view.names[wire], gate.name, bits, own, condition))
    return Table(("wire", "gate", "bits lost", "by itself", "condition"), tuple(rows))


def _condition(value: float) -> Both:
    return Both.of(lambda style: show(value, 3, style))
