"""OriginalMetadataRequest, UsedFilesRequest and ManageImageBinaries: the files behind an image."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.cmd
from omero.rtypes import rlong, rstring
from sqlalchemy import select

from omero_embedded.files.repositories import repositories_of
from omero_embedded.importer.readers.base import ReadError
from omero_embedded.importer.readers.registry import READERS
from omero_embedded.pixels.shared import pixel_store, thumbnail_cache
from omero_embedded.security.permissions import rights_on
from omero_embedded.store.tables import TABLES
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from omero_embedded.importer.metadata import FileInfo
    from omero_embedded.pixels.store import SourceRef
    from omero_embedded.security.context import Call
    from omero_embedded.security.permissions import Rights
    from omero_embedded.server import Server


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """An image, its fileset and pixels (None where it has none), and its files in the order of the fileset."""

    id: int
    fileset: int | None
    pixels: int | None
    files: tuple[int, ...]
    archived: tuple[int, ...]
    archived_size: int
    rights: Rights


def image_files(connection: Connection, call: Call, image_id: int) -> ImageFiles:
    """The files behind an image that the caller can see; raises CommandError."""
    image, pixels, entry = TABLES["Image"], TABLES["Pixels"], TABLES["FilesetEntry"]
    row = connection.execute(select(image).where(image.c.id == image_id)).mappings().first()
    granted = rights_on(call.caller, "Image", row["details_owner"], row["details_group"]) if row else None
    if row is None or granted is None or not granted.see:
        raise CommandError("bad-image", f"cannot read image {image_id}")
    first = connection.scalar(select(pixels.c.id).where(pixels.c.image == image_id).order_by(pixels.c.id))
    entries = (
        select(entry.c.originalfile).where(entry.c.fileset == row["fileset"]).order_by(entry.c.fileset_index)
    )
    files = tuple(connection.scalars(entries)) if row["fileset"] is not None else ()
    link, file = TABLES["PixelsOriginalFileMap"], TABLES["OriginalFile"]
    query = select(file.c.id, file.c.size).join(link, link.c.parent == file.c.id).where(link.c.child == first)
    archived = connection.execute(query.order_by(file.c.id)).all() if first is not None else []
    sizes = sum(found.size or 0 for found in archived)
    return ImageFiles(
        image_id, row["fileset"], first, files, tuple(found.id for found in archived), sizes, granted
    )


class OriginalMetadataCommand:
    """Reads what an imported file says about an image in its own words."""

    request = "omero.cmd.OriginalMetadataRequest"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Metadata of the whole file and of the image; empty for images that were not imported."""
        with call.db.read() as connection:
            found = image_files(connection, call, request.imageId)
        reference = pixel_store(self._server).reference(found.pixels) if found.pixels is not None else None
        of_file: dict[str, Any] = {}
        of_image: dict[str, Any] = {}
        if reference is not None:
            info = self._describe(reference)
            of_file = {name: rstring(value) for name, value in info.metadata.items()}
            of_image = {
                name: rstring(value) for name, value in info.images[reference.series].metadata.items()
            }
        progress(1, 1)
        fileset = None if found.fileset is None else rlong(found.fileset)
        return omero.cmd.OriginalMetadataResponse(fileset, None, of_file, of_image)

    def _describe(self, reference: SourceRef) -> FileInfo:
        path = repositories_of(self._server).managed.root / reference.path
        reader = next(reader for reader in READERS if reader.name == reference.options["reader"])
        try:
            return reader.describe(path)
        except ReadError as error:
            raise CommandError("read-fail", f"cannot read {reference.path}: {error}") from None


class UsedFilesCommand:
    """Lists the files that an image is in."""

    request = "omero.cmd.UsedFilesRequest"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """The fileset's files; those that hold no pixels count as companions. Archived files for older images."""
        with call.db.read() as connection:
            found = image_files(connection, call, request.imageId)
            if found.pixels is None:
                raise CommandError("bad-image", f"no pixels for image {found.id}")
            name_of = _file_names(connection, found.files)
        progress(1, 1)
        if found.fileset is None:
            return omero.cmd.UsedFilesResponsePreFs(list(found.archived), [], [])
        reference = pixel_store(self._server).reference(found.pixels)
        path = reference.path if reference is not None else ""
        binary = [file for file in found.files if path.endswith(name_of[file])] or list(found.files[:1])
        companions = [file for file in found.files if file not in binary]
        return omero.cmd.UsedFilesResponse(binary, [], companions, [])


class ManageImageBinariesCommand:
    """Says what is stored of an image, and deletes what can be made again."""

    request = "omero.cmd.ManageImageBinaries"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Sizes in bytes, after deleting the pyramid or the thumbnails where that was asked for."""
        with call.db.read() as connection:
            found = image_files(connection, call, request.imageId)
        if request.togglePixels:
            raise CommandError(
                "not-supported", "moving pixel files aside is not supported by the embedded OMERO"
            )
        response = omero.cmd.ManageImageBinariesResponse()
        response.filesetId = None if found.fileset is None else rlong(found.fileset)
        response.archivedFiles, response.archivedSize = list(found.archived), found.archived_size
        if found.pixels is not None:
            self._binaries(found, found.pixels, request, response)
        progress(1, 1)
        return response

    def _binaries(self, found: ImageFiles, pixels_id: int, request: Any, response: Any) -> None:
        raw = pixel_store(self._server).raw_path(pixels_id)
        levels = raw.with_suffix(".levels")
        thumbnails = thumbnail_cache(self._server).folder / f"{pixels_id // 1000:03d}" / str(pixels_id)
        if (request.deletePyramid or request.deleteThumbnails) and not found.rights.edit:
            raise CommandError("security-violation", f"not permitted to change the files of image {found.id}")
        if request.deletePyramid:
            pixel_store(self._server).release(pixels_id)
            shutil.rmtree(levels, ignore_errors=True)
        if request.deleteThumbnails:
            thumbnail_cache(self._server).forget(pixels_id)
        response.pixelsPresent, response.pixelSize = raw.exists(), _bytes(raw)
        response.pyramidPresent, response.pyramidSize = levels.exists(), _bytes(levels)
        response.thumbnailSize = _bytes(thumbnails)


def _bytes(path: Path) -> int:
    if path.is_dir():
        return sum(_bytes(member) for member in path.iterdir())
    return path.stat().st_size if path.exists() else 0


def _file_names(connection: Connection, ids: tuple[int, ...]) -> dict[int, str]:
    table = TABLES["OriginalFile"]
    return {
        row.id: row.name
        for row in connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(ids)))
    }
