"""The charts of the resource page: what is asked of Prometheus, and how it is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omeroweb_admin_tools.services.prometheus import Sample

RANGES = {3600: 15, 21_600: 60, 86_400: 300, 604_800: 1800, 2_592_000: 7200}
WITHOUT_RAM_DISKS = 'fstype!~"tmpfs|ramfs|squashfs|overlay|proc|sysfs"'
NETWORK = 'device!="lo"'


@dataclass(frozen=True, slots=True)
class Line:
    """One expression of a chart; a label in braces is filled in from each series."""

    query: str
    title: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart; `unit` is percent, bytes, bytes_per_second, per_second, count or seconds."""

    key: str
    title: str
    unit: str
    lines: tuple[Line, ...]


PANELS = (
    Panel(
        "cpu",
        "Processor",
        "percent",
        (Line('100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m])))', "used"),),
    ),
    Panel(
        "memory",
        "Memory",
        "percent",
        (Line("100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)", "used"),),
    ),
    Panel(
        "disk",
        "Disks",
        "percent",
        (
            Line(
                f"100 * (1 - max by (mountpoint) (node_filesystem_avail_bytes{{{WITHOUT_RAM_DISKS}}} "
                f"/ node_filesystem_size_bytes{{{WITHOUT_RAM_DISKS}}}))",
                "{mountpoint}",
            ),
        ),
    ),
    Panel(
        "network",
        "Network",
        "bytes_per_second",
        (
            Line(f"sum(rate(node_network_receive_bytes_total{{{NETWORK}}}[5m]))", "received"),
            Line(f"sum(rate(node_network_transmit_bytes_total{{{NETWORK}}}[5m]))", "sent"),
        ),
    ),
    Panel(
        "io",
        "Disk operations",
        "per_second",
        (
            Line(
                'sum(rate(node_disk_reads_completed_total{device!~"loop.*|dm-.*"}[5m]))',
                "reads",
            ),
            Line(
                'sum(rate(node_disk_writes_completed_total{device!~"loop.*|dm-.*"}[5m]))',
                "writes",
            ),
        ),
    ),
    Panel(
        "connections",
        "Database connections",
        "count",
        (
            Line(
                'sum by (job) (pg_stat_database_numbackends{datname=~"omero.*"})',
                "{job}",
            ),
        ),
    ),
    Panel(
        "transactions",
        "Database transactions",
        "per_second",
        (
            Line(
                "sum by (job) (rate(pg_stat_database_xact_commit[5m]) + rate(pg_stat_database_xact_rollback[5m]))",
                "{job}",
            ),
        ),
    ),
    Panel(
        "redis",
        "Redis memory",
        "bytes",
        (
            Line("redis_memory_used_bytes", "used"),
            Line("redis_memory_max_bytes > 0", "limit"),
        ),
    ),
    Panel(
        "queue",
        "Jobs that wait or run",
        "count",
        (Line("sum by (state) (omero_plugin_jobs_open)", "{state}"),),
    ),
    Panel(
        "requests",
        "Requests to the plugins",
        "per_second",
        (Line("sum by (plugin) (rate(omero_plugin_requests_total[5m]))", "{plugin}"),),
    ),
    Panel("up", "Probes that fail", "count", (Line("sum(probe_success == bool 0)", "failing"),)),
)

INSTANT = {
    "cpu_usage_percent": PANELS[0].lines[0].query,
    "memory_usage_percent": PANELS[1].lines[0].query,
    "disk_usage_percent": '100 * (1 - node_filesystem_avail_bytes{mountpoint="/",fstype!="tmpfs"} '
    '/ node_filesystem_size_bytes{mountpoint="/",fstype!="tmpfs"})',
    "network_receive_bps": PANELS[3].lines[0].query,
    "network_transmit_bps": PANELS[3].lines[1].query,
}


def columns(panel: Panel, found: list[list[Sample]], start: float, end: float, step: float) -> dict[str, Any]:
    """Return a chart in columns: common times, and per series a title and its values (None where there is none)."""
    count = int((end - start) // step) + 1
    times = [start + number * step for number in range(count)]
    series = []
    for line, samples in zip(panel.lines, found, strict=True):
        for sample in samples:
            values: list[float | None] = [None] * count
            for moment, value in sample.points:
                place = round((moment - start) / step)
                if 0 <= place < count and math.isfinite(value):
                    values[place] = value
            series.append({"title": _title(line.title, sample), "values": values})
    series.sort(key=lambda entry: str(entry["title"]))
    return {"key": panel.key, "title": panel.title, "unit": panel.unit, "times": times, "series": series}


def _title(pattern: str, sample: Sample) -> str:
    if not pattern.startswith("{"):
        return pattern
    return sample.labels.get(pattern.strip("{}"), "") or "all"
