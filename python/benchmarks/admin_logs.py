"""Searching a million lines of a local log: `python python/benchmarks/admin_logs.py [lines]`.

Prints the time of selective searches, and their ratio to reading every line in Python. Goal: under a second each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from omeroweb_admin_tools.services.logs.local import LocalLogs
from omeroweb_admin_tools.services.logs.query import LogQuery

GOAL_SECONDS = 1.0
START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(milliseconds=100)


def write(path: Path, lines: int) -> None:
    moment = START
    with path.open("w") as stream:
        for number in range(lines):
            level = "ERROR" if number % 50_000 == 7 else "INFO "
            extra = "reference=abc123def4 " if number == lines // 8 else ""
            stamp = f"{moment:%Y-%m-%d %H:%M:%S},{moment.microsecond // 1000:03d}"
            stream.write(
                f"{stamp} {level} [   ome.services.blitz] (l.Server-{number % 90}) {extra}request {number}\n"
            )
            moment += STEP


def main() -> int:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "omeroserver.log"
        write(path, lines)
        began = time.perf_counter()
        with path.open() as stream:
            sum("abc123def4" in line.lower() for line in stream)
        plain = time.perf_counter() - began
        logs = LocalLogs(Path(name), {"omeroserver": ("omeroserver.log",)})
        middle = START + STEP * (lines // 2)
        searches = {
            "rare text": LogQuery(START, START + STEP * lines, text="ABC123def4"),
            "rare level": LogQuery(START, START + STEP * lines, levels=frozenset({"error", "fatal"})),
            "expression": LogQuery(START, START + STEP * lines, text=r"request 9999\d\b", is_regex=True),
            "one minute": LogQuery(middle, middle + timedelta(minutes=1)),
            "newest 5000": LogQuery(START, START + STEP * lines),
        }
        worst = 0.0
        print(
            f"{lines} lines, {path.stat().st_size / 2**20:.0f} MiB; reading all lines in Python takes {plain:.2f} s"
        )
        for title, query in searches.items():
            began, used = time.perf_counter(), time.process_time()
            found = logs.search(query)
            took, used = time.perf_counter() - began, time.process_time() - used
            worst = max(worst, took)
            print(
                f"{title:12} {took:6.3f} s, {used:6.3f} s of a processor  {plain / took:6.1f} × faster  {len(found.entries)} entries"
            )
    return 0 if worst < GOAL_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
