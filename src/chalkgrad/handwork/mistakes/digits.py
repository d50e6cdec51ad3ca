"""Slips of the pen: the derivation is right, the number is not."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from chalkgrad.handwork.mistakes.question import Diagnosis, Mistake, Question
from chalkgrad.handwork.mistakes.walk import number

ADDED_NUMBERS = Mistake(
    "numbers-added", "the numbers on the line were put together by another sign",
    "On this line {text} adds; the rule multiplies: {right}.", "Along a path gradients are multiplied.")  # fmt: skip
ARITHMETIC = Mistake(
    "arithmetic-slip", "what stands on the line does not give this number",
    "An arithmetic slip: {text} is {right}, not {claimed}.", "What stands on both sides of = is the same number.")  # fmt: skip
TRANSPOSED_DIGITS = Mistake(
    "digits-transposed", "digits are exchanged", "Two digits are exchanged: it is {right}, not {claimed}.",
    "Copy numbers digit by digit.")  # fmt: skip
ONE_DIGIT = Mistake(
    "one-digit-wrong", "one digit is wrong", "An arithmetic slip: it is {right}, not {claimed}; one digit differs.",
    "Compute the line once more.")  # fmt: skip
OFF_BY_ONE = Mistake(
    "off-by-one", "the number is a little off", "An arithmetic slip: it is {right}, not {claimed}; it is off by one.",
    "Compute the line once more.")  # fmt: skip
POINT = Mistake(
    "decimal-point", "the decimal point is in another place", "The decimal point slipped: it is {right}, not {claimed}.",
    "Count the places behind the point.")  # fmt: skip
ROUNDED = Mistake(
    "rounding", "the number was not rounded rightly", "It was cut off or rounded wrongly: it is {right}, not {claimed}.",
    "Round to the nearest, and carry more digits in between.")  # fmt: skip


def on_the_line(question: Question, right: Any) -> Iterator[Diagnosis]:
    """What stands on the line gives another number than the one behind it."""
    written = question.written
    if written is None or np.ndim(question.claimed):
        return
    joined = _joined(written.sign, written.numbers)
    if np.isfinite(joined) and not abs(joined - question.claimed) <= question.slack and _near(joined, right):
        yield _told(question, ARITHMETIC, joined, text=_text(written.text))


def of_digits(question: Question, right: Any) -> Iterator[Diagnosis]:
    """The right number with a digit or a place mistaken."""
    claimed = question.claimed
    if np.ndim(claimed) or np.ndim(right) or not (np.isfinite(right) and np.isfinite(claimed)):
        return
    written = question.written
    if written is not None and written.sign == "+" and _near(_joined("*", written.numbers), right):
        yield _told(question, ADDED_NUMBERS, right, text=_text(written.text))
        return
    unit = 2.0 * question.slack
    if unit > 0 and abs(claimed - right) <= 1.2 * unit:
        yield _told(question, ROUNDED, right)
        return
    for power in (-3, -2, -1, 1, 2, 3):
        if right and abs(claimed - right * 10.0**power) <= question.slack * max(1.0, 10.0**power):
            yield _told(question, POINT, right)
            return
    if abs(abs(claimed - right) - 1.0) <= question.slack and abs(right) >= 2:
        yield _told(question, OFF_BY_ONE, right)
    ours, theirs = _digits(right, unit), _digits(claimed, unit)
    if len(ours) == len(theirs) and np.sign(right) == np.sign(claimed):
        apart = [place for place, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other]
        if len(apart) == 1 and len(ours) > 1:
            yield _told(question, ONE_DIGIT, right)
        elif len(apart) == 2 and sorted(ours) == sorted(theirs):
            yield _told(question, TRANSPOSED_DIGITS, right)


def _told(question: Question, mistake: Mistake, right: Any, text: str = "") -> Diagnosis:
    sentence = mistake.sentence.format(right=number(right), claimed=number(question.claimed), text=text)
    return Diagnosis((mistake,), sentence, question.numerator, question.claimed)


def _joined(sign: str, numbers: tuple[float, ...]) -> float:
    result = numbers[0]
    with np.errstate(all="ignore"):
        for one in numbers[1:]:
            result = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[sign](result, one)
    return float(result)


def _near(one: Any, other: Any) -> bool:
    """Equal but for the rounding of the numbers on the line, which may be written with two digits."""
    return not np.ndim(other) and abs(one - other) <= 0.05 * max(abs(one), abs(other), 1e-300)


def _text(written: str) -> str:
    return written.strip().replace("*", "·").replace("-", "−")


def _digits(value: Any, unit: float) -> str:
    """The digits as they would be written to this unit."""
    places = 0 if unit <= 0 or unit >= 1 else round(-np.log10(unit))
    return f"{abs(float(value)):.{min(places, 15)}f}".replace(".", "")
