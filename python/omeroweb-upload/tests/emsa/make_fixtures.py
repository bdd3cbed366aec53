# ruff: noqa: RUF001  the files have Greek letters
"""Makes the spectrum files in `fixtures/` and `fixtures/expected.json`, which says what each should be read as.

Usage: python make_fixtures.py [folder]

Expectations come from the numbers that a file is made from, never from the reader.
"""

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
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


# Files as the standard describes them


@fixture
def xy_standard() -> Fixture:
    """Pairs, one on a line, all required keywords."""
    return good(
        text(head(), pairs()), title="Steel, grain 3", date="2022-02-15", time="13:54:00", metadata={"owner": "alice"},
        remarks=[],
    )  # fmt: skip


@fixture
def y_standard() -> Fixture:
    """Values alone; x from OFFSET and XPERCHAN."""
    return good(text(head(DATATYPE="Y"), values()), remarks=[])


@fixture
def y_five_columns() -> Fixture:
    """Values alone, five on a line, the last line shorter."""
    return good(text(head(DATATYPE="Y", NCOLUMNS="5"), values(5)), remarks=[])


@fixture
def y_padded_last_row() -> Fixture:
    """Values alone, five on a line, the last line filled up with a zero that is no point."""
    rows = values(5)
    rows[-1] += ", 0.0"
    return good(
        text(head(DATATYPE="Y", NCOLUMNS="5"), rows),
        remarks=["fill up the last row"],
        oracle="takes padding as data",
    )


@fixture
def xy_two_pairs_on_a_line() -> Fixture:
    """Two pairs on a line."""
    return good(text(head(NCOLUMNS="2"), pairs(on_a_line=2)), remarks=[])


@fixture
def xy_four_pairs_on_a_line() -> Fixture:
    """Four pairs on a line."""
    return good(
        text(head(NCOLUMNS="4"), pairs(on_a_line=4)), remarks=[], oracle="takes at most two pairs from a line"
    )


@fixture
def choffset_only() -> Fixture:
    """Values alone, no OFFSET: CHOFFSET is the channel of zero energy, counted from 0."""
    return good(
        text(head(["#CHOFFSET    : 20.0"], drop=("OFFSET",), DATATYPE="Y"), values()),
        remarks=[],
        oracle_axis=False,
    )


@fixture
def choffset_negative() -> Fixture:
    """Values alone whose first channel is already above zero energy."""
    return good(
        text(head(["#CHOFFSET    : -168"], drop=("OFFSET",), DATATYPE="Y", XUNITS="eV", XPERCHAN="3.1"), values()),
        x=[3.1 * (i + 168) for i in range(POINTS)], x_unit="eV", remarks=[], oracle_axis=False,
    )  # fmt: skip


@fixture
def choffset_contradicts_offset() -> Fixture:
    """OFFSET and CHOFFSET disagree; OFFSET counts."""
    return good(text(head(["#CHOFFSET    : 96"], DATATYPE="Y"), values()), remarks=["contradict each other"])


@fixture
def electronvolts() -> Fixture:
    """An axis in eV."""
    return good(
        text(head(DATATYPE="Y", XUNITS="eV", XPERCHAN="10", OFFSET="-200"), values()),
        x=[-200.0 + 10 * i for i in range(POINTS)], x_unit="eV", remarks=[],
    )  # fmt: skip


@fixture
def electron_energy_loss() -> Fixture:
    """An energy-loss spectrum with its own keywords."""
    extra = [
        "#INTEGTIME-ms: 100",
        "#COLLANGLE-mR: 3.4",
        "#CONVANGLE-mR: 1.5",
        "#ELSDET      : SERIAL",
        "#BEAMKV   -kV: 120.0",
    ]
    return good(
        text(head(extra, DATATYPE="Y", XUNITS="eV", XPERCHAN="3.1", OFFSET="520.13", SIGNALTYPE="ELS"), values()),
        x=[520.13 + 3.1 * i for i in range(POINTS)], x_unit="eV", remarks=[],
        metadata={"owner": "alice", "integration_time_ms": 100.0, "collection_angle_mrad": 3.4, "convergence_angle_mrad": 1.5,
                  "eels_detector": "SERIAL", "beam_energy_kev": 120.0},
    )  # fmt: skip


