"""IRenderingSettings: rendering settings of many images at once: copied, reset, set to the data's extremes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.pixels.containers import pixels_below
from omero_embedded.pixels.description import settings_by_id
from omero_embedded.pixels.faults import typed_faults
from omero_embedded.pixels.initial import initial_settings
from omero_embedded.pixels.keep import keep_settings
from omero_embedded.pixels.merge import described
from omero_embedded.pixels.rows import load_pixels, one_pixels
from omero_embedded.pixels.settings import default_settings, default_window
from omero_embedded.pixels.settings_rows import best_settings, load_settings
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.settings import RenderSettings
    from omero_embedded.pixels.settings_rows import StoredSettings
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


@typed_faults
class RenderingSettingsService:
    """The stateless service behind getRenderingSettingsService."""

    interface = "omero.api.IRenderingSettings"

    def __init__(self, server: Server) -> None:
        self._server = server

    # One image

    def getRenderingSettings(self, call: Call, pixels_id: int) -> Any:
        """The caller's settings, else the owner's, else None."""
        with call.db.read() as connection:
            info = one_pixels(connection, call, pixels_id)
            stored = load_settings(connection, call, [pixels_id]).get(pixels_id, [])
        best = best_settings(stored, info, call.caller.user_id)
        return None if best is None else settings_by_id(call, best.id)

    def sanityCheckPixels(self, call: Call, pixels_from: Any, pixels_to: Any) -> bool:
        """Whether settings of one image fit another: same type, channels and emission wavelengths."""
        ids = [_id(pixels) for pixels in (pixels_from, pixels_to)]
        with call.db.read() as connection:
            first, second = (one_pixels(connection, call, pixels_id) for pixels_id in ids)
        return fits(first, second)

    def createNewRenderingDef(self, call: Call, pixels: Any) -> Any:
        """Default settings that are not saved."""
        with call.db.read() as connection:
            info = one_pixels(connection, call, _id(pixels))
        return described(call, info, initial_settings(pixel_store(self._server), info))

    def resetDefaults(self, call: Call, settings: Any, pixels: Any) -> None:
        """Save default settings for the caller."""
        del settings
        self._reset(call, [_id(pixels)])

    def resetDefaultsNoSave(self, call: Call, settings: Any, pixels: Any) -> Any:
        """Default settings that are not saved."""
        del settings
        return self.createNewRenderingDef(call, pixels)

    # Defaults

    def resetDefaultsInImage(self, call: Call, image_id: int) -> None:
        """Save default settings for the caller."""
        self.resetDefaultsInSet(call, "Image", [image_id])

    def resetDefaultsForPixels(self, call: Call, pixels_id: int) -> None:
        """Save default settings for the caller."""
        self.resetDefaultsInSet(call, "Pixels", [pixels_id])

    def resetDefaultsInDataset(self, call: Call, dataset_id: int) -> list[int]:
        """Save default settings for the caller; ids of the images."""
        return self.resetDefaultsInSet(call, "Dataset", [dataset_id])

    def resetDefaultsInSet(self, call: Call, class_name: str, ids: Sequence[int]) -> list[int]:
        """Save default settings for the caller; ids of the images."""
        return self._reset(call, pixels_below(call, class_name, ids))

    def setOriginalSettingsInImage(self, call: Call, image_id: int) -> None:
        """Save settings as imported for the caller."""
        self.setOriginalSettingsInSet(call, "Image", [image_id])

    def setOriginalSettingsForPixels(self, call: Call, pixels_id: int) -> None:
        """Save settings as imported for the caller."""
        self.setOriginalSettingsInSet(call, "Pixels", [pixels_id])

    def setOriginalSettingsInDataset(self, call: Call, dataset_id: int) -> list[int]:
        """Save settings as imported for the caller; ids of the images."""
        return self.setOriginalSettingsInSet(call, "Dataset", [dataset_id])

    def setOriginalSettingsInSet(self, call: Call, class_name: str, ids: Sequence[int]) -> list[int]:
        """Save settings as imported for the caller; ids of the images."""
        infos = _infos(call, pixels_below(call, class_name, ids))
        return _kept(call, [(info, default_settings(info)) for info in infos])

    def _reset(self, call: Call, pixels_ids: Sequence[int]) -> list[int]:
        store = pixel_store(self._server)
        return _kept(call, [(info, initial_settings(store, info)) for info in _infos(call, pixels_ids)])

    def resetDefaultsByOwnerInSet(self, call: Call, class_name: str, ids: Sequence[int]) -> list[int]:
        """Copy the settings of each image's owner to the caller; ids of the images that have some."""
        infos, stored = _with_settings(call, pixels_below(call, class_name, ids))
        wanted = []
        for info in infos:
            owners = [one for one in stored.get(info.id, ()) if one.owner_id == info.owner_id]
            if owners:
                wanted.append((info, owners[0].settings))
        return _kept(call, wanted)

    def resetMinMaxInSet(self, call: Call, class_name: str, ids: Sequence[int]) -> list[int]:
        """Set the windows of the caller's settings to each channel's extremes; ids of the pixels."""
        infos, stored = _with_settings(call, pixels_below(call, class_name, ids))
        wanted = []
        for info in infos:
            own = [one for one in stored.get(info.id, ()) if one.owner_id == call.caller.user_id]
            settings = own[0].settings if own else default_settings(info)
            wanted.append((info, _full_windows(info, settings)))
        _kept(call, wanted)
        return [info.id for info, _ in wanted]

    # Copies

    def applySettingsToSet(
        self, call: Call, from_id: int, class_name: str, ids: Sequence[int]
    ) -> dict[bool, list[int]]:
        """Copy settings of these pixels to the caller's of all images in containers that they fit.

        Answers which images got them (True) and which did not (False).
        """
        infos, stored = _with_settings(call, {from_id, *pixels_below(call, class_name, ids)})
        source = next((info for info in infos if info.id == from_id), None)
        if source is None:
            raise errors.validation(f"no Pixels:{from_id} that {call.caller.user_name} can see in this group")
        best = best_settings(stored.get(from_id, ()), source, call.caller.user_id)
        targets = set(pixels_below(call, class_name, ids))
        wanted, refused = [], []
        for info in infos:
            if info.id == from_id or info.id not in targets:
                continue
            if best is None or not fits(source, info) or not info.allows_settings(call):
                refused.append(info.image_id)
                continue
            own = next((one for one in stored.get(info.id, ()) if one.owner_id == call.caller.user_id), None)
            wanted.append((info, _applied(best.settings, info, own)))
        applied = _kept(call, wanted) + ([source.image_id] if from_id in targets else [])
        return {True: sorted(set(applied)), False: sorted(set(refused))}

    def applySettingsToProject(self, call: Call, from_id: int, project_id: int) -> dict[bool, list[int]]:
        """Copy settings to all images of a project."""
        return self.applySettingsToSet(call, from_id, "Project", [project_id])

    def applySettingsToDataset(self, call: Call, from_id: int, dataset_id: int) -> dict[bool, list[int]]:
        """Copy settings to all images of a dataset."""
        return self.applySettingsToSet(call, from_id, "Dataset", [dataset_id])

    def applySettingsToImages(
        self, call: Call, from_id: int, image_ids: Sequence[int]
    ) -> dict[bool, list[int]]:
        """Copy settings to images."""
        return self.applySettingsToSet(call, from_id, "Image", image_ids)

    def applySettingsToImage(self, call: Call, from_id: int, image_id: int) -> bool:
        """Copy settings to an image; whether they fit."""
        return image_id in self.applySettingsToSet(call, from_id, "Image", [image_id])[True]

    def applySettingsToPixels(self, call: Call, from_id: int, pixels_id: int) -> bool:
        """Copy settings to pixels; whether they fit."""
        return bool(self.applySettingsToSet(call, from_id, "Pixels", [pixels_id])[True])


