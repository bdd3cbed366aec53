"""Files as the standard describes them."""

from fixture_parts import POINTS, Fixture, fixture, good, head, pairs, text, values


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
