"""Reading the newest figures back: a handful of queries, whatever the number of users and images."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from omeroweb_admin_tools.models import StorageMeasurement
from omeroweb_admin_tools.services.storage.forecast import forecast
from omeroweb_admin_tools.services.storage.views import VIEWS

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

TREND = timedelta(days=365)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SIZES = ("images", "bytes", "managed_bytes", "in_place_bytes", "other_bytes", "disk_bytes")


def report(data_dir: Path, now: datetime) -> dict[str, Any]:
    """Return everything the storage page shows, empty lists when nothing was measured yet. Two queries."""
    newest = StorageMeasurement.objects.order_by("-at").first()
    if newest is None:
        return _empty(data_dir)
    trend = list(
        StorageMeasurement.objects.filter(at__gte=now - TREND)
        .order_by("at")
        .values_list("at", "managed_bytes", "in_place_bytes", "other_bytes", "disk_bytes")
    )
    points = [(at, managed + other) for at, managed, _, other, _ in trend]
    expected = forecast(points, newest.disks.get("free"))
    return {
        "measured_at": newest.at.isoformat(timespec="seconds"),
        "measured_seconds": round(newest.seconds, 2),
        "totals": {
            "omero_binary_bytes": newest.managed_bytes + newest.in_place_bytes + newest.other_bytes,
            "managed_bytes": newest.managed_bytes,
            "in_place_bytes": newest.in_place_bytes,
            "other_bytes": newest.other_bytes,
            "on_disk_bytes": newest.disk_bytes,
            "images": newest.images,
            "data_root": str(data_dir),
            "data_root_total_bytes": newest.disks.get("total"),
            "data_root_used_bytes": newest.disks.get("used"),
            "data_root_free_bytes": newest.disks.get("free"),
            "parts": {key: size for key, size in newest.disks.items() if key[:1].isupper()},
        },
        **newest.views,
        "trend": [
            {
                "at": at.isoformat(timespec="seconds"),
                "managed_bytes": managed,
                "in_place_bytes": in_place,
                "other_bytes": other,
                "on_disk_bytes": disk,
            }
            for at, managed, in_place, other, disk in trend
        ],
        "forecast": expected.as_json() if expected else None,
        "largest": newest.largest,
        "coldest": newest.coldest,
    }


def as_csv(found: dict[str, Any], view: str) -> str:
    """Return one view of a report as CSV; texts that a spreadsheet would take for formulas are made plain."""
    names = VIEWS[view]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*names, *SIZES, "changed_at"])
    for row in found[f"by_{view.replace('-', '_')}"]:
        cells = [row[name] for name in (*names, *SIZES, "changed_at")]
        writer.writerow([plain(cell) for cell in cells])
    return out.getvalue()


def plain(cell: Any) -> Any:
    """Return a cell that no spreadsheet computes."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _empty(data_dir: Path) -> dict[str, Any]:
    lists = ("by_user", "by_group", "by_user_group", "by_project", "trend", "largest", "coldest")
    sizes = (
        "omero_binary_bytes",
        "managed_bytes",
        "in_place_bytes",
        "other_bytes",
        "images",
    )
    unknown = ("on_disk_bytes", "data_root_total_bytes", "data_root_used_bytes", "data_root_free_bytes")
    totals: dict[str, Any] = {
        **dict.fromkeys(sizes, 0),
        **dict.fromkeys(unknown),
        "data_root": str(data_dir),
        "parts": {},
    }
    return {
        "measured_at": None,
        "measured_seconds": None,
        "totals": totals,
        **{name: [] for name in lists},
        "forecast": None,
    }
