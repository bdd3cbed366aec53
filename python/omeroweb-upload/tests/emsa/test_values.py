from contextlib import suppress
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.read import parse_emsa
from omeroweb_upload.emsa.values import parse_date, parse_number, parse_time


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("1.5", 1.5, ""),
        (" -2. ", -2.0, ""),
        (".5", 0.5, ""),
        ("1e3", 1000.0, ""),
        ("1.0D-3", 0.001, ""),
        ("2.0 E-06", 2e-6, ""),
        ("0,01", 0.01, ""),
        ("20 kV", 20.0, "kV"),
        ("15keV", 15.0, "keV"),
        ("200 0.5", 200.0, "0.5"),
    ],
)
def test_numbers_are_read_as_instruments_write_them(text, number, rest):
    assert parse_number(text) == (number, rest)


@pytest.mark.parametrize("text", ["", "  ", "auto", "nan", "inf", "-", "1e999"])
def test_what_is_no_finite_number_is_refused(text):
    with pytest.raises(ValueError, match="number"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15-FEB-2022", date(2022, 2, 15)),
        ("07-Jul-1998", date(1998, 7, 7)),
        ("1-Dez-99", date(1999, 12, 1)),
        ("2026-03-25", date(2026, 3, 25)),
        ("25.03.2026", date(2026, 3, 25)),
        ("03/25/2026", date(2026, 3, 25)),
        ("25/03/2026", date(2026, 3, 25)),
        ("04/04/21", date(2021, 4, 4)),
    ],
)
def test_dates(text, day):
    assert parse_date(text) == day


@pytest.mark.parametrize(
    "text", ["", "03/04/2026", "yesterday", "31-FEB-2022", "1-2", "x-FEB-2022", "15-XXX-2022"]
)
def test_what_is_no_date_or_two_dates_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        parse_date(text)


def test_times():
    assert parse_time("13:54") == time(13, 54)
    assert parse_time("1:54:07 PM") == time(13, 54, 7)
    assert parse_time("12:00 AM") == time(0, 0)
    for text in ("", "25:00", "noon", "13:54 PM"):
        with pytest.raises(ValueError):  # noqa: PT011
            parse_time(text)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(data):
    with suppress(EmsaError):
        parse_emsa(b"#FORMAT: EMSA/MAS\n#DATATYPE: XY\n#SPECTRUM:\n" + data)
