"""Deleting many objects with few requests, and saying what could not be deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.cmd

from omero_plugin_common.omero_access.images import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable

DELETE_BATCH = 1000
WAIT_LOOPS = 3600
WAIT_MILLISECONDS = 500


class DeletionError(Exception):
    """The server refused; nothing of the refused batch was deleted, earlier batches were."""

    def __init__(self, message: str, deleted: int) -> None:
        super().__init__(message)
        self.deleted = deleted


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many objects went, by class (ImageAnnotationLink, MapAnnotation, …)."""

    counts: dict[str, int]


def delete(conn: Any, object_type: str, ids: Iterable[int], *, dry_run: bool = False) -> Deleted:
    """Delete objects with everything that hangs on them, 1000 per request; with `dry_run` only count.

    Raises DeletionError.
    """
    counts: dict[str, int] = {}
    for chunk in chunks(ids, DELETE_BATCH):
        response = _delete_batch(conn, object_type, chunk, dry_run=dry_run, before=sum(counts.values()))
        for name, deleted in response.deletedObjects.items():
            simple = name.rpartition(".")[2]
            counts[simple] = counts.get(simple, 0) + len(deleted)
    return Deleted(counts)


def _delete_batch(conn: Any, object_type: str, ids: list[int], *, dry_run: bool, before: int) -> Any:
    request = omero.cmd.Delete2(targetObjects={object_type: ids}, dryRun=dry_run)
    handle = conn.c.sf.submit(request, conn.SERVICE_OPTS)
    callback = omero.callbacks.CmdCallbackI(conn.c, handle)
    try:
        callback.loop(WAIT_LOOPS, WAIT_MILLISECONDS)
        response = callback.getResponse()
    finally:
        callback.close(True)
    if isinstance(response, omero.cmd.ERR):
        reason = response.parameters.get("message") or f"{response.category} {response.name}"
        raise DeletionError(f"OMERO refused to delete {len(ids)} {object_type}s: {reason}", before)
    return response
