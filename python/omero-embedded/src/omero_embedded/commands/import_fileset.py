"""ImportRequest: the part of an import that runs on the server after the upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.grid

from omero_embedded.importer.plates import plates_of
from omero_embedded.importer.readers.base import ReadError
from omero_embedded.importer.run import STEPS
from omero_embedded.pixels.introduce import introduce
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.importer.process import ImportProcess
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

# Of the first thumbnail: what OMERO's clients show in a dataset.
LONGEST_SIDE = 96


class ImportCommand:
    """Runs an import whose files were verified."""

    request = "omero.grid.ImportRequest"

    def __init__(self, server: Server) -> None:
        self._server = server
        self._expected: dict[str, ImportProcess] = {}

    def expect(self, key: str, process: ImportProcess) -> None:
        """A request with this key as its client's uuid is about to be submitted for the process."""
        self._expected[key] = process

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Make the images; an unreadable file ends in an ERR that says why."""
        process = self._process(request)
        try:
            images = process.run(call, progress)
        except ReadError as error:
            raise CommandError("import-failed", str(error)) from error
        wanted = request.settings.doThumbnails
        pixels_ids = [int(image.getPrimaryPixels().getId().getValue()) for image in images]
        if wanted is None or wanted.getValue():
            introduce(call, pixels_ids, LONGEST_SIDE)
        progress(STEPS, STEPS)
        return _response(images)

    def _process(self, request: Any) -> ImportProcess:
        process = self._expected.pop(request.clientUuid, None)
        if process is None:
            raise CommandError("no-import", "imports begin with ManagedRepository.importFileset")
        return process


def _response(images: list[Any]) -> Any:
    """Pixels that name their image; and the plates, or the images of a file without; nothing that hangs on them."""
    plates = plates_of(images)
    pixels = []
    for image in images:
        found = image.getPrimaryPixels()
        found.unloadCollections()
        image.unloadCollections()
        for part in (image.getInstrument(), image.getObjectiveSettings(), image.getImagingEnvironment()):
            if part is not None:
                part.unload()
        pixels.append(found)
    for plate in plates:
        plate.unloadCollections()
    return omero.grid.ImportResponse(pixels, plates or images)
