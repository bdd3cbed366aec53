"""Images as OME-TIFF files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tifffile

from omero_embedded.pixels.raw import byte_size
from omero_embedded.pixels.source import read_plane

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omero_embedded.pixels.source import PixelSource
    from omero_embedded.pixels.types import Plane

# Offsets in classic TIFF have 32 bits; leave room for the metadata.
_CLASSIC_BYTES = (1 << 32) - (1 << 25)


def write_ome_tiff(path: Path, source: PixelSource, description: bytes) -> None:
    """Write all planes in the order z, c, t, with OME-XML as the first plane's description."""
    size = source.dimensions
    big = byte_size(size, source.type) + len(description) > _CLASSIC_BYTES
    with tifffile.TiffWriter(path, bigtiff=big, byteorder=">", shaped=False) as file:
        file.write(
            _planes(source),
            shape=(size.t * size.c * size.z, size.y, size.x),
            dtype=source.type.big_endian,
            photometric="minisblack",
            description=description,
            metadata=None,
            software="OMERO embedded",
        )


def _planes(source: PixelSource) -> Iterator[Plane]:
    size = source.dimensions
    for t in range(size.t):
        for c in range(size.c):
            for z in range(size.z):
                yield read_plane(source, z, c, t).astype(source.type.big_endian, copy=False)
