"""RenderingEngine: an image as it is shown, and the settings that say how."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded import errors
from omero_embedded.pixels import compose, encode
from omero_embedded.pixels.codomain import as_objects, is_reverse
from omero_embedded.pixels.description import pixels_description
from omero_embedded.pixels.enums import entries, entry
from omero_embedded.pixels.faults import typed_faults
from omero_embedded.pixels.initial import initial_settings
from omero_embedded.pixels.keep import keep_settings, kept_settings
from omero_embedded.pixels.merge import merged
from omero_embedded.pixels.overlays import draw
from omero_embedded.pixels.renderer import Renderer, Section
from omero_embedded.pixels.rows import one_pixels
from omero_embedded.pixels.settings import RenderSettings, default_window, fitted, type_window
from omero_embedded.pixels.settings_rows import best_settings, load_settings
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.pixels.types import PixelsError, Region
from omero_embedded.pixels.uploaded import uploaded_luts
from omero_embedded.services.overlays import read_overlays

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omero_embedded.pixels.overlays import Overlay
    from omero_embedded.pixels.renderer import Bands
    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.settings import ChannelSettings
    from omero_embedded.pixels.settings_rows import StoredSettings
    from omero_embedded.pixels.source import PixelSource
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session


@typed_faults
class RenderingEngine:
    """One image being looked at; changes stay here until saved."""

    interface = "omero.api.RenderingEngine"
    stateful = True

    def __init__(self, server: Server, session: Session) -> None:
        self._server = server
        self._store = pixel_store(server)
        self._session = session
        self._overlays: list[Overlay] = []
        self._info: PixelsInfo | None = None
        self._stored: StoredSettings | None = None
        self._now: RenderSettings | None = None
        self._level = 0
        self._quality = encode.QUALITY

    # Getting ready

    def lookupPixels(self, call: Call, pixels_id: int) -> None:
        """Look at these pixels."""
        with call.db.read() as connection:
            self._info = one_pixels(connection, call, pixels_id)
        self._stored = self._now = None
        self._level = 0

    def lookupRenderingDef(self, call: Call, pixels_id: int) -> bool:
        """Use the caller's settings, else those of the owner; False if there are none."""
        if self._info is None or self._info.id != pixels_id:
            self.lookupPixels(call, pixels_id)
        with call.db.read() as connection:
            found = load_settings(connection, call, [pixels_id]).get(pixels_id, [])
        best = best_settings(found, self._pixels, call.caller.user_id)
        if best is None:
            return False
        self._use(best)
        return True

    def loadRenderingDef(self, call: Call, rendering_def_id: int) -> None:
        """Use these settings, of this image or one with as many channels of the same type."""
        stored = kept_settings(call, rendering_def_id)
        with call.db.read() as connection:
            other = one_pixels(connection, call, stored.pixels_id)
        if other.type != self._pixels.type or len(other.channels) != len(self._pixels.channels):
            raise errors.validation(
                f"RenderingDef:{rendering_def_id} is for {len(other.channels)} channels of {other.type.name}, "
                f"Pixels:{self._pixels.id} has {len(self._pixels.channels)} of {self._pixels.type.name}"
            )
        self._use(stored)

    def load(self, call: Call) -> None:
        """Check that pixels and settings are there."""
        del call
        self._open()
        self._require()

    def _use(self, stored: StoredSettings) -> None:
        self._stored, self._now = stored, fitted(stored.settings, self._pixels)

    @property
    def _pixels(self) -> PixelsInfo:
        if self._info is None:
            raise errors.api_usage("no pixels; call lookupPixels first")
        return self._info

    def _require(self) -> RenderSettings:
        if self._now is None:
            raise errors.api_usage(
                "no settings; call lookupRenderingDef, loadRenderingDef or resetDefaultSettings first"
            )
        return self._now

    def _open(self) -> PixelSource:
        info = self._pixels
        return self._store.open(info.id, info.dimensions, info.type)

    def _channel(self, w: int) -> ChannelSettings:
        channels = self._require().channels
        if not 0 <= w < len(channels):
            raise PixelsError(f"channel {w} is out of bounds: there are {len(channels)} channels")
        return channels[w]

    def _change(self, w: int, **values: Any) -> None:
        changed = replace(self._channel(w), **values)
        channels = self._require().channels
        self._now = replace(self._require(), channels=(*channels[:w], changed, *channels[w + 1 :]))

    # Rendering

    def render(self, call: Call, plane: Any) -> Any:
        """Red, green and blue of a plane, one byte string each."""
        bands = self._render(call, plane)
        height, width = bands[0].shape
        return omero.romio.RGBBuffer([band.tobytes() for band in bands], width, height)

    def renderAsPackedInt(self, call: Call, plane: Any) -> Any:
        """A plane as one integer per pixel."""
        return compose.packed(self._render(call, plane))

    def renderCompressed(self, call: Call, plane: Any) -> bytes:
        """A plane as JPEG."""
        return encode.jpeg(encode.picture(self._render(call, plane)), self._quality)

    def renderProjectedAsPackedInt(
        self, call: Call, algorithm: Any, timepoint: int, stepping: int, start: int, end: int
    ) -> Any:
        """A projection along Z as one integer per pixel."""
        return compose.packed(self._project(call, algorithm, timepoint, stepping, start, end)).tolist()

    def renderProjectedCompressed(
        self, call: Call, algorithm: Any, timepoint: int, stepping: int, start: int, end: int
    ) -> bytes:
        """A projection along Z as JPEG."""
        bands = self._project(call, algorithm, timepoint, stepping, start, end)
        return encode.jpeg(encode.picture(bands), self._quality)

    def _project(
        self, call: Call, algorithm: Any, timepoint: int, stepping: int, start: int, end: int
    ) -> Bands:
        if self._store.is_big(self._pixels.dimensions):
            raise PixelsError("images with a pyramid cannot be projected as a whole")
        return self._renderer(call).render_projected(algorithm.value, timepoint, stepping, start, end)

    def _render(self, call: Call, plane: Any) -> Bands:
        if plane is None:
            raise PixelsError("a PlaneDef is needed to render")
        if getattr(plane, "shapeIds", None):
            raise errors.not_supported("rendering masks on top of a plane (PlaneDefWithMasks)")
        region = plane.region
        section = Section(
            z=plane.z,
            t=plane.t,
            slice=plane.slice,
            x=plane.x,
            y=plane.y,
            region=None if region is None else self._region(region),
            level=self._level,
            step=max(plane.stride, 0) + 1,
        )
        self._check_size(section)
        bands = self._renderer(call).render(section)
        return draw(bands, self._overlays, section, self._pixels.dimensions) if self._overlays else bands

    def setOverlays(self, call: Call, table: Any, image: Any, colors: Mapping[int, int] | None) -> None:
        """Draw masks over planes from now on: rows of the table that a FileAnnotation attaches, with colours 0xRRGGBB.

        Without rows, no masks. The image makes no difference, as with OMERO.server.
        """
        del image
        if colors and table is None:
            raise errors.api_usage("the id of the table's FileAnnotation is missing")
        self._overlays = read_overlays(self._server, call, table.getValue(), colors) if colors else []

    def _region(self, asked: Any) -> Region:
        """Tiles of one size may reach over the right and lower edges, as OMERO.web asks for them."""
        region = Region(asked.x, asked.y, asked.width, asked.height)
        return region.clipped(*self._open().levels[self._level])

    def _check_size(self, section: Section) -> None:
        width, height = self._open().levels[section.level]
        if section.region is not None:
            width, height = section.region.width, section.region.height
        most_x, most_y = self._store.max_plane
        if width > most_x or height > most_y:
            raise PixelsError(
                f"{width} x {height} pixels are too many for one picture (at most {most_x} x {most_y}); "
                "ask for a region or a lower resolution"
            )

    def _renderer(self, call: Call) -> Renderer:
        return Renderer(self._open(), self._pixels, self._require(), uploaded_luts(call))

    def setCompressionLevel(self, call: Call, percentage: float) -> None:
        """JPEG quality from 0 to 1."""
        del call
        if not 0 <= percentage <= 1:
            raise PixelsError(f"the compression level is between 0 and 1, not {percentage}")
        self._quality = percentage

    def getCompressionLevel(self, call: Call) -> float:
        """JPEG quality from 0 to 1."""
        del call
        return self._quality

    # The image

    def getPixels(self, call: Call) -> Any:
        """The Pixels with channels and statistics."""
        return pixels_description(call, self._pixels.id)

    def getChannelStats(self, call: Call, w: int) -> list[float]:
        """Smallest and largest value of a channel."""
        del call
        self._channel(w)
        return list(default_window(self._pixels, w))

    def isPixelsTypeSigned(self, call: Call) -> bool:
        """Whether values can be negative."""
        del call
        return self._pixels.type.signed

    def getPixelsTypeLowerBound(self, call: Call, w: int) -> float:
        """Where a window can begin."""
        del call, w
        return type_window(self._pixels.type, self._pixels.significant_bits)[0]

    def getPixelsTypeUpperBound(self, call: Call, w: int) -> float:
        """Where a window can end."""
        del call, w
        return type_window(self._pixels.type, self._pixels.significant_bits)[1]

    # Settings of the image

    def getRenderingDefId(self, call: Call) -> int:
        """The id of the settings in use; -1 for defaults that nobody saved."""
        del call
        self._require()
        return self._stored.id if self._stored is not None else -1

    def getModel(self, call: Call) -> Any:
        """How channels are put together."""
        return entry(call, "RenderingModel", self._require().model)

    def setModel(self, call: Call, model: Any) -> None:
        """How channels are put together: greyscale or rgb."""
        name = _value(call, "RenderingModel", model)
        self._now = replace(self._require(), model=name)

    def getAvailableModels(self, call: Call) -> list[Any]:
        """All rendering models."""
        return entries(call, "RenderingModel")

    def getAvailableFamilies(self, call: Call) -> list[Any]:
        """All families of curves."""
        return entries(call, "Family")

    def getDefaultZ(self, call: Call) -> int:
        """The plane to show first."""
        del call
        return self._require().default_z

    def getDefaultT(self, call: Call) -> int:
        """The time point to show first."""
        del call
        return self._require().default_t

    def setDefaultZ(self, call: Call, z: int) -> None:
        """Choose the plane to show first."""
        del call
        self._pixels.dimensions.check_plane(z, 0, 0)
        self._now = replace(self._require(), default_z=z)

    def setDefaultT(self, call: Call, t: int) -> None:
        """Choose the time point to show first."""
        del call
        self._pixels.dimensions.check_plane(0, 0, t)
        self._now = replace(self._require(), default_t=t)

    def setQuantumStrategy(self, call: Call, bit_resolution: int) -> None:
        """Number of display values minus one: 1, 3, 7 … 255."""
        del call
        self._now = replace(self._require(), bit_resolution=bit_resolution)

    def setCodomainInterval(self, call: Call, start: int, end: int) -> None:
        """The interval of display values within 0 to 255."""
        del call
        self._now = replace(self._require(), codomain=(start, end))

    def getQuantumDef(self, call: Call) -> Any:
        """Bit resolution and codomain interval."""
        del call
        settings = self._require()
        quantum = omero.model.QuantumDefI()
        quantum.setBitResolution(omero.rtypes.rint(settings.bit_resolution))
        quantum.setCdStart(omero.rtypes.rint(settings.codomain[0]))
        quantum.setCdEnd(omero.rtypes.rint(settings.codomain[1]))
        return quantum

    # Settings of a channel

    def setQuantizationMap(
        self, call: Call, w: int, family: Any, coefficient: float, noise_reduction: bool
    ) -> None:
        """The curve of a channel; a straight line has no coefficient but 1."""
        name = _value(call, "Family", family)
        fitting = 1.0 if name == "linear" else coefficient
        self._change(w, family=name, coefficient=fitting, noise_reduction=noise_reduction)

    def getChannelFamily(self, call: Call, w: int) -> Any:
        """The family of the channel's curve."""
        return entry(call, "Family", self._channel(w).family)

    def getChannelNoiseReduction(self, call: Call, w: int) -> bool:
        """Whether the outer tenths of values are left out."""
        del call
        return self._channel(w).noise_reduction

    def getChannelCurveCoefficient(self, call: Call, w: int) -> float:
        """The coefficient of the channel's curve."""
        del call
        return self._channel(w).coefficient

    def setChannelWindow(self, call: Call, w: int, start: float, end: float) -> None:
        """The values that the channel shows; as in OMERO an interval that is none means the type's range."""
        del call
        if not start <= end:
            start, end = type_window(self._pixels.type, self._pixels.significant_bits)
        self._change(w, start=start, end=end)

    def getChannelWindowStart(self, call: Call, w: int) -> float:
        """The value shown darkest."""
        del call
        return self._channel(w).start

    def getChannelWindowEnd(self, call: Call, w: int) -> float:
        """The value shown brightest."""
        del call
        return self._channel(w).end

    def setRGBA(self, call: Call, w: int, red: int, green: int, blue: int, alpha: int) -> None:
        """The channel's colour."""
        del call
        self._change(w, color=(red, green, blue, alpha))

    def getRGBA(self, call: Call, w: int) -> list[int]:
        """The channel's colour."""
        del call
        return list(self._channel(w).color)

    def setActive(self, call: Call, w: int, active: bool) -> None:
        """Show the channel or not."""
        del call
        self._change(w, active=active)

    def isActive(self, call: Call, w: int) -> bool:
        """Whether the channel is shown."""
        del call
        return self._channel(w).active

    def setChannelLookupTable(self, call: Call, w: int, lookup: str) -> None:
        """Show the channel in the colours of a .lut file; an empty name goes back to its colour."""
        del call
        self._change(w, lookup_table=lookup or None)

    def getChannelLookupTable(self, call: Call, w: int) -> str:
        """The channel's .lut file, empty for none."""
        del call
        return self._channel(w).lookup_table or ""

    def addCodomainMapToChannel(self, call: Call, map_context: Any, w: int) -> None:
        """Reverse the channel's display values."""
        del call
        self._change(w, reverse=is_reverse(map_context) or self._channel(w).reverse)

    def removeCodomainMapFromChannel(self, call: Call, map_context: Any, w: int) -> None:
        """Show the channel's display values as they are."""
        del call
        is_reverse(map_context)
        self._change(w, reverse=False)

    def getCodomainMapContext(self, call: Call, w: int) -> list[Any]:
        """What happens to the channel's display values."""
        del call
        return as_objects(self._channel(w))

    def addCodomainMap(self, call: Call, map_context: Any) -> None:
        """Reverse the display values of all channels."""
        for w in range(len(self._require().channels)):
            self.addCodomainMapToChannel(call, map_context, w)

    updateCodomainMap = addCodomainMap  # noqa: N815 - the only map has nothing that could change

    def removeCodomainMap(self, call: Call, map_context: Any) -> None:
        """Show the display values of all channels as they are."""
        for w in range(len(self._require().channels)):
            self.removeCodomainMapFromChannel(call, map_context, w)

    # Saving

    def updateSettings(self, call: Call, settings: Any) -> None:
        """Take over what a RenderingDef has; what is null in it stays."""
        del call
        self._now = merged(self._require(), settings)

    def saveCurrentSettings(self, call: Call) -> None:
        """Save the settings as the caller's own."""
        self._save(call, anew=self._stored is None)

    def saveAsNewSettings(self, call: Call) -> int:
        """Save the settings as new ones of the caller; their id."""
        return self._save(call, anew=True)

    def resetDefaultSettings(self, call: Call, save: bool) -> int:
        """Go back to defaults, and save them where the caller may; the id of the settings, -1 for none."""
        self._now = initial_settings(self._store, self._pixels)
        if save and self._pixels.allows_settings(call):
            return self._save(call, anew=False)
        return self._stored.id if self._stored is not None else -1

    def _save(self, call: Call, *, anew: bool) -> int:
        kept = keep_settings(call, [(self._pixels, self._require())], anew=anew)[self._pixels.id]
        self._use(kept_settings(call, kept))
        return kept

    # Resolutions

    def requiresPixelsPyramid(self, call: Call) -> bool:
        """Whether planes are so big that clients ask for tiles."""
        del call
        return self._store.is_big(self._pixels.dimensions)

    def getResolutionLevels(self, call: Call) -> int:
        """Number of resolutions."""
        del call
        return len(self._open().levels)

    def getResolutionDescriptions(self, call: Call) -> list[Any]:
        """Sizes of the resolutions, the full one first."""
        del call
        return [omero.api.ResolutionDescription(width, height) for width, height in self._open().levels]

    def getResolutionLevel(self, call: Call) -> int:
        """The current resolution; the largest number is the full one."""
        del call
        return len(self._open().levels) - 1 - self._level

    def setResolutionLevel(self, call: Call, level: int) -> None:
        """Choose a resolution; 0 is the smallest. An image of one resolution stays at it, whatever is asked for."""
        del call
        count = len(self._open().levels)
        if count == 1:
            return
        if not 0 <= level < count:
            raise PixelsError(f"resolution level {level} is out of bounds: there are 0 to {count - 1}")
        self._level = count - 1 - level

    def getTileSize(self, call: Call) -> list[int]:
        """Width and height of the pieces that are cheap to render."""
        del call
        return list(self._open().tile_size)

    def close(self, call: Call) -> None:
        """Forget everything."""
        del call
        self._info = self._stored = self._now = None


def _value(call: Call, class_name: str, sent: Any) -> str:
    """The value of an enumeration entry that a client sent, by value or by id."""
    if sent is None:
        raise PixelsError(f"a {class_name} is needed")
    if sent.isLoaded() and sent.getValue() is not None:
        return str(sent.getValue().getValue())
    found: Sequence[Any] = [one for one in entries(call, class_name) if one.getId() == sent.getId()]
    if not found:
        raise PixelsError(f"no {class_name} with this id")
    return str(found[0].getValue().getValue())
