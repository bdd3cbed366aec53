"""IPixels: descriptions of pixels, new images, rendering settings as objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import rlong

from omero_embedded import errors
from omero_embedded.hql.run import objects
from omero_embedded.model.schema import SCHEMA, UnknownClassError
from omero_embedded.pixels import images
from omero_embedded.pixels.description import pixels_description, settings_by_id, settings_of_pixels
from omero_embedded.pixels.faults import typed_faults
from omero_embedded.pixels.rows import one_pixels
from omero_embedded.pixels.statistics_rows import save_extremes
from omero_embedded.pixels.types import BIT_DEPTHS, PixelsError
from omero_embedded.pixels.writer import Writer
from omero_embedded.updates.save import save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.model.schema import ModelClass
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


@typed_faults
class PixelsService:
    """The stateless service behind getPixelsService."""

    interface = "omero.api.IPixels"

    def __init__(self, server: Server) -> None:
        self._server = server

    def retrievePixDescription(self, call: Call, pix_id: int) -> Any:
        """The Pixels with channels, logical channels and statistics."""
        return pixels_description(call, pix_id)

    # Rendering settings

    def retrieveRndSettings(self, call: Call, pix_id: int) -> Any:
        """The caller's settings, else those of the pixels' owner, else None."""
        own = self.retrieveRndSettingsFor(call, pix_id, call.caller.user_id)
        if own is not None:
            return own
        with call.db.read() as connection:
            owner = one_pixels(connection, call, pix_id).owner_id
        return self.retrieveRndSettingsFor(call, pix_id, owner)

    def retrieveRndSettingsFor(self, call: Call, pix_id: int, user_id: int) -> Any:
        """The settings of one user, None if there are none."""
        found = settings_of_pixels(call, pix_id, user_id if user_id >= 0 else None)
        return found[0] if found else None

    def retrieveAllRndSettings(self, call: Call, pix_id: int, user_id: int) -> list[Any]:
        """The settings of one user, or with a negative id of all users."""
        return settings_of_pixels(call, pix_id, user_id if user_id >= 0 else None)

    def loadRndSettings(self, call: Call, rendering_settings_id: int) -> Any:
        """The settings with this id, None if there are none."""
        return settings_by_id(call, rendering_settings_id)

    def saveRndSettings(self, call: Call, rnd_settings: Any) -> None:
        """Save settings as they are."""
        if rnd_settings is None:
            raise PixelsError("a RenderingDef is needed")
        save(call, [rnd_settings])

    # Images

    def createImage(
        self,
        call: Call,
        size_x: int,
        size_y: int,
        size_z: int,
        size_t: int,
        channel_list: Sequence[int],
        pixels_type: Any,
        name: str,
        description: str,
    ) -> Any:
        """A new image without data; its id. The channel list's length is the number of channels."""
        sizes = images.checked_sizes(size_x, size_y, size_z, len(channel_list), size_t)
        return rlong(images.create(call, sizes, pixels_type, name, description))

    def copyAndResizeImage(
        self,
        call: Call,
        image_id: int,
        size_x: Any,
        size_y: Any,
        size_z: Any,
        size_t: Any,
        channel_list: Sequence[int] | None,
        methodology: str,
        copy_stats: bool,
    ) -> Any:
        """A new image named `methodology` like this one but with other sizes and no data; its id."""
        wanted = _resize(size_x, size_y, size_z, size_t, channel_list, copy_stats)
        return rlong(images.copy_image(call, image_id, wanted, methodology))

    def copyAndResizePixels(
        self,
        call: Call,
        pixels_id: int,
        size_x: Any,
        size_y: Any,
        size_z: Any,
        size_t: Any,
        channel_list: Sequence[int] | None,
        methodology: str,
        copy_stats: bool,
    ) -> Any:
        """New pixels of the same image with other sizes and no data; their id."""
        wanted = _resize(size_x, size_y, size_z, size_t, channel_list, copy_stats)
        return rlong(images.copy_pixels(call, pixels_id, wanted, methodology))

    def setChannelGlobalMinMax(
        self,
        call: Call,
        pixels_id: int,
        channel_index: int,
        low: float,
        high: float,
    ) -> None:
        """Store a channel's smallest and largest value."""
        with call.db.write() as connection:
            info = one_pixels(connection, call, pixels_id)
            if not info.rights(call).edit:
                raise errors.security(f"{call.caller.user_name} may not change Pixels:{pixels_id}")
            if not 0 <= channel_index < len(info.channels):
                raise PixelsError(
                    f"channel {channel_index} is out of bounds: there are {len(info.channels)} channels"
                )
            writer = Writer(connection, call)
            save_extremes(writer, info, info.channels[channel_index], (low, high))
            writer.finish()

    # Enumerations

    def getBitDepth(self, call: Call, kind: Any) -> int:
        """Bits of a value of the type."""
        del call
        if kind is None or kind.getValue() is None:
            raise PixelsError("a loaded PixelsType is needed")
        name = kind.getValue().getValue()
        if name not in BIT_DEPTHS:
            raise PixelsError(f"unknown pixel type {name}; known: {', '.join(BIT_DEPTHS)}")
        return BIT_DEPTHS[name]

    def getEnumeration(self, call: Call, enum_class: str, value: str) -> Any:
        """The enumeration entry with this value, None if there is none."""
        cls = _enumeration(enum_class)
        found = objects(call, f"from {cls.name} as e where e.value = :value", {"value": value})
        return found[0] if found else None

    def getAllEnumerations(self, call: Call, enum_class: str) -> list[Any]:
        """All entries of an enumeration."""
        cls = _enumeration(enum_class)
        return list(objects(call, f"from {cls.name} as e order by e.id"))


def _enumeration(name: str) -> ModelClass:
    try:
        found = SCHEMA.resolve(name)
    except UnknownClassError as error:
        raise errors.api_usage(str(error)) from None
    if not found.is_enum:
        raise errors.api_usage(f"{name} is not an enumeration")
    return found


def _resize(
    x: Any, y: Any, z: Any, t: Any, channels: Sequence[int] | None, copy_stats: bool
) -> images.Resize:
    chosen = list(channels) if channels else None
    return images.Resize(_number(x), _number(y), _number(z), _number(t), chosen, copy_stats)


def _number(value: Any) -> int | None:
    return None if value is None else int(value.getValue())
