"""A bar on standard error for what takes longer than a moment; nothing where that is no terminal."""

import sys
import time
from types import TracebackType
from typing import Self

PATIENCE = 1.0  # seconds before a bar is shown
WIDTH = 40  # columns


class Bar:
    """`tell(done, total)` moves the bar. It appears when the work turns out to be long, and goes when the block ends."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.shown:
            sys.stderr.write("\r" + " " * len(self.shown) + "\r")
            sys.stderr.flush()

    def tell(self, done: int, total: int) -> None:
        """So many gates of so many are done."""
        if not sys.stderr.isatty() or time.monotonic() - self.start < PATIENCE:
            return
        full = WIDTH * done // max(total, 1)
        line = f"truth  {'█' * full}{'░' * (WIDTH - full)}  {done} of {total} gates"
        sys.stderr.write("\r" + line.ljust(len(self.shown)))
        sys.stderr.flush()
        self.shown = line