def _id(pixels: Any) -> int:
    if pixels is None or pixels.getId() is None:
        raise PixelsError("Pixels with an id are needed")
    return int(pixels.getId().getValue())


def fits(first: PixelsInfo, second: PixelsInfo) -> bool:
    """Whether settings of one image can be used for another, by OMERO's rule."""
    if first.type != second.type or len(first.channels) != len(second.channels):
        return False
    known = {channel.emission_nm for channel in first.channels}
    return all(channel.emission_nm in known for channel in second.channels)


def _applied(settings: RenderSettings, info: PixelsInfo, own: StoredSettings | None) -> RenderSettings:
    """The settings; a Z or T that the image lacks stays what it was."""
    size = info.dimensions
    old_z, old_t = (own.settings.default_z, own.settings.default_t) if own else (size.z // 2, 0)
    z = settings.default_z if settings.default_z < size.z else old_z
    t = settings.default_t if settings.default_t < size.t else old_t
    return replace(settings, default_z=z, default_t=t)


def _full_windows(info: PixelsInfo, settings: RenderSettings) -> RenderSettings:
    windows = [default_window(info, index) for index in range(len(settings.channels))]
    channels = tuple(
        replace(channel, start=start, end=end)
        for channel, (start, end) in zip(settings.channels, windows, strict=True)
    )
    return replace(settings, channels=channels)


def _infos(call: Call, pixels_ids: Sequence[int]) -> list[PixelsInfo]:
    with call.db.read() as connection:
        return list(load_pixels(connection, call, pixels_ids).values())


def _with_settings(
    call: Call, pixels_ids: Sequence[int] | set[int]
) -> tuple[list[PixelsInfo], dict[int, list[StoredSettings]]]:
    with call.db.read() as connection:
        infos = load_pixels(connection, call, pixels_ids)
        return list(infos.values()), load_settings(connection, call, infos)


def _kept(call: Call, wanted: Sequence[tuple[PixelsInfo, RenderSettings]]) -> list[int]:
    """Save for the caller where that is allowed; ids of the images."""
    allowed = [(info, settings) for info, settings in wanted if info.allows_settings(call)]
    if allowed:
        keep_settings(call, allowed)
    return sorted({info.image_id for info, _ in allowed})
