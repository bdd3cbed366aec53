"""HDF5 files of OMERO.tables, opened through omero-py's own storage (omero.hdfstorageV2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero.columns
from omero.hdfstorageV2 import HDFLIST

if TYPE_CHECKING:
    from pathlib import Path

MIMETYPE = "OMERO.tables"


def register_columns(communicator: Any) -> None:
    """Let columns arrive as omero.columns classes, which know how to store themselves."""
    for factory in omero.columns.ObjectFactories.values():
        if communicator.findObjectFactory(factory.id) is None:
            factory.register(communicator)


def acquire(path: Path, table: object, *, read_only: bool) -> Any:
    """The storage of a file, shared by all tables that have it open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return HDFLIST.getOrCreate(str(path), table, read_only)
