"""After a crash: imports that were under way are taken back, so that no half of one is left."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from sqlalchemy import select

from omero_embedded.files.layout import FILES
from omero_embedded.importer.filesets import discard_rows
from omero_embedded.importer.template import DEFAULT_TEMPLATE
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.ids import reserve

if TYPE_CHECKING:
    from omero_embedded.files.repositories import Repository
    from omero_embedded.server import Server

log = logging.getLogger(__name__)


def take_back_unfinished(server: Server, repository: Repository) -> None:
    """Remove filesets whose import never finished, with files and folders, and keep new data off what else was left."""
    template = server.config.get("omero.fs.repo.path", DEFAULT_TEMPLATE)
    shared = sum(1 for part in template.partition("//")[0].split("/") if part) if "//" in template else 0
    for fileset in _unfinished(server):
        log.warning("taking back unfinished import fileset=%s", fileset)
        discard_rows(server, repository, fileset, shared)
    _keep_ids_of_data(server)


def _unfinished(server: Server) -> list[int]:
    """Filesets with an import job that is not finished, and without images."""
    filesets, images, links, jobs, status = (
        TABLES[name] for name in ("Fileset", "Image", "FilesetJobLink", "Job", "JobStatus")
    )
    unfinished = (
        select(links.c.id)
        .join(jobs, jobs.c.id == links.c.child)
        .join(status, status.c.id == jobs.c.status)
        .where(
            links.c.parent == filesets.c.id,
            jobs.c.discriminator == "MetadataImportJob",
            status.c.value != "Finished",
        )
    )
    imported = select(images.c.id).where(images.c.fileset == filesets.c.id)
    with server.db.read() as connection:
        return list(connection.scalars(select(filesets.c.id).where(unfinished.exists(), ~imported.exists())))


def _keep_ids_of_data(server: Server) -> None:
    """Data that was written for what was never committed lies under an id that must not become that of others.

    It is not removed: with another database beside it, all data of a server would look like that.
    """
    found = {
        "Pixels": (path.name.partition(".")[0] for path in pixel_store(server).folder.glob("*/*")),
        "OriginalFile": (name for _, _, names in os.walk(server.data / FILES) for name in names),
    }
    for name, numbers in found.items():
        last = max((int(number) for number in numbers if number.isdigit()), default=0)
        with server.db.write() as connection:
            reserve(connection, TABLES[name], last)
