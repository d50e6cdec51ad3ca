"""Checked papers for programs: JSON, schemas "chalkgrad.check/1" and "chalkgrad.class/1", and CSV with a row for each claim."""

import csv
import io
import json
from typing import Any

from chalkgrad.explain.checked.answers import Checked, ClassChecked
from chalkgrad.explain.checked.handouts import headline
from chalkgrad.handwork.mistakes import Diagnosis
from chalkgrad.handwork.verdict import Claim
from chalkgrad.notation.numbers import nested

CHECK_SCHEMA, CLASS_SCHEMA = "chalkgrad.check/1", "chalkgrad.class/1"
COLUMNS = ("paper", "line", "verdict", "text", "wrong side", "truth", "mistakes", "sentence")
_FORMULA_SIGNS = ("=", "+", "-", "@")  # a spreadsheet would compute a cell that begins with one


def to_json(found: Checked | ClassChecked) -> str:
    """One paper, or a class of them."""
    if isinstance(found, ClassChecked):
        record = {
            "schema": CLASS_SCHEMA,
            "papers": [_paper(one) for one in found.papers],
            "mistakes": dict(found.mistakes.most_common()),
        }
    else:
        record = {"schema": CHECK_SCHEMA, **_paper(found)}
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)


def to_csv(found: Checked | ClassChecked) -> str:
    """A row for each claim of each paper."""
    paper = io.StringIO()
    writer = csv.writer(paper, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found.papers:
        if one.trouble is not None:
            writer.writerow((one.name, "", "unreadable", _cell(one.trouble.what), "", "", "", ""))
        for claim in one.claims:
            truth = "" if claim.truth is None or one.hint else json.dumps(nested(claim.truth))
            sentence = "" if one.hint else " ".join(dict.fromkeys(each.sentence for each in claim.diagnoses))
            if claim.letter is not None:
                sentence = claim.letter.what
            row = (claim.line, claim.verdict, claim.text, claim.side, truth, _mistakes(claim), sentence)
            writer.writerow((_cell(one.name), row[0], row[1], *map(_cell, row[2:])))
    return paper.getvalue()


def _paper(found: Checked) -> dict[str, Any]:
    return {
        **({"paper": found.name} if found.name else {}),
        "verdict": found.verdict,
        "headline": headline(found),
        "first_wrong_line": found.first_wrong_line,
        "counts": dict(found.judged.counts),
        **({"trouble": str(found.trouble)} if found.trouble is not None else {}),
        "claims": [_claim(one, hint=found.hint) for one in found.claims],
    }


def _claim(claim: Claim, *, hint: bool) -> dict[str, Any]:
    record: dict[str, Any] = {
        "line": claim.line,
        "text": claim.text,
        "claim": claim.claimed,
        "verdict": claim.verdict,
        "about": claim.about,
    }
    if not hint:
        record["truth"] = None if claim.truth is None else nested(claim.truth)
    if claim.side:
        record["wrong_side"] = claim.side
    record["diagnoses"] = [_diagnosis(one, hint=hint) for one in claim.diagnoses]
    if claim.note and not hint:
        record["note"] = claim.note
    if claim.letter is not None:
        record["letter"] = str(claim.letter)
    return record


def _diagnosis(one: Diagnosis, *, hint: bool) -> dict[str, str]:
    said = {
        "mistake": one.mistake,
        "title": " and ".join(mistake.title for mistake in one.mistakes),
    }
    return said if hint else {**said, "sentence": one.sentence, "rule": " ".join(mistake.rule for mistake in one.mistakes)}


def _mistakes(claim: Claim) -> str:
    return " | ".join(one.mistake for one in claim.diagnoses)


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
