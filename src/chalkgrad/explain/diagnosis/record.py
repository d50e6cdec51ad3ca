"""The diagnosis as JSON, for programs: the schema is docs/doctor.schema.json.

Numbers that are not finite, and true numbers that no float holds, are strings: "inf", "nan", "1.970071e+434".
"""

import json
from typing import Any

import numpy as np

from chalkgrad.check.hazards.finding import Finding
from chalkgrad.check.hazards.wording import rounded, scientific
from chalkgrad.explain.diagnosis.answer import Diagnosed
from chalkgrad.explain.record import condensed
from chalkgrad.notation.numbers import nested

SCHEMA = "chalkgrad.doctor/1"
DIGITS = 17


def render(answer: Diagnosed) -> str:
    """The record as JSON text."""
    return json.dumps(record(answer), ensure_ascii=False, allow_nan=False, indent=1)


def record(answer: Diagnosed) -> dict[str, Any]:
    """The record as plain data."""
    found = answer.diagnosis
    return {
        "schema": SCHEMA,
        "formula": answer.statement,
        "output": found.problem.output_name,
        "healthy": found.healthy,
        "findings": [_finding(one) for one in found.findings],
        "value": nested(found.value),
        "gradients": {name: nested(value) for name, value in found.gradients.items()},
        "truth": {
            "value": true(found.true_value),
            "gradients": {name: true(value) for name, value in found.true_gradients.items()},
        },
        "bits_lost": round(found.bits_lost, 3),
        "stable": answer.stable,
        "wires": [
            {
                "name": one.name,
                "gate": one.gate,
                "value": condensed(one.value),
                "bits_lost": None if one.bits is None else round(one.bits, 3),
                "gradient_bits_lost": None if one.gradient_bits is None else round(one.gradient_bits, 3),
            }
            for one in answer.wires
        ],
        "notes": [*found.notes, *([found.unknown] if found.unknown else [])],
    }


def true(value: Any) -> Any:
    """A true number, or an array of them, as JSON holds it; null where there is none."""
    if np.ndim(value):
        return [true(one) for one in value]
    if value is None or value != value:
        return None
    number = rounded(value)
    if number is not None:
        return nested(number)
    mantissa, power = scientific(value, DIGITS)
    return f"{mantissa}e{int(power):+d}"


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "pass": one.stage,
        "wire": one.wire,
        "gate": one.gate,
        "entry": list(one.entry),
        "cause": one.cause,
        "line": None if one.place is None else one.place.line,
        "source_line": None if one.place is None else one.place.text,
        "bits_lost": round(one.bits, 3),
        "spoils": list(one.spoils),
        "valid": {name: [true(low), true(high)] for name, (low, high) in one.valid.items()},
        "chain": [
            {"wire": link.label, "gate": link.gate, "pass": link.stage, "value": nested(link.value), "truth": true(link.truth)}
            for link in one.chain
        ],
    }
