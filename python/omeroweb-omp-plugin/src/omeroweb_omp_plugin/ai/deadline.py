"""A point in time after which nothing is waited for, however many steps are left."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Deadline:
    """So many seconds from now."""

    seconds: float
    end: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "end", time.monotonic() + self.seconds)

    def left(self) -> float:
        """Seconds left, never less than zero."""
        return max(0.0, self.end - time.monotonic())