@fixture
def cathodoluminescence() -> Fixture:
    """A wavelength axis: readable, but no energies."""
    return good(
        text(head(DATATYPE="Y", XUNITS="nm", XPERCHAN="0.5", OFFSET="350", SIGNALTYPE="CLS"), values()),
        x=[350 + 0.5 * i for i in range(POINTS)], x_unit="nm", is_energy=False, remarks=[],
    )  # fmt: skip


@fixture
def keywords_with_units() -> Fixture:
    """Units after a hyphen, as in the standard."""
    extra = [
        "#BEAMKV   -kV: 15.0", "#PROBECUR -nA: 1.005", "#LIVETIME  -s: 20.0", "#REALTIME  -s: 30.5", "#AZIMANGLE-dg: 90.",
        "#ELEVANGLE-dg: 35", "#SOLIDANGL-sR: 0.13", "#XPOSITION-mm: -8.4092", "#TBEWIND  -cm: 0.0008", "#EDSDET      : SDUTW",
    ]  # fmt: skip
    return good(
        text(head(extra), pairs()), remarks=[],
        metadata={"beam_energy_kev": 15.0, "probe_current_na": 1.005, "live_time_s": 20.0, "real_time_s": 30.5,
                  "azimuth_angle_deg": 90.0, "elevation_angle_deg": 35.0, "stage_x_mm": -8.4092,
                  "beryllium_window_um": 8.0, "eds_detector": "SDUTW", "owner": "alice"},
        original={"SOLIDANGL -sR": "0.13"},
    )  # fmt: skip


@fixture
def other_units_converted() -> Fixture:
    """Known units other than the standard's are converted."""
    extra = ["#BEAMKV    -V: 15000", "#PROBECUR -pA: 500", "#XPOSITION um: 1500", "#LIVETIME -ms: 2500"]
    return good(
        text(head(extra), pairs()), remarks=[],
        metadata={"beam_energy_kev": 15.0, "probe_current_na": 0.5, "stage_x_mm": 1.5, "live_time_s": 2.5, "owner": "alice"},
    )  # fmt: skip


@fixture
def multi_line_title_and_comment() -> Fixture:
    """TITLE and COMMENT may stand on several lines."""
    extra = ["#TITLE       : second part", "#COMMENT     : polished", "#COMMENT     : carbon coated"]
    return good(
        text(head(extra), pairs()), title="Steel, grain 3 second part", remarks=[],
        metadata={"owner": "alice", "comment": "polished carbon coated"},
        original={"TITLE": "Steel, grain 3", "TITLE_1": "second part", "COMMENT_1": "carbon coated"},
    )  # fmt: skip


@fixture
def checksum_after_data() -> Fixture:
    """Keywords after ENDOFDATA are header lines too."""
    return good(
        text(head(), pairs(), end=["#ENDOFDATA   : ", "#CHECKSUM    : 4711"]),
        remarks=[],
        original={"CHECKSUM": "4711"},
    )


@fixture
def no_end_of_data() -> Fixture:
    """ENDOFDATA missing, but NPOINTS agrees."""
    return good(text(head(), pairs(), end=[]), remarks=[])


# Files as instruments and their software write them


@fixture
def aztec() -> Fixture:
    """Oxford Instruments AZtec: double-hash keywords, element labels and list, units after a blank."""
    extra = [
        "#CHOFFSET    : 20.0", "#LIVETIME    : 20.0", "#BEAMKV      : 20.0", "#MAGCAM      : 300.0",
        "#XPOSITION mm: -8.4092", "#YPOSITION mm: -11.5192", "##OXINSTPT   : 6", "##OXINSTSTROB: 33.77", "##OXINSTNDET : 1",
        "##OXINSTELEMS: 6,8,26", "##OXINSTLABEL: 6, 0.277, C", "##OXINSTLABEL: 8, 0.525, O", "##OXINSTLABEL: 26, 6.404, Fe",
    ]  # fmt: skip
    return good(
        text(head(extra, NPOINTS=f"{POINTS}.", NCOLUMNS="1.", SIGNALTYPE="EDS_SEM"), pairs()), remarks=[],
        labels=[[6, 0.277, "C", ""], [8, 0.525, "O", ""], [26, 6.404, "Fe", ""]], elements=["C", "O", "Fe"],
        metadata={"owner": "alice", "live_time_s": 20.0, "beam_energy_kev": 20.0, "magnification": 300.0, "stage_x_mm": -8.4092,
                  "stage_y_mm": -11.5192, "process_time": 6.0, "strobe_fwhm_ev": 33.77, "detectors": 1.0},
    )  # fmt: skip


