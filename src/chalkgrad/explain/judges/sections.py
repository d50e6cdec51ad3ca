"""The handouts of the judges: one example's losses by hand, and two classifiers side by side."""

from chalkgrad.explain.handout.model import Handout, Section, Table
from chalkgrad.explain.judges.by_hand import (
    hinge_gradient,
    hinge_lines,
    left_out,
    one_vs_all_lines,
    overflow,
    rival_line,
    softmax_gradient,
    softmax_lines,
    softmax_loss,
)
from chalkgrad.explain.judges.preferences import Preference
from chalkgrad.explain.judges.verdicts import Judged, Verdicts
from chalkgrad.explain.judges.weighing import on_a_kink
from chalkgrad.explain.judges.writing import Term, equation, shown
from chalkgrad.explain.lesson import Both, Equation
from chalkgrad.notation.names import derivative
from chalkgrad.notation.numbers import show

SHIFT = "Multiplying above and below by C changes no share; with log C = −max(s) no power can overflow."
SHARES = "Each class gets its share, and the true class its share minus 1: what pulls the others down lifts the true class."
WITHIN = "Each other class costs by how much it comes within the margin of the true one."
CONTENT = "The true class wins by the margin over every other, so the SVM is content: there is nothing to push."
ALONE = "The true class should score Δ or more, every other −Δ or less."
FEW_DIGITS = 4  # in a table of many columns
NUDGED = "When the true score is nudged"
KINK = "This stands on a kink, where the loss has no slope but only one-sided ones."
NAMES = {
    "softmax": "softmax",
    "hinge": "SVM (Weston–Watkins)",
    "crammer_singer": "SVM (Crammer–Singer)",
    "one_vs_all": "SVM (one-vs-all)",
}
MARGIN = Term("Δ", latex=r"\Delta")


def losses_handout(found: Verdicts) -> Handout:
    """Both losses and both gradients by hand; the other two hinges below; all numbers at the end."""
    title = f"The losses of one example whose true class is {found.true}"
    answers = tuple((NAMES[key], shown(one.loss), shown(one.gradient)) for key, one in found.judged.items())
    answer = Section("Answer", table=Table(("judge", "loss", "gradient"), answers))
    return Handout(title, (_given(found), *_softmax(found), *_hinge(found), _rival(found), _alone(found), answer))


def comparison_handout(first: Verdicts, second: Verdicts, choices: tuple[Preference, ...]) -> Handout:
    """Two classifiers side by side: their losses, each judge's choice and why, and how the losses move with the true score."""
    title = f"Two classifiers before the same judges; the true class is {first.true}"
    scores = (equation(Term("first"), [], first.scores), equation(Term("second"), [], second.scores))
    losses = tuple((NAMES[one.judge.key], shown(one.losses[0]), shown(one.losses[1]), one.prefers) for one in choices)
    return Handout(title, (
        Section("Given", lines=(*scores, equation(MARGIN, [], first.margin)), layout="row"),
        Section("The losses", table=Table(("judge", "first", "second", "prefers"), losses)),
        Section("Why", tuple(one.why for one in choices)),
        Section(NUDGED, (_nudged(first, second),), table=_nudges(first, second), closing=_pulls(first, second)),
    ))  # fmt: skip


def _given(found: Verdicts) -> Section:
    rest = left_out(found.scores)
    lines = (
        equation(Term("s"), [], found.scores),
        equation(Term("true class"), [], found.true),
        equation(MARGIN, [], found.margin),
    )
    return Section("Given", lines=lines, closing=(rest,) if rest else (), layout="row")


def _softmax(found: Verdicts) -> tuple[Section, Section]:
    steps, true = found.softmax_steps, found.true
    overflows = overflow(found.scores)
    shares = (*softmax_lines(found.scores, steps, true), softmax_loss(steps, true, found.softmax.loss))
    slopes = tuple(softmax_gradient(found.scores, steps, true, found.softmax.gradient))
    return (
        Section("Softmax: which share does the true class get?", (SHIFT, overflows) if overflows else (SHIFT,), shares),
        Section("Softmax: the gradient", (SHARES,), slopes),
    )


def _hinge(found: Verdicts) -> tuple[Section, Section]:
    steps, hinge = found.hinge_steps, found.hinge
    terms = tuple(hinge_lines(found.scores, found.true, found.margin, steps, hinge.loss))
    slopes = tuple(hinge_gradient(found.scores, found.true, steps, hinge.gradient))
    return (
        Section("SVM: does the true class win by the margin?", (WITHIN,), terms, closing=(CONTENT,) if hinge.content else ()),
        Section("SVM: the gradient", lines=slopes, closing=_kinks(hinge, found)),
    )


def _rival(found: Verdicts) -> Section:
    judged = found.crammer_singer
    lines = (rival_line(found.scores, found.true, found.margin, judged.loss), _gradient(judged))
    return Section("SVM after Crammer and Singer: only the strongest rival counts", lines=lines, closing=_kinks(judged, found))


def _alone(found: Verdicts) -> Section:
    judged = found.one_vs_all
    lines = one_vs_all_lines(found.scores, found.true, found.margin, found.one_vs_all_steps, judged.loss)
    return Section("SVM one-vs-all: each class on its own", (ALONE,), (*lines, _gradient(judged)), closing=_kinks(judged, found))


def _nudged(first: Verdicts, second: Verdicts) -> str:
    here = [show(one.scores[one.true]) for one in (first, second)]
    where = f"{here[0]} in both" if here[0] == here[1] else f"{here[0]} in the first and {here[1]} in the second"
    return f"It is {where}. Beside each loss stands its slope by the true score."


def _gradient(one: Judged) -> Equation:
    name = Both.of(lambda style: derivative("L", "s", style))
    return equation(Term(name.text, latex=name.latex), [], one.gradient)


def _kinks(one: Judged, found: Verdicts) -> tuple[str, ...]:
    return tuple(
        f"{KINK} Used here: {convention}. Valid would be: {valid}."
        for convention, valid in on_a_kink(one.judge, found.scores, found.true, found.margin)
    )


def _nudges(first: Verdicts, second: Verdicts) -> Table:
    header = ["nudge"]
    columns: list[list[Both]] = []
    for key, name in (("softmax", "softmax"), ("hinge", "SVM")):
        for side, found in (("first", first), ("second", second)):
            rows = found.nudged(key)
            header += [f"{name}, {side}", "slope"]
            columns += [[shown(row.loss, FEW_DIGITS) for row in rows], [shown(row.slope, FEW_DIGITS) for row in rows]]
    nudges = [shown(row.nudge) for row in first.nudged("softmax")]
    return Table(tuple(header), tuple(zip(nudges, *columns, strict=True)))


def _pulls(first: Verdicts, second: Verdicts) -> tuple[str, ...]:
    """What the slopes say about the classifiers as they are."""
    content = [name for name, one in (("first", first), ("second", second)) if one.hinge.content]
    sentences = ["For softmax the slope is never zero: a higher true score is always better."]
    if len(content) == 2:
        sentences.append("For the SVM it is zero in both while the margin is kept: a higher true score changes nothing.")
    elif content:
        sentences.append(f"For the SVM it is zero in the {content[0]}, where the margin is kept, and not in the other.")
    else:
        sentences.append("For the SVM it is minus the number of classes within the margin, until none is left.")
    sides = (("first", first), ("second", second))
    edges = [name for name, one in sides if on_a_kink(one.hinge.judge, one.scores, one.true, one.margin)]
    if edges:
        sentences.append(f"The {' and the '.join(edges)} has a class exactly on the margin, a kink: nudged down, its slope jumps.")
    return tuple(sentences)
