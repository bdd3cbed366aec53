"""The server's part of an import: from uploaded files to saved images."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from omero_embedded.files import checksums, rows
from omero_embedded.importer.filesets import Prepared, set_status
from omero_embedded.importer.images import Builder, Wishes
from omero_embedded.importer.measure import Measured, measure
from omero_embedded.importer.readers.base import ReadError
from omero_embedded.importer.readers.registry import READERS, choose
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.pixels.store import SourceRef
from omero_embedded.updates.save import save_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from omero_embedded.files.repositories import Repository
    from omero_embedded.importer.metadata import FileInfo
    from omero_embedded.importer.readers.base import Reader
    from omero_embedded.pixels.source import PixelSource
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

STEPS = 5
IMPORTED = "imported"


@dataclass(slots=True)
class Log:
    """The lines of the import log."""

    lines: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Add a line with the time."""
        self.lines.append(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC {text}")

    def bytes(self) -> bytes:
        """The whole log."""
        return ("\n".join(self.lines) + "\n").encode()


def register_opener(server: Server, repository: Repository) -> None:
    """Let the pixel store open imported files; their paths are kept relative to the repository."""
    readers = {reader.name: reader for reader in READERS}

    def opener(reference: SourceRef) -> PixelSource:
        reader = readers[reference.options["reader"]]
        return reader.open(repository.root / reference.path, reference.series)

    pixel_store(server).register_reader(IMPORTED, opener)


def run(
    call: Call,
    repository: Repository,
    prepared: Prepared,
    wishes: Wishes,
    progress: Callable[[int, int], None],
    *,
    statistics: bool = True,
) -> list[Any]:
    """Read the files, save their images in one transaction, link their pixels; returns the saved images.

    Raises ReadError for files that are no images. Nothing is saved then.
    """
    log = Log()
    progress(0, STEPS)
    reader, main = choose(prepared.paths(repository.root))
    found = reader.describe(main)
    log.say(f"{reader.name} reads {main.name}: {len(found.images)} image(s), format {found.format}")
    if not found.images:
        raise ReadError(f"{main.name} holds no images")
    progress(1, STEPS)
    measured = [
        _measured(reader, main, series) if statistics else None for series in range(len(found.images))
    ]
    progress(2, STEPS)
    return _save(call, repository, prepared, wishes, (reader, main, found), measured, log)


def _measured(reader: Reader, main: Path, series: int) -> Measured:
    source = reader.open(main, series)
    try:
        return measure(source)
    except (OSError, ValueError, RuntimeError) as error:
        raise ReadError(f"{main.name}: the pixels of image {series} cannot be read: {error}") from error
    finally:
        source.close()


def _save(
    call: Call,
    repository: Repository,
    prepared: Prepared,
    wishes: Wishes,
    read: tuple[Reader, Path, FileInfo],
    measured: list[Measured | None],
    log: Log,
) -> list[Any]:
    reader, main, found = read
    store = pixel_store(call.server)
    linked: list[int] = []
    path = main.relative_to(repository.root).as_posix()
    try:
        with call.db.write() as connection:
            builder = Builder(connection, prepared.id, main.name, found, wishes)
            images = [
                builder.image(info, series, measured[series]) for series, info in enumerate(found.images)
            ]
            plates = builder.plates(images)
            save_in(connection, call, [*images, *plates])
            _step_done(connection, call, prepared, log)
            # Before the commit: an image must never be visible without its pixels.
            for series, image in enumerate(images):
                pixels_id = int(image.getPrimaryPixels().getId().getValue())
                linked.append(pixels_id)
                store.link(pixels_id, SourceRef(IMPORTED, path, series, {"reader": reader.name}))
                log.say(f"Image:{image.getId().getValue()} {image.getName().getValue()}")
            _step_done(connection, call, prepared, log)
            for plate in plates:
                log.say(f"Plate:{plate.getId().getValue()} {plate.getName().getValue()}")
            log.say("import finished")
            _write_log(connection, call, repository, prepared, log)
            set_status(connection, call, list(prepared.jobs.values()), "Finished")
    except BaseException:
        for pixels_id in linked:
            store.delete(pixels_id)
        raise
    return images


def _step_done(connection: Connection, call: Call, prepared: Prepared, log: Log) -> None:
    """Note the size of the log: by these changes clients learn how long the steps of an import took."""
    rows.change(connection, call, prepared.log_id, {"size": len(log.bytes())})


def _write_log(
    connection: Connection, call: Call, repository: Repository, prepared: Prepared, log: Log
) -> None:
    data = log.bytes()
    repository.root.joinpath(*prepared.plan.log).write_bytes(data)
    values = {
        "size": len(data),
        "hash": checksums.of_bytes(checksums.SHA1, data),
        "hasher": rows.hasher_id(connection, checksums.SHA1),
    }
    rows.change(connection, call, prepared.log_id, values)


def write_failure(repository: Repository, prepared: Prepared, message: str) -> None:
    """Leave the reason in the log for as long as the failed fileset is there."""
    log = Log()
    log.say(f"import failed: {message}")
    with contextlib.suppress(OSError):
        repository.root.joinpath(*prepared.plan.log).write_bytes(log.bytes())
