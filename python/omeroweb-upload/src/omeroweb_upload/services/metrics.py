"""Counting uploads; labels are results and reasons, never users."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

BYTES = Counter("omero_upload_received_bytes", "Bytes of files taken in.")
FILES = Counter("omero_upload_files", "Files, by how their transfer ended.", ["result"])
FAILURES = Counter(
    "omero_upload_failures", "What went wrong with uploads, by stage and reason.", ["stage", "reason"]
)
SETS = Counter("omero_upload_sets", "File sets, by engine and how their import ended.", ["engine", "result"])
IMPORT_SECONDS = Histogram(
    "omero_upload_import_duration_seconds",
    "Time from handing a file set to OMERO to its images.",
    ["engine"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200),
)
SESSIONS = Counter("omero_upload_sessions", "Uploads, by how they ended.", ["result"])
