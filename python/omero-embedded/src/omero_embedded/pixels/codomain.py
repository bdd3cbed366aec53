"""Codomain maps on the wire; the one that OMERO renders is the reversal of display values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rbool

from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from omero_embedded.pixels.settings import ChannelSettings


def is_reverse(context: Any) -> bool:
    """True; PixelsError for any other map."""
    if isinstance(context, (omero.romio.ReverseIntensityMapContext, omero.model.ReverseIntensityContext)):
        return True
    name = type(context).__name__
    raise PixelsError(f"the codomain map {name} is not supported; ReverseIntensityMapContext is")


def as_objects(channel: ChannelSettings) -> list[Any]:
    """The channel's maps as omero.model objects."""
    if not channel.reverse:
        return []
    context = omero.model.ReverseIntensityContextI()
    context.setReverse(rbool(True))
    return [context]
