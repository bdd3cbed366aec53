"""Splitting a file into header lines and data lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.spectrum import HeaderLine, Remark

_KEY = re.compile(r"#*\s*(?P<key>[^\s:-]+)(?:\s*-\s*|\s+)?(?P<unit>[^:]*)$")
_DATA_STARTS = re.compile(r"#*\s*SPECTRUM\s*(?::.*)?$", re.IGNORECASE)
_BEGINNINGS_OF_NO_NUMBER = frozenset("#Ee")
_DATA_ENDS = re.compile(r"#*\s*ENDOFDATA\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sections:
    """A file in parts; data lines keep their line number, `end_line` is that of ENDOFDATA if there is one."""

    header: tuple[HeaderLine, ...]
    data: tuple[tuple[int, str], ...]
    end_line: int | None
    remarks: tuple[Remark, ...]


def split_sections(lines: list[str], source: str) -> Sections:
    """Find header, data and what follows the data; raises `EmsaError` for a file that is no EMSA/MAS file."""
    header: list[HeaderLine] = []
    data: list[tuple[int, str]] = []
    remarks: list[Remark] = []
    in_data, end_line = False, None
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text:
            continue
        if not in_data and end_line is None and _DATA_STARTS.match(text):
            header.append(header_line(number, text))
            in_data = True
        elif in_data and text[0] in _BEGINNINGS_OF_NO_NUMBER and _DATA_ENDS.match(text):
            in_data, end_line = False, number
        elif in_data:
            if text[0] != "#":
                data.append((number, text))
        elif text.startswith("#"):
            _add_header_line(number, text, header, remarks)
        elif end_line is None:
            _refuse(number, text, header, source)
        else:
            remarks.append(Remark(number, "text after #ENDOFDATA is ignored"))
    if not header:
        raise EmsaError("no header lines with '#': not an EMSA/MAS file", source=source)
    if not any(item.key.upper() == "SPECTRUM" for item in header):
        raise EmsaError("no #SPECTRUM line, so there is no data", source=source, line=len(lines))
    return Sections(tuple(header), tuple(data), end_line, tuple(remarks))


def header_line(number: int, text: str) -> HeaderLine:
    """Take `#KEY -unit: value` apart; the value may itself contain colons."""
    name, _, value = text.partition(":")
    match = _KEY.match(name.strip())
    if match is None:
        return HeaderLine(number, name.strip().lstrip("#").strip(), "", value.strip())
    return HeaderLine(number, match["key"].lstrip("#"), match["unit"].strip(), value.strip())


def _add_header_line(number: int, text: str, header: list[HeaderLine], remarks: list[Remark]) -> None:
    if not text.strip("# \t"):
        return
    if ":" not in text:
        remarks.append(Remark(number, f"{text[:40]!r} has no colon and is ignored"))
        return
    header.append(header_line(number, text))


def _refuse(number: int, text: str, header: list[HeaderLine], source: str) -> None:
    if not header:
        raise EmsaError(
            f"expected '#FORMAT : EMSA/MAS Spectral Data File', found {text[:40]!r}",
            source=source,
            line=number,
        )
    raise EmsaError(
        f"expected a header line with '#' or '#SPECTRUM' before the data, found {text[:40]!r}",
        source=source,
        line=number,
    )
