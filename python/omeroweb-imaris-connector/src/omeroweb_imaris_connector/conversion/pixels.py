"""Reading an image's pixels through OMERO's raw pixel service, whatever file they came from."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Self

import Ice
import numpy as np

from ims_writer.pixels import lossless_pixel_type
from omeroweb_imaris_connector.conversion.errors import ExportError
from omeroweb_imaris_connector.conversion.options import AUTOMATIC, BUILT_IN

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

    from omeroweb_imaris_connector.conversion.description import DescribedImage
    from omeroweb_imaris_connector.conversion.options import ExportOptions

# OMERO's pixel types on the wire: always big-endian.
DTYPES: dict[str, np.dtype[Any]] = {
    "bit": np.dtype(np.uint8),
    "int8": np.dtype(np.int8),
    "uint8": np.dtype(np.uint8),
    "int16": np.dtype(">i2"),
    "uint16": np.dtype(">u2"),
    "int32": np.dtype(">i4"),
    "uint32": np.dtype(">u4"),
    "float": np.dtype(">f4"),
    "double": np.dtype(">f8"),
}
LARGEST_ANSWER_BYTES = 16 * 1024 * 1024


def dtype_of(pixel_type: str) -> np.dtype[Any]:
    """NumPy's type of OMERO's pixels; raises ExportError for complex numbers."""
    try:
        return DTYPES[pixel_type]
    except KeyError:
        raise ExportError(
            f"Pixels of type {pixel_type!r} can't go into .ims; it holds whole and real numbers."
        ) from None


def stored_type(image: DescribedImage, options: ExportOptions) -> str:
    """The pixel type of the file: as chosen, else the one that keeps every value, else 32-bit float."""
    if options.pixel_type != AUTOMATIC:
        return options.pixel_type
    return lossless_pixel_type(dtype_of(image.pixel_type).newbyteorder("=")) or "float32"


def note_on(image: DescribedImage, options: ExportOptions) -> str:
    """What the person should know about the pixels in the file; empty when they are exact."""
    exact = lossless_pixel_type(dtype_of(image.pixel_type).newbyteorder("="))
    if exact or options.pixel_type != AUTOMATIC or options.converter != BUILT_IN:
        return ""
    return f"Pixels of type {image.pixel_type} were rounded to 32-bit numbers, the most .ims can hold."


class OmeroSource:
    """The block reader of one image; a context, because the server keeps the pixels open."""

    def __init__(self, conn: Any, image: DescribedImage) -> None:
        self.shape = image.shape
        self.dtype = dtype_of(image.pixel_type)
        self._image = image
        self._conn = conn
        self._store: Any = None

    def __enter__(self) -> Self:
        self._store = self._conn.c.sf.createRawPixelsStore()
        try:
            self._store.setPixelsId(self._image.pixels_id, False, {"omero.group": str(self._image.group_id)})
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the server forget the pixels; a server that is gone has done so."""
        store, self._store = self._store, None
        if store is not None:
            with contextlib.suppress(Ice.Exception):
                store.close()

    def read(self, t: int, c: int, z: range, y: range, x: range) -> NDArray[Any]:
        """The voxels of a box, asked for in tiles that fit an answer of the server."""
        box = np.empty((len(z), len(y), len(x)), self.dtype)
        rows = max(1, LARGEST_ANSWER_BYTES // (len(x) * self.dtype.itemsize))
        for index, plane in enumerate(z):
            for top in range(0, len(y), rows):
                height = min(rows, len(y) - top)
                data = self._store.getTile(plane, c, t, x.start, y.start + top, len(x), height)
                tile = np.frombuffer(data, self.dtype)
                if tile.size != height * len(x):
                    raise ExportError(
                        f"OMERO gave {tile.size} values instead of {height * len(x)} for z={plane}, c={c}, t={t}."
                    )
                box[index, top : top + height] = tile.reshape(height, len(x))
        return box
