"""Which reader reads which files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded.importer.readers.base import ReadError
from omero_embedded.importer.readers.fake import FakeReader
from omero_embedded.importer.readers.picture import PictureReader
from omero_embedded.importer.readers.plugins import BioioReader
from omero_embedded.importer.readers.tiff import TiffReader
from omero_embedded.importer.readers.zarr import ZarrReader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omero_embedded.importer.readers.base import Reader

# The order decides where several readers would take a file of the set.
READERS: tuple[Reader, ...] = (ZarrReader(), TiffReader(), PictureReader(), FakeReader(), BioioReader())


def choose(paths: Sequence[Path]) -> tuple[Reader, Path]:
    """The reader for a set of files, and the file it opens.

    Raises ReadError if no reader knows any of the files.
    """
    for reader in READERS:
        main = reader.main_file(paths)
        if main is not None:
            return reader, main
    names = ", ".join(path.name for path in paths[:3])
    raise ReadError(
        f"no reader for {names}: this server reads TIFF, OME-TIFF, PNG, JPEG, GIF, BMP, WebP, JPEG 2000, OME-Zarr, "
        ".fake and what bioio plug-ins add"
    )
