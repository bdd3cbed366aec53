"""What the spectrum files in `fixtures/` are made of.

Expectations come from the numbers that a file is made from, never from the reader.
"""

import math
from collections.abc import Callable
from typing import Any

POINTS = 64
WIDTH = 0.01
OFFSET = -0.2
COUNTS = [
    float(
        round(
            6
            + 400 * math.exp(-(((i - 20) / 2.5) ** 2))
            + 150 * math.exp(-(((i - 47) / 2) ** 2))
            + i * 7919 % 5
        )
    )
    for i in range(POINTS)
]
ENERGIES = [round(OFFSET + WIDTH * i, 5) for i in range(POINTS)]
STANDARD = {
    "FORMAT": "EMSA/MAS Spectral Data File",
    "VERSION": "1.0",
    "TITLE": "Steel, grain 3",
    "DATE": "15-FEB-2022",
    "TIME": "13:54",
    "OWNER": "alice",
    "NPOINTS": str(POINTS),
    "NCOLUMNS": "1",
    "XUNITS": "keV",
    "YUNITS": "counts",
    "DATATYPE": "XY",
    "XPERCHAN": "0.01",
    "OFFSET": "-0.2",
    "SIGNALTYPE": "EDS",
}
Fixture = tuple[bytes, dict[str, Any]]
FIXTURES: dict[str, Callable[[], Fixture]] = {}


def fixture(make: Callable[[], Fixture]) -> Callable[[], Fixture]:
    """Register a maker; its name is the file's, its docstring says what is special about the file."""
    FIXTURES[make.__name__] = make
    return make


def head(extra: list[str] | None = None, *, drop: tuple[str, ...] = (), **changes: str) -> list[str]:
    """The standard header with some values changed, some keywords dropped, some lines added."""
    values = {key: value for key, value in {**STANDARD, **changes}.items() if key not in drop}
    return [f"#{key:<12}: {value}" for key, value in values.items()] + (extra or [])


def pairs(count: int = POINTS, separator: str = ", ", on_a_line: int = 1) -> list[str]:
    cells = [f"{x:.5f}{separator}{y:.1f}" for x, y in zip(ENERGIES[:count], COUNTS[:count], strict=True)]
    return [separator.join(cells[i : i + on_a_line]) for i in range(0, count, on_a_line)]


def values(on_a_line: int = 1, separator: str = ", ") -> list[str]:
    cells = [f"{y:.1f}" for y in COUNTS]
    return [separator.join(cells[i : i + on_a_line]) for i in range(0, POINTS, on_a_line)]


def text(
    header: list[str],
    data: list[str],
    *,
    start: str = "#SPECTRUM    : Spectral Data Starts Here",
    end: list[str] | None = None,
    eol: str = "\r\n",
) -> str:
    lines = [*header, start, *data, *(["#ENDOFDATA   : "] if end is None else end)]
    return eol.join(lines) + eol


def good(content: str | bytes, **expected: Any) -> Fixture:
    """A file that reads as the numbers it was made from; `x` and `y` only where they differ from the usual ones."""
    data = content if isinstance(content, bytes) else content.encode()
    return data, {"x": ENERGIES, "y": COUNTS, "x_unit": "keV", "y_unit": "counts", **expected}


def bad(content: str | bytes, line: int | None, says: str) -> Fixture:
    data = content if isinstance(content, bytes) else content.encode()
    return data, {"error": {"line": line, "says": says}}
