"""What the name of a `.fake` file and the `.fake.ini` file beside it say, as texts by key.

Format: https://bio-formats.readthedocs.io/en/latest/developers/generating-test-images.html (Companion file)
"""

from __future__ import annotations

import re
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omero_embedded.importer.readers.base import ReadError
from omero_embedded.importer.values import unit_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omero_embedded.importer.metadata import Measure

_UNNAMED, _GLOBAL, _SERIES = "before the first section", "GlobalMetadata", "series_"
_MEASURE = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S*)\s*")


@dataclass(frozen=True, slots=True)
class Said:
    """The keys of the file, those of each series by its number, and original metadata."""

    keys: Mapping[str, str]
    series: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str, default: int, least: int = 1) -> int:
        """A whole number; raises ReadError if it is less than `least` or none."""
        text = self.keys.get(name, str(default))
        if not text.isdecimal() or int(text) < least:
            raise ReadError(
                f"{name}={text} in the name of a .fake file: a number of at least {least} is needed"
            )
        return int(text)

    def flag(self, name: str) -> bool:
        """Whether a key is `true`."""
        return self.keys.get(name) == "true"


def read_keys(path: Path) -> Said:
    """What is said of a `.fake` file; the companion's word counts more than the name's. Raises ReadError."""
    pairs = (part.partition("=") for part in path.name.removesuffix(".fake").split("&")[1:])
    keys = {key: value for key, _, value in pairs if key}
    companion = path.with_name(f"{path.name}.ini")
    if not companion.is_file():
        return Said(keys)
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False, default_section="")
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string(f"[{_UNNAMED}]\n{companion.read_text('utf-8')}")
    except (IniError, UnicodeDecodeError) as error:
        raise ReadError(f"{companion.name} is not a file of key=value lines in UTF-8: {error}") from error
    series = {
        int(number): dict(parser[name])
        for name in parser.sections()
        if name.startswith(_SERIES) and (number := name.removeprefix(_SERIES)).isdecimal()
    }
    metadata = dict(parser[_GLOBAL]) if parser.has_section(_GLOBAL) else {}
    return Said(keys | dict(parser[_UNNAMED]), series, metadata)


def measure(written: str | None, kind: str, default_unit: str) -> Measure | None:
    """A number with or without the symbol of a unit, e.g. measure("457nm", "Length", "µm"); None if it is none."""
    found = _MEASURE.fullmatch(written or "")
    if found is None:
        return None
    unit = unit_name(kind, found[2] or default_unit)
    return None if unit is None else (float(found[1]), unit)
