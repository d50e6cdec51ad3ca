"""What the run tells at its end: how many calls of each peer agreed, and how far apart the furthest were."""

from collections import defaultdict
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    agreed: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for report in terminalreporter.stats.get("passed", []):
        found = dict(report.user_properties)
        if "peer" in found:
            agreed[found["peer"]].append((found["apart"], found["call"]))
    for peer, calls in sorted(agreed.items()):
        apart, call = max(calls)
        terminalreporter.write_line(f"{peer}: {len(calls)} agree; the furthest apart, by {apart:.1e} of its scale: {call}")
