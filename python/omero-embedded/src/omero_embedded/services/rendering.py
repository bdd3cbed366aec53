"""RenderingEngine: an image as it is shown, and the settings that say how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded import errors
from omero_embedded.pixels import compose, encode
from omero_embedded.pixels.codomain import as_objects, is_reverse
from omero_embedded.pixels.description import pixels_description
from omero_embedded.pixels.enums import entries, entry, value_of
from omero_embedded.pixels.faults import typed_faults
from omero_embedded.pixels.keep import kept_settings
from omero_embedded.pixels.levels import descriptions, level_numbered, number_of
from omero_embedded.pixels.merge import merged, quantum_def
from omero_embedded.pixels.painting import painted, painted_projection
from omero_embedded.pixels.rows import one_pixels
from omero_embedded.pixels.settings import default_window, type_window
from omero_embedded.pixels.settings_rows import best_settings, load_settings
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.pixels.types import PixelsError
from omero_embedded.pixels.view import UNSAVED, View
from omero_embedded.services.overlays import read_overlays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omero_embedded.pixels.overlays import Overlay
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
        self._view = View(pixel_store(server))
        self._overlays: list[Overlay] = []
        self._quality = encode.QUALITY

    # Getting ready

    def lookupPixels(self, call: Call, pixels_id: int) -> None:
        """Look at these pixels."""
        with call.db.read() as connection:
            self._view.look_at(one_pixels(connection, call, pixels_id))

    def lookupRenderingDef(self, call: Call, pixels_id: int) -> bool:
        """Use the caller's settings, else those of the owner; False if there are none."""
        if not self._view.shows(pixels_id):
            self.lookupPixels(call, pixels_id)
        with call.db.read() as connection:
            found = load_settings(connection, call, [pixels_id]).get(pixels_id, [])
        best = best_settings(found, self._view.pixels, call.caller.user_id)
        if best is not None:
            self._view.use(best)
        return best is not None

    def loadRenderingDef(self, call: Call, rendering_def_id: int) -> None:
        """Use these settings, of this image or one with as many channels of the same type."""
        stored = kept_settings(call, rendering_def_id)
        with call.db.read() as connection:
            other = one_pixels(connection, call, stored.pixels_id)
        if other.type != self._view.pixels.type or len(other.channels) != len(self._view.pixels.channels):
            raise errors.validation(
                f"RenderingDef:{rendering_def_id} is for {len(other.channels)} channels of {other.type.name}, "
                f"Pixels:{self._view.pixels.id} has {len(self._view.pixels.channels)} of {self._view.pixels.type.name}"
            )
        self._view.use(stored)

    def load(self, call: Call) -> None:
        """Check that pixels and settings are there."""
        self._view.source()
        self._view.settings()

    # Rendering

    def render(self, call: Call, plane: Any) -> Any:
        """Red, green and blue of a plane, one byte string each."""
        bands = painted(call, self._view, plane, self._overlays)
        height, width = bands[0].shape
        return omero.romio.RGBBuffer([band.tobytes() for band in bands], width, height)

    def renderAsPackedInt(self, call: Call, plane: Any) -> Any:
        """A plane as one integer per pixel."""
        return compose.packed(painted(call, self._view, plane, self._overlays))

    def renderCompressed(self, call: Call, plane: Any) -> bytes:
        """A plane as JPEG."""
        return encode.jpeg(encode.picture(painted(call, self._view, plane, self._overlays)), self._quality)

    def renderProjectedAsPackedInt(
        self, call: Call, algorithm: Any, timepoint: int, stepping: int, start: int, end: int
    ) -> Any:
        """A projection along Z as one integer per pixel."""
        return compose.packed(
            painted_projection(call, self._view, algorithm, timepoint, stepping, start, end)
        ).tolist()

    def renderProjectedCompressed(
        self, call: Call, algorithm: Any, timepoint: int, stepping: int, start: int, end: int
    ) -> bytes:
        """A projection along Z as JPEG."""
        bands = painted_projection(call, self._view, algorithm, timepoint, stepping, start, end)
        return encode.jpeg(encode.picture(bands), self._quality)

    def setOverlays(self, call: Call, table: Any, image: Any, colors: Mapping[int, int] | None) -> None:
        """Draw masks over planes from now on: rows of the table that a FileAnnotation attaches, with colours 0xRRGGBB.

        Without rows, no masks. The image makes no difference, as with OMERO.server.
        """
        if colors and table is None:
            raise errors.api_usage("the id of the table's FileAnnotation is missing")
        self._overlays = read_overlays(self._server, call, table.getValue(), colors) if colors else []

    def setCompressionLevel(self, call: Call, percentage: float) -> None:
        """JPEG quality from 0 to 1."""
        if not 0 <= percentage <= 1:
            raise PixelsError(f"the compression level is between 0 and 1, not {percentage}")
        self._quality = percentage

    def getCompressionLevel(self, call: Call) -> float:
        """JPEG quality from 0 to 1."""
        return self._quality

    # The image

    def getPixels(self, call: Call) -> Any:
        """The Pixels with channels and statistics."""
        return pixels_description(call, self._view.pixels.id)

    def getChannelStats(self, call: Call, w: int) -> list[float]:
        """Smallest and largest value of a channel."""
        self._view.channel(w)
        return list(default_window(self._view.pixels, w))

    def isPixelsTypeSigned(self, call: Call) -> bool:
        """Whether values can be negative."""
        return self._view.pixels.type.signed

    def getPixelsTypeLowerBound(self, call: Call, w: int) -> float:
        """Where a window can begin."""
        return type_window(self._view.pixels.type, self._view.pixels.significant_bits)[0]

    def getPixelsTypeUpperBound(self, call: Call, w: int) -> float:
        """Where a window can end."""
        return type_window(self._view.pixels.type, self._view.pixels.significant_bits)[1]

    # Settings of the image

    def getRenderingDefId(self, call: Call) -> int:
        """The id of the settings in use; -1 for defaults that nobody saved."""
        self._view.settings()
        return self._view.stored_id

    def getModel(self, call: Call) -> Any:
        """How channels are put together."""
        return entry(call, "RenderingModel", self._view.settings().model)

    def setModel(self, call: Call, model: Any) -> None:
        """How channels are put together: greyscale or rgb."""
        self._view.change(model=value_of(call, "RenderingModel", model))

    def getAvailableModels(self, call: Call) -> list[Any]:
        """All rendering models."""
        return entries(call, "RenderingModel")

    def getAvailableFamilies(self, call: Call) -> list[Any]:
        """All families of curves."""
        return entries(call, "Family")

    def getDefaultZ(self, call: Call) -> int:
        """The plane to show first."""
        return self._view.settings().default_z

    def getDefaultT(self, call: Call) -> int:
        """The time point to show first."""
        return self._view.settings().default_t

    def setDefaultZ(self, call: Call, z: int) -> None:
        """Choose the plane to show first."""
        self._view.pixels.dimensions.check_plane(z, 0, 0)
        self._view.change(default_z=z)

    def setDefaultT(self, call: Call, t: int) -> None:
        """Choose the time point to show first."""
        self._view.pixels.dimensions.check_plane(0, 0, t)
        self._view.change(default_t=t)

    def setQuantumStrategy(self, call: Call, bit_resolution: int) -> None:
        """Number of display values minus one: 1, 3, 7 … 255."""
        self._view.change(bit_resolution=bit_resolution)

    def setCodomainInterval(self, call: Call, start: int, end: int) -> None:
        """The interval of display values within 0 to 255."""
        self._view.change(codomain=(start, end))

    def getQuantumDef(self, call: Call) -> Any:
        """Bit resolution and codomain interval."""
        return quantum_def(self._view.settings())

    # Settings of a channel

    def setQuantizationMap(
        self, call: Call, w: int, family: Any, coefficient: float, noise_reduction: bool
    ) -> None:
        """The curve of a channel; a straight line has no coefficient but 1."""
        name = value_of(call, "Family", family)
        fitting = 1.0 if name == "linear" else coefficient
        self._view.change_channel(w, family=name, coefficient=fitting, noise_reduction=noise_reduction)

    def getChannelFamily(self, call: Call, w: int) -> Any:
        """The family of the channel's curve."""
        return entry(call, "Family", self._view.channel(w).family)

    def getChannelNoiseReduction(self, call: Call, w: int) -> bool:
        """Whether the outer tenths of values are left out."""
        return self._view.channel(w).noise_reduction

    def getChannelCurveCoefficient(self, call: Call, w: int) -> float:
        """The coefficient of the channel's curve."""
        return self._view.channel(w).coefficient

    def setChannelWindow(self, call: Call, w: int, start: float, end: float) -> None:
        """The values that the channel shows; as in OMERO an interval that is none means the type's range."""
        if not start <= end:
            start, end = type_window(self._view.pixels.type, self._view.pixels.significant_bits)
        self._view.change_channel(w, start=start, end=end)

    def getChannelWindowStart(self, call: Call, w: int) -> float:
        """The value shown darkest."""
        return self._view.channel(w).start

    def getChannelWindowEnd(self, call: Call, w: int) -> float:
        """The value shown brightest."""
        return self._view.channel(w).end

    def setRGBA(self, call: Call, w: int, red: int, green: int, blue: int, alpha: int) -> None:
        """The channel's colour."""
        self._view.change_channel(w, color=(red, green, blue, alpha))

    def getRGBA(self, call: Call, w: int) -> list[int]:
        """The channel's colour."""
        return list(self._view.channel(w).color)

    def setActive(self, call: Call, w: int, active: bool) -> None:
        """Show the channel or not."""
        self._view.change_channel(w, active=active)

    def isActive(self, call: Call, w: int) -> bool:
        """Whether the channel is shown."""
        return self._view.channel(w).active

    def setChannelLookupTable(self, call: Call, w: int, lookup: str) -> None:
        """Show the channel in the colours of a .lut file; an empty name goes back to its colour."""
        self._view.change_channel(w, lookup_table=lookup or None)

    def getChannelLookupTable(self, call: Call, w: int) -> str:
        """The channel's .lut file, empty for none."""
        return self._view.channel(w).lookup_table or ""

    def addCodomainMapToChannel(self, call: Call, map_context: Any, w: int) -> None:
        """Reverse the channel's display values."""
        self._view.change_channel(w, reverse=is_reverse(map_context) or self._view.channel(w).reverse)

    def removeCodomainMapFromChannel(self, call: Call, map_context: Any, w: int) -> None:
        """Show the channel's display values as they are."""
        is_reverse(map_context)
        self._view.change_channel(w, reverse=False)

    def getCodomainMapContext(self, call: Call, w: int) -> list[Any]:
        """What happens to the channel's display values."""
        return as_objects(self._view.channel(w))

    def addCodomainMap(self, call: Call, map_context: Any) -> None:
        """Reverse the display values of all channels."""
        for w in range(len(self._view.settings().channels)):
            self.addCodomainMapToChannel(call, map_context, w)

    updateCodomainMap = addCodomainMap  # noqa: N815 - the only map has nothing that could change

    def removeCodomainMap(self, call: Call, map_context: Any) -> None:
        """Show the display values of all channels as they are."""
        for w in range(len(self._view.settings().channels)):
            self.removeCodomainMapFromChannel(call, map_context, w)

    # Saving

    def updateSettings(self, call: Call, settings: Any) -> None:
        """Take over what a RenderingDef has; what is null in it stays."""
        self._view.show(merged(self._view.settings(), settings))

    def saveCurrentSettings(self, call: Call) -> None:
        """Save the settings as the caller's own."""
        self._view.keep(call, anew=self._view.stored_id == UNSAVED)

    def saveAsNewSettings(self, call: Call) -> int:
        """Save the settings as new ones of the caller; their id."""
        return self._view.keep(call, anew=True)

    def resetDefaultSettings(self, call: Call, save: bool) -> int:
        """Go back to defaults, and save them where the caller may; the id of the settings, -1 for none."""
        self._view.use_initial()
        if save and self._view.pixels.allows_settings(call):
            return self._view.keep(call, anew=False)
        return self._view.stored_id

    # Resolutions

    def requiresPixelsPyramid(self, call: Call) -> bool:
        """Whether planes are so big that clients ask for tiles."""
        return self._view.store.is_big(self._view.pixels.dimensions)

    def getResolutionLevels(self, call: Call) -> int:
        """Number of resolutions."""
        return len(self._view.source().levels)

    def getResolutionDescriptions(self, call: Call) -> list[Any]:
        """Sizes of the resolutions, the full one first."""
        return descriptions(self._view.source())

    def getResolutionLevel(self, call: Call) -> int:
        """The current resolution; the largest number is the full one."""
        return number_of(self._view.source(), self._view.level)

    def setResolutionLevel(self, call: Call, level: int) -> None:
        """Choose a resolution; 0 is the smallest. An image of one resolution stays at it, whatever is asked for."""
        source = self._view.source()
        if len(source.levels) > 1:
            self._view.level = level_numbered(source, level)

    def getTileSize(self, call: Call) -> list[int]:
        """Width and height of the pieces that are cheap to render."""
        return list(self._view.source().tile_size)

    def close(self, call: Call) -> None:
        """Forget everything."""
        self._view.forget()
