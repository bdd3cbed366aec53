"""Units, moments and colours as files write them."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import omero
import omero.all
import omero.model

if TYPE_CHECKING:
    from omero_embedded.importer.metadata import Rgba

# The Greek letter, and what keyboards without it give, for the micro sign that OMERO's symbols have.
_MICRO = str.maketrans({"\u03bc": "\u00b5"})
_OTHER_SPELLINGS = {"um": "MICROMETER"}


def unit_name(class_name: str, symbol: str) -> str | None:
    """The name of OMERO's unit constant, e.g. unit_name("Power", "mW") is MILLIWATT; None for an unknown symbol."""
    symbol = symbol.translate(_MICRO)
    known = _symbols(class_name)
    return known.get(symbol) or (_OTHER_SPELLINGS.get(symbol) if class_name == "Length" else None)


@functools.cache
def _symbols(class_name: str) -> dict[str, str]:
    symbols: dict[str, str] = getattr(omero.model, f"{class_name}I").SYMBOLS
    return {symbol: name for name, symbol in symbols.items()}


def moment_ms(written: str | None) -> int | None:
    """Milliseconds since the epoch of an ISO 8601 time, in UTC where it names no zone; None if it is none."""
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


def rgba(written: str | None) -> Rgba | None:
    """RGBA in one number, which older writers give as signed."""
    try:
        packed = int(written or "") & 0xFFFFFFFF
    except ValueError:
        return None
    red, green, blue, alpha = packed.to_bytes(4, "big")
    return red, green, blue, alpha
