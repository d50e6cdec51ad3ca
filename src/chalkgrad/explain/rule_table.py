"""The table of stable forms: what is written, what stands for it, why, the proof, and the bits of error won."""

import json
from dataclasses import asdict, dataclass
from types import MappingProxyType

from chalkgrad.check.rules import Bits, won
from chalkgrad.explain.rendering import Rendered
from chalkgrad.transform.stabilise import RULES

SCHEMA = "chalkgrad.rules/1"
HEAD = "bits of error before and after: value, gradient, worst"


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of the table, and its measured errors in bits."""

    name: str
    before: str
    after: str
    why: str
    proof: str
    bits_before: Bits
    bits_after: Bits


class RuleTable(Rendered):
    """Every rule, in the order of its name; `rows` holds the data. Made by measuring, which takes seconds."""

    renderers = MappingProxyType(
        {
            "text": "chalkgrad.explain.rule_table:to_text",
            "markdown": "chalkgrad.explain.rule_table:to_markdown",
            "json": "chalkgrad.explain.rule_table:to_json",
        }
    )

    def __init__(self, count: int = 48) -> None:
        measured = [won(rule, count) for rule in sorted(RULES, key=lambda rule: rule.name)]
        self.rows = tuple(Row(one.rule.name, one.rule.before, one.rule.after, one.rule.why, one.rule.proof, one.before, one.after)
                          for one in measured)  # fmt: skip

    def show(self) -> None:
        print(self)


def to_text(table: RuleTable) -> str:
    """The table as text, a few lines for each rule."""
    lines = [f"{len(table.rows)} stable forms; {HEAD}", ""]
    for one in table.rows:
        lines += [f"{one.name}: {one.before}  →  {one.after}", f"  {one.why}", f"  {one.proof}", f"  {_bits(one)}", ""]
    return "\n".join(lines)


def to_markdown(table: RuleTable) -> str:
    """The table as Markdown."""
    lines = ["| rule | written | stable | bits: value | gradient | worst | why | proof |", "|---|---|---|---|---|---|---|---|"]
    for one in table.rows:
        before, after = one.bits_before, one.bits_after
        pairs = [f"{x:.0f} → {y:.0f}" for x, y in ((before.value, after.value), (before.gradient, after.gradient),
                                                   (before.worst, after.worst))]  # fmt: skip
        cells = (one.name, f"`{one.before}`", f"`{one.after}`", *pairs, one.why, one.proof)
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def to_json(table: RuleTable) -> str:
    """The table as JSON."""
    return json.dumps({"schema": SCHEMA, "rules": [asdict(one) for one in table.rows]}, ensure_ascii=False, indent=1)


def _bits(one: Row) -> str:
    before, after = one.bits_before, one.bits_after
    return (f"value {before.value:.1f} → {after.value:.1f} bits, gradient {before.gradient:.1f} → {after.gradient:.1f},"
            f" worst {before.worst:.0f} → {after.worst:.0f}")  # fmt: skip
