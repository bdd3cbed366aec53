# ruff: noqa: RUF001  the files have Greek letters
"""Files as instruments and their software write them."""

from fixture_parts import (
    COUNTS,
    ENERGIES,
    POINTS,
    STANDARD,
    Fixture,
    fixture,
    good,
    head,
    pairs,
    text,
    values,
)


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
