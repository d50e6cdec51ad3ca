"""The table of stable forms, in its renderings; and docs/rules.md, which has to be it."""

import json
import re
from pathlib import Path

import pytest

from chalkgrad.explain.rule_table import RuleTable
from chalkgrad.transform.stabilise import RULES

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
PAIR = re.compile(r"^(\d+) → (\d+)$")
SLACK = 3  # bits by which another library of functions may differ at the worst point


@pytest.fixture(scope="module")
def table():
    return RuleTable()


def cells(text):
    rows = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def test_the_page_is_what_is_measured(table):
    written, measured = cells(PAGE.read_text(encoding="utf-8")), cells(table.to_markdown())
    assert len(written) == len(measured) == len(RULES), "write it anew: chalkgrad rules --format markdown"
    for left, right in zip(written, measured, strict=True):
        for one, other in zip(left, right, strict=True):
            pair = PAIR.match(one), PAIR.match(other)
            if pair[0] and pair[1]:
                near = [abs(int(x) - int(y)) for x, y in zip(pair[0].groups(), pair[1].groups(), strict=True)]
                assert max(near) <= SLACK, f"{left[0]}: {one} on the page, {other} measured"
            else:
                assert one == other


def test_the_table_says_the_same_in_every_form(table):
    record = json.loads(table.to_json())
    assert [one["name"] for one in record["rules"]] == [row.name for row in table.rows]
    for row in table.rows:
        assert f"{row.name}: {row.before}  →  {row.after}" in str(table)
