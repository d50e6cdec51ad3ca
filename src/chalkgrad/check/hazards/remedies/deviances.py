"""y·log(y/m) − (y − m), the deviance of a count from its mean, where the two are close and nearly all of it cancels.

With t = (y − m)/m it is (y − m)·log(1 + t) − m·(t − log(1 + t)), whose second part is half of its first.
"""

from collections.abc import Iterator
from functools import partial
from itertools import permutations

import numpy as np

from chalkgrad.check.hazards.remedies.patient import Canvas, Draft, Patient, Remedy
from chalkgrad.graph.wire import Wire
from chalkgrad.transform.stabilise.views import ONE

DEVIANCE = Remedy("deviance by differences", "a number and its mean are close, and what they differ by is exact")
ALIKE = 1e-30


def deviances(patient: Patient) -> Iterator[Draft]:
    """Sums of three terms that are a deviance, however its logarithm is written."""
    for node in patient.nodes:
        if patient.name(node) not in ("add", "subtract") or not patient.sick(node):
            continue
        form = patient.views.linear(node)
        if len(form) != 3 or ONE in form:
            continue
        for weighed, y, mean in permutations(form):
            scale = form[weighed]
            if form[y] == -scale and form[mean] == scale and _is_weighed(patient, weighed, y, mean):
                yield Draft(node, DEVIANCE, partial(_drawn, y, mean, scale))
                break


def _is_weighed(patient: Patient, weighed: int, y: int, mean: int) -> bool:
    """Whether the one is y·log(y/m), as true numbers tell."""
    mp = patient.found.mp
    for one, above, below in zip(
        *(array.ravel() for array in np.broadcast_arrays(*map(patient.truth, (weighed, y, mean)))), strict=True
    ):
        if not (above > 0 and below > 0) or abs(one - above * mp.log(above / below)) > ALIKE * abs(one):
            return False
    return True


def _drawn(y: int, mean: int, scale: float, canvas: Canvas) -> Wire:
    xp, m = canvas.xp, canvas.now(mean)
    apart = canvas.now(y) - m
    t = apart / m
    found = apart * xp.log1p(t) - m * xp.log1p_gap(t)
    return found if scale == 1.0 else scale * found
