"""The judges' answers as JSON, for programs: schemas "chalkgrad.losses/1" and "chalkgrad.compare/1"."""

import json
from typing import Any

from chalkgrad.explain.handout.record import steps
from chalkgrad.explain.judges.answers import Comparison, Losses
from chalkgrad.explain.judges.verdicts import NUDGES
from chalkgrad.explain.judges.weighing import JUDGES
from chalkgrad.notation.numbers import nested

LOSSES_SCHEMA, COMPARE_SCHEMA = "chalkgrad.losses/1", "chalkgrad.compare/1"


def losses_json(found: Losses) -> str:
    """One example before the judges."""
    return _written({"schema": LOSSES_SCHEMA, **_example(found), "steps": steps(found.handout)})


def comparison_json(found: Comparison) -> str:
    """Two classifiers before the judges."""
    return _written({
        "schema": COMPARE_SCHEMA,
        "first": _example(found.first),
        "second": _example(found.second),
        "prefers": found.prefers,
        "preferences": [
            {"judge": one.judge.key, "first": one.losses[0], "second": one.losses[1], "prefers": one.prefers, "why": one.why}
            for one in found.preferences
        ],
        "nudges": {"by": list(NUDGES), "first": _nudges(found.first), "second": _nudges(found.second)},
    })  # fmt: skip


def _example(found: Losses) -> dict[str, Any]:
    return {
        "scores": nested(found.scores),
        "true": found.true,
        "margin": found.margin,
        "probabilities": nested(found.probabilities),
        **{key: {"loss": one.loss, "gradient": nested(one.gradient)} for key, one in found.judged.items()},
    }


def _nudges(found: Losses) -> dict[str, dict[str, list[float]]]:
    rows = {key: found.nudged(key) for key in JUDGES}
    return {key: {"loss": [row.loss for row in moved], "slope": [row.slope for row in moved]} for key, moved in rows.items()}


def _written(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)
