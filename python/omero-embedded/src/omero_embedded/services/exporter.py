"""Exporter: images as OME-TIFF or OME-XML."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from omero_embedded import errors
from omero_embedded.hql.run import rows
from omero_embedded.pixels.faults import typed_faults
from omero_embedded.pixels.ome_tiff import write_ome_tiff
from omero_embedded.pixels.ome_xml import document
from omero_embedded.pixels.rows import load_pixels
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session

_MOST_BYTES = 1 << 27


@typed_faults
class Exporter:
    """Images being exported; the result is a temporary file until `close` or the end of the session."""

    interface = "omero.api.Exporter"
    stateful = True

    def __init__(self, server: Server, session: Session) -> None:
        self._session = session
        self._store = pixel_store(server)
        self._images: list[int] = []
        self._result: Path | None = None

    def addImage(self, call: Call, image_id: int) -> None:
        """Export this image too."""
        del call
        self._images.append(image_id)

    def generateXml(self, call: Call) -> int:
        """Make OME-XML of the images; its size in bytes."""
        data = document(call, self._chosen(), with_pixels=False)
        path = self._fresh(".ome.xml")
        path.write_bytes(data)
        return len(data)

    def generateTiff(self, call: Call) -> int:
        """Make an OME-TIFF of the image; its size in bytes."""
        if len(self._chosen()) != 1:
            raise errors.api_usage(f"an OME-TIFF holds one image, {len(self._images)} were added")
        info = _pixels_of(call, self._images[0])
        if self._store.is_big(info.dimensions):
            raise errors.api_usage(
                f"Image:{self._images[0]} is too large for export: {info.dimensions.x} x {info.dimensions.y} pixels"
            )
        source = self._store.open(info.id, info.dimensions, info.type)
        description = document(call, self._images, with_pixels=True)
        path = self._fresh(".ome.tiff")
        write_ome_tiff(path, source, description)
        return path.stat().st_size

    def read(self, call: Call, position: int, length: int) -> bytes:
        """Up to `length` bytes of the result from a position."""
        del call
        if self._result is None:
            raise errors.api_usage("nothing to read; call generateTiff or generateXml first")
        if position < 0 or not 0 <= length <= _MOST_BYTES:
            raise PixelsError(f"{length} bytes at {position} cannot be read; at most {_MOST_BYTES} from 0 on")
        with self._result.open("rb") as file:
            file.seek(position)
            return file.read(length)

    def close(self, call: Call) -> None:
        """Delete the result."""
        del call
        self.release()

    def release(self) -> None:
        """The session is gone: delete the result."""
        if self._result is not None:
            self._result.unlink(missing_ok=True)
            self._result = None
        self._images = []

    def _chosen(self) -> list[int]:
        if not self._images:
            raise errors.api_usage("no image to export; call addImage first")
        return self._images

    def _fresh(self, suffix: str) -> Path:
        if self._result is not None:
            self._result.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile(prefix="omero-export-", suffix=suffix, delete=False) as file:
            self._result = Path(file.name)
        return self._result


def _pixels_of(call: Call, image_id: int) -> PixelsInfo:
    ids = [
        row[0]
        for row in rows(
            call, "select p.id from Pixels p where p.image.id = :id order by p.id", {"id": image_id}
        )
    ]
    with call.db.read() as connection:
        found = load_pixels(connection, call, ids[:1])
    if not found:
        raise errors.validation(
            f"no pixels of Image:{image_id} that {call.caller.user_name} can see in this group"
        )
    return found[ids[0]]
