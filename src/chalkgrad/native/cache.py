"""Machine code kept on disk between runs: one file for each module, named by what it was made of.

The name is a digest of the instructions, the processor and the versions, so a file is right or it is not found. A file begins with
a digest of its own content; one that is damaged is compiled anew. Writing goes to a new file that is then renamed, so two processes
that write at once do not disturb each other. Where nothing can be written, nothing is kept. What is called from machine code is
called by name, so no address of the process that wrote a file is in it.

`CHALKGRAD_CACHE_DIR` says where; empty, nothing is kept.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

DIRECTORY = "CHALKGRAD_CACHE_DIR"
SUFFIX = ".o"
DIGEST = hashlib.sha256
LARGEST = 512 * 2**20  # bytes; beyond it the oldest files go
EVERY = 4  # of 256 files written, after how many the sizes of all are looked at


def directory() -> Path | None:
    """Where machine code is kept; None for nowhere."""
    chosen = os.environ.get(DIRECTORY)
    if chosen is not None:
        return Path(chosen) if chosen else None
    if sys.platform == "win32":
        bases = os.environ.get("LOCALAPPDATA", ""), os.path.expanduser("~/AppData/Local")
    else:
        bases = os.environ.get("XDG_CACHE_HOME", ""), os.path.expanduser("~/.cache")
    # A relative path would be another one in each directory, and a user without a home has none.
    return next((Path(base) / "chalkgrad" for base in bases if os.path.isabs(base)), None)


def kept(text: str, made_with: str, make: Callable[[], bytes]) -> bytes:
    """The machine code of `text`, from disk, or made and kept."""
    return all_kept([text], made_with, lambda _: [make()])[0]


def all_kept(texts: Sequence[str], made_with: str, make: Callable[[Sequence[str]], Sequence[bytes]]) -> list[bytes]:
    """The machine code of each text; of those that are not on disk it is made together, and kept."""
    home = directory()
    found: dict[str, bytes] = {}
    paths: dict[str, Path] = {}
    for text in texts:
        if home is None:
            break
        path = paths[text] = home / (DIGEST(f"{made_with}\n{text}".encode()).hexdigest() + SUFFIX)
        with contextlib.suppress(OSError):
            content = path.read_bytes()
            size = DIGEST().digest_size
            if DIGEST(content[size:]).digest() == content[:size]:
                found[text] = content[size:]
    missing = [text for text in dict.fromkeys(texts) if text not in found]
    for text, code in zip(missing, make(missing) if missing else (), strict=True):
        found[text] = code
        if text in paths:
            with contextlib.suppress(OSError):
                _write(paths[text], DIGEST(code).digest() + code)
    return [found[text] for text in texts]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # whoever can write here can say what is run
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    if content[0] < EVERY:
        _bounded(path.parent)


def _files(home: Path) -> list[Path]:
    return [path for path in home.iterdir() if path.suffix == SUFFIX or path.name.startswith("new-")] if home.is_dir() else []


def _bounded(home: Path) -> None:
    found = []
    for path in _files(home):
        with contextlib.suppress(OSError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= LARGEST:
            return
        with contextlib.suppress(OSError):
            path.unlink()
        total -= size


def contents() -> tuple[Path | None, int, int]:
    """Where the cache is, how many files it holds, and how many bytes."""
    home = directory()
    sizes = []
    for path in _files(home) if home else []:
        with contextlib.suppress(OSError):
            sizes.append(path.stat().st_size)
    return home, len(sizes), sum(sizes)


def clear() -> int:
    """Delete the files of the cache, and nothing else; how many there were."""
    home = directory()
    count = 0
    for path in _files(home) if home else []:
        with contextlib.suppress(OSError):
            path.unlink()
            count += 1
    return count
