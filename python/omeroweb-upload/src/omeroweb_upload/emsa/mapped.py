"""From header lines to metadata with plain names and known units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omeroweb_upload.emsa.keywords import KEYWORDS, Keyword
from omeroweb_upload.emsa.spectrum import HeaderLine, Remark
from omeroweb_upload.emsa.values import parse_number

if TYPE_CHECKING:
    from omeroweb_upload.emsa.lookup import Lookup


def map_metadata(header: Lookup) -> tuple[dict[str, float | str], tuple[Remark, ...]]:
    """Map every keyword of the table; what cannot be mapped stays in the original header, with a remark."""
    mapped: dict[str, float | str] = {}
    remarks: list[Remark] = []
    for key, keyword in KEYWORDS.items():
        if not keyword.number:
            text = header.text(key)
            if text:
                mapped[keyword.name] = text
            continue
        item = header.first(key)
        if item is None:
            continue
        value = _quantity(item, keyword)
        if isinstance(value, Remark):
            remarks.append(value)
        else:
            mapped[keyword.name] = value
    return mapped, tuple(remarks)


def _quantity(item: HeaderLine, keyword: Keyword) -> float | Remark:
    try:
        value, rest = parse_number(item.value)
    except ValueError as error:
        return Remark(item.line, f"#{item.key} is kept as text only: {error}")
    units = keyword.units or {}
    # A second number after the first, seen in public EELS files, is no unit.
    trailing = "" if rest[:1].isdigit() else rest
    unit = (item.unit or trailing).strip().replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}").lower()
    if not unit:
        return value
    factor = units.get(unit)
    if factor is None:
        known = ", ".join(units) or "none"
        return Remark(item.line, f"#{item.key} is kept as text only: unknown unit {unit!r} (known: {known})")
    return value if factor == 1 else value * factor
