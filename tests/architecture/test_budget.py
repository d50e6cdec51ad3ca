"""Files stay small enough to read in a sitting: near 150 lines in the sources, and never above the limits here."""

from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
LIMITS = {"src": 400, "tests": 600}
USUAL = 200  # half of the source files or more are no longer than this

FILES = sorted(path.relative_to(ROOT) for top in LIMITS for path in (ROOT / top).rglob("*.py"))


def lines(path: Path) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_stays_within_its_budget(path):
    limit = LIMITS[path.parts[0]]
    assert lines(path) <= limit, f"{path} has {lines(path)} lines, more than {limit}: it holds more than one idea"


def test_most_source_files_are_short():
    lengths = [lines(path) for path in FILES if path.parts[0] == "src" and path.stem != "__init__"]
    if lengths:
        assert median(lengths) <= USUAL, f"the median source file has {median(lengths)} lines, more than {USUAL}"
