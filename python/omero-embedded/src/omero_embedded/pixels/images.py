"""New images: from nothing but sizes, or like another one with other sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero.rtypes import rint, rstring

from omero_embedded import errors
from omero_embedded.hql.run import objects
from omero_embedded.model.objects import new, proxy
from omero_embedded.pixels.description import pixels_description
from omero_embedded.pixels.types import Dimensions, pixel_type
from omero_embedded.updates.save import save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.security.context import Call

PENDING = "Pending..."
_COPIED_FROM_IMAGE = (
    "description", "acquisitionDate", "objectiveSettings", "imagingEnvironment", "experiment", "stageLabel", "instrument",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resize:
    """Sizes of a copy, None to keep the original's; `channels` are indices of those to keep."""

    x: int | None
    y: int | None
    z: int | None
    t: int | None
    channels: Sequence[int] | None
    copy_stats: bool


def checked_sizes(x: int, y: int, z: int, c: int, t: int) -> Dimensions:
    """The sizes; ValidationException unless all are positive."""
    for axis, size in zip("XYZCT", (x, y, z, c, t), strict=True):
        if size < 1:
            raise errors.validation(f"size{axis} must be at least 1, not {size}")
    return Dimensions(x, y, z, c, t)


def create(call: Call, sizes: Dimensions, pixels_type: Any, name: str, description: str) -> int:
    """Save a new image whose channels know nothing yet; its id."""
    if pixels_type is None:
        raise errors.validation("createImage needs a PixelsType")
    if pixels_type.isLoaded() and pixels_type.getValue() is not None:
        pixel_type(pixels_type.getValue().getValue())
    image = new("Image")
    image.setName(rstring(name or ""))
    image.setDescription(None if description is None else rstring(description))
    pixels = _pixels(sizes, pixels_type)
    for _ in range(sizes.c):
        channel = new("Channel")
        channel.setLogicalChannel(new("LogicalChannel"))
        pixels.addChannel(channel)
    image.addPixels(pixels)
    return _saved_id(call, image)


def copy_image(call: Call, image_id: int, wanted: Resize, name: str | None) -> int:
    """Save a new image like this one, with each of its pixels resized; its id."""
    found = objects(
        call, "select i from Image i left outer join fetch i.pixels where i.id = :id", {"id": image_id}
    )
    if not found:
        raise errors.validation(f"no Image:{image_id} that {call.caller.user_name} can see in this group")
    original = found[0]
    image = new("Image")
    image.setName(rstring(name) if name is not None else original.getName())
    for field in _COPIED_FROM_IMAGE:
        setattr(image, f"_{field}", getattr(original, f"_{field}"))
    for pixels in original.copyPixels():
        image.addPixels(_resized(call, pixels.getId().getValue(), wanted, None))
    return _saved_id(call, image)


def copy_pixels(call: Call, pixels_id: int, wanted: Resize, methodology: str | None) -> int:
    """Save new pixels of the same image, resized; their id."""
    pixels = _resized(call, pixels_id, wanted, methodology)
    original = pixels_description(call, pixels_id)
    pixels.setImage(proxy("Image", original.getImage().getId().getValue()))
    return _saved_id(call, pixels)


def _saved_id(call: Call, instance: Any) -> int:
    (saved,) = save(call, [instance])
    return int(saved.getId().getValue())


def _pixels(sizes: Dimensions, pixels_type: Any) -> Any:
    order = new("DimensionOrder")
    order.setValue(rstring("XYZCT"))
    pixels = new("Pixels")
    pixels.setPixelsType(pixels_type)
    for axis in "xyzct":
        getattr(pixels, f"setSize{axis.upper()}")(rint(getattr(sizes, axis)))
    pixels.setSha1(rstring(PENDING))
    pixels.setDimensionOrder(order)
    return pixels


def _resized(call: Call, pixels_id: int, wanted: Resize, methodology: str | None) -> Any:
    original = pixels_description(call, pixels_id)
    channels = original.copyChannels()
    chosen = list(range(len(channels))) if wanted.channels is None else list(wanted.channels)
    for index in chosen:
        if not 0 <= index < len(channels):
            raise errors.validation(f"channel {index} is out of bounds: there are {len(channels)} channels")
    sizes = checked_sizes(
        _size(wanted.x, original.getSizeX()),
        _size(wanted.y, original.getSizeY()),
        _size(wanted.z, original.getSizeZ()),
        len(chosen),
        _size(wanted.t, original.getSizeT()),
    )
    pixels = _pixels(sizes, original.getPixelsType())
    pixels.setDimensionOrder(original.getDimensionOrder())
    pixels.setMethodology(None if methodology is None else rstring(methodology))
    pixels.setRelatedTo(proxy("Pixels", pixels_id))
    for axis in "XYZ":
        getattr(pixels, f"setPhysicalSize{axis}")(getattr(original, f"getPhysicalSize{axis}")())
    for index in chosen:
        pixels.addChannel(_copied_channel(channels[index], copy_stats=wanted.copy_stats))
    return pixels


def _size(wanted: int | None, original: Any) -> int:
    return int(original.getValue()) if wanted is None else wanted


def _copied_channel(original: Any, *, copy_stats: bool) -> Any:
    channel = new("Channel")
    channel.setLogicalChannel(proxy("LogicalChannel", original.getLogicalChannel().getId().getValue()))
    statistics = original.getStatsInfo()
    if copy_stats and statistics is not None:
        copied = new("StatsInfo")
        copied.setGlobalMin(statistics.getGlobalMin())
        copied.setGlobalMax(statistics.getGlobalMax())
        channel.setStatsInfo(copied)
    return channel
