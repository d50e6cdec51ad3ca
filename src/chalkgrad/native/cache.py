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


def all_kept(orders: Sequence[tuple[str, ...]], make: Callable[[Sequence[int]], Sequence[bytes]]) -> list[bytes]:
    """The machine code of each order, which is a text and what it is made with. `make` makes what is not on disk, by its places."""
    home = directory()
    found: dict[tuple[str, ...], bytes] = {}
    paths: dict[tuple[str, ...], Path] = {}
    for order in orders:
        if home is None:
            break
        path = paths[order] = home / (DIGEST("\0".join(order).encode()).hexdigest() + SUFFIX)
        with contextlib.suppress(OSError):
            content = path.read_bytes()
            size = DIGEST().digest_size
            if DIGEST(content[size:]).digest() == content[:size]:
                found[order] = content[size:]
    missing = {order: place for place, order in enumerate(orders) if order not in found}
    for order, code in zip(missing, make(list(missing.values())) if missing else (), strict=True):
        found[order] = code
        if order in paths:
            with contextlib.suppress(OSError):
                _write(paths[order], DIGEST(code).digest() + code)
    return [found[order] for order in orders]


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
