"""The tables of docs/accuracy.md: each stands between two marks in that page; the rest of the page stays as it is."""

from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
END = "<!-- end of table -->"


def write_table(name: str, lines: Sequence[str]) -> None:
    begin = f"<!-- table: benchmarks/accuracy/{name}.py -->"
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    assert found, f"{PAGE.name} has no place for the table of {name}.py"
    after = rest.partition(END)[2]
    PAGE.write_text(before + "\n".join([begin, "", *lines, "", END]) + after, encoding="utf-8")
