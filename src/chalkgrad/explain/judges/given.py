"""What a judge is given: scores, true class, margin; each as it should be, or a letter."""

import math
import operator
from typing import Any

import numpy as np

from chalkgrad.errors import GivenError, ShapeError, TooLargeError
from chalkgrad.graph.shapes import show
from chalkgrad.reading.formula.values import number

LARGEST = 1e290  # sums of differences of such scores are floats still, for any number of classes that fits into memory
EXAMPLE = "For example: [3.2, 5.1, -1.7]."


def read_scores(scores: Any, name: str = "the scores") -> np.ndarray:
    """One score for each class, as float64. Raises ShapeError, GivenError or TooLargeError where they are none."""
    if isinstance(scores, list | tuple) and not scores:
        raise ShapeError(f"There is no score in {name}.", hint=f"Give one for each class. {EXAMPLE}")
    read = np.asarray(number(name, scores))
    if read.ndim != 1:
        raise ShapeError(f"A judge looks at one score for each class; {name} are {show(read.shape)}, not a list.",
                         hint=f"Give the scores of one example. {EXAMPLE}")  # fmt: skip
    if read.size == 1:
        raise ShapeError(
            "With a single class there is nothing to judge: it always wins.", hint=f"Give two scores or more. {EXAMPLE}"
        )
    if not np.all(np.isfinite(read)):
        place = int(np.argmin(np.isfinite(read)))
        raise GivenError(f"The score of class {place} in {name} is {read[place]}, not a finite number.",
                         hint=f"Every class needs a score. {EXAMPLE}")  # fmt: skip
    place = int(np.argmax(np.abs(read)))
    if abs(read[place]) > LARGEST:
        raise TooLargeError(f"The score of class {place} in {name} is {read[place]}: differences of such scores overflow.",
                            hint=f"Scores go up to {LARGEST:.0e} in size.")  # fmt: skip
    return read


def read_true(true: Any, classes: int) -> int:
    """The true class, counted from 0. Raises GivenError where there is no such class."""
    hint = f"Classes count from 0, so here they are 0 to {classes - 1}."
    try:
        index = operator.index(true)
    except TypeError:
        raise GivenError(f"The true class is a whole number, not {_kind(true)}.", hint=hint) from None
    if isinstance(true, bool):
        raise GivenError(f"The true class is a whole number, not {true}.", hint=hint)
    if not 0 <= index < classes:
        raise GivenError(f"There is no class {index}: there are {classes} scores.", hint=hint)
    return index


def read_margin(margin: Any) -> float:
    """The margin as a float of 0 or more. Raises GivenError or TooLargeError where it is none."""
    read = number("the margin", margin)
    if np.ndim(read):
        raise GivenError(f"The margin is a single number, not {show(np.shape(read))}.", hint="The usual one is 1.")
    size = float(read)
    if not math.isfinite(size) or size < 0:
        raise GivenError(f"The margin is {size:g}; it should be a finite number, 0 or more.",
                         hint="It tells by how much the true class must win; the usual one is 1.")  # fmt: skip
    if size > LARGEST:
        raise TooLargeError(f"The margin {size:g} is too large.", hint=f"Margins go up to {LARGEST:.0e}.")
    return size


def read_alike(first: np.ndarray, second: np.ndarray) -> None:
    """Both classifiers must score the same classes. Raises ShapeError where they do not."""
    if first.shape != second.shape:
        raise ShapeError(f"The first classifier scores {first.size} classes and the second {second.size}.",
                         hint="Both must judge the same example, with one score for each class.")  # fmt: skip


def _kind(value: Any) -> str:
    return repr(value) if isinstance(value, int | float) else f"a {type(value).__name__}"
