"""What the connector counts; labels never name users."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

EXPORTS = Counter("omero_imaris_exports", "Exports asked for, by where the file came from.", ["source"])
BYTES = Counter("omero_imaris_exported_bytes", "Size of the .ims files made.")
PROCESSOR_WAIT = Histogram(
    "omero_imaris_processor_wait_seconds",
    "Time exports waited for a free script processor.",
    buckets=(0.1, 1, 5, 15, 60, 180, 600),
)
DOWNLOADED = Counter("omero_imaris_downloaded_bytes", "Bytes of .ims files sent to users.")
DELETED = Counter("omero_imaris_cache_deleted", "Exports deleted, by reason.", ["reason"])