@fixture
def aztec_labels_with_lines() -> Fixture:
    """Labels that name the transition."""
    extra = [
        "##OXINSTLABEL: 6, 0.277, C Kα1,2",
        "##OXINSTLABEL: 92, 3.171, U Mα1",
        "##OXINSTLABEL: 26, 0.705, Fe Lα1,2",
    ]
    return good(
        text(head(extra), pairs()), remarks=[],
        labels=[[6, 0.277, "C", "Kα1,2"], [92, 3.171, "U", "Mα1"], [26, 0.705, "Fe", "Lα1,2"]],
    )  # fmt: skip


@fixture
def aztec_labels_mangled() -> Fixture:
    """Labels whose Greek letters were lost on the way."""
    extra = ["##OXINSTLABEL: 6, 0.277, C K?1,2", "##OXINSTLABEL: 11, 1.041, Na K?1,2"]
    return good(
        text(head(extra), pairs()), remarks=[], labels=[[6, 0.277, "C", "K?1,2"], [11, 1.041, "Na", "K?1,2"]]
    )


@fixture
def bad_labels_skipped() -> Fixture:
    """Label rows that cannot be right are skipped, the good ones stay."""
    extra = [
        "##OXINSTLABEL: 26, 6.404, Fe", "##OXINSTLABEL: 26, 6.404", "##OXINSTLABEL: Fe, x, 26", "##OXINSTLABEL: 300, 6.4, Fe",
        "##OXINSTLABEL: 26, 6.404, Xq", "##OXINSTLABEL: 26, -1, Fe", "##OXINSTLABEL: 8, 0.525, ", "##OXINSTLABEL: 14, 1.740, Al",
        "##OXINSTLABEL:",
    ]  # fmt: skip
    return good(
        text(head(extra), pairs()), labels=[[26, 6.404, "Fe", ""], [8, 0.525, "O", ""]],
        remarks=["expected atomic number", "is not a number", "no element 300", "26 is Fe, not Xq", "not above 0",
                 "14 is Si, not Al", "label '' skipped"],
    )  # fmt: skip


@fixture
def bad_element_list() -> Fixture:
    """What is no atomic number in the element list is left out."""
    return good(
        text(head(["##OXINSTELEMS: 6, Fe;26,6 999"]), pairs()),
        elements=["C", "Fe"],
        remarks=["'Fe'", "'999'"],
    )


@fixture
def duplicate_keywords() -> Fixture:
    """A repeated keyword: all values are kept, the first one counts."""
    return good(
        text(head(["#LIVETIME    : 20", "#LIVETIME    : 30", "#LIVETIME    : 40"]), pairs()),
        metadata={"owner": "alice", "live_time_s": 20.0}, remarks=["the first one counts", "the first one counts"],
        original={"LIVETIME": "20", "LIVETIME_1": "30", "LIVETIME_2": "40"},
    )  # fmt: skip


@fixture
def comments_inside_data() -> Fixture:
    """Comment lines between data lines are ignored."""
    rows = pairs()
    rows[10:10] = ["# detector paused", "#LIVETIME : 99"]
    return good(text(head(), rows), remarks=[])


@fixture
def blank_lines_everywhere() -> Fixture:
    """Blank lines in header and data."""
    rows = pairs()
    rows[10:10] = ["", "   "]
    return good(
        text([*head(), "", "#", "##  "], rows),
        remarks=[],
    )


@fixture
def spectrum_without_hash() -> Fixture:
    """The data marker without its hash."""
    return good(text(head(), pairs(), start="SPECTRUM     : starts"), remarks=[], oracle="finds no data")


