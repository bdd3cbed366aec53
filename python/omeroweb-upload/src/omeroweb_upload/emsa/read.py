"""Reading EMSA/MAS files (ISO 22029:2022) as instruments really write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omeroweb_upload.emsa.axis import x_axis, x_unit, y_unit
from omeroweb_upload.emsa.data import read_columns
from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.header import Sections, split_sections
from omeroweb_upload.emsa.keywords import REQUIRED
from omeroweb_upload.emsa.labels import read_elements, read_label
from omeroweb_upload.emsa.lookup import Lookup
from omeroweb_upload.emsa.mapped import map_metadata
from omeroweb_upload.emsa.spectrum import ElementLabel, Remark, Spectrum
from omeroweb_upload.emsa.text import lines_of
from omeroweb_upload.emsa.values import parse_date, parse_time

if TYPE_CHECKING:
    from pathlib import Path


def read_emsa(path: Path) -> Spectrum:
    """Read a file; raises `EmsaError` with file and line for what is no spectrum, OSError where it cannot be opened."""
    return parse_emsa(path.read_bytes(), path.name)


def parse_emsa(data: bytes, source: str = "") -> Spectrum:
    """Read a file's bytes; `source` is the name that errors give."""
    lines, encoding = lines_of(data, source)
    sections = split_sections(lines, source)
    header = Lookup(sections.header, source)
    _check_format(header)
    points = header.count("NPOINTS")
    columns = read_columns(
        sections.data,
        declared=_datatype(header),
        points=points,
        columns=header.count("NCOLUMNS") or 1,
        source=source,
    )
    x, axis_remarks = x_axis(header, columns)
    unit, unit_remarks = x_unit(header, x)
    metadata, metadata_remarks = map_metadata(header)
    labels, elements, label_remarks = _labels(header)
    day, day_remarks = header.tolerant("DATE", parse_date)
    hour, hour_remarks = header.tolerant("TIME", parse_time)
    return Spectrum(
        x=x,
        y=columns.y,
        x_unit=unit,
        y_unit=y_unit(header),
        title=header.text("TITLE"),
        channel_width=header.number("XPERCHAN"),
        signal_type=header.text("SIGNALTYPE"),
        acquired_on=day,
        acquired_at=hour,
        metadata=metadata,
        labels=labels,
        listed_elements=elements,
        header=sections.header,
        remarks=(
            *_encoding_remarks(encoding),
            *_missing(header),
            *header.repeated(),
            *sections.remarks,
            *columns.remarks,
            *_check_points(sections, points, len(columns.y), source),
            *axis_remarks,
            *unit_remarks,
            *day_remarks,
            *hour_remarks,
            *metadata_remarks,
            *label_remarks,
        ),
    )


def _check_format(header: Lookup) -> None:
    form = header.first("FORMAT")
    if form is not None and "EMSA" not in form.value.upper():
        raise header.error(f"#FORMAT should be 'EMSA/MAS Spectral Data File', not {form.value!r}", form)


def _datatype(header: Lookup) -> str | None:
    item = header.first("DATATYPE")
    if item is None:
        return None
    kind = item.value.upper().strip("'\" .")
    if kind not in {"XY", "Y"}:
        raise header.error(f"#DATATYPE should be XY or Y, not {item.value!r}", item)
    return kind


def _check_points(sections: Sections, points: int | None, found: int, source: str) -> tuple[Remark, ...]:
    """Refuse a file that was cut off; raises `EmsaError`."""
    last = sections.data[-1][0]
    if points is None or points == found:
        ended = sections.end_line is not None or points == found
        return () if ended else (Remark(last, "neither #NPOINTS nor #ENDOFDATA: the file may be cut off"),)
    if found < points and sections.end_line is None:
        raise EmsaError(
            f"the file stops after {found} of {points} points and has no #ENDOFDATA: it was cut off",
            source=source,
            line=last,
        )
    return (Remark(last, f"#NPOINTS says {points}, but there are {found} points; all {found} are taken"),)


def _encoding_remarks(encoding: str) -> tuple[Remark, ...]:
    if encoding == "cp1252":
        return (Remark(None, "the text is not UTF-8; read as Windows-1252"),)
    return ()


def _missing(header: Lookup) -> tuple[Remark, ...]:
    missing = [key for key in REQUIRED if not header.all(key)]
    return (Remark(None, f"the standard asks for {', '.join(missing)}"),) if missing else ()


def _labels(header: Lookup) -> tuple[tuple[ElementLabel, ...], tuple[str, ...], tuple[Remark, ...]]:
    read = [read_label(item) for item in header.all("OXINSTLABEL")]
    elements: tuple[str, ...] = ()
    remarks = [item for item in read if isinstance(item, Remark)]
    for item in header.all("OXINSTELEMS"):
        found, doubts = read_elements(item)
        elements += found
        remarks += doubts
    labels = tuple(item for item in read if isinstance(item, ElementLabel))
    return labels, tuple(dict.fromkeys(elements)), tuple(remarks)
