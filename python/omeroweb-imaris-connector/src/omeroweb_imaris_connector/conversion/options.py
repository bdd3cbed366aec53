"""What a person may choose about an export."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

BUILT_IN = "built-in"
BIOFORMATS = "ImarisConvertBioformats"
CONVERTERS = (BUILT_IN, BIOFORMATS)
AUTOMATIC = "automatic"
PIXEL_TYPES = (AUTOMATIC, "uint8", "uint16", "uint32", "float32")
DEFAULT_COMPRESSION = 2


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """`compression` is gzip's level, 0 for none; `pixel_type` "automatic" keeps every value where .ims can."""

    compression: int = DEFAULT_COMPRESSION
    pixel_type: str = AUTOMATIC
    converter: str = BUILT_IN

    def as_dict(self) -> dict[str, Any]:
        """The options by name."""
        return asdict(self)