@fixture
def spectrum_double_hash_lower_case() -> Fixture:
    """The data marker with two hashes, in lower case, without a colon."""
    return good(text(head(), pairs(), start="##spectrum"), remarks=[], oracle="finds no data")


@fixture
def keyword_that_begins_with_spectrum() -> Fixture:
    """A vendor's keyword that merely begins with the marker's name."""
    return good(text(head(["#SPECTRUMID  : 17"]), pairs()), remarks=[], original={"SPECTRUMID": "17"})


@fixture
def lower_case_keywords() -> Fixture:
    """Keywords in lower case."""
    header = [line.split(":")[0].lower() + ":" + line.split(":", 1)[1] for line in head()]
    return good(text(header, pairs()), title="Steel, grain 3", remarks=[], oracle="fails")


@fixture
def no_blank_after_colon() -> Fixture:
    """No blank on either side of the colon; a title with colons."""
    header = [f"#{key}:{value}" for key, value in {**STANDARD, "TITLE": "a:b: c"}.items()]
    return good(text(header, pairs()), title="a:b: c", remarks=[], oracle="fails")


@fixture
def blanks_as_separator() -> Fixture:
    """Blanks and tabs between the numbers."""
    rows = [row.replace(", ", "\t " if i % 2 else "   ") for i, row in enumerate(pairs())]
    return good(text(head(), ["  " + row + "  " for row in rows]), remarks=[])


@fixture
def mixed_separators() -> Fixture:
    """Commas and blanks mixed, several pairs on some lines, a comma at the end."""
    rows = pairs()
    rows[0:2] = [rows[0] + " " + rows[1].replace(", ", "  ")]
    rows = [row + "," for row in rows]
    return good(
        text(head(), rows),
        remarks=[],
    )


@fixture
def semicolons() -> Fixture:
    """Semicolons between the numbers."""
    return good(
        text(head(), pairs(separator="; ")),
        remarks=[],
    )


@fixture
def decimal_commas() -> Fixture:
    """Numbers with a decimal comma, separated by tabs, and in the header too."""
    rows = [row.replace(".", ",") for row in pairs(separator="\t")]
    return good(
        text(head(XPERCHAN="0,01", OFFSET="-0,2"), rows),
        remarks=["decimal marks"],
        oracle="takes commas as separators",
    )


@fixture
def decimal_commas_values_alone() -> Fixture:
    """Values alone with a decimal comma."""
    rows = [row.replace(".", ",") for row in values(4, separator=" ")]
    return good(
        text(head(DATATYPE="Y", NCOLUMNS="4", XPERCHAN="0,01", OFFSET="-0,2"), rows), remarks=["decimal marks"],
        oracle="takes commas as separators",
    )  # fmt: skip


@fixture
def fortran_exponents() -> Fixture:
    """Fortran's D exponents."""
    rows = [f"{x:.5E}, {y:.6E}".replace("E", "D") for x, y in zip(ENERGIES, COUNTS, strict=True)]
    return good(text(head(XPERCHAN="1.0D-2", OFFSET="-2.0D-1"), rows), remarks=[], oracle="fails")


@fixture
def blank_before_exponent() -> Fixture:
    """A stray blank before the exponent of a header value."""
    return good(
        text(head(["#PROBECUR    : 2.0 E-01"], DATATYPE="Y", XPERCHAN="1.0 E-02"), values()), remarks=[],
        metadata={"owner": "alice", "probe_current_na": 0.2},
    )  # fmt: skip


@fixture
def units_behind_values() -> Fixture:
    """Units behind the value instead of behind the keyword."""
    return good(
        text(head(["#BEAMKV      : 20 kV", "#LIVETIME    : 2.5s"], DATATYPE="Y", XPERCHAN="0.01 keV"), values()), oracle_axis=False, remarks=[],
        metadata={"owner": "alice", "beam_energy_kev": 20.0, "live_time_s": 2.5},
    )  # fmt: skip


@fixture
def two_numbers_in_one_value() -> Fixture:
    """A value followed by a second number: the first one counts."""
    return good(
        text(head(["#BEAMKV      : 200 0.5"], DATATYPE="Y"), values()), remarks=[],
        metadata={"owner": "alice", "beam_energy_kev": 200.0},
    )  # fmt: skip


