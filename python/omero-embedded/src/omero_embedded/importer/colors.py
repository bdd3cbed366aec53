"""The colours, and names where there are none, that OMERO's importer gives to the channels of an image.

Rule: ome/omero-blitz, ChannelProcessor and ColorsFactory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import rint, rstring

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omero_embedded.importer.metadata import Rgba

_RED, _GREEN, _BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
_WHITE = (255, 255, 255, 255)
_GREY = (128, 128, 128, 255)
_TRANSPARENT = (0, 0, 0, 0)
_GREEN_FROM, _RED_FROM = 500, 560
# How far above the edge of an emission filter the light is taken to lie.
_ABOVE_EDGE = 15
_PICTURE_NAMES = ("Red", "Green", "Blue", "Alpha")


def color_channels(channels: Sequence[Any], *, picture: bool) -> None:
    """Colour the channels of one image; `picture` for formats of photos and drawings, which hold red, green and blue."""
    if len(channels) == 1:
        if channels[0].getRed() is None:
            set_color(channels[0], _GREY)
        return
    bright = [_has_color(channel) or _emits(channel.getLogicalChannel()) for channel in channels]
    for number, channel in enumerate(channels):
        if picture:
            _color_picture(channel, number)
        else:
            _color_by_light(channel, number)
    if not picture and any(bright):
        for channel, known in zip(channels, bright, strict=True):
            if not known:
                set_color(channel, _WHITE)


def set_color(channel: Any, color: Rgba) -> None:
    """Store a colour on a channel."""
    for part, amount in zip(("Red", "Green", "Blue", "Alpha"), color, strict=True):
        getattr(channel, f"set{part}")(rint(amount))


def _has_color(channel: Any) -> bool:
    return channel.getRed() is not None


def _color_picture(channel: Any, number: int) -> None:
    set_color(channel, _TRANSPARENT if number == 3 else _in_turn(number))
    logical = channel.getLogicalChannel()
    if logical.getName() is None and number < len(_PICTURE_NAMES):
        logical.setName(rstring(_PICTURE_NAMES[number]))


def _color_by_light(channel: Any, number: int) -> None:
    logical = channel.getLogicalChannel()
    wavelength, name = next(_light(logical), (None, None))
    if not _has_color(channel):
        set_color(channel, _in_turn(number) if wavelength is None else _by_wavelength(wavelength))
    if logical.getName() is None and name is not None:
        logical.setName(rstring(name))


def _in_turn(number: int) -> Rgba:
    return (_RED, _GREEN, _BLUE)[number % 3]


def _by_wavelength(wavelength: float) -> Rgba:
    if wavelength < _GREEN_FROM:
        return _BLUE
    return _GREEN if wavelength < _RED_FROM else _RED


def _light(logical: Any) -> Iterator[tuple[float, str | None]]:
    """What is known of a channel's light, as wavelength and name, the most telling first; numbers in the file's units."""
    yield from _known(logical.getEmissionWave())
    for part in _emission_filters(logical):
        edge = part.getTransmittanceRange().getCutIn().getValue()
        yield edge + _ABOVE_EDGE, str(edge)
    settings = logical.getLightSourceSettings()
    source = settings.getLightSource() if settings is not None else None
    if source is not None and source.ice_isA("::omero::model::Laser"):
        yield from _known(source.getWavelength())
    yield from _known(logical.getExcitationWave())
    for part in _excitation_filters(logical):
        limits = part.getTransmittanceRange()
        upper = limits.getCutOut().getValue()
        edge = limits.getCutIn().getValue() if limits.getCutIn() is not None else None
        lower = edge or upper - 2 * _ABOVE_EDGE
        yield (lower + upper) / 2, None if edge is None else str(edge)


def _known(length: Any) -> Iterator[tuple[float, str | None]]:
    if length is not None:
        value = length.getValue()
        yield value, str(value) if value.is_integer() else None


def _emits(logical: Any) -> bool:
    return logical.getEmissionWave() is not None or any(_emission_filters(logical))


def _emission_filters(logical: Any) -> Iterator[Any]:
    """The filters of the light path, then the last one of the filter set, that name their lower edge."""
    path, kit = logical.getLightPath(), logical.getFilterSet()
    found = list(path.linkedEmissionFilterList()) if path is not None else []
    found += list(kit.linkedEmissionFilterList())[-1:] if kit is not None else []
    return (part for part in found if _range_has(part, "CutIn"))


def _excitation_filters(logical: Any) -> Iterator[Any]:
    path, kit = logical.getLightPath(), logical.getFilterSet()
    found = list(path.linkedExcitationFilterList()) if path is not None else []
    found += list(kit.linkedExcitationFilterList())[-1:] if kit is not None else []
    return (part for part in found if _range_has(part, "CutOut"))


def _range_has(part: Any, edge: str) -> bool:
    limits = part.getTransmittanceRange()
    return limits is not None and getattr(limits, f"get{edge}")() is not None
