"""Writing EMSA/MAS files (ISO 22029:2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from omeroweb_upload.emsa.errors import EmsaWriteError
from omeroweb_upload.emsa.keywords import KEYWORDS, STRUCTURE
from omeroweb_upload.xray.elements import ATOMIC_NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omeroweb_upload.emsa.spectrum import Spectrum

DataType = Literal["XY", "Y"]
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def write_emsa(spectrum: Spectrum, data_type: DataType = "XY", *, columns: int = 1) -> bytes:
    """The spectrum as a file: UTF-8, CR LF, every number with all its digits.

    Reading it back gives the same spectrum, keywords outside the standard included; `columns` is the number of pairs
    or values on a line. Raises `EmsaWriteError` for what the format cannot hold.
    """
    if columns < 1:
        raise EmsaWriteError(f"columns should be 1 or more, not {columns}")
    if not len(spectrum.x) or len(spectrum.x) != len(spectrum.y):
        raise EmsaWriteError(
            f"x and y should have the same number of points, not {len(spectrum.x)}, {len(spectrum.y)}"
        )
    if not (np.isfinite(spectrum.x).all() and np.isfinite(spectrum.y).all()):
        raise EmsaWriteError("x and y should be finite numbers")
    if data_type == "Y" and not is_linear(spectrum):
        raise EmsaWriteError("x does not go up in steps of channel_width, so it cannot be left out: write XY")
    lines = [*_header(spectrum, data_type, columns), *_data(spectrum, data_type, columns)]
    lines.append("#ENDOFDATA   :")
    for number, line in enumerate(lines, start=1):
        if "\r" in line or "\n" in line or "\0" in line:
            raise EmsaWriteError(f"line {number} would hold a line end or zero byte: {line!r}")
    return ("\r\n".join(lines) + "\r\n").encode()


def is_linear(spectrum: Spectrum) -> bool:
    """Whether offset and channel width give exactly these x values."""
    if spectrum.channel_width is None or spectrum.channel_width <= 0:
        return False
    steps = spectrum.channel_width * np.arange(len(spectrum.x), dtype=np.float64)
    return bool(np.array_equal(spectrum.x, spectrum.x[0] + steps))


def _header(spectrum: Spectrum, data_type: DataType, columns: int) -> Iterator[str]:
    day, hour = spectrum.acquired_on, spectrum.acquired_at
    yield _line("FORMAT", "EMSA/MAS Spectral Data File")
    yield _line("VERSION", "1.0")
    yield _line("TITLE", spectrum.title)
    yield _line("DATE", f"{day.day:02}-{_MONTHS[day.month - 1]}-{day.year:04}" if day else "")
    yield _line("TIME", hour.strftime("%H:%M:%S" if hour.second else "%H:%M") if hour else "")
    yield _line("OWNER", str(spectrum.metadata.get("owner", "")))
    yield _line("NPOINTS", str(len(spectrum.x)))
    yield _line("NCOLUMNS", str(columns))
    yield _line("XUNITS", spectrum.x_unit)
    yield _line("YUNITS", spectrum.y_unit)
    yield _line("DATATYPE", data_type)
    if spectrum.channel_width is not None:
        yield _line("XPERCHAN", repr(float(spectrum.channel_width)))
    yield _line("OFFSET", repr(float(spectrum.x[0])))
    if spectrum.signal_type:
        yield _line("SIGNALTYPE", spectrum.signal_type)
    yield from _mapped(spectrum)
    yield from _labels(spectrum)
    yield from _unmapped(spectrum)
    yield _line("SPECTRUM", "Spectral Data Starts Here")


def _mapped(spectrum: Spectrum) -> Iterator[str]:
    for key, keyword in KEYWORDS.items():
        value = spectrum.metadata.get(keyword.name)
        if value is None or key == "OWNER":
            continue
        prefix = "##" if key.startswith("OXINST") else "#"
        yield f"{prefix}{key:<12}: {value!r}" if isinstance(value, float) else f"{prefix}{key:<12}: {value}"


def _labels(spectrum: Spectrum) -> Iterator[str]:
    if spectrum.listed_elements:
        numbers = ",".join(str(ATOMIC_NUMBERS[symbol]) for symbol in spectrum.listed_elements)
        yield f"##OXINSTELEMS: {numbers}"
    for label in spectrum.labels:
        name = f"{label.symbol} {label.transition}".strip()
        yield f"##OXINSTLABEL: {label.atomic_number}, {float(label.energy_kev)!r}, {name}"


def _unmapped(spectrum: Spectrum) -> Iterator[str]:
    """Header lines that neither the standard nor this package understands, as they were."""
    for item in spectrum.header:
        key = item.key.upper()
        understood = key in KEYWORDS and KEYWORDS[key].name in spectrum.metadata
        if item.value and key not in STRUCTURE and not understood:
            yield f"##{item.raw_key}: {item.value}"


def _data(spectrum: Spectrum, data_type: DataType, columns: int) -> Iterator[str]:
    if data_type == "Y":
        cells = [repr(value) for value in spectrum.y.tolist()]
    else:
        pairs = zip(spectrum.x.tolist(), spectrum.y.tolist(), strict=True)
        cells = [f"{x!r}, {y!r}" for x, y in pairs]
    for start in range(0, len(cells), columns):
        yield ", ".join(cells[start : start + columns])


def _line(key: str, value: str) -> str:
    return f"#{key:<12}: {value}"