@fixture
def values_that_cannot_be_mapped() -> Fixture:
    """Values and units nobody understands stay in the original header."""
    return good(
        text(head(["#BEAMKV      : high", "#PROBECUR -xA: 3"]), pairs()), metadata={"owner": "alice"},
        oracle="fails", original={"BEAMKV": "high", "PROBECUR -xA": "3"}, remarks=["'high' is not a number", "unknown unit 'xa'"],
    )  # fmt: skip


@fixture
def windows_1252() -> Fixture:
    """A title in Windows-1252."""
    return good(
        text(head(TITLE="Korngröße 5 µm"), pairs()).encode("cp1252"),
        title="Korngröße 5 µm",
        remarks=["not UTF-8"],
    )


@fixture
def utf8_with_mark() -> Fixture:
    """UTF-8 with a byte order mark."""
    return good(
        b"\xef\xbb\xbf" + text(head(TITLE="Спектр"), pairs()).encode(),
        title="Спектр",
        remarks=[],
    )


@fixture
def utf16() -> Fixture:
    """UTF-16, as Windows' Notepad writes `Unicode`."""
    return good(text(head(), pairs()).encode("utf-16"), title="Steel, grain 3", remarks=[], oracle="fails")


@fixture
def unix_line_ends() -> Fixture:
    """LF at line ends."""
    return good(text(head(), pairs(), eol="\n"), remarks=[])


@fixture
def old_mac_line_ends() -> Fixture:
    """CR alone at line ends."""
    return good(text(head(), pairs(), eol="\r"), remarks=[])


@fixture
def counts_per_second() -> Fixture:
    """Counts per second, not counts."""
    return good(text(head(YUNITS="cps"), pairs()), y_unit="counts/s", remarks=[])


@fixture
def no_units() -> Fixture:
    """Neither XUNITS nor YUNITS: keV is guessed for an X-ray spectrum, the unit of y stays unknown."""
    return good(
        text(head(drop=("XUNITS", "YUNITS")), pairs()), y_unit="", remarks=["XUNITS, YUNITS", "taken for keV"]
    )


@fixture
def no_datatype() -> Fixture:
    """DATATYPE missing; NPOINTS tells what the numbers are."""
    return good(text(head(drop=("DATATYPE",)), pairs()), remarks=["read as XY"], oracle="fails")


@fixture
def datatype_wrong() -> Fixture:
    """DATATYPE says Y, but there are pairs."""
    return good(text(head(DATATYPE="Y"), pairs()), remarks=["read as XY"], oracle="takes x as counts")


@fixture
def falling_x() -> Fixture:
    """Pairs from high to low energy."""
    return good(
        text(head(drop=("OFFSET",)), pairs()[::-1]), remarks=["turned round"], oracle="keeps the order"
    )


@fixture
def calibration_contradicts_pairs() -> Fixture:
    """XPERCHAN and OFFSET contradict the pairs; the pairs count."""
    return good(
        text(head(XPERCHAN="0.02", OFFSET="0"), pairs()), remarks=["#XPERCHAN is 0.02", "#OFFSET is 0"]
    )


@fixture
def fewer_points_than_declared() -> Fixture:
    """NPOINTS too high, but ENDOFDATA is there."""
    return good(text(head(NPOINTS="100"), pairs()), remarks=["there are 64 points"])


@fixture
def odd_dates() -> Fixture:
    """A date with a German month and a time with seconds."""
    return good(
        text(head(DATE="03-Mai-2021", TIME="7:05:09 PM"), pairs()),
        date="2021-05-03",
        time="19:05:09",
        remarks=[],
    )


@fixture
def ambiguous_date() -> Fixture:
    """A date that could be two dates is not guessed."""
    return good(
        text(head(DATE="03/04/2021", TIME="late"), pairs()), oracle="fails",
        date=None, time=None,
        remarks=["could be two dates", "is not a time"], original={"DATE": "03/04/2021"},
    )  # fmt: skip


@fixture
def one_point() -> Fixture:
    """A spectrum of one point."""
    return good(text(head(NPOINTS="1"), pairs(1)), x=ENERGIES[:1], y=COUNTS[:1], remarks=[])


