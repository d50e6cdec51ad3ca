"""What README.md and docs/ show is what happens: every example there is run.

- A ```python block runs as it stands; where it has >>> prompts, what it shows is compared. The blocks of one page
  share their names, from top to bottom. A block marked ```python needs=jax runs only where jax is installed.
- In a ```console block, each line `$ chalkgrad ...` runs, in a shell and an empty folder with the project's examples/
  in it, and the output shown below it is compared; `...` stands for anything. Other commands, such as `$ make`, are
  not run.
"""

import doctest
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if path.exists()]
SERVERS = ("board",)  # these commands run until they are stopped
TIMEOUT = 120  # seconds for one command

FENCE = re.compile(r"(?ms)^(?P<indent> *)```(?P<info>\w[^\n`]*)\n(?P<body>.*?)^(?P=indent)``` *$")
SHELL = 'chalkgrad() { "$PYTHON" -m chalkgrad "$@"; }\n'
COMPARE = doctest.ELLIPSIS | doctest.REPORT_NDIFF | doctest.DONT_ACCEPT_BLANKLINE

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())


class Block(NamedTuple):
    language: str
    needs: list[str]
    body: str
    line: int  # of the first line of the body, counted from 1


class Command(NamedTuple):
    text: str
    shown: str
    line: int


def blocks(text: str) -> Iterator[Block]:
    for match in FENCE.finditer(text):
        language, *marks = match["info"].split()
        needs = [mark.removeprefix("needs=") for mark in marks if mark.startswith("needs=")]
        yield Block(language, needs, dedent(match["body"]), text.count("\n", 0, match.start("body")) + 1)


def commands(block: Block) -> list[Command]:
    """The commands of a console block, each with the output shown below it. A backslash continues a command."""
    found: list[Command] = []
    unfinished = False
    for number, line in enumerate(block.body.splitlines(), start=block.line):
        if unfinished:
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
        elif line.startswith("$ "):
            found.append(Command(line[2:], "", number))
        elif found:
            found[-1] = found[-1]._replace(shown=f"{found[-1].shown}{line}\n")
        unfinished = bool(found) and not found[-1].shown and found[-1].text.endswith("\\")
    return found


def is_run(command: str) -> bool:
    words = command.split()
    return words[0] == "chalkgrad" and (len(words) == 1 or words[1] not in SERVERS)


def tidy(output: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in output.strip("\n").splitlines())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to run in, so that what examples write stays out of the project."""
    if (ROOT / "examples").is_dir():
        (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@each_page
def test_the_python_examples_run(page, folder):
    names = {"__name__": "__main__"}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    report: list[str] = []
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language != "python" or not all(map(importlib.util.find_spec, block.needs)):
            continue
        if block.body.lstrip().startswith(">>>"):
            example = doctest.DocTestParser().get_doctest(block.body, names, page.name, str(page), block.line - 1)
            runner.run(example, out=report.append, clear_globs=False)
            names.update(example.globs)
        else:
            exec(compile("\n" * (block.line - 1) + block.body, str(page), "exec"), names)
    assert not runner.summarize(verbose=False).failed, "\n" + "".join(report)


@each_page
def test_the_console_examples_show_what_happens(page, folder):
    environment = os.environ | {"PYTHON": sys.executable, "PYTHONUTF8": "1", "COLUMNS": "120", "NO_COLOR": "1"}
    for block in blocks(page.read_text(encoding="utf-8")):
        for text, shown, line in commands(block) if block.language == "console" else ():
            if not is_run(text):
                continue
            done = subprocess.run(
                ["sh", "-c", SHELL + text], cwd=folder, env=environment, timeout=TIMEOUT, encoding="utf-8",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            where = f"{page.name}:{line}: {text}"
            want, got = tidy(shown), tidy(done.stdout)
            assert "Traceback (most recent call last)" not in got, f"{where}\n{got}"
            if want:
                checker = doctest.OutputChecker()
                difference = checker.output_difference(doctest.Example(text, want), got, COMPARE)
                assert checker.check_output(want, got, COMPARE), f"{where}\n{difference}"
            else:
                assert done.returncode == 0, f"{where} ended with {done.returncode}\n{got}"
