"""Rendering settings as values, and OMERO's defaults for an image that has none.

The defaults follow OMERO.server: window from the channel's extremes, linear, the first three channels active, several
channels (fewer than eight) in colour, else greyscale; colours from the import, from wavelengths, or red, green, blue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from omero_embedded.pixels.rows import ChannelInfo, PixelsInfo
    from omero_embedded.pixels.types import PixelType

GREYSCALE, RGB = "greyscale", "rgb"
MODELS = (GREYSCALE, RGB)
LINEAR, POLYNOMIAL, EXPONENTIAL, LOGARITHMIC = "linear", "polynomial", "exponential", "logarithmic"
FAMILIES = (LINEAR, POLYNOMIAL, EXPONENTIAL, LOGARITHMIC)
LARGEST_COEFFICIENT = 100
BIT_RESOLUTIONS = (1, 3, 7, 15, 31, 63, 127, 255)
# From this number of channels on OMERO renders in greyscale by default.
MANY_CHANNELS = 8
ACTIVE_CHANNELS = 3
_GREEN_FROM_NM, _RED_FROM_NM = 500, 560
_EPSILON = 1e-5

Color = tuple[int, int, int, int]
RED: Color = (255, 0, 0, 255)
GREEN: Color = (0, 255, 0, 255)
BLUE: Color = (0, 0, 255, 255)
WHITE: Color = (255, 255, 255, 255)


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """How one channel is shown: values from `start` to `end` through a curve onto a colour or lookup table."""

    start: float
    end: float
    color: Color
    active: bool = True
    family: str = LINEAR
    coefficient: float = 1.0
    noise_reduction: bool = False
    lookup_table: str | None = None
    reverse: bool = False

    def __post_init__(self) -> None:
        """PixelsError for values that cannot be rendered."""
        if self.family not in FAMILIES:
            raise PixelsError(f"unknown family {self.family}; known: {', '.join(FAMILIES)}")
        if not 0 < self.coefficient <= LARGEST_COEFFICIENT:
            raise PixelsError(
                f"the curve coefficient must be above 0 and at most {LARGEST_COEFFICIENT}, not {self.coefficient}"
            )
        if not self.start <= self.end:
            raise PixelsError(
                f"a window from {self.start} to {self.end} is not possible: start must not exceed end"
            )
        for value in self.color:
            if not 0 <= value <= 255:
                raise PixelsError(f"colour components are 0 to 255, not {self.color}")


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """How an image is shown; `codomain` is the interval of display values, `bit_resolution` their steps minus one."""

    model: str
    default_z: int
    default_t: int
    channels: tuple[ChannelSettings, ...]
    bit_resolution: int = 255
    codomain: tuple[int, int] = (0, 255)

    def __post_init__(self) -> None:
        """PixelsError for values that cannot be rendered."""
        if self.model not in MODELS:
            raise PixelsError(f"unknown rendering model {self.model}; known: {', '.join(MODELS)}")
        if self.bit_resolution not in BIT_RESOLUTIONS:
            raise PixelsError(f"bit resolution {self.bit_resolution} is not one of {BIT_RESOLUTIONS}")
        start, end = self.codomain
        if not 0 <= start <= end <= 255:
            raise PixelsError(f"a codomain interval lies within 0 to 255, not {start} to {end}")

    def active(self) -> list[int]:
        """Indices of the channels that are shown: all active ones, or in greyscale the first of them."""
        found = [index for index, channel in enumerate(self.channels) if channel.active]
        return found[:1] if self.model == GREYSCALE else found


def fitted(settings: RenderSettings, info: PixelsInfo) -> RenderSettings:
    """Settings that name no plane or channel that the image lacks: they may have been made for another one."""
    size = info.dimensions
    return replace(
        settings,
        default_z=min(max(settings.default_z, 0), size.z - 1),
        default_t=min(max(settings.default_t, 0), size.t - 1),
        channels=settings.channels[: size.c],
    )


def default_settings(info: PixelsInfo) -> RenderSettings:
    """OMERO's defaults for an image."""
    size = info.dimensions
    colors = default_colors(info.channels)
    channels = tuple(
        ChannelSettings(
            *default_window(info, index),
            colors[index],
            active=index < ACTIVE_CHANNELS,
            lookup_table=channel.lookup_table,
        )
        for index, channel in enumerate(info.channels)
    )
    model = RGB if 1 < size.c < MANY_CHANNELS else GREYSCALE
    return RenderSettings(model, size.z // 2, 0, channels)


def default_window(info: PixelsInfo, index: int) -> tuple[float, float]:
    """The channel's extremes, or the range of the pixel type where they are unknown or equal."""
    extremes = info.channels[index].extremes
    if extremes is None or abs(extremes[1] - extremes[0]) < _EPSILON:
        return type_window(info.type, info.significant_bits)
    return extremes


def type_window(kind: PixelType, significant_bits: int | None) -> tuple[float, float]:
    """The range a window may have without knowing values; OMERO takes all 32 bits for floating-point numbers."""
    if kind.floating:
        return -(2.0**31), 2.0**31 - 1
    return kind.range(significant_bits)


def default_colors(channels: tuple[ChannelInfo, ...]) -> list[Color]:
    """Colours of the channels: imported, else by wavelength, else red, green, blue in turn.

    Where only some channels have an emission wavelength the others are transmitted light, and white.
    """
    colors = [
        channel.color or _by_wavelength(channel) or _by_index(index) for index, channel in enumerate(channels)
    ]
    undecided = [index for index, channel in enumerate(channels) if channel.color is None]
    dark = [index for index in undecided if channels[index].emission_nm is None]
    if len(dark) != len(undecided):
        for index in dark:
            colors[index] = WHITE
    return colors


def _by_wavelength(channel: ChannelInfo) -> Color | None:
    wavelength = channel.emission_nm if channel.emission_nm is not None else channel.excitation_nm
    if wavelength is None:
        return None
    if wavelength < _GREEN_FROM_NM:
        return BLUE
    return GREEN if wavelength < _RED_FROM_NM else RED


def _by_index(index: int) -> Color:
    return (RED, GREEN, BLUE)[index % 3]
