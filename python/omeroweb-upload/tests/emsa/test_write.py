from datetime import date, time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omeroweb_upload.emsa.errors import EmsaWriteError
from omeroweb_upload.emsa.keywords import KEYWORDS
from omeroweb_upload.emsa.read import parse_emsa
from omeroweb_upload.emsa.spectrum import ElementLabel, Spectrum
from omeroweb_upload.emsa.write import write_emsa
from omeroweb_upload.xray.elements import SYMBOLS

finite = st.floats(-1e300, 1e300)
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=20)
texts = st.lists(words.filter(bool), max_size=3).map(" ".join)
numbers = {keyword.name for keyword in KEYWORDS.values() if keyword.number}
names = {keyword.name for keyword in KEYWORDS.values() if not keyword.number}
FIELDS = (
    "x_unit",
    "y_unit",
    "title",
    "channel_width",
    "signal_type",
    "acquired_on",
    "acquired_at",
    "metadata",
    "labels",
    "listed_elements",
)
labels = st.builds(
    lambda z, energy, transition: ElementLabel(z, energy, SYMBOLS[z - 1], transition),
    st.integers(1, 118),
    st.floats(0.01, 120),
    st.sampled_from(["", "Ka1", "K\N{GREEK SMALL LETTER ALPHA}1,2", "Lb2,15"]),
)


@st.composite
def spectra(draw, linear=False):
    count = draw(st.integers(1, 40))
    width = draw(st.floats(1e-4, 1e3))
    if linear:
        x = draw(st.floats(-1e3, 1e3)) + width * np.arange(count)
    else:
        x = np.array(sorted(draw(st.lists(finite, min_size=count, max_size=count))))
    metadata = draw(st.dictionaries(st.sampled_from(sorted(numbers)), finite, max_size=6))
    metadata |= {
        name: text
        for name, text in draw(st.dictionaries(st.sampled_from(sorted(names)), texts)).items()
        if text
    }
    return Spectrum(
        x=x,
        y=np.array(draw(st.lists(finite, min_size=count, max_size=count))),
        x_unit=draw(st.sampled_from(["keV", "eV", "nm"])),
        y_unit=draw(st.sampled_from(["counts", "counts/s", "counts/s/eV", "furlongs"])),
        title=draw(texts),
        channel_width=width if linear else draw(st.none() | st.just(width)),
        signal_type=draw(st.sampled_from(["", "EDS", "ELS"])),
        acquired_on=draw(st.none() | st.dates(min_value=date(1990, 1, 1), max_value=date(2089, 12, 31))),
        acquired_at=draw(
            st.none() | st.builds(time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
        ),
        metadata=metadata,
        labels=tuple(draw(st.lists(labels, max_size=4))),
        listed_elements=tuple(draw(st.lists(st.sampled_from(SYMBOLS), unique=True, max_size=4))),
    )


def assert_same(read, written):
    np.testing.assert_array_equal(read.x, written.x)
    np.testing.assert_array_equal(read.y, written.y)
    for name in FIELDS:
        assert getattr(read, name) == getattr(written, name), name


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spectra(), st.integers(1, 6))
def test_what_is_written_as_pairs_reads_back_the_same(spectrum, columns):
    assert_same(parse_emsa(write_emsa(spectrum, "XY", columns=columns)), spectrum)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spectra(linear=True), st.integers(1, 6))
def test_what_is_written_as_values_reads_back_the_same(spectrum, columns):
    assert_same(parse_emsa(write_emsa(spectrum, "Y", columns=columns)), spectrum)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spectra())
def test_writing_what_was_read_gives_the_same_bytes(spectrum):
    written = write_emsa(spectrum)
    assert write_emsa(parse_emsa(written)) == written


def simple(**changes):
    values = {
        "x": np.array([0.0, 1.0, 2.0]),
        "y": np.array([1.0, 2.0, 3.0]),
        "x_unit": "keV",
        "y_unit": "counts",
    }
    return Spectrum(**{**values, **changes})


def test_keywords_outside_the_standard_survive():
    data = write_emsa(simple()).replace(b"#SPECTRUM", b"##VENDORKEY -mm: 17: x\r\n#SPECTRUM")
    again = parse_emsa(write_emsa(parse_emsa(data)))
    assert again.original["VENDORKEY -mm"] == "17: x"


@pytest.mark.parametrize(
    ("spectrum", "data_type", "says"),
    [
        (simple(x=np.array([]), y=np.array([])), "XY", "same number of points"),
        (simple(x=np.array([0.0])), "XY", "same number of points"),
        (simple(y=np.array([0.0, np.nan, 1.0])), "XY", "finite"),
        (simple(), "Y", "write XY"),
        (simple(channel_width=1.5), "Y", "write XY"),
        (simple(title="two\nlines"), "XY", "line end"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(spectrum, data_type, says):
    with pytest.raises(EmsaWriteError, match=says):
        write_emsa(spectrum, data_type)


def test_lines_are_ascii_where_the_values_are_and_end_with_cr_lf():
    data = write_emsa(simple(title="Steel"))
    assert data.isascii()
    assert data.count(b"\r\n") == data.count(b"\n")
    assert data.endswith(b"#ENDOFDATA   :\r\n")
