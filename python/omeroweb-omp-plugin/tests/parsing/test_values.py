"""Values of a type: what is read from the many ways people write them, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_omp_plugin.parsing.values import READERS, TypedValue, ValueFault, ValueType


@pytest.mark.parametrize(
    ("kind", "text", "written"),
    [
        ("date", "2024-01-31", "2024-01-31"),
        ("date", "20240131", "2024-01-31"),
        ("date", "240131", "2024-01-31"),
        ("date", "31.01.2024", "2024-01-31"),
        ("date", "31Jan2024", "2024-01-31"),
        ("date", "2024-01-31T10:15", "2024-01-31"),
        ("date", "04-04-2024", "2024-04-04"),
        ("magnification", "20x", "20x"),
        ("magnification", "X63", "63x"),
        ("magnification", "63X-oil", "63x"),
        ("magnification", "2,5x", "2.5x"),
        ("wavelength", "488nm", "488 nm"),
        ("wavelength", "0.488um", "488 nm"),
        ("wavelength", "561nm-laser", "561 nm"),
        ("concentration", "10uM", "10 µM"),
        ("concentration", "1,5mM", "1.5 mM"),
        ("concentration", "0p5mM", "0.5 mM"),
        ("concentration", "5mg-mL", "5 mg/mL"),
        ("concentration", "5ug/ml", "5 µg/mL"),
        ("concentration", "10pct", "10 %"),
        ("duration", "24h", "24 h"),
        ("duration", "3dpi", "3 d post infection"),
        ("well", "a01", "A1"),
        ("well", "H-12", "H12"),
        ("well", "AF48", "AF48"),
        ("integer", "007", "7"),
        ("number", "0p5", "0.5"),
    ],
)
def test_values_are_written_one_way(kind, text: str, written: str) -> None:
    assert ValueType(kind).read(text).text == written


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "2024-02-30"),
        ("date", "03-04-2024"),
        ("date", "yesterday"),
        ("date", "31Xyz2024"),
        ("magnification", "0x"),
        ("magnification", "999x"),
        ("wavelength", "20nm"),
        ("wavelength", "GFP"),
        ("concentration", "10"),
        ("concentration", "5ng"),
        ("concentration", "5 apples"),
        ("duration", "24"),
        ("well", "AG1"),
        ("well", "A49"),
        ("well", "A0"),
        ("integer", "1.5"),
        ("number", "1e5"),
    ],
)
def test_what_is_not_of_the_type_is_refused_with_an_example(kind, text: str) -> None:
    with pytest.raises(ValueFault, match=f"^{text!r} is not "):
        ValueType(kind).read(text)


def test_an_ambiguous_date_is_read_when_the_order_is_told() -> None:
    assert ValueType("date", day_first=True).read("03-04-2024").text == "2024-04-03"
    assert ValueType("date", day_first=False).read("03-04-2024").text == "2024-03-04"


def test_a_vocabulary_gives_its_own_spelling() -> None:
    assert ValueType("word", ("HeLa", "HEK293")).read("hela") == TypedValue("HeLa")
    with pytest.raises(ValueFault, match="vocabulary"):
        ValueType("word", ("HeLa",)).read("COS7")


@pytest.mark.parametrize("kind", sorted(READERS))
@given(text=st.text(max_size=20))
def test_reading_any_text_gives_a_value_or_a_fault_and_reads_its_own_writing(kind, text: str) -> None:
    try:
        value = ValueType(kind).read(text)
    except ValueFault:
        return
    if kind != "duration":
        assert ValueType(kind).read(value.text) == value
