"""What maintenance did to one table or index."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`state` is done, skipped (nothing to do), planned (a dry run), busy (somebody holds a lock) or failed.

    Sizes are bytes of the table or index.
    """

    database: str
    action: str
    name: str
    state: str
    reason: str
    bytes_before: int = 0
    bytes_after: int = 0
    dead_rows_before: int = 0
    dead_rows_after: int = 0
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing is left to do."""
        return self.state in {"done", "skipped", "planned"}
