"""Files that cannot be read."""

from fixture_parts import Fixture, bad, fixture, head, pairs, text, values


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
