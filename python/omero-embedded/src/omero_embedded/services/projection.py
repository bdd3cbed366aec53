"""IProjection: stacks projected along Z, as bytes or as a new image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded import errors
from omero_embedded.pixels import images, stats
from omero_embedded.pixels.faults import typed_faults
from omero_embedded.pixels.project import METHODOLOGY, check_projection, project
from omero_embedded.pixels.rows import one_pixels
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.pixels.statistics_rows import save_statistics
from omero_embedded.pixels.types import PixelsError, Region, pixel_type
from omero_embedded.pixels.writer import Writer
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.types import PixelType
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


@typed_faults
class ProjectionService:
    """The stateless service behind getProjectionService."""

    interface = "omero.api.IProjection"

    def __init__(self, server: Server) -> None:
        self._server = server

    def projectStack(
        self,
        call: Call,
        pixels_id: int,
        pixels_type: Any,
        algorithm: Any,
        timepoint: int,
        channel_index: int,
        stepping: int,
        start: int,
        end: int,
    ) -> bytes:
        """The projection of one channel and time as big-endian values."""
        info = _info(call, pixels_id)
        source = pixel_store(self._server).open(info.id, info.dimensions, info.type)
        kind = _type(call, pixels_type, info)
        plane = project(source, channel_index, timepoint, algorithm.value, stepping, start, end, kind)
        return plane.astype(kind.big_endian, copy=False).tobytes()

    def projectPixels(
        self,
        call: Call,
        pixels_id: int,
        pixels_type: Any,
        algorithm: Any,
        t_start: int,
        t_end: int,
        channels: Sequence[int],
        stepping: int,
        z_start: int,
        z_end: int,
        name: str,
    ) -> int:
        """A new image with one Z, of the chosen channels and times; its id."""
        info = _info(call, pixels_id)
        check_projection(algorithm.value, stepping, z_start, z_end, info.dimensions.z)
        if not 0 <= t_start <= t_end < info.dimensions.t:
            raise PixelsError(
                f"T {t_start} to {t_end} is out of bounds: the image has T 0 to {info.dimensions.t - 1}"
            )
        kind = _type(call, pixels_type, info)
        wanted = images.Resize(None, None, 1, t_end - t_start + 1, list(channels) or None, copy_stats=False)
        image_id = images.copy_image(call, info.image_id, wanted, name or _name(call, info))
        target_info = _new_pixels(call, image_id, kind, METHODOLOGY[algorithm.value])
        store = pixel_store(self._server)
        source = store.open(info.id, info.dimensions, info.type)
        target = store.create(target_info.id, target_info.dimensions, kind)
        whole = Region(0, 0, info.dimensions.x, info.dimensions.y)
        for to_c, c in enumerate(channels or range(info.dimensions.c)):
            for to_t, t in enumerate(range(t_start, t_end + 1)):
                plane = project(source, c, t, algorithm.value, stepping, z_start, z_end, kind)
                target.write(0, to_c, to_t, whole, plane.astype(kind.big_endian, copy=False).tobytes())
        target.flush()
        save_statistics(call, target_info, stats.channel_extremes(target), stats.digest(target))
        return image_id


def _info(call: Call, pixels_id: int) -> PixelsInfo:
    with call.db.read() as connection:
        return one_pixels(connection, call, pixels_id)


def _type(call: Call, sent: Any, info: PixelsInfo) -> PixelType:
    """The pixel type that a client sent, by value or id; the image's own for none."""
    if sent is None:
        return info.type
    if sent.isLoaded() and sent.getValue() is not None:
        return pixel_type(sent.getValue().getValue())
    table = TABLES["PixelsType"]
    with call.db.read() as connection:
        name = connection.scalar(select(table.c.value).where(table.c.id == sent.getId().getValue()))
    if name is None:
        raise errors.validation(f"no PixelsType:{sent.getId().getValue()}")
    return pixel_type(name)


def _name(call: Call, info: PixelsInfo) -> str:
    image = TABLES["Image"]
    with call.db.read() as connection:
        name = connection.scalar(select(image.c.name).where(image.c.id == info.image_id))
    return f"{name} Projection"


def _new_pixels(call: Call, image_id: int, kind: PixelType, methodology: str) -> PixelsInfo:
    """Give the pixels of the new image their type and methodology."""
    pixels, types = TABLES["Pixels"], TABLES["PixelsType"]
    with call.db.write() as connection:
        pixels_id = connection.scalar(
            select(pixels.c.id).where(pixels.c.image == image_id).order_by(pixels.c.id)
        )
        type_id = connection.scalar(select(types.c.id).where(types.c.value == kind.name))
        writer = Writer(connection, call)
        assert pixels_id is not None
        writer.update("Pixels", pixels_id, {"pixelstype": type_id, "methodology": methodology})
        writer.finish()
        return one_pixels(connection, call, pixels_id)
