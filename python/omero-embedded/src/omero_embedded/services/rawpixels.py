"""RawPixelsStore: raw pixel values in and out, big-endian, in pieces of every shape."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded import errors
from omero_embedded.pixels import stats
from omero_embedded.pixels.description import pixels_description
from omero_embedded.pixels.faults import typed_faults
from omero_embedded.pixels.histograms import histograms, middle_extremes
from omero_embedded.pixels.hypercube import hypercube
from omero_embedded.pixels.levels import descriptions, level_numbered, number_of
from omero_embedded.pixels.raw import RawFile
from omero_embedded.pixels.rows import one_pixels
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.pixels.source import read_plane, read_region
from omero_embedded.pixels.statistics_rows import save_statistics
from omero_embedded.pixels.types import PixelsError, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.source import PixelSource
    from omero_embedded.pixels.types import Dimensions, Plane
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session

log = logging.getLogger(__name__)

# One answer must fit an Ice message of the size that OMERO's clients take (250,000 KiB).
MAX_BYTES = 249_000 * 1024


@typed_faults
class RawPixelsStore:
    """The values of one Pixels; `save`, or `close` after a change, stores statistics and digest."""

    interface = "omero.api.RawPixelsStore"
    stateful = True

    def __init__(self, server: Server, session: Session) -> None:
        self._server = server
        self._store = pixel_store(server)
        self._info: PixelsInfo | None = None
        self._target: RawFile | None = None
        self._level = 0
        self._last: Call | None = None

    # Which pixels

    def setPixelsId(self, call: Call, pixels_id: int, bypass_original_file: bool) -> None:
        """Use the pixels with this id."""
        self._finish(call)
        with call.db.read() as connection:
            self._info = one_pixels(connection, call, pixels_id)
        self._level = 0

    def getPixelsId(self, call: Call) -> int:
        """The id of the pixels in use."""
        return self._pixels.id

    def getPixelsPath(self, call: Call) -> str:
        """Where the raw file is, relative to the data folder."""
        return str(self._store.raw_path(self._pixels.id).relative_to(self._server.data))

    def prepare(self, call: Call, pixels_ids: Sequence[int]) -> None:
        """OMERO's hint that these pixels will be used; there is nothing to prepare."""

    @property
    def _pixels(self) -> PixelsInfo:
        if self._info is None:
            raise errors.api_usage("no pixels in use; call setPixelsId first")
        return self._info

    @property
    def _size(self) -> Dimensions:
        return self._pixels.dimensions

    def _source(self) -> PixelSource:
        info = self._pixels
        if self._target is not None:
            return self._target
        return self._store.open(info.id, info.dimensions, info.type)

    # Sizes and offsets

    def getPlaneSize(self, call: Call) -> int:
        """Bytes of a plane at the current resolution."""
        width, height = self._source().levels[self._level] if self._level else (self._size.x, self._size.y)
        return width * height * self._pixels.type.byte_width

    def getRowSize(self, call: Call) -> int:
        """Bytes of a row."""
        return self._byte_count(self._size.x)

    def getStackSize(self, call: Call) -> int:
        """Bytes of all Z of one channel and time."""
        return self._byte_count(self._size.x * self._size.y * self._size.z)

    def getTimepointSize(self, call: Call) -> int:
        """Bytes of one time point."""
        return self._byte_count(self._size.x * self._size.y * self._size.z * self._size.c)

    def getTotalSize(self, call: Call) -> int:
        """Bytes of everything."""
        return self.getTimepointSize(call) * self._size.t

    def _byte_count(self, values: int) -> int:
        return values * self._pixels.type.byte_width

    def getRowOffset(self, call: Call, y: int, z: int, c: int, t: int) -> int:
        """Where a row begins, in bytes."""
        Region(0, y, self._size.x, 1).check_inside(self._size.x, self._size.y)
        return self.getPlaneOffset(call, z, c, t) + y * self.getRowSize(call)

    def getPlaneOffset(self, call: Call, z: int, c: int, t: int) -> int:
        """Where a plane begins, in bytes."""
        self._size.check_plane(z, c, t)
        return self._size.plane_number(z, c, t) * self._byte_count(self._size.x * self._size.y)

    def getStackOffset(self, call: Call, c: int, t: int) -> int:
        """Where a stack begins, in bytes."""
        return self.getPlaneOffset(call, 0, c, t)

    def getTimepointOffset(self, call: Call, t: int) -> int:
        """Where a time point begins, in bytes."""
        return self.getPlaneOffset(call, 0, 0, t)

    def getByteWidth(self, call: Call) -> int:
        """Bytes of one value."""
        return self._byte_count(1)

    def isSigned(self, call: Call) -> bool:
        """Whether values can be negative."""
        return self._pixels.type.signed

    def isFloat(self, call: Call) -> bool:
        """Whether values have fractions."""
        return self._pixels.type.floating

    # Reading

    def getPlane(self, call: Call, z: int, c: int, t: int) -> bytes:
        """A plane at the current resolution."""
        self._limit(self.getPlaneSize(call))
        return self._wire(read_plane(self._source(), z, c, t, self._level))

    def getTile(self, call: Call, z: int, c: int, t: int, x: int, y: int, w: int, h: int) -> bytes:
        """A rectangle of a plane at the current resolution."""
        self._limit(self._byte_count(w * h))
        return self._wire(read_region(self._source(), z, c, t, Region(x, y, w, h), self._level))

    def getRow(self, call: Call, y: int, z: int, c: int, t: int) -> bytes:
        """One row of a plane."""
        return self.getTile(call, z, c, t, 0, y, self._source().levels[self._level][0], 1)

    def getCol(self, call: Call, x: int, z: int, c: int, t: int) -> bytes:
        """One column of a plane."""
        return self.getTile(call, z, c, t, x, 0, 1, self._source().levels[self._level][1])

    def getPlaneRegion(self, call: Call, z: int, c: int, t: int, size: int, offset: int) -> bytes:
        """`size` values of a plane, beginning with value number `offset`."""
        values = read_plane(self._source(), z, c, t).ravel()
        if size < 0 or offset < 0 or offset + size > values.size:
            raise PixelsError(
                f"values {offset} to {offset + size} are out of bounds: a plane has {values.size}"
            )
        return self._wire(values[offset : offset + size])

    def getStack(self, call: Call, c: int, t: int) -> bytes:
        """All planes of a channel and time."""
        self._limit(self.getStackSize(call))
        return b"".join(self._wire(read_plane(self._source(), z, c, t)) for z in range(self._size.z))

    def getTimepoint(self, call: Call, t: int) -> bytes:
        """All planes of a time point."""
        self._limit(self.getTimepointSize(call))
        return b"".join(self.getStack(call, c, t) for c in range(self._size.c))

    def getRegion(self, call: Call, size: int, offset: int) -> bytes:
        """`size` bytes of everything in file order, beginning at byte `offset`."""
        total = self.getTotalSize(call)
        if size < 0 or offset < 0 or offset + size > total:
            raise PixelsError(f"{size} bytes at {offset} are out of bounds: the image has {total} bytes")
        self._limit(size)
        plane_bytes = self._byte_count(self._size.x * self._size.y)
        first, last = offset // plane_bytes, -(-(offset + size) // plane_bytes)
        planes = (read_plane(self._source(), *self._size.plane_at(number)) for number in range(first, last))
        joined = b"".join(self._wire(plane) for plane in planes)
        start = offset - first * plane_bytes
        return joined[start : start + size]

    def getHypercube(
        self, call: Call, offset: Sequence[int], size: Sequence[int], step: Sequence[int]
    ) -> bytes:
        """A five-dimensional block, each list in the order x, y, z, c, t."""
        block = hypercube(self._size, offset, size, step)
        self._limit(block.count * self._pixels.type.byte_width)
        return b"".join(self._wire(plane) for plane in block.planes(self._source()))

    def _wire(self, plane: Plane) -> bytes:
        return plane.astype(self._pixels.type.big_endian, copy=False).tobytes()

    def _limit(self, size: int) -> None:
        if size > MAX_BYTES:
            raise PixelsError(
                f"{size} bytes are too many for one call (at most {MAX_BYTES}); read planes or tiles"
            )

    # Writing

    def setPlane(self, call: Call, buf: bytes, z: int, c: int, t: int) -> None:
        """Store a plane."""
        self._write(call, Region(0, 0, self._size.x, self._size.y), buf, z, c, t)

    def setTile(self, call: Call, buf: bytes, z: int, c: int, t: int, x: int, y: int, w: int, h: int) -> None:
        """Store a rectangle of a plane."""
        self._write(call, Region(x, y, w, h), buf, z, c, t)

    def setRow(self, call: Call, buf: bytes, y: int, z: int, c: int, t: int) -> None:
        """Store a row."""
        self._write(call, Region(0, y, self._size.x, 1), buf, z, c, t)

    def setStack(self, call: Call, buf: bytes, z: int, c: int, t: int) -> None:
        """Store all planes of a channel and time; `z` plays no part, as in OMERO."""
        self._write_all(call, buf, self.getStackOffset(call, c, t), self.getStackSize(call))

    def setTimepoint(self, call: Call, buf: bytes, t: int) -> None:
        """Store all planes of a time point."""
        self._write_all(call, buf, self.getTimepointOffset(call, t), self.getTimepointSize(call))

    def setRegion(self, call: Call, size: int, offset: int, buf: bytes) -> None:
        """Store `size` bytes in file order, beginning at byte `offset`."""
        self._write_all(call, buf, offset, size)

    def _write_all(self, call: Call, buf: bytes, offset: int, size: int) -> None:
        if len(buf) != size:
            raise PixelsError(f"{len(buf)} bytes were sent where {size} are needed")
        self._writable(call).write_at(offset, buf)

    def _write(self, call: Call, region: Region, buf: bytes, z: int, c: int, t: int) -> None:
        self._writable(call).write(z, c, t, region, buf)

    def _writable(self, call: Call) -> RawFile:
        """The raw file, made at the first write; raises SecurityViolation without the right to edit."""
        info = self._pixels
        if self._level:
            raise errors.api_usage("only the full resolution can be written; setResolutionLevel first")
        if not info.rights(call).edit:
            raise errors.security(f"{call.caller.user_name} may not change Pixels:{info.id}")
        if self._target is None:
            self._target = self._store.create(info.id, info.dimensions, info.type)
        self._last = call
        return self._target

    def save(self, call: Call) -> Any:
        """Store statistics and digest of what was written; the Pixels."""
        self._save(call)
        return pixels_description(call, self._pixels.id)

    def close(self, call: Call) -> None:
        """Save what was written and give up the pixels."""
        self._finish(call)
        self._info = None

    def release(self) -> None:
        """The session is gone: keep what was written."""
        try:
            if self._last is not None:
                self._finish(self._last)
        except (omero.ServerError, OSError, PixelsError) as error:
            log.warning("written pixels not saved pixels=%s reason=%s", self._pixels.id, error)

    def _finish(self, call: Call) -> None:
        if self._target is not None:
            self._save(self._last or call)
            self._target = None

    def _save(self, call: Call) -> None:
        target = self._target
        if target is None:
            return
        target.flush()
        info = self._pixels
        self._store.changed(info.id)
        save_statistics(call, info, stats.channel_extremes(target), stats.digest(target))
        self._last = None

    # Numbers about the values

    def getHistogram(
        self, call: Call, channels: Sequence[int], bin_count: int, global_range: bool, plane: Any
    ) -> dict[int, list[int]]:
        """Counts per channel of the plane's region, over the channel's range or the plane's own.

        Big images are counted at the largest resolution that fits one plane; `plane.region` is in its pixels.
        """
        return histograms(
            self._source(),
            self._pixels,
            channels,
            plane,
            bin_count=bin_count,
            global_range=global_range,
            max_plane=self._store.max_plane,
        )

    def findMinMax(self, call: Call, channels: Sequence[int]) -> dict[int, list[float]]:
        """Smallest and largest value of each channel in the middle plane; none for big images."""
        return {} if self._store.is_big(self._size) else middle_extremes(self._source(), channels)

    def calculateMessageDigest(self, call: Call) -> bytes:
        """SHA-1 of all values."""
        return bytes.fromhex(stats.digest(self._source()))

    # Resolutions

    def requiresPixelsPyramid(self, call: Call) -> bool:
        """Whether planes are so big that clients ask for tiles."""
        return self._store.is_big(self._size)

    def getResolutionLevels(self, call: Call) -> int:
        """Number of resolutions."""
        return len(self._source().levels)

    def getResolutionDescriptions(self, call: Call) -> list[Any]:
        """Sizes of the resolutions, the full one first."""
        return descriptions(self._source())

    def getResolutionLevel(self, call: Call) -> int:
        """The current resolution; as in OMERO the largest number is the full one."""
        return number_of(self._source(), self._level)

    def setResolutionLevel(self, call: Call, resolution_level: int) -> None:
        """Choose a resolution; 0 is the smallest."""
        self._level = level_numbered(self._source(), resolution_level)

    def getTileSize(self, call: Call) -> list[int]:
        """Width and height of the pieces that are cheap to read, or to write where there is nothing yet."""
        info = self._pixels
        if not self._store.exists(info.id):
            return list(RawFile(self._store.raw_path(info.id), info.dimensions, info.type).tile_size)
        return list(self._source().tile_size)
