"""Where the growth leads: a straight line through the last months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW = timedelta(days=90)
LEAST_SPAN = timedelta(days=1)
LEAST_POINTS = 3
FARTHEST = timedelta(days=3650)
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """Growth in bytes per day, and when the space is used up at this rate (None: not within ten years)."""

    bytes_per_day: float
    full_at: datetime | None

    def as_json(self) -> dict[str, object]:
        return {
            "bytes_per_day": round(self.bytes_per_day),
            "full_at": self.full_at.isoformat(timespec="seconds") if self.full_at else None,
        }


def forecast(points: Sequence[tuple[datetime, int]], free_bytes: int | None) -> Forecast | None:
    """Return the forecast from (time, bytes) in order of time; None while there is too little to go by."""
    if not points:
        return None
    newest = points[-1][0]
    window = [(at, size) for at, size in points if newest - at <= WINDOW]
    if len(window) < LEAST_POINTS or newest - window[0][0] < LEAST_SPAN:
        return None
    slope = _slope([((at - newest).total_seconds() / DAY_SECONDS, float(size)) for at, size in window])
    if slope <= 0 or free_bytes is None:
        return Forecast(slope, None)
    days = free_bytes / slope
    return Forecast(slope, newest + timedelta(days=days) if days <= FARTHEST.days else None)


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line."""
    count = len(points)
    middle_x = sum(x for x, _ in points) / count
    middle_y = sum(y for _, y in points) / count
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0
