"""What stands on a command line, as data: NAME=VALUE pairs, files of formulas and values, where the answer goes."""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chalkgrad.errors import ChalkgradError, GivenError, quote
from chalkgrad.reading.formula import read_value

STDIN = "-"
LARGEST_FILE = 64 * 1024 * 1024  # bytes; far above any formula or set of values that can be worked
SUFFIXES = {".txt": "text", ".md": "markdown", ".html": "html", ".htm": "html", ".svg": "svg", ".json": "json",
            ".csv": "csv", ".tex": "latex"}  # fmt: skip


def assignments(words: Sequence[str]) -> dict[str, Any]:
    """The values of NAME=VALUE words. Raises GivenError for a word of another form, or a name given twice."""
    values: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        name = name.strip()
        if not sign or not name:
            raise GivenError(f"{quote(word)} is no value: I expected NAME=VALUE.", hint='For example: x=3 or "s=[225, 617, 950]".')
        if name in values:
            raise GivenError(f"{name} is given twice.", hint="Keep one of the two.")
        values[name] = read_value(value, name)
    return values


def values_from(path: str) -> dict[str, Any]:
    """The values in a JSON file: an object from names to numbers or nested lists."""
    text = contents(path, "values")
    try:
        values = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        place = error.pos if isinstance(error, json.JSONDecodeError) else 0
        why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise GivenError(f"The values in {path} are no JSON: {why}.", source=text, span=(place, place + 1)) from None
    except ValueError:
        raise GivenError(f"The values in {path} hold a number with too many digits.") from None
    if not isinstance(values, dict):
        raise GivenError(
            f"The values in {path} should be an object from names to numbers.", hint='For example: {"x": 3, "s": [1, 2]}'
        )
    return values


def contents(path: str, what: str) -> str:
    """The text of a file, or of standard input for "-". Raises ChalkgradError where it cannot be read."""
    try:
        return raw_contents(path, what).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ChalkgradError(f"The file {quote(path)} is not UTF-8 text (byte {error.start}).") from None


def raw_contents(path: str, what: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises ChalkgradError where they cannot be read."""
    try:
        if path == STDIN:
            raw = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with Path(path).open("rb") as file:
                raw = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ChalkgradError(f"I cannot read the {what} from {quote(path)}: {reason}.") from None
    if len(raw) > LARGEST_FILE:
        raise ChalkgradError(f"The file {quote(path)} is larger than {LARGEST_FILE // 2**20} MiB.")
    return raw


def form_of(chosen: str | None, path: str | None) -> str:
    """The rendering that is wanted: as chosen, or by the ending of the file that it goes to, or text."""
    if chosen is not None:
        return chosen
    return SUFFIXES.get(Path(path).suffix.lower(), "text") if path else "text"


def save(text: str, path: str) -> None:
    """Write the answer whole or not at all: a file that is there stays as it is if anything goes wrong."""
    target = Path(path)
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")  # a device or pipe takes it as it comes; a folder says what is wrong
            return
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ChalkgradError(f"I cannot write to {quote(path)}: {reason}.") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