# Files that cannot be read


@fixture
def error_empty() -> Fixture:
    """Nothing but blanks."""
    return bad("  \r\n", None, "the file is empty")


@fixture
def error_binary() -> Fixture:
    """A binary file with a text file's name."""
    return bad(b"#FORMAT: EMSA\n\x89PNG\x00\x00", 2, "binary file")


@fixture
def error_plain_table() -> Fixture:
    """A table without a header."""
    return bad("energy;counts\n0.1;5\n", 1, "expected '#FORMAT")


@fixture
def error_other_format() -> Fixture:
    """Another format with hash lines."""
    return bad(text(head(FORMAT="SPC file"), pairs()), 1, "should be 'EMSA/MAS Spectral Data File'")


@fixture
def error_no_spectrum() -> Fixture:
    """A header without data."""
    return bad("\r\n".join(head()), 14, "no #SPECTRUM line")


@fixture
def error_no_numbers() -> Fixture:
    """Data marker, but no data."""
    return bad(text(head(), []), None, "no numbers after #SPECTRUM")


@fixture
def error_cut_off() -> Fixture:
    """A file that stops in the middle."""
    return bad(text(head(), pairs(40), end=[]), 55, "stops after 40 of 64 points")


@fixture
def error_word_in_data() -> Fixture:
    """A word where a number should be."""
    rows = pairs()
    rows[3] = "0.03000 not-a-number"
    return bad(text(head(), rows), 19, "'not-a-number'")


@fixture
def error_odd_pair() -> Fixture:
    """A pair that lost its count."""
    rows = pairs()
    rows[7] = "-0.13000"
    return bad(text(head(), rows), 23, "odd number of values")


@fixture
def error_not_finite() -> Fixture:
    """A count that is no number."""
    rows = pairs()
    rows[5] = "-0.15000, NaN"
    return bad(text(head(), rows), 21, "not a finite number")


@fixture
def error_x_goes_back() -> Fixture:
    """Energies out of order."""
    rows = pairs()
    rows[8], rows[9] = rows[9], rows[8]
    return bad(text(head(), rows), 25, "x goes back")


@fixture
def error_no_channel_width() -> Fixture:
    """Values alone without XPERCHAN."""
    return bad(text(head(drop=("XPERCHAN",), DATATYPE="Y"), values()), None, "need #XPERCHAN")


@fixture
def error_channel_width_zero() -> Fixture:
    """Channels without width."""
    return bad(text(head(DATATYPE="Y", XPERCHAN="0"), values()), 12, "should be above 0")


@fixture
def error_channel_width_word() -> Fixture:
    """A channel width that is a word."""
    return bad(text(head(DATATYPE="Y", XPERCHAN="auto"), values()), 12, "#XPERCHAN should be a number")


@fixture
def error_points_negative() -> Fixture:
    """NPOINTS below one."""
    return bad(text(head(NPOINTS="-3"), pairs()), 7, "whole number above 0")


@fixture
def error_datatype_unknown() -> Fixture:
    """A data type that does not exist."""
    return bad(text(head(DATATYPE="XYZ"), pairs()), 11, "should be XY or Y")


@fixture
def error_datatype_undecidable() -> Fixture:
    """Neither DATATYPE nor NPOINTS."""
    return bad(text(head(drop=("DATATYPE", "NPOINTS")), pairs()), None, "no #DATATYPE line")


@fixture
def error_text_in_header() -> Fixture:
    """A header line without its hash."""
    header = head()
    header[4] = "TIME : 13:54"
    return bad(text(header, pairs()), 5, "expected a header line")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("fixtures")
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    for name, make in FIXTURES.items():
        content, expectation = make()
        (folder / f"{name}.msa").write_bytes(content)
        expected[name] = {"what": make.__doc__, **expectation}
        # The usual numbers are written once.
        for axis, usual in (("x", ENERGIES), ("y", COUNTS)):
            if expected[name].get(axis) == usual:
                expected[name][axis] = "usual"
    document = {"x": ENERGIES, "y": COUNTS, "files": expected}
    (folder / "expected.json").write_text(
        json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
