"""After a crash: imports that were under way are taken back, so that no half of one is left."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from omero_embedded.files.layout import FILES
from omero_embedded.importer.filesets import discard_rows
from omero_embedded.importer.template import DEFAULT_TEMPLATE
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from omero_embedded.files.repositories import Repository
    from omero_embedded.server import Server

log = logging.getLogger(__name__)


def take_back_unfinished(server: Server, repository: Repository) -> None:
    """Remove filesets whose import never finished, with files and folders, and data of what was not saved."""
    template = server.config.get("omero.fs.repo.path", DEFAULT_TEMPLATE)
    shared = sum(1 for part in template.partition("//")[0].split("/") if part) if "//" in template else 0
    for fileset in _unfinished(server):
        log.warning("taking back unfinished import fileset=%s", fileset)
        discard_rows(server, repository, fileset, shared)
    _forget_unsaved_pixels(server)
    _forget_unsaved_files(server)


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


def _forget_unsaved_pixels(server: Server) -> None:
    """Data is written before its Pixels are committed; what lies beyond the last Pixels is of nothing."""
    store = pixel_store(server)
    last = _last_id(server, "Pixels")
    for path in store.folder.glob("*/*"):
        number = path.name.partition(".")[0]
        if number.isdigit() and int(number) > last:
            store.delete(int(number))


def _forget_unsaved_files(server: Server) -> None:
    """The same for files by their id, which would else be found below a file that gets it next."""
    last = _last_id(server, "OriginalFile")
    for path in (server.data / FILES).rglob("*"):
        if path.name.isdigit() and int(path.name) > last:
            path.unlink()


def _last_id(server: Server, name: str) -> int:
    with server.db.read() as connection:
        return connection.scalar(select(func.max(TABLES[name].c.id))) or 0
