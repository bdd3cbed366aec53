"""Counting errors in the log files, reading only what was added since the last look."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omero_platform.monitoring.exposition import Family

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.instance import Instance

ERROR = re.compile(
    rb"^[^\n]{0,120}?(?:\b(?:ERROR|CRITICAL|FATAL|PANIC|SEVERE)\b|\blevel=(?:error|fatal)\b|\[(?:ERROR|CRITICAL)\])",
    re.MULTILINE,
)
MOST_BYTES = 8 * 1024 * 1024  # per look and file; what a flood adds beyond that is not counted


@dataclass
class LogErrors:
    """How far each file was read, and the errors found so far."""

    instance: Instance
    counts: dict[str, int] = field(default_factory=dict)
    _positions: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def look(self) -> list[Family]:
        """Read on in every log; what was there before the first look does not count."""
        first = not self.counts
        for name, service in self.instance.stack.local().items():
            self.counts.setdefault(name, 0)
            for log in service.logs:
                self.counts[name] += self._read(self.instance.log / log, from_end=first)
        return [
            Family(
                "omero_log_errors_total",
                "Lines at level error or worse in the service's logs.",
                kind="counter",
                labels=("service",),
                samples={(name,): float(count) for name, count in self.counts.items()},
            )
        ]

    def _read(self, path: Path, *, from_end: bool) -> int:
        try:
            state = path.stat()
        except OSError:
            return 0
        inode, position = self._positions.get(path, (state.st_ino, state.st_size if from_end else 0))
        if inode != state.st_ino or position > state.st_size:  # rotated
            position = 0
        try:
            with path.open("rb") as file:
                file.seek(position)
                added = file.read(MOST_BYTES)
        except OSError:
            return 0
        whole = added.rfind(b"\n") + 1
        skip = state.st_size if len(added) == MOST_BYTES else position + whole
        self._positions[path] = (state.st_ino, skip)
        return len(ERROR.findall(added[:whole]))
