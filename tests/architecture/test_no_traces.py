"""No file tells where it was written: no folder of somebody's machine, no address of a package registry."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).relative_to(ROOT).as_posix()

TRACES = re.compile(
    r"(?<![\w.~>-])/(?:home|root|work|Users|opt)/"  # an absolute path, but not the middle of an address
    r"|[A-Z]:\\Users\\"
    r"|pypi\.org|files\.pythonhosted|registry\.npmjs"
    r"|--(?:extra-)?index-url|--find-links",
)


def project_files() -> list[str]:
    """What is tracked, and what would be at the next commit."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return sorted({name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()} - {HERE})


def test_no_file_names_a_machine_or_a_registry():
    found = []
    for name in project_files():
        content = (ROOT / name).read_bytes()
        if b"\0" in content:  # not text
            continue
        for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), start=1):
            found += [f"{name}:{number} says {match[0]}" for match in TRACES.finditer(line)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("line", ["see /home/ann/notes", '"/work/x"', r"C:\Users\ann", "from https://pypi.org/simple"])
def test_a_trace_is_noticed(line):
    assert TRACES.search(line)


@pytest.mark.parametrize("line", ["https://example.org/work/1", "docs/home/page.md", "work/check", "src/root/"])
def test_an_innocent_line_is_let_pass(line):
    assert not TRACES.search(line)
