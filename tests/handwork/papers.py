"""The workings to check: right.txt holds right ones in many styles, wrong.txt holds wrong ones, and
outsiders.txt both, as people wrote them who had not seen the others.

Each begins with a line `=== title | first wrong line | mistake | lines that follow`, of which a right one has the title alone.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent


class Working(NamedTuple):
    title: str
    text: str
    first_wrong_line: int | None = None
    mistake: str = ""
    follows: tuple[int, ...] = ()


def workings(name: str) -> list[Working]:
    """The workings in one of the files."""
    found = []
    for part in re.split(r"(?m)^=== ", (HERE / name).read_text(encoding="utf-8"))[1:]:
        head, _, text = part.partition("\n")
        title, line, mistake, follows = [*(one.strip() for one in head.split("|")), "", "", ""][:4]
        found.append(
            Working(title, text, int(line) if line else None, mistake, tuple(map(int, follows.split(",") if follows else ())))
        )
    return found


RIGHT, WRONG, OUTSIDERS = workings("right.txt"), workings("wrong.txt"), workings("outsiders.txt")
each_right = pytest.mark.parametrize("working", RIGHT, ids=lambda one: one.title)
each_wrong = pytest.mark.parametrize("working", WRONG, ids=lambda one: one.title)
