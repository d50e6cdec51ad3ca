"""The most memory this process has held at once."""

import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak() -> float:
    """MiB this process had in memory at its largest.

    Linux hands `ru_maxrss` on from the process that started this one (getrusage(2) counts what was held before `exec`),
    so a small process started by a large one would look large; its own high-water mark is in `/proc/self/status`.
    """
    told = dict(line.split(":", 1) for line in STATUS.read_text().splitlines()) if STATUS.exists() else {}
    if held := told.get("VmHWM"):  # as in "  12345 kB"
        return int(held.split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
