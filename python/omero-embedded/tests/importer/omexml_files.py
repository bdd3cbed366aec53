"""OME-TIFF files with the OME-XML that a test wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import tifffile

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "http://www.openmicroscopy.org/Schemas/OME/2016-06"


def ome_xml(inside: str) -> str:
    """A document of the newest schema."""
    return f'<?xml version="1.0" encoding="UTF-8"?><OME xmlns="{SCHEMA}">{inside}</OME>'


def image_xml(
    number: int, *, inside: str = "", channel: str = "", attributes: str = "", channels: int = 1
) -> str:
    """One image of 8 x 6 pixels, kept from the page of its number on; only the first of its channels is described."""
    more = "".join(
        f'<Channel ID="Channel:{number}:{index}" SamplesPerPixel="1"/>' for index in range(1, channels)
    )
    return (
        f'<Image ID="Image:{number}" Name="field {number}">{inside}'
        f'<Pixels ID="Pixels:{number}" DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="6" SizeZ="1" SizeC="{channels}" SizeT="1">'
        f'<Channel ID="Channel:{number}:0" SamplesPerPixel="1" {attributes}>{channel}</Channel>{more}'
        f'<TiffData IFD="{number}" PlaneCount="{channels}"/></Pixels></Image>'
    )


def write_ome_tiff(path: Path, xml: str, pages: int = 1) -> Path:
    """A file with this OME-XML; every pixel of a page is the page's number."""
    with tifffile.TiffWriter(path) as writer:
        for number in range(pages):
            description = xml.encode() if number == 0 else None
            writer.write(
                np.full((6, 8), number, np.uint8), description=description, metadata=None, contiguous=False
            )
    return path
