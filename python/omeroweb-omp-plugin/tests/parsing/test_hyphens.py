"""Hyphens of scientific names stay; hyphens between a label and its index separate."""

import pytest
import regex
from golden import parsed, read
from hypothesis import given, settings
from hypothesis import strategies as st

from omeroweb_omp_plugin.parsing.nomenclature import SHAPES, TERMS
from omeroweb_omp_plugin.parsing.rules import Parser, Rule
from omeroweb_omp_plugin.parsing.separators import Splitter

PROTECTED_TEXT = """
5-HT 20-HETE DMSO-d6 T-cell B-cell Z-stack t-test N-terminus C-terminus 488nm-laser 20x-objective anti-GFP 63x-oil
40x-water 561nm-channel 525nm-filter Z-series T-series Z-plane Z-projection N-terminal N-linked H-bond p-value P-GFP
P-RFP P-YFP X-objective x-oil 14-3-3 2024-01-31 31-01-2024 poly-L-lysine SARS-CoV-2 MDA-MB-231 HEK-293T Alexa-488 Cy-5
alpha-SMA β-catenin IL-6 TNF-alpha c-Myc E-cadherin F-actin caspase-3 PD-L1 goat-anti-mouse 10ng-mL collagen-IV
"""
PROTECTED = PROTECTED_TEXT.split()

INDEX_TEXT = """
day-t01 pos-s3 x-s3 y-s4 site-s4 well-B07 time-t015 z-z07 ch-c02 rep-r2 img-i0045 fov-f12 plate-p01 T-01 Z-05 C-2 S-2 A-01
P-19 run-01 01-DAPI 02-GFP 1-GFP 5-01 12-003 exp-7 cell-12 slice-04 X-10 Y-20 t-000 s-3 day-14 n-5 c-3 p-01 L-02 N-1
cond-A WT-KO siRNA-ctrl DAPI-GFP 7-03 20-10 488-001 d6-d7
"""
INDEX = INDEX_TEXT.split()


@pytest.mark.parametrize("term", PROTECTED)
def test_a_scientific_name_stays_whole(term: str) -> None:
    for name, expected in (
        (f"{term}_x.tif", (term, "x")),
        (f"HeLa_{term}_01.tif", ("HeLa", term, "01")),
        (f"HeLa-{term}-01.tif", ("HeLa", term, "01")),
        (f"{term}.tif", (term,)),
    ):
        assert Parser(Rule()).values(name) == expected


@pytest.mark.parametrize("token", INDEX)
def test_a_label_and_its_index_are_split(token: str) -> None:
    left, right = token.split("-")
    for name in (f"{token}.tif", f"HeLa_{token}_DAPI.tif"):
        values = Parser(Rule()).values(name)
        assert values is not None
        assert left in values
        assert right in values


@pytest.mark.parametrize("term", TERMS)
def test_every_listed_name_stays_whole(term: str) -> None:
    assert Parser(Rule()).values(f"a_{term}_b.tif") == ("a", term, "b")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.example)
def test_every_shape_keeps_its_example(shape) -> None:
    assert Parser(Rule()).values(f"a_{shape.example}_b.tif") == ("a", shape.example, "b")


@pytest.mark.parametrize(("name", "values"), read())
def test_golden_names_give_the_expected_values(name: str, values: str) -> None:
    assert parsed(name) == values


def test_there_are_at_least_200_golden_names() -> None:
    assert len({name for name, _ in read()}) >= 200


def test_protection_can_be_switched_off_and_extended() -> None:
    assert Parser(Rule(protect_hyphens=False)).values("T-cell_01.tif") == ("T", "cell", "01")
    assert Parser(Rule(terms=("My-Dye",))).values("My-Dye_T-cell.tif") == ("My-Dye", "T-cell")
    assert Parser(Rule(terms=("a-b-c",))).values("x-a-b-c-d-a-b.tif") == ("x", "a-b-c", "d", "a", "b")


pieces = st.sampled_from(
    [*(word for term in PROTECTED + INDEX for word in term.split("-")), "(", "é", "x", "", "T cell"]
)


@settings(max_examples=300)
@given(st.lists(st.tuples(pieces, st.sampled_from(["_", "-", "-", "."])), min_size=1, max_size=12))
def test_the_regular_expression_shown_splits_like_the_parser(parts: list[tuple[str, str]]) -> None:
    base = "".join(word + separator for word, separator in parts)
    splitter = Splitter("_-.")
    pattern = splitter.pattern(splitter.kept([base]))
    assert tuple(filter(None, regex.split(pattern, base))) == splitter.split(base)


@given(st.text(max_size=60))
def test_splitting_loses_nothing_but_separators(base: str) -> None:
    parts = Splitter("_-.").split(base)
    assert "".join(parts).replace("-", "") == "".join(char for char in base if char not in "_-.")
